"""Writes a report's files into a folder: the page, the annex in two formats, results.json, and every table as CSV."""

from __future__ import annotations

import hashlib
from pathlib import Path

from datalab.disclosure.results import Releasable
from datalab.errors import UsageError
from datalab.report.annex import about_lines, annex_files
from datalab.report.annex_tables import annex_tables
from datalab.report.balance_tables import balance_table
from datalab.report.csv_files import csv_files
from datalab.report.feasibility_page import breakdown_table, feasibility_json, render_feasibility
from datalab.report.html import render_html
from datalab.report.pdf import pdf_bytes
from datalab.report.people_tables import attrition_table
from datalab.report.pictures import Picture
from datalab.report.results import results_json
from datalab.report.sentences import tell
from datalab.report.summary import render_summary
from datalab.wording import say

PAGES = ("report.html", "feasibility.html")


def write_report(folder: Path, releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, str]:
    """Writes every file of the report into `folder`, which must exist; gives the SHA-256 of each by file name.

    manifest_sha256: of the manifest's body, printed in the files. version: of this package. Same arguments, same bytes.
    """
    files = report_files(releasable, manifest_sha256=manifest_sha256, version=version)
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def write_pdf(folder: Path, *, manifest_sha256: str) -> dict[str, str]:
    """The page that `write_report` wrote into `folder` as a tagged PDF beside it; gives its SHA-256 by its name, or nothing
    where WeasyPrint or Pango is not installed."""
    page = next(folder / name for name in PAGES if (folder / name).is_file())
    content = pdf_bytes(page.read_text(encoding="utf-8"), identifier=manifest_sha256)
    if content is None:
        return {}
    target = page.with_suffix(".pdf")
    target.write_bytes(content)
    return {target.name: hashlib.sha256(content).hexdigest()}


def report_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """The content of every file by its name."""
    release = releasable.release
    if release.kind == "feasibility":
        return feasibility_files(releasable, manifest_sha256=manifest_sha256, version=version)
    return {
        "report.html": render_html(releasable, manifest_sha256=manifest_sha256, version=version).encode(),
        "summary.html": render_summary(releasable, manifest_sha256=manifest_sha256, version=version).encode(),
        **annex_files(releasable, manifest_sha256=manifest_sha256, version=version),
        "results.json": results_json(releasable, manifest_sha256=manifest_sha256),
        **table_files(releasable, manifest_sha256=manifest_sha256, version=version),
    }


def table_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """Every table of the annex as CSV, with the metadata of them all. In balance.csv every analysis is told of; all but
    the two tables that most people look for lie in `tables/`."""
    release = releasable.release
    first = {"attrition.csv": attrition_table(release), "balance.csv": balance_table(release, release.analyses)}
    rest = {f"tables/{table.name}.csv": table for table in annex_tables(releasable) if f"{table.name}.csv" not in first}
    return csv_files({**first, **rest}, tell(release, "annex.title"), about_lines(release, manifest_sha256, version))


def write_picture(picture: Picture, path: Path, *, overwrite: bool) -> Path:
    """Writes a picture to a file of its path's ending. Raises UsageError where the file may not be replaced."""
    if path.exists() and not overwrite:
        raise UsageError(say("python.python.exists", path=path))
    path.write_bytes(picture.content(path.suffix.lower()))
    return path


def feasibility_files(releasable: Releasable, *, manifest_sha256: str, version: str) -> dict[str, bytes]:
    """The content of every file of a feasibility study by its name."""
    release = releasable.release
    tables = {
        "attrition.csv": attrition_table(release),
        "balance.csv": balance_table(release, release.analyses),
        "breakdown.csv": breakdown_table(release),
    }
    return {
        "feasibility.html": render_feasibility(releasable, manifest_sha256=manifest_sha256, version=version).encode(),
        "feasibility.json": feasibility_json(releasable, manifest_sha256=manifest_sha256),
        **csv_files(tables, tell(release, "annex.title"), about_lines(release, manifest_sha256, version)),
    }
