"""Figures of simple lifetime value: their ranges, and where each comes from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue._estimator.door import column_names, read_table
from custvalue.exceptions import DataError
from custvalue.retention._simple_lifetime_input import (
    FIGURES,
    check_life,
    customers_of,
    named_columns,
    read_figure,
    read_summary,
)

FRAME = pd.DataFrame({"stay": [0.5, 1.0], "loss": [0.5, 1.5]}, index=["a", "b"])
TABLE = read_table(FRAME, ("stay", "loss"))
GIVEN = {"average_order": 1.0, "orders_per_year": 1.0} | dict.fromkeys(FIGURES, 1.0)


def test_a_figure_is_a_number_or_a_column():
    """None is a life without end, and a retention of 1."""
    assert read_figure(0.5, "margin", TABLE).tolist() == [0.5, 0.5]
    assert read_figure("stay", "retention_rate", TABLE).tolist() == [0.5, 1.0]
    assert read_figure(None, "years", TABLE).tolist() == [np.inf, np.inf]
    assert read_figure(None, "retention_rate", TABLE).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("value", "name", "error", "message"),
    [
        (-1, "margin", ValueError, "margin must be a number at least 0 and finite; found -1"),
        (True, "years", ValueError, "years must be a number at least 0; found True"),
        (np.inf, "service_cost", ValueError, "must be a number at least 0 and finite; found inf"),
        (1.1, "retention_rate", ValueError, "must be a number from 0 to 1; found 1.1"),
        (0, "share_of_spending", ValueError, "must be a number above 0 and at most 1; found 0"),
        (
            "loss",
            "retention_rate",
            DataError,
            r"retention_rate \(column 'loss'\) must be from 0 to 1; row 1 \(index 'b'\) has "
            r"loss=1.5 \(1 such row\)",
        ),
    ],
)
def test_figures_out_of_their_range_are_refused(value, name, error, message):
    """The message names the figure and its rule."""
    with pytest.raises(error, match=message):
        read_figure(value, name, TABLE)


def test_something_must_say_how_long_customers_stay():
    """Either figure does, and so do both."""
    check_life(5, None, "it")
    check_life(None, 0.8, "it")
    with pytest.raises(ValueError, match="it needs years, retention_rate or both"):
        check_life(None, None, "it")


def test_columns_are_named_once():
    """In the order of the figures; numbers name none."""
    assert named_columns({"years": "n", "margin": 0.1, "service_cost": "n", "x": "m"}) == ("n", "m")


def test_endless_lives_are_refused_by_row():
    """One customer who never leaves, with nothing discounted, has no finite value."""
    endless = GIVEN | {"years": np.inf, "retention_rate": TABLE["stay"], "annual_discount_rate": 0}
    message = r"infinite where customers never leave .* row 1 \(index 'b'\) has retention_rate=1.0"
    with pytest.raises(DataError, match=message):
        customers_of(endless, "start", TABLE)
    with pytest.raises(DataError, match="values must be finite; row 0 .* average_order=1e"):
        customers_of(GIVEN | {"average_order": 1e200, "orders_per_year": 1e200}, "start", TABLE)
    with pytest.raises(
        DataError, match="potential must be finite; row 0 .* share_of_spending=1e-3"
    ):
        customers_of(GIVEN | {"share_of_spending": 1e-300, "margin": 1e30}, "start", TABLE)


def test_a_summary_has_its_rules():
    """They are those of every room; columns named stand beside it."""
    frame = pd.DataFrame(
        {"frequency": [1.0], "recency": [2.0], "T": [3.0], "monetary_value": [4.0], "stay": [0.5]}
    )
    table = read_summary(frame, ("stay",), endless=None, time_unit="week", owner="it")
    assert list(table.columns) == ["frequency", "recency", "T", "monetary_value", "stay"]
    with pytest.raises(DataError, match="recency must not exceed T"):
        read_summary(frame.assign(recency=9.0), (), endless=None, time_unit="week", owner="it")


SUMMARY = pd.DataFrame(
    {
        "customer_id": ["a", "b"],
        "frequency": [1.0, 0.0],
        "recency": [2.0, 0.0],
        "T": [3.0, 3.0],
        "monetary_value": [4.0, 0.0],
        "life": [np.inf, 2.5],
    }
)
TABLES = {
    "pandas": SUMMARY,
    "objects": SUMMARY.assign(life=SUMMARY["life"].astype(object)),
    "polars": pl.from_pandas(SUMMARY),
    "pyarrow": pa.Table.from_pandas(SUMMARY),
    "array": SUMMARY.drop(columns="customer_id").to_numpy(),
    "list": SUMMARY.drop(columns="customer_id").to_numpy().tolist(),
}


@pytest.mark.parametrize("X", TABLES.values(), ids=TABLES)
def test_years_of_a_column_may_be_without_end(X):
    """inf stays inf in every kind of table, and the table stays what it was."""
    found = read_summary(X, ("life",), endless="life", time_unit="week", owner="it")
    assert found["life"].tolist() == [np.inf, 2.5]
    assert found["T"].tolist() == [3.0, 3.0]
    if found.kind in ("polars", "pyarrow"):
        assert found.index.tolist() == ["a", "b"]
    place = column_names(X).index("life") if column_names(X) else 4
    rows = X.to_pandas() if found.kind in ("polars", "pyarrow") else X
    assert np.isinf(np.asarray(rows)[0, place])


@pytest.mark.parametrize("life", [-np.inf, np.nan])
def test_other_years_must_be_numbers(life):
    """Only inf means no limit, and only in the column of the years."""
    frame = SUMMARY.assign(life=[np.inf, life])
    with pytest.raises(
        DataError, match=r"'life' must be finite .* row 1 has life=.* \(1 such row\)"
    ):
        read_summary(frame, ("life",), endless="life", time_unit="week", owner="it")
    with pytest.raises(DataError, match=r"'life' must be finite .* row 0 has life=inf"):
        read_summary(SUMMARY, ("life",), endless=None, time_unit="week", owner="it")


def test_missing_and_double_columns_are_said():
    """The column that may hold inf is looked for like the others."""
    double = pd.concat([SUMMARY, SUMMARY[["life"]]], axis=1)
    for frame, message in ((SUMMARY.drop(columns="life"), "missing: life"), (double, "once: life")):
        with pytest.raises(DataError, match=message):
            read_summary(frame, ("life",), endless="life", time_unit="week", owner="it")
    with pytest.raises(DataError, match="X has 4 features, but it is expecting 5"):
        read_summary(np.ones((3, 4)), ("life",), endless="life", time_unit="week", owner="it")
