"""Survival and retention of a cohort ahead, with the uncertainty of the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from custvalue._likelihood.intervals import rows_with_draws
from custvalue._likelihood.specification import Specification
from custvalue._numerics.compression import compress_rows
from custvalue._typing import FloatArray

__all__ = ["Bands", "Cohort", "bands_of", "retention_draws", "survival_draws"]

_PAIRS = 200_000
"""Rows times draws that are worked on at once: a few megabytes."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Estimates and their bands by period, each of shape (n_periods,)."""

    estimate: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class Cohort:
    """Distinct rows of covariates with the part of the cohort that each stands for.

    A model without covariates has one row without columns.
    """

    covariates: tuple[FloatArray, ...]
    parts: FloatArray

    @classmethod
    def of(cls, covariates: Sequence[FloatArray]) -> Cohort:
        """Return the cohort of customers with these covariates."""
        if not covariates:
            return cls((), np.ones(1))
        rows = compress_rows(*covariates)
        return cls(rows.columns, rows.weights / rows.weights.sum())


def survival_draws(
    specification: Specification, parameters: FloatArray, cohort: Cohort, periods: FloatArray
) -> FloatArray:
    """Return the share of the cohort that is still there, for every draw of the parameters.

    Parameters
    ----------
    specification : Specification
    parameters : ndarray of shape (n_draws, k + m)
    cohort : Cohort
    periods : ndarray of shape (n_periods,)

    Returns
    -------
    ndarray of shape (n_draws, n_periods)
    """

    def shares(law: Any, period: float, shape: tuple[int, int]) -> FloatArray:
        return np.asarray(cohort.parts @ _shaped(law.survival(period), shape))

    return _over_draws(shares, specification, parameters, cohort, periods)


def retention_draws(
    specification: Specification, parameters: FloatArray, cohort: Cohort, periods: FloatArray
) -> FloatArray:
    """Return the share of those still there that renews, for every draw of the parameters.

    Rows are averaged in proportion to who is still there before the renewal. Takes and gives what
    `survival_draws` does.
    """

    def shares(law: Any, period: float, shape: tuple[int, int]) -> FloatArray:
        renewing = _shaped(law.retention(period), shape)
        if len(cohort.parts) == 1:
            return np.asarray(renewing[0])
        logs = _shaped(law.log_survival(period - 1), shape)
        logs = np.maximum(logs, np.finfo(float).min)  # where nobody is left, all count alike
        there = cohort.parts[:, None] * np.exp(logs - logs.max(axis=0))
        return np.asarray((there * renewing).sum(axis=0) / there.sum(axis=0))

    return _over_draws(shares, specification, parameters, cohort, periods)


def bands_of(
    estimate: FloatArray, draws: FloatArray, level: float, *, whole: bool = False
) -> Bands:
    """Return equal-tailed bands around estimates.

    Parameters
    ----------
    estimate : ndarray of shape (n_periods,)
    draws : ndarray of shape (n_draws, n_periods)
    level : float
        Coverage at each period, between 0 and 1.
    whole : bool
        The ends are among the numbers drawn, as counts want it, not between two of them.

    Returns
    -------
    Bands
    """
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if whole else "linear"
    tails = [(1 - level) / 2, (1 + level) / 2]
    lower, upper = np.quantile(draws, tails, axis=0, method=method)
    return Bands(estimate, lower, upper)


def _over_draws(
    shares: Any,
    specification: Specification,
    parameters: FloatArray,
    cohort: Cohort,
    periods: FloatArray,
) -> FloatArray:
    """Evaluate shares of a cohort at every period, a block of draws at a time."""
    n_rows = len(cohort.parts)
    own = (np.zeros(n_rows),) * len(specification.law.columns)
    size = max(1, _PAIRS // n_rows)
    blocks = []
    for start in range(0, len(parameters), size):
        block = parameters[start : start + size]
        law, _ = rows_with_draws(specification, block, (*own, *cohort.covariates))
        shape = (n_rows, len(block))
        blocks.append(np.column_stack([shares(law, float(t), shape) for t in periods]))
    return np.concatenate(blocks)


def _shaped(values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    return np.broadcast_to(values, (shape[0] * shape[1],)).reshape(shape)
