"""A feasibility study as a product of its own: reviewed, cleared, registered, checked for facts, published, listed; no result."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from jsonschema import Draft202012Validator
from tests.portal.lab import OUT_ON, WORKER, Lab, a_study, fresh, load_records
from tests.register_tables import ids, of
from tests.world_fixture import world_folder

from datalab.register import open_register
from portal.audit.models import AuditEvent
from portal.config.clock import at
from portal.config.refusals import Refused
from portal.library.entries import keep_analyses
from portal.library.models import Analysis, Result
from portal.library.search import counted
from portal.library.studies import _content
from portal.notices.models import Notice
from portal.ops.daily import tick
from portal.publishing import outing
from portal.publishing.actions import add_report
from portal.publishing.bulletin import read_findings
from portal.publishing.clock import keep_time
from portal.publishing.counts import count_requests
from portal.publishing.models import Report
from portal.publishing.times import publish_at
from portal.requests import actions
from portal.requests.models import Request
from portal.requests.plans import draft_plan, plan_text
from portal.requests.states import Product, State
from portal.review.actions import send_to_review
from portal.review.checklist import ITEMS
from portal.runs import pairs, register, worker
from portal.runs.actions import queue_run
from portal.runs.models import Job
from portal.runs.output import content_sha256, output_folder
from portal.runs.seal import can_seal
from portal.uploads.actions import receive

ON_TIME = publish_at(OUT_ON)
SENTENCE = "Example Workshop can be evaluated as planned: every criterion is met. 240 people could be analysed."
sealed = pytest.mark.skipif(
    not can_seal(), reason="this kernel has no Landlock, so that no run can be done on it: docs/portal.md"
)


def _published(lab: Lab, *others: Request) -> Report:
    request = lab.study_final()
    lab.scheduled(request, *others)
    with at(ON_TIME):
        keep_time()
    return Report.objects.get(request=request)


def test_from_planned_to_cleared_without_a_link_to_any_outcome(lab: Lab) -> None:
    request = lab.study_final()
    moves = [event.facts["to"] for event in AuditEvent.objects.filter(request=request.public_id) if "to" in event.facts]
    assert moves == ["submitted", "accepted", "planned", "in_review", "cleared", "fact_check", "cleared_final"]
    assert request.product == Product.FEASIBILITY
    assert not request.jobs.filter(kind=Job.Kind.RUN).exists()
    round_ = request.rounds.get()
    assert (round_.job.kind, round_.content_sha256) == ("feasibility", content_sha256(output_folder(round_.job)))


def test_it_is_sent_to_review_once_there_is_one_of_the_newest_plan_unchanged(lab: Lab) -> None:
    request, analyst = lab.planned(), lab.person("analyst")
    with pytest.raises(Refused):
        send_to_review(by=analyst, request=request)
    job = lab.study(request)
    (output_folder(job) / "feasibility.html").write_text("something else", encoding="utf-8")
    with pytest.raises(Refused, match="no longer what was made"):
        send_to_review(by=analyst, request=request)
    shutil.rmtree(output_folder(job))
    lab.study(request)
    queue_run(by=analyst, request=request)
    with pytest.raises(Refused, match="still going on"):
        send_to_review(by=analyst, request=request)
    assert fresh(request).product == Product.EVALUATION


def test_one_that_was_made_without_the_register_is_not_reviewed(lab: Lab) -> None:
    request = lab.planned()
    job = lab.study(request)
    job.found = {"status": "released"}
    job.save()
    with pytest.raises(Refused):
        send_to_review(by=lab.person("analyst"), request=request)


def test_doubtful_links_of_one_are_decided_before_anything_is_linked(lab: Lab, sign_in: Any) -> None:
    request = lab.planned()
    job = lab.study(request)
    path = f"/requests/{request.public_id}/runs/{job.public_id}"
    assert f'{path}/links"' in sign_in("analyst").get(path).content.decode()
    pair = job.pairs.get()
    for name in ("analyst", "analyst2"):
        pairs.decide(by=lab.person(name), pair=pair, accept=True)
    assert pairs.decisions_file(request).splitlines()[1].startswith("7,P00000001,accept,")


def test_returned_it_goes_back_to_the_plan_and_the_analysis_is_open_again(lab: Lab) -> None:
    request = lab.voted(lab.study_in_review(), reviewer1=True, reviewer2=False)
    assert (request.state, request.product) == (State.RETURNED, Product.FEASIBILITY)
    request = actions.rework(by=lab.person("analyst"), request=request)
    assert (request.state, request.product) == (State.PLANNED, Product.EVALUATION)
    lab.run(request)
    assert fresh(request).state == State.ANALYSED


def test_an_error_of_fact_leads_back_to_the_plan(lab: Lab) -> None:
    request = actions.report_error(by=lab.person("provider"), request=lab.study_checked(), reason="The dates are wrong.")
    assert (request.state, request.product) == (State.PLANNED, Product.EVALUATION)
    lab.study(request)
    assert lab.voted(_sent(lab, request), reviewer1=True, reviewer2=True).state == State.CLEARED


def _sent(lab: Lab, request: Request) -> Request:
    send_to_review(by=lab.person("analyst"), request=request)
    return fresh(request)


def test_its_provider_may_withdraw_instead_of_agreeing_and_not_while_others_have_it(lab: Lab) -> None:
    provider, request = lab.person("provider"), lab.study_in_review()
    with pytest.raises(Refused):
        actions.withdraw(by=provider, request=request)
    checked = lab.study_checked()
    assert actions.withdraw(by=provider, request=checked, reason="No.").state == State.WITHDRAWN
    assert Notice.objects.filter(key="withdraw_feasibility.provider").exists()
    with pytest.raises(Refused):
        actions.withdraw(by=provider, request=lab.study_final())
    analysed = lab.fact_check()
    with pytest.raises(Refused):
        actions.withdraw(by=provider, request=analysed)


def test_the_database_knows_no_feasibility_study_that_was_linked(lab: Lab) -> None:
    request = lab.study_in_review()
    for state in (State.LINKED, State.ANALYSED, State.NOT_REPORTABLE, State.PLANNED):
        with pytest.raises(IntegrityError), transaction.atomic():
            Request.objects.filter(id=request.id).update(state=state)


def test_what_is_published_as_one_is_never_analysed_and_an_analysis_never_becomes_one(lab: Lab) -> None:
    analyst = lab.person("analyst")
    report = _published(lab, lab.cleared_final())
    with pytest.raises(Refused, match="asks for a repeat"):
        queue_run(by=analyst, request=report.request)
    other = Report.objects.exclude(id=report.id).get()
    with pytest.raises(Refused, match="comes before the analysis"):
        queue_run(by=analyst, request=other.request, kind=Job.Kind.FEASIBILITY)
    again = actions.start_request(by=lab.person("provider"), repeat_of=report.request)
    assert (again.state, again.product, again.repeat_of) == (State.DRAFT, Product.EVALUATION, report.request)


def _recorded(job: Job, people: range, work: Path) -> None:
    """As the engine leaves it: its copy of the register, with the study's tables, in the vault."""
    work.mkdir()
    register.lay_out(work)
    copy = open_register(work / register.FILE, work / register.KEY)
    copy.record(job.found["study"], {"everyone, analysed": of(ids(people))}, "2018-01-31")
    register.keep_copy(job, work)


