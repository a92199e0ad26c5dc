"""The pre-flight of a workbook: what its zip says of itself, before any parser of spreadsheets touches it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass

from datalab.engines.archives import read_heads
from datalab.intake.results import Fault

OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a password-protected XLSX, or an XLS of before 2007
MIMETYPE_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
MACRO_MARKS = ("vbaproject", "basic/", "scripts/", "macrosheets/", "activex/")
ENCRYPTED_FLAG = 0x1
HEAD_BYTES = 4096
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
    if marker not in names:
        return Fault("not_a_workbook", "file", values={"kind": kind.upper()})
    return _ods_fault(archive) if kind == "ods" else _entity_fault(archive)


def _ods_fault(archive: zipfile.ZipFile) -> Fault | None:
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in archive.read("META-INF/manifest.xml"):
        return Fault("password", "file")
    if "mimetype" in archive.namelist() and not archive.read("mimetype").strip().startswith(MIMETYPE_ODS):
        return Fault("not_a_workbook", "file", values={"kind": "ODS"})
    return _entity_fault(archive)


def _entity_fault(archive: zipfile.ZipFile) -> Fault | None:
    # No office program writes a document type; the only use of one here is an entity bomb.
    for head in read_heads(archive, (".xml", ".rels"), HEAD_BYTES):
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head or head.startswith(UTF16_MARKS):
            return Fault("not_a_workbook", "file", values={"kind": "workbook"})
    return None
