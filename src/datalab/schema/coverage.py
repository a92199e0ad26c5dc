"""Coverage: which dates the loaded central data allows, asked by dataset and kind of window, and said in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from datalab.wording import say, words

COHORT = "cohort"
EVENTS = "events"


@dataclass(frozen=True, order=True)
class Window:
    """A loaded window, both ends included. kind: `cohort` (index dates allowed) or `events` (the extract's reach)."""

    dataset: str
    kind: str
    first: date
    last: date

    def contains(self, day: date) -> bool:
        """Whether the day lies in the window, ends included."""
        return self.first <= day <= self.last

    @property
    def text(self) -> str:
        """The window in words.

        >>> Window("reoffending", "cohort", date(2012, 1, 1), date(2012, 12, 31)).text
        '1 January 2012 to 31 December 2012'
        """
        return say("schema.coverage.window", first=day_words(self.first), last=day_words(self.last))


@dataclass(frozen=True)
class Coverage:
    """All loaded windows. A dataset without a window counts as not loaded.

    >>> coverage = Coverage((Window("reoffending", "cohort", date(2012, 1, 1), date(2012, 12, 31)),))
    >>> coverage.contains(date(2012, 12, 31)), coverage.contains(date(2013, 1, 1))
    (True, False)
    """

    windows: tuple[Window, ...]
    dataset: str = "reoffending"  # what is asked about when no dataset is named

    def of(self, dataset: str = "", kind: str = COHORT) -> tuple[Window, ...]:
        """The windows of a dataset and kind, by first date."""
        name = dataset or self.dataset
        return tuple(sorted(window for window in self.windows if window.dataset == name and window.kind == kind))

    def contains(self, day: date, dataset: str = "", kind: str = COHORT) -> bool:
        """Whether a day lies in any window of the dataset and kind."""
        return any(window.contains(day) for window in self.of(dataset, kind))

    def last(self, dataset: str = "", kind: str = EVENTS) -> date | None:
        """The last day of the last window (for `events`: the end of the extract), or None where nothing is loaded."""
        return max((window.last for window in self.of(dataset, kind)), default=None)

    def first(self, dataset: str = "", kind: str = EVENTS) -> date | None:
        """The first day of the first window, or None where nothing is loaded."""
        return min((window.first for window in self.of(dataset, kind)), default=None)

    def words(self, dataset: str = "", kind: str = COHORT) -> str:
        """The windows of a dataset and kind in words, joined by "and"; says so where there is none."""
        texts = [window.text for window in self.of(dataset, kind)]
        return say("schema.coverage.and").join(texts) if texts else say("schema.coverage.none")


def day_words(day: date) -> str:
    """A day as people write it.

    >>> day_words(date(2012, 3, 1))
    '1 March 2012'
    """
    return f"{day.day} {words('schema')['coverage']['months'][day.month - 1]} {day.year}"