@sealed
def test_it_is_registered_and_refused_beside_an_analysis_that_differs_by_a_few(lab: Lab, tmp_path: Path) -> None:
    load_records(lab)
    first, second, third = lab.study_in_review(), lab.in_review(), lab.study_in_review()
    for request, people in ((first, 100), (second, 103), (third, 97)):
        job = request.jobs.exclude(kind="check").get()
        _recorded(job, range(people), tmp_path / request.reference)
    for request in (first, second, third):
        lab.voted(request, reviewer1=True, reviewer2=True)
        with pytest.raises(Refused, match="compared"):
            actions.ask_for_facts(by=lab.person("analyst"), request=fresh(request))
        assert worker.work_once(WORKER)
    assert [fresh(one).state for one in (first, second, third)] == [State.CLEARED, State.RETURNED, State.RETURNED]
    assert f"{first.reference.lower()}-feasibility" in second.jobs.get(kind="register").error
    assert actions.rework(by=lab.person("analyst"), request=fresh(third)).state == State.PLANNED


@sealed
def test_one_whose_copy_of_the_register_does_not_hold_it_goes_back(lab: Lab, tmp_path: Path) -> None:
    load_records(lab)
    request = lab.study_in_review()
    job = request.jobs.get(kind="feasibility")
    _recorded(job, range(100), tmp_path / "work")
    Job.objects.filter(id=job.id).update(found={**job.found, "study": "another"})
    lab.voted(request, reviewer1=True, reviewer2=True)
    assert worker.work_once(WORKER)
    assert fresh(request).state == State.RETURNED


