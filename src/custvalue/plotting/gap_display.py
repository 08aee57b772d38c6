"""What customers expect beside what they perceive, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue.plotting._gap_display import by_shortfall, gap_table, heading_places
from custvalue.plotting._labels import shortened, width_of
from custvalue.plotting._lettered_display import LetteredDisplay
from custvalue.plotting.formatting import decimal
from custvalue.plotting.style import (
    ACCENT,
    FONT_SIZE,
    INK,
    MUTED,
    PAPER,
    QUIET,
    RULE,
    WIDTH,
    bare,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["GapDisplay"]

_LONGEST_NAME = 28
_ROW_HEIGHT = 0.3
_FOOT_HEIGHT = 1.1
_AXIS_WIDTH = 2.6
_TABLES = {"items": "gaps_", "dimensions": "dimensions_"}
_WORDS = ("expected", "perceived")


class GapDisplay(LetteredDisplay):
    """Show what customers expect beside what they perceive, item by item.

    Each item has a hollow dot for the expectation and a full one for the perception, joined by a
    line that is dark where service falls short. The item that falls shortest stands on top. At the
    end stand the gap and, where it is known, its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the items, in the order to show. Columns ``expectation``, ``perception`` and ``gap``;
        ``lower`` and ``upper`` of the gap if they are known.

    Attributes
    ----------
    table : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    lines_ : matplotlib.collections.LineCollection
        After `plot`: the gaps.
    expected_, perceived_ : matplotlib.lines.Line2D
        After `plot`: the dots.
    texts_ : list of matplotlib.text.Text
        After `plot`: what stands at the end of the rows, then the headings.

    See Also
    --------
    custvalue.service.ServiceGap : Computes the gaps.

    Examples
    --------
    >>> from custvalue.plotting import GapDisplay
    >>> display = GapDisplay.from_predictions(
    ...     {"care": 5.0, "speed": 6.0}, {"care": 5.5, "speed": 4.5}
    ... )
    >>> display.table["gap"].to_dict()
    {'speed': -1.5, 'care': 0.5}
    """

    def __init__(self, *, table: pd.DataFrame) -> None:
        self.table = table

    @classmethod
    def from_estimator(cls, estimator: Any, *, of: str = "items") -> Self:
        """Take the gaps of a survey.

        Parameters
        ----------
        estimator : fitted analysis of gaps
            `custvalue.service.ServiceGap`, or another with ``gaps_`` and ``dimensions_``.
        of : {"items", "dimensions"}, default="items"
            What a row is.

        Returns
        -------
        GapDisplay

        Raises
        ------
        ValueError
            If ``of`` is neither, or no expectations were asked.
        """
        check_is_fitted(estimator)
        if of not in _TABLES:
            raise ValueError(f"of must be 'items' or 'dimensions'; found {of!r}")
        return cls(table=by_shortfall(getattr(estimator, _TABLES[of])))

    @classmethod
    def from_predictions(cls, expectation: Any, perception: Any) -> Self:
        """Take expectations and perceptions as given.

        Parameters
        ----------
        expectation, perception : pandas.Series or mapping of str to float
            By item.

        Returns
        -------
        GapDisplay
            The gap is perception less expectation.

        Raises
        ------
        ValueError
            If there is no item, one is there twice, the two do not have the same items, or a value
            is not finite.
        """
        return cls(table=gap_table(expectation, perception))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        width = width_of(self._names()) + _AXIS_WIDTH + width_of(self._ends()) + 0.3
        return max(WIDTH, width), _ROW_HEIGHT * len(self.table) + _FOOT_HEIGHT

    def _names(self) -> list[str]:
        return [shortened(str(name), _LONGEST_NAME) for name in self.table.index]

    def _ends(self) -> list[str]:
        """Return what stands at the end of each row: the gap, and its interval if it is known."""
        gaps = [decimal(gap, 2) for gap in self.table["gap"]]
        if not {"lower", "upper"} <= set(self.table.columns):
            return gaps
        limits = zip(self.table["lower"], self.table["upper"], strict=True)
        between = [
            "" if np.isnan(low + high) else f"  ({decimal(low, 2)} to {decimal(high, 2)})"
            for low, high in limits
        ]
        return [gap + limit for gap, limit in zip(gaps, between, strict=True)]

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        rows = np.arange(len(self.table))
        expected, perceived = (
            self.table[name].to_numpy(dtype=np.float64) for name in ("expectation", "perception")
        )
        bare(ax)
        ax.set_ylim(len(rows) - 0.4, -1.3)
        ax.set_yticks(rows, self._names(), parse_math=False)
        for label in ax.get_yticklabels():
            label.set(color=INK, fontfamily=self._fonts)
        ax.set_xlabel("mean rating")
        every = np.concatenate([expected, perceived])
        low, high = float(np.nanmin(every)), float(np.nanmax(every))
        room = 0.06 * (high - low) or 0.5
        ax.set_xlim(low - room, high + room)
        ax.hlines(rows, low - room, high + room, color=RULE, linewidth=0.8, zorder=1)
        inks = np.where(expected > perceived, ACCENT, QUIET).tolist()
        self.lines_ = ax.hlines(rows, expected, perceived, colors=inks, linewidth=3, zorder=2)
        dot: dict[str, Any] = {"marker": "o", "linestyle": "none", "markersize": 8, "zorder": 3}
        dot |= {"markeredgecolor": ACCENT, "markeredgewidth": 1.6, "clip_on": False}
        [self.expected_] = ax.plot(expected, rows, **(dot | {"color": PAPER} | settings))
        [self.perceived_] = ax.plot(perceived, rows, **(dot | {"color": ACCENT} | settings))
        self.texts_ = self._write(ax, expected, perceived)

    def _write(self, ax: Axes, expected: Any, perceived: Any) -> list[Any]:
        """Write the gaps at the end of the rows, and over the first row what the dots are."""
        style: dict[str, Any] = {"va": "center_baseline", "fontsize": FONT_SIZE}
        across = ax.get_yaxis_transform()
        texts = [
            ax.text(1.03, row, end, color=INK, transform=across, **style)
            for row, end in enumerate(self._ends())
        ]
        texts.append(ax.text(1.03, -0.9, "gap", color=MUTED, transform=across, **style))
        # An inch of the axes is so many units of the rating.
        unit = (ax.get_xlim()[1] - ax.get_xlim()[0]) / _AXIS_WIDTH
        width = width_of(list(_WORDS)) * unit
        places = heading_places(
            (float(expected[0]), float(perceived[0])),
            width + 0.12 * unit,
            ax.get_xlim()[1] - width / 2,
        )
        for word, place in zip(_WORDS, places, strict=True):
            texts.append(ax.text(place, -0.9, word, color=MUTED, ha="center", **style))
        return texts
