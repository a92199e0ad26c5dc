"""Links submitted people to central people: the deterministic rule first, then Splink, then a person's decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from datalab.errors import CentralDataError
from datalab.intake.results import Submission
from datalab.linkage.candidates import Candidate, read_candidates, share_rows
from datalab.linkage.checks import LINK_SCHEMA, require_valid_links
from datalab.linkage.choice import Choice, choose, choose_at
from datalab.linkage.decisions import Decisions, apply_decisions
from datalab.linkage.detail import describe_links
from datalab.linkage.doubtful import lay_side_by_side
from datalab.linkage.index import IndexSize, drop_index, drop_upload, lay_upload, prepare_index
from datalab.linkage.model import Model, load_model
from datalab.linkage.quality import NOT_GIVEN, lost_by_row, measure_quality, row_levels, with_missed_gaps
from datalab.linkage.results import LinkageDetail, Links, OtherLinks
from datalab.progress import Progress, Silent
from datalab.wording import say


def link(
    connection: Any,
    submission: Submission,
    *,
    today: date,
    decisions: Decisions | None = None,
    progress: Progress | None = None,
    model: Model | None = None,
    prepared: IndexSize | None = None,
) -> Links:
    """The central person behind each submitted row, why, and how good the links are.

    connection: DuckDB with the central views `identity` and `person`. Stage 1 links where a PNC ID or prison number agrees
    and so do two of surname, forename and date of birth. Stage 2 weighs names, date of birth, postcode, sex and
    identifiers (Fellegi and Sunter 1969, by Splink; Linacre and others 2022) with the dated model; nothing is trained
    here. Accepted: probability at least `model.accept`; ties and doubtful pairs go to review. prepared: what
    `prepare_index` gave for this connection and model, so that many uploads share one index; made and dropped here where
    None. No randomness; the order of rows does not matter. Raises CentralDataError where there is nobody to link to,
    InputError for decisions that do not fit.
    """
    # Splink takes a second to import, and what only reads Links (evaluate, the report) has no use for it.
    from datalab.linkage.scoring import score_pairs  # noqa: PLC0415

    model, tell = model or load_model(), progress or Silent()
    try:
        tell.stage(say("linkage.stages.index"))
        size = prepared or prepare_index(connection, model)
        if not size.people:
            raise CentralDataError(say("linkage.input.no_people"))
        lay_upload(connection, submission.people, model)
        tell.stage(say("linkage.stages.pairs"))
        candidates = read_candidates(score_pairs(connection, model, size.people).to_pylist(), model)
        tell.stage(say("linkage.stages.choice"))
        completeness = _completeness(submission.people)
        choices = _decide(candidates, completeness, decisions, model, today)
        ethnicity = _ethnicity(connection, choices)
        quality = measure_quality(choices, submission.people, ethnicity, size, model=model, today=today)
        detail = _detail(choices, submission.people, ethnicity, size, model, today)
        doubtful = lay_side_by_side(connection, choices)
    finally:
        drop_upload(connection, model)
        if prepared is None:
            drop_index(connection, model)
    quality = with_missed_gaps(quality, detail, model)
    links = Links(
        _link_table(choices), doubtful, _seen(choices), quality, model.version, detail, _others(choices, completeness, model)
    )
    return require_valid_links(links, submission)


def _completeness(people: pa.Table) -> dict[int, int]:
    """How many cells of each submitted row hold something."""
    return {int(record["row"]): sum(value not in (None, "") for value in record.values()) for record in people.to_pylist()}


def _others(choices: Sequence[Choice], completeness: Mapping[int, int], model: Model) -> tuple[OtherLinks, ...]:
    """The links at the stricter threshold, and at the laxer end of the doubtful band."""
    return (
        OtherLinks("strict", model.strict, _link_table(choose_at(choices, completeness, model.strict))),
        OtherLinks("lax", model.review, _link_table(choose_at(choices, completeness, model.review))),
    )


def _decide(
    candidates: Sequence[Candidate], completeness: Mapping[int, int], decisions: Decisions | None, model: Model, today: date
) -> list[Choice]:
    rejected: frozenset[int] = frozenset()
    if decisions is not None:
        candidates = apply_decisions(candidates, decisions, frozenset(completeness), today)
        rejected = frozenset(item.row for item in decisions.decisions if item.decision == "reject")
    return choose(share_rows(candidates, model), completeness, model, rejected)


def _detail(
    choices: Sequence[Choice], people: pa.Table, ethnicity: dict[str, str], size: IndexSize, model: Model, today: date
) -> LinkageDetail:
    """What the steward looks at. Ethnicity is that of the person who leads, where that person is linked or in review."""
    records = {int(record["row"]): record for record in people.to_pylist()}
    groups = {row: row_levels(record, today) for row, record in records.items()}
    for choice in choices:
        if choice.person_id is not None:
            groups[choice.row]["ethnicity"] = ethnicity.get(choice.person_id, NOT_GIVEN)
    return describe_links(choices, groups, lost_by_row(choices, records, size, model), model)


def _ethnicity(connection: Any, choices: Sequence[Choice]) -> dict[str, str]:
    people = pa.table({"person_id": sorted({str(item.person_id) for item in choices if item.person_id is not None})})
    connection.register("linkage_linked", people.cast(pa.schema([("person_id", pa.string())])))
    rows = connection.execute(
        "select person_id, ethnicity_group from person semi join linkage_linked using (person_id)"
    ).fetchall()
    connection.unregister("linkage_linked")
    return dict(rows)


def _link_table(choices: Sequence[Choice]) -> pa.Table:
    records = [
        {
            "row": choice.row,
            "person_id": choice.person_id,
            "status": choice.status,
            "rule": choice.rule,
            "probability": choice.best.probability if choice.best else None,
            "match_weight": choice.best.weight if choice.best else None,
        }
        for choice in choices
    ]
    return pa.Table.from_pylist(records, schema=LINK_SCHEMA)


def _seen(choices: Sequence[Choice]) -> frozenset[str]:
    leading = {str(choice.person_id) for choice in choices if choice.person_id is not None}
    return frozenset(leading | {item.person_id for choice in choices for item in choice.doubtful})
