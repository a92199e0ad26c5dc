"""The dated, versioned linkage model, read from its neutral file: comparisons, levels with m and u, blocking, thresholds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from importlib import resources
from typing import Any

from datalab.errors import InputError, InternalError
from datalab.wording import say

CURRENT = "model_2026_11_26"
STRICT = 0.9999  # as many bits above 0.99 as the doubtful band goes below it; for model files that name none


@dataclass(frozen=True)
class Level:
    """One level of agreement. m, u: shares (0 to 1] of true pairs and of chance pairs at this level.

    test: what must hold, in the words of the model file. term_frequency: the column whose rarity adjusts u, or "".
    agrees: (share, columns that agree), for the estimate of true pairs that no blocking rule finds.
    """

    name: str
    test: Mapping[str, Any] | str
    m: float
    u: float
    source: Mapping[str, str]
    term_frequency: str = ""
    agrees: tuple[tuple[float, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Levels in order: a pair stands at the first that holds. A pair with one of `needs` missing says nothing."""

    name: str
    needs: tuple[str, ...]
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Model:
    """Everything that linkage takes as given. Probabilities and shares 0 to 1; `tie_bits` in bits; `gap_points` and
    `missed_gap_points` in points.

    accept, review: posterior match probabilities. strict: the threshold of the surest links, at which a run's result is found
    again (never below accept). keep: pairs below it are forgotten. expected_share: share of the
    submitted people expected in the records, from which each run's prior follows. different_birth_days: pairs born further
    apart are never accepted by weight alone (a father and a son share name and address); None in models before 2026-11-26.
    """

    version: str
    expected_share: float
    strict: float
    accept: float
    review: float
    keep: float
    tie_bits: float
    decision_probability: float
    deterministic_probability: float
    different_forename_below: float
    different_birth_days: int | None
    term_frequency_prior_people: int
    common_postcode_share: float
    common_postcode_people: int
    gap_points: float
    smallest_group: int
    missed_gap_points: float
    missed_gap_people: int
    placeholder_dates: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    blocking: tuple[tuple[str, ...], ...]

    @property
    def term_frequencies(self) -> dict[str, float]:
        """The columns with term frequencies, and the u of exact agreement that few people's counts are drawn towards."""
        levels = [level for comparison in self.comparisons for level in comparison.levels]
        exact = [level for level in levels if level.term_frequency and level.test == {"same": level.term_frequency}]
        return {level.term_frequency: level.u for level in exact}

    def prior(self, index_people: int) -> float:
        """Probability that a submitted person and a central person, both drawn at random, are one person.

        Expected links / (submitted x index size), which is the expected share over the index size. index_people: 1 or more.

        >>> round(load_model().prior(50_000) * 1e6)
        18
        """
        return min(self.expected_share / index_people, 0.5)


def load_model(version: str = CURRENT) -> Model:
    """The model of that version, from this package. Raises InternalError for an unknown version.

    >>> load_model().version
    'model_2026_11_26'
    """
    return make_model(packaged_model(version))


