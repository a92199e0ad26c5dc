"""Every address, as every kind of person, with every method: refused unless this table allows it. A new address fails until it
is in the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.portal.lab import Lab, load_records

from portal.audit.models import AuditEvent
from portal.library.entries import install_published
from portal.publishing.actions import name_person
from portal.publishing.models import Release
from portal.requests.models import Request

EVERYBODY = frozenset({"public", "provider", "stranger", "analyst", "reviewer1", "publisher", "steward"})
SIGNED_IN = EVERYBODY - {"public"}
OWN, LAB = frozenset({"provider"}), frozenset({"analyst", "reviewer1", "publisher", "steward"})
OUTPUT = LAB - {"steward"}
NOBODY: frozenset[str] = frozenset()
PUBLISHERS = frozenset({"publisher"})
# Name of the address -> who may GET it and who may POST to it, on a request of the provider that is being reviewed.
# A POST by somebody allowed may still be refused for the state of the request (409); never for the person.
TABLE: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "start": (EVERYBODY, NOBODY),
    "home": (SIGNED_IN, NOBODY),
    "eligibility": (EVERYBODY, NOBODY),
    "template": (EVERYBODY, NOBODY),
    "methods": (EVERYBODY, NOBODY),
    "privacy": (EVERYBODY, NOBODY),
    "accessibility": (EVERYBODY, NOBODY),
    "health": (EVERYBODY, NOBODY),
    "sitemap": (EVERYBODY, NOBODY),
    "robots": (EVERYBODY, NOBODY),
    "account": (SIGNED_IN, SIGNED_IN),
    "invite": (SIGNED_IN, frozenset({"provider", "stranger"})),
    "join": (EVERYBODY, NOBODY),
    "requests": (SIGNED_IN, NOBODY),
    "request-start": (NOBODY, frozenset({"provider", "stranger"})),
    "queue": (LAB, NOBODY),
    "request": (OWN | LAB, NOBODY),
    "request-page": (OWN | LAB, OWN),
    "request-answers": (OWN | LAB, NOBODY),
    "request-submit": (NOBODY, OWN),
    "request-withdraw": (NOBODY, OWN),
    "request-repeat": (NOBODY, OWN),
    "request-notes": (OWN | LAB, OWN | frozenset({"analyst", "publisher"})),
    "request-history": (OWN | LAB, NOBODY),
    "request-describe": (OWN, OWN),
    "request-agree": (NOBODY, OWN),
    "request-report-error": (NOBODY, OWN),
    "request-certificate": (NOBODY, NOBODY),
    "request-accept": (NOBODY, frozenset({"analyst"})),
    "request-refuse": (NOBODY, frozenset({"analyst"})),
    "request-plan": (frozenset({"analyst"}), frozenset({"analyst"})),
    "request-amend": (frozenset({"analyst"}), frozenset({"analyst"})),
    "request-rework": (NOBODY, frozenset({"analyst"})),
    "request-ask-for-facts": (NOBODY, frozenset({"analyst"})),
    "request-stop": (frozenset({"publisher"}), frozenset({"publisher"})),
    "upload-send": (NOBODY, OWN),
    "upload": (OWN, NOBODY),
    "upload-receipt": (OWN, NOBODY),
    "jobs": (OUTPUT, NOBODY),
    "job-queue": (NOBODY, frozenset({"analyst"})),
    "job-adopt": (NOBODY, frozenset({"analyst"})),
    "job": (OUTPUT, NOBODY),
    "job-cancel": (NOBODY, frozenset({"analyst"})),
    "job-output": (OUTPUT, NOBODY),
    "job-figures": (OUTPUT, NOBODY),
    "job-beside": (OUTPUT, NOBODY),
    "job-pairs": (frozenset({"analyst"}), NOBODY),
    "pair-decide": (NOBODY, frozenset({"analyst"})),
    "rounds": (OUTPUT, NOBODY),
    "round-facts": (NOBODY, NOBODY),
    "round-open": (NOBODY, frozenset({"analyst"})),
    "round": (OUTPUT, frozenset({"reviewer1"})),
    "round-void": (NOBODY, frozenset({"analyst"})),
    "releases": (EVERYBODY, NOBODY),
    "feed": (EVERYBODY, NOBODY),
    "log": (EVERYBODY, NOBODY),
    "subscribe": (EVERYBODY, EVERYBODY),
    "subscription": (NOBODY, NOBODY),
    "release": (NOBODY, NOBODY),
    "release-file": (NOBODY, NOBODY),
    "report": (NOBODY, NOBODY),
    "report-version": (NOBODY, NOBODY),
    "report-file": (NOBODY, NOBODY),
    "early": (NOBODY, NOBODY),
    "early-file": (NOBODY, NOBODY),
    "early-report": (NOBODY, NOBODY),
    "quality": (NOBODY, NOBODY),  # of the person it was opened to, during a fact check (test_quality_access.py)
    "quality-file": (NOBODY, NOBODY),
    "request-quality": (NOBODY, NOBODY),  # there is none outside a fact check
    "request-quality-end": (NOBODY, NOBODY),
    "publishing": (PUBLISHERS, NOBODY),
    "publishing-new": (PUBLISHERS, PUBLISHERS),
    "publishing-release": (PUBLISHERS, NOBODY),
    "publishing-change": (PUBLISHERS, PUBLISHERS),
    "publishing-preview": (NOBODY, NOBODY),
    "publishing-add": (NOBODY, PUBLISHERS),
    "publishing-drop": (NOBODY, PUBLISHERS),
    "publishing-name": (PUBLISHERS, PUBLISHERS),
    "publishing-unname": (NOBODY, PUBLISHERS),
    "publishing-announce": (NOBODY, PUBLISHERS),
    "publishing-cancel": (PUBLISHERS, PUBLISHERS),
    "publishing-move": (NOBODY, PUBLISHERS),
    "publishing-report": (NOBODY, NOBODY),
    "publishing-decide": (NOBODY, NOBODY),
    "lab": (frozenset({"steward"}), NOBODY),
    "lab-loads": (frozenset({"steward"}), frozenset({"steward"})),
    "lab-thresholds": (frozenset({"steward"}), frozenset({"steward"})),
    "lab-thresholds-decide": (NOBODY, frozenset({"steward"})),
    "lab-linkage": (frozenset({"steward"}), frozenset({"steward"})),
    "lab-linkage-decide": (NOBODY, frozenset({"steward"})),
    "lab-people": (frozenset({"steward"}), frozenset({"steward"})),
    "lab-decide": (NOBODY, frozenset({"steward"})),
    "lab-confirm": (NOBODY, frozenset({"steward"})),
    "lab-destroy": (NOBODY, frozenset({"steward"})),
    "lab-audit": (frozenset({"steward"}), NOBODY),
    "lab-audit-export": (frozenset({"steward"}), NOBODY),
    "library": (EVERYBODY, NOBODY),
    "library-dashboard": (EVERYBODY, NOBODY),
    "library-picture": (EVERYBODY, NOBODY),
    "library-compare": (EVERYBODY, NOBODY),
    "library-about": (EVERYBODY, NOBODY),
    "library-kind": (EVERYBODY, NOBODY),
    "library-outcome": (EVERYBODY, NOBODY),
    "library-organisation": (EVERYBODY, NOBODY),
    "library-programme": (EVERYBODY, NOBODY),
    "library-analysis": (EVERYBODY, NOBODY),
    "library-download": (EVERYBODY, NOBODY),
    "library-studies": (EVERYBODY, NOBODY),
    "library-studies-file": (EVERYBODY, NOBODY),
    "library-api-feasibility": (EVERYBODY, NOBODY),
    "library-api": (EVERYBODY, NOBODY),
    "library-openapi": (EVERYBODY, NOBODY),
    "library-api-results": (EVERYBODY, NOBODY),
    "library-api-analysis": (EVERYBODY, NOBODY),
    "library-api-synthesis": (EVERYBODY, NOBODY),
    "library-api-nothing": (NOBODY, NOBODY),  # nothing is there, for anybody
}
# What the library's addresses are about: the packaged published results.
LIBRARY: dict[str, list[object]] = {
    "library-kind": ["education"],
    "library-outcome": ["rate"],
    "library-organisation": ["the-clink"],
    "library-programme": ["landworks-placements-and-resettlement-men-regional"],
    "library-analysis": ["clink-2016"],
    "library-download": ["csv"],
    "library-api-analysis": ["clink-2016"],
    "library-api-nothing": ["/no-such"],
}
# A refusal: sent to sign in, told no, told that there is no such thing, or that the method is none.
REFUSALS = frozenset({302, 403, 404, 405})


def _ours(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            if "allauth" not in str(one.urlconf_name):
                yield from _ours(one.url_patterns)
        else:
            yield str(one.name)


def test_every_address_is_in_the_table() -> None:
    assert set(_ours(get_resolver().url_patterns)) == set(TABLE)


def _arguments(name: str, lab: Lab, request: Request) -> list[object]:
    job, round_ = request.jobs.get(kind="run"), request.rounds.get()
    if name.startswith("library"):
        install_published()
        return LIBRARY.get(name, [])
    if name in ("template",):
        return ["csv"]
    if name == "join":
        return ["no-such-secret"]
    if name == "lab-confirm":
        return [lab.person("analyst").grants.get().id]
    if name == "lab-decide":
        from portal.ops.roles import propose_role

        return [
            propose_role(by=lab.person("steward2"), user=lab.person("analyst2"), role="publisher", give=True, why="x").public_id
        ]
    if name.startswith(OF_RELEASES) or name == "release":
        return _arguments_of_releases(name, lab)
    if name == "lab-thresholds-decide":
        from portal.ops.models import ThresholdSet

        return [
            ThresholdSet.objects.get_or_create(
                version="x", defaults={"values": {}, "loosens": True, "why": "x", "proposed_by": lab.person("steward2")}
            )[0].public_id
        ]
    if name == "lab-linkage-decide":
        from portal.ops.models import LinkageModel

        return [LinkageModel.objects.get_or_create(version="x", defaults={"proposed_by": lab.person("steward2")})[0].public_id]
    rest: dict[str, list[object]] = {
        "request-page": ["programme"],
        "upload": [request.uploads.get().public_id],
        "upload-receipt": [request.uploads.get().public_id],
        "job": [job.public_id],
        "job-cancel": [job.public_id],
        "job-output": [job.public_id, "report.html"],
        "job-figures": [job.public_id, "match"],
        "job-beside": [job.public_id, job.public_id],
        "job-pairs": [job.public_id],
        "pair-decide": [job.public_id, job.pairs.get().public_id],
        "round": [round_.public_id],
        "round-void": [round_.public_id],
        "request-quality-end": ["no-such-access"],
        "quality": ["no-such-access"],
        "quality-file": ["no-such-access", "report.html"],
    }
    if name.startswith("quality"):
        return rest[name]
    of_a_request = name.startswith(("request-", "upload", "job", "pair", "round")) or name in ("request", "lab-destroy")
    plain = ("request-start",)
    return [request.public_id, *rest.get(name, [])] if of_a_request and name not in plain else []


OF_RELEASES = ("publishing-", "release-", "report", "early", "subscription")


def _arguments_of_releases(name: str, lab: Lab) -> list[object]:
    """A release that is being put together: nothing of it has an address for the public, or for people on its list."""
    release = Release.objects.first() or lab.release(lab.cleared_final())
    entry = release.entries.first()
    named = release.named.first() or name_person(
        by=lab.person("publisher"), release=release, email="stranger@example.invalid", role="x", why="y"
    )
    assert entry is not None
    rest: dict[str, list[object]] = {
        "publishing-new": [],
        "publishing-drop": [release.public_id, entry.public_id],
        "publishing-unname": [release.public_id, named.public_id],
        "publishing-move": [release.public_id, "propose"],
        "publishing-report": [entry.public_id],
        "publishing-decide": ["no-such-correction"],
        "subscription": ["no-such-subscription"],
        "release-file": [release.public_id, "bulletin.ods"],
        "report": [entry.public_id],
        "report-version": [entry.public_id, 1],
        "report-file": [entry.public_id, 1, "report.html"],
        "early": [named.public_id],
        "early-file": [named.public_id, "bulletin.ods"],
        "early-report": [named.public_id, entry.public_id, "report.html"],
    }
    return rest.get(name, [release.public_id])


def _client(lab: Lab, who: str) -> Client:
    client = Client(raise_request_exception=True)
    if who != "public":
        client.force_login(lab.person(who))
    return client


def test_who_gets_in(lab: Lab, subtests: pytest.Subtests) -> None:
    load_records(lab)
    request = lab.in_review()
    clients = {who: _client(lab, who) for who in EVERYBODY}
    for name in sorted(TABLE):
        with subtests.test(name=name):
            _check_address(lab, clients, name, _arguments(name, lab, request))


def _check_address(lab: Lab, clients: dict[str, Client], name: str, arguments: list[object]) -> None:
    address = reverse(name, args=arguments)
    may_get, may_post = TABLE[name]
    for who, client in sorted(clients.items()):
        got = client.get(address)
        if who in may_get:
            assert got.status_code in (200, 302, 409), (who, got.status_code)
            assert "/login" not in got.get("Location", ""), who
        else:
            assert got.status_code in REFUSALS | {409}, (who, got.status_code)
            assert got.status_code != 302 or who == "public"
    for method in ("put", "patch", "delete"):
        assert getattr(clients["steward"], method)(address).status_code in REFUSALS, method
    for who in sorted(EVERYBODY - may_post):
        events = AuditEvent.objects.filter(kind="act").count()
        posted = clients[who].post(address)
        # A page whose form is faulty is shown again (200) to whoever may not send it either; nothing may have been done.
        assert posted.status_code in REFUSALS | {200, 409}, (who, posted.status_code)
        assert AuditEvent.objects.filter(kind="act").count() == events, who


def test_nothing_is_done_without_the_token_of_the_form(lab: Lab, subtests: pytest.Subtests) -> None:
    load_records(lab)
    request = lab.in_review()
    for name in sorted(name for name, (_, post) in TABLE.items() if post):
        client = Client(enforce_csrf_checks=True)
        client.force_login(lab.person(sorted(TABLE[name][1])[0]))
        arguments = _arguments(name, lab, request)
        events = AuditEvent.objects.count()
        with subtests.test(name=name):
            assert client.post(reverse(name, args=arguments)).status_code == 403
            assert AuditEvent.objects.count() == events


def test_what_one_may_not_see_is_not_there(lab: Lab) -> None:
    request = lab.in_review()
    client = _client(lab, "stranger")
    real = client.get(reverse("request", args=[request.public_id]))
    made_up = client.get(reverse("request", args=["A" * 22]))
    assert (real.status_code, made_up.status_code) == (404, 404)
    assert real.content == made_up.content


def test_a_draft_is_nobodys_but_the_providers(lab: Lab) -> None:
    address = reverse("request", args=[lab.draft().public_id])
    for who in ("analyst", "reviewer1", "publisher", "steward", "stranger"):
        assert _client(lab, who).get(address).status_code == 404


def test_without_a_second_factor_one_is_led_to_set_one_up(lab: Lab) -> None:
    from allauth.mfa.models import Authenticator

    Authenticator.objects.filter(user=lab.person("provider")).delete()
    for name in ("requests", "account", "invite"):
        answer = _client(lab, "provider").get(reverse(name))
        assert answer["Location"] == reverse("mfa_activate_totp")


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(lab: Lab) -> None:
    import datetime as dt

    from portal.config.clock import at, now

    client, moment = _client(lab, "provider"), now()
    with at(moment):
        assert client.get(reverse("requests")).status_code == 200
    with at(moment + dt.timedelta(minutes=31)):
        assert client.get(reverse("requests")).status_code == 302
    client = _client(lab, "provider")
    for minutes in range(0, 12 * 60 + 1, 20):
        with at(moment + dt.timedelta(minutes=minutes)):
            assert client.get(reverse("requests")).status_code == 200, minutes
    with at(moment + dt.timedelta(hours=12, minutes=10)):
        assert client.get(reverse("requests")).status_code == 302


def test_every_look_at_an_output_is_in_the_audit(lab: Lab) -> None:
    request = lab.in_review()
    job = request.jobs.get(kind="run")
    _client(lab, "reviewer1").get(reverse("job-output", args=[request.public_id, job.public_id, "report.html"]))
    event = AuditEvent.objects.order_by("seq").last()
    assert (event.kind, event.verb, event.facts) == ("look", "output.look", {"file": "report.html"})
    assert event.actor == lab.person("reviewer1").public_id


def test_a_character_that_no_database_keeps_finds_no_page(lab: Lab) -> None:
    client = _client(lab, "analyst")
    for path in (
        "/releases/%00",
        "/reports/a%00b",
        "/requests/%00/",
        "/requests/queue?find=%00",
        "/library/?q=%00",
        "/library/analyses/a%00",
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(f"/requests/{lab.planned().public_id}/runs/queue", {"kind": "\0"}).status_code == 404
    assert client.get("/library/api/v1/results?q=%00").status_code == 400
