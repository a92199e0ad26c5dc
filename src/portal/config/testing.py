"""Settings of the tests: those of a laptop in a folder of their own, with quick passwords and letters kept in memory."""

from __future__ import annotations

import os
import tempfile

os.environ["DATALAB_ENV"] = "test"
os.environ.setdefault("DATALAB_HOME", tempfile.mkdtemp(prefix="datalab-portal-"))
os.environ.setdefault("DATALAB_SECRET_KEY", "only-for-tests")

from portal.config.settings import *
from portal.config.settings import DATABASES, HOME

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
ACCOUNT_RATE_LIMITS = {}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, so that several connections (worker, races) see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
