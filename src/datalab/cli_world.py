"""The commands `datalab world …`: a made-up country, one thin function each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from datalab.cli_options import Json, Memory, Overwrite, Quiet, Seed
from datalab.terminal import Terminal
from datalab.wording import say

world_app = typer.Typer(no_args_is_help=True, help="A made-up country that obeys the schema, with known truth.")


@world_app.command("make")
def world_make(
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    people: Annotated[int | None, typer.Option(min=1000, max=9_900_000, help="How many people; wins over the preset.")] = None,
    preset: Annotated[
        Literal["small", "demo", "region", "national"],
        typer.Option(help="small: 20,000 people; demo: 50,000; region: 500,000; national: 5,000,000 (about half an hour)."),
    ] = "demo",
    seed: Seed = 1,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Makes central records, uploads, studies and the truth of a made-up country."""
    from datalab.demo import make_country
    from datalab.synthetic import PRESETS

    with Terminal(quiet=quiet) as terminal:
        make_country(count := people or PRESETS[preset], seed, out, overwrite=overwrite, progress=terminal)
        terminal.lines(say("cli.world.made", people=count, folder=out))
        if count < PRESETS["demo"]:
            terminal.lines(say("cli.world.few"))


@world_app.command("describe")
def world_describe(
    folder: Path,
    page: Annotated[Path | None, typer.Option(help="Also draw it: a page (.html) with a picture a breakdown.")] = None,
    memory: Memory = "3GB",
    json: Json = False,
) -> None:
    """Sets a made-up country beside every published figure that applies: ours, theirs, the difference."""
    import pyarrow.parquet as pq

    from datalab.synthetic import PRESETS, describe_world, draw_description, summarise

    with Terminal(json=json) as terminal:
        frame = describe_world(folder, terminal, memory=memory)
        terminal.show_table(say("cli.world.title"), frame)
        if page is not None:
            draw_description(frame, folder, page)
        if not json:
            found = summarise(frame)
            terminal.lines(
                say(
                    "cli.world.near",
                    count=int(found["rates"]),
                    mean=found["mean_points"],
                    weighted=found["weighted_points"],
                    worst=found["worst_points"],
                )
            )
            if (people := pq.read_metadata(folder / "central" / "person.parquet").num_rows) < PRESETS["region"]:
                terminal.lines(say("cli.world.small", people=people))
