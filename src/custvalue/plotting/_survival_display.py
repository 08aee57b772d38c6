"""Survival curves as the steps, bands and numbers of a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting.formatting import decimal, nice_steps

__all__ = ["CURVE_COLUMNS", "checked_curve", "chosen_groups", "tick_names", "tick_times"]

CURVE_COLUMNS = ("group", "time", "survival", "lower", "upper")
_MOST_PLACES = 6


def checked_curve(curve: Any) -> pd.DataFrame:
    """Return the columns of curves that are shown.

    Parameters
    ----------
    curve : pandas.DataFrame
        As ``RetentionCurve.curve_``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If a column is missing, there is no row, or survival is not from 0 to 1.
    """
    missing = [name for name in CURVE_COLUMNS if name not in curve]
    if missing:
        raise ValueError(
            f"curve must have the columns {', '.join(CURVE_COLUMNS)}; missing: {', '.join(missing)}"
        )
    frame = pd.DataFrame(curve)[list(CURVE_COLUMNS)]
    values = frame["survival"].to_numpy(dtype=float)
    if not len(values) or not ((values >= 0) & (values <= 1)).all():
        found = f"{values.min():g} to {values.max():g}" if len(values) else "no rows"
        raise ValueError(f"survival must be from 0 to 1; found {found}")
    return frame


def chosen_groups(found: Sequence[Any], groups: Any, most: int) -> list[Any]:
    """Return the groups that are shown, in their order.

    Parameters
    ----------
    found : sequence
        All groups.
    groups : sequence, one group, or None
        None is all.
    most : int

    Returns
    -------
    list

    Raises
    ------
    ValueError
        If one is not there, or there are none or too many.
    """
    if groups is None:
        chosen = list(found)
    else:
        alone = pd.api.types.is_scalar(groups)
        chosen = list(dict.fromkeys([groups] if alone else groups))
    absent = [one for one in chosen if one not in found]
    if absent:
        raise ValueError(
            f"groups must be among {', '.join(map(repr, found))}; found {absent[0]!r} "
            f"({len(absent)} such groups)"
        )
    if not 1 <= len(chosen) <= most:
        raise ValueError(
            f"SurvivalDisplay shows at most {most} groups and at least 1; found {len(chosen)}: "
            "choose some with groups"
        )
    return chosen


def tick_times(longest: float, most: int) -> FloatArray:
    """Return round times from 0 on, at most so many, up to the longest.

    Parameters
    ----------
    longest : float
    most : int

    Returns
    -------
    ndarray of shape (n_ticks,)
    """
    if not longest > 0:
        return np.zeros(1)
    steps = np.array([0.0, *nice_steps(longest, most)])
    return np.unique(steps[steps <= longest])


def tick_names(ticks: FloatArray) -> list[str]:
    """Return times with parted thousands, all with as many decimals as one of them needs.

    Parameters
    ----------
    ticks : ndarray of shape (n_ticks,)

    Returns
    -------
    list of str

    Examples
    --------
    >>> import numpy as np
    >>> tick_names(np.array([0.0, 1000.0])), tick_names(np.array([0.0, 2.5, 5.0]))
    (['0', '1,000'], ['0.0', '2.5', '5.0'])
    """
    exact = (at for at in range(_MOST_PLACES) if np.allclose(ticks, np.round(ticks, at), rtol=1e-9))
    places = next(exact, _MOST_PLACES)
    return [decimal(float(tick), places) for tick in ticks]
