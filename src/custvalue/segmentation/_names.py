"""Names of segments: in an order, given by the caller, or kept from an earlier fit by overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from custvalue._typing import AnyArray, FloatArray, IntArray

__all__ = [
    "Naming",
    "check_segment_names",
    "jaccard_table",
    "matched_names",
    "name_matched",
    "name_segments",
]

_LEAST_OVERLAP = 0.25


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of segments, and which earlier ones they come from.

    Attributes
    ----------
    names : list of str
        In the order of the segments.
    matching : pandas.DataFrame or None
        Index ``segment``, columns ``previous`` and ``jaccard``; None without an earlier fit.
    """

    names: list[str]
    matching: pd.DataFrame | None


def check_segment_names(names: Any, *, reserved: str | None = None) -> None:
    """Check that names are different texts, or a mapping of default to own names.

    Raises
    ------
    ValueError
        If a name is no text, is empty, or occurs twice.
    """
    if names is None:
        return
    given = list(names.values() if isinstance(names, Mapping) else names)
    wrong = [name for name in given if not (isinstance(name, str) and name.strip())]
    if wrong:
        raise ValueError(f"names must be texts, none of them empty; found {wrong[0]!r}")
    if reserved in given:
        raise ValueError(f"names must not hold {reserved!r}, which is for those in no segment")
    if len(set(given)) < len(given):
        double = next(name for name in given if given.count(name) > 1)
        raise ValueError(f"names must differ; found {double!r} more than once")


def name_segments(
    count: int,
    names: Sequence[str] | Mapping[str, str] | None,
    kept: Mapping[int, str] | None = None,
    *,
    noun: str = "Segment",
) -> list[str]:
    """Return the name of each segment.

    Parameters
    ----------
    count : int
        Number of segments, in their order.
    names : sequence of str, mapping of str to str, or None
        Names in the order of the segments, or own names for those that would be given.
    kept : mapping of int to str
        Names that segments keep from an earlier fit.
    noun : str
        Default names are the noun and a number.

    Returns
    -------
    list of str
        All different: a segment without a kept name takes the first free one.

    Raises
    ------
    ValueError
        If a sequence has too few names, or two segments would have one name.

    Examples
    --------
    >>> name_segments(3, {"Segment 1": "Best"})
    ['Best', 'Segment 2', 'Segment 3']
    >>> name_segments(3, ["Best", "Good", "New"], kept={1: "Best"})
    ['Good', 'Best', 'New']
    >>> name_segments(2, {"Segment 1": "Best"}, kept={1: "Best"})
    ['Segment 2', 'Best']
    """
    kept = dict(kept or {})
    listed = [] if names is None or isinstance(names, Mapping) else list(names)
    if listed and len(listed) < count:
        raise ValueError(f"names must name all {count} segments; found {len(listed)}: {listed!r}")
    default = listed or [f"{noun} {i}" for i in range(1, count + 2 * len(kept) + 1)]
    renamed = names if isinstance(names, Mapping) else {}
    taken = set(kept.values())
    free = iter([name for name in default if not taken & {name, renamed.get(name, name)}])
    found = [kept[i] if i in kept else next(free) for i in range(count)]
    if isinstance(names, Mapping):
        unknown = [name for name in names if name not in found and names[name] not in found]
        if unknown:
            raise ValueError(
                f"names must rename segments that are there ({', '.join(found)}); "
                f"found {unknown[0]!r}"
            )
        found = [names.get(name, name) for name in found]
    if len(set(found)) < len(found):
        double = next(name for name in found if found.count(name) > 1)
        raise ValueError(f"names of segments must differ; {double!r} would be there twice")
    return found


