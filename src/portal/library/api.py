"""The interface for programs, version 1: read-only JSON, paged, cached, limited; described by its OpenAPI document."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import parse_etags
from django.views.decorators.csrf import csrf_exempt

from portal.library.entries import current_stamp
from portal.library.evidence import finding
from portal.library.forms import SearchForm, StudyForm, choices
from portal.library.models import Analysis, Kept, Source
from portal.library.openapi import LARGEST_PAGE, document
from portal.library.search import address_of, find, row_of, taken
from portal.library.studies import document_of, find_studies
from portal.library.words import licence_line
from portal.wording import say

SIZE = 50
MOST_DIGITS = 7
OF_A_PAGE = {"page": 1_000_000, "size": LARGEST_PAGE}
FRESH = 60  # seconds for which an answer may be used without asking again
Answer = dict[str, Any]
Asked = Callable[..., Answer | JsonResponse]


def read_only(answer: Asked) -> Callable[..., HttpResponse]:
    """A view for programs: GET and HEAD from any page of any site, at most so often, cached by the library's edition."""

    def plain(http: HttpRequest, **given: Any) -> HttpResponse:
        if http.method == "OPTIONS":
            return _open(HttpResponse(status=204))
        refused = _refused(http, given)
        if refused is not None:
            return _open(refused)
        tag = f'"{hashlib.sha256(f"{current_stamp()} {http.get_full_path()}".encode()).hexdigest()[:24]}"'
        known = {one.removeprefix("W/") for one in parse_etags(http.headers.get("If-None-Match", ""))}
        made = None if tag in known else answer(http, **given)
        if isinstance(made, JsonResponse):
            return _open(made)
        return _fresh(HttpResponse(status=304) if made is None or "*" in known else JsonResponse(made), tag)

    @csrf_exempt
    @login_not_required
    @functools.wraps(answer)
    def view(http: HttpRequest, **given: Any) -> HttpResponse:
        answered = plain(http, **given)
        # The same for everybody: that the session was looked at on the way here makes it no answer of the visitor's own.
        http.session.accessed = http.session.modified = False
        return answered

    setattr(view, "says_what_is_wrong", True)  # noqa: B010 (read by middleware.NothingUnprintable)
    return view


def _refused(http: HttpRequest, given: Mapping[str, str]) -> JsonResponse | None:
    """What every address of the interface refuses alike."""
    if http.method not in ("GET", "HEAD"):
        return _fault(405, "method")
    if _is_too_often(http):
        return _fault(429, "too_often", limit=settings.LIBRARY_API_LIMIT)
    if any("\0" in value for value in given.values()):
        return _fault(404, "nothing")
    if any("\0" in value for values in dict(http.GET.lists()).values() for value in values):
        return _fault(400, "wrong")
    return None


def _open(answer: HttpResponse) -> HttpResponse:
    """Readable from any page of any site; nothing in it is anybody's own."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Allow-Methods"] = answer["Allow"] = "GET, HEAD, OPTIONS"
    answer["Access-Control-Allow-Headers"] = "If-None-Match"
    answer["Access-Control-Expose-Headers"] = "ETag, Retry-After"
    if answer.status_code == 429:
        answer["Retry-After"] = "60"
    return answer


def _fresh(answer: HttpResponse, tag: str) -> HttpResponse:
    answer["ETag"] = tag
    answer["Cache-Control"] = f"public, max-age={FRESH}"
    return _open(answer)


def _fault(status: int, name: str, **values: object) -> JsonResponse:
    return JsonResponse({"error": say(f"library.api_faults.{name}", **values)}, status=status)


def _is_too_often(http: HttpRequest) -> bool:
    """Whether one address has asked more often in this minute than is allowed; counted by each process on its own."""
    try:
        address = get_adapter().get_client_ip(http)
    except PermissionDenied:  # a socket without an address: all of its visitors count as one
        address = ""
    key = f"library-api:{address}"
    near = caches["near"]
    near.add(key, 0, 60)
    try:
        return int(near.incr(key)) > settings.LIBRARY_API_LIMIT
    except ValueError:  # the minute ended between the two
        return False


def _asked(
    http: HttpRequest, own: dict[str, int], questions: type[Form] = SearchForm
) -> tuple[dict[str, Any], dict[str, int]] | JsonResponse:
    """The answers of the form and the interface's own whole numbers (with their largest); or what is wrong with them."""
    form = questions(http.GET)
    unknown = sorted(set(http.GET) - set(form.fields) - set(own))
    twice = _twice(http)
    numbers = {name: http.GET.get(name, "1" if name == "page" else str(SIZE)) for name in own}
    wrong = [name for name, value in numbers.items() if not (_is_number(value) and 0 < int(value) <= own[name])]
    if unknown or twice or wrong or not form.is_valid():
        faults = {name: list(texts) for name, texts in form.errors.items()}
        faults |= {name: [say("library.api_faults.unknown")] for name in unknown}
        faults |= {name: [say("library.api_faults.twice")] for name in twice}
        faults |= {name: [say("library.api_faults.number", most=own[name])] for name in wrong}
        return _wrong(faults)
    given = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    return given, {name: int(value) for name, value in numbers.items()}


def _is_number(value: str) -> bool:
    """A whole number of few digits, so that what is checked is what is used."""
    return value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS


