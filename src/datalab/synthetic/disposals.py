"""What courts and police give: caution, fine, discharge, order, suspended sentence or custody, and for how long."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from datalab.fields.justice.codes import DISPOSAL
from datalab.synthetic.draws import Floats, Ints, Stream

Bools = NDArray[np.bool_]

CUSTODY, SUSPENDED, COMMUNITY, FINE, DISCHARGE, OTHER, CAUTION = range(len(DISPOSAL))


def choose_disposals(
    stream: Stream, key: Ints, when: Ints, *, gravity: Floats, sanctions: Ints, custodies: Ints, age_years: Floats
) -> Ints:
    """The heaviest disposal of each occasion (n,), as a position in codes.DISPOSAL.

    Police may caution light offences of people with few earlier sanctions; a court weighs gravity, earlier sanctions,
    earlier custody and youth, and a part of its own.
    """
    known = np.log1p(sanctions)
    caution = expit(0.75 - 1.2 * known - 0.85 * gravity + 0.9 * (age_years < 18))
    cautioned = stream.uniform("caution", key, when) < caution
    noise = stream.uniform("court", key, when)
    weight = (
        gravity
        + 0.52 * known
        + 1.05 * (custodies > 0)
        + 0.22 * np.log1p(custodies)
        - 0.8 * (age_years < 18)
        + 0.85 * np.log(noise / (1 - noise))
    )
    court = np.select(
        [weight > 3.5, weight > 2.75, weight > 1.5, weight > 1.25],
        [CUSTODY, SUSPENDED, COMMUNITY, OTHER],
        np.where(stream.uniform("discharge", key, when) < 0.3, DISCHARGE, FINE),
    )
    return np.where(cautioned, CAUTION, court).astype(np.int64)


def sentence_days(stream: Stream, key: Ints, when: Ints, gravity: Floats) -> Ints:
    """Length of a custodial sentence in days: long-tailed about a median that grows with gravity."""
    median = 135.0 * np.exp(0.6 * np.maximum(gravity, 0.0))
    drawn = median * np.exp(0.85 * stream.normal("sentence", key, when))
    return np.clip(np.round(drawn), 14, 9000).astype(np.int64)


def order_days(stream: Stream, key: Ints, when: Ints, suspended: Bools) -> Ints:
    """Length of a community order (mostly 12 months) or of the time a sentence is suspended for (12 to 24 months)."""
    pick = stream.index("order", key, (0.18, 0.52, 0.16, 0.14), when)
    return np.where(suspended, np.array([274, 365, 548, 731])[pick], np.array([183, 365, 548, 731])[pick]).astype(np.int64)


def lag_days(stream: Stream, key: Ints, when: Ints, cautioned: Bools, gravity: Floats) -> Ints:
    """Days from the offence to the caution or sentence: about two weeks, or a month with a tail beyond six."""
    spread = stream.normal("lag", key, when)
    slow = np.where(cautioned, 12.0 * np.exp(spread), 24.0 * np.exp(1.2 * spread + 0.12 * np.maximum(gravity, 0.0)))
    return np.clip(np.round(slow), np.where(cautioned, 0, 2), np.where(cautioned, 180, 1500)).astype(np.int64)
