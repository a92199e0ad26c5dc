"""Up to four kinds of programme, or four programmes, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.library import words
from portal.library.entries import current_stamp
from portal.library.evidence import Finding, finding
from portal.library.forms import EVERY, choices, kind_name, outcome_name, people_name, setting_name
from portal.library.models import Result, Source
from portal.wording import say

MOST = 4
Rows = list[tuple[str, ...]]


@login_not_required
@require_safe
def compare(http: HttpRequest) -> HttpResponse:
    """Kinds of programme for one outcome, each put together on its own; and single programmes, each by its newest main result."""
    listed = choices(current_stamp())
    known = dict(listed["kind"])
    outcomes = [one for one in listed["outcome"] if one[0] != EVERY]
    asked = [name for name in dict.fromkeys(http.GET.getlist("kind")) if name in known]
    named = list(dict.fromkeys(http.GET.getlist("programme")))
    chosen = http.GET.get("outcome", "")
    outcome = chosen if chosen in dict(outcomes) else "rate"
    months = 24 if http.GET.get("months") == "24" else 12
    demo = http.GET.get("source") == Source.DEMO
    found = [(name, known[name], finding(kind=name, outcome=outcome, months=months, demo=demo)) for name in asked[:MOST]]
    programmes = _newest(named[:MOST])
    too_many = {"kind": say("library.compare.too_many", most=MOST)} if max(len(asked), len(named)) > MOST else {}
    return render(
        http,
        "library/compare.html",
        {
            "kinds": listed["kind"],
            "outcomes": outcomes,
            "asked": asked[:MOST],
            "outcome": outcome,
            "outcome_name": outcome_name(outcome, months),
            "months": months,
            "found": found,
            "heads": (say("library.compare.measure"), *(name for _, name, _ in found)),
            "rows": _kinds([one for _, _, one in found]),
            "programmes": programmes,
            "programme_heads": (say("library.compare.measure"), *(one.analysis.programme for one in programmes)),
            "programme_rows": _programmes(programmes),
            "errors": too_many,
            "section": "library",
        },
    )


def _newest(names: Sequence[str]) -> list[Result]:
    """The newest main result of each programme, in the order asked for; a name that is none is left out."""
    found = Result.objects.filter(counts=True, is_main=True, analysis__part="").select_related("analysis")
    safe = [name for name in names if name.isascii() and name.isprintable()]
    newest: dict[str, Result] = {}
    for one in found.filter(analysis__programme_name__in=safe).order_by("published_on", "id"):
        newest[one.analysis.programme_name] = one
    return [newest[name] for name in safe if name in newest]


def _lines(names: Sequence[str], found: Sequence[object], make: Callable[[str, object], str]) -> Rows:
    """A row a figure, a column one of what is compared; "" becomes: not available."""
    none = say("library.unknown.figure")
    return [(say(f"library.compare.{name}"), *(make(name, one) or none for one in found)) for name in names]


def _kinds(found: Sequence[Finding | None]) -> Rows:
    def make(name: str, one: object) -> str:
        if not isinstance(one, Finding):
            return ""
        pool = one.told.found.pool
        figures = {
            "average": one.average,
            "range": one.likely,
            "prediction": one.prediction,
            "studies": str(pool.k) if pool else "0",
            "results": str(one.studies),
            "differ": one.spread,
            "sure": one.sure,
        }
        return figures[name]

    return _lines(("average", "range", "prediction", "studies", "results", "differ", "sure"), found, make)


def _programmes(found: Sequence[Result]) -> Rows:
    def make(name: str, one: object) -> str:
        if not isinstance(one, Result):
            return ""
        analysis = one.analysis
        figures: dict[str, Callable[[], str]] = {
            "outcome": lambda: outcome_name(one.outcome, one.months),
            "found": lambda: words.verdict_text(one),
            "difference": lambda: words.figures_text(one),
            "likely": lambda: words.likely_text(one),
            "people": lambda: "" if one.n_treated is None else f"{one.n_treated:,}",
            "strength": lambda: words.strength_text(one),
            "kind": lambda: kind_name(analysis.kind),
            "where": lambda: setting_name(analysis.setting),
            "whom": lambda: people_name(analysis.people),
            "published": lambda: words.published_text(analysis.published),
            "source": lambda: say(f"library.sources.{analysis.source}"),
        }
        return figures[name]()

    names = ("outcome", "found", "difference", "likely", "people", "strength", "kind", "where", "whom", "published", "source")
    return _lines(names, found, make)
