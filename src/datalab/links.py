"""Linkage as a run needs it: the files that a command names over those of the plan, the model, and the index that fits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from datalab.engines.spark import SparkConnection
from datalab.engines.sql import Connection
from datalab.errors import UsageError
from datalab.intake.results import Submission
from datalab.linkage import Decisions, IndexPlace, Links, Model, found_index, link, load_model, read_model
from datalab.linkage.store import BESIDE
from datalab.progress import Progress
from datalab.schema.results import Central
from datalab.store import sha256_file
from datalab.study import Study
from datalab.wording import say

IDENTITY = "identity.parquet"


def with_inputs(
    study: Study,
    *,
    link_decisions: Path | None = None,
    linkage_model: Path | None = None,
    linkage_index: Path | None = None,
) -> Study:
    """The study with these input files in the place of its own; None leaves what the study says."""
    own = study.inputs
    inputs = dataclasses.replace(
        own,
        link_decisions=link_decisions or own.link_decisions,
        linkage_model=linkage_model or own.linkage_model,
        linkage_index=linkage_index or own.linkage_index,
    )
    return dataclasses.replace(study, inputs=inputs)


def locations_of(
    study: Path, link_decisions: Path | None, linkage_model: Path | None, spark_settings: Path | None = None
) -> dict[str, Path]:
    """Where the inputs that a command named lie, by their part in the run. An index is none: the links are the same without."""
    named = {"study": study, "link-decisions": link_decisions, "linkage-model": linkage_model, "spark-settings": spark_settings}
    return {role: path for role, path in named.items() if path is not None}


def model_of(path: Path | None) -> Model:
    """The model of a file, or the package's own. Raises InputError for a file that is none."""
    return load_model() if path is None else read_model(path)


def model_inputs(study: Study) -> dict[str, str]:
    """The hash of a model file of the study's own, by its part in the run; {} where it uses the package's."""
    path = study.inputs.linkage_model
    return {} if path is None else {"linkage-model": sha256_file(path)}


def make_links(
    connection: Connection,
    central: Central,
    submission: Submission,
    study: Study,
    decisions: Decisions | None,
    progress: Progress,
) -> Links:
    """The links of an upload, from a prepared index where one is named or lies beside the central data and fits.

    The links are the same with and without. Spark lays out the people in each run, and takes no file. Raises CentralDataError
    for a named index that does not fit, UsageError where one is named for Spark.
    """
    model = model_of(study.inputs.linkage_model)
    if isinstance(connection, SparkConnection):
        if study.inputs.linkage_index is not None:
            raise UsageError(say("engines.spark.no_index_file"))
        return link(connection, submission, today=study.today, decisions=decisions, progress=progress, model=model)
    place = IndexPlace(study.inputs.linkage_index, central.folder / BESIDE)
    with found_index(connection, place, model, central.sha256[IDENTITY], progress) as prepared:
        return link(
            connection, submission, today=study.today, decisions=decisions, progress=progress, model=model, prepared=prepared
        )
