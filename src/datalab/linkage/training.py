"""Trains m and u on the lab's own data with Splink: u by random sampling, m by expectation maximisation (Winkler 2000).

Kept by hand: identifiers, which are near unique (at size their chance agreements are not observed), alias levels (each pair
is trained on the filed name and date of birth), fields that no pair of the training had, thresholds and blocking.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from splink import DuckDBAPI, Linker, block_on

from datalab.linkage.model import Comparison, Level, Model, make_model
from datalab.linkage.scoring import quiet
from datalab.linkage.settings import splink_settings

BY_HAND = frozenset({"pnc_id", "prison_number"})
ALIAS = "alias"
TRAINED, KEPT = "trained", "kept"
# Enough chance pairs for a share of one in a hundred thousand to be seen a hundred times.
CHANCE_PAIRS = 10_000_000
LEAST_SAMPLE = 300
# What was seen in fewer of n pairs is at most 3 / n of all, as far as anybody can tell (Hanley and Lippman-Hand 1983).
LEAST_PAIRS = 3.0
# Each leaves out the comparisons that use its columns; between them all others are trained.
SESSIONS = (("date_of_birth",), ("forename", "surname"))
SIDES = ("linkage_upload", "linkage_filed")


@dataclass(frozen=True)
class LevelChange:
    """One level before and after (shares, 0 to 1). how: `trained`, or `kept` where both m and u are as before."""

    comparison: str
    level: str
    m: tuple[float, float]
    u: tuple[float, float]
    how: str


@dataclass(frozen=True)
class Training:
    """A new model as the JSON of its file, and each level before and after. rows, people: of the two sides trained on."""

    model: Mapping[str, Any]
    changes: tuple[LevelChange, ...]
    rows: int
    people: int


def train(connection: Any, raw: Mapping[str, Any], version: str, today: date, seed: int) -> Training:
    """A model with m and u from the connection's prepared index and laid-out upload (`prepare_index`, `lay_upload`).

    raw: the JSON of the model to start from. version: of the new one. seed: of the random sample of people for u; nothing
    else is random. The same data and seed give the same model on one machine.
    """
    old = make_model(raw)
    rows, people = _lay_sides(connection, seed)
    with quiet():
        chance = _with_shares(old, _estimate_u(connection, old, people), {}, rows)
        trained = _with_shares(chance, {}, _estimate_m(connection, chance, people), rows)
    for name in ("linkage_filed", "linkage_sample"):
        connection.execute(f"drop table if exists temp.{name}").fetchall()
    changes = tuple(_changes(old, trained))
    return Training(_new_raw(raw, trained, version, today, {"rows": rows, "people": people, "seed": seed}), changes, rows, people)


def _lay_sides(connection: Any, seed: int) -> tuple[int, int]:
    """The filed identity of each person, and a sample of them so large that it makes `CHANCE_PAIRS` with the upload."""
    connection.execute(
        """create or replace temp table linkage_filed as select * from linkage_people
           where not coalesce(name_is_alias, false) and not coalesce(date_of_birth_is_alias, false)"""
    ).fetchall()
    rows, people = (int(connection.execute(f"select count(*) from {name}").fetchall()[0][0]) for name in SIDES)
    sample = max(LEAST_SAMPLE, CHANCE_PAIRS // max(rows, 1))
    connection.execute(
        f"""create or replace temp table linkage_sample as
            select * from linkage_filed order by hash(unique_id, {int(seed)}), unique_id limit {sample}"""
    ).fetchall()
    return rows, people


Shares = dict[tuple[str, int], float]


def _estimate_u(connection: Any, model: Model, people: int) -> Shares:
    """u of each level (by comparison and place) over all pairs of the upload and the sample."""
    api, linker = _linker(connection, model, people, "linkage_sample")
    linker.training.estimate_u_using_random_sampling(max_pairs=1e12, min_count_per_level=None)
    found = _shares(linker, model, "u_probability")
    api.delete_tables_created_by_splink_from_db()
    return found


def _estimate_m(connection: Any, model: Model, people: int) -> Shares:
    """m of each level by expectation maximisation, u and what is kept held fast; the mean of the sessions that reach it."""
    api, linker = _linker(connection, model, people, "linkage_filed")
    for columns in SESSIONS:
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*columns), fix_u_probabilities=True, estimate_without_term_frequencies=True
        )
    found = _shares(linker, model, "m_probability")
    api.delete_tables_created_by_splink_from_db()
    return found


def _linker(connection: Any, model: Model, people: int, side: str) -> tuple[Any, Any]:
    api: Any = DuckDBAPI(connection=connection)
    sides = [api.register(name, dataset_display_name=f"{name}_in") for name in (SIDES[0], side)]
    settings = splink_settings(model, people, fixed=is_kept)
    return api, Linker(sides, settings, log_level=None, validate_settings=False)


def is_kept(comparison: Comparison, level: Level) -> bool:
    """Whether the m and u of a level are kept by hand."""
    return comparison.name in BY_HAND or level.name == ALIAS


def _shares(linker: Any, model: Model, name: str) -> Shares:
    """What Splink found, by comparison and place of the level; a level that it never saw has none."""
    made = linker.misc.save_model_to_json(out_path=None)["comparisons"]
    found: Shares = {}
    for comparison, written in zip(model.comparisons, made, strict=True):
        levels = [level for level in written["comparison_levels"] if not level.get("is_null_level")]
        for place, level in enumerate(levels):
            if isinstance(value := level.get(name), float) and value > 0:
                found[comparison.name, place] = value
    return found


def _with_shares(model: Model, u: Shares, m: Shares, rows: int) -> Model:
    """The model with these shares where they stand for enough pairs; those of a comparison still add up as before."""
    comparisons = tuple(
        _replaced(comparison, _new(comparison, u, "u", LEAST_PAIRS / CHANCE_PAIRS), _new(comparison, m, "m", LEAST_PAIRS / rows))
        for comparison in model.comparisons
    )
    return replace(model, comparisons=comparisons)


def _new(comparison: Comparison, found: Shares, name: str, least: float) -> list[float]:
    """The shares of a comparison's levels: those seen, scaled to leave room for those kept and those hardly seen."""
    new = [float(getattr(level, name)) for level in comparison.levels]
    seen: dict[int, float] = {}
    for place, level in enumerate(comparison.levels):
        share = found.get((comparison.name, place), 0.0)
        if share >= least and not is_kept(comparison, level):
            seen[place] = share
        elif not is_kept(comparison, level):
            new[place] = min(new[place], least)
    if not seen:
        return [float(getattr(level, name)) for level in comparison.levels]
    scale = (1.0 - sum(value for place, value in enumerate(new) if place not in seen)) / sum(seen.values())
    return [_rounded(seen[place] * scale) if place in seen else value for place, value in enumerate(new)]


