"""The command `datalab`: the door of `api` as commands, one thin function each. Exit codes are those of `errors`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from datalab.cli_faults import is_interruption, place_of
from datalab.cli_index import index_app
from datalab.cli_library import library_app
from datalab.cli_links import links_app
from datalab.cli_options import (
    EngineName,
    Json,
    LinkageIndex,
    LinkageModel,
    Memory,
    Overwrite,
    OverwriteFile,
    Quiet,
    Seed,
    SparkFile,
)
from datalab.cli_world import world_app
from datalab.errors import DataLabError, InternalError, UsageError
from datalab.terminal import Terminal
from datalab.wording import say

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
app.add_typer(world_app, name="world")
app.add_typer(index_app, name="index")
app.add_typer(links_app, name="links")
app.add_typer(library_app, name="library")

INTERRUPTED = 130  # what a shell expects of a command that Ctrl-C ended

Method = Annotated[str, typer.Option(help="radius, nearest, kernel, ipw, entropy, exact, cem, subclass or classic.")]
Caliper = Annotated[float | None, typer.Option(help="Reach, in standard deviations of the logit of the score.")]
Parameter = Annotated[
    list[str] | None, typer.Option(help="NAME=VALUE of the method, as in ratio=2. Repeat for more; docs/methods.md has them.")
]
Stated = Annotated[list[str] | None, typer.Option(help="OUTCOME=SIZE of the effect to count people needed for. Repeat.")]
OutcomeModel = Annotated[Literal["ridge", "boosted"] | None, typer.Option(help="What adjusts the match. Default: ridge.")]
Bootstrap = Annotated[int, typer.Option(help="Samples of a bootstrap to print beside; 0 for none.")]
BootstrapSeed = Annotated[int | None, typer.Option("--seed", help="Seed of the bootstrap. Default: 1.")]
Released = Annotated[Path | None, typer.Option(help="Register of released tables: compared with all, then added. Made if new.")]
Key = Annotated[Path | None, typer.Option(help="File with the register's key, 32 random bytes or more, kept apart from it.")]
Outcomes = Annotated[
    list[str],
    typer.Option(help="COLUMN:KIND (binary, count, days, number), or DURATION:time:EVENT (1 = it happened). Repeat for more."),
]
Covariates = Annotated[
    str,
    typer.Option(help="Columns to match on, with commas. Default: every other column; leave out what came after the treatment."),
]


def _version(wanted: bool) -> None:
    if wanted:
        import datalab

        typer.echo(f"datalab {datalab.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """A data lab in a box: did a programme change reoffending? Start with: datalab demo"""


@app.command()
def demo(
    people: Annotated[int, typer.Option(min=20_000, help="People in the made-up country.")] = 100_000,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("out/demo"),
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """The whole chain on a made-up country: upload, links, comparison group, effects, report."""
    from datalab.demo import run_demo

    with Terminal(quiet=quiet, json=json) as terminal:
        raise typer.Exit(terminal.show_demo(run_demo(people, seed, out, overwrite=overwrite, progress=terminal)))


@app.command()
def template(
    out: Annotated[Path, typer.Option(help="File to write.")],
    format: Annotated[Literal["xlsx", "ods", "csv"], typer.Option(help="Kind of file.")] = "xlsx",  # noqa: A002 (the option's name)
    overwrite: OverwriteFile = False,
) -> None:
    """Writes the template that a provider fills in."""
    from datalab.schema.writers import write_template

    write_template(out, format, overwrite=overwrite)
    Terminal().lines(say("cli.template.written", path=out))


@app.command()
def schema(format: Annotated[Literal["md", "json"], typer.Option(help="Markdown or JSON.")] = "md") -> None:  # noqa: A002
    """Prints the data dictionary: every table and column of the central records and of the upload."""
    from datalab.schema.documents import dictionary_json, dictionary_markdown

    typer.echo(dictionary_markdown() if format == "md" else dictionary_json())


@app.command()
def check(
    upload: Path,
    central: Annotated[Path | None, typer.Option(help="Central folder, to check dates against what is loaded.")] = None,
    date_order: Annotated[Literal["auto", "dmy", "mdy"], typer.Option(help="Order of day and month in the file.")] = "auto",
    today: Annotated[str | None, typer.Option(help="The day to count ages from, for example 2016-01-31; default today.")] = None,
    index: LinkageIndex = None,
    model: LinkageModel = None,
    json: Json = False,
) -> None:
    """Checks an upload: every fault at once, never a value. Exit 1 if the file or a row cannot be used."""
    from datalab.checking import check_upload

    named = {"linkage_index": index, "linkage_model": model}
    found = check_upload(upload, central=central, date_order=date_order, today=today, **named)
    raise typer.Exit(Terminal(json=json).show_check(found))


@app.command()
def power(
    participants: Annotated[int, typer.Option(help="People who would be sent in.")],
    base_rate: Annotated[float | None, typer.Option(help="Share who have the outcome without the programme: 0.31.")] = None,
    effect: Annotated[float | None, typer.Option(help="Change to find; 5 percentage points is 0.05, the default.")] = None,
    outcome: Annotated[
        str, typer.Option(help="rate, frequency, days_to_first, employed_any, days_employed, binary or number.")
    ] = "rate",
    attrition: Annotated[str | None, typer.Option(help="How many are kept: typical, low, high or none (all are).")] = None,
    kept: Annotated[float | None, typer.Option(help="Share of those sent in who would be analysed, if you know it: 0.7.")] = None,
    chance: Annotated[float, typer.Option("--power", help="Chance of finding the change.")] = 0.8,
    comparison: Annotated[int | None, typer.Option(help="People in the comparison pool. Default: 20,000.")] = None,
    effective: Annotated[float | None, typer.Option(help="Or what the comparison group is worth after weighting.")] = None,
    r_squared: Annotated[float | None, typer.Option(help="Share of the spread that the covariates explain.")] = None,
    spread: Annotated[float | None, typer.Option(help="Standard deviation of the outcome from person to person.")] = None,
    chart: Annotated[Path | None, typer.Option(help="File to write the curve to, .svg or .png.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write the answer to as a page, .html.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    json: Json = False,
) -> None:
    """What a programme of some size could show, before any data moves: likely attrition, detectable change, people needed."""
    from datalab.enquiry import power as answer_power

    found = answer_power(
        participants,
        base_rate=base_rate,
        effect=effect,
        outcome=outcome,
        attrition=attrition,
        kept=kept,
        power=chance,
        comparison=comparison,
        effective=effective,
        r_squared=r_squared,
        spread=spread,
    )
    if chart is not None:
        found.write_chart(chart, overwrite=overwrite)
    if out is not None:
        found.write_page(out, overwrite=overwrite)
    Terminal(json=json).show_power(found, tuple(path for path in (chart, out) if path is not None))


@app.command()
def run(
    study: Path,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write. Default: out/<study id>.")] = None,
    link_decisions: Annotated[Path | None, typer.Option(help="CSV of a person's decisions on doubtful links.")] = None,
    index: LinkageIndex = None,
    model: LinkageModel = None,
    memory: Memory = "3GB",
    profile: Annotated[Literal["default", "strict"], typer.Option(help="Disclosure profile.")] = "default",
    register: Released = None,
    register_key: Key = None,
    engine: EngineName = "duckdb",
    spark_settings: SparkFile = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Runs a study file: upload to report."""
    from datalab.api import run_study
    from datalab.register import open_asked

    with Terminal(quiet=quiet, json=json) as terminal:
        output = run_study(
            study,
            out,
            link_decisions=link_decisions,
            linkage_index=index,
            linkage_model=model,
            memory=memory,
            profile=profile,
            overwrite=overwrite,
            register=open_asked(register, register_key),
            engine=engine,
            spark_settings=spark_settings,
            progress=terminal,
        )
        raise typer.Exit(terminal.show_output(output))


