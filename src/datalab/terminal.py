"""What the commands show: a progress bar on a terminal, plain lines elsewhere, tables, errors, or one JSON document."""

from __future__ import annotations

import json as json_module
import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from rich import box
from rich.console import Console, JustifyMethod
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from datalab.errors import DataLabError
from datalab.wording import say

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from datalab.checking import UploadCheck
    from datalab.comparison import Comparison
    from datalab.demo import Demo
    from datalab.enquiry import Power
    from datalab.evaluation import Evaluation
    from datalab.manifest import Verification
    from datalab.output import Output
    from datalab.rendering import Rendered
    from datalab.rerunning import Rerun

# Where the answer goes to a file or a pipe, tables are not squeezed to a terminal's 80 columns.
PLAIN_WIDTH = 160
# What a run prints is compact everywhere, so that it can be pasted into a mail.
COMPACT_WIDTH = 100
FILES = (
    ("report", "report.html"),
    ("summary", "summary.html"),
    ("pdf", "report.pdf"),
    ("annex", "annex.xlsx"),
    ("results", "results.json"),
    ("manifest", "manifest.json"),
)
FEASIBILITY_FILES = (
    ("report", "feasibility.html"),
    ("pdf", "feasibility.pdf"),
    ("results", "feasibility.json"),
    ("manifest", "manifest.json"),
)
COMPARISON_FILES = ("comparison.html", "comparison.csv", "comparison.json")
DOUBTFUL = ("doubtful", "private/doubtful.csv")
TRUTH = ("truth", "../truth.json")


