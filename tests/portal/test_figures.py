"""Parts of a run's report as pages: the engine's drawings of the release, each with its table, for those who may see the output."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.portal.lab import Lab
from tests.run_folder import several_findings

from datalab.disclosure import control
from datalab.manifest import InputRecord, assemble, collect, hash_body
from datalab.output import release_bytes, with_release
from datalab.report.parts import PARTS as OF_THE_ENGINE
from datalab.report.results import results_json
from datalab.store import write_json
from portal.audit.models import AuditEvent
from portal.requests.models import Request
from portal.runs.figures import PARTS
from portal.runs.models import Job
from portal.runs.output import content_sha256, output_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of a run of two analyses, without the files of its report."""
    folder, releasable = tmp_path_factory.mktemp("made"), control(several_findings(2))
    settings = {"disclosure_profile": "default", "plan_sha256": releasable.release.plan_sha256}
    body = collect("run", settings, (InputRecord("upload", "0" * 64),), versions={"thresholds": "1"}, counts={})
    body, content = with_release(body, releasable), release_bytes(releasable)
    (folder / "release.json").write_bytes(content)
    (folder / "results.json").write_bytes(results_json(releasable, manifest_sha256=hash_body(body)))
    write_json(folder / "manifest.json", assemble(body, {"release.json": body["release_sha256"]}, {}, {}))
    return folder


@pytest.fixture
def job(lab: Lab, made: Path) -> Job:
    request = lab.analysed()
    job = request.jobs.get(kind="run")
    shutil.rmtree(output_folder(job))
    shutil.copytree(made, output_folder(job))
    Job.objects.filter(id=job.id).update(output_sha256=content_sha256(output_folder(job)))
    return Job.objects.get(id=job.id)


def page(client: Client, request: Request, job: Job, part: str, more: str = "") -> Any:
    return client.get(f"/requests/{request.public_id}/runs/{job.public_id}/figures/{part}{more}")


def test_the_parts_are_the_engines() -> None:
    assert PARTS == OF_THE_ENGINE


def test_overlap_and_love_plot_stand_with_their_tables(job: Job, sign_in: Any) -> None:
    answer = page(sign_in("reviewer1"), job.request, job, "match")
    text = answer.content.decode()
    assert answer.status_code == 200
    drawings = re.findall(r'<svg class="plot" role="img" aria-labelledby="([a-z0-9-]+)-title ([a-z0-9-]+)-description"', text)
    assert {name.rsplit("-", 2)[0] for name, _ in drawings} == {"overlap", "love"}
    assert len(drawings) == 4
    for name, described in drawings:
        assert f'<title id="{name}-title">' in text
        assert f'<desc id="{described}-description">' in text
    assert text.count("The figures behind:") >= 2
    assert " style=" not in text
    assert "<script" not in text.split("<main")[1].split("</main")[0]
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_page_and_a_look_in_the_audit(job: Job, sign_in: Any, part: str) -> None:
    answer = page(sign_in("analyst"), job.request, job, part)
    assert answer.status_code == 200
    assert "<table" in answer.content.decode()
    event = AuditEvent.objects.order_by("seq").last()
    assert (event.verb, event.facts) == ("output.look", {"part": part})


def test_each_analysis_has_its_own(job: Job, sign_in: Any) -> None:
    client = sign_in("analyst")
    assert "love-part0" in page(client, job.request, job, "match", "?analysis=2").content.decode()
    for wrong in ("?analysis=3", "?analysis=0", "?analysis=x", "?analysis=²"):
        assert page(client, job.request, job, "match", wrong).status_code == 404
    assert page(client, job.request, job, "rows").status_code == 404


def test_it_is_drawn_once(job: Job, sign_in: Any, home: Path) -> None:
    client = sign_in("analyst")
    first = page(client, job.request, job, "match").content
    began = time.perf_counter()
    second = page(client, job.request, job, "match").content
    assert time.perf_counter() - began < 1
    assert re.findall(rb"<svg.*?</svg>", first, re.DOTALL) == re.findall(rb"<svg.*?</svg>", second, re.DOTALL)
    assert len(list((home / "figures").rglob("*.json"))) == 1


def test_an_output_that_was_changed_is_not_drawn(job: Job, sign_in: Any, home: Path) -> None:
    path = output_folder(job) / "release.json"
    path.write_text(path.read_text(encoding="utf-8").replace("30", "31", 1), encoding="utf-8")
    answer = page(sign_in("analyst"), job.request, job, "match")
    assert answer.status_code == 409
    assert b"release.json" in answer.content
    assert not (home / "figures").exists()
