"""The record of how each number was made, and its checking."""

from datalab.manifest.record import InputRecord, assemble, collect, hash_body, require_complete_manifest
from datalab.manifest.verification import Verification, compare_results, read_manifest, verify_folder

__all__ = [
    "InputRecord",
    "Verification",
    "assemble",
    "collect",
    "compare_results",
    "hash_body",
    "read_manifest",
    "require_complete_manifest",
    "verify_folder",
]
