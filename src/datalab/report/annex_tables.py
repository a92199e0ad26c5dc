"""Which tables the annex holds, in which order, each with the short name of its worksheet."""

from __future__ import annotations

from datalab.disclosure.results import Releasable
from datalab.report.balance_tables import balance_table, bands_table, definitions_table, overlap_table
from datalab.report.people_tables import (
    attrition_table,
    checks_table,
    linkage_groups_table,
    linkage_table,
    profile_table,
)
from datalab.report.result_tables import (
    compare_table,
    people_needed_table,
    per_100_table,
    results_table,
)
from datalab.report.sensitivity_tables import sensitivity_tables
from datalab.report.several import analyses_overview, needs_table, of_headline, parts_balance_table, settings_table
from datalab.report.survival import survival_tables
from datalab.report.tables import Table


def annex_tables(releasable: Releasable) -> tuple[Table, ...]:
    """Every table of the report that has a row, in reading order; one worksheet each."""
    release = releasable.release
    linkage = release.linkage
    tables = (
        per_100_table(release),
        results_table(release),
        analyses_overview(release),
        settings_table(release),
        needs_table(release),
        attrition_table(release),
        *((linkage_table(linkage), linkage_groups_table(linkage)) if linkage is not None else ()),
        bands_table(release, release.analyses),
        balance_table(release, of_headline(release).analyses),
        parts_balance_table(release),
        overlap_table(release),
        profile_table(release),
        *survival_tables(release),
        compare_table(release),
        *sensitivity_tables(release),
        people_needed_table(release),
        definitions_table(release),
        checks_table(release, releasable.decisions),
    )
    return tuple(table for table in tables if table.rows)
