"""The head of the page: banners, the verdict panel with its figures, and the footer."""

from __future__ import annotations

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedOutcome, Suppressed
from datalab.report.numbers import fixed, is_shown, shown
from datalab.report.page import Banner, Bullets, Fact, Panel
from datalab.report.sentences import (
    by_kind,
    difference_text,
    effect_decimals,
    explained,
    headline,
    headline_sentence,
    headline_tag,
    is_answered,
    is_research,
    range_text,
    refusal,
    smallest_text,
    stated_size,
    tell,
    value_text,
    vocabulary,
)
from datalab.report.styles import point_decimals, summary_style
from datalab.wording import say, words


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
    if analysis is None or outcome is None or is_research(release) or not is_answered(outcome):
        return _refused_panel(release, tag, sentence)
    tone = "unclear" if outcome.verdict == "more_people" else "clear"
    meaning = "meaning_more_people" if tone == "unclear" else f"meaning_{release.kind}"
    text = tell(release, f"panel.{meaning}")
    smallest = smallest_text(release, outcome) if tone == "unclear" else ""
    steps = _more_people(release, outcome) if tone == "unclear" else None
    facts = _facts(release, outcome)
    return Panel(tone, tag, sentence, f"{text} {smallest}".strip(), facts, _basis(release, analysis), steps=steps)


def _refused_panel(release: Release, tag: str, sentence: str) -> Panel:
    """What happened, why, and what can be tried, where the headline has no result."""
    hints = Bullets(refusal_hints(release), title=say("report.sections.try"))
    if is_research(release):
        return Panel("failed", tag, sentence, "", (), "", steps=hints)
    return Panel("none", tag, sentence, tell(release, "refused.nothing"), (), "", refusal_reason(release), hints)


def refusal_reason(release: Release) -> str:
    """Why there is no result, in a sentence or two with what may be told of this very study."""
    analysis, outcome = headline(release)
    why = refusal(release)
    if why == "balance_failed":
        worst = analysis.balance.worst[:3] if analysis is not None and analysis.balance is not None else ()
        return tell(release, "refused.why_not_alike" if worst else "refused.why_alike", names="; ".join(worst))
    if why == "too_few":
        matched = analysis.people.matched if analysis is not None else Suppressed()
        return (
            tell(release, "refused.why_too_few", count=int(shown(matched)))
            if is_shown(matched)
            else tell(release, "refused.why_few")
        )
    reason = outcome.reason if outcome is not None else analysis.reason if analysis is not None else ""
    return explained(release, reason, "withheld") if reason else tell(release, "refused.withheld")


def _more_people(release: Release, outcome: ReleasedOutcome) -> Bullets:
    """What would make an uncertain result a clear one."""
    count, stated = outcome.people_needed, stated_size(release, outcome)
    if not isinstance(count, Suppressed) and count == float("inf"):
        first = tell(release, "next.comparison")
    elif is_shown(count) and shown(count) > 0 and stated:
        first = tell(release, "next.people", number=fixed(count), size=stated)
    else:
        first = tell(release, "next.some_people")
    again = (tell(release, by_kind(release, "next.again")),)
    return Bullets((first, *again), title=say("report.sections.next"))


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


def refusal_hints(release: Release) -> tuple[str, ...]:
    """What could be tried where there is no result."""
    why = refusal(release)
    catalogue = ("a", "b", "c", "d") if why == "balance_failed" else ("a", "b", "c") if why == "too_few" else ("a", "b")
    analysis, _ = headline(release)
    method = analysis.match_settings.get("method", "") if analysis is not None else ""
    own = {name: f"{name}_{method}" for name in catalogue if f"{name}_{method}" in words("report")["refused"][f"try_{why}"]}
    return tuple(tell(release, by_kind(release, f"refused.try_{why}.{own.get(name, name)}")) for name in catalogue)
