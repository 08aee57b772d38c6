"""Gaps between what is expected and what is perceived, with intervals, from respondents.

E expectations and P perceptions of m items by n respondents, NaN where there is no answer; g their
difference; counts how many respondents gave each row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student_t

from custvalue._numerics.reliability import cronbach_alpha
from custvalue._typing import BoolArray, FloatArray, IntArray
from custvalue.service._survey_checks import fewer_than_two

__all__ = [
    "Means",
    "PairedAnswers",
    "dimension_means",
    "known_average",
    "mean_of_means",
    "means",
    "paired",
    "pooled_mean",
    "reliability",
    "shares_at_top",
    "varies",
]


@dataclass(frozen=True, slots=True)
class PairedAnswers:
    """Answers of those who answered both questions of an item; all others are NaN.

    Attributes
    ----------
    expectation, perception : ndarray of shape (n, m)
        Expectation is NaN throughout where it was not asked.
    score : ndarray of shape (n, m)
        The gap; the perception where expectation was not asked.
    half_answered : ndarray of bool of shape (n, m)
        One of the two answers is missing.
    """

    expectation: FloatArray
    perception: FloatArray
    score: FloatArray
    half_answered: BoolArray


@dataclass(frozen=True, slots=True)
class Means:
    """Means of k columns over respondents; each array has shape (k,).

    Attributes
    ----------
    mean : NaN where nobody answered
    lower, upper : ends of the t interval
    n : respondents who answered
    t : mean / standard error
    p_value : two-sided, of a mean of 0

    All but mean and n are NaN for fewer than two respondents, and where their answers do not vary.
    """

    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    n: FloatArray
    t: FloatArray
    p_value: FloatArray


def paired(expectation: FloatArray | None, perception: FloatArray, *, sign: float) -> PairedAnswers:
    """Return the gaps sign (P - E) of those who answered both; P where E is None.

    Parameters
    ----------
    expectation : ndarray of shape (n, m) or None
    perception : ndarray of shape (n, m)
    sign : float
        1, or -1 for E - P.

    Returns
    -------
    PairedAnswers
    """
    if expectation is None:
        nothing = np.full(perception.shape, np.nan)
        return PairedAnswers(nothing, perception, perception, np.zeros(perception.shape, bool))
    score = sign * (perception - expectation)
    unknown = np.isnan(score)
    half = np.isnan(expectation) ^ np.isnan(perception)
    E, P = (np.where(unknown, np.nan, values) for values in (expectation, perception))
    return PairedAnswers(E, P, score, half)


def means(values: FloatArray, counts: FloatArray, level: float) -> Means:
    """Return the mean of each column over those who answered, with its t interval.

    Parameters
    ----------
    values : ndarray of shape (n, k)
    counts : ndarray of shape (n,)
        Positive.
    level : float
        Probability of the interval.

    Returns
    -------
    Means
    """
    known = ~np.isnan(values)
    n = counts @ known
    sums = counts @ np.where(known, values, 0.0)
    mean = _divided(sums, n)
    squares = counts @ np.where(known, values - mean, 0.0) ** 2
    error = np.sqrt(_divided(_divided(squares, n - 1), n))
    return _tested(mean, np.where(varies(values), error, np.nan), n, level)


def mean_of_means(
    values: FloatArray, counts: FloatArray, weights: FloatArray, level: float
) -> Means:
    """Return sum_k w_k mean_k, each mean over those who answered, with a t interval.

    The standard error sums what each respondent adds to the means, z = sum_k w_k (x_k - mean_k) /
    n_k over the answered k: sum z^2 n / (n - 1), with n the smallest n_k. With all answers there
    it is that of the respondents' own weighted means.

    Parameters
    ----------
    values : ndarray of shape (n, k)
    counts : ndarray of shape (n,)
    weights : ndarray of shape (k,)
        Their sum is 1.
    level : float

    Returns
    -------
    Means
        Arrays of shape (1,).
    """
    known = ~np.isnan(values)
    n_each = counts @ known
    mean_each = _divided(counts @ np.where(known, values, 0.0), n_each)
    used = weights > 0
    n = n_each[used].min()
    z = _weighted_sum(np.where(known, values - mean_each, 0.0), _divided(weights, n_each))
    own, _ = known_average(values, weights)
    error = np.sqrt(counts @ z**2 * _divided(n, n - 1))
    error = np.where(varies(own[:, None]), error, np.nan)
    mean = np.array([float(weights[used] @ mean_each[used])])
    return _tested(mean, error, np.array([n]), level)


def known_average(values: FloatArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return sum_k w_k x_k / sum_k w_k over the columns that each respondent answered.

    Parameters
    ----------
    values : ndarray of shape (n, k)
    weights : ndarray of shape (k,)
        Not negative.

    Returns
    -------
    average, coverage : ndarray of shape (n,)
        Coverage is the share of the weight that was answered; the average is NaN where that is 0.

    Examples
    --------
    >>> import numpy as np
    >>> known_average(np.array([[4.0, 2.0], [np.nan, 3.0]]), np.array([0.75, 0.25]))
    (array([3.5, 3. ]), array([1.  , 0.25]))
    """
    known = ~np.isnan(values)
    answered = _weighted_sum(known.astype(np.float64), weights)
    total = _weighted_sum(np.where(known, values, 0.0), weights)
    return _divided(total, answered), answered / _weighted_sum(np.ones((1, len(weights))), weights)


