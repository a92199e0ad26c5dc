"""A made-up country for tests, made once a session and shared by all workers.

Use: `from tests.world_fixture import world_folder` and, in a fixture, `world_folder(tmp_path_factory)`; the folder is what
`write_world` writes. It is shared: read it, never write into it.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from datalab.synthetic import make_world, write_world

SMALL = 20_000


def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The session's temporary folder, the same for all workers."""
    root = tmp_path_factory.getbasetemp()
    return root.parent if "PYTEST_XDIST_WORKER" in os.environ else root


def world_folder(
    tmp_path_factory: pytest.TempPathFactory,
    people: int = SMALL,
    seed: int = 1,
    *,
    hidden_selection: float = 0.0,
    replicates: int = 50,
) -> Path:
    """The folder of that country; the first caller of the session makes it, others wait for it."""
    root = shared_root(tmp_path_factory)
    folder = root / f"world-{people}-{seed}-{hidden_selection}-{replicates}"
    with (root / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            work = root / f"{folder.name}.work"
            write_world(make_world(people, seed, hidden_selection=hidden_selection, replicates=replicates), work)
            work.rename(folder)
    return folder
