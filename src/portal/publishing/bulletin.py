"""The bulletin of a release: what was found, every request counted, what data came in, who saw it early. As a page, a workbook
and a PDF with the same figures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from datalab.report.ods import ods_bytes
from datalab.report.pdf import pdf_bytes
from datalab.report.sheets import Cover, Sheet
from datalab.report.tables import Cell, Column, Table, number_cell, text_cell
from portal.config.clock import now
from portal.config.files import listed
from portal.config.jinja import day
from portal.library.forms import outcome_name
from portal.ops.models import CentralLoad
from portal.publishing.counts import count_requests
from portal.publishing.findings import effect_unit, facts_of, is_share, is_study
from portal.publishing.forest import draw_forests
from portal.publishing.freezing import cleared_output
from portal.publishing.models import Entry, QualityAccess, Release
from portal.publishing.states import ReleaseState
from portal.publishing.ties import tie
from portal.wording import say

DATA, FRAGMENT, BOOK, PRINTED = "bulletin.json", "bulletin.html", "bulletin.ods", "bulletin.pdf"
OF_A_BULLETIN = frozenset({DATA, BOOK, PRINTED})


def gather(release: Release, entries: Sequence[Entry]) -> dict[str, Any]:
    """Everything the bulletin says, as plain values. Counts are as they will be with this release out."""
    findings = [_finding(entry, entries) for entry in entries]
    counts = count_requests({entry.request_id for entry in entries})
    return {
        "title": release.title,
        "day": release.day.isoformat(),
        "made_on": now().date().isoformat(),
        "findings": findings,
        "counts": [{"name": name, "count": count} for name, count in counts.lines()],
        "refused": [{"criterion": name, "count": count} for name, count in counts.refused.items()],
        "data": _new_data(release),
        "named": [{"role": one.role, "why": one.why} for one in release.named.filter(removed=False)],
        "quality": _opened(entries),
        "contact": settings.CONTACT,
        "synthetic": any(finding["synthetic"] for finding in findings),
    }


def read_findings(release: Release) -> list[dict[str, Any]]:
    """The findings of a bulletin as it was fixed."""
    return list(json.loads((release.folder / DATA).read_text(encoding="utf-8"))["findings"])


def fixed(release: Release) -> dict[str, Any]:
    """What a page shows of a bulletin as it was fixed."""
    findings = read_findings(release)
    return {
        "release": release,
        # Our own template wrote it, escaped; its hash is held.
        "fragment": mark_safe((release.folder / FRAGMENT).read_text(encoding="utf-8")),  # noqa: S308
        "findings": findings,
        "introduction": _introduction(findings),
        "is_made_up": any(one["synthetic"] for one in findings),
        "files": listed(release.folder, OF_A_BULLETIN),
    }


def _finding(entry: Entry, entries: Sequence[Entry]) -> dict[str, Any]:
    """The facts of one report, with how it is tied to others of its organisation."""
    return {**facts_of(entry.request, cleared_output(entry.clearance)), "report": entry.public_id, **tie(entry, entries)}


def _new_data(release: Release) -> list[dict[str, Any]]:
    """Central records loaded since the bulletin of the last release was made."""
    last = Release.objects.filter(state=ReleaseState.PUBLISHED).exclude(id=release.id).order_by("-scheduled_at").first()
    loads = CentralLoad.objects.order_by("loaded_at")
    if last is not None and last.scheduled_at is not None:
        loads = loads.filter(loaded_at__gt=last.scheduled_at)
    return [{"extracted_on": one.extracted_on.isoformat(), "windows": one.coverage, "synthetic": one.synthetic} for one in loads]


def _opened(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """To whom results of these reports were opened during a fact check: of any output, ended or not."""
    of_these = QualityAccess.objects.filter(clearance__round__request__in=[entry.request_id for entry in entries])
    return [
        {"title": one.request.title, "role": one.role, "why": one.why, "opened_on": one.opened_at.date().isoformat()}
        for one in of_these.select_related("clearance__round__request")
    ]


def write_bulletin(data: Mapping[str, Any], identifier: str) -> dict[str, bytes]:
    """The bulletin's files by name; no PDF where the machine cannot make one (Pango is missing)."""
    forests = draw_forests(data["findings"])
    told = {"results": _results(data), "studies": _studies(data), "forests": forests}
    fragment = render_to_string("publishing/bulletin.html", {"bulletin": data, **told})
    files = {
        DATA: json.dumps(data, ensure_ascii=False, sort_keys=True, indent=1).encode(),
        FRAGMENT: fragment.encode(),
        BOOK: ods_bytes(_cover(data), tuple(_sheets(data))),
    }
    around = {"introduction": _introduction(data["findings"]), "fragment": fragment, "is_made_up": data["synthetic"]}
    page = render_to_string("publishing/bulletin_print.html", {"bulletin": data, **around})
    printed = pdf_bytes(page, identifier=identifier)
    return files if printed is None else {**files, PRINTED: printed}


