"""Order notation: one column a place (first choice, second choice, ...), its value the item."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain, row_name, such_rows
from custvalue._estimator.mixed import MixedTable, is_missing, reject
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError

__all__ = ["chosen_items", "levels_of_order", "reject_rows"]


def chosen_items(table: MixedTable) -> tuple[str, ...]:
    """Return the items that anyone chose, sorted.

    Parameters
    ----------
    table : MixedTable
        One column a place.

    Returns
    -------
    tuple of str
        Numbers give "1", "2", ... up to the largest.

    Raises
    ------
    DataError
        If some columns hold text and some numbers, or numbers leave one out.
    """
    chosen = [values[~is_missing(values)] for values in table.columns.values()]
    filled = [values for values in chosen if len(values)]
    _check_one_type(table, filled)
    if not filled or filled[0].dtype == object:
        return tuple(sorted({item for values in filled for item in values}))
    for name, values in table.columns.items():
        if values.dtype != object:
            reject(table, name, _no_item_number(values), "the number of an item, 1, 2, 3, ...")
    numbers = np.unique(np.concatenate(filled)).astype(np.int64)
    most = int(numbers[-1])
    if len(numbers) < most:
        lacking = next(i for i in range(1, most + 1) if i not in numbers)
        raise DataError(
            f"items must be given where the numbers in X leave one out; nobody chose {lacking} of "
            f"1 to {most}"
        )
    return tuple(str(number) for number in numbers)


def levels_of_order(table: MixedTable, items: tuple[str, ...]) -> IntArray:
    """Return the level of each item in each row, -1 for an item that is not chosen.

    Parameters
    ----------
    table : MixedTable
        One column a place; texts are items, numbers their positions from 1.
    items : tuple of str

    Returns
    -------
    ndarray of int of shape (n_rows, n_items)

    Raises
    ------
    DataError
        If an item is unknown or there twice, or a choice follows a missing one.
    """
    codes = np.stack([_codes(table, name, items) for name in table.columns], axis=1)
    missing = codes < 0
    after_gap = missing[:, :-1] & ~missing[:, 1:]
    reject_rows(
        table,
        np.asarray(after_gap.any(axis=1)),
        "with notation='order' no choice may follow a missing one",
    )
    in_order = np.sort(codes, axis=1)
    twice = (in_order[:, 1:] == in_order[:, :-1]) & (in_order[:, 1:] >= 0)
    reject_rows(
        table,
        np.asarray(twice.any(axis=1)),
        "with notation='order' a row may name each item once at most",
    )
    levels = np.full((len(codes), len(items)), -1, dtype=np.int64)
    for place in range(codes.shape[1]):
        rows = np.flatnonzero(~missing[:, place])
        levels[rows, codes[rows, place]] = place
    return levels


def _check_one_type(table: MixedTable, filled: list[AnyArray]) -> None:
    """Refuse columns of which some hold text, some numbers, or any holds True and False."""
    texts = [values.dtype == object for values in filled]
    wrong = [
        f"{name}={plain(value)}"
        for name, values in table.columns.items()
        if values.dtype == object
        for value in values[[isinstance(value, (bool, np.bool_)) for value in values]][:1]
    ]
    if any(texts) and not all(texts):
        raise DataError("with notation='order' columns must hold texts alone or numbers alone")
    if wrong:
        raise DataError(
            f"with notation='order' columns must hold items, texts or their numbers; "
            f"found {wrong[0]}"
        )


def _no_item_number(values: FloatArray) -> BoolArray:
    return np.asarray(~np.isnan(values) & ((values < 1) | (values != np.floor(values))))


def _codes(table: MixedTable, name: str, items: tuple[str, ...]) -> IntArray:
    """Return the position of each item of a column, -1 where it is missing."""
    values = table[name]
    missing = is_missing(values)
    codes = np.full(len(values), -1, dtype=np.int64)
    if values.dtype == object:
        chosen = pd.Index(values[~missing], dtype=object)
        codes[~missing] = pd.Index(items, dtype=object).get_indexer(chosen)
        reject(table, name, ~missing & (codes < 0), f"one of the items {', '.join(items)}")
        return codes
    bad = _no_item_number(values) | (values > len(items))
    reject(table, name, bad, f"the number of one of the {len(items)} items {', '.join(items)}")
    codes[~missing] = values[~missing].astype(np.int64) - 1
    return codes


def reject_rows(table: MixedTable, bad: BoolArray, rule: str) -> None:
    """Raise where any row is bad, naming the rule, the first row, its values and their number.

    Raises
    ------
    DataError
        If any row is bad.
    """
    if not bad.any():
        return
    first = int(np.argmax(bad))
    found = ", ".join(_shown(values[first]) for values in table.columns.values())
    raise DataError(
        f"{rule}; {row_name(table.index, first)} has ({found}) ({such_rows(int(bad.sum()))})"
    )


def _shown(value: Any) -> str:
    if pd.isna(value):
        return "missing"
    return f"{value:g}" if isinstance(value, float) else plain(value)
