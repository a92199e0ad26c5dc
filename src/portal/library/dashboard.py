"""The dashboard: one chart at a time over what the form asks for, its table, its downloads. Without scripts it is all there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from datalab.library import Told, speaking_for_a_study, understand
from datalab.report.svg import standalone
from portal.library.charts import Chart, forest
from portal.library.entries import current_stamp
from portal.library.forms import EVERY, SearchForm, outcome_name
from portal.library.models import Result, Source
from portal.library.scatter import MOST_POINTS, Scattered, scatter, side_of
from portal.library.search import address_of, counted, find, real, records_of, taken
from portal.library.timeline import survival, timeline
from portal.library.views import answers
from portal.wording import say

DIFFERENCES = ("forest", "funnel", "size")
VIEWS = ("forest", "funnel", "size", "time", "survival")
ROWS = 25


@login_not_required
@require_safe
def dashboard(http: HttpRequest) -> HttpResponse:
    """The page: the form, the chart that is asked for, its table and downloads."""
    view = http.GET.get("view", VIEWS[0])
    if view not in VIEWS:
        raise Http404
    form = _form(http, view)
    asked = answers(form)
    curves = _with_curves(asked) if view == "survival" else []
    name = http.GET.get("analysis", "")
    chart, told, page = _chart(view, asked, http.GET.get("page"), name)
    return render(
        http,
        "library/dashboard.html",
        {
            "form": form,
            "errors": form.errors,
            "view": view,
            "views": [(one, address_of(asked, view=one)) for one in VIEWS],
            "chart": chart,
            "told": told,
            "page": page,
            "curves": curves,
            "chosen": name if name in dict(curves) else next(iter(dict(curves)), ""),
            "keep": address_of(asked, view=view),
            "asked": address_of(asked),
            "narrowed": bool(asked.keys() & {"q", "organisation", "first", "last", "least", "strength"}),
            "about": outcome_name(asked.get("outcome") or "rate"),
            "section": "library",
        },
    )


def _form(http: HttpRequest, view: str) -> SearchForm:
    """The questions as they were answered. A chart of differences is of one outcome, the rate where none is named, since several
    have no common axis; a forest reads best from the largest fall to the largest rise."""
    given = http.GET.copy()
    if view in DIFFERENCES:
        if given.get("outcome") in (None, "", EVERY):
            given["outcome"] = "rate"
        if not given.get("sort"):
            given["sort"] = "difference"
    return SearchForm(given)


@login_not_required
@require_safe
def picture(http: HttpRequest) -> HttpResponse:
    """The chart that is asked for as a picture (SVG) to keep."""
    view = http.GET.get("view", VIEWS[0])
    chart = (
        _chart(view, answers(_form(http, view)), http.GET.get("page"), http.GET.get("analysis", ""))[0] if view in VIEWS else None
    )
    if chart is None or not chart.wide:
        raise Http404
    answer = HttpResponse(standalone(str(chart.wide)), content_type="image/svg+xml")
    answer["Content-Disposition"] = f'attachment; filename="library-{view}.svg"'
    return answer


Drawn = tuple[Chart | None, Told | None, Page[int] | None]


def _chart(view: str, asked: Mapping[str, Any], page: str | None, name: str) -> Drawn:
    return _kept(current_stamp(), view, tuple(sorted(asked.items())), page or "1", name)


@lru_cache(maxsize=64)
def _kept(stamp: str, view: str, given: tuple[tuple[str, Any], ...], page: str, name: str) -> Drawn:
    """Chart, synthesis and page of results; made once for an edition of the library."""
    asked = dict(given)
    if view == "survival":
        return _survival(asked, name), None, None
    if view == "time":
        return timeline(find(asked), asked), None, None
    found = find(asked).filter(months=12, analysis__is_effect=True)
    told = _told(stamp, tuple(one for one in given if one[0] != "sort"))
    if view == "forest":
        rows = Paginator(range(found.count()), ROWS).get_page(page)
        results = taken(found, max(rows.start_index() - 1, 0), rows.end_index())
        return forest(results, told, _unit(results)), told, rows
    centre = told.found.pool.fixed.estimate if told and told.found.pool else None
    scattered = _scattered(found, side_of(view))
    return scatter(view, scattered, _unit(scattered.first), centre), told, None


def _scattered(found: QuerySet[Result], side: str) -> Scattered:
    """The figures of every result, and the first of them whole."""
    usable = found.filter(**{"difference__isnull": False, f"{side}__isnull": False})
    places = list(usable.values_list("difference", side, "analysis__source"))
    return Scattered(places, taken(usable, 0, MOST_POINTS), found.count() - len(places))


def _unit(results: list[Result]) -> str:
    return next((one.unit for one in results if one.unit), "")


@lru_cache(maxsize=64)
def _told(stamp: str, given: tuple[tuple[str, Any], ...]) -> Told | None:
    """What the results of a view say together: the real ones, or those of made-up people where only they are asked for. Results
    that were chosen by what they found say nothing together."""
    asked = dict(given)
    if asked.get("verdict"):
        return None
    found = find(asked).filter(months=12, analysis__part="")
    chosen = found if asked.get("source") == Source.DEMO else real(found)
    records = speaking_for_a_study(records_of(chosen))
    return understand(records, asked.get("outcome", "rate")) if records else None


def _with_curves(asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The analyses that have survival curves, newest first: name of the address, and what they are called."""
    names = {"kind", "setting", "people", "source"} & asked.keys()
    found = counted().filter(**{name: asked[name] for name in names}).exclude(curves=[]).order_by("-published_on", "name")[:200]
    return [(one.name, say("library.curves.choice", programme=one.programme, part=one.part or one.published)) for one in found]


def _survival(asked: Mapping[str, Any], name: str) -> Chart | None:
    names = [key for key, _ in _with_curves(asked)]
    wanted = name if name in names else next(iter(names), "")
    found = counted().filter(name=wanted).first() if wanted else None
    return survival(found) if found else None
