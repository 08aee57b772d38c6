"""Total cost over the level of service: direct cost, hidden cost, and their sum."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._cost_curve_display import (
    COLUMNS,
    best_level,
    cost_table,
    level_steps,
    places_of,
)
from custvalue.plotting._display import Display
from custvalue.plotting._labels import LINE_HEIGHT, spread, width_of
from custvalue.plotting._snake_display import even_steps
from custvalue.plotting.formatting import amount, amounts, share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CostCurveDisplay"]

_LOOKS: dict[str, dict[str, Any]] = {
    "direct_cost": {"color": INK, "linewidth": 1.5, "linestyle": (0, (4, 2)), "zorder": 2},
    "hidden_cost": {"color": MUTED, "linewidth": 1.5, "zorder": 2},
    "total_cost": {"color": ACCENT, "linewidth": 2.4, "zorder": 3},
}
_NAMES = {"direct_cost": "direct", "hidden_cost": "hidden", "total_cost": "total"}
_AXIS_WIDTH = 0.9
_ROOM = 0.06
_FEW = 12


class CostCurveDisplay(Display):
    """Show what service costs: direct and hidden cost, their sum, and where it is lowest.

    The direct cost of stock and transport rises with the level of service, the hidden cost of
    customers driven away by failures falls. The level at which the sum is lowest is marked.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: levels of service from 0 to 1, ascending. Columns ``direct_cost``, ``hidden_cost``
        and ``total_cost``.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        After `plot`: by column of the table.
    minimum_ : matplotlib.lines.Line2D
        After `plot`: the point of lowest total cost.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the lines, and the level and cost of the minimum.

    See Also
    --------
    custvalue.service.LostSalesCost : The hidden cost.

    Examples
    --------
    >>> from custvalue.plotting import CostCurveDisplay
    >>> display = CostCurveDisplay.from_predictions(
    ...     [0.90, 0.95, 0.99], direct_cost=[10.0, 20.0, 60.0], hidden_cost=[40.0, 20.0, 4.0]
    ... )
    >>> display.service_level
    0.95
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        service_levels: Any,
        direct_cost: Any,
        *,
        present_level: float | None = None,
        sample_weight: Any = None,
    ) -> Self:
        """Work out the costs of some customers by a fitted cost of lost sales.

        Parameters
        ----------
        estimator : fitted LostSalesCost
            `custvalue.service.LostSalesCost`, or another with ``total_cost_curve``.
        X : table of customers
        service_levels : array-like of shape (n_levels,)
        direct_cost : callable or array-like of shape (n_levels,)
        present_level : float or None, default=None
            Level at which the failures of X happened.
        sample_weight : array-like of shape (n_customers,) or None
            How many customers each row stands for.

        Returns
        -------
        CostCurveDisplay

        Raises
        ------
        ValueError
            As the estimator raises it.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            As the estimator warns.
        """
        check_is_fitted(estimator)
        more = {"present_level": present_level, "sample_weight": sample_weight}
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            curve = estimator.total_cost_curve(X, service_levels, direct_cost, **more)
        for one in told:
            warnings.warn(str(one.message), one.category, stacklevel=2)
        return cls(table=curve.table)

    @classmethod
    def from_predictions(cls, service_levels: Any, direct_cost: Any, hidden_cost: Any) -> Self:
        """Take costs as given.

        Parameters
        ----------
        service_levels, direct_cost, hidden_cost : array-like of shape (n_levels,)
            Levels from 0 to 1 in any order, and costs in one currency.

        Returns
        -------
        CostCurveDisplay

        Raises
        ------
        ValueError
            If a number is not finite, the three differ in length, or a level is not from 0 to 1
            or comes twice.
        """
        return cls(table=cost_table(service_levels, direct_cost, hidden_cost))

    @property
    def service_level(self) -> float:
        """The level of lowest total cost, the lowest of them where several have it."""
        return best_level(self.table)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH + self._name_width(), 0.75 * WIDTH

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        bare(ax)
        self._set_limits(ax)
        levels = self.table.index.to_numpy(dtype=np.float64)
        marker: dict[str, Any] = {"marker": "o", "markersize": 3.5} if len(levels) < _FEW else {}
        self.lines_ = {}
        for name in COLUMNS:
            look = _LOOKS[name] | marker | (settings if name == "total_cost" else {})
            [self.lines_[name]] = ax.plot(levels, self.table[name], **look)
        ax.axhline(0, xmax=self._plot_share(), color=QUIET, linewidth=0.8, zorder=1)
        self.minimum_ = self._mark_minimum(ax)
        self.texts_ = [*self._name_lines(ax), self._tell_minimum(ax)]

    def _set_limits(self, ax: Axes) -> None:
        """Leave room for the words on top and the names on the right."""
        values = self.table[list(COLUMNS)].to_numpy(dtype=np.float64)
        low, high = float(values.min(initial=0.0)), float(values.max(initial=0.0))
        room = _ROOM * (high - low) or 1.0
        words = 1.5 * LINE_HEIGHT / (0.8 * self.size[1]) * (high - low + 2 * room)
        ax.set_ylim(low - room, high + room + words)
        steps = even_steps(low, high)
        ax.set_yticks(steps, amounts(steps.tolist()))
        ax.set_ylabel("cost")
        first, last = float(self.table.index[0]), float(self.table.index[-1])
        margin, share_of_plot = 0.03 * (last - first), self._plot_share()
        ax.set_xlim(first - margin, first - margin + (last - first + 2 * margin) / share_of_plot)
        levels = level_steps(first, last)
        places = places_of(100 * levels)
        ax.set_xticks(levels, [share(level, places) for level in levels.tolist()])
        ax.set_xlabel("service level", x=0.5 * share_of_plot)

    def _name_width(self) -> float:
        return width_of(list(_NAMES.values())) + 0.25

    def _plot_share(self) -> float:
        """Return the part of the axes that the lines take; the rest is for their names."""
        return 1 - self._name_width() / (self.size[0] - _AXIS_WIDTH)

    def _mark_minimum(self, ax: Axes) -> Any:
        best = self.service_level
        lowest = float(self.table["total_cost"].min())
        bottom, top = ax.get_ylim()
        ax.plot([best, best], [bottom, top], color=QUIET, linewidth=0.9, dashes=(2, 2), zorder=1)
        look: dict[str, Any] = {"color": ACCENT, "marker": "o", "markersize": 8, "zorder": 4}
        return ax.plot([best], [lowest], markeredgecolor=PAPER, clip_on=False, **look)[0]

    def _tell_minimum(self, ax: Axes) -> Any:
        """Write level and cost of the minimum beside its line, on the side that has room."""
        best, (_, top) = self.service_level, ax.get_ylim()
        left, right = float(self.table.index[0]), float(self.table.index[-1])
        on_right = best <= (left + right) / 2
        places = min(places_of(np.array([100 * best])), 2)
        cost = amount(float(self.table["total_cost"].min()))
        return ax.annotate(
            f"lowest at {share(best, places)}: {cost}",
            (best, top),
            (6 if on_right else -6, 0),
            textcoords="offset points",
            ha="left" if on_right else "right",
            va="top",
            color=ACCENT,
            fontsize=FONT_SIZE,
        )

    def _name_lines(self, ax: Axes) -> list[Any]:
        """Write the names beside the last points, apart from each other."""
        ends = self.table[list(COLUMNS)].iloc[-1].to_numpy(dtype=np.float64)
        low, high = ax.get_ylim()
        gap = LINE_HEIGHT * (high - low) / (0.8 * self.size[1])
        written = spread(ends, gap)
        written = written + max(0.0, low + gap / 2 - float(written.min()))
        last, (left, right) = float(self.table.index[-1]), ax.get_xlim()
        place = last + 0.02 * (right - left)
        style: dict[str, Any] = {"va": "center", "fontsize": FONT_SIZE}
        rows = zip(COLUMNS, written.tolist(), strict=True)
        return [
            ax.text(place, height, _NAMES[name], color=_LOOKS[name]["color"], **style)
            for name, height in rows
        ]
