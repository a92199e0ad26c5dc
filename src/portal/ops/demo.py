"""The demonstration: a made-up country as central records, and an account for each kind of person. Never in production."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings

from datalab.demo import make_country
from datalab.progress import Progress
from portal.accounts.actions import register
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.audit.record import SYSTEM
from portal.config.refusals import Refused
from portal.ops.central import current_load, load_central
from portal.ops.roles import install_role
from portal.uploads.vault import make_worker_keys
from portal.wording import say

DOMAIN = "demo.invalid"
ORGANISATION = "Thames Workshop Trust"
# Name before the @ -> its role; a provider has an organisation instead.
PEOPLE: dict[str, Role | None] = {
    "provider": None,
    "analyst": Role.ANALYST,
    "reviewer1": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "publisher1": Role.PUBLISHER,
    "publisher2": Role.PUBLISHER,
    "steward": Role.STEWARD,
}


@dataclass(frozen=True)
class Account:
    """What somebody needs to sign in: printed once, kept nowhere."""

    email: str
    password: str
    secret: str


def load_demo(people: int, seed: int, progress: Progress | None = None) -> tuple[Account, ...]:
    """Makes the country and the accounts, at the first start only; gives the accounts that were made.

    Raises Refused in production: accounts whose addresses everybody knows have no place beside real records.
    """
    if settings.ENVIRONMENT.is_production:
        raise Refused(say("ops.refusals.production"))
    make_worker_keys()
    made = tuple(make_account(name, role) for name, role in PEOPLE.items() if not _has(name))
    if current_load() is None:
        _load_country(people, seed, progress)
    return made


def _has(name: str) -> bool:
    return User.objects.filter(email=f"{name}@{DOMAIN}").exists()


def make_account(name: str, role: Role | None, *, organisation: str = ORGANISATION) -> Account:
    """One account, with a password and a second factor of its own."""
    email, password, secret = f"{name}@{DOMAIN}", secrets.token_urlsafe(12), generate_totp_secret()
    user = register(by=SYSTEM, email=email, password=password, name=name.capitalize(), organisation="" if role else organisation)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    TOTP.activate(user, secret)
    if role is not None:
        install_role(by=SYSTEM, user=user, role=role)
    return Account(email, password, secret)


def _load_country(people: int, seed: int, progress: Progress | None) -> None:
    """The country's central records below the home folder, the rest (studies, uploads, truth) beside it for whoever tries."""
    home: Path = settings.HOME
    country = home / "country"
    if not country.is_dir():
        make_country(people, seed, country, progress=progress)
    target = home / "central" / "demo"
    if not target.is_dir():
        shutil.copytree(country / "central", target)
    study = next(iter(sorted((country / "studies").glob("*.toml"))))
    extracted_on = tomllib.loads(study.read_text(encoding="utf-8"))["today"]
    steward = User.objects.get(email=f"steward@{DOMAIN}")
    load_central(by=steward, folder="demo", extracted_on=dt.date.fromisoformat(str(extracted_on)))