@read_only
def results(http: HttpRequest) -> Answer | JsonResponse:
    """A page of results; of every outcome where none is named."""
    read = _asked(http, OF_A_PAGE)
    if isinstance(read, JsonResponse):
        return read
    found = find(read[0], every=True)
    answer, first, last = _page(http, "library-api-results", *read, found.count())
    return {**answer, "results": [_result(http, one) for one in taken(found, first, last)], **_about()}


@read_only
def feasibility(http: HttpRequest) -> Answer | JsonResponse:
    """A page of feasibility studies, which are no results and stand in no other list."""
    read = _asked(http, OF_A_PAGE, StudyForm)
    if isinstance(read, JsonResponse):
        return read
    found = find_studies(read[0])
    answer, first, last = _page(http, "library-api-feasibility", *read, found.count())
    start = http.build_absolute_uri("/").rstrip("/")
    return {**answer, "studies": [document_of(one, start) for one in found[first:last]], **_about()}


def _page(http: HttpRequest, name: str, asked: dict[str, Any], numbers: dict[str, int], count: int) -> tuple[Answer, int, int]:
    """What a page says of itself, and from where to where its rows go: from 0 to 0 beyond the last."""
    pages = Paginator(range(count), numbers["size"])
    page = pages.get_page(numbers["page"]) if numbers["page"] <= pages.num_pages else None
    start = http.build_absolute_uri(reverse(name))
    links = {
        "next": _link(start, asked, numbers, 1) if page is not None and page.has_next() else None,
        "previous": _link(start, asked, numbers, -1) if page is not None and page.has_previous() else None,
    }
    first, last = (page.start_index() - 1, page.end_index()) if page is not None and count else (0, 0)
    return {"count": count, "page": numbers["page"], "size": numbers["size"], **links}, first, last


def _link(start: str, asked: dict[str, Any], numbers: dict[str, int], step: int) -> str:
    return f"{start}?{address_of(asked, page=numbers['page'] + step, size=numbers['size'])}"


def _result(http: HttpRequest, found: Any) -> Answer:
    address = http.build_absolute_uri(reverse("library-analysis", args=[found.analysis.name]))
    own = {"analysis": found.analysis.name, "version": found.analysis.version, "source_label": found.analysis.source}
    return {**row_of(found, address).document(), **own, "direction_only": found.direction_only}


def _about() -> Answer:
    return {"licence": licence_line()}


@read_only
def analysis(http: HttpRequest, name: str) -> Answer | JsonResponse:
    """One analysis with its results, the newest version."""
    if http.GET:
        return _asked_nothing()
    found = Analysis.objects.filter(name=name).order_by("-version").first()
    if found is None:
        return _fault(404, "nothing")
    rows = [_result(http, one) for one in found.results.select_related("analysis", "evidence").order_by("id")]
    told = {
        field: getattr(found, field)
        for field in (
            "name",
            "version",
            "standing",
            "why",
            "source",
            "programme",
            "organisation",
            "kind",
            "setting",
            "people",
            "published",
        )
    }
    start = http.build_absolute_uri("/").rstrip("/")
    study = document_of(found, start) if found.product == Kept.STUDY else None
    return {
        **told, "product": found.get_product_display(), "curves": found.curves, "results": rows, "feasibility": study, **_about(),
    }  # fmt: skip


def _asked_nothing() -> JsonResponse:
    return _wrong({"query": [say("library.api_faults.unknown")]})


def _wrong(faults: Mapping[str, Sequence[object]]) -> JsonResponse:
    return JsonResponse({"error": say("library.api_faults.wrong"), "faults": dict(faults)}, status=400)


def _twice(http: HttpRequest) -> list[str]:
    """What was asked more than once."""
    return sorted(name for name in http.GET if len(http.GET.getlist(name)) > 1)


@read_only
def synthesis(http: HttpRequest) -> Answer | JsonResponse:
    """What the results of one kind of programme (all where none is named) say together about one outcome."""
    unknown = sorted(set(http.GET) - {"kind", "outcome", "months", "source"})
    months, source = http.GET.get("months", "12"), http.GET.get("source", "")
    wrong = [name for name, bad in (("months", months not in ("12", "24")), ("source", source not in ("", Source.DEMO))) if bad]
    twice = _twice(http)
    if unknown or wrong or twice:
        faults = {name: [say("library.api_faults.unknown")] for name in (*unknown, *wrong)}
        return _wrong(faults | {name: [say("library.api_faults.twice")] for name in twice})
    kind, outcome = http.GET.get("kind", ""), http.GET.get("outcome") or "rate"
    known = outcome in dict(choices(current_stamp())["outcome"])
    found = finding(kind=kind, outcome=outcome, months=int(months), demo=source == Source.DEMO) if known else None
    if found is None:
        return _fault(404, "nothing")
    told = found.told
    figures = _finite(asdict(told.found))
    return {
        "kind": kind, "outcome": outcome, "months": int(months), "certainty": told.certainty, "unit": told.unit,
        "sentences": list(told.sentences), "notes": list(told.notes), "synthesis": figures, **_about(),
    }  # fmt: skip


def _finite(value: Any) -> Any:
    """JSON has no infinite numbers: null stands for the degrees of freedom of the normal."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


@read_only
def openapi(http: HttpRequest) -> Answer | JsonResponse:
    """The document that describes this interface."""
    if http.GET:
        return _asked_nothing()
    return json.loads(document(http.build_absolute_uri("/").rstrip("/")))


@read_only
def nothing(http: HttpRequest, rest: str) -> JsonResponse:
    """Any other address of the interface: nothing is there, said in its own words."""
    return _fault(404, "nothing")
