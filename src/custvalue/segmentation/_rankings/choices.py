"""Rankings as sequences of choices, for Plackett-Luce models.

A ranking chooses one item, or a tied group, before the rest, level by level. The last level is no
choice, and items of unknown place take part in none. Many rankings share few distinct choices, so
that a model is evaluated once for each of those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.segmentation._rankings.races import log_tied_groups, tied_groups

__all__ = ["ChoiceWeights", "Choices", "Curve", "choices_of", "log_likelihood_curve"]


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices of n rankings.

    Attributes
    ----------
    wins : ndarray of shape (n, m)
        1 where an item is chosen alone before others.
    sets : ndarray of bool of shape (n_sets, m)
        The distinct sets of items of which one was chosen alone.
    set_index : ndarray of int of shape (n, n_levels)
        The set at each level; n_sets where there is none.
    chosen, rest : ndarray of bool of shape (n_ties, m)
        The distinct tied groups with what comes after them.
    tie_index : ndarray of int of shape (n, n_levels)
        The tied group at each level; n_ties where there is none.
    """

    wins: FloatArray
    sets: BoolArray
    set_index: IntArray
    chosen: BoolArray
    rest: BoolArray
    tie_index: IntArray

    def log_density(self, log_worths: FloatArray) -> FloatArray:
        """Return the log-probabilities, of shape (n, k), of log worths of shape (k, m)."""
        out = self.wins @ log_worths.T
        for k, one in enumerate(log_worths):
            top = one.max()
            sums = np.append(np.log(self.sets @ np.exp(one - top)) + top, 0.0)
            ties = np.append(log_tied_groups(one, self.chosen, self.rest), 0.0)
            for level in range(self.set_index.shape[1]):
                out[:, k] += ties[self.tie_index[:, level]] - sums[self.set_index[:, level]]
        return out

    def weigh(self, weights: FloatArray) -> ChoiceWeights:
        """Return the weight of each choice from weights of shape (n,)."""
        return ChoiceWeights(
            total=float(weights.sum()),
            wins=weights @ self.wins,
            sets=_summed(self.set_index, weights, len(self.sets)),
            ties=_summed(self.tie_index, weights, len(self.chosen)),
        )


@dataclass(frozen=True, slots=True)
class ChoiceWeights:
    """What the likelihood needs to know of weighted rankings.

    Attributes
    ----------
    total : float
    wins : ndarray of shape (m,)
    sets : ndarray of shape (n_sets,)
    ties : ndarray of shape (n_ties,)
    """

    total: float
    wins: FloatArray
    sets: FloatArray
    ties: FloatArray


@dataclass(frozen=True, slots=True)
class Curve:
    """A log-likelihood with its derivatives in the log worths.

    Attributes
    ----------
    value : float
    gradient : ndarray of shape (m,)
    hessian : ndarray of shape (m, m)
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray


def choices_of(levels: IntArray) -> Choices:
    """Return the choices that rankings are made of.

    Parameters
    ----------
    levels : ndarray of int of shape (n, m)
        0 is the most preferred, equal levels are ties, -1 is unknown.

    Returns
    -------
    Choices
    """
    last = max(int(levels.max()), 0)
    steps = np.arange(last)[:, None]
    chosen, rest = levels[:, None, :] == steps, levels[:, None, :] > steps
    sizes, real = chosen.sum(axis=2), rest.any(axis=2)
    alone, tied = real & (sizes == 1), real & (sizes > 1)
    sets, set_index = _distinct((chosen | rest)[alone], alone)
    groups, tie_index = _distinct(np.concatenate([chosen, rest], axis=2)[tied], tied)
    m = levels.shape[1]
    wins = (chosen & alone[:, :, None]).sum(axis=1).astype(float)
    return Choices(wins, sets, set_index, groups[:, :m], groups[:, m:], tie_index)


def log_likelihood_curve(choices: Choices, weights: ChoiceWeights, log_worths: FloatArray) -> Curve:
    """Return the weighted log-likelihood; it is concave in the log worths.

    Parameters
    ----------
    choices : Choices
    weights : ChoiceWeights
    log_worths : ndarray of shape (m,)

    Returns
    -------
    Curve
    """
    top = log_worths.max()
    worths = np.exp(log_worths - top)
    members = choices.sets.astype(float)
    sums = members @ worths
    expected = worths * ((weights.sets / sums) @ members)
    shared = np.outer(worths, worths) * ((members.T * (weights.sets / sums**2)) @ members)
    ties = tied_groups(log_worths, choices.chosen, choices.rest, weights.ties)
    value = weights.wins @ log_worths - weights.sets @ (np.log(sums) + top)
    return Curve(
        value=float(value) + ties.value,
        gradient=weights.wins - expected + ties.gradient,
        hessian=shared - np.diag(expected) + ties.hessian,
    )


def _distinct(rows: BoolArray, where: BoolArray) -> tuple[BoolArray, IntArray]:
    """Return the distinct rows, and which of them is at each place of a mask."""
    packed = np.packbits(rows, axis=1)
    _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    index = np.full(where.shape, len(first), dtype=np.int64)
    index[where] = which.ravel()
    return rows[first], index


def _summed(index: IntArray, weights: FloatArray, n: int) -> FloatArray:
    repeated = np.repeat(weights, index.shape[1])
    sums = np.bincount(index.ravel(), weights=repeated, minlength=n + 1)
    return sums[:n].astype(float)
