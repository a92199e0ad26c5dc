"""comparison.html: two studies then and now, from frozen blocks, in the look of the report. No script, nothing to load."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datalab.comparison.change import Change, Range, find_change
from datalab.comparison.differences import SHORT_HASH, differences_table
from datalab.comparison.stored import Stored
from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome, Suppressed
from datalab.report.forest import forest_charts
from datalab.report.html import render_page
from datalab.report.numbers import interval_decimals, is_shown, shown
from datalab.report.page import Block, Bullets, Fact, Page, Panel, Section, TableBlock
from datalab.report.panels import banners
from datalab.report.result_tables import main_outcomes, measure_title
from datalab.report.sentences import (
    difference_words,
    effect_decimals,
    headline,
    is_answered,
    measure_words,
    range_text,
    range_words,
    vocabulary,
    voice,
)
from datalab.report.styles import Style, summary_style, table_style
from datalab.report.svg import quickly
from datalab.report.tables import Cell, Column, Table, interval_cell, number_cell, text_cell
from datalab.wording import say

CLAIMED = ("lower", "higher")
NONE = Suppressed("z")
NO_COMPARISON = ("unanswered", "follow_up", "unlike", "headline")


@dataclass(frozen=True)
class Pair:
    """Two stored runs with the change of every measure that both have, the headline's first where both lead with it."""

    earlier: Stored
    later: Stored
    changes: tuple[Change, ...]

    @property
    def headline(self) -> Change | None:
        """The change of the headline measure; None where the two studies lead with different ones."""
        measure = self.later.release.headline_outcome
        if measure != self.earlier.release.headline_outcome:
            return None
        return next((one for one in self.changes if one.later.measure == measure), None)

    @property
    def standing(self) -> str:
        """What may be said of the headline: `lower`, `higher`, `unclear`, or why nothing may."""
        if self.headline is not None:
            return self.headline.standing
        same = self.later.release.headline_outcome == self.earlier.release.headline_outcome
        return "unanswered" if same else "headline"


def pair_up(earlier: Stored, later: Stored) -> Pair:
    """The change of every measure that the headline analyses of both runs have, in the later one's order."""
    before = {one.measure: one for one in (earlier.analysis.outcomes if earlier.analysis else ())}
    after = later.analysis.outcomes if later.analysis else ()
    shared = [one for one in after if one.measure in before]
    shared.sort(key=lambda one: one.measure != later.release.headline_outcome)
    changes = tuple(find_change(earlier.release, later.release, before[one.measure], one) for one in shared)
    return Pair(earlier, later, changes)


def render_comparison(pair: Pair, version: str) -> str:
    """The whole page. Same runs, same text."""
    release = pair.later.release
    title = vocabulary(release)["title"]
    with quickly():
        sections = _sections(pair)
    footer = say(
        "compare.page.footer",
        version=version,
        earlier=pair.earlier.release.study_id,
        later=release.study_id,
        earlier_manifest=pair.earlier.manifest_sha256[:SHORT_HASH],
        later_manifest=pair.later.manifest_sha256[:SHORT_HASH],
    )
    return render_page(
        Page(
            title=say("compare.page.title", title=title),
            strapline=say("compare.page.strapline_evaluate" if voice(release) == "evaluate" else "compare.page.strapline"),
            heading=say("compare.page.heading", title=title),
            banners=tuple(dict.fromkeys((*banners(pair.earlier.release), *banners(release)))),
            panel=_panel(pair),
            sections=sections,
            footer=(footer, say("compare.page.files")),
            watermark="",
        )
    )


def headline_change_sentence(pair: Pair) -> str:
    """The one sentence that the page leads with."""
    release, standing = pair.later.release, pair.standing
    outcome = headline(release)[1] or headline(pair.earlier.release)[1]
    noun = measure_words(release, outcome)["noun"] if outcome is not None else release.headline_outcome
    return say(f"compare.sentence.{standing}", noun=noun)


def _panel(pair: Pair) -> Panel:
    change, standing = pair.headline, pair.standing
    sentence = headline_change_sentence(pair)
    if change is None or standing in NO_COMPARISON:
        return Panel("none", say("compare.tag.none"), sentence, say("compare.meaning.none"), _two_facts(pair), "")
    style = summary_style(pair.later.release, change.later)
    meaning = [say("compare.meaning.apart" if standing in CLAIMED else "compare.meaning.meet")]
    if standing == "unclear" and _leaves_out_zero(change.independent):
        near = _range(pair.later.release, style, change.independent)
        meaning.append(say("compare.meaning.near", range=near))
    widest = _range(pair.later.release, style, change.widest)
    third = Fact(say("compare.page.change"), widest, say("compare.page.any_overlap"))
    tone = "clear" if standing in CLAIMED else "unclear"
    return Panel(tone, say(f"compare.tag.{standing}"), sentence, " ".join(meaning), (*_two_facts(pair), third), "")


def _two_facts(pair: Pair) -> tuple[Fact, ...]:
    """The headline's difference in each study, with its range."""
    return tuple(_fact(name, stored) for name, stored in (("earlier", pair.earlier), ("later", pair.later)))


