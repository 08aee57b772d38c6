"""Stages of the response of value to service: a continuous broken line with tested changes.

x is the service level, moved and scaled to run from 0 to 1, y the value with mean 0 and standard
deviation 1: results do not depend on units. The line with changes of slope at the knots tau_k is
a + b x + sum_k d_k (x - tau_k)+ (Muggeo 2003).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from custvalue._typing import FloatArray, IntArray
from custvalue.service._service_response_moments import Grid, design, make_grid, products, sums
from custvalue.service._service_response_search import (
    ChangeTest,
    change_test,
    coefficients,
    gaussian_draws,
    search,
    settle,
)

__all__ = ["BrokenLine", "Response", "Scaled", "Selection", "fit_response", "scaled", "stage_names"]

_LARGEST_GRID = 300
_LOCAL_KNOTS = 41
_LOCAL_ROUNDS = 5
_LOCAL_ERRORS = 5.0
"""Draws move knots within so many standard errors on a fine grid, and beyond on the common one."""
_SLOPE_OF_ROUNDING = 1e-4
"""Slopes nearer to 0, in standard deviations over the range, come from the steps of the knots."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Levels and values in units of their own, sorted.

    Attributes
    ----------
    x, y : ndarray of shape (n_rows,)
    origin, width : float
        The lowest level and the range of levels.
    mean, spread : float
        Mean and standard deviation of the values.
    """

    x: FloatArray
    y: FloatArray
    origin: float
    width: float
    mean: float
    spread: float


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A broken line in units of its own.

    Attributes
    ----------
    knots : ndarray of shape (count,)
    theta : ndarray of shape (2 + count,)
        Intercept, first slope, changes of slope.
    misfit : float
        Sum of squared residuals.
    """

    knots: FloatArray
    theta: FloatArray
    misfit: float

    def value(self, x: FloatArray) -> FloatArray:
        """Return the line at levels of shape (m,)."""
        out = self.theta[0] + self.theta[1] * x
        for knot, change in zip(self.knots, self.theta[2:], strict=True):
            out = out + change * np.maximum(x - knot, 0.0)
        return np.asarray(out)

    @property
    def slopes(self) -> FloatArray:
        """Slope of each stage."""
        return np.cumsum(self.theta[1:])

    @property
    def ends(self) -> FloatArray:
        """Levels where stages begin and end, the first and last of the data among them."""
        return np.concatenate([[0.0], self.knots, [1.0]])


@dataclass(frozen=True, slots=True)
class Selection:
    """One number of stages.

    Attributes
    ----------
    r_squared, bic : float
    statistic, p_value : float
        Of the test against one stage more; NaN where it was not made.
    """

    r_squared: float
    bic: float
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Response:
    """The stages found, in units of their own, with what is uncertain.

    Attributes
    ----------
    line : BrokenLine
    selection : tuple of Selection
        From one stage to the most for which there was room.
    slope_ends : ndarray of shape (n_stages, 2)
    knot_ends : ndarray of shape (n_stages - 1, 2)
    peak : ndarray of shape (3,)
        The level of the highest value, and the ends of its interval.
    stopped : {"tested", "most", "room"}
        Why there are no more stages: the last test saw no change, ``max_stages``, or no room.
    """

    line: BrokenLine
    selection: tuple[Selection, ...]
    slope_ends: FloatArray
    knot_ends: FloatArray
    peak: FloatArray
    stopped: str


def scaled(level: FloatArray, value: FloatArray) -> Scaled:
    """Return levels from 0 to 1 and standardised values, sorted by level.

    Parameters
    ----------
    level, value : ndarray of shape (n_rows,)
        At least two different levels.

    Returns
    -------
    Scaled
    """
    order = np.lexsort((value, level))
    # Squares of very large or small values are no numbers: a power of two makes them near 1.
    unit = float(np.ldexp(1.0, int(np.frexp(np.abs(value).max())[1]) - 1))
    x, y = level[order], value[order] / unit
    mean, spread = float(y.mean()), float(y.std())
    if not spread > 1e-13 * max(abs(mean), np.finfo(float).tiny):
        spread = 0.0
    width = float(x[-1] - x[0])
    standard = (y - mean) / spread if spread else np.zeros_like(y)
    return Scaled((x - x[0]) / width, standard, float(x[0]), width, unit * mean, unit * spread)


