"""The library's pages: what is found, said, drawn and given out, with and without results of this lab."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from django.test import Client
from tests.findings_factory import make_findings
from tests.portal.test_library import keep
from tests.run_folder import releasable_of, write_release

from portal.library.drawing import Mark, draw, mark
from portal.library.entries import install_published, withdraw_analyses
from portal.library.forms import SearchForm
from portal.library.models import Analysis, Evidence, Result
from portal.library.scatter import MOST_POINTS, Scattered, scatter
from portal.library.search import find
from portal.library.words import published_text

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("pages") / "output", releasable_of(make_findings(sensitivity=False)))


@pytest.fixture(autouse=True)
def filled(db: None) -> None:
    install_published()


def page(path: str, status: int = 200) -> str:
    """What a page says, without its tags."""
    answer = Client().get(path)
    assert answer.status_code == status, path
    text = re.sub(r"<style.*?</style>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", text)


def test_the_first_page_says_what_works_for_whom_and_how_sure() -> None:
    text = page("/library/")
    assert "Programmes like these could be associated with fewer people reoffending within a year" in text
    assert "you commission" not in text, "programmes of all kinds are not like one another"
    assert "There is little to go on: the average rests on 8 independent studies" in text
    assert "Of the 12 results with a usable number: 10 lower" in text
    assert "Of the 33 results without one: 17 lower" in text
    assert "In custody (28)" in text
    assert "Lower in 10 of 14 results of 3 organisations, higher in 0; 4 could not tell." in text
    assert "A result that could not tell which way the programme works is a result like any other." in text
    assert "57 results of 25 organisations." in text


SEARCHES = {
    "kind=education": 21, "setting=both": 3, "people=women": 6, "verdict=more_people": 16, "outcome=frequency": 26, "outcome=every": 94,
    "source=published": 57, "source=made_here": 0, "organisation=clink": 6, "q=restaurant+clink": 3, "first=2026": 3, "last=2014": 1,
    "least=10000": 2, "strength=3": 5, "kind=education&verdict=lower&setting=custody": 14, "q=100%25": 0,
}  # fmt: skip


def test_a_search_finds_what_fits_and_can_be_shared_by_its_address() -> None:
    for asked, count in SEARCHES.items():
        text = page(f"/library/?{asked}")
        expected = "Nothing is in the library that fits" if not count else f" {count} result"
        assert expected in text, asked
        lines = csv.DictReader(io.StringIO(Client().get(f"/library/download.csv?{asked}").content.decode()))
        assert len(list(lines)) == count, asked


def test_every_order_holds_and_pages_go_through_all() -> None:
    for sort in ("newest", "difference", "people", "strength", "programme"):
        form = SearchForm({"sort": sort})
        assert form.is_valid()
        found = list(find(form.cleaned_data))
        assert len(found) == 57
        assert [one.id for one in found] == [one.id for one in find(form.cleaned_data)]
    seen = [
        name
        for number in (1, 2, 3)
        for name in re.findall(r"/library/analyses/([\w-]+)", Client().get(f"/library/?page={number}").content.decode())
    ]
    assert len(seen) == len(set(seen)) == 57
    assert "/library/analyses/" in Client().get("/library/?page=nonsense").content.decode()


def test_an_answer_that_makes_no_sense_is_said_and_asks_nothing() -> None:
    text = page("/library/?first=x&kind=nonsense&least=-1")
    assert "There is a problem" in text
    assert "57 results of" in text


def test_the_address_of_a_result_is_permanent_and_its_citation_whole() -> None:
    text = page("/library/analyses/clink-2016")
    assert "The Clink (2016). Restaurant training programme. Version 1." in text
    assert "http://testserver/library/analyses/clink-2016" in text
    assert "Creative Commons" in text
    assert "17%" in text
    assert "Published by the Justice Data Lab service" in text


def test_the_licence_is_what_the_installation_says(settings) -> None:
    settings.LIBRARY_LICENCE = "CC0 1.0, by Example Lab."
    for path in ("/library/analyses/clink-2016", "/library/about", "/library/api/"):
        assert "CC0 1.0, by Example Lab." in page(path)
    assert json.loads(Client().get("/library/download.json?kind=family").content)["about"][-1] == "CC0 1.0, by Example Lab."


def test_a_direction_is_shown_as_one_and_never_as_a_number() -> None:
    text = page("/library/analyses/lifecycle-2018")
    assert "Could not tell which way" in text
    assert "More people needed" not in text, "how many were analysed is not known"
    assert "no figure is known" in text
    assert "Only the direction of this result could be read at its source" in text
    main = text[text.index("What was found") : text.index("How strong")]
    assert not re.search(r"\d+ (fewer|more)|−\d", main)


def test_a_large_study_is_never_called_too_small_and_its_figures_are_not_denied() -> None:
    text = page("/library/analyses/cg-2026-male")
    main = text[text.index("What was found") : text.index("How strong")]
    assert "19,807" in main
    assert "Could not tell which way" in main
    assert "More people needed" not in main
    assert "no figure is known" not in main
    assert "no range or difference is known" in main
    assert "The difference is printed as &#39;less than 1 man more&#39;. It is not among" in text
    assert "More people needed to tell" in page("/library/analyses/leedsiom-2017"), "142 people"


def test_what_is_no_effect_says_so_everywhere_and_counts_in_no_synthesis() -> None:
    assert "is no effect of a programme" in page("/library/analyses/pet-2015-refused")
    assert "Description only, not an effect" in page("/library/?q=refused")
    assert "Applicants refused" not in page("/library/dashboard?kind=education&sort=programme")


def test_every_kind_organisation_programme_and_outcome_has_a_page() -> None:
    for analysis in Analysis.objects.order_by("name")[::6]:
        assert analysis.programme in page(f"/library/programmes/{analysis.programme_name}").replace("&#39;", "'")
        page(f"/library/organisations/{analysis.organisation_name}")
        page(f"/library/kinds/{analysis.kind}")
    for outcome in set(Result.objects.values_list("outcome", flat=True)):
        page(f"/library/outcomes/{outcome}")


def test_every_page_and_download_answers_head() -> None:
    for name in (
        "",
        "dashboard",
        "compare",
        "about",
        "kinds/education",
        "analyses/clink-2016",
        "download.csv",
        "chart.svg",
        "api/",
    ):
        answer = Client().head(f"/library/{name}")
        assert (answer.status_code, answer.content) == (200, b""), name
        assert Client().post(f"/library/{name}").status_code == 405


def test_what_is_not_there_is_not_found() -> None:
    names = (
        "kinds/nonsense", "kinds/%00", "outcomes/nonsense", "organisations/nonsense", "programmes/nonsense", "analyses/nonsense",
        "analyses/clink-2016?version=9", "download.exe", "dashboard?view=nonsense", "chart.svg?view=nonsense", "chart.svg?view=survival",
    )  # fmt: skip
    for name in names:
        assert Client().get(f"/library/{name}").status_code == 404, name


def test_compare_sets_four_side_by_side_and_says_when_more_were_asked_for() -> None:
    text = page("/library/compare?kind=education&kind=employment&kind=accommodation&kind=mentoring&kind=nonsense")
    assert "Side by side" in text
    assert "between 29 fewer and 18 more in every 100 people" in text
    assert "Choose at most 4 kinds" not in text
    assert "Choose at most 4 kinds" in page(
        "/library/compare?"
        + "&".join(f"kind={name}" for name in ("education", "employment", "accommodation", "mentoring", "family"))
    )
    assert "There is no result about this outcome." in page("/library/compare?kind=family&kind=education&outcome=employed_any")


def test_programmes_stand_side_by_side_each_with_its_newest_main_result() -> None:
    names = ("landworks-placements-and-resettlement-men-regional", "life-cycle-uk-bike-back", "nonsense")
    text = page("/library/compare?" + "&".join(f"programme={name}" for name in names))
    table = text[text.index("Programmes side by side") :]
    assert "8 fewer in every 100 people" in table
    assert "no figure is known" in table
    assert "April 2026" in table
    assert "Bike Back" in table
    assert 'name="programme"' in Client().get("/library/?q=bike").content.decode()


def test_every_chart_has_its_picture_its_table_and_its_downloads() -> None:
    for view in ("forest", "funnel", "size", "time"):
        _check_view(view)


def _check_view(view: str) -> None:
    html = Client().get(f"/library/dashboard?view={view}").content.decode()
    assert html.count("<svg") >= 2
    assert "style=" not in html
    assert html.count('class="mark"') > 10
    assert "<table" in html
    for form in ("csv", "ods", "json"):
        assert f"/library/download.{form}?" in html
    picture = Client().get(f"/library/chart.svg?view={view}")
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<svg xmlns=")


def test_a_filter_changes_the_chart_and_nothing_is_put_together_that_was_chosen_by_what_it_found() -> None:
    assert "Put together" in page("/library/dashboard?kind=education")
    lower = page("/library/dashboard?kind=education&verdict=lower")
    assert "Put together" not in lower
    assert "There is nothing to draw" in page("/library/dashboard?source=made_here")


def test_the_survival_viewer_shows_the_curves_of_a_result_made_here(output: Path) -> None:
    assert "No analysis of this choice has survival curves" in page("/library/dashboard?view=survival")
    keep(output)
    html = Client().get("/library/dashboard?view=survival").content.decode()
    assert "Share who had reoffended by day: Thames Workshop" in html
    assert html.count('class="mark"') >= 20
    assert "Comparison group" in html
    assert "Share who had reoffended by day" in page("/library/analyses/kd4-93rt")


def test_a_demonstration_is_called_one_wherever_it_stands_and_is_put_together_with_nothing_real(output: Path) -> None:
    before = page("/library/")
    keep(output)
    after = page("/library/")
    everything = re.search(r"All together .*? By kind of programme", before)
    assert everything
    assert everything[0] in after
    for path in (
        "/library/",
        "/library/?q=thames",
        "/library/analyses/kd4-93rt",
        "/library/kinds/employment",
        "/library/outcomes/rate",
    ):
        text = page(path)
        assert text.count("Demonstration") >= 1, path
    rows = json.loads(Client().get("/library/download.json?source=demo").content)["results"]
    assert {row["origin"] for row in rows} == {"demo"}


def test_a_withdrawn_or_replaced_analysis_is_readable_and_counts_nowhere(output: Path) -> None:
    keep(output)
    keep(output, version=2)
    old = page("/library/analyses/kd4-93rt?version=1")
    assert "A later version of this analysis was published" in old
    assert "Version 2" in page("/library/analyses/kd4-93rt")
    assert "1 result of 1 organisation." in page("/library/?q=thames")
    withdraw_analyses(permanent="KD4-93RT", why="The list held the wrong people.")
    assert "Why: The list held the wrong people." in page("/library/analyses/kd4-93rt")
    assert "Nothing is in the library that fits" in page("/library/?q=thames")
    assert page("/library/programmes/thames-workshop-trust-thames-workshop", 404)
    assert "thames" not in Client().get("/library/download.csv?outcome=every").content.decode().lower()


def test_an_empty_library_says_so() -> None:
    Evidence.objects.all().delete()
    Result.objects.all().delete()
    Analysis.objects.all().delete()
    assert "The library holds nothing yet." in page("/library/")
    assert "There is nothing to draw" in page("/library/dashboard")


def test_too_many_points_are_gathered_and_none_is_lost() -> None:
    places = [(n / 10_000, 0.01 + n / 50_000, "published") for n in range(MOST_POINTS + 50)]
    many = Scattered(places, list(Result.objects.select_related("analysis").order_by("id")[:20]), 7)
    for name in ("funnel", "size"):
        chart = scatter(name, many, "share", -0.02)
        counts = [int(count) for count in re.findall(r'aria-label="(\d+) results? near', str(chart.wide))]
        assert sum(counts) == len(places)
        assert len(counts) < len(places)
        assert len(chart.rows) == 20


def test_what_a_programme_is_called_cannot_break_out_of_a_chart_or_a_page() -> None:
    name = '"><script>alert(1)</script>'
    Analysis.objects.filter(name="clink-2016").update(programme=name)
    for path in ("/library/dashboard", "/library/analyses/clink-2016", "/library/?q=clink", "/library/chart.svg"):
        assert b"<script>alert" not in Client().get(path).content, path
    drawn = draw(
        {"data": {"values": [{"x": 1, "mark": mark(0)}]}, "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}, "description": {"field": "mark"}}},
        name="n", title=name, description=name, marks=[Mark(name, "/a?b=\"c")],
    )  # fmt: skip
    assert "<script>" not in drawn
    assert drawn.count('class="mark"') == 1


@pytest.mark.parametrize(
    ("text", "shown"), [("2026-04-30", "30 April 2026"), ("2026-04", "April 2026"), ("2026", "2026"), ("", "")]
)
def test_dates_of_publication_are_written_as_people_write_them(text: str, shown: str) -> None:
    assert published_text(text) == shown


@pytest.mark.parametrize("name", ["download.csv", "download.json", "download.ods", "feasibility.csv"])
def test_a_file_for_a_question_that_makes_no_sense_is_refused_and_never_all_of_it(name: str) -> None:
    """A page says so beside what it shows; a file has no such place, and would be taken for the answer."""
    answer = Client().get(f"/library/{name}?first=MMXX")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
    assert answer.content.decode().splitlines() == [
        "No file was made, because these answers make no sense:", "Published from (year): Enter a whole number.",
    ]  # fmt: skip
