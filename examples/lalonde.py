"""LaLonde's test: can matching on a survey find the answer of an experiment? (LaLonde 1986; Dehejia and Wahba 1999.)

The match fails the balance gate, as it should: nobody in the survey is quite like the people who were trained. With
`research` the estimates are shown all the same, every one of them, beside the experiment's answer, and marked as no evidence.

Run it: .venv/bin/python -m examples.lalonde
"""

from __future__ import annotations

import datalab as dl
from datalab.evaluation.evaluation import ESTIMATORS
from examples.tables import lalonde, lalonde_benchmark


def evaluate(*, research: bool = True) -> dl.Evaluation:
    """Earnings in 1978 of 185 trained people against 15,992 survey respondents."""
    title = "Supported work experience, comparison from a survey"
    return dl.evaluate(lalonde(), treatment="treat", outcomes="re78:number", research=research, title=title)


def main() -> None:
    found = evaluate()
    balance = found.analysis.balance
    print(f"balance gate: {'passed' if balance.passed else 'failed'}; worst: {', '.join(balance.worst[:3])}")
    print(f"{'experiment':11} {lalonde_benchmark():+9,.0f} dollars")
    result = found.outcome("re78")
    for label, name in ESTIMATORS:
        effect = getattr(result, name)
        print(f"{label:11} {effect.estimate:+9,.0f} ({effect.low:,.0f} to {effect.high:,.0f})")
    print("report:", found.write("out/examples/lalonde", overwrite=True).folder / "report.html")


if __name__ == "__main__":
    main()
