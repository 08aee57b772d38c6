"""How reliably the sum of some items measures what they have in common: alpha and omega."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.parameters import check_choice, interval, whole_numbers
from custvalue._estimator.randomness import random_generator
from custvalue._numerics.reliability import cronbach_alpha as coefficient_alpha
from custvalue._typing import BoolArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, DataQualityWarning
from custvalue.factors._correlations.build import Answers
from custvalue.factors._correlations.result import Correlations
from custvalue.factors._doubts import convergence_doubts, heywood_doubts
from custvalue.factors._extraction.result import Extraction
from custvalue.factors._input import (
    check_parameter,
    read_answers,
    read_correlations,
)
from custvalue.factors._reliability import (
    Omega,
    SchmidLeiman,
    Sides,
    alpha_interval,
    alpha_without_each,
    average_correlation,
    general_of_factors,
    hierarchical_factors,
    item_total_correlations,
    lambda_six,
    omega,
    pair_scales,
    sides,
)
from custvalue.factors._rotation.result import Rotation
from custvalue.factors._solution import Settings, solve

__all__ = ["CronbachAlpha", "McDonaldOmega", "cronbach_alpha", "mcdonald_omega"]

_METHODS = ("minres", "ml", "principal_axis")
_ROTATIONS = (
    "oblimin",
    "quartimin",
    "promax",
    "geomin_oblique",
    "bentler_oblique",
    "infomax_oblique",
    "simplimax",
)


@dataclass(frozen=True, slots=True, eq=False)
class CronbachAlpha:
    """Coefficient alpha of a set of items, and what each item does to it.

    Parameters
    ----------
    alpha : float
        Of the sum of the items as they are, from their covariances; from their correlations where
        no covariances are known, or these are not Pearson's.
    lower, upper : float
        Limits of the interval of ``alpha``; NaN where the number of respondents is not known.
    standardised : float
        Alpha of the sum of standardised items, from their correlations.
    lambda6 : float
        Guttman's lambda 6 of the standardised items.
    average_correlation : float
        Mean correlation of two different items.
    items : pandas.DataFrame
        Index: the item. ``alpha_if_dropped``, alpha of the other items (NaN where there are two);
        ``item_total_correlation``, the correlation of the item with the sum of the others;
        ``mean`` and ``standard_deviation`` of the ratings as given, NaN where not known.

    See Also
    --------
    cronbach_alpha : Computes it.

    Examples
    --------
    >>> from custvalue.factors import cronbach_alpha
    >>> found = cronbach_alpha(matrix=[[1.0, 0.5], [0.5, 1.0]])
    >>> type(found).__name__, round(found.alpha, 3)
    ('CronbachAlpha', 0.667)
    """

    alpha: float
    lower: float
    upper: float
    standardised: float
    lambda6: float
    average_correlation: float
    items: pd.DataFrame


@dataclass(frozen=True, slots=True, eq=False)
class McDonaldOmega:
    """McDonald's omega of a set of items, and the general factor that it rests on.

    Parameters
    ----------
    total : float
        Share of the variance of the sum of standardised items that is common to items.
    hierarchical : float
        Share that the general factor gives.
    group : pandas.Series
        Index: the group factor. Of the sum of its own items, the share of variance that it gives.
        An item is its own where it has its largest absolute group loading. NaN where it has none.
    explained_common_variance : float
        Share of the general factor in the sum of all squared loadings.
    general_loadings : pandas.Series
        Index: the item. Loading on the general factor.
    schmid_leiman : pandas.DataFrame
        Index: the item. Loadings on uncorrelated factors, ``general`` and ``group_1``, ``group_2``,
        ...; ``h2``, the communality, and ``u2``, the uniqueness.

    See Also
    --------
    mcdonald_omega : Computes it.

    Examples
    --------
    >>> from custvalue.factors import mcdonald_omega
    >>> found = mcdonald_omega(
    ...     matrix=[[1.0, 0.4, 0.4], [0.4, 1.0, 0.4], [0.4, 0.4, 1.0]], n_factors=1
    ... )
    >>> type(found).__name__, round(found.total, 3)
    ('McDonaldOmega', 0.667)
    """

    total: float
    hierarchical: float
    group: pd.Series
    explained_common_variance: float
    general_loadings: pd.Series
    schmid_leiman: pd.DataFrame


def cronbach_alpha(
    X: Any = None,
    *,
    matrix: Any = None,
    n_observations: float | None = None,
    reverse: Sequence[str] = (),
    level: float = 0.95,
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
) -> CronbachAlpha:
    """Return coefficient alpha of the sum of some items.

    With C the covariances of p items, S the sum of all its elements and t its trace [1]_::

        alpha = p / (p - 1) (1 - t / S)

    It is the reliability of the sum if all items measure one thing equally well, and a lower bound
    of it if their errors are not correlated.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Ratings, one column an item. Give either X or ``matrix``.
    matrix : frame or array of shape (n_items, n_items), optional
        Covariances of the items; with correlations, alpha is that of standardised items.
    n_observations : float, optional
        Number of respondents behind ``matrix``; the interval needs it.
    reverse : sequence of str, default=()
        Items that are worded the other way: their sign is turned. None is turned unasked.
    level : float, default=0.95
        Probability of the interval of Feldt [2]_, which holds for normal answers with equal
        covariances: (1 - alpha) / (1 - estimate) has an F distribution with n - 1 and
        (n - 1) (p - 1) degrees of freedom.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        "polychoric" gives the ordinal alpha [3]_, of the normal variables behind the answers.
        Beside "pearson" all figures are of the correlations, and the interval is a guide only.
    missing : {"raise", "listwise", "pairwise"}, default="raise"
        A missing answer is an error; or its row is left out; or correlation and covariance of each
        pair of items are taken from those who answered both, and n is the smallest number of them.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.

    Returns
    -------
    CronbachAlpha
        Figures of all items, and a table of each.

    Raises
    ------
    custvalue.exceptions.DataError
        If there are fewer than two items, an answer is missing or no number, or an item is
        constant.
    ValueError
        If X and ``matrix`` are both given or both left out, ``sample_weight`` comes with
        ``matrix``, ``reverse`` names no item or one twice, ``level`` is not between 0 and 1, or an
        option is unknown.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If items look reversed, being on the smaller side of the first principal component; if
        items have little in common; if the correlations had to be repaired, or rows were left out.

    See Also
    --------
    mcdonald_omega : Reliability where items differ, or measure more than one thing.

    References
    ----------
    .. [1] L. J. Cronbach (1951). Coefficient alpha and the internal structure of tests.
       Psychometrika 16, 297-334.
    .. [2] L. S. Feldt (1965). The approximate sampling distribution of Kuder-Richardson reliability
       coefficient twenty. Psychometrika 30, 357-370.
    .. [3] B. D. Zumbo, A. M. Gadermann and C. Zeisser (2007). Ordinal versions of coefficients
       alpha and theta for Likert rating scales. Journal of Modern Applied Statistical Methods 6,
       21-29.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.factors import cronbach_alpha
    >>> ratings = pd.DataFrame(
    ...     {
    ...         "speed": [5, 4, 2, 4, 1, 3, 5, 2],
    ...         "care": [4, 4, 3, 5, 2, 2, 5, 1],
    ...         "stock": [3, 5, 2, 4, 3, 3, 4, 2],
    ...     }
    ... )
    >>> found = cronbach_alpha(ratings)
    >>> round(found.alpha, 3)
    0.869
    >>> found.items.round(3)
           alpha_if_dropped  item_total_correlation  mean  standard_deviation
    item
    speed             0.789                   0.783  3.25               1.488
    care              0.722                   0.847  3.25               1.488
    stock             0.893                   0.683  3.25               1.035
    """
    check_parameter(level, "level", interval(0, 1))
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=n_observations,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="cronbach_alpha",
    )
    known = given.correlations
    signs = _signs(reverse, given.items)
    turned = known.matrix * np.outer(signs, signs)
    gaps = X is not None and missing == "pairwise"
    answers = read_answers(X, missing=missing, sample_weight=sample_weight) if gaps else None
    covariance = turned * _scales(known, correlation, answers)
    with_others = item_total_correlations(covariance)
    direction = sides(turned, known.n_observations)
    for sentence in _direction_doubts(given.items, direction, with_others < 0):
        warnings.warn(sentence, DataQualityWarning, stacklevel=2)
    value = coefficient_alpha(covariance)
    lower, upper = alpha_interval(value, len(signs), known.n_observations, level)
    return CronbachAlpha(
        alpha=value,
        lower=lower,
        upper=upper,
        standardised=coefficient_alpha(turned),
        lambda6=lambda_six(turned),
        average_correlation=average_correlation(turned),
        items=pd.DataFrame(
            {
                "alpha_if_dropped": alpha_without_each(covariance),
                "item_total_correlation": with_others,
                "mean": known.means,
                "standard_deviation": known.standard_deviations,
            },
            index=pd.Index(given.items, name="item"),
        ),
    )


def mcdonald_omega(
    X: Any = None,
    *,
    matrix: Any = None,
    n_factors: int = 3,
    method: str = "minres",
    rotation: str = "oblimin",
    reverse: Sequence[str] = (),
    correlation: str = "pearson",
    missing: str = "raise",
    sample_weight: Any = None,
    n_starts: int = 10,
    random_state: Any = None,
) -> McDonaldOmega:
    """Return McDonald's omega of the sum of some items.

    Correlated factors are found first, then one general factor of their correlations; by the
    transformation of Schmid & Leiman [1]_ each item loads on the general factor and on
    uncorrelated group factors. With S the sum of all correlations of the items [2]_::

        total        = 1 - sum of uniquenesses / S
        hierarchical = (sum of general loadings)^2 / S

    A large total with a small hierarchical omega says that the items hang together in groups, but
    that their sum is no measure of one thing.

    Parameters
    ----------
    X : pandas, polars or pyarrow frame, or array of shape (n_respondents, n_items), optional
        Ratings, one column an item. Give either X or ``matrix``.
    matrix : frame or array of shape (n_items, n_items), optional
        Correlations or covariances of the items, which are standardised.
    n_factors : int, default=3
        Number of correlated factors. With 1 that factor is the general one and hierarchical is the
        total. With 2 their correlation phi does not determine the general factor: both are given
        the loading ``sqrt(abs(phi))`` on it, the second with the sign of phi.
    method : {"minres", "ml", "principal_axis"}, default="minres"
        How the correlated factors are extracted; the general factor is always by "minres".
    rotation : str, default="oblimin"
        One of the oblique rotations "oblimin", "quartimin", "promax", "geomin_oblique",
        "bentler_oblique", "infomax_oblique" and "simplimax".
    reverse : sequence of str, default=()
        Items that are worded the other way: their sign is turned. None is turned unasked.
    correlation : {"pearson", "spearman", "polychoric"}, default="pearson"
        Kind of correlation that is taken of X.
    missing : {"raise", "listwise", "pairwise"}, default="raise"
        A missing answer is an error; or its row is left out; or each pair of items is taken from
        those who answered both.
    sample_weight : array-like of shape (n_respondents,), optional
        Respondents that each row of X stands for.
    n_starts : int, default=10
        Number of starts of extraction and rotation; all but the first are random.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Seed of the random starts.

    Returns
    -------
    McDonaldOmega
        The omegas, and the loadings that they rest on.

    Raises
    ------
    custvalue.exceptions.DataError
        If there are fewer than two items, an answer is missing or no number, or an item is
        constant.
    ValueError
        If X and ``matrix`` are both given or both left out, ``sample_weight`` comes with
        ``matrix``, ``n_factors`` or ``n_starts`` is no whole number from 1 or too large for the
        items, ``reverse`` names no item or one twice, or an option is unknown.

    Warns
    -----
    custvalue.exceptions.DataQualityWarning
        If an item has a negative general loading, so that it looks reversed; if an item or a factor
        is explained wholly (a Heywood case); if ``n_factors`` is 2; if the correlations had to be
        repaired, or rows were left out.
    custvalue.exceptions.ConvergenceWarning
        If a search did not converge.

    See Also
    --------
    cronbach_alpha : Reliability where all items measure one thing equally well.

    References
    ----------
    .. [1] J. Schmid and J. M. Leiman (1957). The development of hierarchical factor solutions.
       Psychometrika 22, 53-61.
    .. [2] R. E. Zinbarg, W. Revelle, I. Yovel and W. Li (2005). Cronbach's alpha, Revelle's beta,
       and McDonald's omega_h: their relations with each other and two alternative
       conceptualizations of reliability. Psychometrika 70, 123-133.

    Examples
    --------
    Correlations that one factor with loadings 0.8, 0.7, 0.6 and 0.5 gives:

    >>> import pandas as pd
    >>> from custvalue.factors import mcdonald_omega
    >>> items = ["speed", "care", "stock", "price"]
    >>> table = [
    ...     [1.00, 0.56, 0.48, 0.40],
    ...     [0.56, 1.00, 0.42, 0.35],
    ...     [0.48, 0.42, 1.00, 0.30],
    ...     [0.40, 0.35, 0.30, 1.00],
    ... ]
    >>> found = mcdonald_omega(matrix=pd.DataFrame(table, items, items), n_factors=1)
    >>> round(found.total, 3)
    0.749
    >>> found.schmid_leiman.round(2)
           general    h2    u2
    item
    speed      0.8  0.64  0.36
    care       0.7  0.49  0.51
    stock      0.6  0.36  0.64
    price      0.5  0.25  0.75
    """
    check_choice(method, "method", _METHODS)
    check_choice(rotation, "rotation", _ROTATIONS)
    check_parameter(n_factors, "n_factors", whole_numbers(1))
    check_parameter(n_starts, "n_starts", whole_numbers(1))
    given = read_correlations(
        X,
        matrix=matrix,
        n_observations=None,
        correlation=correlation,
        missing=missing,
        sample_weight=sample_weight,
        owner="mcdonald_omega",
    )
    signs = _signs(reverse, given.items)
    turned = given.correlations.matrix * np.outer(signs, signs)
    generator = random_generator(random_state)
    settings = Settings(method=method, rotation=rotation, n_starts=n_starts)
    solution = solve(turned, n_factors, settings, generator)
    second = general_of_factors(solution.factor_correlations, n_starts, generator)
    factors = hierarchical_factors(solution, second)
    quality = [
        *heywood_doubts(solution.extraction.heywood, solution.communalities, given.items),
        *_second_order_doubts(second),
        *_two_factor_doubts(solution.factor_correlations),
        *_reversed_doubts(
            given.items, factors.general < 0, "with a negative loading on the general factor"
        ),
    ]
    for sentence in quality:
        warnings.warn(sentence, DataQualityWarning, stacklevel=2)
    searches: dict[str, Extraction | Rotation | None] = {
        "extraction": solution.extraction,
        "rotation": solution.rotation,
        "extraction of the general factor": second,
    }
    for sentence in convergence_doubts(searches):
        warnings.warn(sentence, ConvergenceWarning, stacklevel=2)
    return _omega_report(given.items, omega(turned, factors), factors)


def _signs(turned: Any, items: list[str]) -> FloatArray:
    """Return -1 for the items to turn, 1 for the others."""
    names = [turned] if isinstance(turned, str) else list(turned)
    unknown = [name for name in names if name not in items]
    if unknown:
        raise ValueError(
            f"reverse must name items ({', '.join(items)}); found {', '.join(map(repr, unknown))}"
        )
    if len(set(names)) < len(names):
        raise ValueError(f"reverse must name each item once; found {names!r}")
    return np.where(np.isin(items, names), -1.0, 1.0)


def _scales(known: Correlations, correlation: str, answers: Answers | None) -> FloatArray:
    """Return what turns correlations into covariances, or 1 where these are not known."""
    deviations = known.standard_deviations
    if correlation != "pearson" or np.isnan(deviations).any():
        return np.ones_like(known.matrix)
    if answers is None:
        return np.outer(deviations, deviations)
    return pair_scales(answers.ratings, answers.weights, known.means, deviations)


def _direction_doubts(items: list[str], direction: Sides, against: BoolArray) -> list[str]:
    """Return a sentence where items do not all point one way."""
    opposed = direction.opposed
    if not (opposed | against).any():
        return []
    if not direction.clear or not opposed.any():
        shown = _named(items, opposed | against)
        return [
            f"items have little in common: {shown} go against the others, and no turning of items "
            f"makes all agree beyond chance"
        ]
    if 2 * opposed.sum() == len(items):
        return [
            f"half of the items point the other way: {_named(items, ~opposed)} against "
            f"{_named(items, opposed)}; name one half in reverse"
        ]
    return _reversed_doubts(items, opposed, "on the smaller side of the first principal component")


def _named(items: list[str], which: BoolArray) -> str:
    names = [repr(item) for item, one in zip(items, which, strict=True) if one]
    return f"{', '.join(names)} ({len(names)} such item(s))"


def _reversed_doubts(items: list[str], turned: BoolArray, why: str) -> list[str]:
    names = [item for item, one in zip(items, turned, strict=True) if one]
    if not names:
        return []
    return [
        f"looks reversed: {_named(items, turned)}, {why}; reverse={names!r} turns what is worded "
        f"the other way"
    ]


def _second_order_doubts(second: Extraction | None) -> list[str]:
    """Return a sentence on group factors that the general one explains wholly."""
    if second is None or not second.heywood.any():
        return []
    groups = np.flatnonzero(second.heywood)
    shown = ", ".join(f"group_{i + 1} ({second.loadings[i, 0]:.3f})" for i in groups)
    return [
        f"Heywood case of the second order: the loading of a factor on the general one should "
        f"stay below 1; the general factor explains {shown} wholly, and leaves its items "
        f"little or nothing of their own. Omega rests on a doubtful general factor"
    ]


def _two_factor_doubts(phi: FloatArray) -> list[str]:
    if len(phi) != 2:
        return []
    return [
        "two factors do not determine a general one: both are given the loading sqrt(|phi|) on it, "
        f"from their correlation phi={phi[0, 1]:.3f}; three or more factors determine it"
    ]


def _omega_report(items: list[str], found: Omega, factors: SchmidLeiman) -> McDonaldOmega:
    index = pd.Index(items, name="item")
    names = [f"group_{i + 1}" for i in range(factors.groups.shape[1])]
    table = pd.DataFrame(factors.groups, index, names)
    table.insert(0, "general", factors.general)
    table["h2"], table["u2"] = factors.communalities, factors.uniquenesses
    return McDonaldOmega(
        total=found.total,
        hierarchical=found.hierarchical,
        group=pd.Series(found.group, pd.Index(names, name="factor"), name="omega"),
        explained_common_variance=found.explained_common_variance,
        general_loadings=pd.Series(factors.general, index, name="general"),
        schmid_leiman=table,
    )
