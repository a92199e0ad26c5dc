"""The lab's own scanner for harmful files, if it has one: a command that reads the file and says by its exit what it found."""

from __future__ import annotations

import logging
import subprocess

from django.conf import settings

from portal.config.refusals import Refused
from portal.wording import say

LOG = logging.getLogger(__name__)
LONGEST = 120  # seconds
CLEAN, FOUND = 0, 1


def check_harmless(content: bytes) -> None:
    """Hands the file to the scanner (settings.SCANNER), which never lies on a disk for it. Nothing where there is none.

    Raises Refused where something was found (409), and where the scanner cannot say (503): then nothing is taken.
    """
    if not settings.SCANNER:
        return
    try:
        done = subprocess.run(settings.SCANNER, input=content, capture_output=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        LOG.error("the scanner of uploads: %s", type(error).__name__)
        raise Refused(say("uploads.refusals.not_scanned"), status=503) from error
    if done.returncode == FOUND:
        raise Refused(say("uploads.refusals.harmful"), status=409)
    if done.returncode != CLEAN:
        LOG.error("the scanner of uploads ended with %d", done.returncode)
        raise Refused(say("uploads.refusals.not_scanned"), status=503)
