"""A second language, made up for these tests: every letter of English marked, so that what is left over shows."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from tests.findings_factory import make_findings

from datalab.disclosure import control
from datalab.disclosure.results import Releasable
from datalab.effects.results import Findings
from datalab.errors import InternalError, UsageError
from datalab.fields.justice.covariates import BY_NAME as COVARIATES
from datalab.report.html import render_html
from datalab.report.summary import render_summary
from datalab.report.writers import report_files
from datalab.wording import find_language, gaps, languages, say, speaking, words
from datalab.wording.language import Language, is_counted

pytestmark = pytest.mark.usefixtures("drawn_once")

ENGLISH = Path(find_language("en").folder)  # type: ignore[arg-type]
# The whole numbers of Welsh, the language with the most forms (Unicode CLDR plural rules, cy).
WELSH_FORMS = "[plural]\nzero = [0]\none = [1]\ntwo = [2]\nfew = [3]\nmany = [6]\n"
PARTS = tuple(sorted(path.stem for path in ENGLISH.glob("*.toml") if path.stem not in ("language", "errors")))
# Codes of the field, the plan and the files stand beside words in every language.
MACHINE = re.compile(r"\d+_[a-z_0-9]+|[a-z0-9]+[_/][a-z0-9_/ ]+|(?:annex|report)\.\w+|“default”")


def marked(text: str) -> str:
    """A sentence of the made-up language: every word of it in guillemets, its places as they are."""
    return re.sub(r"(?<![{\w])[A-Za-z][\w’']*(?![\w}])", lambda word: f"«{word[0]}»", text)


def translated(node: Any, forms: tuple[str, ...]) -> str:
    if is_counted(node):
        return "{ " + ", ".join(f"{form} = {quoted(marked(node['other']))}" for form in forms) + " }"
    return quoted(marked(node))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def lines(node: dict[str, Any], path: tuple[str, ...], forms: tuple[str, ...]) -> list[str]:
    simple = {name: value for name, value in node.items() if isinstance(value, str) or is_counted(value)}
    deeper = {name: value for name, value in node.items() if name not in simple and not isinstance(value, list)}
    head = ["[" + ".".join(quoted(part) for part in path) + "]"] if path else []
    own = [f"{quoted(name)} = {translated(value, forms)}" for name, value in simple.items()]
    own += [f"{quoted(name)} = {json.dumps(value)}" for name, value in node.items() if isinstance(value, list)]
    return [*head, *own, *(line for name, value in deeper.items() for line in lines(value, (*path, name), forms))]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Language:
    root = tmp_path_factory.mktemp("wording")
    folder = root / "qaa"  # a code that ISO 639-2 keeps for private use
    folder.mkdir()
    (folder / "language.toml").write_text('tag = "qaa"\n' + WELSH_FORMS, encoding="utf-8")
    forms = ("zero", "one", "two", "few", "many", "other")
    for part in PARTS:
        tables = tomllib.loads((ENGLISH / f"{part}.toml").read_text(encoding="utf-8"))
        (folder / f"{part}.toml").write_text("\n".join(lines(tables, (), forms)) + "\n", encoding="utf-8")
    return find_language("qaa", root)


def released() -> Releasable:
    return control(make_findings(matched=240, survival=False, overlap=False, sensitivity=False))


def test_english_is_there_and_complete() -> None:
    assert languages() == ("en",)
    assert gaps(find_language("en")) == ()


def test_the_made_up_language_is_complete_and_its_forms_are_chosen(made_up: Language) -> None:
    assert gaps(made_up) == ()
    chosen = [made_up.category(count) for count in (0, 1, 2, 3, 4, 6, 7, 1.5, "1", "1,000", "0.2", "1.0")]
    assert chosen == ["zero", "one", "two", "few", "other", "many", "other", "other", "one", "other", "other", "other"]


def test_a_part_that_is_not_there_is_said_in_english(made_up: Language) -> None:
    with speaking(made_up):
        assert say("errors.errors.faults_found", count=1) == "1 thing needs putting right."
        assert say("report.sections.quote").startswith("«A»")
    assert say("report.sections.quote") == "A sentence you can quote"


def test_the_page_and_the_summary_carry_the_language(made_up: Language) -> None:
    for render in (render_html, render_summary):
        page = render(released(), manifest_sha256="0" * 64, version="0", language=made_up)
        assert page.split("\n")[2 if page.startswith("\n") else 1].startswith('<html lang="qaa">')
        assert "«You» «can» «say»" in page
        assert "You can say" not in page
        english = render(released(), manifest_sha256="0" * 64, version="0")
        assert '<html lang="en-GB">' in english
        assert "«" not in english


def test_what_a_language_lacks_is_named_key_by_key(made_up: Language, tmp_path: Path) -> None:
    root = tmp_path / "wording"
    shutil.copytree(Path(made_up.folder), root / "qab")  # type: ignore[arg-type]
    people = (root / "qab" / "people.toml").read_text(encoding="utf-8")
    people = people.replace('"caution" = "{people}', '"cautions" = "{persons}')
    (root / "qab" / "people.toml").write_text(people, encoding="utf-8")
    report = (root / "qab" / "report.toml").read_text(encoding="utf-8")
    (root / "qab" / "report.toml").write_text(report.replace("many = ", "few2 = ", 1), encoding="utf-8")
    (root / "qab" / "nobody.toml").write_text("", encoding="utf-8")
    found = gaps(find_language("qab", root))
    assert "people.origins.caution: missing" in found
    assert "people.origins.cautions: not in English" in found
    assert "nobody: English has no such part" in found
    assert any(line.endswith("lacks the form many") for line in found)


def test_a_place_that_english_does_not_have_is_named(made_up: Language, tmp_path: Path) -> None:
    root = tmp_path / "wording"
    shutil.copytree(Path(made_up.folder), root / "qac")  # type: ignore[arg-type]
    path = root / "qac" / "people.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"several" = "{people}', '"several" = "{persons}'), encoding="utf-8")
    assert gaps(find_language("qac", root)) == ("people.origins.several: English has no place {persons}",)


def test_an_unknown_language_and_a_wrong_plural_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="language must be one of en; you gave xx"), speaking("xx"):
        pass
    (tmp_path / "qad").mkdir()
    (tmp_path / "qad" / "language.toml").write_text('tag = "qad"\n[plural]\nsome = [1]\n', encoding="utf-8")
    with pytest.raises(InternalError, match="a plural must be one of"):
        find_language("qad", tmp_path)


def english_in(texts: Iterable[str], field: frozenset[str]) -> set[str]:
    """Texts with a word that is neither marked nor of the field (names of measures, covariates and levels), a plan or a file."""
    left = set()
    for text in texts:
        bare = re.sub(r"«[^»]*»", "", text)
        for name in sorted(field, key=len, reverse=True):
            bare = bare.replace(name, "")
        if re.search(r"[A-Za-z]{3,}", MACHINE.sub("", bare)):
            left.add(text)
    return left


def of_the_field(findings: Findings) -> frozenset[str]:
    """What the field, the plan and the made-up study call things: it stays as it is in every language."""
    names = {findings.title, findings.study_id, findings.headline_analysis, "justice-data-lab"}
    for found in findings.analyses:
        assert found.balance is not None
        names |= {text for line in found.balance.covariates for text in (line.covariate, line.label, line.level, line.family)}
        names |= {text for result in found.outcomes for text in (result.measure.name, result.measure.label, result.measure.unit)}
        names |= {*found.match_settings, *found.match_settings.values()}
    names |= {group.level for group in findings.linkage.groups} if findings.linkage else set()
    names |= {line.measure.label for found in findings.analyses for line in found.sensitivity}
    names |= {decision.subject for decision in control(findings).decisions}
    names |= {line.reason.replace("_", " ").capitalize() for line in findings.attrition}  # reasons of this study alone
    names |= {covariate.label for covariate in COVARIATES.values()} | {covariate.definition for covariate in COVARIATES.values()}
    terms = words("report")["glossary"]  # its keys are words of the language, which the made-up one leaves as they are
    return frozenset(name for name in names if name) | {*terms["run"], *terms["evaluate"]}


def texts_of_workbook(content: bytes) -> list[str]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    cells = (cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row)
    return [*book.sheet_names, *(cell for cell in cells if isinstance(cell, str))]


def test_no_english_is_left_in_any_format(made_up: Language) -> None:
    findings = make_findings(matched=240)
    with speaking(made_up):
        files = report_files(control(findings), manifest_sha256="0" * 64, version="0")
    field = of_the_field(findings)
    for name in ("annex.xlsx", "annex.ods"):
        assert english_in(texts_of_workbook(files[name]), field) == set(), name
    for name in (name for name in files if name.endswith(".csv")):
        assert english_in(next(csv.reader(io.StringIO(files[name].decode()))), field) == set(), name
    told = json.loads(files["csv-metadata.json"])
    titles = [told["dc:title"], *told["notes"], *(table["dc:title"] for table in told["tables"])]
    notes = [note for table in told["tables"] for note in table.get("notes", ())]
    assert english_in([*titles, *notes], field) == set()
    assert told["@context"][1] == {"@language": "qaa"}
    for name in ("report.html", "summary.html"):
        page = re.sub(r"<style.*?</style>", "", files[name].decode(), flags=re.DOTALL)
        said = [*re.findall(r">([^<>]+)<", page), *re.findall(r'(?:aria-label|data-label|title|alt|data-words)="([^"]*)"', page)]
        assert english_in(map(unescape, said), field) == set(), name
