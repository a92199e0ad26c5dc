"""Options that several commands have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from datalab.wording import say


def _memory(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*(\.\d+)?\s?(MB|GB)", text):
        raise typer.BadParameter(say("cli.options.memory"))
    return text


Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a folder that an earlier run wrote.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but the answer.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, all else on standard error.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of every random number.")]
Today = Annotated[str | None, typer.Option(help="The day to count from, for example 2016-01-31; default today.")]
OverwriteFile = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]
LinkageModel = Annotated[Path | None, typer.Option("--model", help="Linkage model to use, a file of `datalab index train`.")]
LinkageIndex = Annotated[
    Path | None, typer.Option("--index", help="Prepared index to link against. Default: in the central folder.")
]
Memory = Annotated[str, typer.Option(callback=_memory, help="Memory that the database may use.")]
EngineName = Annotated[Literal["duckdb", "spark"], typer.Option("--engine", help="Where the records are read and joined.")]
SparkFile = Annotated[Path | None, typer.Option("--spark-settings", help="TOML file: Spark's master, partitions, tables.")]