def _rounded(share: float) -> float:
    """Six figures: sums in parallel differ in the last of sixteen from one time to the next."""
    return float(f"{share:.6g}")


def _replaced(comparison: Comparison, u: list[float], m: list[float]) -> Comparison:
    levels = tuple(
        replace(level, u=min(new_u, 1.0), m=min(new_m, 1.0)) for level, new_u, new_m in zip(comparison.levels, u, m, strict=True)
    )
    return replace(comparison, levels=levels)


def _changes(old: Model, new: Model) -> Iterator[LevelChange]:
    for before, after in zip(old.comparisons, new.comparisons, strict=True):
        for one, other in zip(before.levels, after.levels, strict=True):
            how = KEPT if (one.m, one.u) == (other.m, other.u) else TRAINED
            yield LevelChange(before.name, one.name, (one.m, other.m), (one.u, other.u), how)


def _new_raw(raw: Mapping[str, Any], model: Model, version: str, today: date, data: Mapping[str, int]) -> dict[str, Any]:
    """The file of the trained model: as the old one, with its own version, date, shares and where each comes from."""
    made = copy.deepcopy(dict(raw))
    made |= {"version": version, "date": today.isoformat(), "trained": {"from": raw["version"], **data}}
    made["sources"] = {**raw.get("sources", {}), TRAINED: "trained on the lab's own data: u by random sampling, m by EM"}
    for written, comparison in zip(made["comparisons"], model.comparisons, strict=True):
        for level, shares in zip(written["levels"], comparison.levels, strict=True):
            for name in ("m", "u"):
                if level[name] != getattr(shares, name):
                    level[name] = getattr(shares, name)
                    level["source"] = {**level["source"], name: TRAINED}
    return made
