"""The calibration and holdout split."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.datasets import load_cdnow
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.transactions import RFMSummary, calibration_holdout_split
from support.order_logs import DAYS, KINDS, as_input, as_pandas, random_log, slow_summary, small_log
from support.strategies import order_logs

MONEY = {"rtol": 1e-12, "atol": 1e-9}
SUMMARY = ["frequency", "recency", "T", "monetary_value"]


def split(X, **parameters):
    """Return a split of orders with amounts."""
    ends = {"calibration_end": "2024-01-20", "observation_end": "2024-03-01"}
    return calibration_holdout_split(X, **{"amount": "amount", **ends, **parameters})


@pytest.fixture(scope="module")
def cdnow():
    """Return CDNOW split into 39 weeks of calibration and 39 weeks of holdout."""
    ends = {"calibration_end": "1997-09-30", "observation_end": "1998-06-30"}
    return calibration_holdout_split(load_cdnow(), amount="amount", **ends)


def test_cdnow_calibration_is_the_summary(cdnow):
    """The calibration part equals RFMSummary at its last day."""
    summary = RFMSummary(amount="amount", observation_end="1997-09-30")
    pd.testing.assert_frame_equal(cdnow[SUMMARY], summary.fit_transform(load_cdnow()))


def test_cdnow_holdout_is_the_published_one(cdnow):
    """Purchases in the 39 weeks of holdout by purchases in the calibration.

    Source: the BTYD walk-through (actual conditional expectations, seven and more together).
    """
    by_frequency = cdnow.groupby(cdnow["frequency"].clip(upper=7))["holdout_frequency"]
    published = [
        0.2367116,
        0.6970387,
        1.392523,
        1.56,
        2.532258,
        2.947368,
        3.862069,
        6.359375,
    ]
    assert by_frequency.size().tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    np.testing.assert_allclose(by_frequency.mean(), published, rtol=5e-7)
    assert (cdnow["holdout_T"] == 39).all()


@given(
    orders=order_logs(min_size=5),
    time_unit=st.sampled_from(["day", "week", "month", "year"]),
    collapse=st.sampled_from(["day", "week", "month"]),
    on_negative=st.sampled_from(["net", "drop"]),
    end=st.dates(datetime.date(2023, 6, 1), datetime.date(2024, 6, 1)),
)
@settings(max_examples=20)
def test_agrees_with_two_slow_summaries(orders, time_unit, collapse, on_negative, end):
    """The calibration is a summary up to its end, the holdout one of what follows."""
    last = datetime.date(2024, 11, 11)
    rules = {"time_unit": time_unit, "collapse": collapse, "on_negative": on_negative}
    before = slow_summary(orders, end, **rules)
    if before.empty:
        return
    found = split(orders, calibration_end=end, observation_end=last, **rules)
    pd.testing.assert_frame_equal(found[SUMMARY], before[SUMMARY], **MONEY)
    after = slow_summary(orders, last, start=end, **rules).reindex(before.index)
    counts = (after["frequency"] + 1).fillna(0.0) if "frequency" in after else 0.0
    assert (found["holdout_frequency"] == counts).all()
    assert (found["holdout_T"] == (last - end).days / DAYS[time_unit]).all()


def test_the_mean_spend_of_the_holdout():
    """The mean per purchase in the holdout; 0 for those who bought nothing then."""
    days = ["2024-01-01", "2024-01-20", "2024-01-21", "2024-01-21", "2024-02-02", "2024-03-02"]
    frame = pd.DataFrame(
        {"customer_id": 1, "date": pd.to_datetime(days), "amount": [9.0, 8, 3, 2, 7, 100]}
    )
    other = pd.DataFrame({"customer_id": [2], "date": pd.to_datetime(["2024-01-05"]), "amount": 4})
    found = split(pd.concat([frame, other]))
    assert found["frequency"].tolist() == [1, 0]
    assert found["holdout_frequency"].tolist() == [2, 0]
    assert found["holdout_monetary_value"].tolist() == [6.0, 0.0]


def test_customers_first_seen_in_the_holdout_are_left_out():
    """No model of the calibration could know them."""
    assert split(small_log(), calibration_end="2024-01-07").index.tolist() == ["a"]


def test_a_period_cut_by_the_end_of_calibration_counts_on_either_side():
    """A month bought in before and after the cut is a purchase in both parts."""
    days = pd.to_datetime(["2024-01-10", "2024-01-19", "2024-01-22", "2024-01-30"])
    frame = pd.DataFrame({"customer_id": 1, "date": days, "amount": 1.0})
    found = split(frame, collapse="month").loc[1]
    assert (found["frequency"], found["holdout_frequency"]) == (0, 1)


def test_without_an_amount_there_is_no_money():
    """Then the split has five columns."""
    found = split(small_log(), amount=None)
    assert list(found.columns) == ["frequency", "recency", "T", "holdout_frequency", "holdout_T"]


@pytest.mark.parametrize("kind", KINDS)
def test_all_kinds_of_table_give_the_same_split(kind, tmp_path):
    """As the summary, so the split."""
    orders = random_log(300, 40, seed=3)
    ends = {"calibration_end": "2023-12-31", "observation_end": "2024-12-31"}
    found = as_pandas(split(as_input(orders, kind, tmp_path), **ends))
    pd.testing.assert_frame_equal(found, split(orders, **ends), check_index_type=False, **MONEY)


def test_the_time_unit_travels_with_the_frame():
    """A model checks it."""
    assert split(small_log(), time_unit="month").attrs == {"time_unit": "month"}


def test_an_end_of_observation_not_given_is_inferred_and_said():
    """The warning names the line of the caller."""
    with pytest.warns(DataQualityWarning, match="inferred to be 2024-02-10") as caught:
        found = split(small_log(), observation_end=None)
    assert found["holdout_T"].unique() == pytest.approx(21 / 7)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"calibration_end": "2024-03-01"}, "calibration_end must lie before observation_end; "),
        ({"calibration_end": None}, "calibration_end must be a date"),
        ({"observation_end": "then"}, "observation_end must be a date .*found 'then'"),
        ({"calibration_end": "2020-01-01"}, "calibration_end must not lie before the first order"),
        (
            {"time_unit": "hour"},
            "time_unit must be one of 'day', 'week', 'month', 'year'; found 'hour'",
        ),
        ({"collapse": "year"}, "collapse must be one of 'day', 'week', 'month'; found 'year'"),
        ({"on_negative": "?"}, "on_negative must be one of 'net', 'drop', 'raise'; found '?'"),
        ({"on_negative": "raise"}, "'amount' must not be negative .* row 4"),
        ({"customer": "who"}, "calibration_holdout_split needs the columns who"),
    ],
    ids=str,
)
def test_wrong_parameters_and_orders_are_refused(parameters, message):
    """Each with one clear error."""
    with pytest.raises(ValueError, match=message.replace("'?'", r"'\?'")):
        split(small_log(), **parameters)


def test_a_customer_named_like_a_result_is_refused():
    """The columns of the holdout count too."""
    orders = small_log().rename(columns={"customer_id": "holdout_t"})
    with pytest.raises(ValueError, match="customer must not be named like"):
        split(orders, customer="holdout_t")


def test_an_inferred_end_before_the_end_of_calibration_is_refused():
    """There is no holdout after the last order."""
    with (
        pytest.warns(DataQualityWarning),
        pytest.raises(ValueError, match="calibration_end must lie before observation_end"),
    ):
        split(small_log(), calibration_end="2024-02-10", observation_end=None)


def test_what_is_no_table_is_refused():
    """As for the summary."""
    with pytest.raises(TypeError, match="calibration_holdout_split needs a table"):
        split([1, 2])


def test_orders_without_amounts_are_refused():
    """A hole is a DataError here too."""
    with pytest.raises(DataError, match=r"row 0 has amount=missing"):
        split(small_log().assign(amount=[None, 1, 1, 1, 1, 1]))


def test_extra_columns_are_those_of_the_calibration():
    """The logarithms of intervals, as a summary at the end of the calibration has them."""
    dates = pd.to_datetime(["2024-01-01", "2024-01-15", "2024-01-29", "2024-02-26", "2024-03-04"])
    orders = pd.DataFrame({"customer_id": 1, "date": dates})
    split = calibration_holdout_split(
        orders,
        calibration_end="2024-02-28",
        observation_end="2024-03-31",
        extra=("log_interval_sum",),
    )
    assert split.loc[1, "frequency"] == 3
    assert split.loc[1, "log_interval_sum"] == pytest.approx(np.log(2) + np.log(2) + np.log(4))


def test_the_left_edge_is_that_of_the_first_order():
    """Customers first seen within the edge are flagged; the column needs the edge."""
    found = split(small_log(), extra=("left_truncated",), left_edge=1, time_unit="day")
    assert found["left_truncated"].tolist() == [True, False]
    with pytest.raises(ValueError, match="'left_truncated' needs left_edge"):
        split(small_log(), extra=("left_truncated",))
    with pytest.raises(ValueError, match="left_edge must be a number above 0"):
        split(small_log(), left_edge=0)
