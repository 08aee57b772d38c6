"""Whole purchase histories, drawn from the stories of the models and not by the library.

A customer makes a first purchase at time 0, then buys at exponential gaps with a rate of their own
until they leave. What happens before T is the history, what happens after is the holdout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

FOR_EVER = np.inf


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers before and after the end of observation.

    Attributes
    ----------
    summary : DataFrame of shape (n_customers, 3)
        ``frequency``, ``recency``, ``T``.
    holdout : ndarray of shape (n_customers,)
        Purchases in (T, T + horizon].
    """

    summary: pd.DataFrame
    holdout: np.ndarray


def draw_cohort(
    model: str,
    params: dict[str, float],
    T: np.ndarray,
    horizon: float,
    generator: np.random.Generator,
) -> Cohort:
    """Draw customers purchase by purchase.

    Parameters
    ----------
    model : {"BetaGeoNBD", "ModifiedBetaGeoNBD", "ParetoNBD"}
    params : dict of str to float
    T : ndarray of shape (n_customers,)
        Time observed after the first purchase.
    horizon : float
        Length of the holdout.
    generator : numpy.random.Generator
    """
    n_customers = len(T)
    rate = generator.gamma(params["r"], 1 / params["alpha"], size=n_customers)
    leaves_at, dropout = _leaving(model, params, n_customers, generator)
    frequency, recency, holdout = (np.zeros(n_customers) for _ in range(3))
    clock, here = np.zeros(n_customers), np.arange(n_customers)
    if model == "ModifiedBetaGeoNBD":
        here = here[generator.random(n_customers) >= dropout]
    while len(here):
        with np.errstate(divide="ignore"):
            clock[here] += generator.exponential(size=len(here)) / rate[here]
        here = here[clock[here] <= np.minimum(leaves_at[here], T[here] + horizon)]
        seen, later = here[clock[here] <= T[here]], here[clock[here] > T[here]]
        frequency[seen] += 1
        recency[seen] = clock[seen]
        holdout[later] += 1
        here = here[generator.random(len(here)) >= dropout[here]]
    summary = pd.DataFrame({"frequency": frequency, "recency": recency, "T": T})
    return Cohort(summary, holdout)


def _leaving(
    model: str, params: dict[str, float], n_customers: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return when each customer leaves, and with which probability after a purchase."""
    if model == "ParetoNBD":
        hazard = generator.gamma(params["s"], 1 / params["beta"], size=n_customers)
        with np.errstate(divide="ignore"):
            return generator.exponential(size=n_customers) / hazard, np.zeros(n_customers)
    dropout = generator.beta(params["a"], params["b"], size=n_customers)
    return np.full(n_customers, FOR_EVER), dropout
