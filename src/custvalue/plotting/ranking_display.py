"""Which service elements matter most, and how sure their places are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import shortened, width_of
from custvalue.plotting._ranking_display import LIMITS, ranking_table, stage_words
from custvalue.plotting.formatting import share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, RAMP, RULE, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["RankingDisplay"]

_LONGEST_NAME = 28
_LONGEST_STAGE = 12
_ROW_HEIGHT = 0.3
_HEADING_ROWS = 1.1
_FOOT_HEIGHT = 0.55
_STEP = 0.2
_LEAST_AXIS, _MOST_AXIS = 1.6, 4.0
_WEIGHT_WIDTH = 0.85
_MOST_TICKS = 10


class RankingDisplay(Display):
    """Show which service elements matter most, and how sure their places are.

    Each element has a dot at its rank and a bar over all the places that it may have. Where bars
    overlap, the data do not tell which element matters more. Its weight stands at the end.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the elements, by rank. Columns ``weight``, ``rank``, ``rank_lower`` and
        ``rank_upper`` (NaN where there are no limits), and ``stage`` if it is known.
    level : float or None
        Probability that the bars are right, all together; None does not tell it.

    Attributes
    ----------
    table, level :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    bars_ : matplotlib.collections.LineCollection
        After `plot`: the limits of the ranks.
    dots_ : matplotlib.lines.Line2D
        After `plot`: the ranks.
    texts_ : list of matplotlib.text.Text
        After `plot`: the names, stages and weights.

    See Also
    --------
    LoadingsDisplay : The factors behind a ranking.

    Examples
    --------
    >>> from custvalue.plotting import RankingDisplay
    >>> display = RankingDisplay.from_predictions({"speed": 0.2, "price": 0.5, "staff": 0.3})
    >>> display.table["rank"].to_dict()
    {'price': 1, 'staff': 2, 'speed': 3}
    """

    def __init__(self, *, table: pd.DataFrame, level: float | None = None) -> None:
        self.table = table
        self.level = level

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the ranking of service elements.

        Parameters
        ----------
        estimator : fitted ranking
            `custvalue.factors.ServiceElementRanking`, or another with ``ranking_``.

        Returns
        -------
        RankingDisplay

        Raises
        ------
        TypeError
            If the estimator is no ranking.
        """
        check_fitted(estimator, cls.__name__, "ranking_", like="ServiceElementRanking")
        table = estimator.ranking_.sort_values("rank", kind="stable")
        return cls(table=table, level=getattr(estimator, "level", None))

    @classmethod
    def from_predictions(cls, weights: Any, lower: Any = None, upper: Any = None) -> Self:
        """Take weights as given, and the limits of the ranks.

        Parameters
        ----------
        weights : pandas.Series or mapping of str to float
            By element.
        lower, upper : pandas.Series, sequence of float, or None
            First and last place that each element may have: by element, or in the order of the
            weights; None where they are not known.

        Returns
        -------
        RankingDisplay

        Raises
        ------
        ValueError
            If there is no element or one is there twice, a weight is not finite, only one limit
            is given, or a rank is not between its limits.
        """
        return cls(table=ranking_table(weights, lower, upper))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        rows = len(self.table) + _HEADING_ROWS
        width = self._left() + self._axis_width() + _WEIGHT_WIDTH
        return max(WIDTH, width), _ROW_HEIGHT * rows + _FOOT_HEIGHT

    def _names(self) -> list[str]:
        return [shortened(str(name), _LONGEST_NAME) for name in self.table.index]

    def _stages(self) -> list[str]:
        return [shortened(word, _LONGEST_STAGE) for word in stage_words(self.table)]

    def _stage_width(self) -> float:
        return width_of(self._stages()) + 0.15 if any(self._stages()) else 0.0

    def _left(self) -> float:
        """Return how much room names and stages take, in inches."""
        return width_of(self._names()) + self._stage_width() + 0.3

    def _axis_width(self) -> float:
        return float(np.clip(_STEP * len(self.table), _LEAST_AXIS, _MOST_AXIS))

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        count, (width, _) = len(self.table), self.size
        bare(ax)
        ax.set_yticks([])
        # One unit across is an inch, one down is a row.
        ax.set_xlim(0, width)
        ax.set_ylim(count - 0.4, -0.5 - _HEADING_ROWS)
        start, stop = self._left() + 0.1, width - _WEIGHT_WIDTH
        step = (stop - start) / max(count - 1, 1)
        ticks = _ticks(count)
        ax.set_xticks(start + step * (ticks - 1), [str(tick) for tick in ticks])
        ax.set_xlabel(self._foot(), x=(start + stop) / 2 / width)
        rows = np.arange(count)
        ax.hlines(rows, start, stop, color=RULE, linewidth=0.8, zorder=1)
        self._draw_ranks(ax, rows, start, step, settings)
        self.texts_ = [*self._headings(ax, start, width), *self._write_rows(ax, start, width)]

    def _draw_ranks(
        self, ax: Axes, rows: Any, start: float, step: float, settings: dict[str, Any]
    ) -> None:
        """Draw a dot at each rank, and a bar from the first place it may have to the last."""
        low, high = (start + step * (self.table[name].to_numpy(float) - 1) for name in LIMITS)
        known = ~np.isnan(low) & ~np.isnan(high)
        bar: dict[str, Any] = {"color": RAMP[2], "linewidth": 7, "capstyle": "round", "zorder": 2}
        self.bars_ = ax.hlines(rows[known], low[known], high[known], **bar)
        dot: dict[str, Any] = {"color": ACCENT, "marker": "o", "markersize": 8, "linestyle": "none"}
        edge: dict[str, Any] = {"markeredgecolor": PAPER, "zorder": 3, "clip_on": False}
        places = start + step * (self.table["rank"].to_numpy(float) - 1)
        [self.dots_] = ax.plot(places, rows, **(dot | edge | settings))

    def _headings(self, ax: Axes, start: float, width: float) -> list[Any]:
        texts = [_write(ax, width - 0.05, -_HEADING_ROWS, "weight", MUTED, ha="right")]
        if any(self._stages()):
            texts.append(_write(ax, start - 0.2, -_HEADING_ROWS, "when", MUTED, ha="right"))
        return texts

    def _write_rows(self, ax: Axes, start: float, width: float) -> list[Any]:
        """Write name, stage and weight of each element."""
        names = start - 0.2 - self._stage_width()
        weights = self.table["weight"].to_numpy(dtype=np.float64).tolist()
        texts = []
        for row, (name, stage, weight) in enumerate(
            zip(self._names(), self._stages(), weights, strict=True)
        ):
            texts.append(_write(ax, names, row, name, INK, ha="right"))
            if stage:
                texts.append(_write(ax, start - 0.2, row, stage, MUTED, ha="right"))
            texts.append(_write(ax, width - 0.05, row, share(weight), INK, ha="right"))
        return texts

    def _foot(self) -> str:
        if self.level is None or self.table[list(LIMITS)].isna().all(axis=None):
            return "rank"
        return f"rank, with {share(self.level, 0)} limits"


def _ticks(count: int) -> Any:
    """Return the ranks to write: all, or some where they are many."""
    return np.arange(1, count + 1, math.ceil(count / _MOST_TICKS))


def _write(ax: Axes, x: float, y: float, words: str, ink: str, *, ha: str) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": ha, "va": "center_baseline", "parse_math": False, "zorder": 5}
    return ax.text(x, y, words, fontsize=FONT_SIZE, color=ink, **place)
