"""The mathematics of rules: which rule each cell of the r, f, m cube falls under, and the proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.segmentation.segment_rule import SegmentRule, standard_rules

__all__ = ["check_rules", "partition", "rules_frame", "segment_profile"]

_STANDARD_BINS = 5
_CELLS_SHOWN = 10


def check_rules(rules: Iterable[Any] | None, n_bins: int) -> tuple[SegmentRule, ...]:
    """Return the rules to apply, each checked for itself.

    Parameters
    ----------
    rules : iterable of SegmentRule, or None
        None is the standard set, which is made for five bins.
    n_bins : int

    Returns
    -------
    tuple of SegmentRule

    Raises
    ------
    TypeError
        If an element is not a rule.
    ValueError
        If None is given for another number of bins, a rule has no name, or a range is not two
        scores in order.
    """
    if rules is None:
        if n_bins != _STANDARD_BINS:
            raise ValueError(
                f"rules must be given where n_bins is not {_STANDARD_BINS}, for which the standard "
                f"rules are made; found rules=None with n_bins={n_bins}"
            )
        return tuple(standard_rules())
    checked = tuple(rules)
    for position, rule in enumerate(checked):
        _check_rule(rule, position, n_bins)
    return checked


def partition(rules: Sequence[SegmentRule], n_bins: int) -> IntArray:
    """Return which rule each cell falls under, having proved that it falls under exactly one.

    Parameters
    ----------
    rules : sequence of SegmentRule
    n_bins : int

    Returns
    -------
    ndarray of int of shape (n_bins, n_bins, n_bins)
        Position of the rule for the scores r, f, m at ``[r - 1, f - 1, m - 1]``.

    Raises
    ------
    ValueError
        If a cell is in no rule or in several; the message lists such cells.
    """
    inside = [_inside(rule, n_bins) for rule in rules]
    count = np.zeros((n_bins,) * 3, dtype=np.int64)
    which = np.zeros((n_bins,) * 3, dtype=np.int64)
    for position, cells in enumerate(inside):
        count += cells
        which[cells] = position
    if (count != 1).any():
        raise ValueError(_faults(rules, inside, count))
    return which


def rules_frame(rules: Sequence[SegmentRule], which: IntArray) -> pd.DataFrame:
    """Return the rules as a frame to read: one row a rule.

    Parameters
    ----------
    rules : sequence of SegmentRule
    which : ndarray of int of shape (n_bins, n_bins, n_bins)
        As `partition` gives it.

    Returns
    -------
    pandas.DataFrame
        Columns ``segment``, ``rule``, ``cells``, ``action``.
    """
    return pd.DataFrame(
        {
            "segment": [rule.name for rule in rules],
            "rule": [str(rule) for rule in rules],
            "cells": np.bincount(which.ravel(), minlength=len(rules)),
            "action": [rule.action for rule in rules],
        }
    )


def segment_profile(
    names: AnyArray,
    order: Sequence[str],
    columns: Sequence[Any],
    weights: FloatArray | None = None,
) -> pd.DataFrame:
    """Return size, means and money of each segment.

    Parameters
    ----------
    names : ndarray of str of shape (n_customers,)
        Segment of each customer.
    order : sequence of str
        All segments, those without a customer too.
    columns : frequency, time since the last purchase, and total money or None
        Each an ndarray of shape (n_customers,).
    weights : ndarray of shape (n_customers,), optional
        How many customers each row stands for; not all 0.

    Returns
    -------
    pandas.DataFrame
        Index: the segment. Means are NaN where a segment has no customer.
    """
    frequency, since, money = columns
    position = pd.Index(order).get_indexer(pd.Index(names))
    weights = np.ones(len(names)) if weights is None else weights
    customers = _sums(position, weights, len(order))
    profile = {
        "customers": _whole(customers),
        "share": customers / weights.sum(),
        "mean_frequency": _means(position, weights * frequency, customers),
        "mean_time_since_purchase": _means(position, weights * since, customers),
    }
    if money is not None:
        profile["total_value"] = _sums(position, weights * money, len(order))
    return pd.DataFrame(profile, index=pd.Index(order, name="segment"))


def _check_rule(rule: Any, position: int, n_bins: int) -> None:
    if not isinstance(rule, SegmentRule):
        raise TypeError(
            f"rules must be SegmentRule objects; element {position} is a {type(rule).__name__}"
        )
    if not (isinstance(rule.name, str) and rule.name.strip()):
        raise ValueError(f"each rule must have a name; rule {position} has name={rule.name!r}")
    for letter in "rfm":
        limits = getattr(rule, letter)
        if not _is_range(limits, n_bins):
            raise ValueError(
                f"{letter} must be None or (lowest, highest) with 1 <= lowest <= highest <= "
                f"{n_bins}, in whole numbers; rule {position} ({rule.name!r}) has "
                f"{letter}={limits!r}"
            )


def _is_range(limits: Any, n_bins: int) -> bool:
    if limits is None:
        return True
    if not isinstance(limits, (tuple, list)) or len(limits) != 2:
        return False
    whole = all(isinstance(v, Integral) and not isinstance(v, bool) for v in limits)
    return whole and 1 <= limits[0] <= limits[1] <= n_bins


def _inside(rule: SegmentRule, n_bins: int) -> BoolArray:
    """Return which cells a rule holds."""
    cells = np.zeros((n_bins,) * 3, dtype=bool)
    ranges = [(1, n_bins) if limits is None else limits for limits in (rule.r, rule.f, rule.m)]
    cells[tuple(slice(low - 1, high) for low, high in ranges)] = True
    return cells


def _faults(rules: Sequence[SegmentRule], inside: Sequence[BoolArray], count: IntArray) -> str:
    """Say which cells are in no rule and which in several."""
    missing, double = np.argwhere(count == 0), np.argwhere(count > 1)
    parts = [f"rules must put each of the {count.size} cells (r, f, m) in exactly one segment"]
    if len(missing):
        parts.append(f"{_cells(missing)} in none: {_listed(missing, lambda cell: '')}")
    if len(double):
        parts.append(
            f"{_cells(double)} in several: "
            + _listed(double, lambda cell: f" in {_names_at(cell, rules, inside)}")
        )
    return "; ".join(parts)


def _names_at(cell: IntArray, rules: Sequence[SegmentRule], inside: Sequence[BoolArray]) -> str:
    claims = zip(rules, inside, strict=True)
    return " and ".join(repr(rule.name) for rule, cells in claims if cells[tuple(cell)])


def _cells(cells: IntArray) -> str:
    return "1 cell is" if len(cells) == 1 else f"{len(cells)} cells are"


def _listed(cells: IntArray, note: Callable[[IntArray], str]) -> str:
    shown = [f"({', '.join(map(str, cell + 1))}){note(cell)}" for cell in cells[:_CELLS_SHOWN]]
    return ", ".join(shown + ["..."] * (len(cells) > _CELLS_SHOWN))


def _sums(position: IntArray, values: FloatArray, count: int) -> FloatArray:
    return np.bincount(position, weights=values, minlength=count).astype(np.float64)


def _whole(counts: FloatArray) -> AnyArray:
    """Return counts as whole numbers where all of them are."""
    return counts.astype(np.int64) if (counts == np.floor(counts)).all() else counts


def _means(position: IntArray, values: FloatArray, customers: FloatArray) -> FloatArray:
    """Return the mean of each group, NaN where it is empty."""
    sums = _sums(position, values, len(customers))
    means = np.full(len(customers), np.nan)
    means[customers > 0] = sums[customers > 0] / customers[customers > 0]
    return means
