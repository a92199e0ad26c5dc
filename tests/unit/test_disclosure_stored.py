"""The stored release: reads back equal, holds nothing but what was released, and is refused where it is not one."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tests.findings_factory import make_findings
from tests.run_folder import several_findings

from datalab.disclosure import as_stored, control, own_data, release_document, restore, stored
from datalab.disclosure.results import Releasable
from datalab.errors import InputError, InternalError
from datalab.store import canonical_json

RELEASES = {
    "default": lambda: control(make_findings()),
    "strict": lambda: control(make_findings(), "strict"),
    "small": lambda: control(make_findings(matched=45, pool=900)),
    "hidden": lambda: control(make_findings(matched=35, rate=0.1, pool=400)),
    "refused": lambda: control(make_findings(passed=False)),
    "too_few": lambda: control(make_findings(status="too_few", matched=20)),
    "several": lambda: control(several_findings(3)),
    "own": lambda: own_data(make_findings(kind="evaluate")),
}


def document_of(releasable: Releasable) -> Any:
    """The document as it comes out of its file."""
    return json.loads(canonical_json(release_document(releasable.release, releasable.decisions)))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(value, dict) and "suppressed" not in value:
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path, value


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    made = copy.deepcopy(document)
    node = made
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return made


@pytest.mark.parametrize("case", RELEASES)
def test_a_stored_release_reads_back_equal(case: str) -> None:
    stored = as_stored(RELEASES[case]())
    again = restore(document_of(stored), own=case == "own")
    assert again.release == stored.release
    assert again.decisions == stored.decisions
    assert document_of(again) == document_of(stored)


@pytest.mark.parametrize("case", RELEASES)
def test_it_differs_from_the_release_in_the_eleventh_digit_at_most(case: str) -> None:
    """Every leaf is the release's own, numbers to 10 significant digits; every symbol stays."""
    made = RELEASES[case]()
    before, after = (dict(leaves(release_document(found.release, ()))) for found in (made, as_stored(made)))
    assert before == after
    text = canonical_json(document_of(made)).decode()
    assert "NaN" not in text and "Infinity" not in text
    assert all(float(f"{value:.10g}") == value for value in after.values() if isinstance(value, float))


@pytest.mark.parametrize("strange", [None, [], "x", {"deep": 1}, {"suppressed": "[q]"}, True, 1e400])
def test_a_leaf_of_another_type_is_refused_wherever_it_stands(strange: Any) -> None:
    document = document_of(RELEASES["small"]())
    tried = 0
    for path, value in list(leaves(document))[:: 7 if strange is None else 37]:
        if type(value) is type(strange) or (value is None) or (isinstance(value, (int, float)) and isinstance(strange, float)):
            continue
        if isinstance(value, dict) and isinstance(strange, float):
            continue
        with pytest.raises((InputError, InternalError)):
            restore(changed(document, path, strange), own=False)
        tried += 1
    assert tried > 5


def test_missing_and_strange_parts_are_refused_by_their_place() -> None:
    document = document_of(RELEASES["default"]())
    with pytest.raises(InputError, match=r"release\.analyses\[0\]\.people is not as this program writes it"):
        restore(changed(document, ("release", "analyses", 0, "people", "secret"), 3), own=False)
    del document["release"]["deaths"]
    with pytest.raises(InputError, match="release is not as"):
        restore(document, own=False)
    with pytest.raises(InputError, match="decisions is not as"):
        restore([], own=False)


def test_the_last_gate_refuses_an_edited_release() -> None:
    """Numbers put where they may not be: a small cell, an outcome on few people, a share of nobody, a whole share."""
    document = document_of(RELEASES["small"]())
    edits: list[tuple[tuple[Any, ...], Any]] = [
        (("release", "attrition", 1, "lost"), 4),
        (("release", "analyses", 0, "people", "matched"), 12),
        (("release", "analyses", 0, "people", "treated"), 47),
        (("release", "analyses", 0, "outcomes", 0, "n_treated"), 9),
        (("release", "analyses", 0, "outcomes", 0, "comparison_plain"), 1.0),
        (("release", "status"), "own_data"),
    ]
    for path, value in edits:
        with pytest.raises(InternalError):
            restore(changed(document, path, value), own=False)
    restore(document, own=False)


def test_a_controlled_release_cannot_pass_for_ones_own_table_nor_the_other_way_round() -> None:
    for case, own in (("default", True), ("own", False)):
        with pytest.raises(InternalError, match="kind that its manifest says"):
            restore(document_of(RELEASES[case]()), own=own)
    dressed = changed(document_of(RELEASES["default"]()), ("release", "disclosure_profile"), "none")
    with pytest.raises(InternalError):
        restore(dressed, own=False)


@pytest.mark.parametrize(
    ("read", "kind"),
    [(stored._read_tuple, tuple[int, ...]), (stored._read_tuple, tuple[int, int]), (stored._read_dict, dict[str, int])],
)
def test_a_value_of_another_shape_is_refused(read, kind) -> None:
    with pytest.raises(type(stored._fault("x"))):
        read(kind, 3, "x")
    if read is stored._read_tuple and kind == tuple[int, int]:
        with pytest.raises(type(stored._fault("x"))):
            read(kind, [1], "x")
