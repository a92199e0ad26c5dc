"""Turns a release into the sentences of its report: verdicts, what can be said, the sentence to quote.

Every sentence comes from `wording/en/report.toml`. A verdict speaks of association and of what could be, never of more.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from datalab.disclosure.results import Number, Release, ReleasedAnalysis, ReleasedEffect, ReleasedOutcome
from datalab.fields.justice.covariates import BY_NAME as COVARIATES
from datalab.report.cohort_words import cohort_words
from datalab.report.numbers import fixed, interval_decimals, is_shown, percent, rounded, shown
from datalab.report.styles import Style, point_decimals, summary_style
from datalab.wording import say, words

CLEAR = ("lower", "higher")
VERDICTS = ("lower", "higher", "more_people")
P_LINE = 0.05


def voice(release: Release) -> str:
    """Which words a release is told in: those of a study of a programme (a feasibility study too), or of an evaluation."""
    return "evaluate" if release.kind == "evaluate" else "run"


def vocabulary(release: Release) -> dict[str, str]:
    """The words that follow the kind of release: programme and people for a run, treatment and cases for evaluate."""
    people = cohort_words(release) if voice(release) == "run" else {}
    values = {"title": release.title or release.study_id, "months": release.follow_up_months, **people}
    found = {name: text.format(**values) for name, text in words("report")["words"][voice(release)].items()}
    return {"title": str(values["title"]), **people, **found}


def measure_words(release: Release, outcome: ReleasedOutcome) -> dict[str, str]:
    """The words of one measure: its own where it has them, else those of its kind, filled with the vocabulary."""
    catalogue = words("report")
    further = words("measures")["run"]
    own = {**catalogue["measures"], **further}.get(outcome.measure, {}) if voice(release) == "run" else {}
    texts: dict[str, str] = {**catalogue["kinds"][outcome.kind], **own}
    values = {**vocabulary(release), "label": outcome.label}
    return {name: text.format(**values) for name, text in texts.items()}


def tell(release: Release, key: str, /, **values: object) -> str:
    """`say("report." + key)` with the vocabulary of the release already filled in."""
    return say(f"report.{key}", **{**vocabulary(release), **values})


def by_kind(release: Release, key: str) -> str:
    """`key`, or its `_evaluate` form where the release is an evaluation and the wording has one."""
    *path, name = key.split(".")
    node: Any = words("report")
    for step in path:
        node = node[step]
    return f"{key}_evaluate" if release.kind == "evaluate" and f"{name}_evaluate" in node else key


def explained(release: Release, text: str, section: str) -> str:
    """A reason, step or note as a sentence: a name in `section` of the wording, a full key of another part's wording, or
    the text itself (names without a sentence are spelled out: `few_events` becomes "Few events")."""
    node: Any = words("report")
    for step in section.split("."):
        node = node[step]
    name = text.rsplit(".", maxsplit=1)[-1]
    if name in node:
        return tell(release, by_kind(release, f"{section}.{name}"))
    if re.fullmatch(r"[a-z_]+(\.[a-z0-9_]+){2,}", text):
        return say(text)
    if re.fullmatch(r"[a-z0-9_]+", text):
        return text.replace("_", " ").capitalize()
    return text


def warning_sentence(release: Release, text: str) -> str:
    """A warning as a sentence, with the names of the field's own covariates replaced by their labels."""
    told = explained(release, text, "outcome_notes")
    known = COVARIATES if voice(release) == "run" else {}
    return re.sub(r"\b[a-z]+(?:_[a-z0-9]+)+\b", lambda name: known[name[0]].label if name[0] in known else name[0], told)


def is_research(release: Release) -> bool:
    """True where the estimates of an unbalanced match are printed all the same: a page that must carry the watermark."""
    unbalanced = [one for one in release.analyses if one.name == release.headline_analysis or one.status == "balance_failed"]
    printed = any(outcome.effect is not None for analysis in unbalanced for outcome in analysis.outcomes)
    return release.status == "balance_failed" and printed


