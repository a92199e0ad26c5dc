"""Did financial aid after release reduce re-arrest? 432 people, Maryland, aid given at random (Rossi, Berk and Lenihan 1980).

Run it: .venv/bin/python -m examples.rossi
"""

from __future__ import annotations

from lifelines import CoxPHFitter

import datalab as dl
from examples.tables import rossi


def evaluate() -> dl.Evaluation:
    """Re-arrest within 52 weeks, adjusted although the aid was given at random."""
    covariates = ["age", "race", "wexp", "mar", "paro", "prio"]
    title = "Financial aid on release, Maryland"
    return dl.evaluate(rossi(), treatment="fin", outcomes="arrest:binary", covariates=covariates, title=title)


def hazard_ratio() -> float:
    """The adjusted Cox hazard ratio of aid, the figure of the textbooks: a check that these are the same data."""
    fitted = CoxPHFitter().fit(rossi(), duration_col="week", event_col="arrest")
    return float(fitted.hazard_ratios_["fin"])


def main() -> None:
    found = evaluate()
    print(found.summary())
    result = found.outcome("arrest")
    for name, effect in (("unadjusted", result.unadjusted), ("adjusted", result.effect)):
        print(f"{name:10} {100 * effect.estimate:+.2f} points ({100 * effect.low:.2f} to {100 * effect.high:.2f})")
    print(f"adjusted Cox hazard ratio: {hazard_ratio():.3f}")
    print("report:", found.write("out/examples/rossi", overwrite=True).folder / "report.html")


if __name__ == "__main__":
    main()
