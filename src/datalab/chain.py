"""The main job: a study and an upload in, a Releasable and its manifest out. Reads top to bottom, one stage a step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from datalab.analysis import AnalysisSettings
from datalab.cohort import CohortSettings, EventFacts, build_cohort, gather_facts, with_analysis, with_matched
from datalab.cohort.results import AttritionStep, Cohort
from datalab.disclosure import control
from datalab.disclosure.readers import read_thresholds
from datalab.disclosure.results import Release, Suppressed
from datalab.disclosure.thresholds import Thresholds, load_thresholds
from datalab.effects.results import AnalysisFindings, Deaths, Findings, Programme
from datalab.engines.choice import EngineChoice, choose_engine
from datalab.engines.duckdb import MEMORY
from datalab.engines.sql import Connection
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.intake import read_submission, require_usable
from datalab.intake.results import Submission
from datalab.linkage import Decisions, read_decisions
from datalab.linkage.results import Links
from datalab.linkage_page import write_for_steward
from datalab.links import locations_of, make_links, model_inputs, with_inputs
from datalab.manifest import InputRecord, collect
from datalab.output import Output, write_output
from datalab.progress import Progress, Silent, Timed
from datalab.register import Register
from datalab.register.released import released_tables
from datalab.register.roll import call_roll
from datalab.relinking import Relinked, at_every_threshold, estimate_others, prepare_others
from datalab.schema.results import Central
from datalab.schema.store import open_central
from datalab.sensitivity import LinkErrors, with_national, with_relinked
from datalab.several import Found, families_to_build, make_analyses, measures_to_build, rows_of
from datalab.store import require_free, sha256_file
from datalab.study import Study, deviations, read_study
from datalab.study_analyses import AnalysisPlan

DEATHS = "died_in_follow_up"
POOL_TOTALS = ("events", "candidates", "pool")


@dataclass(frozen=True)
class Evidence:
    """What the stages up to the cohort found; the manifest is collected from it. relinked: the headline at other thresholds."""

    central: Central
    submission: Submission
    links: Links
    cohort: Cohort
    decisions: Decisions | None
    facts: EventFacts
    relinked: tuple[Relinked, ...] = ()


def cohort_settings(study: Study) -> CohortSettings:
    """The cohort's settings as the plan states them."""
    return CohortSettings(
        setting=study.programme.setting,
        programme_start=study.programme.start,
        programme_end=study.programme.end,
        follow_up_months=study.cohort.follow_up_months,
        minimum_age_years=study.cohort.minimum_age_years,
        exclude=study.cohort.exclude,
        region=study.cohort.region,
    )


def find(study: Study, timed: Timed, *, engine: EngineChoice | None = None, memory: str = MEMORY) -> tuple[Findings, Evidence]:
    """Every stage from the upload to the findings, before disclosure control.

    Raises InputError for faults in the upload, CentralDataError for central records that do not obey their schema.
    """
    with (engine or EngineChoice()).connect(memory) as connection:
        evidence = gather_evidence(study, connection, timed)
        measures = tuple(MEASURES[name] for name in measures_to_build(study))
        table = build_table(connection, evidence.cohort, measures, families=families_to_build(study), progress=timed)
        own, linked = (evidence.cohort, evidence.facts), (evidence.submission, evidence.links)
        others = prepare_others(connection, study, cohort_settings(study), *linked, own, timed)
    quality = evidence.links.quality
    errors = LinkErrors(quality.false_links, quality.missed_links)
    found = make_analyses(study, table, evidence.facts, partial(analysis_settings, link_errors=errors), timed)
    relinked = estimate_others(study, others, found.analyses[0], analysis_settings, timed)
    evidence = dataclasses.replace(evidence, relinked=relinked)
    return assemble_findings(study, evidence, found), evidence