def jaccard_table(
    one: IntArray, other: IntArray, shape: tuple[int, int], weights: FloatArray | None = None
) -> FloatArray:
    """Return the Jaccard similarity of every pair of groups from two partitions of the same rows.

    Parameters
    ----------
    one, other : ndarray of int of shape (n_rows,)
        Group of each row; negative is none, and such a row belongs to no group.
    shape : (int, int)
        Number of groups in each.
    weights : ndarray of shape (n_rows,), optional

    Returns
    -------
    ndarray of shape ``shape``
        Rows in both over rows in either; 0 where both groups are empty.

    Examples
    --------
    >>> import numpy as np
    >>> jaccard_table(np.array([0, 0, 1]), np.array([1, 1, 1]), (2, 2))
    array([[0.        , 0.66666667],
           [0.        , 0.33333333]])
    """
    weights = np.ones(len(one)) if weights is None else weights
    first, second = (
        _sizes(codes, n, weights) for codes, n in zip((one, other), shape, strict=True)
    )
    both_known = (one >= 0) & (other >= 0)
    pairs = one[both_known] * shape[1] + other[both_known]
    both = np.bincount(pairs, weights=weights[both_known], minlength=shape[0] * shape[1])
    both = both.reshape(shape)
    either = first[:, None] + second[None, :] - both
    similarity: FloatArray = np.divide(both, either, out=np.zeros(shape), where=either > 0)
    return similarity


def matched_names(
    codes: IntArray,
    count: int,
    previous: AnyArray,
    *,
    weights: FloatArray | None = None,
    least: float = _LEAST_OVERLAP,
) -> pd.DataFrame:
    """Match each segment to the earlier one that it overlaps, one to one, for the most overlap.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows,)
        Segment of each customer now, from 0; negative is none.
    count : int
        Number of segments now.
    previous : ndarray of objects of shape (n_rows,)
        Name of the earlier segment of the same customers; None where there is none.
    weights : ndarray of shape (n_rows,), optional
        How many customers each row is; 1 where left out.
    least : float
        Smallest Jaccard similarity of a match.

    Returns
    -------
    pandas.DataFrame
        Index ``position``: the matched segments. Columns ``previous`` (name), ``jaccard``.

    Examples
    --------
    >>> import numpy as np
    >>> matched_names(np.array([0, 0, 1]), 2, np.array(["b", "b", "a"], dtype=object))
             previous  jaccard
    position
    0               b      1.0
    1               a      1.0
    """
    known = np.array([name is not None for name in previous], dtype=bool)
    names = sorted(set(previous[known]))
    old = np.full(len(codes), -1, dtype=np.int64)
    old[known] = pd.Index(names).get_indexer(pd.Index(previous[known]))
    similarity = jaccard_table(np.where(known, codes, -1), old, (count, len(names)), weights)
    rows, columns = linear_sum_assignment(similarity, maximize=True)
    good = similarity[rows, columns] >= least
    return pd.DataFrame(
        {
            "previous": [names[j] for j in columns[good]],
            "jaccard": similarity[rows[good], columns[good]],
        },
        index=pd.Index(rows[good], name="position"),
    )


def name_matched(
    count: int,
    names: Sequence[str] | Mapping[str, str] | None,
    matched: pd.DataFrame | None,
    *,
    noun: str = "Segment",
) -> Naming:
    """Name segments as they were called before, as the caller says, or by number.

    Parameters
    ----------
    count : int
        Number of segments, in their order.
    names : sequence of str, mapping of str to str, or None
        As `name_segments` takes them.
    matched : pandas.DataFrame or None
        What `matched_names` gives; None without an earlier fit.
    noun : str

    Returns
    -------
    Naming
    """
    if matched is None:
        return Naming(name_segments(count, names, noun=noun), None)
    kept = dict(zip(matched.index.to_list(), matched["previous"], strict=True))
    found = name_segments(count, names, kept, noun=noun)
    every = matched.reindex(range(count))
    return Naming(found, every.set_axis(pd.Index(found, name="segment")))


def _sizes(codes: IntArray, count: int, weights: FloatArray) -> FloatArray:
    known = codes >= 0
    sizes = np.bincount(codes[known], weights=weights[known], minlength=count)
    return np.asarray(sizes, dtype=np.float64)