def dimension_means(values: FloatArray, codes: IntArray, n_dimensions: int) -> FloatArray:
    """Return each respondent's mean over the items of each dimension that were answered.

    Parameters
    ----------
    values : ndarray of shape (n, m)
    codes : ndarray of int of shape (m,)
        The dimension of each item.
    n_dimensions : int

    Returns
    -------
    ndarray of shape (n, n_dimensions)
        NaN where no item of a dimension was answered.
    """
    columns = [values[:, codes == d] for d in range(n_dimensions)]
    return np.column_stack([known_average(one, np.ones(one.shape[1]))[0] for one in columns])


def pooled_mean(values: FloatArray, counts: FloatArray) -> float:
    """Return the mean of all answers in one pot, whatever their item."""
    known = ~np.isnan(values)
    sums, n = counts @ np.where(known, values, 0.0), counts @ known
    return float(_divided(sums.sum(), n.sum()))


def reliability(values: FloatArray, counts: FloatArray) -> float:
    """Return Cronbach's alpha of some items, from those who answered all of them.

    Parameters
    ----------
    values : ndarray of shape (n, q)
    counts : ndarray of shape (n,)

    Returns
    -------
    float
        NaN for one item, for fewer than two respondents, and where nothing varies.
    """
    whole = ~np.isnan(values).any(axis=1)
    rows, w = values[whole], counts[whole]
    n = float(w.sum())
    if fewer_than_two(n) or not varies(rows).any():
        return float("nan")
    centred = rows - w @ rows / n
    return cronbach_alpha((centred * w[:, None]).T @ centred / (n - 1))


def shares_at_top(values: FloatArray, counts: FloatArray, top: float) -> FloatArray:
    """Return the share of those who answered each column that gave the top of the scale.

    Parameters
    ----------
    values : ndarray of shape (n, k)
    counts : ndarray of shape (n,)
    top : float

    Returns
    -------
    ndarray of shape (k,)
        NaN where nobody answered.
    """
    return _divided(counts @ (values >= top), counts @ ~np.isnan(values))


def varies(values: FloatArray) -> BoolArray:
    """Return whether the answers of each column differ by more than rounding.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        At least one row.

    Returns
    -------
    ndarray of bool of shape (k,)
        False where nobody answered.
    """
    low, high = np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0)
    found: BoolArray = high - low > 1e-12 * np.maximum(np.abs(low), np.abs(high))
    return found


def _tested(mean: FloatArray, error: FloatArray, n: FloatArray, level: float) -> Means:
    degrees = np.where(fewer_than_two(n), np.nan, n - 1)
    error = np.where(error > 0, error, np.nan)
    half = student_t.ppf((1 + level) / 2, degrees) * error
    t = _divided(mean, error)
    p_value = np.asarray(2 * student_t.sf(np.abs(t), degrees))
    return Means(mean, mean - half, mean + half, n, t, p_value)


def _weighted_sum(values: FloatArray, weights: FloatArray) -> FloatArray:
    # Column by column, so that no sum depends on how many rows there are.
    total = np.zeros(len(values))
    for column, weight in zip(values.T, weights, strict=True):
        total += weight * column
    return total


def _divided(above: FloatArray | float, below: FloatArray | float) -> FloatArray:
    """Return a quotient; NaN where the divisor is not above 0."""
    over, under = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    quotient: FloatArray = np.full(over.shape, np.nan)
    np.divide(over, under, out=quotient, where=under > 0)
    return quotient
