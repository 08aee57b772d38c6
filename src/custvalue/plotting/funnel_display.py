"""Shares of sites against their number of orders: bad sites, told from chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._typing import FloatArray
from custvalue.plotting._display import Display
from custvalue.plotting._funnel_display import (
    INNER,
    OUTER,
    distinct_names,
    funnel_limits,
    funnel_table,
    percent_places,
)
from custvalue.plotting._labels import LINE_HEIGHT, spread, width_of
from custvalue.plotting.formatting import count, nice_steps, share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, RAMP, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FunnelDisplay"]

_DRAWN_POINTS = 241
_LONGEST_NAME = 20
_MOST_NAMES = 10
_SPAN_OF_LOGS = 30.0
_AXIS_WIDTH = 0.65
_MOST_TICKS = 6
_INKS = {"far below": ACCENT, "below": INK, "far above": MUTED}
"""Who is named, and in which ink."""


class FunnelDisplay(Display):
    """Show which sites are worse than chance allows: the share of each against its orders.

    Around the overall share runs a funnel: if all sites were alike, 95 % of them would lie in its
    inner part and 99.8 % in the outer one, wider where orders are few. Sites below the outer part
    are bad sites, sites between the two may be; both are named, and so are those above the outer
    part. All others are quiet: what sets them apart is noise.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the sites. Columns ``total``, ``successes``, ``share``, ``lower``, ``upper`` (95 %),
        ``lowest``, ``highest`` (99.8 %) and ``verdict``: "far below", "below", "within", "above" or
        "far above".
    what : str, default="share"
        What the shares are of.
    things : str, default="orders"
        What is counted.

    Attributes
    ----------
    table, what, things :
        As given.
    overall : float
        Share of all sites together.
    ax_, figure_ : matplotlib objects
        After `plot`.
    inner_, outer_ : matplotlib.collections.FillBetweenPolyCollection
        After `plot`: the funnels.
    line_ : matplotlib.lines.Line2D
        After `plot`: the overall share.
    points_ : list of matplotlib.lines.Line2D
        After `plot`: quiet sites, sites that may be bad, bad ones, good ones.
    texts_ : list of matplotlib.text.Text
        After `plot`: names of sites, then that of the overall share, then how many more sites
        would have a name, if there are any.

    See Also
    --------
    custvalue.service.PerfectOrder : Shares of perfect orders by group.

    Notes
    -----
    The limits are exact binomial ones, interpolated [1]_. They suppose that orders
    fail independently at one rate. Of 20 sites that are alike one is expected outside the inner
    part, of 500 one outside the outer part: with many sites take the outer part. At most ten sites
    are named, those furthest out, and the others counted. Long names are cut in the middle, or
    where that keeps them apart.

    References
    ----------
    .. [1] D. J. Spiegelhalter (2005), "Funnel plots for comparing institutional performance",
       Statistics in Medicine 24, 1185-1202.

    Examples
    --------
    >>> from custvalue.plotting import FunnelDisplay
    >>> sites = ["Antwerp", "Bologna", "Cracow"]
    >>> display = FunnelDisplay.from_predictions([950, 93, 160], [1000, 100, 200], sites)
    >>> display.table["verdict"].to_dict()
    {'Antwerp': 'above', 'Bologna': 'within', 'Cracow': 'far below'}
    """

    def __init__(self, *, table: pd.DataFrame, what: str = "share", things: str = "orders") -> None:
        self.table = table
        self.what = what
        self.things = things

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Take the perfect orders of each group.

        Parameters
        ----------
        estimator : fitted estimator
            `custvalue.service.PerfectOrder` with ``by``, or another with ``observed_`` that has
            ``perfect_orders`` and ``known``.

        Returns
        -------
        FunnelDisplay
            Groups of which no order is known are left out.
        """
        check_is_fitted(estimator)
        found = estimator.observed_
        table = funnel_table(found["perfect_orders"], found["known"])
        return cls(table=table, what="perfect orders")

    @classmethod
    def from_predictions(
        cls,
        successes: Any,
        totals: Any,
        names: Any = None,
        *,
        what: str = "share",
        things: str = "orders",
    ) -> Self:
        """Take numbers as given.

        Parameters
        ----------
        successes, totals : array-like of shape (n_sites,)
            Whole numbers: of so many orders so many were good. Sites without an order are left out.
        names : array-like of shape (n_sites,) or None
            None takes the index of ``successes``, if it has one, else numbers from 1.
        what : str, default="share"
            What the shares are of.
        things : str, default="orders"
            What is counted.

        Returns
        -------
        FunnelDisplay

        Raises
        ------
        ValueError
            If lengths differ, Series have different labels (they are joined by position), a number
            is no whole number from 0 to 2^53, there are more successes than orders, or no site has
            an order.
        """
        return cls(table=funnel_table(successes, totals, names), what=what, things=things)

    @property
    def overall(self) -> float:
        """Share of all sites together."""
        return float(self.table["successes"].sum() / self.table["total"].sum())

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        return WIDTH + self._name_width(), 0.75 * WIDTH

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        bare(ax)
        grid = self._set_limits(ax)
        self.outer_, self.inner_ = (
            ax.fill_between(grid, *funnel_limits(grid, self.overall, level), color=ink, linewidth=0)
            for level, ink in ((OUTER, RAMP[0]), (INNER, RAMP[1]))
        )
        [self.line_] = ax.plot(grid[[0, -1]], [self.overall] * 2, color=MUTED, linewidth=1.0)
        self.points_ = self._draw_sites(ax, settings)
        self.texts_ = self._name_sites(ax)

    def _draw_sites(self, ax: Axes, settings: dict[str, Any]) -> list[Any]:
        """Draw quiet sites first, bad ones on top."""
        looks: list[tuple[tuple[str, ...], dict[str, Any]]] = [
            (("within", "above"), {"color": QUIET, "markersize": 5}),
            (("below",), {"color": INK, "markersize": 6}),
            (("far below",), {"color": ACCENT, "markersize": 8}),
            (("far above",), {"color": MUTED, "markersize": 6}),
        ]
        common: dict[str, Any] = {"linestyle": "none", "marker": "o", "zorder": 3, "clip_on": False}
        common |= {"markeredgecolor": PAPER, "markeredgewidth": 0.7}
        lines = []
        for verdicts, look in looks:
            sites = self.table[self.table["verdict"].isin(verdicts)]
            style = common | look | settings
            lines.append(ax.plot(sites["total"], sites["share"], **style)[0])
        return lines

    def _set_limits(self, ax: Axes) -> FloatArray:
        """Set the axes, and return the numbers of orders at which the funnel is drawn."""
        ends = self.table[["share", "lower", "upper"]].to_numpy(dtype=np.float64)
        low, high = float(ends.min()), float(ends.max())
        room = 0.08 * (high - low) or 0.05
        low, high = max(low - room, -0.02), min(high + room, 1.02)
        step = nice_steps(high - low, _MOST_TICKS)[1]
        ticks = step * np.arange(np.ceil(max(low, 0) / step), np.floor(min(high, 1) / step) + 1)
        places = percent_places(step)
        ax.set_yticks(ticks, [share(tick, places) for tick in ticks])
        ax.set_ylim(low, high)
        ax.set_xlabel(f"{self.things}, with {share(INNER, 0)} and {share(OUTER)} limits")
        ax.set_ylabel(self.what)
        return self._set_totals(ax)

    def _set_totals(self, ax: Axes) -> FloatArray:
        """Set the axis of orders: in logarithms where sites differ much."""
        least, most = float(self.table["total"].min()), float(self.table["total"].max())
        if most <= _SPAN_OF_LOGS * least:
            ticks = [one for one in nice_steps(1.06 * most, _MOST_TICKS) if one == round(one)]
            start, stop = max(1.0, 0.02 * most), 1.06 * most
            ax.set_xlim(0.0, stop)
        else:
            start, stop = least / 1.3, 1.3 * most
            tens = np.arange(np.ceil(np.log10(start)), np.floor(np.log10(stop)) + 1)
            ticks = [10.0**ten for ten in tens]
            ax.set_xscale("log")
            ax.minorticks_off()
            ax.set_xlim(start, stop)
        ax.set_xticks(ticks, [count(one) for one in ticks])
        # Orders are whole: between them there are no limits.
        grid = np.geomspace(start, stop, _DRAWN_POINTS)
        return np.unique(np.maximum(np.round(grid), 1.0))

    def _outside(self) -> pd.DataFrame:
        return self.table[self.table["verdict"].isin(list(_INKS))]

    def _named(self) -> pd.DataFrame:
        """Return the sites to name, those furthest out where they are too many."""
        sites = self._outside()
        wide = np.maximum(sites["highest"] - sites["lowest"], 1e-12)
        out: FloatArray = ((sites["share"] - self.overall).abs() / wide).to_numpy(dtype=np.float64)
        chosen = np.sort(np.argsort(-out, kind="stable")[:_MOST_NAMES])
        return sites.iloc[chosen]

    def _names(self) -> list[str]:
        return distinct_names([_text(one) for one in self._named().index], _LONGEST_NAME)

    def _labels(self) -> list[str]:
        more = len(self._outside()) - len(self._named())
        return [*self._names(), f"all {share(self.overall)}", *([f"and {more} more"] * (more > 0))]

    def _name_width(self) -> float:
        return width_of(self._labels()) + 0.2

    def _name_sites(self, ax: Axes) -> list[Any]:
        """Write names right of the axes, apart from each other, with fine lines to their sites."""
        sites, labels = self._named(), self._labels()
        low, high = ax.get_ylim()
        right = ax.get_xlim()[1]
        # How many more there are stands below all names.
        rest = len(labels) - len(sites) - 1
        ends = np.r_[sites["share"].to_numpy(dtype=np.float64), self.overall, [low] * rest]
        totals = np.r_[sites["total"].to_numpy(dtype=np.float64), right]
        inks = [*(_INKS[verdict] for verdict in sites["verdict"]), MUTED, *[MUTED] * rest]
        gap = LINE_HEIGHT * (high - low) / (ax.bbox.height / ax.figure.dpi)
        places = spread(ends, gap)
        ax.set_ylim(
            min(low, float(places.min()) - gap / 2), max(high, float(places.max()) + gap / 2)
        )
        for x, y, place in zip(totals, ends, places, strict=False):
            ax.plot([x, right], [y, place], color=QUIET, linewidth=0.7, zorder=2, clip_on=False)
        return [
            _write(ax, name, ink, (right, place))
            for name, ink, place in zip(labels, inks, places, strict=True)
        ]


def _write(ax: Axes, name: str, ink: str, place: tuple[float, float]) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    style: dict[str, Any] = {"va": "center_baseline", "parse_math": False, "fontsize": FONT_SIZE}
    return ax.annotate(name, place, (4, 0), textcoords="offset points", color=ink, **style)


def _text(label: Any) -> str:
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
