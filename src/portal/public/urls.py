"""Addresses of pages for everybody."""

from __future__ import annotations

from django.urls import path

from portal.public import sitemap, views

urlpatterns = [
    path("", views.start, name="start"),
    path("home", views.home, name="home"),
    path("check", views.eligibility, name="eligibility"),
    path("template.<str:kind>", views.template, name="template"),
    path("methods", views.page, {"name": "methods"}, name="methods"),
    path("privacy", views.page, {"name": "privacy"}, name="privacy"),
    path("accessibility", views.page, {"name": "accessibility"}, name="accessibility"),
    path("sitemap.xml", sitemap.site, name="sitemap"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("health", views.health, name="health"),
]
