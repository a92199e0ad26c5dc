"""The effect at other thresholds of linkage, found in one run: what a run with that threshold would have given.

The upload is the country's own with identifiers, postcodes and letters taken away, so that links are of every probability.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.command_line import upload_rows, write_study, write_upload
from tests.world_fixture import world_folder

from datalab import chain
from datalab.chain import Evidence, analysis_settings, cohort_settings, find
from datalab.disclosure import control
from datalab.disclosure.thresholds import load_thresholds
from datalab.effects.results import AnalysisFindings, Findings, SensitivityLine
from datalab.engines import duckdb
from datalab.linkage.model import load_model, packaged_model
from datalab.linkage.results import Links, OtherLinks
from datalab.linkage_page import write_for_steward
from datalab.links import with_inputs
from datalab.progress import Silent, Timed
from datalab.relinking import OtherPeople, Relinked, at_every_threshold, estimate_others, prepare_others
from datalab.report.sensitivity import linkage_sentences
from datalab.report.sentences import headline
from datalab.schema.store import open_central
from datalab.several import Found
from datalab.study import Study, read_study
from datalab.table import AnalysisTable, Covariate

MODEL = load_model()


@dataclass
class Run:
    """One run up to its findings, with the tables that were read on its way."""

    study: Study
    findings: Findings
    evidence: Evidence
    table: AnalysisTable

    @property
    def head(self) -> AnalysisFindings:
        return self.findings.analyses[0]

    @property
    def own_links(self) -> int:
        return len(persons(self.evidence.links.links))

    def at(self, name: str) -> Relinked:
        return next(one for one in self.evidence.relinked if one.name == name)

    def lines(self, name: str) -> list[SensitivityLine]:
        return [line for line in self.head.sensitivity if line.name == name]


def run(study: Study) -> Run:
    """The headline analysis alone."""
    study = replace(study, analyses=study.analyses[:1])
    tables: list[AnalysisTable] = []
    whole = chain.build_table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "build_table", lambda *given, **more: tables.append(whole(*given, **more)) or tables[-1])
        findings, evidence = find(study, Timed(Silent()))
    return Run(study, findings, evidence, tables[0])


def worn_upload(path: Path, world: Path) -> str:
    rows, draw = upload_rows(world), random.Random(3)
    for row in rows[1:]:
        cells, worn = dict(zip(rows[0], row, strict=True)), draw.random()
        cells |= dict.fromkeys(("pnc_id", "prison_number") if worn < 0.6 else (), "")
        cells |= dict.fromkeys(("postcode", "middle_names") if worn < 0.35 else (), "")
        if worn < 0.25 and len(cells["surname"]) > 3:
            place = draw.randrange(1, len(cells["surname"]))
            cells["surname"] = cells["surname"][:place] + draw.choice("aekl") + cells["surname"][place + 1 :]
        row[:] = cells.values()
    return write_upload(path, rows)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's country."""
    return world_folder(tmp_path_factory)