@sealed
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_sealed_engine_makes_one_that_the_register_takes(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> None:
    country = world_folder(tmp_path_factory)
    load_records(lab, country / "central")
    request, content = lab.draft(), (country / "uploads" / "thames-workshop.xlsx").read_bytes()
    receive(by=lab.person("provider"), request=request, name="people.xlsx", content=content)
    assert worker.work_once(WORKER)
    actions.submit(by=lab.person("provider"), request=request)
    request = actions.accept(by=lab.person("analyst"), request=request)
    text = plan_text(draft_plan(request.reference, request.answers, dt.date(2018, 1, 31)))
    actions.register_plan(by=lab.person("analyst"), request=request, text=text)
    queue_run(by=lab.person("analyst"), request=request, kind=Job.Kind.FEASIBILITY)
    assert worker.work_once(WORKER)
    job = request.jobs.get(kind="feasibility")
    assert (job.state, job.found.get("study")) == (Job.State.DONE, f"{request.reference.lower()}-feasibility"), job.error
    lab.voted(_sent(lab, request), reviewer1=True, reviewer2=True)
    assert worker.work_once(WORKER)
    adopted = request.jobs.get(kind="register")
    assert (adopted.state, adopted.found["releases"]) == (Job.State.DONE, 1), adopted.error
    assert adopted.found["tables"] > 1


def test_the_bulletin_has_it_apart_from_findings_effects_and_pictures(lab: Lab, client: Client) -> None:
    report = _published(lab, lab.cleared_final())
    release = report.entry.release
    facts = {one["report"]: one for one in read_findings(release)}[report.public_id]
    assert (facts["product"], facts["analyses"], facts["status"]) == ("feasibility", [], "can")
    assert facts["sentence"].startswith(SENTENCE)
    assert "percentage points or more" in facts["sentence"]
    page = client.get(f"/releases/{release.public_id}").content.decode()
    findings, studies = page.index('id="findings"'), page.index('id="studies"')
    assert findings < studies < page.index("Every published effect") < page.index('id="requests"')
    assert page.count(SENTENCE) == 1
    assert page.count("(feasibility study), Thames Workshop Trust</a>") == 1
    assert page.index(SENTENCE) > studies
    data = json.loads((release.folder / "bulletin.json").read_text(encoding="utf-8"))
    counted = {one["name"]: one["count"] for one in data["counts"]}
    assert (counted["received"], counted["answered"], counted["studied"], counted["in_progress"]) == (2, 1, 1, 0)


def test_a_release_of_one_alone_has_no_key_findings(lab: Lab, client: Client) -> None:
    report = _published(lab)
    page = client.get(f"/releases/{report.entry.release.public_id}").content.decode()
    assert 'id="findings"' not in page
    assert 'id="studies"' in page
    assert "Every published effect" not in page
    assert "tells whether programmes can be evaluated" in page
    assert "tells what programmes did" not in page


def test_its_page_says_what_it_is_and_gives_its_files(lab: Lab, client: Client) -> None:
    report = _published(lab)
    path = f"/reports/{report.public_id}"
    page = client.get(path).content.decode()
    assert SENTENCE in page
    assert "Feasibility study" in page
    assert "no result" in page
    assert ">Effects<" not in page
    assert "Thames Workshop (feasibility study), Thames Workshop Trust. Version 1." in page
    assert f'{path}/1/feasibility.html"' in page
    assert client.get(f"{path}/1/feasibility.html").status_code == 200
    assert client.get(f"{path}/1/feasibility.json").status_code == 200
    assert client.get(f"{path}/1/release.json").status_code == 404
    log = client.get("/releases/log").content.decode()
    assert "Answered with a feasibility study" in log
    assert "(run once)" in log
    counts = count_requests()
    assert (counts.answered, counts.studied, counts.in_progress) == (0, 1, 0)


def test_a_file_that_was_changed_is_not_published(lab: Lab) -> None:
    request = lab.study_final()
    release = lab.scheduled(request)
    entry = release.entries.get()
    (release.folder / "reports" / entry.public_id / "feasibility.html").write_text("x", encoding="utf-8")
    with at(ON_TIME):
        keep_time()
    assert not Report.objects.exists()


def test_an_output_of_another_kind_than_the_request_is_not_put_into_a_release(lab: Lab) -> None:
    request = lab.study_final()
    Request.objects.filter(id=request.id).update(product=Product.EVALUATION)
    with pytest.raises(Refused, match="cannot read"):
        add_report(by=lab.person("publisher"), release=lab.release(), request=request)
    analysed = lab.cleared_final()
    Request.objects.filter(id=analysed.id).update(product=Product.FEASIBILITY)
    with pytest.raises(Refused, match="cannot read"):
        add_report(by=lab.person("publisher"), release=lab.release(), request=analysed)


def test_it_is_corrected_as_other_reports_are(lab: Lab, client: Client) -> None:
    report = _published(lab)
    lab.study(report.request)
    job = report.request.jobs.filter(kind="feasibility").last()
    (output_folder(job) / "feasibility.html").write_text("<!doctype html><title>mended</title>", encoding="utf-8")
    Job.objects.filter(id=job.id).update(output_sha256=content_sha256(output_folder(job)))
    send_to_review(by=lab.person("analyst"), request=fresh(report.request))
    request = lab.adopted(lab.voted(fresh(report.request), reviewer1=True, reviewer2=True))
    assert (request.state, request.product) == (State.PUBLISHED, Product.FEASIBILITY)
    kinds: dict[str, Any] = {"note": "The page was mended.", "with_output": True}
    correction = outing.propose_correction(by=lab.person("publisher"), report=report, **kinds)
    outing.decide_correction(by=lab.person("publisher2"), correction=correction, accept=True)
    assert [one.number for one in report.versions.all()] == [1, 2]
    assert "mended" in client.get(f"/reports/{report.public_id}/2/feasibility.html").content.decode()
    assert "mended" not in client.get(f"/reports/{report.public_id}/1/feasibility.html").content.decode()
    assert [(one.version, one.standing) for one in Analysis.objects.order_by("version")] == [(1, "replaced"), (2, "current")]
    gone = outing.propose_correction(
        by=lab.person("publisher"), report=report, note="Withdrawn.", with_output=False, withdraws=True
    )
    outing.decide_correction(by=lab.person("publisher2"), correction=gone, accept=True)
    entry = Analysis.objects.latest("version")
    assert entry.standing == "withdrawn"
    page = client.get(f"/library/analyses/{entry.name}").content.decode()
    for address in (f"/library/programmes/{entry.programme_name}", f"/library/organisations/{entry.organisation_name}"):
        assert client.get(address).status_code == 404
        assert f'"{address}"' not in page
    assert not Result.objects.exists()


def test_the_library_has_it_as_a_product_of_its_own_and_never_among_results(lab: Lab, client: Client) -> None:
    report = _published(lab, lab.cleared_final())
    entry = Analysis.objects.get(product="feasibility")
    assert (entry.permanent, entry.answer["answer"], entry.answer["people"], entry.source) == (
        report.public_id,
        "can",
        240,
        "demo",
    )
    assert not entry.results.exists()
    assert counted().filter(permanent=report.public_id).count() == 0
    first = client.get("/library/").content.decode()
    assert "Beside results there is 1 feasibility study." in first
    assert SENTENCE not in first
    for path in ("/library/?outcome=every", "/library/dashboard", "/library/kinds/employment", "/library/api/v1/results"):
        assert report.public_id not in client.get(path).content.decode()
    page = client.get(f"/library/analyses/{entry.name}").content.decode()
    assert SENTENCE in page
    assert "Can be evaluated" in page
    assert "Strength of evidence" not in page
    assert "Thames Workshop (feasibility study). Version 1." in page
    assert f'"/reports/{report.public_id}"' in page
    assert SENTENCE in client.get(f"/library/programmes/{entry.programme_name}").content.decode()
    assert "1 feasibility study, which is no result" in client.get("/library/about").content.decode()


def _kept(lab: Lab) -> Analysis:
    """One study in the library, without the way there."""
    keep_analyses(
        folder=a_study(), source="made_here", permanent="a-study", version=1, programme="Thames Workshop", kind="employment",
        organisation="Thames Workshop Trust", setting="custody", people="", published_on=OUT_ON, address="/reports/a-study",
    )  # fmt: skip
    return Analysis.objects.get()


def test_a_programme_with_a_study_alone_has_a_page_and_no_kind_of_results(lab: Lab, client: Client) -> None:
    entry = _kept(lab)
    assert SENTENCE in client.get(f"/library/organisations/{entry.organisation_name}").content.decode()
    assert client.get(f"/library/kinds/{entry.kind}").status_code == 404
    assert f"/library/kinds/{entry.kind}" not in client.get(f"/library/analyses/{entry.name}").content.decode()


FOUND = {
    "": 1, "answer=can": 1, "answer=cannot": 0, "q=thames": 1, "q=elsewhere": 0, "kind=employment": 1, "setting=community": 0,
    "source=made_here": 0, "source=demo": 1, "least=240": 1, "least=241": 0, "first=2027": 1, "last=2026": 0,
    "organisation=Thames": 1, "organisation=clink": 0,
}  # fmt: skip


def test_studies_are_found_on_the_page_in_the_file_and_by_programs(lab: Lab, client: Client) -> None:
    _kept(lab)
    for asked, found in FOUND.items():
        page = client.get(f"/library/feasibility?{asked}").content.decode()
        assert (SENTENCE in page) is bool(found), asked
        rows = client.get(f"/library/feasibility.csv?{asked}").content.decode().splitlines()
        assert len(rows) == 1 + found, asked
        assert all(",feasibility study,Thames Workshop,Thames Workshop Trust," in row for row in rows[1:])
        answer = client.get(f"/library/api/v1/feasibility?{asked}").json()
        assert (answer["count"], len(answer["studies"])) == (found, found), asked


def test_the_interface_keeps_its_document_for_studies(lab: Lab, client: Client) -> None:
    _kept(lab)
    described = client.get("/library/api/v1/openapi.json").json()
    for name, path in (("Studies", "/library/api/v1/feasibility"), ("Analysis", "/library/api/v1/analyses/a-study")):
        answer = client.get(path).json()
        schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
        assert not list(Draft202012Validator(schema).iter_errors(answer))
    assert (answer["product"], answer["results"], answer["feasibility"]["smallest_effect"]) == ("feasibility study", [], 0.08)
    assert client.get("/library/api/v1/feasibility?outcome=rate").status_code == 400
    assert client.get("/library/api/v1/feasibility?page=9").json()["studies"] == []
    file = client.get("/library/feasibility.csv").content.decode()
    assert ",240," in file
    assert ",8.0,percentage points," in file


def test_a_number_that_is_hidden_is_a_symbol_in_the_file_and_nothing_for_programs(lab: Lab, client: Client) -> None:
    entry = _kept(lab)
    entry.answer = {**entry.answer, "people": None, "smallest": None}
    entry.save()
    _content.cache_clear()
    assert client.get("/library/feasibility.csv").content.decode().count(",[x],") == 2
    study = client.get("/library/api/v1/feasibility").json()["studies"][0]
    assert (study["people_analysed"], study["smallest_effect"]) == (None, None)


def test_the_whole_way_through_the_pages(lab: Lab, sign_in: Any, client: Client) -> None:
    """From the registered plan to the library, by what the pages offer."""
    request = lab.planned()
    path = f"/requests/{request.public_id}/"
    analyst, provider = sign_in("analyst"), sign_in("provider")
    lab.study(request)
    assert "instead of an analysis" in analyst.get(path).content.decode()
    assert analyst.post(f"{path}reviews/open").status_code == 302
    round_ = request.rounds.get()
    assert "Two reviewers check the feasibility study" in provider.get(path).content.decode()
    assert "Withdraw the request" not in provider.get(path).content.decode()
    answers = {**dict.fromkeys(ITEMS, "yes"), "comment": "", "decision": "approve"}
    for name in ("reviewer1", "reviewer2"):
        page = sign_in(name).get(f"{path}reviews/{round_.public_id}").content.decode()
        assert "output/feasibility.html" in page
        assert "Is the standing of each criterion" in page
        assert sign_in(name).post(f"{path}reviews/{round_.public_id}", answers).status_code == 302
    lab.adopted(request)
    assert analyst.post(f"{path}facts/ask").status_code == 302
    page = provider.get(path).content.decode()
    assert "Withdraw the request" in page
    assert "you can still withdraw" in page
    page = provider.get(f"{path}draft").content.decode()
    assert SENTENCE in page
    assert "At least 60 people sent in" in page
    assert "The feasibility study will not be published" in provider.get(f"{path}withdraw").content.decode()
    assert "goes back to its registered plan" in provider.get(f"{path}facts/error").content.decode()
    assert provider.post(f"{path}facts/agree").status_code == 302
    release = lab.release(fresh(request))
    assert "output/feasibility.html" in sign_in("publisher").get(f"/publishing/{release.public_id}").content.decode()
    assert sign_in("publisher").post(f"/publishing/{release.public_id}/do/propose").status_code == 302
    assert sign_in("publisher2").post(f"/publishing/{release.public_id}/do/schedule").status_code == 302
    with at(ON_TIME):
        tick()
    assert "ask for a repeat" in provider.get(path).content.decode()
    assert SENTENCE in client.get(f"/reports/{Report.objects.get().public_id}").content.decode()
    assert SENTENCE in client.get("/library/feasibility").content.decode()
    assert "Run the feasibility study again" in analyst.get(path).content.decode()
    assert "Run it again" not in analyst.get(path).content.decode()
