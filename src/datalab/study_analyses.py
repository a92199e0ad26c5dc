"""The analyses of a study: the grammar of its `[[analysis]]` tables, and the frozen value that each becomes.

One analysis is the headline. Each of the others names people by conditions (`where`), all of which must hold, or stands for
one analysis a level of a variable (`each`). Conditions on the index event and on sex hold for the pool too; a `group:` column
is of the upload alone, so it chooses among those who took part and leaves the pool as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datalab.constraints import Options, Range, unknown
from datalab.effects.planning import stated_faults
from datalab.fields.justice.codes import EVENT_KIND, REGION, SEX
from datalab.fields.justice.covariates import FAMILIES
from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.study_rules import Each, TableRules, as_slug, is_text, slug_rule, table_faults, truth_rule
from datalab.wording import say

EXACT = ("sex", "region", "index_kind")  # the design's: sex, region, kind of event
GROUP_PREFIX = "group:"
SETTINGS = ("custody", "community")
# Conditions that the records of the pool can answer too -> their values, None where they are numbers.
RECORDED: dict[str, tuple[str, ...] | None] = {
    "setting": SETTINGS,
    "index_kind": tuple(code for code, _ in EVENT_KIND),
    "region": tuple(code for code, _ in REGION),
    "cohort_year": None,
    "sex": tuple(code for code, _ in SEX),
}
_GROUP = re.compile(r"^group:\w{1,40}$")
_YEAR = Range(1900, 2100, whole=True)
_MEASURES = tuple(MEASURES)
_KINDS = {name: measure.kind for name, measure in MEASURES.items()}
Values = tuple[str | int, ...]


@dataclass(frozen=True)
class AnalysisPlan:
    """One line of the plan: who is analysed, on which measures, and what differs from `[matching]`.

    headline: the measure that is tested alone at 5 %, "" for every analysis but one. where: variable to the values it may
    have; all must hold. each: variable of which every level becomes an analysis, "" for none. families, exact,
    caliper_sd_logit: None as in `[matching]`. needs_design: the three runs with and without needs beside it. stated_effects:
    measure to the effect (absolute, in its units) that people needed are counted for.
    """

    name: str
    outcomes: tuple[str, ...]
    headline: str = ""
    where: Mapping[str, Values] = field(default_factory=dict)
    each: str = ""
    families: tuple[str, ...] | None = None
    exact: tuple[str, ...] | None = None
    caliper_sd_logit: float | None = None
    needs_design: bool = False
    stated_effects: Mapping[str, float] = field(default_factory=dict)


def _is_variable(name: str) -> bool:
    return name in RECORDED or bool(_GROUP.match(name))


def _variable_fault(what: str, name: object) -> str:
    return unknown(what, name, (*RECORDED, f"{GROUP_PREFIX}NAME"))


def each_rule(what: str, value: object) -> str | None:
    """`each` names one variable."""
    return None if isinstance(value, str) and _is_variable(value) else _variable_fault(what, value)


def where_rule(what: str, value: object) -> str | None:
    """`where` is a table of conditions; every fault of it in one sentence after another."""
    if not isinstance(value, dict) or not value:
        return say("study.study.where", what=what)
    faults = [_variable_fault(what, name) for name in value if not _is_variable(name)]
    faults += [fault for name in value if _is_variable(name) and (fault := _condition_fault(f"{what}.{name}", name, value[name]))]
    return " ".join(faults) or None


def _condition_fault(what: str, name: str, value: object) -> str | None:
    """A value or a list of distinct values, each of the variable's kind."""
    values = value if isinstance(value, list) else [value]
    if not values:
        return say("study.study.where_empty", what=what)
    fault = next((fault for item in values if (fault := _value_fault(what, name, item))), None)
    if fault is None and len(set(values)) < len(values):
        return say("study.study.twice", what=what)
    return fault


def _value_fault(what: str, name: str, value: object) -> str | None:
    if name.startswith(GROUP_PREFIX):
        return None if is_text(value) else say("study.study.text", what=what)
    allowed = RECORDED[name]
    return _YEAR.fault(what, value) if allowed is None else Options(allowed).fault(what, value)


def stated_rule(what: str, value: object) -> str | None:
    """`stated_effects` is a table of measures with a size each; every fault of it in one sentence after another."""
    if not isinstance(value, dict) or not value:
        return say("study.study.stated_effects", what=what)
    return " ".join(stated_faults(_KINDS, value, what)) or None


