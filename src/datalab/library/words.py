"""The words of an outcome, and a difference as people say it: "5 fewer in every 100 people"."""

from __future__ import annotations

from functools import cache

from datalab.evidence import LEAST_PEOPLE
from datalab.fields.justice.measures import BY_NAME
from datalab.report.numbers import fixed
from datalab.wording import say, words

# Of a unit: the power of ten and the decimals that its differences are told in.
_TOLD = {"share": (2, 0), "per person": (0, 2), "days": (0, 0)}


@cache
def outcome_words(outcome: str, months: int = 12) -> dict[str, str]:
    """What an outcome is called: short (its name), smaller and larger (what a programme could be associated with).

    The words are those of the reports; an outcome without words of its own is called by its label.

    >>> outcome_words("rate")["smaller"]
    'fewer people reoffending within a year'
    """
    own = {**words("report")["measures"], **words("measures")["run"]}.get(outcome, {})
    found = {**words("report")["kinds"]["number"], **own}
    label = BY_NAME[outcome].label if outcome in BY_NAME else outcome.replace("_", " ").capitalize()
    period = say(f"library.periods.{'year' if months == 12 else 'years'}", count=months // 12)
    values = {"people": say("library.people.any"), "People": say("library.people.any_first"), "period": period, "label": label}
    return {name: found[name].format(**values) for name in ("short", "smaller", "larger")}


def verdict_key(verdict: str, people: int | None) -> str:
    """The name of a verdict's words. That more people would tell is said only where few are known to have been analysed.

    >>> verdict_key("more_people", 90), verdict_key("more_people", 19_807), verdict_key("lower", None)
    ('more_people_small', 'more_people', 'lower')
    """
    few = people is not None and people < LEAST_PEOPLE
    return "more_people_small" if verdict == "more_people" and few else verdict


def amount(value: float, unit: str) -> str:
    """A difference in words: how much, and which way.

    >>> amount(-0.052, "share"), amount(0.17, "per person"), amount(-0.004, "share")
    ('5 fewer in every 100 people', '0.17 more for each person', 'less than 1 fewer in every 100 people')
    """
    shift, decimals = _TOLD.get(unit, (0, 2))
    key = f"library.amounts.{unit.replace(' ', '_') or 'other'}"
    size = fixed(abs(value), decimals, shift)
    if float(size.replace(",", "")) == 0 and value != 0:
        size = say("library.amounts.less_than", least=fixed(10.0**-decimals, decimals))
    if value == 0:
        return say("library.amounts.none")
    return say(f"{key}_{'fewer' if value < 0 else 'more'}", size=size)


def span(low: float, high: float, unit: str) -> str:
    """A range in words.

    >>> span(-0.08, -0.05, "share"), span(-0.15, 0.05, "share")
    ('between 8 and 5 fewer in every 100 people', 'between 15 fewer and 5 more in every 100 people')
    """
    shift, decimals = _TOLD.get(unit, (0, 2))
    key = f"library.amounts.{unit.replace(' ', '_') or 'other'}"
    ends = {"low": fixed(abs(low), decimals, shift), "high": fixed(abs(high), decimals, shift)}
    sides = "across" if low < 0 < high else "fewer" if high <= 0 else "more"
    return say(f"{key}_between_{sides}", **ends)
