"""Files made to harm, sent through the page: each is refused in words, and nothing of it is left behind.

What the web process can tell it tells at once; the rest is the engine's check, here in this process but for some that go through
the sealed one. The engine's own defences are in tests/attacks/test_intake_attacks.py.
"""

from __future__ import annotations

import io
import re
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.intake_factory import csv_text, records
from tests.portal.lab import CSV, WORKER, Lab, load_records
from tests.world_fixture import world_folder

from datalab.intake.readers import DEFAULT_LIMITS
from datalab.schema.writers import template_bytes
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.runs import engine, sealed, worker
from portal.runs.models import Job
from portal.runs.seal import can_seal
from portal.uploads.actions import receive
from portal.uploads.models import Upload
from portal.uploads.receiving import MOST_BYTES

SHEET = "xl/worksheets/sheet1.xml"
CONTENT = "content.xml"
SECRET = "Zebedee"  # the forename of everybody in the lists: no page may say it
DOCTYPE = '<!DOCTYPE x [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9)) + "]>"
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


Changes = Mapping[str, Callable[[bytes], bytes]]


def packed(kind: str, changed: Changes | None = None, added: Mapping[str, bytes] | None = None) -> bytes:
    """The template of a kind with 70 people, some members changed and some added."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(template_bytes(kind, records(70)))) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, (changed or {}).get(name, lambda content: content)(source.read(name)))
        for name, content in (added or {}).items():
            target.writestr(name, content)
    return made.getvalue()


def document_type(declared: str, padding: int = 0) -> Callable[[bytes], bytes]:
    """Puts a document type before the root, behind `padding` bytes of comment; the first cell's text is its last entity."""
    name = b"&e;" if "SYSTEM" in declared else b"&a9;"

    def change(content: bytes) -> bytes:
        body = re.sub(rb"^<\?xml[^>]*\?>", b"", content).replace(SECRET.encode(), name, 1)
        return b'<?xml version="1.0"?>' + b"<!--" + b"x" * padding + b"-->" + declared.encode() + body

    return change


def with_ods_source(content: bytes) -> bytes:
    source = b'<table:table-source xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="http://example.invalid/a.ods"/>'
    return re.sub(rb"(<table:table [^>]*>)", lambda found: found[0] + source, content, count=1)


def outside_relation(content: bytes) -> bytes:
    relation = b'<Relationship Id="rId99" Type="http://x/oleObject" Target="file:///c:/x.doc" TargetMode="External"/>'
    return content.replace(b"</Relationships>", relation + b"</Relationships>")


def with_formulas() -> bytes:
    signs = ["=HYPERLINK(1)", "+1+cmd", "-2+3", "@SUM(A1)", "=1+1|cmd"]
    return csv_text(records(70, **{f"row{n + 2}": {"surname": signs[n % 5]} for n in range(70)})).encode()


