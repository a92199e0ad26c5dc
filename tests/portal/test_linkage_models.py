"""The linkage model in force: changed by two stewards, told in the public log; a run gets it, and links with it."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from tests.portal.lab import Lab, load_records

from datalab.errors import InputError
from datalab.linkage import load_model, packaged_model
from portal.config.refusals import Refused
from portal.ops.linkage import current_model, decide_model, differing, model_of, moved, propose_model, text_in_force
from portal.ops.models import LinkageModel
from portal.publishing.rules import rule_changes
from portal.requests import actions
from portal.requests.models import Request
from portal.requests.plans import draft_plan, plan_text, read_plan, with_inputs
from portal.runs import engine
from portal.runs.actions import queue_run


def trained(version: str = "model_2026_12_01", **changed: Any) -> bytes:
    """A model file as a training writes it: the package's own with another version, and one weight moved by three bits."""
    raw = json.loads(json.dumps(packaged_model()))
    raw["version"] = version
    exact = next(
        level for one in raw["comparisons"] if one["name"] == "sex" for level in one["levels"] if level["name"] == "exact"
    )
    exact["u"] /= 8
    return json.dumps(raw | changed).encode()


def in_force(lab: Lab, content: bytes | None) -> LinkageModel:
    made = propose_model(by=lab.person("steward"), content=content, why="Trained on this year's uploads.")
    return decide_model(by=lab.person("steward2"), proposed=made, accept=True)


def test_two_people_change_it_and_the_public_log_says_so(lab: Lab) -> None:
    made = propose_model(by=lab.person("steward"), content=trained(), why="Trained on this year's uploads.")
    assert (text_in_force(), current_model(), rule_changes()) == ("", None, [])
    with pytest.raises(Refused):
        decide_model(by=lab.person("steward"), proposed=made, accept=True)
    decide_model(by=lab.person("steward2"), proposed=made, accept=True)
    assert current_model() == made
    assert text_in_force().encode() == trained()
    assert [text for _, text in rule_changes()] == ["Records are linked with another model (model_2026_12_01)."]
    with pytest.raises(Refused):
        decide_model(by=lab.person("steward2"), proposed=made, accept=False)
    in_force(lab, None)
    assert (text_in_force(), current_model()) == ("", None)
    assert load_model().version in rule_changes()[0][1]
    assert LinkageModel.objects.filter(is_current=True).count() == 1


def test_what_nobody_agrees_to_is_not_in_force(lab: Lab) -> None:
    made = propose_model(by=lab.person("steward"), content=trained(), why="x")
    decide_model(by=lab.person("steward2"), proposed=made, accept=False)
    assert current_model() is None


