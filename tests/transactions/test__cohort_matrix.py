"""Cells of cohorts and periods as a matrix."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from custvalue._tables.calendar_periods import period_number
from custvalue.exceptions import DataError
from custvalue.transactions._cohort_matrix import (
    CohortCells,
    Triangle,
    cohort_matrix,
    find_triangle,
    left_out,
    of_own_start,
    settled,
)

NEVER = 10**9
NAN = np.nan


def cells(rows):
    """Return cells from rows of cohort, period, customers, purchases, orders and revenue."""
    table = np.array(rows, dtype=np.float64).T
    return CohortCells(table[0].astype(np.int64), table[1].astype(np.int64), *table[2:])


LOG = cells(
    [
        (10, 10, 5, 6, 8, 50.0),
        (10, 12, 2, 2, 3, 20.0),
        (12, 12, 4, 4, 4, 44.0),
        (12, 11, 0, 0, 1, -3.0),
        (10, 13, 1, 2, 2, 7.0),
        (13, 13, 3, 4, 4, 9.0),
        (NEVER, 13, 0, 0, 0, -2.0),
    ]
)


def test_observed_and_unobserved_cells_differ():
    """Nothing happened is 0, not observed is missing; a cohort that nobody joined is a row."""
    triangle = find_triangle(LOG, "month", None, 12)
    assert triangle == Triangle("month", first=10, last=12, n_periods=3, observed=12)
    found = cohort_matrix(LOG, "customers", triangle)
    np.testing.assert_array_equal(found, [[5, 0, 2], [0, 0, NAN], [4, NAN, NAN]])
    found = cohort_matrix(LOG, "revenue", triangle)
    np.testing.assert_array_equal(found, [[50, 0, 20], [0, 0, NAN], [44, NAN, NAN]])
    assert cohort_matrix(LOG, "orders", triangle)[0].tolist() == [8, 0, 3]


def test_the_first_cohort_of_the_fit_gives_the_ages():
    """Rows begin with the cohorts that are there, columns are as many as the fit had."""
    triangle = find_triangle(LOG, "month", 8, 13)
    assert (triangle.first, triangle.last, triangle.n_periods) == (10, 13, 6)
    found = cohort_matrix(LOG, "customers", triangle)
    np.testing.assert_array_equal(found[0], [5, 0, 2, 1, NAN, NAN])
    np.testing.assert_array_equal(found[-1], [3, NAN, NAN, NAN, NAN, NAN])


def test_what_is_left_out_is_counted():
    """After the last period, and before a customer's first purchase."""
    late = {"customers": 3, "purchases": 6, "orders": 6, "revenue": 16}
    apart = {"orders_without_cohort": 1, "revenue_without_cohort": -5}
    expected = {f"{name}_in_incomplete_period": value for name, value in late.items()}
    assert left_out(LOG, 12) == expected | apart
    assert left_out(LOG, 13) == dict.fromkeys(expected, 0) | apart


def test_labels_are_first_days():
    """Of every cohort, of those that nobody joined too."""
    march = 2024 * 12 + 2
    labels = Triangle("month", march, march + 2, 5, march + 4).labels
    assert labels.astype(str).tolist() == [
        f"2024-{month:02}-01T00:00:00.000000" for month in (3, 4, 5)
    ]


def test_no_cohort_that_is_over_is_refused():
    """The message names the period and what to do."""
    with pytest.raises(DataError, match=r"a month in which .* must be over .* begins 2024-03-01"):
        find_triangle(cells([(2024 * 12 + 2, 2024 * 12 + 2, 1, 1, 1, 0)]), "month", None, 2024 * 12)


def test_an_earlier_cohort_than_fitted_is_refused():
    """The message names both cohorts, and how many are too early."""
    rows = [(2020, 2020, 1, 1, 1, 0), (2021, 2021, 1, 1, 1, 0), (2023, 2023, 1, 1, 1, 0)]
    message = r"not begin before 2022-01-01, .* \(fit again\); found 2020-01-01 \(2 such cohorts\)"
    with pytest.raises(DataError, match=message):
        find_triangle(cells(rows), "year", 2022, 2024)


def test_too_many_periods_are_refused():
    """A table of days has at most 5,000 ages; a stray date of 1970 is named."""
    start = period_number(datetime.date(1970, 1, 1), "day")
    rows = [(start, start, 1, 1, 1, 0), (start + 20_000, start + 20_000, 1, 1, 1, 0)]
    message = "period='day' must .* at most 5,000 periods; found 20,001 from 1970-01-01"
    with pytest.raises(DataError, match=message):
        find_triangle(cells(rows), "day", None, start + 20_000)
    assert find_triangle(cells(rows[:1]), "day", None, start + 4_999).n_periods == 5_000


def test_every_row_is_divided_by_its_own_start():
    """Not by that of the first row; a row without a start above zero is missing."""
    found = of_own_start(np.array([[10.0, 5.0, 1.0], [4.0, 4.0, NAN], [0.0, 0.0, NAN], [-1, 2, 3]]))
    expected = [[1, 0.5, 0.1], [1, 1, NAN], [NAN] * 3, [NAN] * 3]
    np.testing.assert_array_equal(found, expected)


def test_sums_are_settled_to_twelve_digits():
    """Residues of rounding go, digits that count stay, of any size; zero has no sign."""
    values = np.array([0.1 + 0.2, 123456789.987, -1e300 / 3, 5e-324, 0.0, -0.0, 1e-300 / 3])
    found = settled(values)
    np.testing.assert_allclose(found, values, rtol=1e-11, atol=1e-320)
    assert found[0] == 0.3
    assert found[1] == 123456789.987
    assert not np.signbit(found[5])
