"""Looks a sentence up by its key and fills it in; `en/*.toml` hold the sentences, one file a part of the engine.

A value in the TOML is a text with `{name}` places, or a table with `one` and `other` texts, chosen by the parameter
`count`. A missing key or parameter is an error: no half-made sentence ever reaches a person.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from datalab.errors import InternalError

LANGUAGE = "en"


@cache
def words(part: str) -> dict[str, Any]:
    """The sentences of one part (a file of `en/`), as nested tables.

    >>> sorted(words("errors"))[:1]
    ['errors']
    """
    # .joinpath is read through importlib.resources, so the package may live in a zip file.
    source = resources.files("datalab.wording").joinpath(LANGUAGE, f"{part}.toml")
    try:
        return tomllib.loads(source.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InternalError(f"wording has no part named {part}") from error


def say(key: str, /, **values: object) -> str:
    """The sentence named `part.section.name`, with its places filled.

    Parameters: `values` are formatted with `str.format`; `count` also chooses between `one` and `other`.
    Raises InternalError for an unknown key or a missing value.

    >>> say("errors.errors.faults_found", count=1)
    '1 thing needs putting right.'
    >>> say("errors.errors.faults_found", count=3)
    '3 things need putting right.'
    """
    part, *path = key.split(".")
    node: Any = words(part)
    for step in path:
        if not isinstance(node, dict) or step not in node:
            raise InternalError(f"wording has no sentence named {key}")
        node = node[step]
    if isinstance(node, dict):
        if "count" not in values:
            raise InternalError(f"the sentence {key} needs a count")
        node = node["one" if values["count"] == 1 else "other"]
    try:
        return str(node).format(**values)
    except (KeyError, IndexError) as error:
        raise InternalError(f"the sentence {key} lacks the value {error}") from error
