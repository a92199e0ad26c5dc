"""Looks a sentence up by its key and fills it in; `en/*.toml` hold the sentences, one file a part of the engine.

A value in the TOML is a text with `{name}` places, or a table of plural forms (`one`, `other`, …), chosen by the parameter
`count`. A missing key or parameter is an error: no half-made sentence ever reaches a person. See language.py for others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from datalab.errors import InternalError
from datalab.wording.language import Language, is_counted, read_part, spoken

_PLACE = re.compile(r"\\\{[^{}]*\\\}")  # a place of a sentence that was escaped


def words(part: str) -> dict[str, Any]:
    """The sentences of one part (a file of the language's folder), as nested tables.

    >>> sorted(words("errors"))[:1]
    ['errors']
    """
    return read_part(spoken(), part)


def say(key: str, /, **values: object) -> str:
    """The sentence named `part.section.name`, with its places filled.

    Parameters: `values` are formatted with `str.format`; `count` (a number, or one as printed) also chooses the plural form.
    Raises InternalError for an unknown key or a missing value.

    >>> say("errors.errors.faults_found", count=1)
    '1 thing needs putting right.'
    >>> say("errors.errors.faults_found", count=3)
    '3 things need putting right.'
    """
    return fill(words, spoken(), key, values)


def fill(parts: Callable[[str], dict[str, Any]], language: Language, key: str, values: Mapping[str, object]) -> str:
    """`say` over any catalogue. parts: gives the sentences of a part; language: whose plural forms are used."""
    node = _node(parts, key)
    if isinstance(node, dict):
        if "count" not in values:
            raise InternalError(f"the sentence {key} needs a count")
        if not is_counted(node):
            raise InternalError(f"{key} is no sentence but a table of them")
        node = node.get(language.category(values["count"]), node["other"])
    try:
        return str(node).format(**values)
    except (KeyError, IndexError) as error:
        raise InternalError(f"the sentence {key} lacks the value {error}") from error


def _node(parts: Callable[[str], dict[str, Any]], key: str) -> Any:
    """What a catalogue holds under a key: a text, its plural forms, or a table of more."""
    part, *path = key.split(".")
    node: Any = parts(part)
    for step in path:
        if not isinstance(node, dict) or step not in node:
            raise InternalError(f"wording has no sentence named {key}")
        node = node[step]
    return node


def is_said(text: str, key: str) -> bool:
    """Whether a text is what `say` could make of a key, whatever its places are filled with.

    Raises InternalError for an unknown key.

    >>> is_said("3 things need putting right.", "errors.errors.faults_found")
    True
    """
    node = _node(words, key)
    forms = node.values() if isinstance(node, dict) else (node,)
    return any(re.fullmatch(_PLACE.sub("(.*)", re.escape(form)), text, re.DOTALL) for form in forms)
