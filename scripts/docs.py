"""Generates the pages of docs/generated from the code; `--check` fails where a committed page differs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from datalab.features.outcomes import QUERIES
from datalab.fields.justice.covariates import COVARIATES
from datalab.fields.justice.measures import MEASURES, NEGATIVE_CONTROL
from datalab.linkage.cleaning import FIELDS, STEPS, cleaning_hash
from datalab.matching.settings import METHODS, RULES, used_settings
from datalab.schema.documents import dictionary_markdown
from portal.publishing import states as release_states
from portal.requests.states import MOVES, STANDINGS, State, diagram
from scripts.published import published_markdown

FOLDER = Path(__file__).parent.parent / "docs" / "generated"
NOTE = "<!-- Generated from the code by `make docs`. Do not edit. -->\n\n"


def measures_markdown() -> str:
    """Every measure that a plan may ask for, with its definition, and the negative control."""
    lines = [
        "# Measures",
        "",
        "All count from the day after the clock start, over 12 calendar months (24 in a two-year plan). Disclosure control may",
        "withhold more than the last column says.",
        "",
        "| name | what | kind | value | denominator | good news | shown when |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for measure in MEASURES:
        gate = "always"
        if measure.minimum_treated:
            gate = f"at least {measure.minimum_treated} treated {measure.among}"
        elif measure.minimum_expected:
            gate = f"treated n × p at least {measure.minimum_expected:g}"
        among = measure.among or "everyone analysed"
        value = QUERIES[measure.name].meaning
        cells = (f"`{measure.name}`", measure.label, measure.kind, value, among, measure.favourable, gate)
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", f"Not for a plan: `{NEGATIVE_CONTROL.name}`, {NEGATIVE_CONTROL.label[0].lower()}{NEGATIVE_CONTROL.label[1:]}."]
    return "\n".join(lines) + "\n"


def covariates_markdown() -> str:
    """Every covariate with its definition, by family."""
    lines = ["# Covariates", "", "| name | label | family | kind | definition |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| `{one.name}` | {one.label} | {one.family} | {one.kind} | {one.definition} |" for one in COVARIATES]
    return "\n".join(lines) + "\n"


def methods_markdown() -> str:
    """Every method of matching with the settings it uses and their defaults, and the rule of each setting."""
    lines = ["# Methods of matching and their settings", "", "A setting that a method does not use is refused by name.", ""]
    lines += ["| method | settings and their defaults |", "| --- | --- |"]
    lines += [
        f"| `{method}` | {', '.join(f'`{name}` {_default(value)}{_beside(method, name)}' for name, value in used.items())} |"
        for method, used in METHODS.items()
    ]
    lines += ["", "| setting | must be | used by |", "| --- | --- | --- |"]
    for name, rule in RULES.items():
        users = [method for method, used in METHODS.items() if name in used or name == "method"]
        lines.append(f"| `{name}` | {rule.rule} | {', '.join(f'`{user}`' for user in users)} |")
    return "\n".join(lines) + "\n"


def _beside(method: str, name: str) -> str:
    return "" if name in used_settings(method, {}) else " (only with trimming)"


def _default(value: object) -> str:
    if isinstance(value, bool):
        return "false" if not value else "true"
    return "(left out)" if value is None else str(value)


def thresholds_markdown() -> str:
    """The thresholds file of disclosure control, as it stands."""
    text = resources.files("datalab.disclosure").joinpath("thresholds.toml").read_text(encoding="utf-8")
    return f"# Disclosure thresholds\n\n```toml\n{text.rstrip()}\n```\n"


def request_states_markdown() -> str:
    """The life cycle of a request: the picture, and every state with who has it and for how long."""
    lines = [
        "# Life cycle of a request",
        "",
        "```mermaid",
        diagram().rstrip(),
        "```",
        "",
        "| state | who has it | working days |",
    ]
    lines.append("| --- | --- | --- |")
    lines += [f"| {state.value} | {one.owner.value} | {one.days or ''} |" for state, one in STANDINGS.items()]
    lines += ["", "| move | from | to | who | who is told | of |", "| --- | --- | --- | --- | --- | --- |"]
    for name, move in MOVES.items():
        starts = ", ".join(state.value for state in State if state in move.start)
        who, told = (", ".join(sorted(owner.value for owner in owners)) for owners in (move.who, move.notice))
        lines.append(f"| {name} | {starts} | {move.end.value} | {who} | {told} | {move.of.value if move.of else 'either'} |")
    return "\n".join(lines) + "\n"


def cleaning_markdown() -> str:
    """The cleaning rules of linkage: each step, and the steps of each field in order."""
    lines = ["# Cleaning rules of linkage", "", f"SHA-256 of the rules: `{cleaning_hash()}`.", ""]
    lines += ["| step | what it does | expression |", "| --- | --- | --- |"]
    lines += [f"| `{step.name}` | {step.does} | `` {step.expression.replace('|', '&#124;')} `` |" for step in STEPS.values()]
    lines += ["", "| field | steps, in order |", "| --- | --- |"]
    lines += [f"| {field} | {', '.join(f'`{name}`' for name in names)} |" for field, names in FIELDS.items()]
    return "\n".join(lines) + "\n"


def release_states_markdown() -> str:
    """The life of a release: the picture."""
    return f"# Life of a release\n\n```mermaid\n{release_states.diagram().rstrip()}\n```\n"


PAGES: dict[str, Callable[[], str]] = {
    "request-states.md": request_states_markdown,
    "release-states.md": release_states_markdown,
    "data-dictionary.md": dictionary_markdown,
    "covariates.md": covariates_markdown,
    "linkage-cleaning.md": cleaning_markdown,
    "measures.md": measures_markdown,
    "methods-and-settings.md": methods_markdown,
    "disclosure-thresholds.md": thresholds_markdown,
    "published-agreement.md": published_markdown,
}


def main() -> None:
    """Writes the pages, or with --check names those that differ and exits 1."""
    checking = "--check" in sys.argv
    stale = []
    for name, make in PAGES.items():
        text, path = NOTE + make(), FOLDER / name
        if checking and (not path.is_file() or path.read_text(encoding="utf-8") != text):
            stale.append(name)
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if stale:
        print(f"docs/generated is not as the code says: {', '.join(stale)}. Run: make docs")
        sys.exit(1)


if __name__ == "__main__":
    main()
