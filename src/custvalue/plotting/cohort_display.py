"""What cohorts of new customers did later, as a heat map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.plotting._cohort_display import (
    cell_texts,
    cohort_names,
    is_of_shares,
    read_cohort_table,
    shade_levels,
    shares_of_start,
)
from custvalue.plotting._display import Display
from custvalue.plotting._labels import CHARACTER_WIDTH, LINE_HEIGHT, width_of
from custvalue.plotting.formatting import count
from custvalue.plotting.style import (
    FONT_SIZE,
    INK,
    MUTED,
    PAPER,
    RAMP_INK,
    WIDTH,
    bare,
    ramp_rgb,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["CohortDisplay"]

_ROW_HEIGHT = 0.34
_CELL_WIDTH = 0.37
_SMALL_CELL = 0.1
_LABELS_WIDTH = 0.5
_LABELS_HEIGHT = 0.9
_MOST_WITH_TEXT = 26
_MOST_TICKS = 12
_POINTS = 72
_GAP = 6.0
_MEASURES = ("customers", "orders", "revenue")
_PERIODS = ("day", "week", "month", "quarter", "year")


class CohortDisplay(Display):
    """Show what each cohort of new customers did at each age.

    A row is a cohort, a column an age. A cell has its number, or its share of the cohort's own
    start in per cent, and is the darker the larger that is among all cells after age 0. What is not
    yet observed is blank; where it was and nothing happened stands 0. The number of customers of
    each cohort, where it is known, stands between its name and its cells. Tables of more than 26
    cohorts or ages have small cells without numbers.

    Parameters
    ----------
    values : pandas.DataFrame of shape (n_cohorts, n_ages)
        Index: the cohorts. Columns "0", "1", ...; missing where not observed.
    relative : bool
        Whether the values are shares.
    sizes : pandas.Series of shape (n_cohorts,) or None
        Customers of each cohort; None writes none.
    measure : {"customers", "orders", "revenue"}
        What is counted.
    period : {"day", "week", "month", "quarter", "year"} or None
        One step of age; None where it is not known.

    Attributes
    ----------
    values : pandas.DataFrame
        As given.
    sizes : pandas.Series or None
        As given.
    relative, measure, period : bool, str, str or None
        As given.
    ax_, figure_ : matplotlib objects
        After `plot`.
    mesh_ : matplotlib.collections.QuadMesh
        After `plot`.
    texts_ : list of matplotlib.text.Text
        After `plot`: the numbers in the cells, row by row, none where the picture has none.
    sizes_ : list of matplotlib.text.Annotation
        After `plot`: the customers of each cohort.

    See Also
    --------
    MigrationDisplay : Moves between segments as a matrix.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.plotting import CohortDisplay
    >>> table = pd.DataFrame(
    ...     {"0": [80.0, 50.0], "1": [20.0, 10.0], "2": [16.0, None]},
    ...     index=pd.Index(["January", "February"], name="cohort"),
    ... )
    >>> CohortDisplay.from_table(table, relative=True).values
                0     1    2
    cohort
    January   1.0  0.25  0.2
    February  1.0  0.20  NaN
    """

    def __init__(
        self,
        *,
        values: pd.DataFrame,
        relative: bool,
        sizes: pd.Series | None = None,
        measure: str = "customers",
        period: str | None = None,
    ) -> None:
        self.values = values
        self.relative = relative
        self.sizes = sizes
        self.measure = measure
        self.period = period

    @classmethod
    def from_table(
        cls,
        table: Any,
        *,
        relative: bool | None = None,
        sizes: Any = None,
        measure: str | None = None,
        period: str | None = None,
    ) -> Self:
        """Take a table of cohorts.

        Parameters
        ----------
        table : pandas, polars or pyarrow frame
            What `custvalue.transactions.CohortTable` gives, or any frame with one row a cohort,
            columns "0", "1", "2", ... by age, and cohorts in a column ``cohort`` or in the index.
        relative : bool or None, default=None
            Whether to show shares of each cohort's own start. None shows the table as it is.
        sizes : Series or mapping by cohort, array-like of shape (n_cohorts,), or None
            Customers of each cohort, such as ``sizes_`` of the CohortTable. None takes age 0 where
            shares are made of a table of customers, and otherwise writes none: in a table of
            customers the sizes are its first column.
        measure : {"customers", "orders", "revenue"} or None, default=None
            None takes what a pandas table says in its ``attrs``, else "customers".
        period : {"day", "week", "month", "quarter", "year"} or None, default=None
            None takes what a pandas table says in its ``attrs``.

        Returns
        -------
        CohortDisplay

        Raises
        ------
        ValueError
            If the table has no cohort, ages have a gap, sizes are not one for each cohort, measure
            or period is none of these, or numbers are asked for and the table has only shares.
        """
        said = table.attrs if isinstance(table, pd.DataFrame) else {}
        values = read_cohort_table(table)
        measure = _known("measure", measure, said.get("measure", "customers"), _MEASURES)
        period = _known("period", period, said.get("period"), (*_PERIODS, None))
        of_shares = bool(said.get("relative", is_of_shares(values)))
        if of_shares and relative is False:
            raise ValueError(
                "relative=False needs a table of numbers; found one of shares (make the "
                "CohortTable with relative=False)"
            )
        if sizes is None and relative and measure == "customers" and not of_shares:
            sizes = values["0"]
        return cls(
            values=shares_of_start(values) if relative and not of_shares else values,
            relative=of_shares or bool(relative),
            sizes=None if sizes is None else _sizes(sizes, values.index),
            measure=measure,
            period=period,
        )

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that suit the picture, in inches."""
        rows, columns = self.values.shape
        said = width_of([self._title(), self._meaning()])
        width = max(WIDTH, self._beside() + max(self._cell_width() * columns, said))
        height = _ROW_HEIGHT if self._has_texts else _SMALL_CELL
        lines = LINE_HEIGHT * self._meaning().count("\n")
        return width, _LABELS_HEIGHT + lines + max(height * rows, 3 * _ROW_HEIGHT)

    def _draw(self, ax: Axes, settings: dict[str, Any]) -> None:
        shown = self._cells()
        known, levels = ~np.isnan(shown), shade_levels(shown)
        style: dict[str, Any] = {"edgecolors": PAPER, "linewidth": 1.5 if self._has_texts else 0.3}
        self.mesh_ = ax.pcolormesh(np.dstack([ramp_rgb(levels), known]), **(style | settings))
        bare(ax)
        ax.set_xlim(0, shown.shape[1])
        ax.set_ylim(len(shown), 0)
        self._name_sides(ax)
        self.sizes_ = self._row_starts(ax)
        centred: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": FONT_SIZE}
        self.texts_ = [
            ax.text(j + 0.5, i + 0.5, text, color=RAMP_INK[levels[i, j]], **centred)
            for i, row in enumerate(self._texts())
            for j, text in enumerate(row)
        ]

    @property
    def _has_texts(self) -> bool:
        return max(self.values.shape) <= _MOST_WITH_TEXT

    def _cells(self) -> FloatArray:
        return self.values.to_numpy(dtype=np.float64)

    def _texts(self) -> list[list[str]]:
        """Return the texts of the cells, row by row; none where the picture has none."""
        if not self._has_texts:
            return []
        money = self.measure == "revenue"
        return cell_texts(self._cells(), relative=self.relative, money=money)

    def _totals(self) -> list[str]:
        if self.sizes is None or not self._has_texts:
            return []
        return [count(float(size)) for size in self.sizes]

    def _cell_width(self) -> float:
        if not self._has_texts:
            return _SMALL_CELL
        texts = [text for row in self._texts() for text in row]
        return max(_CELL_WIDTH, width_of(texts) + CHARACTER_WIDTH)

    def _beside(self) -> float:
        """Return how wide the texts before the cells are."""
        names = cohort_names(self.values.index, self.period)
        return _LABELS_WIDTH + width_of(names) + width_of(self._totals())

    def _name_sides(self, ax: Axes) -> None:
        names = cohort_names(self.values.index, self.period)
        rows = _ticks(len(names), self._has_texts)
        columns = _ticks(self.values.shape[1], self._has_texts)
        ax.xaxis.tick_top()
        ax.set_xticks(columns + 0.5, [self.values.columns[age] for age in columns])
        ax.set_yticks(rows + 0.5, [names[row] for row in rows])
        for label in ax.get_yticklabels():
            # Names come from the user: a dollar sign in them is no formula.
            label.set_parse_math(False)
            label.set_color(INK)
        totals = self._totals()
        ax.tick_params(axis="y", pad=_GAP + (_POINTS * width_of(totals) + 2 * _GAP) * bool(totals))
        ax.set_title(self._title(), fontsize=FONT_SIZE, color=MUTED)
        ax.set_xlabel(self._meaning())

    def _title(self) -> str:
        return f"{self.period or 'period'}s since the first purchase"

    def _meaning(self) -> str:
        """Return what the numbers are, in two lines where one is wider than the cells."""
        unit = "customers who bought" if self.measure == "customers" else self.measure
        said = [f"{unit}, % of age 0" if self.relative else unit]
        said += ["all customers before each row"] if self._totals() else []
        line = "; ".join(said)
        return line if width_of([line]) <= self._cells_width() else "\n".join(said)

    def _cells_width(self) -> float:
        """Return how wide the cells are at least, in inches."""
        cells = self._cell_width() * self.values.shape[1]
        return max(cells, WIDTH - self._beside())

    def _row_starts(self, ax: Axes) -> list[Any]:
        """Write how many customers each cohort has, right-aligned before its first cell."""
        style: dict[str, Any] = {
            "xycoords": ("axes fraction", "data"),
            "textcoords": "offset points",
            "ha": "right",
            "va": "center_baseline",
            "fontsize": FONT_SIZE,
            "color": MUTED,
            "annotation_clip": False,
        }
        return [
            ax.annotate(total, (0, row + 0.5), (-_GAP, 0), **style)
            for row, total in enumerate(self._totals())
        ]


def _ticks(length: int, every: bool) -> Any:
    """Return which rows or columns are named: all, or about a dozen evenly spaced."""
    return np.arange(0, length, 1 if every else -(-length // _MOST_TICKS))


def _known(name: str, given: Any, said: Any, words: tuple[Any, ...]) -> Any:
    """Return the word given, or what the table says; it must be a known one."""
    word = said if given is None else given
    if word not in words:
        known = ", ".join(map(repr, words))
        raise ValueError(f"{name} must be one of {known}; found {word!r}")
    return word


def _sizes(sizes: Any, index: pd.Index) -> pd.Series:
    """Return the customers of each cohort, by name or in order."""
    if isinstance(sizes, (Mapping, pd.Series)):
        found = pd.Series(dict(sizes), dtype=np.float64).reindex(index)
    else:
        found = pd.Series(np.asarray(sizes, dtype=np.float64))
    if len(found) != len(index) or found.isna().any():
        missing = len(index) - int(found.notna().sum())
        raise ValueError(
            f"sizes must have one number for each of the {len(index)} cohorts; found {len(found)}, "
            f"of which {max(missing, 0)} are missing"
        )
    return pd.Series(found.to_numpy(), index=index, name="customers")
