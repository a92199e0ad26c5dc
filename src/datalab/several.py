"""The analyses of one study on one prepared table: which rows each takes, and each from its rows to its findings.

Cohort, pool, covariates and outcomes are made once for everybody; an analysis takes rows and columns of them. Its pool is
the one that a study of its people alone would have: same kinds of event, same quarters, and the same regions where the plan is
regional. The pool's delays are the exception: they were drawn once, from all treated people. Delay is a covariate that the
match balances and the gate checks, so an analysis whose people started later or sooner than the rest is compared with pool
events of like delay, or is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from datalab.analysis import AnalysisSettings, analyse, name_impossible
from datalab.cohort.facts import EventFacts, fold
from datalab.effects.multiplicity import adjust_analyses
from datalab.effects.results import AnalysisFindings, NeedsDesign, NeedsRun
from datalab.errors import InputError
from datalab.features import constant_warnings
from datalab.fields.justice.codes import EVENT_KIND, REGION, SEX
from datalab.fields.justice.covariates import BY_NAME as COVARIATES
from datalab.fields.justice.covariates import FAMILIES, NOT_ASSESSED, of_families
from datalab.progress import Progress, Silent
from datalab.study import NEEDS, MatchingPlan, Study
from datalab.study_analyses import GROUP_PREFIX, RECORDED, SETTINGS, AnalysisPlan, Values
from datalab.study_rules import as_slug
from datalab.table import AnalysisTable, Bools, Covariate, Ints, take_rows

OTHERS, NEEDS_STAGE = "other analyses", "needs design"
NO_GROUP, NO_VALUE = "effects.withheld.no_such_group", "effects.withheld.no_such_value"
NO_LEVEL = "effects.withheld.no_level"
NO_POOL, NOBODY_MATCHED = "effects.withheld.no_pool", "effects.withheld.nobody_matched"
# Order and words of the levels that the schema knows; every other level stands in its own order.
_LEVELS: dict[str, tuple[tuple[str, str], ...]] = {
    "setting": tuple((name, name) for name in SETTINGS),
    "index_kind": tuple((code, code) for code, _ in EVENT_KIND),
    "region": tuple((code, code) for code, _ in REGION),
    "sex": SEX,
}
SettingsOf = Callable[[Study, AnalysisPlan], AnalysisSettings]
DESIGNS: tuple[NeedsDesign, ...] = ("with_needs", "same_people", "everyone")


@dataclass(frozen=True)
class Line:
    """One analysis to make: its plan without `each`, whether the plan named it, why it cannot be made ("" where it can)."""

    plan: AnalysisPlan
    planned: bool = True
    impossible: str = ""


@dataclass(frozen=True)
class Found:
    """Every analysis of a study, the headline first, and the runs of the needs design."""

    analyses: tuple[AnalysisFindings, ...]
    needs: tuple[NeedsRun, ...] = ()


def list_lines(study: Study, facts: EventFacts) -> tuple[Line, ...]:
    """The analyses in order: those of the plan, with one for each level that a treated person has in place of `each`.

    Levels stand in the order of the schema's codes, all others in their own; names are made from them and are all different.
    """
    taken: set[str] = {plan.name for plan in study.analyses}
    lines: list[Line] = []
    for plan in study.analyses:
        reason = _unknown(plan, facts)
        levels = () if reason or not plan.each else tuple(_levels(plan, study, facts))
        lines += [Line(_at_level(plan, value, name, taken), planned=False) for value, name in levels]
        if not levels:
            lines.append(Line(plan, impossible=reason or (NO_LEVEL if plan.each else "")))
    return tuple(lines)


def is_possible(plan: AnalysisPlan, facts: EventFacts) -> bool:
    """Whether the upload can answer the analysis's conditions: only then has it rows (`rows_of`)."""
    return not _unknown(plan, facts)


