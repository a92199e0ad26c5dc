"""A plan in words and as two small tables; every sentence comes from `wording/en/planning.toml`."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datalab.planning.power import Plan, Reach
from datalab.planning.settings import ASKED_MINIMUM, RESULT_MINIMUM
from datalab.wording import say


@dataclass(frozen=True)
class TextTable:
    """A title, headings and rows of text, all of one length."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def people(number: float) -> str:
    """A number of people, to the nearest whole one.

    >>> people(1234.5), people(math.inf)
    ('1,235', 'not possible')
    """
    return f"{math.floor(number + 0.5):,}" if math.isfinite(number) else say("planning.table.not_possible")


def enough(number: float) -> str:
    """People that are needed: rounded up.

    >>> enough(907.1), enough(math.inf)
    ('908', 'not possible')
    """
    return f"{math.ceil(number):,}" if math.isfinite(number) else say("planning.table.not_possible")


def percent(share: float) -> str:
    """A share as a percentage, with a decimal where it needs one.

    >>> percent(0.311), percent(0.5)
    ('31.1%', '50%')
    """
    return f"{round(100 * share, 1):g}%"


def size_text(plan: Plan, value: float, *, short: bool = False) -> str:
    """A change with its unit, such as "5.1 percentage points", or "5.1 points" where `short`."""
    if not math.isfinite(value):
        return say("planning.sizes.none")
    kind = plan.settings.typical.kind
    number = f"{100 * value:.1f}" if kind == "binary" else f"{value:.0f}" if kind == "days" and value >= 10 else f"{value:.2g}"
    name = f"{kind}_short" if short and kind == "binary" else kind
    return say(f"planning.sizes.{name}", value=number, per_100=f"{100 * value:.0f}")


def answer(plan: Plan) -> tuple[str, ...]:
    """The answer in sentences: who would be analysed, what could be found, who is needed, and what to beware of."""
    asked, reach = plan.settings, plan.reach
    told = [_analysed(plan)]
    if plan.in_denominator < 1:
        told.append(say("planning.answer.in_denominator", counted=people(reach.analysed * plan.in_denominator)))
    noun, power = say(f"planning.nouns.{asked.outcome}"), round(100 * asked.power)
    told.append(say("planning.answer.smallest", noun=noun, power=power, size=size_text(plan, reach.smallest)))
    if reach.smallest_low != reach.smallest_high:
        ends = {"high_size": size_text(plan, reach.smallest_high), "low_size": size_text(plan, reach.smallest_low)}
        told.append(say("planning.answer.smallest_range", **ends))
    return (*told, *_needed(plan), *_cautions(plan))


def _analysed(plan: Plan) -> str:
    asked, reach = plan.settings, plan.reach
    values = {"participants": people(asked.participants), "analysed": people(reach.analysed), "cases": plan.cases.cases}
    if asked.kept is not None:
        return say("planning.answer.analysed_given", **values, kept=percent(asked.kept))
    if asked.attrition in (None, "typical"):
        ends = {"low": people(reach.analysed_low), "high": people(reach.analysed_high)}
        return say("planning.answer.analysed", **values, **ends)
    named = say(f"planning.named.{asked.attrition}")
    return say("planning.answer.analysed_named", **values, kept=percent(plan.kept.typical), named=named)


def _needed(plan: Plan) -> list[str]:
    if plan.need is None:
        return []
    size = size_text(plan, plan.need.effect)
    if math.isinf(plan.need.analysed):
        return [say("planning.answer.needed_none", size=size)]
    numbers = {"analysed": enough(plan.need.analysed), "participants": enough(plan.need.participants)}
    told = [say("planning.answer.needed", size=size, **numbers)]
    if plan.need.is_least:
        told.append(say("planning.answer.needed_least", result=RESULT_MINIMUM, asked=ASKED_MINIMUM))
    return told


def _cautions(plan: Plan) -> list[str]:
    asked, reach = plan.settings, plan.reach
    participants = people(asked.participants)
    told = {
        "beyond": asked.typical.kind == "binary" and reach.smallest > asked.share,
        "few_sent": asked.participants < ASKED_MINIMUM,
        "few_analysed": reach.analysed < RESULT_MINIMUM,
        "unclear": plan.need is not None and reach.smallest > plan.need.effect,
    }
    minimum = {"few_sent": ASKED_MINIMUM, "few_analysed": RESULT_MINIMUM}
    return [
        say(f"planning.answer.{name}", participants=participants, minimum=minimum.get(name, 0))
        for name, holds in told.items()
        if holds
    ]


def assumptions(plan: Plan) -> tuple[str, ...]:
    """What the answer rests on, each with where it comes from."""
    asked = plan.settings
    told = []
    if asked.typical.kind != "number":
        key = "base_published" if asked.base_rate is None else "base_given"
        told.append(say(f"planning.assumptions.{key}", base=percent(asked.share)))
    if asked.typical.kind != "binary":
        key = "spread_model" if asked.spread is None else "spread_given"
        deviation = math.sqrt(plan.spread / (1 - asked.explained))
        told.append(say(f"planning.assumptions.{key}", spread=f"{deviation:.2g}" if deviation < 100 else f"{deviation:.0f}"))
    return (
        *told,
        say("planning.assumptions.model", share=percent(asked.explained)),
        say("planning.assumptions.comparison", worth=people(asked.worth)),
        say("planning.assumptions.attrition", cases=plan.cases.cases),
        say("planning.assumptions.test"),
    )


def reach_table(plan: Plan) -> TextTable:
    """What each number of people sent in could find."""
    names = ("participants", "analysed", "analysed_range", "smallest")
    rows = tuple(_reach_row(plan, reach) for reach in plan.by_participants)
    return _table("by_participants", names, rows)


def _reach_row(plan: Plan, reach: Reach) -> tuple[str, ...]:
    low, high = people(reach.analysed_low), people(reach.analysed_high)
    middle = low if low == high else f"{low}–{high}"
    return people(reach.participants), people(reach.analysed), middle, size_text(plan, reach.smallest)


def need_table(plan: Plan) -> TextTable:
    """People that each change takes."""
    rows = tuple((size_text(plan, need.effect), enough(need.analysed), enough(need.participants)) for need in plan.by_effect)
    return _table("by_effect", ("effect", "needed", "sent"), rows)


def _table(title: str, names: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> TextTable:
    return TextTable(say(f"planning.table.{title}"), tuple(say(f"planning.table.{name}") for name in names), rows)


def table_text(table: TextTable) -> str:
    """The table as plain text, columns aligned."""
    lines = (table.headings, *table.rows)
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.headings))]
    aligned = ("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    return "\n".join((table.title, *aligned))
