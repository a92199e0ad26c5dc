"""Notes of single measures, gathered: each is said once and names the measures that it is about."""

from __future__ import annotations

from datalab.disclosure.results import Release, ReleasedAnalysis, ReleasedOutcome
from datalab.report.sentences import by_kind, explained, tell
from datalab.wording import say

# Said in better words elsewhere: by the verdict's own sentence, and by the note on measures among part of the people.
SAID_ELSEWHERE = ("could_be_chance", "after_programme")


def outcome_notes(release: Release) -> tuple[str, ...]:
    """Every note on a measure, once: bare where it is about all that are shown, else naming the measures."""
    pairs = [(analysis, outcome) for analysis in release.analyses for outcome in analysis.outcomes]
    everything = {_name(release, *pair) for pair in pairs if pair[1].effect is not None}
    known = {_name(release, *pair) for pair in pairs if pair[1].effect is not None and pair[1].known_before}
    part = {_name(release, *pair) for pair in pairs if pair[1].effect is not None and pair[1].among and not pair[1].known_before}
    about: dict[str, list[str]] = {}
    for analysis, outcome in pairs:
        for note in outcome.notes:
            if not note.endswith(SAID_ELSEWHERE):
                about.setdefault(note, []).append(_name(release, analysis, outcome))
    found = [tell(release, by_kind(release, "notes.among"))] if part else []
    for note, names in about.items():
        text = explained(release, note, "outcome_notes")
        whole, start = text[:1].upper() + text[1:], text[:1].lower() + text[1:]
        if set(names) == everything:
            found.append(whole)
            continue
        apart = [name for name in names if name in known]
        rest = [name for name in names if name not in known]
        found += [_about(release, rest, part, start)] if rest else []
        if apart:
            found.append(say("measures.work.about_all", text=start) if set(apart) == known else _named(apart, start))
    return tuple(found)


def _about(release: Release, names: list[str], part: set[str], text: str) -> str:
    if set(names) == part:
        return tell(release, by_kind(release, "notes.about_part"), text=text)
    if len(names) > 1 and part < set(names) and len(set(names) - part) == 1:
        (other,) = set(names) - part
        return tell(release, by_kind(release, "notes.about_part_and"), name=other, text=text)
    return _named(names, text)


def _named(names: list[str], text: str) -> str:
    return say("report.notes.about", names=", ".join(names), text=text)


def _name(release: Release, analysis: ReleasedAnalysis, outcome: ReleasedOutcome) -> str:
    label = outcome.label or outcome.measure
    return f"{label} ({analysis.name})" if len(release.analyses) > 1 else label
