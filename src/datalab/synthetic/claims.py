"""Benefit claims: in most gaps between jobs, broken off by custody, taken up again or begun soon after release."""

from __future__ import annotations

import numpy as np

from datalab.fields.justice.codes import BENEFIT
from datalab.synthetic.calendars import day
from datalab.synthetic.country import Country
from datalab.synthetic.draws import Ints, Stream
from datalab.synthetic.episodes import Columns
from datalab.synthetic.intervals import join_spells, last_begun, last_day, next_start, settle, sort_spells

SHARE_CLAIM = 0.9  # gaps in which a claim is made
SHARE_RESUME = 0.9  # claims broken off by custody that are taken up again
SHARE_NEW = 0.5  # releases without a claim or a job to go back to that lead to one
WAIT_DAYS, RELEASE_WAIT_DAYS, NEW_DAYS = 25, 10, 240  # means: into a gap, after a release, length of a claim after it
_JSA, _ESA, _IB, _IS, _UC = range(len(BENEFIT))
_JOBLESS, _SICK = 0, 1
_MIX, _MIX_RELEASED = (0.5, 0.31, 0.19), (0.68, 0.27, 0.05)  # jobless, sick, income support


def make_claims(country: Country, since: Ints, gaps: Columns, jobs: Columns, block: Columns) -> Columns:
    """Claims as columns person, start, end (NEVER: still going on), benefit, sorted; none overlaps another of the person.

    since: day from which each person's claims are on record, (people,). gaps: between jobs, custody not taken out. jobs,
    block: settled jobs and custody, sorted by person and start.
    """
    claims = _gap_claims(gaps, country.stream)
    start = np.asarray(claims["start"], np.int64)
    free = last_day(block, np.asarray(claims["person"], np.int64), start) < start
    freed = _releases(country, since, block)
    # A claim that would begin in custody begins after it, as one broken off does.
    parts = [{name: values[free] for name, values in claims.items()}, _resumed(freed, claims, country.stream)]
    parts.append(_begun(freed, claims, jobs, country.stream))
    return settle(join_spells(parts), block, country.settings)


def _gap_claims(gaps: Columns, stream: Stream) -> Columns:
    """Claims from some weeks into a gap, mostly to near its end, on the benefit of the time."""
    who, turn = np.asarray(gaps["person"]), np.asarray(gaps["turn"])
    start = gaps["start"] + np.round(stream.exponential("claim wait", who, turn) * WAIT_DAYS).astype(np.int64)
    share = 0.4 + 0.6 * stream.uniform("claim length", who, turn) ** 0.4
    end = start + np.round(share * np.maximum(gaps["end"] - start, 0)).astype(np.int64)
    kept = (stream.uniform("claim", who, turn) < SHARE_CLAIM) & (end > start) & (start <= gaps["last"])
    benefit = _benefit(stream.index("benefit", who, _MIX, turn), start)
    columns: Columns = {"person": who, "start": start, "end": end, "last": gaps["last"], "benefit": benefit}
    return sort_spells({name: values[kept] for name, values in columns.items()})


def _benefit(pick: Ints, start: Ints) -> Ints:
    """The benefit for the jobless, the sick or others, as it was called when the claim began."""
    jobless = np.where(start >= day("2014-06-01"), _UC, _JSA)
    sick = np.where(start < day("2008-10-27"), _IB, _ESA)
    return np.select([pick == _JOBLESS, pick == _SICK], [jobless, sick], _IS)


def _releases(country: Country, since: Ints, block: Columns) -> Columns:
    """Releases after which a claim could be made: person, round, free (the day), start (of a claim, some days on), last."""
    who, when, free = (np.asarray(block[name], np.int64) for name in ("person", "round", "end"))
    start = free + 1 + np.round(country.stream.exponential("release wait", who, when) * RELEASE_WAIT_DAYS).astype(np.int64)
    last = np.minimum(country.settings.extract_end, country.people.death[who] - 1)
    kept = (free >= since[who]) & (start <= last) & (start < next_start(block, who, free))
    columns: Columns = {"person": who, "round": when, "free": free, "start": start, "last": last}
    return {name: values[kept] for name, values in columns.items()}


def _resumed(freed: Columns, claims: Columns, stream: Stream) -> Columns:
    """What is left, after a release, of the claims that custody broke off."""
    who = np.asarray(freed["person"], np.int64)
    end = last_day(claims, who, np.asarray(freed["free"], np.int64))
    kept = (end > freed["start"]) & (stream.uniform("resumed", who, freed["round"]) < SHARE_RESUME)
    at = last_begun(claims, who[kept], np.asarray(freed["free"], np.int64)[kept])
    left: Columns = {name: freed[name][kept] for name in ("person", "start", "last")}
    return {**left, "end": end[kept], "benefit": claims["benefit"][at]}


def _begun(freed: Columns, claims: Columns, jobs: Columns, stream: Stream) -> Columns:
    """Claims of those released who had none to take up and no job: until the next claim or job at the longest."""
    who, free, start = (np.asarray(freed[name], np.int64) for name in ("person", "free", "start"))
    length = np.round(stream.exponential("release claim length", who, freed["round"]) * NEW_DAYS).astype(np.int64)
    end = np.minimum(start + length, np.minimum(next_start(claims, who, free), next_start(jobs, who, free)) - 1)
    idle = (last_day(claims, who, free) <= free) & (last_day(jobs, who, free) <= free)
    kept = idle & (end > start) & (stream.uniform("release claim", who, freed["round"]) < SHARE_NEW)
    benefit = _benefit(stream.index("release benefit", who, _MIX_RELEASED, freed["round"]), start)
    columns: Columns = {"person": who, "start": start, "last": freed["last"], "end": end, "benefit": benefit}
    return {name: values[kept] for name, values in columns.items()}
