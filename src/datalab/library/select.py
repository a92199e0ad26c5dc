"""Which results of a library are asked for, and what kinds of programme are called alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datalab.evidence.results import EvidenceRecord

# What a request calls a kind -> what the library calls it, so that results made here stand beside the published ones.
SAME_KIND = {"cognitive": "offending behaviour", "drugs": "substance misuse"}


def canonical_kind(kind: str) -> str:
    """The library's name of a kind of programme.

    >>> canonical_kind("drugs"), canonical_kind("education")
    ('substance misuse', 'education')
    """
    return SAME_KIND.get(kind, kind)


@dataclass(frozen=True)
class Query:
    """What is asked of a library; an empty text or None asks nothing. text: words that must all stand in the programme or the
    organisation. made_up: results of a made-up country, and nothing else; they are never mixed with real ones."""

    kind: str = ""
    setting: str = ""
    organisation: str = ""
    people: str = ""
    outcome: str = ""
    verdict: str = ""
    text: str = ""
    first_year: int | None = None
    last_year: int | None = None
    least_people: int | None = None
    made_up: bool = False

    def takes(self, record: EvidenceRecord) -> bool:
        """Whether the record is asked for.

        >>> from datalab.evidence import read_published
        >>> sum(Query(kind="family", outcome="rate").takes(one) for one in read_published())
        2
        """
        named = ("setting", "organisation", "people", "outcome", "verdict")
        return (
            (record.origin == "demo") == self.made_up
            and self.kind in ("", canonical_kind(record.kind))
            and all(getattr(self, name) in ("", getattr(record, name)) for name in named)
            and self._in_years(record.published)
            and (self.least_people is None or (record.n_treated or 0) >= self.least_people)
            and all(word in f"{record.programme} {record.organisation}".lower() for word in self.text.lower().split())
        )

    def _in_years(self, published: str) -> bool:
        if self.first_year is None and self.last_year is None:
            return True
        year = published[:4]
        return year.isdigit() and (self.first_year or 0) <= int(year) <= (self.last_year or 9999)


def by_kind(records: Iterable[EvidenceRecord]) -> dict[str, list[EvidenceRecord]]:
    """The records by the library's name of their kind, in alphabetical order; those of no known kind come under "".

    >>> from datalab.evidence import read_published
    >>> list(by_kind(read_published()))[:2]
    ['accommodation', 'education']
    """
    found: dict[str, list[EvidenceRecord]] = {}
    for record in records:
        found.setdefault(canonical_kind(record.kind), []).append(record)
    return dict(sorted(found.items()))


def speaking_for_a_study(records: Iterable[EvidenceRecord]) -> list[EvidenceRecord]:
    """The records without the further analyses of studies made here: the same people stand in several of them, and the plan
    names one beforehand. Published reports, whose plans are not known, stay whole; so does a study without a headline.

    >>> from datalab.evidence import read_published
    >>> len(speaking_for_a_study(read_published()))
    94
    """
    found = list(records)
    first = {_release(one): one.people for one in found if one.origin != "published" and one.role == "headline"}
    return [one for one in found if one.origin == "published" or first.get(_release(one), one.people) == one.people]


def _release(record: EvidenceRecord) -> str:
    """Of a result made here, the release that it stands in: the first part of its id."""
    return record.id.partition("/")[0]
