"""Addresses of the library and of its interface for programs."""

from __future__ import annotations

from django.urls import path, re_path

from portal.library import api, compare, dashboard, downloads, studies, views

urlpatterns = [
    path("", views.library, name="library"),
    path("dashboard", dashboard.dashboard, name="library-dashboard"),
    path("chart.svg", dashboard.picture, name="library-picture"),
    path("compare", compare.compare, name="library-compare"),
    path("about", views.about, name="library-about"),
    path("kinds/<str:kind>", views.kind, name="library-kind"),
    path("outcomes/<slug:outcome>", views.outcome, name="library-outcome"),
    path("organisations/<slug:name>", views.organisation, name="library-organisation"),
    path("programmes/<slug:name>", views.programme, name="library-programme"),
    path("analyses/<slug:name>", views.analysis, name="library-analysis"),
    path("feasibility", studies.studies, name="library-studies"),
    path("feasibility.csv", studies.studies_file, name="library-studies-file"),
    path("download.<str:form>", downloads.download, name="library-download"),
    path("api/", views.interface, name="library-api"),
    path("api/v1/openapi.json", api.openapi, name="library-openapi"),
    path("api/v1/results", api.results, name="library-api-results"),
    path("api/v1/feasibility", api.feasibility, name="library-api-feasibility"),
    path("api/v1/analyses/<slug:name>", api.analysis, name="library-api-analysis"),
    path("api/v1/synthesis", api.synthesis, name="library-api-synthesis"),
    re_path(r"^api/v1(?P<rest>(?:/(?s:.*))?)$", api.nothing, name="library-api-nothing"),
]
