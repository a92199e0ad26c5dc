"""What the people of a study are called: men or women where the plan says so, and how they came into it."""

from __future__ import annotations

from datalab.disclosure.results import Release
from datalab.wording import say, words

SEXES: dict[tuple[str, ...], str] = {("M",): "men", ("F",): "women"}
# Where every index event is of one kind: the words for it.
ORIGINS = ("release", "court_order", "caution")


def cohort_words(release: Release) -> dict[str, str]:
    """`people`, `People`, `one` and `cohort` ("men released from prison") of a study of a programme.

    They follow the plan (conditions of the headline analysis, setting of the programme), never what the data happen to hold,
    so that they tell nothing about anybody.
    """
    conditions = next((dict(one.conditions) for one in release.analyses if one.name == release.headline_analysis), {})
    kind = SEXES.get(conditions.get("sex", ()), "people")
    found: dict[str, str] = dict(words("people")["kinds"][kind])
    return {**found, "cohort": say(f"people.origins.{_origin(release, conditions)}", **found)}


def everybody() -> dict[str, str]:
    """`people`, `People` and `one` of a text that is about several analyses at once."""
    return dict(words("people")["kinds"]["people"])


def _origin(release: Release, conditions: dict[str, tuple[str, ...]]) -> str:
    kinds = conditions.get("index_kind", ())
    if len(kinds) == 1 and kinds[0] in ORIGINS:
        return kinds[0]
    in_custody = "custody" in (release.programme.setting, *conditions.get("setting", ())) and not kinds
    return "release" if in_custody and conditions.get("setting", ("custody",)) == ("custody",) else "several"
