"""How long customers stay: Kaplan-Meier curves, with the numbers at risk under the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import CHARACTER_WIDTH, spread, told_apart, width_of
from custvalue.plotting._survival_display import (
    checked_curve,
    chosen_groups,
    tick_names,
    tick_times,
)
from custvalue.plotting.formatting import count, share, significant
from custvalue.plotting.style import FONT_SIZE, INK, MUTED, RULE, SERIES, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["SurvivalDisplay"]

_LONGEST_NAME = 16
_GAP = 0.1
_MOST_TICKS = 6
_POINTS = 72.0
_ROW = 17.0
_TICK_LABELS = 0.55
_TABLE_FROM = -48.0
"""In points, below the axis."""


class SurvivalDisplay(Display):
    """Show the share of customers still there over time, by group, with bands.

    Steps fall where customers leave, the band is the confidence interval at each time, a point
    marks the median. Under the plot stands how many are at risk: where few are left a curve means
    little. Names and numbers stand outside the axes: a figure of several pictures needs
    ``plt.subplots(..., layout="constrained")``.

    Parameters
    ----------
    curve : pandas.DataFrame
        Columns ``group``, ``time``, ``survival``, ``lower`` and ``upper``; a row for every step.
    at_risk : pandas.DataFrame
        Numbers at risk, one row a group, in any order, one column a time that is a tick.
    medians : pandas.Series
        By group; infinite where a curve stays above one half.
    p_value : float or None
        Of the test that all curves are one.
    time_unit : str
        What time is measured in, for the axis.

    Attributes
    ----------
    curve, at_risk, medians, p_value, time_unit :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : dict of str to matplotlib.lines.Line2D
        After `plot`.
    bands_ : dict of str to matplotlib.collections.FillBetweenPolyCollection
        After `plot`.
    points_ : matplotlib.lines.Line2D
        After `plot`: the medians.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names of the groups at the ends of their curves.
    rows_ : list of matplotlib.text.Text
        After `plot`: the names of the groups before their numbers at risk.
    numbers_ : list of matplotlib.text.Text
        After `plot`: the words "at risk", then the numbers, row by row.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import SurvivalDisplay
    >>> from custvalue.retention import RetentionCurve
    >>> customers = pd.DataFrame({"duration": [2, 3, 3, 5, 9], "churned": [1, 1, 0, 1, 0]})
    >>> display = SurvivalDisplay.from_estimator(RetentionCurve().fit(customers))
    >>> display.medians.to_dict()
    {'all': 5.0}
    """

    _aspect = 0.85

    def __init__(
        self,
        *,
        curve: pd.DataFrame,
        at_risk: pd.DataFrame,
        medians: pd.Series,
        p_value: float | None = None,
        time_unit: str = "month",
    ) -> None:
        self.curve = curve
        self.at_risk = at_risk
        self.medians = medians
        self.p_value = p_value
        self.time_unit = time_unit

    @classmethod
    def from_estimator(cls, estimator: Any, *, groups: Sequence[Any] | None = None) -> Self:
        """Take the curves of a fitted `RetentionCurve`.

        Parameters
        ----------
        estimator : fitted RetentionCurve
        groups : sequence or None, default=None
            Which groups to show, in this order, at most five; None shows all. The test is of all
            groups: its p value is left out unless all are shown.

        Returns
        -------
        SurvivalDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If it is not fitted.
        TypeError
            If it is another estimator.
        ValueError
            If a group is not in it, or more than five are to be shown.
        """
        check_fitted(
            estimator, cls.__name__, "curve_", "medians_", "test_", "at_risk", like="RetentionCurve"
        )
        curve = checked_curve(estimator.curve_)
        found = list(dict.fromkeys(curve["group"]))
        chosen = chosen_groups(found, groups, len(SERIES))
        parts = dict(list(curve.groupby("group", sort=False)))
        curve = pd.concat([parts[name] for name in chosen], ignore_index=True)
        ticks = tick_times(float(curve["time"].max()), _MOST_TICKS)
        told = estimator.at_risk(ticks).pivot(index="group", columns="time", values="at_risk")
        test = estimator.test_ if len(chosen) == len(found) else None
        return cls(
            curve=curve,
            at_risk=told.reindex(chosen),
            medians=estimator.medians_["median"].reindex(chosen),
            p_value=None if test is None else float(test["p_value"]),
            time_unit=estimator.time_unit,
        )

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        bare(ax, keep=("bottom",))
        self._set_axes(ax)
        self.lines_, self.bands_ = {}, {}
        groups = self.curve.groupby("group", sort=False)
        for (name, steps), (ink, dash) in zip(groups, SERIES, strict=False):
            times = steps["time"]
            ends = (steps["lower"], steps["upper"])
            self.bands_[name] = ax.fill_between(
                times, *ends, step="post", color=ink, alpha=0.14, linewidth=0, zorder=2
            )
            look: dict[str, Any] = {"color": ink, "linewidth": 2.0, "zorder": 3}
            look |= {"drawstyle": "steps-post", "linestyle": dash}
            [self.lines_[name]] = ax.plot(times, steps["survival"], **(look | settings))
        self.points_ = self._mark_medians(ax)
        self.texts_ = self._name_groups(ax)
        self.rows_ = self._name_rows(ax)
        self.numbers_ = self._write_numbers(ax)

    def _set_axes(self, ax: Axes) -> None:
        ax.set_xlim(0.0, float(self.curve["time"].max()) or 1.0)
        ax.set_ylim(0.0, 1.02)
        ticks = np.linspace(0, 1, 6)
        ax.set_yticks(ticks, [share(tick, 0) for tick in ticks])
        times = self.at_risk.columns.to_numpy(dtype=float)
        ax.set_xticks(times, tick_names(times))
        ax.grid(axis="y", color=RULE, linewidth=0.8, zorder=0)
        ax.set_axisbelow(True)
        ax.set_xlabel(f"{self.time_unit}s", parse_math=False)
        said = "share of customers still there"
        if self.p_value is not None and np.isfinite(self.p_value):
            said += f"; log-rank p {_p_text(self.p_value)}"
        ax.set_title(said, loc="left", fontsize=FONT_SIZE, color=INK)

    def _mark_medians(self, ax: Axes) -> Any:
        finite = self.medians[np.isfinite(self.medians)]
        look: dict[str, Any] = {"marker": "o", "markersize": 6, "linestyle": "", "color": INK}
        look |= {"markerfacecolor": "none", "zorder": 5, "clip_on": False}
        return ax.plot(finite, np.full(len(finite), 0.5), **look)[0]

    def _names(self) -> list[str]:
        """Return the names of several groups; nothing of one alone."""
        names = [str(name) for name in dict.fromkeys(self.curve["group"])]
        return told_apart(names, _LONGEST_NAME) if len(names) > 1 else []

    def _counts(self) -> pd.DataFrame:
        """Return the numbers at risk in the order of the curves."""
        return self.at_risk.reindex(list(dict.fromkeys(self.curve["group"])))

    def _name_groups(self, ax: Axes) -> list[Any]:
        """Write the names beside the right ends of the curves, where there are several."""
        names = self._names()
        if not names:
            return []
        ends = self.curve.groupby("group", sort=False)["survival"].last()
        places = spread(ends.to_numpy(dtype=float), _GAP)
        places += max(0.0, _GAP / 2 - float(places.min()))
        look: dict[str, Any] = {"fontsize": FONT_SIZE, "va": "center", "annotation_clip": False}
        look |= {"xytext": (5, 0), "textcoords": "offset points", "parse_math": False}
        right = float(ax.get_xlim()[1])
        return [
            ax.annotate(name, (right, place), color=ink, **look)
            for name, place, (ink, _) in zip(names, places.tolist(), SERIES, strict=False)
        ]

    def _name_rows(self, ax: Axes) -> list[Any]:
        """Write the names before the rows of numbers at risk, where there are several."""
        return [
            self._below(ax, name, 0.0, row, color=ink, ha="right", left=self._half_number())
            for row, (name, (ink, _)) in enumerate(zip(self._names(), SERIES, strict=False), 1)
        ]

    def _write_numbers(self, ax: Axes) -> list[Any]:
        """Write the numbers at risk under their ticks, a row a group in its ink."""
        rows = enumerate(zip(self._counts().to_numpy(dtype=float), SERIES, strict=False), 1)
        times = self.at_risk.columns.to_numpy(dtype=float).tolist()
        return [
            self._below(ax, "at risk", 0.0, 0, color=MUTED),
            *(
                self._below(ax, count(value), time, row, color=ink, ha="center")
                for row, (values, (ink, _)) in rows
                for time, value in zip(times, values.tolist(), strict=True)
            ),
        ]

    def _below(
        self, ax: Axes, text: str, time: float, row: int, *, left: float = 0.0, **look: Any
    ) -> Any:
        """Write a text of the table under the axes, so many points left of a time."""
        look |= {"fontsize": FONT_SIZE, "va": "center", "annotation_clip": False}
        look |= {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
        look |= {"xytext": (-left, _TABLE_FROM - row * _ROW), "parse_math": False}
        return ax.annotate(text, (time, 0.0), **look)

    def _half_number(self) -> float:
        """Return how far the numbers under time 0 reach to its left, in points."""
        first = [count(value) for value in self._counts().iloc[:, 0].astype(float)]
        return _POINTS * (width_of(first) / 2 + CHARACTER_WIDTH)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches: room for names and numbers."""
        width, height = super().size
        names = self._names()
        before = width_of(names) + self._half_number() / _POINTS - _TICK_LABELS if names else 0.0
        rows = max(len(names), 1)
        return width + width_of(names) + max(before, 0.0), height + 0.25 * rows


def _p_text(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"= {significant(p_value, 2)}"
