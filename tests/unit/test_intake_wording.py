"""Every rule that intake can break has a sentence for its severity, and every sentence has a rule."""

from __future__ import annotations

import re
from pathlib import Path

import datalab.intake
from datalab.fields.justice.upload import UPLOAD
from datalab.intake.report import group_faults
from datalab.intake.results import Fault
from datalab.wording import words

SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in Path(datalab.intake.__file__).parent.glob("*.py"))
FORMS = {f"{field.name}_form" for field in UPLOAD.fields if field.canonise}
VALUES = {"count": 2, "window": "w", "low": 1, "high": 2, "sheet": 1, "sheets": 2, "names": "n", "rows": 1, "columns": 2}
VALUES |= {"megabytes": 1, "kind": "k", "given": "", "minimum": 60, "letter": "A", "said": "", "nearest": "", "as_row": 3}


def test_every_sentence_belongs_to_a_rule_of_the_code() -> None:
    for severity in ("file", "row", "note"):
        for rule in words("intake")[severity]:
            assert f'"{rule}"' in SOURCES or rule in FORMS, rule


def test_every_fault_named_in_the_code_has_a_sentence() -> None:
    named = re.findall(r'Fault\("(\w+)", "(\w+)"', SOURCES)
    assert len(named) > 20
    for rule, severity in named:
        assert rule in words("intake")[severity], (severity, rule)
    assert set(words("intake")["note"]) >= FORMS


def test_every_sentence_can_be_said() -> None:
    for severity in ("file", "row", "note"):
        for rule in words("intake")[severity]:
            for column in ("date_of_birth", "group:site", None):
                (group,) = group_faults([Fault(rule, severity, 4, column, VALUES)])
                assert "{" not in group.sentence
                assert group.sentence.endswith(".")
