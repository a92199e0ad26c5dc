"""A release as a document of JSON's own types, and back: the one form that the report is written from, now and years later.

Floats have 10 significant digits, as in results.json, so that every format shows roundings of one and the same number. A
number that is not shown is `{"suppressed": "[c]"}`: the document holds nothing but what was released.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from datalab.disclosure.number import Suppressed
from datalab.disclosure.results import Decision, Release
from datalab.errors import InputError
from datalab.wording import say

DIGITS = 10
SUPPRESSED = "suppressed"
UNIONS = (Union, types.UnionType)


def release_document(release: Release, decisions: tuple[Decision, ...]) -> dict[str, Any]:
    """The release and its decisions as JSON's own types. Same release, same document.

    >>> from datalab.disclosure.results import Decision, Suppressed
    >>> plain_value((Decision("cells", "sex", "pass", ""), Suppressed(), 1 / 3))[1:]
    [{'suppressed': '[c]'}, 0.3333333333]
    """
    return {"decisions": plain_value(decisions), "release": plain_value(release)}


def read_document(document: Any) -> tuple[Release, tuple[Decision, ...]]:
    """The release and decisions of a document. Raises InputError where a part is missing, strange or of another type.

    >>> read_document({"release": {}})
    Traceback (most recent call last):
    ...
    datalab.errors.InputError: The stored release cannot be read: decisions is not as this program writes it.
    """
    parts = document if isinstance(document, dict) else {}
    decisions: tuple[Decision, ...] = read_value(tuple[Decision, ...], parts.get("decisions"), "decisions")
    release: Release = read_value(Release, parts.get("release"), "release")
    return release, decisions


def plain_value(value: Any) -> Any:
    """A frozen value as JSON's own types, floats with 10 significant digits.

    >>> plain_value({"share": 1 / 3, "parts": (1, None)})
    {'share': 0.3333333333, 'parts': [1, None]}
    """
    if isinstance(value, Suppressed):
        return {SUPPRESSED: str(value)}
    if is_dataclass(value):
        return {item.name: plain_value(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {name: plain_value(item) for name, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0  # no minus zero
    return value


def read_value(kind: Any, value: Any, path: str) -> Any:
    """`value`, as `plain_value` gave it, as `kind`, a type of a frozen value's fields; path: where it stands, for the refusal.

    Raises InputError where it is of another type.

    >>> read_value(tuple[float, ...], [1, 2.5], "weights")
    (1, 2.5)
    """
    reader = _reader(get_origin(kind) or kind)
    return reader(kind, value, path)


def _reader(origin: Any) -> Callable[[Any, Any, str], Any]:
    if origin in UNIONS:
        return _read_union
    if origin is Suppressed:
        return _read_suppressed
    if is_dataclass(origin):
        return _read_fields
    return {tuple: _read_tuple, dict: _read_dict, Literal: _read_literal}.get(origin, _read_leaf)


def _read_union(kind: Any, value: Any, path: str) -> Any:
    """A number that may be suppressed, or a part that may be absent: the member that the value's own shape names."""
    members = get_args(kind)
    if isinstance(value, dict) and SUPPRESSED in value and Suppressed in members:
        return read_value(Suppressed, value, path)
    if value is None and type(None) in members:
        return None
    leaves = [member for member in members if member in (int, float)]
    if leaves:
        return _typed(value, leaves, path)
    (member,) = (one for one in members if one is not type(None))
    return read_value(member, value, path)


def _read_suppressed(_: Any, value: Any, path: str) -> Suppressed:
    for symbol in get_args(_hints(Suppressed)["symbol"]):
        if value == {SUPPRESSED: f"[{symbol}]"}:
            return Suppressed(symbol)
    raise _fault(path)


def _read_fields(kind: Any, value: Any, path: str) -> Any:
    """A frozen value: every field is there, and nothing beside them."""
    hints = _hints(kind)
    if not isinstance(value, dict) or value.keys() != hints.keys():
        raise _fault(path)
    return kind(**{name: read_value(hints[name], value[name], f"{path}.{name}") for name in hints})


def _read_tuple(kind: Any, value: Any, path: str) -> tuple[Any, ...]:
    members = get_args(kind)
    if not isinstance(value, list):
        raise _fault(path)
    kinds = [members[0]] * len(value) if members[-1] is Ellipsis else list(members)
    if len(kinds) != len(value):
        raise _fault(path)
    return tuple(read_value(one, item, f"{path}[{place}]") for place, (one, item) in enumerate(zip(kinds, value, strict=True)))


def _read_dict(kind: Any, value: Any, path: str) -> dict[str, Any]:
    _, member = get_args(kind)
    if not isinstance(value, dict):
        raise _fault(path)
    return {name: read_value(member, item, f"{path}.{name}") for name, item in value.items()}


def _read_literal(kind: Any, value: Any, path: str) -> Any:
    if isinstance(value, str) and value in get_args(kind):
        return value
    raise _fault(path)


def _read_leaf(kind: Any, value: Any, path: str) -> Any:
    """A text, a truth value, a whole number or a number. A whole number may stand where a number is asked for."""
    return _typed(value, (int, float) if kind is float else (kind,), path)


def _typed(value: Any, allowed: Sequence[type], path: str) -> Any:
    if type(value) in allowed:
        return value
    raise _fault(path)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _fault(path: str) -> InputError:
    return InputError(say("stored.stored.unreadable", path=path))
