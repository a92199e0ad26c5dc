"""All formats of a report with ten analyses, from the stored release of a run, as `datalab report` writes them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.jobs import DATALAB
from bench.timing import line, repeat, section, time_command

ANALYSES = 10


def bench_report(work: Path, runs: int) -> None:
    """`datalab report` on a folder whose release has ten analyses of every measure: page, PDF, workbooks, CSV, JSON."""
    from tests.run_folder import releasable_of, several_findings, write_folder  # noqa: PLC0415 (only this section needs them)

    section("report, every format")
    folder = work / "ten"
    write_folder(folder, releasable_of(several_findings(ANALYSES)))
    command = [*DATALAB, "report", str(folder), "--out", str(work / "ten-again"), "--overwrite", "--quiet"]
    line(f"report, {ANALYSES} analyses, every format", repeat(partial(time_command, command), runs), "under 15 s")
