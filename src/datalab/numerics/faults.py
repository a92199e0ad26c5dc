"""What is wrong with an AnalysisTable before any statistics: every fault as a sentence, for whoever builds one in code."""

from __future__ import annotations

import numpy as np

from datalab.table import AnalysisTable, Covariate, Floats, Ints
from datalab.wording import say


def table_faults(table: AnalysisTable) -> list[str]:
    """Every fault of the rows and the covariates: arrays of other lengths, names given twice, infinite values, and codes
    without a level. Missing numbers are no fault: they are imputed. Outcomes are judged where they are estimated.

    >>> x = Covariate("age", "Age", np.array([30.0, np.inf]))
    >>> ids, zeros = np.arange(2), np.zeros(2, dtype=np.int64)
    >>> table_faults(AnalysisTable(ids, ids, ids > 0, (x,), (), zeros, zeros))
    ['The covariate age holds 1 infinite value. Correct it, or leave the covariate out.']
    """
    arrays: dict[str, Floats | Ints] = {"row_id": table.row_id, "person": table.person}
    arrays |= {"strata": table.strata, "cluster": table.cluster}
    arrays |= {covariate.name: covariate.values for covariate in table.covariates}
    faults = [say("numerics.errors.length", name=name) for name, array in arrays.items() if array.shape != (table.n,)]
    names = [covariate.name for covariate in table.covariates]
    twice = sorted({name for name in names if names.count(name) > 1})
    faults += [say("numerics.errors.twice", name=name) for name in twice]
    return faults + [fault for covariate in table.covariates if (fault := _value_fault(covariate))]


def _value_fault(covariate: Covariate) -> str:
    values = covariate.values
    low, high = (float(end.reduce(values, initial=0)) for end in (np.fmin, np.fmax))
    if covariate.is_categorical:
        outside = low < 0 or high >= len(covariate.levels)
        return say("numerics.errors.code", name=covariate.name) if outside else ""
    infinite = int(np.isinf(values).sum()) if np.isinf([low, high]).any() else 0
    return say("numerics.errors.infinite", name=covariate.name, count=infinite) if infinite else ""
