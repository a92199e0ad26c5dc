"""The report of a feasibility study: the page, and feasibility.json in the shape of feasibility.schema.json beside it."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from datalab.disclosure.results import Number, Releasable, Release, ReleasedAnalysis, ReleasedExpectation, ReleasedFeasibility
from datalab.report.feasibility_words import (
    answer_sentence,
    criterion_texts,
    headline_feasibility,
    kept_share,
    level_text,
    size_sentence,
    size_text,
    tag,
    todo,
)
from datalab.report.html import SHORT_HASH, render_page
from datalab.report.numbers import fixed, is_shown, percent, shown
from datalab.report.page import Block, Bullets, Fact, Heading, Page, Panel, Section, TableBlock, Text
from datalab.report.panels import banners
from datalab.report.results import plain_document, plain_value
from datalab.report.sections import report_sections
from datalab.report.sentences import explained, vocabulary, warning_sentence
from datalab.report.svg import quickly
from datalab.report.tables import Cell, Column, Table, every_column, number_cell, text_cell
from datalab.wording import say

# The sections of an ordinary report that a feasibility study has too.
SHARED = ("who-unanswered", "profile", "balance", "attrition-unanswered", "linkage", "plan", "disclosure", "glossary", "contact")
BY = ("index_kind", "region", "sex")
TONES = {"can": "clear", "may": "unclear", "cannot": "none"}


def render_feasibility(releasable: Releasable, *, manifest_sha256: str, version: str) -> str:
    """The whole page. Same release, same text."""
    release = releasable.release
    with quickly():
        shared = tuple(section for section in report_sections(releasable) if section.name in SHARED)
    own = (
        Section("criteria", say("feasibility.page.criteria"), _per_analysis(release, _criteria)),
        Section("expected", say("feasibility.page.expected"), _per_analysis(release, _expected)),
        Section("todo", say("feasibility.page.todo"), _per_analysis(release, _todo)),
        Section("breakdown", say("feasibility.page.breakdown"), _breakdowns(release)),
    )
    title = vocabulary(release)["title"]
    footer = say(
        "feasibility.page.footer",
        version=version,
        study_id=release.study_id,
        plan=release.plan_sha256[:SHORT_HASH],
        manifest=manifest_sha256[:SHORT_HASH],
    )
    return render_page(
        Page(
            title=say("feasibility.page.title", title=title),
            strapline=say("feasibility.page.strapline"),
            heading=title,
            banners=banners(release),
            panel=_panel(release),
            sections=tuple(section for section in (*own, *shared) if section.blocks),
            footer=(footer,),
            watermark="",
        )
    )


def _panel(release: Release) -> Panel:
    answer = headline_feasibility(release)
    meaning = size_sentence(answer)
    return Panel(TONES[answer.answer], tag(answer), answer_sentence(release, answer), meaning, _facts(release, answer), "")


def _facts(release: Release, answer: ReleasedFeasibility) -> tuple[Fact, ...]:
    """How many could be analysed, the smallest change of the headline measure, and how many more people it takes."""
    facts = []
    analysis = next(one for one in release.analyses if one.name == answer.analysis)
    if is_shown(analysis.people.matched) and analysis.status != "too_few":
        submitted = fixed(release.attrition[0].n) if release.attrition else fixed(analysis.people.treated)
        note = say("feasibility.page.fact_sent", submitted=submitted)
        facts.append(Fact(say("feasibility.page.fact_analysed"), fixed(analysis.people.matched), note))
    for line in answer.expectations:
        if line.role == "headline" and is_shown(line.smallest_effect):
            size = size_text(line, line.smallest_effect, short=True)
            facts.append(Fact(say("feasibility.page.fact_smallest"), size, line.label))
            facts += _needed_fact(line)
    return tuple(facts)


def _needed_fact(line: ReleasedExpectation) -> list[Fact]:
    if not is_shown(line.stated_effect) or not is_shown(line.people_needed):
        return []
    note = say("feasibility.page.fact_needed_note", stated=size_text(line, line.stated_effect))
    value = fixed(line.people_needed) if shown(line.people_needed) else say("feasibility.page.fact_enough")
    return [Fact(say("feasibility.page.fact_needed"), value, note)]


def _per_analysis(release: Release, part: Any) -> tuple[Block, ...]:
    """The blocks of every analysis, under its name where there are several."""
    many = len(release.feasibility) > 1
    return tuple(
        block
        for answer in release.feasibility
        for block in (*((Heading(answer.analysis),) if many else ()), *part(release, answer))
    )


def _criteria(release: Release, answer: ReleasedFeasibility) -> tuple[Block, ...]:
    rows = tuple(tuple(text_cell(text) for text in criterion_texts(one)) for one in answer.criteria)
    heads = _columns("criterion:text standing:text meaning:text")
    table = TableBlock(Table("criteria", say("feasibility.page.criteria"), heads, rows), quiet=True)
    analysis = next(one for one in release.analyses if one.name == answer.analysis)
    why = (Text(explained(release, analysis.reason, "withheld"), "note"),) if analysis.reason else ()
    return (table, *why)


def _expected(release: Release, answer: ReleasedFeasibility) -> tuple[Block, ...]:
    if not answer.expectations:
        return (Text(say("feasibility.page.expected_none")),)
    rows = tuple(_expected_row(line) for line in answer.expectations)
    notes = [say("feasibility.page.expected_sites")]
    notes += [say("feasibility.page.expected_among")] if any(line.among for line in answer.expectations) else []
    notes += [say("feasibility.page.expected_symbols")]
    heads = _columns("measure:text people level smallest needed")
    table = Table("expected", say("feasibility.page.expected"), heads, rows, tuple(notes))
    return (Text(say("feasibility.page.expected_lead")), TableBlock(table, quiet=True), *_expected_notes(release, answer))


def _expected_row(line: ReleasedExpectation) -> tuple[Cell, ...]:
    needed = number_cell(line.people_needed)
    if is_shown(line.stated_effect) and is_shown(line.people_needed):
        stated = say("feasibility.page.needed_for", needed=needed.text, stated=size_text(line, line.stated_effect, short=True))
        needed = number_cell(line.people_needed, text=stated)
    return (
        text_cell(line.label),
        number_cell(line.expected_people),
        text_cell(level_text(line)),
        text_cell(size_text(line, line.smallest_effect, short=True)),
        needed,
    )


def _expected_notes(release: Release, answer: ReleasedFeasibility) -> tuple[Block, ...]:
    """Why measures would be withheld, or what they need beside people; those with the same reason together."""
    names: dict[str, list[str]] = {}
    for line in answer.expectations:
        for text in (line.reason, *line.notes):
            if text:
                section = "withheld" if text == line.reason else "outcome_notes"
                names.setdefault(explained(release, text, section), []).append(line.label)
    items = tuple(say("feasibility.page.expected_note", names="; ".join(found), reason=text) for text, found in names.items())
    return (Bullets(items),) if items else ()


def _todo(release: Release, answer: ReleasedFeasibility) -> tuple[Block, ...]:
    return (Bullets(todo(release, answer)),)


def _breakdowns(release: Release) -> tuple[Block, ...]:
    """Kind, year, region and sex of those who could be analysed and of the pool."""
    table = breakdown_table(release)
    return (Text(say("feasibility.page.breakdown_lead")), TableBlock(every_column(table), quiet=True)) if table.rows else ()


def breakdown_table(release: Release) -> Table:
    """A line a level of each characteristic, from the lines of the balance table and the years that disclosure control let
    stand; nothing of a covariate that the plan does not match on, or that is the same for everybody."""
    by_name = {analysis.name: analysis for analysis in release.analyses}
    rows = tuple(row for answer in release.feasibility for row in _breakdown_rows(by_name[answer.analysis], answer))
    heads = _columns("analysis:text characteristic:text level_name:text analysed analysed_share pool_share")
    return Table("breakdown", say("feasibility.page.breakdown"), heads, rows)


def _breakdown_rows(analysis: ReleasedAnalysis, answer: ReleasedFeasibility) -> tuple[tuple[Cell, ...], ...]:
    lines = analysis.balance.covariates if analysis.balance is not None else ()
    years = tuple((say("feasibility.page.year"), line.year, line.analysed, line.pool) for line in answer.years)
    levels = tuple((line.label, line.level, line.treated, line.pool_before) for name in BY for line in lines if line.name == name)
    return tuple(
        (
            text_cell(analysis.name),
            text_cell(label),
            text_cell(level),
            number_cell(_count(treated, analysis.people.matched)),
            number_cell(treated, 0, 2, text=percent(treated)),
            number_cell(pool, 0, 2, text=percent(pool)),
        )
        for label, level, treated, pool in (*years, *levels)
    )


def _count(share: Number, size: Number) -> Number:
    return round(shown(share) * shown(size)) if is_shown(share) and is_shown(size) else share if not is_shown(share) else size


def _columns(specification: str) -> tuple[Column, ...]:
    found = []
    for part in specification.split():
        name, _, kind = part.partition(":")
        found.append(Column(say(f"feasibility.columns.{name}"), "text" if kind else "number", name))
    return tuple(found)


def feasibility_json(releasable: Releasable, *, manifest_sha256: str) -> bytes:
    """The release as UTF-8 JSON, in the manner of results.json; same release, same bytes."""
    return plain_document(_document(releasable.release, manifest_sha256))


def feasibility_schema() -> dict[str, Any]:
    """The published JSON Schema (2020-12) of feasibility.json; parts it shares are those of results.schema.json.

    >>> feasibility_schema()["title"]
    'A feasibility study'
    """
    source = resources.files("datalab.report").joinpath("feasibility.schema.json")
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


def _document(release: Release, manifest_sha256: str) -> dict[str, Any]:
    plain = plain_value(release)
    headline = headline_feasibility(release)
    share = kept_share(release)
    head = ("kind", "study_id", "title", "programme", "follow_up_months", "plan_sha256")
    return {
        "format": 1,
        **{name: plain[name] for name in head},
        "manifest_sha256": manifest_sha256,
        **{name: plain[name] for name in ("synthetic", "disclosure_profile")},
        "answer": headline.answer,
        "sentence": answer_sentence(release, headline),
        "attrition": [
            {("share" if name == "percent" else name): value for name, value in step.items()} for step in plain["attrition"]
        ],
        "kept_share": plain_value(share),
        "linkage": plain["linkage"],
        "headline": {"analysis": release.headline_analysis, "outcome": release.headline_outcome},
        "analyses": [_analysis(release, answer) for answer in release.feasibility],
        "deviations": plain["deviations"],
        "warnings": [warning_sentence(release, text) for text in release.warnings],
        "symbols": {name: say(f"report.symbols.{name}") for name in ("c", "x", "z", "low")},
    }


def _analysis(release: Release, answer: ReleasedFeasibility) -> dict[str, Any]:
    analysis = next(one for one in release.analyses if one.name == answer.analysis)
    plain = plain_value(analysis)
    keys = ("name", "status", "reason", "small_group", "people", "balance", "match_settings")
    criteria = [{"name": one.name, "standing": one.standing, "sentence": criterion_texts(one)[2]} for one in answer.criteria]
    return {
        **{key: plain[key] for key in keys},
        "answer": answer.answer,
        "criteria": criteria,
        "expectations": plain_value(answer.expectations),
        "years": plain_value(answer.years),
        "todo": list(todo(release, answer)),
        "warnings": [warning_sentence(release, text) for text in analysis.warnings],
    }
