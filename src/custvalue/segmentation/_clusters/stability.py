"""How stable each segment is: the clusterwise bootstrap of Hennig (2007), as R's clusterboot.

In each bootstrap as many rows as there are are drawn with replacement, the distinct ones are kept
and grouped again. A segment is as stable as it is similar (Jaccard: rows in both over rows in
either) to the most similar new group, where both are restricted to the rows drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from custvalue._estimator.progress import tracked
from custvalue._estimator.randomness import new_seed
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._clusters.criteria import Clusterer
from custvalue.segmentation._names import jaccard_table

__all__ = ["bootstrap_similarities", "cluster_stability", "instability_warning"]

_DISSOLVED = 0.5
_RECOVERED = 0.75
_TRUSTED = 0.6
_HIGHLY_STABLE = 0.85
_DO_NOT = "do not name this segment"
_ADVICE = {
    "dissolved": _DO_NOT,
    "not trustworthy": _DO_NOT,
    "doubtful": "name it with care",
    "valid": "name it",
    "highly stable": "name it",
    "not known": "name it with care",
}


def cluster_stability(
    Z: FloatArray,
    codes: IntArray,
    k: int,
    cluster: Clusterer,
    *,
    n_bootstrap: int,
    generator: np.random.Generator,
    sample: int = 20_000,
    progress: bool = False,
) -> pd.DataFrame:
    """Return how well each segment comes back when the rows are drawn again.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
        In an order that does not depend on the order of the customers.
    codes : ndarray of int of shape (n_rows,)
        Segment of each row, from 0 to k - 1; negative is none.
    k : int
    cluster : callable
        Takes rows, a number of groups and a seed, gives the codes of the rows.
    n_bootstrap : int
    generator : numpy.random.Generator
    sample : int
        Of a longer table so many rows are drawn first, without replacement.
    progress : bool

    Returns
    -------
    pandas.DataFrame
        Index ``position``, the segments. Columns ``jaccard`` (mean over the bootstraps), ``lower``
        and ``upper`` (5 and 95 % of them), ``dissolved`` and ``recovered`` (share of them at .5 or
        less, at .75 or more), ``band`` and ``advice``. Bands of the mean: dissolved (to .5), not
        trustworthy (to .6), doubtful (below .75), valid (below .85), highly stable; not known for
        a segment without any row drawn, where the numbers are NaN.
    """
    if len(Z) > sample:
        rows = np.sort(generator.choice(len(Z), size=sample, replace=False))
        Z, codes = Z[rows], codes[rows]
    similarities = bootstrap_similarities(
        Z, codes, k, cluster, n_bootstrap=n_bootstrap, generator=generator, progress=progress
    )
    table = pd.DataFrame(
        [_summary(column[np.isfinite(column)]) for column in similarities.T],
        columns=["jaccard", "lower", "upper", "dissolved", "recovered"],
        index=pd.RangeIndex(k, name="position"),
    )
    bands = [_band(mean) for mean in table["jaccard"]]
    return table.assign(band=bands, advice=[_ADVICE[band] for band in bands])


def bootstrap_similarities(
    Z: FloatArray,
    codes: IntArray,
    k: int,
    cluster: Clusterer,
    *,
    n_bootstrap: int,
    generator: np.random.Generator,
    progress: bool = False,
) -> FloatArray:
    """Return the Jaccard similarity of each segment with its best match in each bootstrap.

    Parameters
    ----------
    Z : ndarray of shape (n_rows, n_features)
    codes : ndarray of int of shape (n_rows,)
    k : int
    cluster : callable
    n_bootstrap : int
    generator : numpy.random.Generator
    progress : bool

    Returns
    -------
    ndarray of shape (n_bootstrap, k)
        NaN where no row of the segment was drawn, or fewer distinct rows than k.
    """
    similarities = np.full((n_bootstrap, k), np.nan)
    # Threads cost such small fits more time than they save.
    with threadpool_limits(1):
        for row in tracked(range(n_bootstrap), "Stability", progress=progress):
            drawn = np.unique(generator.integers(len(Z), size=len(Z)))
            seed = new_seed(generator)
            if len(drawn) >= k:
                again = cluster(Z[drawn], k, seed)
                similarities[row] = _best_matches(codes[drawn], again, k)
    return similarities


def instability_warning(table: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Return the sentence that warns of segments not to be named, or None where all are sound.

    Parameters
    ----------
    table : pandas.DataFrame
        What `cluster_stability` returned, under any index.
    names : sequence of str
        Of the segments in the order of the table; more than there are rows do no harm.

    Returns
    -------
    str or None

    Examples
    --------
    >>> import pandas as pd
    >>> advice = ["name it", "do not name this segment"]
    >>> table = pd.DataFrame({"jaccard": [0.9, 0.55], "advice": advice})
    >>> instability_warning(table, ["Best", "Rest"])
    "do not name segment 'Rest': drawn again, it overlaps its best match by 0.55 on average
    (Jaccard similarity; above 0.6 is needed)"
    """
    said = [
        f"do not name segment {name!r}: drawn again, it overlaps its best match by {mean:.2f} on "
        "average"
        for name, mean, advice in zip(names, table["jaccard"], table["advice"], strict=False)
        if advice == _DO_NOT
    ]
    note = f" (Jaccard similarity; above {_TRUSTED} is needed)"
    return "; ".join(said) + note if said else None


def _best_matches(codes: IntArray, again: IntArray, k: int) -> FloatArray:
    found = max(k, int(again.max()) + 1)
    best: FloatArray = jaccard_table(codes, again, (k, found)).max(axis=1)
    present = np.bincount(codes[codes >= 0], minlength=k) > 0
    return np.where(present, best, np.nan)


def _summary(values: FloatArray) -> tuple[float, ...]:
    if len(values) == 0:
        return (np.nan,) * 5
    lower, upper = np.quantile(values, [0.05, 0.95])
    shares = np.mean(values <= _DISSOLVED), np.mean(values >= _RECOVERED)
    return (float(values.mean()), float(lower), float(upper), *map(float, shares))


def _band(mean: float) -> str:
    if np.isnan(mean):
        return "not known"
    if mean <= _TRUSTED:
        return "dissolved" if mean <= _DISSOLVED else "not trustworthy"
    if mean < _RECOVERED:
        return "doubtful"
    return "valid" if mean < _HIGHLY_STABLE else "highly stable"
