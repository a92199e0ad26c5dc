"""The card of a prepared index: what it was made of, and whether it still fits the data, the rules and the model."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import duckdb

from datalab.linkage.cleaning import cleaning_hash
from datalab.linkage.index import IndexSize, layout_hash
from datalab.linkage.model import Model
from datalab.store import canonical_json
from datalab.wording import say

FORMAT = 1
# What an index must agree with, in the order in which a misfit is told.
PARTS = ("format", "data", "cleaning", "model", "layout", "engine")


@dataclass(frozen=True)
class IndexCard:
    """What made an index. data: SHA-256 of the identity table's file. cleaning, layout, model: of rules, queries and model.

    engine: the version of DuckDB, whose hash function the keys are made with. size: of the people in it.
    """

    format: int
    data: str
    cleaning: str
    layout: str
    model: str
    model_version: str
    engine: str
    size: IndexSize

    @property
    def version(self) -> str:
        """The index's version: SHA-256 of data, cleaning rules and model together."""
        return hashlib.sha256(canonical_json([self.data, self.cleaning, self.model])).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {**asdict(self), "version": self.version}


def model_hash(model: Model) -> str:
    """SHA-256 of everything a model says.

    >>> from datalab.linkage.model import load_model
    >>> model_hash(load_model()) == model_hash(load_model())
    True
    """
    return hashlib.sha256(canonical_json(asdict(model))).hexdigest()


def make_card(model: Model, data_sha256: str, size: IndexSize) -> IndexCard:
    """The card of an index made now, from the identity table with that hash."""
    return IndexCard(
        format=FORMAT,
        data=data_sha256,
        cleaning=cleaning_hash(),
        layout=layout_hash(model),
        model=model_hash(model),
        model_version=model.version,
        engine=duckdb.__version__,
        size=size,
    )


def read_card(text: Mapping[str, Any]) -> IndexCard:
    """The card of its JSON. Raises KeyError or TypeError where it is none."""
    values = {name: text[name] for name in (*PARTS, "model_version")}
    return IndexCard(**values, size=IndexSize(**text["size"]))


def misfits(card: IndexCard, model: Model, data_sha256: str) -> list[str]:
    """A sentence for each thing that the index was made of and that is not what is in use now; [] where it fits."""
    wanted = make_card(model, data_sha256, card.size)
    names = {"was": card.model_version, "now": model.version}
    return [say(f"linkage.index.{part}", **names) for part in PARTS if getattr(card, part) != getattr(wanted, part)]
