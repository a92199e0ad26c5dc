"""The model file against the published figures it names, and the settings made from it."""

from __future__ import annotations

import csv
import json
from importlib import resources
from typing import Any

import pytest

from datalab.errors import InputError, InternalError
from datalab.fields.justice.identifiers import clean_name
from datalab.linkage.blocking import lost_share
from datalab.linkage.cleaning import MACROS
from datalab.linkage.index import IndexSize
from datalab.linkage.model import check_model, load_model, make_model, model_settings, packaged_model
from datalab.linkage.settings import splink_settings

MODEL = load_model()
LEVELS = [(comparison.name, level) for comparison in MODEL.comparisons for level in comparison.levels]


def published() -> dict[tuple[str, str, int], dict[str, str]]:
    text = resources.files("datalab.data").joinpath("linkage_m_u_probabilities.csv").read_text(encoding="utf-8")
    return {(row["model"], row["comparison"], int(row["level_order"])): row for row in csv.DictReader(text.splitlines())}


def sources() -> dict[str, str]:
    raw = json.loads(resources.files("datalab.linkage").joinpath(f"{MODEL.version}.json").read_text(encoding="utf-8"))
    return dict(raw["sources"])


@pytest.mark.parametrize(("comparison", "level"), LEVELS, ids=[f"{c}: {level.name}" for c, level in LEVELS])
@pytest.mark.parametrize("which", ["m", "u"])
def test_every_m_and_u_is_the_published_figure_it_names(comparison: str, level: Any, which: str) -> None:
    source = level.source[which]
    if source == "ours":
        assert comparison in ("sex", "prison_number")
        return
    model, name, orders = source.split(" ")
    rows = [published()[sources()[model], name, int(order)] for order in orders.split("+")]
    column = "m_probability" if which == "m" else "u_probability"
    assert getattr(level, which) == pytest.approx(sum(float(row[column]) for row in rows), rel=1e-9)


@pytest.mark.parametrize("comparison", MODEL.comparisons, ids=lambda comparison: comparison.name)
def test_the_shares_of_a_comparison_add_up(comparison: Any) -> None:
    assert sum(level.m for level in comparison.levels) == pytest.approx(1.0, abs=0.01)
    assert sum(level.u for level in comparison.levels) == pytest.approx(1.0, abs=0.01)
    for level in comparison.levels:
        assert sum(share for share, _ in level.agrees) in (0, 1)


def test_the_prior_is_the_expected_links_over_all_pairs() -> None:
    submitted, people = 1_000, 50_000
    assert MODEL.prior(people) == pytest.approx(MODEL.expected_share * submitted / (submitted * people))


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(InternalError):
        load_model("model_1999_01_01")


@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_the_neutral_file_makes_settings_for_each_engine(dialect: str) -> None:
    made = splink_settings(MODEL, 50_000).create_settings_dict(dialect)
    assert len(made["comparisons"]) == len(MODEL.comparisons)
    assert len(made["blocking_rules_to_generate_predictions"]) == len(MODEL.blocking)
    shares = [
        (level["m_probability"], level["u_probability"])
        for comparison in made["comparisons"]
        for level in comparison["comparison_levels"]
        if not level.get("is_null_level")
    ]
    assert shares == [(level.m, level.u) for _, level in LEVELS]


FULL = IndexSize(50_000, 1.0, 1.0, 1.0)


def test_more_fields_lose_fewer_pairs_to_blocking() -> None:
    nothing = lost_share(MODEL, FULL, frozenset())
    postcode = lost_share(MODEL, FULL, frozenset({"postcodes"}))
    everything = lost_share(MODEL, FULL, frozenset({"postcodes", "pnc_ids", "prison_numbers"}))
    assert 0.05 > nothing > postcode > everything > 0


def test_a_field_that_the_records_lack_is_no_help() -> None:
    bare = IndexSize(50_000, 0.0, 0.0, 0.0)
    given = frozenset({"postcodes", "pnc_ids", "prison_numbers"})
    assert lost_share(MODEL, bare, given) == pytest.approx(lost_share(MODEL, FULL, frozenset()))


