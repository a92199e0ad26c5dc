"""An evidence record as a document of JSON's own types, and back."""

from __future__ import annotations

from typing import Any

from datalab.disclosure.stored import plain_value, read_value
from datalab.evidence.results import EvidenceRecord


def record_document(record: EvidenceRecord) -> dict[str, Any]:
    """The record as JSON's own types, floats with 10 significant digits. Same record, same document.

    >>> from datalab.evidence import read_published
    >>> record_document(read_published()[0])["outcome"]
    'rate'
    """
    document: dict[str, Any] = plain_value(record)
    return document


def read_record(document: Any, where: str = "record") -> EvidenceRecord:
    """The record of a document. Raises InputError, naming `where`, for a part that is missing, strange or of another type.

    >>> from datalab.evidence import read_published
    >>> first = read_published()[0]
    >>> read_record(record_document(first)).id == first.id
    True
    """
    record: EvidenceRecord = read_value(EvidenceRecord, document, where)
    return record
