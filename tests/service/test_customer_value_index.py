"""CustomerValueIndex."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError

from custvalue._estimator.reading import read_estimator
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service.customer_value_index import CustomerValueIndex


@pytest.fixture
def offers() -> pd.DataFrame:
    """Return the two offers that ratio and net value put in opposite order."""
    index = pd.Index(["A", "B"], name="product")
    return pd.DataFrame({"benefits": [120.0, 30.0], "costs": [100.0, 20.0]}, index=index)


@pytest.fixture
def services() -> pd.DataFrame:
    """Return a service and one that takes twice the time."""
    columns = {"quality": 0.9, "service": 0.8, "cost": 2.0, "time": [3.0, 6.0]}
    return pd.DataFrame(columns, index=pd.Index(["now", "slow"], name="product"))


def test_the_golden_ratio_and_net_value(offers):
    """A 120 / 100 = 1.2, net 20; B 30 / 20 = 1.5, net 10 (constructed, exact)."""
    ratio = CustomerValueIndex(measure="ratio").fit_transform(offers)
    net = CustomerValueIndex(measure="net").fit_transform(offers)
    assert ratio["value_index"].tolist() == [1.2, 1.5]
    assert net["value_index"].tolist() == [20.0, 10.0]


def test_the_golden_quality_and_service(services):
    """0.9 x 0.8 / (2 x 3) = 0.12, and twice the time halves it (constructed; last bit of 0.72)."""
    index = CustomerValueIndex(measure="quality_service", baseline="now").fit(services)
    out = index.transform(services)
    assert out["value_index"].tolist() == pytest.approx([0.12, 0.06], rel=1e-15)
    assert out["relative"].tolist() == [1.0, 0.5]


def test_the_three_measures_do_not_have_one_name(offers):
    """Ratio and net value disagree on the two offers, and compare says so for both."""
    out = CustomerValueIndex().fit(offers).compare(offers)
    assert out["ratio_rank"].tolist() == [2, 1]
    assert out["net_rank"].tolist() == [1, 2]
    assert out["reversed_pairs"].tolist() == [1, 1]
    assert out.index.equals(offers.index)


@pytest.mark.parametrize(
    ("measure", "baseline", "relative"),
    [
        ("ratio", None, [1.2, 1.5]),
        ("ratio", "A", [1.0, 1.25]),
        ("ratio", "mean", [0.96, 1.2]),
        ("ratio", {"benefits": 3.0, "costs": 2.0}, [0.8, 1.0]),
        ("net", None, [20.0, 10.0]),
        ("net", "B", [10.0, 0.0]),
        ("net", "mean", [5.0, -5.0]),
    ],
)
def test_relative_to_each_kind_of_baseline(measure, baseline, relative, offers):
    """By hand: the mean offer is 75 / 60 = 1.25 and 15."""
    out = CustomerValueIndex(measure=measure, baseline=baseline).fit_transform(offers)
    assert out["relative"].tolist() == pytest.approx(relative, rel=1e-15)


def test_new_rows_are_compared_with_the_fitted_baseline(offers):
    """The baseline does not move with the rows asked; weights move the mean."""
    index = CustomerValueIndex(baseline="mean").fit(offers)
    new = pd.DataFrame({"benefits": [5.0], "costs": [2.0]})
    assert index.transform(new)["relative"].tolist() == [2.0]
    weighted = CustomerValueIndex(baseline="mean").fit(offers, sample_weight=[0, 1])
    assert weighted.baseline_value_ == 1.5


def test_columns_are_added(offers):
    """Several benefits and several costs are one sum each."""
    parts = offers.assign(price=offers["costs"] - 5, freight=5.0, more=1.0)
    out = CustomerValueIndex(costs=("price", "freight")).fit_transform(parts)
    assert out["value_index"].tolist() == [1.2, 1.5]
    both = CustomerValueIndex(benefits=["benefits", "more"]).fit_transform(parts)
    assert both["value_index"].tolist() == [1.21, 1.55]


@given(
    seed=st.integers(0, 2**32 - 1),
    scales=st.tuples(*[st.sampled_from([0.5, 4.0, 1024.0])] * 4),
    baseline=st.sampled_from([None, "mean", 3]),
)
@settings(max_examples=30, deadline=None)
def test_the_relative_index_has_no_unit(seed, scales, baseline):
    """Other units of quality, service, cost and time change nothing, powers of two to the bit."""
    X = 0.1 + np.random.default_rng(seed).random((8, 4))
    maker = CustomerValueIndex(measure="quality_service", baseline=baseline)
    expected = maker.fit_transform(X)["relative"]
    found = maker.fit_transform(X * np.array(scales))["relative"]
    np.testing.assert_array_equal(found, expected)


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
def test_more_benefit_and_less_cost_are_never_worse(seed):
    """Every measure rises with what is got and falls with what is given; row order is nothing."""
    generator = np.random.default_rng(seed)
    X, more = 0.1 + generator.random((6, 2)), generator.random(6)
    for measure in ("ratio", "net"):
        index = CustomerValueIndex(measure=measure, baseline="mean").fit(X)
        value = index.transform(X)["value_index"]
        assert (index.transform(X + np.c_[more, 0 * more])["value_index"] >= value).all()
        assert (index.transform(X + np.c_[0 * more, more])["value_index"] <= value).all()
        again = CustomerValueIndex(measure=measure, baseline="mean").fit(X[::-1])
        assert again.baseline_value_ == index.baseline_value_


def test_zero_costs_follow_the_policy(offers):
    """An error, no number, or infinite; the net value does not mind."""
    free = offers.assign(costs=[0.0, 20.0])
    with pytest.raises(DataError, match=r"costs must not be 0 where zero='raise'; row 0 .*A"):
        CustomerValueIndex().fit(free)
    assert np.isinf(CustomerValueIndex(zero="inf").fit_transform(free)["value_index"].iloc[0])
    assert np.isnan(CustomerValueIndex(zero="nan").fit_transform(free)["value_index"].iloc[0])
    assert CustomerValueIndex(measure="net").fit_transform(free)["relative"].tolist() == [120.0, 10]


def test_a_ratio_of_losses_warns(offers):
    """Among losses a higher cost looks better."""
    losses = offers.assign(benefits=[-10.0, 30.0])
    with pytest.warns(DataQualityWarning, match="total benefits are negative in 1 of 2 rows"):
        CustomerValueIndex().fit(losses)
    assert CustomerValueIndex(measure="net").fit_transform(losses)["value_index"].iloc[0] == -110


def test_losses_warn_wherever_a_ratio_is_told(offers):
    """New rows and comparisons may have losses that the fitted ones had not."""
    index, losses = CustomerValueIndex().fit(offers), offers.assign(benefits=[-10.0, 30.0])
    for ask in (index.transform, index.compare):
        with pytest.warns(DataQualityWarning, match="negative in 1 of 2 rows") as told:
            ask(losses)
        assert told[0].filename == __file__
    weighted = CustomerValueIndex(baseline="mean").fit(losses, sample_weight=[0, 1])
    assert weighted.baseline_value_ == 1.5


def test_a_date_is_a_baseline(offers, tmp_path):
    """As a time stamp, a numpy date or a text; and it is stored."""
    dated = offers.set_index(pd.to_datetime(["2026-01-31", "2026-02-28"]).rename("product"))
    for label in (dated.index[1], dated.index[1].to_pydatetime(), dated.index.to_numpy()[1]):
        index = CustomerValueIndex(baseline=label).fit(dated)
        assert index.baseline_value_ == 1.5
    index.save(tmp_path / "index.json")
    again = read_estimator(tmp_path / "index.json", {"CustomerValueIndex": CustomerValueIndex}.get)
    assert again.baseline_value_ == 1.5


def test_numbers_beyond_the_range_are_scaled_or_refused():
    """Products that cancel are worked out, tiny costs are not 0, infinite values are refused."""
    columns = ["quality", "service", "cost", "time"]
    large = pd.DataFrame([[1e200] * 4, [1e200, 1e200, 2e200, 1e200]], columns=columns)
    found = CustomerValueIndex(measure="quality_service", baseline=0).fit_transform(large)
    assert found["relative"].tolist() == [1.0, 0.5]
    small = large.assign(quality=1e-150, service=1e-150, cost=1e-200, time=1e-50)
    found = CustomerValueIndex(measure="quality_service").fit_transform(small)
    assert found["value_index"].tolist() == pytest.approx([1e-50, 1e-50], rel=1e-13)
    tiny = large.assign(cost=1e-200, time=1e-200)
    given = CustomerValueIndex(measure="quality_service", baseline=dict.fromkeys(columns, 1.0))
    with pytest.raises(DataError, match=r"must be below the largest number; row 0 .*\(2 such rows"):
        given.fit_transform(tiny)
    sums = pd.DataFrame({"a": [1.7e308], "b": [1.7e308], "costs": [1.0]})
    for measure in ("ratio", "net"):
        with pytest.raises(DataError, match="total below the largest number; row 0 has a=1.7e"):
            CustomerValueIndex(measure=measure, benefits=("a", "b")).fit(sums)


def test_a_dict_is_a_baseline_by_the_rules_of_the_table(offers, services):
    """No negative cost, quality or time; benefits may be negative for the net value."""
    with pytest.raises(ValueError, match="not be negative for costs"):
        CustomerValueIndex(baseline={"benefits": -1.0, "costs": -2.0}).fit(offers)
    row = {"quality": -1.0, "service": -1.0, "cost": 1.0, "time": 1.0}
    with pytest.raises(ValueError, match="not be negative for quality, service"):
        CustomerValueIndex(measure="quality_service", baseline=row).fit(services)
    net = CustomerValueIndex(measure="net", baseline={"benefits": -1.0, "costs": 2.0}).fit(offers)
    assert net.baseline_value_ == -3.0


def test_it_is_stored_with_its_baseline(services, tmp_path):
    """A file gives the same answers, and polars keeps its ids."""
    index = CustomerValueIndex(measure="quality_service").fit(services)
    index.save(tmp_path / "index.json")
    again = read_estimator(tmp_path / "index.json", {"CustomerValueIndex": CustomerValueIndex}.get)
    pd.testing.assert_frame_equal(again.transform(services), index.transform(services))
    assert index.baseline_.to_dict() == {"quality": 0.9, "service": 0.8, "cost": 2.0, "time": 4.5}
    out = index.transform(pl.from_pandas(services.reset_index()))
    assert out.columns == ["product", "value_index", "relative"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"measure": "sum"}, "'measure' parameter of CustomerValueIndex"),
        ({"benefits": "costs"}, "found twice: 'costs'"),
        ({"benefits": ()}, "benefits must name at least one column"),
        ({"costs": (1,)}, "costs must be different column names"),
        ({"baseline": "C"}, "found 'C', which 0 rows have"),
        ({"baseline": 1.5}, "'baseline' parameter"),
        ({"zero": "skip"}, "'zero' parameter"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, offers):
    """A wrong parameter is named, and nothing is half fitted."""
    index = CustomerValueIndex(**parameters)
    with pytest.raises(ValueError, match=message):
        index.fit(offers)
    for ask in (index.transform, index.compare):
        with pytest.raises(NotFittedError):
            ask(offers)


@pytest.mark.parametrize(
    ("measure", "X", "message"),
    [
        ("ratio", [[1.0, -1.0]], "costs must not be negative; row 0 has costs=-1.0"),
        ("quality_service", [[1.0, -1.0, 1.0, 1.0]], "service must not be negative"),
        ("quality_service", [[1.0, 1.0, 1.0, 0.0]], "cost and time must not be 0 where zero"),
        ("net", [[np.nan, 1.0]], "'benefits' must be finite"),
        ("net", pd.DataFrame({"costs": [1.0]}), "missing: benefits"),
    ],
)
def test_wrong_tables_are_refused(measure, X, message):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        CustomerValueIndex(measure=measure).fit(X)
