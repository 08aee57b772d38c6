"""Features of customers as the columns that are clustered: numbers scaled, categories spread out.

What is learned stands in two frames, one row a number feature and one row a level of a category.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.mixed import MixedTable, is_missing, reject
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.segmentation._clusters.categories import (
    MISSING,
    Levels,
    learn_levels,
    level_codes,
    level_columns,
)
from custvalue.segmentation._clusters.feature_parameters import (
    check_columns,
    feature_weights,
    scale_methods,
)
from custvalue.segmentation._clusters.scaling import Scaling, learn_scaling, scaled

__all__ = ["encode", "encoded_names", "fit_categories", "fit_numeric", "split_features"]

_MOST_LEVELS = 100
_FEW_ROWS = 20
_SHOWN = 10


def split_features(table: MixedTable, categorical: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which columns are numbers and which are categories.

    Parameters
    ----------
    table : MixedTable
    categorical : sequence of str
        Columns of numbers that are categories, as codes are. Text and bool always are.

    Returns
    -------
    numeric, categorical : list of str
        In the order of the table.

    Raises
    ------
    ValueError
        If ``categorical`` names a column that is not in the table.
    """
    check_columns(table, categorical, "categorical")
    chosen = {
        name: name in categorical or values.dtype == object
        for name, values in table.columns.items()
    }
    return [name for name in chosen if not chosen[name]], [name for name in chosen if chosen[name]]


def fit_numeric(
    table: MixedTable,
    names: Sequence[str],
    *,
    scale: str | Mapping[str, str],
    weights: Mapping[str, float] | None,
) -> pd.DataFrame:
    """Learn how to scale columns of numbers.

    Parameters
    ----------
    table : MixedTable
        All features.
    names : sequence of str
        Those that are numbers.
    scale : str or mapping of str to str
        A method of `scaling.learn_scaling` for all, or by column; columns left out have
        "yeo_johnson".
    weights : mapping of str to float or None
        What the variance of a feature is multiplied by, 1 where it is left out.

    Returns
    -------
    pandas.DataFrame
        Index ``feature``. Columns ``scale``, ``unit``, ``exponent``, ``centre``, ``spread``,
        ``fill``, ``constant`` as in `scaling.Scaling`, and ``weight``. The values do not depend on
        the order of the rows.

    Raises
    ------
    ValueError
        If ``scale`` or ``weights`` names an unknown column or method, or a weight is negative.
    DataError
        If a column has no number at all.
    """
    methods = scale_methods(table, names, scale)
    weight = feature_weights(table, weights)
    rows = [_learned(table, name, methods[name]) | {"weight": weight[name]} for name in names]
    types = {"scale": object, "constant": bool}
    columns = [field.name for field in fields(Scaling)] + ["weight"]
    index = pd.Series(list(names), name="feature", dtype=object)
    frame = pd.DataFrame(rows, columns=columns).set_index(pd.Index(index))
    return frame.astype({name: types.get(name, np.float64) for name in columns})


def fit_categories(
    table: MixedTable, names: Sequence[str], *, weights: Mapping[str, float] | None
) -> pd.DataFrame:
    """Learn the levels of columns of categories.

    Parameters
    ----------
    table : MixedTable
        All features.
    names : sequence of str
        Those that are categories. A number is a level under its shortest name: 3.0 is "3". Missing
        values are a level of their own, "(missing)".
    weights : mapping of str to float or None
        As for `fit_numeric`.

    Returns
    -------
    pandas.DataFrame
        Index ``feature``, ``level``. Columns ``share`` of the customers; ``spread``, what the
        columns of the feature are divided by, so that their variances sum to 1; ``weight``;
        ``constant``, whether the feature has one level.

    Raises
    ------
    ValueError
        As `fit_numeric`.
    DataError
        If a column looks like an id: it has more than 100 levels, or one for each of more than 20
        customers.
    """
    weight = feature_weights(table, weights)
    rows = []
    for name in names:
        levels = learn_levels(table[name])
        _refuse_ids(name, len(levels.names), len(table))
        one = len(levels.names) == 1
        pairs = zip(levels.names, levels.shares, strict=True)
        rows += [(name, level, p, levels.spread, weight[name], one) for level, p in pairs]
    columns = {"share": float, "spread": float, "weight": float, "constant": bool}
    frame = pd.DataFrame(rows, columns=["feature", "level", *columns]).astype(columns)
    return frame.set_index(["feature", "level"])


