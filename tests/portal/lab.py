"""The lab's people, and builders that bring a request to a state by calling the real actions, one after the other."""

from __future__ import annotations

import atexit
import copy
import datetime as dt
import functools
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.db.models import Model
from tests.findings_factory import make_feasible, make_findings
from tests.run_folder import releasable_of, write_release

from datalab.report.feasibility_page import feasibility_json
from portal.accounts.actions import register
from portal.accounts.models import Grant, Membership, Organisation, User
from portal.accounts.roles import Role
from portal.audit.models import AuditEvent, AuditHead
from portal.audit.record import SYSTEM, Named
from portal.ops.models import CentralLoad
from portal.ops.roles import install_role
from portal.publishing.actions import add_report, make_release, propose, schedule
from portal.publishing.models import Release
from portal.requests import actions
from portal.requests.models import Request
from portal.requests.plans import draft_plan, plan_text
from portal.review.actions import send_to_review, vote
from portal.review.checklist import ITEMS
from portal.runs.actions import finish, queue_run, take
from portal.runs.models import Job
from portal.runs.output import content_sha256, output_folder
from portal.uploads.actions import finish_check, receive
from portal.uploads.models import Upload
from portal.uploads.vault import make_worker_keys

OUT_ON = dt.date(2027, 1, 14)
PASSWORD = "a long enough password"
WORKER = Named("worker", "test")
PEOPLE: dict[str, Role | str] = {
    "provider": "Thames Workshop Trust",
    "colleague": "Thames Workshop Trust",
    "stranger": "Another Charity",
    "analyst": Role.ANALYST,
    "analyst2": Role.ANALYST,
    "reviewer1": Role.REVIEWER,
    "reviewer2": Role.REVIEWER,
    "reviewer3": Role.REVIEWER,
    "publisher": Role.PUBLISHER,
    "publisher2": Role.PUBLISHER,
    "steward": Role.STEWARD,
    "steward2": Role.STEWARD,
}
ANSWERS: dict[str, Any] = {
    "title": "Thames Workshop", "kind": "employment", "description": "Workshops.", "theory": "Work.", "setting": "custody", "who": "All.",
    "participants": 213, "minimum_age": "adults", "start": "2008-01-01", "end": "2014-12-31", "follow_up": "12", "where": "Prisons.",
    "headline": "rate", "work": "yes", "analyses": ["completers"], "basis": "consent", "notice_given": "yes", "publication": True,
    "deletion": True,
}  # fmt: skip
CSV = b"forename,surname,date_of_birth,sex,programme_start\nAda,Made-Up,1980-02-03,F,2010-05-06\n"
FOUND = {"usable": True, "submitted": 213, "readable": 207, "faults": []}
RESULTS: dict[str, Any] = {
    "status": "released", "plan_sha256": "0" * 64, "manifest_sha256": "1" * 64, "disclosure_profile": "default", "deviations": [], "warnings": [],
    "headline": {"analysis": "everyone", "outcome": "rate", "verdict": "more_people", "sentence": "More people are needed."},
    "attrition": [{"step": "submitted", "n": 213, "lost": 0, "reason": ""}, {"step": "matched", "n": 191, "lost": {"suppressed": "[c]"}, "reason": "not_matched"}],
    "linkage": {"linked_share": 0.95, "false_links": 0.001, "missed_links": 0.02, "awaiting_review": 1},
    "analyses": [{"name": "everyone", "status": "estimated", "reason": "", "people": {"treated": 191, "matched": 191, "pool": 1775},
                  "balance": {"passed": True, "max_smd": 0.03, "covariates": [{"name": "age", "level": "", "treated": 30.1, "comparison": 30.2}]},
                  "outcomes": [{"measure": "rate", "unit": "share", "status": "estimated", "effect": {"estimate": -0.03, "low": -0.1, "high": 0.04}}]}],
}  # fmt: skip
PAIR = {
    "row": 7, "person_id": "P00000001", "rule": "probabilistic", "probability": 0.7,
    "compared": [["forename", "SCOOTT", "SCOTT"], ["surname", "PRICE", "PRICE"], ["middle_name", "", ""], ["date_of_birth", "1986-06-03", "1986-06-03"],
                 ["sex", "M", "M"], ["postcodes", "", ""], ["pnc_ids", "", ""], ["prison_numbers", "", ""]],
}  # fmt: skip


