"""Pages for everybody: the calendar, releases that are out, reports with their versions, the log of requests, the feed. Nothing
here reads a release that is not out, except the calendar its date (and its title where that is announced)."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path
from typing import Any

from allauth.decorators import rate_limit
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.audit.record import NOBODY
from portal.config.clock import today
from portal.config.files import listed, send
from portal.config.jinja import day
from portal.config.refusals import Refused
from portal.publishing import subscriptions
from portal.publishing.bulletin import OF_A_BULLETIN, fixed
from portal.publishing.counts import answer_of, count_requests
from portal.publishing.findings import SHOWN, effect_text, effect_unit, is_study
from portal.publishing.forms import SubscribeForm
from portal.publishing.models import Release, Report, Subscription, Version
from portal.publishing.quality import seen_before_stop
from portal.publishing.rules import how_often_run, rule_changes
from portal.publishing.states import COMING, PLANNED, ReleaseState
from portal.publishing.ties import is_interim, is_same_programme
from portal.requests.models import Request
from portal.requests.states import PUBLIC, Product, State
from portal.runs.output import PAGE_OF, PUBLIC_FILES, RULES_OF_A_REPORT, content_sha256
from portal.wording import say

LOG = logging.getLogger(__name__)
PAGE_SIZE = 50
ENDS = ("estimate", "low", "high")
BEGINNING = dt.datetime(2013, 4, 2, tzinfo=dt.UTC)
fresh = cache_control(no_cache=True)


@login_not_required
@require_safe
@fresh
def releases(http: HttpRequest) -> HttpResponse:
    """The calendar: what is to come, what was cancelled, what is out."""
    planned = Q(state__in=PLANNED, announced=True, day__gte=today())
    coming = Release.objects.filter(Q(state__in=(*COMING, ReleaseState.HELD)) | planned).order_by("day", "id")
    context = {
        "coming": [(one.publish_at, _in_calendar(one)) for one in coming],
        "cancelled": Release.objects.filter(state=ReleaseState.CANCELLED).exclude(scheduled_at=None).order_by("-day")[:20],
        "out": Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("-published_at"),
        "section": "releases",
    }
    return render(http, "publishing/calendar.html", context)


def _in_calendar(release: Release) -> str:
    """What the calendar says of a release that is to come."""
    title = release.title if release.announced else say("publishing.calendar.untitled")
    if release.state == ReleaseState.HELD:
        return say("publishing.calendar.postponed", title=title)
    return say("publishing.calendar.provisional", title=title) if release.state in PLANNED else title


def _release(release_id: str) -> Release:
    found = Release.objects.filter(public_id=release_id, state=ReleaseState.PUBLISHED).first()
    if found is None:
        raise Http404
    _check_unchanged(found.folder, found.content_sha256)
    return found


def _check_unchanged(folder: Path, sha256: str) -> None:
    """Nothing is given out that is not, byte for byte, what was published. Raises Refused (503) where a file was changed."""
    if not folder.is_dir() or content_sha256(folder) != sha256:
        LOG.error("published files were changed: %s", folder.name)
        raise Refused(say("publishing.refusals.damaged"), status=503)


@login_not_required
@require_safe
@fresh
def release(http: HttpRequest, release_id: str) -> HttpResponse:
    """The bulletin of a release that is out, with what was changed since."""
    return render(http, "publishing/bulletin_page.html", shown(_release(release_id)))


def shown(found: Release) -> dict[str, Any]:
    """What the page of a release shows: its fixed bulletin, and the corrections of its reports since."""
    reports = Report.objects.filter(entry__release=found).prefetch_related("versions")
    late = (found.published_at - found.publish_at).total_seconds() if found.published_at else 0.0
    return {
        **fixed(found),
        "changes": [(report, version) for report in reports for version in report.versions.all() if version.number > 1],
        "was_late": late > 60,
        "section": "releases",
    }


@login_not_required
@require_safe
@fresh
def release_file(http: HttpRequest, release_id: str, name: str) -> HttpResponse:
    """The bulletin as a workbook, a PDF or data."""
    return send(_release(release_id).folder, name, OF_A_BULLETIN)


@login_not_required
@require_safe
@fresh
def report(http: HttpRequest, report_id: str, number: int | None = None) -> HttpResponse:
    """A published report: the newest version, or the one of a number."""
    found, version = _version(report_id, number)
    versions = list(found.versions.all())
    others = Report.objects.filter(request__organisation=found.request.organisation_id).exclude(id=found.id)
    context = {
        "report": found,
        "version": version,
        "versions": versions,
        "is_newest": version == versions[-1],
        "facts": version.facts,
        "is_study": is_study(version.facts),
        "page_of": PAGE_OF[Product.FEASIBILITY if is_study(version.facts) else Product.EVALUATION],
        "shown": SHOWN,
        "effects": [(one, [effect_text(one, end) for end in ENDS], effect_unit(one)) for one in version.facts["analyses"]],
        "files": listed(version.folder, PUBLIC_FILES),
        "others": [
            (one, is_same_programme(found.request, one.request), is_interim(one.request))
            for one in others.select_related("request").order_by("-first_published_at")
        ],
        "section": "releases",
    }
    return render(http, "publishing/out.html", context)


@login_not_required
@require_safe
@fresh
@csp_replace(RULES_OF_A_REPORT)  # type: ignore[arg-type]
def report_file(http: HttpRequest, report_id: str, number: int, name: str) -> HttpResponse:
    """One file of a version."""
    _, version = _version(report_id, number)
    return send(version.folder, name, PUBLIC_FILES)


def _version(report_id: str, number: int | None) -> tuple[Report, Version]:
    found = Report.objects.select_related("request__organisation").filter(public_id=report_id).first()
    version = (
        None if found is None else (found.versions.last() if number is None else found.versions.filter(number=number).first())
    )
    if found is None or version is None:
        raise Http404
    _check_unchanged(version.folder, version.content_sha256)
    return found, version


@login_not_required
@require_safe
@fresh
def log(http: HttpRequest) -> HttpResponse:
    """Every request that was submitted and what became of it; who asked is named once a report is out, never before."""
    found = Request.objects.exclude(submitted_at=None).select_related("organisation").order_by("-submitted_at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(http.GET.get("page"))
    reports = dict(Report.objects.filter(request__in=[one.id for one in page]).values_list("request_id", "public_id"))
    more = {**how_often_run(list(page)), **seen_before_stop(list(page))}
    rows = [(one, outcome_of(one), reports.get(one.id), more.get(one.id, "")) for one in page]
    context = {"page": page, "rows": rows, "counts": count_requests().lines(), "rules": rule_changes(), "section": "releases"}
    return render(http, "publishing/log.html", context)


def outcome_of(request: Request) -> str:
    """What the public is told: a request that is not out and has not ended is in progress, wherever it is."""
    if request.state in PUBLIC:
        return answer_of(request.product)
    ended = {State.REFUSED: "refused", State.WITHDRAWN: "withdrawn", State.STOPPED: "stopped"}
    return ended.get(State(request.state), "in_progress")


class Feed(Atom1Feed):
    """A feed that says the same whenever it is asked: one without entries is as old as the service it is about."""

    def latest_post_date(self) -> dt.datetime:
        """When the newest entry came out."""
        return max((item["updateddate"] for item in self.items), default=BEGINNING)


@login_not_required
@require_safe
@fresh
def feed(http: HttpRequest) -> HttpResponse:
    """Releases and corrections as an Atom feed."""
    made = Feed(
        title=say("publishing.feed.title"), link=f"{settings.ADDRESS}/releases/", description=say("publishing.feed.about"),
        language="en-gb", feed_url=f"{settings.ADDRESS}/releases/feed.atom",
    )  # fmt: skip
    items: list[tuple[Any, str, str, str]] = [
        (one.published_at, one.title, f"/releases/{one.public_id}", say("publishing.feed.release", day=day(one.day)))
        for one in Release.objects.filter(state=ReleaseState.PUBLISHED)
    ]
    items += [
        (
            one.published_at,
            say("publishing.letters.corrected", title=one.facts["title"]),
            f"/reports/{one.report.public_id}/{one.number}",
            one.note,
        )
        for one in Version.objects.exclude(number=1).select_related("report")
    ]
    for moment, title, path, text in sorted(items, key=lambda item: item[0], reverse=True)[:100]:
        address = settings.ADDRESS + path
        made.add_item(title=title, link=address, unique_id=address, description=escape(text), pubdate=moment, updateddate=moment)
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@login_not_required
@require_http_methods(["GET", "POST"])
@rate_limit(action="subscribe")
def subscribe(http: HttpRequest) -> HttpResponse:
    """A letter on every release and correction."""
    form = SubscribeForm(http.POST or None)
    if form.is_bound and form.is_valid():
        subscriptions.ask(by=NOBODY, email=form.cleaned_data["email"])
        return render(http, "publishing/said.html", {"name": "asked", "section": "releases"})
    texts = {part: say(f"publishing.ask.subscribe.{part}") for part in ("title", "button")}
    lead = [say("publishing.ask.subscribe.lead")]
    return render(http, "form_page.html", {**texts, "lead": lead, "form": form, "errors": form.errors, "section": "releases"})


@login_not_required
@require_http_methods(["GET", "POST"])
def subscription(http: HttpRequest, subscription_id: str) -> HttpResponse:
    """The link of a letter: confirms the subscription, or ends it. A look alone does neither: mail programs follow links."""
    found = Subscription.objects.filter(public_id=subscription_id, ended_at=None).first()
    if found is None:
        raise Http404
    if http.method == "POST":
        act = {"confirm": subscriptions.confirm, "end": subscriptions.end}.get(http.POST.get("answer", ""))
        if act is None:
            return redirect("subscription", subscription_id)
        act(by=NOBODY, subscription=found)
        return render(http, "publishing/said.html", {"name": http.POST["answer"], "section": "releases"})
    return render(http, "publishing/subscription.html", {"subscription": found, "section": "releases"})
