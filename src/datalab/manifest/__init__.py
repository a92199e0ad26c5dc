"""The record of how each number was made, and its checking."""

from datalab.manifest.record import InputRecord, assemble, collect, hash_body, require_complete_manifest, surroundings
from datalab.manifest.verification import RELEASE, Verification, compare_results, read_manifest, verify_folder

__all__ = [
    "RELEASE",
    "InputRecord",
    "Verification",
    "assemble",
    "collect",
    "compare_results",
    "hash_body",
    "read_manifest",
    "require_complete_manifest",
    "surroundings",
    "verify_folder",
]
