from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.service import OrderPriority
from custvalue.workflow._service_analysis_queue import (
    RESULTS,
    queue_columns,
    queue_values,
    sorted_queue,
)


@pytest.fixture
def waiting():
    """Return three open orders of two customers."""
    columns = {"who": ["Bo", "Ada", "Bo"], "profit": [40.0, 40.0, 55.0], "importance": [2, 2, 1]}
    return pd.DataFrame(columns, index=pd.Index([11, 12, 11], name="order"))


@pytest.fixture
def book():
    return pd.DataFrame({"value": [9.0, 80.0]}, index=pd.Index(["Ada", "Bo"], name="who"))


def test_values_come_from_the_book_or_from_the_orders(waiting, book):
    """One source, never two."""
    assert queue_values(waiting, book, "who", "value").tolist() == [80.0, 9.0, 80.0]
    valued = waiting.assign(value=[1.0, 2.0, 3.0])
    assert queue_values(valued, None, "who", "value").tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(DataError, match="leave one of them out"):
        queue_values(valued, book, "who", "value")


def test_an_open_order_of_nobody_known_is_refused(waiting, book):
    """The first of them is named."""
    with pytest.raises(DataError, match=r"row 0 has who='Bo' \(2 such rows\)"):
        queue_values(waiting, book.loc[["Ada"]], "who", "value")


def test_orders_are_ranked_among_themselves(waiting):
    """Profit times value is ranked, the rank times importance is the score; labels may repeat."""
    priority = OrderPriority(customer_value="value")
    found = queue_columns(waiting, np.array([80.0, 9.0, 80.0]), priority)
    # By hand: 3200, 360 and 4400 have ranks 2, 3 and 1; times 2, 2 and 1.
    assert found["score"].tolist() == [4, 6, 1]
    assert found["priority"].tolist() == [2, 3, 1]
    assert tuple(found) == RESULTS


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_first_to_serve_stands_on_top(kind, waiting):
    """Every kind of frame keeps its kind and columns; equal ones keep their order."""
    flat = waiting.reset_index()
    makers = {"polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
    X = makers[kind](flat) if kind in makers else flat
    columns = {"score": np.array([4, 2, 2]), "priority": np.array([3, 1, 1])}
    found = sorted_queue(X, columns)
    assert type(found) is type(X)
    rows = found if kind == "pandas" else found.to_pandas()
    assert rows["order"].tolist() == [12, 11, 11]
    assert rows["priority"].tolist() == [1, 1, 3]
    assert rows["who"].tolist() == ["Ada", "Bo", "Bo"]
