"""What weights of service elements can be taken from, and by which methods."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from custvalue._numerics.dominance import MOST_PREDICTORS
from custvalue._numerics.weighting import AHPWeights, entropy_weights, near_one
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._element_weights import (
    communality_weights,
    component_weights,
    derived_weights,
    dominance_weights,
    loading_weights,
    stated_weights,
)
from custvalue.factors._scores import scoring_matrix
from custvalue.factors._solution import FactorSolution

__all__ = [
    "FEWEST_FOR_FACTORS",
    "METHODS",
    "NEEDS_CORRELATIONS",
    "NEEDS_FACTORS",
    "NEEDS_LOADINGS",
    "NEEDS_SATISFACTION",
    "Evidence",
    "obstacle",
    "scoring_of",
    "weights_by",
]

FEWEST_FOR_FACTORS = 3
NEEDS_LOADINGS = frozenset({"loading", "communality", "regression"})
NEEDS_FACTORS = NEEDS_LOADINGS | {"principal_component"}
"""Components need the number of factors alone."""
NEEDS_SATISFACTION = frozenset({"regression", "lmg"})
NEEDS_CORRELATIONS = NEEDS_FACTORS | NEEDS_SATISFACTION
_NEEDS_RATINGS = frozenset({"stated", "entropy"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of p elements.

    Attributes
    ----------
    values : ndarray of shape (n, p)
        Ratings, NaN where there is no answer.
    counts : ndarray of shape (n,)
        How many respondents gave each row.
    matrix : ndarray of shape (p, p) or None
        Correlations of the elements, where they are known.
    with_satisfaction : ndarray of shape (p,) or None
        Their correlations with satisfaction.
    singular : bool
        Whether the correlations of the elements had no inverse and were repaired.
    solution : FactorSolution or None
    extraction : {"minres", "ml", "principal_axis", "principal"}
        How the solution was extracted.
    components : ndarray of shape (p, k) or None
        Coefficients of the first principal components of all respondents, which those of resamples
        take their signs from.
    comparisons : AHPWeights or None
        What comparisons in pairs say.
    """

    values: FloatArray
    counts: FloatArray
    matrix: FloatArray | None = None
    with_satisfaction: FloatArray | None = None
    singular: bool = False
    solution: FactorSolution | None = None
    extraction: str = "minres"
    components: FloatArray | None = None
    comparisons: AHPWeights | None = None

    @property
    def means(self) -> FloatArray:
        """Mean rating of each element, of those who answered; NaN where nobody did."""
        with np.errstate(over="ignore", invalid="ignore"):
            sums: FloatArray = self.counts @ self.values
        if np.isfinite(sums).all():
            return sums / float(self.counts.sum())
        values, exponent = near_one(np.nan_to_num(self.values))
        with np.errstate(invalid="ignore"):
            means: FloatArray = self.counts @ values / _numbers(self)
        return np.ldexp(means, exponent)


def weights_by(method: str, evidence: Evidence) -> FloatArray:
    """Return the weights of the elements by a method that nothing stands against.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    evidence : Evidence

    Returns
    -------
    ndarray of shape (p,)
    """
    return METHODS[method](evidence)


def scoring_of(evidence: Evidence) -> FloatArray:
    """Return the correlations whose inverse makes factor scores: ``matrix`` itself if it can."""
    assert evidence.matrix is not None
    assert evidence.solution is not None
    solution = evidence.solution
    return scoring_matrix(
        evidence.matrix,
        solution.loadings,
        solution.factor_correlations,
        solution.uniquenesses,
        singular=evidence.singular,
        components=evidence.extraction == "principal",
    )


def obstacle(method: str, evidence: Evidence) -> str | None:
    """Return what keeps a method from the evidence, or None.

    Parameters
    ----------
    method : str
    evidence : Evidence

    Returns
    -------
    str or None
        As in "needs ratings of at least 0; the smallest is -2.0".
    """
    if method == "ahp":
        return None if evidence.comparisons is not None else "needs comparisons of the elements"
    if method in _NEEDS_RATINGS:
        return _rating_obstacle(method, evidence)
    if method in NEEDS_SATISFACTION and evidence.with_satisfaction is None:
        return "needs satisfaction, the name of a column"
    if method in NEEDS_FACTORS and evidence.solution is None:
        n = evidence.values.shape[1]
        return f"needs at least {FEWEST_FOR_FACTORS} elements; found {n} feature(s)"
    n = evidence.values.shape[1]
    if method == "lmg" and n > MOST_PREDICTORS:
        return f"takes at most {MOST_PREDICTORS} elements; found {n}"
    return None


def _rating_obstacle(method: str, evidence: Evidence) -> str | None:
    smallest, largest = float(np.nanmin(evidence.values)), float(np.nanmax(evidence.values))
    if smallest < 0:
        return f"needs ratings of at least 0; the smallest is {smallest!r}"
    if method == "stated":
        return None if largest > 0 else "needs ratings that are not all 0"
    if (_numbers(evidence) < 2).any():
        return "needs at least two answers to every element"
    ranges = np.nanmax(evidence.values, axis=0) - np.nanmin(evidence.values, axis=0)
    return None if ranges.any() else "needs an element whose ratings differ; all are constant"


def _numbers(evidence: Evidence) -> FloatArray:
    """Return how many respondents answered each element."""
    numbers: FloatArray = evidence.counts @ ~np.isnan(evidence.values)
    return numbers


def _stated(evidence: Evidence) -> FloatArray:
    return stated_weights(evidence.means)


def _entropy(evidence: Evidence) -> FloatArray:
    try:
        return entropy_weights(evidence.values, evidence.counts).weights
    except ValueError as error:  # of resamples; of all respondents `obstacle` has told it before
        raise DataError(str(error)) from error


def _ahp(evidence: Evidence) -> FloatArray:
    assert evidence.comparisons is not None
    return evidence.comparisons.weights


def _lmg(evidence: Evidence) -> FloatArray:
    assert evidence.matrix is not None
    assert evidence.with_satisfaction is not None
    return dominance_weights(evidence.matrix, evidence.with_satisfaction)


def _loading(evidence: Evidence) -> FloatArray:
    assert evidence.solution is not None
    return loading_weights(evidence.solution.loadings, evidence.solution.factor_correlations)


def _communality(evidence: Evidence) -> FloatArray:
    assert evidence.solution is not None
    return communality_weights(evidence.solution.communalities)


def _principal_component(evidence: Evidence) -> FloatArray:
    assert evidence.matrix is not None
    assert evidence.solution is not None
    n_components = evidence.solution.loadings.shape[1]
    return component_weights(evidence.matrix, n_components, evidence.components).weights


def _regression(evidence: Evidence) -> FloatArray:
    assert evidence.matrix is not None
    assert evidence.with_satisfaction is not None
    assert evidence.solution is not None
    structure = evidence.solution.structure
    return derived_weights(
        evidence.matrix, structure, evidence.with_satisfaction, scoring_of(evidence)
    )


METHODS: dict[str, Callable[[Evidence], FloatArray]] = {
    "stated": _stated,
    "loading": _loading,
    "communality": _communality,
    "principal_component": _principal_component,
    "regression": _regression,
    "lmg": _lmg,
    "entropy": _entropy,
    "ahp": _ahp,
}
"""In the order in which they are compared."""
