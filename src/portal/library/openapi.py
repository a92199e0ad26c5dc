"""The OpenAPI 3.1 document of the interface for programs, made of the form that answers it."""

from __future__ import annotations

import json
from typing import Any

from django.forms import Form, IntegerField
from django.urls import reverse

from portal.library.forms import ANSWERS, SearchForm, StudyForm
from portal.library.models import Kept
from portal.library.words import licence_line
from portal.wording import say

LARGEST_PAGE = 100
NAME = "[-a-zA-Z0-9_]+"
_TEXT, _WHOLE, _NUMBER = {"type": "string"}, {"type": "integer"}, {"type": ["number", "null"]}
_RESULT = {
    "id": _TEXT, "analysis": _TEXT, "version": _WHOLE, "programme": _TEXT, "organisation": _TEXT, "kind": _TEXT, "setting": _TEXT,
    "people": _TEXT, "outcome": _TEXT, "outcome_name": _TEXT, "follow_up_months": _WHOLE, "role": _TEXT, "design": _TEXT,
    "verdict": {"enum": ["lower", "higher", "more_people", "withheld", "not_stated"]}, "direction_only": {"type": "boolean"},
    "favourable": _TEXT, "unit": _TEXT, "n_treated": {"type": ["integer", "null"]}, "treated": _NUMBER, "comparison": _NUMBER,
    "difference": _NUMBER, "standard_error": _NUMBER, "low": _NUMBER, "high": _NUMBER, "has_figures": {"type": "boolean"},
    "reason": _TEXT, "strength": {"type": ["integer", "null"], "minimum": 1, "maximum": 5}, "published": _TEXT,
    "origin": {"enum": ["published", "here", "demo"]}, "source_label": {"enum": ["published", "made_here", "demo"]},
    "source": _TEXT, "address": _TEXT, "note": _TEXT,
}  # fmt: skip

_STUDY = {
    "id": _TEXT, "version": _WHOLE, "product": {"const": "feasibility study"}, "programme": _TEXT, "organisation": _TEXT,
    "kind": _TEXT, "setting": _TEXT, "published": _TEXT, "answer": {"enum": list(ANSWERS)}, "sentence": _TEXT,
    "people_analysed": {"type": ["integer", "null"]}, "outcome": _TEXT, "smallest_effect": _NUMBER, "unit": _TEXT,
    "source_label": {"enum": ["made_here", "demo"]}, "address": _TEXT, "report": _TEXT,
}  # fmt: skip


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _schemas() -> dict[str, Any]:
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Result"}}
    texts = {"type": "array", "items": _TEXT}
    link = {"type": ["string", "null"]}
    about_page = {"count": _WHOLE, "page": _WHOLE, "size": _WHOLE, "next": link, "previous": link, "licence": _TEXT}
    page = {**about_page, "results": listed}
    studies = {**about_page, "studies": {"type": "array", "items": {"$ref": "#/components/schemas/Study"}}}
    about = (
        "name",
        "standing",
        "why",
        "source",
        "programme",
        "organisation",
        "kind",
        "setting",
        "people",
        "published",
        "licence",
    )
    analysis = {
        **dict.fromkeys(about, _TEXT),
        "version": _WHOLE,
        "curves": {"type": "array", "items": {"type": "object"}},
        "results": listed,
        "product": {"enum": list(Kept.labels)},
        "feasibility": {"oneOf": [{"$ref": "#/components/schemas/Study"}, {"type": "null"}]},
    }
    synthesis = {
        **dict.fromkeys(("kind", "outcome", "certainty", "unit", "licence"), _TEXT), "months": _WHOLE, "sentences": texts,
        "notes": texts, "synthesis": {"type": "object"},
    }  # fmt: skip
    fault = {"type": "object", "properties": {"error": _TEXT, "faults": {"type": "object"}}, "required": ["error"]}
    return {
        "Result": _object(_RESULT), "Page": _object(page), "Analysis": _object(analysis), "Synthesis": _object(synthesis),
        "Study": _object(_STUDY), "Studies": _object(studies), "Fault": fault,
    }  # fmt: skip


def _parameter(name: str, schema: dict[str, Any], about: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": about}


def _search(questions: type[Form] = SearchForm) -> list[dict[str, Any]]:
    """The questions of a form."""
    found = []
    for name, field in questions().fields.items():
        listed = [key for key, _ in getattr(field, "choices", []) if key]
        if hasattr(field, "choices"):  # where the library holds nothing to choose, only the question left open is answered
            schema: dict[str, Any] = {"enum": listed or [""]}
        elif isinstance(field, IntegerField):
            schema = {"type": "integer", "minimum": field.min_value, "maximum": field.max_value}
        else:
            schema = {"type": "string", "maxLength": getattr(field, "max_length", None)}
        found.append(_parameter(name, schema, str(field.label)))
    return found


def _path(summary: str, parameters: list[dict[str, Any]], schema: str, faults: tuple[int, ...]) -> dict[str, Any]:
    def answer(name: str, about: str) -> dict[str, Any]:
        return {"description": about, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}

    answers = {"200": answer(schema, summary), "304": {"description": say("library.api.not_changed")}}
    answers |= {str(status): answer("Fault", say(f"library.api.status_{status}")) for status in (*faults, 405, 429)}
    return {"get": {"summary": summary, "operationId": schema.lower(), "parameters": parameters, "responses": answers}}


def document(start: str) -> str:
    """The document as JSON. start: the address of the service."""
    pages = [
        _parameter("page", {"type": "integer", "minimum": 1, "maximum": 1_000_000}, say("library.api.page")),
        _parameter("size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}, say("library.api.size")),
    ]
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{NAME}$"}}
    together = [
        _parameter("kind", _TEXT, say("library.search.kind")),
        _parameter("outcome", _TEXT, say("library.search.outcome")),
        _parameter("months", {"enum": [12, 24]}, say("library.api.months")),
        _parameter("source", {"enum": ["demo"]}, say("library.api.source")),
    ]
    one = reverse("library-api-analysis", args=["NAME"]).replace("NAME", "{name}")
    paths = {
        reverse("library-api-results"): _path(say("library.api.results"), [*_search(), *pages], "Page", (400,)),
        reverse("library-api-feasibility"): _path(
            say("library.api.feasibility"), [*_search(StudyForm), *pages], "Studies", (400,)
        ),
        one: _path(say("library.api.analysis"), [name], "Analysis", (400, 404)),
        reverse("library-api-synthesis"): _path(say("library.api.synthesis"), together, "Synthesis", (400, 404)),
    }
    info = {"title": say("library.api.title"), "version": "1.0.0", "description": licence_line()}
    content = {
        "openapi": "3.1.0",
        "info": info,
        "servers": [{"url": start}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }
    return json.dumps(content)