def _introduction(findings: Sequence[Mapping[str, Any]]) -> str:
    """What the release tells: of results, unless it has feasibility studies alone."""
    return say("publishing.study.introduction" if all(map(is_study, findings)) else "publishing.bulletin.introduction")


def _results(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in data["findings"] if not is_study(one)]


def _studies(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in data["findings"] if is_study(one)]


def _cover(data: Mapping[str, Any]) -> Cover:
    from datetime import date

    lines = [_introduction(data["findings"]), say("publishing.bulletin.out_on", day=day(date.fromisoformat(data["day"])))]
    if data["synthetic"]:
        lines.append(say("public.frame.demo"))
    return Cover(
        say("publishing.book.cover"), data["title"], (*lines, say("publishing.bulletin.contact", contact=data["contact"]))
    )


def _sheets(data: Mapping[str, Any]) -> list[Sheet]:
    tables = (
        _findings_table(data),
        _effects_table(data),
        _studies_table(data),
        _counts_table(data),
        _refused_table(data),
        _data_table(data),
        _named_table(data),
        *([_quality_table(data)] if data["quality"] else ()),
    )
    return [Sheet(table.name, table) for table in tables]


def _table(name: str, heads: Sequence[str], rows: Sequence[Sequence[str | int | float | Cell]]) -> Table:
    """A table of texts and numbers; a suppressed number comes as its symbol, a text."""
    made = tuple(tuple(_cell(value) for value in row) for row in rows)
    columns = tuple(
        Column(say(f"publishing.book.{head}"), "text" if place == 0 else "number") for place, head in enumerate(heads)
    )
    return Table(name, say(f"publishing.book.{name}"), columns, made)


def _cell(value: str | float | Cell | None) -> Cell:
    if isinstance(value, Cell):
        return value
    if value is None:
        return text_cell("[z]")
    return text_cell(value) if isinstance(value, str) else number_cell(value, 0 if isinstance(value, int) else 4)


def plain(value: Any) -> Any:
    """A number of results.json, or its symbol."""
    return value["suppressed"] if isinstance(value, dict) else value


def _findings_table(data: Mapping[str, Any]) -> Table:
    rows = [
        (
            one["title"],
            one["organisation"],
            one["programme"]["kind"],
            one["sentence"] or say(f"publishing.status.{one['status']}"),
            " ".join(one["ties"]) or "[z]",
        )
        for one in _results(data)
    ]
    return _table("findings", ("programme", "organisation", "kind", "finding", "ties"), rows)


def _studies_table(data: Mapping[str, Any]) -> Table:
    rows = [
        (one["title"], one["organisation"], one["programme"]["kind"], one["tag"], one["sentence"], " ".join(one["ties"]) or "[z]")
        for one in _studies(data)
    ]
    return _table("studies", ("programme", "organisation", "kind", "answer", "finding", "ties"), rows)


def _effects_table(data: Mapping[str, Any]) -> Table:
    counts, ends = ("treated", "comparison"), ("estimate", "low", "high")
    rows = [
        (
            one["title"], analysis["name"], outcome_name(analysis["measure"]), *(plain(analysis[name]) for name in counts),
            *(_scaled(analysis, name) for name in ends), effect_unit(analysis),
            say(f"publishing.verdicts.{analysis['verdict']}") if analysis["verdict"] else None,
        )
        for one in data["findings"]
        for analysis in one["analyses"]
    ]  # fmt: skip
    return _table("effects", ("programme", "analysis", "measure", *counts, *ends, "unit", "verdict"), rows)


def _scaled(analysis: Mapping[str, Any], name: str) -> Cell:
    """An effect's number as the page prints it."""
    value = analysis[name]
    if not isinstance(value, int | float):
        return text_cell(plain(value) or "[z]")
    return number_cell(value, 1, 2) if is_share(analysis) else number_cell(value, 3)


def _counts_table(data: Mapping[str, Any]) -> Table:
    return _table(
        "requests", ("line", "count"), [(say(f"publishing.counts.{one['name']}"), one["count"]) for one in data["counts"]]
    )


def _refused_table(data: Mapping[str, Any]) -> Table:
    return _table(
        "refused", ("criterion", "count"), [(say(f"criteria.{one['criterion']}.name"), one["count"]) for one in data["refused"]]
    )


def _data_table(data: Mapping[str, Any]) -> Table:
    rows = [(one["extracted_on"], *window) for one in data["data"] for window in one["windows"]]
    return _table("data", ("extracted_on", "first", "last"), rows)


def _named_table(data: Mapping[str, Any]) -> Table:
    return _table("early", ("role", "why"), [(one["role"], one["why"]) for one in data["named"]])


def _quality_table(data: Mapping[str, Any]) -> Table:
    rows = [(one["role"], one["title"], one["opened_on"], one["why"]) for one in data["quality"]]
    return _table("quality", ("role", "programme", "opened_on", "why"), rows)