class Terminal:
    """Shows progress on standard error and answers on standard output; with `json`, answers are one document."""

    def __init__(self, *, quiet: bool = False, json: bool = False) -> None:
        self._json = json
        self._out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
        self._err = Console(stderr=True, highlight=False, soft_wrap=True)
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._began = time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Ends the bar on an error too, so that the terminal has its cursor back."""
        self.close()

    # Progress -----------------------------------------------------------------------------------------------------

    def stage(self, name: str, total: int = 0) -> None:
        """A stage begins: a new bar on a terminal, a plain line elsewhere."""
        if self._quiet:
            return
        if not self._err.is_terminal:
            self._err.print(f"[{time.perf_counter() - self._began:5.1f} s] {name}", markup=False)
            return
        bar = self._open_bar()
        if self._task is not None:
            self._finish_task()
        self._task = bar.add_task(name, total=total or None)

    def step(self, done: int) -> None:
        """So many steps of the stage are done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done)

    def _open_bar(self) -> Progress:
        if self._bar is None:
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
            self._bar = Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=self._err, transient=True)
            self._bar.start()
        return self._bar

    def _finish_task(self) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None

    def close(self) -> None:
        """Ends the bar, so that what is printed next stands alone."""
        if self._bar is not None:
            self._finish_task()
            self._bar.stop()
            self._bar = None

    # Answers ------------------------------------------------------------------------------------------------------

    def lines(self, *texts: str) -> None:
        """Plain lines on standard output."""
        self.close()
        for text in texts:
            self._out.print(text, markup=False)

    def show_facts(self, facts: Mapping[str, Any], *texts: str) -> None:
        """What a command did, in sentences or as one document."""
        if self._json:
            self.document(dict(facts))
        else:
            self.lines(*texts)

    def document(self, value: Any) -> None:
        """One JSON document on standard output."""
        self.close()
        sys.stdout.write(json_module.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")

    def show_error(self, error: DataLabError) -> None:
        """An error as sentences on standard error; with `json`, as a document on standard output too."""
        self.close()
        if self._json:
            self.document({"exit_code": error.exit_code, "error": error.message, "faults": list(error.faults)})
        self._err.print(error.message, markup=False)
        for fault in error.faults:
            self._err.print(f"  - {fault}", markup=False)

    def grid(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], widest: int = PLAIN_WIDTH) -> None:
        """A table with a title ("" for none); columns after the first are right-aligned. Words wrap, figures never."""
        self.close()
        # As Text, because in markup "[c]" would be a colour.
        table = Table(
            title=Text(title) if title else None,
            title_justify="left",
            title_style="bold",
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, 0),
            pad_edge=False,
        )
        for index, name in enumerate(columns):
            figures = not any(cell[:1].isalpha() for cell in (row[index] for row in rows))
            justify: JustifyMethod = "left" if index == 0 else "right"
            table.add_column(Text(name), justify=justify, overflow="fold", no_wrap=figures)
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._out.print(table, width=min(self._out.width, widest))

    def show_table(self, title: str, frame: pd.DataFrame) -> None:
        """A frame as a table, or as JSON records."""
        if self._json:
            self.document(json_module.loads(frame.to_json(orient="records")))
            return
        cells = [
            [f"{value:.1f}" if isinstance(value, float) else str(value) for value in row] for row in frame.itertuples(index=False)
        ]
        self.grid(title, [str(name) for name in frame.columns], cells)

    def show_check(self, found: UploadCheck) -> int:
        """Every fault of an upload, then what is only to know; returns the exit code."""
        if self._json:
            self.document(found.as_dict())
        else:
            lines = [say("cli.check.clean", count=found.readable)] if found.ok else self._refusal(found)
            if found.notes:
                lines += [say("cli.check.notes", count=len(found.notes)), *(f"  - {text}" for text in found.notes)]
            self.lines(*lines)
        return 0 if found.ok else 1

    def _refusal(self, found: UploadCheck) -> list[str]:
        told = [say("errors.errors.faults_found", count=len(found.faults)), *(f"  - {text}" for text in found.faults)]
        return [*told, say("cli.check.usable", count=found.readable, submitted=found.submitted)]

    def show_power(self, found: Power, files: Sequence[Path] = ()) -> None:
        """What a programme could show, in sentences and two tables, and where the files are."""
        if self._json:
            self.document({**found.to_dict(), "files": [str(path) for path in files]})
            return
        from datalab.planning.sentences import answer, assumptions, need_table, reach_table

        self.lines(*answer(found.plan), "")
        for table in (reach_table(found.plan), need_table(found.plan)):
            self.grid(table.title, table.headings, table.rows, COMPACT_WIDTH)
        self.lines(say("planning.assumptions.title"), *(f"  - {text}" for text in assumptions(found.plan)))
        self.lines(*(say("cli.power.written", path=path) for path in files))

    def show_feasibility(self, output: Output) -> int:
        """Whether a study can be evaluated, what it could show, what to do and what to open; exit code 1 where it cannot."""
        from datalab.report import feasibility_grid, feasibility_lines

        release = output.releasable.release
        answers = {answer.analysis: answer.answer for answer in release.feasibility}
        answer = answers[release.headline_analysis]
        if self._json:
            self.document({"folder": str(output.folder), "answer": answer, "analyses": answers})
            return int(answer == "cannot")
        self.lines(*feasibility_lines(output.releasable))
        expected = feasibility_grid(output.releasable)
        if expected.rows:
            self.grid("", expected.headings, expected.rows, COMPACT_WIDTH)
        self._paths(output, FEASIBILITY_FILES)
        return int(answer == "cannot")

    def show_output(self, output: Output) -> int:
        """The verdict of a run and what to open; exit code 1 where the analysis was refused."""
        release = output.releasable.release
        if self._json:
            told = {"status": release.status, "verdict": release.verdict, "notes": list(output.notes)}
            self.document({"folder": str(output.folder), **told})
        else:
            self._show_release(output)
            self._paths(output, (*FILES, DOUBTFUL))
        return self._exit_code(output)

    def _show_release(
        self, output: Output, truth: Mapping[str, float] | None = None, truths: Mapping[str, float] | None = None
    ) -> None:
        """The people, the results where there are any, the other analyses, and the headline in words."""
        from datalab.report import analyses_grid, people_grid, results_grid, verdict_lines

        people, results = people_grid(output.releasable), results_grid(output.releasable, truth)
        self.grid(output.releasable.release.title, people.headings, people.rows, COMPACT_WIDTH)
        if results.rows:
            self.grid("", results.headings, results.rows, COMPACT_WIDTH)
        others = analyses_grid(output.releasable, truths)
        if others.rows:
            self.grid("", others.headings, others.rows, COMPACT_WIDTH)
        self.lines(*verdict_lines(output.releasable))

    def _paths(self, output: Output, files: Sequence[tuple[str, str]] = FILES) -> None:
        """What there is to open, and what there is to know about it."""
        there = [(name, file) for name, file in files if (output.folder / file).exists()]
        places = ((say(f"cli.run.{name}"), os.path.normpath(output.folder / file)) for name, file in there)
        self.lines(say("cli.run.open"), *(f"  {name:9} {place}" for name, place in places), *output.notes)

    def show_evaluation(self, found: Evaluation, output: Output) -> int:
        """The estimates of `evaluate`; exit code 1 where the balance gate failed and research was not asked for."""
        code = 0 if found.balanced or found.findings.research else 1
        if self._json:
            frame = json_module.loads(found.to_frame().to_json(orient="records"))
            release, analysis = output.releasable.release, found.analysis
            told = {"status": release.status, "analysis": analysis.status, "verdict": release.verdict, "reasons": found.reasons()}
            self.document({"folder": str(output.folder), **told, "estimates": frame, "warnings": list(analysis.warnings)})
            return code
        from datalab.report import verdict_lines

        self.lines(found.summary(), *verdict_lines(output.releasable))
        self._paths(output)
        return code

    def show_comparison(self, found: Comparison) -> None:
        """What a comparison of two runs lets one say, and what to open."""
        if self._json:
            self.document({"folder": str(found.folder), "standing": found.standing, "sentence": found.sentence})
            return
        self.lines(found.sentence, *(say("cli.power.written", path=found.folder / name) for name in COMPARISON_FILES))

    def show_verification(self, found: Verification) -> int:
        """Which files agree with the manifest; exit code 1 where any does not."""
        if self._json:
            self.document({"ok": found.ok, "agreed": list(found.agreed), "faults": list(found.faults)})
        elif found.ok:
            self.lines(say("cli.verify.fine", count=len(found.agreed)))
        else:
            self.lines(say("errors.errors.faults_found", count=len(found.faults)), *(f"  - {text}" for text in found.faults))
        return 0 if found.ok else 1

    def show_rendered(self, found: Rendered) -> None:
        """Whether a report that was written again has the run's bytes, and what to open."""
        output = found.output
        if self._json:
            lists = {"same": list(found.same), "different": list(found.different), "notes": list(output.notes)}
            self.document({"folder": str(output.folder), **lists})
            return
        differing = [say("manifest.manifest.output_differs", name=name) for name in found.different]
        self.lines(*(differing or [say("stored.stored.same", count=len(found.same))]))
        release = output.releasable.release
        self._paths(output, FEASIBILITY_FILES if release.kind == "feasibility" else FILES)

    def show_rerun(self, found: Rerun) -> int:
        """Whether a run could be repeated to the byte; exit code 1 where its numbers differ beyond the bound."""
        if self._json:
            lists = {"same": list(found.same), "different": list(found.different), "versions": list(found.versions)}
            self.document({"ok": found.ok, **lists})
            return 0 if found.ok or found.within_bound else 1
        if found.ok:
            self.lines(say(f"cli.rerun.{'same_release' if found.stored else 'same'}", count=len(found.same)))
            return 0
        self.lines(*(say("manifest.manifest.output_differs", name=name) for name in found.different), *found.versions)
        if found.difference is not None:
            self._show_difference(found)
        return 0 if found.within_bound else 1

    def _show_difference(self, found: Rerun) -> None:
        difference = found.difference
        if difference is None:
            return
        if found.within_bound:
            self.lines(say("cli.rerun.bound", largest=difference.largest))
            return
        self.lines(say("manifest.manifest.numbers_differ", largest=difference.largest, where=difference.where or "none"))
        if difference.others:
            self.lines(say("manifest.manifest.others_differ", count=len(difference.others), where=difference.others[0]))

    def show_demo(self, made: Demo) -> int:
        """The demo's run, the truth beside it, and what to open; exit code as for a run."""
        code = self._exit_code(made.output)
        if self._json:
            self.document(made.as_dict())
            return code
        self._show_release(made.output, made.truths, made.analysis_truths)
        self.lines("", *made.truth_lines(), *_place_among_published(made.output), "")
        self._paths(made.output, (*FILES, TRUTH))
        return code

    @staticmethod
    def _exit_code(output: Output) -> int:
        """1 where the question that was asked has no answer."""
        return 1 if output.releasable.release.verdict == "withheld" else 0


def _place_among_published(output: Output) -> tuple[str, ...]:
    """Where the result stands among the published ones."""
    from datalab.library import records_of_release, standing

    sentence = standing(records_of_release(output.releasable))
    return (sentence,) if sentence else ()
