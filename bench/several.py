"""Twenty regional analyses beside one: the pool is prepared once, so they should cost little more than matching them.

`python -m bench.several [--people N]` makes a country and prints the seconds (processor time of this process) of what comes
before the analyses, of the headline analysis, and of twenty regional ones more.
"""

from __future__ import annotations

import argparse
import dataclasses
import tempfile
import time
from pathlib import Path

from datalab import several
from datalab.chain import analysis_settings, cohort_settings
from datalab.cohort import build_cohort, gather_facts
from datalab.cohort.facts import EventFacts
from datalab.demo import make_country
from datalab.engines import duckdb as engine
from datalab.features import build_table
from datalab.fields.justice.measures import BY_NAME as MEASURES
from datalab.intake import read_submission
from datalab.linkage import link
from datalab.schema.store import open_central
from datalab.several import Found, make_analyses
from datalab.study import Study, read_study
from datalab.study_analyses import AnalysisPlan
from datalab.table import AnalysisTable

STUDY = "northern-mentoring"


def prepare(study: Study) -> tuple[AnalysisTable, EventFacts]:
    """Everything before the analyses: records, links, cohort, covariates and outcomes of everybody."""
    with engine.session() as connection:
        central = open_central(connection, study.inputs.central)
        submission = read_submission(study.inputs.upload, today=study.today, coverage=central.coverage)
        links = link(connection, submission, today=study.today)
        cohort = build_cohort(connection, submission, links, cohort_settings(study), study.seed)
        measures = tuple(MEASURES[name] for name in several.measures_to_build(study))
        table = build_table(connection, cohort, measures, families=several.families_to_build(study))
    return table, gather_facts(cohort, submission.people, submission.group_columns)


def regional(study: Study) -> Study:
    """The study with one analysis a region of the men and of the women."""
    lines = tuple(
        AnalysisPlan(f"region-{sex}", study.analysis.outcomes, where={"sex": (sex,)}, each="region") for sex in ("M", "F")
    )
    return dataclasses.replace(study, analyses=(study.analysis, *lines))


def timed(study: Study, table: AnalysisTable, facts: EventFacts) -> tuple[float, Found]:
    """Processor seconds of the study's analyses, and what they found."""
    began = time.process_time()
    found = make_analyses(study, table, facts, analysis_settings)
    return time.process_time() - began, found


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory(prefix="datalab-bench-") as folder:
        make_country(people, 1, Path(folder) / "country")
        study = read_study(Path(folder) / "country" / "studies" / f"{STUDY}.toml")
        study = dataclasses.replace(study, analyses=(dataclasses.replace(study.analysis, needs_design=False),))
        began = time.process_time()
        table, facts = prepare(study)
        before = time.process_time() - began
    one, _ = timed(study, table, facts)
    many, found = timed(regional(study), table, facts)
    made = [analysis for analysis in found.analyses[1:] if analysis.status != "too_few"]
    print(f"{people:,} people: {int(table.treated.sum()):,} treated, {int((~table.treated).sum()):,} events in the pool")
    print(f"before the analyses  {before:7.2f} s")
    print(f"one analysis         {one:7.2f} s")
    print(f"and {len(found.analyses) - 1} regional      {many - one:7.2f} s more ({len(made)} of them matched)")
    print(f"all analyses / one   {many / one:7.2f}")
    print(f"whole, 21 / whole, 1 {(before + many) / (before + one):7.2f}")


if __name__ == "__main__":
    main()
