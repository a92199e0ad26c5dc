"""A feasibility study in sentences: the answer, each criterion, each expected measure, and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datalab.disclosure.results import Number, Release, ReleasedCriterion, ReleasedExpectation, ReleasedFeasibility
from datalab.errors import InternalError
from datalab.report.numbers import fixed, is_shown, shown
from datalab.report.sentences import tell, vocabulary
from datalab.wording import say, words

OPEN = ("not_met", "doubtful")


@dataclass(frozen=True)
class ShortAnswer:
    """What a feasibility study found, for a list of many. answer: can, may or cannot; sentence: all of it in words.

    people: who could be analysed; smallest: the smallest change of `outcome` that would be found (a share where `unit` is
    "share", else in that unit). None: not known, or hidden.
    """

    answer: str
    tag: str
    sentence: str
    people: int | None
    outcome: str
    unit: str
    smallest: float | None


def headline_feasibility(release: Release) -> ReleasedFeasibility:
    """The answer of the headline analysis. Raises InternalError where the release holds none."""
    for answer in release.feasibility:
        if answer.analysis == release.headline_analysis:
            return answer
    raise InternalError("The release does not hold the answer of its headline analysis.")


def tag(answer: ReleasedFeasibility) -> str:
    """Two to four words: can, may or cannot be evaluated."""
    return say(f"feasibility.answers.{answer.answer}.tag")


def answer_sentence(release: Release, answer: ReleasedFeasibility) -> str:
    """The answer with the criteria that stand in its way."""
    wanted = "not_met" if answer.answer == "cannot" else "doubtful"
    names = [say(f"feasibility.criteria.{one.name}.short") for one in answer.criteria if one.standing == wanted]
    joined = " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "is" if len(names) == 1 else "are"
    return say(f"feasibility.answers.{answer.answer}.sentence", title=vocabulary(release)["title"], names=joined, verb=verb)


def short_answer(release: Release) -> ShortAnswer:
    """The answer with how many could be analysed and the smallest change that would be found, as far as they are shown.

    Raises InternalError where the release is of no feasibility study.
    """
    found = headline_feasibility(release)
    analysis = next(one for one in release.analyses if one.name == found.analysis)
    people = analysis.people.matched if analysis.status != "too_few" else math.nan  # as the page says it
    line = next((one for one in found.expectations if one.role == "headline"), None)
    said = [answer_sentence(release, found)]
    if is_shown(people):
        said.append(say("feasibility.short.people", people=fixed(people)))
    smallest = line.smallest_effect if line is not None and is_shown(line.smallest_effect) else None
    if line is not None and smallest is not None:
        said.append(say("feasibility.short.smallest", noun=_noun(release, line), size=size_text(line, smallest)))
    return ShortAnswer(
        found.answer,
        tag(found),
        " ".join(said),
        int(shown(people)) if is_shown(people) else None,
        line.measure if line else "",
        line.unit if line else "",
        None if smallest is None else shown(smallest),
    )


def criterion_texts(criterion: ReleasedCriterion) -> tuple[str, str, str]:
    """Name, standing and meaning."""
    found = words("feasibility")["criteria"][criterion.name]
    return found["name"], say(f"feasibility.standings.{criterion.standing}"), found[criterion.standing]


def style_of(line: ReleasedExpectation) -> str:
    """Which words a measure's numbers take: binary, count, days or number."""
    return "days" if line.kind == "time" or line.unit == "days" else line.kind


def level_text(line: ReleasedExpectation) -> str:
    """What the comparison people have, with its unit; or the symbol."""
    return _text(line, line.base, "levels", 0)


def size_text(line: ReleasedExpectation, value: Number, *, short: bool = False) -> str:
    """A change with its unit (points alone where `short`); or the symbol."""
    return _text(line, value, "short_sizes" if short else "sizes", 1)


def size_sentence(answer: ReleasedFeasibility) -> str:
    """What the headline measure would find and what not, where it is planned for less; else ""."""
    for line in answer.expectations:
        known = is_shown(line.smallest_effect) and is_shown(line.stated_effect)
        if line.role == "headline" and known and shown(line.smallest_effect) > shown(line.stated_effect):
            sizes = {"smallest": size_text(line, line.smallest_effect), "stated": size_text(line, line.stated_effect)}
            return say("feasibility.page.meaning", **sizes)
    return ""


def _text(line: ReleasedExpectation, value: Number, section: str, decimals: int) -> str:
    if not is_shown(value):
        return fixed(value)
    style = style_of(line)
    places, shift = {"binary": (decimals, 2), "count": (0, 2), "days": (0, 0)}.get(style, (2, 0))
    return say(f"feasibility.{section}.{style}", value=fixed(value, places, shift))


def todo(release: Release, answer: ReleasedFeasibility) -> tuple[str, ...]:
    """What to do, in the order of the criteria, then about the size."""
    open_ones = [one.name for one in answer.criteria if one.standing in OPEN]
    told = [say(f"feasibility.todo.{name}") for name in open_ones]
    told += [text for line in answer.expectations if line.role == "headline" for text in _precision(release, line)]
    return tuple(told) if open_ones else (say("feasibility.todo.nothing"), *told)


def _precision(release: Release, line: ReleasedExpectation) -> tuple[str, ...]:
    """What the headline measure takes to find its stated change."""
    if line.status != "expected" or not is_shown(line.stated_effect):
        return ()
    values = {"stated": size_text(line, line.stated_effect), "noun": _noun(release, line)}
    if not is_shown(line.people_needed):
        return (say("feasibility.todo.precision_comparison", **values),) if line.notes else ()
    if shown(line.people_needed) == 0:
        return (say("feasibility.todo.precision_enough", **values),)
    told = say("feasibility.todo.precision", needed=fixed(line.people_needed), **values)
    share = kept_share(release)
    sent = () if math.isnan(share) else (say("feasibility.todo.precision_sent", sent=_sent(line.people_needed, share)),)
    return (told, *sent)


def _sent(needed: Number, share: float) -> str:
    return fixed(math.ceil(shown(needed) / share))


def kept_share(release: Release) -> float:
    """Share of the people sent in who could be analysed, from the attrition as shown; NaN where it is not."""
    if len(release.attrition) < 2:
        return math.nan
    first, last = shown(release.attrition[0].n), shown(release.attrition[-1].n)
    return last / first if last > 0 and first > 0 else math.nan


def _noun(release: Release, line: ReleasedExpectation) -> str:
    own = words("report")["measures"].get(line.measure)
    return tell(release, f"measures.{line.measure}.noun") if own else tell(release, f"kinds.{line.kind}.noun", label=line.label)
