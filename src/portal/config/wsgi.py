"""The door for a web server (gunicorn portal.config.wsgi)."""

from __future__ import annotations

import os
import threading

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
application = get_wsgi_application()


def _get_ready() -> None:
    """What the first visitor of a process would wait for: every page's code, and the drawer of charts."""
    get_resolver().url_patterns  # noqa: B018 (to ask for them loads them)
    from portal.library.drawing import start_drawer

    start_drawer()


threading.Thread(target=_get_ready, daemon=True).start()
