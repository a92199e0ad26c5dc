"""Did a work programme in prison keep people out of prison? 1,445 people, North Carolina, released 1977-78.

Run it: .venv/bin/python -m examples.recid
"""

from __future__ import annotations

import datalab as dl
from examples.tables import MONTHS, recid


def evaluate() -> dl.Evaluation:
    """The rate of return within 12 months, and the mean months out of prison within 12 (RMST)."""
    outcomes = ["returned_12_months:binary", "durat:time:returned"]
    title = "Work programme in prison, North Carolina"
    return dl.evaluate(recid(), treatment="workprg", outcomes=outcomes, horizon=MONTHS, title=title)


def main() -> None:
    found = evaluate()
    print(found.summary())
    rate, months = found.outcome("returned_12_months").effect, found.outcome("durat").effect
    print(f"rate within 12 months: {100 * rate.estimate:+.1f} points ({100 * rate.low:.1f} to {100 * rate.high:.1f})")
    print(f"months out of prison within 12: {months.estimate:+.2f} ({months.low:.2f} to {months.high:.2f})")
    print("report:", found.write("out/examples/recid", overwrite=True).folder / "report.html")


if __name__ == "__main__":
    main()
