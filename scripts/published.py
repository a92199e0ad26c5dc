"""Published results of the real service against ours: interval and verdict made again from the counts, row by row.

`python -m scripts.published` prints the page and exits 1 where a row that can be made again disagrees with the service's own
test. No row of `published_results.csv` is left out: those that cannot be made again are listed with the reason.
"""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from importlib import resources

from datalab.effects.influence import Variance
from datalab.effects.intervals import influence_t, mover_wilson
from datalab.effects.results import Effect
from datalab.effects.verdict import give_verdict

Row = dict[str, str]
WORDS = {"decrease": "lower", "increase": "higher", "inconclusive": "more_people"}
TOLD = {"lower": "decrease", "higher": "increase", "more_people": "inconclusive"}
PERCENT = "percent"
LARGE = 1e12  # effective size of a comparison group that is treated as everyone there is
HALF = 0.005  # rates are printed as whole percentages
STEPS = 101  # comparison rates tried within their rounding
SHARE_OUTCOMES = ("one_year_rate", "other")


@dataclass(frozen=True)
class Agreement:
    """What became of one row by one test: at the printed values, and over all values that are printed so."""

    effect: Effect
    at_printed: bool
    within_rounding: bool

    @property
    def word(self) -> str:
        """yes, within rounding, or NO."""
        return "yes" if self.at_printed else "within rounding" if self.within_rounding else "NO"


def read_published() -> tuple[Row, ...]:
    """Every row of the published results, texts as they stand; `line` counts from 1."""
    text = resources.files("datalab.data").joinpath("published_results.csv").read_text(encoding="utf-8")
    return tuple({"line": str(place), **row} for place, row in enumerate(csv.DictReader(text.splitlines()), start=1))


def why_not(row: Row) -> str:
    """Why interval and verdict of a row cannot be made again from its counts, "" where they can."""
    if row["outcome"] not in SHARE_OUTCOMES or PERCENT not in row["units"]:
        return "not a rate: the spread of its counts or days is not published"
    missing = [
        name
        for name, column in (("people", "n_treated"), ("treated rate", "treated_value"), ("comparison rate", "comparison_value"))
        if not row[column]
    ]
    if missing:
        return f"not published, or not read: {', '.join(missing)}"
    return "" if row["ci_low"] or row["conclusion"] else "neither interval nor verdict published"


def classic(p1: float, p0: float, n: float) -> Effect:
    """The two-sample t test with a comparison group so large that it adds nothing: the service's own way."""
    return influence_t(p1 - p0, Variance(p1 * (1 - p1) / (n - 1), 0.0, n - 1.0))


def default(p1: float, p0: float, n: float) -> Effect:
    """Our default interval of a rate, MOVER-Wilson, without an outcome model: the counts are all there is."""
    return mover_wilson(p1, p1 - p0, Variance(p1 * (1 - p1) / (n - 1), 0.0, math.inf), n, LARGE)


