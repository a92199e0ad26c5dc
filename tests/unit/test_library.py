"""The library of what works: choosing, putting together, telling, giving out as data."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from python_calamine import load_workbook
from tests.findings_factory import make_findings

from datalab.disclosure import control
from datalab.errors import InputError, UsageError
from datalab.evidence import EffectSize, grade_strength, grade_together, read_published, record_release, synthesise
from datalab.evidence.names import plain_name
from datalab.library import (
    Library,
    LibraryRow,
    Query,
    amount,
    by_kind,
    certainty,
    export_bytes,
    library_table,
    open_library,
    outcome_words,
    read_record,
    record_document,
    span,
    understand,
)
from datalab.library.select import speaking_for_a_study
from datalab.library.tables import COLUMNS


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library()


@pytest.fixture(scope="module")
def made():
    return record_release(control(make_findings()), organisation="Example Trust", published="2026-04")


def test_published_results_together_are_metafors() -> None:
    """R 4.2.2, metafor 3.8-1: rma(y, sei = s, test = "adhoc"), predict(), of the eight effects below in full precision."""
    pool = synthesise(read_published()).pool
    assert pool is not None
    assert pool.prediction is not None
    assert pool.heterogeneity is not None
    ours = [
        pool.random.estimate,
        pool.random.se,
        pool.random.low,
        pool.random.high,
        pool.heterogeneity.tau2,
        pool.heterogeneity.i2,
    ]
    theirs = [
        -0.04926676957,
        0.01178683091,
        -0.07713819579,
        -0.02139534335,
        0.0005749333276,
        0.7545275178,
        -0.1124452953,
        0.01391175621,
    ]
    assert [*ours, *pool.prediction] == pytest.approx(theirs, rel=1e-6)


def test_a_record_is_the_same_after_it_was_written_and_read(library, made) -> None:
    for record in (*library.records, *made):
        document = json.loads(json.dumps(record_document(record)))
        assert record_document(read_record(document)) == document
    with pytest.raises(InputError, match=r"entry\.outcome"):
        read_record({**record_document(made[0]), "outcome": 3}, "entry")
    with pytest.raises(InputError):
        read_record({**record_document(made[0]), "more": 3})


def test_direction_only_rows_hold_no_number_even_where_the_table_has_one() -> None:
    header = (
        "report_id,programme,organisation,published,outcome,n_treated,n_comparison,treated_value,comparison_value,"
        "difference,ci_low,ci_high,conclusion,units,source_url,verbatim_numbers_seen,note\n"
    )
    row = "A,p,o,2019-01,one_year_rate,100,900,20,30,-10,-15,-5,decrease,percent,https://example.invalid,{},\n"
    seen, unseen = (read_published(header + row.format(word))[0] for word in ("yes", "no"))
    assert seen.effects
    assert seen.n_treated == 100
    assert (unseen.effects, unseen.n_treated, unseen.treated, unseen.low) == ((), None, None, None)
    assert (unseen.verdict, unseen.reason) == ("lower", "evidence.reasons.direction_only")
    text = export_bytes([LibraryRow(unseen)], "csv").decode()
    assert "Lower" in text
    assert "-10" not in text
    assert "[x]" in text


def test_the_packaged_rows_without_figures_say_so(library) -> None:
    silent = [one for one in library.records if one.reason == "evidence.reasons.direction_only"]
    assert len(silent) == 38  # of the 39 rows; the other is no effect of the programme at all
    assert all(one.n_treated is None and not one.effects for one in silent)
    assert {row.document()["difference"] for row in Library(tuple(silent)).rows()} == {None}


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"kind": "education", "outcome": "rate"}, 17),
        ({"setting": "both"}, 6),
        ({"people": "women", "outcome": "rate"}, 6),
        ({"verdict": "more_people", "outcome": "rate"}, 15),
        ({"text": "clink training", "outcome": "rate"}, 5),
        ({"first_year": 2026}, 7),
        ({"last_year": 2014}, 1),
        ({"least_people": 10_000}, 4),
        ({"made_up": True}, 0),
    ],
)
def test_what_is_asked_for_is_found(library, asked: dict[str, object], count: int) -> None:
    assert len(library.select(**asked).records) == count
    assert len(library.select(Query(**asked)).records) == count  # type: ignore[arg-type]


def test_real_and_made_up_results_are_never_mixed(library, made) -> None:
    both = Library((*library.records, *made))
    assert {one.origin for one in both.select().records} == {"published"}
    assert {one.origin for one in both.select(made_up=True).records} == {"demo"}
    with pytest.raises(UsageError, match="made-up country or none"):
        both.synthesise()


def test_kinds_that_requests_name_otherwise_stand_beside_the_published_ones(made) -> None:
    drugs = replace(made[0], kind="drugs")
    assert list(by_kind([drugs])) == ["substance misuse"]
    assert Query(kind="substance misuse", made_up=True).takes(drugs)


def test_of_a_study_made_here_the_headline_analysis_speaks(made) -> None:
    rate = made[0]
    part = replace(rate, id="example-workshop-2012/men/rate", people="men", role="secondary")
    assert speaking_for_a_study([rate, part]) == [rate]
    assert understand([rate, part]).found.verdicts.lower + understand([rate, part]).found.verdicts.more_people == 1
    assert speaking_for_a_study([replace(part, people="x"), part]) == [replace(part, people="x"), part]


def test_one_organisation_is_one_however_it_is_spelled() -> None:
    base = next(one for one in read_published() if one.effects)
    names = (
        "Prisoners' Education Trust",
        "Prisoners’ Education Trust",
        "The PRISONERS’ Education Trust Ltd",
        "Prisoners Education Trust C.I.C.",
    )
    alike = [replace(base, id=str(n), study=name, organisation=name) for n, name in enumerate(names)]
    found = synthesise([*alike, replace(base, id="other", study="Prison Education Trust")])
    assert len(found.used) == 2
    assert all(grade == grade_strength(base, [base]) for grade in grade_together(alike))
    assert plain_name("The") == "the"
    assert plain_name("Ltd") == "ltd"
    assert plain_name("--") == "--"


def test_certainty_follows_its_printed_rule() -> None:
    base = read_published()[0]

    def of(*estimates: float, se: float = 0.01) -> str:
        made = [
            replace(base, id=str(n), study=str(n), effects=(EffectSize("risk_difference", estimate, se),))
            for n, estimate in enumerate(estimates)
        ]
        return certainty(synthesise(made))

    assert of(-0.1) == "one"
    assert of(-0.1, -0.1, -0.1, -0.1) == "few"
    assert of(*[-0.1] * 6) == "steady"
    assert of(-0.3, -0.1, 0.0, 0.1, 0.3) == "differing"


def test_the_sentences_claim_a_direction_only_where_the_interval_does(library) -> None:
    everything = library.synthesise()
    assert "Programmes like these could be associated with fewer people" in everything.headline
    education = library.synthesise(kind="education")
    assert education.found.verdict == "more_people"
    assert "should not be taken to mean that they fail" in education.headline
    assert education.expect == ""
    days = library.synthesise("days_to_first")
    assert days.certainty == "none"
    assert days.counts.startswith("11 results of ")
    assert all(text.endswith(".") for one in (everything, education, days) for text in (*one.sentences, *one.notes))


def test_an_average_of_few_of_the_results_is_told_as_one(library) -> None:
    """Who prints a number may have chosen to: those with one stand beside those without."""
    everything = library.synthesise()
    assert everything.certainty == "partial"
    assert everything.headline.startswith("Only 8 of 45 results can be put together")
    assert everything.tallies == (
        "Of the 12 results with a usable number: 10 lower, 0 higher, 2 that could not tell. "
        "Of the 33 results without one: 17 lower, 2 higher, 13 that could not tell, 1 that tells no direction."
    )
    assert "33 of 45 results have no usable number" in everything.sure
    assert library.synthesise(kind="family").tallies == "", "none has a number"


def test_what_to_expect_is_told_of_one_kind_of_programme_alone(library) -> None:
    assert library.synthesise().expect == ""
    assert library.synthesise(kind="employment").expect.startswith("If you commission another programme of this kind")
    assert library.select(kind="employment").synthesise().expect
    unknown = [replace(one, kind="") for one in library.select(kind="employment").records]
    assert Library(tuple(unknown)).synthesise().expect == ""


def test_results_are_counted_with_the_organisations_behind_them(library) -> None:
    education = library.synthesise(kind="education")
    assert education.counts.startswith("14 results of 3 organisations tell a direction")
    again = replace(library.records[0], organisation="prisoners’ education trust LTD", study="x")
    assert understand([library.records[0], replace(again, id="again")]).organisations == 1


def test_no_note_contradicts_how_much_the_results_differ(library) -> None:
    """A guarded interval says nothing of the results' spread: the factor is what is left after the variance between studies."""
    everything = library.synthesise()
    assert everything.found.pool.guarded
    assert "differ much" in everything.spread
    assert "The interval of the average was kept from being narrower than the usual one." in everything.notes
    assert not [note for note in everything.notes if "closer together" in note]


