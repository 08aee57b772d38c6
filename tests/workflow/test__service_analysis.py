from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError
from custvalue.workflow import ServiceAnalysis
from custvalue.workflow._service_analysis import (
    COUNTS,
    READING,
    customer_column,
    customer_segments,
    failure_columns,
    judged_customers,
    line_metrics,
    lines_with_segments,
    measure,
    perfect_orders,
    segment_text,
    serve_customers,
)


@pytest.fixture(scope="module")
def lines():
    """Return five lines of four orders of three customers: one late, one short, one of both."""
    return pd.DataFrame(
        {
            "no": [1, 1, 2, 3, 4],
            "who": ["Ada", "Ada", "Bo", "Bo", "Cy"],
            "region": ["N", "N", "S", "N", "S"],
            "promised": pd.to_datetime(["2025-03-03"] * 5),
            "delivered": pd.to_datetime(["2025-03-03", "2025-03-04", *["2025-03-03"] * 2, None]),
            "ordered": [10.0, 5.0, 20.0, 8.0, 8.0],
            "delivered_quantity": [10.0, 4.0, 20.0, 6.0, 8.0],
        }
    )


@pytest.fixture(scope="module")
def analysis():
    return ServiceAnalysis(
        criteria=("on_time", "in_full"), columns={"order": "no", "customer": "who"}
    )


def test_parts_that_read_lines_have_the_parameters_of_the_analysis():
    """Whatever says how lines are read is handed on."""
    unfitted = ServiceAnalysis(tolerance=2, reference="requested", criteria=("on_time",))
    judge = perfect_orders(unfitted, "region")
    assert (judge.tolerance, judge.reference, judge.by) == (2, "requested", "region")
    assert judge.criteria == ("on_time",)
    assert {*READING} <= set(judge.get_params()) & set(unfitted.get_params())


def test_names_follow_the_parameters(analysis):
    """The column of customers is named by its part, those of failures by their criteria."""
    assert customer_column(analysis) == "who"
    assert customer_column(ServiceAnalysis()) == "customer"
    assert failure_columns(("right_place",)) == ["right_place_failures"]


def test_customers_are_served_as_counted_by_hand(analysis, lines):
    """Cy's order has no day of delivery: it is not known to be late, nor to be perfect."""
    served, judge = serve_customers(analysis, lines)
    expected = pd.DataFrame(
        [[1, 0 + 1, 0, 1, 1], [2, 2, 1, 0, 1], [1, 0, 0, 0, 0]],
        index=pd.Index(["Ada", "Bo", "Cy"], name="who"),
        columns=[*COUNTS, "on_time_failures", "in_full_failures"],
    )
    pd.testing.assert_frame_equal(served, expected, check_index_type=False)
    assert judge.by == "who"


def test_orders_without_a_customer_are_counted_in_the_message(analysis, lines):
    """Nothing is left out in silence."""
    nobody = lines.assign(who=lines["who"].where(lines["no"] > 1))
    with pytest.raises(DataError, match="column 'who' must name .*; found none for 1 order$"):
        serve_customers(analysis, nobody)


def test_segments_of_customers_come_from_lines_only_where_there_is_one(analysis, lines):
    """Bo has orders in two regions."""
    by_region = ServiceAnalysis(**analysis.get_params(deep=False)).set_params(segment="region")
    with pytest.raises(DataError, match=r"who 'Bo' has several \(1 such customer\)"):
        customer_segments(by_region, lines)
    found = customer_segments(by_region, lines.assign(region=["N", "N", "S", "S", None]))
    assert found.to_dict() == {"Ada": "N", "Bo": "S", "Cy": "unknown"}


@pytest.mark.parametrize("form", ["pandas", "polars", "lazy", "csv"])
def test_segments_stand_beside_the_lines(form, analysis, lines, tmp_path):
    """Each line gets the segment of its customer; a column of that name gives way."""
    by_region = ServiceAnalysis(**analysis.get_params(deep=False)).set_params(segment="region")
    segments = pd.Series({"Ada": "a", "Bo": "b", "Cy": "c"})
    path = tmp_path / "lines.csv"
    lines.to_csv(path, index=False)
    polars = pl.from_pandas(lines)
    X = {"pandas": lines, "polars": polars, "lazy": polars.lazy(), "csv": path}[form]
    found = lines_with_segments(by_region, X, segments).to_pandas()
    assert found["region"].tolist() == ["a", "a", "b", "b", "c"]
    assert set(found.columns) == set(lines.columns)
    assert found["ordered"].tolist() == lines["ordered"].tolist()


def test_metrics_are_a_pandas_frame_without_notes(analysis, lines):
    """Also of other frames, with the group as index."""
    expected = line_metrics(analysis, lines, "region")
    found = line_metrics(analysis, pl.from_pandas(lines), "region")
    pd.testing.assert_frame_equal(found, expected, check_index_type=False)
    assert expected.attrs == {}
    assert expected.index.tolist() == ["N", "S"]


def test_without_segments_all_is_measured_once(analysis, lines):
    """The judge of all orders is that of the segments."""
    measured = measure(analysis, lines, None)
    assert measured.by_segment is measured.overall
    assert measured.metrics is measured.overall_metrics
    np.testing.assert_allclose(measured.overall.observed_["perfect"], 1 / 3)


def test_segments_are_text_wherever_they_come_from(analysis, lines):
    """Numbers that are floats because one is missing have no decimals."""
    assert [segment_text(one) for one in (1, 2.0, 2.5, True, np.nan, None, pd.NA)] == [
        "1",
        "2",
        "2.5",
        "True",
        "unknown",
        "unknown",
        "unknown",
    ]
    by_site = ServiceAnalysis(**analysis.get_params(deep=False)).set_params(segment="site")
    numbered = lines.assign(site=[1.0, 1.0, 2.0, 2.0, np.nan])
    measured = measure(by_site, numbered, None)
    names = ["1", "2", "unknown"]
    assert measured.by_segment.observed_.index.tolist() == names
    assert measured.metrics.index.tolist() == names
    assert customer_segments(by_site, numbered).to_dict() == dict(
        zip(["Ada", "Bo", "Cy"], names, strict=True)
    )


def test_lines_of_customers_without_an_order_have_an_unknown_segment(analysis, lines):
    """They were left out of the segments, and are left out of all but the counts."""
    by_region = ServiceAnalysis(**analysis.get_params(deep=False)).set_params(segment="region")
    found = lines_with_segments(by_region, lines, pd.Series({"Ada": "a", "Bo": "b"}))
    assert found["region"].to_pylist() == ["a", "a", "b", "b", "unknown"]


def test_customers_are_judged_by_what_is_known_of_any_order(analysis, lines):
    """Cy's order is in full; without quantities nothing is known of it."""
    assert judged_customers(serve_customers(analysis, lines)[1]).tolist() == [True, True, True]
    bare = lines.assign(delivered_quantity=lines["delivered_quantity"].where(lines["no"] < 4))
    assert judged_customers(serve_customers(analysis, bare)[1]).tolist() == [True, True, False]
