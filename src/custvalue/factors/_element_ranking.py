"""Tables that a ranking of service elements reports: arrays in, frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from custvalue._catalogue import find_element
from custvalue._numerics.concordance import kendall_w
from custvalue._numerics.rank_sets import RankSets
from custvalue._typing import FloatArray
from custvalue.factors._element_weights import ranks_of

__all__ = [
    "UNKNOWN",
    "agreement",
    "dimensions_of",
    "rank_correlations",
    "ranking_frame",
    "stages_of",
    "weight_frame",
]

UNKNOWN = "unknown"


def ranking_frame(
    weights: FloatArray,
    elements: Sequence[str],
    stages: Sequence[str],
    dimensions: Sequence[str],
    sets: RankSets | None,
) -> pd.DataFrame:
    """Return the ranking, the most important element first; equal ones as they were named.

    Parameters
    ----------
    weights : ndarray of shape (p,)
    elements, stages, dimensions : sequence of str
    sets : RankSets or None
        None leaves the limits of the ranks NaN.

    Returns
    -------
    pandas.DataFrame
        Index ``element``. Columns ``stage``, ``dimension``, ``weight``, ``rank``, ``rank_lower``
        and ``rank_upper``.
    """
    ranks = ranks_of(weights)
    unknown = np.full(len(weights), np.nan)
    columns = {
        "stage": list(stages),
        "dimension": list(dimensions),
        "weight": weights,
        "rank": ranks,
        "rank_lower": unknown if sets is None else sets.lower,
        "rank_upper": unknown if sets is None else sets.upper,
    }
    table = pd.DataFrame(columns, index=pd.Index(elements, name="element"))
    return table.iloc[np.argsort(ranks, kind="stable")]


def stages_of(elements: Sequence[str], stages: Mapping[str, str] | None) -> list[str]:
    """Return the stage of each element: as given, else as the catalogue has it, else unknown."""
    given = {} if stages is None else stages
    found = (find_element(element) for element in elements)
    known = [UNKNOWN if entry is None else str(entry.stage) for entry in found]
    return [given.get(element, stage) for element, stage in zip(elements, known, strict=True)]


def dimensions_of(loadings: pd.DataFrame | None, n_elements: int) -> list[str]:
    """Return the factor on which each element has the largest absolute loading."""
    if loadings is None:
        return [UNKNOWN] * n_elements
    largest = np.abs(loadings.to_numpy()).argmax(axis=1)
    return [str(loadings.columns[k]) for k in largest]


def weight_frame(weights: Mapping[str, FloatArray], elements: Sequence[str]) -> pd.DataFrame:
    """Return the weights by element and method."""
    columns = pd.Index(list(weights), name="method")
    index = pd.Index(elements, name="element")
    return pd.DataFrame(np.column_stack(list(weights.values())), index=index, columns=columns)


def rank_correlations(comparison: pd.DataFrame) -> pd.DataFrame:
    """Return Kendall's tau-b of the rankings of all methods; NaN where all weights are equal."""
    ranks = comparison.apply(lambda column: ranks_of(column.to_numpy()))
    return ranks.corr(method="kendall").rename_axis(columns=None)


def agreement(comparison: pd.DataFrame) -> dict[str, float] | None:
    """Return Kendall's W of the rankings of all methods, or None where there is only one."""
    if comparison.shape[1] < 2:
        return None
    ranks = comparison.apply(lambda column: ranks_of(column.to_numpy()))
    found = asdict(kendall_w(ranks.to_numpy(dtype=np.float64).T))
    return {"methods": comparison.shape[1], **found}
