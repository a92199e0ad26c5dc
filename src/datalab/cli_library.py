"""The commands `datalab library …`: the library of what works on the command line, one thin function each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from datalab.cli_options import Json
from datalab.terminal import Terminal
from datalab.wording import say

if TYPE_CHECKING:
    from datalab.library import Library, Told

library_app = typer.Typer(no_args_is_help=True, help="The library of what works: every published result, and your own.")

Source = Annotated[
    Path | None, typer.Option("--library", help="File of results that `add` wrote; the published ones are always there.")
]
KindOf = Annotated[str, typer.Option(help="Kind of programme, such as education.")]
Setting = Annotated[str, typer.Option(help="custody, community or both.")]
Organisation = Annotated[str, typer.Option(help="Name of the organisation.")]
People = Annotated[str, typer.Option(help="men, women or young people, where a result says so.")]
Verdict = Annotated[str, typer.Option(help="lower, higher, more_people, withheld or not_stated.")]
Text = Annotated[str, typer.Option(help="Words of the programme or the organisation.")]
Outcome = Annotated[str, typer.Option(help="rate, frequency, days_to_first, employed_any and others.")]
Months = Annotated[int, typer.Option(help="Follow-up in months: 12 or 24.")]
First = Annotated[int | None, typer.Option("--from", help="Published in this year or later.")]
Last = Annotated[int | None, typer.Option("--to", help="Published in this year or before.")]
Least = Annotated[int | None, typer.Option(help="At least so many people in the programme.")]
MadeUp = Annotated[bool, typer.Option("--made-up", help="Results of a made-up country, and only those.")]
SHORT = ("programme", "organisation", "outcome", "verdict", "difference", "range", "strength", "published")


@library_app.command("add")
def add(
    folders: Annotated[list[Path], typer.Argument(help="Output folders of runs.")],
    library: Annotated[Path, typer.Option("--library", help="File to add to; made if it is new.")],
    organisation: Organisation = "",
    published: Annotated[str, typer.Option(help="When it was published: 2026, 2026-04 or 2026-04-30.")] = "",
    source: Annotated[str, typer.Option(help="Where it can be found.")] = "",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Put results in the place of those of the same study.")] = False,
    json: Json = False,
) -> None:
    """Adds the results of output folders to a library file; every result, whatever it says."""
    from datalab.library import add_releases, open_library

    about = {"organisation": organisation, "published": published, "source": source}
    added = add_releases(library, folders, **about, overwrite=overwrite)
    terminal, total = Terminal(json=json), len(open_library(library).records)
    if json:
        terminal.document({"added": [one.id for one in added], "total": total})
    else:
        terminal.lines(say("library.commands.added", count=len(added), total=total, path=library))


@library_app.command("list")
def list_results(
    library: Source = None,
    kind: KindOf = "",
    setting: Setting = "",
    organisation: Organisation = "",
    people: People = "",
    outcome: Annotated[str, typer.Option(help="Only this outcome.")] = "",
    verdict: Verdict = "",
    text: Text = "",
    first: First = None,
    last: Last = None,
    least: Least = None,
    made_up: MadeUp = False,
    json: Json = False,
) -> None:
    """Lists results with their strength of evidence; those without a figure too."""
    asked = {"kind": kind, "setting": setting, "organisation": organisation, "people": people, "outcome": outcome}
    found = _chosen(
        library, **asked, verdict=verdict, text=text, first_year=first, last_year=last, least_people=least, made_up=made_up
    )
    if json:
        Terminal(json=True).document({"results": [row.document() for row in found.rows()]})
    else:
        _show_rows(found)


@library_app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="File to write: .csv, .ods or .json.")],
    library: Source = None,
    kind: KindOf = "",
    outcome: Annotated[str, typer.Option(help="Only this outcome.")] = "",
    organisation: Organisation = "",
    text: Text = "",
    made_up: MadeUp = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    json: Json = False,
) -> None:
    """Writes results as data, each with its source."""
    found = _chosen(library, kind=kind, outcome=outcome, organisation=organisation, text=text, made_up=made_up)
    path, terminal = found.export(out, overwrite=overwrite), Terminal(json=json)
    if json:
        terminal.document({"file": str(path), "results": len(found.records)})
    else:
        terminal.lines(say("library.commands.written", count=len(found.records), path=path))


@library_app.command("synthesise")
def synthesise(
    library: Source = None,
    kind: KindOf = "",
    outcome: Outcome = "rate",
    months: Months = 12,
    made_up: MadeUp = False,
    json: Json = False,
) -> None:
    """Puts the results of one kind of programme together: what works, how sure one can be, what to expect of another."""
    found = _chosen(library, made_up=made_up).synthesise(outcome, kind=kind, follow_up_months=months)
    _show_told((found,), json=json)


@library_app.command("compare")
def compare(
    kinds: Annotated[list[str], typer.Argument(help="Two to four kinds of programme.")],
    library: Source = None,
    outcome: Outcome = "rate",
    months: Months = 12,
    made_up: MadeUp = False,
    json: Json = False,
) -> None:
    """Sets two to four kinds of programme side by side for one outcome."""
    _show_told(_chosen(library, made_up=made_up).compare(kinds, outcome, follow_up_months=months), json=json)


def _chosen(library: Path | None, **asked: Any) -> Library:
    from datalab.library import open_library

    return open_library(library).select(**asked)


def _show_rows(found: Library) -> None:
    from datalab.evidence import RULES
    from datalab.library import short_rows

    rows, terminal = short_rows(found.rows()), Terminal()
    if rows:
        terminal.grid("", [say(f"library.short.{name}") for name in SHORT], rows)
    terminal.lines(say("library.commands.found", count=len(rows)))
    terminal.lines(say("library.commands.rule"), *(f"  - {rule.sentence}" for rule in RULES))


def _show_told(found: Sequence[Told], *, json: bool) -> None:
    terminal = Terminal(json=json)
    if json:
        terminal.document({"kinds": [{**asdict(one), "sentences": one.sentences} for one in found]})
        return
    for one in found:
        terminal.lines(*([f"{one.kind.capitalize()}:"] if one.kind else []), *(f"  {text}" for text in one.sentences))
        terminal.lines(*(f"  - {text}" for text in one.notes))
