"""Small faults put into a module, one at a time: each a source text that a good test suite must tell from the real one."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """A fault: where, the expression as it was and as it is now, and the whole source with it."""

    module: str
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is told by, wherever in the module it stands."""
        return self.module, self.before, self.after


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every fault of every kind in a module's code; text, annotations, and what is raised are left alone.

    >>> [mutant.after for mutant in mutants("m", "def f(x):\\n    return x < 3")]
    ['x <= 3', '4']
    """
    tree = ast.parse(source)
    left_alone = {id(inner) for node in ast.walk(tree) for part in _not_code(node) for inner in ast.walk(part)}
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in left_alone:
            continue
        for variant in range(_variants(node)):
            changed = copy.deepcopy(tree)
            target = next(one for number, one in enumerate(ast.walk(changed)) if number == place)
            before = ast.unparse(target)
            after = _mutate(changed, target, variant)
            yield Mutant(module, getattr(node, "lineno", 0), before, after, ast.unparse(changed))


def _not_code(node: ast.AST) -> Iterator[ast.AST]:
    """Parts of a node in which a fault would change nothing that runs, or only what an error says."""
    if isinstance(node, ast.Raise):
        yield node
    if isinstance(node, ast.ClassDef):
        yield from node.decorator_list  # that values are frozen is mypy's to hold
    if isinstance(node, (ast.FunctionDef, ast.AnnAssign, ast.arg)):
        returns = node.returns if isinstance(node, ast.FunctionDef) else node.annotation
        yield from [returns] if returns is not None else []


def _variants(node: ast.AST) -> int:
    if isinstance(node, ast.Compare):
        return len(node.ops)
    if isinstance(node, ast.BinOp):
        return int(type(node.op) in ARITHMETIC)
    if isinstance(node, ast.Constant):
        return int(isinstance(node.value, (bool, int, float)))
    if isinstance(node, ast.Call):
        return int(isinstance(node.func, ast.Name) and node.func.id in NAMES)
    return int(isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)))


def _mutate(tree: ast.AST, node: ast.AST, variant: int) -> str:
    """Changes the node where it stands; gives it as text."""
    if isinstance(node, ast.Compare):
        node.ops[variant] = COMPARE[type(node.ops[variant])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.BinOp):
        node.op = ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.Constant):
        node.value = (not node.value) if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        node.func.id = NAMES[node.func.id]
    elif isinstance(node, ast.UnaryOp):
        _replace(tree, node, node.operand)
        return ast.unparse(node.operand)
    return ast.unparse(node)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(item is old for item in value):
                value[[item is old for item in value].index(True)] = new