def test_what_a_steward_sees_of_it(lab: Lab) -> None:
    made = propose_model(by=lab.person("steward"), content=trained(), why="x")
    ours, theirs = model_of(None), model_of(made)
    assert ours is not None
    assert theirs is not None
    (line,) = moved(ours, theirs)
    assert (line.comparison, line.level) == ("sex", "exact")
    assert line.before is not None
    assert line.after == pytest.approx(line.before + 3)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no linkage model"),
        (b"\xff", "no linkage model"),
        (b"[" * 100_000, "no linkage model"),
        (b"{}", "not a linkage model"),
        (trained(blocking=[["forename) union select 1 --"]]), "names what no comparison can use"),
        (trained(version="x" * 61), "no linkage model"),
        (trained(version=load_model().version), "Another model has the version"),
        (trained(version="model_2026_11_22"), "Another model has the version"),
        (trained(version="model_\ud800"), "The version must be"),
        (trained(version="model_\0"), "The version must be"),
        (trained(decision_probability=float("nan")), "decision_probability must lie between"),
        (trained(comparisons=[{"name": "\ud800", "needs": [], "levels": []}]), "a name of its own"),
        (trained(blocking=[["\ud800"]]), "names what no comparison can use"),
    ],
    ids=[
        "nothing",
        "no text",
        "deep",
        "no parts",
        "SQL",
        "long version",
        "the engine's version",
        "an earlier version of the engine's",
        "unprintable version",
        "NUL",
        "no number",
        "unprintable name",
        "unprintable column",
    ],
)
def test_a_file_that_is_no_model_is_refused_in_words(lab: Lab, content: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        propose_model(by=lab.person("steward"), content=content, why="x")
    assert refused.value.sentence.encode()
    assert not LinkageModel.objects.exists()


def test_a_steward_sees_everything_that_it_would_change(lab: Lab, sign_in: Any) -> None:
    raw = packaged_model()
    limits = {**raw["thresholds"], "tie_bits": 0.0}
    rules = [rule for rule in raw["blocking"] if rule != ["pnc_ids"]]
    changed = json.dumps({**raw, "version": "mine", "thresholds": limits, "blocking": rules}).encode()
    made = propose_model(by=lab.person("steward"), content=changed, why="x")
    ours, theirs = model_of(None), model_of(made)
    assert ours is not None
    assert theirs is not None
    assert moved(ours, theirs) == ()
    assert [(one.name, one.before, one.after) for one in differing(ours, theirs)] == [
        ("tie_bits", "2.0", "0.0"), ("blocking: pnc_ids", "yes", ""),
    ]  # fmt: skip
    page = sign_in("steward2").get("/lab/linkage").content.decode()
    assert "No weight moves by more than two bits." in page
    assert "tie_bits" in page
    assert "blocking: pnc_ids" in page


def test_what_is_in_force_meanwhile_is_not_agreed_to_again(lab: Lab) -> None:
    steward, other = lab.person("steward"), lab.person("steward2")
    twice = [propose_model(by=steward, content=trained(), why="x") for _ in range(2)]
    decide_model(by=other, proposed=twice[0], accept=True)
    with pytest.raises(Refused, match="in force already"):
        decide_model(by=other, proposed=twice[1], accept=True)
    assert len(rule_changes()) == 1
    decide_model(by=other, proposed=twice[1], accept=False)
    back = propose_model(by=steward, content=None, why="x")
    LinkageModel.objects.filter(id=back.id).update(version="of an earlier engine")
    assert decide_model(by=other, proposed=back, accept=True).version == load_model().version


def test_of_two_files_with_one_version_one_is_agreed_to(lab: Lab) -> None:
    first, second = (propose_model(by=lab.person("steward"), content=trained(version), why="x") for version in ("one", "two"))
    LinkageModel.objects.filter(id=second.id).update(text=trained("one", expected_share=0.8).decode())  # as of a race
    decide_model(by=lab.person("steward2"), proposed=first, accept=True)
    with pytest.raises(Refused, match="Another model has the version"):
        decide_model(by=lab.person("steward2"), proposed=second, accept=True)


def test_one_version_is_one_model_and_what_is_in_force_is_not_proposed(lab: Lab) -> None:
    with pytest.raises(Refused, match="in force already"):
        propose_model(by=lab.person("steward"), content=None, why="x")
    in_force(lab, trained())
    with pytest.raises(Refused, match="in force already"):
        propose_model(by=lab.person("steward"), content=trained(), why="x")
    with pytest.raises(Refused, match="Another model has the version"):
        propose_model(by=lab.person("steward"), content=trained(expected_share=0.8), why="x")


def test_who_may_not(lab: Lab) -> None:
    made = propose_model(by=lab.person("steward"), content=trained(), why="x")
    for who in ("analyst", "reviewer1", "provider"):
        with pytest.raises(Refused):
            propose_model(by=lab.person(who), content=None, why="x")
        with pytest.raises(Refused):
            decide_model(by=lab.person(who), proposed=made, accept=True)
    with pytest.raises(Refused):
        propose_model(by=lab.person("steward"), content=trained("other"), why=" ")


def test_the_database_refuses_a_change_by_one_person(lab: Lab) -> None:
    made = propose_model(by=lab.person("steward"), content=trained(), why="x")
    for change in (
        {"decided_by": made.proposed_by, "accepted": True},
        {"is_current": True},
        {"is_current": True, "accepted": True},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            LinkageModel.objects.filter(id=made.id).update(**change)


def test_a_run_links_with_what_is_in_force(lab: Lab, home: Path) -> None:
    load = load_records(lab)
    load.path.mkdir()
    job = queue_run(by=lab.person("analyst"), request=lab.planned())
    with engine.laid_out(job, load) as folder:
        assert "linkage_model" not in tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["inputs"]
    in_force(lab, trained())
    with engine.laid_out(job, load) as folder:
        named = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["inputs"]["linkage_model"]
        assert (folder / named).read_bytes() == trained()


OTHER = 'linkage_model = "/opt/other.json"'
SMUGGLED = {
    "beside a comment": ("[inputs] # ours", OTHER), "spaced": ("[ inputs ]", OTHER), "quoted": ('["inputs"]', OTHER),
}  # fmt: skip


def _plan(lab: Lab, request: Request) -> str:
    return plan_text(draft_plan(request.reference, request.answers, dt.date(2018, 1, 31)))


@pytest.mark.parametrize("written", SMUGGLED.values(), ids=SMUGGLED)
def test_a_plan_that_names_a_model_of_its_own_is_run_with_what_is_in_force(lab: Lab, written: tuple[str, str]) -> None:
    load = load_records(lab)
    load.path.mkdir()
    request = lab.accepted()
    text = _plan(lab, request).replace("[inputs]", "\n".join(written))
    actions.register_plan(by=lab.person("analyst"), request=request, text=text)
    with engine.laid_out(queue_run(by=lab.person("analyst"), request=request), load) as folder:
        assert tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["inputs"] == {
            "upload": "upload.csv", "central": "central",
        }  # fmt: skip


@pytest.mark.parametrize(
    "start",
    [
        f'inputs.upload = "upload.csv"\ninputs.central = "central"\ninputs.{OTHER}\n',
        f'inputs = {{ upload = "upload.csv", central = "central", {OTHER} }}\n',
        f'inputs = {{ upload = "upload.csv", central = "central", {OTHER} }} # """\n#[inputs]\n',
    ],
)
def test_a_plan_whose_own_inputs_could_not_be_replaced_is_not_registered(lab: Lab, start: str) -> None:
    request = lab.accepted()
    text = start + _plan(lab, request).replace('[inputs]\nupload = "upload"\ncentral = "central"\n', "")
    assert read_plan(text).inputs.linkage_model == Path("/opt/other.json")
    with pytest.raises(InputError, match="table of its own"):
        actions.register_plan(by=lab.person("analyst"), request=request, text=text)
    planned = lab.planned()
    with pytest.raises(InputError, match="table of its own"):
        actions.amend_plan(by=lab.person("analyst"), request=planned, text=text, reason="x")
    with pytest.raises(ValueError, match="inputs of its own"):  # one of before, which a worker tells as its own fault
        with_inputs(text, "[inputs]\n")


def test_the_pages(lab: Lab, sign_in: Any) -> None:
    steward, other = sign_in("steward"), sign_in("steward2")
    assert "the engine&#39;s own" in steward.get("/lab/linkage").content.decode()
    answer = steward.post("/lab/linkage", {"source": "file", "why": "x"})
    assert "Choose a file of a training" in answer.content.decode()
    sent = {"source": "file", "file": SimpleUploadedFile("model.json", trained()), "why": "This year's uploads."}
    assert steward.post("/lab/linkage", sent).status_code == 302
    waiting = LinkageModel.objects.get()
    address = f"/lab/linkage/{waiting.public_id}"
    assert steward.post(address, {"answer": "accept"}).status_code == 403
    page = other.get("/lab/linkage").content.decode()
    assert "sex: exact" in page
    for nothing in ({}, {"answer": "perhaps"}):
        assert other.post(address, nothing).status_code == 409
    assert other.post(address, {"answer": "accept"}).status_code == 302
    assert "trained on the lab&#39;s own data" in other.get("/lab/linkage").content.decode()
    assert "model_2026_12_01" in other.get("/releases/log").content.decode()


def test_a_model_that_a_later_engine_cannot_use_is_told_and_can_be_put_right(lab: Lab, sign_in: Any) -> None:
    kept = in_force(lab, trained())
    LinkageModel.objects.filter(id=kept.id).update(text=trained().decode().replace('"same"', '"alike"'))
    steward = sign_in("steward")
    assert "cannot use this model" in steward.get("/lab/linkage").content.decode()
    assert steward.post("/lab/linkage", {"source": "own", "why": "The engine was renewed."}).status_code == 302
    assert "cannot use this model" in steward.get("/lab/linkage").content.decode()
    decide_model(by=lab.person("steward2"), proposed=LinkageModel.objects.get(decided_at=None), accept=True)
    assert "cannot use this model" not in steward.get("/lab/linkage").content.decode()
