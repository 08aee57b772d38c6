"""What a caller says of features: how they are scaled and what they weigh, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from custvalue._estimator.mixed import MixedTable
from custvalue.segmentation._clusters.scaling import METHODS

__all__ = ["check_columns", "feature_weights", "scale_methods"]

_DEFAULT = "yeo_johnson"


def scale_methods(
    table: MixedTable, names: Sequence[str], scale: str | Mapping[str, str]
) -> dict[str, str]:
    """Return the method of each column of numbers.

    Raises
    ------
    ValueError
        If a column is unknown or holds categories, or a method is unknown.
    """
    if isinstance(scale, str):
        methods = dict.fromkeys(names, scale)
    else:
        check_columns(table, list(scale), "scale")
        texts = [name for name in scale if name not in names]
        if texts:
            raise ValueError(
                f"scale must name features that are numbers; {texts[0]!r} holds categories"
            )
        methods = {name: scale.get(name, _DEFAULT) for name in names}
    wrong = [method for method in methods.values() if method not in METHODS]
    if wrong:
        raise ValueError(f"scale must be one of {', '.join(METHODS)}; found {wrong[0]!r}")
    return methods


def feature_weights(table: MixedTable, weights: Mapping[str, float] | None) -> dict[str, float]:
    """Return the weight of every feature, 1 where none is given.

    Raises
    ------
    ValueError
        If a column is unknown, a weight is no finite number of at least 0, or all are 0.
    """
    given = {} if weights is None else weights
    check_columns(table, list(given), "weights")
    for name, weight in given.items():
        real = isinstance(weight, Real) and not isinstance(weight, (bool, np.bool_))
        if not (real and 0 <= weight < np.inf):
            raise ValueError(
                f"weights[{name!r}] must be a finite number of at least 0; found {weight!r}"
            )
    found = {name: float(given.get(name, 1.0)) for name in table.columns}
    if not any(found.values()):
        raise ValueError(f"weights must not be 0 for every feature; found {dict(given)!r}")
    return found


def check_columns(table: MixedTable, names: Sequence[str], parameter: str) -> None:
    """Raise where a parameter names a column that is no feature.

    Raises
    ------
    ValueError
        If one is not in the table.
    """
    unknown = [name for name in names if name not in table]
    if unknown:
        raise ValueError(
            f"{parameter} must name features ({', '.join(table.columns)}); found {unknown[0]!r}"
        )
