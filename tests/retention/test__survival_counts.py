"""Survival counts and shares become rows of customers with numbers, or are refused."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.retention._survival_counts import are_counts, check_form, rows_of_counts


def counts(**changed):
    """Return two cohorts, of 100 and 50 customers."""
    columns = {
        "cohort": ["2021", "2021", "2021", "2022", "2022"],
        "period": [0, 1, 2, 0, 1],
        "customers": [100, 60, 45, 50, 40],
    }
    return pd.DataFrame({**columns, **changed})


def read(X, covariates=(), cohort_size=None):
    return rows_of_counts(X, covariates, cohort_size=cohort_size, owner="Model")


def as_set(found, *more):
    columns = [found.X[name] for name in ("duration", "churned", *more)]
    return {row for row in zip(*columns, found.weights, strict=True) if row[-1] > 0}


EXPECTED = {(1, 1, 40), (2, 1, 15), (2, 0, 45), (1, 1, 10), (1, 0, 40)}


def test_who_is_missing_has_left_and_who_is_there_at_the_end_is_censored():
    """100, 60, 45: 40 left at the first renewal, 15 at the second, 45 are still there after two."""
    one = counts().iloc[:3].drop(columns="cohort")
    assert as_set(read(one)) == {(1, 1, 40), (2, 1, 15), (2, 0, 45)}
    assert as_set(read(counts())) == EXPECTED


def test_every_kind_of_frame_in_any_order_gives_the_same_rows():
    """pandas, polars and pyarrow, shuffled, cohorts as text, dates or numbers."""
    frame = counts().sample(frac=1, random_state=3)
    dates = frame.assign(cohort=pd.to_datetime(frame["cohort"], format="%Y"))
    numbers = frame.assign(cohort=frame["cohort"].astype(int))
    others = pl.from_pandas(dates), pa.Table.from_pandas(frame, preserve_index=False)
    for X in (frame, dates, numbers, *others):
        assert are_counts(X)
        assert as_set(read(X)) == EXPECTED


@pytest.mark.parametrize("whole", [1, 100])
def test_shares_and_percentages_are_parts_of_the_cohort(whole):
    """Of 1000 customers 63.1 % are 631; a fraction of a customer is kept."""
    survival = np.array([1, 0.631, 0.46857]) * whole
    X = pd.DataFrame({"period": [0, 1, 2], "survival": survival})
    found = as_set(read(X, cohort_size=1000))
    assert {row[:2] for row in found} == {(1, 1), (2, 1), (2, 0)}
    sizes = sorted(row[2] for row in found)
    np.testing.assert_allclose(sizes, [162.43, 369, 468.57], rtol=1e-12)


def test_cohorts_may_have_sizes_of_their_own():
    """A mapping names the size of every cohort."""
    shares = counts(customers=[100, 60, 45, 100, 80]).rename(columns={"customers": "survival"})
    found = read(shares, cohort_size={"2021": 100, "2022": 50.0})
    assert {(d, c, round(w, 9)) for d, c, w in as_set(found)} == EXPECTED
    dates = shares.assign(cohort=pd.to_datetime(shares["cohort"], format="%Y"))
    sizes = {pd.Timestamp("2021-01-01"): 100, pd.Timestamp("2022-01-01"): 50}
    again = read(dates, cohort_size=sizes)
    np.testing.assert_array_equal(again.weights, found.weights)


def test_covariates_are_those_of_the_cohort():
    """Every row has the value of its cohort; one that changes within a cohort is refused."""
    X = counts(price=[9, 9, 9, 5, 5])
    found = {row[:3] for row in as_set(read(X, ("price",)), "price")}
    assert found == {(1, 1, 9), (2, 1, 9), (2, 0, 9), (1, 1, 5), (1, 0, 5)}
    with pytest.raises(DataError, match="price must not change within a cohort; row 1 has"):
        read(counts(price=[9, 8, 8, 5, 5]), ("price",))


BAD = {
    "rising": ({"customers": [100, 60, 61, 50, 40]}, r"customers must not rise.*row 2 has.*61.0"),
    "negative": ({"customers": [100, 60, -1, 50, 40]}, r"customers must not be negative.*row 2"),
    "nobody": ({"customers": [0, 0, 0, 50, 40]}, r"customers must be positive at period 0.*row 0"),
    "gap": ({"period": [0, 1, 3, 0, 1]}, r"without a gap.*row 2 has period=3.0 \(1 such row\)"),
    "late": ({"period": [0, 1, 2, 1, 2]}, r"period must start at 0.*row 3 has period=1.0"),
    "twice": ({"period": [0, 1, 1, 0, 1]}, r"period must occur once only.*row 2"),
    "part": ({"period": [0, 0.5, 1, 0, 1]}, r"period must be a whole number.*row 1"),
    "before": ({"period": [-1, 0, 1, 0, 1]}, r"period must not be negative.*row 0"),
    "huge": ({"period": [0, 1, 1e12, 0, 1]}, r"period must not exceed 1e\+09.*row 2"),
    "missing": ({"customers": [100, 60, np.nan, 50, 40]}, r"'customers' must be finite.*row 2"),
    "text": ({"customers": list("abcde")}, r"'customers' must be a number.*row 0.*5 such rows"),
    "no cohort": ({"cohort": ["2021", None, "2021", "2022", "2022"]}, r"'cohort' must not be miss"),
}


@pytest.mark.parametrize("case", BAD)
def test_counts_that_cannot_be_are_refused(case):
    """One error each, with the rule, the first row as given and the number of such rows."""
    changed, message = BAD[case]
    with pytest.raises(DataError, match=message):
        read(counts(**changed))


def test_the_first_bad_row_is_that_of_the_table_as_given():
    """Rows are told of in the order given, not in that of periods."""
    X = counts(customers=[100, 60, 61, 50, 55]).iloc[::-1]
    with pytest.raises(DataError, match=r"row 0 has period=1.0, customers=55.0 \(2 su"):
        read(X)


def shares(values):
    return counts(customers=values).rename(columns={"customers": "survival"})


def test_shares_that_cannot_be_are_refused():
    """They start at 1 or 100, in all cohorts alike, and come with the size of the cohort."""
    with pytest.raises(DataError, match=r"survival must be 1 \(a share\) or 100.*row 3.*=50.0"):
        read(shares([100, 60, 45, 50, 40]), cohort_size=100)
    with pytest.raises(DataError, match="survival must be a share in all cohorts or percent in al"):
        read(shares([100, 60, 45, 1, 0.8]), cohort_size=100)
    good = shares([1, 0.6, 0.45, 1, 0.8])
    with pytest.raises(ValueError, match="cohort_size must be given with survival"):
        read(good)
    for bad in ({"2021": 100}, {"2021": 100, "2022": 0}, {"2021": 100, "2022": "50"}):
        with pytest.raises(ValueError, match="a positive number for every cohort.* cohort '2022'"):
            read(good, cohort_size=bad)


def test_tables_without_the_columns_are_refused():
    """The error names what is missing; a column that is there twice is no choice."""
    with pytest.raises(DataError, match="needs the columns period, customers; missing: customers"):
        read(counts().drop(columns="customers"))
    with pytest.raises(DataError, match="needs the columns period, customers; missing: period"):
        read(counts().drop(columns="period"))
    twice = pd.concat([counts(), counts()[["cohort"]]], axis=1)
    with pytest.raises(DataError, match="found more than once: cohort"):
        read(twice)
    with pytest.raises(DataError, match="at least one row"):
        read(counts().iloc[:0])


def test_a_row_a_customer_is_no_survival_count():
    """duration or churned say that rows are customers; an array always is."""
    rows = pd.DataFrame({"duration": [1], "churned": [0], "period": [3]})
    assert not are_counts(rows)
    assert not are_counts(rows.to_numpy())
    assert not are_counts(pd.DataFrame({"other": [1]}))


def test_a_frame_without_any_known_column_is_told_of_both_forms():
    """Capitals are not read as the names; one known column or an array is left to other checks."""
    capital = pd.DataFrame({"Period": [0, 1], "Customers": [9, 5]})
    with pytest.raises(DataError, match=r"Model needs .* found: Period, Customers$"):
        check_form(capital, "Model")
    for known in (capital.assign(duration=1), counts(), capital.to_numpy()):
        check_form(known, "Model")
