"""The page as a tagged PDF (PDF/UA-1), with WeasyPrint, which is not there on every machine: then there is none."""

from __future__ import annotations

import contextlib
import io
import re
from html import unescape
from typing import Any

VARIANT = "pdf/ua-1"
# Only what stands in the page itself may be read while it is drawn.
PROTOCOLS = frozenset({"data"})


def pdf_bytes(page: str, *, identifier: str) -> bytes | None:
    """The page as PDF; None where WeasyPrint or Pango, which it needs, is not installed.

    identifier: what the file is told apart by, a text of the manifest. No clock, no outside call: same page, same bytes.
    """
    weasyprint = _weasyprint()
    if weasyprint is None:
        return None
    fetcher = weasyprint.urls.URLFetcher(allowed_protocols=PROTOCOLS, allow_redirects=False)
    document = weasyprint.HTML(string=printable(page), url_fetcher=fetcher)
    return bytes(document.write_pdf(pdf_variant=VARIANT, pdf_identifier=identifier.encode()))


def printable(page: str) -> str:
    """The page with one drawing of each chart, the wide one, whose whole description is its text alternative, with lists of
    pairs as lists of items, and without the tables that are not printed, which would take a third of the time for nothing.

    >>> printable('<title id="a-title">Ages</title><desc id="a-description">Most are 30.</desc><div class="narrow">x</div>')
    '<title id="a-title">Ages. Most are 30.</title>'
    """
    wide = re.sub(r'\n?<div class="narrow">.*?</div>', "", page, flags=re.DOTALL)
    wide = re.sub(r'<details class="unprinted">.*?</details>', "", wide, flags=re.DOTALL)
    wide = re.sub(r' data-label="[^"]*"| role="(?:table|row|cell|rowgroup|rowheader|columnheader)"', "", wide)  # of the cards
    listed = re.sub(r'<dl( class="(?:pairs|facts)">.*?)</dl>', _items, wide, flags=re.DOTALL)
    return re.sub(r"(<title id=[^>]*>)(.*?)</title><desc [^>]*>(.*?)</desc>", _alternative, listed, flags=re.DOTALL)


def _items(found: re.Match[str]) -> str:
    """A list of pairs as one of items, each with both its parts: what a list of a tagged PDF may hold."""
    inside = found[1].replace("<div>", "<li>").replace("</div>", "</li>")
    named = re.sub(r"<d([td])>", lambda part: f'<div class="{"term" if part[1] == "t" else "told"}">', inside)
    return f"<ul{re.sub('</d[td]>', '</div>', named)}</ul>"


def _alternative(found: re.Match[str]) -> str:
    head, title, description = found.groups()
    stop = "" if unescape(title).endswith((".", "?", ":")) else "."
    return f"{head}{title}{stop} {description}</title>"


def is_installed() -> bool:
    """Whether a page can be drawn here. Loads what draws, so that the first page need not wait for it."""
    return _weasyprint() is not None


def _weasyprint() -> Any:
    """The package, or None. Where Pango is missing it says so on standard output, which is not its own to write on."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            import weasyprint  # noqa: PLC0415 (half a second, and not there on every machine)
        except (ImportError, OSError):
            return None
    return weasyprint
