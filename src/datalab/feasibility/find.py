"""Every stage of a feasibility study, from the upload to its findings. No outcome of anybody who took part is linked or read.

Covariates come from a table without measures; outcomes from a table of the pool's events alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow.compute as pc

from datalab.analysis import analyse_match
from datalab.balance.results import BalancedMatch, UnbalancedMatch
from datalab.chain import Evidence, analysis_settings, assemble_findings, gather_evidence
from datalab.cohort import with_matched
from datalab.cohort.results import AttritionStep, Cohort
from datalab.effects.estimate import outcome_design
from datalab.effects.expected import expect_outcome_of
from datalab.effects.results import AnalysisFindings, Findings
from datalab.engines import duckdb as engine
from datalab.errors import InternalError
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.intake import require_usable
from datalab.intake.results import Submission
from datalab.planning.eligibility import Counts, judge
from datalab.planning.results import Expectation, Feasibility
from datalab.progress import Progress
from datalab.several import Found, families_to_build, part_table, rows_of
from datalab.study import Study
from datalab.study_analyses import AnalysisPlan
from datalab.table import AnalysisTable, Outcome, take_rows

Gated = BalancedMatch | UnbalancedMatch
OUTSIDE_REASONS = ("outside_coverage", "follow_up")
TOO_FEW_ROWS = "too_few"


def find_feasibility(study: Study, progress: Progress, *, memory: str = engine.MEMORY) -> tuple[Findings, Evidence]:
    """The findings of a feasibility study, before disclosure control.

    Fewer usable rows than a request needs are a finding, not a refusal; every other fault of the upload is refused
    (InputError). Raises CentralDataError for central records that do not obey their schema. Randomness: as in a run, only the
    delays of the pool, from the plan's seed.
    """
    measures = tuple(MEASURES[name] for name in study.analysis.outcomes)
    with engine.session(memory=memory) as connection:
        evidence = gather_evidence(study, connection, progress, require_countable)
        cohort, facts = evidence.cohort, evidence.facts
        table = build_table(connection, cohort, (), families=families_to_build(study), progress=progress)
        pool = build_table(connection, pool_of(cohort), measures, families=(), progress=progress)
    plan, rows = study.analysis, rows_of(study.analysis, study, facts)
    pool = take_rows(pool, rows[~table.treated])
    part = part_table(table, rows, study.matching_of(plan), ())
    found, gated = analyse_match(part, analysis_settings(study, plan), progress=progress)
    expectations = () if gated is None else expect_outcomes(gated, pool, study.analysis, progress)
    answer = feasibility_of(study, evidence, found, expectations)
    whole = assemble_findings(study, evidence, Found((found,)))
    attrition = _attrition(cohort, found)
    return replace(whole, kind="feasibility", attrition=attrition, deaths=None, feasibility=(answer,)), evidence


def require_countable(submission: Submission) -> None:
    """Refuses an upload with a fault of the file other than too few usable rows (InputError with every fault)."""
    faults = [fault for fault in submission.faults if fault.severity == "file"]
    if any(fault.rule != TOO_FEW_ROWS for fault in faults):
        require_usable(submission)


def pool_of(cohort: Cohort) -> Cohort:
    """The cohort without anybody who took part: what outcomes may be read of."""
    return replace(cohort, events=cohort.events.filter(pc.invert(cohort.events["treated"])))


def expect_outcomes(gated: Gated, pool: AnalysisTable, plan: AnalysisPlan, progress: Progress) -> tuple[Expectation, ...]:
    """What each measure of the pool's table could show in this match, for the effects that the plan states."""
    progress.stage("expected effects", len(pool.outcomes))
    table, match = gated.table, gated.match
    # Plain terms do for planning: they are quick, and what they leave unexplained is on the safe side.
    design = outcome_design(table, replace(match, terms="main"))
    rows = np.flatnonzero(~table.treated)
    if not np.array_equal(table.row_id[rows], pool.row_id):
        raise InternalError("The pool's outcomes do not belong to the pool that was matched.")
    found = []
    for done, outcome in enumerate(pool.outcomes, start=1):
        values = np.full(table.n, np.nan)
        values[rows] = outcome.values
        measure = outcome.measure
        spread, stated = Outcome(measure, values), plan.stated_effects.get(measure.name)
        headline = measure.name == plan.headline
        found.append(expect_outcome_of(table, match, spread, design, is_headline=headline, stated_effect=stated))
        progress.step(done)
    return tuple(found)


def feasibility_of(
    study: Study, evidence: Evidence, found: AnalysisFindings, expectations: tuple[Expectation, ...]
) -> Feasibility:
    """The answer of one analysis from its counts."""
    is_matched = found.balance is not None
    counts = Counts(
        readable=evidence.submission.people.num_rows,
        start=study.programme.start,
        end=study.programme.end,
        today=study.today,
        outside=sum(step.lost for step in evidence.cohort.attrition if _reason(step) in OUTSIDE_REASONS),
        followed=[step.n for step in evidence.cohort.attrition if step.step == "follow_up"][-1],
        matched=found.people.matched if is_matched else None,
        comparison=found.people.comparison if is_matched else None,
        effective=found.people.effective if is_matched else None,
        balanced=None if found.balance is None else found.balance.passed,
    )
    answer, criteria = judge(counts)
    return Feasibility(found.name, answer, criteria, expectations)


def _reason(step: AttritionStep) -> str:
    return step.reason.rsplit(".", maxsplit=1)[-1]


def _attrition(cohort: Cohort, found: AnalysisFindings) -> tuple[AttritionStep, ...]:
    return cohort.attrition if found.balance is None else with_matched(cohort.attrition, found.people.matched)
