"""A stand-in for the process that draws PDFs: it keeps the same promises about files in a moment instead of seconds.

`python quick_pdf.py IDENTIFIER` reads the names of pages and writes beside each a file that depends on nothing but the page and
the identifier. Tests marked `pdf`, and the run that is made once a session, have the real one.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

STANDS_IN = (sys.executable, "-I", "-S", __file__)


def draw(identifier: str) -> None:
    """Writes a file for each page that standard input names."""
    for line in sys.stdin:
        page = Path(line.removesuffix("\n"))
        digest = hashlib.sha256(page.read_bytes() + identifier.encode()).hexdigest()
        page.with_suffix(".pdf").write_text(f"%PDF-1.7 of a test {digest}\n", encoding="ascii")


@cache
def _real() -> tuple[str, ...]:
    from datalab.report import printing

    return printing.COMMAND


@cache
def _can_draw() -> bool:
    from datalab.report.pdf import is_installed

    return is_installed()


def use(*, real: bool) -> None:
    """From now on in this process PDFs are drawn, or stood in for; where nothing can be drawn, there are none in either case."""
    from datalab.report import printing

    drawing = _real()  # before anything else stands there
    printing.COMMAND = drawing if real or not _can_draw() else STANDS_IN


@contextmanager
def real_pdfs() -> Iterator[None]:
    """Inside it PDFs are drawn."""
    from datalab.report import printing

    before = printing.COMMAND
    use(real=True)
    try:
        yield
    finally:
        printing.COMMAND = before


if __name__ == "__main__":
    draw(sys.argv[1])