def gather_evidence(
    study: Study,
    connection: Connection,
    progress: Progress,
    require: Callable[[Submission], object] = require_usable,
) -> Evidence:
    """The stages up to the cohort. require: what the upload must be (raises InputError where it is not)."""
    progress.stage("central records")
    central = open_central(connection, study.inputs.central)
    progress.stage("upload")
    submission = read_submission(
        study.inputs.upload, today=study.today, coverage=central.coverage, date_order=study.inputs.date_order
    )
    require(submission)
    decisions = read_decisions(study.inputs.link_decisions) if study.inputs.link_decisions else None
    links = make_links(connection, central, submission, study, decisions, progress)
    cohort = build_cohort(connection, submission, links, cohort_settings(study), study.seed, progress=progress)
    facts = gather_facts(cohort, submission.people, submission.group_columns)
    return Evidence(central, submission, links, cohort, decisions, facts)


def analysis_settings(study: Study, plan: AnalysisPlan, link_errors: LinkErrors | None = None) -> AnalysisSettings:
    """An analysis's settings as the plan states them. The family of sensitivity lines is the headline analysis's alone."""
    return AnalysisSettings(
        name=plan.name,
        headline=plan.headline,
        match=study.matching_of(plan).match,
        outcome_model=study.effects.outcome_model,
        bootstrap=study.bootstrap,
        stated_effects=plan.stated_effects,
        sensitivity=bool(plan.headline),
        link_errors=link_errors,
    )


def _attrition(study: Study, evidence: Evidence, found: AnalysisFindings) -> tuple[AttritionStep, ...]:
    """The ladder of the headline analysis; where it is not about everybody, those outside it have a step of their own."""
    steps = evidence.cohort.attrition
    if study.analysis.where and found.status != "not_possible":
        steps = with_analysis(steps, found.people.treated)
    return steps if found.balance is None else with_matched(steps, found.people.matched)


def _deaths(study: Study, evidence: Evidence) -> Deaths:
    """Deaths in the follow-up among the eligible of the headline analysis."""
    facts = evidence.facts
    died = rows_of(study.analysis, study, facts) & facts.died
    return Deaths(int((died & facts.treated).sum()), int((died & ~facts.treated).sum()))


def assemble_findings(study: Study, evidence: Evidence, found: Found) -> Findings:
    """The Findings of a study from all its analyses."""
    plan, head = study.programme, found.analyses[0]
    if study.cohort.region == "regional":
        head = dataclasses.replace(head, sensitivity=with_national(head.sensitivity))
    others = ((other.name, other.found) for other in evidence.relinked)
    head = dataclasses.replace(head, sensitivity=with_relinked(head.sensitivity, others))
    registered = read_study(study.inputs.registered) if study.inputs.registered else None
    return Findings(
        kind="run",
        study_id=study.id,
        title=study.title,
        programme=Programme(plan.kind, plan.setting, plan.start.isoformat(), plan.end.isoformat()),
        follow_up_months=study.cohort.follow_up_months,
        plan_sha256=study.plan_sha256,
        synthetic=evidence.central.synthetic,
        research=False,
        attrition=_attrition(study, evidence, head),
        linkage=evidence.links.quality,
        headline_analysis=study.analysis.name,
        headline_outcome=study.analysis.headline,
        analyses=(head, *found.analyses[1:]),
        deviations=deviations(study, registered) if registered else (),
        warnings=evidence.links.quality.warnings,
        deaths=None if head.status == "not_possible" else _deaths(study, evidence),
        needs=found.needs,
    )


def safe_counts(evidence: Evidence, release: Release, limits: Thresholds | None = None) -> dict[str, int]:
    """Counts for the manifest, which leaves with the report: no people in the programme but those the release shows.

    submitted only where the first step of the attrition shows that very number. Of the pool: nothing where the release hides how
    many it is of; else those kept, the totals above them that are no few people apart, and the losses where all totals are shown
    and none of the losses is a few (else the rest would give it away). In the strict profile every one of them is rounded.
    """
    limits = limits or load_thresholds()
    submitted = evidence.submission.submitted
    is_shown = bool(release.attrition) and release.attrition[0].n == submitted
    shown = {f"pool_{name}": n for name, n in _pool_counts(evidence.cohort.counts, release, limits).items()}
    return rounded_counts(({"submitted": submitted} if is_shown else {}) | shown, release, limits)


