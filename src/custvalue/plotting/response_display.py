"""How value answers to service: the stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue._estimator.door import read_table
from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import CHARACTER_WIDTH, shortened, spread
from custvalue.plotting._response_display import (
    binned_points,
    round_ticks,
    stages_from_predictions,
)
from custvalue.plotting.formatting import significant
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, RAMP, RULE, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ResponseDisplay"]

_LONGEST_NAME = 11
_AXIS_WIDTH = 0.75
_NO_POINTS = pd.DataFrame({"service_level": [], "value": []}, dtype=np.float64)


class ResponseDisplay(Display):
    """Show the stages in which value answers to service: low, rising, transition, falling.

    The line is the expected value. Stages are shaded by turns and named on top; a dark band is the
    interval of a change point. Dots are the rows, or means of 30 groups of rows of equal size.

    Parameters
    ----------
    stages : pandas.DataFrame
        A row a stage: ``stage``, ``start``, ``end``, ``value_start``, ``value_end``.
    change_points : pandas.DataFrame or None
        A row a change point: ``service_level``, ``lower``, ``upper``.
    points : pandas.DataFrame or None
        ``service_level`` and ``value``.
    labels : tuple of two str
        Names of the axes.

    Attributes
    ----------
    stages, change_points, points, labels :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    line_ : matplotlib.lines.Line2D
        After `plot`.
    points_ : matplotlib.lines.Line2D or None
        After `plot`.
    bands_ : list of matplotlib artists
        After `plot`: the intervals of the change points.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the stages.

    See Also
    --------
    custvalue.service.ServiceResponse : Finds the stages.

    Examples
    --------
    >>> from custvalue.plotting import ResponseDisplay
    >>> display = ResponseDisplay.from_predictions(
    ...     [1, 2, 4, 5], [0, 0, 2, 3], ["low", "low", "rising", "rising"]
    ... )
    >>> display.stages["end"].tolist()
    [3.0, 5.0]
    """

    def __init__(
        self,
        *,
        stages: pd.DataFrame,
        change_points: pd.DataFrame | None = None,
        points: pd.DataFrame | None = None,
        labels: tuple[str, str] = ("service level", "value"),
    ) -> None:
        self.stages = stages
        self.change_points = change_points
        self.points = points
        self.labels = labels

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any = None) -> Self:
        """Take the stages that were found.

        Parameters
        ----------
        estimator : fitted `custvalue.service.ServiceResponse`
        X : table, optional
            Its rows are drawn as dots; the estimator has not kept any.

        Returns
        -------
        ResponseDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If it is another.
        custvalue.exceptions.DataError
            If X lacks a column, or a value is not a finite number.
        """
        check_fitted(estimator, cls.__name__, "stages_", "change_points_", like="ServiceResponse")
        names = estimator.service, estimator.value
        points = None
        if X is not None:
            table = read_table(X, names, owner=cls.__name__)
            points = binned_points(table[names[0]], table[names[1]])
        labels = names[0].replace("_", " "), names[1].replace("_", " ")
        changes = estimator.change_points_
        return cls(stages=estimator.stages_, change_points=changes, points=points, labels=labels)

    @classmethod
    def from_predictions(
        cls, service_level: Any, expected_value: Any, stage: Any, *, value: Any = None
    ) -> Self:
        """Take stages of rows as given.

        Parameters
        ----------
        service_level, expected_value : array-like of shape (n_rows,)
        stage : array-like of str of shape (n_rows,)
        value : array-like of shape (n_rows,) or None
            What was observed, for the dots.

        Returns
        -------
        ResponseDisplay

        Raises
        ------
        ValueError
            If lengths differ, there are fewer than two levels, or a number is not finite.
        """
        stages = stages_from_predictions(service_level, expected_value, stage)
        points = None
        if value is not None:
            x, y = (np.asarray(v, dtype=np.float64) for v in (service_level, value))
            if x.shape != y.shape:
                raise ValueError(f"value must have one entry per row; found {y.size} for {x.size}")
            points = binned_points(x, y)
        return cls(stages=stages, points=points)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        ends = np.append(self.stages["start"].to_numpy(), self.stages["end"].iloc[-1])
        values = np.append(self.stages["value_start"].to_numpy(), self.stages["value_end"].iloc[-1])
        bare(ax)
        self._set_limits(ax, ends, values)
        self._shade(ax)
        self.bands_ = self._mark_changes(ax)
        self.points_ = self._draw_points(ax)
        look: dict[str, Any] = {"color": ACCENT, "linewidth": 2.4, "solid_joinstyle": "round"}
        [self.line_] = ax.plot(ends, values, zorder=4, **(look | settings))
        self.texts_ = self._name_stages(ax)

    def _set_limits(self, ax: Axes, ends: Any, values: Any) -> None:
        points = _NO_POINTS if self.points is None else self.points
        heights = np.concatenate([values, points["value"].to_numpy()])
        low, high = float(heights.min()), float(heights.max())
        room = 0.06 * (high - low) or 1.0
        # The names of the stages stand above everything else.
        ax.set_ylim(low - room, high + 3.2 * room)
        ax.set_xlim(float(ends[0]), float(ends[-1]))
        ticks, steps = round_ticks(*ax.get_xlim()), round_ticks(low - room, high + room)
        ax.set_xticks(ticks, [_number(tick) for tick in ticks])
        ax.set_yticks(steps, [_number(step) for step in steps])
        ax.set_xlabel(self.labels[0], parse_math=False)
        ax.set_ylabel(self.labels[1], parse_math=False)

    def _shade(self, ax: Axes) -> None:
        """Shade every other stage."""
        for start, end in self.stages[["start", "end"]].to_numpy()[::2]:
            ax.axvspan(start, end, color=RAMP[0], linewidth=0, zorder=0)

    def _mark_changes(self, ax: Axes) -> list[Any]:
        """Draw a line at each change point, and a band over its interval."""
        for place in self.stages["start"].iloc[1:]:
            ax.axvline(place, color=QUIET, linewidth=0.9, linestyle=(0, (2, 2)), zorder=2)
        if self.change_points is None:
            return []
        ends = self.change_points[["lower", "upper"]].to_numpy(dtype=np.float64)
        return [
            ax.axvspan(lower, upper, color=RULE, linewidth=0, zorder=1) for lower, upper in ends
        ]

    def _draw_points(self, ax: Axes) -> Any:
        if self.points is None:
            return None
        look: dict[str, Any] = {"linestyle": "none", "marker": "o", "markersize": 5}
        look |= {"color": MUTED, "markeredgecolor": PAPER, "markeredgewidth": 0.6}
        x, y = self.points["service_level"], self.points["value"]
        return ax.plot(x, y, zorder=3, clip_on=False, **look)[0]

    def _name_stages(self, ax: Axes) -> list[Any]:
        """Write the names on top of the stages, moved apart where these are narrow."""
        names = [shortened(str(name), _LONGEST_NAME) for name in self.stages["stage"]]
        low, high = ax.get_xlim()
        inch = (high - low) / (self.size[0] - _AXIS_WIDTH)
        widths = inch * (CHARACTER_WIDTH * np.array([len(name) for name in names]) + 0.05)
        gap = float(((widths[1:] + widths[:-1]) / 2).max(initial=0.0))
        middle = (self.stages["start"] + self.stages["end"]).to_numpy(dtype=np.float64) / 2
        places = spread(middle, gap)
        places = places + max(0.0, low + float(widths[0]) / 2 - float(places[0]))
        places = places - max(0.0, float(places[-1]) - high + float(widths[-1]) / 2)
        style: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": FONT_SIZE}
        style |= {"parse_math": False}
        top = ax.get_ylim()[1]
        rows = zip(places, names, self.stages["stage"], strict=True)
        return [
            ax.annotate(
                name,
                (place, top),
                (0, -3),
                textcoords="offset points",
                color=ACCENT if stage == "rising" else INK,
                **style,
            )
            for place, name, stage in rows
        ]


def _number(value: float) -> str:
    text = significant(value + 0.0, 3)
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
