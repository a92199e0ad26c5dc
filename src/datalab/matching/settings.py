"""How to match: every setting's rule, and which method uses which settings, both as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

from datalab.constraints import Cuts, Flag, Names, Options, Range, Rule, faults_of, plain, refuse, unused
from datalab.wording import say

Method = Literal["radius", "nearest", "kernel", "ipw", "entropy", "exact", "cem", "subclass", "classic"]

CutPoints = tuple[tuple[str, tuple[float, ...]], ...]

# Method -> the settings it uses, with their defaults; None: not used unless given (of `on`: every covariate that serves).
_TERMS: dict[str, Any] = {"terms": "auto"}
_SCORE: dict[str, Any] = {"penalty": 1.0, **_TERMS, "trim": "none", "trim_above": None}
_REACH: dict[str, Any] = {"caliper_sd_logit": 0.2, "caliper_score": None}
METHODS: dict[str, dict[str, Any]] = {
    "radius": {**_REACH, **_SCORE},
    "nearest": {"ratio": 1, "replacement": False, **_REACH, "caliper_sd_logit": None, **_SCORE},
    "kernel": {"bandwidth_sd_logit": 0.3, **_SCORE},
    "ipw": _SCORE,
    "entropy": {**_SCORE, "terms": "main"},
    "exact": {"on": None, **_TERMS},
    "cem": {"on": None, "bins": None, "cutpoints": None, **_TERMS},
    "subclass": {"subclasses": 6, **_SCORE},
    "classic": {**_REACH, **_SCORE},
}
RULES: dict[str, Rule] = {
    "method": Options(tuple(METHODS)),
    "caliper_sd_logit": Range(0, 5, open_low=True, hint="0.2 is the usual choice; 0.1 and 0.05 are stricter."),
    "caliper_score": Range(0, 1, open_low=True, hint="A caliper on the logit (caliper_sd_logit) is safer."),
    "penalty": Range(0, 1e6, open_low=True, hint="1 is the usual choice."),
    "terms": Options(("auto", "main", "rich")),
    "ratio": Range(1, 100, whole=True, hint="1 is the usual choice."),
    "replacement": Flag(),
    "bandwidth_sd_logit": Range(0, 5, open_low=True, hint="0.3 is the usual choice."),
    "on": Names(),
    "bins": Range(1, 1000, whole=True, hint="Left out, the number of rows decides (Sturges)."),
    "cutpoints": Cuts(),
    "subclasses": Range(2, 100, whole=True, hint="6 is the usual choice."),
    "trim": Options(("none", "support")),
    "trim_above": Range(0, 1, open_low=True, open_high=True, hint="0.9 is a usual choice."),
}
# Of two settings for the same thing only one may be given.
_EITHER = (("caliper_score", "caliper_sd_logit"),)
# Method -> settings of the score, which it uses only where the score decides who is left out.
_WITH_TRIM = {"entropy": ("penalty",)}
_LOGIT_CALIPER, _SCORE_CALIPER = "caliper_sd_logit", "caliper_score"


@dataclass(frozen=True)
class MatchSettings:
    """How to match. A setting that is None is at its method's default; one that the method does not use is refused.

    method: "radius", "nearest", "kernel", "ipw", "entropy", "exact", "cem", "subclass" or "classic". caliper_sd_logit:
    reach on the logit of the score in its SD (above 0, at most 5). caliper_score: reach on the score itself, in its place.
    penalty: ridge penalty of the score (above 0). terms: "main" effects, "rich" (squares and products of the numbers too),
    or "auto": rich only where overlap is poor with main effects. ratio: comparison rows for each treated row. replacement:
    whether a comparison row may serve again. bandwidth_sd_logit: half-width of the kernel, in SD of the logit. on:
    covariates to be equal on. bins, cutpoints: how numbers are coarsened. subclasses: how many. trim: "support" leaves out
    whoever's score the other group does not reach; trim_above: whoever's score is above it.
    Raises UsageError naming every setting that breaks its rule or that the method does not use.

    >>> MatchSettings().chosen["caliper_sd_logit"]
    0.2
    """

    method: Method = "radius"
    caliper_sd_logit: float | None = None
    penalty: float | None = None
    terms: Literal["auto", "main", "rich"] | None = None
    caliper_score: float | None = None
    ratio: int | None = None
    replacement: bool | None = None
    bandwidth_sd_logit: float | None = None
    on: Sequence[str] | None = None
    bins: int | None = None
    cutpoints: CutPoints | Mapping[str, Sequence[float]] | None = None
    subclasses: int | None = None
    trim: Literal["none", "support"] | None = None
    trim_above: float | None = None

    def __post_init__(self) -> None:
        refuse(setting_faults(self.given))

    @property
    def _values(self) -> dict[str, Any]:
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @property
    def given(self) -> dict[str, Any]:
        """The method and the settings that were given."""
        return {name: value for name, value in self._values.items() if value is not None}

    @property
    def chosen(self) -> dict[str, Any]:
        """Every setting that the method uses, as given or by default; the method is not among them."""
        values = used_settings(self.method, self.given) | self.given
        del values["method"]
        if values.get(_SCORE_CALIPER) is not None:
            values[_LOGIT_CALIPER] = None
        return {name: _fixed(name, value) for name, value in values.items()}

    def settings(self) -> dict[str, Any]:
        """The method and its settings after defaults, ready for JSON; what is not set is left out."""
        values = {"method": self.method, **self.chosen}
        return {name: _plain(name, value) for name, value in values.items() if value is not None}


def _fixed(name: str, value: Any) -> Any:
    """Names as a tuple, cut points as pairs of name and numbers in order of the names."""
    if name == "cutpoints" and value is not None:
        return tuple((covariate, tuple(float(cut) for cut in cuts)) for covariate, cuts in sorted(dict(value).items()))
    return tuple(value) if isinstance(value, list) else plain(value)


def _plain(name: str, value: Any) -> Any:
    if name == "cutpoints":
        return {covariate: list(cuts) for covariate, cuts in value}
    return list(value) if isinstance(value, tuple) else value


def named_settings(method: str, given: Mapping[str, Any]) -> MatchSettings:
    """Settings of a method from those given by name. Raises UsageError naming every one that is unknown or wrong.

    >>> named_settings("nearest", {"ratio": 2}).settings()["ratio"]
    2
    """
    refuse(setting_faults({**given, "method": method}))
    return MatchSettings(**{**given, "method": method})


def setting_faults(given: Mapping[str, Any], prefix: str = "") -> list[str]:
    """A sentence for every setting (name to value) that is unknown, breaks its rule, or is not used by the method.

    >>> setting_faults({"method": "ipw", "ratio": 2})
    ['ratio must be left out with method ipw, which does not use it. You gave 2. It belongs to nearest.']
    """
    rules = {prefix + name: rule for name, rule in RULES.items()}
    return faults_of(rules, {prefix + name: value for name, value in given.items()}) + use_faults(given, prefix)


def used_settings(method: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that the method uses beside those given, with their defaults.

    >>> "penalty" in used_settings("entropy", {}), "penalty" in used_settings("entropy", {"trim": "support"})
    (False, True)
    """
    trims = given.get("trim", "none") != "none" or given.get("trim_above") is not None
    idle = () if trims else _WITH_TRIM.get(method, ())
    return {name: default for name, default in METHODS[method].items() if name not in idle}


def use_faults(given: Mapping[str, Any], prefix: str = "") -> list[str]:
    """A sentence for every known setting that the method does not use, or that another one given excludes."""
    method = given.get("method", "radius")
    if method not in METHODS:
        return []
    used, known = used_settings(method, given), [name for name in given if name in RULES and name != "method"]
    faults = [
        unused(prefix + name, given[name], f"method {method}{_untrimmed(method, name)}", _users(name, method))
        for name in known
        if name not in used
    ]
    return faults + [
        say("matching.settings.either", one=prefix + one, other=prefix + other)
        for one, other in _EITHER
        if one in given and other in given
    ]


def _untrimmed(method: str, name: str) -> str:
    """What is said behind a method that would use the setting if it trimmed."""
    return say("matching.settings.untrimmed") if name in _WITH_TRIM.get(method, ()) else ""


def _users(name: str, but: str) -> list[str]:
    return [method for method, used in METHODS.items() if name in used and method != but]
