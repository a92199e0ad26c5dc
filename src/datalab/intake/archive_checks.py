"""The pre-flight of a workbook: what its zip says of itself, before any parser of spreadsheets touches it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

from datalab.engines.archives import holds_any, read_heads
from datalab.intake.results import Fault

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a password-protected XLSX, or an XLS of before 2007
MIMETYPE_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
MACRO_MARKS = ("vbaproject", "basic/", "scripts/", "macrosheets/", "activex/")
LINK_MARKS = ("xl/externallinks/", "xl/connections.xml", "xl/querytables/", "xl/webextensions/")
# How an archive, an old office file or a program begins: nothing that a sheet of people has in it.
FILE_SIGNATURES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    OLE_SIGNATURE,
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"MZ",
    b"\x7fELF",
    b"BZh",
    b"\xfd7zXZ",
)
ENCRYPTED_FLAG = 0x1
XML = (".xml", ".rels")
DOCUMENT_TYPE = (b"<!DOCTYPE", b"<!ENTITY")
SIGNATURE_BYTES = 8
RELATIONS_BYTES = 4_000_000
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
# An address in a cell is only text to us; whatever else points outside would be fetched by a spreadsheet program.
OUTSIDE = re.compile(rb"""TargetMode\s*=\s*["']External["']""", re.IGNORECASE)
UTF16_MARKS = (b"\xfe\xff", b"\xff\xfe")  # no office program writes it, and it would hide a document type


@dataclass(frozen=True)
class ArchiveLimits:
    """Most members, most bytes in all once unpacked. No ratio: honest ODS files pack 159 to 1."""

    members: int = 500
    unpacked_bytes: int = 200_000_000


def archive_fault(content: bytes, kind: str, limits: ArchiveLimits) -> Fault | None:
    """The fault that stops a workbook from being opened at all, or None. kind: `xlsx` or `ods`, as its name says."""
    if content.startswith(OLE_SIGNATURE):
        return Fault("protected_or_old", "file")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _members_fault(archive, kind, limits)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, KeyError):
        return Fault("not_a_workbook", "file", values={"kind": kind.upper()})


def _members_fault(archive: zipfile.ZipFile, kind: str, limits: ArchiveLimits) -> Fault | None:
    members = archive.infolist()
    names = {member.filename.lower() for member in members}
    if len(members) > limits.members or sum(member.file_size for member in members) > limits.unpacked_bytes:
        return Fault("too_big_inside", "file", values={"megabytes": limits.unpacked_bytes // 1_000_000})
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        return Fault("password", "file")
    if any(mark in name for name in names for mark in MACRO_MARKS):
        return Fault("macros", "file")
    marker = "xl/workbook.xml" if kind == "xlsx" else "content.xml"
    # Two members of one name, or one that climbs out of its folder: what one program reads, another does not.
    if marker not in names or len(names) < len(members) or any(_climbs(name) for name in names):
        return Fault("not_a_workbook", "file", values={"kind": kind.upper()})
    return _guests_fault(archive, names) or (_ods_fault(archive) if kind == "ods" else _entity_fault(archive, "XLSX"))


def _guests_fault(archive: zipfile.ZipFile, names: set[str]) -> Fault | None:
    """What is no sheet of people: a way to another file or address, or another file."""
    if any(mark in name for name in names for mark in LINK_MARKS) or _points_outside(archive):
        return Fault("links", "file")
    if any(head.startswith(FILE_SIGNATURES) for head in read_heads(archive, ("",), SIGNATURE_BYTES)):
        return Fault("files_inside", "file")
    return None


def _climbs(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or path[1:2] == ":" or ".." in path.split("/")


def _points_outside(archive: zipfile.ZipFile) -> bool:
    return any(
        OUTSIDE.search(relation[0]) and b"/hyperlink" not in relation[0]
        for part in read_heads(archive, (".rels",), RELATIONS_BYTES)
        for relation in RELATION.finditer(part)
    )


def _ods_fault(archive: zipfile.ZipFile) -> Fault | None:
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        return Fault("password", "file")
    if "mimetype" in archive.namelist() and not archive.read("mimetype").strip().startswith(MIMETYPE_ODS):
        return Fault("not_a_workbook", "file", values={"kind": "ODS"})
    return _entity_fault(archive, "ODS")


def _entity_fault(archive: zipfile.ZipFile, kind: str) -> Fault | None:
    # No office program writes a document type; the only use of one here is an entity bomb. It may hide behind a comment of
    # any length, so that all of a part is looked through.
    if any(part.startswith(UTF16_MARKS) for part in read_heads(archive, XML, SIGNATURE_BYTES)) or holds_any(
        archive, XML, DOCUMENT_TYPE
    ):
        return Fault("not_a_workbook", "file", values={"kind": kind})
    return None