@app.command()
def feasibility(
    study: Path,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write. Default: out/<study id>-feasibility.")] = None,
    link_decisions: Annotated[Path | None, typer.Option(help="CSV of a person's decisions on doubtful links.")] = None,
    index: LinkageIndex = None,
    model: LinkageModel = None,
    memory: Memory = "3GB",
    profile: Annotated[Literal["default", "strict"], typer.Option(help="Disclosure profile.")] = "default",
    register: Released = None,
    register_key: Key = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Can a study be evaluated, and what could it show? From counts alone: no outcome of anybody who took part is read."""
    from datalab.api import assess_study
    from datalab.register import open_asked

    with Terminal(quiet=quiet, json=json) as terminal:
        output = assess_study(
            study,
            out,
            link_decisions=link_decisions,
            linkage_index=index,
            linkage_model=model,
            memory=memory,
            profile=profile,
            overwrite=overwrite,
            register=open_asked(register, register_key),
            progress=terminal,
        )
        raise typer.Exit(terminal.show_feasibility(output))


@app.command()
def evaluate(
    table: Path,
    treatment: Annotated[str, typer.Option(help="Column of 0 and 1: 1 is treated.")],
    outcome: Outcomes,
    covariates: Covariates = "",
    exact: Annotated[str, typer.Option(help="Columns that must be equal in a match, with commas.")] = "",
    person: Annotated[str, typer.Option(help="Column that joins rows of one person.")] = "",
    cluster: Annotated[str, typer.Option(help="Column of sites, for errors that allow for them.")] = "",
    horizon: Annotated[float | None, typer.Option(help="For time outcomes: up to when, in the duration's unit.")] = None,
    method: Method = "radius",
    caliper: Caliper = None,
    parameter: Parameter = None,
    stated_effect: Stated = None,
    outcome_model: OutcomeModel = None,
    bootstrap: Bootstrap = 0,
    seed: BootstrapSeed = None,
    research: Annotated[bool, typer.Option("--research", help="Show estimates although the match is not balanced.")] = False,
    title: Annotated[str, typer.Option(help="Title of the report.")] = "",
    sensitivity: Annotated[bool, typer.Option(help="Examine the first outcomes by other designs too; takes longer.")] = True,
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("out/evaluate"),
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """The engine on any CSV or Parquet table with a treatment column."""
    from datalab.api import evaluate as evaluate_table
    from datalab.evaluation.parameters import read_parameters, read_stated
    from datalab.store import require_free

    require_free(out, overwrite=overwrite)
    with Terminal(quiet=quiet, json=json) as terminal:
        found = evaluate_table(
            table,
            treatment=treatment,
            outcomes=outcome,
            covariates=_names(covariates),
            exact=_names(exact),
            person=person,
            cluster=cluster,
            horizon=horizon,
            method=method,
            **read_parameters(parameter or (), caliper),
            outcome_model=outcome_model,
            bootstrap=bootstrap,
            seed=seed,
            research=research,
            title=title,
            sensitivity=sensitivity,
            stated_effects=read_stated(stated_effect or ()),
            progress=terminal,
        )
        output = found.write(out, overwrite=overwrite, locations={"table": table})
        raise typer.Exit(terminal.show_evaluation(found, output))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


@app.command()
def compare(
    earlier: Annotated[Path, typer.Argument(help="Output folder of the earlier run.")],
    later: Annotated[Path, typer.Argument(help="Output folder of the later run.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("out/compare"),
    overwrite: Overwrite = False,
    json: Json = False,
) -> None:
    """Then and now: two stored runs of one programme side by side, and whether a change can be told."""
    from datalab.api import compare_runs

    Terminal(json=json).show_comparison(compare_runs(earlier, later, out, overwrite=overwrite))


@app.command()
def verify(folder: Path, json: Json = False) -> None:
    """Checks that no file of an output folder has been changed since it was written."""
    from datalab.api import verify_folder

    raise typer.Exit(Terminal(json=json).show_verification(verify_folder(folder)))


@app.command()
def report(
    folder: Path,
    out: Annotated[Path | None, typer.Option("--out", help="Folder to write. Default: FOLDER-report.")] = None,
    overwrite: Overwrite = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Writes the report and every format again from the release that a run stored, without any personal data."""
    from datalab.api import render_again

    with Terminal(quiet=quiet, json=json) as terminal:
        terminal.show_rendered(render_again(folder, out, overwrite=overwrite, progress=terminal))


@app.command()
def rerun(
    manifest: Path,
    study: Annotated[Path | None, typer.Option(help="Where the study file is now, if it has moved.")] = None,
    table: Annotated[Path | None, typer.Option(help="Where the table is now, if it has moved (evaluate).")] = None,
    link_decisions: Annotated[Path | None, typer.Option(help="Where the decisions on doubtful links are now.")] = None,
    spark_settings: SparkFile = None,
    release: Annotated[
        bool, typer.Option("--release", help="Only from the stored release, once the inputs are destroyed.")
    ] = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Does a run again from its manifest: same bytes, or what differs."""
    from datalab.api import rerun as run_again

    with Terminal(quiet=quiet, json=json) as terminal:
        inputs = {"study": study, "table": table, "link_decisions": link_decisions, "spark_settings": spark_settings}
        found = run_again(manifest, **inputs, release=release, progress=terminal)
        raise typer.Exit(terminal.show_rerun(found))


def main() -> None:
    """Runs the command; every error that we foresee is a sentence and an exit code, never a traceback."""
    shown = Terminal(json="--json" in sys.argv[1:])
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # told to stop, it clears up as after Ctrl-C
    try:
        app()
    except DataLabError as error:
        shown.show_error(error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            shown.show_error(UsageError(say("errors.errors.stopped")))
        raise
    except (PermissionError, FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        shown.show_error(UsageError(say("store.store.unusable", path=error.filename, problem=error.strerror)))
        sys.exit(UsageError.exit_code)
    except Exception as error:
        if is_interruption(error):
            shown.show_error(UsageError(say("errors.errors.stopped")))
            sys.exit(INTERRUPTED)
        if os.environ.get("DATALAB_DEBUG"):
            raise
        shown.show_error(InternalError(say("errors.errors.internal", code=place_of(error))))
        sys.exit(InternalError.exit_code)


if __name__ == "__main__":
    main()
