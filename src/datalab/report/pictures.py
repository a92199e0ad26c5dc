"""Charts as objects for a notebook or a script: the drawings of the page, each with the figures behind it as a frame."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from datalab.constraints import unknown
from datalab.disclosure.results import Releasable, Release, ReleasedAnalysis
from datalab.errors import InputError, UsageError
from datalab.report.charts import all_effect_charts
from datalab.report.match_charts import love_chart, overlap_chart
from datalab.report.page import Chart
from datalab.report.sentences import headline
from datalab.report.survival_chart import survival_chart
from datalab.report.svg import FONT, INK, quickly
from datalab.report.tables import plain_headings, plain_rows
from datalab.wording import say

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["balance", "overlap", "effects", "survival"]
GAP = 28  # pixels between drawings under each other
HEADING = 30  # pixels for the title above a drawing
FORMATS = (".svg", ".png", ".html")
PNG_SCALE = 2.0


@dataclass(frozen=True)
class Picture:
    """One or more charts under each other, with the figures that they show. A notebook shows it where it ends a cell.

    charts: as on the page of the report, so that picture, page and table never differ.
    """

    charts: tuple[Chart, ...]

    @property
    def title(self) -> str:
        """The charts' titles in one line."""
        return "; ".join(chart.title for chart in self.charts)

    @property
    def svg(self) -> str:
        """The drawings as one SVG document, each with its title and description for screen readers."""
        sizes = [_size(chart.wide) for chart in self.charts]
        heights = [HEADING + high for _, high in sizes]
        width, height = max(wide for wide, _ in sizes), sum(heights) + GAP * (len(sizes) - 1)
        tops = [sum(heights[:place]) + GAP * place for place in range(len(sizes))]
        parts = (_placed(chart, top) for top, chart in zip(tops, self.charts, strict=True))
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">'
        )
        return f'{head}<rect width="100%" height="100%" fill="#ffffff"/>{"".join(parts)}</svg>'

    def to_frame(self) -> pd.DataFrame:
        """The figures as printed under the charts, one row a line of their tables; several charts are told apart by a column."""
        import pandas as pd  # noqa: PLC0415 (a second of imports that only frames need)

        frames = [pd.DataFrame(plain_rows(chart.table), columns=plain_headings(chart.table)) for chart in self.charts]
        if len(frames) == 1:
            return frames[0]
        for frame, chart in zip(frames, self.charts, strict=True):
            frame.insert(0, say("python.python.chart"), chart.title)
        return pd.concat(frames, ignore_index=True)

    def to_html(self) -> str:
        """The picture and its table as a piece of HTML without scripts."""
        table = self.to_frame().to_html(index=False, border=0)
        return (
            f'<figure style="margin:0;background:#fff"><figcaption>{escape(self.title)}</figcaption>{self.svg}'
            f"<details><summary>{escape(say('python.python.figures'))}</summary>{table}</details></figure>"
        )

    def _repr_html_(self) -> str:
        return self.to_html()

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Writes the picture as .svg, .png (twice the size) or .html (with its table); gives the path.

        Raises UsageError for another ending, or where the file is there and `overwrite` is not said.
        """
        from datalab.report.writers import write_picture  # noqa: PLC0415 (writers import every format)

        target = Path(path)
        if target.suffix.lower() not in FORMATS:
            raise UsageError(unknown(say("python.python.ending"), target.suffix or target.name, FORMATS))
        return write_picture(self, target, overwrite=overwrite)

    def content(self, ending: str) -> bytes:
        """The bytes of a file of this ending (.svg, .png or .html). Same picture, same bytes."""
        if ending == ".png":
            import vl_convert  # noqa: PLC0415 (loads a drawing engine)

            return bytes(vl_convert.svg_to_png(self.svg, scale=PNG_SCALE))
        return (self.svg if ending == ".svg" else self.to_html()).encode()


def draw_picture(releasable: Releasable, kind: Kind, *, analysis: str = "", outcome: str = "") -> Picture:
    """The picture of one kind of chart.

    analysis: its name, default the headline's. outcome: a measure for `effects`, default all. Raises UsageError for a
    name that is not there, InputError where there is nothing that may be drawn (a match that failed the balance gate has
    no effects; only an outcome of kind time has curves).
    """
    release = releasable.release
    found = _analysis(release, analysis)
    if outcome and outcome not in (names := [result.measure for result in found.outcomes]):
        raise UsageError(unknown("outcome", outcome, names))
    makers: dict[Kind, Callable[[], tuple[Chart, ...]]] = {
        "balance": lambda: love_chart(release, found),
        "overlap": lambda: overlap_chart(release, found),
        "effects": lambda: all_effect_charts(release, found, outcome),
        "survival": lambda: survival_chart(release, found),
    }
    with quickly():
        charts = makers[kind]()
    if not charts:
        raise InputError(say(f"python.nothing.{kind}"))
    return Picture(charts)


def _analysis(release: Release, name: str) -> ReleasedAnalysis:
    if not name and (found := headline(release)[0]) is not None:
        return found
    for analysis in release.analyses:
        if analysis.name == name:
            return analysis
    raise UsageError(unknown("analysis", name, [analysis.name for analysis in release.analyses]))


def _placed(chart: Chart, top: float) -> str:
    """A drawing with its title above it (on a page the heading says it)."""
    look = f'font-family="{FONT}" font-size="16" font-weight="bold" fill="{INK}" aria-hidden="true"'
    title = f'<text x="4" y="{top + 18:g}" {look}>{escape(chart.title)}</text>'
    return f'{title}<svg y="{top + HEADING:g}"{chart.wide.removeprefix("<svg")}'


def _size(svg: str) -> tuple[float, float]:
    found = re.match(r'<svg[^>]*? width="([\d.]+)" height="([\d.]+)"', svg)
    if found is None:
        raise ValueError("the drawing has no size")
    return float(found[1]), float(found[2])
