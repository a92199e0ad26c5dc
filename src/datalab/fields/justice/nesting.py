"""Which levels of a covariate the people of an analysis have, known the conditions that chose them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datalab.fields.justice.codes import EVENT_KIND, REGION, SEX

CUSTODY_KIND = "release"  # the kind of event that is a release from custody
# Variable of a condition -> the covariate of the same classification, and its codes with what is printed.
_SAME = {"sex": ("sex", SEX), "region": ("region", REGION), "index_kind": ("index_kind", EVENT_KIND)}


def levels_chosen(covariate: str, levels: Iterable[str], variable: str, values: Sequence[str]) -> frozenset[str]:
    """Those of the levels (as printed) that people who meet a condition have; empty where the condition is of something else.

    >>> sorted(levels_chosen("index_kind", ("Release from custody", "Caution"), "setting", ("community",)))
    ['Caution']
    >>> sorted(levels_chosen("index_quarter", ("2011Q4", "2012Q1"), "cohort_year", ("2012",)))
    ['2012Q1']
    """
    if variable in _SAME and _SAME[variable][0] == covariate:
        printed = dict(_SAME[variable][1])
        chosen = {printed.get(value, value) for value in values}
        return frozenset(level for level in levels if level in chosen)
    if variable == "setting" and covariate == "index_kind":
        custody = dict(EVENT_KIND)[CUSTODY_KIND]
        return frozenset(level for level in levels if ("custody" if level == custody else "community") in values)
    if variable == "cohort_year" and covariate == "index_quarter":
        return frozenset(level for level in levels if level[:4] in values)
    return frozenset()
