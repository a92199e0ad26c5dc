"""From DuckDB's SQL, in which every query is written once, to Spark's: what sqlglot does, and where the two mean other things.

Each rule below is a difference of meaning that sqlglot leaves alone. What is not here is the same on both, or sqlglot turns
it: nulls come last in every order, days are counted and months added alike, `qualify` becomes a subquery.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from datalab.errors import InternalError

# Letters with marks: Latin to the end of Extended-B, and Latin Extended Additional; then the marks that stand by themselves.
_MARKED = (*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00))
_MARKS = range(0x0300, 0x0370)


@dataclass(frozen=True)
class Macro:
    """A macro of the connection: the names of its arguments and what stands for it."""

    arguments: tuple[str, ...]
    body: exp.Expr


@dataclass(frozen=True)
class Statement:
    """One statement: what it does (`select`, `create`, `drop`, `describe`, `macro`), to which name, with which query."""

    kind: str
    name: str = ""
    query: str = ""
    macro: Macro | None = None


def translate(statement: str, macros: Mapping[str, Macro]) -> Statement:
    """A statement in DuckDB's dialect as Spark has it, with the macros written out.

    Raises InternalError for a kind of statement that no stage uses.

    >>> translate("select 1.5 as x, left(name, -3) from people where place = $place", {}).query
    'SELECT CAST(1.5 AS DOUBLE) AS x, SUBSTRING(name, 1, GREATEST(LENGTH(name) - 3, 0)) FROM people WHERE place = :place'
    """
    tree = sqlglot.parse_one(statement, read="duckdb")
    if isinstance(tree, exp.Create) and tree.kind == "MACRO":
        return _macro(tree)
    if isinstance(tree, exp.Create) and tree.kind in ("TABLE", "VIEW"):
        return Statement("create", tree.this.name, _spark(tree.expression, macros))
    if isinstance(tree, exp.Drop):
        return Statement("drop", tree.args["tables"][0].name)
    if isinstance(tree, exp.Describe):
        return Statement("describe", tree.this.name)
    if isinstance(tree, exp.Query):
        return Statement("select", query=_spark(tree, macros))
    raise InternalError("a statement of a kind that Spark is never asked for")


def _macro(tree: exp.Create) -> Statement:
    heading = tree.this
    arguments = tuple(argument.name for argument in heading.expressions)
    return Statement("macro", heading.this.name.lower(), macro=Macro(arguments, tree.expression))


def _spark(tree: exp.Expr, macros: Mapping[str, Macro]) -> str:
    whole = exp.Subquery(this=_written_out(tree, macros))  # a place of its own, so that the outermost part can be replaced
    for node in reversed(list(whole.walk())):
        rule = RULES.get(type(node)) or NAMED.get(node.name.upper() if isinstance(node, exp.Anonymous) else "")
        if rule is not None:
            node.replace(rule(node.copy()))
    return str(whole.this.sql("spark"))


def _written_out(tree: exp.Expr, macros: Mapping[str, Macro]) -> exp.Expr:
    """The tree with every call of a macro replaced by its body, macros within macros too."""

    def stand_in(node: exp.Expr) -> exp.Expr:
        macro = macros.get(node.name.lower()) if isinstance(node, exp.Anonymous) else None
        if macro is None:
            return node
        given = dict(zip(macro.arguments, (_written_out(item, macros) for item in node.expressions), strict=True))
        return _filled(_written_out(macro.body.copy(), macros), given)

    return tree.transform(stand_in)


def _filled(body: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    def argument(node: exp.Expr) -> exp.Expr:
        known = isinstance(node, exp.Column) and not node.table and node.name in given
        return exp.paren(given[node.name]) if known else node

    return exp.paren(body.transform(argument))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _double(node: exp.Expr) -> exp.Expr:
    """A number with a point is a decimal to both, but DuckDB divides decimals as doubles and Spark as decimals."""
    return exp.cast(node, "double") if not node.is_string and not node.is_int else node


def _counted(node: exp.Expr) -> exp.Expr:
    """row_number() is a 64-bit number to DuckDB and a 32-bit one to Spark."""
    return exp.cast(node, "bigint") if isinstance(node.this, exp.RowNumber) else node


def _left(node: exp.Expr) -> exp.Expr:
    """left(x, -n) is all but the last n letters to DuckDB, nothing to Spark."""
    text, count = node.this, node.expression
    if not isinstance(count, exp.Neg):
        return node
    kept = exp.Greatest(this=exp.Sub(this=exp.Length(this=text), expression=count.this), expressions=[exp.Literal.number(0)])
    return exp.Substring(this=text.copy(), start=exp.Literal.number(1), length=kept)


def _null_when_empty(node: exp.Expr) -> exp.Expr:
    """A list of no rows is null to DuckDB, empty to Spark."""
    return exp.Nullif(this=node, expression=exp.Array())


def _filtered(node: exp.Expr) -> exp.Expr:
    """As above, where the list has a filter: the filter stays with its aggregate."""
    inner = node.this
    return _null_when_empty(exp.Filter(this=inner.this, expression=node.expression)) if isinstance(inner, exp.Nullif) else node


def _joined(node: exp.Expr) -> exp.Expr:
    """A null among lists to be joined is passed over by DuckDB, and makes everything null in Spark."""
    return _call("CONCAT", *(exp.Coalesce(this=part, expressions=[exp.Array()]) for part in (node.this, *node.expressions)))


def _sorted(node: exp.Expr) -> exp.Expr:
    """Spark's array_sort takes a rule of order, and nothing that asks another table within it."""
    return _call("SORT_ARRAY", node.this)


