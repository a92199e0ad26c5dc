"""`power`: the answer to an enquiry, before any personal data moves; a frozen object with words, frame, picture and page."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datalab
from datalab.constraints import plain, refusal, unknown
from datalab.errors import UsageError
from datalab.planning import Plan, PowerSettings, make_plan
from datalab.planning.power import Need, Reach
from datalab.planning.sentences import answer, assumptions, need_table, reach_table, table_text
from datalab.planning.settings import RULES
from datalab.store import write_new
from datalab.wording import say

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG; shows itself in a notebook."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg


@dataclass(frozen=True)
class Power:
    """What a programme of some size could find (`plan` holds every number); made by `power`. A notebook shows it with its curve.

    `summary()`: text. `to_frame()`: a row a size of programme. `plot()`: the curve. `to_html()`, `write_page`, `write_chart`.

    >>> found = power(120, base_rate=0.31)
    >>> found.people_needed > found.analysed, found.to_frame().columns[0]
    (True, 'participants')
    """

    plan: Plan

    @property
    def analysed(self) -> float:
        """People likely to be analysed (not rounded)."""
        return self.plan.reach.analysed

    @property
    def smallest_effect(self) -> float:
        """The smallest effect found with the stated power (absolute, in the outcome's unit; a rate: 0.05 is 5 points)."""
        return self.plan.reach.smallest

    @property
    def people_needed(self) -> float | None:
        """People to be analysed for the stated effect (whole; infinite: no number is enough), None where none is stated."""
        if self.plan.need is None:
            return None
        return float(math.ceil(self.plan.need.analysed)) if math.isfinite(self.plan.need.analysed) else math.inf

    def summary(self) -> str:
        """The answer as plain text: sentences, two tables, and what it rests on."""
        tables = (table_text(table(self.plan)) for table in (reach_table, need_table))
        rests = (say("planning.assumptions.title"), *(f"- {text}" for text in assumptions(self.plan)))
        return "\n".join((*answer(self.plan), "", *(f"{table}\n" for table in tables), *rests))

    def to_frame(self) -> pd.DataFrame:
        """One row a number of people sent in: analysed and smallest effect, with the ends of their ranges."""
        import pandas as pd  # noqa: PLC0415 (an answer in words needs none)

        return pd.DataFrame([dataclasses.asdict(reach) for reach in self.plan.by_participants])

    def to_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        plan = self.plan
        given = dataclasses.asdict(plan.settings)
        used = {"base_rate": plan.settings.share, "r_squared": plan.settings.explained, "effective": plan.settings.worth}
        return {
            "format": FORMAT,
            "kind": "power",
            "settings": {**given, **used, "effect": plan.settings.stated},
            "kept": {"low": plan.kept.low, "typical": plan.kept.typical, "high": plan.kept.high, "cases": plan.cases.cases},
            "spread": plan.spread,
            "comparison_variance": plan.v0,
            "reach": _plain_reach(plan.reach),
            "need": None if plan.need is None else _plain_need(plan.need),
            "by_participants": [_plain_reach(reach) for reach in plan.by_participants],
            "by_effect": [_plain_need(need) for need in plan.by_effect],
            "answer": list(answer(plan)),
            "assumptions": list(assumptions(plan)),
        }

    def plot(self) -> Picture:
        """The curve of the smallest effect by people sent in, with the size asked about marked."""
        from datalab.report.power_page import power_picture  # noqa: PLC0415 (drawing is heavy)

        return Picture(power_picture(self.plan))

    def to_html(self) -> str:
        """The answer as one self-contained page."""
        from datalab.report.power_page import render_power  # noqa: PLC0415 (drawing is heavy)

        return render_power(self.plan, version=datalab.__version__)

    def _repr_html_(self) -> str:
        lines = "".join(f"<p>{escape(line)}</p>" for line in answer(self.plan))
        table = self.to_frame().to_html(index=False, border=0, float_format=lambda value: f"{value:.4g}")
        return f"{lines}{self.plot().svg}{table}"

    def write_chart(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Writes the picture as SVG or PNG, by the file's ending. Raises UsageError for another, or a file in the way."""
        target = Path(path)
        require_chart(target)
        write_new(target, self._chart_bytes(target), overwrite=overwrite)

    def _chart_bytes(self, path: Path) -> bytes:
        from datalab.report.svg import png_bytes  # noqa: PLC0415 (drawing is heavy)

        svg = self.plot().svg
        return svg.encode() if path.suffix.lower() == ".svg" else png_bytes(svg)

    def write_page(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Writes the page, .html. Raises UsageError for another ending, or where a file is in the way."""
        if Path(path).suffix.lower() not in (".html", ".htm"):
            raise UsageError(say("planning.refusals.page_kind", path=path))
        write_new(Path(path), self.to_html().encode(), overwrite=overwrite)


def require_chart(path: Path) -> None:
    """Refuses a chart that is neither SVG nor PNG (UsageError)."""
    if path.suffix.lower() not in (".svg", ".png"):
        raise UsageError(say("planning.refusals.chart_kind", path=path))


def _plain_reach(reach: Reach) -> dict[str, Any]:
    return {name: value if math.isfinite(value) else None for name, value in dataclasses.asdict(reach).items()}


def _plain_need(need: Need) -> dict[str, Any]:
    """People rounded up; `possible` false and no numbers where no number of people is enough."""
    possible = math.isfinite(need.analysed)
    analysed, participants = (math.ceil(value) if possible else None for value in (need.analysed, need.participants))
    return {"effect": need.effect, "possible": possible, "analysed": analysed, "participants": participants}


def power(participants: int, **settings: Any) -> Power:
    """What a programme could find that sends in so many people, before any data of a person moves.

    Estimand planned for: the average effect on the treated. participants: people who would be sent in (whole, 1 or more).
    settings: any other field of `PowerSettings`: outcome ("rate", "frequency", "days_to_first", "employed_any",
    "days_employed", "binary", "number"), base_rate (share, 0 to 1), effect (absolute; a rate: 0.05 is 5 points), kept (share)
    or attrition ("typical", "low", "high", "none"), power, comparison (people) or effective (size), r_squared, spread
    (standard deviation). Nothing is random. Raises UsageError naming every value out of its rule.

    n = A / [(effect / (z.975 + z.power))^2 - V0] (design 3.4), A and V0 from published rates.

    >>> found = power(120)
    >>> round(found.analysed), round(found.smallest_effect, 2)
    (44, 0.18)
    """
    allowed = {field.name for field in dataclasses.fields(PowerSettings)}
    unknown_names = [name for name in settings if name not in allowed]
    if unknown_names:
        faults = [unknown("parameter", name, sorted(allowed)) for name in unknown_names]
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
    if participants is None:  # which the settings take for "at its default", and this one has none
        raise UsageError(refusal("participants", RULES["participants"].rule, participants))
    return Power(make_plan(PowerSettings(plain(participants), **{name: plain(value) for name, value in settings.items()})))
