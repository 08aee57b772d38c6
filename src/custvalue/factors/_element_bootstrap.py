"""Service elements weighed again from respondents drawn with replacement."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from threadpoolctl import threadpool_limits

from custvalue._estimator.progress import tracked
from custvalue._estimator.resampling import fewest_draws, resampled_weights
from custvalue._numerics.rank_sets import RankSets, rank_sets
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._correlations.build import correlations
from custvalue.factors._element_evidence import (
    NEEDS_CORRELATIONS,
    NEEDS_LOADINGS,
    Evidence,
    weights_by,
)
from custvalue.factors._element_solution import Plan, first_items
from custvalue.factors._element_survey import ElementSurvey
from custvalue.factors._solution import solve_near

__all__ = ["RankLimits", "WeightDraws", "bootstrap_weights", "evidence_again", "rank_limits"]

_MOST_FAILED = 0.2
"""Share of the draws without weights above which the others are no fair sample."""


@dataclass(frozen=True, slots=True)
class WeightDraws:
    """Weights of resampled respondents.

    Attributes
    ----------
    weights : ndarray of shape (n_draws, p)
    n_failed : int
        Draws from which no weight could be taken, such as those in which an item did not vary.
    """

    weights: FloatArray
    n_failed: int


@dataclass(frozen=True, slots=True)
class RankLimits:
    """Between which ranks the elements lie.

    Attributes
    ----------
    sets : RankSets or None
        None where there are no respondents to draw, too few draws, or too many without weights.
    n_resamples : int
        Draws behind them.
    doubts : tuple of str
        Sentences that the user should read.
    """

    sets: RankSets | None
    n_resamples: int
    doubts: tuple[str, ...] = ()


def rank_limits(
    survey: ElementSurvey,
    plan: Plan,
    evidence: Evidence,
    weights: FloatArray,
    *,
    level: float,
    n_draws: int,
    generator: np.random.Generator,
    progress: bool = False,
) -> RankLimits:
    """Return the limits of the ranks of all elements together.

    Parameters
    ----------
    survey : ElementSurvey
    plan : Plan
    evidence : Evidence
        Of all respondents.
    weights : ndarray of shape (p,)
        By the method of the plan, of all respondents.
    level : float
    n_draws : int
        0 for no limits. Comparisons in pairs have no respondents to draw.
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    RankLimits
    """
    if plan.method == "ahp" or n_draws == 0:
        return RankLimits(None, 0)
    draws = bootstrap_weights(
        survey, plan, evidence, n_draws=n_draws, generator=generator, progress=progress
    )
    n_left = len(draws.weights)
    doubts: tuple[str, ...] = ()
    if draws.n_failed:
        doubts = (f"{draws.n_failed} of {n_draws} resamples gave no weights and are left out",)
    if draws.n_failed > _MOST_FAILED * n_draws:
        reason = "these are more than a fifth, so that there are no limits of ranks"
        return RankLimits(None, n_left, (*doubts, reason))
    if n_left < fewest_draws(level):
        return RankLimits(None, n_left, (*doubts, "too few resamples are left for limits of ranks"))
    return RankLimits(rank_sets(weights, draws.weights, level), n_left, doubts)


def bootstrap_weights(
    survey: ElementSurvey,
    plan: Plan,
    evidence: Evidence,
    *,
    n_draws: int,
    generator: np.random.Generator,
    progress: bool = False,
) -> WeightDraws:
    """Weigh the elements from as many respondents, drawn with replacement, many times.

    The number of factors is that of all respondents, and each fit starts from their solution.

    Parameters
    ----------
    survey : ElementSurvey
    plan : Plan
    evidence : Evidence
        Of all respondents.
    n_draws : int
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    WeightDraws
    """
    draws: list[FloatArray] = []
    resampled = resampled_weights(survey.counts, n_draws, generator)
    # Threads cost such small fits more time than they save.
    with threadpool_limits(1):
        for _ in tracked(range(n_draws), "Bootstrap of weights", progress=progress):
            try:
                again = evidence_again(survey, plan, evidence, next(resampled))
                draws.append(weights_by(plan.method, again))
            except (DataError, np.linalg.LinAlgError):  # as where an item does not vary
                continue
    kept = np.array(draws).reshape(len(draws), evidence.values.shape[1])
    finite = kept[np.isfinite(kept).all(axis=1)]
    return WeightDraws(finite, n_draws - len(finite))


def evidence_again(
    survey: ElementSurvey, plan: Plan, evidence: Evidence, counts: FloatArray
) -> Evidence:
    """Return what drawn respondents tell of the elements, as far as the method needs it.

    Parameters
    ----------
    survey : ElementSurvey
    plan : Plan
    evidence : Evidence
        Of all respondents.
    counts : ndarray of shape (n_distinct,)
        How often each row was drawn.

    Returns
    -------
    Evidence

    Raises
    ------
    DataError
        If an item does not vary among them.
    """
    again = replace(evidence, counts=counts)
    if plan.method not in NEEDS_CORRELATIONS:
        return again
    drawn = counts > 0
    rows = survey.ratings.take(drawn)
    found = correlations(rows, kind=plan.kind, missing=plan.missing, weights=counts[drawn])
    p = len(survey.elements)
    own = first_items(found, p)
    again = replace(
        again,
        matrix=own.matrix,
        with_satisfaction=None if survey.satisfaction is None else found.matrix[:p, p],
        singular=evidence.singular or own.singular,
    )
    if plan.method not in NEEDS_LOADINGS:
        return again
    assert evidence.solution is not None
    # Extraction and rotation start from the solution of all: nothing is drawn at random.
    near = solve_near(own.matrix, evidence.solution, plan.settings, np.random.default_rng(0))
    return replace(again, solution=near)