def _listed(node: exp.Expr) -> exp.Expr:
    """string_agg(distinct x, separator order by x): Spark sorts a list and joins it."""
    inner = node.this.this if isinstance(node.this, exp.Order) else node.this
    separator = node.args.get("separator") or exp.Literal.string(",")
    return _call("ARRAY_JOIN", _call("SORT_ARRAY", _call("COLLECT_SET", *inner.expressions)), separator)


def _plain_letters(node: exp.Expr) -> exp.Expr:
    """strip_accents: Spark has none."""
    marked, plain = plain_letters()
    return _call("TRANSLATE", *node.expressions, exp.Literal.string(marked), exp.Literal.string(plain))


def plain_letters() -> tuple[str, str]:
    """Letters with marks, and in the same places those without; at the end of the first, marks that are to be taken out.

    >>> marked, plain = plain_letters()
    >>> plain[marked.index("É")], plain[marked.index("ż")]
    ('E', 'z')
    """
    decomposed = {chr(code): unicodedata.normalize("NFD", chr(code))[0] for code in _MARKED}
    pairs = {letter: base for letter, base in decomposed.items() if letter != base}
    return "".join(pairs) + "".join(map(chr, _MARKS)), "".join(pairs.values())


def _replaced(node: exp.Expr) -> exp.Expr:
    r"""What a group held is \1 in a replacement to DuckDB, $1 to Spark, which replaces every find whether or not "g" is said."""
    pattern, written, said = (node.args.get(name) for name in ("expression", "replacement", "modifiers"))
    once = said is None and pattern is not None and (pattern.name.startswith("^") or pattern.name.endswith("$"))
    if not once and (said is None or said.name != "g"):
        raise InternalError("a pattern that is replaced once must stand at the beginning or the end")
    if isinstance(written, exp.Literal):
        written.set("this", re.sub(r"\\([0-9])", r"$\1", written.name.replace("$", "\\$")))
    return node


def _hashed(node: exp.Expr) -> exp.Expr:
    """hash() has 64 bits in DuckDB and 32 in Spark. The hashes differ between the two; they are compared within one alone."""
    return _call("XXHASH64", *node.expressions)


def _full_match(node: exp.Expr) -> exp.Expr:
    r"""regexp_full_match: Spark's rlike looks for a part, and $ would allow a line's end after it."""
    return exp.RegexpLike(this=node.this, expression=exp.Literal.string(f"\\A(?:{node.expression.name})\\z"))


def _similarity(node: exp.Expr) -> exp.Expr:
    """The function of the jar that comes with Splink."""
    return _call("jaro_winkler", node.this, node.expression)


RULES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Literal: _double,
    exp.Window: _counted,
    exp.Left: _left,
    exp.ArrayAgg: _null_when_empty,
    exp.Filter: _filtered,
    exp.ArrayConcat: _joined,
    exp.ArraySort: _sorted,
    exp.GroupConcat: _listed,
    exp.JarowinklerSimilarity: _similarity,
    exp.RegexpFullMatch: _full_match,
    exp.RegexpReplace: _replaced,
}
NAMED: dict[str, Callable[[exp.Expr], exp.Expr]] = {
    "HASH": _hashed,
    "STRIP_ACCENTS": _plain_letters,
}


def parameters(query: str, values: Mapping[str, object]) -> dict[str, object]:
    """Those values that the query names.

    >>> parameters("SELECT :a", {"a": 1, "b": 2})
    {'a': 1}
    """
    return {name: value for name, value in values.items() if f":{name}" in query}
