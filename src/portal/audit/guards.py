"""What the database itself refuses: to change or remove a row that stands for ever. For SQLite and PostgreSQL.

The statements are put in by migrations; on PostgreSQL the application's own role also has no right to them (docs/portal.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

_MESSAGE = "rows of {table} are never changed or removed"


def _sqlite(table: str) -> Iterator[str]:
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_MESSAGE.format(table=table)}'); END"
        )


def _postgresql(table: str) -> Iterator[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {table}_stands() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{_MESSAGE.format(table=table)}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for verb in ("UPDATE", "DELETE", "TRUNCATE"):
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        trigger = f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        yield f"{trigger} FOR EACH {each} EXECUTE FUNCTION {table}_stands()"


def guard(connection: BaseDatabaseWrapper, table: str) -> None:
    """From now on rows of the table can only be added."""
    with connection.cursor() as cursor:
        for statement in _sqlite(table) if connection.vendor == "sqlite" else _postgresql(table):
            cursor.execute(statement)


def unguard(connection: BaseDatabaseWrapper, table: str) -> None:
    """Takes the guards away (to undo a migration; tests empty their tables)."""
    of = "" if connection.vendor == "sqlite" else f" ON {table}"
    verbs = ("update", "delete") if connection.vendor == "sqlite" else ("update", "delete", "truncate")
    with connection.cursor() as cursor:
        for verb in verbs:
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{of}")


class AppendOnly(Operation):
    """A step of a migration: rows of `table` can only be added from here on. Undone, they can be changed again."""

    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def state_forwards(self, app_label: str, state: object) -> None:
        """Models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Puts the guards in."""
        guard(schema_editor.connection, self.table)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Takes them away."""
        unguard(schema_editor.connection, self.table)

    def describe(self) -> str:
        return f"rows of {self.table} can only be added"


class Rules(Protocol):
    """A module of rules that the database keeps: statements that put them in, by engine, and that take them away."""

    def sqlite(self) -> Iterator[str]: ...

    def postgresql(self) -> Iterator[str]: ...

    def undo(self, vendor: str) -> Iterator[str]: ...


class Guarded(Operation):
    """A step of a migration: the rules of a module are kept by the database from here on."""

    reversible = True

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def state_forwards(self, app_label: str, state: object) -> None:
        """Models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Puts the rules in."""
        vendor = schema_editor.connection.vendor
        self._execute(schema_editor, self.rules.sqlite() if vendor == "sqlite" else self.rules.postgresql())

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Takes them away."""
        self._execute(schema_editor, self.rules.undo(schema_editor.connection.vendor))

    @staticmethod
    def _execute(schema_editor: BaseDatabaseSchemaEditor, statements: Iterator[str]) -> None:
        with schema_editor.connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    def describe(self) -> str:
        return "rules that the database keeps"


class Lifted(Guarded):
    """A step of a migration that takes rules away, for SQLite remakes no table that they read; `Guarded` puts them in again."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Takes the rules away."""
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: object, to_state: object
    ) -> None:
        """Puts them in again."""
        super().database_forwards(app_label, schema_editor, from_state, to_state)
