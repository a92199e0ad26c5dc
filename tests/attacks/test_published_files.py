"""Attacks on the files themselves: what is hidden is in none of them, rounding is always the same, a repeat tells nothing."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.attacks.outsider import by_covariate, hidden
from tests.attacks.test_nested_attacks import study
from tests.command_line import call, finished_run
from tests.findings_factory import make_findings
from tests.register_tables import ids, of, roll_of

from datalab.balance.results import CovariateBalance
from datalab.disclosure import control
from datalab.effects.results import AnalysisFindings, Deaths, Findings, Members
from datalab.errors import InputError
from datalab.register import open_register
from datalab.register.released import released_tables
from datalab.register.tables import ShownTable
from datalab.report.results import results_json
from datalab.report.writers import report_files

ROOT = Path(__file__).parents[2]
PROFILES = ("default", "strict")
COUNTS = frozenset({"n", "lost", "n_treated", "n_comparison", "effective_comparison", "submitted", "awaiting_review", "matched"})
ROUNDED = COUNTS | {"effective_pool", "treated_at_risk", "comparison_at_risk"}
OF_PEOPLE = frozenset({("people", "treated"), ("people", "pool"), ("people", "comparison")})


def rare() -> Findings:
    """Three of 240 reoffended, two committed arson, three died, and four were left out."""
    steps = (("submitted", "submitted", 0), ("linked", "not_linked", 90), ("eligible", "not_eligible", 35))
    made = make_findings(rate=3 / 240, effect=-0.1, left_out=4, steps=steps)
    return replace(made, deaths=Deaths(3, 7))


def otherwise(findings: Findings) -> Findings:
    """The same study with other hidden counts: one reoffended, five committed arson, eight died, and six were left out."""
    (found,) = findings.analyses
    assert found.balance is not None
    (rate,) = (result for result in found.outcomes if result.measure.name == "rate")
    changed = replace(rate, treated_events=1, treated=1 / 240)
    outcomes = tuple(changed if result is rate else result for result in found.outcomes)
    people = replace(found.people, treated=found.people.treated + 2)
    lines = {"arson": 3, _company(found): -3}
    moved = tuple(_with_more(line, lines.get(line.level, 0), found.people.matched) for line in found.balance.covariates)
    *before, eligible, matched = findings.attrition
    ladder = (*before, replace(eligible, n=eligible.n + 2, lost=eligible.lost - 2), replace(matched, lost=matched.lost + 2))
    analysis = replace(found, people=people, outcomes=outcomes, balance=replace(found.balance, covariates=moved))
    return replace(findings, analyses=(analysis,), attrition=ladder, deaths=Deaths(8, 2))


def _with_more(line: CovariateBalance, more: int, matched: int) -> CovariateBalance:
    """A level with more people in both groups, so that it is as far apart as before."""
    share = more / matched
    means = {name: getattr(line, name) + share for name in ("mean_treated", "mean_pool", "mean_pool_before")}
    return replace(line, treated_count=line.treated_count + more, **means) if more else line


def _company(found: AnalysisFindings) -> str:
    """A level of the offences that is hidden beside arson."""
    document = json.loads(results_json(control(rare()), manifest_sha256="ab" * 32))
    lines = dict(by_covariate(document["analyses"][0]))["offence_group"]
    return next(line["level"] for line in lines if hidden(line["treated"]) and line["level"] != "arson")


@cache
def files(profile: str) -> dict[str, bytes]:
    return report_files(control(rare(), profile), manifest_sha256="ab" * 32, version="0.1.0")


@pytest.mark.parametrize("profile", PROFILES)
def test_other_hidden_counts_give_the_same_bytes_in_every_format(profile: str) -> None:
    """So no page, chart, text alternative, table, workbook or property of a file says anything about them."""
    again = report_files(control(otherwise(rare()), profile), manifest_sha256="ab" * 32, version="0.1.0")
    assert {"report.html", "annex.xlsx", "annex.ods", "results.json", "attrition.csv", "balance.csv"} <= set(again)
    assert [name for name, content in files(profile).items() if again[name] != content] == []


def test_properties_of_the_workbooks_name_nobody_and_no_time_of_this_machine() -> None:
    home = Path.home().name
    for name in ("annex.xlsx", "annex.ods"):
        with zipfile.ZipFile(io.BytesIO(files("default")[name])) as archive:
            assert len({entry.date_time for entry in archive.infolist()}) == 1
            properties = {
                part: archive.read(part).decode() for part in archive.namelist() if part.endswith(("core.xml", "meta.xml"))
            }
        assert properties
        for text in properties.values():
            assert not re.search(rf"\b({re.escape(home)}|/home/)", text)
            assert str(ROOT) not in text
            assert {year for year in re.findall(r"\b(20\d\d)-\d\d-\d\dT", text) if year > "2020"} == set()


def counts_of(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], float]]:
    """Every published count of people in results.json, with where it stands."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from counts_of(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from counts_of(part, path)
    elif isinstance(value, (int, float)) and (path[-1] in ROUNDED or path[-2:] in OF_PEOPLE or path[-2:-1] == ("deaths",)):
        yield path, float(value)


