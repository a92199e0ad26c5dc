"""Where a run's output lies, and the one hash that fixes all of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings

from portal.requests.states import Product
from portal.runs.models import Job

# What everybody may see of an output once it is published; the lab sees how it was made as well.
PUBLIC_FILES = frozenset({
    "report.html", "summary.html", "report.pdf", "summary.pdf", "annex.xlsx", "annex.ods", "results.json", "attrition.csv",
    "balance.csv", "csv-metadata.json", "feasibility.html", "feasibility.pdf", "feasibility.json", "breakdown.csv",
})  # fmt: skip
LAB_FILES = PUBLIC_FILES | {"manifest.json"}
# Of an analysis and of a feasibility study: the page to read, and its content as data.
PAGE_OF = {Product.EVALUATION: "report.html", Product.FEASIBILITY: "feasibility.html"}
DATA_OF = {Product.EVALUATION: "results.json", Product.FEASIBILITY: "feasibility.json"}
# Of the browser: a report is one file with its own style; it has no script and loads nothing.
RULES_OF_A_REPORT = {
    "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "frame-ancestors": ["'self'"], "script-src": ["'none'"],
}  # fmt: skip


def output_folder(job: Job) -> Path:
    """The folder of a run's output; what may not leave the lab is not in it."""
    return Path(settings.HOME) / "runs" / job.public_id


def product_of(job: Job) -> Product:
    """What the output of a job is."""
    return Product.FEASIBILITY if job.kind == Job.Kind.FEASIBILITY else Product.EVALUATION


def content_sha256(folder: Path) -> str:
    """SHA-256 of the names and bytes of every file below a folder: any change, file more or file less is another hash."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix().encode()
        total.update(len(name).to_bytes(4, "big") + name + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
