"""The sealed process: `python -m portal.runs.sealed`. Told what to do by one line of JSON on standard input; tells by lines of
JSON on standard output: {"stage", "done", "total"} while it works, then {"found"} or {"error"}. No Django, no database, no key.

Anything that it prints by accident (a library's warning, a traceback) goes to standard error, which the worker throws away:
it may hold a value from somebody's record.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from datalab.errors import DataLabError
from portal.runs.seal import SealError, seal


class Told:
    """Progress as lines of JSON, no more than some a second."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._stage, self._total, self._last = out, "", 0, 0.0

    def tell(self, **what: Any) -> None:
        """One line, at once."""
        self._out.write(json.dumps(what) + "\n")
        self._out.flush()

    def stage(self, name: str, total: int = 0) -> None:
        """A stage begins."""
        self._stage, self._total = name, total
        self.tell(stage=name, done=0, total=total)

    def step(self, done: int) -> None:
        """How much of it is done."""
        if time.monotonic() - self._last > 0.25:
            self._last = time.monotonic()
            self.tell(stage=self._stage, done=done, total=self._total)


def check(order: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """An upload against every rule; whether a study could use it."""
    from datalab.checking import check_upload

    work = Path(order["work"])
    told.stage("upload")
    central = Path(order["central"]) if order.get("central") else None
    found = check_upload(work / order["upload"], central=central, today=order["today"])
    blocked = any(group.severity == "file" for group in found.groups)
    faults = found.as_dict()["faults"]
    return {"usable": not blocked, "submitted": found.submitted, "readable": found.readable, "faults": faults}


def run(order: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """A study from upload to report, in `out`."""
    from datalab.api import run_study

    return _made(order, run_study, told)


def feasibility(order: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """Whether a programme can be evaluated, from counts alone, in `out`; in the register it has a name of its own."""
    from datalab.api import assess_study
    from datalab.feasibility.assess import KIND

    found = _made(order, assess_study, told)
    return {**found, "study": f"{found['study']}-{KIND}"}


def _made(order: Mapping[str, Any], make: Callable[..., Any], told: Told) -> dict[str, Any]:
    """What the engine made of a study: compared with a copy of the register, and recorded in that copy."""
    from datalab.register import open_register

    work = Path(order["work"])
    register = open_register(work / "register.sqlite", work / "register.key")
    compared = len(register.releases())
    decisions = work / "decisions.csv" if order.get("decisions") else None
    made = make(work / "study.toml", work / "out", link_decisions=decisions, register=register, progress=told)
    release = made.releasable.release
    return {
        "study": release.study_id,
        "status": release.status,
        "verdict": release.verdict,
        "compared": compared,
        "manifest_sha256": made.manifest_sha256,
        "release_sha256": _release_hash(work / "out"),
        "notes": list(made.notes),
        "warnings": list(release.warnings),
    }


def adopt(order: Mapping[str, Any], told: Told) -> dict[str, Any]:
    """What a cleared run recorded, compared once more and taken into the register."""
    from datalab.disclosure.readers import read_thresholds
    from datalab.register import open_register

    work = Path(order["work"])
    told.stage("register")
    register, run = (open_register(work / name, work / "register.key") for name in ("register.sqlite", "run.sqlite"))
    limits = work / "thresholds.toml"
    fewest = read_thresholds(limits if limits.is_file() else None).cell_minimum
    return {"tables": register.adopt(run, order["release"], fewest), "releases": len(register.releases())}


def _release_hash(folder: Path) -> str:
    import hashlib

    return hashlib.sha256((folder / "release.json").read_bytes()).hexdigest()


DO: dict[str, Callable[[Mapping[str, Any], Told], dict[str, Any]]] = {
    "check": check,
    "run": run,
    "feasibility": feasibility,
    "register": adopt,
}


def main() -> int:
    """Seals, does what it is told, says what came out. 0 done, 1 refused in words, 4 our fault."""
    told = Told(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)  # whatever a library prints is not an answer
    order = json.loads(sys.stdin.readline())
    try:
        readable = [Path(path) for path in order["readable"]]
        seal(readable, [Path(order["work"]), Path("/dev/null")], memory=order["memory"], seconds=order["seconds"])
        found = DO[order["do"]](order, told)
    except DataLabError as error:
        told.tell(error=error.message, faults=list(error.faults), ours=error.exit_code == 4)
        return 1
    except SealError as error:
        told.tell(error=f"The engine's process could not be sealed: {error}.", faults=[], ours=True)
        return 4
    except MemoryError:
        told.tell(error="The engine needed more memory than it may have.", faults=[], ours=True)
        return 4
    except Exception as error:  # noqa: BLE001 (its text may hold a value of a record: only its kind is told)
        told.tell(error=f"The engine stopped ({type(error).__name__}).", faults=[], ours=True)
        return 4
    told.tell(found=found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
