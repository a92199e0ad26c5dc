"""The hash of an event: of what it says and of the event before it, so that nothing can be changed, dropped or put between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

START = "0" * 64


def hash_of(previous: str, said: Mapping[str, Any]) -> str:
    """SHA-256 of the previous hash and the event as canonical JSON.

    >>> hash_of(START, {"seq": 1})[:12]
    'be79e2e77e80'
    """
    text = json.dumps({"previous": previous, **said}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
