"""Loss functions: the demand that a stock is expected to miss, n(x) = E[max(D - x, 0)].

Written, as far as the law allows, as (mean - x) P(D > x) plus a multiple of the density at x. Both
parts are found without taking large numbers from each other, so that means of a million keep 11
digits (the densities after C. Loader, Fast and Accurate Computation of Binomial Probabilities,
2000).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincc, erfcx, gammainc, gammaincc, gammaln

from custvalue._numerics.roots import increasing_root
from custvalue._typing import FloatArray

__all__ = [
    "count_loss",
    "count_probability",
    "count_tail",
    "gamma_loss",
    "inverse_gamma_loss",
    "inverse_normal_loss",
    "normal_loss",
]

_NO_DENSITY = 40.0
"""Standard deviations from which on the normal density is 0 in double precision."""
_SERIES_FROM = 15.0
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188)
_NEAR = -0.5


def normal_loss(k: FloatArray) -> FloatArray:
    """Return G(k) = phi(k) - k (1 - Phi(k)), the loss of the standard normal law.

    Parameters
    ----------
    k : ndarray of shape (n_rows,)
        Infinity is allowed.

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> import numpy as np
    >>> normal_loss(np.array([0.0, 1.0, 2.0, 3.0])).round(6)
    array([3.98942e-01, 8.33150e-02, 8.49100e-03, 3.82000e-04])
    """
    size = np.minimum(np.abs(k), _NO_DENSITY)
    density = np.exp(-(size**2) / 2) / np.sqrt(2 * np.pi)
    beyond = density * (1 - size * np.sqrt(np.pi / 2) * erfcx(size / np.sqrt(2)))
    return np.asarray(beyond + np.maximum(-k, 0.0))


def inverse_normal_loss(loss: FloatArray) -> FloatArray:
    """Return the k at which G(k) is the loss; infinity where the loss is 0.

    Parameters
    ----------
    loss : ndarray of shape (n_rows,)
        At least 0.

    Returns
    -------
    ndarray of shape (n_rows,)
        Negative where the loss is above G(0) = 0.3989.

    Examples
    --------
    >>> import numpy as np
    >>> inverse_normal_loss(np.array([0.1, 0.0])).round(6)
    array([0.902346,      inf])
    """

    def rise(above: FloatArray, loss: FloatArray) -> FloatArray:
        return _minus_log(normal_loss(above - loss))

    out = np.full(loss.shape, np.inf)
    some = loss > 0
    if some.any():
        wanted = loss[some]
        # G(k) is at least -k, so k is at least -loss, and the search can start there.
        found = increasing_root(rise, -np.log(wanted), 0.0, np.inf, (wanted,))
        out[some] = found - wanted
    return out


def gamma_loss(x: FloatArray, shape: FloatArray) -> FloatArray:
    """Return the loss of the gamma law of scale 1.

    Parameters
    ----------
    x : ndarray of shape (n_rows,)
        Infinity is allowed.
    shape : ndarray of shape (n_rows,)
        Positive: the mean and the variance.

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    The exponential law has the loss exp(-x).

    >>> import numpy as np
    >>> gamma_loss(np.array([-1.0, 0.0, 1.0]), np.ones(3)).round(6)
    array([2.      , 1.      , 0.367879])
    """
    inside = np.isfinite(x) & (x > 0)
    z = np.where(inside, x, 1.0)
    # z^k e^-z / Gamma(k) is k times what would be a Poisson probability.
    loss = (shape - z) * gammaincc(shape, z) + shape * _poisson_probability(shape, z)
    return np.where(inside, np.maximum(loss, 0.0), np.where(x > 0, 0.0, shape - x))


def inverse_gamma_loss(loss: FloatArray, shape: FloatArray) -> FloatArray:
    """Return the x at which the loss of the gamma law of scale 1 is that; infinity for 0.

    Parameters
    ----------
    loss : ndarray of shape (n_rows,)
        At least 0.
    shape : ndarray of shape (n_rows,)
        Positive.

    Returns
    -------
    ndarray of shape (n_rows,)
        Negative where the loss is above the mean.
    """

    def rise(x: FloatArray, shape: FloatArray) -> FloatArray:
        return _minus_log(gamma_loss(x, shape))

    out = np.where(loss > 0, shape - loss, np.inf)
    inside = (loss > 0) & (loss < shape)
    if inside.any():
        wanted, shape = loss[inside], shape[inside]
        out[inside] = increasing_root(rise, -np.log(wanted), 0.0, np.inf, (shape,))
    return out


def count_probability(j: FloatArray, mean: FloatArray, size: FloatArray) -> FloatArray:
    """Return P(D = j) of the negative binomial law; of the Poisson law where the size is infinite.

    Parameters
    ----------
    j : ndarray of shape (n_rows,)
        Whole numbers, at least 0.
    mean : ndarray of shape (n_rows,)
        Positive.
    size : ndarray of shape (n_rows,)
        Positive or infinite; the variance is mean + mean^2 / size.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    found = np.empty(len(j))
    poisson = np.isinf(size)
    found[poisson] = _poisson_probability(j[poisson], mean[poisson])
    mixed = ~poisson
    found[mixed] = _mixed_probability(j[mixed], mean[mixed], size[mixed])
    return found


