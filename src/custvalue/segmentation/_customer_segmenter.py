"""What segmenting customers consists of: groups, their number, their order, who is pinned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.mixed import MixedTable, is_missing, reject
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError
from custvalue.segmentation._clusters.assignment import AssignmentRule, reordered
from custvalue.segmentation._clusters.clusterers import (
    Clustering,
    finds_number,
    gaussian_bic,
)
from custvalue.segmentation._clusters.criteria import (
    calinski_harabasz,
    davies_bouldin,
    silhouette,
)
from custvalue.segmentation._clusters.selection import Selection, select_number
from custvalue.segmentation._names import Naming, matched_names, name_matched
from custvalue.segmentation._previous import earlier_names

__all__ = [
    "COMPARED_ON",
    "LOADED_WITHOUT_CLUSTERER",
    "MONEY",
    "SIZES_IMPOSSIBLE",
    "UNASSIGNED",
    "VALUES",
    "Pins",
    "Segments",
    "all_codes",
    "canonical",
    "check_pinned",
    "choose_number",
    "find_pins",
    "found_selection",
    "in_order",
    "make_segments",
    "mean_silhouette",
    "name_found",
    "pins_not_found",
    "previous_names",
    "value_column",
    "values_of",
]

UNASSIGNED = "Unassigned"
"""The name of those whom a clusterer or its rule leaves out."""

_ROUNDING = 1e-9

COMPARED_ON = 5000
"""Most customers for the criteria: the time of a silhouette grows with the square."""

MONEY = ("value", "total_value")
"""Columns whose sum is the worth of a segment."""

SIZES_IMPOSSIBLE = (
    "min_size and max_size must leave equal customers together; not all segments are within them"
)

LOADED_WITHOUT_CLUSTERER = (
    "clusterer must be given to fit again; found None: a file keeps the rule of an estimator from "
    "another library, not the estimator"
)

VALUES = (*MONEY, "monetary_value")
"""Columns to order segments by, the first that is there."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Segments of customers, the most valuable first.

    Attributes
    ----------
    rule : PrototypeRule or GaussianRule
        Its segments are in the order of value.
    codes : ndarray of int of shape (n_customers,)
        By the rule, -1 for none.
    agreement : float
        Share of customers whom the rule puts where the clusterer did.
    within : bool
        Whether the sizes are within their limits.
    """

    rule: AssignmentRule
    codes: IntArray
    agreement: float
    within: bool

    @property
    def count(self) -> int:
        """Number of segments."""
        return len(self.rule.offsets)


def canonical(Z: FloatArray) -> IntArray:
    """Return an order of the rows that does not depend on the one they came in."""
    return np.lexsort(Z.T[::-1])


def choose_number(
    Z: FloatArray,
    clustering: Clustering,
    n_clusters: Any,
    most: int,
    *,
    generator: np.random.Generator,
    progress: bool,
) -> Selection:
    """Return how many segments there are to be, and why.

    Parameters
    ----------
    Z : ndarray of shape (n_customers, d)
        In canonical order.
    clustering : Clustering
    n_clusters : int or "auto"
    most : int
        Largest number to try.
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    Selection
        The number that a clusterer finds by itself is 0: it is known when it has run.

    Raises
    ------
    DataError
        If there are fewer different customers than segments.
    """
    if finds_number(clustering.clusterer):
        return Selection(pd.DataFrame(), 0, "The clusterer finds the number by itself.")
    different = 1 + int((np.diff(Z, axis=0) != 0).any(axis=1).sum())
    if n_clusters != "auto":
        if n_clusters > different:
            raise DataError(
                f"n_clusters must not exceed the number of customers that differ; found "
                f"n_clusters={n_clusters} and {different} of {len(Z)} sample(s)"
            )
        return Selection(pd.DataFrame(), int(n_clusters), f"{n_clusters} segments were asked for.")
    numbers = _possible_numbers(clustering, max(1, min(most, different - 1)), len(Z))
    return select_number(
        Z,
        clustering.groups,
        numbers,
        generator=generator,
        bic=gaussian_bic if clustering.clusterer == "gmm" else None,
        sample=min(COMPARED_ON, clustering.most),
        smallest=clustering.lowest,
        progress=progress,
    )


def _possible_numbers(clustering: Clustering, largest: int, n: int) -> range:
    """Return the numbers of segments that limits of size leave."""
    low, high = clustering.lowest, clustering.highest
    fewest = 1 if high is None else int(np.ceil(1 / high - _ROUNDING))
    most = largest if low is None else min(largest, int(1 / low + _ROUNDING))
    if fewest > most:
        raise ValueError(
            f"min_size and max_size must leave a number of segments up to {largest} to choose; "
            f"found at least {fewest} and at most {most} for {n} customers"
        )
    return range(fewest, most + 1)


def make_segments(
    Z: FloatArray, clustering: Clustering, k: int, value: FloatArray, seed: int
) -> Segments:
    """Return the segments, those of the highest mean value first, none of them empty.

    Parameters
    ----------
    Z : ndarray of shape (n_customers, d)
        In canonical order.
    clustering : Clustering
    k : int
    value : ndarray of shape (n_customers,)
    seed : int

    Returns
    -------
    Segments
    """
    fit = clustering.rule(Z, k, seed)
    codes = fit.codes
    inside = codes >= 0
    size = np.bincount(codes[inside], minlength=len(fit.rule.offsets))
    total = np.bincount(codes[inside], weights=value[inside], minlength=len(size))
    there = np.flatnonzero(size)
    order = there[np.argsort(-total[there] / size[there], kind="stable")]
    place = np.full(len(size) + 1, -1)
    place[order] = np.arange(len(order))
    return Segments(reordered(fit.rule, order), place[codes], fit.agreement, fit.within)


def found_selection(Z: FloatArray, segments: Segments, selection: Selection) -> Selection:
    """Return a selection with the criteria of the segments made, where none were compared.

    Parameters
    ----------
    Z : ndarray of shape (n_customers, d)
        In canonical order.
    segments : Segments
    selection : Selection

    Returns
    -------
    Selection
    """
    if len(selection.table):
        return selection
    sizes = np.bincount(segments.codes[segments.codes >= 0], minlength=segments.count)
    step = -(-len(Z) // COMPARED_ON)
    some, codes = Z[::step], segments.codes[::step]
    row = {
        "silhouette": silhouette(some, codes),
        "calinski_harabasz": calinski_harabasz(some, codes),
        "davies_bouldin": davies_bouldin(some, codes),
        "smallest_segment": float(sizes.min()) / len(Z),
        "recommended": True,
    }
    index = pd.Index([segments.count], name="n_clusters")
    reason = selection.reason
    if segments.count < selection.recommended:
        reason = f"{reason} The clusterer found {segments.count}."
    return Selection(pd.DataFrame([row], index=index), segments.count, reason)


def mean_silhouette(Z: FloatArray, codes: IntArray) -> float:
    """Return the mean silhouette of at most 5,000 customers, evenly taken; 0 for one segment."""
    order = canonical(Z)[:: -(-len(Z) // COMPARED_ON)]
    found = silhouette(Z[order], codes[order])
    return 0.0 if np.isnan(found) else found


def in_order(segments: Segments, order: IntArray) -> Segments:
    """Return the segments of customers in canonical order as those of customers as they came."""
    codes = np.empty_like(segments.codes)
    codes[order] = segments.codes
    return replace(segments, codes=codes)


def value_column(table: MixedTable, order_by: str | None, numeric: Sequence[str]) -> str | None:
    """Return the column to order segments by: the one asked for, one of value, a first number."""
    if order_by is not None:
        return order_by
    return next((name for name in (*VALUES, *numeric) if name in table), None)


def values_of(table: MixedTable, name: str | None) -> FloatArray:
    """Return the column of value, which must be numbers without a gap."""
    if name is None:
        return np.zeros(len(table))
    reject(
        table,
        name,
        is_missing(table[name]),
        "known for every customer, to order segments by (set order_by to another column)",
    )
    if table[name].dtype == object:
        raise DataError(f"order_by must name a column of numbers; {name!r} holds text")
    return table[name]


def check_pinned(pinned: Mapping[Any, str] | None, table: MixedTable) -> None:
    """Check that pinned customers have a segment's name, and that rows have ids to find them by.

    Raises
    ------
    ValueError
        If a name is no text, or X has no row labels.
    """
    if not pinned:
        return
    wrong = [name for name in pinned.values() if not (isinstance(name, str) and name.strip())]
    if wrong or UNASSIGNED in pinned.values():
        found = wrong[0] if wrong else UNASSIGNED
        raise ValueError(f"pinned must give each customer the name of a segment; found {found!r}")
    if table.index is None:
        raise ValueError(
            "pinned needs rows with ids, in the index of a pandas frame or the first column of "
            "another; found an array"
        )


@dataclass(frozen=True, slots=True)
class Pins:
    """Who is pinned to a segment.

    Attributes
    ----------
    names : ndarray of object of shape (n_customers,)
        The segment that each customer is pinned to, None for all others.
    pinned : ndarray of bool of shape (n_customers,)
    """

    names: AnyArray
    pinned: BoolArray


def find_pins(pinned: Mapping[Any, str] | None, table: MixedTable) -> Pins:
    """Return which rows of a table are pinned, and where to."""
    names = np.full(len(table), None, dtype=object)
    if not pinned or table.index is None:
        return Pins(names, np.zeros(len(table), dtype=bool))
    place = pd.Index(list(pinned)).get_indexer(table.index)
    there = place >= 0
    names[there] = np.array(list(pinned.values()), dtype=object)[place[there]]
    return Pins(names, there)


def all_codes(codes: IntArray, pins: Pins, segments: Sequence[str]) -> IntArray:
    """Return the segment of all customers, those pinned where they are pinned.

    Parameters
    ----------
    codes : ndarray of int
        By the rule, of all customers or of those who are not pinned.
    pins : Pins
    segments : sequence of str

    Returns
    -------
    ndarray of int of shape (n_customers,)

    Raises
    ------
    ValueError
        If a customer is pinned to a segment that is not there.
    """
    placed = np.full(len(pins.pinned), -1, dtype=np.int64)
    placed[~pins.pinned] = codes if len(codes) < len(placed) else codes[~pins.pinned]
    codes_of_pinned = pd.Index(segments).get_indexer(pd.Index(pins.names[pins.pinned]))
    if (codes_of_pinned < 0).any():
        unknown = pins.names[pins.pinned][codes_of_pinned < 0][0]
        raise ValueError(
            f"pinned must name segments that fit knew, {', '.join(segments)}; found {unknown!r}. "
            "Fit again, or use rename"
        )
    placed[pins.pinned] = codes_of_pinned
    return placed


def name_found(
    segments: Segments,
    names: Any,
    pinned: Mapping[Any, str] | None,
    before: AnyArray | None,
    pins: Pins,
) -> Naming:
    """Name the segments, then those that hold pinned customers alone.

    Parameters
    ----------
    segments : Segments
    names : sequence of str, mapping of str to str, or None
    pinned : mapping of id to str, or None
    before : ndarray of object of shape (n_customers,), or None
        The earlier segment of each customer.
    pins : Pins

    Returns
    -------
    Naming
    """
    matched = None
    if before is not None:
        codes = np.full(len(before), -1, dtype=np.int64)
        codes[~pins.pinned] = segments.codes
        matched = matched_names(codes, segments.count, before)
    naming = name_matched(segments.count, names, matched)
    alone = dict.fromkeys((pinned or {}).values())
    every = [*naming.names, *(name for name in alone if name not in naming.names)]
    return Naming(every, naming.matching)


def pins_not_found(pinned: Mapping[Any, str] | None, table: MixedTable) -> str:
    """Return a sentence about pinned customers who are not there, empty where all are."""
    if not pinned or table.index is None:
        return ""
    absent = [label for label in pinned if label not in table.index]
    if not absent:
        return ""
    return f"pinned customers must be in X; missing: {absent[0]!r} ({len(absent)} of {len(pinned)})"


def previous_names(previous: Any, X: Any, table: MixedTable, pins: Pins) -> AnyArray | None:
    """Return the earlier segment of each customer, None where there is none.

    Parameters
    ----------
    previous : fitted segmenter, pandas Series of names by customer, or None
    X : table
    table : MixedTable
    pins : Pins
        Pinned customers do not speak for a segment.

    Returns
    -------
    ndarray of object of shape (n_customers,), or None
    """
    if previous is None:
        return None
    names = earlier_names(previous, X, table)
    names[pins.pinned | (names == UNASSIGNED)] = None
    return names
