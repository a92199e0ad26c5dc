"""A data lab in a box: link, match, estimate, control disclosure, report.

>>> import datalab as dl
>>> {"evaluate", "run_study", "power", "match", "gate", "effects"} <= set(dl.__all__)
True
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from datalab.api import __all__

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The names of `datalab.api`, loaded when first used, so that `datalab --help` stays quick."""
    if name in __all__:
        from datalab import api  # noqa: PLC0415 (not before it is asked for)

        return getattr(api, name)
    raise AttributeError(f"module 'datalab' has no attribute {name!r}")


class _Face(ModuleType):
    """This package, in which `effects` is the function whether or not the package of that name is loaded: to load it sets the
    name to the module, which nobody means who writes `dl.effects`."""

    @property
    def effects(self) -> Any:
        return __getattr__("effects")

    @effects.setter
    def effects(self, module: ModuleType) -> None:
        """The import system hands the module here; it stays in `sys.modules`, where imports find it."""


sys.modules[__name__].__class__ = _Face
