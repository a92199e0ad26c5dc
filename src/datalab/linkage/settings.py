"""Turns the neutral model into Splink settings, which Splink then writes in the SQL of whichever engine runs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import SettingsCreator, block_on
from splink.blocking_rule_library import And, CustomRule

from datalab.errors import InternalError
from datalab.linkage.keys import LISTS
from datalab.linkage.model import Comparison, Level, Model


def splink_settings(model: Model, index_people: int, fixed: Callable[[Comparison, Level], bool] | None = None) -> SettingsCreator:
    """Settings for linking an upload to an index of `index_people` people: free of any dialect until a linker reads them.

    fixed: whether a level's m and u are held fast while the others are trained; None where nothing is trained.
    """
    return SettingsCreator(
        link_type="link_only",
        comparisons=[_comparison(item, fixed) for item in model.comparisons],
        blocking_rules_to_generate_predictions=[_blocking_rule(columns) for columns in model.blocking],
        probability_two_random_records_match=model.prior(index_people),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )


def _comparison(comparison: Comparison, fixed: Callable[[Comparison, Level], bool] | None) -> Any:
    missing = [levels.NullLevel(column) for column in comparison.needs]
    null: Any = missing[0] if len(missing) == 1 else levels.Or(*missing)
    null.configure(is_null_level=True)
    return comparisons.CustomComparison(
        output_column_name=comparison.name,
        comparison_levels=[null, *(_level(level, fixed is not None and fixed(comparison, level)) for level in comparison.levels)],
    )


def _level(level: Level, fixed: bool) -> Any:
    adjusted: dict[str, Any] = (
        {"tf_adjustment_column": level.term_frequency, "tf_adjustment_weight": 1.0} if level.term_frequency else {}
    )
    adjusted |= {"fix_m_probability": True, "fix_u_probability": True} if fixed else {}
    return _test(level.test).configure(m_probability=level.m, u_probability=level.u, **adjusted)


# How each test of the model file, named by one of its keys, is written for Splink.
_TESTS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "same": lambda test: levels.ExactMatchLevel(test["same"]),
    "jaro_winkler": lambda test: levels.JaroWinklerLevel(test["jaro_winkler"], test["at_least"]),
    "edits": lambda test: levels.DamerauLevenshteinLevel(test["edits"], test["at_most"]),
    "apart": lambda test: levels.AbsoluteDifferenceLevel(test["apart"], test["at_most"]),
    "swapped": lambda test: levels.ColumnsReversedLevel(test["swapped"][0], test["swapped"][1], symmetrical=True),
    "crossed": lambda test: levels.ColumnsReversedLevel(*test["crossed"]),
    "shared": lambda test: levels.ArrayIntersectLevel(test["shared"], 1),
    "true": lambda test: levels.CustomLevel("{0}_l or {0}_r".format(test["true"]), base_dialect_str="duckdb"),
    "all": lambda test: levels.And(*(_test(item) for item in test["all"])),
    "any": lambda test: levels.Or(*(_test(item) for item in test["any"])),
}


def _test(test: Mapping[str, Any] | str) -> Any:
    if test == "else":
        return levels.ElseLevel()
    if isinstance(test, str) or not (known := [name for name in test if name in _TESTS]):
        raise InternalError("the linkage model holds a test that is not known")
    return _TESTS[known[0]](test)


def _blocking_rule(columns: tuple[str, ...]) -> Any:
    lists = [column for column in columns if column in LISTS]
    if "swapped" in columns:
        swapped = CustomRule("l.forename = r.surname and l.surname = r.forename", sql_dialect="duckdb")
        return And(swapped, *(block_on(column) for column in columns if column != "swapped"))
    return block_on(*columns, arrays_to_explode=lists or None)