def whole_percent(share: float) -> int:
    """A share in whole percent, halves away from 0."""
    return int((Decimal(repr(round(share, 12))) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def is_as_printed(row: Row, effect: Effect) -> bool:
    """Whether verdict and (where printed) interval are those of the row."""
    ends = [(row[name], value) for name, value in (("ci_low", effect.low), ("ci_high", effect.high)) if row[name]]
    same = all(int(text) == whole_percent(value) for text, value in ends)
    return same and (not row["conclusion"] or WORDS[row["conclusion"]] == give_verdict(effect))


def printed_so(row: Row) -> Iterator[tuple[float, float]]:
    """Every pair of rates that is printed as the row's: whole people among the treated, steps among the rest."""
    n, treated, comparison = int(row["n_treated"]), int(row["treated_value"]), int(row["comparison_value"]) / 100
    counts = [k for k in range(n + 1) if whole_percent(k / n) == treated]
    for k in {counts[0], counts[-1], *counts[:: max(1, len(counts) // 40)]}:
        for step in range(STEPS):
            p0 = comparison - HALF + 2 * HALF * (step + 0.5) / STEPS
            if not row["difference"] or whole_percent(k / n - p0) == int(row["difference"]):
                yield k / n, p0


def judge(row: Row, test: Callable[[float, float, float], Effect]) -> Agreement:
    """One row by one test."""
    n = float(row["n_treated"])
    effect = test(int(row["treated_value"]) / 100, int(row["comparison_value"]) / 100, n)
    within = any(is_as_printed(row, test(p1, p0, n)) for p1, p0 in printed_so(row))
    return Agreement(effect, is_as_printed(row, effect), within)


def explanation(row: Row, one: Agreement, other: Agreement) -> str:
    """Why a row does not agree at its printed values, in a sentence."""
    if one.at_printed and other.at_printed:
        return ""
    if not one.within_rounding:
        return "unexplained"
    rounding = "" if one.at_printed else "Rates are printed in whole percent: some that are printed so give what was published. "
    if other.within_rounding:
        return rounding or "As the t test; ours only at other rates that are printed so."
    verdict = give_verdict(other.effect)
    lost = f"Ours would say {TOLD[verdict]}. " if TOLD[verdict] != row["conclusion"] else "The verdict is the same. "
    return (
        f"{rounding}{lost}An interval of shares leans towards a half where {row['n_treated']} people are few; that of the t test "
        "is symmetric. Covariates, which narrow ours, are not in the counts."
    )


def _interval(low: float, high: float) -> str:
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _made_again(row: Row) -> tuple[str, ...]:
    ours, theirs = judge(row, default), judge(row, classic)
    printed = f"{row['ci_low']} to {row['ci_high']}" if row["ci_low"] else "none"
    return (
        row["line"],
        row["report_id"],
        row["n_treated"],
        f"{row['treated_value']} / {row['comparison_value']}",
        printed,
        row["conclusion"],
        f"{_interval(theirs.effect.low, theirs.effect.high)}, {TOLD[give_verdict(theirs.effect)]}",
        theirs.word,
        f"{_interval(ours.effect.low, ours.effect.high)}, {TOLD[give_verdict(ours.effect)]}",
        ours.word,
        explanation(row, theirs, ours),
    )


HEADS = (
    "row",
    "report",
    "people",
    "rates, %",
    "published interval",
    "published verdict",
    "two-sample t test",
    "agrees",
    "MOVER–Wilson",
    "agrees",
    "why not at the printed values",
)
INTRODUCTION = """# Published results, made again from their counts

Each result of the real service that could be read with its number of people, both rates, and an interval or a verdict, against
the interval and verdict that its counts give. The comparison group is treated as so large that it adds nothing to the error; the
service's own test is the two-sample t test, ours (without covariates, which the counts do not hold) is MOVER–Wilson. Intervals
are treated less comparison, in percentage points, at the printed rates. "Within rounding": at least one pair of rates that would
be printed as these are, with whole people among the treated, gives the published interval (rounded to whole points) and the
published verdict. A finite comparison group would widen every interval a little; none of these rows needs it."""


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines]


def published_markdown() -> str:
    """The page: rows made again, what they come to, and every row that cannot be made again with the reason."""
    rows = read_published()
    made = [_made_again(row) for row in rows if not why_not(row)]
    left = [(row["line"], row["report_id"], row["outcome"], why_not(row)) for row in rows if why_not(row)]
    counts = [
        f"{name}: {words.count('yes')} agree at the printed values, {words.count('within rounding')} within rounding, "
        f"{words.count('NO')} do not."
        for name, words in (("Two-sample t test", [line[7] for line in made]), ("MOVER–Wilson", [line[9] for line in made]))
    ]
    summary = f"{len(rows)} rows: {len(made)} made again, {len(left)} that cannot be. " + " ".join(counts)
    parts = [INTRODUCTION, "", summary, "", *_table(HEADS, made), "", "## Rows that cannot be made again", ""]
    return "\n".join([*parts, *_table(("row", "report", "outcome", "why"), left)]) + "\n"


def main() -> None:
    """Prints the page; exit 1 where the service's own test does not give what the service published."""
    print(published_markdown())
    failed = [row["report_id"] for row in read_published() if not why_not(row) and not judge(row, classic).within_rounding]
    if failed:
        print(f"Does not agree: {', '.join(failed)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
