"""Doubts about items and service levels: sentences for the warnings of ServiceLevelOptimizer."""

from __future__ import annotations

import pandas as pd

from custvalue._estimator.door import doubts_of
from custvalue._typing import FloatArray
from custvalue.service._service_level_optimizer import NewsvendorItems
from custvalue.service._service_level_optimizer_items import Items

__all__ = ["item_doubts", "scale_doubts"]

_NORMAL_UP_TO = 0.5
_ROUNDING = 1e-9


def item_doubts(
    items: Items, now: FloatArray | None, top: float, index: pd.Index | None
) -> list[str]:
    """Say where normal demand is often negative, and where no gain can be told.

    Parameters
    ----------
    items : NewsvendorItems or MarginalItems
    now : ndarray of shape (n_items,) or None
        Levels today, from 0 to ``top``.
    top : float
    index : pandas.Index or None
        Labels of the items.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import numpy as np
    >>> items = NewsvendorItems(*np.array([[1.0], [3.0], [10.0], [20.0]]))
    >>> [said.partition(";")[0] for said in item_doubts(items, None, 1.0, None)]
    ['normal demand is often negative where sd is above 0.5 of mean, and counts as 0 there']
    """
    doubts = []
    if isinstance(items, NewsvendorItems):
        rule = (
            f"normal demand is often negative where sd is above {_NORMAL_UP_TO:g} of mean, and "
            "counts as 0 there"
        )
        doubts += doubts_of(items.sd > _NORMAL_UP_TO * items.mean * (1 + _ROUNDING), rule, index)
        rule = f"a service level of {top:g} needs an infinite stock: profit_gain is unknown there"
    else:
        rule = (
            f"service levels below {top / 2:g}, and {top:g} where safety stock costs anything, are "
            "none of the marginal form: profit_gain is unknown there"
        )
    if now is not None:
        doubts += doubts_of(~items.meaningful(now / top), rule, index)
    return doubts


def scale_doubts(level: FloatArray, top: float, name: str) -> list[str]:
    """Say that service levels that should be per cent look like fractions.

    Parameters
    ----------
    level : ndarray of shape (n_rows,)
    top : float
        1 or 100, the end of the scale.
    name : str
        Column of the levels.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import numpy as np
    >>> scale_doubts(np.array([95.0, 0.5]), 100.0, "level")
    []
    """
    if top == 1.0 or not 0 < level.max(initial=0.0) <= 1:
        return []
    return [
        f"no {name} is above 1, the largest is {level.max():g}, though scale='percent': use "
        "scale='fraction' if levels run from 0 to 1"
    ]
