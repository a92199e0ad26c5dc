"""Which tests can notice a fault: those that enter the function it stands in, the quickest first.

Coverage says for every line which test functions ran it, JUnit's report how long each took. A fault outside of functions (a
constant, a default) runs at import, so every test may notice it.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import coverage

_RC = "[run]\ndynamic_context = test_function\nsource = datalab.disclosure\n"


@dataclass(frozen=True)
class Selection:
    """seconds: by test function (a pytest address); by_line: by module name and line, the test functions that ran it."""

    seconds: dict[str, float]
    by_line: dict[str, dict[int, frozenset[str]]]

    def tests(self, module: str, source: str, line: int) -> list[str]:
        """The tests that enter the innermost function around the line, the quickest first; all where there is none."""
        around = [
            node
            for node in ast.walk(ast.parse(source))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.body[0].lineno <= line <= (node.end_lineno or 0)
        ]
        ran = self.by_line.get(module, {})
        lines = range(around[-1].body[0].lineno, (around[-1].end_lineno or 0) + 1) if around else ()
        found = {test for number in lines for test in ran.get(number, ())} or set(self.seconds)
        return sorted(found, key=lambda test: (self.seconds[test], test))


def select(root: Path, folder: Path, tests: tuple[str, ...]) -> Selection | None:
    """Runs the tests once and says which ran what; None where one of them fails. folder: a copy of the source."""
    settings, data, report = (folder / name for name in ("coveragerc", "coverage", "junit.xml"))
    settings.write_text(_RC, encoding="utf-8")
    command = [sys.executable, "-B", "-m", "coverage", "run", f"--rcfile={settings}", f"--data-file={data}"]
    command += ["-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}", *tests]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(root)])}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False)
    if done.returncode:
        return None
    seconds: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(report).iter("testcase"):
        seconds[_address(root, f"{case.get('classname')}.{str(case.get('name')).partition('[')[0]}")] += float(
            case.get("time", "0")
        )
    measured = coverage.CoverageData(basename=str(data))
    measured.read()
    by_line = {
        Path(name).stem: {
            line: frozenset(_address(root, context) for context in contexts if context) & seconds.keys()
            for line, contexts in measured.contexts_by_lineno(name).items()
        }
        for name in measured.measured_files()
    }
    return Selection(dict(seconds), by_line)


def _address(root: Path, dotted: str) -> str:
    """`tests.unit.test_a.test_b` as pytest names it: `tests/unit/test_a.py::test_b`."""
    parts = dotted.split(".")
    for size in range(len(parts), 0, -1):
        if (root / "/".join(parts[:size])).with_suffix(".py").is_file():
            return "::".join(["/".join(parts[:size]) + ".py", *parts[size:]])
    return dotted
