"""What the factors are: loadings as a map of items by factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue.plotting._display import Display
from custvalue.plotting._fitted import check_fitted
from custvalue.plotting._labels import LINE_HEIGHT, shortened, width_of, wrapped
from custvalue.plotting._loadings_display import (
    cell_inks,
    cell_rgb,
    checked_loadings,
    item_groups,
)
from custvalue.plotting.formatting import decimal
from custvalue.plotting.style import FONT_SIZE, INK, MUTED, PAPER, WIDTH, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LoadingsDisplay"]

_LONGEST_ITEM = 36
_FACTOR_LETTERS = 10
_CELL_WIDTH = 0.78
_MOST_WIDTH = 1.25
_ROW_HEIGHT = 0.26
_GAP = 0.25
_SHARED_WIDTH = 0.75
_SHARED = "shared"


class LoadingsDisplay(Display):
    """Show what the factors are: the loadings of the items, sorted by factor and size.

    A cell is the darker the larger the loading is, blue above 0 and brown below; loadings within
    0.3 of 0 stay pale. Items that load on nothing come last. At the end of a row stands what the
    item shares with the others, its communality.

    Parameters
    ----------
    loadings : pandas.DataFrame of shape (n_items, n_factors)
        In the order to show them.
    communalities : pandas.Series or None
        By item: the share of its variance that the factors explain.
    sort : bool, default=True
        Whether to sort the items by the factor that they load on most, and by size.

    Attributes
    ----------
    loadings, communalities, sort :
        As given.
    items : list
        The items in the order shown.
    ax_, figure_ : matplotlib objects
        After `plot`.
    mesh_ : matplotlib.collections.QuadMesh
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: names of factors and items, the loadings row by row, the communalities.

    See Also
    --------
    ScreeDisplay : How many factors there are.

    Examples
    --------
    >>> from custvalue.plotting import LoadingsDisplay
    >>> LoadingsDisplay.from_predictions([[0.1, 0.6], [0.8, 0.0], [0.9, -0.3]]).items
    ['item_3', 'item_2', 'item_1']
    """

    def __init__(
        self,
        *,
        loadings: pd.DataFrame,
        communalities: pd.Series | None = None,
        sort: bool = True,
    ) -> None:
        self.loadings = loadings
        self.communalities = communalities
        self.sort = sort

    @classmethod
    def from_estimator(cls, estimator: Any, *, sort: bool = True) -> Self:
        """Take the loadings of a factor analysis.

        Parameters
        ----------
        estimator : fitted factor analysis
            `custvalue.factors.FactorAnalyzer`, or another with ``loadings_`` and
            ``communalities_``.
        sort : bool, default=True
            Whether to sort the items.

        Returns
        -------
        LoadingsDisplay

        Raises
        ------
        TypeError
            If the estimator is no factor analysis.
        """
        shown = ("loadings_", "communalities_")
        check_fitted(estimator, cls.__name__, *shown, like="FactorAnalyzer")
        return cls.from_predictions(estimator.loadings_, estimator.communalities_, sort=sort)

    @classmethod
    def from_predictions(
        cls, loadings: Any, communalities: Any = None, *, sort: bool = True
    ) -> Self:
        """Take loadings as given.

        Parameters
        ----------
        loadings : pandas.DataFrame, or array-like of shape (n_items, n_factors)
        communalities : pandas.Series, array-like of shape (n_items,), or None
            A Series goes by the names of the items.
        sort : bool, default=True
            Whether to sort the items.

        Returns
        -------
        LoadingsDisplay

        Raises
        ------
        ValueError
            If there is no item or no factor, an item is there twice or has no communality, or a
            loading is not finite.
        """
        table = checked_loadings(loadings)
        return cls(loadings=table, communalities=_by_item(communalities, table.index), sort=sort)

    @property
    def items(self) -> list[Any]:
        """The items in the order shown."""
        return self.loadings.index[np.concatenate(self._groups())].tolist()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        n_items, n_factors = self.loadings.shape
        width = max(WIDTH, self._left() + self._right() + _CELL_WIDTH * n_factors)
        gaps = _GAP * (len(self._groups()) - 1)
        return width, self._above() + _ROW_HEIGHT * (n_items + gaps) + 0.1

    def _groups(self) -> list[Any]:
        return item_groups(self.loadings.to_numpy(dtype=np.float64), sort=self.sort)

    def _factors(self) -> list[str]:
        return [wrapped(str(name), _FACTOR_LETTERS) for name in self.loadings.columns]

    def _left(self) -> float:
        """Return how much room the names of the items take, in inches."""
        return width_of([shortened(str(name), _LONGEST_ITEM) for name in self.items]) + 0.15

    def _right(self) -> float:
        return 0.05 if self.communalities is None else _SHARED_WIDTH

    def _above(self) -> float:
        return LINE_HEIGHT * (1 + max(name.count("\n") for name in self._factors())) + 0.12

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        groups = self._groups()
        values = self.loadings.to_numpy(dtype=np.float64)[np.concatenate(groups)]
        tops = _tops(groups)
        width, height = self.size
        cell = min((width - self._left() - self._right()) / values.shape[1], _MOST_WIDTH)
        bare(ax)
        ax.set_xticks([])
        ax.set_yticks([])
        # One unit across is an inch, one down is a row.
        ax.set_xlim(0, width)
        ax.set_ylim((height - self._above()) / _ROW_HEIGHT, -self._above() / _ROW_HEIGHT)
        across = self._left() + cell * np.arange(values.shape[1] + 1)
        self.mesh_ = _draw_cells(ax, values, across, tops, settings)
        self.texts_ = [
            *self._name_sides(ax, across, tops),
            *_write_loadings(ax, values, across[:-1] + cell / 2, tops + 0.5),
            *self._write_shared(ax, across[-1], tops + 0.5),
        ]

    def _name_sides(self, ax: Axes, across: Any, tops: Any) -> list[Any]:
        middle = (across[:-1] + across[1:]) / 2
        factors = [
            _write(ax, x, -0.2, name, MUTED, ha="center", va="bottom")
            for x, name in zip(middle, self._factors(), strict=True)
        ]
        items = [shortened(str(name), _LONGEST_ITEM) for name in self.items]
        left = across[0] - 0.08
        return factors + [
            _write(ax, left, y + 0.5, name, INK, ha="right")
            for y, name in zip(tops, items, strict=True)
        ]

    def _write_shared(self, ax: Axes, left: float, middle: Any) -> list[Any]:
        """Write the communalities after the cells."""
        if self.communalities is None:
            return []
        right = left + _SHARED_WIDTH - 0.05
        heading = _write(ax, right, -0.2, _SHARED, MUTED, ha="right", va="bottom")
        shares = self.communalities.loc[self.items].to_numpy(dtype=np.float64)
        return [heading] + [
            _write(ax, right, y, decimal(value, 2), MUTED, ha="right")
            for y, value in zip(middle, shares.tolist(), strict=True)
        ]


def _by_item(communalities: Any, items: pd.Index) -> pd.Series | None:
    """Return communalities in the order of the items."""
    if communalities is None:
        return None
    if not isinstance(communalities, pd.Series):
        if len(communalities) != len(items):
            raise ValueError(
                "communalities must have one entry per item; "
                f"found {len(communalities)} for {len(items)}"
            )
        return pd.Series(list(communalities), index=items, dtype=np.float64)
    absent = items.difference(communalities.index)
    if len(absent):
        raise ValueError(
            f"communalities must name every item; missing: {', '.join(map(str, absent))} "
            f"({len(absent)} of {len(items)})"
        )
    return communalities.reindex(items).astype(np.float64)


def _tops(groups: list[Any]) -> Any:
    """Return where each row begins: one after another, with a gap between groups."""
    number = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return np.arange(len(number)) + _GAP * number


def _draw_cells(ax: Axes, values: Any, across: Any, tops: Any, settings: dict[str, Any]) -> Any:
    """Draw all cells as one mesh, in which the gaps between groups are rows without colour."""
    edges = np.unique(np.concatenate([tops, tops + 1]))
    shown = np.isin(edges[:-1], tops)
    colours = np.zeros((len(shown), values.shape[1], 4))
    colours[shown, :, :3], colours[shown, :, 3] = cell_rgb(values), 1.0
    style: dict[str, Any] = {"edgecolors": PAPER, "linewidth": 1.5} | settings
    return ax.pcolormesh(across, edges, colours, **style)


def _write_loadings(ax: Axes, values: Any, across: Any, down: Any) -> list[Any]:
    inks = cell_inks(values, MUTED)
    return [
        _write(ax, across[k], down[i], decimal(float(value), 2), inks[i][k], ha="center")
        for (i, k), value in np.ndenumerate(values)
    ]


def _write(
    ax: Axes, x: float, y: float, words: str, ink: str, *, ha: str, va: str = "center_baseline"
) -> Any:
    # Names come from the user: a dollar sign in them is no formula.
    place: dict[str, Any] = {"ha": ha, "va": va, "parse_math": False}
    return ax.text(x, y, words, fontsize=FONT_SIZE, color=ink, **place)
