"""The commands as a person starts them: help, `evaluate` with report and annex, a made-up country, and `run`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from bench.tables import COVARIATES, make_table
from bench.timing import line, repeat, section, time_command

DATALAB = (sys.executable, "-m", "datalab.cli")
EVALUATE_SIZES = {20_000: "", 200_000: "", 1_000_000: "under 10 s"}


def bench_help(runs: int) -> None:
    """How long a person waits for the list of commands."""
    section("The command line")
    line("datalab --help", repeat(lambda: time_command([*DATALAB, "--help"]), runs), "under 0.5 s")


def bench_evaluate(work: Path, runs: int) -> None:
    """`datalab evaluate` on a Parquet file, whole process, report and annex included."""
    section("evaluate, report and annex included")
    for rows, reach in EVALUATE_SIZES.items():
        path = work / f"evaluate-{rows}.parquet"
        make_table(path, rows)
        line(f"evaluate, {rows:,} rows x 60 covariates", repeat(partial(time_command, evaluate_command(path)), runs), reach)
        path.unlink()


def evaluate_command(path: Path) -> list[str]:
    """The command that writes a folder beside the table."""
    asked = ["--treatment", "treated", "--outcome", "outcome:binary", "--covariates", ",".join(COVARIATES)]
    return [*DATALAB, "evaluate", str(path), *asked, "--out", str(path.with_suffix("")), "--overwrite", "--quiet"]


def bench_run(work: Path, people: int, runs: int) -> None:
    """`datalab run`: a provider's 1,000 people against `people` central people."""
    section("run")
    country = work / "country"
    made = time_command([*DATALAB, "world", "make", "--people", str(people), "--out", str(country), "--quiet"])
    line(f"world make, {people:,} people", [made])
    study = country / "studies" / "thousand.toml"
    shorten_upload(country, study)
    command = [*DATALAB, "run", str(study), "--out", str(work / "run"), "--overwrite", "--quiet"]
    reach = "under 60 s, under 4,000 MB"
    line(f"run, 1,000 submitted, {people:,} central people", repeat(lambda: time_command(command), runs), reach)


def shorten_upload(country: Path, study: Path) -> None:
    """A study of the main programme whose upload holds its first 1,000 rows."""
    lines = (country / "uploads" / "thames-workshop.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (country / "uploads" / "thousand.csv").write_text("".join(lines[:1001]), encoding="utf-8")
    text = (country / "studies" / "thames-workshop.toml").read_text(encoding="utf-8")
    study.write_text(text.replace("thames-workshop.xlsx", "thousand.csv"), encoding="utf-8")
