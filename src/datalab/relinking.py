"""The headline analysis again, with the links as they would be at a stricter and at a laxer threshold of acceptance.

Each goes the whole way from the links on: cohort, pool (its delays drawn from the plan's seed), covariates, match, gate and
estimate, so that it is what a run with that threshold would have given. Where nobody analysed would be another, nothing is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from datalab.cohort import CohortSettings, EventFacts, build_cohort, gather_facts, made_events
from datalab.cohort.results import Cohort
from datalab.effects.results import AnalysisFindings
from datalab.engines.sql import Connection
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.intake.results import Submission
from datalab.linkage.results import Links, OtherLinks
from datalab.progress import Progress
from datalab.sensitivity import examined
from datalab.several import SettingsOf, families_to_build, is_possible, repeat_headline, rows_of
from datalab.study import Study
from datalab.table import AnalysisTable

STAGE = "other links"
ORDER = ("strict", "in_force", "lax")


@dataclass(frozen=True, eq=False)
class OtherPeople:
    """What another threshold would have had analysed. table, facts: None where it is the very same people."""

    links: OtherLinks
    table: AnalysisTable | None = None
    facts: EventFacts | None = None


@dataclass(frozen=True)
class Relinked:
    """The headline analysis at another threshold. name: "strict" or "lax" ("in_force": the run's own). linked: rows that it
    links. found: None where the people analysed are the very same, and the analysis was not made again."""

    name: str
    threshold: float
    linked: int
    found: AnalysisFindings | None


def prepare_others(
    connection: Connection,
    study: Study,
    settings: CohortSettings,
    submission: Submission,
    links: Links,
    own: tuple[Cohort, EventFacts],
    progress: Progress,
) -> tuple[OtherPeople, ...]:
    """Cohort and table of the headline analysis at each other threshold that would analyse other people.

    own: cohort and facts of the run's own links. Only what the headline needs is read, and the country's events are made once.
    Nothing where the upload cannot answer the headline's conditions, whoever is linked.
    """
    if not is_possible(study.analysis, own[1]):
        return ()
    changed = [other for other in links.others if _pairs(other.links) != _pairs(links.links)]
    if not changed:
        return tuple(OtherPeople(other) for other in links.others)
    progress.stage(STAGE)
    analysed, cohorts = _analysed(study, *own), {}
    with made_events(connection):
        for other in changed:
            linked = replace(links, links=other.links)
            cohort = build_cohort(connection, submission, linked, settings, study.seed, events_made=True)
            facts = gather_facts(cohort, submission.people, submission.group_columns)
            if _analysed(study, cohort, facts) != analysed:
                cohorts[other.name] = cohort, facts
    return tuple(_with_table(connection, study, other, cohorts.get(other.name)) for other in links.others)


def _with_table(connection: Connection, study: Study, other: OtherLinks, made: tuple[Cohort, EventFacts] | None) -> OtherPeople:
    if made is None:
        return OtherPeople(other)
    cohort, facts = made
    alone = replace(study, analyses=(replace(study.analysis, needs_design=False),))
    measures = tuple(MEASURES[name] for name in study.analysis.outcomes)
    table = build_table(connection, cohort, measures, families=families_to_build(alone), with_control=False)
    return OtherPeople(other, table, facts)


def _pairs(links: pa.Table) -> list[tuple[int, str]]:
    """Row and person of each accepted link, in row order."""
    accepted = links.filter(pc.equal(links["status"], "accepted"))
    return list(zip(accepted["row"].to_pylist(), accepted["person_id"].to_pylist(), strict=True))


def _analysed(study: Study, cohort: Cohort, facts: EventFacts) -> set[tuple[int, str]]:
    """Row and person of each treated person of the headline analysis."""
    events = cohort.events.sort_by("event_id").filter(pa.array(rows_of(study.analysis, study, facts) & facts.treated))
    return set(zip(events["row"].to_pylist(), events["person_id"].to_pylist(), strict=True))


def estimate_others(
    study: Study, others: Sequence[OtherPeople], head: AnalysisFindings, settings_of: SettingsOf, progress: Progress
) -> tuple[Relinked, ...]:
    """The headline analysis of each; one that fails its gate or cannot be made is told, never an error.

    head: the run's own. The measures are those that its sensitivity lines are about, the headline where it has none.
    """
    measures = tuple(examined(head.sensitivity)) or (study.analysis.headline,)
    if any(other.table is not None for other in others):
        progress.stage(STAGE)
    return tuple(
        Relinked(
            other.links.name,
            other.links.threshold,
            len(_pairs(other.links.links)),
            None
            if other.table is None or other.facts is None
            else repeat_headline(study, other.table, other.facts, settings_of, measures),
        )
        for other in others
    )


def at_every_threshold(links: Links, head: AnalysisFindings, others: Sequence[Relinked]) -> tuple[Relinked, ...]:
    """The other thresholds with the one in force (named "in_force"), strictest first. head: the run's own headline analysis.

    Nothing where no other was looked at, or where the links have no detail.
    """
    if links.detail is None or not others:
        return ()
    own = Relinked("in_force", links.detail.accept, len(_pairs(links.links)), head)
    return tuple(sorted((own, *others), key=lambda one: (-one.threshold, ORDER.index(one.name))))
