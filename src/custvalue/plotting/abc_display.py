"""How few items bring most of the value, and the classes that they fall into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting._abc_display import class_table, thinned_curve
from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import LINE_HEIGHT, shortened, spread, width_of
from custvalue.plotting.formatting import counted, share
from custvalue.plotting.style import (
    ACCENT,
    FONT_SIZE,
    INK,
    MUTED,
    PAPER,
    QUIET,
    RAMP,
    WIDTH,
    bare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["ABCDisplay"]

_TINTS = (RAMP[4], RAMP[3], RAMP[2], RAMP[1])
_STRIP = (1.035, 1.065)
_LABEL = 1.13
_AWAY = 0.025
_LONGEST_NAME = 8
_LABEL_HEIGHT = 2.3 * LINE_HEIGHT
_AXIS_HEIGHT = 0.6


class ABCDisplay(Display):
    """Show what share of the value how few items hold: the Pareto curve and its classes.

    Items stand from the most to the least valuable; the area below the curve is tinted by class.
    A strip on the right parts the whole value into the classes, each with its name, its items and
    its share of the value.

    Parameters
    ----------
    curve : pandas.DataFrame
        Columns ``item_share`` and ``value_share``: what share of the value the most valuable share
        of the items holds, ascending to (1, 1).
    table : pandas.DataFrame
        Index: classes, the most valuable first. Columns ``items``, ``item_share``, ``value`` and
        ``value_share``. Classes without a positive value have a name and no area.

    Attributes
    ----------
    curve, table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    line_ : matplotlib.lines.Line2D
        After `plot`: the curve.
    areas_, strips_ : dict of str to matplotlib artist
        After `plot`: the area below the curve and the part of the strip, by class.
    texts_ : list of matplotlib.text.Text
        After `plot`: what is said of each class that has items, in the order of the table.

    See Also
    --------
    custvalue.plotting.LorenzDisplay : The same curve the other way round, with the Gini figure.
    custvalue.service.ABCAnalysis : Finds the classes.

    Examples
    --------
    >>> from custvalue.plotting import ABCDisplay
    >>> display = ABCDisplay.from_predictions([60.0, 25.0, 10.0, 5.0], ["A", "A", "B", "C"])
    >>> display.table[["items", "value_share"]]
           items  value_share
    class
    A          2         0.85
    B          1         0.10
    C          1         0.05
    """

    _aspect = 0.72

    areas_: dict[str, Any]
    strips_: dict[str, Any]

    def __init__(self, *, curve: pd.DataFrame, table: pd.DataFrame) -> None:
        self.curve = curve
        self.table = table

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the curve and the classes that an analysis learned.

        Parameters
        ----------
        estimator : fitted analysis
            `custvalue.service.ABCAnalysis`.

        Returns
        -------
        ABCDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the analysis is not fitted.
        TypeError
            If it is none.
        """
        check_fitted(estimator, cls.__name__, "curve_", "class_summary_", like="ABCAnalysis")
        curve = estimator.curve_[["item_share", "value_share"]]
        return cls(curve=curve, table=estimator.class_summary_)

    @classmethod
    def from_predictions(cls, values: Any, classes: Any) -> Self:
        """Take values and classes as given.

        Parameters
        ----------
        values : array-like of shape (n_items,)
            At least 0, at least one above.
        classes : array-like of str of shape (n_items,)
            Their alphabetical order is taken for that of their value.

        Returns
        -------
        ABCDisplay

        Raises
        ------
        ValueError
            If the two are not equally long, a value is negative or not finite, none is above zero,
            or a class is missing.
        """
        numbers, table = class_table(values, classes)
        return cls(curve=thinned_curve(numbers), table=table)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH, max(self._aspect * WIDTH, _LABEL_HEIGHT * len(self._known()) + _AXIS_HEIGHT)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        x, y = self._points()
        look: dict[str, Any] = {"color": INK, "linewidth": 1.8, "clip_on": False} | settings
        right = self._right()
        bare(ax)
        ax.set_xlim(0, right)
        ax.set_ylim(0, 1)
        ticks = [0.0, 0.25, 0.5, 0.75, 1.0]
        ax.set_xticks(ticks, [share(tick, 0) for tick in ticks])
        ax.set_yticks([])
        ax.set_xlabel("items, from the most valuable", x=0.5 / right)
        self._draw_classes(ax, x, y)
        ax.plot([0, 1], [0, 0], color=QUIET, linewidth=1.0, zorder=2)
        [self.line_] = ax.plot(x, y, zorder=3, **look)
        self.texts_ = self._name_classes(ax)

    def _known(self) -> pd.DataFrame:
        """Return the classes that have items."""
        return self.table[self.table["items"] > 0]

    def _points(self) -> tuple[FloatArray, FloatArray]:
        """Return the curve from no item on."""
        x, y = self.curve[["item_share", "value_share"]].to_numpy(dtype=np.float64).T
        return np.concatenate([[0.0], x]), np.concatenate([[0.0], y])

    def _shares(self) -> tuple[FloatArray, FloatArray]:
        """Return the share of the ranked items and of the value in each class, 0 for losses."""
        known = self._known()
        held = known["value_share"].to_numpy(dtype=np.float64)
        items = np.where(held < 0, 0.0, known["items"].to_numpy(dtype=np.float64))
        return items / items.sum(), np.maximum(held, 0.0)

    def _draw_classes(self, ax: Axes, x: FloatArray, y: FloatArray) -> None:
        """Tint the area below the curve and the strip beside it by class."""
        items, held = (np.concatenate([[0.0], np.cumsum(shares)]) for shares in self._shares())
        self.areas_, self.strips_ = {}, {}
        for place, name in enumerate(self._known().index):
            ends, tint = items[place : place + 2], _TINTS[min(place, len(_TINTS) - 1)]
            if ends[1] > ends[0]:
                self.areas_[name] = _area(ax, x, y, ends, tint)
                self.strips_[name] = _strip(ax, held[place : place + 2], tint)

    def _name_classes(self, ax: Axes) -> list[Any]:
        """Say beside the strip what each class holds, apart from each other."""
        held = self._shares()[1]
        middles = np.cumsum(held) - held / 2
        places = spread(middles, _LABEL_HEIGHT / (self.size[1] - _AXIS_HEIGHT))
        places = places - max(0.0, float(places[-1]) - 1.0)
        look: dict[str, Any] = {"color": QUIET, "linewidth": 0.7, "clip_on": False}
        for part, middle, place in zip(held, middles, places, strict=True):
            if part > 0:
                ax.plot([_STRIP[1] + 0.005, _LABEL - 0.015], [middle, place], **look)
        rows = zip(self._known().index, self._labels(), places, strict=True)
        away = _AWAY * self._right()
        return [_write(ax, str(name), label, float(place), away) for name, label, place in rows]

    def _labels(self) -> list[str]:
        known = self._known()
        rows = zip(known["value_share"], known["items"], known["item_share"], strict=True)
        return [
            f"{share(value, 0)} of the value\n{counted(items, 'item')}, {share(part, 0)}"
            for value, items, part in rows
        ]

    def _right(self) -> float:
        """Return where the axis must end for the labels to fit, in widths of the curve."""
        name = max(len(_short(str(name))) for name in self._known().index)
        text = width_of(self._labels()) / WIDTH
        return _LABEL / (1.0 - text - _AWAY * (name + 0.6))


