"""The stand-in for PDFs in tests: what is drawn for real stays so, whichever came first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests import quick_pdf

from datalab.report import printing


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = printing.COMMAND
    yield
    printing.COMMAND = before


def test_the_real_command_is_the_packages_own_after_a_stand_in() -> None:
    quick_pdf.use(real=False)
    quick_pdf.use(real=True)
    assert printing.COMMAND[-1] == "datalab.report.printing"
    quick_pdf.use(real=False)
    with quick_pdf.real_pdfs():
        assert printing.COMMAND[-1] == "datalab.report.printing"
    assert (printing.COMMAND == quick_pdf.STANDS_IN) == quick_pdf._can_draw()
