"""Pages of the library: what works, for whom, how sure; and every analysis with its own address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from datalab.evidence import RULES
from portal.library import words
from portal.library.entries import current_stamp
from portal.library.evidence import Finding, finding, overview
from portal.library.forms import SearchForm, choices, kind_name, outcome_name, people_name, setting_name
from portal.library.models import Analysis, Kept, Result, Source, Standing
from portal.library.search import PAGE, address_of, counted, find, organisations, taken, verdict_counts
from portal.library.studies import beside, kept_studies, study_cards
from portal.library.timeline import survival
from portal.library.words import licence_line
from portal.wording import say

FIRST_VERDICTS = ("lower", "more_people", "higher", "not_stated", "withheld")


def answers(form: SearchForm) -> dict[str, Any]:
    """What was asked, without what makes no sense: a faulty answer is said on the page and asks nothing."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}


def shown(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Results as cards."""
    return [
        {
            "result": one,
            "analysis": one.analysis,
            "address": reverse("library-analysis", args=[one.analysis.name]),
            "verdict": words.verdict_text(one),
            "news": words.good_news(one),
            "found": words.figures_text(one),
            "range": words.likely_text(one),
            "published": words.published_text(one.analysis.published),
            "strength": words.strength_text(one),
            "outcome": outcome_name(one.outcome, one.months),
            "where": [
                part
                for part in (
                    one.analysis.organisation,
                    kind_name(one.analysis.kind),
                    setting_name(one.analysis.setting) if one.analysis.setting else "",
                    people_name(one.analysis.people) if one.analysis.people else "",
                )
                if part
            ],
        }
        for one in results
    ]


def _lists(found: QuerySet[Result], number: str | None) -> dict[str, Any]:
    counts = verdict_counts(found)
    # The numbers alone are counted through; what stands on the page is read by `taken`.
    pages = Paginator(range(sum(counts.values())), PAGE)
    page = pages.get_page(number)
    return {
        "page": page,
        "cards_list": shown(taken(found, page.start_index() - 1, page.end_index()) if pages.count else []),
        "total": pages.count,
        "of": say("library.first.organisations", count=organisations(found)),
        "counts": [(name, counts[name]) for name in FIRST_VERDICTS if name in counts],
    }


@login_not_required
@require_safe
def library(http: HttpRequest) -> HttpResponse:
    """The first page: what works by kind of programme, then the search."""
    form = SearchForm(http.GET)
    asked = answers(form)
    searched = bool(asked.keys() - {"sort"}) or "page" in http.GET
    return render(
        http,
        "library/library.html",
        {
            "form": form,
            "errors": form.errors,
            "searched": searched,
            "keep": address_of(asked),
            "narrowed": bool(
                asked.keys() & {"setting", "people", "organisation", "source", "first", "last", "least", "strength"}
            ),
            "everything": None if searched else finding(),
            "kinds": () if searched else overview(),
            "demo_kinds": () if searched else overview(demo=True),
            "studies": beside(asked),
            "section": "library",
            **_lists(find(asked), http.GET.get("page")),
        },
    )


@login_not_required
@require_safe
def kind(http: HttpRequest, kind: str) -> HttpResponse:
    """One kind of programme: what its results say together about each outcome, and the results."""
    if kind not in dict(choices(current_stamp())["kind"]):
        raise Http404
    found = find({"kind": kind})
    return render(
        http,
        "library/kind.html",
        {
            "kind": kind,
            "name": kind_name(kind),
            "findings": _by_outcome(kind=kind),
            "demo_findings": _by_outcome(kind=kind, demo=True),
            "keep": address_of({"kind": kind}),
            "section": "library",
            **_lists(found, http.GET.get("page")),
        },
    )


def _by_outcome(*, kind: str = "", demo: bool = False) -> list[Finding]:
    """What is said about every outcome of which there are results, the rate first; a follow-up of two years apart."""
    listed = [name for name, _ in choices(current_stamp())["outcome"]]
    found = (finding(kind=kind, demo=demo, outcome=name, months=months) for name in listed for months in (12, 24))
    return [one for one in found if one is not None]


@login_not_required
@require_safe
def outcome(http: HttpRequest, outcome: str) -> HttpResponse:
    """One outcome: what each kind of programme did to it."""
    found = find({"outcome": outcome})
    if not found.exists():
        raise Http404
    months = sorted(set(found.order_by().values_list("months", flat=True).distinct()))
    return render(
        http,
        "library/outcome.html",
        {
            "outcome": outcome,
            "name": outcome_name(outcome),
            "everything": [one for month in months if (one := finding(outcome=outcome, months=month)) is not None],
            "kinds": [one for month in months for one in overview(outcome=outcome, months=month)],
            "demo_kinds": [one for month in months for one in overview(outcome=outcome, months=month, demo=True)],
            "keep": address_of({"outcome": outcome}),
            "section": "library",
            **_lists(found, http.GET.get("page")),
        },
    )


@login_not_required
@require_safe
def organisation(http: HttpRequest, name: str) -> HttpResponse:
    """Everything of one organisation, its repeated analyses side by side in time."""
    return _group(http, "organisation", name)


@login_not_required
@require_safe
def programme(http: HttpRequest, name: str) -> HttpResponse:
    """Everything about one programme."""
    return _group(http, "programme", name)


def _group(http: HttpRequest, what: str, name: str) -> HttpResponse:
    entries = Analysis.objects.filter(standing=Standing.CURRENT, **{f"{what}_name": name})
    first = entries.order_by("-published_on").first()
    if first is None:
        raise Http404
    found = find({}).filter(**{f"analysis__{what}_name": name})
    return render(
        http,
        "library/group.html",
        {
            "what": what,
            "name": getattr(first, what) or say("library.unknown.organisation"),
            "first": first,
            "studies": study_cards(entries.filter(product=Kept.STUDY).order_by("-published_on", "id")),
            "section": "library",
            **_lists(found, http.GET.get("page")),
        },
    )


@login_not_required
@require_safe
def analysis(http: HttpRequest, name: str) -> HttpResponse:
    """One analysis at its permanent address; an older version where `version` asks for it."""
    versions = list(Analysis.objects.filter(name=name).order_by("-version"))
    asked = http.GET.get("version", "")
    found = next((one for one in versions if str(one.version) == asked), None) if asked else next(iter(versions), None)
    if found is None:
        raise Http404
    results = list(found.results.select_related("analysis").order_by("-is_main", "id"))
    return render(
        http,
        "library/analysis.html",
        {
            "analysis": found,
            "study": found.answer if found.product == Kept.STUDY else None,
            "name": found.programme,
            "kind": kind_name(found.kind),
            "setting": setting_name(found.setting),
            "people": people_name(found.people),
            "cards_list": shown(results),
            "rows": [_row(one) for one in results],
            "reason": words.why_no_figure(results[0]) if results else "",
            "reasons": list(dict.fromkeys(text for one in results[1:] if (text := words.why_no_figure(one)))),
            "published": words.published_text(found.published),
            "rules": _rules(results[0]) if results and results[0].strength is not None else [],
            "versions": versions,
            "latest": found is versions[0],
            "others": counted().filter(permanent=found.permanent).exclude(name=name).order_by("name"),
            "curves": survival(found) if found.curves else None,
            "citation": citation(found, http.build_absolute_uri(http.path)),
            "links": links_of(found),
            "groups": {what: _address_of_group(what, found) for what in ("programme", "organisation")},
            "made_here": found.source != Source.PUBLISHED,
            "current": found.standing == Standing.CURRENT,
            "licence": licence_line(),
            "section": "library",
        },
    )


def _address_of_group(what: str, found: Analysis) -> str:
    """Of the page of its programme or organisation; "" where nothing of that counts any more, so that there is no such page."""
    name = getattr(found, f"{what}_name")
    is_there = Analysis.objects.filter(standing=Standing.CURRENT, **{f"{what}_name": name}).exists()
    return reverse(f"library-{what}", args=[name]) if is_there else ""


def _row(result: Result) -> tuple[str, ...]:
    return (
        outcome_name(result.outcome, result.months),
        say("library.page.months", count=result.months),
        words.verdict_text(result),
        words.value_text(result.treated, result.unit),
        words.value_text(result.comparison, result.unit),
        words.difference_text(result),
        words.range_text(result),
        say("library.unknown.figure") if result.n_treated is None else f"{result.n_treated:,}",
        words.strength_text(result),
    )


def _rules(result: Result) -> list[tuple[str, str]]:
    """Each rule of strength, and whether the result meets it."""
    return [(rule.sentence, say(f"library.strength.{'met' if rule.name in result.rules_met else 'missed'}")) for rule in RULES]


def citation(found: Analysis, address: str) -> str:
    """How to cite an analysis: whose, of what, when, where."""
    return say(
        "library.page.citation",
        organisation=found.organisation or say("library.unknown.organisation"),
        year=found.year or say("library.unknown.year_short"),
        programme=say("library.studies.cited", programme=found.programme) if found.product == Kept.STUDY else found.programme,
        version=found.version,
        source=say(f"library.sources.{found.source}"),
        address=address,
    )


def links_of(found: Analysis) -> list[tuple[str, str]]:
    """Where a published figure was read: each part of the text with its address, "" where it has none."""
    parts = [part.strip() for text in found.told_by.splitlines() for part in text.split(" ; ") if part.strip()]
    made = []
    for part in parts:
        address = re.search(r"https?://\S+", part)
        made.append((part, address[0] if address else ""))
    return made


@login_not_required
@require_safe
def about(http: HttpRequest) -> HttpResponse:
    """How the library is made: what is in it, the rules of strength, what is put together and what not."""
    numbers = {name: counted().filter(source=name).count() for name in Source.values}
    rules = [rule.sentence for rule in RULES]
    return render(
        http,
        "library/about.html",
        {"rules": rules, "numbers": numbers, "studies": kept_studies().count(), "licence": licence_line(), "section": "library"},
    )


@login_not_required
@require_safe
def interface(http: HttpRequest) -> HttpResponse:
    """The interface for programs, in words."""
    return render(
        http,
        "library/interface.html",
        {"licence": licence_line(), "limit": settings.LIBRARY_API_LIMIT, "section": "library"},
    )
