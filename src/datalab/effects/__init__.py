"""Effects: outcome models, influence, intervals, survival; the package is also its own front door, `datalab.effects(…)`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Door(ModuleType):
    """A package that can be called: `dl.effects(balanced)` is `front.effects`, whether or not the package is loaded yet."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        from datalab.effects.front import effects  # noqa: PLC0415 (a stage's package loads nothing by itself)

        return effects(*args, **settings)


sys.modules[__name__].__class__ = _Door
