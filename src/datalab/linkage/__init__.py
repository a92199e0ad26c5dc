"""Finds the central person behind each submitted row, and says why."""

from typing import TYPE_CHECKING

from datalab.lazy import lazy_names

if TYPE_CHECKING:
    from datalab.linkage.checks import require_valid_links
    from datalab.linkage.decisions import Decision, Decisions
    from datalab.linkage.index import IndexSize, drop_index, prepare_index
    from datalab.linkage.linking import link
    from datalab.linkage.model import Model, load_model
    from datalab.linkage.readers import read_decisions
    from datalab.linkage.results import GroupShare, LinkageQuality, Links
    from datalab.linkage.writers import write_private

__all__ = [
    "Decision",
    "Decisions",
    "GroupShare",
    "IndexSize",
    "LinkageQuality",
    "Links",
    "Model",
    "drop_index",
    "link",
    "load_model",
    "prepare_index",
    "read_decisions",
    "require_valid_links",
    "write_private",
]

__getattr__ = lazy_names(
    __name__,
    {
        "Decision": "datalab.linkage.decisions",
        "Decisions": "datalab.linkage.decisions",
        "GroupShare": "datalab.linkage.results",
        "IndexSize": "datalab.linkage.index",
        "LinkageQuality": "datalab.linkage.results",
        "Links": "datalab.linkage.results",
        "Model": "datalab.linkage.model",
        "drop_index": "datalab.linkage.index",
        "link": "datalab.linkage.linking",
        "load_model": "datalab.linkage.model",
        "prepare_index": "datalab.linkage.index",
        "read_decisions": "datalab.linkage.readers",
        "require_valid_links": "datalab.linkage.checks",
        "write_private": "datalab.linkage.writers",
    },
)