def test_compare_takes_two_to_four_kinds_and_names_the_nearest(library) -> None:
    assert [one.kind for one in library.compare(["education", "employment"])] == ["education", "employment"]
    with pytest.raises(UsageError):
        library.compare(["education"])
    with pytest.raises(UsageError, match="Did you mean education"):
        library.compare(["education", "educatoin"])


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-0.05, "share", "5 fewer in every 100 people"),
        (0.004, "share", "less than 1 more in every 100 people"),
        (0, "share", "no difference"),
        (-1.135, "per person", "1.14 fewer for each person"),
        (12.2, "days", "12 days more"),
        (0.5, "", "0.50 higher"),
    ],
)
def test_amounts_in_words(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text


def test_ranges_in_words() -> None:
    assert span(0.01, 0.05, "share") == "between 1 and 5 more in every 100 people"
    assert span(-2, 3, "days") == "between 2 days fewer and 3 days more"


def test_every_outcome_of_the_library_has_a_name(library) -> None:
    for record in library.records:
        assert outcome_words(record.outcome, record.follow_up_months)["short"]
    assert outcome_words("rate", 24)["smaller"] == "fewer people reoffending within 2 years"
    assert outcome_words("something_else")["short"] == "Something else"


def test_the_three_formats_hold_the_same_rows_and_no_formula(library, tmp_path) -> None:
    rows = [*library.rows()[:20], LibraryRow(replace(library.records[0], id="x", programme="=1+1", note="@SUM(A1)"))]
    lines = list(csv.reader(io.StringIO(export_bytes(rows, "csv").decode())))
    assert len(lines) == len(rows) + 1
    assert len(lines[0]) == len(COLUMNS)
    assert lines[-1][1] == "'=1+1"
    assert lines[-1][-1] == "'@SUM(A1)"
    document = json.loads(export_bytes(rows, "json", ["A licence."]))
    assert [one["id"] for one in document["results"]] == [line[0] for line in lines[1:]]
    assert document["about"][-1] == "A licence."
    path = tmp_path / "library.ods"
    path.write_bytes(export_bytes(rows, "ods", ["A licence."]))
    sheets = load_workbook(str(path))
    assert [row[0] for row in sheets.get_sheet_by_name("Results").to_python()][2:] == [line[0] for line in lines[1:]]
    cover = [row[0] for row in sheets.get_sheet_by_name("About").to_python()]
    assert "[x] not available" in cover
    assert "A licence." in cover
    assert export_bytes(rows, "ods") == export_bytes(rows, "ods")


def test_a_suppressed_figure_has_the_symbol_of_confidence(made) -> None:
    hidden = replace(made[0], effects=(), treated=None, reason="evidence.reasons.suppressed")
    table = library_table([LibraryRow(hidden)])
    cells = dict(zip((column.name for column in table.columns), (cell.text for cell in table.rows[0]), strict=True))
    assert cells["treated"] == cells["estimate"] == "[c]"
    assert cells["source"].startswith("Demonstration")
