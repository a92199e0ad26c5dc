"""Our weighted Cox model on the same file as `bench.lifelines_cox`: `python -m bench.our_cox TABLE.parquet`."""

from __future__ import annotations

import sys

import numpy as np
import pyarrow.parquet as pq

from datalab.effects.cox import fit_hazard_ratio


def main() -> None:
    """Fits treatment alone with the weights of `bench.lifelines_cox`, which moves neither ratio nor error by their scale."""
    table = pq.ParquetFile(sys.argv[1]).read(["treated", "days", "back"])
    treated, days, back = (np.asarray(table.column(name)) for name in ("treated", "days", "back"))
    weights = 1.0 - 0.5 * (treated == 0)
    found = fit_hazard_ratio(days, back == 1, treated == 1, weights, np.arange(days.size))
    if found is None:
        raise SystemExit("no hazard ratio")
    sys.stdout.write(f"{np.log(found.ratio):.10f} {found.se_log:.10f}\n")


if __name__ == "__main__":
    main()
