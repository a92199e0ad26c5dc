"""Every number format of the report: rounding, signs, symbols, intervals and p-values that never contradict a verdict."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datalab.disclosure import number
from datalab.disclosure.results import Suppressed
from datalab.report import numbers
from datalab.report.tables import (
    Column,
    Table,
    chosen,
    columns,
    interval_cell,
    number_cell,
    plain_headings,
    plain_rows,
    text_cell,
)

HIDDEN = Suppressed()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.274, "27%"),
        (0.275, "28%"),
        (0.285, "29%"),  # 28.499999999999996 as a product of floats
        (-0.041, "−4%"),
        (-0.004, "0%"),
        (0.0, "0%"),
        (1.0, "100%"),
        (HIDDEN, "[c]"),
        (Suppressed("low"), "[low]"),
        (math.nan, "[z]"),
    ],
)
def test_percentages_are_whole_and_never_minus_zero(value: numbers.Number, text: str) -> None:
    assert numbers.percent(value) == text


@pytest.mark.parametrize(
    ("value", "decimals", "shift", "text"),
    [
        (12345, 0, 0, "12,345"),
        (1234567.891, 2, 0, "1,234,567.89"),
        (0.931, 0, 2, "93"),
        (0.931, 1, 0, "0.9"),
        (-0.0001, 2, 0, "0.00"),
        (-2.675, 2, 0, "−2.68"),
        (math.inf, 0, 0, "[z]"),
    ],
)
def test_fixed(value: float, decimals: int, shift: int, text: str) -> None:
    assert numbers.fixed(value, decimals, shift) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0, "<0.01"), (0.00999, "<0.01"), (0.01, "0.01"), (0.049, "0.049"), (0.0496, "0.0496"), (0.0504, "0.0504"), (0.2, "0.20")],
)
def test_p_values(p: float, text: str) -> None:
    assert numbers.p_value(p) == text


@given(st.floats(0.0, 1.0).filter(lambda p: abs(p - 0.05) > 1e-5))
def test_a_printed_p_lies_on_the_side_of_the_true_one(p: float) -> None:
    text = numbers.p_value(p)
    printed = 0.0 if text.startswith("<") else float(text)
    assert (printed < 0.05) == (p < 0.05)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (-0.071, -0.012, "−7 to −1"),
        (-0.071, -0.002, "−7.1 to −0.2"),
        (0.0003, 0.06, "0.03 to 6.00"),
        (-0.002, 0.061, "0 to 6"),
        (HIDDEN, HIDDEN, "[c]"),
        (HIDDEN, 0.5, "[c]"),
    ],
)
def test_intervals_keep_zero_on_its_side(low: numbers.Number, high: numbers.Number, text: str) -> None:
    decimals = numbers.interval_decimals(low, high, 0, 2)
    assert numbers.interval(low, high, decimals, 2) == text


@given(st.floats(1e-5, 0.5), st.floats(0.0, 0.5), st.booleans())
def test_a_clear_interval_never_prints_zero(near: float, width: float, below: bool) -> None:
    low, high = (-near - width, -near) if below else (near, near + width)
    decimals = numbers.interval_decimals(low, high, 0, 2)
    assert numbers.rounded(low, decimals, 2) != 0
    assert numbers.rounded(high, decimals, 2) != 0


@pytest.mark.parametrize(
    ("smd", "band", "decimals"),
    [(0.0, "<=5", 1), (0.05, "<=5", 1), (-0.05004, "<=10", 3), (0.1, "<=10", 1), (0.10004, ">10", 3), (math.nan, "[z]", 1)],
)
def test_bands_agree_with_the_printed_difference(smd: float, band: str, decimals: int) -> None:
    assert number.band(smd) == band
    assert numbers.smd_decimals(smd) == decimals


def test_parts_that_do_not_add_up_are_found() -> None:
    assert numbers.parts_add_up(0.27, 0.31, -0.04, 0, 2)
    assert not numbers.parts_add_up(0.274, 0.316, -0.042, 0, 2)
    assert numbers.parts_add_up(HIDDEN, 0.316, -0.042, 0, 2)


def test_less_than_one_percent_is_not_nobody() -> None:
    assert numbers.percent_of_people(0.004) == "<1%"
    assert numbers.percent_of_people(0) == "0%"
    assert numbers.percent_of_people(HIDDEN) == "[c]"


def test_an_interval_is_two_columns_in_a_spreadsheet() -> None:
    row = (text_cell("a"), interval_cell(-1.0, 2.0), number_cell(0.5, 2))
    table = Table("t", "T", columns("measure:text estimate_range:interval p"), (row,))
    title = "Estimated difference, 95% interval"
    assert plain_headings(table) == ("Measure", f"{title}: lower", f"{title}: upper", "p")
    assert plain_rows(table) == (("a", -1, 2, 0.5),)


def test_a_table_refuses_a_ragged_row() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table("t", "T", (Column("a"), Column("b")), ((number_cell(1),),))


def test_chosen_drops_a_column_that_says_nothing() -> None:
    rows = tuple((text_cell("everyone"), number_cell(value), number_cell(Suppressed("z"))) for value in (1, 2))
    table = Table("t", "T", columns("analysis:text n ratio"), rows)
    assert [column.name for column in chosen(table, "analysis n ratio").columns] == ["n"]
