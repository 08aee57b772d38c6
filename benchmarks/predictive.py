"""The predictive distribution of the purchases of a holdout: probabilities over parameter draws."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.paths import Cohort
from custvalue import lifetime

N_DRAWS = 25
"""Averages of probabilities over more draws differ in the fourth digit."""
BLOCKS = (0, 1, 3, 8, 20, 60, 10**6)
"""Rows whose counts are up to one of these are evaluated together."""
MOST = 200
"""Counts above are beyond every interval of a cohort as CDNOW."""


def parameter_draws(model: Any, generator: np.random.Generator) -> list[dict[str, float]]:
    """Return parameters as uncertain as the model says: of its posterior, or of its estimates."""
    names, values = list(model.params_.index), model.params_.to_numpy()
    if "posterior_" in vars(model):
        n_draws = len(model.posterior_)
        chosen = generator.choice(n_draws, min(N_DRAWS, n_draws), replace=False)
        drawn = model.posterior_[names].to_numpy()[chosen]
    else:
        of_logs = model.covariance_.to_numpy() / np.outer(values, values)
        moves = generator.multivariate_normal(np.zeros(len(values)), of_logs, size=N_DRAWS)
        drawn = values * np.exp(moves)
    return [dict(zip(names, map(float, row), strict=True)) for row in drawn]


def shares_of_ends(
    model: str,
    draws: list[dict[str, float]],
    cohort: Cohort,
    ends: np.ndarray,
    level: float,
    horizon: float,
) -> np.ndarray:
    """Return with which share each customer's count belongs to the interval, from 0 to 1.

    With u uniform between F(y - 1) and F(y), F the predictive distribution of the count y, an exact
    interval holds the customer if u lies between the two tails. Inside the interval that is so
    with certainty, outside never, at an end with the share of P(y) that lies between the tails.

    Parameters
    ----------
    model : str
    draws : list of dict of str to float
        Parameters; the predictive distribution is the mean over them.
    cohort : Cohort
    ends : ndarray of shape (n_customers, 2)
    level, horizon : float

    Returns
    -------
    ndarray of shape (n_customers,)
    """
    counts, (low, high) = cohort.holdout, ends.T
    shares = ((low < counts) & (counts < high)).astype(float)
    at_end = np.flatnonzero((counts == low) | (counts == high))
    before, chance = _distribution(model, draws, cohort, at_end, horizon)
    first = np.where(counts[at_end] == low[at_end], (1 - level) / 2, 0.0)
    last = np.where(counts[at_end] == high[at_end], (1 + level) / 2, 1.0)
    inside = np.minimum(before + chance, last) - np.maximum(before, first)
    shares[at_end] = np.clip(inside / chance, 0.0, 1.0)
    return shares


def probabilities(model: Any, summary: pd.DataFrame, horizon: float) -> np.ndarray:
    """Return the probability of 0, 1, 2, ... purchases of each customer, one a column."""
    return np.asarray(model.purchase_probability(summary, np.arange(MOST + 1), horizon))


def _distribution(
    model: str,
    draws: list[dict[str, float]],
    cohort: Cohort,
    rows: np.ndarray,
    horizon: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return F(y - 1) and P(y) of the counts y of some rows, averaged over draws."""
    before, chance = np.zeros(len(rows)), np.zeros(len(rows))
    counts = cohort.holdout[rows]
    models = [getattr(lifetime, model).from_params(params) for params in draws]
    for above, most in pairwise((-1, *BLOCKS)):
        own = np.flatnonzero((above < counts) & (counts <= most))
        if len(own):
            up_to = counts[own].astype(int)
            some, numbers = cohort.summary.iloc[rows[own]], np.arange(up_to.max() + 1)
            each = [one.purchase_probability(some, numbers, horizon) for one in models]
            mean = np.mean(each, axis=0)
            at = np.arange(len(own))
            chance[own] = mean[at, up_to]
            before[own] = np.cumsum(mean, axis=1)[at, up_to] - chance[own]
    return before, chance
