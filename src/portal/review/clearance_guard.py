"""What the database refuses of a clearance, whoever writes it: one without two approvals."""

from __future__ import annotations

from collections.abc import Iterator

_MESSAGE = "a clearance needs two approvals"
_FEWER = "(SELECT count(*) FROM review_vote WHERE round_id = NEW.round_id AND approve) < 2"


def sqlite() -> Iterator[str]:
    """One trigger."""
    yield (
        f"CREATE TRIGGER review_clearance_rule BEFORE INSERT ON review_clearance WHEN {_FEWER} "
        f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE}'); END"
    )


def postgresql() -> Iterator[str]:
    """A function and its trigger."""
    yield (
        "CREATE OR REPLACE FUNCTION review_clearance_rule() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_FEWER} THEN RAISE EXCEPTION '{_MESSAGE}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        "RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER review_clearance_rule BEFORE INSERT ON review_clearance "
        "FOR EACH ROW EXECUTE FUNCTION review_clearance_rule()"
    )


def undo(vendor: str) -> Iterator[str]:
    """Takes it away."""
    yield "DROP TRIGGER review_clearance_rule" + ("" if vendor == "sqlite" else " ON review_clearance")