def _unknown(plan: AnalysisPlan, facts: EventFacts) -> str:
    """The wording key of why the upload cannot answer the analysis's conditions, "" where it can."""
    columns = [name for name in (*plan.where, plan.each) if name.startswith(GROUP_PREFIX)]
    if any(name not in facts.submitted for name in columns):
        return NO_GROUP
    asked = [(name, fold(str(value))) for name in columns if name in plan.where for value in plan.where[name]]
    return NO_VALUE if any(value not in facts.submitted[name] for name, value in asked) else ""


def _levels(plan: AnalysisPlan, study: Study, facts: EventFacts) -> Iterator[tuple[str | int, str]]:
    """Value and name of each level of `each` that somebody treated has, under the other conditions of the plan."""
    rows = rows_of(plan, study, facts) & facts.treated
    there = sorted({value for value in facts.values(plan.each)[rows].tolist() if value != ""})
    known = dict(_LEVELS.get(plan.each, ()))
    order = list(known)
    there.sort(key=lambda value: order.index(value) if value in known else len(order))
    yield from ((value, known.get(value, str(value))) for value in there)


def _at_level(plan: AnalysisPlan, value: str | int, name: str, taken: set[str]) -> AnalysisPlan:
    stem = f"{plan.name}-{as_slug(name)}"
    unique = next(text for text in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if text not in taken)
    taken.add(unique)
    where = dict(sorted({**plan.where, plan.each: (value,)}.items()))
    return replace(plan, name=unique, where=where, each="")


def rows_of(plan: AnalysisPlan, study: Study, facts: EventFacts) -> Bools:
    """The rows (n,) of an analysis: treated people who meet every condition, and their pool.

    Conditions on what is recorded hold for the pool too; those on a `group:` column choose among the treated alone.
    """
    rows = np.ones(facts.treated.size, dtype=np.bool_)
    for name, allowed in plan.where.items():
        rows &= _meets(name, allowed, facts)
    chosen = rows & facts.treated
    return chosen | (rows & ~facts.treated & _frame(chosen, study.cohort.region == "regional", facts))


def _meets(name: str, allowed: Values, facts: EventFacts) -> Bools:
    if name in RECORDED:
        return np.isin(facts.recorded[name], np.asarray(allowed))
    return ~facts.treated | np.isin(facts.groups[name], [fold(str(value)) for value in allowed])


def _frame(chosen: Bools, regional: bool, facts: EventFacts) -> Bools:
    """The events like those of the treated who are chosen: kind, first to last quarter, and region where the plan says so."""
    if not chosen.any():
        return np.ones(chosen.size, dtype=np.bool_)
    kinds, quarters = facts.recorded["index_kind"], facts.quarter
    first, last = min(quarters[chosen]), max(quarters[chosen])
    framed = np.isin(kinds, np.unique(kinds[chosen])) & (quarters >= first) & (quarters <= last)
    if regional:
        regions = facts.recorded["region"]
        framed &= np.isin(regions, np.unique(regions[chosen]))
    return np.asarray(framed, dtype=np.bool_)


def families_to_build(study: Study) -> tuple[str, ...]:
    """The families of covariates that any analysis of the study asks for, in the list's order."""
    plans = study.analyses
    wanted = {name for plan in plans for name in study.matching_of(plan).families}
    wanted |= {COVARIATES[name].family for plan in plans for name in study.matching_of(plan).exact}
    wanted |= {NEEDS for plan in plans if plan.needs_design}
    return tuple(family for family in FAMILIES if family in wanted)


def measures_to_build(study: Study) -> tuple[str, ...]:
    """The names of the measures that any analysis asks for, those of the headline analysis first."""
    return tuple(dict.fromkeys(name for plan in study.analyses for name in plan.outcomes))


