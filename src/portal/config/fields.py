"""Form fields that govuk-frontend has and Django has not: a date as day, month and year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms

from portal.wording import say

PARTS = ("day", "month", "year")


class DateWidget(forms.Widget):
    """Three inputs: day, month, year."""

    is_date = True

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> tuple[str, str, str] | None:
        """The three parts as they were written; None where nothing was."""
        parts = tuple(str(data.get(f"{name}-{part}", "")).strip() for part in PARTS)
        return parts if any(parts) else None  # type: ignore[return-value]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Whether the form had no such question."""
        return all(f"{name}-{part}" not in data for part in PARTS)

    def part(self, value: Any, part: str) -> str:
        """What stands in one of the inputs."""
        if isinstance(value, str) and value:
            value = dt.date.fromisoformat(value)
        if isinstance(value, dt.date):
            return str(getattr(value, part))
        return value[PARTS.index(part)] if value else ""


class TextField(forms.CharField):
    """A text without what no page, feed or workbook can hold: a line break pasted from a word processor (vertical tab, form feed)
    becomes one of ours, other control characters go."""

    def to_python(self, value: Any) -> str:
        """The text as it can be printed everywhere."""
        text = super().to_python(value) or ""
        text = text.replace("\x0b", "\n").replace("\x0c", "\n")
        return "".join(one for one in text if one in "\t\n\r" or (one >= " " and one not in "\x7f\ufffe\uffff"))


class DateField(forms.Field):
    """A date from its three parts; kept as ISO text in answers."""

    widget = DateWidget

    def to_python(self, value: Any) -> dt.date | None:
        """The date, or a sentence that says what one looks like."""
        if value in self.empty_values:
            return None
        if isinstance(value, dt.date):
            return value
        try:
            day, month, year = (int(part) for part in value)
            return dt.date(year, month, day)
        except (TypeError, ValueError) as error:
            raise forms.ValidationError(say("public.date.wrong")) from error