def _fact(name: str, stored: Stored) -> Fact:
    release = stored.release
    found = headline(release)[1]
    label = say(f"compare.names.{name}")
    if found is None or found.effect is None or not is_answered(found):
        return Fact(label, say("compare.page.not_estimated"))
    style, decimals = summary_style(release, found), effect_decimals(release, found, found.effect)
    span = range_text(release, found, found.effect, decimals)
    if not is_shown(found.effect.estimate):
        return Fact(label, span)
    value = difference_words(release, style, found.effect.estimate, style.decimals)
    return Fact(label, value, say("compare.page.range", range=span))


def _leaves_out_zero(ends: Range) -> bool:
    return shown(ends[0]) > 0 or shown(ends[1]) < 0


def _range(release: Release, style: Style, ends: Range) -> str:
    """A range of a change in words."""
    low, high = ends
    effect = replace(_NO_EFFECT, low=low, high=high)
    return range_words(release, style, effect, interval_decimals(effect.low, effect.high, style.decimals, style.shift))


_NAN = float("nan")
_NO_EFFECT = ReleasedEffect("difference", _NAN, _NAN, _NAN, _NAN, _NAN, _NAN, "", "", _NAN, _NAN, _NAN)


def _sections(pair: Pair) -> tuple[Section, ...]:
    together = both_together(pair)
    main = {one.measure for one in main_outcomes(together)}
    shown = tuple(one for one in pair.changes if one.later.measure in main and one.standing != "unanswered")
    blocks: tuple[tuple[str, tuple[Block, ...]], ...] = (
        ("then_now", (TableBlock(changes_table(pair, shown, "then_now"), quiet=True),) if shown else ()),
        ("say", _say(pair)),
        ("changed", (TableBlock(differences_table(pair.earlier, pair.later), quiet=True),)),
        ("charts", forest_charts(together, "compare.charts") if shown else ()),
        ("assumed", (Bullets(tuple(say(f"compare.assumed.{name}") for name in _assumed(pair))),)),
        ("every", (TableBlock(changes_table(pair, pair.changes, "every"), say("report.page.show_table")),)),
    )
    return tuple(Section(name.replace("_", "-"), say(f"compare.sections.{name}"), found) for name, found in blocks if found)


def _assumed(pair: Pair) -> tuple[str, ...]:
    compared = any(one.standing in (*CLAIMED, "unclear") for one in pair.changes)
    return ("stored", "overlap", "independent", "many", "comparison") if compared else ("stored", "comparison")


def both_together(pair: Pair) -> Release:
    """A release whose two analyses are the headline analyses of the two studies, for charts that show both."""
    parts = (("earlier", pair.earlier), ("later", pair.later))
    analyses: tuple[ReleasedAnalysis, ...] = tuple(
        replace(stored.analysis, name=say(f"compare.names.{name}")) for name, stored in parts if stored.analysis is not None
    )
    return replace(pair.later.release, analyses=analyses, headline_analysis=say("compare.names.later"))


def _say(pair: Pair) -> tuple[Block, ...]:
    standing, change = pair.standing, pair.headline
    title_can, title_cannot = say("report.sections.can"), say("report.sections.cannot")
    if change is None or change.earlier.effect is None or change.later.effect is None or standing in NO_COMPARISON:
        can: tuple[str, ...] = (say("compare.can.none"),)
        cannot: tuple[str, ...] = (say("compare.cannot.none"),)
    else:
        sides = (("earlier", pair.earlier.release, change.earlier), ("later", pair.later.release, change.later))
        can = tuple(_can(*side) for side in sides)
        can += (say("compare.can.changed" if standing in CLAIMED else "compare.can.unclear"),)
        left_out = "same" if standing in CLAIMED else ""
        cannot = tuple(say(f"compare.cannot.{name}") for name in ("cause", "same", "newer", "pooled") if name != left_out)
    return Bullets(can, "yes", title_can), Bullets(cannot, "no", title_cannot)


def _can(name: str, release: Release, outcome: ReleasedOutcome) -> str:
    if outcome.effect is None:
        return ""
    span = range_text(release, outcome, outcome.effect, effect_decimals(release, outcome, outcome.effect))
    return say(f"compare.can.{name}", range=span)


def changes_table(pair: Pair, changes: tuple[Change, ...], name: str) -> Table:
    """A line a measure: both intervals, the change, its two ranges, and whether a change can be told."""
    specification = (
        "measure:text unit:text earlier:interval later:interval change widest:interval independent:interval standing:text"
    )
    heads = tuple(_column(part) for part in specification.split())
    rows = tuple(_row(change) for change in changes)
    return Table(name, say(f"compare.tables.{name}"), heads, rows)


def _column(part: str) -> Column:
    name, _, kind = part.partition(":")
    return Column(say(f"compare.columns.{name}"), kind or "number", name)  # type: ignore[arg-type]


def _row(change: Change) -> tuple[Cell, ...]:
    style = table_style(change.later)
    unit = say("report.units.binary_difference") if style.words == "binary" else style.unit
    effects = (change.earlier.effect, change.later.effect)
    ranges = [(one.low, one.high) if one is not None else (NONE, NONE) for one in effects]
    cells = [_ends(style, *ends) for ends in (*ranges, change.widest, change.independent)]
    return (
        text_cell(measure_title(change.later)),
        text_cell(unit),
        *cells[:2],
        number_cell(change.change, style.decimals, style.shift),
        *cells[2:],
        text_cell(say(f"compare.standing.{change.standing}")),
    )


def _ends(style: Style, low: Number, high: Number) -> Cell:
    return interval_cell(low, high, interval_decimals(low, high, style.decimals, style.shift), style.shift)
