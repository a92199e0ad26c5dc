"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a folder that an earlier run wrote.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the answer.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, all else on standard error.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of every random number.")]
EngineName = Annotated[Literal["duckdb", "spark"], typer.Option("--engine", help="Where the records are read and joined.")]
SparkFile = Annotated[Path | None, typer.Option("--spark-settings", help="TOML file: Spark's master, partitions, tables.")]
