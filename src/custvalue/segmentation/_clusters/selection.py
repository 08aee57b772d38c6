"""How many segments: the criteria of every number tried, and the number to take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import new_seeds
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.criteria import (
    Clusterer,
    calinski_harabasz,
    davies_bouldin,
    group_sizes,
)
from custvalue.segmentation._clusters.gap import gap_statistic
from custvalue.segmentation._clusters.prediction_strength import prediction_strength
from custvalue.segmentation._clusters.silhouettes import mean_silhouettes
from custvalue.segmentation._clusters.votes import verdict

__all__ = ["Selection", "select_number"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The number of segments that the criteria recommend.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``n_clusters``. Columns ``silhouette``, ``calinski_harabasz``, ``davies_bouldin``,
        ``gap``, ``gap_standard_error``, ``prediction_strength``, ``bic`` where one was given,
        ``smallest_segment`` (share of the rows; 0 where fewer segments were found than asked for)
        and ``recommended`` (bool).
    recommended : int
    reason : str
        Plain sentences: who names this number, who names another.
    n_rows : int
        Rows that the criteria were computed on; 0 where there are none.
    """

    table: pd.DataFrame
    recommended: int
    reason: str
    n_rows: int = 0


def select_number(
    Z: FloatArray,
    cluster: Clusterer,
    ks: Sequence[int],
    *,
    generator: np.random.Generator,
    bic: Callable[[FloatArray, int, int], float] | None = None,
    sample: int = 5000,
    n_references: int = 15,
    n_splits: int = 10,
    smallest: float | None = None,
    progress: bool = False,
) -> Selection:
    """Compute the criteria of each number of segments and recommend one.

    Each criterion names a number: the silhouette and Calinski-Harabasz their largest value,
    Davies-Bouldin and BIC their smallest, the gap statistic the smallest k with
    Gap(k) >= Gap(k + 1) - s_{k+1}, prediction strength the largest k at .8 or more. For mixtures
    BIC decides. Otherwise it is one segment where the gap statistic names 1 (unless prediction
    strength names more and, at that number, the silhouette is above .7 or the gap above that of 1
    by more than three standard errors), or where prediction strength names 1 and no silhouette is
    above .25. Else it is the number that most criteria name, of those above 1, and the fewest
    segments in a tie.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
        In an order that does not depend on the order of the customers.
    cluster : callable
        Takes rows, a number of groups and a seed, gives the codes of the rows: 0 to k - 1, or
        negative for no group. It is asked for at most as many groups as rows.
    ks : sequence of int
        Numbers to try, rising. Where 1 is not among them, one segment is never recommended.
    generator : numpy.random.Generator
    bic : callable, optional
        Takes rows, a number of groups and a seed, gives BIC: smaller is better.
    sample : int
        All criteria are computed on this many rows, drawn without replacement, of a longer table.
        The time of the silhouette grows with its square.
    n_references : int
        Reference tables of the gap statistic.
    n_splits : int
        Splits in halves of prediction strength.
    smallest : float, optional
        Share of the rows. A number with a smaller segment is out, as is one where fewer segments
        are found than asked for.
    progress : bool

    Returns
    -------
    Selection
    """
    if len(Z) > sample:
        Z = Z[np.sort(generator.choice(len(Z), size=sample, replace=False))]
    seeds = new_seeds(generator, len(ks))
    # Threads cost such small fits more time than they save.
    with threadpool_limits(1):
        groupings = [
            _grouping(Z, cluster, k, seed)
            for k, seed in tracked([*zip(ks, seeds, strict=True)], "Segments", progress=progress)
        ]
        table = _separation(Z, groupings, ks)
        tried = [k for k in ks if k <= len(Z)]
        gap = gap_statistic(
            Z,
            cluster,
            groupings[: len(tried)],
            tried,
            generator=generator,
            n_references=n_references,
            progress=progress,
        )
        table.loc[tried, ["gap", "gap_standard_error"]] = np.column_stack(
            [gap.gap, gap.standard_error]
        )
        table["prediction_strength"] = prediction_strength(
            Z, cluster, ks, generator=generator, n_splits=n_splits, progress=progress
        )
        if bic is not None:
            table.loc[tried, "bic"] = [bic(Z, k, s) for k, s in zip(tried, seeds, strict=False)]
    return _recommended(table, groupings, smallest, len(Z))


def _grouping(Z: FloatArray, cluster: Clusterer, k: int, seed: int) -> IntArray:
    if k > len(Z):
        return np.full(len(Z), -1, dtype=np.int64)
    return cluster(Z, k, seed)


def _separation(Z: FloatArray, groupings: Sequence[IntArray], ks: Sequence[int]) -> pd.DataFrame:
    """Return the criteria of the groupings alone; NaN where there are fewer groups than asked."""
    complete = [len(group_sizes(codes)) == k for codes, k in zip(groupings, ks, strict=True)]
    table = pd.DataFrame(
        {
            "silhouette": mean_silhouettes(Z, groupings),
            "calinski_harabasz": [calinski_harabasz(Z, codes) for codes in groupings],
            "davies_bouldin": [davies_bouldin(Z, codes) for codes in groupings],
        },
        index=pd.Index(ks, name="n_clusters"),
    )
    table.loc[np.logical_not(complete)] = np.nan
    return table


def _recommended(
    table: pd.DataFrame, groupings: Sequence[IntArray], smallest: float | None, n_rows: int
) -> Selection:
    shares = np.array(
        [
            sizes.min() / n_rows if len(sizes) == k else 0.0
            for sizes, k in zip(map(group_sizes, groupings), table.index, strict=True)
        ]
    )
    found = verdict(table, (shares > 0) & (shares >= (smallest or 0.0)))
    table = table.assign(smallest_segment=shares, recommended=table.index == found.recommended)
    return Selection(table, found.recommended, found.reason, n_rows)
