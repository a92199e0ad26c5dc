"""Writes a report's files into a folder: the page, the annex in two formats, results.json, and every table as CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from datalab.disclosure.results import Releasable
from datalab.errors import UsageError
from datalab.report.annex import about_lines, annex_files
from datalab.report.annex_tables import annex_tables
from datalab.report.balance_tables import balance_table
from datalab.report.csv_files import csv_files
from datalab.report.feasibility_page import breakdown_table, feasibility_json, render_feasibility
from datalab.report.html import render_html
from datalab.report.people_tables import attrition_table
from datalab.report.pictures import Picture
from datalab.report.printing import pdf_process
from datalab.report.results import results_json
from datalab.report.sentences import tell
from datalab.report.summary import render_summary
from datalab.report.tables import Table
from datalab.store import sha256_file
from datalab.wording import say


@dataclass(frozen=True)
class Written:
    """SHA-256 of every file by its name; printed: of the PDFs, which are not there on every machine, and then `note` says why."""

    files: dict[str, str]
    printed: dict[str, str]
    note: str = ""


def write_report(folder: Path, releasable: Releasable, *, manifest_sha256: str, version: str) -> Written:
    """Writes every file of the report into `folder`, which must exist, and its pages as tagged PDFs where WeasyPrint and Pango
    are installed.

    manifest_sha256: of the manifest's body, printed in the files. version: of this package. Same arguments, same bytes.
    """
    told = {"manifest_sha256": manifest_sha256, "version": version}
    files: dict[str, str] = {}
    with pdf_process(manifest_sha256) as draw:
        for name, make in pages(releasable, **told).items():
            files |= _write(folder, {name: make().encode()})
            wait = draw([folder / name])
        files |= _write(folder, other_files(releasable, **told))
        pdfs = wait()
    note = say(pdfs.reason) if pdfs.reason else ""
    return Written(files, {path.name: sha256_file(path) for path in pdfs.files}, note)


def _write(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def report_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """The content of every file but the PDFs by its name."""
    told = {"manifest_sha256": manifest_sha256, "version": version}
    written = {name: make().encode() for name, make in pages(releasable, **told).items()}
    return written | other_files(releasable, **told)


def pages(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, Callable[[], str]]:
    """What makes each page, by its name: what is drawn as a PDF too. The summary comes first, since its PDF is drawn while the
    charts of the report are."""
    makers = (
        {"feasibility.html": render_feasibility}
        if releasable.release.kind == "feasibility"
        else {"summary.html": render_summary, "report.html": render_html}
    )
    return {name: partial(make, releasable, manifest_sha256=manifest_sha256, version=version) for name, make in makers.items()}


def other_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """The workbooks, results.json (of a feasibility study feasibility.json), and every table as CSV, by name."""
    release = releasable.release
    if release.kind == "feasibility":
        tables = {
            "attrition.csv": attrition_table(release),
            "balance.csv": balance_table(release, release.analyses),
            "breakdown.csv": breakdown_table(release),
        }
        return {
            "feasibility.json": feasibility_json(releasable, manifest_sha256=manifest_sha256),
            **csv_files(tables, tell(release, "annex.title"), about_lines(release, manifest_sha256, version)),
        }
    held = annex_tables(releasable)  # the workbooks and the CSV hold the same: made once
    return {
        **annex_files(releasable, held, manifest_sha256=manifest_sha256, version=version),
        "results.json": results_json(releasable, manifest_sha256=manifest_sha256),
        **table_files(releasable, held, manifest_sha256=manifest_sha256, version=version),
    }


def table_files(releasable: Releasable, tables: tuple[Table, ...], *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """Every table of the annex (`tables`) as CSV, with the metadata of them all. In balance.csv every analysis is told of; all
    but the two tables that most people look for lie in `tables/`."""
    release = releasable.release
    first = {"attrition.csv": attrition_table(release), "balance.csv": balance_table(release, release.analyses)}
    rest = {f"tables/{table.name}.csv": table for table in tables if f"{table.name}.csv" not in first}
    return csv_files({**first, **rest}, tell(release, "annex.title"), about_lines(release, manifest_sha256, version))


def write_picture(picture: Picture, path: Path, *, overwrite: bool) -> Path:
    """Writes a picture to a file of its path's ending. Raises UsageError where the file may not be replaced."""
    if path.exists() and not overwrite:
        raise UsageError(say("python.python.exists", path=path))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture.content(path.suffix.lower()))
    return path