def headline(release: Release) -> tuple[ReleasedAnalysis | None, ReleasedOutcome | None]:
    """The headline analysis and its headline outcome; None for what the release does not hold."""
    for analysis in release.analyses:
        if analysis.name == release.headline_analysis:
            for outcome in analysis.outcomes:
                if outcome.measure == release.headline_outcome:
                    return analysis, outcome
            return analysis, None
    return None, None


def is_answered(outcome: ReleasedOutcome | None) -> bool:
    """True where the outcome has a verdict that may be spoken."""
    return outcome is not None and outcome.verdict in VERDICTS and outcome.effect is not None


def is_everyone(analysis: ReleasedAnalysis) -> bool:
    """True where every treated person is known to be analysed."""
    people = analysis.people
    return is_shown(people.treated) and people.treated == people.matched


def difference_text(release: Release, outcome: ReleasedOutcome, value: Number, decimals: int, words_of: str = "") -> str:
    """A difference in words, such as "4 percentage points lower"; its symbol where it is not shown.

    words_of: a section of `differences` in the wording to take the words from, in place of the measure's own.
    """
    return difference_words(release, _worded(summary_style(release, outcome), words_of), value, decimals)


def difference_words(release: Release, style: Style, value: Number, decimals: int) -> str:
    """As `difference_text`, for a number printed in this style."""
    if not is_shown(value):
        return fixed(value)
    size = rounded(shown(value), decimals, style.shift)
    if size == 0:
        return say("report.range.none")
    text = _size(value, style, decimals)
    name, way = ("size_fewer", "down") if size < 0 else ("size_more", "up")
    return say(f"report.range.{name}", size=text, **_ways(release, style.words, {way: text}))


def range_text(release: Release, outcome: ReleasedOutcome, effect: ReleasedEffect, decimals: int, words_of: str = "") -> str:
    """A 95 % interval in words, such as "between 1 and 7 percentage points lower"."""
    return range_words(release, _worded(summary_style(release, outcome), words_of), effect, decimals)


def range_words(release: Release, style: Style, effect: ReleasedEffect, decimals: int) -> str:
    """As `range_text`, for an effect printed in this style."""
    if not (is_shown(effect.low) and is_shown(effect.high)):
        return fixed(effect.low)
    low, high = (rounded(shown(value), decimals, style.shift) for value in (effect.low, effect.high))
    left, right = (_size(value, style, decimals) for value in (effect.low, effect.high))
    if high < 0:
        name, near, far = ("same_fewer" if low == high else "fewer"), right, left
    elif low > 0:
        name, near, far = ("same_more" if low == high else "more"), left, right
    else:
        name, near, far = _straddling(float(low), float(high)), left, right
    ways = {"down": far if high < 0 else left, "up": far if low > 0 else right}
    return say(f"report.range.{name}", near=near, far=far, left=left, right=right, **_ways(release, style.words, ways))


def _worded(style: Style, words_of: str) -> Style:
    return replace(style, words=words_of or style.words)


def effect_decimals(release: Release, outcome: ReleasedOutcome, effect: ReleasedEffect) -> int:
    """Decimals for a printed effect that never contradict its verdict."""
    style = summary_style(release, outcome)
    return interval_decimals(effect.low, effect.high, style.decimals, style.shift)


def _straddling(low: float, high: float) -> str:
    if low == 0 and high == 0:
        return "none"
    return "none_to_more" if low == 0 else "fewer_to_none" if high == 0 else "both"


def _size(value: Number, style: Style, decimals: int) -> str:
    return fixed(abs(shown(value)), decimals, style.shift)


def _ways(release: Release, words_of: str, sizes: dict[str, str]) -> dict[str, str]:
    """The words after each size, singular where the size is printed as 1."""
    return {way: tell(release, f"differences.{words_of}.{way}", count=size) for way, size in sizes.items()}


