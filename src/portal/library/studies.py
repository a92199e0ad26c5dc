"""Feasibility studies in the library: a product of their own, found and listed beside results and never among them.

A study says whether a programme can be evaluated, with how many people, and what could be found. It is an entry without a result,
so that nothing that draws, counts or puts together results can meet it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from datalab.disclosure.results import Suppressed
from datalab.report.csv_files import csv_bytes
from datalab.report.tables import Cell, Column, Table, number_cell, text_cell
from portal.library.entries import current_stamp
from portal.library.forms import StudyForm, kind_name, outcome_name, refuse_file, setting_name
from portal.library.models import Analysis, Kept, Standing
from portal.library.search import PAGE, address_of
from portal.library.words import licence_line, published_text
from portal.wording import say

_EQUAL = {"kind": "kind", "setting": "setting", "source": "source", "answer": "answer__answer"}
_FROM = {"first": "year__gte", "last": "year__lte", "least": "answer__people__gte"}
SHARED = ("q", "kind", "setting", "source", "organisation", "first", "last")  # what is asked of results too
COLUMNS = (
    "id", "product", "programme", "organisation", "kind", "setting", "answer", "people_analysed", "outcome", "smallest_effect",
    "unit", "published", "source_label", "address", "report", "sentence",
)  # fmt: skip
NUMBERS = frozenset({"people_analysed", "smallest_effect"})


def kept_studies() -> QuerySet[Analysis]:
    """The studies that count."""
    return Analysis.objects.filter(standing=Standing.CURRENT, product=Kept.STUDY)


def find_studies(asked: Mapping[str, Any]) -> QuerySet[Analysis]:
    """The studies that are asked for, newest first."""
    found = kept_studies()
    for name, column in {**_EQUAL, **_FROM}.items():
        if asked.get(name) not in (None, ""):
            found = found.filter(**{column: asked[name]})
    for word in (asked.get("q") or "").lower().split():
        found = found.filter(words__contains=word)
    if organisation := (asked.get("organisation") or "").strip():
        found = found.filter(Q(organisation__icontains=organisation) | Q(organisation_name=organisation))
    return found.order_by(F("published_on").desc(nulls_last=True), "id")


def study_cards(found: Iterable[Analysis]) -> list[dict[str, Any]]:
    """Studies as a list shows them."""
    return [
        {
            "analysis": one,
            "address": reverse("library-analysis", args=[one.name]),
            "where": [part for part in (one.organisation, kind_name(one.kind), setting_name(one.setting)) if part],
            "published": published_text(one.published),
        }
        for one in found
    ]


def document_of(one: Analysis, start: str) -> dict[str, Any]:
    """A study as JSON's own types: shares from 0 to 1, null where nothing is known or shown. start: of the service's address."""
    return {
        "id": one.name,
        "version": one.version,
        "product": Kept.STUDY.label,
        **{name: getattr(one, name) for name in ("programme", "organisation", "kind", "setting", "published")},
        "answer": one.answer["answer"],
        "sentence": one.answer["sentence"],
        "people_analysed": one.answer["people"],
        "outcome": one.answer["outcome"],
        "smallest_effect": one.answer["smallest"],
        "unit": one.answer["unit"],
        "source_label": one.source,
        "address": start + reverse("library-analysis", args=[one.name]),
        "report": start + one.address,
    }


@login_not_required
@require_safe
def studies(http: HttpRequest) -> HttpResponse:
    """The page: the questions, and the studies that fit."""
    form = StudyForm(http.GET)
    asked = study_answers(form)
    page = Paginator(find_studies(asked), PAGE).get_page(http.GET.get("page"))
    context = {
        "form": form,
        "errors": form.errors,
        "asked": asked,
        "keep": address_of(asked),
        "page": page,
        "total": page.paginator.count,
        "studies": study_cards(page.object_list),
        "section": "library",
    }
    return render(http, "library/studies.html", context)


def study_answers(form: StudyForm) -> dict[str, Any]:
    """What was asked; a faulty answer is said on the page and asks nothing."""
    form.is_valid()
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}


def beside(asked: Mapping[str, Any]) -> tuple[int, str]:
    """How many studies fit what was asked of results, and where they are listed."""
    shared = {name: asked[name] for name in SHARED if name in asked}
    query = address_of(shared)
    return find_studies(shared).count(), reverse("library-studies") + (f"?{query}" if query else "")


@login_not_required
@require_safe
def studies_file(http: HttpRequest) -> HttpResponse:
    """The studies that are asked for, as CSV; each row says that it is a feasibility study."""
    questions = StudyForm(http.GET)
    if (refused := refuse_file(questions)) is not None:
        return refused
    asked = tuple(sorted(study_answers(questions).items()))
    answer = HttpResponse(
        _content(current_stamp(), asked, http.build_absolute_uri("/").rstrip("/")), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="feasibility-studies.csv"'
    return answer


@lru_cache(maxsize=4)
def _content(stamp: str, asked: tuple[tuple[str, Any], ...], start: str) -> bytes:
    rows = tuple(_cells(document_of(one, start)) for one in find_studies(dict(asked)))
    columns = tuple(
        Column(say(f"library.study_columns.{name}"), "number" if name in NUMBERS else "text", name) for name in COLUMNS
    )
    return csv_bytes(Table("studies", say("library.studies.title"), columns, rows, (licence_line(),)))


def _cells(row: Mapping[str, Any]) -> tuple[Cell, ...]:
    """A share as percentage points, as in the file of results; what is not known or not shown as its symbol."""
    share = row["unit"] == "share"
    told = {
        **row,
        "outcome": outcome_name(row["outcome"]) if row["outcome"] else "",
        "unit": say("library.studies.points") if share else row["unit"],
    }
    figures = {
        "people_analysed": number_cell(_or(row["people_analysed"])),
        "smallest_effect": number_cell(_or(row["smallest_effect"]), *((1, 2) if share else (2, 0))),
    }
    return tuple(figures[name] if name in NUMBERS else text_cell(told[name]) for name in COLUMNS)


def _or(value: float | None) -> float | Suppressed:
    return Suppressed("x") if value is None else value
