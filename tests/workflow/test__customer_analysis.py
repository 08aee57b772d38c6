from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from custvalue.exceptions import DataError
from custvalue.workflow import CustomerAnalysis
from custvalue.workflow._customer_analysis import (
    EXTRAS,
    READING,
    VALUING,
    customer_table,
    frame_kind,
    order_reader,
    require_paid,
)


def test_the_reader_has_the_parameters_of_the_analysis():
    """Orders are read as the analysis was told to, at the clock asked for."""
    analysis = CustomerAnalysis(customer="who", date="when", amount="euros", collapse="week")
    reader = order_reader(analysis, "2024-12-31")
    assert {name: getattr(reader, name) for name in READING} == {
        "customer": "who",
        "date": "when",
        "amount": "euros",
        "time_unit": "week",
        "collapse": "week",
        "on_negative": "net",
    }
    assert reader.observation_end == "2024-12-31"
    assert reader.extra == EXTRAS


def test_every_parameter_that_is_handed_on_exists():
    """The lists of shared parameters name parameters of the analysis."""
    assert {*READING, *VALUING} <= set(CustomerAnalysis().get_params(deep=False))


def test_the_table_puts_the_parts_side_by_side(analysis, orders):
    """Each part's columns stand beside the summary, row by row."""
    summary = analysis.summary_.transform(orders)
    found = customer_table(summary, analysis.value_, analysis.segmenter_)
    pd.testing.assert_frame_equal(found[summary.columns.tolist()], summary, check_flags=False)
    pd.testing.assert_series_equal(found["value"], analysis.value_.predict(summary))
    assert found["segment"].tolist() == analysis.segmenter_.predict(summary).tolist()
    assert found.columns.tolist() == list(analysis.get_feature_names_out())


@pytest.mark.parametrize(
    ("X", "kind"),
    [
        (pd.DataFrame(), "pandas"),
        (pl.DataFrame(), "polars"),
        (pl.LazyFrame(), "polars"),
        (pa.table({"a": [1]}), "pyarrow"),
        ("orders.parquet", "pandas"),
    ],
    ids=["pandas", "polars", "lazy", "pyarrow", "path"],
)
def test_the_kind_of_frame_is_that_of_the_orders(X, kind):
    """Files, relations and expressions give pandas."""
    assert frame_kind(X) == kind


def test_customers_whose_repeat_purchases_were_all_free_are_refused():
    """The message names the first of them and says what to do."""
    index = pd.Index(["a", "b", "c"], name="who")
    summary = pd.DataFrame(
        {"frequency": [0.0, 2.0, 3.0], "monetary_value": [0.0, 5.0, 0.0]}, index=index
    )
    with pytest.raises(DataError) as caught:
        require_paid(summary, "euros")
    assert str(caught.value) == (
        "the repeat purchases of a customer must not all be free; leave out orders whose 'euros' "
        "is 0; row 2 (who 'c') has frequency=3.0, monetary_value=0.0 (1 such row)"
    )
    require_paid(summary.iloc[:2], "euros")
