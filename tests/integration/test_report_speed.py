"""How long all formats of a large report take, in processor time; `python -m bench --only report` has the wall time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.run_folder import releasable_of, several_findings, write_folder

BOUND = 45.0  # seconds: generous, since others may slow the machine down; 15 are to be reached on a quiet one


@pytest.mark.slow
@pytest.mark.pdf
def test_every_format_of_ten_analyses_is_written_in_time(tmp_path: Path) -> None:
    releasable = releasable_of(several_findings(10))
    began = sum(os.times()[:4])  # with the process that draws the PDFs
    write_folder(tmp_path / "run", releasable)
    spent = sum(os.times()[:4]) - began
    assert (tmp_path / "run" / "report.pdf").is_file()
    assert spent < BOUND
