"""`python -m portal …`: Django's commands with the portal's settings."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.config.settings")
execute_from_command_line(["portal", *sys.argv[1:]])