def test_every_count_of_the_strict_profile_is_a_multiple_of_5_in_every_file() -> None:
    made = study(weights={"region": [40, 30, 22, 3], "sex": [50, 17]}, parts=(("sex", (0,)),), deaths=(23, 141))
    content = report_files(control(made.findings, "strict"), manifest_sha256="ab" * 32, version="0.1.0")
    found = dict(counts_of(json.loads(content["results.json"])))
    assert len(found) >= 10
    assert [path for path, value in found.items() if value % 5] == []
    steps = list(csv.DictReader(io.StringIO(content["attrition.csv"].decode())))
    assert len(steps) >= 8
    assert [step for step in steps if int(step["Left"]) % 5 or int(step["Lost"]) % 5] == []
    ladder = json.loads(content["results.json"])["attrition"]
    for before, after in pairwise(ladder):
        assert before["n"] == after["n"] + after["lost"]


def test_every_count_of_a_strict_run_is_a_multiple_of_5_in_its_records_too(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The manifest and the stored release leave with the report. (Rows of the upload are those that the first step shows.)"""
    run = finished_run(tmp_path_factory)
    assert call("run", run / "study.toml", "--out", tmp_path / "out", "--profile", "strict", "--quiet").code == 0
    for name in ("results.json", "release.json"):
        found = dict(counts_of(json.loads((tmp_path / "out" / name).read_text(encoding="utf-8"))))
        assert len(found) >= 10
        assert [path for path, value in found.items() if value % 5] == []
    body = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["body"]
    rows = {item["role"]: item["rows"] for item in body["inputs"] if item["rows"] is not None}
    assert body["counts"]
    assert [name for name, count in {**body["counts"], **rows}.items() if count % 5] == []
    steps = (tmp_path / "out" / "attrition.csv").read_text(encoding="utf-8")
    assert [step for step in csv.DictReader(io.StringIO(steps)) if int(step["Left"]) % 5 or int(step["Lost"]) % 5] == []


def test_averaging_over_many_strict_releases_tells_nothing() -> None:
    """Rounding is no chance: a hundred releases of one study are one release, and of 238 to 242 people all print 240."""
    releases = {
        results_json(control(make_findings(survival=False, sensitivity=False), "strict"), manifest_sha256="ab" * 32)
        for _ in range(5)
    }
    assert len(releases) == 1
    sizes = {
        str(
            control(make_findings(matched=matched, survival=False, sensitivity=False), "strict")
            .release.analyses[0]
            .people.matched
        )
        for matched in range(238, 243)
    }
    assert sizes == {"240"}


def test_a_strict_release_does_not_give_its_whole_numbers_back() -> None:
    """a/N - b/M at ten digits has one solution in whole numbers near the rounded sizes; rounded to two it has thousands."""
    release = control(make_findings(left_out=0), "strict").release.analyses[0]
    rate = release.outcomes[0]
    assert rate.unadjusted is not None and isinstance(rate.unadjusted.estimate, float)
    assert rate.unadjusted.estimate == round(rate.unadjusted.estimate, 2)


@pytest.mark.parametrize("more", range(1, 10))
def test_a_repeat_request_with_a_few_more_people_is_refused_by_the_register(tmp_path: Path, more: int) -> None:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    register = open_register(tmp_path / "register.sqlite", tmp_path / "key")

    def tables(matched: int) -> dict[str, ShownTable]:
        made = replace(study(matched=matched, left_out=40, weights={"region": [40, 60]}).findings, linkage=None)
        return released_tables(made, control(made).release, roll_of(made))

    register.record("first", tables(240), "2016-01-31")
    with pytest.raises(InputError):
        register.record("again", tables(240 + more), "2016-06-30")


def repeated(**changes: object) -> Findings:
    """A study of 213 rows of whom 191 are eligible and 160 analysed, but for some changes; nothing of its links is counted."""
    steps = (("submitted", "none", 0), ("linked", "not_linked", 22))
    made = replace(make_findings(matched=160, left_out=31, survival=False, sensitivity=False, steps=steps), linkage=None)
    (found,) = made.analyses
    everybody = Members(np.arange(found.people.treated), np.arange(1000, 1000 + found.people.pool))
    found = replace(found, matched_row_ids=tuple(range(found.people.matched)), members=everybody)
    return replace(made, analyses=(found,), **changes)


@pytest.mark.parametrize(("more", "is_refused"), [(1, True), (3, True), (9, True), (10, False)])
def test_a_few_more_people_who_are_not_found_are_refused_too(tmp_path: Path, more: int, is_refused: bool) -> None:
    """Submitted 213 and 216, lost 22 and 25, analysed the same people: the three were not found."""
    (tmp_path / "key").write_bytes(bytes(range(32)))
    register = open_register(tmp_path / "register.sqlite", tmp_path / "key")
    once = repeated()
    submitted, linked, *rest = once.attrition
    ladder = (replace(submitted, n=submitted.n + more), replace(linked, lost=linked.lost + more), *rest)
    again = replace(once, attrition=ladder)
    register.record("first", released_tables(once, control(once).release, roll_of(once)), "2016-01-31")
    tables = released_tables(again, control(again).release, roll_of(again))
    if is_refused:
        with pytest.raises(InputError, match="first: step submitted; again: step submitted"):
            register.record("again", tables, "2016-06-30")
    register.record("again", tables if not is_refused else {}, "2016-06-30")


@pytest.mark.parametrize("moved", [1, 9])
def test_another_index_event_of_a_few_people_is_refused(tmp_path: Path, moved: int) -> None:
    """The same 160 persons, of whom one is analysed from another event: the two means differ by that event alone."""
    (tmp_path / "key").write_bytes(bytes(range(32)))
    register = open_register(tmp_path / "register.sqlite", tmp_path / "key")
    made = repeated()
    release = control(made).release
    register.record("first", released_tables(made, release, roll_of(made)), "2016-01-31")
    with pytest.raises(InputError, match="everyone, analysed"):
        register.record("again", released_tables(made, release, roll_of(made, frozenset(range(moved)))), "2016-06-30")
    register.record("a later wave", released_tables(made, release, roll_of(made, frozenset(range(40)))), "2016-06-30")


def test_yearly_releases_beside_a_pooled_one_are_refused_where_a_few_are_left(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    register = open_register(tmp_path / "register.sqlite", tmp_path / "key")
    years = {"2011": range(100), "2012": range(100, 195)}
    for name, people in years.items():
        register.record(name, {"everyone": of(ids(*people))}, "2016-01-31")
    with pytest.raises(InputError):
        register.record("pooled", {"everyone": of(ids(range(200)))}, "2016-06-30")
    register.record("pooled", {"everyone": of(ids(range(205)))}, "2016-06-30")
