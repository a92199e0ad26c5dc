"""Every address of the portal. Each app names its own."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("portal.public.urls")),
    path("account/", include("portal.accounts.urls")),
    path("account/", include("allauth.urls")),
    path("requests/", include("portal.requests.urls")),
    path("requests/", include("portal.uploads.urls")),
    path("requests/", include("portal.runs.urls")),
    path("requests/", include("portal.review.urls")),
    path("", include("portal.publishing.urls")),
    path("lab/", include("portal.ops.urls")),
    path("library/", include("portal.library.urls")),
]
handler404 = "portal.public.views.not_found"
handler500 = "portal.public.views.broken"
