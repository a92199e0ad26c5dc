"""The sections of the report in the order of design 2.8, built from a release as frozen blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from datalab.disclosure.results import (
    Number,
    Releasable,
    Release,
    ReleasedAnalysis,
    ReleasedDeaths,
    Suppressed,
)
from datalab.report.annex_tables import annex_tables
from datalab.report.charts import effect_charts
from datalab.report.detail import balance_blocks, results_blocks
from datalab.report.match_charts import attrition_chart
from datalab.report.numbers import fixed, is_shown, percent, percent_of_people, shown
from datalab.report.page import Block, Bullets, Pairs, Section, TableBlock, Text
from datalab.report.people_tables import linkage_groups_table, profile_table
from datalab.report.result_tables import (
    impact_table,
    main_outcomes,
    measure_title,
    people_needed_table,
    per_100_table,
)
from datalab.report.results import symbols_used
from datalab.report.sensitivity import sensitivity_blocks
from datalab.report.sentences import (
    by_kind,
    can_say,
    cannot_say,
    explained,
    headline,
    is_answered,
    is_everyone,
    is_research,
    refusal,
    safe_quote,
    tell,
    vocabulary,
    voice,
    warning_sentence,
)
from datalab.report.several import gathered_warnings, needs_blocks, of_headline, several_blocks
from datalab.report.survival import steps_notes, survival_sentences, survival_tables
from datalab.report.survival_chart import survival_chart
from datalab.report.tables import every_column
from datalab.report.work import work_blocks
from datalab.wording import say, words
from datalab.wording.advice import is_advice

SEVERAL = "several_reasons"
TWO_YEARS = 24  # months


def report_sections(releasable: Releasable) -> tuple[Section, ...]:
    """Every section that has something to say, in order."""
    release = releasable.release
    _, outcome = headline(release)
    answered = is_answered(outcome)
    research = is_research(release)
    main = of_headline(release)
    blocks: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("why", () if answered or research else _why(release)),
        ("who" if answered else "who_unanswered", _who(release)),
        (by_kind(release, "sections.per_100").split(".")[1], _per_100(release)),
        ("impact", _impact(release)),
        ("say", () if not answered else _say(release)),
        ("quote", () if not answered else (Text(safe_quote(release), "quote"),)),
        ("charts", effect_charts(main)),
        (by_kind(release, "sections.survival").split(".")[1], _survival(main)),
        ("results", results_blocks(main)),
        ("employment", work_blocks(main)),
        ("analyses", several_blocks(release)),
        ("needs", needs_blocks(release)),
        ("profile", _profile(main)),
        ("balance", _balance(release, main)),
        ("attrition" if answered else "attrition_unanswered", _attrition(release)),
        ("linkage", _linkage(release)),
        ("sensitivity", sensitivity_blocks(release)),
        ("people_needed", _needed(release)),
        ("methods", _methods(release)),
        ("plan", _plan(release)),
        ("disclosure", _disclosure(releasable)),
        ("glossary", (Pairs(tuple(words("report")["glossary"][voice(release)].items())),)),
        ("contact", (Text(tell(release, "page.contact", study_id=release.study_id)),)),
    )
    return tuple(Section(name.replace("_", "-"), _title(release, name), found) for name, found in blocks if found)


def _title(release: Release, name: str) -> str:
    return say(f"several.sections.{name}") if name in words("several")["sections"] else tell(release, f"sections.{name}")


def _balance(release: Release, main: Release) -> tuple[Block, ...]:
    """How alike the groups of the headline analysis are, and where the others' figures are."""
    found = balance_blocks(main)
    if not found or len(release.analyses) == len(main.analyses):
        return found
    told = [say("several.page.balance_of"), say("several.page.means", **vocabulary(release))]
    return (Text(" ".join(told), "note"), *found)


def _why(release: Release) -> tuple[Block, ...]:
    analysis, _ = headline(release)
    reasons = (tell(release, f"refused.{refusal(release)}"),)
    balance = analysis.balance if analysis is not None else None
    failed = balance is not None and not balance.passed
    # What to try is said in our own words in the next section.
    more = [text for text in balance.reasons if not is_advice(text)] if balance is not None and failed else []
    found: list[Block] = [Text(reason) for reason in (*reasons, *(explained(release, text, "withheld") for text in more))]
    if balance is not None and balance.worst:
        found.append(Text(tell(release, "page.worst", names="; ".join(balance.worst)), "inset"))
    return tuple(found)


def _who(release: Release) -> tuple[Block, ...]:
    analysis, _ = headline(release)
    found: list[Block] = []
    if analysis is not None:
        found.append(Pairs(_who_pairs(release, analysis)))
        found += [Text(text) for text in (_who_lost(release, analysis),) if text]
        if analysis.small_group:
            found.append(Text(tell(release, "page.small_group"), "warning"))
    if release.deaths is not None:
        count = (say("report.page.deaths_count"),) if analysis is not None and analysis.status == "estimated" else ()
        found.append(Text(" ".join((_deaths(release, release.deaths), *count))))
    if voice(release) == "run":
        found.append(Text(say("report.page.usual")))
    return tuple(found)


