"""Pages as PDF, drawn by a process of its own while the other formats are written: it takes as long as all of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from datalab.report.pdf import is_installed, pdf_bytes

MISSING = 3  # exit code: WeasyPrint, or Pango, is not installed
# -P: nothing that lies in the folder where the user stands is imported.
COMMAND = (sys.executable, "-P", "-m", "datalab.report.printing")


@dataclass(frozen=True)
class Printed:
    """The PDFs, or none of them and the key of the sentence that says why."""

    files: tuple[Path, ...]
    reason: str = ""


Wait = Callable[[], Printed]


@contextmanager
def pdf_process(identifier: str) -> Iterator[Callable[[Iterable[Path]], Wait]]:
    """A process that gets ready to draw while the pages are made. Called with pages that are written it begins to draw each as a
    PDF beside it, and gives what waits for the PDFs of all pages so far: called again after that it draws nothing more.

    There are none where WeasyPrint or Pango is not installed, nor where it fails on a page: everything stands in the other files,
    so nobody loses a run to a library that draws. The process ends with the block, whatever happens in it.

    >>> with pdf_process("ab") as draw:  # doctest: +SKIP
    ...     draw([Path("summary.html")])
    ...     files = draw([Path("report.html")])().files
    """
    if find_spec("weasyprint") is None:
        yield lambda pages: lambda: Printed((), "stored.stored.no_pdf")
        return
    reading, writing = os.pipe()
    process = subprocess.Popen([*COMMAND, identifier], stdin=reading, stderr=subprocess.DEVNULL)
    os.close(reading)
    names = os.fdopen(writing, "w", encoding="utf-8")
    asked: list[Path] = []

    def begin(pages: Iterable[Path]) -> Wait:
        for page in pages:
            asked.append(page)
            with suppress(BrokenPipeError):  # a process that has ended already will say why by its exit code
                print(page, file=names, flush=True)
        return wait

    def wait() -> Printed:
        with suppress(BrokenPipeError):
            names.close()
        return _printed(process.wait(), tuple(asked))

    try:
        yield begin
    finally:
        with suppress(BrokenPipeError):
            names.close()
        process.kill()
        process.wait()


def _printed(code: int, pages: tuple[Path, ...]) -> Printed:
    pdfs = tuple(map(beside, pages))
    if code == 0:
        return Printed(pdfs)
    for path in pdfs:
        path.unlink(missing_ok=True)
    return Printed((), "stored.stored.no_pdf" if code == MISSING else "stored.stored.pdf_failed")


def beside(page: Path) -> Path:
    """Where the PDF of a page lies."""
    return page.with_suffix(".pdf")


def draw(identifier: str) -> int:
    """Draws each page named on standard input, a line each, as a PDF beside it, as soon as it is named; gives the exit code."""
    if not is_installed():
        return MISSING
    for line in sys.stdin:
        page = Path(line.removesuffix("\n"))
        content = pdf_bytes(page.read_text(encoding="utf-8"), identifier=identifier)
        if content is None:
            return MISSING
        beside(page).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(draw(sys.argv[1]))
