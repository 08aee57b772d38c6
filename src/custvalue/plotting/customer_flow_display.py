"""Who came, stayed, left and returned in each period, and the share kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._customer_flow_display import (
    PARTS,
    checked_flow,
    shown_ticks,
    whole_steps,
)
from custvalue.plotting._display import Display
from custvalue.plotting._labels import width_of
from custvalue.plotting.formatting import count, period_names, share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, RAMP, RULE, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CustomerFlowDisplay"]

_INKS = {"kept": QUIET, "won_back": RAMP[3], "new": ACCENT, "lost": INK}
_NAMES = {"kept": "kept", "won_back": "won back", "new": "new", "lost": "lost"}
_BETWEEN_LABELS = 0.2
_LABELS_WIDTH = 0.5
_RATE_SHARE = 0.30
_TO_WORD = 4.0
_TO_SQUARE = 10.0
_ABOVE = 6.0
"""In points: from a word of the legend to its square, on to the next word, and above the axes."""


class CustomerFlowDisplay(Display):
    """Show customers kept, won back, new and lost in each period, and the retention rate below.

    Those who ordered stand above the line, those lost hang below it. The rate has axes of its own,
    with its interval; a period that is not complete is drawn pale and has no rate.

    Parameters
    ----------
    flow : pandas.DataFrame
        Indexed by the first day of the period, columns ``kept``, ``won_back``, ``new``, ``lost``,
        ``retention_rate``, ``lower``, ``upper`` and ``complete``.

    Attributes
    ----------
    flow : pandas.DataFrame
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    rate_ax_ : matplotlib.axes.Axes
        After `plot`: the axes of the rate, below.
    bars_ : dict of str to matplotlib.container.BarContainer
        After `plot`: "kept", "won_back", "new" and "lost".
    rate_line_ : matplotlib.lines.Line2D
        After `plot`.
    intervals_ : matplotlib.collections.LineCollection
        After `plot`: the interval of the rate in each period that has one.
    texts_, squares_ : list of matplotlib.text.Text
        After `plot`: the names of the bars, and a square in the ink of each.

    Examples
    --------
    >>> from custvalue.datasets import load_cdnow
    >>> from custvalue.plotting import CustomerFlowDisplay
    >>> from custvalue.retention import customer_flow
    >>> flow = customer_flow(load_cdnow(), period="quarter", observation_end="1998-06-30")
    >>> CustomerFlowDisplay.from_flow(flow).flow["lost"].to_list()
    [0, 1833, 310, 215, 208, 215]
    """

    _aspect = 0.95

    def __init__(self, *, flow: pd.DataFrame) -> None:
        self.flow = flow

    @classmethod
    def from_flow(cls, flow: Any) -> Self:
        """Take the flow as `custvalue.retention.customer_flow` gives it.

        Parameters
        ----------
        flow : pandas, polars or pyarrow frame
            One row a period.

        Returns
        -------
        CustomerFlowDisplay

        Raises
        ------
        ValueError
            If a column is missing, there is no period, or periods are not days.
        """
        return cls(flow=checked_flow(flow))

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        places = np.arange(len(self.flow), dtype=float)
        self.rate_ax_ = ax.inset_axes((0.0, 0.0, 1.0, _RATE_SHARE))
        bare(ax)
        bare(self.rate_ax_, keep=("bottom",))
        self._set_bar_axes(ax)
        self.bars_ = self._draw_bars(ax, places, settings)
        self._draw_rate(places)
        self._set_rate_axes()
        self._name_bars(ax)

    def _set_bar_axes(self, ax: Axes) -> None:
        up, down = self._heights()
        low, high = -1.12 * down, 1.04 * max(up, 1.0)
        # The rate takes the foot of the axes.
        ax.set_ylim(low - (high - low) * (_RATE_SHARE + 0.07) / (0.93 - _RATE_SHARE), high)
        ticks = self._ticks()
        ax.set_yticks(ticks, [count(abs(tick)) for tick in ticks])
        ax.set_xlim(-0.6, len(self.flow) - 0.4)
        ax.set_xticks([])
        ax.set_title("customers", loc="left", fontsize=FONT_SIZE, color=INK)

    def _heights(self) -> tuple[float, float]:
        """Return how far bars go up and down."""
        up = self.flow[["kept", "won_back", "new"]].sum(axis=1).max()
        return float(up), float(self.flow["lost"].max())

    def _ticks(self) -> list[float]:
        """Return whole numbers of customers, those lost below zero."""
        up, down = self._heights()
        steps = whole_steps(max(up, down, 1.0), 5)
        above = [step for step in steps if step <= max(up, 1.0)]
        return [-step for step in reversed(steps[1:]) if step <= down] + above

    def _period_names(self) -> list[str]:
        return period_names(pd.DatetimeIndex(self.flow.index))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches: wider for long labels."""
        width, height = super().size
        left = width_of([count(abs(tick)) for tick in self._ticks()]) - _LABELS_WIDTH
        right = width_of(self._period_names()) / 2 - _BETWEEN_LABELS
        return width + max(left, 0.0) + max(right, 0.0), height

    def _draw_bars(self, ax: Axes, places: Any, settings: dict[str, Any]) -> dict[str, Any]:
        ax.axhline(0.0, color=RULE, linewidth=0.8, zorder=1)
        whole = self.flow["complete"].to_numpy(dtype=bool)
        bottom = np.zeros(len(places))
        bars: dict[str, Any] = {}
        for name in PARTS:
            heights = self.flow[name].to_numpy(dtype=float)
            start, signed = (
                (np.zeros_like(bottom), -heights) if name == "lost" else (bottom, heights)
            )
            look: dict[str, Any] = {
                "color": _INKS[name],
                "width": 0.82,
                "linewidth": 0,
                "zorder": 2,
            }
            bars[name] = ax.bar(places, signed, bottom=start, **(look | settings))
            for bar, done in zip(bars[name], whole, strict=True):
                bar.set_alpha(None if done else 0.45)
            bottom = bottom + np.where(name == "lost", 0.0, heights)
        return bars

    def _draw_rate(self, places: Any) -> None:
        low, high = (self.flow[name].to_numpy(dtype=float) for name in ("lower", "upper"))
        self.rate_ax_.fill_between(places, low, high, color=RAMP[1], linewidth=0, zorder=1)
        known = ~np.isnan(low)
        # A band has no width in a period that stands alone.
        self.intervals_ = self.rate_ax_.vlines(
            places[known], low[known], high[known], color=RAMP[2], linewidth=1.5, zorder=2
        )
        rate = self.flow["retention_rate"].to_numpy(dtype=float)
        look: dict[str, Any] = {"color": ACCENT, "linewidth": 1.8, "marker": "o", "markersize": 4}
        look |= {"markeredgecolor": PAPER, "zorder": 3, "clip_on": False}
        [self.rate_line_] = self.rate_ax_.plot(places, rate, **look)

    def _set_rate_axes(self) -> None:
        ax = self.rate_ax_
        ax.set_xlim(-0.6, len(self.flow) - 0.4)
        ax.set_ylim(0.0, 1.0)
        ax.set_yticks([0.0, 0.5, 1.0], [share(tick, 0) for tick in (0.0, 0.5, 1.0)])
        ax.grid(axis="y", color=RULE, linewidth=0.8)
        names = self._period_names()
        room = self.ax_.get_position().width * self.ax_.figure.get_size_inches()[0]
        ticks = shown_ticks(len(names), max(1, int(room / (width_of(names) + _BETWEEN_LABELS))))
        ax.set_xticks(ticks, [names[int(tick)] for tick in ticks])
        ax.set_title("retention rate", loc="left", fontsize=FONT_SIZE, color=INK)

    def _name_bars(self, ax: Axes) -> None:
        """Write the names and squares in one line above the bars, each before the one written."""
        look: dict[str, Any] = {"fontsize": FONT_SIZE, "ha": "right", "va": "baseline"}
        look |= {"xy": (0.0, 1.0), "textcoords": "offset points"}
        line = "axes fraction"
        after: Any = None
        words, squares = [], []
        for name in reversed(PARTS):
            ink = MUTED if name == "kept" else _INKS[name]
            look |= {"xytext": (-_TO_SQUARE, _ABOVE), "xycoords": (after, line)}
            if after is None:
                look |= {"xy": (1.0, 1.0), "xytext": (0.0, _ABOVE), "xycoords": line}
            words.append(ax.annotate(_NAMES[name], **look, color=ink))
            look |= {"xy": (0.0, 1.0), "xytext": (-_TO_WORD, _ABOVE), "xycoords": (words[-1], line)}
            squares.append(ax.annotate("\u25a0", **look, color=_INKS[name]))
            after = squares[-1]
        self.texts_, self.squares_ = words[::-1], squares[::-1]
