"""How Spark is reached: master, partitions, catalogue tables, and any setting of Spark's own, from a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datalab.constraints import Range, refusal, unknown
from datalab.errors import UsageError
from datalab.wording import say

FORMAT = 1
KEYS = ("format", "master", "partitions", "tables", "scratch", "conf")
PARTITIONS = Range(1, 100_000, whole=True)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")


@dataclass(frozen=True)
class SparkSettings:
    """Where Spark runs and how it splits the work.

    master: Spark's master URL; "local[*]" is this machine with all its cores. partitions: parts of a shuffle, two or three a
    core of the cluster. tables: "schema" or "catalogue.schema" that holds the central tables; "" where they are Parquet files
    in the central folder. scratch: address of a folder that every worker can write, for what a stage keeps; it holds personal
    data until the run ends. "" is a temporary folder of this machine. conf: any setting of Spark, last word.

    >>> SparkSettings().master, SparkSettings("yarn").is_local
    ('local[*]', False)
    """

    master: str = "local[*]"
    partitions: int = 8
    tables: str = ""
    scratch: str = ""
    conf: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_local(self) -> bool:
        """Whether Spark runs on this machine alone."""
        return self.master.startswith("local")


def read_spark_settings(path: Path) -> SparkSettings:
    """The settings of a TOML file. Raises UsageError that names every fault at once.

    >>> read_spark_settings(Path("no-such.toml"))
    Traceback (most recent call last):
    datalab.errors.UsageError: ...
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(say("engines.settings.unreadable", path=path)) from error
    faults = settings_faults(raw)
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)
    given = {key: value for key, value in raw.items() if key != "format"}
    return SparkSettings(**{**given, "conf": {key: _text(value) for key, value in raw.get("conf", {}).items()}})


def settings_faults(raw: Mapping[str, Any]) -> list[str]:
    """A sentence for each fault: unknown keys, values of another type or out of their range."""
    faults = [unknown("spark", key, KEYS) for key in raw if key not in KEYS]
    tables, scratch, conf = raw.get("tables"), raw.get("scratch", ""), raw.get("conf", {})
    is_local = str(raw.get("master", "local")).startswith("local")
    rules = {
        "format": raw.get("format") == FORMAT,
        "master": isinstance(raw.get("master", ""), str) and raw.get("master") != "",
        "tables": tables is None or (isinstance(tables, str) and bool(_NAME.fullmatch(tables))),
        "scratch": isinstance(scratch, str) and (is_local or scratch != ""),
        "conf": isinstance(conf, dict) and all(_is_plain(value) for value in conf.values()),
    }
    partitions = PARTITIONS.fault("partitions", raw.get("partitions", 1))
    refused = [refusal(key, say(f"engines.settings.{key}"), raw.get(key, "nothing")) for key, holds in rules.items() if not holds]
    return [*faults, *refused, *([partitions] if partitions else [])]


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
