"""Cells of cohorts and periods as a matrix with one row a cohort and one column an age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from custvalue._tables.calendar_periods import first_days
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError

_DIGITS = 12
_MOST_PERIODS = 5_000

__all__ = [
    "CohortCells",
    "Triangle",
    "cohort_matrix",
    "find_triangle",
    "left_out",
    "of_own_start",
    "settled",
]


@dataclass(frozen=True, slots=True)
class CohortCells:
    """What the customers of one cohort did in one period; cells in no order.

    Attributes
    ----------
    cohort, period : ndarray of int of shape (n_cells,)
        Numbers of periods. A period before the cohort holds days that refunds brought to zero or
        below; so do all periods of who never bought, whose cohort is later than any period.
    customers : ndarray of shape (n_cells,)
        Customers with a purchase in the period.
    purchases, orders : ndarray of shape (n_cells,)
        Purchases, and order lines that are not negative.
    revenue : ndarray of shape (n_cells,)
        Net revenue; zeros where orders have no amount.
    """

    cohort: IntArray
    period: IntArray
    customers: FloatArray
    purchases: FloatArray
    orders: FloatArray
    revenue: FloatArray


@dataclass(frozen=True, slots=True)
class Triangle:
    """Which cohorts and ages a table has.

    Attributes
    ----------
    period : {"day", "week", "month", "quarter", "year"}
    first, last : int
        Numbers of the first and the last cohort.
    n_periods : int
        Number of ages.
    observed : int
        Number of the last period that was observed.
    """

    period: str
    first: int
    last: int
    n_periods: int
    observed: int

    @property
    def cohorts(self) -> IntArray:
        """Numbers of all cohorts, those that nobody joined among them."""
        return np.arange(self.first, self.last + 1)

    @property
    def labels(self) -> AnyArray:
        """First days of the periods of all cohorts."""
        return first_days(self.cohorts, self.period)

    @property
    def unobserved(self) -> BoolArray:
        """Which cells, of shape (n_cohorts, n_periods), lie after the observation."""
        unobserved: BoolArray = self.cohorts[:, None] + np.arange(self.n_periods) > self.observed
        return unobserved


def find_triangle(cells: CohortCells, period: str, first: int | None, observed: int) -> Triangle:
    """Return the cohorts and ages that a table of some cells has.

    Parameters
    ----------
    cells : CohortCells
    period : {"day", "week", "month", "quarter", "year"}
    first : int or None
        Number of the cohort whose ages all rows have; None: the first of the cells.
    observed : int
        Number of the last period that was observed.

    Returns
    -------
    Triangle

    Raises
    ------
    DataError
        If no cohort was observed, one is earlier than the first, or periods are too many.
    """
    joined = cells.cohort[cells.cohort <= observed]
    if not len(joined):
        raise DataError(_nothing_over(cells, period))
    begin = int(joined.min()) if first is None else first
    if joined.min() < begin:
        raise DataError(_too_early(cells, period, begin))
    n_periods = observed - begin + 1
    if n_periods > _MOST_PERIODS:
        raise DataError(
            f"period={period!r} must cut the observation into at most {_MOST_PERIODS:,} periods; "
            f"found {n_periods:,} from {_day(begin, period)}, the first cohort, to "
            f"{_day(observed, period)}; choose a longer period, or look at the first and last dates"
        )
    return Triangle(period, int(joined.min()), int(joined.max()), n_periods, observed)


def cohort_matrix(cells: CohortCells, measure: str, triangle: Triangle) -> FloatArray:
    """Return one measure as a matrix.

    Parameters
    ----------
    cells : CohortCells
    measure : {"customers", "orders", "revenue"}
    triangle : Triangle
        The cells outside it are left out.

    Returns
    -------
    ndarray of shape (n_cohorts, n_periods)
        0 where nothing happened, NaN where nothing was observed.
    """
    age = cells.period - cells.cohort
    inside = (age >= 0) & (cells.period <= triangle.observed)
    matrix = np.zeros((len(triangle.cohorts), triangle.n_periods))
    values: FloatArray = getattr(cells, measure)
    matrix[cells.cohort[inside] - triangle.first, age[inside]] = values[inside]
    matrix[triangle.unobserved] = np.nan
    return matrix


def left_out(cells: CohortCells, observed: int) -> dict[str, float]:
    """Return what the cells hold and a table observed up to a period does not.

    Parameters
    ----------
    cells : CohortCells
    observed : int
        Number of the last period of the table.

    Returns
    -------
    dict of str to float
        ``customers`` (whose first purchase it is), ``purchases``, ``orders`` and ``revenue`` with
        ``_in_incomplete_period``, after the last period; ``orders`` and ``revenue`` with
        ``_without_cohort``, in periods before a customer's first purchase and of customers
        without one.
    """
    outside = cells.period < cells.cohort
    after = (cells.period > observed) & ~outside
    joining = after & (cells.period == cells.cohort)
    late = {"customers": cells.customers[joining].sum(), "purchases": cells.purchases[after].sum()}
    late |= {"orders": cells.orders[after].sum(), "revenue": cells.revenue[after].sum()}
    apart = {"orders": cells.orders[outside].sum(), "revenue": cells.revenue[outside].sum()}
    found = {f"{name}_in_incomplete_period": float(value) for name, value in late.items()}
    return found | {f"{name}_without_cohort": float(value) for name, value in apart.items()}


def of_own_start(matrix: FloatArray) -> FloatArray:
    """Divide every row by its own first cell; a row that does not begin above zero is NaN.

    Parameters
    ----------
    matrix : ndarray of shape (n_cohorts, n_periods)

    Returns
    -------
    ndarray of shape (n_cohorts, n_periods)

    Examples
    --------
    >>> import numpy as np
    >>> of_own_start(np.array([[4.0, 2.0], [2.0, np.nan]]))
    array([[1. , 0.5],
           [1. , nan]])
    """
    start = matrix[:, :1]
    shares: FloatArray = np.divide(
        matrix, start, out=np.full(matrix.shape, np.nan), where=start > 0
    )
    return shares


def settled(values: FloatArray) -> FloatArray:
    """Return sums to twelve significant digits, whose last bits vary from run to run.

    Parameters
    ----------
    values : ndarray

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> import numpy as np
    >>> settled(np.array([0.1 + 0.2, 0.0]))
    array([0.3, 0. ])
    """
    finite = np.isfinite(values) & (values != 0)
    size = np.floor(np.log10(np.abs(values), out=np.zeros(values.shape), where=finite))
    digits = _DIGITS - 1 - size
    # Two factors: amounts may be so small that one would be infinite.
    half = np.floor(digits / 2)
    one, other = 10.0**half, 10.0 ** (digits - half)
    kept = np.where(np.isfinite(values), values, 0.0)
    rounded: FloatArray = np.round(kept * one * other) / one / other
    return np.where(np.isfinite(values), rounded + 0.0, values)  # no negative zero


def _nothing_over(cells: CohortCells, period: str) -> str:
    return (
        f"a {period} in which somebody bought first must be over by the end of observation; the "
        f"first begins {_day(int(cells.cohort.min()), period)} and is not; choose a shorter "
        "period, or incomplete='keep'"
    )


def _too_early(cells: CohortCells, period: str, first: int) -> str:
    early = np.unique(cells.cohort[cells.cohort < first])
    return (
        f"cohorts must not begin before {_day(first, period)}, the first that fit saw (fit "
        f"again); found {_day(int(early[0]), period)} ({len(early)} such "
        f"cohort{'' if len(early) == 1 else 's'})"
    )


def _day(number: int, period: str) -> date:
    day: date = first_days(np.array([number]), period)[0].item().date()
    return day
