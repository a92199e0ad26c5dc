"""The head of the page: banners, the verdict panel with its figures, and the footer."""

from __future__ import annotations

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedOutcome
from datalab.report.numbers import fixed, is_shown
from datalab.report.page import Banner, Fact, Panel
from datalab.report.sentences import (
    by_kind,
    difference_text,
    effect_decimals,
    headline,
    headline_sentence,
    headline_tag,
    is_answered,
    is_research,
    range_text,
    refusal,
    smallest_text,
    tell,
    value_text,
    vocabulary,
)
from datalab.report.styles import point_decimals, summary_style
from datalab.wording import say


def banners(release: Release) -> tuple[Banner, ...]:
    """What must be known before anything else is read: made-up people, own data, failed balance."""
    names = {
        "research": is_research(release),
        "synthetic": release.synthetic,
        "own_data": release.status == "own_data",
    }
    return tuple(
        Banner(name, say(f"report.banners.{name}_title"), tell(release, f"banners.{name}"))
        for name, holds in names.items()
        if holds
    )


def watermark(release: Release) -> str:
    """Words printed across every part of a page of unbalanced estimates; empty for any other."""
    return say("report.panel.watermark") if is_research(release) else ""


def verdict_panel(release: Release) -> Panel:
    """The verdict in one sentence with its three figures, or why there is none."""
    analysis, outcome = headline(release)
    sentence, tag = headline_sentence(release), headline_tag(release)
    if is_research(release):
        return Panel("failed", tag, sentence, "", (), "")
    if analysis is None or outcome is None or not is_answered(outcome):
        nothing = tell(release, "refused.nothing")
        return Panel("none", tag, sentence, nothing, (), "")
    tone = "unclear" if outcome.verdict == "more_people" else "clear"
    meaning = "meaning_more_people" if tone == "unclear" else f"meaning_{release.kind}"
    text = tell(release, f"panel.{meaning}")
    smallest = smallest_text(release, outcome) if tone == "unclear" else ""
    return Panel(tone, tag, sentence, f"{text} {smallest}".strip(), _facts(release, outcome), _basis(release, analysis))


def _facts(release: Release, outcome: ReleasedOutcome) -> tuple[Fact, ...]:
    effect, words = outcome.effect, vocabulary(release)
    if effect is None:
        return ()
    decimals = effect_decimals(release, outcome, effect)
    interval = range_text(release, outcome, effect, decimals)
    if not is_shown(effect.estimate):
        return (Fact(say("report.panel.likely"), interval, say("report.panel.values_hidden")),)
    places = point_decimals(effect, summary_style(release, outcome))
    difference = difference_text(release, outcome, effect.estimate, places)
    return (
        Fact(words["treated_short"], value_text(release, outcome, outcome.treated), _per_note(release, outcome)),
        Fact(words["comparison_short"], value_text(release, outcome, outcome.comparison), _per_note(release, outcome)),
        Fact(say("report.panel.difference"), difference, say("report.panel.interval_short", range=interval)),
    )


def _per_note(release: Release, outcome: ReleasedOutcome) -> str:
    if release.kind == "run" and outcome.measure == "rate":
        return tell(release, "panel.reoffended")
    return outcome.label


def _basis(release: Release, analysis: ReleasedAnalysis) -> str:
    people = analysis.people
    if not (is_shown(people.matched) and is_shown(people.comparison)):
        return ""
    return tell(release, by_kind(release, "panel.basis"), matched=fixed(people.matched), comparison_n=fixed(people.comparison))


def refusal_blocks(release: Release) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Why there is no result, and what could be tried."""
    why = refusal(release)
    catalogue = ("a", "b", "c", "d") if why == "balance_failed" else ("a", "b", "c") if why == "too_few" else ("a", "b")
    return (
        (tell(release, f"refused.{why}"),),
        tuple(tell(release, by_kind(release, f"refused.try_{why}.{name}")) for name in catalogue),
    )
