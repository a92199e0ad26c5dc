"""Results opened during the fact check: only where the settings allow it, by a publisher, to a named person, each look kept, printed
in the release."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from tests.portal.lab import Lab, fresh

from portal.audit.models import AuditEvent
from portal.config.refusals import Refused
from portal.publishing.bulletin import gather
from portal.publishing.models import QualityAccess
from portal.publishing.quality import end_access, open_results
from portal.requests import actions
from portal.requests.models import Request

ADDRESS = "stranger@example.invalid"


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.QUALITY_ACCESS = True


def opened(lab: Lab, request: Request, email: str = ADDRESS) -> QualityAccess:
    return open_results(by=lab.person("publisher"), request=request, email=email, role="Head of research", why="Checks the sums.")


def test_the_person_sees_the_cleared_files_while_the_fact_check_goes_on(
    lab: Lab, sign_in: Any, django_capture_on_commit_callbacks: Any
) -> None:
    request = lab.fact_check()
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        access = opened(lab, request)
    (letter,) = [one for one in mail.outbox if one.to == [ADDRESS]]
    assert f"/quality/{access.public_id}" in letter.body
    assert request.title not in letter.body
    reader, page = sign_in("stranger"), f"/quality/{access.public_id}"
    assert f"{page}/report.html" in reader.get(page).content.decode()
    answer = reader.get(f"{page}/report.html")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert reader.get(f"{page}/manifest.json").status_code == 404
    looks = AuditEvent.objects.filter(verb="quality.look").order_by("seq")
    assert [(one.subject, one.facts.get("file", "")) for one in looks] == [
        (access.audit_name, ""),
        (access.audit_name, "report.html"),
    ]
    for other in ("provider", "colleague", "publisher", "publisher2", "analyst"):
        assert sign_in(other).get(page).status_code == 404
    assert Client().get(page).status_code in (302, 404)
    actions.agree_facts(by=lab.person("provider"), request=request)
    assert reader.get(page).status_code == 404
    assert reader.get(f"{page}/report.html").status_code == 404


def test_it_is_printed_in_the_release_also_where_it_was_ended(lab: Lab) -> None:
    request = lab.fact_check()
    end_access(by=lab.person("publisher2"), access=opened(lab, request))
    actions.agree_facts(by=lab.person("provider"), request=fresh(request))
    release = lab.scheduled(fresh(request))
    page = (release.folder / "bulletin.html").read_text(encoding="utf-8")
    assert "Who saw results during the fact check" in page
    assert "Head of research" in page
    assert "Checks the sums." in page
    assert "stranger" not in page.lower()
    assert len(gather(release, list(release.entries.all()))["quality"]) == 1


def test_a_release_without_it_does_not_speak_of_it(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    assert "during the fact check" not in (release.folder / "bulletin.html").read_text(encoding="utf-8")


def test_ended_it_is_closed_at_once(lab: Lab, sign_in: Any) -> None:
    access = opened(lab, lab.fact_check())
    end_access(by=lab.person("publisher"), access=access)
    assert sign_in("stranger").get(f"/quality/{access.public_id}").status_code == 404
    with pytest.raises(Refused):
        end_access(by=lab.person("publisher"), access=access)


def test_an_error_of_fact_closes_it(lab: Lab, sign_in: Any) -> None:
    request = lab.fact_check()
    access = opened(lab, request)
    actions.report_error(by=lab.person("provider"), request=request, reason="The programme began later.")
    assert sign_in("stranger").get(f"/quality/{access.public_id}").status_code == 404


def test_who_may_not_open_them(lab: Lab, settings: Any) -> None:
    request = lab.fact_check()
    for who in ("provider", "analyst", "reviewer1", "steward"):
        with pytest.raises(Refused):
            open_results(by=lab.person(who), request=request, email=ADDRESS, role="x", why="x")
    for email in ("nobody@example.invalid", lab.person("publisher").email):
        with pytest.raises(Refused, match="account with this address"):
            opened(lab, request, email)
    opened(lab, request)
    with pytest.raises(Refused, match="on the list"):
        opened(lab, request)
    settings.QUALITY_ACCESS = False
    with pytest.raises(Refused, match="DATALAB_QUALITY_ACCESS"):
        opened(lab, request, "reviewer1@example.invalid")


def test_nobody_of_the_organisation_sees_results_that_it_has_to_check_the_facts_without(lab: Lab, sign_in: Any) -> None:
    request = lab.fact_check()
    for email in ("provider@example.invalid", "Colleague@example.invalid "):
        with pytest.raises(Refused, match="acts for the organisation"):
            opened(lab, request, email)
    access, page = opened(lab, request), "/quality/{}"
    reader = sign_in("stranger")
    assert reader.get(page.format(access.public_id)).status_code == 200
    lab.person("stranger").memberships.update(organisation=request.organisation)
    assert reader.get(page.format(access.public_id)).status_code == 404
    assert reader.get(page.format(access.public_id) + "/report.html").status_code == 404


def test_a_feasibility_study_has_no_results_to_open(lab: Lab, sign_in: Any) -> None:
    request, publisher = lab.study_checked(), sign_in("publisher")
    with pytest.raises(Refused, match="no results"):
        opened(lab, request)
    address = f"/requests/{request.public_id}/quality"
    assert address not in publisher.get(f"/requests/{request.public_id}/").content.decode()
    assert publisher.get(address).status_code == 409
    assert not QualityAccess.objects.exists()


def test_the_public_log_tells_of_it_where_publication_was_stopped(lab: Lab, client: Client) -> None:
    request = lab.fact_check()
    for email in (ADDRESS, "analyst2@example.invalid"):
        opened(lab, request, email)
    end_access(by=lab.person("publisher"), access=QualityAccess.objects.latest("id"))
    opened(lab, request, "analyst2@example.invalid")
    assert "had been opened" not in client.get("/releases/log").content.decode()
    actions.stop(by=lab.person("publisher"), request=request, reason="A file was mixed up.")
    page = client.get("/releases/log").content.decode()
    assert "A file was mixed up. (its results had been opened to 2 people, for quality assurance)" in page
    assert "Head of research" not in page
    assert "Checks the sums." not in page


def test_switched_off_nothing_is_open(lab: Lab, sign_in: Any, settings: Any) -> None:
    access = opened(lab, lab.fact_check())
    settings.QUALITY_ACCESS = False
    assert sign_in("stranger").get(f"/quality/{access.public_id}").status_code == 404


def test_only_during_the_fact_check(lab: Lab) -> None:
    with pytest.raises(Refused, match="no fact check"):
        opened(lab, lab.cleared())


def test_the_database_refuses_what_code_forgot(lab: Lab) -> None:
    access = opened(lab, lab.fact_check())
    with pytest.raises(IntegrityError), transaction.atomic():
        QualityAccess.objects.filter(id=access.id).update(user=access.opened_by)
    with pytest.raises(IntegrityError), transaction.atomic():
        QualityAccess.objects.create(clearance=access.clearance, user=access.user, role="x", why="x", opened_by=access.opened_by)


def test_the_pages_of_the_publisher(lab: Lab, sign_in: Any) -> None:
    request, publisher = lab.fact_check(), sign_in("publisher")
    address = f"/requests/{request.public_id}/quality"
    assert address in publisher.get(f"/requests/{request.public_id}/").content.decode()
    assert "open to nobody" in publisher.get(address).content.decode()
    assert (
        "account with this address"
        in publisher.post(address, {"email": "x@example.invalid", "role": "r", "why": "w"}).content.decode()
    )
    assert publisher.post(address, {"email": ADDRESS, "role": "Head of research", "why": "Sums."}).status_code == 302
    assert "Head of research" in publisher.get(address).content.decode()
    access = QualityAccess.objects.get()
    assert sign_in("analyst").post(f"{address}/{access.public_id}/end").status_code == 403
    assert publisher.post(f"{address}/{access.public_id}/end").status_code == 302
    assert "closed" in publisher.get(address).content.decode()
