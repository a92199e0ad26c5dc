"""Lifelines' weighted Cox model with robust variance, as a process: `python -m bench.lifelines_cox TABLE.parquet`."""

from __future__ import annotations

import sys
import warnings

import pandas as pd
from lifelines import CoxPHFitter


def main() -> None:
    """Fits treatment alone, everybody with the same weight but a fraction, so that the weighted way is taken."""
    frame = pd.read_parquet(sys.argv[1], columns=["treated", "days", "back"])
    frame["weight"] = 1.0 - 0.5 * (frame["treated"] == 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of weights that are not whole and of the variance that was asked for
        fit = CoxPHFitter().fit(frame, "days", "back", weights_col="weight", robust=True)
    sys.stdout.write(f"{fit.params_['treated']:.10f} {fit.standard_errors_['treated']:.10f}\n")


if __name__ == "__main__":
    main()
