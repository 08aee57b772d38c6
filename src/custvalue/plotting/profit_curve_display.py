"""The service level at which profit is largest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import LINE_HEIGHT, spread, width_of
from custvalue.plotting._profit_curve_display import (
    curve_of_group,
    curve_table,
    highest,
    tick_texts,
)
from custvalue.plotting._response_display import round_ticks
from custvalue.plotting.formatting import share, significant
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, RAMP, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ProfitCurveDisplay"]

_AXIS_WIDTH = 0.75
_NAMES = ("revenue", "cost", "profit")


class ProfitCurveDisplay(Display):
    """Show revenue, cost and profit over the service level, and where profit is largest.

    The light band is the interval of the optimum; the band along the profit, where there is one,
    its pointwise interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: service level, in rising order. Columns ``revenue``, ``cost``, ``profit``, and
        ``lower`` and ``upper`` where there are intervals of the profit.
    optimum : mapping
        ``service_level``, ``lower``, ``upper`` (NaN without an interval) and ``profit``.
    scale : {"fraction", "percent"}, default="fraction"
        Of the service level.

    Attributes
    ----------
    table, optimum, scale :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : list of matplotlib.lines.Line2D
        After `plot`: revenue, cost and profit.
    mark_ : matplotlib.lines.Line2D
        After `plot`: the optimum.
    band_ : matplotlib artist or None
        After `plot`: the interval of the optimum.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the lines, and the optimum.

    See Also
    --------
    custvalue.service.ServiceLevelOptimizer : Finds the optimum.

    Examples
    --------
    >>> from custvalue.plotting import ProfitCurveDisplay
    >>> display = ProfitCurveDisplay.from_predictions(
    ...     [0.8, 0.9, 0.99], revenue=[100, 130, 140], cost=[40, 60, 120]
    ... )
    >>> display.optimum["service_level"], display.optimum["profit"]
    (0.9, 70.0)
    """

    def __init__(
        self, *, table: pd.DataFrame, optimum: Mapping[str, float], scale: str = "fraction"
    ) -> None:
        self.table = table
        self.optimum = optimum
        self.scale = scale

    @classmethod
    def from_estimator(cls, estimator: Any, group: Any = None) -> Self:
        """Take the curves of a fitted optimizer of the curve form.

        Parameters
        ----------
        estimator : fitted `custvalue.service.ServiceLevelOptimizer`
        group : object, optional
            Which group; may be left out where there is only one.

        Returns
        -------
        ProfitCurveDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If it is another.
        ValueError
            If the form is another, or the group is unknown.
        """
        check_fitted(estimator, cls.__name__, "optimum_", "curves_", like="ServiceLevelOptimizer")
        table, optimum = curve_of_group(estimator, group)
        return cls(table=table, optimum=optimum, scale=estimator.scale)

    @classmethod
    def from_predictions(
        cls, service_level: Any, revenue: Any, cost: Any, *, scale: str = "fraction"
    ) -> Self:
        """Take curves as given, and their highest difference as the optimum.

        Parameters
        ----------
        service_level, revenue, cost : array-like of shape (n_levels,)
            At least two levels.
        scale : {"fraction", "percent"}, default="fraction"
            Of the service level.

        Returns
        -------
        ProfitCurveDisplay

        Raises
        ------
        ValueError
            If lengths differ, a number is not finite, or the scale is another.
        """
        if scale not in ("fraction", "percent"):
            raise ValueError(f"scale must be 'fraction' or 'percent'; found {scale!r}")
        table = curve_table(service_level, revenue, cost)
        return cls(table=table, optimum=highest(table), scale=scale)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        level = self.table.index.to_numpy(dtype=np.float64)
        bare(ax)
        self._set_limits(ax, level)
        self.band_ = self._draw_band(ax, level)
        looks: list[dict[str, Any]] = [
            {"color": MUTED, "linewidth": 1.6},
            {"color": MUTED, "linewidth": 1.6, "linestyle": (0, (4, 2))},
            {"color": ACCENT, "linewidth": 2.4} | settings,
        ]
        self.lines_ = [
            ax.plot(level, self.table[name], zorder=3, **look)[0]
            for name, look in zip(_NAMES, looks, strict=True)
        ]
        best, profit = self.optimum["service_level"], self.optimum["profit"]
        ax.axvline(best, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=2)
        [self.mark_] = ax.plot(
            best, profit, "o", markersize=8, color=ACCENT, markeredgecolor=PAPER, zorder=5
        )
        self.texts_ = [*self._name_lines(ax, level), self._tell_optimum(ax)]

    def _set_limits(self, ax: Axes, level: Any) -> None:
        """Leave room for the names on the right and the optimum on top."""
        values = self.table[list(_NAMES)].to_numpy(dtype=np.float64)
        known = values[np.isfinite(values)]
        low, high = min(0.0, float(known.min())), max(0.0, float(known.max()))
        room = 0.05 * (high - low) or 1.0
        ax.set_ylim(low - room, high + room + 2.4 * LINE_HEIGHT / self.size[1] * (high - low))
        steps = round_ticks(low, high) if high > low else np.zeros(1)
        ax.set_yticks(steps, tick_texts(steps))
        ax.set_ylabel("money")
        width = float(level[-1] - level[0])
        wide = (width_of(list(_NAMES)) + 0.2) / (self.size[0] - _AXIS_WIDTH)
        ax.set_xlim(level[0] - 0.01 * width, level[0] + width / (1 - wide))
        ticks = round_ticks(float(level[0]), float(level[-1]))
        ax.set_xticks(ticks, [self._level_text(tick) for tick in ticks])
        ax.set_xlabel("service level", x=0.5 * (1 - wide))

    def _draw_band(self, ax: Axes, level: Any) -> Any:
        """Shade the intervals of the profit and of the optimum."""
        if "lower" in self.table:
            lower, upper = self.table["lower"], self.table["upper"]
            ax.fill_between(level, lower, upper, color=RAMP[1], linewidth=0, zorder=1)
        ends = self.optimum["lower"], self.optimum["upper"]
        if not np.isfinite(ends).all() or ends[0] == ends[1]:
            return None
        return ax.axvspan(*ends, color=RAMP[0], linewidth=0, zorder=0)

    def _name_lines(self, ax: Axes, level: Any) -> list[Any]:
        ends = self.table[list(_NAMES)].iloc[-1].to_numpy(dtype=np.float64)
        low, high = ax.get_ylim()
        line = LINE_HEIGHT * (high - low) / (0.8 * self.size[1])
        inside = np.clip(np.nan_to_num(ends), low, high - 2 * line)
        written = spread(inside, line)
        written = written - max(0.0, float(written.max()) - (high - 2 * line))
        right = float(level[-1]) + 0.02 * (ax.get_xlim()[1] - float(level[0]))
        style: dict[str, Any] = {"va": "center", "fontsize": FONT_SIZE}
        return [
            ax.text(right, place, name, color=ACCENT if name == "profit" else MUTED, **style)
            for name, place in zip(_NAMES, written, strict=True)
        ]

    def _tell_optimum(self, ax: Axes) -> Any:
        """Write the optimum at the top of its line, with its interval."""
        best, ends = self.optimum["service_level"], (self.optimum["lower"], self.optimum["upper"])
        text = f"best at {self._level_text(best)}"
        if np.isfinite(ends).all() and ends[0] < ends[1]:
            text += f"\n({self._level_text(ends[0])} to {self._level_text(ends[1])})"
        low, high = ax.get_xlim()
        left = best <= (low + high) / 2
        return ax.annotate(
            text,
            (best, ax.get_ylim()[1]),
            (6 if left else -6, 0),
            textcoords="offset points",
            ha="left" if left else "right",
            va="top",
            color=INK,
            fontsize=FONT_SIZE,
        )

    def _level_text(self, level: float) -> str:
        if self.scale == "percent":
            level = level / 100
        digits = significant(100 * level, 3)
        places = len(digits.partition(".")[2].rstrip("0"))
        return share(level, min(places, 1))
