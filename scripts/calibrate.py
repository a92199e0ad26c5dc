"""Turns the made-up country until its rates lie on the published ones, and writes `calibrated.toml`.

`python -m scripts.calibrate [--people 500000] [--rounds 6] [--seed 1]` makes a country a round (each of a seed of its own, so
that the terms do not fit the chance of one), counts its rates by the engine's own rule, and moves each term of the log odds by a
part of the difference in log odds (raking). Groups of few people move less. The file is written at the end; `datalab world
describe` shows what was reached.
"""

from __future__ import annotations

import argparse
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from datalab.cohort.events import make_events
from datalab.engines.duckdb import session
from datalab.synthetic.describe import Cells, compare_figure, count_cells, index_cells
from datalab.synthetic.effects import parse_effects
from datalab.synthetic.published import HELD, published_figures
from datalab.synthetic.records import make_lives_tables
from datalab.synthetic.settings import WorldSettings
from datalab.synthetic.world import set_scene

AGES = ("10-14", "15-17", "18-20", "21-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50+")
HISTORY = ("0", "1-2", "3-6", "7-10", "11+")
SENTENCES = ("<12 months", "12 months to <2 years", "2 to <4 years", "4 to 10 years", ">10 years")
DISPOSALS = {
    "caution": "Caution",
    "fine": "Fine",
    "discharge": "Absolute/conditional discharge",
    "other": "Other",
    "community": "Community order",
    "suspended": "Suspended sentence order",
}
STEP = 0.3
FEW = 150  # people at which a group moves half as far as a large one
HEAD = """# Terms of the log odds of offending again (see effects.py). Written by `python -m scripts.calibrate`, which turns them
# until the country's own reoffending rates lie on the published ones; not to be edited by hand.
"""


def main() -> None:
    """Reads the file, turns it round by round, writes it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    path = Path(str(resources.files("datalab.synthetic").joinpath("calibrated.toml")))
    terms = tomllib.loads(path.read_text(encoding="utf-8"))
    for number in range(asked.rounds):
        away = differences(count(terms, asked.people, asked.seed + number))
        told = [abs(points) for points, _, _ in away.values()]
        print(f"round {number + 1}: {np.mean(told):.2f} points away on average over {len(told)} rates")
        turn(terms, away)
    path.write_text(HEAD + text_of(terms), encoding="utf-8")


def count(terms: dict[str, Any], people: int, seed: int) -> Cells:
    """The rates of a country of these terms."""
    scene = set_scene(people, seed, WorldSettings(effects=parse_effects(terms)))
    with session(memory="5GB") as connection:
        for name, table in make_lives_tables(scene.country, scene.lives, scene.known).items():
            connection.register(name, table)
        make_events(connection)
        return index_cells(count_cells(connection, held=True))


def differences(cells: Cells) -> dict[tuple[str, str, str], tuple[float, float, int]]:
    """By population, breakdown and group: difference in points, in log odds (published less ours), and people."""
    made = {}
    for figure in published_figures():
        row = compare_figure(figure, cells) if figure.asked == HELD and figure.metric == "rate_pct" else {}
        if row:
            ours, people = float(str(row["ours"])) / 100, int(str(row["people"]))
            odds = _log_odds(figure.value / 100) - _log_odds(min(max(ours, 0.005), 0.98))
            made[figure.population, figure.breakdown, figure.group] = (100 * ours - figure.value, odds, people)
    return made


def _log_odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def turn(terms: dict[str, Any], away: dict[tuple[str, str, str], tuple[float, float, int]]) -> None:
    """Moves every term by a part of its group's difference."""

    def step(population: str, breakdown: str, group: str) -> float:
        _, odds, people = away.get((population, breakdown, group), (0.0, 0.0, 0))
        return STEP * odds * people / (people + FEW)

    for place, band in enumerate(AGES):
        for sex in ("men", "women"):
            terms["age"][sex][place] += step("Juvenile" if place < 2 else "Adult", "age_band", band)
    for sex, name in (("men", "Male"), ("women", "Female")):
        terms["age"][sex] = [value + step("All", "sex", name) for value in terms["age"][sex]]
    for part, population in (("adult", "Adult"), ("young", "Juvenile")):
        history = zip(terms[part]["history"], HISTORY, strict=True)
        terms[part]["history"] = [value + step(population, "previous_offences", band) for value, band in history]
        for group in terms[part]["offence"]:
            terms[part]["offence"][group] += step(population, "index_offence_group", group)
    for name, group in DISPOSALS.items():
        terms["adult"]["disposal"][name] += step("Adult", "index_disposal", group)
    sentence = zip(terms["adult"]["sentence"], SENTENCES, strict=True)
    released = "Adult released from custody"
    terms["adult"]["sentence"] = [value + step(released, "custodial_sentence_length", band) for value, band in sentence]


def text_of(terms: dict[str, Any]) -> str:
    """The terms as TOML."""

    def numbers(values: list[float]) -> str:
        return "[" + ", ".join(f"{value:.3f}" for value in values) + "]"

    lines = ["format = 1", "", "[age]", *(f"{name} = {numbers(terms['age'][name])}" for name in ("years", "men", "women"))]
    for part, lists, tables in (
        ("adult", ("history", "sentence"), ("offence", "disposal")),
        ("young", ("history",), ("offence",)),
    ):
        lines += ["", f"[{part}]", *(f"{name} = {numbers(terms[part][name])}" for name in lists)]
        for name in tables:
            lines += ["", f"[{part}.{name}]", *(f'"{key}" = {value:.3f}' for key, value in terms[part][name].items())]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
