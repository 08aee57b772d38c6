"""Tables that an analysis of service gaps reports: arrays in, frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._numerics.multiplicity import holm
from custvalue._typing import FloatArray, IntArray
from custvalue.service._service_gap import (
    Means,
    PairedAnswers,
    dimension_means,
    known_average,
    mean_of_means,
    means,
    pooled_mean,
    reliability,
    shares_at_top,
)

__all__ = [
    "ALL_ITEMS",
    "GapPlan",
    "ceiling_doubts",
    "dimension_table",
    "gap_plan",
    "item_table",
    "overall_table",
    "respondent_scores",
]

ALL_ITEMS = "all"
"""The one dimension of items that have none."""

_CEILING = 0.15
_FEWEST_FOR_CEILING = 50
"""More than 15 % of at least 50 respondents at the top (Terwee et al. 2007)."""


@dataclass(frozen=True, slots=True)
class GapPlan:
    """Which items belong to which dimension, and what each dimension counts.

    Attributes
    ----------
    items, dimensions : list of str
    codes : ndarray of int of shape (n_items,)
        The dimension of each item.
    weights : ndarray of shape (n_dimensions,) or None
        Their sum is 1.
    """

    items: list[str]
    dimensions: list[str]
    codes: IntArray
    weights: FloatArray | None


def gap_plan(
    items: Sequence[str],
    dimensions: Mapping[str, str] | None,
    weights: Mapping[str, float] | pd.Series | None,
) -> GapPlan:
    """Return items by dimension, the dimensions in the order in which they come up.

    Parameters
    ----------
    items : sequence of str
    dimensions : mapping of str to str or None
        The dimension of each item.
    weights : mapping of str to float, pandas.Series or None
        By dimension; checked.

    Returns
    -------
    GapPlan
    """
    of_items = [ALL_ITEMS if dimensions is None else dimensions[item] for item in items]
    names = list(dict.fromkeys(of_items))
    codes = np.array([names.index(name) for name in of_items], dtype=np.int64)
    if weights is None:
        return GapPlan(list(items), names, codes, None)
    shares = np.array([float(weights[name]) for name in names])
    return GapPlan(list(items), names, codes, shares / shares.sum())


def item_table(
    answers: PairedAnswers, counts: FloatArray, plan: GapPlan, *, level: float, top: float
) -> pd.DataFrame:
    """Return what is known of each item.

    Parameters
    ----------
    answers : PairedAnswers
    counts : ndarray of shape (n,)
    plan : GapPlan
    level : float
    top : float
        Of the scale.

    Returns
    -------
    pandas.DataFrame
        Index ``item``.
    """
    columns = {
        "dimension": [plan.dimensions[code] for code in plan.codes],
        **_measured(answers.expectation, answers.perception, answers.score, counts, level, top),
        "half_answered": counts @ answers.half_answered,
    }
    return pd.DataFrame(columns, index=pd.Index(plan.items, name="item"))


def dimension_table(
    answers: PairedAnswers, counts: FloatArray, plan: GapPlan, *, level: float, top: float
) -> pd.DataFrame:
    """Return what is known of each dimension; a respondent's dimension is the mean of its items.

    Parameters
    ----------
    answers : PairedAnswers
    counts : ndarray of shape (n,)
    plan : GapPlan
    level : float
    top : float

    Returns
    -------
    pandas.DataFrame
        Index ``dimension``.
    """
    E, P, score = _by_dimension(answers, plan)
    groups = [plan.codes == d for d in range(len(plan.dimensions))]
    columns = {
        **_measured(E, P, score, counts, level, top),
        "n_items": np.bincount(plan.codes),
        **{
            name: [reliability(values[:, one], counts) for one in groups]
            for name, values in (
                ("alpha", answers.score),
                ("alpha_expectation", answers.expectation),
                ("alpha_perception", answers.perception),
            )
        },
    }
    if plan.weights is not None:
        columns["weight"] = plan.weights
    return pd.DataFrame(columns, index=pd.Index(plan.dimensions, name="dimension"))


def overall_table(
    answers: PairedAnswers,
    counts: FloatArray,
    plan: GapPlan,
    weights: FloatArray | None,
    *,
    level: float,
) -> pd.Series:
    """Return the mean over the dimensions, beside the mean of all answers in one pot.

    Parameters
    ----------
    answers : PairedAnswers
    counts : ndarray of shape (n,)
    plan : GapPlan
    weights : ndarray of shape (n_dimensions,) or None
        None for equal ones.
    level : float

    Returns
    -------
    pandas.Series
    """
    n = len(plan.dimensions)
    shares = np.full(n, 1 / n) if weights is None else weights
    E, P, score = _by_dimension(answers, plan)
    found = mean_of_means(score, counts, shares, level)
    pooled = pooled_mean(answers.score, counts)
    asked = not np.isnan(E).all()
    values = {
        "expectation": mean_of_means(E, counts, shares, level).mean[0] if asked else np.nan,
        "perception": mean_of_means(P, counts, shares, level).mean[0],
        **{name: column[0] for name, column in _tested(found, asked).items()},
        "pooled": pooled,
        "averaging_difference": found.mean[0] - pooled,
    }
    return pd.Series(values, name="value").astype(np.float64)


def respondent_scores(score: FloatArray, plan: GapPlan, *, whole: bool) -> list[FloatArray]:
    """Return the columns of each respondent: dimensions, overall, weighted if known, coverage.

    Parameters
    ----------
    score : ndarray of shape (n, n_items)
    plan : GapPlan
    whole : bool
        Only respondents without a gap have scores; all others have NaN.

    Returns
    -------
    list of ndarray of shape (n,)
        Means over the items, and over the dimensions, that were answered. Coverage is the share of
        items that were.
    """
    n = len(plan.dimensions)
    of_dimensions = dimension_means(score, plan.codes, n)
    every = [np.ones(n)] if plan.weights is None else [np.ones(n), plan.weights]
    columns = [*of_dimensions.T, *(known_average(of_dimensions, one)[0] for one in every)]
    _, coverage = known_average(score, np.ones(len(plan.items)))
    if whole:
        columns = [np.where(coverage < 1, np.nan, column) for column in columns]
    return [*columns, coverage]


def ceiling_doubts(table: pd.DataFrame, top: float) -> list[str]:
    """Return a sentence on dimensions where many gave the top rating to every item.

    Parameters
    ----------
    table : pandas.DataFrame
        As `dimension_table` gives it.
    top : float

    Returns
    -------
    list of str
    """
    found = [
        f"{question} of {name!r} ({table.loc[name, f'{question}_at_top']:.0%})"
        for question in ("expectation", "perception")
        for name in table.index[_at_ceiling(table, question)]
    ]
    if not found:
        return []
    return [
        f"ceiling: more than {_CEILING:.0%} of the respondents gave {top:g}, the top of the scale, "
        f"to every item of a dimension, so that the scale may hide differences: {', '.join(found)}"
    ]


def _at_ceiling(table: pd.DataFrame, question: str) -> pd.Series:
    return (table[f"{question}_at_top"] > _CEILING) & (table["n"] >= _FEWEST_FOR_CEILING)


def _by_dimension(answers: PairedAnswers, plan: GapPlan) -> tuple[FloatArray, ...]:
    """Return expectation, perception and score of each respondent by dimension."""
    every = (answers.expectation, answers.perception, answers.score)
    return tuple(dimension_means(one, plan.codes, len(plan.dimensions)) for one in every)


def _measured(
    E: FloatArray, P: FloatArray, score: FloatArray, counts: FloatArray, level: float, top: float
) -> dict[str, FloatArray]:
    asked = not np.isnan(E).all()
    found = _tested(means(score, counts, level), asked)
    return {
        "expectation": means(E, counts, level).mean,
        "perception": means(P, counts, level).mean,
        **found,
        "p_holm": holm(found["p_value"]),
        "expectation_at_top": shares_at_top(E, counts, top),
        "perception_at_top": shares_at_top(P, counts, top),
    }


def _tested(found: Means, asked: bool) -> dict[str, FloatArray]:
    """Return the columns of a test of the gap; without expectations there is none."""
    nothing = np.full(len(found.mean), np.nan)
    return {
        "gap": found.mean if asked else nothing,
        "lower": found.lower,
        "upper": found.upper,
        "n": found.n,
        "t": found.t if asked else nothing,
        "p_value": found.p_value if asked else nothing,
    }
