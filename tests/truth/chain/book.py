"""The file of draws, which a stopped run goes on from, and the table that is made of it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tests.truth.chain.draw import NAMES, Draw, read_draw
from tests.truth.chain.programme import EFFECTS
from tests.truth.lines import Line

COVERAGE = "coverage of the 95 % interval of the {}, %"
BIAS = "mean of estimate less truth, points"
SE_RATIO = "mean SE / real SD of estimate less truth"
TRUTH = "true difference of those analysed, points"
CHANCES = "intervals that exclude 0, %"
LINKS = "links, % of submitted rows"
LEFT = "draws without an estimate (gate, too few), %"
HIDDEN = "selection on unrecorded traits: bias, points"
WARNED = "draws in which the sensitivity section warns, %"
NONE = (-math.inf, math.inf)
MOSTLY = (80.0, math.inf)


@dataclass(frozen=True)
class Book:
    """The folder of a run: `draws.csv`, and `settings.json` with what must stay the same."""

    folder: Path

    @property
    def path(self) -> Path:
        """The file of draws."""
        return self.folder / "draws.csv"

    def open(self, settings: dict[str, object]) -> list[Draw]:
        """The draws that are there. Raises SystemExit where they were made with other settings."""
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = self.folder / "settings.json"
        if kept.is_file() and json.loads(kept.read_text(encoding="utf-8")) != settings:
            raise SystemExit(f"{self.folder} holds draws made with other settings: name another folder, or remove it.")
        kept.write_text(json.dumps(settings), encoding="utf-8")
        if not self.path.is_file():
            self.path.write_text(",".join(NAMES) + "\n", encoding="utf-8")
        with self.path.open(encoding="utf-8", newline="") as file:
            # A run that was stopped while it wrote may leave half a line; that draw is made again.
            return [
                read_draw(row)
                for row in csv.DictReader(file)
                if all(row[name] not in (None, "") or name == "warned" for name in NAMES)
            ]

    def write(self, draws: Iterable[Draw]) -> None:
        """Writes these draws in place of the file's, in the order of effect and number."""
        order = {effect.name: place for place, effect in enumerate(EFFECTS)}
        rows = sorted(draws, key=lambda one: (order[one.effect], one.number))
        with self.path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([NAMES, *(one.row() for one in rows)])

    def add(self, one: Draw) -> None:
        """Adds a line."""
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(one.row())


def _share(values: Sequence[bool] | np.ndarray) -> tuple[float, float]:
    """Share and its binomial error, in per cent."""
    p, n = float(np.mean(values)), len(values)
    return 100 * p, 100 * math.sqrt(p * (1 - p) / n)


def _mean(values: np.ndarray, scale: float = 100.0) -> tuple[float, float]:
    error = values.std(ddof=1) / math.sqrt(values.size) if values.size > 1 else math.nan
    return scale * float(values.mean()), scale * float(error)


def effect_lines(name: str, draws: Sequence[Draw], *, hidden: bool) -> list[Line]:
    """The lines of one effect; coverage is held to 92.5–97.5 %, for selection on unrecorded traits the bias to be there."""
    cell = f"{name}, {len(draws)} draws"
    estimated = [one for one in draws if one.status == "estimated"]
    lines = [Line(LEFT, cell, *_share([one.status != "estimated" for one in draws]), decimals=1), *link_lines(cell, draws)]
    if len(estimated) < 2:
        return lines
    column = {
        key: np.array([getattr(one, key) for one in estimated]) for key in NAMES if key not in ("effect", "status", "warned")
    }
    error = column["rate"] - column["true_rate"]
    ratio = float(column["rate_se"].mean() / error.std(ddof=1))
    excludes = (column["rate_low"] > 0) | (column["rate_high"] < 0)
    lines += [
        _coverage("rate", cell, column, NONE if hidden else (92.5, 97.5)),
        _coverage("frequency", cell, column, NONE),
        Line(TRUTH, cell, *_mean(column["true_rate"])),
        Line(HIDDEN if hidden else BIAS, cell, *_mean(error), *((1.0, math.inf) if hidden else NONE)),
        Line(SE_RATIO, cell, ratio, ratio / math.sqrt(2 * (error.size - 1)), decimals=3),
        Line(CHANCES, cell, *_share(excludes), decimals=1),
    ]
    return lines + warning_lines(cell, estimated, hidden=hidden)


def warning_lines(cell: str, draws: Sequence[Draw], *, hidden: bool) -> list[Line]:
    """How often the sensitivity section warns at all, and by which of its parts, where it was made; of selection on
    unrecorded traits it must, in most draws."""
    known = [one.warned.split("+") for one in draws if one.warned]
    parts = {"any": "", **{f"the {part} part": part for part in sorted({part for one in known for part in one} - {"no"})}}
    return [
        Line(
            WARNED,
            f"{name}, {cell}",
            *_share([part in one if part else one != ["no"] for one in known]),
            *(MOSTLY if hidden and not part else NONE),
            decimals=1,
        )
        for name, part in parts.items()
        if known
    ]


def _coverage(name: str, cell: str, column: dict[str, np.ndarray], limits: tuple[float, float]) -> Line:
    known = ~np.isnan(column[f"{name}_low"])
    truth = column[f"true_{name}"]
    inside = (column[f"{name}_low"] <= truth) & (truth <= column[f"{name}_high"])
    return Line(COVERAGE.format(name), cell, *_share(inside[known]), *limits, decimals=1)


def link_lines(cell: str, draws: Sequence[Draw]) -> list[Line]:
    """False and missed links."""
    total = sum(one.submitted for one in draws)
    return [
        Line(LINKS, f"{what}, {cell}", 100 * sum(getattr(one, name) for one in draws) / total, math.nan)
        for what, name in (("to the wrong person", "false"), ("missed", "missed"))
    ]


def book_lines(draws: Sequence[Draw]) -> list[Line]:
    """The whole table."""
    lines: list[Line] = []
    for effect in EFFECTS:
        mine = [one for one in draws if one.effect == effect.name]
        if mine:
            lines += effect_lines(effect.title, mine, hidden=effect.hidden != 0)
    return lines