def encode(
    table: MixedTable,
    numeric: pd.DataFrame,
    categories: pd.DataFrame,
    *,
    missing: str,
    unseen: str,
) -> FloatArray:
    """Return the columns that are clustered; each feature has the variance of its weight.

    Parameters
    ----------
    table : MixedTable
        At least the features learned.
    numeric, categories : pandas.DataFrame
        What `fit_numeric` and `fit_categories` learned.
    missing : {"raise", "impute"}
        "impute" takes the learned median of numbers, and the level "(missing)" of categories; where
        nobody was missing when they were learned, the average customer.
    unseen : {"raise", "average"}
        What a level is that was not there when they were learned: an error, or the average
        customer, whose place is the shares of all levels. That is nearer to common levels than to
        rare ones, as any guess should be.

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        In the order of `encoded_names`; each row by itself, whatever the others are. A constant
        feature is 0.

    Raises
    ------
    DataError
        If a value is missing or a level unseen and the policy says "raise", or text stands in a
        column of numbers.
    """
    encoded = np.empty((len(table), len(numeric) + len(categories)))
    for j, name in enumerate(map(str, numeric.index)):
        learned: dict[str, Any] = dict(numeric.loc[name])
        factor = np.sqrt(learned.pop("weight"))
        _check_missing(table, name, missing)
        encoded[:, j] = scaled(_numbers(table, name), Scaling(**learned)) * factor
    start = len(numeric)
    for name in dict.fromkeys(categories.index.get_level_values("feature")):
        levels, weight = _levels(categories.loc[[name]])
        _check_missing(table, name, missing)
        codes = level_codes(table[name], levels.names)
        if unseen == "raise":
            _check_seen(table, name, codes < 0, levels.names)
        columns = slice(start, start + len(levels.names))
        encoded[:, columns] = level_columns(codes, levels) * np.sqrt(weight)
        start = columns.stop
    return encoded


def encoded_names(numeric: pd.DataFrame, categories: pd.DataFrame) -> list[str]:
    """Return the names of the encoded columns: features, and "feature=level" of categories."""
    return [*map(str, numeric.index), *(f"{name}={level}" for name, level in categories.index)]


def _learned(table: MixedTable, name: str, method: str) -> dict[str, Any]:
    x = table[name]
    missing = np.isnan(x)
    if missing.all():
        reject(table, name, missing, "known for at least one customer")
    return asdict(learn_scaling(x[~missing], method))


def _levels(part: pd.DataFrame) -> tuple[Levels, float]:
    """Return the levels of one feature, and its weight."""
    names = [str(level) for level in part.index.get_level_values("level")]
    spread, weight = part["spread"].to_numpy()[0], part["weight"].to_numpy()[0]
    return Levels(names, part["share"].to_numpy(), float(spread)), float(weight)


def _refuse_ids(name: str, n_levels: int, n_rows: int) -> None:
    if n_levels > _MOST_LEVELS:
        raise DataError(
            f"column {name!r} must have at most {_MOST_LEVELS} categories; found {n_levels} in "
            f"{n_rows} rows. Leave it out where it is an id, or group its values"
        )
    if n_levels == n_rows > _FEW_ROWS:
        raise DataError(
            f"column {name!r} must have categories that customers share; each of {n_rows} rows has "
            f"its own, as an id has. Leave it out, or group its values"
        )


def _numbers(table: MixedTable, name: str) -> FloatArray:
    """Return a column that was numbers when it was learned."""
    values = table[name]
    if values.dtype != object:
        return values
    missing = is_missing(values)
    reject(table, name, ~missing, "numbers, as in the data it was learned from")
    return np.full(len(values), np.nan)


def _check_missing(table: MixedTable, name: str, missing: str) -> None:
    if missing == "raise":
        reject(
            table,
            name,
            is_missing(table[name]),
            "known for every row (no NaN) where missing='raise'",
        )


def _check_seen(table: MixedTable, name: str, unknown: BoolArray, names: Sequence[str]) -> None:
    levels = ", ".join([level for level in names if level != MISSING][:_SHOWN])
    more = ", ..." if len(names) > _SHOWN else ""
    rule = f"one of the categories learned ({levels}{more}) where unseen='raise'"
    reject(table, name, unknown & ~is_missing(table[name]), rule)
