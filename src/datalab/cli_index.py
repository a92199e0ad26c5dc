"""The commands `datalab index …`: the central people prepared once for linkage, one thin function each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from datalab.cli_options import Json, LinkageModel, Memory, OverwriteFile, Quiet, Seed, Today
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


@index_app.command("train")
def index_train(
    central: Annotated[Path, typer.Option(help="Central folder.")],
    upload: Annotated[
        list[Path], typer.Option("--upload", help="Upload to train on. Repeat for more; 500 usable rows at least.")
    ],
    out: Annotated[Path, typer.Option("--out", help="Folder to write into; no file in it is ever replaced.")],
    model: LinkageModel = None,
    date_order: Annotated[Literal["auto", "dmy", "mdy"], typer.Option(help="Order of day and month in the files.")] = "auto",
    today: Today = None,
    seed: Seed = 1,
    memory: Memory = "3GB",
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Trains m and u on the lab's own data: a new dated model file, and a page that sets it beside the old one."""
    from datalab.checking import day_of
    from datalab.training import largest_change, train_model

    with Terminal(quiet=quiet, json=json) as terminal:
        made = train_model(
            central,
            upload,
            out,
            today=day_of(today),
            linkage_model=model,
            date_order=date_order,
            seed=seed,
            memory=memory,
            progress=terminal,
        )
        bits = round(largest_change(made.changes), 1)
        facts = {"model": str(made.model), "page": str(made.page), "version": made.version, "largest_change_bits": bits}
        told = say("linkage.training.done", version=made.version, model=made.model, page=made.page, bits=bits)
        terminal.show_facts(facts, told)
