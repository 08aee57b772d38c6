"""How far each segment is from all customers in each feature, in one unit for all features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._numerics.robust import robust_spread
from custvalue._typing import AnyArray, FloatArray
from custvalue.plotting.formatting import nice_steps

__all__ = ["even_steps", "places_of", "profile_deviations", "segment_deviations"]

_MOST_STEPS = 5


def profile_deviations(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the deviations of the numeric features from a profile of features.

    Parameters
    ----------
    profile : pandas.DataFrame
        Index ``segment``, ``feature``; columns ``level``, None for a number, and ``deviation``.

    Returns
    -------
    pandas.DataFrame
        A row a segment and a column a feature, both in the order of the profile.
    """
    numeric = profile[[not isinstance(level, str) for level in profile["level"]]]
    segments, features = (
        numeric.index.get_level_values(level).unique() for level in ("segment", "feature")
    )
    table = numeric["deviation"].unstack("feature")
    return table.reindex(index=segments, columns=features)


def segment_deviations(
    columns: Mapping[str, AnyArray], segments: AnyArray, order: Sequence[str] | None
) -> pd.DataFrame:
    """Return how far the median of each segment is from that of all.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_customers,)
        Numbers, NaN where missing.
    segments : ndarray of str of shape (n_customers,)
    order : sequence of str or None
        Order of the segments; None sorts their names.

    Returns
    -------
    pandas.DataFrame
        A row a segment and a column a feature, in robust standard deviations of all customers
        (1.4826 times the median absolute deviation; where it is 0, the standard deviation).

    Raises
    ------
    ValueError
        If a segment is not in ``order``.

    Examples
    --------
    >>> import numpy as np
    >>> visits = np.array([1.0, 2.0, 3.0, 9.0])
    >>> segment_deviations({"visits": visits}, np.array(["a", "a", "b", "b"]), None).round(2)
             visits
    segment
    a         -0.67
    b          2.36
    """
    names = sorted(set(segments.tolist()))
    unknown = [name for name in names if order is not None and name not in order]
    if unknown:
        raise ValueError(
            f"order must name every segment; missing: {', '.join(map(str, unknown))} "
            f"({len(unknown)} of {len(names)})"
        )
    table = pd.DataFrame(dict(columns))
    centre = table.median()
    spread = table.apply(lambda column: robust_spread(column.to_numpy(dtype=np.float64)))
    away = table.groupby(np.asarray(segments)).median() - centre
    # A constant has no spread, and no segment is away from it.
    found = away / spread.where(spread > 0, 1.0)
    shown = names if order is None else [name for name in order if name in names]
    return found.loc[shown].rename_axis(index="segment")


def even_steps(lowest: float, highest: float) -> FloatArray:
    """Return round numbers, evenly spaced, from a range that holds 0.

    Parameters
    ----------
    lowest, highest : float
        At most 0 and at least 0.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> even_steps(-1.3, 2.6)
    array([-1.,  0.,  1.,  2.])
    >>> even_steps(0.0, 0.0)
    array([0.])
    """
    if lowest == highest:
        return np.zeros(1)
    step = nice_steps(highest - lowest, _MOST_STEPS)[1]
    return step * np.arange(np.ceil(lowest / step), np.floor(highest / step) + 1)


def places_of(steps: Any) -> int:
    """Return how many decimals the steps need."""
    return next(n for n in range(16) if np.allclose(steps, np.round(steps, n), rtol=0, atol=1e-9))
