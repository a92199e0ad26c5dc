"""Finds the central person behind each submitted row, and says why."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.linkage.card import IndexCard
    from datalab.linkage.checks import require_valid_links
    from datalab.linkage.decisions import Decision, Decisions
    from datalab.linkage.index import IndexSize, drop_index, prepare_index
    from datalab.linkage.linking import link
    from datalab.linkage.model import (
        Model,
        check_model,
        level_weights,
        load_model,
        model_settings,
        packaged_model,
        packaged_versions,
    )
    from datalab.linkage.readers import read_decisions, read_model
    from datalab.linkage.results import GroupShare, LinkageQuality, Links
    from datalab.linkage.store import IndexPlace, check_index, found_index, write_index
    from datalab.linkage.writers import write_private

__all__ = [
    "Decision",
    "Decisions",
    "GroupShare",
    "IndexCard",
    "IndexPlace",
    "IndexSize",
    "LinkageQuality",
    "Links",
    "Model",
    "check_index",
    "check_model",
    "drop_index",
    "found_index",
    "level_weights",
    "link",
    "load_model",
    "model_settings",
    "packaged_model",
    "packaged_versions",
    "prepare_index",
    "read_decisions",
    "read_model",
    "require_valid_links",
    "write_index",
    "write_private",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Decision": "datalab.linkage.decisions",
        "Decisions": "datalab.linkage.decisions",
        "GroupShare": "datalab.linkage.results",
        "IndexCard": "datalab.linkage.card",
        "IndexPlace": "datalab.linkage.store",
        "IndexSize": "datalab.linkage.index",
        "LinkageQuality": "datalab.linkage.results",
        "Links": "datalab.linkage.results",
        "Model": "datalab.linkage.model",
        "check_index": "datalab.linkage.store",
        "check_model": "datalab.linkage.model",
        "drop_index": "datalab.linkage.index",
        "found_index": "datalab.linkage.store",
        "level_weights": "datalab.linkage.model",
        "link": "datalab.linkage.linking",
        "load_model": "datalab.linkage.model",
        "model_settings": "datalab.linkage.model",
        "packaged_model": "datalab.linkage.model",
        "packaged_versions": "datalab.linkage.model",
        "prepare_index": "datalab.linkage.index",
        "read_decisions": "datalab.linkage.readers",
        "read_model": "datalab.linkage.readers",
        "require_valid_links": "datalab.linkage.checks",
        "write_index": "datalab.linkage.store",
        "write_private": "datalab.linkage.writers",
    },
)
