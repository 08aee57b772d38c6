"""What service costs in stock: cycle service level and fill rate by safety stock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import width_of
from custvalue.plotting._service_level_display import (
    at_marks,
    checked_marks,
    drawn_multiples,
    level_text,
    service_table,
)
from custvalue.plotting.formatting import share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ServiceLevelDisplay"]

_MARKS = (0.0, 1.0, 2.0, 3.0)
_NAMES = ("demand met from stock", "cycles without a stock-out")
_TOP = 1.03
_LOW = 0.6
_FLAT_FROM = 0.99
_FOOT = 0.12
_WORDS = 0.6
_SAMPLE = 0.09
_AXIS_WIDTH = 0.65
_MINUS = "\u2212"


class ServiceLevelDisplay(Display):
    """Show how service grows with stock: ever more stock for ever less service.

    Each standard deviation of the demand over the lead time that is put on stock buys less than the
    one before: 50, 84, 98 and 99.9 % of the cycles without a stock-out, for normal demand.

    Parameters
    ----------
    table : pandas.DataFrame
        Index ``multiple``: the safety stock in standard deviations of the demand over the lead
        time, rising. Columns ``cycle_service_level`` and, if there is one, ``fill_rate``.
    marks : pandas.DataFrame
        The same at the stocks to be marked.

    Attributes
    ----------
    table, marks :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    line_ : matplotlib.lines.Line2D
        After `plot`: the cycle service level.
    fill_line_ : matplotlib.lines.Line2D or None
        After `plot`.
    points_ : matplotlib.lines.Line2D
        After `plot`: the marks.
    texts_ : list of matplotlib.text.Text
        After `plot`: the levels at the marks, then the names of the lines.

    Examples
    --------
    >>> from custvalue.plotting import ServiceLevelDisplay
    >>> display = ServiceLevelDisplay.from_predictions([0, 1, 2], [0.5, 0.8413, 0.9772], marks=[1])
    >>> display.marks
              cycle_service_level
    multiple
    1.0                    0.8413
    """

    _aspect = 0.72

    def __init__(self, *, table: pd.DataFrame, marks: pd.DataFrame) -> None:
        self.table = table
        self.marks = marks

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, marks: Sequence[float] = _MARKS) -> Self:
        """Take the service of items from a fitted model.

        Parameters
        ----------
        estimator : fitted InventoryServiceLevel
            Or another with its ``service_table``.
        X : table of items
            One item or more; of several the mean level is shown, and the fill rate of all units.
        marks : sequence of float, default=(0, 1, 2, 3)
            Safety stocks to mark, in standard deviations.

        Returns
        -------
        ServiceLevelDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no ``service_table``.
        ValueError
            If a mark is not a finite number.
        """
        check_fitted(estimator, cls.__name__, "service_table", like="InventoryServiceLevel")
        places = checked_marks(marks)
        told = estimator.service_table(X, drawn_multiples(places))
        filled = told["fill_rate"].notna().all()
        fill = told["fill_rate"] if filled else None
        table = service_table(told.index, told["cycle_service_level"], fill)
        return cls(table=table, marks=at_marks(table, places))

    @classmethod
    def from_predictions(
        cls,
        multiple: Any,
        cycle_service_level: Any,
        fill_rate: Any = None,
        *,
        marks: Sequence[float] = _MARKS,
    ) -> Self:
        """Take the service by safety stock as given.

        Parameters
        ----------
        multiple : array-like of shape (n_points,)
            Safety stocks in standard deviations, rising.
        cycle_service_level, fill_rate : array-like of shape (n_points,)
            From 0 to 1; the fill rate may be None.
        marks : sequence of float, default=(0, 1, 2, 3)
            Safety stocks to mark, inside the range of the multiples.

        Returns
        -------
        ServiceLevelDisplay

        Raises
        ------
        ValueError
            If the multiples do not rise, a level is not from 0 to 1, or a mark is outside.
        """
        table = service_table(multiple, cycle_service_level, fill_rate)
        return cls(table=table, marks=at_marks(table, checked_marks(marks)))

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        level = self.table["cycle_service_level"]
        look: dict[str, Any] = {"color": ACCENT, "linewidth": 2.2, "clip_on": False}
        bare(ax, keep=("bottom",))
        self._set_axes(ax)
        self._draw_drops(ax)
        self.fill_line_ = self._draw_fill(ax)
        [self.line_] = ax.plot(level.index, level, zorder=3, **(look | settings))
        marked = self.marks["cycle_service_level"]
        dots: dict[str, Any] = {"marker": "o", "markersize": 7, "markeredgecolor": PAPER}
        [self.points_] = ax.plot(
            marked.index, marked, linestyle="", color=ACCENT, zorder=4, clip_on=False, **dots
        )
        self.texts_ = [*self._write_levels(ax), *self._name_lines(ax)]

    def _set_axes(self, ax: Axes) -> None:
        places = self.table.index
        ax.set_xlim(float(places[0]), float(places[-1]))
        ax.set_ylim(0.0, _TOP)
        told = self._told_marks()
        ax.set_xticks(told.index, [_stock_name(place) for place in told.index])
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
        ax.set_yticks(ticks, [share(tick, 0) for tick in ticks])
        ax.set_xlabel("safety stock, in standard deviations of the demand over the lead time")
        ax.xaxis.label.set_wrap(True)

    def _draw_drops(self, ax: Axes) -> None:
        """Draw where the marks stand, and full service."""
        ax.axhline(1.0, color=QUIET, linewidth=0.8, zorder=1)
        look: dict[str, Any] = {"color": QUIET, "linewidth": 0.9, "linestyle": (0, (2, 2))}
        heights = self.marks["cycle_service_level"]
        for place, height in zip(self.marks.index.tolist(), heights, strict=True):
            ax.plot([place, place], [0.0, height], zorder=1, **look)

    def _draw_fill(self, ax: Axes) -> Any:
        if "fill_rate" not in self.table:
            return None
        fill = self.table["fill_rate"]
        look: dict[str, Any] = {"color": MUTED, "linewidth": 1.6, "linestyle": (0, (4, 2))}
        return ax.plot(fill.index, fill, zorder=2, **look)[0]

    def _told_marks(self) -> pd.Series:
        """Return the marks whose words have room: those far enough from the one before."""
        levels = self.marks["cycle_service_level"]
        room = _WORDS / self._width() * float(self.table.index[-1] - self.table.index[0])
        told: list[float] = []
        for place in levels.index.tolist():
            if not told or place - told[-1] >= room:
                told.append(place)
        return levels.loc[told]

    def _write_levels(self, ax: Axes) -> list[Any]:
        """Write the levels below the marks, above them at the foot of the picture."""
        style: dict[str, Any] = {"fontsize": FONT_SIZE, "color": INK}
        style["textcoords"] = "offset points"
        told = self._told_marks()
        texts = []
        for place, height in zip(told.index.tolist(), told, strict=True):
            low, flat = height < _FOOT, height > _FLAT_FROM
            style |= {"va": "bottom" if low else "top", "ha": "center" if low or flat else "left"}
            style["xytext"] = (0 if low or flat else 5, 7 if low else -8)
            texts.append(ax.annotate(level_text(float(height)), (place, height), **style))
        return texts

    def _name_lines(self, ax: Axes) -> list[Any]:
        """Write the names where the lines are not, each beside a piece of its line."""
        lines = [self.line_] if self.fill_line_ is None else [self.fill_line_, self.line_]
        names = list(_NAMES[-len(lines) :])
        low = self.table["cycle_service_level"].iloc[-1] < _LOW
        left = _SAMPLE + 0.02 if low else 1 - width_of(names) / self._width()
        style: dict[str, Any] = {"fontsize": FONT_SIZE, "va": "center", "zorder": 5}
        style |= {"transform": ax.transAxes, "bbox": {"facecolor": PAPER, "pad": 1.5, "lw": 0}}
        texts = []
        for row, (line, name) in enumerate(zip(reversed(lines), reversed(names), strict=True)):
            height = 0.07 + 0.09 * row + (0.72 if low else 0.0)
            ink = line.get_color()
            look = {"color": ink, "linestyle": line.get_linestyle(), "zorder": 5}
            ends = [left - _SAMPLE, left - 0.02]
            look |= {"transform": ax.transAxes, "linewidth": line.get_linewidth()}
            ax.plot(ends, [height, height], **look)
            texts.append(ax.text(left, height, name, color=ink, **style))
        return texts

    def _width(self) -> float:
        """Return about how wide the axes are, in inches."""
        return float(self.size[0] - _AXIS_WIDTH)


def _stock_name(place: float) -> str:
    return f"{place:g}".replace("-", _MINUS)
