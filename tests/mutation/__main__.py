"""`make mutants`: small faults are put into the rules of disclosure control, one at a time; a test must fail for each.

Prints every fault that no test noticed, and exits 1 where one of them is not among those that change nothing (equivalent.toml,
each with its reason). Each fault is tried in a copy of the source, in a process of its own, on the tests that enter the function
it stands in.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.selection import select

ROOT = Path(__file__).parents[2]
PACKAGE = "src/datalab/disclosure"
# The modules that hold rules; the others carry numbers from one to another.
MODULES = ("checks", "covariates", "groups", "merging", "outcomes", "suppression", "thresholds", "values")
TESTS = (
    "tests/spec/test_disclosure_rules.py",
    *sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/unit/test_disclosure_*.py")),
    "tests/attacks/test_disclosure_attacks.py",
    "tests/attacks/test_nested_attacks.py",
    "tests/attacks/test_differences_attacks.py",
)
SECONDS = 300  # a fault that makes the tests run for ever is noticed


def main() -> int:
    """Tries the faults of the modules asked for. Returns 0, or 1 where one went unnoticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    sources = {name: (ROOT / PACKAGE / f"{name}.py").read_text(encoding="utf-8") for name in asked.only}
    found = [mutant for name, source in sources.items() for mutant in mutants(name, source)]
    same = equivalents()
    tried = [mutant for mutant in found if mutant.key not in same]
    say(f"{len(tried)} faults to try, {len(found) - len(tried)} that change nothing left out")
    began, survivors = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="datalab-mutants-") as folder:
        trees = _copies(Path(folder), asked.jobs)
        chosen = select(ROOT, Path(folder) / "0", TESTS)
        if chosen is None:
            say("The tests fail on the source as it is: nothing can be said of faults.")
            return 2
        with ThreadPoolExecutor(asked.jobs) as pool:
            tests = [chosen.tests(mutant.module, sources[mutant.module], mutant.line) for mutant in tried]
            for number, (mutant, noticed) in enumerate(
                zip(tried, pool.map(partial(_is_noticed, trees), tried, tests), strict=True), 1
            ):
                if not noticed:
                    survivors.append(mutant)
                    say(f"not noticed: {mutant.module}.py:{mutant.line}: {mutant.before} -> {mutant.after}")
                if number % 25 == 0:
                    say(f"{number}/{len(tried)}, {(time.monotonic() - began) / 60:.0f} min")
    say(f"{len(tried) - len(survivors)} of {len(tried)} faults noticed in {(time.monotonic() - began) / 60:.0f} min")
    return int(bool(survivors))


def say(line: str) -> None:
    """A line on standard output at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def equivalents() -> frozenset[tuple[str, str, str]]:
    """The faults that change nothing anybody could notice."""
    listed = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text(encoding="utf-8"))["fault"]
    return frozenset((one["module"], one["before"], one["after"]) for one in listed)


def _copies(folder: Path, count: int) -> SimpleQueue[Path]:
    trees: SimpleQueue[Path] = SimpleQueue()
    for number in range(count):
        shutil.copytree(ROOT / "src", folder / str(number), ignore=shutil.ignore_patterns("__pycache__"))
        trees.put(folder / str(number))
    return trees


def _is_noticed(trees: SimpleQueue[Path], mutant: Mutant, tests: list[str]) -> bool:
    """Whether one of the tests fails (or runs for ever) with the fault in a copy of the source."""
    tree = trees.get()
    path = tree / "datalab" / "disclosure" / f"{mutant.module}.py"
    real = path.read_text(encoding="utf-8")
    try:
        path.write_text(mutant.source, encoding="utf-8")
        return _code_of_tests(tree, tests) != 0
    finally:
        path.write_text(real, encoding="utf-8")
        trees.put(tree)


def _code_of_tests(tree: Path, tests: list[str]) -> int:
    """The exit code of tests on that source, in a process of their own; not 0 where they run for ever."""
    command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), str(ROOT)])}
    try:
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=SECONDS, check=False).returncode
    except subprocess.TimeoutExpired:
        return -1


if __name__ == "__main__":
    sys.exit(main())
