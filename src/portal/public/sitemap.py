"""The map of public pages for search engines: what is out, and nothing else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from portal.library.models import Analysis, Standing
from portal.publishing.models import Release, Report
from portal.publishing.states import ReleaseState

PAGES = (
    "start",
    "eligibility",
    "methods",
    "privacy",
    "accessibility",
    "releases",
    "log",
    "library",
    "library-dashboard",
    "library-studies",
)


class Pages(Sitemap):
    """Pages that are always there."""

    def items(self) -> tuple[str, ...]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class Releases(Sitemap):
    """Releases that are out."""

    def items(self) -> Any:
        return Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("-published_at")

    def location(self, item: Release) -> str:
        return reverse("release", args=[item.public_id])

    def lastmod(self, item: Release) -> dt.datetime | None:
        return item.published_at


class Reports(Sitemap):
    """Published reports."""

    def items(self) -> Any:
        return Report.objects.order_by("-first_published_at")

    def location(self, item: Report) -> str:
        return reverse("report", args=[item.public_id])


class Library(Sitemap):
    """What the library counts."""

    def items(self) -> Any:
        return Analysis.objects.filter(standing=Standing.CURRENT).order_by("id")

    def location(self, item: Analysis) -> str:
        return reverse("library-analysis", args=[item.name])


MAPS: dict[str, type[Sitemap] | Sitemap] = {"pages": Pages, "releases": Releases, "reports": Reports, "library": Library}


@login_not_required
@require_safe
def site(http: HttpRequest) -> HttpResponse:
    """The whole map."""
    return sitemap(http, MAPS)


@login_not_required
@require_safe
def robots(http: HttpRequest) -> HttpResponse:
    """What search engines leave alone: pages of people who are signed in."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{part}/" for part in ("account", "requests", "lab", "publishing", "early", "quality")),
    ]
    lines.append(f"Sitemap: {http.build_absolute_uri(reverse('sitemap'))}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
