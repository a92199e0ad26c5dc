"""What the database refuses of a vote, whoever writes it: the rules of two blind reviewers as triggers."""

from __future__ import annotations

from collections.abc import Iterator

# Each rule as a condition under which a new vote is refused; NEW is the vote.
_RULES: tuple[tuple[str, str], ...] = (
    ("the round is closed", "(SELECT closed_at FROM review_round WHERE id = NEW.round_id) IS NOT NULL"),
    ("two have voted", "(SELECT count(*) FROM review_vote WHERE round_id = NEW.round_id) >= 2"),
    (
        "the analyst does not review",
        """EXISTS (SELECT 1 FROM review_round r JOIN runs_job j ON j.id = r.job_id WHERE r.id = NEW.round_id
        AND (r.opened_by_id = NEW.reviewer_id OR j.asked_by_id = NEW.reviewer_id))""",
    ),
    (
        "nobody of the organisation reviews",
        """EXISTS (SELECT 1 FROM review_round r JOIN requests_request q ON q.id = r.request_id
        JOIN accounts_membership m ON m.organisation_id = q.organisation_id
        WHERE r.id = NEW.round_id AND m.user_id = NEW.reviewer_id)""",
    ),
)


def sqlite() -> Iterator[str]:
    """A trigger a rule."""
    for number, (message, condition) in enumerate(_RULES, start=1):
        yield (
            f"CREATE TRIGGER review_vote_rule_{number} BEFORE INSERT ON review_vote WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def postgresql() -> Iterator[str]:
    """One function with all rules; the round is locked, so that of two votes at once the second counts the first."""
    checks = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        for message, condition in _RULES
    )
    yield (
        "CREATE OR REPLACE FUNCTION review_vote_rules() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM 1 FROM review_round WHERE id = NEW.round_id FOR UPDATE; {checks} RETURN NEW; END $$"
    )
    yield "CREATE TRIGGER review_vote_rules BEFORE INSERT ON review_vote FOR EACH ROW EXECUTE FUNCTION review_vote_rules()"


def undo(vendor: str) -> Iterator[str]:
    """Takes them away."""
    if vendor == "sqlite":
        yield from (f"DROP TRIGGER review_vote_rule_{number}" for number in range(1, len(_RULES) + 1))
    else:
        yield "DROP TRIGGER review_vote_rules ON review_vote"
