"""Products by volume and profit, in four quadrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pandas as pd

from custvalue._estimator.door import read_table
from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import CHARACTER_WIDTH, LINE_HEIGHT, shortened, wrapped
from custvalue.plotting._portfolio_display import (
    Scale,
    chosen_scale,
    corner_words,
    most_notable,
    rounded,
)
from custvalue.plotting.style import ACCENT, FONT_SIZE, INK, MUTED, PAPER, QUIET, bare
from custvalue.service.portfolio_matrix import PortfolioMatrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PortfolioDisplay"]

_LONGEST_NAME = 18
_MANY = 150
_BESIDE = 6.0
_RADIUS = 3.0
_PLOT_WIDTH = 3.9
_VERTICAL = {0: "center_baseline", 1: "bottom", -1: "top"}
_PLACES = ((1, 0, "left"), (-1, 0, "right"), (0, 1, "center"), (0, -1, "center"))


class PortfolioDisplay(Display):
    """Show products by volume and profit, and what to do in each quadrant.

    Every quadrant is named in its corner by its action, with the number of its products. Rings are
    products at a loss. The products with the largest share of volume, profit or loss are named
    where there is room. An axis runs evenly where that shows both sides of its threshold; else
    evenly about zero and by powers of ten beyond.

    Parameters
    ----------
    table : pandas.DataFrame
        Index: the product. Columns ``volume``, ``profit`` and ``quadrant``.
    thresholds : pandas.Series
        ``volume`` and ``profit``.
    actions : pandas.Series
        The action of each quadrant, "Q1" to "Q4".
    axis_names : tuple of str, default=("volume", "profit")
        What is written at the axes.
    n_labels : int, default=8
        At most so many products are named.

    Attributes
    ----------
    table, thresholds, actions, axis_names, n_labels :
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    points_, losses_ : matplotlib.collections.PathCollection
        After `plot`: products that lose nothing, and those at a loss.
    threshold_lines_ : list of matplotlib.lines.Line2D
        After `plot`.
    corners_ : list of matplotlib.text.Text
        After `plot`: the words of Q1 to Q4.
    labels_ : list of matplotlib.text.Annotation
        After `plot`: names of products.

    Examples
    --------
    >>> from custvalue.plotting.portfolio_display import PortfolioDisplay
    >>> display = PortfolioDisplay.from_predictions(
    ...     [120, 100, 20, 40],
    ...     [5.0, 10.0, -3.0, 25.0],
    ...     thresholds=(100, 10),
    ...     names=["cable", "battery", "torch", "lamp"],
    ... )
    >>> display.table["quadrant"].to_dict()
    {'cable': 'Q1', 'battery': 'Q2', 'torch': 'Q3', 'lamp': 'Q4'}
    """

    _aspect: ClassVar[float] = 0.95

    def __init__(
        self,
        *,
        table: pd.DataFrame,
        thresholds: pd.Series,
        actions: pd.Series,
        axis_names: tuple[str, str] = ("volume", "profit"),
        n_labels: int = 8,
    ) -> None:
        self.table = table
        self.thresholds = thresholds
        self.actions = actions
        self.axis_names = axis_names
        self.n_labels = n_labels

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, n_labels: int = 8) -> Self:
        """Take thresholds from a fitted matrix and products from a table.

        Parameters
        ----------
        estimator : fitted `custvalue.service.PortfolioMatrix`
        X : pandas, polars or pyarrow frame, or array of shape (n_products, 2)
            The columns that it was fitted on.
        n_labels : int, default=8
            At most so many products are named.

        Returns
        -------
        PortfolioDisplay

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the estimator is not fitted.
        TypeError
            If it is no such matrix.
        custvalue.exceptions.DataError
            If a column is missing, or a value is no finite number.
        """
        check_fitted(estimator, cls.__name__, "thresholds_", "actions_", like="PortfolioMatrix")
        wanted = (estimator.volume, estimator.profit)
        read = read_table(X, wanted, owner=cls.__name__)
        data = {name: read[one] for name, one in zip(("volume", "profit"), wanted, strict=True)}
        data["quadrant"] = np.asarray(estimator.transform(X)["quadrant"])
        return cls(
            table=pd.DataFrame(data, index=read.index),
            thresholds=estimator.thresholds_,
            actions=estimator.actions_["action"],
            axis_names=wanted,
            n_labels=n_labels,
        )

    @classmethod
    def from_predictions(
        cls,
        volume: Any,
        profit: Any,
        *,
        thresholds: tuple[float, float],
        names: Any = None,
        n_labels: int = 8,
    ) -> Self:
        """Take products and thresholds as given.

        Parameters
        ----------
        volume, profit : array-like of shape (n_products,)
        thresholds : (float, float)
            Of volume and of profit: a product that reaches one is high.
        names : array-like of shape (n_products,) or None
            None names the products by position.
        n_labels : int, default=8
            At most so many products are named.

        Returns
        -------
        PortfolioDisplay

        Raises
        ------
        ValueError
            If they are not equally long, or a threshold is no number.
        custvalue.exceptions.DataError
            If there is no product, a name comes twice, a volume is negative, or a value is no
            finite number.
        """
        sold, earned = np.asarray(volume), np.asarray(profit)
        index = pd.RangeIndex(len(sold)) if names is None else pd.Index(names)
        if not len(sold) == len(earned) == len(index):
            raise ValueError(
                "volume, profit and names must have one entry per product; "
                f"found {len(sold)}, {len(earned)} and {len(index)}"
            )
        X = pd.DataFrame({"volume": sold, "profit": earned}, index=index)
        matrix = PortfolioMatrix(volume_threshold=thresholds[0], profit_threshold=thresholds[1])
        return cls.from_estimator(matrix.fit(X), X, n_labels=n_labels)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        volume, profit = (self.table[name].to_numpy(np.float64) for name in ("volume", "profit"))
        across = chosen_scale(volume, float(self.thresholds["volume"]))
        up = chosen_scale(profit, float(self.thresholds["profit"]))
        bare(ax, keep=("left", "bottom"))
        _set_scale(ax, "x", across, self._axis_label(0))
        _set_scale(ax, "y", up, self._axis_label(1))
        ax.minorticks_off()
        self.threshold_lines_ = [
            ax.axvline(self.thresholds["volume"], color=QUIET, linewidth=1.2, zorder=1),
            ax.axhline(self.thresholds["profit"], color=QUIET, linewidth=1.2, zorder=1),
        ]
        self._scatter(ax, volume, profit, settings)
        self.corners_ = self._name_quadrants(ax, across)
        self.labels_ = self._name_products(ax, volume, profit)

    def _axis_label(self, which: int) -> str:
        threshold = float(self.thresholds[("volume", "profit")[which]])
        return f"{self.axis_names[which]}, high from {rounded(threshold)}"

    def _scatter(self, ax: Axes, volume: Any, profit: Any, settings: dict[str, Any]) -> None:
        losing = profit < 0
        size = 34 if len(volume) <= _MANY else 12
        style: dict[str, Any] = {"s": size, "color": ACCENT, "linewidth": 0.8, "zorder": 3}
        style |= settings
        ring = {**style, "facecolor": PAPER, "edgecolor": style["color"], "linewidth": 1.6}
        del ring["color"]
        self.points_ = ax.scatter(volume[~losing], profit[~losing], **style)
        self.losses_ = ax.scatter(volume[losing], profit[losing], **ring)

    def _name_quadrants(self, ax: Axes, across: Scale) -> list[Any]:
        """Write the words of Q1 to Q4 outside the data, above and below."""
        left = max(int(0.95 * across.threshold_at * _PLOT_WIDTH / CHARACTER_WIDTH), 8)
        right = max(int(0.95 * (1 - across.threshold_at) * _PLOT_WIDTH / CHARACTER_WIDTH), 8)
        corners = {"Q1": (1, 0), "Q2": (1, 1), "Q3": (0, 0), "Q4": (0, 1)}
        words = {}
        for name, (x, _) in corners.items():
            inside = (self.table["quadrant"] == name).to_numpy()
            profit = self.table["profit"].to_numpy(np.float64)[inside]
            action, *rest = corner_words(str(self.actions[name]), profit)
            words[name] = "\n".join([wrapped(action, right if x else left), *rest])
        self._make_room(ax, words)
        return [
            ax.text(
                0.985 if x else 0.015,
                y,
                words[name],
                transform=ax.transAxes,
                ha="right" if x else "left",
                va="top" if y else "bottom",
                fontsize=FONT_SIZE,
                color=MUTED,
                parse_math=False,
                linespacing=1.15,
                zorder=2,
            )
            for name, (x, y) in corners.items()
        ]

    def _make_room(self, ax: Axes, words: dict[str, str]) -> None:
        """Widen the axis upwards and downwards by the height of the words."""
        whole = 0.85 * self.size[1]
        top, bottom = (
            (max(words[name].count("\n") for name in pair) + 1.5) * LINE_HEIGHT / whole
            for pair in (("Q2", "Q4"), ("Q1", "Q3"))
        )
        transform = ax.yaxis.get_transform()
        low, high = transform.transform(np.array(ax.get_ylim()))
        each = (high - low) / (1 - top - bottom)
        ends = np.array([low - bottom * each, high + top * each])
        ax.set_ylim(*transform.inverted().transform(ends))

    def _name_products(self, ax: Axes, volume: Any, profit: Any) -> list[Any]:
        """Name the notable products where a name meets no other name, corner or notable point."""
        rows = most_notable(volume, profit, self.n_labels)
        ax.figure.draw_without_rendering()  # type: ignore[union-attr]
        taken = [text.get_window_extent() for text in self.corners_]
        points = ax.transData.transform(np.column_stack([volume, profit]))
        lines = [line.get_window_extent() for line in self.threshold_lines_]
        labels: list[Any] = []
        for row in rows:
            name = shortened(str(self.table.index[row]), _LONGEST_NAME)
            label = _write(ax, name, float(volume[row]), float(profit[row]))
            others = np.delete(points, row, axis=0)
            # A name on a line is worse than a name elsewhere, and better than none.
            if any(_settle(label, [*taken, *walls], ax.bbox, others) for walls in (lines, [])):
                taken.append(label.get_window_extent())
                labels.append(label)
            else:
                label.remove()
        return labels


def _settle(label: Any, taken: list[Any], frame: Any, points: Any) -> bool:
    """Put a label on the first side of its point where it is free; return whether there is one."""
    for across, up, side in _PLACES:
        label.set_position((_BESIDE * across, _BESIDE * up))
        label.set_horizontalalignment(side)
        label.set_verticalalignment(_VERTICAL[up])
        if _is_free(label.get_window_extent(), taken, frame, points):
            return True
    return False


def _write(ax: Axes, name: str, volume: float, profit: float) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    label = ax.annotate(
        name,
        (volume, profit),
        xytext=(0, 0),
        textcoords="offset points",
        fontsize=FONT_SIZE - 1,
        color=INK,
        parse_math=False,
        zorder=4,
    )
    label.set_in_layout(False)
    return label


def _is_free(box: Any, taken: list[Any], frame: Any, points: Any) -> bool:
    """Return whether a box is in the frame and meets no other box and no point."""
    inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 <= box.y1 <= frame.y1
    if not inside or any(box.overlaps(other) for other in taken):
        return False
    x, y = points.T
    near = (x > box.x0 - _RADIUS) & (x < box.x1 + _RADIUS)
    near &= (y > box.y0 - _RADIUS) & (y < box.y1 + _RADIUS)
    return not bool(near.any())


def _set_scale(ax: Axes, axis: str, scale: Scale, name: str) -> None:
    one = ax.xaxis if axis == "x" else ax.yaxis
    if scale.width is not None:
        (ax.set_xscale if axis == "x" else ax.set_yscale)("asinh", linear_width=scale.width)
    (ax.set_xlim if axis == "x" else ax.set_ylim)(scale.low, scale.high)
    one.set_ticks(scale.ticks, [rounded(tick) for tick in scale.ticks])
    one.set_label_text(name)
