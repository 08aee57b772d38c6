from __future__ import annotations

import pandas as pd
import pytest

from custvalue.datasets import load_cdnow


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return load_cdnow()


def test_columns_and_types(orders):
    """The frame has the documented columns, in order, with the documented types."""
    found = {name: str(dtype) for name, dtype in orders.dtypes.items()}
    assert list(found.items()) == [
        ("customer_id", "int64"),
        ("date", "datetime64[us]"),
        ("quantity", "int64"),
        ("amount", "float64"),
    ]


def test_counts_of_the_sample(orders):
    """There are 6,919 orders of 2,357 customers numbered 1 to 2357, on 6,696 customer days."""
    assert len(orders) == 6919
    assert sorted(orders["customer_id"].unique()) == list(range(1, 2358))
    assert len(orders[["customer_id", "date"]].drop_duplicates()) == 6696


def test_totals_match_the_provenance_note(orders):
    """Quantity and amount add up to the sums printed beside the data."""
    assert orders["quantity"].sum() == 16479
    assert round(orders["amount"].sum(), 2) == 244091.94
    assert (orders["amount"] == 0).sum() == 8


def test_window_of_the_sample(orders):
    """Everybody first buys in the first quarter of 1997, and nobody after June 1998."""
    first = orders.groupby("customer_id")["date"].min()
    assert first.between("1997-01-01", "1997-03-31").all()
    assert orders["date"].max() == pd.Timestamp("1998-06-30")


def test_rows_are_by_customer_and_date(orders):
    """Rows come by customer and then by date, on a plain index."""
    assert orders.sort_values(["customer_id", "date"], kind="stable").index.equals(
        pd.RangeIndex(len(orders))
    )


def test_customer_1516_of_the_paper(orders):
    """Customer 1516 made 26 repeat purchases by 1997-09-30, the last 216 days after the first."""
    days = orders.loc[orders["customer_id"] == 1516, "date"].drop_duplicates()
    calibration = days[days <= "1997-09-30"]
    assert len(calibration) - 1 == 26
    assert (calibration.max() - calibration.min()).days == 216
    assert (pd.Timestamp("1997-09-30") - calibration.min()).days == 31 * 7


def test_every_load_is_a_new_frame(orders):
    """Changing a loaded frame leaves the next one as it was."""
    changed = load_cdnow()
    changed["amount"] = 0.0
    assert load_cdnow().equals(orders)
