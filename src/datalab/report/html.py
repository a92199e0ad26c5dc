"""Renders the report as one self-contained HTML page: no script, no outside call, style sheet and charts inside."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from datalab.disclosure.results import Releasable
from datalab.report.page import Page
from datalab.report.panels import banners, verdict_panel, watermark
from datalab.report.sections import report_sections
from datalab.report.sentences import headline_tag, tell, vocabulary
from datalab.report.svg import quickly
from datalab.wording import Language, say, speaking, spoken

SHORT_HASH = 12
STYLE_SHEETS = {"css": "report", "summary_css": "summary"}


def render_html(releasable: Releasable, *, manifest_sha256: str, version: str, language: str | Language | None = None) -> str:
    """The whole page. manifest_sha256: of the manifest's body; version: of this package; language: the folder of wording that
    it is told in, else the one that is spoken. Same release, same text."""
    with speaking(language or spoken()):
        return render_page(build_page(releasable, manifest_sha256=manifest_sha256, version=version))


def render_page(page: object, template: str = "report.html.j2") -> str:
    """A page of frozen blocks as text: self-contained, no script. Same page, same text."""
    return _environment().get_template(template).render(page=page, lang=spoken().tag)


def build_page(releasable: Releasable, *, manifest_sha256: str, version: str) -> Page:
    """The page as frozen blocks, before it becomes text."""
    release = releasable.release
    words = vocabulary(release)
    name = release.title or release.study_id
    footer = say(
        "report.page.footer",
        version=version,
        study_id=release.study_id,
        plan=release.plan_sha256[:SHORT_HASH] or say("report.methods.no_tables"),
        manifest=manifest_sha256[:SHORT_HASH],
    )
    with quickly():
        sections = report_sections(releasable)
    return Page(
        title=tell(release, "page.title", verdict=headline_tag(release), title=name),
        strapline=words["strapline"],
        heading=name,
        banners=banners(release),
        panel=verdict_panel(release),
        sections=sections,
        footer=(footer, say("report.page.files")),
        watermark=watermark(release),
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("datalab.report", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = {name: _loader_source(environment, f"{file}.css")[0] for name, file in STYLE_SHEETS.items()}
    environment.globals.update(say=say, **{name: Markup(text) for name, text in sheets.items()})  # noqa: S704 - our own, no data
    environment.filters["svg"] = Markup
    return environment


def _loader_source(environment: Environment, name: str) -> tuple[str, object, object]:
    if environment.loader is None:
        raise ValueError("the environment has no loader")
    return environment.loader.get_source(environment, name)
