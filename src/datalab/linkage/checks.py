"""The invariants of Links, checked at run time and in every test."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa

from datalab.errors import InternalError
from datalab.intake.results import Submission
from datalab.linkage.results import Links

LINK_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("person_id", pa.string()),
        ("status", pa.string()),
        ("rule", pa.string()),
        ("probability", pa.float64()),
        ("match_weight", pa.float64()),
    ]
)
STATUSES = ("accepted", "review", "unlinked", "merged")


def require_valid_links(links: Links, submission: Submission) -> Links:
    """The same links, or InternalError naming every invariant that does not hold (never a person or a value).

    One link row for each submitted row, in row order; at most one accepted row a person; accepted rows name a person, a
    rule and a probability; merged rows name a person whom another row stands for; unlinked rows name nobody; everyone at
    review or above is among `seen_person_ids`; doubtful pairs belong to rows in review.
    """
    if not links.links.schema.equals(LINK_SCHEMA):
        raise InternalError("the links do not have the columns of their schema")
    records = links.links.to_pylist()
    broken = [name for name, holds in _invariants(links, records, submission).items() if not holds]
    if broken:
        raise InternalError("the links are not valid", broken)
    return links


def _invariants(links: Links, records: list[dict[str, Any]], submission: Submission) -> dict[str, bool]:
    rows = [record["row"] for record in records]
    people = Counter(record["person_id"] for record in records if record["status"] == "accepted")
    named = {record["person_id"] for record in records if record["person_id"] is not None}
    review = {record["row"] for record in records if record["status"] == "review"}
    doubtful = {str(item) for item in links.doubtful["person_id"].to_pylist()}
    return {
        "every submitted row has one link row, in order": rows == sorted(submission.people["row"].to_pylist()),
        "a status is one of the four": {record["status"] for record in records} <= set(STATUSES),
        "a person is accepted for one row at most": all(count == 1 for count in people.values()),
        "an accepted row has a person, a rule and a probability": all(
            record["person_id"] is not None and record["rule"] and record["probability"] is not None
            for record in records
            if record["status"] == "accepted"
        ),
        "a merged row has a row that stands for it": all(
            record["person_id"] in people for record in records if record["status"] == "merged"
        ),
        "an unlinked row names nobody": all(
            (record["person_id"] is None) == (record["status"] == "unlinked") for record in records
        ),
        "a probability lies between 0 and 1": all(
            record["probability"] is None or 0.0 <= record["probability"] <= 1.0 for record in records
        ),
        "everyone at review or above was seen": named | doubtful == links.seen_person_ids,
        "doubtful pairs belong to rows in review": set(links.doubtful["row"].to_pylist()) == review,
    }
