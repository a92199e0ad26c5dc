"""What the records held about a person on a given day: the recorded traits by which programmes select."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.synthetic.calendars import YEAR_DAYS
from datalab.synthetic.draws import Floats, Ints
from datalab.synthetic.episodes import Columns, Episodes
from datalab.synthetic.people import People

_SPAN = 10**6


@dataclass(frozen=True)
class History:
    """The records to look back on: lives, employment spells and assessments, each sorted by person and day."""

    lives: Episodes
    work: Columns
    assessments: Columns

    def traits(self, people: People, who: Ints, baseline: Ints, start: Ints) -> dict[str, Floats]:
        """Traits of people (n,), each about one step wide: needs before the programme's start, the rest before the baseline.

        sanctions: log of one plus the sanctions so far, about its middle; employed: 1 if employed in the year before;
        young: decades under 30; education_work, drugs: last section scores, about their middle (0 where not assessed);
        female: 0 or 1.
        """
        occasion = self.lives.occasion
        marks = np.sort(np.asarray(occasion["person"], np.int64) * _SPAN + np.asarray(occasion["date"], np.int64))
        sanctions = np.searchsorted(marks, who * _SPAN + baseline) - np.searchsorted(marks, who * _SPAN)
        age = (baseline - people.birth[who]) / YEAR_DAYS
        return {
            "sanctions": np.log1p(sanctions) - np.log1p(8),
            "employed": self._employed(who, baseline).astype(np.float64),
            "young": (30.0 - np.clip(age, 18, 60)) / 10.0,
            "education_work": self._score("education_work", who, start),
            "drugs": self._score("drugs", who, start),
            "female": people.female[who].astype(np.float64),
        }

    def _employed(self, who: Ints, when: Ints) -> Ints:
        """Whether the last spell that began before the day reached into the year before it."""
        place = _last_before(self.work, "start", who, when)
        found = (place >= 0) & (self.work["person"][place] == who)
        return np.asarray(found & (self.work["end"][place] >= when - 365), np.int64)

    def _score(self, section: str, who: Ints, when: Ints) -> Floats:
        place = _last_before(self.assessments, "date", who, when)
        score = np.asarray(self.assessments[section], np.float64)[place]
        found = (place >= 0) & (self.assessments["person"][place] == who) & (score >= 0)
        return np.where(found, (score - 4.5) / 2.5, 0.0)


def _last_before(rows: Columns, date: str, who: Ints, when: Ints) -> Ints:
    """Position of the last row of each person dated before the day; -1 or another person's row where there is none."""
    marks = np.asarray(rows["person"], np.int64) * _SPAN + np.asarray(rows[date], np.int64)
    return np.asarray(np.searchsorted(marks, who * _SPAN + when) - 1, np.int64)