RULES: TableRules = {
    "name": (True, slug_rule),
    "headline": (False, Options(_MEASURES)),
    "outcomes": (False, Each(_MEASURES, empty=False)),
    "where": (False, where_rule),
    "each": (False, each_rule),
    "families": (False, Each(FAMILIES, empty=False)),
    "exact": (False, Each(EXACT)),
    "caliper_sd_logit": (False, Range(0, 5, open_low=True, hint="The usual choice is 0.2.")),
    "needs_design": (False, truth_rule),
    "stated_effects": (False, stated_rule),
}
_NAMELESS: TableRules = {**RULES, "name": (False, slug_rule)}  # `each` makes the names


def analysis_faults(given: object) -> list[str]:
    """Every fault of the `[[analysis]]` tables, each table by itself and then together."""
    if not isinstance(given, list) or not given or not all(isinstance(table, dict) for table in given):
        return [say("study.study.analyses")]
    many = len(given) > 1
    faults = [fault for number, table in enumerate(given, start=1) for fault in _own_faults(table, number if many else 0)]
    if sum("headline" in table for table in given) != 1:
        faults.append(say("study.study.one_headline"))
    faults += _stated_elsewhere(given)
    names = Counter(table_name(table) for table in given if isinstance(table_name(table), str))
    return faults + [say("study.study.name_twice", name=name) for name, count in names.items() if count > 1]


def _stated_elsewhere(given: Sequence[Mapping[str, Any]]) -> list[str]:
    """Stated effects of measures that their analysis does not have: its own, or the headline's where it names none."""
    inherited = next((table.get("outcomes") for table in given if "headline" in table), None)
    faults = []
    for table in given:
        outcomes, stated = table.get("outcomes", inherited), table.get("stated_effects")
        if not isinstance(outcomes, list) or not isinstance(stated, dict) or stated_rule("", stated):
            continue  # told by their own rules
        what = f"{table_name(table)}.stated_effects"
        faults += [unknown(what, name, map(str, outcomes)) for name in stated if name not in outcomes]
    return faults


def table_name(table: Mapping[str, Any]) -> Any:
    """The table's own name, or that of the variable it has one analysis a level of."""
    own = table.get("name")
    return as_slug(str(table["each"]).removeprefix(GROUP_PREFIX)) if own is None and "each" in table else own


def _own_faults(table: Mapping[str, Any], number: int) -> list[str]:
    place = say("study.study.analysis_number", number=number) if number else "analysis"
    label = f"{table['name']}." if number and isinstance(table.get("name"), str) else f"{place}."
    rules = _NAMELESS if "each" in table else RULES
    faults = table_faults(say("study.study.key_of_list", table="analysis"), label, rules, table)
    if "headline" in table and "outcomes" not in table:
        faults.append(say("study.study.missing", what=f"{label}outcomes"))
    if "headline" in table and "each" in table:
        faults.append(say("study.study.headline_each", what=label.rstrip(".")))
    if isinstance(table.get("where"), dict) and isinstance(table.get("each"), str) and table["each"] in table["where"]:
        faults.append(say("study.study.each_and_where", what=label.rstrip("."), name=table["each"]))
    return faults


def plan_analyses(given: Sequence[Mapping[str, Any]], needs_design: bool) -> tuple[AnalysisPlan, ...]:
    """The analyses of tables without a fault, the headline first, then in the order of the file.

    needs_design: as `[matching]` says, for the headline.
    """
    head = next(table for table in given if "headline" in table)
    ordered = sorted(given, key=lambda table: table is not head)
    return tuple(_plan(table, head, needs_design and table is head) for table in ordered)


def _plan(table: Mapping[str, Any], head: Mapping[str, Any], needs_design: bool) -> AnalysisPlan:
    """One table as a plan, with the headline's outcomes and stated effects where it names none of its own."""
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    conditions: Mapping[str, Any] = table.get("where", {})
    where = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in sorted(conditions.items())}
    chosen = needs_design or bool(table.get("needs_design", False))
    outcomes = plain.get("outcomes", tuple(head["outcomes"]))
    stated = table.get("stated_effects", head.get("stated_effects", {}))
    made: dict[str, Any] = {
        **plain,
        "outcomes": outcomes,
        "name": table_name(table),
        "where": where,
        "needs_design": chosen,
        "stated_effects": {name: float(size) for name, size in sorted(stated.items()) if name in outcomes},
    }
    return AnalysisPlan(**made)