@pytest.fixture(scope="module")
def worn(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("worn")
    return run(read_study(write_study(folder / "study.toml", world, upload=worn_upload(folder / "worn.csv", world))))


def persons(links: Any) -> set[str]:
    return set(links.filter(pc.equal(links["status"], "accepted"))["person_id"].to_pylist())


def figures(found: AnalysisFindings | None) -> list[str]:
    """Everything that is found of each measure, NaN and all."""
    assert found is not None
    return [repr(result) for result in found.outcomes]


def test_a_stricter_threshold_links_a_part_and_a_laxer_one_more(worn: Run) -> None:
    links = worn.evidence.links
    strict, lax = (persons(other.links) for other in links.others)
    assert strict < persons(links.links) < lax
    assert [other.threshold for other in links.others] == [MODEL.strict, MODEL.review]
    assert [worn.at(name).linked for name in ("strict", "lax")] == [len(strict), len(lax)]
    assert worn.at("strict").found.people.treated < worn.head.people.treated < worn.at("lax").found.people.treated
    named = {str(person) for other in links.others for person in other.links["person_id"].to_pylist() if person}
    assert named <= links.seen_person_ids, "nobody in doubt comes into the pool"


@pytest.mark.parametrize("name", ["strict", "lax"])
def test_the_estimate_is_that_of_a_run_with_the_threshold(worn: Run, name: str, tmp_path: Path) -> None:
    raw = packaged_model()
    raw["thresholds"]["accept"] = worn.at(name).threshold
    model = tmp_path / "model.json"
    model.write_text(json.dumps(raw), encoding="utf-8")
    other = run(with_inputs(worn.study, linkage_model=model))
    assert figures(worn.at(name).found) == figures(other.head)
    assert worn.at(name).found.people == other.head.people
    assert figures(worn.at("lax").found) == figures(other.at("lax").found or other.head), "the same in every run"


def test_at_the_run_s_own_threshold_the_analysis_gives_the_run_s_own_figures(worn: Run) -> None:
    own = OtherPeople(OtherLinks("strict", MODEL.accept, worn.evidence.links.links), worn.table, worn.evidence.facts)
    (again,) = estimate_others(worn.study, [own], worn.head, analysis_settings, Silent())
    assert figures(again.found) == figures(worn.head)


def test_the_lines_stand_behind_those_on_links(worn: Run) -> None:
    assert [(line.measure.name, line.status) for line in worn.lines("links_strict")] == [
        ("rate", "estimated"),
        ("frequency", "estimated"),
    ]
    parts = [line.part for line in worn.head.sensitivity]
    assert parts == sorted(parts, key=["design", "hidden", "linkage", "control"].index)


def with_others(links: Links, *tables: pa.Table) -> Links:
    names: tuple[Literal["strict", "lax"], ...] = ("strict", "lax")
    return replace(links, others=tuple(OtherLinks(name, 0.9, table) for name, table in zip(names, tables, strict=True)))


def with_one_more(links: pa.Table, person: str) -> pa.Table:
    """The links with the first row that is not linked linked to this person."""
    rows = links.to_pylist()
    next(row for row in rows if row["status"] == "unlinked").update(person_id=person, status="accepted", rule="probabilistic")
    return pa.Table.from_pylist(rows, schema=links.schema)


def with_few(links: pa.Table, most: int) -> pa.Table:
    """The links of which this many at most are accepted, the first ones."""
    rows = links.to_pylist()
    for row in [row for row in rows if row["status"] == "accepted"][most:]:
        row["status"] = "review"
    return pa.Table.from_pylist(rows, schema=links.schema)


def test_where_nobody_analysed_changes_nothing_is_made_again(worn: Run) -> None:
    """The same links ask for nothing; one more to somebody without an event of the programme's kind changes nobody analysed."""
    study, evidence = worn.study, worn.evidence
    with duckdb.session() as connection:
        open_central(connection, study.inputs.central, quick=True)
        query = "select person_id from person anti join custody using (person_id) order by person_id limit 1"
        ((person,),) = connection.execute(query).fetchall()
        assert person not in evidence.links.seen_person_ids
        links = with_others(evidence.links, evidence.links.links, with_one_more(evidence.links.links, person))
        none = with_others(evidence.links, with_few(evidence.links.links, 0), with_few(evidence.links.links, 12))
        own = (evidence.cohort, evidence.facts)
        others, few = (
            prepare_others(connection, study, cohort_settings(study), evidence.submission, given, own, Silent())
            for given in (links, none)
        )
        assert not connection.execute("select 1 from duckdb_tables() where table_name like 'lab_%'").fetchall()
    assert [other.table for other in others] == [None, None]
    relinked = estimate_others(study, others, worn.head, analysis_settings, Silent())
    assert [(one.linked, one.found) for one in relinked] == [(worn.own_links, None), (worn.own_links + 1, None)]
    nobody, too_few = estimate_others(study, few, worn.head, analysis_settings, Silent())
    assert [(one.linked, one.found and one.found.status) for one in (nobody, too_few)] == [(0, "not_possible"), (12, "too_few")]
    findings = with_thresholds(worn, relinked)
    assert {line.status for line in findings.analyses[0].sensitivity if line.name.startswith("links_")} == {"same_people"}
    assert "Taking the doubtful links too would not change who is analysed, so the result is the same." in told(findings)


def far_apart(table: AnalysisTable, shift: float) -> AnalysisTable:
    """The table with a trait by which those who took part differ from everybody else."""
    values = np.random.default_rng(5).normal(size=table.n) + shift * table.treated
    return replace(table, covariates=(*table.covariates, Covariate("trait", "Trait", values, family="demographics")))


@pytest.mark.parametrize(("shift", "status"), [(2.0, "balance_failed"), (40.0, "not_possible")])
def test_a_gate_that_fails_at_another_threshold_is_told_and_is_no_error(worn: Run, shift: float, status: str) -> None:
    other = OtherPeople(worn.evidence.links.others[0], far_apart(worn.table, shift), worn.evidence.facts)
    (found,) = estimate_others(worn.study, [other], worn.head, analysis_settings, Silent())
    assert found.found is not None
    assert (found.found.status, found.found.outcomes) == (status, ())
    findings = with_thresholds(worn, (found, *worn.evidence.relinked[1:]))
    line = next(line for line in findings.analyses[0].sensitivity if line.name == "links_strict")
    assert line.status == ("not_balanced" if status == "balance_failed" else "withheld")
    reason = (
        "the two groups could not be made alike" if status == "balance_failed" else "there is no estimate to show. This design"
    )
    assert f"With only the surest links, {reason}" in told(findings)


def with_thresholds(worn: Run, relinked: tuple[Relinked, ...]) -> Findings:
    """The run's findings with these other thresholds in the place of its own."""
    kept = tuple(line for line in worn.head.sensitivity if not line.name.startswith("links_"))
    head = replace(worn.head, sensitivity=kept)
    return chain.assemble_findings(worn.study, replace(worn.evidence, relinked=relinked), Found((head,)))


def told(findings: Findings) -> str:
    """What the report says of links, after disclosure control."""
    release = control(findings).release
    analysis, outcome = headline(release)
    assert analysis is not None and outcome is not None
    lines = tuple(line for line in analysis.sensitivity if line.measure == outcome.measure)
    return " ".join(linkage_sentences(release, outcome, lines))


def test_the_steward_sees_every_threshold_in_full(worn: Run, tmp_path: Path) -> None:
    effects = at_every_threshold(worn.evidence.links, worn.head, worn.evidence.relinked)
    assert [one.name for one in effects] == ["strict", "in_force", "lax"]
    write_for_steward(worn.evidence.links, load_thresholds(), tmp_path, effects=effects)
    page = (tmp_path / "linkage.html").read_text(encoding="utf-8")
    for one in effects:
        assert one.found is not None
        effect = one.found.outcomes[0].effect
        assert effect is not None
        assert f"{one.threshold:g} (" in page
        for shown in (str(one.linked), str(one.found.people.matched), f"{100 * effect.estimate:.1f}".replace("-", "−")):
            assert f">{shown}<" in page.replace("\n", "").replace("  ", ""), shown


def test_the_report_tells_the_difference_at_both_thresholds(worn: Run) -> None:
    said = told(worn.findings)
    assert "With only the surest links, the difference would be about" in said
    assert "With the doubtful links taken too, the difference would be about" in said
