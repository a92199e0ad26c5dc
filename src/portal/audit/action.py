"""`action`: the only way to write. Keyword-only, `by=`, one transaction, exactly one audit event, letters once it is kept."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypeVar

from django.db import transaction

from datalab.errors import InternalError
from portal.audit.models import Kind
from portal.audit.record import Subject, write_event

P = ParamSpec("P")
T = TypeVar("T")
ACTIONS: dict[str, str] = {}


@dataclass(frozen=True)
class Done(Generic[T]):
    """What an action gives back to `action`: what it was done to, what the audit keeps of it, and what the caller gets."""

    subject: Subject
    result: T
    facts: Mapping[str, Any] = field(default_factory=dict)


def action(verb: str) -> Callable[[Callable[P, Done[T]]], Callable[P, T]]:
    """Makes a function an action. It must take keyword arguments alone, `by` among them, and give a Done.

    Everything it writes and its audit event are kept together or not at all. What it raises is passed on.
    """

    def decorate(function: Callable[P, Done[T]]) -> Callable[P, T]:
        parameters = inspect.signature(function).parameters
        if "by" not in parameters or any(one.kind is not inspect.Parameter.KEYWORD_ONLY for one in parameters.values()):
            raise InternalError(f"{function.__qualname__}: an action takes keyword arguments alone, by among them")
        if verb in ACTIONS:
            raise InternalError(f"two actions are called {verb}")
        ACTIONS[verb] = f"{function.__module__}.{function.__qualname__}"

        @functools.wraps(function)
        def act(*args: P.args, **given: P.kwargs) -> T:
            with transaction.atomic():
                done = function(*args, **given)
                write_event(given["by"], Kind.ACT, verb, done.subject, done.facts)  # type: ignore[arg-type]
            return done.result

        act.verb = verb  # type: ignore[attr-defined]
        return act

    return decorate
