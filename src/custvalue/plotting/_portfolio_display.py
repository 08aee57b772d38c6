"""The portfolio matrix as a picture: which scale shows both sides of a threshold, whom to name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custvalue._typing import FloatArray, IntArray
from custvalue.plotting.formatting import counted, decimal, significant

__all__ = ["Scale", "chosen_scale", "corner_words", "most_notable", "rounded"]

_MIDDLE = 0.3
_MARGIN = 0.06
_FEWEST_TICKS = 3
_TICKS_APART = 0.18
_WHOLE_FROM = 1000


@dataclass(frozen=True, slots=True)
class Scale:
    """How one axis runs.

    Attributes
    ----------
    width : float or None
        Linear within so much of zero and logarithmic beyond, as asinh(v / width); None is linear.
    low, high : float
        Ends of the axis.
    threshold_at : float
        Where the threshold is, as a share of the axis.
    ticks : tuple of float
    """

    width: float | None
    low: float
    high: float
    threshold_at: float
    ticks: tuple[float, ...]


def chosen_scale(values: FloatArray, threshold: float) -> Scale:
    """Return the scale on which the threshold is nearest to the middle of the axis.

    It is linear where that puts the threshold in the middle two fifths. A side that would still
    have less than 30 % of the axis is given so much, so that its name has room.

    Parameters
    ----------
    values : ndarray of shape (n_products,)
    threshold : float

    Returns
    -------
    Scale

    Examples
    --------
    >>> import numpy as np
    >>> chosen_scale(np.array([0.0, 4.0, 10.0]), 4.0).width is None
    True
    >>> chosen_scale(np.array([1.0, 10.0, 1e5]), 10.0).width
    1.0
    """
    width = None
    linear = _position(values, threshold)
    sizes = np.abs(values[values != 0])
    if not _MIDDLE <= linear <= 1 - _MIDDLE and len(sizes):
        candidate = float(np.quantile(sizes, 0.1, method="lower"))
        curved = _position(_forward(values, candidate), _forward(threshold, candidate))
        if abs(curved - 0.5) < abs(linear - 0.5):
            width = candidate
    return _with_ends(values, threshold, width)


def most_notable(volume: FloatArray, profit: FloatArray, count: int) -> IntArray:
    """Return the rows of the products with the largest share of volume or of profit and loss.

    Parameters
    ----------
    volume, profit : ndarray of shape (n_products,)
    count : int

    Returns
    -------
    ndarray of int of shape (min(count, n_products),)
        Most notable first.

    Examples
    --------
    >>> import numpy as np
    >>> most_notable(np.array([5.0, 90.0, 5.0]), np.array([1.0, 2.0, -30.0]), 2)
    array([2, 1])
    """
    share = np.maximum(*(np.abs(one) / max(np.abs(one).sum(), 1e-300) for one in (volume, profit)))
    return np.argsort(-share, kind="stable")[:count].astype(np.int64)


def corner_words(action: str, profit: FloatArray) -> list[str]:
    """Return what is written in the corner of a quadrant: action, products, and loss makers.

    Parameters
    ----------
    action : str
    profit : ndarray of shape (n_products,)
        Of the products of the quadrant.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import numpy as np
    >>> corner_words("review", np.array([3.0, -1.0]))
    ['review', '2 products', '○ 1 at a loss']
    """
    losing = int((profit < 0).sum())
    lines = [action, counted(len(profit), "product")]
    return [*lines, f"\u25cb {losing:,} at a loss"] if losing else lines


def rounded(value: float) -> str:
    """Return a number of an axis: whole where it is or from 1,000 on, else in three digits.

    Examples
    --------
    >>> rounded(2000.0), rounded(12.5), rounded(-3.0), rounded(0.1234)
    ('2,000', '12.5', '−3', '0.123')
    """
    if value == round(value) or abs(value) >= _WHOLE_FROM:
        return decimal(value, 0)
    return significant(value, 3)


def _forward(values: FloatArray | float, width: float | None) -> FloatArray:
    return np.asarray(values if width is None else np.arcsinh(np.asarray(values) / width))


def _position(values: FloatArray, threshold: FloatArray | float) -> float:
    """Return where the threshold is between the least and the largest value, as a share."""
    low, high = min(values.min(), threshold), max(values.max(), threshold)
    return float((threshold - low) / (high - low)) if high > low else 0.5


def _with_ends(values: FloatArray, threshold: float, width: float | None) -> Scale:
    places, at = _forward(values, width), float(_forward(threshold, width))
    below, above = max(at - places.min(), 0.0), max(places.max() - at, 0.0)
    pad = _MARGIN * (below + above) or 1.0
    below, above = below + pad, above + pad
    least = _MIDDLE / (1 - _MIDDLE)
    below, above = max(below, least * above), max(above, least * below)
    ends = np.array([at - below, at + above])
    low, high = ends if width is None else width * np.sinh(ends)
    share = below / (below + above)
    return Scale(width, float(low), float(high), share, _ticks(values, width))


def _ticks(values: FloatArray, width: float | None) -> tuple[float, ...]:
    """Return round numbers among the values: evenly spaced, or 0 and powers of ten."""
    low, high = float(values.min()), float(values.max())
    if width is None:
        return _even_ticks(low, high)
    most = max(abs(low), abs(high))
    powers = 10.0 ** np.arange(np.floor(np.log10(width)), np.floor(np.log10(most)) + 1)
    powers = powers[powers >= width]
    # Not more than four on each side; the largest is always among them.
    powers = powers[:: -max(-(-len(powers) // 4), 1)][::-1]
    ticks = _inside(np.concatenate([-powers[::-1], [0.0], powers]), low, high)
    if len(ticks) >= _FEWEST_TICKS:
        return ticks
    finer = np.outer(10.0 ** np.arange(np.floor(np.log10(width)), np.log10(most)), (1, 2, 5))
    finer = finer[finer >= width]
    ticks = _inside(np.concatenate([-finer[::-1], [0.0], finer]), low, high)
    return _apart(ticks, _TICKS_APART * float(np.ptp(_forward(values, width))), width)


def _apart(ticks: tuple[float, ...], distance: float, width: float) -> tuple[float, ...]:
    """Return the largest tick and those below it that stand apart, so that labels have room."""
    kept: list[float] = []
    for tick in reversed(ticks):
        if not kept or _forward(kept[-1], width) - _forward(tick, width) >= distance:
            kept.append(tick)
    return tuple(reversed(kept))


def _inside(ticks: FloatArray, low: float, high: float) -> tuple[float, ...]:
    return tuple(ticks[(ticks >= low) & (ticks <= high)].tolist())


def _even_ticks(low: float, high: float) -> tuple[float, ...]:
    if high <= low:
        return (low,)
    rough = (high - low) / 4
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(nice * size for nice in (1.0, 2.0, 2.5, 5.0, 10.0) if nice * size >= rough)
    first, last = np.ceil(low / step), np.floor(high / step)
    return tuple((step * np.arange(first, last + 1)).tolist())
