"""Who is in a segment: its size, and how far each feature sets it apart from all other customers.

Columns are arrays by name: numbers as float64, a missing one NaN; anything else as objects, a
missing one None. `codes` holds the position of each customer's segment, -1 for those in none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from custvalue._numerics.multiplicity import holm
from custvalue._typing import AnyArray, FloatArray, IntArray
from custvalue.segmentation._clusters.contrasts import contrast

__all__ = ["feature_profile", "in_words", "size_profile", "typical_rows"]

_WORDS = ("negligible", "small", "medium", "large")
_UNKNOWN = "unknown"
_THREE_DIGITS = 100
_NOTHING_TOLD = "like all customers"


def size_profile(
    codes: IntArray,
    names: Sequence[str],
    value: FloatArray | None = None,
    *,
    unassigned: str = "Unassigned",
) -> pd.DataFrame:
    """Return how many customers each segment has, and what they are worth.

    Parameters
    ----------
    codes : ndarray of int of shape (n_customers,)
    names : sequence of str
        Names of the segments, in the order of their codes.
    value : ndarray of shape (n_customers,), optional
    unassigned : str
        Name of the row of those in no segment, which is the last and only there if there are any.

    Returns
    -------
    pandas.DataFrame
        Index ``segment``. Columns ``customers``, ``share`` (of all customers) and, with a value,
        ``value`` (their sum), ``value_share`` (NaN where the whole is not positive) and
        ``value_per_customer`` (NaN where nobody is).

    Examples
    --------
    >>> import numpy as np
    >>> size_profile(np.array([0, 1, 1, -1]), ["A", "B"], np.array([30.0, 5.0, 5.0, 0.0]))
                customers  share  value  value_share  value_per_customer
    segment
    A                   1   0.25   30.0         0.75                30.0
    B                   2   0.50   10.0         0.25                 5.0
    Unassigned          1   0.25    0.0         0.00                 0.0
    """
    k = len(names)
    place = np.where(codes < 0, k, codes)
    customers = np.bincount(place, minlength=k + 1)
    columns: dict[str, AnyArray] = {"customers": customers, "share": customers / len(codes)}
    if value is not None:
        total = np.bincount(place, weights=value, minlength=k + 1)
        whole = float(value.sum())
        columns["value"] = total
        columns["value_share"] = total / whole if whole > 0 else np.full(k + 1, np.nan)
        columns["value_per_customer"] = np.divide(
            total, customers, out=np.full(k + 1, np.nan), where=customers > 0
        )
    index = pd.Index([*names, unassigned], name="segment")
    table = pd.DataFrame(columns, index=index)
    return table if customers[k] else table.iloc[:k]


def feature_profile(
    columns: Mapping[str, AnyArray],
    codes: IntArray,
    names: Sequence[str],
    clustered: Collection[str] = (),
) -> pd.DataFrame:
    """Return how each feature sets each segment apart from all other customers.

    A number is compared by the rank-biserial correlation 2 P(in > out) + P(in = out) - 1 (Cliff's
    delta), which no increasing transformation changes, with the p-value of the test of Mann and
    Whitney (normal approximation, corrected for ties and continuity). A category is compared by
    Cramer's V of the table of in or out against all levels, with the p-value of its chi-square;
    the level named is the one whose share exceeds that among all customers the most. Others are
    all who are not in the segment, those in none too. Missing values are left out.

    Effects are negligible, small, medium or large with limits .11, .28 and .43 for numbers (Vargha
    and Delaney 2000) and .1, .3 and .5 for categories (Cohen 1988).

    Where segments were made with a feature, they differ in it by construction: its p-value is
    then too small, and tells nothing about whether the segments are real.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (n_customers,)
    codes : ndarray of int of shape (n_customers,)
    names : sequence of str
    clustered : collection of str
        The features that the segments were made with.

    Returns
    -------
    pandas.DataFrame
        Index ``segment``, ``feature``. Columns

        ``level``
            The category, None for a number.
        ``in_segment``, ``in_all``
            Medians of a number, shares of the level among the known.
        ``deviation``
            Their difference; that of medians in robust standard deviations of all customers,
            1.4826 times the median absolute deviation (where this is 0 the standard deviation).
        ``effect``, ``effect_size``
            As above; NaN and "unknown" where nobody is left to compare.
        ``p_value``, ``p_adjusted``
            The latter after Holm (1979) over all rows.
        ``missing``
            Share of the segment's customers whose value is missing.
        ``clustered``
            Whether the segments were made with the feature.

    References
    ----------
    Vargha and Delaney (2000), A critique and improvement of the CL common language effect size
    statistics of McGraw and Wong, J. Educational and Behavioral Statistics 25, 101-132.

    Examples
    --------
    >>> import numpy as np
    >>> columns = {"visits": np.array([9.0, 8.0, 7.0, 1.0, 2.0, np.nan])}
    >>> profile = feature_profile(columns, np.array([0, 0, 0, 1, 1, 1]), ["often", "rarely"])
    >>> profile[["in_segment", "in_all", "effect", "effect_size"]]
                      in_segment  in_all  effect effect_size
    segment feature
    often   visits           8.0     7.0     1.0       large
    rarely  visits           1.5     7.0    -1.0       large
    """
    k = len(names)
    contrasts = [contrast(values, codes, k) for values in columns.values()]
    keys = [(name, feature) for name in names for feature in columns]
    table = pd.DataFrame(
        {
            "level": pd.Series([c.levels[j] for j in range(k) for c in contrasts], dtype=object),
            "in_segment": _by_segment([c.inside for c in contrasts]),
            "in_all": _by_segment([c.overall for c in contrasts]),
            "deviation": _by_segment([c.deviation for c in contrasts]),
            "effect": _by_segment([c.effect for c in contrasts]),
            "effect_size": [_word(c.effect[j], c.thresholds) for j in range(k) for c in contrasts],
            "p_value": _by_segment([c.p_value for c in contrasts]),
            "missing": _by_segment([c.missing for c in contrasts]),
            "clustered": [feature in clustered for _, feature in keys],
        }
    )
    table.insert(
        list(table.columns).index("missing"), "p_adjusted", holm(table["p_value"].to_numpy())
    )
    return table.set_index(pd.MultiIndex.from_tuples(keys, names=["segment", "feature"]))


def in_words(profile: pd.DataFrame, n: int = 3) -> pd.Series:
    """Say of each segment what sets it apart.

    Parameters
    ----------
    profile : pandas.DataFrame
        From `feature_profile`.
    n : int
        Features to name at most: those with the largest effects, none that is negligible.

    Returns
    -------
    pandas.Series
        Named ``description``. Index ``segment``, in the order of the profile. The two figures are
        ``in_segment`` and ``in_all``; they are left out where they read alike.

    Examples
    --------
    >>> import numpy as np
    >>> columns = {"visits": np.array([9.0, 8.0, 7.0, 1.0, 2.0, np.nan])}
    >>> in_words(feature_profile(columns, np.array([0, 0, 0, 1, 1, 1]), ["often", "rarely"]))
    segment
    often        visits high (8 against 7)
    rarely    visits low (1.5 against 7)
    Name: description, dtype: ...
    """
    names = profile.index.get_level_values("segment").unique()
    told = profile[~profile["effect_size"].isin([_WORDS[0], _UNKNOWN])]
    order = told["effect"].abs().sort_values(ascending=False, kind="stable").index
    ranked = told.loc[order]
    found = ranked.index.get_level_values("segment")
    phrases = {
        name: [_phrase(row) for row in ranked[found == name][:n].itertuples()] for name in names
    }
    texts = [", ".join(phrases[name]) or _NOTHING_TOLD for name in names]
    return pd.Series(texts, index=pd.Index(names, name="segment"), name="description")


def typical_rows(distances: FloatArray, codes: IntArray, k: int, n: int) -> IntArray:
    """Return the rows nearest to the centre of their segment, segment by segment.

    Parameters
    ----------
    distances : ndarray of shape (n_customers,)
        Of each customer to the centre of the own segment.
    codes : ndarray of int of shape (n_customers,)
    k : int
        Number of segments.
    n : int
        How many rows a segment; one with fewer customers gives all of them.

    Returns
    -------
    ndarray of int
        Positions, the nearest first, equally near ones in the order of the rows.

    Examples
    --------
    >>> import numpy as np
    >>> typical_rows(np.array([3.0, 1.0, 2.0, 0.0]), np.array([0, 0, 0, 1]), 2, 2)
    array([1, 2, 3])
    """
    order = np.lexsort((distances, codes))
    starts = np.searchsorted(codes[order], np.arange(k + 1))
    taken = [order[a : min(a + n, b)] for a, b in pairwise(starts)]
    return np.concatenate(taken) if taken else np.empty(0, dtype=np.int64)


def _by_segment(rows: Sequence[FloatArray]) -> FloatArray:
    """Return one number a segment and feature, segment by segment."""
    return np.column_stack(rows).ravel()


def _word(effect: float, thresholds: tuple[float, float, float]) -> str:
    if np.isnan(effect):
        return _UNKNOWN
    return _WORDS[int(np.searchsorted(thresholds, abs(effect), side="right"))]


def _phrase(row: Any) -> str:
    """Say how a segment differs in one feature."""
    feature = row.Index[1]
    if isinstance(row.level, str):
        shares = f"{100 * row.in_segment:.0f} % against {100 * row.in_all:.0f} %"
        return f"{feature} {row.level} more often ({shares})"
    inside, overall = _short(row.in_segment), _short(row.in_all)
    word = "high" if row.effect > 0 else "low"
    # Ties can leave the medians equal, or even the other way round, where the ranks differ.
    agree = inside != overall and (row.in_segment > row.in_all) == (row.effect > 0)
    return f"{feature} {word} ({inside} against {overall})" if agree else f"{feature} {word}"


def _short(number: float) -> str:
    """Return a number with three significant digits, whole ones complete."""
    whole = abs(number) >= _THREE_DIGITS
    return f"{number:.0f}" if whole else f"{number:.3g}"