def part_table(table: AnalysisTable, rows: Bools, matching: MatchingPlan, outcomes: tuple[str, ...]) -> AnalysisTable:
    """The table of one analysis, as if it had been built for these rows alone: its families, strata and outcomes.

    Levels that nobody has go, and covariates with one value for everybody, which are named in `warnings`.
    """
    by_name = {outcome.measure.name: outcome for outcome in table.outcomes}
    control = table.negative_control
    part = replace(
        table,
        covariates=_of_families(table.covariates, matching),
        outcomes=tuple(by_name[name] for name in outcomes),
        strata=_strata([covariate for covariate in table.covariates if covariate.name in matching.exact], table.n),
        negative_control=control and replace(control, covariates=_of_families(control.covariates, matching)),
    )
    part = part if rows.all() else take_rows(part, rows)
    kept, control = _trimmed(part.covariates), part.negative_control
    names = {covariate.name for covariate in kept}
    constant = [spec.name for spec in of_families(matching.families) if spec.name not in names]
    return replace(
        part,
        covariates=kept,
        negative_control=control and replace(control, covariates=_trimmed(control.covariates)),
        warnings=(*table.warnings, *constant_warnings(constant)),
    )


def _of_families(covariates: tuple[Covariate, ...], matching: MatchingPlan) -> tuple[Covariate, ...]:
    return tuple(covariate for covariate in covariates if covariate.family in matching.families)


def _trimmed(covariates: tuple[Covariate, ...]) -> tuple[Covariate, ...]:
    return tuple(_with_levels_found(covariate) for covariate in covariates if not covariate.is_constant)


def _with_levels_found(covariate: Covariate) -> Covariate:
    if not covariate.is_categorical:
        return covariate
    found, codes = np.unique(covariate.values, return_inverse=True)
    if found.size == len(covariate.levels):
        return covariate
    labels = tuple(covariate.level_labels[code] for code in found) if covariate.level_labels else ()
    levels = tuple(covariate.levels[code] for code in found)
    return replace(covariate, values=codes.astype(np.int64), levels=levels, level_labels=labels)


def _strata(covariates: Sequence[Covariate], n: int) -> Ints:
    """Code (n,) of the combination of levels, in the order of their names; zeros where there is no covariate."""
    combined = np.zeros(n, dtype=np.int64)
    for covariate in covariates:
        place = np.argsort(np.argsort(np.asarray(covariate.levels)))
        combined = combined * len(covariate.levels) + place[covariate.values]
    return np.unique(combined, return_inverse=True)[1].astype(np.int64)


def make_analyses(
    study: Study, table: AnalysisTable, facts: EventFacts, settings_of: SettingsOf, progress: Progress | None = None
) -> Found:
    """Every analysis of the study, from one table that holds the rows, covariates and outcomes of all of them.

    settings_of: how an analysis's plan becomes its settings. One that cannot be made is named with the reason; only a
    headline in which nobody can be matched stops the study (InputError). p of every secondary test is adjusted over all of
    them together; the runs of the needs design stand apart.
    """
    progress = progress or Silent()
    names = {covariate.name for covariate in table.covariates}
    said = constant_warnings([spec.name for spec in of_families(families_to_build(study)) if spec.name not in names])
    table = replace(table, warnings=tuple(text for text in table.warnings if text not in said))  # each part says its own
    shared = _Shared(study, table, facts, settings_of)
    head, *others = list_lines(study, facts)
    found = [_make(shared, head, progress, is_headline=True)]
    if others:
        progress.stage(OTHERS, len(others))
    for done, line in enumerate(others, start=1):
        found.append(_make(shared, line, Silent()))
        progress.step(done)
    pairs = [(line, made) for line, made in zip((head, *others), found, strict=True) if line.plan.needs_design]
    if pairs:
        progress.stage(NEEDS_STAGE, len(pairs) * len(DESIGNS))
    needs = [run for line, made in pairs if not line.impossible for run in _needs_runs(shared, line, made)]
    return Found(adjust_analyses(found), tuple(needs))


@dataclass(frozen=True)
class _Shared:
    """What all analyses of a study have in common."""

    study: Study
    table: AnalysisTable
    facts: EventFacts
    settings_of: SettingsOf