def _pool_counts(counts: Mapping[str, int], release: Release, limits: Thresholds) -> dict[str, int]:
    sizes = [analysis.people.pool for analysis in release.analyses if not isinstance(analysis.people.pool, Suppressed)]
    if not release.analyses or isinstance(release.analyses[0].people.pool, Suppressed):
        return {}
    shown: dict[str, int] = {}
    for name in reversed(POOL_TOTALS):
        if not any(limits.is_close(counts[name], other) for other in (*shown.values(), *sizes)):
            shown[name] = counts[name]
    losses = {name: n for name, n in sorted(counts.items()) if name not in POOL_TOTALS and not name.startswith(DEATHS)}
    # A total that is not shown would follow from another and the losses between them.
    return shown | ({} if len(shown) < len(POOL_TOTALS) or any(limits.is_small(n) for n in losses.values()) else losses)


def rounded_counts(counts: Mapping[str, int], release: Release, limits: Thresholds) -> dict[str, int]:
    """Counts of a manifest as its release's profile has them: in the strict one, multiples of the base."""
    base = limits.base if release.disclosure_profile == "strict" else 1
    return {name: base * ((2 * n + base) // (2 * base)) for name, n in counts.items()}


def manifest_body(
    study: Study,
    evidence: Evidence,
    findings: Findings,
    release: Release,
    limits: Thresholds,
    engine: EngineChoice | None = None,
) -> dict[str, Any]:
    """The hashed part of the manifest: settings after defaults, every input with its hash and rows, versions, counts."""
    ran = engine or EngineChoice()
    central, counts = evidence.central, safe_counts(evidence, release, limits)
    rows = rounded_counts(central.rows, release, limits)
    inputs = [InputRecord("upload", evidence.submission.source_sha256, counts.get("submitted"))]
    inputs += [InputRecord(f"central/{name}", digest, rows.get(name)) for name, digest in central.sha256.items()]
    if evidence.decisions is not None:
        inputs.append(InputRecord("link-decisions", evidence.decisions.sha256))
    inputs += [InputRecord(role, digest) for role, digest in model_inputs(study).items()]
    if study.inputs.registered is not None:
        inputs.append(InputRecord("registered", sha256_file(study.inputs.registered)))
    if study.inputs.thresholds is not None:
        inputs.append(InputRecord("thresholds", sha256_file(study.inputs.thresholds)))
    return collect(
        "run",
        {
            "study": study.settings(),
            "plan_sha256": study.plan_sha256,
            "date_order": study.inputs.date_order,
            "disclosure_profile": release.disclosure_profile,
            "analyses": [
                {"name": analysis.name, "match": dict(analysis.match_settings), "warnings": list(analysis.warnings)}
                for analysis in release.analyses
            ],
            **({} if ran.spark is None else {"engine": ran.name}),
        },
        tuple(inputs),
        versions={"linkage_model": evidence.links.model_version, "thresholds": limits.version, **ran.versions},
        counts=counts,
        warnings=(*findings.warnings, *findings.analyses[0].warnings),
    )


@dataclass(frozen=True)
class Conducted:
    """A run as it went: the output, and the persons whose matched events stand behind it (for a known truth only), those of
    the headline and by analysis."""

    output: Output
    analysed_person_ids: tuple[str, ...]
    by_analysis: Mapping[str, tuple[str, ...]]


def run_study(
    path: str | Path,
    out: str | Path | None = None,
    *,
    link_decisions: Path | None = None,
    linkage_model: Path | None = None,
    linkage_index: Path | None = None,
    memory: str = MEMORY,
    profile: str = "default",
    overwrite: bool = False,
    register: Register | None = None,
    engine: str = "duckdb",
    spark_settings: Path | None = None,
    progress: Progress | None = None,
) -> Output:
    """Runs a study file from upload to report, and writes the output folder (default `./out/<study id>`).

    Randomness: only the delays of the pool are drawn, from the plan's seed. The same study and inputs give the same
    bytes. register: the differencing register; a release that would, with those in it, tell about fewer than 10 people is
    refused, any other is recorded. linkage_model: a model file in place of the package's own. linkage_index: a prepared
    index that must fit; one in the central folder is found. memory: what the database may use, as in "3GB". engine: "duckdb",
    or "spark" with the file of its settings (`spark_settings`), which runs everything up to the analysis table. Raises
    InputError, UsageError or CentralDataError; on any error no folder is left.

    >>> from datalab import run_study
    >>> run_study("country/studies/thames-workshop.toml", "out/thames-workshop").releasable.release.status
    'released'
    """
    return conduct(
        Path(path),
        None if out is None else Path(out),
        link_decisions=link_decisions,
        linkage_model=linkage_model,
        linkage_index=linkage_index,
        memory=memory,
        profile=profile,
        overwrite=overwrite,
        register=register,
        engine=engine,
        spark_settings=spark_settings,
        progress=progress,
    ).output


def conduct(
    path: Path,
    out: Path | None,
    *,
    link_decisions: Path | None = None,
    linkage_model: Path | None = None,
    linkage_index: Path | None = None,
    memory: str = MEMORY,
    profile: str = "default",
    overwrite: bool = False,
    register: Register | None = None,
    engine: str = "duckdb",
    spark_settings: Path | None = None,
    progress: Progress | None = None,
) -> Conducted:
    """`run_study`, with the persons analysed beside the output."""
    study = with_inputs(read_study(path), link_decisions=link_decisions, linkage_model=linkage_model, linkage_index=linkage_index)
    folder, chosen = out or Path("out") / study.id, choose_engine(engine, spark_settings)
    require_free(folder, overwrite=overwrite)
    limits = read_thresholds(study.inputs.thresholds)
    timed = Timed(progress or Silent())
    findings, evidence = find(study, timed, engine=chosen, memory=memory)
    timed.stage("disclosure control")
    releasable = control(findings, profile=profile, thresholds=limits)
    body = manifest_body(study, evidence, findings, releasable.release, limits, chosen)
    locations = locations_of(path, link_decisions, linkage_model, spark_settings)
    record_release(register, study.id, study, findings, evidence, limits)
    effects = at_every_threshold(evidence.links, findings.analyses[0], evidence.relinked)
    private = partial(write_for_steward, evidence.links, limits, effects=effects)
    output = write_output(folder, releasable, body, locations, timed, overwrite=overwrite, private=private)
    by_analysis = _analysed(evidence.cohort, findings, releasable.release)
    return Conducted(output, by_analysis.get(study.analysis.name, ()), by_analysis)


def record_release(
    register: Register | None, name: str, study: Study, findings: Findings, evidence: Evidence, limits: Thresholds
) -> None:
    """Compares a release with all that are registered, and adds it; before anything is written, so that nothing is left of one
    that is refused (InputError).

    What the default profile shows is recorded in every profile: rounded numbers are of the same people.
    """
    if register is not None:
        roll = call_roll(evidence.submission, evidence.links, evidence.cohort)
        tables = released_tables(findings, control(findings, thresholds=limits).release, roll)
        register.record(name, tables, study.today.isoformat(), limits.cell_minimum)


def _persons(cohort: Cohort) -> dict[int, str]:
    """Row id to person id."""
    return dict(zip(cohort.events["event_id"].to_pylist(), cohort.events["person_id"].to_pylist(), strict=True))


def _analysed(cohort: Cohort, findings: Findings, release: Release) -> dict[str, tuple[str, ...]]:
    """The persons whose events were matched, by analysis that may be named."""
    persons = _persons(cohort)
    named = {analysis.name for analysis in release.analyses}
    return {
        found.name: tuple(sorted({persons[row] for row in found.matched_row_ids}))
        for found in findings.analyses
        if found.name in named
    }