def verdict_sentence(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> str:
    """The verdict on one measure in one sentence; for a secondary verdict that could be chance, a second one says so."""
    phrase = measure_words(release, outcome)
    if not is_answered(outcome):
        reason = explained(release, outcome.reason or analysis.reason, "withheld")
        return tell(release, "verdict.withheld", noun=phrase["noun"], reason=reason)
    clause = phrase.get(outcome.verdict, "")
    sentence = tell(release, f"verdict.{outcome.verdict}", noun=phrase["noun"], clause=clause)
    return f"{sentence} {tell(release, 'verdict.chance', count=further_tests(release))}" if could_be_chance(outcome) else sentence


def could_be_chance(outcome: ReleasedOutcome) -> bool:
    """True for a secondary lower or higher verdict whose Holm-adjusted p exceeds 5 %, whether or not that p is shown."""
    if outcome.role != "secondary" or outcome.verdict not in CLEAR or outcome.effect is None:
        return False
    return shown(outcome.effect.p_holm) > P_LINE or any(note.endswith("could_be_chance") for note in outcome.notes)


def further_tests(release: Release) -> int:
    """Number of non-headline tests of the study: the family that the adjusted p allows for."""
    return release.secondary_tests


def headline_sentence(release: Release) -> str:
    """The one sentence that the report leads with."""
    analysis, outcome = headline(release)
    if is_research(release):
        return tell(release, "verdict.research")
    if analysis is None or outcome is None or not is_answered(outcome):
        return tell(release, f"refused.panel_{refusal(release)}")
    return verdict_sentence(release, analysis, outcome)


def refusal(release: Release) -> str:
    """Why the headline has no answer: `balance_failed`, `too_few` or `withheld`."""
    analysis, _ = headline(release)
    return analysis.status if analysis is not None and analysis.status in ("balance_failed", "too_few") else "withheld"


def headline_tag(release: Release) -> str:
    """Two to four words above the headline sentence."""
    _, outcome = headline(release)
    if is_research(release):
        return say("report.panel.watermark")
    if outcome is None or not is_answered(outcome):
        return say("report.tags.withheld")
    own = words("report")["tags"].get(outcome.measure, {}) if release.kind == "run" else {}
    key = f"{outcome.measure}.{outcome.verdict}" if outcome.verdict in own else outcome.verdict
    return tell(release, f"tags.{key}")


def can_say(release: Release) -> tuple[str, ...]:
    """What the headline result lets anybody say."""
    analysis, outcome = headline(release)
    if analysis is None or outcome is None or outcome.effect is None or not _is_evidence(release, outcome):
        return (tell(release, "can.none_can"),)
    values = _values(release, analysis, outcome, outcome.effect)
    first = tell(release, f"can.{outcome.verdict}", **values)
    numbers = "can.more_people_direction" if outcome.verdict == "more_people" else "can.numbers"
    best = (tell(release, numbers, **values),) if is_shown(outcome.effect.estimate) else ()
    smallest = smallest_text(release, outcome) if outcome.verdict == "more_people" else ""
    return (first, *best, *((smallest,) if smallest else ()), tell(release, "can.who", **values))


def cannot_say(release: Release) -> tuple[str, ...]:
    """What the headline result does not let anybody say."""
    analysis, outcome = headline(release)
    if analysis is None or outcome is None or outcome.effect is None or not _is_evidence(release, outcome):
        return (tell(release, "cannot.none"),)
    values = _values(release, analysis, outcome, outcome.effect)
    names = (
        ["more_people_none", "more_people_lower"]
        if outcome.verdict == "more_people"
        else ["cause", *(["exactly"] if is_shown(outcome.effect.estimate) else []), f"{_way(outcome)}_fails"]
    )
    all_here = release.kind == "evaluate" and is_everyone(analysis)
    names += ["others"] if all_here else ["others", "left_out"]
    return tuple(tell(release, f"cannot.{name}", **values) for name in names)


def safe_quote(release: Release) -> str:
    """One sentence with the absolute and the relative change and the interval, which is safe to quote by itself."""
    analysis, outcome = headline(release)
    if analysis is None or outcome is None or outcome.effect is None or not _is_evidence(release, outcome):
        return tell(release, "quote.none")
    values = _values(release, analysis, outcome, outcome.effect)
    unclear = outcome.verdict == "more_people"
    ending = tell(release, "quote.unclear" if unclear else "quote.clear")
    ending = f"{ending} {smallest_text(release, outcome) if unclear else ''}".strip()
    whole = all(is_shown(value) for value in (outcome.treated, outcome.comparison, outcome.effect.estimate))
    key = by_kind(release, "quote.estimate") if whole else by_kind(release, "quote.bare")
    return tell(release, key, **values, relative=_relative(release, outcome, outcome.effect), ending=ending)


def value_text(release: Release, outcome: ReleasedOutcome, value: Number) -> str:
    """The value of one group in a sentence: "27%", "93 per 100 people", "142 days"."""
    style = summary_style(release, outcome)
    text = style.text(value)
    return tell(release, "quote.per_100", value=text) if style.words == "count" and is_shown(value) else text


def smallest_text(release: Release, outcome: ReleasedOutcome) -> str:
    """The smallest difference that this study could have detected, as a sentence; empty where it is not shown."""
    size = smallest_size(release, outcome)
    return tell(release, "verdict.smallest", size=size) if size else ""


def smallest_size(release: Release, outcome: ReleasedOutcome) -> str:
    """The smallest difference that this study could have detected, with its unit; empty where it is not shown."""
    return _size_with_unit(release, outcome, outcome.smallest_effect)


def stated_size(release: Release, outcome: ReleasedOutcome) -> str:
    """The difference that the people needed were worked out for, with its unit; empty where it is not shown."""
    return _size_with_unit(release, outcome, outcome.stated_effect)


def _size_with_unit(release: Release, outcome: ReleasedOutcome, value: Number) -> str:
    if not is_shown(value):
        return ""
    style = summary_style(release, outcome)
    size = fixed(value, interval_decimals(value, value, style.decimals, style.shift), style.shift)
    return f"{size} {tell(release, f'sizes.{style.words}', count=size)}".strip()


def _is_evidence(release: Release, outcome: ReleasedOutcome) -> bool:
    return is_answered(outcome) and not is_research(release)


def _way(outcome: ReleasedOutcome) -> str:
    """Whether the verdict is good news ("good"), bad ("bad") or neither."""
    if outcome.favourable == "neutral":
        return "neutral"
    return "good" if outcome.favourable == outcome.verdict else "bad"


def _values(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome, effect: ReleasedEffect) -> dict[str, str]:
    decimals = effect_decimals(release, outcome, effect)
    return {
        **measure_words(release, outcome),
        "n": fixed(outcome.n_treated),
        "matched": fixed(analysis.people.matched),
        "treated_value": value_text(release, outcome, outcome.treated),
        "comparison_value": value_text(release, outcome, outcome.comparison),
        "difference": difference_text(release, outcome, effect.estimate, point_decimals(effect, summary_style(release, outcome))),
        "range": range_text(release, outcome, effect, decimals),
    }


def _relative(release: Release, outcome: ReleasedOutcome, effect: ReleasedEffect) -> str:
    if shown(outcome.comparison) <= 0:
        return ""
    change = shown(effect.estimate) / shown(outcome.comparison)
    style = summary_style(release, outcome)
    if rounded(change, 0, 2) == 0 or rounded(shown(effect.estimate), point_decimals(effect, style), style.shift) == 0:
        return ""  # beside "no difference" a relative one would say the opposite
    return tell(release, "quote.relative_lower" if change < 0 else "quote.relative_higher", percent=percent(abs(change)))
