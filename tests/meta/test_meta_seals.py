"""The seals: only the balance gate makes a BalancedMatch, only disclosure control makes a Releasable."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "datalab"
OWNERS = {"Releasable": "disclosure", "BalancedMatch": "balance"}


def modules() -> list[tuple[str, ast.Module]]:
    return [(path.relative_to(SOURCE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCE.rglob("*.py")]


def calls(tree: ast.Module, name: str) -> int:
    named = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return sum(
        (isinstance(func, ast.Name) and func.id == name) or (isinstance(func, ast.Attribute) and func.attr == name)
        for func in named
    )


def touches_seal(tree: ast.Module) -> bool:
    """True where a module names `_SEAL`, by import, as a name, an attribute or a text."""
    return any(
        (isinstance(node, ast.alias) and node.name == "_SEAL")
        or (isinstance(node, ast.Name) and node.id == "_SEAL")
        or (isinstance(node, ast.Attribute) and node.attr == "_SEAL")
        or (isinstance(node, ast.Constant) and node.value == "_SEAL")
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize(("made", "owner"), OWNERS.items())
def test_a_sealed_value_is_made_by_its_owner_alone(made: str, owner: str) -> None:
    makers = {name for name, tree in modules() if calls(tree, made)}
    assert all(name.startswith(f"{owner}/") for name in makers), makers
    if made == "Releasable":
        assert makers == {"disclosure/release.py"}


def test_the_seals_are_not_touched_elsewhere() -> None:
    users = {name for name, tree in modules() if touches_seal(tree)}
    assert {name.split("/")[0] for name in users} <= set(OWNERS.values())
    assert {name for name in users if name.startswith("disclosure/")} == {"disclosure/results.py", "disclosure/release.py"}


def test_no_module_goes_round_a_constructor() -> None:
    """`object.__new__` and `object.__setattr__` could make or change a sealed value; only the sealed types use them."""
    users = {name for name, tree in modules() if calls(tree, "__new__") or calls(tree, "__setattr__")}
    assert users <= {"balance/results.py", "disclosure/results.py"}