def fit_response(
    data: Scaled,
    max_stages: int,
    min_share: float,
    level: float,
    n_bootstrap: int,
    generator: np.random.Generator,
) -> Response:
    """Find the stages: add a change of slope as long as a test says that there is one more.

    Parameters
    ----------
    data : Scaled
    max_stages : int
    min_share : float
        Share of the rows that each stage must have.
    level : float
        Of intervals; tests say something below a p value of ``1 - level``.
    n_bootstrap : int
        Draws.
    generator : numpy.random.Generator

    Returns
    -------
    Response
    """
    levels = np.unique(data.x)
    if len(levels) > _LARGEST_GRID:
        places = np.linspace(0, 1, _LARGEST_GRID + 2)[1:-1]
        levels = np.quantile(data.x, places, method="inverted_cdf")
    grid = make_grid(data.x, levels)
    lines = _lines(data, grid, max_stages, min_share)
    draws = generator.standard_normal((n_bootstrap, 2 * len(grid.knots) + 2))
    tests: list[ChangeTest] = []
    stopped = "tested"
    while stopped == "tested" and (not tests or tests[-1].p_value < 1 - level):
        line = lines[len(tests)]
        test = None
        if len(tests) + 1 < max_stages:
            test = _tested(data, grid, line, min_share, draws)
        if test is None or len(tests) + 1 == len(lines):
            stopped = "most" if len(tests) + 1 == max_stages else "room"
        else:
            tests.append(test)
    unknown = [ChangeTest(np.nan, np.nan)] * (len(lines) - len(tests))
    rows = zip(lines, [*tests, *unknown], strict=True)
    selection = tuple(
        Selection(*_quality(data, line), test.statistic, test.p_value) for line, test in rows
    )
    ends, knots, peak = _uncertainty(data, line, min_share, level, n_bootstrap, generator)
    return Response(line, selection, ends, knots, peak, stopped)


def stage_names(slopes: FloatArray, ends: FloatArray) -> list[str]:
    """Name the stages by their slopes, before and after the steepest rise.

    Parameters
    ----------
    slopes : ndarray of shape (n_stages,)
        In units of their own: one nearer to 0 than 1e-4 counts as 0.
    ends : ndarray of shape (n_stages, 2)
        Intervals of the slopes.

    Returns
    -------
    list of str
        "falling" where the slope is below 0 beyond chance; "rising" for the steepest that is above
        0 beyond chance, "low" before it, "transition" after it. Where none rises, what comes before
        a fall is "transition" too, and anything else "flat".

    Examples
    --------
    >>> import numpy as np
    >>> slopes = np.array([0.1, 2.0, 0.3, -1.0])
    >>> stage_names(slopes, np.column_stack([slopes - 0.2, slopes + 0.2]))
    ['low', 'rising', 'transition', 'falling']
    """
    counts = np.abs(slopes) > _SLOPE_OF_ROUNDING
    rises, falls = counts & (ends[:, 0] > 0), counts & (ends[:, 1] < 0)
    if not rises.any():
        last = int(np.flatnonzero(falls)[-1]) if falls.any() else -1
        calm = ["transition" if i < last else "flat" for i in range(len(slopes))]
        return ["falling" if fall else name for fall, name in zip(falls, calm, strict=True)]
    top = int(np.argmax(np.where(rises, slopes, -np.inf)))
    calm = [
        "low" if i < top else "rising" if i == top else "transition" for i in range(len(slopes))
    ]
    return ["falling" if fall else name for fall, name in zip(falls, calm, strict=True)]


def _lines(data: Scaled, grid: Grid, max_stages: int, min_share: float) -> list[BrokenLine]:
    """Return the best line of each number of stages for which there is room."""
    G, b = products(data.x, None, grid.knots), sums(data.x, data.y, grid.knots)
    lines: list[BrokenLine] = []
    places: IntArray | None = None
    for count in range(max_stages):
        places = search(G, b, grid, count, min_share, places)
        if places is None:
            break
        lines.append(_sharpened(data, grid.knots[places], min_share, 1 / _LARGEST_GRID))
    return lines


def _sharpened(data: Scaled, knots: FloatArray, min_share: float, width: float) -> BrokenLine:
    """Move knots on finer and finer grids around them, and fit the line."""
    for _ in range(_LOCAL_ROUNDS if len(knots) else 0):
        grid, places = _local_grid(data, knots, np.full(len(knots), width), np.empty(0))
        G, b = products(data.x, None, grid.knots), sums(data.x, data.y, grid.knots)
        moved = grid.knots[settle(G, b, grid, places, min_share)]
        # A knot that went to the end of its grid goes on with a grid as wide as before.
        if np.abs(moved - knots).max() < 0.9 * width:
            width /= 8
        knots = moved
    grid = make_grid(data.x, knots)
    G, b = products(data.x, None, grid.knots), sums(data.x, data.y, grid.knots)
    theta = coefficients(G, b, np.arange(len(knots)))
    line = BrokenLine(grid.knots, theta, 0.0)
    return BrokenLine(grid.knots, theta, float(((data.y - line.value(data.x)) ** 2).sum()))


def _local_grid(
    data: Scaled, knots: FloatArray, widths: FloatArray, common: FloatArray
) -> tuple[Grid, IntArray]:
    """Return a grid that is fine around the knots, and the places of the knots on it."""
    steps = np.linspace(-1, 1, _LOCAL_KNOTS)
    fine = (knots[:, None] + widths[:, None] * steps).ravel()
    fine = fine[(fine > 0) & (fine < 1)]
    grid = make_grid(data.x, np.concatenate([fine, knots, common]))
    return grid, np.searchsorted(grid.knots, knots)


