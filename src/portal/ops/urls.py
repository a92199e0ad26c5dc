"""Addresses of the data steward."""

from __future__ import annotations

from django.urls import path

from portal.ops import views

urlpatterns = [
    path("", views.lab, name="lab"),
    path("records", views.loads, name="lab-loads"),
    path("thresholds", views.thresholds, name="lab-thresholds"),
    path("thresholds/<str:set_id>", views.decide_thresholds, name="lab-thresholds-decide"),
    path("linkage", views.linkage, name="lab-linkage"),
    path("linkage/<str:model_id>", views.decide_linkage, name="lab-linkage-decide"),
    path("people", views.people, name="lab-people"),
    path("people/changes/<str:change_id>", views.decide, name="lab-decide"),
    path("people/roles/<int:grant_id>/keep", views.confirm, name="lab-confirm"),
    path("destroy/<str:public_id>", views.destroy, name="lab-destroy"),
    path("audit", views.audit, name="lab-audit"),
    path("audit.jsonl", views.audit_export, name="lab-audit-export"),
]
