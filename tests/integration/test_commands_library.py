"""`datalab library`: add, list, export, synthesise and compare as a person starts them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.command_line import call
from tests.findings_factory import make_findings
from tests.run_folder import releasable_of, write_release

from datalab.library import open_library


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    findings = make_findings(survival=False, overlap=False, sensitivity=False)
    return write_release(tmp_path_factory.mktemp("run") / "out", releasable_of(findings))


def test_a_run_is_added_listed_and_put_together_apart_from_real_results(folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.json"
    given = ["--organisation", "Example Trust", "--published", "2026-04"]
    added = call("library", "add", str(folder), "--library", str(library), *given, "--json")
    assert added.code == 0
    assert added.document["total"] == 94 + len(added.document["added"])
    listed = call("library", "list", "--library", str(library), "--made-up", "--json")
    assert {row["origin"] for row in listed.document["results"]} == {"demo"}
    assert {row["organisation"] for row in listed.document["results"]} == {"Example Trust"}
    assert len(call("library", "list", "--library", str(library), "--json").document["results"]) == 94
    told = call("library", "synthesise", "--library", str(library), "--made-up")
    assert "There is little to go on: one study." in told.out


def test_a_study_is_added_once_unless_it_is_to_be_replaced(folder: Path, tmp_path: Path) -> None:
    library = tmp_path / "library.json"
    assert call("library", "add", str(folder), "--library", str(library)).code == 0
    before = library.read_bytes()
    again = call("library", "add", str(folder), "--library", str(library))
    assert (again.code, library.read_bytes()) == (2, before)
    assert "Say --overwrite" in again.err
    assert call("library", "add", str(folder), "--library", str(library), "--overwrite").code == 0
    assert library.read_bytes() == before
    assert call("library", "add", str(folder), str(folder), "--library", str(tmp_path / "two.json")).code == 2
    assert not (tmp_path / "two.json").exists()


def test_a_release_that_was_changed_is_refused(tmp_path: Path) -> None:
    findings = make_findings(survival=False, overlap=False, sensitivity=False)
    folder = write_release(tmp_path / "out", releasable_of(findings))
    release = folder / "release.json"
    release.write_bytes(release.read_bytes().replace(b"Example", b"Exemple"))
    refused = call("library", "add", str(folder), "--library", str(tmp_path / "library.json"))
    assert refused.code == 1
    assert not (tmp_path / "library.json").exists()


def test_list_export_synthesise_and_compare_the_published_results(tmp_path: Path) -> None:
    listed = call("library", "list", "--kind", "family")
    assert "Safe Ground" in listed.out
    assert "2 results" in listed.out
    assert "How strength of evidence is counted" in listed.out
    target = tmp_path / "library.csv"
    assert call("library", "export", "--out", str(target), "--kind", "family").code == 0
    assert target.read_text(encoding="utf-8").count("\n") == 3
    assert call("library", "export", "--out", str(target)).code == 2
    assert call("library", "export", "--out", str(tmp_path / "library.doc")).code == 2
    assert call("library", "export", "--out", str(tmp_path / "none.csv"), "--text", "no such thing").code == 2
    told = call("library", "synthesise", "--kind", "employment")
    assert "If you commission another programme of this kind, expect between 29 fewer and 18 more" in told.out
    side_by_side = call("library", "compare", "education", "employment", "--json")
    assert [one["kind"] for one in side_by_side.document["kinds"]] == ["education", "employment"]
    assert call("library", "compare", "education").code == 2
    assert call("library", "list", "--kind", "nothing").out.startswith("0 results")


@pytest.mark.parametrize("content", ["[]", '{"format": 2}', '{"format": 1, "records": [{}]}', "no json"])
def test_what_is_no_library_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "library.json"
    path.write_text(content, encoding="utf-8")
    assert call("library", "list", "--library", str(path)).code == 1


def test_a_missing_library_is_refused_and_the_published_results_need_none(tmp_path: Path) -> None:
    assert call("library", "list", "--library", str(tmp_path / "none.json")).code == 1
    assert len(open_library().records) == 94
