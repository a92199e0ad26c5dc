"""Names of a package that are loaded when they are first used, so that a command waits only for what it needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`: each name comes from the module of the package that `homes` gives for it.

    What is found is kept in the package, so that it is looked up once. Raises AttributeError for any other name.

    >>> lazy_names("datalab.report", {"render_html": "html"})("nothing")
    Traceback (most recent call last):
        ...
    AttributeError: module 'datalab.report' has no attribute 'nothing'
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return load
