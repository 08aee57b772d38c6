"""Correlations of survey items: which kind, what becomes of gaps, and what the user should know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custvalue._estimator.ratings import Ratings
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.moments import FEWEST, Moments, moments
from custvalue.factors._correlations.polychoric import ItemPolychorics, item_polychorics
from custvalue.factors._correlations.ranks import rank_correlations
from custvalue.factors._correlations.repair import positive_definite
from custvalue.factors._correlations.result import Correlations

__all__ = ["KINDS", "MISSING", "Answers", "correlations", "latent_doubts", "usable_answers"]

KINDS = ("pearson", "spearman", "polychoric")
MISSING = ("raise", "pairwise", "listwise")

_SHOWN = 4
"""Pairs of items that a sentence names."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to compute from.

    Attributes
    ----------
    ratings : Ratings
        Of rows with a weight; with gaps only where ``missing="pairwise"``.
    weights : ndarray of shape (n_rows,) or None
        All positive.
    doubts : tuple of str
    """

    ratings: Ratings
    weights: FloatArray | None
    doubts: tuple[str, ...]


def correlations(
    ratings: Ratings,
    *,
    kind: str = "pearson",
    missing: str = "raise",
    weights: FloatArray | None = None,
    correction: float = 0.5,
) -> Correlations:
    """Return the correlations of items.

    Parameters
    ----------
    ratings : Ratings
        At least two items.
    kind : {"pearson", "spearman", "polychoric"}
        "spearman" takes midranks, "polychoric" the normal variables behind ordered categories. The
        means and standard deviations are those of the ratings with any of them: new respondents
        are scored on their ratings.
    missing : {"raise", "pairwise", "listwise"}
        "pairwise" takes each pair of items from those who answered both, "listwise" leaves out
        respondents with a gap and says how many.
    weights : ndarray of shape (n_respondents,), optional
        Respondents that each row stands for; one of weight 0 is not looked at.
    correction : float
        Polychoric only; see `custvalue.factors.polychoric`.

    Returns
    -------
    Correlations
        Repaired where they are not positive definite, which ``doubts`` then tells.

    Raises
    ------
    DataError
        If there are fewer than two items, an item does not vary or has a gap where
        ``missing="raise"``, fewer than three respondents answered two items both, or an item has
        too many categories for ``kind="polychoric"``.
    """
    answers = usable_answers(ratings, missing=missing, weights=weights)
    known = moments(answers.ratings, answers.weights)
    if kind == "pearson":
        return _checked(answers, known, known.correlations)
    if kind == "spearman":
        return _checked(answers, known, rank_correlations(answers.ratings, answers.weights))
    latent = item_polychorics(answers.ratings, answers.weights, correction=correction)
    found = _checked(answers, known, latent.matrix, latent_doubts(latent, ratings.items))
    return replace(found, thresholds=latent.thresholds)


def latent_doubts(latent: ItemPolychorics, items: Sequence[str]) -> tuple[str, ...]:
    """Return what the user should know of polychoric correlations, in sentences.

    Parameters
    ----------
    latent : ItemPolychorics
    items : sequence of str

    Returns
    -------
    tuple of str
    """
    doubts = []
    if latent.n_corrected:
        doubts.append(
            f"the empty cell of {latent.n_corrected} two-by-two table(s) was filled with the "
            f"correction, which draws these correlations towards 0"
        )
    if latent.at_boundary:
        shown = [
            f"{items[i]!r} and {items[j]!r} ({latent.matrix[i, j]:.4f})"
            for i, j in latent.at_boundary[:_SHOWN]
        ]
        rest = len(latent.at_boundary) - len(shown)
        more = [f"{rest} more pair(s)"] if rest else []
        doubts.append(
            f"the answers to some pairs of items are ordered perfectly, so that their polychoric "
            f"correlation is set to the boundary: {', '.join([*shown, *more])}"
        )
    return tuple(doubts)


def usable_answers(
    ratings: Ratings, *, missing: str = "raise", weights: FloatArray | None = None
) -> Answers:
    """Return the answers to compute from.

    Parameters
    ----------
    ratings : Ratings
    missing : {"raise", "pairwise", "listwise"}
    weights : ndarray of shape (n_respondents,), optional

    Returns
    -------
    Answers

    Raises
    ------
    DataError
        If there are fewer than two items or three respondents, or a gap where ``missing="raise"``.
    """
    if len(ratings.items) < 2:
        raise DataError(
            f"correlations need at least two items; found {len(ratings.items)} feature(s): "
            f"{', '.join(map(repr, ratings.items))}"
        )
    _refuse_matrix(ratings)
    if weights is not None and not weights.all():
        ratings, weights = ratings.take(weights > 0), weights[weights > 0]
    _refuse_few(len(ratings) if weights is None else float(weights.sum()))
    if missing == "raise":
        ratings.refuse_gaps()
    if missing != "listwise" or not ratings.n_missing().any():
        return Answers(ratings, weights, ())
    complete = _complete(ratings)
    left_out = len(ratings) - int(complete.sum())
    doubt = (
        f"{left_out} of {len(ratings)} respondents left out an item and are left out "
        f"(missing='listwise')"
    )
    weights = None if weights is None else weights[complete]
    _refuse_few(float(complete.sum() if weights is None else weights.sum()), " without a gap")
    return Answers(ratings.take(complete), weights, (doubt,))


def _refuse_few(n: float, such: str = "") -> None:
    if n < FEWEST:
        raise DataError(f"correlations need {FEWEST} respondents{such}; found {n:g} sample(s)")


def _refuse_matrix(ratings: Ratings) -> None:
    """Raise where the answers are a correlation matrix, which one respondent an item could be."""
    p = len(ratings.items)
    if len(ratings) != p:
        return
    values = ratings.block(slice(None))
    symmetric = np.allclose(values, values.T, rtol=0, atol=1e-8)
    if symmetric and np.allclose(np.diag(values), 1.0, rtol=0, atol=1e-8):
        raise DataError(
            f"X must hold answers, one row a respondent; found a symmetric table of {p} x {p} with "
            f"ones on its diagonal. Give a correlation matrix as matrix, or to fit_correlation"
        )


def _complete(ratings: Ratings) -> BoolArray:
    complete = np.ones(len(ratings), dtype=bool)
    for item in ratings.items:
        complete &= ~np.isnan(ratings[item])
    return complete


def _checked(
    answers: Answers, known: Moments, matrix: FloatArray, doubts: tuple[str, ...] = ()
) -> Correlations:
    n = float(known.n_pairs.min())
    safe = positive_definite(matrix, answers.ratings.items, n)
    return Correlations(
        matrix=safe.matrix,
        n_observations=n,
        means=known.means,
        standard_deviations=known.standard_deviations,
        thresholds=None,
        smallest_eigenvalue=safe.smallest_eigenvalue,
        doubts=(*answers.doubts, *doubts, *safe.doubts),
    )