def _deaths(release: Release, deaths: ReleasedDeaths) -> str:
    few = say("report.page.deaths_hidden")
    treated, pool = (fixed(value) if is_shown(value) else few for value in (deaths.treated, deaths.pool))
    return tell(release, "page.deaths", deaths_treated=treated, deaths_pool=pool)


def _who_pairs(release: Release, analysis: ReleasedAnalysis) -> tuple[tuple[str, str], ...]:
    programme, people = release.programme, analysis.people
    numbers = {"comparison_n": fixed(people.comparison), "pool": fixed(people.pool), "effective": fixed(people.effective_pool)}
    matched = "analysed" if analysis.status == "estimated" else "matched"
    pairs = {
        "kind": explained(release, programme.kind, "programme_kinds") if programme.kind else "",
        "setting": tell(release, f"page.setting_{programme.setting}") if programme.setting else "",
        "dates": readable_dates(programme.start, programme.end),
        "follow_up": _follow_up(release) if voice(release) == "run" else "",
        matched: fixed(people.matched),
        "compared": tell(release, by_kind(release, "page.compared_text"), **numbers),
    }
    return tuple((say(f"report.page.{name}"), text) for name, text in pairs.items() if text)


def _follow_up(release: Release) -> str:
    months = say("report.page.months", count=release.follow_up_months)
    return say("report.page.two_years", months=months) if release.follow_up_months == TWO_YEARS else months


def readable_dates(start: str, end: str) -> str:
    """Two days as people write them: "1 January 2012 to 31 December 2012"; the one that is there, or nothing."""
    if not (start and end):
        return readable_day(start or end)
    return say("report.page.from_to", start=readable_day(start), end=readable_day(end))


def readable_day(text: str) -> str:
    """A date as people write it: 2012-01-31 becomes "31 January 2012"."""
    if not text:
        return ""
    day = date.fromisoformat(text)
    return say("report.page.day", day=day.day, month=say(f"report.months.{day:%m}"), year=day.year)


def _who_lost(release: Release, analysis: ReleasedAnalysis) -> str:
    if not release.attrition:
        return "" if is_everyone(analysis) else tell(release, "page.narrowed")
    first, last = release.attrition[0], release.attrition[-1]
    share = percent_of_people(last.percent)
    is_estimated = analysis.status == "estimated"
    key = by_kind(release, "page.who_lost" if is_estimated else "page.who_matched")
    lost = tell(release, key, submitted=fixed(first.n), n=fixed(last.n), percent=share)
    largest = max(release.attrition[1:], key=lambda step: shown(step.lost) if is_shown(step.lost) else -1.0, default=first)
    why = ""
    if largest is not first and is_shown(largest.lost) and largest.reason != SEVERAL:
        reason = explained(release, largest.reason, "attrition.reasons")
        why = tell(release, "page.largest_loss", lost=fixed(largest.lost), reason=reason)
    narrowed = tell(release, "page.narrowed") if is_estimated else ""
    return " ".join(text for text in (lost, why, narrowed) if text)


def _per_100(release: Release) -> tuple[Block, ...]:
    table = per_100_table(release)
    return (TableBlock(table, quiet=True),) if table.rows else ()


def _impact(release: Release) -> tuple[Block, ...]:
    """The main measures of the headline analysis as estimates with their test."""
    table = impact_table(release)
    return (TableBlock(table, quiet=True),) if table.rows else ()


def _say(release: Release) -> tuple[Block, ...]:
    return (
        Bullets(can_say(release), "yes", say("report.sections.can")),
        Bullets(cannot_say(release), "no", say("report.sections.cannot")),
    )


def _survival(release: Release) -> tuple[Block, ...]:
    """The curves, shares by a given day, and the differences in words; the tables behind the words are in the annex."""
    charts = tuple(chart for analysis in release.analyses for chart in survival_chart(release, analysis))
    tables = tuple(replace(table, notes=()) for table in survival_tables(release)[1:2] if table.rows)
    marks = tuple(TableBlock(every_column(table)) for table in tables)
    notes = tuple(Text(note, "note") for note in steps_notes(release)) if charts or marks else ()
    texts = tuple(
        Text(text)
        for analysis in release.analyses
        if analysis.survival is not None
        for text in survival_sentences(release, analysis.survival)
    )
    return (*charts, *marks, *notes, *texts)


def _attrition(release: Release) -> tuple[Block, ...]:
    return attrition_chart(release) if release.attrition else ()