def count_tail(j: FloatArray, mean: FloatArray, size: FloatArray) -> FloatArray:
    """Return P(D > j); parameters are those of `count_probability`, but j may be negative.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    tail = np.ones(len(j))
    poisson, some = np.isinf(size) & (j >= 0), np.maximum(j, 0.0) + 1
    tail[poisson] = gammainc(some[poisson], mean[poisson])
    # w = mean / (size + mean) rounds to 1 where the mean is large, 1 - w does not.
    wide = ~poisson & (j >= 0) & (mean > size)
    r, m = size[wide], mean[wide]
    tail[wide] = betaincc(r, some[wide], r / (r + m))
    narrow = ~poisson & (j >= 0) & (mean <= size)
    r, m = size[narrow], mean[narrow]
    tail[narrow] = betainc(some[narrow], r, m / (r + m))
    return tail


def count_loss(x: FloatArray, mean: FloatArray, size: FloatArray) -> FloatArray:
    """Return the loss of the negative binomial law; of the Poisson law where the size is infinite.

    At a whole number j it is (mean - j) P(D > j) + mean (1 + j / size) P(D = j); between two whole
    numbers it is a straight line.

    Parameters
    ----------
    x : ndarray of shape (n_rows,)
        Need not be whole; infinity is allowed.
    mean, size : ndarray of shape (n_rows,)
        As in `count_probability`.

    Returns
    -------
    ndarray of shape (n_rows,)

    Examples
    --------
    >>> import numpy as np
    >>> count_loss(np.array([5.0, 5.5, -1.0]), np.full(3, 7.0), np.full(3, np.inf)).round(6)
    array([2.2926  , 1.942954, 8.      ])
    """
    inside = np.isfinite(x) & (x >= 0)
    stock = np.where(inside, x, 0.0)
    j = np.floor(stock)
    tail = count_tail(j, mean, size)
    at_whole = (mean - j) * tail + mean * (1 + j / size) * count_probability(j, mean, size)
    loss = np.maximum(at_whole - (stock - j) * tail, 0.0)
    return np.where(inside, loss, np.where(x > 0, 0.0, mean - x))


def _poisson_probability(j: FloatArray, mean: FloatArray) -> FloatArray:
    """Return mean^j e^-mean / Gamma(j + 1), also where j is not whole."""
    some = np.where(j > 0, j, 1.0)
    exponent = -_stirling_error(some) - _deviance(some, mean, mean - some)
    return np.where(j > 0, np.exp(exponent) / np.sqrt(2 * np.pi * some), np.exp(-mean))


def _mixed_probability(j: FloatArray, mean: FloatArray, r: FloatArray) -> FloatArray:
    """Return r / n times the binomial probability of r among n = r + j, chance r / (r + mean)."""
    some = np.maximum(j, 1.0)
    n, step = r + some, r * (some - mean) / (r + mean)
    exponent = _stirling_error(n) - _stirling_error(r) - _stirling_error(some)
    exponent -= _deviance(r, n * r / (r + mean), step)
    exponent -= _deviance(some, n * mean / (r + mean), -step)
    positive = np.sqrt(r / (2 * np.pi * n * some)) * np.exp(exponent)
    return np.where(j > 0, positive, np.exp(-r * np.log1p(mean / r)))


def _deviance(x: FloatArray, mean: FloatArray, difference: FloatArray) -> FloatArray:
    """Return x log(x / mean) + mean - x, where difference is mean - x."""
    ratio = difference / x
    near = np.log1p(np.maximum(ratio, _NEAR))
    return np.asarray(difference - x * np.where(ratio > _NEAR, near, np.log(mean / x)))


def _stirling_error(x: FloatArray) -> FloatArray:
    """Return log Gamma(x + 1) less Stirling's x log x - x + log(2 pi x) / 2."""
    far = np.maximum(x, _SERIES_FROM)
    series = sum(term / far ** (2 * i + 1) for i, term in enumerate(_STIRLING))
    close = np.minimum(x, _SERIES_FROM)
    direct = gammaln(close + 1) - (close + 0.5) * np.log(close) + close - np.log(2 * np.pi) / 2
    return np.where(x < _SERIES_FROM, direct, series)


def _minus_log(values: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(values))
