"""Addresses of requests, for providers and for the lab."""

from __future__ import annotations

from django.urls import path

from portal.requests import lab, views

urlpatterns = [
    path("", views.mine, name="requests"),
    path("start", views.start, name="request-start"),
    path("queue", lab.queue, name="queue"),
    path("<str:public_id>/", views.status, name="request"),
    path("<str:public_id>/form/<str:name>", views.page, name="request-page"),
    path("<str:public_id>/answers", views.answers, name="request-answers"),
    path("<str:public_id>/submit", views.submit, name="request-submit"),
    path("<str:public_id>/withdraw", views.withdraw, name="request-withdraw"),
    path("<str:public_id>/repeat", views.repeat, name="request-repeat"),
    path("<str:public_id>/notes", views.notes, name="request-notes"),
    path("<str:public_id>/history", views.history, name="request-history"),
    path("<str:public_id>/own-words", views.describe, name="request-describe"),
    path("<str:public_id>/facts/agree", views.agree, name="request-agree"),
    path("<str:public_id>/facts/error", views.report_error, name="request-report-error"),
    path("<str:public_id>/certificate", views.certificate, name="request-certificate"),
    path("<str:public_id>/accept", lab.accept, name="request-accept"),
    path("<str:public_id>/refuse", lab.refuse, name="request-refuse"),
    path("<str:public_id>/plan", lab.plan, name="request-plan"),
    path("<str:public_id>/amend", lab.amend, name="request-amend"),
    path("<str:public_id>/rework", lab.rework, name="request-rework"),
    path("<str:public_id>/facts/ask", lab.ask_for_facts, name="request-ask-for-facts"),
    path("<str:public_id>/stop", lab.stop, name="request-stop"),
]
