"""What the laws of contracts share: counts of the data, and durations drawn.

A row is a customer: ``duration`` t renewals survived (or, if ``churned``, the renewal at which the
customer left), known from ``entry`` on.
"""

from __future__ import annotations

import numpy as np

from custvalue._typing import FloatArray, Number

__all__ = ["churn_odds", "log_of_leaving", "odds_of_leaving", "within"]


def churn_odds(
    duration: FloatArray, churned: FloatArray, entry: FloatArray, weights: FloatArray
) -> float:
    """Return the odds of leaving at a renewal, the same for all, kept away from 0 and infinity."""
    left = float(weights @ churned) + 0.5
    renewed = float(weights @ (duration - entry - churned)) + 0.5
    return left / renewed


def log_of_leaving(hazard: FloatArray) -> FloatArray:
    """Return log(1 - exp(-hazard)), without cancellation."""
    return np.log(-np.expm1(-hazard))


def odds_of_leaving(hazard: FloatArray) -> FloatArray:
    """Return exp(-hazard) / (1 - exp(-hazard)), the derivative of `log_of_leaving`."""
    return np.exp(-hazard) / -np.expm1(-hazard)


def within(duration: FloatArray, max_periods: Number) -> FloatArray:
    """Return durations, infinite where they exceed what is looked at."""
    return np.where(duration <= max_periods, duration, np.inf)
