"""Rights on PostgreSQL: the owner's role makes and changes tables; the application's roles read and write rows, never change or
remove those that stand for ever, and reach nothing outside the portal's own schema.

Which tables those are is asked of the models (`mutable`), so that a new one cannot be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

# Written by the owner alone, when the tables are made or changed.
OWNERS_TABLES = ("django_migrations",)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_READABLE = """
    SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN (current_schema(), 'information_schema')
    AND n.nspname NOT LIKE 'pg\\_%%' AND has_schema_privilege(n.oid, 'USAGE')
    AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(c.oid, 'SELECT'))
    ORDER BY 1
"""
_STANDING = """
    SELECT t FROM unnest(%s::text[]) AS t
    WHERE has_table_privilege(t, 'UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege(t, 'UPDATE') ORDER BY 1
"""
_OWNED = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'MEMBER') AND relkind = 'r' ORDER BY 1
"""
_POWERS = """
    SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    OR has_schema_privilege(current_schema(), 'CREATE')
    OR EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid)
    FROM pg_roles r WHERE rolname = current_user
"""


def is_role_name(name: str) -> bool:
    """Whether a role may be called so: small letters, digits and underscores, so that it needs no quotes anywhere."""
    return _NAME.fullmatch(name) is not None


def standing_tables() -> tuple[str, ...]:
    """Tables whose rows are only added to, by what their models say of themselves."""
    return tuple(sorted(model._meta.db_table for model in apps.get_models() if getattr(model, "mutable", True) is False))


def statements(schema: str, roles: tuple[str, ...]) -> Iterator[str]:
    """The SQL that gives each role its rights, for the owner to run after every migration; run again it changes nothing.

    schema: the portal's own. Roles that are not there yet are made, able to sign in, without a password.
    """
    yield f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC"
    for role in roles:
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN "
            f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS; END IF; END $$"
        )
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}"
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {role}"
        yield f"GRANT USAGE ON SCHEMA {schema} TO {role}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"
        for table in standing_tables():
            yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}"
        for table in OWNERS_TABLES:
            yield f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role}"


def own_schema(connection: BaseDatabaseWrapper) -> str:
    """The schema in which the portal's tables are made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def give(connection: BaseDatabaseWrapper, roles: tuple[str, ...]) -> None:
    """Runs the statements; the connection must be the owner's."""
    schema = own_schema(connection)
    with connection.cursor() as cursor:
        for statement in statements(schema, roles):
            cursor.execute(statement)


def faults(connection: BaseDatabaseWrapper) -> Iterator[str]:
    """What the connection's own role can do and should not, in sentences; nothing where its rights are as they should be."""
    with connection.cursor() as cursor:
        cursor.execute(_POWERS)
        if cursor.fetchone()[0]:
            yield "The role has powers of an owner: it is a member of another role, or may make tables, roles or databases."
        for query, given, sentence in (
            (_OWNED, [], "The role owns the table {}."),
            (_STANDING, [list(standing_tables())], "The role may change or remove rows of {}."),
            (_READABLE, [], "The role reaches {}, which is not the portal's."),
        ):
            cursor.execute(query, given or None)
            yield from (sentence.format(row[0]) for row in cursor.fetchall())
