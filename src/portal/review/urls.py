"""Addresses of reviews."""

from __future__ import annotations

from django.urls import path

from portal.review import views

urlpatterns = [
    path("<str:public_id>/reviews", views.listing, name="rounds"),
    path("<str:public_id>/draft", views.draft, name="round-facts"),
    path("<str:public_id>/reviews/open", views.open_round, name="round-open"),
    path("<str:public_id>/reviews/<str:round_id>", views.round_page, name="round"),
    path("<str:public_id>/reviews/<str:round_id>/void", views.void, name="round-void"),
]
