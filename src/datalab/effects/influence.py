"""What each person adds to an estimate, and the variance that follows: summed by person, then squared (design 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalab.numerics.people import effective_size
from datalab.table import Bools, Floats, Ints

FEWEST_CLUSTERS = 5


@dataclass(frozen=True)
class Group:
    """The rows of one group of a comparison.

    y (m,): outcome. m0 (m,): what the outcome model expects without the programme (0 = none). weights (m,): sum to 1.
    person (m,): codes 0 to people - 1. cluster (m,): site codes, -1 = none named. effective: 1 / sum of squared
    weights, summed by person first.
    """

    y: Floats
    m0: Floats
    weights: Floats
    person: Ints
    cluster: Ints
    people: int
    effective: float

    @property
    def residual(self) -> Floats:
        """y - m0, (m,)."""
        return self.y - self.m0

    @property
    def mean(self) -> float:
        """Weighted mean of y."""
        return float(self.weights @ self.y)


@dataclass(frozen=True)
class Variance:
    """v1, v0: variance of the treated and of the comparison mean. df: of the t interval. clusters: sites used, 0 = none.
    covariance: of the two means, where both groups come from the same sites."""

    v1: float
    v0: float
    df: float
    clusters: int = 0
    covariance: float = 0.0

    @property
    def total(self) -> float:
        """Variance of the difference, v1 + v0 - 2 covariance."""
        return max(self.v1 + self.v0 - 2 * self.covariance, 0.0)

    @property
    def correlation(self) -> float:
        """Of the two means, -1 to 1; 0 where one of them does not vary."""
        spread = float(np.sqrt(self.v1 * self.v0))
        return min(max(self.covariance / spread, -1.0), 1.0) if spread > 0 else 0.0

    @property
    def se(self) -> float:
        """Standard error of the difference."""
        return float(np.sqrt(self.total))


def dense_codes(codes: Ints) -> tuple[Ints, int]:
    """Codes renumbered 0 to m - 1 in ascending order, and m.

    >>> dense_codes(np.array([7, 3, 7]))
    (array([1, 0, 1]), 2)
    """
    if codes.size == 0 or bool((codes[1:] > codes[:-1]).all()):  # already one row a person, in order: no sort needed
        return np.arange(codes.size), int(codes.size)
    levels, inverse = np.unique(codes, return_inverse=True)
    return inverse.astype(np.int64), int(levels.size)


def count_people(person: Ints, rows: Bools) -> int:
    """Distinct people among some rows (mask).

    >>> count_people(np.array([5, 5, 9]), np.array([True, True, False]))
    1
    """
    return dense_codes(person[rows])[1]


def make_group(y: Floats, m0: Floats, weights: Floats, person: Ints, cluster: Ints | None = None) -> Group:
    """A Group of rows; weights (any positive scale) are made to sum to 1. No missing values, at least one row.

    >>> make_group(np.ones(2), np.zeros(2), np.array([1.0, 3.0]), np.array([1, 2])).effective
    1.6
    """
    codes, people = dense_codes(person)
    shares = weights / weights.sum()
    none = np.full(y.size, -1, dtype=np.int64)
    return Group(y, m0, shares, codes, none if cluster is None else cluster, people, effective_size(person, shares))


def mean_variance(values: Floats, group: Group) -> float:
    """Variance of the weighted mean of `values` (m,): squared sums by person, no small-sample factor (V0 of formula 4)."""
    centred = group.weights * (values - group.weights @ values)
    by_person = np.bincount(group.person, centred, group.people)
    return float(by_person @ by_person)


def site_sums(values: Floats, group: Group, cluster: Ints, clusters: int) -> Floats:
    """How far the mean of `values` moves where a site is left out, (clusters,), for codes 0 to `clusters` - 1 (-1: of none).

    sum_{i in g} w_i (v_i - mean) / (1 - W_g) with W_g the site's share of the weight, which is below 1.
    """
    named = cluster >= 0
    centred = group.weights * (values - group.weights @ values)
    share = np.bincount(cluster[named], group.weights[named], clusters)
    return np.asarray(np.bincount(cluster[named], centred[named], clusters) / (1.0 - share))


def clustered_variance(values: Floats, group: Group, cluster: Ints, clusters: int) -> float:
    """CR3 variance of the mean of `values` over `clusters` codes 0 to G - 1 (Bell and McCaffrey 2002).

    (G - 1)/G * the sum of squares of `site_sums`.
    """
    inflated = site_sums(values, group, cluster, clusters)
    return float((clusters - 1) / clusters * (inflated @ inflated))


def named_clusters(group: Group) -> int:
    """How many sites are named in the group."""
    return int(np.unique(group.cluster[group.cluster >= 0]).size)


def treated_variance(values: Floats, group: Group) -> tuple[float, float, int]:
    """V1 of the mean of `values`, its degrees of freedom, and the clusters used (0 = by person).

    With at least five named sites CR3 on them; people without a site count as one further site, since nothing says that
    they are apart. Otherwise s^2/k by person, with divisor k - 1.
    """
    if named_clusters(group) >= FEWEST_CLUSTERS:
        codes, clusters = dense_codes(group.cluster)
        return clustered_variance(values, group, codes, clusters), clusters - 1.0, clusters
    k = group.people
    return mean_variance(values, group) * k / (k - 1.0), k - 1.0, 0


def difference_variance(a: Floats, b: Floats, treated: Group, comparison: Group) -> Variance:
    """Variance of mean(a) - weighted mean(b), formulas (4) and (5) of design 3.2.

    a: influence of the treated rows, b: of the comparison rows. Needs two treated people and an effective comparison
    size above 1. df is Satterthwaite's, or sites - 1 where treated people are clustered. Where the comparison rows name
    sites too, both groups are clustered together.
    """
    if min(named_clusters(treated), named_clusters(comparison)) >= FEWEST_CLUSTERS:
        return joint_variance(a, b, treated, comparison)
    v1, df1, clusters = treated_variance(a, treated)
    v0 = mean_variance(b, comparison)
    if clusters:
        return Variance(v1, v0, df1, clusters)
    below = v1**2 / df1 + v0**2 / (comparison.effective - 1.0)
    return Variance(v1, v0, (v1 + v0) ** 2 / below if below > 0 else df1)


def joint_variance(a: Floats, b: Floats, treated: Group, comparison: Group) -> Variance:
    """The variance of mean(a) - weighted mean(b) with both groups clustered by site: CR3 of the difference.

    Leaving a site out moves both means at once, so that what the groups share at a site cancels. People without a site
    are one further site among the treated; in the comparison group, of whom nobody chose the site, they stand for
    themselves. df is Satterthwaite's of the two groups' sites, at most the sites less 1.
    """
    named = comparison.cluster >= 0
    codes, clusters = dense_codes(np.concatenate([treated.cluster, comparison.cluster[named]]))
    mine, others = codes[: treated.cluster.size], np.full(named.size, -1)
    others[named] = codes[treated.cluster.size :]
    moved, other = site_sums(a, treated, mine, clusters), site_sums(b, comparison, others, clusters)
    centred = comparison.weights * (b - comparison.weights @ b)
    alone = np.bincount(comparison.person[~named], centred[~named], comparison.people)
    factor = (clusters - 1) / clusters
    v1, v0 = factor * float(moved @ moved), factor * float(other @ other) + float(alone @ alone)
    below = v1**2 / (np.unique(mine).size - 1) + v0**2 / (np.unique(others[named]).size - 1)
    df = min((v1 + v0) ** 2 / below, clusters - 1.0) if below > 0 else clusters - 1.0
    return Variance(v1, v0, df, clusters, covariance=factor * float(moved @ other))


def difference(treated: Group, comparison: Group) -> float:
    """The augmented estimate, formula (3): mean residual of the treated minus weighted mean residual of the comparison.

    >>> t = make_group(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.ones(2), np.array([1, 2]))
    >>> c = make_group(np.array([1.0, 0.0]), np.array([0.25, 0.25]), np.array([3.0, 1.0]), np.array([3, 4]))
    >>> difference(t, c)
    -0.5
    """
    return float(treated.weights @ treated.residual - comparison.weights @ comparison.residual)
