"""Checks what a run wrote, as a receiver would: files, hashes, JSON Schema, the same verdict in every place, no loose numbers."""

from __future__ import annotations

import json
import sys
from importlib import resources
from pathlib import Path

import jsonschema

from datalab.manifest import verify_folder

EXPECTED = (
    *("report.html", "report.pdf", "summary.html", "summary.pdf", "annex.xlsx", "annex.ods"),
    *("results.json", "attrition.csv", "balance.csv", "csv-metadata.json", "release.json", "manifest.json"),
)


def faults_of(folder: Path) -> list[str]:
    """Everything wrong with an output folder, in sentences; empty where all is well."""
    faults = [f"{name} is missing" for name in EXPECTED if not (folder / name).is_file()]
    if faults:
        return faults
    faults += verify_folder(folder).faults
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    schema = json.loads(resources.files("datalab.report").joinpath("results.schema.json").read_text(encoding="utf-8"))
    faults += [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(results)]
    page = (folder / "report.html").read_text(encoding="utf-8")
    if results["headline"]["sentence"] not in page:
        faults.append("the headline sentence of results.json is not in report.html")
    if "<script" in page or 'src="http' in page:
        faults.append("report.html loads something")
    if results["status"] != "released":
        faults.append(f"the status is {results['status']}, not released")
    private = folder / "private"
    if private.exists() and private.stat().st_mode & 0o077:
        faults.append("private/ is open to others")
    return faults


def main() -> None:
    """Prints the faults of the folder named and exits 1 if there are any."""
    faults = faults_of(Path(sys.argv[1]))
    for fault in faults:
        print(fault)
    print(f"{sys.argv[1]}: {f'{len(faults)} faults' if faults else 'checked, nothing wrong'}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
