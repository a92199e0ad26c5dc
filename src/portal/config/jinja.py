"""The templates' environment: our pages, the components of govuk-frontend, and what every page may say."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from portal.accounts.models import User
from portal.config.clock import now
from portal.wording import say, words


def environment(**options: Any) -> Environment:
    """Jinja with our globals. Everything printed is escaped."""
    own = options.pop("loader")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    made = Environment(loader=ChoiceLoader([own, govuk]), trim_blocks=True, lstrip_blocks=True, **options)  # noqa: S701 (Django sets autoescape)
    made.globals.update(static=static, url=_url, say=say, words=words, now=now, address=settings.ADDRESS)
    made.filters.update(day=day, moment=moment, month=month, iso_day=iso_day)
    return made


def _url(name: str, *args: object, **kwargs: object) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def day(value: dt.date | None) -> str:
    """A date as people write it: 5 March 2026; a dash where there is none."""
    if value is None:
        return "–"
    local = timezone.localtime(value).date() if isinstance(value, dt.datetime) else value
    return f"{local.day} {local:%B %Y}"


def iso_day(text: str) -> str:
    """A date of a kept document (2026-03-05) as people write it."""
    return day(dt.date.fromisoformat(text))


def month(value: dt.datetime) -> str:
    """The month of a moment in London: March 2026."""
    return f"{timezone.localtime(value):%B %Y}"


def moment(value: dt.datetime | None) -> str:
    """A date and time in London: 5 March 2026, 9:30am."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{day(value)}, {local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def about_the_visitor(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs to know."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    person = user if isinstance(user, User) else None
    return {
        "user": user,
        "signed_in": signed_in,
        "roles": person.roles if person else frozenset(),
        "organisation": person.organisation if person else None,
    }
