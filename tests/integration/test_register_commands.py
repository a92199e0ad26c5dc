"""Runs and feasibility studies in one register, as a stranger uses it: what differs by a few people is refused, both ways."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from tests.command_line import Answer, call, upload_rows, write_study, write_upload
from tests.world_fixture import world_folder

Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's country."""
    return world_folder(tmp_path_factory)


@pytest.fixture
def ask(tmp_path: Path, world: Path) -> Ask:
    """Asks for a kind of study of some rows, with one register for all of them."""
    (tmp_path / "key").write_bytes(bytes(range(40)))
    flags = ("--register", str(tmp_path / "register.sqlite"), "--register-key", str(tmp_path / "key"))

    def asked(kind: str, name: str, rows: Sequence[Sequence[str]], *more: str) -> Answer:
        upload = write_upload(tmp_path / f"{name}.csv", rows)
        study = write_study(tmp_path / f"{name}.toml", world, upload=upload, id=json.dumps(name))
        return call(kind, str(study), "--out", str(tmp_path / f"{kind}-{name}"), *flags, *more)

    return asked


def require_refused(answer: Answer, *words: str) -> None:
    assert answer.code == 1, answer.out
    for part in ("fewer than 10 people", *words):
        assert part in answer.err


def test_a_feasibility_study_is_registered_and_no_run_or_other_one_differs_by_a_few(
    tmp_path: Path, world: Path, ask: Ask
) -> None:
    """191 and 190 people analysed, with the means of every covariate: one person's record by subtraction."""
    rows = upload_rows(world)
    first = ask("feasibility", "whole", rows)
    assert first.code == 0, first.err
    require_refused(ask("feasibility", "less", rows[:-4]), "whole-feasibility: ", "less-feasibility: ")
    require_refused(ask("run", "less", rows[:-4]), "whole-feasibility: ")
    assert not (tmp_path / "run-less").exists()
    same = ask("run", "whole", rows)
    assert same.code == 0, same.err


def test_a_run_is_registered_and_no_feasibility_study_differs_by_a_few(world: Path, ask: Ask) -> None:
    """Neither profile: and three people who are nowhere in the records are three lost, which the ladder would tell."""
    rows = upload_rows(world)
    names = [heading.casefold().replace(" ", "_") for heading in rows[0]]
    strangers = [list(row) for row in rows[1:4]]
    for number, row in enumerate(strangers):
        for place, name in enumerate(names):
            if name in ("forename", "surname"):
                row[place] = ("Zebedee", "Quagmire", "Ophelius", "Xanthor", "Barnabus", "Wyvernly")[
                    2 * number + (name == "surname")
                ]
            elif "pnc" in name or "prison" in name or "postcode" in name:
                row[place] = ""
            elif "birth" in name:
                row[place] = "03/02/1971"
    assert ask("run", "whole", rows, "--profile", "strict").code == 0
    require_refused(ask("feasibility", "less", rows[:-4]), "whole: ")
    require_refused(ask("feasibility", "more", [*rows, *strangers], "--profile", "strict"), "step submitted")
    again = ask("feasibility", "fewer", [*rows[:-60]])
    assert again.code == 0, again.err
