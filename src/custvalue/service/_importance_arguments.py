"""What the parameters of an importance-performance map must be, and what keeps one from data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._numerics.dominance import MOST_PREDICTORS
from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.service._gap_arguments import is_weight
from custvalue.service._importance_performance import (
    MapAnswers,
    Points,
    complete_rows,
    still_items,
)

__all__ = [
    "check_importance",
    "check_items",
    "cross_hair_rule",
    "derivation_doubts",
    "given_importance",
    "refuse_points",
    "refuse_underivable",
]


def check_items(items: Sequence[str], derivation: str | None) -> None:
    """Raise unless there are two items or more, and no more than the derivation takes.

    Parameters
    ----------
    items : sequence of str
    derivation : {"lmg", "regression"} or None
        None where importance is not derived.

    Raises
    ------
    DataError
        If there are too few or too many.
    """
    if len(items) < 2:
        raise DataError(f"a map needs at least 2 items; found {len(items)} feature(s)")
    if derivation == "lmg" and len(items) > MOST_PREDICTORS:
        raise DataError(
            f"derivation='lmg' takes at most {MOST_PREDICTORS} items; found {len(items)}. "
            f"derivation='regression' takes any number"
        )


def check_importance(
    importance: Any, items: Sequence[str] | None, satisfaction: str | None
) -> None:
    """Raise where importance given is no weight, or satisfaction is not named but needed.

    Parameters
    ----------
    importance : {"stated", "derived"}, mapping of str to float, or pandas.Series
    items : sequence of str or None
    satisfaction : str or None

    Raises
    ------
    ValueError
        If satisfaction is not named where importance is derived; if importance that is given is not
        finite and at least 0, is 0 throughout, has no finite sum, or names other items than
        ``items``.
    """
    if isinstance(importance, str):
        if importance == "derived" and satisfaction is None:
            raise ValueError("satisfaction must name a column where importance='derived'")
        return
    given = dict(importance)
    if (items is not None and set(given) != set(items)) or len(given) != len(importance):
        raise ValueError(
            f"importance must name each item once; found {', '.join(map(str, importance.keys()))}"
        )
    bad = {name: one for name, one in given.items() if not is_weight(one)}
    if bad or not any(given.values()):
        raise ValueError(
            f"importance must be finite numbers of at least 0, not all 0; found "
            f"{bad if bad else given!r}"
        )
    if sum(float(one) for one in given.values()) == np.inf:
        raise ValueError(f"importance must have a finite sum; found {given!r}")


def given_importance(
    importance: Mapping[str, float] | pd.Series, items: Sequence[str]
) -> FloatArray:
    """Return the importance of each item, where it was given."""
    given = dict(importance)
    return np.array([float(given[item]) for item in items])


def cross_hair_rule(
    cross_hair: Any, scale: tuple[float, float] | None, *, stated: bool
) -> str | tuple[float, float]:
    """Return what `cross_hairs` takes: a rule, or two numbers.

    Parameters
    ----------
    cross_hair : {"mean", "median", "midpoint"} or (float, float)
    scale : tuple of float or None
    stated : bool
        Importance is rated on the scale too.

    Returns
    -------
    str or tuple of float

    Raises
    ------
    ValueError
        If the midpoint is asked for without a scale, or the numbers are not two finite ones.
    """
    if not isinstance(cross_hair, str):
        values = np.asarray(cross_hair)
        if values.shape != (2,) or values.dtype.kind not in "iuf" or not np.isfinite(values).all():
            raise ValueError(
                f"cross_hair must be 'mean', 'median', 'midpoint', or two finite numbers, of "
                f"importance and of performance; found {cross_hair!r}"
            )
        return float(values[0]), float(values[1])
    if cross_hair != "midpoint":
        return cross_hair
    if scale is None:
        raise ValueError("scale must be given where cross_hair='midpoint'; found None")
    if not stated:
        raise ValueError(
            "cross_hair='midpoint' needs importance='stated': importance that is derived or given "
            "has no scale. Two numbers, of importance and of performance, are taken too"
        )
    middle = scale[0] / 2 + scale[1] / 2
    return middle, middle


def refuse_underivable(answers: MapAnswers, counts: FloatArray, items: Sequence[str]) -> None:
    """Raise where importance cannot be derived from satisfaction.

    Parameters
    ----------
    answers : MapAnswers
        With satisfaction.
    counts : ndarray of shape (n,)
    items : sequence of str

    Raises
    ------
    DataError
        If too few respondents answered everything, or their answers to an item or their
        satisfaction do not vary.
    """
    assert answers.satisfaction is not None
    whole = complete_rows(answers)
    n, fewest = float(counts[whole].sum()), len(items) + 2
    if n < fewest:
        raise DataError(
            f"importance='derived' needs at least {fewest} respondents who answered everything, 2 "
            f"more than items; found {n:g} sample(s)"
        )
    still = still_items(np.column_stack([answers.performance, answers.satisfaction])[whole])
    if still.any():
        first = int(np.argmax(still))
        name = "satisfaction" if first == len(items) else f"performance of item {items[first]!r}"
        raise DataError(
            f"importance='derived' needs answers that vary; {name} does not, among those who "
            f"answered everything ({int(still.sum())} such)"
        )


def refuse_points(points: Points, items: Sequence[str], *, derived: bool) -> None:
    """Raise where an item has no importance or no performance.

    Parameters
    ----------
    points : Points
    items : sequence of str
    derived : bool
        Importance is derived from satisfaction.

    Raises
    ------
    DataError
        If nobody answered a question, or a regression has no unique coefficients.
    """
    if derived and np.isnan(points.importance).any():
        raise DataError(
            "derivation='regression' needs items that do not determine one another; found "
            "collinear ones. derivation='lmg' shares among them"
        )
    for name, values in (("performance", points.performance), ("importance", points.importance)):
        unknown = np.isnan(values)
        if unknown.any():
            raise DataError(
                f"{name} of each item must be answered by somebody; item "
                f"{items[int(np.argmax(unknown))]!r} has no answer ({int(unknown.sum())} such)"
            )


def derivation_doubts(
    answers: MapAnswers, counts: FloatArray, points: Points, items: Sequence[str]
) -> list[str]:
    """Return sentences on derived importance that the user should read."""
    if answers.satisfaction is None:
        return []
    doubts, left_out = [], float(counts[~complete_rows(answers)].sum())
    if left_out:
        doubts.append(
            f"importance is derived from those who answered everything; {left_out:g} of "
            f"{float(counts.sum()):g} respondents did not"
        )
    negative = [item for item, one in zip(items, points.importance, strict=True) if one < 0]
    if negative:
        doubts.append(
            f"importance is negative for {', '.join(map(repr, negative))} ({len(negative)} such "
            f"item(s)): beside the others they go along with less satisfaction, as items do that "
            f"overlap. derivation='lmg' gives shares of at least 0"
        )
    return doubts
