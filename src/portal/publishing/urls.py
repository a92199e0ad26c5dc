"""Addresses of releases: for everybody, for named people, for the publishers."""

from __future__ import annotations

from django.urls import path

from portal.publishing import early, out, quality_views, views

urlpatterns = [
    path("releases/", out.releases, name="releases"),
    path("releases/feed.atom", out.feed, name="feed"),
    path("releases/log", out.log, name="log"),
    path("releases/subscribe", out.subscribe, name="subscribe"),
    path("releases/subscriptions/<str:subscription_id>", out.subscription, name="subscription"),
    path("releases/<str:release_id>", out.release, name="release"),
    path("releases/<str:release_id>/<str:name>", out.release_file, name="release-file"),
    path("reports/<str:report_id>", out.report, name="report"),
    path("reports/<str:report_id>/<int:number>", out.report, name="report-version"),
    path("reports/<str:report_id>/<int:number>/<str:name>", out.report_file, name="report-file"),
    path("early/<str:named_id>", early.early, name="early"),
    path("early/<str:named_id>/<str:name>", early.early_file, name="early-file"),
    path("early/<str:named_id>/<str:entry_id>/<str:name>", early.early_report, name="early-report"),
    path("quality/<str:access_id>", quality_views.reading, name="quality"),
    path("quality/<str:access_id>/<str:name>", quality_views.reading_file, name="quality-file"),
    path("requests/<str:public_id>/quality", quality_views.opening, name="request-quality"),
    path("requests/<str:public_id>/quality/<str:access_id>/end", quality_views.ending, name="request-quality-end"),
    path("publishing/", views.listing, name="publishing"),
    path("publishing/new", views.new, name="publishing-new"),
    path("publishing/reports/<str:report_id>", views.report, name="publishing-report"),
    path("publishing/corrections/<str:correction_id>", views.decide, name="publishing-decide"),
    path("publishing/<str:release_id>", views.release, name="publishing-release"),
    path("publishing/<str:release_id>/change", views.change, name="publishing-change"),
    path("publishing/<str:release_id>/preview", views.preview, name="publishing-preview"),
    path("publishing/<str:release_id>/add", views.add, name="publishing-add"),
    path("publishing/<str:release_id>/entries/<str:entry_id>/drop", views.drop, name="publishing-drop"),
    path("publishing/<str:release_id>/named", views.name, name="publishing-name"),
    path("publishing/<str:release_id>/named/<str:named_id>/remove", views.unname, name="publishing-unname"),
    path("publishing/<str:release_id>/announce", views.announce, name="publishing-announce"),
    path("publishing/<str:release_id>/cancel", views.cancel, name="publishing-cancel"),
    path("publishing/<str:release_id>/do/<str:what>", views.move, name="publishing-move"),
]
