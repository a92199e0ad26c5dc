"""Random numbers keyed by purpose, person and occasion: a person's draws never depend on anybody else's, or on the programme.

A counter-based stream (Salmon and others, 2011): the key is hashed to 64 bits with the finaliser of SplitMix64 (Steele, Lea
and Flood, 2014) and read as a number between 0 and 1. The same people with and without a programme so share every draw
(common random numbers), and the country does not change with the order in which people are made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincinv, ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_Words = NDArray[np.uint64]


def _scramble(words: _Words) -> _Words:
    """The finaliser of SplitMix64: every bit of the input moves every bit of the output."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


@dataclass(frozen=True)
class Stream:
    """All draws of one country; `seed` is any whole number.

    >>> first = Stream(1).uniform("sex", np.arange(3))
    >>> bool((first == Stream(1).uniform("sex", np.arange(3))).all())
    True
    """

    seed: int

    def uniform(self, purpose: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        """Numbers strictly between 0 and 1. who, when: whole numbers, broadcast against each other."""
        name = hashlib.blake2b(f"{self.seed}/{purpose}".encode(), digest_size=8).digest()
        start = np.uint64(int.from_bytes(name, "big"))
        with np.errstate(over="ignore"):
            person = _scramble(np.asarray(who, np.int64).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + start)
            count = np.asarray(when, np.int64).astype(np.uint64) * np.uint64(0xD1342543DE82EF95)
            words = _scramble(_scramble(person + count) ^ start)
        return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53

    def normal(self, purpose: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        """Standard normal numbers."""
        return np.asarray(ndtri(self.uniform(purpose, who, when)), np.float64)

    def exponential(self, purpose: str, who: ArrayLike, when: ArrayLike = 0) -> Floats:
        """Exponential numbers of mean 1."""
        return -np.log(self.uniform(purpose, who, when))

    def gamma(self, purpose: str, who: ArrayLike, shape: float, when: ArrayLike = 0) -> Floats:
        """Gamma numbers of mean 1 and variance 1 / shape."""
        return np.asarray(gammaincinv(shape, self.uniform(purpose, who, when)), np.float64) / shape

    def index(self, purpose: str, who: ArrayLike, weights: ArrayLike, when: ArrayLike = 0) -> Ints:
        """Positions drawn with the given weights (k,), which need not sum to 1."""
        cumulative = np.cumsum(np.asarray(weights, np.float64))
        found = np.searchsorted(cumulative / cumulative[-1], self.uniform(purpose, who, when), side="right")
        return np.minimum(found, cumulative.size - 1).astype(np.int64)

    def geometric(self, purpose: str, who: ArrayLike, mean: ArrayLike, when: ArrayLike = 0) -> Ints:
        """Counts 0, 1, 2, … of the given mean, each further one as likely as the last."""
        rate = np.maximum(np.asarray(mean, np.float64), 1e-12)
        steps = np.log(self.uniform(purpose, who, when)) / np.log(rate / (1.0 + rate))
        return np.floor(steps).astype(np.int64)
