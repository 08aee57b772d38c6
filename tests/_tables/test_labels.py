"""Labels that are no text: dates, periods and intervals."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from custvalue._tables.labels import label_kind, labels_as_text, pandas_of_arrow

DAYS = pd.Series(pd.to_datetime(["2024-02-01", None, "2024-01-01"]))
CUT = pd.cut(pd.Series([12, np.nan, 3]), [0, 5, 20])

TEXTS = {
    "dates": (DAYS.dt.date, "date", ["2024-02-01", None, "2024-01-01"]),
    "times": (DAYS, "date", ["2024-02-01", None, "2024-01-01"]),
    "times of day": (
        DAYS + pd.Timedelta(hours=10),
        "date",
        ["2024-02-01 10:00:00", None, "2024-01-01 10:00:00"],
    ),
    "times of a zone": (
        DAYS.dt.tz_localize("Asia/Tokyo"),
        "date",
        ["2024-02-01", None, "2024-01-01"],
    ),
    "categories of times": (DAYS.astype("category"), "date", ["2024-02-01", None, "2024-01-01"]),
    "Arrow dates": (DAYS.astype("date32[pyarrow]"), "date", ["2024-02-01", None, "2024-01-01"]),
    "periods": (DAYS.dt.to_period("M"), "span", ["2024-02", None, "2024-01"]),
    "periods as objects": (
        DAYS.dt.to_period("Q").astype(object),
        "span",
        ["2024Q1", None, "2024Q1"],
    ),
    "categories of intervals": (CUT, "span", ["(5, 20]", None, "(0, 5]"]),
    "intervals as objects": (CUT.astype(object), "span", ["(5, 20]", None, "(0, 5]"]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_dates_periods_and_intervals_are_text(name):
    """Their kind is known, and a missing one stays missing."""
    column, kind, texts = TEXTS[name]
    assert label_kind(column) == kind
    assert labels_as_text(column).tolist() == texts


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", None], "plain"),
        (pd.array(["a", None], dtype="string"), "plain"),
        ([1, 2.5], "plain"),
        ([True, False], "plain"),
        (pd.Categorical(["a", "b"]), "plain"),
        ([None, None], "plain"),
        (DAYS - DAYS[0], "none"),
        ([datetime.time(3)], "none"),
        ([1j], "none"),
        ([[1], [2]], "none"),
        ([True, "a", None, 2], "plain"),
    ],
)
def test_other_columns_are_told_apart(values, kind):
    """Numbers and text are plain; lengths of time are no labels."""
    assert label_kind(pd.Series(values)) == kind


@pytest.mark.parametrize("column", [CUT, CUT.iloc[:0], DAYS, DAYS.dt.to_period("M")])
def test_arrow_columns_come_back_as_pandas_had_them(column):
    """Categories of intervals too, which pyarrow itself does not give back."""
    table = pa.Table.from_pandas(column.to_frame("x"))
    for arrow in (table.column(0), *(batch.column(0) for batch in table.to_batches())):
        assert labels_as_text(pandas_of_arrow(arrow)).tolist() == labels_as_text(column).tolist()
