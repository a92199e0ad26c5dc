"""Names of organisations as they are compared: however they are spelled."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_FORMS = frozenset({"ltd", "limited", "plc", "cic", "llp", "inc"})  # legal forms, at the end of a name


@lru_cache(maxsize=8192)
def plain_name(name: str) -> str:
    """A name without what people write now one way and now another: capitals, apostrophes, stops, a leading "The", legal forms.

    >>> plain_name("The Prisoners’ Education Trust Ltd."), plain_name("Prisoners' education  trust")
    ('prisoners education trust', 'prisoners education trust')
    """
    text = unicodedata.normalize("NFKC", name).casefold().replace("&", " and ")
    parts = re.findall(r"[^\W_]+", re.sub(r"['’‘ʼ`´.]", "", text))
    while len(parts) > 1 and parts[0] == "the":
        parts = parts[1:]
    while len(parts) > 1 and parts[-1] in _FORMS:
        parts = parts[:-1]
    return " ".join(parts) or text.strip()
