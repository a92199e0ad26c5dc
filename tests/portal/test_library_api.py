"""The library's interface for programs: what its document promises holds, for made-up requests too (Schemathesis)."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.cache import caches
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator

from portal.library.entries import install_published, withdraw_analyses
from portal.library.openapi import document

pytestmark = pytest.mark.django_db
START = "/library/api/v1/"
RESULTS, SYNTHESIS = f"{START}results", f"{START}synthesis"


@pytest.fixture(autouse=True)
def filled(db: None) -> Iterator[None]:
    """What was asked so far counts neither here nor, after this, in the next test of the process."""
    caches["near"].clear()
    install_published()
    yield
    caches["near"].clear()


@pytest.fixture
def server(settings) -> Iterator[WSGIHandler]:
    """The service as a web server calls it, on this test's own connection to the database; asked as often as one likes."""
    settings.LIBRARY_API_LIMIT = 1_000_000
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask(path: str, **headers: str) -> dict:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.content)
    return answer.json()


def test_the_document_is_kept_by_answers_to_made_up_requests(server: WSGIHandler) -> None:
    described = schemathesis.openapi.from_dict(json.loads(document("http://testserver")))
    described.app = server
    seen = set()
    for found in described.get_all_operations():
        operation = found.ok()
        seen.add(operation.path)

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
        def holds(case: schemathesis.Case) -> None:
            case.call_and_validate()

        holds()
    assert len(seen) == 4


def test_every_result_is_there_page_by_page_in_one_order() -> None:
    seen, address = [], f"{RESULTS}?size=40"
    while address:
        page = ask(address)
        seen += [one["id"] for one in page["results"]]
        address = (page["next"] or "").removeprefix("http://testserver")
    assert len(seen) == len(set(seen)) == page["count"] == 94


def test_answers_have_the_shape_of_the_document() -> None:
    described = ask(f"{START}openapi.json")
    schemas = described["components"]
    for name, path in (
        ("Page", f"{RESULTS}?kind=family"),
        ("Analysis", f"{START}analyses/clink-2016"),
        ("Synthesis", f"{SYNTHESIS}?kind=education"),
        ("Synthesis", SYNTHESIS),
    ):
        schema = {"$ref": f"#/components/schemas/{name}", "components": schemas}
        assert list(Draft202012Validator(schema).iter_errors(ask(path))) == [], path


def test_a_direction_without_a_figure_has_no_number() -> None:
    (one,) = ask(f"{START}analyses/lifecycle-2018")["results"]
    assert (one["direction_only"], one["verdict"]) == (True, "more_people")
    assert {one[name] for name in ("difference", "low", "high", "treated", "n_treated", "standard_error")} == {None}
    assert one["reason"].startswith("Only the direction")


def test_a_synthesis_is_the_pages() -> None:
    found = ask(SYNTHESIS)
    assert found["synthesis"]["pool"]["k"] == 8
    assert found["certainty"] == "partial"
    assert "Programmes like these could be associated with fewer" in found["sentences"][0]
    assert not [text for text in found["sentences"] if "you commission" in text]
    assert [text for text in ask(f"{SYNTHESIS}?kind=employment")["sentences"] if "you commission" in text]
    assert ask(f"{SYNTHESIS}?outcome=days_to_first")["certainty"] == "none"


WRONG = (
    (f"{RESULTS}?nonsense=1", 400),
    (f"{RESULTS}?kind=nonsense", 400),
    (f"{RESULTS}?page=0", 400),
    (f"{RESULTS}?page=-1", 400),
    (f"{RESULTS}?size=101", 400),
    (f"{RESULTS}?size=%D9%A3", 400),
    (f"{RESULTS}?size=0000000000010000", 400),
    (f"{RESULTS}?page=1&page=2", 400),
    (f"{RESULTS}?q=%00", 400),
    (f"{RESULTS}?first=20x", 400),
    (f"{SYNTHESIS}?months=13", 400),
    (f"{SYNTHESIS}?months=12&months=24", 400),
    (f"{SYNTHESIS}?kind=education&kind=education", 400),
    (f"{SYNTHESIS}?nonsense=1", 400),
    (f"{START}openapi.json?nonsense=1", 400),
    (START, 404),
    (START.rstrip("/"), 404),
    (f"{START}nonsense", 404),
    (f"{START}analyses/a%20b", 404),
    (f"{START}analyses/clink-2016/", 404),
    (f"{START}a%0Ab", 404),
    (f"{SYNTHESIS}?kind=nonsense", 404),
    (f"{SYNTHESIS}?kind=%00", 400),
    (f"{SYNTHESIS}?outcome=%00", 400),
    (f"{START}analyses/no-such", 404),
    (f"{START}analyses/clink-2016?x=1", 400),
)


def test_what_makes_no_sense_is_refused_in_words() -> None:
    for path, status in WRONG:
        answer = Client().get(path)
        assert answer.status_code == status, path
        assert answer.json()["error"].endswith(".")
        assert answer["Access-Control-Allow-Origin"] == "*"


def test_a_page_beyond_the_last_is_empty() -> None:
    page = ask(f"{RESULTS}?page=1000")
    assert (page["results"], page["next"], page["count"]) == ([], None, 94)


def test_nothing_can_be_written() -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(Client(), method)(RESULTS)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_any_page_of_any_site_may_read_it() -> None:
    before = Client().options(RESULTS, headers={"Origin": "https://example.invalid", "Access-Control-Request-Method": "GET"})
    assert (before.status_code, before["Access-Control-Allow-Origin"]) == (204, "*")
    assert "Access-Control-Allow-Credentials" not in before


def test_an_answer_is_not_sent_again_until_something_changed() -> None:
    first = Client().get(RESULTS)
    assert first["Cache-Control"] == "public, max-age=60"
    same = Client().get(RESULTS, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    withdraw_analyses(permanent="CLINK-2016", why="A mistake.")
    again = Client().get(RESULTS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.json()["count"]) == (200, 91)
    assert ask(f"{START}analyses/clink-2016")["standing"] == "withdrawn"


def test_tags_are_compared_as_browsers_and_proxies_send_them() -> None:
    tag = Client().get(RESULTS)["ETag"]
    for sent, status in ((f"W/{tag}", 304), (f'"other", {tag}', 304), ("*", 304), (f'"other", W/{tag}', 304), ('"other"', 200)):
        answer = Client().get(RESULTS, headers={"If-None-Match": sent})
        assert (answer.status_code, answer["ETag"]) == (status, tag), sent
    assert Client().get(f"{START}analyses/no-such", headers={"If-None-Match": "*"}).status_code == 404


def test_an_answer_is_the_same_for_everybody_whatever_their_cookies(django_user_model) -> None:
    client = Client()
    client.force_login(django_user_model.objects.create(email="visitor@example.org"))
    for path in (RESULTS, SYNTHESIS, f"{START}openapi.json", f"{START}nonsense"):
        for one in (Client(), client):
            answer = one.get(path)
            assert "Cookie" not in answer.get("Vary", ""), path
            assert not answer.cookies


def test_one_address_may_ask_so_often_and_no_more(settings) -> None:
    settings.LIBRARY_API_LIMIT = 3
    answers = [Client().get(RESULTS) for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert Client(REMOTE_ADDR="192.0.2.7").get(RESULTS).status_code == 200


def test_nothing_of_the_visitor_is_needed_or_kept() -> None:
    answer = Client().get(RESULTS)
    assert not answer.cookies
