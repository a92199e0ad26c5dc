"""Addresses of runs."""

from __future__ import annotations

from django.urls import path

from portal.runs import views

urlpatterns = [
    path("<str:public_id>/runs", views.listing, name="jobs"),
    path("<str:public_id>/runs/queue", views.queue, name="job-queue"),
    path("<str:public_id>/runs/adopt", views.adopt, name="job-adopt"),
    path("<str:public_id>/runs/<str:job_id>", views.status, name="job"),
    path("<str:public_id>/runs/<str:job_id>/cancel", views.cancel, name="job-cancel"),
    path("<str:public_id>/runs/<str:job_id>/output/<str:name>", views.output, name="job-output"),
    path("<str:public_id>/runs/<str:job_id>/figures/<str:part>", views.figures, name="job-figures"),
    path("<str:public_id>/runs/<str:job_id>/beside/<str:other_id>", views.comparing, name="job-beside"),
    path("<str:public_id>/runs/<str:job_id>/links", views.doubtful, name="job-pairs"),
    path("<str:public_id>/runs/<str:job_id>/links/<str:pair_id>", views.decide, name="pair-decide"),
]
