"""Mallows models with Kendall's distance and mixtures of them, for complete and partial rankings.

P(r) = exp(-theta d(r, c)) / Z(theta), where d counts the pairs of items that r and the centre c
order differently and Z(theta) = prod_{j=1..m} (1 - e^(-j theta)) / (1 - e^(-theta)) (Mallows 1957;
Fligner and Verducci 1986). theta = 0 is the uniform law. A ranking with ties or with items of
unknown place stands for the set of all strict orders that agree with it, and has the sum of their
probabilities:

* Ties: the pairs of different levels cost as above, and the orders within a tied group of b items
  add up to the q-factorial [b]_q!, q = exp(-theta) (see `inversions`).
* Unknown places: a sum over all insertions (see `insertions`), for at most 10 items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.segmentation._rankings.consensus import kemeny_ranks
from custvalue.segmentation._rankings.insertions import (
    check_insertions,
    expected_preferences,
    insertion_log_density,
)
from custvalue.segmentation._rankings.inversions import (
    discordant_variance,
    log_q_factorials,
    mean_discordant,
)
from custvalue.segmentation._rankings.pairs import pair_signs, preferences_from_signs
from custvalue.segmentation._rankings.search import best_mixture, distinct_rankings

__all__ = ["MallowsMixture", "draw_mallows", "fit_mallows", "mallows_log_density"]

_CHUNK = 65_536
_MOST_STEPS = 100
_TOLERANCE = 1e-13
_START = 1.0
"""Of the first search for a concentration."""


@dataclass(frozen=True, slots=True)
class MallowsMixture:
    """A fitted mixture; its components are in the order of their shares, the largest first.

    Attributes
    ----------
    shares : ndarray of shape (k,)
        Sum to one.
    centres : ndarray of int of shape (k, m)
        Ranks of the items, 1 to m.
    concentrations : ndarray of shape (k,)
        theta.
    at_cap : ndarray of bool of shape (k,)
        Which concentrations ended at the largest allowed.
    log_likelihood : float
    n_parameters : int
        3 k - 1: k - 1 shares, k concentrations and k centres. A centre is a choice among m! and no
        real number, so that no count follows from theory; one for each is what R Rankcluster
        takes for its BIC. The likelihood is that of rankings as given, ties and all.
    iterations : int
        Of the winning start.
    converged : bool
    n_starts_agreeing : int
        How many of the up to five best starts ended at this log-likelihood.
    """

    shares: FloatArray
    centres: IntArray
    concentrations: FloatArray
    at_cap: BoolArray
    log_likelihood: float
    n_parameters: int
    iterations: int
    converged: bool
    n_starts_agreeing: int


@dataclass(frozen=True, slots=True)
class _Components:
    centres: IntArray
    concentrations: FloatArray


def mallows_log_density(
    levels: IntArray, centres: IntArray, concentrations: FloatArray
) -> FloatArray:
    """Return the log-probability of each ranking under each component.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        0 is the most preferred, equal levels are ties, -1 is unknown.
    centres : ndarray of int of shape (k, m)
        Ranks, 1 to m.
    concentrations : ndarray of shape (k,)
        theta, at least 0.

    Returns
    -------
    ndarray of shape (n, k)

    Raises
    ------
    ValueError
        If an item is unknown and there are more than 10 items.

    Examples
    --------
    Three strict orders of two items, and the tie that stands for both:

    >>> import numpy as np
    >>> levels = np.array([[0, 1], [1, 0], [0, 0]])
    >>> np.exp(mallows_log_density(levels, np.array([[1, 2]]), np.array([np.log(3)]))).ravel()
    array([0.75, 0.25, 1.  ])
    """
    check_insertions(levels)
    out = np.empty((len(levels), len(centres)))
    for start in range(0, len(levels), _CHUNK):
        chunk = levels[start : start + _CHUNK]
        out[start : start + _CHUNK] = _Rankings(chunk).log_density(centres, concentrations)
    return out


def fit_mallows(
    levels: IntArray,
    counts: FloatArray,
    k: int,
    *,
    n_starts: int,
    max_concentration: float,
    min_size: float,
    generator: np.random.Generator,
    progress: bool = False,
) -> MallowsMixture | None:
    """Fit a mixture of k Mallows models by EM from many starts.

    The M-step is exact. Given its responsibilities, the centre of a component is the Kemeny
    consensus of the strictly ordered pairs (the terms of tied groups do not depend on it), and
    theta solves the equation that sets the mean number of discordant pairs to that observed. Items
    of unknown place enter with their expected preferences under the last parameters, as the
    missing data of EM. Above 12 items the consensus is a local search, and a centre is kept where
    the search finds none better, so that the likelihood never falls.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
    counts : ndarray of shape (n,)
        How many respondents gave each ranking.
    k : int
    n_starts : int
    max_concentration : float
        Largest theta. Where all of a component's rankings equal its centre, theta would be
        infinite.
    min_size : float
        Smallest weight of a component, in respondents.
    generator : numpy Generator
    progress : bool

    Returns
    -------
    MallowsMixture or None
        None where every start ends with a component smaller than min_size.

    Raises
    ------
    ValueError
        If an item is unknown and there are more than 10 items.
    """
    check_insertions(levels)
    levels, counts = distinct_rankings(levels, counts)
    rankings = _Rankings(levels)
    found = best_mixture(
        lambda: _MallowsSteps(rankings, max_concentration),
        levels,
        counts,
        k,
        n_starts=n_starts,
        min_size=min_size,
        generator=generator,
        progress=progress,
    )
    if found is None:
        return None
    fit, parts = found.fit, found.fit.parameters
    order = np.lexsort((*parts.centres.T[::-1], -fit.shares))
    theta = parts.concentrations[order]
    return MallowsMixture(
        shares=fit.shares[order],
        centres=parts.centres[order],
        concentrations=theta,
        at_cap=np.asarray(theta >= max_concentration),
        log_likelihood=fit.log_likelihood,
        n_parameters=3 * k - 1,
        iterations=fit.iterations,
        converged=fit.converged,
        n_starts_agreeing=found.n_starts_agreeing,
    )


def draw_mallows(
    centre: IntArray, concentration: float, n: int, generator: np.random.Generator
) -> IntArray:
    """Draw strict rankings by repeated insertion (Doignon, Pekec and Regenwetter 2004).

    The items enter from the best of the centre to its worst. The j-th passes v of those before it
    with probability proportional to exp(-theta v), v = 0, ..., j - 1.

    Parameters
    ----------
    centre : ndarray of int of shape (m,)
        Ranks, 1 to m.
    concentration : float
        theta, at least 0.
    n : int
    generator : numpy Generator

    Returns
    -------
    ndarray of int of shape (n, m)
        Levels, 0 for the most preferred.
    """
    m = len(centre)
    places = np.zeros((n, m), dtype=np.int64)
    for j in range(1, m):
        chances = np.exp(-concentration * np.arange(j + 1))
        place = j - generator.choice(j + 1, size=n, p=chances / chances.sum())
        places[:, :j] += places[:, :j] >= place[:, None]
        places[:, j] = place
    return np.asarray(places[:, centre - 1])


class _Rankings:
    """Rankings in the form in which a Mallows model needs them.

    Rows in which all is known are told apart from open ones, in which an item is unknown.
    """

    def __init__(self, levels: IntArray) -> None:
        self.n_items = levels.shape[1]
        self.open: BoolArray = np.asarray((levels < 0).any(axis=1))
        self.open_levels = levels[self.open]
        closed = levels[~self.open]
        self.signs = pair_signs(closed)
        self.strict = np.abs(self.signs).sum(axis=1)
        self.groups = _group_counts(closed)

    def log_density(self, centres: IntArray, concentrations: FloatArray) -> FloatArray:
        """Return the log-probabilities, of shape (n, k)."""
        out = np.empty((len(self.open), len(centres)))
        discordant = (self.strict[:, None] - self.signs @ pair_signs(centres).T) / 2
        log_q = log_q_factorials(concentrations, self.n_items)
        tied = self.groups @ log_q.T - log_q[:, -1]
        out[~self.open] = tied - concentrations * discordant
        if self.open.any():
            out[self.open] = insertion_log_density(self.open_levels, centres, concentrations)
        return out

    def preferences(self, weighted: FloatArray, last: _Components) -> FloatArray:
        """Return the weights of strict and of expected preferences, of shape (k, m, m)."""
        out = preferences_from_signs(self.signs, weighted[~self.open], self.n_items)
        if self.open.any():
            out += expected_preferences(
                self.open_levels, weighted[self.open], last.centres, last.concentrations
            )
        return out


def _group_counts(levels: IntArray) -> FloatArray:
    """Return how many levels hold b = 0, ..., m items; b below 2 is left at 0."""
    n, m = levels.shape
    sizes = np.stack([(levels == level).sum(axis=1) for level in range(m)], axis=1)
    out = np.zeros((n, m + 1))
    for size in range(2, m + 1):
        out[:, size] = (sizes == size).sum(axis=1)
    return out


class _MallowsSteps:
    """The steps of one climb; open rows are completed under the last parameters."""

    def __init__(self, rankings: _Rankings, max_concentration: float) -> None:
        self.rankings = rankings
        self.max_concentration = max_concentration
        self.last: _Components | None = None

    def log_density(self, parameters: _Components) -> FloatArray:
        """Return the log-probabilities, and remember the parameters."""
        self.last = parameters
        return self.rankings.log_density(parameters.centres, parameters.concentrations)

    def update(self, weighted: FloatArray) -> _Components:
        """Return the centres and concentrations that the weights imply."""
        k, m = weighted.shape[1], self.rankings.n_items
        last = self.last or _Components(np.tile(np.arange(1, m + 1), (k, 1)), np.zeros(k))
        preferences = self.rankings.preferences(weighted, last)
        centres = np.stack([kemeny_ranks(matrix) for matrix in preferences])
        if self.last is not None:
            worse = _against(preferences, centres) > _against(preferences, last.centres)
            centres = np.where(worse[:, None], last.centres, centres)
        groups = weighted[~self.rankings.open].T @ self.rankings.groups
        groups[:, m] -= weighted.sum(axis=0)
        start = np.full(k, _START) if self.last is None else last.concentrations
        start = np.minimum(start, self.max_concentration)
        against = _against(preferences, centres)
        theta = _concentrations(groups, against, start, self.max_concentration)
        return _Components(centres, theta)


def _against(preferences: FloatArray, centres: IntArray) -> FloatArray:
    """Return the weight of the preferences against each centre."""
    against = centres[:, :, None] > centres[:, None, :]
    return np.asarray((preferences * against).sum(axis=(1, 2)))


def _concentrations(
    groups: FloatArray, discordant: FloatArray, start: FloatArray, most: float
) -> FloatArray:
    """Return the theta from 0 to most that maximises the likelihood of each component.

    The slope is -discordant - sum_b groups_b mean_b(theta), falling in theta, where groups holds
    the weight of tied groups of b items, less the weight of all rankings at b = m. Newton steps
    from the start that would leave the bracket of the root give way to halving it.
    """
    n_items = groups.shape[1] - 1
    low, high, theta = np.zeros(len(groups)), np.full(len(groups), most), start
    for _ in range(_MOST_STEPS):
        slope = -discordant - (groups * mean_discordant(theta, n_items)).sum(axis=1)
        fall = -(groups * discordant_variance(theta, n_items)).sum(axis=1)
        low, high = np.where(slope >= 0, theta, low), np.where(slope <= 0, theta, high)
        step = np.divide(slope, fall, out=np.zeros_like(slope), where=fall > 0)
        moved = np.clip(theta + step, 0.0, most)
        # A full bracket lets the ends themselves be tried; later ones only their inside.
        moved = np.where((moved < low) | (moved > high), (low + high) / 2, moved)
        change, theta = np.abs(moved - theta), moved
        if np.all(change <= _TOLERANCE * (1 + theta)):
            break
    return theta
