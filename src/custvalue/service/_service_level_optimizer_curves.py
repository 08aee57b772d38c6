"""Curves of revenue and cost over the service level s, and their fit to observations.

power a s^b, quadratic a + b s + c s^2, logistic a / (1 + exp(-b (s - c))), all fitted by least
squares. The covariance of both curves together is the sandwich with leverage-corrected residuals
(HC3), so that neither equal variance nor independence of revenue and cost is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

from custvalue._typing import FloatArray

__all__ = ["COEFFICIENTS", "Curve", "fit_curve", "joint_covariance"]

COEFFICIENTS = {"power": ("a", "b"), "quadratic": ("a", "b", "c"), "logistic": ("a", "b", "c")}

_SMALLEST = 1e-12
"""Level at which slopes are taken instead of at 0, where they may be infinite."""
_STEP = 1e-6
_HIGHEST_POWER = 60.0
_MOST_STEPS = 60
_START_ROWS = 2000
_STEEPNESS = (0.5, 80.0)
"""Logistic curves over the range of the data: from nearly straight to nearly a step."""


@dataclass(frozen=True, slots=True)
class Curve:
    """Money over the service level: ``factor * f(level - shift) + fixed``.

    Parameters
    ----------
    shape : {"power", "quadratic", "logistic", "function"}
    theta : ndarray of shape (k,)
        Coefficients; none of a function.
    function : callable or None
        Levels in, money out; only for the shape of that name.
    factor, shift, fixed : float
        What a scenario changes. A level below 0 after the shift counts as 0.

    Examples
    --------
    >>> import numpy as np
    >>> curve = Curve("power", np.array([0.5, 0.5]))
    >>> curve.value(np.array([36.0])), curve.slope(np.array([36.0])).round(4)
    (array([3.]), array([0.0417]))
    """

    shape: str
    theta: FloatArray
    function: Callable[[FloatArray], FloatArray] | None = None
    factor: float = 1.0
    shift: float = 0.0
    fixed: float = 0.0

    def value(self, s: FloatArray) -> FloatArray:
        """Return the money at levels of shape (m,)."""
        return self.factor * self._raw(self._moved(s)) + self.fixed

    def slope(self, s: FloatArray) -> FloatArray:
        """Return the first derivative in the level."""
        moved = self._moved(s)
        if self.function is not None:
            step = _STEP * np.maximum(np.abs(moved), _STEP)
            low = np.maximum(moved - step, 0.0)
            difference = self._raw(moved + step) - self._raw(low)
            return self.factor * difference / (moved + step - low)
        return np.asarray(self.factor * _SLOPES[self.shape](moved, self.theta))

    def curvature(self, s: FloatArray) -> FloatArray:
        """Return the second derivative in the level."""
        step = _STEP * np.maximum(np.abs(s), 1e-3) * (100.0 if self.function is not None else 1.0)
        return np.asarray((self.slope(s + step) - self.slope(s - step)) / (2 * step))

    def gradient(self, s: FloatArray) -> FloatArray:
        """Return the derivatives of the value in the coefficients, of shape (m, k)."""
        if self.function is not None:
            return np.zeros((len(s), 0))
        return self.factor * _GRADIENTS[self.shape](self._moved(s), self.theta)

    def slope_gradient(self, s: FloatArray) -> FloatArray:
        """Return the derivatives of the slope in the coefficients, of shape (m, k)."""
        if self.function is not None:
            return np.zeros((len(s), 0))
        return self.factor * _SLOPE_GRADIENTS[self.shape](self._moved(s), self.theta)

    def changed(self, *, factor: float = 1.0, shift: float = 0.0, fixed: float = 0.0) -> Curve:
        """Return the curve times a factor, moved to the right, and with a fixed sum added."""
        return replace(
            self, factor=self.factor * factor, shift=self.shift + shift, fixed=self.fixed + fixed
        )

    def _moved(self, s: FloatArray) -> FloatArray:
        return np.maximum(s - self.shift, 0.0)

    def _raw(self, s: FloatArray) -> FloatArray:
        if self.function is None:
            return _VALUES[self.shape](s, self.theta)
        return np.broadcast_to(np.asarray(self.function(s), dtype=np.float64), s.shape)


def fit_curve(shape: str, s: FloatArray, y: FloatArray) -> Curve:
    """Fit a curve by least squares.

    Parameters
    ----------
    shape : {"power", "quadratic", "logistic"}
    s, y : ndarray of shape (n,)
        Levels, of at least as many different values as the shape has coefficients, and money.

    Returns
    -------
    Curve
        The power is at least 0: 0 where money does not rise with the level.

    Examples
    --------
    >>> import numpy as np
    >>> s = np.array([10.0, 40.0, 70.0, 95.0])
    >>> fit_curve("power", s, 0.00055 * s**2).theta.round(8)
    array([5.5e-04, 2.0e+00])
    """
    if shape == "quadratic":
        unit = float(np.abs(s).max())
        design = np.column_stack([np.ones_like(s), s / unit, (s / unit) ** 2])
        theta = np.linalg.lstsq(design, y)[0] / np.array([1.0, unit, unit**2])
    elif shape == "power":
        theta = _polished(shape, s, y, _power_start(s, y))
    else:
        theta = _polished(shape, s, y, _logistic_start(s, y))
    return Curve(shape, theta)


def joint_covariance(
    s: FloatArray, curves: tuple[Curve, Curve], values: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """Return the covariance of the coefficients of two curves that were fitted to the same rows.

    Parameters
    ----------
    s : ndarray of shape (n,)
    curves : tuple of two Curve
    values : tuple of two ndarray of shape (n,)
        What was observed; of a curve that was given, not fitted, an empty array.

    Returns
    -------
    ndarray of shape (k, k)
        Zeros for coefficients that were given; NaN where there are no more rows than coefficients.
    """
    influences = []
    for curve, y in zip(curves, values, strict=True):
        if not len(y):
            influences.append(np.zeros((len(curve.theta), len(s))))
            continue
        J = curve.gradient(s)
        scale = np.where(np.abs(J).max(axis=0) > 0, np.abs(J).max(axis=0), 1.0)
        inverse = np.linalg.pinv(J / scale) / scale[:, None]
        influences.append(inverse * _corrected(y - curve.value(s), J, inverse))
    influence = np.vstack(influences)
    return np.asarray(influence @ influence.T)


def _corrected(residual: FloatArray, J: FloatArray, inverse: FloatArray) -> FloatArray:
    """Return residuals over one less their leverage; NaN where a row is fitted by itself alone."""
    if J.shape[1] >= len(residual):
        return np.full(len(residual), np.nan)
    leverage = np.einsum("ij,ji->i", J, inverse)
    return np.asarray(residual / np.maximum(1 - leverage, 1e-8))


def _power_start(s: FloatArray, y: FloatArray) -> FloatArray:
    top = float(s.max())
    u = s / top

    def misfit(b: float) -> float:
        basis = u**b
        return float(((y - basis * (basis @ y) / (basis @ basis)) ** 2).sum())

    grid = np.concatenate([[0.0], np.geomspace(0.01, _HIGHEST_POWER, 80)])
    best = int(np.argmin([misfit(b) for b in grid]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(misfit, bounds=(low, high), method="bounded", options={"xatol": 1e-9})
    b = 0.0 if misfit(0.0) <= float(found.fun) else float(found.x)
    basis = u**b
    return np.array([(basis @ y) / (basis @ basis) / top**b, b])


def _logistic_start(s: FloatArray, y: FloatArray) -> FloatArray:
    low, width = float(s.min()), float(np.ptp(s))
    # Any start near the best will do: of many rows some are enough.
    some = slice(None, None, max(1, len(s) // _START_ROWS))
    s, y = s[some], y[some]
    steepness = np.geomspace(*_STEEPNESS, 24) / width
    middles = low + width * np.linspace(-0.5, 1.5, 61)
    b, c = (grid.ravel() for grid in np.meshgrid(steepness, middles))
    start, smallest = np.zeros(3), np.inf
    for one, middle in zip(b, c, strict=True):
        basis = expit(one * (s - middle))
        a = (basis @ y) / (basis @ basis)
        misfit = float(((y - a * basis) ** 2).sum())
        if misfit < smallest:
            start, smallest = np.array([a, one, middle]), misfit
    return start


def _polished(shape: str, s: FloatArray, y: FloatArray, theta: FloatArray) -> FloatArray:
    """Return the end of halved Gauss-Newton steps."""
    residual = y - _VALUES[shape](s, theta)
    for _ in range(_MOST_STEPS):
        J = _GRADIENTS[shape](s, theta)
        scale = np.where(np.abs(J).max(axis=0) > 0, np.abs(J).max(axis=0), 1.0)
        step = np.linalg.lstsq(J / scale, residual)[0] / scale
        moved = _halved(shape, s, y, theta, step, residual)
        if moved is None:
            break
        theta, residual = moved, y - _VALUES[shape](s, moved)
    return theta


def _halved(
    shape: str,
    s: FloatArray,
    y: FloatArray,
    theta: FloatArray,
    step: FloatArray,
    residual: FloatArray,
) -> FloatArray | None:
    """Return the first halved step that fits better, or None."""
    before = float(residual @ residual)
    for halving in range(20):
        trial = theta + step * 0.5**halving
        if np.array_equal(trial, theta):
            return None
        if not _allowed(shape, s, trial):
            continue
        with np.errstate(over="ignore", invalid="ignore"):
            misfit = float(((y - _VALUES[shape](s, trial)) ** 2).sum())
        if misfit < before:
            return trial
    return None


def _allowed(shape: str, s: FloatArray, theta: FloatArray) -> bool:
    """Return whether a curve is no steeper and no further off than data can tell."""
    if shape == "power":
        return bool(0 <= theta[1] <= _HIGHEST_POWER)
    low, width = float(s.min()), float(np.ptp(s))
    near = low - width <= theta[2] <= low + 2 * width
    return bool(near and 0 < theta[1] * width <= 2 * _STEEPNESS[1])


def _power(s: FloatArray, theta: FloatArray) -> FloatArray:
    return np.asarray(theta[0] * s ** theta[1])


def _power_slope(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b = theta
    return np.asarray(a * b * _positive(s) ** (b - 1))


def _power_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b = theta
    logs = np.log(_positive(s))
    return np.column_stack([s**b, a * s**b * np.where(s > 0, logs, 0.0)])


def _power_slope_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b = theta
    positive = _positive(s)
    base = positive ** (b - 1)
    return np.column_stack([b * base, a * base * (1 + b * np.log(positive))])


def _positive(s: FloatArray) -> FloatArray:
    return np.maximum(s, _SMALLEST)


def _quadratic(s: FloatArray, theta: FloatArray) -> FloatArray:
    return np.asarray(theta[0] + theta[1] * s + theta[2] * s**2)


def _quadratic_slope(s: FloatArray, theta: FloatArray) -> FloatArray:
    return np.asarray(theta[1] + 2 * theta[2] * s)


def _quadratic_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    return np.column_stack([np.ones_like(s), s, s**2])


def _quadratic_slope_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    return np.column_stack([np.zeros_like(s), np.ones_like(s), 2 * s])


def _logistic(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b, c = theta
    return np.asarray(a * expit(b * (s - c)))


def _logistic_slope(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b, c = theta
    p = expit(b * (s - c))
    return np.asarray(a * b * p * (1 - p))


def _logistic_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b, c = theta
    p = expit(b * (s - c))
    bend = a * p * (1 - p)
    return np.column_stack([p, bend * (s - c), -b * bend])


def _logistic_slope_gradient(s: FloatArray, theta: FloatArray) -> FloatArray:
    a, b, c = theta
    p = expit(b * (s - c))
    bend, tilt = p * (1 - p), 1 - 2 * p
    by_steepness = a * bend * (1 + b * (s - c) * tilt)
    return np.column_stack([b * bend, by_steepness, -a * b**2 * bend * tilt])


_VALUES = {"power": _power, "quadratic": _quadratic, "logistic": _logistic}
_SLOPES = {
    "power": _power_slope,
    "quadratic": _quadratic_slope,
    "logistic": _logistic_slope,
}
_GRADIENTS = {
    "power": _power_gradient,
    "quadratic": _quadratic_gradient,
    "logistic": _logistic_gradient,
}
_SLOPE_GRADIENTS = {
    "power": _power_slope_gradient,
    "quadratic": _quadratic_slope_gradient,
    "logistic": _logistic_slope_gradient,
}