def _linkage(release: Release) -> tuple[Block, ...]:
    """What is known of the links in sentences, each only where its figure may be shown, and the shares by group."""
    linkage = release.linkage
    if linkage is None:
        return ()
    lost = percent(linkage.lost_to_blocking, 1) if is_shown(linkage.lost_to_blocking) else say("report.page.linkage_low")
    told = {
        "share": (linkage.linked_share, {"share": percent(linkage.linked_share)}),
        "false": (linkage.false_links, {"false": percent(linkage.false_links, 1)}),
        "missed": (linkage.missed_links, {"missed": percent(linkage.missed_links, 1), "lost": lost}),
        "waiting": (linkage.awaiting_review, {"waiting": fixed(linkage.awaiting_review)}),
    }
    texts = (_linkage_text(release, name, value, values) for name, (value, values) in told.items())
    groups = linkage_groups_table(linkage)
    return (
        Text(" ".join(text for text in texts if text)),
        *((TableBlock(groups, say("report.page.show_table")),) if groups.rows else ()),
    )


def _linkage_text(release: Release, name: str, value: Number, values: dict[str, str]) -> str:
    if is_shown(value):
        return tell(release, f"page.linkage_{name}", **values)
    if isinstance(value, Suppressed) and value.symbol in ("c", "low"):
        return tell(release, f"page.linkage_{name}_hidden")
    return ""


def _methods(release: Release) -> tuple[Block, ...]:
    settings = release.analyses[0].match_settings if release.analyses else {}
    method = settings.get("method", "radius")
    # Exact and coarsened matching have no score, and so no penalty; entropy balancing has one for trimming alone.
    scored = "penalty" in settings and (method != "entropy" or "trim" in settings or "trim_above" in settings)
    estimate = ("two_sample",) if method == "classic" else ("doubly", "intervals")
    names = ["estimand", *(["score"] if scored else []), method, *estimate, "verdict", "limits"]
    if release.kind == "run":
        names.insert(1, "reoffending")
    penalty = _setting(settings.get("penalty", ""))
    found: list[Block] = [Bullets(tuple(tell(release, by_kind(release, f"methods.{name}"), penalty=penalty) for name in names))]
    found += [_settings_text(release, analysis) for analysis in of_headline(release).analyses if analysis.match_settings]
    warnings = tuple(_warning(release, text, count) for text, count in gathered_warnings(release))
    if warnings:
        found.append(Bullets(warnings, "plain", say("report.page.warnings")))
    return tuple(found)


def _warning(release: Release, text: str, count: int) -> str:
    """A warning once; with how many analyses it is about where that is not all of them."""
    sentence, every = warning_sentence(release, text), len(release.analyses)
    if count in (0, every):
        return sentence
    return say("several.page.in_some", text=sentence, count=count, all=every)


def _settings_text(release: Release, analysis: ReleasedAnalysis) -> Text:
    settings = "; ".join(
        f"{explained(release, name, 'match_settings')} {_setting(value)}"
        for name, value in sorted(analysis.match_settings.items())
    )
    text = tell(release, "methods.settings", settings=settings)
    return Text(f"{analysis.name}: {text}" if len(release.analyses) > 1 else text, "note")


def _setting(value: str) -> str:
    """A setting's value as printed: numbers to 4 significant digits, all else as it stands."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value.replace("_", " ")


def _plan(release: Release) -> tuple[Block, ...]:
    first = (
        tell(release, by_kind(release, "page.plan"), plan=release.plan_sha256)
        if release.plan_sha256
        else say("report.page.no_plan")
    )
    if not release.deviations:
        is_planned = voice(release) == "run" and release.plan_sha256
        return (Text(first), Text(say("report.page.no_deviation"))) if is_planned else (Text(first),)
    texts = tuple(explained(release, text, "outcome_notes") for text in release.deviations)
    return (Text(first), Bullets(texts, "plain", say("report.page.deviation")))


def _disclosure(releasable: Releasable) -> tuple[Block, ...]:
    release = releasable.release
    if release.status == "own_data":
        return (Text(say("report.page.no_disclosure")),)
    used = symbols_used(annex_tables(releasable))
    symbols = tuple((f"[{name}]", text.split("] ", 1)[1]) for name, text in used.items())
    done = say("report.page.disclosure", profile=release.disclosure_profile)
    checks = say("report.page.checks", count=len(releasable.decisions))
    return Text(f"{done} {checks}"), *((Pairs(symbols),) if symbols else ())


def _needed(release: Release) -> tuple[Block, ...]:
    """The main measures of the headline analysis; the rest is in the annex."""
    table = people_needed_table(release)
    labels = {measure_title(outcome) for outcome in main_outcomes(release)}
    rows = tuple(row for row in table.rows if row[0].text == release.headline_analysis and row[1].text in labels)
    return (TableBlock(every_column(replace(table, rows=rows)), quiet=True),) if rows else ()


def _profile(release: Release) -> tuple[Block, ...]:
    table = profile_table(release)
    if not any(is_shown(line.left_out) for analysis in release.analyses for line in analysis.profile):
        return ()
    return Text(tell(release, by_kind(release, "page.profile"))), TableBlock(every_column(table), say("report.page.show_table"))
