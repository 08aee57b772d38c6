"""An index of service quality by period, and what changed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._display import Display
from custvalue.plotting._index_display import by_dimension, waterfall
from custvalue.plotting._labels import shortened, width_of
from custvalue.plotting._snake_display import even_steps, places_of
from custvalue.plotting.formatting import decimal
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, RAMP, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["IndexDisplay"]

_LONGEST_NAME = 28
_ROW_HEIGHT = 0.27
_FOOT_HEIGHT = 0.75
_AXIS_WIDTH = 3.0
_VALUE_WIDTH = 0.85
_BAR_HEIGHT = 0.55


class IndexDisplay(Display):
    """Show an index by period as a waterfall: the parts of each change between the periods.

    A dot is the index of a period, a bar what one part adds to it or takes from it. The axis need
    not start at 0, since a change is seldom large beside the index.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a period or a part, from above: ``label``; ``kind``, "index" or "change"; ``start``
        and ``stop``, what the index is before and after it.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    dots_ : matplotlib.lines.Line2D
        After `plot`: the index of each period.
    bars_ : matplotlib.container.BarContainer
        After `plot`: the parts of the changes.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names, then the figures.

    See Also
    --------
    custvalue.service.ServiceQualityIndex : Where the figures come from.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import IndexDisplay
    >>> changes = pd.DataFrame({"speed": [-0.1], "care": [0.3]}, index=["June"])
    >>> display = IndexDisplay.from_predictions({"May": 0.5, "June": 0.7}, changes)
    >>> display.table.round(3)
       label    kind  start  stop
    0    May   index    0.5   0.5
    1   care  change    0.5   0.8
    2  speed  change    0.8   0.7
    3   June   index    0.7   0.7
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X0: Any = None,
        X1: Any = None,
        *,
        level: str = "dimension",
        most: int = 6,
        names: tuple[str, str] = ("before", "after"),
    ) -> Self:
        """Take the periods of the fit, or compare two tables.

        Parameters
        ----------
        estimator : fitted index
            `custvalue.service.ServiceQualityIndex`.
        X0, X1 : tables or None
            As ``decompose`` takes them; None for the fitted periods.
        level : {"dimension", "indicator"}, default="dimension"
            What the parts are.
        most : int, default=6
            Parts to tell apart in each change, at least 2; the smallest others are one.
        names : tuple of two str, default=("before", "after")
            What to call the two tables.

        Returns
        -------
        IndexDisplay

        Raises
        ------
        ValueError
            If ``level`` or ``most`` is none of these, only one table is given, or there are neither
            tables nor fitted periods.
        custvalue.exceptions.DataError
            If the tables cannot be compared.
        """
        check_is_fitted(estimator)
        if level not in ("dimension", "indicator"):
            raise ValueError(f"level must be 'dimension' or 'indicator'; found {level!r}")
        if (X0 is None) != (X1 is None):
            raise ValueError("X0 and X1 must be given together; found one of them")
        index, changes = (
            _fitted(estimator) if X0 is None else _compared(estimator, X0, X1, tuple(names))
        )
        owner = {one: name for name, members in estimator.tree.items() for one in members}
        parts = changes if level == "indicator" else by_dimension(changes, owner)
        return cls.from_predictions(index, parts, most=most)

    @classmethod
    def from_predictions(
        cls, index: pd.Series | Mapping[Any, float], changes: pd.DataFrame, *, most: int = 6
    ) -> Self:
        """Take an index and the parts of its changes as given.

        Parameters
        ----------
        index : pandas.Series or mapping of str to float
            By period, in order.
        changes : pandas.DataFrame
            A row for each period but the first, a column for each part.
        most : int, default=6
            Parts to tell apart in each change, at least 2; the smallest others are one.

        Returns
        -------
        IndexDisplay

        Raises
        ------
        ValueError
            If ``most`` is below 2, the periods of both differ, a figure is not finite, or the parts
            do not sum to the change.
        """
        if most < 2:
            raise ValueError(f"most must be at least 2; found {most!r}")
        return cls(table=waterfall(index, changes, most=most))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        width = self._left() + _AXIS_WIDTH + _VALUE_WIDTH
        return max(WIDTH, width), _ROW_HEIGHT * len(self.table) + _FOOT_HEIGHT

    def _names(self) -> list[str]:
        return [shortened(label, _LONGEST_NAME) for label in self.table["label"]]

    def _left(self) -> float:
        """Return how much room the names take, in inches."""
        return width_of(self._names()) + 0.35

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        start, stop = (self.table[name].to_numpy(dtype=np.float64) for name in ("start", "stop"))
        low, high = float(min(start.min(), stop.min())), float(max(start.max(), stop.max()))
        room = 0.06 * (high - low) or 0.05 * max(abs(high), 1.0)
        left, right = low - room, high + room
        inch = (right - left) / (self.size[0] - self._left() - _VALUE_WIDTH)
        bare(ax)
        ax.set_yticks([])
        ax.set_xlim(left - self._left() * inch, right + _VALUE_WIDTH * inch)
        ax.set_ylim(len(self.table) - 0.4, -0.6)
        steps = even_steps(left, right)
        steps = steps[(steps >= left) & (steps <= right)]
        ax.set_xticks(steps, [decimal(step, places_of(steps)) for step in steps])
        span = ax.get_xlim()
        ax.set_xlabel("index", x=((left + right) / 2 - span[0]) / (span[1] - span[0]))
        self._draw_rows(ax, start, stop, settings)
        self.texts_ = self._write_rows(ax, left - 0.15 * inch, span[1], max(high - low, room))

    def _draw_rows(self, ax: Axes, start: Any, stop: Any, settings: dict[str, Any]) -> None:
        """Draw a dot for each period, a bar for each part, and a line from row to row."""
        rows, is_index = np.arange(len(start)), (self.table["kind"] == "index").to_numpy()
        ax.vlines(stop[:-1], rows[:-1], rows[1:], color=QUIET, linewidth=0.9, zorder=1)
        parts = rows[~is_index]
        inks = [ACCENT if rises else RAMP[2] for rises in (stop >= start)[parts]]
        widths = (stop - start)[parts]
        bar: dict[str, Any] = {"height": _BAR_HEIGHT, "zorder": 2}
        self.bars_ = ax.barh(parts, widths, left=start[parts], color=inks, **bar)
        dot: dict[str, Any] = {"color": INK, "marker": "o", "markersize": 8, "linestyle": "none"}
        edge = {"markeredgecolor": PAPER, "zorder": 3}
        [self.dots_] = ax.plot(stop[is_index], rows[is_index], **(dot | edge | settings))

    def _write_rows(self, ax: Axes, names: float, figures: float, span: float) -> list[Any]:
        """Write the name of each row on the left and its figure on the right."""
        places = _figure_places(span)
        periods = (self.table["kind"] == "index").tolist()
        gains = (self.table["stop"] - self.table["start"]).where(~np.array(periods))
        amounts = gains.fillna(self.table["stop"]).tolist()
        labels, values = [], []
        for row, (name, period) in enumerate(zip(self._names(), periods, strict=True)):
            ink = INK if period else MUTED
            figure = decimal(amounts[row], places)
            rises = not period and round(amounts[row], places) > 0
            labels.append(_write(ax, names, row, name, ink))
            values.append(_write(ax, figures, row, f"+{figure}" if rises else figure, ink))
        return [*labels, *values]


def _fitted(estimator: Any) -> tuple[pd.Series, pd.DataFrame]:
    """Return the index by fitted period, and its changes."""
    if getattr(estimator, "by_period_", None) is None:
        raise ValueError("estimator must have fitted periods where no tables are given; found none")
    return estimator.by_period_["index"], estimator.changes_


def _compared(estimator: Any, X0: Any, X1: Any, names: Any) -> tuple[pd.Series, pd.DataFrame]:
    """Return the index of two tables, and its change."""
    table = estimator.decompose(X0, X1)
    change = table["change"].rename(names[1]).to_frame().T
    ends = [table.attrs["index_before"], table.attrs["index_after"]]
    return pd.Series(ends, index=list(names)), change


def _figure_places(span: float) -> int:
    """Return decimals that show a hundredth of the span."""
    return int(np.clip(np.ceil(2 - np.log10(span)), 0, 8))


def _write(ax: Axes, x: float, y: float, words: str, ink: str) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": "right", "va": "center_baseline", "parse_math": False}
    return ax.text(x, y, words, fontsize=FONT_SIZE, color=ink, zorder=5, **place)
