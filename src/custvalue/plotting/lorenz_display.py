"""How unevenly value is spread over customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from custvalue._numerics.concentration import gini, lorenz_curve, top_share
from custvalue._typing import FloatArray
from custvalue.plotting._display import Display
from custvalue.plotting.formatting import decimal, share
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LorenzDisplay"]

_DRAWN_POINTS = 241


class LorenzDisplay(Display):
    """Show how much of the value the best customers hold: the Lorenz curve.

    The further the curve hangs below the straight line, the fewer customers hold the value.

    Parameters
    ----------
    population_share, value_share : ndarray of shape (n_points,)
        The curve: what share of the value the poorest share of the customers holds, from 0 to 1.
    gini : float
        Gini coefficient: 0 where all are worth the same, near 1 where one holds everything.
    top : float
        A share of the customers, the best, such as 0.2.
    top_share : float
        The share of the value that they hold.

    Attributes
    ----------
    population_share, value_share, gini, top, top_share :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    line_, equality_line_ : matplotlib.lines.Line2D
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`.

    Examples
    --------
    >>> from custvalue.plotting import LorenzDisplay
    >>> display = LorenzDisplay.from_predictions([60.0, 10.0, 10.0, 10.0, 10.0])
    >>> round(display.top_share, 4), round(display.gini, 4)
    (0.6, 0.4)
    """

    _aspect = 0.84

    def __init__(
        self,
        *,
        population_share: FloatArray,
        value_share: FloatArray,
        gini: float,
        top: float,
        top_share: float,
    ) -> None:
        self.population_share = population_share
        self.value_share = value_share
        self.gini = gini
        self.top = top
        self.top_share = top_share

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, top: float = 0.2) -> Self:
        """Take the value of every customer from a model.

        Parameters
        ----------
        estimator : fitted model of value
            `custvalue.lifetime.LifetimeValue`, or another whose ``predict`` gives values.
        X : customer summary
        top : float, default=0.2
            Share of the customers to point out, between 0 and 1.

        Returns
        -------
        LorenzDisplay
        """
        return cls.from_predictions(estimator.predict(X), top=top)

    @classmethod
    def from_predictions(cls, value: Any, *, top: float = 0.2) -> Self:
        """Take the value of every customer as given.

        Parameters
        ----------
        value : array-like of shape (n_customers,)
        top : float, default=0.2
            Share of the customers to point out, between 0 and 1.

        Returns
        -------
        LorenzDisplay

        Raises
        ------
        ValueError
            If ``top`` is not between 0 and 1, or the values have no positive total to share out.
        """
        if not 0 < top < 1:
            raise ValueError(f"top must be between 0 and 1; found {top!r}")
        values = np.asarray(value, dtype=np.float64)
        curve = lorenz_curve(values)
        return cls(
            population_share=curve.population_share,
            value_share=curve.value_share,
            gini=gini(values),
            top=top,
            top_share=top_share(values, top),
        )

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        x = np.linspace(0.0, 1.0, _DRAWN_POINTS)
        y = np.interp(x, self.population_share, self.value_share)
        style: dict[str, Any] = {"color": ACCENT, "linewidth": 2.2, "clip_on": False} | settings
        [self.equality_line_] = ax.plot([0, 1], [0, 1], color=QUIET, linewidth=1.0)
        [self.line_] = ax.plot(x, y, zorder=3, **style)
        bare(ax, keep=("bottom",))
        ticks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
        ax.set_xticks(ticks, [share(tick, 0) for tick in ticks])
        ax.set_yticks([])
        ax.set_xlim(0, 1)
        ax.set_ylim(min(0.0, float(y.min())), 1)
        ax.set_xlabel("customers, from least to most valuable")
        self._mark_top(ax)

    def _mark_top(self, ax: Axes) -> None:
        """Point out what the best customers hold, and say how to read the rest."""
        at = (1 - self.top, 1 - self.top_share)
        ax.plot([at[0], at[0]], [at[1], 1.0], color=MUTED, linewidth=0.9, linestyle=(0, (2, 2)))
        ax.plot(*at, marker="o", markersize=7, color=ACCENT, markeredgecolor=PAPER, zorder=4)
        held = (f"the best {share(self.top, 0)}", f"hold {share(self.top_share)}", "of the value")
        self.texts_ = [
            *(_write(ax, at[0], 1.0, -8, -8 - 15 * line, text) for line, text in enumerate(held)),
            _write(ax, 1.0, 0.0, -2, 10, f"Gini {decimal(self.gini, 2)}", ACCENT),
            _write(ax, 0.3, 0.3, -8, 22, "if all were", MUTED),
            _write(ax, 0.3, 0.3, -8, 7, "worth the same", MUTED),
        ]


def _write(ax: Axes, x: float, y: float, right: float, up: float, text: str, ink: str = INK) -> Any:
    """Write one line that ends some points right of and above a place on the curve."""
    style: dict[str, Any] = {"fontsize": FONT_SIZE, "ha": "right", "va": "center_baseline"}
    return ax.annotate(text, (x, y), (right, up), textcoords="offset points", color=ink, **style)
