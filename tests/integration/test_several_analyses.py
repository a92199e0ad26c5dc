"""A run of a study with many analyses, as a stranger gets it: each named or counted, each complete or with its reason."""

from __future__ import annotations

import html
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from tests.command_line import STUDY, call, files_of, upload_rows, write_study, write_upload
from tests.world_fixture import world_folder

from datalab.fields.justice.codes import REGION
from datalab.report.results import results_schema
from datalab.wording import say

SEED = 7  # of a country in which those who completed are matched well enough, and a secondary verdict could be chance
ANALYSES = """
[[analysis]]
name = "completers"
stated_effects = { rate = 0.08, frequency = 0.4 }
where = { "group:completed" = "YES " }
[[analysis]]
name = "unlike"
where = { cohort_year = [2008, 2009, 2010, 2011] }
caliper_sd_logit = 5
[[analysis]]
each = "sex"
[[analysis]]
each = "region"
[[analysis]]
name = "london"
where = { region = "london" }
outcomes = ["rate"]
[[analysis]]
name = "no-column"
where = { "group:cours" = "a" }
[[analysis]]
name = "no-value"
where = { "group:completed" = "maybe" }
[[analysis]]
each = "group:site"
exact = []
families = ["demographics"]
"""


def write_many(path: Path, world: Path, more: str = ANALYSES, **changes: str) -> Path:
    """The country's main study with these analyses beside its headline."""
    write_study(path, world, **changes)
    text = path.read_text(encoding="utf-8")
    second = [match.start() for match in re.finditer(r"\[\[analysis\]\]", text)][1]
    path.write_text(text[:second] + more, encoding="utf-8")
    return path


