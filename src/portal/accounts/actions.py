"""What can be done with people: registered, invited; roles come by two people (portal.ops.roles)."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse

from portal.accounts.models import Invitation, Membership, Organisation, User
from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.wording import say


@action("account.register")
def register(
    *, by: Actor, email: str, password: str, name: str, organisation: str = "", kind: str = "", invitation: str | None = None
) -> Done[User]:
    """A person with a new organisation, or with that of an invitation. invitation: the secret of its link."""
    asked = _lock_invitation(invitation) if invitation else None
    if asked is not None and asked.email != email.lower().strip():
        raise Refused(say("accounts.refusals.other_address"), status=409)
    user = User.objects.create_user(email, password, name=name.strip())
    if asked is not None:
        place, asked.used_at = asked.organisation, now()
        asked.save(update_fields=["used_at"])
    elif organisation.strip():
        place = Organisation.objects.create(name=organisation.strip(), kind=kind or Organisation.Kind.CHARITY)
    elif by is SYSTEM:  # somebody of the lab, at its installation
        return Done(user, user)
    else:
        raise Refused(say("accounts.refusals.no_organisation"), status=409)
    Membership.objects.create(user=user, organisation=place)
    return Done(user, user, {"organisation": place.public_id, "invited": asked is not None})


@action("account.invite")
def invite(*, by: User, email: str) -> Done[Invitation]:
    """A letter with a link to a colleague; the link works once and for two weeks."""
    if by.organisation is None:
        raise Refused(say("accounts.refusals.no_organisation_to_invite"))
    secret = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        organisation=by.organisation,
        email=email.lower(),
        secret_sha256=hashlib.sha256(secret.encode()).hexdigest(),
        invited_by=by,
        expires_at=now() + settings.INVITATION_LIFE,
    )
    link = settings.ADDRESS + reverse("join", args=[secret])
    transaction.on_commit(lambda: _send_invitation(made, link))
    return Done(made, made, {"organisation": by.organisation.public_id})


@action("account.name")
def change_name(*, by: User, name: str) -> Done[User]:
    """What others on a request see of a person."""
    by.name = name.strip()
    by.save(update_fields=["name"])
    return Done(by, by)


def open_invitation(secret: str) -> Invitation | None:
    """The invitation of a link, if it can still be used."""
    digest = hashlib.sha256(secret.encode()).hexdigest()
    found = Invitation.objects.select_related("organisation").filter(secret_sha256=digest).first()
    return None if found is None or found.used_at is not None or found.expires_at < now() else found


def _lock_invitation(secret: str) -> Invitation:
    """The same, locked until it is used: of two who press at once one joins. Raises Refused where it cannot be used."""
    Invitation.objects.select_for_update().filter(secret_sha256=hashlib.sha256(secret.encode()).hexdigest()).first()
    found = open_invitation(secret)
    if found is None:
        raise Refused(say("accounts.refusals.invitation"), status=409)
    return found


def _send_invitation(made: Invitation, link: str) -> None:
    words = {"organisation": made.organisation.name, "inviter": made.invited_by.shown_name, "link": link}
    subject, body = (say(f"accounts.letters.invitation.{part}", **words) for part in ("subject", "body"))
    send_mail(subject, say("accounts.letters.frame", body=body), settings.DEFAULT_FROM_EMAIL, [made.email])
