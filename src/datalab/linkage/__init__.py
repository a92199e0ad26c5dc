"""Finds the central person behind each submitted row, and says why."""

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