NAMES = ["José", "O’Brien-Łuczak", "DUPLICATE_Mc Donald", "Ærø", "Straße", "İbrahim", "van der Berg", "mig_error_duplicate_smith",
         " ", "Đinh", "ŒUVRE", "Þór", "smith2", "Ngũ", "李 明", "d'Souza", "ST. JOHN"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_cleaned_in_the_database_as_intake_cleans_them(name: str) -> None:
    import duckdb

    with duckdb.connect(":memory:") as connection:
        for macro in MACROS:
            connection.execute(macro).fetchall()
        central, submitted = connection.execute(
            "select linkage_joined(?), linkage_joined(?)", [name, clean_name(name)]
        ).fetchall()[0]
    assert central == submitted == (clean_name(name).replace(" ", "") or None)


def test_the_surest_links_have_a_threshold_in_every_model_never_below_that_in_force() -> None:
    raw = packaged_model()
    assert raw["thresholds"]["strict"] == make_model(raw).strict == 0.9999
    raw["thresholds"] = {"accept": 0.99995, "review": 0.5, "keep": 0.0001, "tie_bits": 2.0}
    assert make_model(raw).strict == 0.99995
    assert load_model("model_2026_11_22").strict == 0.9999


@pytest.mark.parametrize("older", ["model_2026_11_22", "model_2026_11_26"])
def test_the_packages_own_models_can_be_used(older: str) -> None:
    assert check_model(packaged_model(older), "x").version == older


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        (("blocking", 0), ["date_of_birth) from x --"], "date_of_birth"),
        (("comparisons", 0, "name"), "name; drop", "name; drop"),
        (("comparisons", 1, "needs"), ["secret"], "secret"),
        (("comparisons", 0, "levels", 1, "term_frequency"), "secret", "secret"),
        (("comparisons", 0, "levels", 2, "test"), {"jaro_winkler": "full_name", "at_least": "0.9 or true"}, "0.9 or true"),
        (("comparisons", 0, "levels", 2, "test"), {"any": [{"same": "secret"}]}, "secret"),
        (("comparisons", 0, "levels", 2, "m"), 0, "name, level similar"),
        (("thresholds", "accept"), 1.5, "accept"),
        (("thresholds", "tie_bits"), float("nan"), "tie_bits"),
        (("thresholds", "tie_bits"), -1, "tie_bits"),
        (("decision_probability",), 1.0, "decision_probability"),
        (("different_birth", "days_over"), "1826", "different_birth_days"),
        (("common_postcode", "people"), 10**400, "common_postcode_people"),
        (("placeholders", "dates_of_birth"), ["1900-01-01", 7], "a day"),
        (("blocking", 0), [], "blocking rules"),
        (("version",), "model_\ud800", "version"),
        (("version",), ["x"], "version"),
        (("comparisons", 4, "levels", 0, "name"), "different", "a name of its own"),
        (("comparisons", 4, "levels", 0, "name"), ["exact"], "a name of its own"),
        (("comparisons", 4, "levels", 0, "name"), "\ud800", "a name of its own"),
        (("comparisons", 4, "name"), "postcode", "a name of its own"),
        (("comparisons", 0, "levels", 2, "test"), {"jaro_winkler": "full_name"}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"at_least": 0.9}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"at_most": 1, "jaro_winkler": "full_name"}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"same": "full_name", "edits": "full_name"}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"jaro_winkler": "full_name", "at_least": "forename"}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"same": "jaro_winkler"}, "jaro_winkler"),
        (("comparisons", 0, "levels", 2, "test"), {"all": [{"any": [{"same": "full_name"}]}]}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "test"), {"swapped": ["forename"]}, "name, level similar"),
        (("comparisons", 0, "levels", 2, "agrees"), [{"share": "0.5", "columns": []}], "name, level similar"),
    ],
)
def test_a_file_that_says_what_no_query_may_hold_is_refused(place: tuple[Any, ...], value: object, sentence: str) -> None:
    raw = json.loads(json.dumps(packaged_model()))
    inner = raw
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    with pytest.raises(InputError) as refused:
        check_model(raw, "model.json")
    assert any(sentence in fault for fault in refused.value.faults)


def test_what_a_model_says_beside_its_weights_is_told_by_name() -> None:
    raw = json.loads(json.dumps(packaged_model()))
    before = model_settings(make_model(raw))
    raw["thresholds"]["tie_bits"], raw["version"] = 0, "other"
    raw["blocking"].remove(["postcodes", "forename"])
    raw["comparisons"][0]["levels"][2]["test"]["at_least"] = 0.8
    raw["comparisons"][4]["levels"][0]["u"] = 0.5
    raw["comparisons"][5]["levels"].reverse()
    after = model_settings(make_model(raw))
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
        "tie_bits", "blocking: postcodes + forename", "name: similar", "pnc_id",
    }  # fmt: skip


@pytest.mark.parametrize("raw", [{}, [], {"thresholds": 1}, {**packaged_model(), "comparisons": [{"name": "x"}]}])
def test_what_is_no_model_is_refused(raw: Any) -> None:
    with pytest.raises(InputError, match=r"model\.json is not a linkage model"):
        check_model(raw, "model.json")


def test_a_file_with_its_keys_sorted_links_the_same() -> None:
    """As `index train` writes it."""
    model = check_model(json.loads(json.dumps(packaged_model(), sort_keys=True)), "sorted.json")
    assert model == MODEL
    made, ours = (splink_settings(one, 50_000).create_settings_dict("duckdb") for one in (model, MODEL))
    assert made["comparisons"] == ours["comparisons"]
