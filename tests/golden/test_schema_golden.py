"""The headings of the upload template: providers hold files with them, so a change is a decision, never an accident.

To change them on purpose: .venv/bin/datalab template --format csv --out tests/golden/upload_template.csv --overwrite
"""

from __future__ import annotations

from pathlib import Path

from datalab.schema.writers import template_bytes

GOLDEN = Path(__file__).with_name("upload_template.csv")


def test_the_headings_are_those_that_providers_hold() -> None:
    assert template_bytes("csv") == GOLDEN.read_bytes()