def _area(ax: Axes, x: FloatArray, y: FloatArray, ends: FloatArray, tint: str) -> Any:
    """Tint the area below the curve between two shares of the items."""
    inside = np.concatenate([ends[:1], x[(x > ends[0]) & (x < ends[1])], ends[1:]])
    height = float(np.interp(ends[1], x, y))
    ax.plot([ends[1], ends[1]], [0.0, height], color=PAPER, linewidth=1.2, zorder=1.5)
    return ax.fill_between(inside, np.interp(inside, x, y), color=tint, linewidth=0, zorder=1)


def _strip(ax: Axes, ends: FloatArray, tint: str) -> Any:
    """Tint the strip between two shares of the value."""
    look: dict[str, Any] = {"color": tint, "edgecolor": PAPER, "linewidth": 0.8}
    width, height = _STRIP[1] - _STRIP[0], ends[1] - ends[0]
    return ax.bar(_STRIP[0], height, width, ends[0], align="edge", clip_on=False, **look)[0]


def _short(name: str) -> str:
    return shortened(name, _LONGEST_NAME)


def _write(ax: Axes, name: str, label: str, place: float, away: float) -> Any:
    """Write the name of a class and what it holds."""
    style: dict[str, Any] = {"fontsize": FONT_SIZE, "va": "center", "parse_math": False}
    ax.text(_LABEL, place, _short(name), color=ACCENT, fontweight="bold", **style)
    right = _LABEL + away * (len(_short(name)) + 0.6)
    return ax.text(right, place, label, color=MUTED, linespacing=1.25, **style)
