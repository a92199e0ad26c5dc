"""The manifest: hashed without clock or path, complete or refused, and every change to a folder is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from datalab.errors import InputError, InternalError, UsageError
from datalab.manifest import InputRecord, assemble, collect, compare_results, hash_body, read_manifest, verify_folder
from datalab.store import sha256_file, whole_folder


def body(**changes: Any) -> dict[str, Any]:
    made = collect("evaluate", {"seed": 1}, (InputRecord("table", "0" * 64, 5),), versions={}, counts={"rows": 5})
    return made | changes


def folder_with(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    with whole_folder(folder) as work:
        made = body()
        (work / "results.json").write_text(json.dumps({"manifest_sha256": hash_body(made)}))
        outputs = {"results.json": sha256_file(work / "results.json")}
        (work / "manifest.json").write_text(json.dumps(assemble(made, outputs, {"table": "/x"}, {"a": 1.0})))
    return folder


def test_two_collections_have_the_same_hash_and_hold_no_path() -> None:
    assert hash_body(body()) == hash_body(body())
    assert "/x" not in json.dumps(body())


def test_an_incomplete_body_is_our_fault() -> None:
    with pytest.raises(InternalError):
        collect("run", {}, (), versions={}, counts={})
    with pytest.raises(InternalError):
        collect("run", {}, (InputRecord("upload", "short"),), versions={}, counts={})


def test_untouched_folder_verifies(tmp_path: Path) -> None:
    assert verify_folder(folder_with(tmp_path)).ok


@pytest.mark.parametrize("harm", ["change", "remove", "add", "body", "other"])
def test_every_change_is_found(tmp_path: Path, harm: str) -> None:
    folder = folder_with(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    if harm == "change":
        (folder / "results.json").write_text("{}")
    elif harm == "remove":
        (folder / "results.json").unlink()
    elif harm == "add":
        (folder / "extra.csv").write_text("a")
    elif harm == "body":
        manifest["body"]["settings"]["seed"] = 2
    else:
        (folder / "results.json").write_text(json.dumps({"manifest_sha256": "1" * 64}))
        manifest["outputs"]["results.json"] = sha256_file(folder / "results.json")
    if harm in {"body", "other"}:
        (folder / "manifest.json").write_text(json.dumps(manifest))
    assert len(verify_folder(folder).faults) >= 1


def test_private_files_are_held_to_their_hashes_while_they_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with whole_folder(folder) as work:
        (work / "private").mkdir()
        (work / "private" / "links.csv").write_text("row\n2\n")
        private = {"private/links.csv": sha256_file(work / "private" / "links.csv")}
        (work / "manifest.json").write_text(json.dumps(assemble(body(), {}, {}, {}, private)))
    assert verify_folder(folder).ok
    (folder / "private" / "links.csv").write_text("row\n3\n")
    assert "private/links.csv" in verify_folder(folder).faults[0]
    (folder / "private" / "links.csv").unlink()
    assert "missing" in verify_folder(folder).faults[0]
    (folder / "private").rmdir()
    assert verify_folder(folder).ok


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"body": 1}', "not json"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(InputError):
        read_manifest(path)


def test_comparison_reports_the_largest_difference_and_the_rest() -> None:
    first = {"a": [1.0, 2.0], "b": "x", "manifest_sha256": "1"}
    second = {"a": [1.0, 2.2], "b": "y", "manifest_sha256": "2"}
    found = compare_results(first, second)
    assert found.where == "a[1]"
    assert found.largest == pytest.approx(0.2 / 2.2)
    assert found.others == ("b",)


def test_a_failed_block_leaves_the_old_folder(tmp_path: Path) -> None:
    folder = folder_with(tmp_path)
    before = sha256_file(folder / "results.json")
    with pytest.raises(ValueError, match="boom"), whole_folder(folder, overwrite=True) as work:
        (work / "half.txt").write_text("half")
        raise ValueError("boom")
    assert sha256_file(folder / "results.json") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_strangers_folder_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="did not make"), whole_folder(tmp_path / "mine", overwrite=True):
        raise AssertionError("the block must not run")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
