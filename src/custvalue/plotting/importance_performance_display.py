"""Elements of service by importance and performance, in four quadrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._importance_performance_display import (
    checked_points,
    placed_boxes,
    tether,
)
from custvalue.plotting._labels import shortened
from custvalue.plotting._lettered_display import LetteredDisplay
from custvalue.plotting.formatting import share
from custvalue.plotting.style import (
    ACCENT,
    FONT_SIZE,
    INK,
    MUTED,
    PAPER,
    QUIET,
    bare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ImportancePerformanceDisplay"]

_LONGEST_NAME = 26
_SIZE = (6.0, 5.2)
_ROOM = 0.14
_DOT = 8.0
_SURE = 0.9
_HEADINGS = (
    ("concentrate here", 0.0, 1.0),
    ("keep up the good work", 1.0, 1.0),
    ("low priority", 0.0, 0.0),
    ("possible overkill", 1.0, 0.0),
)


class ImportancePerformanceDisplay(LetteredDisplay):
    """Show importance against performance, with the lines that part the four quadrants.

    The upper left is where to act: important, and performing badly. A hollow dot is an item that
    came out in this quadrant in less than 90 % of the resamples. Names are moved so that none lies
    on another.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the items. Columns ``importance`` and ``performance``, and ``stability`` if it is
        known: the share of resamples with the item in its quadrant.
    cross_hair : (float, float)
        Where the lines cross: importance and performance.

    Attributes
    ----------
    table, cross_hair :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    dots_ : matplotlib.lines.Line2D
        After `plot`: the items.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the items.
    headings_ : list of matplotlib.text.Text
        After `plot`: the names of the quadrants.

    See Also
    --------
    custvalue.service.ImportancePerformance : Computes the map.

    Examples
    --------
    >>> from custvalue.plotting import ImportancePerformanceDisplay
    >>> display = ImportancePerformanceDisplay.from_predictions(
    ...     {"speed": 0.6, "care": 0.3, "price": 0.1}, {"speed": 3.0, "care": 6.0, "price": 4.5}
    ... )
    >>> [round(place, 2) for place in display.cross_hair]
    [0.33, 4.5]
    """

    def __init__(self, *, table: pd.DataFrame, cross_hair: tuple[float, float]) -> None:
        self.table = table
        self.cross_hair = cross_hair

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the map of a survey.

        Parameters
        ----------
        estimator : fitted map
            `custvalue.service.ImportancePerformance`, or another with ``map_`` and ``cross_hair_``.

        Returns
        -------
        ImportancePerformanceDisplay
        """
        check_is_fitted(estimator)
        importance, performance = map(float, estimator.cross_hair_)
        return cls(table=estimator.map_, cross_hair=(importance, performance))

    @classmethod
    def from_predictions(
        cls, importance: Any, performance: Any, *, cross_hair: tuple[float, float] | None = None
    ) -> Self:
        """Take importance and performance as given.

        Parameters
        ----------
        importance, performance : pandas.Series or mapping of str to float
            By item.
        cross_hair : (float, float), optional
            Where the lines cross: importance and performance. Left out: the means of the items.

        Returns
        -------
        ImportancePerformanceDisplay

        Raises
        ------
        ValueError
            If there is no item, one is there twice, the two do not have the same items, or a value
            is not finite.
        """
        table = checked_points(importance, performance)
        if cross_hair is None:
            cross_hair = float(table["importance"].mean()), float(table["performance"].mean())
        return cls(table=table, cross_hair=(float(cross_hair[0]), float(cross_hair[1])))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return _SIZE

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        x, y = (self.table[name].to_numpy(float) for name in ("performance", "importance"))
        bare(ax, keep=("left", "bottom"))
        ax.set_xlabel(self._foot())
        ax.set_ylabel("importance")
        importance, performance = self.cross_hair
        ax.set_xlim(*_range(np.append(x, performance)))
        ax.set_ylim(*_range(np.append(y, importance)))
        ax.axvline(performance, color=QUIET, linewidth=1.0, zorder=1)
        ax.axhline(importance, color=QUIET, linewidth=1.0, zorder=1)
        dot: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": _DOT, "zorder": 4}
        dot |= {"color": ACCENT, "markeredgecolor": ACCENT, "markeredgewidth": 1.4}
        sure = self._sure()
        [self.dots_] = ax.plot(x, y, **(dot | settings))
        ax.plot(x[~sure], y[~sure], **(dot | settings | {"color": PAPER, "markersize": _DOT - 3}))
        style: dict[str, Any] = {"fontsize": FONT_SIZE, "transform": ax.transAxes, "color": MUTED}
        self.headings_ = [
            ax.text(
                0.01 + 0.98 * right,
                0.01 + 0.98 * up,
                words,
                ha="right" if right else "left",
                va="top" if up else "bottom",
                **style,
            )
            for words, right, up in _HEADINGS
        ]
        self.texts_ = self._write_names(ax, x, y)

    def _lines(self, ax: Axes) -> Any:
        """Return the boxes of the two lines, in pixels: left, bottom, right and top of each."""
        x, y = ax.transData.transform(self.cross_hair[::-1])
        left, low, right, high = ax.bbox.extents
        half = 0.5 * ax.figure.dpi / 72
        return np.array([[x - half, low, x + half, high], [left, y - half, right, y + half]])

    def _sure(self) -> Any:
        if "stability" not in self.table:
            return np.ones(len(self.table), dtype=bool)
        return ~(self.table["stability"].to_numpy(float) < _SURE)

    def _foot(self) -> str:
        if self._sure().all():
            return "performance"
        return f"performance\nhollow: in this quadrant in less than {share(_SURE, 0)} of resamples"

    def _write_names(self, ax: Axes, x: Any, y: Any) -> list[Any]:
        """Write each name near its dot, on nothing else; a fine line leads to one far away."""
        style: dict[str, Any] = {"fontsize": FONT_SIZE, "color": INK, "parse_math": False}
        style["fontfamily"] = self._fonts
        style["bbox"] = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.5, "alpha": 0.85}
        names = [shortened(str(name), _LONGEST_NAME) for name in self.table.index]
        texts = [
            ax.text(a, b, name, ha="center", va="center", zorder=3, **style)
            for a, b, name in zip(x, y, names, strict=True)
        ]
        for text in texts:
            text.set_in_layout(False)
        # Only after the layout is it known how many pixels the axes have.
        ax.figure.canvas.figure.draw_without_rendering()
        dots = ax.transData.transform(np.column_stack([x, y]))
        sizes = np.array([text.get_window_extent().size for text in texts])
        radius = 0.95 * _DOT * ax.figure.dpi / 72
        boxes = placed_boxes(
            dots,
            sizes + 2.0,
            np.asarray(ax.bbox.extents),
            obstacles=np.array([text.get_window_extent().extents for text in self.headings_]),
            radius=radius,
            lines=self._lines(ax),
        )
        back = ax.transData.inverted()
        for text, dot, box in zip(texts, dots, boxes, strict=True):
            text.set_position(tuple(back.transform((box[:2] + box[2:]) / 2)))
            near = tether(dot, box)
            if np.hypot(*(near - dot)) > 2 * radius:
                line = back.transform(np.array([dot, near]))
                ax.plot(*line.T, color=QUIET, linewidth=0.7, zorder=2, in_layout=False)
        return texts


def _range(values: Any) -> tuple[float, float]:
    """Return limits of an axis, with room for names around the points."""
    low, high = float(values.min()), float(values.max())
    room = _ROOM * (high - low) or 0.5
    return low - room, high + room
