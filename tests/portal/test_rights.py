"""Rights on PostgreSQL: signed in as the application's role, what stands cannot be changed, and nothing but the portal is reached."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from tests.portal.lab import Lab, fresh

from portal.audit.guards import unguard
from portal.audit.models import AuditEvent, AuditHead
from portal.audit.verify import verify
from portal.ops.destruction import destroy_data
from portal.ops.rights import OWNERS_TABLES, faults, give, standing_tables, statements
from portal.requests import actions
from portal.requests.states import State

WEB, WORKER_ROLE = "datalab_web", "datalab_worker"
STANDING = sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "mutable", True) is False)
DENIED = "permission denied"


def run(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def refused(sql: str, why: str = DENIED) -> None:
    with pytest.raises(DatabaseError, match=why), transaction.atomic():
        run(sql)


@pytest.fixture
def web(lab: Lab) -> Iterator[Lab]:
    """The session is the application's role from here on: rights are given, the owner has taken the triggers away."""
    if connection.vendor != "postgresql":
        pytest.skip("roles are tested on PostgreSQL: scripts/postgres.sh")
    run("CREATE ROLE central_owner")
    run("CREATE SCHEMA central AUTHORIZATION central_owner")
    run("SET SESSION AUTHORIZATION central_owner")
    run("CREATE TABLE central.person (name text)")
    run("INSERT INTO central.person VALUES ('somebody')")
    run("RESET SESSION AUTHORIZATION")
    give(connection, (WEB, WORKER_ROLE))
    run(f"SET SESSION AUTHORIZATION {WEB}")
    yield lab
    run("RESET SESSION AUTHORIZATION")


def test_which_tables_stand_is_asked_of_the_models() -> None:
    assert list(standing_tables()) == STANDING
    assert {"audit_auditevent", "review_vote", "ops_certificate"} <= set(STANDING)
    assert AuditHead._meta.db_table not in STANDING
    written = "\n".join(statements("public", (WEB,)))
    for table in (*STANDING, *OWNERS_TABLES):
        assert re.search(rf"REVOKE (INSERT, )?UPDATE, DELETE, TRUNCATE ON public\.{table} FROM {WEB}", written)


def test_who_is_signed_in(web: Lab) -> None:
    assert run("SELECT session_user, current_user") == [(WEB, WEB)]
    assert list(faults(connection)) == []


@pytest.mark.parametrize("table", STANDING)
def test_what_stands_is_not_changed_by_right_even_without_triggers(web: Lab, table: str) -> None:
    run("RESET SESSION AUTHORIZATION")
    unguard(connection, table)
    run(f"SET SESSION AUTHORIZATION {WEB}")
    column = next(model for model in apps.get_models() if model._meta.db_table == table)._meta.pk.column
    for sql in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        refused(sql)


def test_the_triggers_cannot_be_taken_away_nor_tables_changed(web: Lab) -> None:
    refused("DROP TRIGGER audit_auditevent_no_update ON audit_auditevent", "must be owner")
    refused("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL", "must be owner")
    refused("CREATE OR REPLACE FUNCTION audit_auditevent_stands() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    refused("CREATE TABLE mine (x int)")
    refused("UPDATE django_migrations SET name = name")
    refused("SET session_replication_role = replica")


def test_central_records_cannot_be_read(web: Lab) -> None:
    for sql in (
        "SELECT * FROM central.person",
        "SELECT count(*) FROM central.person",
        "COPY central.person TO STDOUT",
        "INSERT INTO central.person VALUES ('x')",
        "CREATE TEMP TABLE t AS SELECT * FROM central.person",
    ):
        refused(sql)
    refused("SET ROLE central_owner")
    refused("SELECT pg_read_file('/etc/passwd')")


def test_what_is_given_away_by_mistake_is_found(web: Lab) -> None:
    run("RESET SESSION AUTHORIZATION")
    run("GRANT USAGE ON SCHEMA central TO PUBLIC")
    run("GRANT SELECT ON central.person TO PUBLIC")
    run(f"GRANT UPDATE ON review_vote TO {WEB}")
    run(f"SET SESSION AUTHORIZATION {WEB}")
    found = "\n".join(faults(connection))
    assert "central.person" in found
    assert "review_vote" in found
    with pytest.raises(CommandError, match="2 things"):
        call_command("database", "check", stdout=io.StringIO())


def test_the_owner_is_told_that_it_is_not_the_application(lab: Lab) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("roles are tested on PostgreSQL: scripts/postgres.sh")
    found = "\n".join(faults(connection))
    assert "powers of an owner" in found
    assert "owns the table audit_auditevent" in found


def test_ordinary_work_goes_through(web: Lab, sign_in: object) -> None:
    request = web.cleared_final()
    assert fresh(request).state == State.CLEARED_FINAL
    withdrawn = web.withdrawn()
    actions.write_note(by=web.person("provider"), request=withdrawn, text="A note.")
    destroy_data(by=web.person("steward"), request=withdrawn)
    for who, address in (("provider", "/requests/"), ("analyst", "/requests/queue"), ("steward", "/lab/audit?verify=1")):
        assert sign_in(who).get(address).status_code == 200
    assert verify().events == AuditEvent.objects.count()
    assert verify().faults == ()


def test_on_a_laptop_there_is_nothing_to_share_out(db: None) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL has roles")
    with pytest.raises(CommandError, match="Only PostgreSQL has roles"):
        call_command("database", "rights")


def test_the_command_prints_what_it_would_do_and_does_it(lab: Lab) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("roles are tested on PostgreSQL: scripts/postgres.sh")
    out = io.StringIO()
    call_command("database", "rights", "--role", "some_role", stdout=out)
    assert "REVOKE UPDATE, DELETE, TRUNCATE ON public.audit_auditevent FROM some_role;" in out.getvalue()
    assert run("SELECT count(*) FROM pg_roles WHERE rolname = 'some_role'") == [(0,)]
    call_command("database", "rights", "--role", "some_role", "--apply", stdout=out)
    assert run("SELECT has_table_privilege('some_role', 'audit_audithead', 'UPDATE')") == [(True,)]
    with pytest.raises(CommandError, match="names of roles"):
        call_command("database", "rights", "--role", 'x"; DROP')
