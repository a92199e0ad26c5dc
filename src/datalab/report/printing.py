"""Pages as PDF, drawn by a process of its own while the other formats are written: it takes as long as all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from datalab.report.pdf import pdf_bytes

MISSING = 3  # exit code: WeasyPrint, or Pango, is not installed
# -P: nothing that lies in the folder where the user stands is imported.
COMMAND = (sys.executable, "-P", "-m", "datalab.report.printing")


@dataclass(frozen=True)
class Printed:
    """The PDFs, or none of them and the key of the sentence that says why."""

    files: tuple[Path, ...]
    reason: str = ""


@contextmanager
def pdf_beside(pages: Iterable[Path], *, identifier: str) -> Iterator[Callable[[], Printed]]:
    """Begins to draw each page as a PDF beside it; the function that it gives waits for them.

    There are none where WeasyPrint or Pango is not installed, nor where it fails on a page: everything stands in the other files,
    so nobody loses a run to a library that draws. The process ends with the block, whatever happens in it.

    >>> with pdf_beside([Path("report.html")], identifier="ab") as printed:  # doctest: +SKIP
    ...     files = printed().files
    """
    asked = tuple(pages)
    if find_spec("weasyprint") is None:
        yield lambda: Printed((), "stored.stored.no_pdf")
        return
    process = subprocess.Popen([*COMMAND, identifier, *map(str, asked)], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait() -> Printed:
        code = process.wait()
        if code == 0:
            return Printed(tuple(map(beside, asked)))
        for page in asked:
            beside(page).unlink(missing_ok=True)
        return Printed((), "stored.stored.no_pdf" if code == MISSING else "stored.stored.pdf_failed")

    try:
        yield wait
    finally:
        process.kill()
        process.wait()


def beside(page: Path) -> Path:
    """Where the PDF of a page lies."""
    return page.with_suffix(".pdf")


def draw(identifier: str, *pages: str) -> int:
    """Draws each page beside itself; gives the exit code."""
    for page in map(Path, pages):
        content = pdf_bytes(page.read_text(encoding="utf-8"), identifier=identifier)
        if content is None:
            return MISSING
        beside(page).write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(draw(*sys.argv[1:]))