@dataclass(frozen=True)
class Lab:
    """Everybody by name, and the way of a request."""

    people: dict[str, User]

    def person(self, name: str) -> User:
        """Somebody, as the database has them now."""
        return User.objects.get(id=self.people[name].id)

    def draft(self) -> Request:
        """A draft that is filled in, without an upload."""
        request = actions.start_request(by=self.person("provider"))
        return actions.save_answers(by=self.person("provider"), request=request, answers=ANSWERS)

    def upload(self, request: Request, found: dict[str, Any] = FOUND) -> Upload:
        """An upload whose check is over."""
        upload = receive(by=self.person("provider"), request=request, name="people.csv", content=CSV)
        job = take(by=WORKER, job=upload.jobs.get())
        upload = finish_check(by=WORKER, upload=upload, found=found)
        finish(by=WORKER, job=job, found={"usable": found["usable"]})
        return upload

    def submitted(self) -> Request:
        """Handed in."""
        request = self.draft()
        self.upload(request)
        return actions.submit(by=self.person("provider"), request=request)

    def accepted(self) -> Request:
        """Taken on."""
        return actions.accept(by=self.person("analyst"), request=self.submitted())

    def planned(self) -> Request:
        """With a locked plan."""
        request = self.accepted()
        text = plan_text(draft_plan(request.reference, request.answers, dt.date(2018, 1, 31)))
        actions.register_plan(by=self.person("analyst"), request=request, text=text)
        return fresh(request)

    def run(self, request: Request, *, status: str = "released") -> Job:
        """A run that a worker has done; what it made is written as the worker would."""
        job = take(by=WORKER, job=queue_run(by=self.person("analyst"), request=request))
        folder = output_folder(job)
        shutil.copytree(a_release(), folder)
        (folder / "results.json").write_text(json.dumps({**RESULTS, "status": status}), encoding="utf-8")
        (folder / "report.html").write_text(
            "<!doctype html><html lang=en><title>Report</title><main><h1>Report</h1></main></html>", encoding="utf-8"
        )
        found = {
            "study": request.reference.lower(),
            "status": status,
            "compared": 0,
            "manifest_sha256": "1" * 64,
            "release_sha256": "2" * 64,
        }
        return finish(by=WORKER, job=job, found=found, output_sha256=content_sha256(folder), pairs=[PAIR])

    def study(self, request: Request) -> Job:
        """A feasibility study that a worker has made, its output written by the engine; found by hand."""
        job = take(by=WORKER, job=queue_run(by=self.person("analyst"), request=request, kind=Job.Kind.FEASIBILITY))
        folder = output_folder(job)
        shutil.copytree(a_study(), folder)
        found = {"study": f"{request.reference.lower()}-feasibility", "status": "released", "verdict": "", "compared": 0}
        found |= {"manifest_sha256": "3" * 64, "release_sha256": "4" * 64}
        return finish(by=WORKER, job=job, found=found, output_sha256=content_sha256(folder), pairs=[PAIR])

    def study_in_review(self) -> Request:
        """Planned, and instead of an analysis a feasibility study before two reviewers."""
        request = self.planned()
        self.study(request)
        send_to_review(by=self.person("analyst"), request=request)
        return fresh(request)

    def study_checked(self) -> Request:
        """A feasibility study with the provider."""
        request = self.adopted(self.voted(self.study_in_review(), reviewer1=True, reviewer2=True))
        return actions.ask_for_facts(by=self.person("analyst"), request=request)

    def study_final(self) -> Request:
        """A feasibility study that is ready to schedule."""
        return actions.agree_facts(by=self.person("provider"), request=self.study_checked())

    def analysed(self) -> Request:
        """Run, with a result."""
        request = self.planned()
        self.run(request)
        return fresh(request)

    def in_review(self) -> Request:
        """Before two reviewers."""
        request = self.analysed()
        send_to_review(by=self.person("analyst"), request=request)
        return fresh(request)

    def voted(self, request: Request, **votes: bool) -> Request:
        """With votes, name to whether they clear it."""
        for name, approve in votes.items():
            round_ = request.rounds.last()
            vote(
                by=self.person(name),
                round_=round_,
                approve=approve,
                checklist=dict.fromkeys(ITEMS, approve),
                comment="" if approve else "Mend it.",
            )
        return fresh(request)

    def cleared(self) -> Request:
        """Cleared by both, and in the register."""
        return self.adopted(self.voted(self.in_review(), reviewer1=True, reviewer2=True))

    def adopted(self, request: Request) -> Request:
        """Adopted into the register, as a worker would have it."""
        job = take(by=WORKER, job=request.jobs.get(kind=Job.Kind.REGISTER, state=Job.State.QUEUED))
        finish(by=WORKER, job=job, found={"tables": 1, "releases": 1})
        return fresh(request)

    def fact_check(self) -> Request:
        """With the provider."""
        return actions.ask_for_facts(by=self.person("analyst"), request=self.cleared())

    def cleared_final(self) -> Request:
        """Ready to schedule."""
        return actions.agree_facts(by=self.person("provider"), request=self.fact_check())

    def release(self, *requests: Request, day: dt.date = OUT_ON) -> Release:
        """A release that is being put together, with these reports."""
        made = make_release(by=self.person("publisher"), title="Results, January 2027", day=day)
        for request in requests:
            add_report(by=self.person("publisher"), release=made, request=request)
        return made

    def scheduled(self, *requests: Request, day: dt.date = OUT_ON) -> Release:
        """Proposed by one publisher and scheduled by another."""
        made = propose(by=self.person("publisher"), release=self.release(*requests, day=day))
        return schedule(by=self.person("publisher2"), release=made)

    def withdrawn(self) -> Request:
        """Taken back."""
        return actions.withdraw(by=self.person("provider"), request=self.planned(), reason="")

    def refused(self) -> Request:
        """Not taken on."""
        return actions.refuse(
            by=self.person("analyst"), request=self.submitted(), criterion="too_few", reason="Sixty are needed."
        )


