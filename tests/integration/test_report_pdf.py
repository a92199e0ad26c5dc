"""The PDF: tagged, its text and tables read back, the same bytes twice, nothing fetched, and left out in a sentence."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import time
import zlib
from functools import cache
from pathlib import Path

import pytest
from tests.findings_factory import make_findings
from tests.run_folder import HASH, poppler, releasable_of, several_findings, structure, write_folder

from datalab.manifest import verify_folder
from datalab.report.html import render_html
from datalab.report.pdf import pdf_bytes, printable
from datalab.report.printing import pdf_process
from datalab.report.summary import render_summary
from datalab.report.writers import write_report

pytestmark = pytest.mark.pdf


@cache
def page() -> str:
    return render_html(releasable_of(make_findings()), manifest_sha256=HASH, version="0.1.0")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    content = pdf_bytes(page(), identifier=HASH)
    assert content is not None
    path.write_bytes(content)
    return path


def test_it_is_tagged_in_a_language_and_with_a_title(printed: Path) -> None:
    told = poppler("pdfinfo", printed)
    assert re.search(r"Tagged:\s+yes", told)
    assert "Example Workshop" in re.search(r"Title:\s+(.*)", told)[1]  # type: ignore[index]
    assert "Date" not in told
    root = structure(printed)
    assert len(root.all("H1")) == 1
    assert len(root.all("H2")) > 10 and len(root.all("Table")) > 10
    # A list holds nothing but its items, and a table's cells are found by their headings.
    assert {child.tag for found in root.all("L") for child in found.children} == {"LI"}
    assert {child.tag for found in root.all("Table") for child in found.children} <= {"Caption", "THead", "TBody"}
    assert all(table.all("TH") for table in root.all("Table"))


def test_every_chart_has_its_description(printed: Path) -> None:
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", printed.read_bytes(), flags=re.DOTALL)
    objects = b"".join(_opened(stream) for stream in streams)
    drawings = page().count('<div class="wide">')
    assert drawings > 3
    assert objects.count(b"/Alt") == drawings
    assert "<desc" not in printable(page()) and 'class="narrow"' not in printable(page())


def _opened(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_no_text_runs_off_the_page_or_into_another(printed: Path) -> None:
    """Every word of the PDF lies between the margins."""
    boxes = poppler("pdftotext", "-bbox", printed, "-")
    words = [tuple(map(float, found)) for found in re.findall(r'<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)"', boxes)]
    assert len(words) > 1000
    assert min(left for left, _ in words) > 40
    assert max(right for _, right in words) < 595.3 - 40


def test_pages_carry_their_number_and_the_mark_of_made_up_people(printed: Path) -> None:
    pages = poppler("pdftotext", "-layout", printed, "-").split("\f")[:-1]
    assert len(pages) > 5
    for number, text in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in text
        assert "Made-up people." in text


def test_the_same_page_gives_the_same_bytes_in_another_process(printed: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(), encoding="utf-8")
    code = (
        "import sys, pathlib; from datalab.report.pdf import pdf_bytes; "
        "folder = pathlib.Path(sys.argv[1]); page = (folder / 'page.html').read_text(encoding='utf-8'); "
        "(folder / 'again.pdf').write_bytes(pdf_bytes(page, identifier=sys.argv[2]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path), HASH], check=True, env=environment)
    assert (tmp_path / "again.pdf").read_bytes() == printed.read_bytes()
    other = pdf_bytes("<html lang=en><title>x</title><body>x", identifier="other")
    assert other != pdf_bytes("<html lang=en><title>x</title><body>x", identifier=HASH)


def test_nothing_outside_the_page_is_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text y="9">SECRET</text></svg>', encoding="utf-8")
    pages = "".join(f'<img alt="x" src="{address}">' for address in ("http://127.0.0.1:9/a.png", secret.as_uri()))
    with caplog.at_level(logging.ERROR, logger="weasyprint"):
        made = pdf_bytes(f"<html lang=en><title>x</title><body>{pages}", identifier=HASH)
    assert made is not None
    assert [message.count("disallowed protocol") for message in caplog.messages] == [1, 1]


def shadow(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `weasyprint` of another making, which the process that draws finds before the real one."""
    folder.mkdir()
    (folder / "weasyprint.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path]))


@pytest.mark.parametrize("missing", ["package", "library"])
def test_without_weasyprint_or_pango_the_run_says_so_and_goes_on(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    if missing == "package":
        monkeypatch.setattr("datalab.report.printing.find_spec", lambda name: None)
    else:
        shadow(tmp_path / "shadow", "print('no libraries')\nraise OSError('cannot load library libpango-1.0-0')", monkeypatch)
    output = write_folder(tmp_path / "run", releasable_of(make_findings()))
    assert output.notes == ("No PDF was written: WeasyPrint, or Pango, which it needs, is not installed. All else is there.",)
    assert (tmp_path / "run" / "report.html").is_file() and not list((tmp_path / "run").glob("*.pdf"))
    assert '"printed": {}' in (tmp_path / "run" / "manifest.json").read_text(encoding="utf-8")
    assert capfd.readouterr() == ("", "")


def test_a_drawing_that_fails_loses_nothing_but_the_pdfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shadow(tmp_path / "shadow", "raise RuntimeError('broken')", monkeypatch)
    output = write_folder(tmp_path / "run", releasable_of(make_findings()))
    (note,) = output.notes
    assert note.startswith("No PDF was written: WeasyPrint could not draw the pages.")
    assert verify_folder(tmp_path / "run").faults == ()
    assert not list((tmp_path / "run").glob("*.pdf"))


CASES = {
    "clear": make_findings,
    "refused": lambda: make_findings(passed=False),
    "several": lambda: several_findings(3),
    "own": lambda: make_findings(kind="evaluate"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_summary_is_one_printed_side(case: str, tmp_path: Path) -> None:
    summary = render_summary(releasable_of(CASES[case]()), manifest_sha256=HASH, version="0.1.0")
    content = pdf_bytes(summary, identifier=HASH)
    assert content is not None
    (tmp_path / "summary.pdf").write_bytes(content)
    assert re.search(r"Pages:\s+1$", poppler("pdfinfo", tmp_path / "summary.pdf"), flags=re.MULTILINE)


def test_the_process_ends_with_what_it_stands_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text(page(), encoding="utf-8")
    shadow(
        tmp_path / "shadow",
        f"import os, time\nopen({str(tmp_path / 'id')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)",
        monkeypatch,
    )
    until = time.monotonic() + 60
    with pytest.raises(KeyboardInterrupt), pdf_process(HASH):
        while not (tmp_path / "id").is_file() or not (tmp_path / "id").read_text():
            assert time.monotonic() < until, "the process does not begin"
            time.sleep(0.01)
        raise KeyboardInterrupt
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "id").read_text()), 0)


def test_both_pages_of_a_run_are_drawn(tmp_path: Path) -> None:
    releasable = releasable_of(make_findings())
    written = write_report(tmp_path, releasable, manifest_sha256=HASH, version="0.1.0")
    assert sorted(written.printed) == ["report.pdf", "summary.pdf"]
    assert (tmp_path / "report.pdf").read_bytes() == pdf_bytes(
        (tmp_path / "report.html").read_text(encoding="utf-8"), identifier=HASH
    )
    assert re.search(r"Pages:\s+1$", poppler("pdfinfo", tmp_path / "summary.pdf"), flags=re.MULTILINE)


def test_nothing_in_the_folder_where_the_user_stands_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weasyprint.py").write_text("raise RuntimeError('not ours')", encoding="utf-8")
    (tmp_path / "page.html").write_text("<html lang=en><title>t</title><p>t</p></html>", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pdf_process(HASH) as draw:
        assert draw([Path("page.html")])().files == (Path("page.pdf"),)
