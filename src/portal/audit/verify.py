"""Goes through the chain and says where it does not hold; exports it; writes its head to a file outside the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.audit.chain import START, hash_of
from portal.audit.models import AuditEvent, AuditHead
from portal.config.clock import now


@dataclass(frozen=True)
class Verdict:
    """events: how many were read. head: the last hash. faults: a sentence each, in the order of the chain."""

    events: int
    head: str
    faults: tuple[str, ...]


def verify(heads: Path | None = None) -> Verdict:
    """Every event's number, link and hash, the kept head, and the heads that were written outside (a file of JSON lines)."""
    previous, expected, faults, seen = START, 1, [], {0: START}
    outside = _outside(heads)
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2000):
        if event.seq != expected:
            faults.append(f"Event {expected} is missing: the next one is {event.seq}.")
        if event.previous != previous:
            faults.append(f"Event {event.seq} does not follow from the one before it.")
        if event.hash != hash_of(event.previous, event.said()):
            faults.append(f"Event {event.seq} was changed after it was written.")
        previous, expected = event.hash, event.seq + 1
        if event.seq in outside:
            seen[event.seq] = event.hash
    head = AuditHead.objects.filter(id=1).first()
    if head is not None and (head.seq, head.hash) != (expected - 1, previous):
        faults.append(f"The chain ends at event {expected - 1}, but {head.seq} events were written.")
    faults += [
        f"Event {seq} is not the one whose hash was kept outside." for seq, kept in outside.items() if seen.get(seq) != kept
    ]
    return Verdict(expected - 1, previous, tuple(faults))


def _outside(heads: Path | None) -> dict[int, str]:
    if heads is None or not heads.is_file():
        return {}
    lines = heads.read_text(encoding="utf-8").splitlines()
    return {one["seq"]: one["hash"] for one in map(json.loads, lines)}


def export() -> Iterator[str]:
    """Every event as a line of JSON, in order."""
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2000):
        yield json.dumps({**event.said(), "previous": event.previous, "hash": event.hash}, sort_keys=True)


def write_head(path: Path) -> None:
    """Adds the head of the chain to a file; the file is to be carried to where this machine's owner cannot change it."""
    head = AuditHead.objects.filter(id=1).first()
    if head is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"at": now().isoformat(), "seq": head.seq, "hash": head.hash}) + "\n")
