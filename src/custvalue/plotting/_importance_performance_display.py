"""Where the names of points go so that none lies on another, on a point or on a heading."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray

__all__ = ["checked_points", "placed_boxes", "tether"]

_COS, _SIN = 0.7071, 0.3827
_DIRECTIONS = np.array(
    [
        # Of half the width, half the height; and of the distance, across and up.
        *((x, y, x, y) for x, y in [(1, 0), (-1, 0), (0, 1), (0, -1)]),
        *((x, y, x, y) for x in (_COS, -_COS) for y in (_COS, -_COS)),
        *((x, y, 0, y) for x in (0.5, -0.5, 0.9, -0.9) for y in (1, -1)),
        *((x, y, x, y) for x in (1, -1) for y in (_SIN, -_SIN)),
    ],
    dtype=np.float64,
)
"""Where a name may stand beside its point: right and left of it, above and below, and between."""

_RINGS = np.array([0.0, 0.5, 1.0, 1.75, 2.75, 4.0, 5.5, 7.5, 10.0, 13.0])
"""How far from its point a name may go, in heights of a line."""

_CLASH = 1e3
_CROSSING = 2.0
_SWEEPS = 12


def checked_points(importance: Any, performance: Any) -> pd.DataFrame:
    """Return importance and performance by item.

    Parameters
    ----------
    importance, performance : pandas.Series or mapping of str to float
        By item.

    Returns
    -------
    pandas.DataFrame
        Index ``item``; columns ``importance`` and ``performance``.

    Raises
    ------
    ValueError
        If there is no item, one is there twice, the two do not have the same items, or a value is
        not finite.

    Examples
    --------
    >>> checked_points({"speed": 0.6, "care": 0.4}, {"care": 5.5, "speed": 4.5})
           importance  performance
    item
    speed         0.6          4.5
    care          0.4          5.5
    """
    one, other = (pd.Series(values, dtype=np.float64) for values in (importance, performance))
    unique = one.index.is_unique and other.index.is_unique
    if not unique or one.empty or set(one.index) != set(other.index):
        raise ValueError(
            f"importance and performance must have the same items, each once; found "
            f"{', '.join(map(str, one.index))} and {', '.join(map(str, other.index))}"
        )
    table = pd.DataFrame({"importance": one, "performance": other[one.index]})
    bad = ~np.isfinite(table.to_numpy()).all(axis=1)
    if bad.any():
        raise ValueError(
            f"importance and performance must be finite; item {table.index[bad][0]!r} has "
            f"{table[bad].iloc[0].to_dict()} ({int(bad.sum())} such)"
        )
    return table.rename_axis("item")


def placed_boxes(
    points: FloatArray,
    sizes: FloatArray,
    inside: FloatArray,
    *,
    obstacles: FloatArray,
    radius: float,
    lines: FloatArray | None = None,
) -> FloatArray:
    """Return where the boxes around names go: near their points, on nothing else.

    Each box may go to places around its point, near ones first. The most crowded points choose
    first; then each in turn may choose again, until none wants to.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
    sizes : ndarray of shape (n, 2)
        Width and height of each box.
    inside : ndarray of shape (4,)
        Left, bottom, right and top, beyond which no box should go.
    obstacles : ndarray of shape (k, 4)
        Left, bottom, right and top of what is not to be covered.
    radius : float
        Of the dots at the points.
    lines : ndarray of shape (m, 4) or None
        Left, bottom, right and top of what a name had better not cross.

    Returns
    -------
    ndarray of shape (n, 4)
        Left, bottom, right and top of each box.

    Examples
    --------
    >>> import numpy as np
    >>> placed_boxes(
    ...     np.array([[5.0, 5.0]]), np.array([[2.0, 1.0]]), np.array([0.0, 0.0, 10.0, 10.0]),
    ...     obstacles=np.empty((0, 4)), radius=0.5,
    ... )
    array([[5.5, 4.5, 7.5, 5.5]])
    """
    dots = np.hstack([points - radius, points + radius])
    fixed = np.vstack([obstacles, dots])
    choices = [_places(point, size, radius) for point, size in zip(points, sizes, strict=True)]
    crossed = np.empty((0, 4)) if lines is None else lines
    standing = [_standing_cost(one, fixed, inside, crossed) for one in choices]
    boxes = np.full((len(points), 4), np.nan)
    order = _crowded_first(points)
    for _ in range(_SWEEPS):
        before = boxes.copy()
        for i in order:
            others = np.delete(boxes, i, axis=0)
            cost = standing[i] + _CLASH * _overlap(choices[i], others[~np.isnan(others[:, 0])])
            boxes[i] = choices[i][np.argmin(cost)]
        if np.array_equal(before, boxes):
            break
    return boxes


def tether(point: FloatArray, box: FloatArray) -> FloatArray:
    """Return the place on a box that is nearest to a point.

    Parameters
    ----------
    point : ndarray of shape (2,)
    box : ndarray of shape (4,)
        Left, bottom, right and top.

    Returns
    -------
    ndarray of shape (2,)
        The point itself where it is inside.

    Examples
    --------
    >>> import numpy as np
    >>> tether(np.array([0.0, 5.0]), np.array([2.0, 1.0, 4.0, 2.0]))
    array([2., 2.])
    """
    return np.clip(point, box[:2], box[2:])


def _places(point: FloatArray, size: FloatArray, radius: float) -> FloatArray:
    """Return the boxes that a name may take, near ones first, of shape (n_places, 4)."""
    away = radius + _RINGS[:, None, None] * size[1]
    moves = _DIRECTIONS[:, :2] * size / 2 + _DIRECTIONS[:, 2:] * away
    centres = (point + moves).reshape(-1, 2)
    return np.hstack([centres - size / 2, centres + size / 2])


def _standing_cost(
    places: FloatArray, fixed: FloatArray, inside: FloatArray, lines: FloatArray
) -> FloatArray:
    """Return what each place costs, whatever the other names do."""
    height = places[0, 3] - places[0, 1]
    # A name on the right, near its point, is what a reader looks for.
    ring, side = np.divmod(np.arange(len(places)), len(_DIRECTIONS))
    wish = _RINGS[ring] + 0.05 * side
    low, high = np.maximum(inside[:2] - places[:, :2], 0), np.maximum(places[:, 2:] - inside[2:], 0)
    beyond = (low + high).sum(axis=1) / height
    crossings = sum((_overlap(places, line[None]) > 0) * _CROSSING for line in lines)
    cost: FloatArray = wish + crossings + _CLASH * (_overlap(places, fixed) + beyond)
    return cost


def _overlap(places: FloatArray, others: FloatArray) -> FloatArray:
    """Return how much of each place others cover, in squares of its height."""
    low = np.maximum(places[:, None, :2], others[None, :, :2])
    high = np.minimum(places[:, None, 2:], others[None, :, 2:])
    area = np.prod(np.maximum(high - low, 0.0), axis=2).sum(axis=1)
    heights = places[:, 3] - places[:, 1]
    covered: FloatArray = area / heights**2
    return covered


def _crowded_first(points: FloatArray) -> list[int]:
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    near = 1 / (away + np.median(away) + 1e-12)
    return [int(i) for i in np.argsort(-near.sum(axis=1), kind="stable")]