def packaged_model(version: str = CURRENT) -> dict[str, Any]:
    """The JSON of this package's model file of that version. Raises InternalError for an unknown version."""
    source = resources.files("datalab.linkage").joinpath(f"{version}.json")
    try:
        return dict(json.loads(source.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise InternalError(f"there is no linkage model {version}") from error


def make_model(raw: Mapping[str, Any]) -> Model:
    """The model that the JSON of a neutral file says. Raises KeyError or TypeError where something is missing."""
    thresholds, common, quality = raw["thresholds"], raw["common_postcode"], raw["quality"]
    return Model(
        version=raw["version"],
        expected_share=raw["expected_share"],
        strict=max(thresholds.get("strict", STRICT), thresholds["accept"]),
        accept=thresholds["accept"],
        review=thresholds["review"],
        keep=thresholds["keep"],
        tie_bits=thresholds["tie_bits"],
        decision_probability=raw["decision_probability"],
        deterministic_probability=raw["deterministic_probability"],
        different_forename_below=raw["different_forename"]["jaro_winkler_below"],
        different_birth_days=raw.get("different_birth", {}).get("days_over"),
        term_frequency_prior_people=raw["term_frequency_prior_people"],
        common_postcode_share=common["share"],
        common_postcode_people=common["people"],
        gap_points=quality["gap_points"],
        smallest_group=quality["smallest_group"],
        missed_gap_points=quality.get("missed_gap_points", 3.0),
        missed_gap_people=quality.get("missed_gap_people", 100),
        placeholder_dates=tuple(raw["placeholders"]["dates_of_birth"]),
        comparisons=tuple(_comparison(item) for item in raw["comparisons"]),
        blocking=tuple(tuple(rule) for rule in raw["blocking"]),
    )


def packaged_versions() -> tuple[str, ...]:
    """The versions of the model files in this package.

    >>> CURRENT in packaged_versions()
    True
    """
    names = (item.name for item in resources.files("datalab.linkage").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.startswith("model_") and name.endswith(".json")))


def model_faults(model: Model) -> list[str]:
    """A sentence for each thing in a model that cannot be; [] for one that can be used.

    >>> model_faults(load_model())
    []
    """
    faults = [say("linkage.model.version")] if not _is_named(model.version, _VERSION) else []
    faults += [say("linkage.model.share", name=name) for name in _SHARES if not 0 < getattr(model, name) < 1]
    numbers = {name: getattr(model, name) for name in _NUMBERS}
    if model.different_birth_days is not None:
        numbers["different_birth_days"] = model.different_birth_days
    faults += [say("linkage.model.number", name=name) for name, value in numbers.items() if not _is_number(value)]
    if not model.keep <= model.review <= model.accept:
        faults.append(say("linkage.model.order"))
    if not model.comparisons or not model.blocking or not all(model.blocking):
        faults.append(say("linkage.model.empty"))
    if not all(_is_day(day) for day in model.placeholder_dates):
        faults.append(say("linkage.model.day"))
    if len({comparison.name for comparison in model.comparisons}) < len(model.comparisons):
        faults.append(say("linkage.model.names"))
    faults += [fault for comparison in model.comparisons for fault in _comparison_faults(comparison)]
    # They become SQL: a file may say nothing that the package's own model does not.
    unknown = sorted({word for _, word in _words(model) - _words(load_model())})
    return faults + [say("linkage.model.words", words=", ".join(_printed(word) for word in unknown[:5]))] * bool(unknown)


_VERSION, _NAME = re.compile(r"[A-Za-z0-9._+-]+"), re.compile(r"[ -~]{1,60}")
_SHARES = ("strict", "accept", "review", "keep", "expected_share", "decision_probability", "deterministic_probability")
_NUMBERS = (
    "tie_bits", "different_forename_below", "term_frequency_prior_people", "common_postcode_share", "common_postcode_people",
    "gap_points", "smallest_group", "missed_gap_points", "missed_gap_people",
)  # fmt: skip
# What a test takes beside its columns, and which tests take two columns, or other tests.
_ARGUMENT = {"jaro_winkler": "at_least", "edits": "at_most", "apart": "at_most"}
_OF_TWO, _OF_TESTS = ("swapped", "crossed"), ("all", "any")


def _is_named(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _printed(word: str) -> str:
    """As a message can hold it, whatever it is."""
    return word[:40].encode("utf-8", "replace").decode()


def _is_number(value: object) -> bool:
    """A number of 0 or more: no text, and none of those that compare with nothing (a tie would never be found) or have no end."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _comparison_faults(comparison: Comparison) -> list[str]:
    names = [level.name for level in comparison.levels]
    if not all(_is_named(name, _NAME) for name in (comparison.name, *names)) or len(set(names)) < len(names):
        return [say("linkage.model.names")]
    faults = []
    for level in comparison.levels:
        if not (0 < level.m <= 1 and 0 < level.u <= 1):
            faults.append(say("linkage.model.level", name=comparison.name, level=level.name))
        if not _is_test(level.test) or not all(_is_number(share) for share, _ in level.agrees):
            faults.append(say("linkage.model.test", name=comparison.name, level=level.name))
    return faults


def _is_test(test: object, *, inner: bool = False) -> bool:
    """Whether a test is built as those of the package's model are: its name, its columns, its number."""
    if not isinstance(test, Mapping) or not test:
        return test == "else" and not inner
    # In whatever order: a file of `index train` has its keys sorted.
    names = [name for name in test if name not in _ARGUMENT.values()]
    if len(names) != 1:
        return False
    name, columns = names[0], test[names[0]]
    argument = _ARGUMENT.get(name)
    if set(test) != {name, *([argument] if argument else [])} or (argument and not _is_number(test[argument])):
        return False
    if name in _OF_TESTS:
        return not inner and isinstance(columns, list) and bool(columns) and all(_is_test(one, inner=True) for one in columns)
    if name in _OF_TWO:
        return isinstance(columns, list) and len(columns) == 2 and all(isinstance(one, str) for one in columns)
    return isinstance(columns, str)


def _words(model: Model) -> set[tuple[str, str]]:
    """Every name in a model that its queries are written with, and as what: a comparison, a column, a test."""
    words = {("column", column) for rule in model.blocking for column in rule}
    for comparison in model.comparisons:
        words |= {("comparison", comparison.name), *(("column", column) for column in comparison.needs)}
        for level in comparison.levels:
            adjusted = [level.term_frequency] if level.term_frequency else []
            words |= {*(("column", column) for column in adjusted), *_words_of_test(level.test)}
    return words


def _words_of_test(test: Any) -> set[tuple[str, str]]:
    if isinstance(test, Mapping):
        return {*(("test", str(name)) for name in test), *(word for value in test.values() for word in _words_of_test(value))}
    if isinstance(test, list):
        return {word for item in test for word in _words_of_test(item)}
    return set() if isinstance(test, int | float) else {("column", str(test))}


def check_model(raw: Mapping[str, Any], name: object) -> Model:
    """The model that the JSON of a neutral file says, checked. name: what an error calls the file.

    Raises InputError where it is no model, or one that cannot be used (`model_faults`).

    >>> check_model(packaged_model(), "model.json").version
    'model_2026_11_26'
    """
    try:
        model = make_model(raw)
        faults = model_faults(model)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise InputError(say("linkage.model.no_model", path=name)) from error
    if faults:
        raise InputError(say("linkage.model.refused", path=name), faults)
    return model


def level_weights(model: Model) -> dict[tuple[str, str], float]:
    """The match weight log2(m / u) of every level in bits, by comparison and level.

    >>> level_weights(load_model())["sex", "exact"] > 0
    True
    """
    levels = [(comparison.name, level) for comparison in model.comparisons for level in comparison.levels]
    return {(name, level.name): math.log2(level.m / level.u) for name, level in levels}


def model_settings(model: Model) -> dict[str, str]:
    """What a model says beside its version and its weights, as text by name: numbers, blocking rules, the levels of each
    comparison in their order, the test of each.

    >>> model_settings(load_model())["tie_bits"]
    '2.0'
    """
    apart = ("version", "comparisons", "blocking")
    told = {one.name: _told(getattr(model, one.name)) for one in fields(model) if one.name not in apart}
    told |= {f"blocking: {' + '.join(rule)}": "yes" for rule in model.blocking}
    for comparison in model.comparisons:
        told[comparison.name] = f"{', '.join(comparison.needs)}: {', '.join(level.name for level in comparison.levels)}"
        for level in comparison.levels:
            said = {"test": level.test, "term_frequency": level.term_frequency, "agrees": level.agrees}
            told[f"{comparison.name}: {level.name}"] = "; ".join(
                f"{name} {_told(value)}" for name, value in said.items() if value
            )
    return told


def _told(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _comparison(raw: Mapping[str, Any]) -> Comparison:
    return Comparison(raw["name"], tuple(raw["needs"]), tuple(_level(item) for item in raw["levels"]))


def _level(raw: Mapping[str, Any]) -> Level:
    return Level(
        name=raw["name"],
        test=raw["test"],
        m=raw["m"],
        u=raw["u"],
        source=raw["source"],
        term_frequency=raw.get("term_frequency", ""),
        agrees=tuple((item["share"], tuple(item["columns"])) for item in raw.get("agrees", ())),
    )
