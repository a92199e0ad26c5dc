"""Zip archives with the same bytes for the same content: members dated 1980-01-01, one system, one compression."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
COMPRESSION_LEVEL = 6
PIECE = 1 << 20


def read_heads(archive: zipfile.ZipFile, endings: tuple[str, ...], length: int) -> Iterator[bytes]:
    """The first `length` bytes of each member whose name ends so (in any case), without unpacking more."""
    for member in archive.infolist():
        if member.filename.lower().endswith(endings):
            with archive.open(member) as part:
                yield part.read(length)


def holds_any(archive: zipfile.ZipFile, endings: tuple[str, ...], marks: tuple[bytes, ...]) -> bool:
    """Whether a member whose name ends so (in any case) holds any of the marks; no more than a piece is in memory at a time."""
    overlap = max(len(mark) for mark in marks) - 1
    for member in archive.infolist():
        if member.filename.lower().endswith(endings):
            with archive.open(member) as part:
                kept = b""
                while piece := part.read(PIECE):
                    kept = kept[-overlap:] + piece
                    if any(mark in kept for mark in marks):
                        return True
    return False


def normalise_zip(content: bytes, replaced: Mapping[str, bytes] | None = None) -> bytes:
    """The archive with the same members in the same order and nothing in it that depends on when or where it was made.

    replaced: members whose content is changed; a name that is not there raises KeyError. A member `mimetype` is stored
    first and unpacked, as ODF asks. Raises zipfile.BadZipFile where `content` is no zip archive.

    >>> packed = io.BytesIO()
    >>> with zipfile.ZipFile(packed, "w") as archive: archive.writestr("a.txt", "hello")
    >>> normalise_zip(packed.getvalue()) == normalise_zip(normalise_zip(packed.getvalue()))
    True
    """
    changes = dict(replaced or {})
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w") as target:
        if missing := sorted(set(changes) - set(source.namelist())):
            raise KeyError(f"the archive has no member {missing[0]}")
        for name in sorted(source.namelist(), key=lambda name: name != "mimetype"):
            stored = name == "mimetype" or name.endswith("/")
            member = zipfile.ZipInfo(name, FIXED_DATE)
            member.create_system = 3  # Unix, wherever this runs
            member.external_attr = 0o644 << 16
            member.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            target.writestr(member, changes.get(name, source.read(name)), compresslevel=COMPRESSION_LEVEL)
    return made.getvalue()
