"""The negative control: an outcome from before the programme, which cannot have moved it (Lipsitch and others 2010)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from datalab.balance.results import UnbalancedMatch
from datalab.effects.estimate import estimate_outcome
from datalab.effects.results import SensitivityLine
from datalab.effects.tipping import nearest_end
from datalab.sensitivity.basis import Basis
from datalab.sensitivity.designs import estimated_line, match_again
from datalab.table import AnalysisTable, NegativeControl, take_rows

NAME = "negative_control"


def control_lines(basis: Basis) -> Iterator[SensitivityLine]:
    """The programme's "effect" on its negative control, by a match made again on the control's own covariates, in the
    terms that the main match came to.

    The interval should hold 0; where it does not the line warns, as 5 % do by chance. Rows without the control's outcome
    are left out. Nothing where the table has no control.
    """
    control = basis.raw.negative_control
    if control is None:
        return
    measure = control.outcome.measure
    found = match_again(_control_table(basis.raw, control), basis.pinned, basis.minimum_treated)
    if isinstance(found, str):
        yield SensitivityLine("control", NAME, measure, "withheld", found)
    elif isinstance(found, UnbalancedMatch):
        yield SensitivityLine("control", NAME, measure, "not_balanced")
    else:
        line = estimated_line("control", NAME, estimate_outcome(found, found.table.outcomes[0]))
        yield line if line.effect is None else replace(line, warns=nearest_end(line.effect) != 0)


def _control_table(raw: AnalysisTable, control: NegativeControl) -> AnalysisTable:
    table = replace(
        raw, covariates=control.covariates, outcomes=(control.outcome,), duration=None, event=None, negative_control=None
    )
    known = ~np.isnan(control.outcome.values)
    return table if known.all() else take_rows(table, known)