# Name of the file, what it holds, what the page says of it.
AT_ONCE: list[tuple[str, Callable[[], bytes], str]] = [
    ("people.xlsm", lambda: packed("xlsx", added={"xl/vbaProject.bin": b"x"}), "must be one of"),
    ("people.exe", lambda: b"MZ", "must be one of"),
    ("people.zip", lambda: packed("xlsx"), "must be one of"),
    ("people.csv.gz", lambda: b"\x1f\x8b", "must be one of"),
    ("../../etc/passwd", lambda: b"x", "must be one of"),
    ("empty.csv", lambda: b"", "is empty"),
    ("large.csv", lambda: b"a" * (MOST_BYTES + 1), "larger than 30 MB"),
]  # fmt: skip
BY_THE_CHECK: list[tuple[str, Callable[[], bytes], str]] = [
    ("formulas.csv", with_formulas, "begin with"),
    ("zip-bomb.xlsx", lambda: packed("xlsx", added={"xl/media/zeros.bin": bytes(210_000_000)}), "unpacks to more than 200 MB"),
    ("laughs.xlsx", lambda: packed("xlsx", {SHEET: document_type(DOCTYPE)}), "not an XLSX"),
    ("laughs-behind.xlsx", lambda: packed("xlsx", {SHEET: document_type(DOCTYPE, 10_000)}), "not an XLSX"),
    ("laughs.ods", lambda: packed("ods", {CONTENT: document_type(DOCTYPE)}), "not an ODS"),
    ("laughs-behind.ods", lambda: packed("ods", {CONTENT: document_type(DOCTYPE, 10_000)}), "not an ODS"),
    ("outside.xlsx", lambda: packed("xlsx", {SHEET: document_type(OUTSIDE, 10_000)}), "not an XLSX"),
    ("outside.ods", lambda: packed("ods", {CONTENT: document_type(OUTSIDE, 10_000)}), "not an ODS"),
    ("macros.xlsx", lambda: packed("xlsx", added={"xl/vbaProject.bin": b"x"}), "holds macros"),
    ("macros.ods", lambda: packed("ods", added={"Basic/Standard/Module1.xml": b"x"}), "holds macros"),
    ("links.xlsx", lambda: packed("xlsx", added={"xl/externalLinks/externalLink1.xml": b"<x/>"}), "takes data from other files"),
    ("relation.xlsx", lambda: packed("xlsx", {"xl/_rels/workbook.xml.rels": outside_relation}), "takes data from other files"),
    ("links.ods", lambda: packed("ods", {CONTENT: with_ods_source}), "takes data from other files"),
    ("climbs.xlsx", lambda: packed("xlsx", added={"../../etc/cron.d": b"x"}), "not an XLSX"),
    ("nested.xlsx", lambda: packed("xlsx", added={"xl/embeddings/book.xlsx": packed("xlsx")}), "holds other files"),
    ("nested.ods", lambda: packed("ods", added={"Object/a.zip": packed("ods")}), "holds other files"),
    ("password.xlsx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "protected by a password"),
    ("a-zip.csv", lambda: packed("xlsx"), "looks like a workbook"),
    ("a-csv.xlsx", lambda: csv_text(records(70)).encode(), "not an XLSX"),
    ("a-program.ods", lambda: b"\x7fELF" + bytes(5000), "not an ODS"),
]  # fmt: skip
SEALED = ("formulas.csv", "zip-bomb.xlsx", "laughs-behind.ods")


@pytest.fixture
def draft(lab: Lab) -> Request:
    load_records(lab)
    return lab.draft()


@pytest.fixture
def unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's check in this process, without central records."""

    def ask(job: Job, work: Path, *_: object) -> engine.Answer:
        order = {"work": str(work), "upload": f"upload.{job.upload.kind}", "today": "2016-01-31"}
        return engine.Answer(found=sealed.check(order, sealed.Told(io.StringIO())))

    monkeypatch.setattr(engine, "ask", ask)


def send(lab: Lab, request: Request, name: str, content: bytes) -> tuple[Client, Any]:
    client = Client()
    client.force_login(lab.person("provider"))
    file = SimpleUploadedFile("x", content)
    file._name = name  # as a browser that means harm would send it, a path and all
    return client, client.post(f"/requests/{request.public_id}/people", {"file": file})


def nothing_is_left(home: Path) -> None:
    """No file that was sent, no key of one, no folder of work; nothing that counts as a list; no check that goes on."""
    found = [path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()]
    assert [name for name in found if not name.startswith(("keys/worker.", "central/", "static/"))] == []
    assert not list((home / "work").glob("*"))
    assert not Upload.objects.filter(state__in=("waiting", "usable")).exists()
    assert not Job.objects.filter(state__in=("queued", "running")).exists()


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.mark.parametrize(("name", "make", "said"), AT_ONCE, ids=[name for name, _, _ in AT_ONCE])
def test_what_the_page_refuses_at_once(lab: Lab, draft: Request, home: Path, name: str, make: Any, said: str) -> None:
    _, answer = send(lab, draft, name, make())
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not Upload.objects.exists()
    assert not Job.objects.exists()
    nothing_is_left(home)


def checked(lab: Lab, draft: Request, name: str, content: bytes, commits: Any) -> str:
    """The page of an upload after its check."""
    with commits(execute=True):
        client, answer = send(lab, draft, name, content)
        assert answer.status_code == 302, text_of(answer)
        assert worker.work_once(WORKER)
    return text_of(client.get(answer["Location"]))


@pytest.mark.parametrize(("name", "make", "said"), BY_THE_CHECK, ids=[name for name, _, _ in BY_THE_CHECK])
@pytest.mark.usefixtures("unsealed")
def test_what_the_check_refuses(
    lab: Lab, draft: Request, home: Path, name: str, make: Any, said: str, django_capture_on_commit_callbacks: Any
) -> None:
    page = checked(lab, draft, name, make(), django_capture_on_commit_callbacks)
    assert "cannot be used as it is, and was destroyed" in page
    assert said in page
    assert not [word for word in (SECRET, "cmd", "HYPERLINK", "Traceback", "root:", "haha") if word in page]
    nothing_is_left(home)


@pytest.mark.skipif(not can_seal(), reason="this kernel has no Landlock, so that no run can be done on it: docs/portal.md")
@pytest.mark.parametrize("name", SEALED)
def test_the_sealed_check_refuses_them_too(
    lab: Lab, home: Path, name: str, tmp_path_factory: Any, django_capture_on_commit_callbacks: Any
) -> None:
    load_records(lab, world_folder(tmp_path_factory, 500, replicates=5) / "central")
    make, said = next((make, said) for one, make, said in BY_THE_CHECK if one == name)
    page = checked(lab, lab.draft(), name, make(), django_capture_on_commit_callbacks)
    assert said in page
    nothing_is_left(home)


class Stream(io.RawIOBase):
    """A body of many bytes that are made as they are read."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.parts: Iterator[bytes] = iter([head, *([bytes(65_536)] * (size // 65_536)), tail])
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        self.rest = self.rest or next(self.parts, b"")
        given, self.rest = self.rest[:size], self.rest[size:]
        return given


def stream(lab: Lab, request: Request, sent: int, said: int) -> Any:
    """Posts a file of `sent` bytes by a browser that says `said`."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    client = Client()
    client.force_login(lab.person("provider"))
    extra = {"wsgi.input": Stream(head, sent, b"\r\n--x--\r\n"), "CONTENT_LENGTH": str(said + len(head) + 9)}
    return client.generic(
        "POST", f"/requests/{request.public_id}/people", **{"CONTENT_TYPE": "multipart/form-data; boundary=x"} | extra
    )


LARGE = 200 * 1024 * 1024


@pytest.mark.parametrize("claimed", [True, False], ids=["said beforehand", "not said"])
def test_200_mb_are_not_kept_in_memory_nor_on_the_disk(
    lab: Lab, draft: Request, home: Path, monkeypatch: pytest.MonkeyPatch, claimed: bool
) -> None:
    if not claimed:  # as where what is said is not believed
        monkeypatch.setattr("portal.uploads.receiving.AROUND", 10**12)
    tracemalloc.start()
    answer = stream(lab, draft, LARGE, LARGE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 30 MB" in text_of(answer)
    assert peak < (20_000_000 if claimed else 3 * MOST_BYTES)
    nothing_is_left(home)


def test_more_said_than_sent_is_refused(lab: Lab, draft: Request, home: Path) -> None:
    assert "larger than 30 MB" in text_of(stream(lab, draft, 65_536, LARGE))
    nothing_is_left(home)


def test_what_a_check_could_not_finish_is_not_kept(
    lab: Lab, draft: Request, home: Path, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(engine, "ask", lambda *_: engine.Answer(error="The engine needed more memory.", ours=True))
    page = checked(lab, draft, "people.csv", csv_text(records(70)).encode(), django_capture_on_commit_callbacks)
    assert "The check could not be finished" in page
    nothing_is_left(home)


def test_the_web_takes_what_the_engine_takes() -> None:
    assert DEFAULT_LIMITS.file_bytes == MOST_BYTES


SAYS_FOUND = (sys.executable, "-c", "import sys; sys.exit(b'Ada' in sys.stdin.buffer.read())")


@pytest.mark.parametrize(
    ("scanner", "status"),
    [
        (SAYS_FOUND, 409),
        ((sys.executable, "-c", "raise SystemExit(2)"), 503),
        (("no-such-scanner",), 503),
        ((sys.executable, "-c", ""), None),
    ],
)
def test_the_labs_scanner_reads_a_file_before_it_is_kept(
    lab: Lab, draft: Request, home: Path, monkeypatch: pytest.MonkeyPatch, scanner: tuple[str, ...], status: int | None
) -> None:
    monkeypatch.setattr(settings, "SCANNER", scanner)
    if status is None:
        assert receive(by=lab.person("provider"), request=draft, name="people.csv", content=CSV).size == len(CSV)
        return
    with pytest.raises(Refused) as refused:
        receive(by=lab.person("provider"), request=draft, name="people.csv", content=CSV)
    assert refused.value.status == status
    assert not draft.uploads.exists()
    assert not list((home / "vault").glob("*"))
