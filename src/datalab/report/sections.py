"""The sections of the report in the order of design 2.8, built from a release as frozen blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from datalab.disclosure.results import Releasable, Release, ReleasedAnalysis, ReleasedOutcome
from datalab.report.annex_tables import survival_tables
from datalab.report.balance_tables import BALANCE_COLUMNS, balance_table
from datalab.report.charts import effect_charts, survival_chart
from datalab.report.match_charts import attrition_chart, love_chart, overlap_chart
from datalab.report.numbers import fixed, is_shown, percent, percent_of_people, smd_decimals
from datalab.report.page import Block, Bullets, Heading, Pairs, Section, TableBlock, Text
from datalab.report.panels import refusal_blocks
from datalab.report.people_tables import analyses_table, linkage_groups_table, linkage_table, profile_table
from datalab.report.result_tables import (
    IMPACT_COLUMNS,
    RESULT_COLUMNS,
    compare_table,
    main_outcomes,
    measure_title,
    people_needed_table,
    per_100_table,
    results_table,
)
from datalab.report.sentences import (
    CLEAR,
    by_kind,
    can_say,
    cannot_say,
    explained,
    headline,
    is_answered,
    is_research,
    measure_words,
    safe_quote,
    smallest_text,
    tell,
    verdict_sentence,
)
from datalab.report.tables import Table, chosen, every_column
from datalab.wording import say, words


def report_sections(releasable: Releasable) -> tuple[Section, ...]:
    """Every section that has something to say, in order."""
    release = releasable.release
    _, outcome = headline(release)
    answered = is_answered(outcome)
    research = is_research(release)
    blocks: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("why", () if answered or research else _why(release)),
        ("try", () if answered else _try(release)),
        ("who" if answered else "who_unanswered", _who(release)),
        (by_kind(release, "sections.per_100").split(".")[1], _per_100(release)),
        ("impact", _impact(release)),
        ("say", () if not answered else _say(release)),
        ("quote", () if not answered else (Text(safe_quote(release), "quote"),)),
        ("charts", effect_charts(release)),
        ("survival", _survival(release)),
        ("results", _results(release)),
        ("profile", _profile(release)),
        ("balance", _balance(release)),
        ("attrition", _attrition(release)),
        ("linkage", _linkage(release)),
        ("sensitivity", _compare(release)),
        ("people_needed", _table(people_needed_table(release))),
        ("methods", _methods(release)),
        ("plan", _plan(release)),
        ("disclosure", _disclosure(releasable)),
        ("glossary", (Pairs(tuple(words("report")["glossary"][release.kind].items())),)),
        ("contact", (Text(tell(release, "page.contact", study_id=release.study_id)),)),
    )
    return tuple(Section(name.replace("_", "-"), say(f"report.sections.{name}"), found) for name, found in blocks if found)


def _why(release: Release) -> tuple[Block, ...]:
    analysis, _ = headline(release)
    reasons, _ = refusal_blocks(release)
    balance = analysis.balance if analysis is not None else None
    advice = say("balance.reasons.try")  # said in our own words in the next section
    more = [text for text in balance.reasons if text != advice] if balance is not None and not balance.passed else []
    found: list[Block] = [Text(reason) for reason in (*reasons, *(explained(release, text, "withheld") for text in more))]
    if balance is not None and balance.worst:
        found.append(Text(tell(release, "page.worst", names="; ".join(balance.worst)), "inset"))
    return tuple(found)


def _try(release: Release) -> tuple[Block, ...]:
    _, hints = refusal_blocks(release)
    return (Bullets(hints),)


def _who(release: Release) -> tuple[Block, ...]:
    analysis, _ = headline(release)
    found: list[Block] = []
    if analysis is not None:
        found.append(Pairs(_who_pairs(release, analysis)))
        found.append(Text(_who_lost(release, analysis)))
        if analysis.small_group:
            found.append(Text(tell(release, "page.small_group"), "warning"))
    if release.kind == "run":
        found.append(Text(say("report.page.usual")))
    return tuple(found)


def _who_pairs(release: Release, analysis: ReleasedAnalysis) -> tuple[tuple[str, str], ...]:
    programme, people = release.programme, analysis.people
    numbers = {"comparison_n": fixed(people.comparison), "pool": fixed(people.pool), "effective": fixed(people.effective_pool)}
    matched = "analysed" if analysis.status == "estimated" else "matched"
    pairs = {
        "kind": explained(release, programme.kind, "programme_kinds") if programme.kind else "",
        "setting": tell(release, f"page.setting_{programme.setting}") if programme.setting else "",
        "dates": _dates(programme.start, programme.end),
        "follow_up": say("report.page.months", count=release.follow_up_months) if release.kind == "run" else "",
        matched: fixed(people.matched),
        "compared": tell(release, by_kind(release, "page.compared_text"), **numbers),
    }
    return tuple((say(f"report.page.{name}"), text) for name, text in pairs.items() if text)


def _dates(start: str, end: str) -> str:
    return say("report.page.from_to", start=_day(start), end=_day(end)) if start and end else _day(start or end)


def _day(text: str) -> str:
    """A date as people write it: 2012-01-31 becomes "31 January 2012"."""
    if not text:
        return ""
    day = date.fromisoformat(text)
    return f"{day.day} {say(f'report.months.{day:%m}')} {day.year}"


def _who_lost(release: Release, analysis: ReleasedAnalysis) -> str:
    if not release.attrition:
        return tell(release, "page.narrowed")
    first, last = release.attrition[0], release.attrition[-1]
    share = percent_of_people(last.percent)
    lost = tell(release, by_kind(release, "page.who_lost"), submitted=fixed(first.n), n=fixed(last.n), percent=share)
    return f"{lost} {tell(release, 'page.narrowed')}"


def _per_100(release: Release) -> tuple[Block, ...]:
    table = per_100_table(release)
    return (TableBlock(table),) if table.rows else ()


def _impact(release: Release) -> tuple[Block, ...]:
    """The main measures of the headline analysis as estimates with their test."""
    labels = {measure_title(outcome) for outcome in main_outcomes(release)}
    table = results_table(release)
    rows = tuple(row for row in table.rows if row[0].text == release.headline_analysis and row[1].text in labels)
    notes = (say("report.notes.significant"), say("report.notes.interval"))
    title = say("report.tables.impact")
    return (TableBlock(chosen(replace(table, rows=rows, notes=notes, title=title), IMPACT_COLUMNS)),) if rows else ()


def _say(release: Release) -> tuple[Block, ...]:
    return (
        Bullets(can_say(release), "yes", say("report.sections.can")),
        Bullets(cannot_say(release), "no", say("report.sections.cannot")),
    )


def _survival(release: Release) -> tuple[Block, ...]:
    charts = tuple(chart for analysis in release.analyses for chart in survival_chart(release, analysis))
    tables = survival_tables(release)
    return (*charts, *(TableBlock(table, table.title) for table in tables[1:] if table.rows))


def _results(release: Release) -> tuple[Block, ...]:
    many = len(release.analyses) > 1
    found = [block for analysis in release.analyses for block in _analysis_blocks(release, analysis, many)]
    if many:
        found.append(TableBlock(analyses_table(release)))
    table = chosen(results_table(release), RESULT_COLUMNS)
    return (*found, *((TableBlock(table),) if table.rows else ()))


def _analysis_blocks(release: Release, analysis: ReleasedAnalysis, many: bool) -> list[Block]:
    """The verdicts of one analysis in words: those with a direction first, then those that need more people, then the rest."""
    found: list[Block] = [Heading(analysis.name)] if many else []
    if analysis.status != "estimated":
        found.append(Text(tell(release, f"page.status_{analysis.status}")))
    if is_research(release):
        return found
    unclear = [outcome for outcome in analysis.outcomes if outcome.verdict == "more_people"]
    groups = {
        "verdicts_clear": [outcome for outcome in analysis.outcomes if outcome.verdict in CLEAR],
        "verdicts_withheld": [outcome for outcome in analysis.outcomes if not is_answered(outcome)],
    }
    lists = {name: tuple(_result_line(release, analysis, outcome) for outcome in group) for name, group in groups.items()}
    nouns = tuple(_unclear_line(release, outcome) for outcome in unclear)
    blocks = (
        Bullets(lists["verdicts_clear"], title=say("report.page.verdicts_clear")),
        Bullets(nouns, title=say("report.page.verdicts_unclear"), lead=tell(release, "page.unclear_lead")),
        Bullets(lists["verdicts_withheld"], title=say("report.page.verdicts_withheld")),
    )
    return [*found, *(block for block in blocks if block.items)]


def _result_line(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> str:
    return f"{verdict_sentence(release, analysis, outcome)} {_notes(release, outcome)}".strip()


def _unclear_line(release: Release, outcome: ReleasedOutcome) -> str:
    noun = measure_words(release, outcome)["noun"]
    notes = f"{smallest_text(release, outcome)} {_notes(release, outcome)}".strip()
    return f"{noun}. {notes}" if notes else noun


def _notes(release: Release, outcome: ReleasedOutcome) -> str:
    kept = (note for note in outcome.notes if not note.endswith("could_be_chance"))
    return " ".join(explained(release, note, "outcome_notes") for note in kept)


def _balance(release: Release) -> tuple[Block, ...]:
    found: list[Block] = []
    many = len(release.analyses) > 1
    for analysis in release.analyses:
        if analysis.balance is None:
            continue
        if many:
            found.append(Heading(analysis.name))
        found.extend((*_balance_texts(release, analysis), *love_chart(release, analysis), *overlap_chart(release, analysis)))
        table = chosen(balance_table(release, (analysis,)), BALANCE_COLUMNS)
        found.append(TableBlock(table, say("report.page.full_table")))
    return tuple(found)


def _balance_texts(release: Release, analysis: ReleasedAnalysis) -> tuple[Block, ...]:
    balance = analysis.balance
    if balance is None:
        return ()
    share = percent(balance.share_within_5pc)
    first = tell(release, "page.passed" if balance.passed else "page.failed", share=share)
    if is_shown(balance.max_smd):
        largest = fixed(balance.max_smd, smd_decimals(balance.max_smd), 2, "%")
        first = f"{first} {tell(release, 'page.largest', largest=largest)}"
    overlap = tell(release, "page.overlap_share", share=percent(balance.overlap_share))
    weight = tell(release, "page.weight_share", share=percent(balance.largest_weight_share, 1))
    worst = (Text(tell(release, "page.worst", names="; ".join(balance.worst))),) if balance.worst else ()
    return (Text(first), *worst, Text(f"{overlap} {weight}"))


def _attrition(release: Release) -> tuple[Block, ...]:
    return attrition_chart(release) if release.attrition else ()


def _linkage(release: Release) -> tuple[Block, ...]:
    linkage = release.linkage
    if linkage is None:
        return ()
    shares = {
        "share": percent(linkage.linked_share),
        "false": percent(linkage.false_links, 1),
        "missed": percent(linkage.missed_links, 1),
        "lost": percent(linkage.lost_to_blocking, 1),
        "waiting": fixed(linkage.awaiting_review),
    }
    groups = linkage_groups_table(linkage)
    return (
        Text(tell(release, "page.linkage", **shares)),
        TableBlock(linkage_table(linkage), say("report.tables.linkage")),
        *((TableBlock(groups, groups.title),) if groups.rows else ()),
    )


def _methods(release: Release) -> tuple[Block, ...]:
    names = ["estimand", "score", "radius", "doubly", "intervals", "verdict", "limits"]
    if release.kind == "run":
        names.insert(1, "reoffending")
    found: list[Block] = [Bullets(tuple(tell(release, f"methods.{name}") for name in names))]
    for analysis in release.analyses:
        settings = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in sorted(analysis.match_settings.items()))
        found.append(Text(f"{analysis.name}. {tell(release, 'methods.settings', settings=settings or 'default')}", "note"))
    warnings = (*release.warnings, *(warning for analysis in release.analyses for warning in analysis.warnings))
    if warnings:
        found.append(
            Bullets(tuple(explained(release, text, "outcome_notes") for text in warnings), "plain", say("report.page.warnings"))
        )
    return tuple(found)


def _plan(release: Release) -> tuple[Block, ...]:
    first = tell(release, "page.plan", plan=release.plan_sha256) if release.plan_sha256 else say("report.page.no_plan")
    if not release.deviations:
        return (Text(first), Text(say("report.page.no_deviation"))) if release.plan_sha256 else (Text(first),)
    texts = tuple(explained(release, text, "outcome_notes") for text in release.deviations)
    return (Text(first), Bullets(texts, "plain", say("report.page.deviation")))


def _disclosure(releasable: Releasable) -> tuple[Block, ...]:
    release = releasable.release
    if release.status == "own_data":
        return (Text(say("report.page.no_disclosure")),)
    symbols = tuple((f"[{name}]", say(f"report.symbols.{name}").split("] ", 1)[1]) for name in ("c", "x", "z", "low"))
    done = say("report.page.disclosure", profile=release.disclosure_profile)
    checks = say("report.page.checks", count=len(releasable.decisions))
    return (Text(f"{done} {checks}"), Pairs(symbols))


def _table(table: Table) -> tuple[Block, ...]:
    return (TableBlock(every_column(table)),) if table.rows else ()


def _compare(release: Release) -> tuple[Block, ...]:
    """The headline measure by every method in sight, the rest in the annex."""
    _, outcome = headline(release)
    table = compare_table(release)
    label = measure_title(outcome) if outcome is not None else ""
    rows = tuple(row for row in table.rows if row[1].text == label)
    return _table(replace(table, rows=rows))


def _profile(release: Release) -> tuple[Block, ...]:
    table = profile_table(release)
    if not table.rows:
        return ()
    return Text(tell(release, "page.profile")), TableBlock(every_column(table), say("report.page.show_table"))