def _make(shared: _Shared, line: Line, progress: Progress, *, is_headline: bool = False) -> AnalysisFindings:
    plan, settings = line.plan, shared.settings_of(shared.study, line.plan)
    if line.impossible:
        found = name_impossible(plan.name, line.impossible, settings)
    else:
        rows = rows_of(plan, shared.study, shared.facts)
        part = part_table(shared.table, rows, shared.study.matching_of(plan), plan.outcomes)
        found = analyse(part, settings, progress) if is_headline else _try(part, settings)
    return replace(found, conditions=_conditions(line, shared.facts), planned=line.planned)


def repeat_headline(
    study: Study, table: AnalysisTable, facts: EventFacts, settings_of: SettingsOf, measures: tuple[str, ...]
) -> AnalysisFindings:
    """These measures of the headline analysis on a table of other people, without survival, bootstrap, negative control and
    sensitivity lines.

    table, facts: of another cohort of the same study. One that cannot be made is named with the reason, never an error.
    """
    plan, rows = study.analysis, rows_of(study.analysis, study, facts)
    settings = replace(settings_of(study, plan), sensitivity=False, bootstrap=None)
    if not rows[facts.treated].any():
        return name_impossible(plan.name, NOBODY_MATCHED, settings)
    part = part_table(table, rows, study.matching_of(plan), measures)
    return _try(replace(part, duration=None, event=None, negative_control=None), settings)


def _try(part: AnalysisTable, settings: AnalysisSettings) -> AnalysisFindings:
    """An analysis that may fail without stopping the others."""
    treated = int(np.count_nonzero(part.treated))
    if treated >= settings.minimum_treated and treated == part.n:
        return name_impossible(settings.name, NO_POOL, settings)
    try:
        return analyse(part, settings, Silent())
    except InputError:  # the whole table can be analysed, so it is these people whom nobody can be matched with
        return name_impossible(settings.name, NOBODY_MATCHED, settings)


def _conditions(line: Line, facts: EventFacts) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Variable and values as the plan writes them; a level that the data made, as the upload writes it."""
    return tuple(
        (name, tuple(str(value) if line.planned else _as_written(name, value, facts) for value in values))
        for name, values in line.plan.where.items()
    )


def _as_written(name: str, value: str | int, facts: EventFacts) -> str:
    return facts.submitted.get(name, {}).get(str(value), str(value))


def _needs_runs(shared: _Shared, line: Line, main: AnalysisFindings) -> Iterator[NeedsRun]:
    """The three runs: assessed people with needs in the model, the same without, everyone without."""
    study, plan = shared.study, line.plan
    without = tuple(name for name in study.matching_of(plan).families if name != NEEDS)
    families = dict.fromkeys(DESIGNS, without) | {"with_needs": (*without, NEEDS)}
    rows = rows_of(plan, study, shared.facts)
    everyone = tuple(o.measure.name for o in shared.table.outcomes if o.measure.name in plan.outcomes and not o.measure.among)
    for design in DESIGNS:
        own = replace(plan, families=tuple(name for name in FAMILIES if name in families[design]), outcomes=everyone, headline="")
        if design == "everyone" and own.families == study.matching_of(plan).families:
            yield NeedsRun(plan.name, design, main)
            continue
        chosen = rows if design == "everyone" else rows & _assessed(shared.table)
        part = part_table(shared.table, chosen, study.matching_of(own), everyone)
        yield NeedsRun(plan.name, design, _try(part, shared.settings_of(study, own)))


def _assessed(table: AnalysisTable) -> Bools:
    """Rows (n,) with a needs assessment: any section that is not "not assessed"."""
    assessed = np.zeros(table.n, dtype=np.bool_)
    for covariate in table.covariates:
        if covariate.family == NEEDS:
            codes = [code for code, level in enumerate(covariate.levels) if level != NOT_ASSESSED]
            assessed |= np.isin(covariate.values, codes)
    return assessed
