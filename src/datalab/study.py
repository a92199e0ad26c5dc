"""Study: the plan as a frozen value. Reads the TOML file, refuses what it does not know, and gives the plan its hash.

The hash covers everything but `[inputs]`, so the same plan has the same hash wherever the files lie.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalab.bootstrap import RULES as BOOTSTRAP_RULES
from datalab.bootstrap import BootstrapSettings
from datalab.constraints import Numbers, Options, Range, unknown
from datalab.effects.front import RULES as EFFECT_RULES
from datalab.effects.front import model_faults
from datalab.effects.outcome_model import OutcomeModel
from datalab.errors import InputError
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.offences import GROUPS
from datalab.matching.settings import RULES as MATCH_RULES
from datalab.matching.settings import MatchSettings, use_faults
from datalab.store import read_toml
from datalab.study_analyses import EXACT, AnalysisPlan, analysis_faults, plan_analyses
from datalab.study_rules import Each, TableRules, date_rule, slug_rule, table_faults, text_rule, truth_rule
from datalab.wording import say

FIELDS = ("justice",)
NEEDS = "needs"
OVERRIDES = ("families", "exact", "caliper_sd_logit")  # what an analysis may say otherwise than [matching]


@dataclass(frozen=True)
class Inputs:
    """Where the files of a run lie and how the upload writes its dates (never part of the plan)."""

    upload: Path
    central: Path
    registered: Path | None = None
    link_decisions: Path | None = None
    thresholds: Path | None = None
    linkage_model: Path | None = None
    linkage_index: Path | None = None
    date_order: str = "auto"


@dataclass(frozen=True)
class ProgrammePlan:
    """What was delivered, where and when."""

    kind: str
    setting: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class CohortPlan:
    """Who is followed, and for how long."""

    follow_up_months: int = 12
    minimum_age_years: int = 18
    exclude: tuple[str, ...] = ()
    region: str = "national"


@dataclass(frozen=True)
class MatchingPlan:
    """How the comparison group is made. parameters: the method's settings that were given, but for the caliper."""

    method: str = "radius"
    caliper_sd_logit: float | None = None
    exact: tuple[str, ...] = ("sex", "index_kind")
    families: tuple[str, ...] = FAMILIES
    needs_design: bool = False
    parameters: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def match(self) -> MatchSettings:
        """The settings of the match."""
        return MatchSettings(**{"method": self.method, "caliper_sd_logit": self.caliper_sd_logit, **self.parameters})


@dataclass(frozen=True)
class EffectsPlan:
    """What is estimated otherwise than by default. bootstrap: samples, 0 for none."""

    outcome_model: OutcomeModel | None = None
    bootstrap: int = 0


