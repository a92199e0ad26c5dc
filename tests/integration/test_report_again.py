"""`datalab report` and `rerun --release`: the same bytes from the stored release alone, and every way to tamper is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.command_line import call, files_of
from tests.findings_factory import make_findings
from tests.run_folder import releasable_of, several_findings, write_folder

from datalab.errors import InputError, UsageError
from datalab.fields.justice.measures import MEASURES
from datalab.manifest import hash_body
from datalab.rendering import render_again

FEW = MEASURES[:2]  # so that a report is written in a few seconds
STUDIES: dict[str, Callable[[], Any]] = {
    "several": lambda: releasable_of(several_findings(3, measures=FEW)),
    "strict": lambda: releasable_of(make_findings(measures=FEW), "strict"),
    "refused": lambda: releasable_of(make_findings(passed=False)),
    "own": lambda: releasable_of(make_findings(kind="evaluate", measures=FEW)),
}


@pytest.fixture(scope="module", params=STUDIES)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("again") / request.param
    write_folder(found, STUDIES[request.param]())
    return found


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("again") / "run"
    write_folder(found, releasable_of(make_findings(measures=FEW, sensitivity=False)))
    return found


def test_the_report_is_written_again_to_the_byte(folder: Path, tmp_path: Path) -> None:
    """No input is there any more: only the manifest and the stored release are read."""
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("manifest.json", "release.json"):
        shutil.copy(folder / name, bare / name)
    found = render_again(bare, tmp_path / "again")
    assert found.different == ()
    before, after = files_of(folder), files_of(tmp_path / "again")
    assert before.keys() == after.keys()
    # The manifest notes how long each stage took, which may be the same twice.
    assert {name for name in before if before[name] != after[name]} <= {"manifest.json"}
    ours, theirs = (json.loads(files["manifest.json"]) for files in (before, after))
    assert {name for name in ours if ours[name] != theirs[name]} <= {"beside"}


def test_the_commands_say_so(one: Path, tmp_path: Path) -> None:
    count = len(json.loads((one / "manifest.json").read_text(encoding="utf-8"))["outputs"])
    shutil.copytree(one, tmp_path / "run")
    answer = call("report", tmp_path / "run", "--quiet")
    assert answer.code == 0, answer.err
    assert f"all {count} files have the bytes of the run" in answer.out
    assert (tmp_path / "run-report" / "report.pdf").is_file()
    assert call("verify", tmp_path / "run-report").code == 0
    assert call("report", tmp_path / "run").code == 2
    assert "--overwrite" in call("report", tmp_path / "run").err
    assert call("report", tmp_path / "run", "--out", tmp_path / "run", "--overwrite").code == 2
    told = call("report", tmp_path / "run" / "manifest.json", "--overwrite", "--json").document
    assert told["different"] == [] and len(told["same"]) == count  # type: ignore[arg-type]
    again = call("rerun", tmp_path / "run", "--release", "--quiet")
    assert again.code == 0
    assert f"all {count} files have the same bytes. Links and effects were not made again" in again.out


def test_rerun_without_its_inputs_names_the_other_way(one: Path) -> None:
    answer = call("rerun", one)
    assert answer.code == 1
    assert answer.err.startswith("1 thing needs")
    assert "--release" in answer.err


def test_another_version_is_told_file_by_file(one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalab.__version__", "9.9.9")
    shutil.copytree(one, tmp_path / "run")
    answer = call("report", tmp_path / "run", "--quiet")
    assert answer.code == 0
    assert "report.html: the bytes differ." in answer.out and "results.json" not in answer.out.split("Open:")[0]
    again = call("rerun", tmp_path / "run", "--release", "--quiet")
    assert again.code == 1 and "datalab: was" in again.out


def edited(one: Path, folder: Path, edit: Callable[[dict[str, Any], dict[str, Any]], None], *, forge: int) -> Path:
    """A copy in which the release is edited; the forger puts as many hashes right as are asked for (3: all there are)."""
    shutil.copytree(one, folder)
    release, manifest = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("release.json", "manifest.json"))
    edit(release, manifest)
    text = json.dumps(release, sort_keys=True, separators=(",", ":")) + "\n"
    (folder / "release.json").write_text(text, encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if forge >= 1:
        manifest["outputs"]["release.json"] = digest
    if forge >= 2:
        manifest["body"]["release_sha256"] = digest
    if forge >= 3:
        manifest["body_sha256"] = hash_body(manifest["body"])
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


def show_a_small_count(release: dict[str, Any], _: dict[str, Any]) -> None:
    release["release"]["attrition"][1]["lost"] = 3


def claim_own_data(release: dict[str, Any], _: dict[str, Any]) -> None:
    release["release"] |= {"disclosure_profile": "none", "status": "own_data"}


@pytest.mark.parametrize("edit", [show_a_small_count, claim_own_data])
@pytest.mark.parametrize(("forge", "told"), [(0, "has been changed"), (1, "has been changed"), (2, "record of how the numbers")])
def test_an_edited_release_is_refused_by_its_hash(
    one: Path, tmp_path: Path, edit: Callable[..., None], forge: int, told: str
) -> None:
    folder = edited(one, tmp_path / "run", edit, forge=forge)
    for arguments in (("report", folder), ("rerun", folder, "--release")):
        answer = call(*arguments, "--quiet")
        assert answer.code == 1
        assert told in answer.err
    assert not (tmp_path / "run-report").exists()
    assert call("verify", folder).code == 1


@pytest.mark.parametrize("edit", [show_a_small_count, claim_own_data])
def test_a_forger_of_every_hash_still_meets_the_last_gate(one: Path, tmp_path: Path, edit: Callable[..., None]) -> None:
    """And the report that was handed out names another manifest, which verify finds."""
    folder = edited(one, tmp_path / "run", edit, forge=3)
    with pytest.raises(InputError, match=r"Disclosure control refuses what release\.json holds"):
        render_again(folder)
    assert "results.json: it belongs to another manifest." in call("verify", folder).out


def test_a_release_that_its_manifest_does_not_describe_is_refused(one: Path, tmp_path: Path) -> None:
    def other_profile(_: dict[str, Any], manifest: dict[str, Any]) -> None:
        manifest["body"]["settings"]["disclosure_profile"] = "strict"

    def other_kind(_: dict[str, Any], manifest: dict[str, Any]) -> None:
        manifest["body"]["kind"] = "feasibility"

    def other_format(release: dict[str, Any], _: dict[str, Any]) -> None:
        release["format"] = 2

    for number, (edit, told) in enumerate(
        ((other_profile, "disclosure_profile"), (other_kind, "kind"), (other_format, "format must be 1"))
    ):
        with pytest.raises(InputError, match=told):
            render_again(edited(one, tmp_path / f"run{number}", edit, forge=3))


def test_a_folder_without_a_release_and_the_folder_itself_are_refused(one: Path, tmp_path: Path) -> None:
    shutil.copytree(one, tmp_path / "run")
    with pytest.raises(UsageError, match="which it is made from"):
        render_again(tmp_path / "run", tmp_path / "run", overwrite=True)
    (tmp_path / "run" / "release.json").unlink()
    with pytest.raises(InputError, match="holds no stored release"):
        render_again(tmp_path / "run")
    assert call("report", tmp_path / "nothing").code == 1