@functools.cache
def a_release() -> Path:
    """release.json and its manifest, as the engine makes them of drawn numbers; removed with the process."""
    place = tempfile.TemporaryDirectory(prefix="datalab-release-")
    atexit.register(place.cleanup)
    return write_release(Path(place.name) / "output", releasable_of(make_findings(sensitivity=False)))


@functools.cache
def a_study() -> Path:
    """What the engine writes of a feasibility study with drawn numbers: release, manifest and data as they are, the page (whose
    drawing takes seconds) stood in for; removed with the process."""
    place = tempfile.TemporaryDirectory(prefix="datalab-study-")
    atexit.register(place.cleanup)
    releasable = releasable_of(make_feasible())
    folder = write_release(Path(place.name) / "output", releasable)
    (folder / "feasibility.json").write_bytes(feasibility_json(releasable, manifest_sha256="3" * 64))
    page = "<!doctype html><html lang=en><title>Study</title><main><h1>Study</h1></main></html>"
    (folder / "feasibility.html").write_text(page, encoding="utf-8")
    return folder


def fresh(request: Request) -> Request:
    """The request as the database has it now."""
    return Request.objects.get(id=request.id)


# What registering everybody leaves behind, in an order that the tables allow; kept after the first time, since to register
# them again would be a quarter of what these tests do.
OF_PEOPLE: tuple[type[Model], ...] = (User, Organisation, Membership, Grant, EmailAddress, Authenticator, AuditEvent)
_KEPT: dict[type[Model], list[Model]] = {}


def make_lab() -> Lab:
    """Everybody, with a second factor each: registered, or where nobody is there yet and they were before, as they were then."""
    make_worker_keys()
    is_empty = not User.objects.exists() and not AuditEvent.objects.exists()
    if not is_empty:
        return Lab(_register_everybody())
    if not _KEPT:
        people = _register_everybody()
        _KEPT.update({model: list(model._default_manager.all()) for model in OF_PEOPLE})
        return Lab(people)
    for model, rows in _KEPT.items():
        model._default_manager.bulk_create(map(copy.copy, rows))
    last = AuditEvent.objects.latest("seq")
    AuditHead.objects.update_or_create(id=1, defaults={"seq": last.seq, "hash": last.hash})
    return Lab({user.email.partition("@")[0]: user for user in User.objects.all()})


def _register_everybody() -> dict[str, User]:
    people = {}
    organisations: dict[str, User] = {}
    for name, place in PEOPLE.items():
        email = f"{name}@example.invalid"
        is_role = isinstance(place, Role)
        if not is_role and place in organisations:
            people[name] = _colleague(email, name, organisations[place])
        else:
            people[name] = register(by=SYSTEM, email=email, password=PASSWORD, name=name, organisation="" if is_role else place)
        if is_role:
            install_role(by=SYSTEM, user=people[name], role=place)
        else:
            organisations.setdefault(place, people[name])
        EmailAddress.objects.create(user=people[name], email=email, verified=True, primary=True)
        TOTP.activate(people[name], generate_totp_secret())
    return people


def _colleague(email: str, name: str, of: User) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name)
    Membership.objects.create(user=user, organisation=of.organisation)
    return user


def load_records(lab: Lab, folder: Path | None = None) -> CentralLoad:
    """A load of central records, as a row; the folder is there only where a test needs the engine."""
    if folder is not None:
        (settings.HOME / "central" / "test").symlink_to(folder)
    return CentralLoad.objects.create(
        folder="test", extracted_on=dt.date(2018, 1, 31), synthetic=True, rows={"person": 1}, sha256={}, is_current=True,
        coverage=[["2002-01-01", "2014-12-31"]], loaded_by=lab.person("steward"),
    )  # fmt: skip
