"""Every sentence the portal can say, by key; the mechanism is the engine's (datalab.wording)."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from datalab.wording.language import ENGLISH, Language, find_language, read_part
from datalab.wording.render import fill


@cache
def _language(code: str = ENGLISH) -> Language:
    return find_language(code, resources.files("portal.wording"))  # type: ignore[arg-type]


def words(part: str) -> dict[str, Any]:
    """The sentences of one part (a file), as nested tables."""
    return read_part(_language(), part)


def say(key: str, /, **values: object) -> str:
    """The sentence named `part.section.name`, with its places filled. Raises InternalError for an unknown key.

    >>> say("public.service.name")
    'Justice Data Lab'
    """
    return fill(words, _language(), key, values)
