"""About the code: every write is an action, every model and field is declared, apps meet through actions, words are all used."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps

from portal.audit.action import ACTIONS
from portal.requests.states import diagram
from portal.wording import words

ROOT = Path(__file__).parents[2]
PORTAL = ROOT / "src" / "portal"
SOURCES = sorted(path for path in PORTAL.rglob("*.py") if "migrations" not in path.parts)
MODELS = [model for model in apps.get_models() if model.__module__.startswith("portal.")]
WRITES = frozenset({"save", "create", "bulk_create", "update", "delete", "get_or_create", "update_or_create", "bulk_update"})
# Where rows are written outside an action, and why.
NOT_ACTIONS = {
    "audit/record.py": "writes the event itself",
    "notices/outbox.py": "letters lie in the outbox of an action; that they were sent is no act",
    "runs/worker.py": "progress and heartbeat are no acts",
    "requests/moves.py": "inside actions: the move of a locked request",
    "publishing/moves.py": "inside actions: the move of a held release",
    "runs/pairs.py": "keep_pairs inside the action that finishes a run",
    "uploads/state.py": "give_up inside the actions that end a check",
    "accounts/models.py": "the manager that the registering action uses",
    "ops/demo.py": "a verified address of a demonstration account, which allauth keeps",
}


def _writes(tree: ast.AST) -> list[ast.Call]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            text = ast.unparse(node.func)
            if "objects" in text or node.func.attr == "save" or re.search(r"\.(filter|uploads|notes|exclude)\(", text):
                found.append(node)
    return found


def _functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def _is_action(function: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Call) and getattr(one.func, "id", "") == "action" for one in function.decorator_list)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PORTAL).as_posix())
def test_rows_are_written_by_actions_alone(path: Path) -> None:
    name = path.relative_to(PORTAL).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if name in NOT_ACTIONS or not _writes(tree):
        return
    functions = _functions(tree)
    assert any(_is_action(one) for one in functions), f"{name} writes rows but has no action"
    helpers = {one.name for one in functions if not _is_action(one) and _writes(one)}
    assert all(helper.startswith("_") for helper in helpers), helpers
    assert not [node for node in _writes(tree) if not any(node in ast.walk(one) for one in functions)]


def test_the_list_of_exceptions_is_not_longer_than_needed() -> None:
    for name in NOT_ACTIONS:
        assert _writes(ast.parse((PORTAL / name).read_text(encoding="utf-8"))), name


def test_every_action_says_who_and_is_known_by_a_name_in_the_audit() -> None:
    assert len(ACTIONS) > 25
    said = words("audit")["verbs"]
    for verb, where in ACTIONS.items():
        module, _, name = where.rpartition(".")
        function = getattr(__import__(module, fromlist=[name]), name)
        parameters = inspect.signature(function).parameters
        assert "by" in parameters
        assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters.values())
        assert verb.replace(".", "_") in said


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_and_every_field_is_declared(model: type) -> None:
    assert isinstance(model.mutable, bool)
    fields = {field.name for field in model._meta.concrete_fields}
    declared = [*model.personal, *model.impersonal]
    assert len(declared) == len(set(declared))
    assert set(declared) | {"id"} == fields | {"id"}


def test_what_is_declared_immutable_is_guarded_by_the_database() -> None:
    migrations = "\n".join(path.read_text(encoding="utf-8") for path in PORTAL.rglob("migrations/*.py"))
    for model in MODELS:
        assert (f'AppendOnly("{model._meta.db_table}")' in migrations) is not model.mutable, model


def test_every_sentence_is_said_somewhere() -> None:
    said = "\n".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *PORTAL.rglob("*.html")])
    for part in sorted(path.stem for path in (PORTAL / "wording" / "en").glob("*.toml")):
        if part in ("language", "notices", "questions", "audit", "criteria"):  # by name, each held elsewhere
            continue
        for section, sentences in words(part).items():
            assert f"{part}.{section}" in said or f'"{part}.{section}' in said or f'words("{part}")' in said, f"{part}.{section}"
            assert sentences


def test_modules_and_functions_are_small() -> None:
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 400, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 60, f"{path}: {node.name}"


def test_the_engine_does_not_know_the_portal() -> None:
    for path in (ROOT / "src" / "datalab").rglob("*.py"):
        assert not re.search(r"^\s*(from|import) (portal|django)\b", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_the_picture_of_the_life_cycle_is_the_tables() -> None:
    page = (ROOT / "docs" / "generated" / "request-states.md").read_text(encoding="utf-8")
    assert diagram() in page


def test_no_page_is_without_a_title_and_no_template_is_without_use() -> None:
    used = "\n".join(path.read_text(encoding="utf-8") for path in [*SOURCES, *PORTAL.rglob("*.html")])
    for path in sorted((PORTAL / "templates").rglob("*.html")):
        name = path.relative_to(PORTAL / "templates").as_posix()
        if not name.startswith(("account/", "mfa/", "429")):  # allauth asks for these by name
            assert f'"{name}"' in used, name