@dataclass(frozen=True)
class Study:
    """The whole plan; `inputs` is not part of its hash."""

    id: str
    title: str
    today: dt.date
    programme: ProgrammePlan
    analyses: tuple[AnalysisPlan, ...]
    inputs: Inputs
    field: str = "justice"
    seed: int = 1
    cohort: CohortPlan = dataclasses.field(default_factory=CohortPlan)
    matching: MatchingPlan = dataclasses.field(default_factory=MatchingPlan)
    effects: EffectsPlan = dataclasses.field(default_factory=EffectsPlan)

    @property
    def bootstrap(self) -> BootstrapSettings | None:
        """The bootstrap that the plan asks for, drawn from its seed; None where it asks for none."""
        return BootstrapSettings(self.effects.bootstrap, self.seed) if self.effects.bootstrap else None

    @property
    def analysis(self) -> AnalysisPlan:
        """The headline analysis, which stands first."""
        return self.analyses[0]

    def matching_of(self, plan: AnalysisPlan) -> MatchingPlan:
        """How an analysis is matched: `[matching]` with what the analysis says otherwise."""
        own = {name: getattr(plan, name) for name in OVERRIDES}
        return dataclasses.replace(self.matching, **{name: value for name, value in own.items() if value is not None})

    def settings(self) -> dict[str, Any]:
        """The plan after defaults, ready for JSON: everything but the inputs."""
        plain = dataclasses.asdict(self)
        del plain["inputs"]
        kept = {name: plain["matching"][name] for name in ("exact", "families")}
        plain["matching"] = {**self.matching.match.settings(), **kept}
        for analysis in plain["analyses"]:
            if not analysis["stated_effects"]:  # a plan that states none keeps the hash it was registered with
                del analysis["stated_effects"]
        return {"format": 1, **_jsonable(plain)}

    @property
    def plan_sha256(self) -> str:
        """SHA-256 of the settings as canonical JSON."""
        text = json.dumps(self.settings(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


# What each table of the file may hold: key -> (needed, rule).
_RULES: dict[str, TableRules] = {
    "": {
        "format": (True, Options(("1",))),
        "id": (True, slug_rule),
        "title": (True, text_rule),
        "field": (False, Options(FIELDS)),
        "seed": (False, Range(0, 2**32 - 1, whole=True)),
        "today": (True, date_rule),
    },
    "inputs": {
        "upload": (True, text_rule),
        "central": (True, text_rule),
        "registered": (False, text_rule),
        "link_decisions": (False, text_rule),
        "thresholds": (False, text_rule),
        "linkage_model": (False, text_rule),
        "linkage_index": (False, text_rule),
        "date_order": (False, Options(("auto", "dmy", "mdy"))),
    },
    "programme": {
        "kind": (True, text_rule),
        "setting": (True, Options(("custody", "community", "both"))),
        "start": (True, date_rule),
        "end": (True, date_rule),
    },
    "cohort": {
        "follow_up_months": (False, Numbers((12, 24))),
        "minimum_age_years": (False, Range(10, 110, whole=True)),
        "exclude": (False, Each(tuple(group for group, _, _ in GROUPS))),
        "region": (False, Options(("national", "regional"))),
    },
    "matching": {
        **{name: (False, rule) for name, rule in MATCH_RULES.items()},
        "exact": (False, Each(EXACT)),
        "families": (False, Each(FAMILIES, empty=False)),
        "needs_design": (False, truth_rule),
    },
    "effects": {
        "outcome_model": (False, EFFECT_RULES["outcome_model"]),
        "bootstrap": (False, BOOTSTRAP_RULES["bootstrap"]),
    },
}
_TABLES = tuple(name for name in _RULES if name)


def _faults(data: Mapping[str, Any]) -> list[str]:
    """Every fault of the file, in reading order."""
    faults = [
        unknown(say("study.study.key_or_table"), key, (*_RULES[""], *_TABLES, "analysis"))
        for key in data
        if key not in _RULES[""] and key not in _TABLES and key != "analysis"
    ]
    top = say("study.study.key_of", table="")
    faults += table_faults(top, "", _RULES[""], {key: value for key, value in data.items() if key in _RULES[""]})
    for name in _TABLES:
        given = data.get(name, {})
        if not isinstance(given, dict):
            faults.append(say("study.study.table", what=name))
            continue
        faults += table_faults(say("study.study.key_of", table=name), f"{name}.", _RULES[name], given)
    faults += analysis_faults(data.get("analysis"))
    return faults + _method_faults(data.get("matching", {}), data.get("effects", {}))


def _method_faults(matching: Any, effects: Any) -> list[str]:
    """What the method of the match does not use, of settings that are good in themselves."""
    if not isinstance(matching, dict) or not isinstance(effects, dict):
        return []
    faults = use_faults(matching, "matching.")
    model = effects.get("outcome_model")
    known = model is not None and EFFECT_RULES["outcome_model"].fault("", model) is None
    return faults + (model_faults(str(matching.get("method", "radius")), model, "effects.") if known else [])


def _cross_faults(study: Study) -> list[str]:
    faults = []
    if study.programme.end < study.programme.start:
        faults.append(say("study.study.end_before_start"))
    if study.programme.start > study.today:
        faults.append(say("study.study.not_started"))
    if study.analysis.headline not in study.analysis.outcomes:
        faults.append(say("study.study.headline", headline=study.analysis.headline))
    for plan in study.analyses:
        without = [name for name in study.matching_of(plan).families if name != NEEDS]
        if plan.needs_design and not without:
            faults.append(say("study.study.needs_alone", what=plan.name))
    return faults


def _refuse(faults: list[str]) -> None:
    if faults:
        raise InputError(say("study.study.refused", faults=say("errors.errors.faults_found", count=len(faults))), faults)


def parse_study(data: Mapping[str, Any], folder: Path) -> Study:
    """A Study from the tables of a TOML file; paths in `[inputs]` are relative to `folder`.

    Raises InputError naming every fault at once: unknown keys (with the nearest valid one), missing keys, values out of
    range, dates in the wrong order, a headline that is not among the outcomes.
    """
    _refuse(_faults(data))

    def lists(table: Mapping[str, Any]) -> dict[str, Any]:
        return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}

    inputs = {key: value if key == "date_order" else folder / value for key, value in data["inputs"].items()}
    study = Study(
        **{key: data[key] for key in ("id", "title", "field", "seed", "today") if key in data},
        inputs=Inputs(**inputs),
        programme=ProgrammePlan(**data["programme"]),
        cohort=CohortPlan(**lists(data.get("cohort", {}))),
        matching=_matching_plan(lists(data.get("matching", {}))),
        effects=EffectsPlan(**data.get("effects", {})),
        analyses=plan_analyses(data["analysis"], bool(data.get("matching", {}).get("needs_design", False))),
    )
    _refuse(_cross_faults(study))
    return study


def _matching_plan(given: Mapping[str, Any]) -> MatchingPlan:
    named = {item.name for item in dataclasses.fields(MatchingPlan)}
    parameters = {name: value for name, value in given.items() if name not in named}
    return MatchingPlan(**{name: value for name, value in given.items() if name in named}, parameters=parameters)


def read_study(path: Path) -> Study:
    """The Study in a TOML file. Raises InputError where the file is missing, is not TOML, or breaks a rule."""
    return parse_study(read_toml(path), path.parent)


def deviations(study: Study, registered: Study) -> tuple[str, ...]:
    """What differs between the plan that is run and the one that was registered: one sentence a setting."""
    ours, theirs = _flat(study.settings()), _flat(registered.settings())
    keys = [key for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]
    return tuple(
        say("study.study.deviation", key=key, was=theirs.get(key, "not set"), now=ours.get(key, "not set")) for key in keys
    )


def _flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in settings.items():
        if key == "analyses":
            flat |= _flat({item["name"]: item for item in value}, f"{prefix}analysis.")
        elif isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return flat
