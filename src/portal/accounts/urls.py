"""Addresses of accounts; signing in and the second factor are allauth's."""

from __future__ import annotations

from django.urls import path

from portal.accounts import views

urlpatterns = [
    path("", views.account, name="account"),
    path("invite", views.invite, name="invite"),
    path("join/<str:secret>", views.join, name="join"),
]
