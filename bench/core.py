"""The engine without report and annex, as a process: from a Parquet file to effects, intervals, survival and balance table.

`python -m bench.core FILE` is what the whole-process lines of `make bench` time: one outcome and the time to it through
`datalab.evaluate`. With `--eleven` all eleven outcomes through the engine's own door, two of them among those who came back.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np

import datalab as dl
from bench.tables import AMONG, COVARIATES, ELEVEN, ONE
from datalab.analysis import AnalysisSettings, analyse
from datalab.effects.results import AnalysisFindings
from datalab.evaluation.prepare import build_analysis_table, parse_outcome
from datalab.evaluation.readers import read_table
from datalab.evaluation.request import EvaluationRequest
from datalab.table import AnalysisTable, Outcome

HORIZON = 365.0


def evaluate_one(path: Path, memory: int | None = None) -> AnalysisFindings:
    """One outcome and its time, as a stranger would call for them."""
    found = dl.evaluate(
        path, treatment="treated", outcomes=ONE, covariates=COVARIATES, horizon=HORIZON, sensitivity=False, memory=memory
    )
    sys.stdout.write(found.summary() + "\n")
    return found.analysis


def evaluate_eleven(path: Path) -> AnalysisFindings:
    """Eleven outcomes of every kind; a measure among a subgroup is matched again within it."""
    asked = tuple(parse_outcome(text) for text in ELEVEN)
    request = EvaluationRequest("treated", asked, COVARIATES, horizon=HORIZON)
    table = among_those_who_came_back(build_analysis_table(read_table(path), request))
    return analyse(table, AnalysisSettings("everyone", headline="outcome", sensitivity=False))


def among_those_who_came_back(table: AnalysisTable) -> AnalysisTable:
    """The table with the outcomes of `AMONG` known only where the first outcome is 1."""
    back = table.outcomes[0].values == 1

    def narrowed(outcome: Outcome) -> Outcome:
        if outcome.measure.name not in AMONG:
            return outcome
        measure = replace(outcome.measure, among="came back")
        return replace(outcome, measure=measure, values=np.where(back, outcome.values, np.nan))

    return replace(table, outcomes=tuple(narrowed(outcome) for outcome in table.outcomes))


def lines_of(found: AnalysisFindings) -> Iterable[str]:
    """Effects, landmarks of the curves and hazard ratio, and the balance table, as tab-separated lines."""
    for result in found.outcomes:
        effect = result.effect
        yield "\t".join(map(str, (result.measure.name, result.status, *(astuple(effect)[:5] if effect else ()))))
    if found.survival is not None:
        yield from ("\t".join(map(str, mark)) for mark in found.survival.landmarks)
        yield f"hazard ratio\t{found.survival.hazard_ratio}"
    if found.balance is not None:
        yield "\t".join(field.name for field in fields(found.balance.covariates[0]))
        yield from ("\t".join(map(str, astuple(line))) for line in found.balance.covariates)


def main() -> None:
    """Evaluates the file named and prints everything found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--eleven", action="store_true")
    asked = parser.parse_args()
    found = (evaluate_eleven if asked.eleven else evaluate_one)(asked.table)
    sys.stdout.write("\n".join(lines_of(found)) + "\n")


if __name__ == "__main__":
    main()
