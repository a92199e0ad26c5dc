"""The library of what works: every result that was published, put together, compared, and given out as data."""

from datalab.library.collection import Library
from datalab.library.documents import read_record, record_document
from datalab.library.releases import curve_points, records_of_release
from datalab.library.select import SAME_KIND, Query, by_kind, canonical_kind, speaking_for_a_study
from datalab.library.sentences import Told, certainty, told, understand
from datalab.library.standing import standing
from datalab.library.store import add_releases, open_library, read_released, records_of_folder, released_folder
from datalab.library.tables import LibraryRow, export_bytes, library_table, short_rows
from datalab.library.words import amount, outcome_words, span, verdict_key

__all__ = [
    "SAME_KIND",
    "Library",
    "LibraryRow",
    "Query",
    "Told",
    "add_releases",
    "amount",
    "by_kind",
    "canonical_kind",
    "certainty",
    "curve_points",
    "export_bytes",
    "library_table",
    "open_library",
    "outcome_words",
    "read_record",
    "read_released",
    "record_document",
    "records_of_folder",
    "records_of_release",
    "released_folder",
    "short_rows",
    "span",
    "speaking_for_a_study",
    "standing",
    "told",
    "understand",
    "verdict_key",
]