def _tested(
    data: Scaled, grid: Grid, line: BrokenLine, min_share: float, draws: FloatArray
) -> ChangeTest | None:
    """Test for one more change of slope; None where there is no room for it."""
    residual = _residuals(data, line)
    if not residual.any():
        return ChangeTest(0.0, 1.0)
    both = make_grid(data.x, np.concatenate([grid.knots, line.knots]))
    places = np.searchsorted(both.knots, line.knots)
    return change_test(
        products(data.x, None, both.knots),
        sums(data.x, residual, both.knots),
        products(data.x, residual**2, both.knots),
        both,
        places,
        min_share,
        draws,
    )


def _residuals(data: Scaled, line: BrokenLine) -> FloatArray:
    """Return residuals, enlarged for the coefficients that were fitted; 0 at rounding level."""
    residual = data.y - line.value(data.x)
    if line.misfit <= 1e-24 * max(float(data.y @ data.y), 1.0):
        return np.zeros_like(residual)
    free = max(len(data.x) - len(line.theta) - len(line.knots), 1)
    return np.asarray(residual * np.sqrt(len(data.x) / free))


def _quality(data: Scaled, line: BrokenLine) -> tuple[float, float]:
    """Return R squared and BIC = n log(misfit / n) + (number of coefficients + 1) log n."""
    n, total = len(data.y), float(data.y @ data.y)
    if total == 0:
        return np.nan, np.nan
    fitted = len(line.theta) + len(line.knots) + 1
    misfit = max(line.misfit, np.finfo(float).tiny)
    return 1 - line.misfit / total, float(n * np.log(misfit / n) + fitted * np.log(n))


def _uncertainty(
    data: Scaled,
    line: BrokenLine,
    min_share: float,
    level: float,
    n_draws: int,
    generator: np.random.Generator,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return intervals of slopes (sandwich), of knots and of the peak (wild bootstrap)."""
    residual = _residuals(data, line)
    covariance = _covariance(data, line, residual)
    count = len(line.knots)
    mixer = np.tril(np.ones((count + 1, count + 1)))
    variances = np.diag(mixer @ covariance[1 : count + 2, 1 : count + 2] @ mixer.T)
    errors = np.sqrt(np.maximum(variances, 0.0))
    free = max(len(data.x) - len(line.theta) - count, 1)
    reach = float(student.ppf((1 + level) / 2, free)) * errors
    slope_ends = line.slopes[:, None] + reach[:, None] * np.array([-1.0, 1.0])
    knot_errors = np.sqrt(np.maximum(np.diag(covariance)[count + 2 :], 0.0))
    drawn = _drawn_lines(data, line, residual, knot_errors, min_share, n_draws, generator)
    tails = [(1 - level) / 2, (1 + level) / 2]
    knots = np.array([one.knots for one in drawn]).reshape(n_draws, count)
    peaks = np.array([_peak(one) for one in drawn])
    knot_ends = np.quantile(knots, tails, axis=0).T.reshape(count, 2)
    peak = np.concatenate([[_peak(line)], np.quantile(peaks, tails)])
    return slope_ends, knot_ends, peak


def _covariance(data: Scaled, line: BrokenLine, residual: FloatArray) -> FloatArray:
    """Return the sandwich covariance of coefficients and knots, of shape (2 + 2 count, same)."""
    count = len(line.knots)
    D = design(data.x, line.knots)
    D[:, 2 + count :] *= -line.theta[2:]
    bread = np.linalg.pinv(D.T @ D, hermitian=True)
    score = D * residual[:, None]
    return np.asarray(bread @ (score.T @ score) @ bread)


def _drawn_lines(
    data: Scaled,
    line: BrokenLine,
    residual: FloatArray,
    knot_errors: FloatArray,
    min_share: float,
    n_draws: int,
    generator: np.random.Generator,
) -> list[BrokenLine]:
    """Fit the line again to values that are the fit plus residuals times normal numbers.

    Only sums of the columns with these values matter, and they are normal: they are drawn at once,
    whatever the number of rows.
    """
    common = make_grid(data.x, np.quantile(data.x, np.linspace(0, 1, 102)[1:-1])).knots
    widths = np.maximum(_LOCAL_ERRORS * knot_errors, 1e-9)
    grid, start = _local_grid(data, line.knots, widths, common)
    kept = 2 + len(grid.knots)
    G = products(data.x, None, grid.knots)[:kept, :kept]
    noise = products(data.x, residual**2, grid.knots)[:kept, :kept]
    expected = G[:, np.concatenate([[0, 1], start + 2])] @ line.theta
    drawn = expected + gaussian_draws(noise, generator.standard_normal((n_draws, kept)))
    lines = []
    for b in drawn:
        places = settle(G, b, grid, start, min_share)
        lines.append(BrokenLine(grid.knots[places], coefficients(G, b, places), np.nan))
    return lines


def _peak(line: BrokenLine) -> float:
    """Return the level of the highest value; the first of equals."""
    return float(line.ends[int(np.argmax(line.value(line.ends)))])
