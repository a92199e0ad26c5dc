"""The commands `datalab links …`: a person's part in linkage, one thin function each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datalab.cli_options import Json, OverwriteFile, Today
from datalab.terminal import Terminal
from datalab.wording import say

links_app = typer.Typer(no_args_is_help=True, help="Doubtful links: to a person, and the decisions back.")
Run = Annotated[Path, typer.Argument(help="Output folder of a run or feasibility study.")]


@links_app.command("review")
def links_review(
    run: Run,
    out: Annotated[Path, typer.Option("--out", help="CSV to write, in the lab's own folder: it names people.")],
    overwrite: OverwriteFile = False,
    json: Json = False,
) -> None:
    """Writes the doubtful pairs of a run, both sides' fields next to each other, with a column for the answer."""
    from datalab.reviewing import review_links

    made = review_links(run, out, overwrite=overwrite)
    told = say("linkage.review.written", count=made.pairs, path=made.path)
    Terminal(json=json).show_facts({"path": str(made.path), "pairs": made.pairs}, told)


@links_app.command("decide")
def links_decide(
    run: Run,
    sheet: Annotated[Path, typer.Argument(help="The filled sheet of `links review`: accept, reject or nothing in each line.")],
    by: Annotated[str, typer.Option(help="Who decided: a name or initials.")],
    out: Annotated[Path, typer.Option("--out", help="Decisions file to write, for `datalab run --link-decisions`.")],
    earlier: Annotated[Path | None, typer.Option(help="Decisions file to add to.")] = None,
    today: Today = None,
    overwrite: OverwriteFile = False,
    json: Json = False,
) -> None:
    """Takes a filled sheet back: checked against the run, with who decided and when, as the decisions file of the next run."""
    from datalab.checking import day_of
    from datalab.reviewing import decide_links

    made = decide_links(run, sheet, out, by=by, when=day_of(today), earlier=earlier, overwrite=overwrite)
    facts = {"path": str(made.path), "pairs": made.pairs, "decided": made.decided}
    told = say("linkage.review.decided", count=made.decided, pairs=made.pairs, path=made.path)
    Terminal(json=json).show_facts(facts, told)
