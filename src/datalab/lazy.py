"""Names of a package that are loaded when they are first used, so that a command waits only for what it needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(module: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a module whose names come from other modules, which `homes` gives for each name.

    What is found is kept in the module, so that it is looked up once. Raises AttributeError for any other name.

    >>> lazy_names("datalab.report", {"render_html": "datalab.report.html"})("nothing")
    Traceback (most recent call last):
        ...
    AttributeError: module 'datalab.report' has no attribute 'nothing'
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        value = getattr(import_module(homes[name]), name)
        setattr(sys.modules[module], name, value)
        return value

    return load
