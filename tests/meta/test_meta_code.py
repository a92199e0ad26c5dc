"""Rules about the code itself: sizes, where files are opened, what may be imported, no silent handlers, no machine's marks."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ENGINE = [path for path in SOURCES if path.is_relative_to(ROOT / "src" / "datalab")]
MODULE_LINES, FUNCTION_LINES = 400, 60
OPENERS = {"readers.py", "writers.py", "printing.py", "store.py"}
OPENING = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "read_parquet", "write_parquet"}


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_are_small_documented_and_fail_loudly(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert text.count("\n") <= MODULE_LINES
    assert ast.get_docstring(tree), "says its purpose in its first line"
    long = [node.name for node in functions(tree) if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES]
    assert not long, f"functions over {FUNCTION_LINES} lines"
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Assert)], "no assert in source"
    silent = [n for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and all(isinstance(b, ast.Pass) for b in n.body)]
    assert not silent, "no except: pass"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)


def _opens(tree: ast.AST) -> list[str]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "") for node in calls]
    return [name for name in names if name in OPENING]


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_opened_only_where_allowed(path: Path) -> None:
    if path.name in OPENERS or "engines" in path.parts:
        return
    text = path.read_text(encoding="utf-8")
    opened = _opens(ast.parse(text))
    # Package data is read through importlib.resources, and through nothing else.
    assert not opened or ("importlib" in text and set(opened) <= {"read_text", "read_bytes"}), opened


def test_public_functions_of_the_engine_say_what_they_do() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{node.name}"
        for path in ENGINE
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_folder_of_the_package_holds_code() -> None:
    empty = [
        folder.name
        for folder in (ROOT / "src" / "datalab").iterdir()
        if folder.is_dir()
        and folder.name != "__pycache__"
        and sum(len(p.read_text().splitlines()) for p in folder.rglob("*.py")) < 5
        and folder.name not in {"data", "wording"}
    ]
    assert empty == []


def test_lock_is_hashed_and_names_no_address() -> None:
    for name in ("requirements.lock", "requirements-uv.lock", "requirements-spark.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pins = [line for line in text.splitlines() if re.match(r"^[A-Za-z0-9._-]+==", line)]
        assert pins
        assert text.count("--hash=sha256:") >= len(pins)


def test_wording_has_no_sentence_that_nobody_says() -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *(ROOT / "src").rglob("*.j2")])
    for path in (ROOT / "src/datalab/wording/en").glob("*.toml"):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        for section, sentences in tables.items():
            assert f"{path.stem}.{section}" in said or f'"{path.stem}"' in said, f"{path.stem}.{section}"
            assert sentences


STAGES = ("intake", "linkage", "cohort", "features", "matching", "balance", "effects", "disclosure", "report", "evidence")


def _stage_imports(path: Path, stage: str) -> list[str]:
    names = [
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("datalab.")
    ]
    others = [name for name in names if name.split(".")[1] in STAGES and name.split(".")[1] != stage]
    return [f"{path.name}: {name}" for name in others if not name.endswith(".results")]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_only_the_results_of_other_stages(stage: str) -> None:
    folder = ROOT / "src" / "datalab" / stage
    found = [line for path in sorted(folder.rglob("*.py")) for line in _stage_imports(path, stage)]
    assert found == []


def test_the_security_page_names_code_and_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:tests|[a-z]+)/[A-Za-z0-9_./*]*)`", page)
    named = [name for name in named if name != "private/"]
    assert len(named) > 10
    missing = [name for name in named if not any(ROOT.glob(name)) and not any((ROOT / "src" / "datalab").glob(name))]
    assert missing == []
