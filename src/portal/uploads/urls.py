"""Addresses of uploads."""

from __future__ import annotations

from django.urls import path

from portal.uploads import views

urlpatterns = [
    path("<str:public_id>/people", views.send, name="upload-send"),
    path("<str:public_id>/people/<str:upload_id>", views.status, name="upload"),
    path("<str:public_id>/people/<str:upload_id>/receipt", views.receipt, name="upload-receipt"),
]
