"""The dated, versioned linkage model, read from its neutral file: comparisons, levels with m and u, blocking, thresholds."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from datalab.errors import InputError, InternalError
from datalab.wording import say

CURRENT = "model_2026_11_26"


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

    accept, review: posterior match probabilities. keep: pairs below it are forgotten. expected_share: share of the
    submitted people expected in the records, from which each run's prior follows. different_birth_days: pairs born further
    apart are never accepted by weight alone (a father and a son share name and address); None in models before 2026-11-26.
    """

    version: str
    expected_share: float
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


def model_faults(model: Model) -> list[str]:
    """A sentence for each thing in a model that cannot be; [] for one that can be used.

    >>> model_faults(load_model())
    []
    """
    shares = {"accept": model.accept, "review": model.review, "keep": model.keep, "expected_share": model.expected_share}
    faults = [say("linkage.model.share", name=name) for name, value in shares.items() if not 0 < value < 1]
    if not model.keep <= model.review <= model.accept:
        faults.append(say("linkage.model.order"))
    if not model.comparisons or not model.blocking:
        faults.append(say("linkage.model.empty"))
    for comparison in model.comparisons:
        wrong = [level.name for level in comparison.levels if not (0 < level.m <= 1 and 0 < level.u <= 1)]
        faults += [say("linkage.model.level", name=comparison.name, level=name) for name in wrong]
    # They become SQL: a file may say nothing that the package's own model does not.
    unknown = sorted(_words(model) - _words(load_model()))
    return faults + [say("linkage.model.words", words=", ".join(word[:40] for word in unknown[:5]))] * bool(unknown)


def _words(model: Model) -> set[str]:
    """Every name in a model that its queries are written with: comparisons, columns, tests."""
    words = {column for rule in model.blocking for column in rule}
    for comparison in model.comparisons:
        words |= {comparison.name, *comparison.needs}
        for level in comparison.levels:
            words |= {level.term_frequency, *_words_of_test(level.test)} - {""}
    return words


def _words_of_test(test: Any) -> set[str]:
    if isinstance(test, Mapping):
        return {*test, *(word for value in test.values() for word in _words_of_test(value))}
    if isinstance(test, list):
        return {word for item in test for word in _words_of_test(item)}
    return set() if isinstance(test, int | float) else {str(test)}


def check_model(raw: Mapping[str, Any], name: object) -> Model:
    """The model that the JSON of a neutral file says, checked. name: what an error calls the file.

    Raises InputError where it is no model, or one whose shares do not lie between 0 and 1.

    >>> check_model(packaged_model(), "model.json").version
    'model_2026_11_26'
    """
    try:
        model = make_model(raw)
        faults = model_faults(model)
    except (AttributeError, KeyError, TypeError) as error:
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