def few_of_the_north_east(path: Path, world: Path) -> str:
    """The upload without all but a few of those who come from there."""
    truth = pq.read_table(world / "truth" / f"{STUDY}.parquet", columns=["row", "person_id"]).to_pylist()
    occasions = pq.read_table(world / "central" / "occasion.parquet", columns=["person_id", "area"]).to_pylist()
    there = {row["person_id"] for row in occasions if row["area"] == "north_east"}
    gone = {row["row"] for row in truth if row["person_id"] in there}
    rows = upload_rows(world)
    first = sorted(gone)[:9]
    return write_upload(path, [row for line, row in enumerate(rows, start=1) if line not in gone or line in first])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study and its finished run in `out`; what the command printed is in `printed`."""
    folder = tmp_path_factory.mktemp("many")
    world = world_folder(tmp_path_factory, seed=SEED)
    few = few_of_the_north_east(folder / "few.csv", world)
    answer = call("run", write_many(folder / "study.toml", world, upload=few), "--out", folder / "out")
    (folder / "printed").write_text(answer.out, encoding="utf-8")
    (folder / "told").write_text(answer.err, encoding="utf-8")
    assert answer.code == 0, answer.err
    return folder


@pytest.fixture(scope="module")
def results(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "out" / "results.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(results_schema()).validate(found)
    return found


def by_name(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {analysis["name"]: analysis for analysis in results["analyses"]}


def test_every_analysis_is_there_with_its_reason_and_the_headline_decides_the_status(results: dict[str, Any]) -> None:
    found = by_name(results)
    assert results["status"] == "released"
    assert next(iter(found)) == results["headline"]["analysis"] == "everyone"
    status = {name: analysis["status"] for name, analysis in found.items()}
    assert {name: status[name] for name in ("everyone", "completers", "sex-male", "no-column", "no-value")} == {
        "everyone": "estimated",
        "completers": "estimated",
        "sex-male": "estimated",
        "no-column": "not_possible",
        "no-value": "not_possible",
    }
    assert status["region-wales"] == "withheld"  # "too few" would say that there are others outside it
    assert status["unlike"] == "balance_failed"
    reasons = {name: analysis["reason"].rsplit(".", 1)[-1] for name, analysis in found.items()}
    assert reasons["no-column"] == "no_such_group"
    assert reasons["no-value"] == "nobody_or_few"  # of a value that nobody has, as of one that a few have
    assert [name for name, analysis in found.items() if not analysis["reason"]] == [n for n in status if status[n] == "estimated"]


def unnamed_regions(results: dict[str, Any]) -> set[str]:
    """The analyses of regions that the plan asks for and the results do not name."""
    return {f"region-{code.replace('_', '-')}" for code, _ in REGION} - set(by_name(results))


def test_a_level_of_a_few_people_is_counted_and_named_nowhere(run: Path, results: dict[str, Any]) -> None:
    """Regions with fewer than ten of the people: no file says that there is an analysis of theirs."""
    unnamed = unnamed_regions(results)
    assert len(unnamed) == results["unnamed_analyses"] >= 1
    told = (run / "printed").read_text(encoding="utf-8") + (run / "told").read_text(encoding="utf-8")
    texts = [
        told,
        *((run / "out" / name).read_text(encoding="utf-8") for name in ("report.html", "results.json", "manifest.json")),
    ]
    assert not [(name, text[:40]) for text in texts for name in unnamed if name in text]


def test_each_analysis_is_complete(results: dict[str, Any]) -> None:
    found = by_name(results)
    assert found["completers"]["conditions"] == [{"variable": "group:completed", "values": ["YES "]}]
    assert found["sex-male"]["conditions"] == [{"variable": "sex", "values": ["M"]}]
    for name in ("completers", "sex-male"):
        analysis = found[name]
        assert [outcome["measure"] for outcome in analysis["outcomes"]] == ["rate", "frequency"]
        assert analysis["balance"]["passed"] is True
        assert analysis["people"]["matched"] >= 100
        assert analysis["survival"] is not None
    assert found["sex-male"]["people"]["pool"] < found["completers"]["people"]["pool"]
    assert found["unlike"]["match_settings"]["caliper_sd_logit"] == "5"
    names = {line["name"] for line in found["site-hmp-priory-road"]["balance"]["covariates"]}
    assert "age_years" in names and "index_disposal" not in names


def test_a_badly_matched_analysis_says_what_is_furthest_apart_and_what_to_try(run: Path, results: dict[str, Any]) -> None:
    page = (run / "out" / "report.html").read_text(encoding="utf-8")
    (line,) = [text for text in re.findall(r"<li>(.*?)</li>", page, flags=re.DOTALL) if text.strip().startswith("unlike")]
    balance = by_name(results)["unlike"]["balance"]
    assert balance["worst"]
    assert all(name in html.unescape(line) for name in balance["worst"])
    assert page.count("What to try: closer matches (with a caliper: 0.1 or 0.05)") == 1


def test_people_needed_are_counted_for_the_effects_that_the_plan_states(run: Path, results: dict[str, Any]) -> None:
    found = by_name(results)
    rate, frequency = found["completers"]["outcomes"]
    assert (rate["stated_effect"], frequency["stated_effect"]) == (0.08, 0.4)
    assert isinstance(frequency["people_needed"], (int, float))
    rate, frequency = found["sex-male"]["outcomes"]
    assert (rate["stated_effect"], frequency["stated_effect"]) == (0.05, {"suppressed": "[z]"})
    assert "8.0" in (run / "out" / "tables" / "people_needed.csv").read_text(encoding="utf-8")


def test_one_family_of_tests_is_adjusted_over_all_analyses(results: dict[str, Any]) -> None:
    outcomes = [outcome for analysis in results["analyses"] for outcome in analysis["outcomes"]]
    secondary = [o for o in outcomes if o["role"] == "secondary" and o["effect"] and isinstance(o["effect"]["p"], float)]
    assert results["secondary_tests"] >= len(secondary) >= 4
    smallest = min(secondary, key=lambda o: o["effect"]["p"])
    assert smallest["effect"]["p_holm"] == pytest.approx(min(1.0, results["secondary_tests"] * smallest["effect"]["p"]), rel=1e-6)
    headline = next(o for o in outcomes if o["role"] == "headline")
    assert headline["effect"]["p_holm"] == headline["effect"]["p"]
    assert headline["could_be_chance"] is None
    said = [o for o in outcomes if o["could_be_chance"]]
    assert all(f"one of {results['secondary_tests']} tests; could be chance" == o["could_be_chance"] for o in said)
    assert said, "this country has a secondary verdict that the adjusted p does not uphold"


def test_the_page_and_the_workbook_tell_of_all(run: Path, results: dict[str, Any]) -> None:
    page = (run / "out" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('id="analyses"') :]
    for analysis in results["analyses"]:
        assert analysis["name"] in section
    assert "Nobody, or too few people, can be looked at or compared here." in section
    count = results["unnamed_analyses"]
    assert say("several.page.unnamed", count=count) in section
    assert f"one of {results['secondary_tests']} tests; could be chance" in page
    with zipfile.ZipFile(run / "out" / "annex.xlsx") as book:
        sheets = set(re.findall(r'<sheet name="\d*_?([a-z_]+)"', book.read("xl/workbook.xml").decode()))
    assert {"results", "analyses", "settings", "balance", "balance_others"} <= sheets


def test_the_manifest_lists_settings_and_warnings_by_analysis(run: Path, results: dict[str, Any]) -> None:
    manifest = json.loads((run / "out" / "manifest.json").read_text(encoding="utf-8"))
    listed = manifest["body"]["settings"]["analyses"]
    assert [item["name"] for item in listed] == [analysis["name"] for analysis in results["analyses"]]
    assert all(set(item) == {"name", "match", "warnings"} for item in listed)
    assert manifest["body"]["settings"]["study"]["analyses"][1]["where"] == {"group:completed": ["YES "]}


def test_no_value_of_the_upload_is_told_on_the_way(run: Path) -> None:
    told = (run / "told").read_text(encoding="utf-8")
    assert "other analyses" in told
    assert not [word for word in ("kingsmere", "priory", "ridgeway", "completers", "region-") if word in told.lower()]


def test_the_same_study_gives_the_same_bytes(run: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    world = world_folder(tmp_path_factory, seed=SEED)
    study = write_many(tmp_path / "again.toml", world, upload=json.dumps(str(run / "few.csv")))
    assert call("run", study, "--out", tmp_path / "out", "--quiet").code == 0
    first, second = files_of(run / "out"), files_of(tmp_path / "out")
    assert [name for name in first if first[name] != second[name]] == ["manifest.json"]
    ours, theirs = (json.loads((folder / "out" / "manifest.json").read_text()) for folder in (run, tmp_path))
    assert ours["body_sha256"] == theirs["body_sha256"]


def test_the_headline_may_be_about_some_of_the_people(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The ladder then has a step for those outside it, and the needs design stands beside it."""
    study = write_study(tmp_path / "men.toml", world_folder(tmp_path_factory), needs_design="true")
    text = study.read_text(encoding="utf-8").replace('headline = "rate"', 'headline = "rate"\nwhere = { sex = "M" }')
    study.write_text(text[: text.index("[[analysis]]", text.index("[[analysis]]") + 5)], encoding="utf-8")
    answer = call("run", study, "--out", tmp_path / "out", "--quiet")
    assert answer.code == 0, answer.err
    found = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(results_schema()).validate(found)
    assert found["attrition"][-1]["n"] == found["analyses"][0]["people"]["matched"]
    assert found["attrition"][0]["n"] - found["attrition"][-1]["n"] > 20, "the women are lost on the way"
    assert [run["design"] for run in found["needs"]] == ["with_needs", "same_people", "everyone"]
    assert all(run["status"] in ("estimated", "balance_failed", "too_few") for run in found["needs"])
    assert 'id="needs"' in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_a_badly_matched_headline_leaves_the_other_analyses_their_results(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A headline whose caliper lets anybody match fails its gate: the report says so, and tells what others found by theirs."""
    more = ANALYSES.replace("[[analysis]]\n", "[[analysis]]\ncaliper_sd_logit = 0.2\n").replace("caliper_sd_logit = 5\n", "")
    study = write_many(tmp_path / "study.toml", world_folder(tmp_path_factory, seed=SEED), more, caliper_sd_logit="5")
    answer = call("run", study, "--out", tmp_path / "out", "--quiet")
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    found = by_name(results)
    assert (answer.code, results["status"]) == (1, "balance_failed")
    assert found["everyone"]["status"] == "balance_failed" and not found["everyone"]["outcomes"]
    estimated = [analysis for analysis in found.values() if analysis["status"] == "estimated"]
    assert estimated and all(analysis["outcomes"] for analysis in estimated)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "research" not in page.lower().split("<main")[1][:4000]
