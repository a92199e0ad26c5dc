"""After destruction no field that is declared personal holds anything: asked of the models, so that a new field cannot be missed."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.serializers import serialize
from django.db import models
from tests.portal.lab import Lab, fresh

from portal.ops.destruction import destroy_data
from portal.requests import actions
from portal.requests.models import Note, Request
from portal.runs.models import Job, Pair, PairDecision
from portal.runs.pairs import decide
from portal.uploads import vault

MODELS = [model for model in apps.get_models() if model.__module__.startswith("portal.")]
# Personal fields that belong to an account, or to a reader who asked for letters, not to the people a programme worked with: they stay with it (docs/portal.md).
OF_ACCOUNTS = {"User", "Invitation", "Subscription"}
MARK, NUMBER = "QZX-MARKED", 987654


def way_to_request(model: type[models.Model]) -> str | None:
    """The shortest chain of foreign keys from a model to its request: `job__request`; None where there is none."""
    waiting: deque[tuple[type[models.Model], tuple[str, ...]]] = deque([(model, ())])
    seen = {model}
    while waiting:
        here, way = waiting.popleft()
        if here is Request:
            return "__".join(way)
        for field in here._meta.concrete_fields:
            if field.related_model and field.related_model not in seen:
                seen.add(field.related_model)
                waiting.append((field.related_model, (*way, field.name)))
    return None


def rows_of(model: type[Any], request: Request) -> models.QuerySet[Any]:
    way = way_to_request(model)
    return model.objects.filter(**{way or "pk": request.pk})


def marked(field: models.Field[Any, Any]) -> Any:
    """Something that can be told from nothing, for a field of this kind."""
    if isinstance(field, models.JSONField):
        return [["forename", MARK, MARK]]
    if isinstance(field, models.IntegerField | models.FloatField):
        return NUMBER
    assert isinstance(field, models.CharField | models.TextField), f"{field}: how is such a field filled?"
    return MARK[: field.max_length]


def personal_models() -> list[type[Any]]:
    return [model for model in MODELS if model.personal and model.__name__ not in OF_ACCOUNTS]


def fill(request: Request) -> None:
    """A value in every personal field of every row of the request; every such model has a row."""
    for model in personal_models():
        rows = rows_of(model, request)
        assert rows.exists(), f"the builders below make no {model.__name__}"
        rows.update(**{name: marked(model._meta.get_field(name)) for name in model.personal})


def left_of(request: Request) -> list[str]:
    """Personal fields that still hold something."""
    return [
        f"{model.__name__}.{name}"
        for model in personal_models()
        for name in model.personal
        for value in rows_of(model, request).values_list(name, flat=True)
        if value not in ("", None, [], {})
    ]


@pytest.fixture
def ended(lab: Lab, home: Path) -> Request:
    """A request that went all the way to a result with everything that can hang on it, and was stopped."""
    request = lab.analysed()
    job = request.jobs.get(kind=Job.Kind.RUN)
    decide(by=lab.person("analyst"), pair=job.pairs.get(), accept=True)
    actions.write_note(by=lab.person("provider"), request=request, text=MARK)
    for what in ("links", "doubtful", "register", "another-one"):
        vault.seal(f"{job.public_id}.{what}", MARK.encode())
    return actions.stop(by=lab.person("publisher"), request=fresh(request), reason="No longer wanted.")


def test_every_model_with_personal_fields_is_known() -> None:
    loose = {model.__name__ for model in MODELS if model.personal and way_to_request(model) is None}
    assert loose <= OF_ACCOUNTS
    assert {Note, Pair} <= set(personal_models())
    assert way_to_request(PairDecision) == "pair__job__request"


def test_nothing_personal_is_left_anywhere(lab: Lab, ended: Request, home: Path, django_capture_on_commit_callbacks: Any) -> None:
    fill(ended)
    assert {name.partition(".")[0] for name in left_of(ended)} == {model.__name__ for model in personal_models()}
    with django_capture_on_commit_callbacks(execute=True):
        made = destroy_data(by=lab.person("steward"), request=ended)
    assert left_of(ended) == []
    assert not PairDecision.objects.exists()
    everything = "".join(serialize("json", model.objects.all()) for model in apps.get_models())
    assert MARK not in everything
    assert str(NUMBER) not in everything
    assert [path.name for folder in ("vault", "keys/files") for path in (home / folder).glob("*")] == []
    assert made.content["private_files"] == 4


def test_another_requests_data_stay(lab: Lab, ended: Request, django_capture_on_commit_callbacks: Any) -> None:
    other = lab.analysed()
    actions.write_note(by=lab.person("provider"), request=other, text=MARK)
    fill(other)
    before = left_of(other)
    with django_capture_on_commit_callbacks(execute=True):
        destroy_data(by=lab.person("steward"), request=ended)
    assert left_of(other) == before
    assert vault.is_there(other.uploads.get().public_id)


@pytest.mark.parametrize(("model", "field"), [(Job, "error"), (Request, "own_words"), (PairDecision, "by")])
def test_a_personal_field_that_destruction_does_not_treat_is_found(
    lab: Lab, ended: Request, monkeypatch: pytest.MonkeyPatch, model: type[Any], field: str
) -> None:
    monkeypatch.setattr(model, "personal", (field,))
    if model is PairDecision:  # neither text nor number: the filling itself says so
        with pytest.raises(AssertionError, match="how is such a field filled"):
            fill(ended)
        return
    fill(ended)
    destroy_data(by=lab.person("steward"), request=ended)
    assert f"{model.__name__}.{field}" in left_of(ended)
