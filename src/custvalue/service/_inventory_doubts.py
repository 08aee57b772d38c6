"""Doubts about stocks and service: sentences for the warnings of the service level."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue._estimator.door import doubts_of
from custvalue._numerics.lead_time_demand import lead_time_moments
from custvalue._typing import FloatArray
from custvalue.service._inventory_service_level import Items, legible, window_length

__all__ = ["law_doubts", "stock_doubts", "window_doubts"]

_NORMAL_UP_TO = 0.5
_GAMMA_UP_TO = 10.0
_ROUNDING = 1e-9


def law_doubts(items: Items, demand: str, index: pd.Index | None) -> list[str]:
    """Say where the law asked for does not suit the demand.

    Parameters
    ----------
    items : Items
    demand : str
    index : pandas.Index or None
        Labels of the items.

    Returns
    -------
    list of str
        Of normal demand that would often be negative, of gamma demand that is nearly always
        nothing, and of negative binomial demand that varies less than that law can.
    """
    mean, sd = lead_time_moments(items.mean, items.sd, items.time, items.time_sd)
    if demand == "normal":
        rule = (
            "demand='normal' is often negative where the standard deviation of the demand over the "
            f"lead time is above {_NORMAL_UP_TO:g} of its mean; use demand='gamma', "
            "'negative_binomial' or 'empirical' there"
        )
        return doubts_of(sd > _NORMAL_UP_TO * mean * (1 + _ROUNDING), rule, index)
    if demand == "gamma":
        rule = (
            "demand='gamma' is nearly always next to nothing where the standard deviation of the "
            f"demand over the lead time is above {_GAMMA_UP_TO:g} times its mean, a shape below "
            f"{_GAMMA_UP_TO**-2:g}; use demand='negative_binomial' or 'empirical' there"
        )
        return doubts_of(sd > _GAMMA_UP_TO * mean * (1 + _ROUNDING), rule, index)
    if demand == "negative_binomial":
        rule = (
            "demand='negative_binomial' needs a variance over the lead time of at least the mean; "
            "where it is less the Poisson law was taken, whose variance is the mean"
        )
        return doubts_of(sd**2 < mean * (1 - _ROUNDING), rule, index)
    return []


def stock_doubts(stock: FloatArray, index: pd.Index | None) -> list[str]:
    """Say where no stock reaches the target.

    Parameters
    ----------
    stock : ndarray of shape (n_items,)
    index : pandas.Index or None

    Returns
    -------
    list of str
    """
    return doubts_of(
        np.isinf(stock), "no stock reaches a target of 1: the stock is infinite", index
    )


def window_doubts(items: Items, target: FloatArray, index: pd.Index | None) -> list[str]:
    """Say where a history has too few windows to tell a target of the cycle service level.

    Parameters
    ----------
    items : Items
        With their history.
    target : ndarray of shape (n_items,)
    index : pandas.Index or None

    Returns
    -------
    list of str
    """
    windows = np.asarray(items.history).shape[1] - window_length(items.time) + 1
    beyond = ((1 - target) * windows < 1 - _ROUNDING) & (target < 1) & (items.sd > 0)
    if not beyond.any():
        return []
    first = int(np.argmax(beyond))
    needed = int(np.ceil(1 / (1 - target[first]) - _ROUNDING))
    rule = (
        f"a target of {100 * target[first]:.{legible(float(target[first]))}f} % needs at least "
        f"{needed} windows of the history; found {windows[first]}, so the largest seen was taken: "
        "give more periods, or use shape='pooled'"
    )
    return doubts_of(beyond, rule, index)
