"""Whether a survey is fit for factor analysis: do its items share enough."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors._adequacy import bartlett_multiplier, sampling_adequacy, sphericity
from custvalue.factors._input import read_correlations

__all__ = ["KMO", "BartlettSphericity", "bartlett_sphericity", "kmo"]


@dataclass(frozen=True, slots=True, eq=False)
class KMO:
    """Kaiser-Meyer-Olkin measure of sampling adequacy.

    Parameters
    ----------
    overall : float
        Of all items, from 0 to 1. Kaiser (1974) calls 0.9 marvellous, 0.8 meritorious, 0.7
        middling, 0.6 mediocre, 0.5 miserable, and less unacceptable. NaN where the items determine
        one another.
    items : pandas.Series
        Of each item; index: the item. NaN for an item that has no correlation with any other.

    See Also
    --------
    kmo : Computes it.

    Examples
    --------
    >>> from custvalue.factors import kmo
    >>> found = kmo(matrix=[[1.0, 0.5, 0.4], [0.5, 1.0, 0.3], [0.4, 0.3, 1.0]])
    >>> type(found).__name__, round(found.overall, 3)
    ('KMO', 0.628)
    """

    overall: float
    items: pd.Series


@dataclass(frozen=True, slots=True)
class BartlettSphericity:
    """Bartlett's test that no items are correlated.

    Parameters
    ----------
    chi_square : float
        The statistic, about chi-square distributed where no items are correlated. NaN, as the
        p value is, where items determine one another.
    degrees_of_freedom : int
        Number of pairs of items.
    p_value : float
        0 where it is too small for a number.
    log_p_value : float
        Its natural logarithm, which stays finite.

    See Also
    --------
    bartlett_sphericity : Computes it.

    Examples
    --------
    >>> from custvalue.factors import bartlett_sphericity
    >>> found = bartlett_sphericity(matrix=[[1.0, 0.3], [0.3, 1.0]], n_observations=80)
    >>> type(found).__name__, found.degrees_of_freedom, round(found.p_value, 3)
    ('BartlettSphericity', 1, 0.007)
    """

    chi_square: float
    degrees_of_freedom: int
    p_value: float
    log_p_value: float


def kmo(
    X: Any = None,
    *,
    matrix: Any = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
) -> KMO:
    """Return the Kaiser-Meyer-Olkin measure of sampling adequacy.

    It compares correlations with what is left of them when all other items are held fast [1]_::

        sum r_ij^2 / (sum r_ij^2 + sum q_ij^2)      over i != j

    r correlations, q partial correlations given all other items. Near 1 the items share common
    factors; near 0.5 they are related in pairs at most.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Ratings, one column an item. Give either X or ``matrix``.
    matrix : frame or array of shape (n_items, n_items), optional
        Correlations or covariances of the items.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        Kind of correlation that is taken of X.
    missing : {"raise", "listwise", "pairwise"}, default="raise"
        A missing answer is an error; or its row is left out; or each pair of items is taken from
        those who answered both.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.

    Returns
    -------
    KMO
        Its ``overall``, a number, and ``items``, a series.

    Raises
    ------
    custvalue.exceptions.DataError
        If there are fewer than two items, an answer is missing or no number, or an item is
        constant.
    ValueError
        If X and ``matrix`` are both given or both left out, ``sample_weight`` comes with
        ``matrix``, or an option is unknown.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If the correlations are not positive definite, so that there is no measure; or rows were
        left out.

    See Also
    --------
    bartlett_sphericity : Tests whether there is any correlation at all.

    Notes
    -----
    No number of respondents enters. Where items have no correlation at all the measure is 0 / 0,
    and NaN. It is NaN as well where correlations are not positive definite, because an item is the
    sum of others or respondents are too few: there are no partial correlations then.

    References
    ----------
    .. [1] H. F. Kaiser and J. Rice (1974). Little Jiffy, Mark IV. Educational and Psychological
       Measurement 34, 111-117.

    Examples
    --------
    Correlations that one factor with loadings 0.8, 0.7, 0.6 and 0.5 gives:

    >>> import pandas as pd
    >>> from custvalue.factors import kmo
    >>> items = ["speed", "care", "stock", "price"]
    >>> table = [
    ...     [1.00, 0.56, 0.48, 0.40],
    ...     [0.56, 1.00, 0.42, 0.35],
    ...     [0.48, 0.42, 1.00, 0.30],
    ...     [0.40, 0.35, 0.30, 1.00],
    ... ]
    >>> found = kmo(matrix=pd.DataFrame(table, items, items))
    >>> round(found.overall, 3)
    0.75
    >>> found.items.round(3)
    item
    speed    0.703
    care     0.736
    stock    0.789
    price    0.825
    Name: kmo, dtype: float64
    """
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=None,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="kmo",
    )
    found = sampling_adequacy(given.correlations)
    if given.correlations.singular:
        warnings.warn(
            "kmo is NaN: it needs the inverse of the correlations, and that of repaired ones tells "
            "of the repair",
            DataQualityWarning,
            stacklevel=2,
        )
    index = pd.Index(given.items, name="item")
    return KMO(overall=found.overall, items=pd.Series(found.items, index, name="kmo"))


def bartlett_sphericity(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
) -> BartlettSphericity:
    """Test whether any items are correlated.

    The statistic of Bartlett [1]_ is ::

        -(n - 1 - (2 p + 5) / 6) log |R|

    for n respondents, p items and their correlations R. If the answers are normal and no items are
    correlated, it has about a chi-square distribution with p (p - 1) / 2 degrees of freedom.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Ratings, one column an item. Give either X or ``matrix``.
    matrix : frame or array of shape (n_items, n_items), optional
        Correlations or covariances of the items.
    n_observations : float, optional
        Number of respondents behind ``matrix``.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        Kind of correlation that is taken of X; the test is made for "pearson".
    missing : {"raise", "listwise", "pairwise"}, default="raise"
        A missing answer is an error; or its row is left out; or each pair of items is taken from
        those who answered both, and n is the smallest number of them.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.

    Returns
    -------
    BartlettSphericity
        Statistic, degrees of freedom, p value and its logarithm.

    Raises
    ------
    custvalue.exceptions.DataError
        If there are fewer than two items, respondents are too few for the statistic, an answer is
        missing or no number, or an item is constant.
    ValueError
        If X and ``matrix`` are both given or both left out, ``matrix`` is given without
        ``n_observations`` or with ``sample_weight``, or an option is unknown.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If the correlations are not positive definite, so that there is no statistic; or rows were
        left out.

    See Also
    --------
    kmo : Measures whether what the items share can come from common factors.

    Notes
    -----
    The determinant is taken by its logarithm, so that many strongly correlated items do not make
    the statistic infinite. Correlations that are not positive definite have no such logarithm: the
    statistic and the p value are NaN.

    References
    ----------
    .. [1] M. S. Bartlett (1951). The effect of standardization on a chi-square approximation in
       factor analysis. Biometrika 38, 337-344.

    Examples
    --------
    >>> from custvalue.factors import bartlett_sphericity
    >>> table = [[1.0, 0.3, 0.1], [0.3, 1.0, 0.2], [0.1, 0.2, 1.0]]
    >>> found = bartlett_sphericity(matrix=table, n_observations=80)
    >>> found.degrees_of_freedom
    3
    >>> round(found.chi_square, 3), round(found.p_value, 4)
    (10.569, 0.0143)
    """
    if matrix is not None and n_observations is None:
        raise ValueError("n_observations must be given with matrix; found None")
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=n_observations,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="bartlett_sphericity",
    )
    known, p = given.correlations, len(given.items)
    if np.isnan(bartlett_multiplier(known.n_observations, p)):
        raise DataError(
            f"bartlett_sphericity needs more than {1 + (2 * p + 5) / 6:.1f} respondents for {p} "
            f"items; found {known.n_observations:g}"
        )
    if known.singular:
        warnings.warn(
            "Bartlett's test is NaN: it needs the determinant of the correlations, and that of "
            "repaired ones tells of the repair",
            DataQualityWarning,
            stacklevel=2,
        )
    found = sphericity(known)
    return BartlettSphericity(
        chi_square=found.chi_square,
        degrees_of_freedom=found.degrees_of_freedom,
        p_value=found.p_value,
        log_p_value=found.log_p_value,
    )
