"""How the reports of one organisation are tied together: interim ones, second and later ones, and those of one release."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from portal.config.jinja import day
from portal.publishing.models import Entry, Report
from portal.requests.models import Request
from portal.wording import say


def tie(entry: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    """What a finding says of the organisation's other reports: `earlier` ones, as plain values, and `ties`, sentences about them
    and those `entries` of the same release that are the organisation's too."""
    request = entry.request
    found = Report.objects.filter(request__organisation=request.organisation_id).exclude(request=request)
    earlier = [_told(request, one) for one in found.select_related("request").order_by("first_published_at", "id")]
    together = [one for one in entries if one.request.organisation_id == request.organisation_id]
    return {"earlier": earlier, "ties": _sentences(entry, earlier, together)}


def _told(request: Request, report: Report) -> dict[str, Any]:
    return {
        "report": report.public_id,
        "title": report.request.title,
        "same_programme": is_same_programme(request, report.request),
        "interim": is_interim(report.request),
        "day": report.first_published_at.date().isoformat(),
    }


def _sentences(entry: Entry, earlier: Sequence[Mapping[str, Any]], together: Sequence[Entry]) -> list[str]:
    said = [say("publishing.ties.interim")] if is_interim(entry.request) else []
    number = len(earlier) + 1 + together.index(entry)
    if number > 1:
        said.append(say("publishing.ties.number", number=number))
    for one in earlier:
        key = ("interim_" if one["interim"] else "") + ("again" if one["same_programme"] else "other")
        said.append(say(f"publishing.ties.{key}", title=one["title"], day=day(dt.date.fromisoformat(one["day"]))))
    beside = (one.request for one in together if one != entry)
    return said + [say("publishing.ties.beside", title=one.title) for one in beside]


def is_interim(request: Request) -> bool:
    """Whether more of the programme's people are to follow in a later request."""
    return request.answers.get("interim") == "yes"


def is_same_programme(request: Request, other: Request) -> bool:
    """Whether two requests of one organisation are about one programme: one repeats the other, or both call it the same."""
    return request.title.casefold() == other.title.casefold() or _repeats(request, other) or _repeats(other, request)


def _repeats(request: Request, other: Request) -> bool:
    seen: set[int] = set()
    while request.repeat_of is not None and request.id not in seen:
        seen.add(request.id)
        request = request.repeat_of
        if request.id == other.id:
            return True
    return False
