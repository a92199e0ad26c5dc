"""The commands `datalab index …`: the central people prepared once for linkage, one thin function each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datalab.cli_options import Json, LinkageModel, Memory, OverwriteFile, Quiet
from datalab.terminal import Terminal
from datalab.wording import say

index_app = typer.Typer(no_args_is_help=True, help="The central people prepared once, for every upload that is linked to them.")


@index_app.command("build")
def index_build(
    central: Annotated[Path, typer.Option(help="Central folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="File to write. Default: in the central folder.")] = None,
    model: LinkageModel = None,
    memory: Memory = "3GB",
    overwrite: OverwriteFile = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Prepares the index of a central folder: names, keys and how common each name is. A run then reads only what it needs."""
    from datalab.indexing import build_index

    with Terminal(quiet=quiet, json=json) as terminal:
        built = build_index(central, out, linkage_model=model, memory=memory, overwrite=overwrite, progress=terminal)
        terminal.show_facts(
            {"path": str(built.path), "people": built.people, "version": built.version, "model": built.model_version},
            say("linkage.index.built", people=f"{built.people:,}", path=built.path, version=built.version[:12]),
        )
