"""What the environment says: where the portal keeps its files, what kind of installation it is. Read once, by settings.py."""

from __future__ import annotations

import os
import secrets
import shlex
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

KINDS = ("development", "test", "production")
# Where letters go that no mail server takes.
LETTERS = {"files": "filebased", "console": "console"}


@dataclass(frozen=True)
class Environment:
    """kind: of installation. home: the folder of uploads, keys, runs and, by default, the database. secret: Django's own.
    contact: the address that bulletins name. licence: the line under which the library's figures are given out, "" for ours.
    proxies: how many of ours stand before the service; what they say of the visitor's address is believed.
    letters: how they go out: Django's name of a back-end. scanner: of uploads, a command with its arguments; () for none.
    quality_access: whether results may be opened to named persons during the fact check."""

    kind: str
    home: Path
    secret: str
    hosts: tuple[str, ...]
    address: str
    contact: str
    licence: str
    proxies: int
    letters: str
    scanner: tuple[str, ...]
    quality_access: bool

    @property
    def is_production(self) -> bool:
        """Whether real people's records may come here."""
        return self.kind == "production"


def read_environment() -> Environment:
    """DATALAB_ENV, DATALAB_HOME, DATALAB_SECRET_KEY, DATALAB_HOSTS, DATALAB_ADDRESS, DATALAB_CONTACT, DATALAB_LICENCE,
    DATALAB_PROXIES, DATALAB_LETTERS (`files` or `console`; in production a mail server alone), DATALAB_SCANNER,
    DATALAB_QUALITY_ACCESS (`yes` or `no`).

    There are defaults for a laptop; for production for the last six alone.

    Raises ImproperlyConfigured for an unknown kind, and in production for anything that is not set.
    """
    kind = os.environ.get("DATALAB_ENV", "development")
    if kind not in KINDS:
        raise ImproperlyConfigured(f"DATALAB_ENV must be one of {', '.join(KINDS)}.")
    if kind == "production":
        missing = [
            name for name in ("DATALAB_HOME", "DATALAB_SECRET_KEY", "DATALAB_HOSTS", "DATALAB_ADDRESS") if name not in os.environ
        ]
        if missing:
            raise ImproperlyConfigured(f"In production these must be set: {', '.join(missing)}.")
    home = Path(os.environ.get("DATALAB_HOME", "out/portal")).resolve()
    hosts = tuple(os.environ.get("DATALAB_HOSTS", "localhost,127.0.0.1,testserver").split(","))
    address = os.environ.get("DATALAB_ADDRESS", "http://127.0.0.1:8000").rstrip("/")
    return Environment(
        kind,
        home,
        os.environ.get("DATALAB_SECRET_KEY") or _kept_secret(home),
        hosts,
        address,
        os.environ.get("DATALAB_CONTACT", f"datalab@{hosts[0]}"),
        os.environ.get("DATALAB_LICENCE", ""),
        int(os.environ.get("DATALAB_PROXIES", "0")),
        "smtp" if kind == "production" else _letters(),
        tuple(shlex.split(os.environ.get("DATALAB_SCANNER", ""))),
        _is_yes("DATALAB_QUALITY_ACCESS"),
    )


def _is_yes(name: str) -> bool:
    """Whether a variable says yes; no where it is not set."""
    value = os.environ.get(name, "no")
    if value not in ("yes", "no"):
        raise ImproperlyConfigured(f"{name} must be yes or no.")
    return value == "yes"


def _letters() -> str:
    wanted = os.environ.get("DATALAB_LETTERS", "files")
    if wanted not in LETTERS:
        raise ImproperlyConfigured(f"DATALAB_LETTERS must be one of {', '.join(LETTERS)}.")
    return LETTERS[wanted]


def _kept_secret(home: Path) -> str:
    """A laptop's secret: made at first start, kept beside the other keys, readable by its owner alone."""
    path = home / "keys" / "django"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Whoever comes first has made it: two processes that start together must not have two secrets.
        made = path.with_name(f"django.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48), encoding="ascii")
        if not path.exists():
            made.replace(path)
        made.unlink(missing_ok=True)
    return path.read_text(encoding="ascii")
