"""InventoryServiceLevel."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service.inventory_service_level import InventoryServiceLevel

COLUMNS = [
    "cycle_service_level",
    "fill_rate",
    "safety_stock",
    "reorder_point",
    "expected_shortage",
]
LAWS = ("normal", "gamma", "poisson", "negative_binomial")
WEEKS = [f"week_{i}" for i in range(1, 41)]


def item(**changes) -> pd.DataFrame:
    """Return one item whose demand over the lead time has the sd 20, ordered 200 at a time."""
    columns = {"demand_mean": 100.0, "demand_sd": 20.0, "lead_time": 1.0, "order_quantity": 200.0}
    return pd.DataFrame({**columns, "safety_stock": 0.0, **changes}, index=pd.RangeIndex(1))


@pytest.fixture
def items() -> pd.DataFrame:
    """Return twenty items whose demand varies more than its mean and less than half of it."""
    rng = np.random.default_rng(4)
    mean = rng.uniform(8.0, 60.0, 20)
    columns = {
        "demand_mean": mean,
        "demand_sd": 1.1 * np.sqrt(mean),
        "lead_time": rng.uniform(2.0, 6.0, 20),
        "lead_time_sd": rng.uniform(0.0, 0.5, 20),
        "order_quantity": rng.uniform(100.0, 400.0, 20),
        "safety_stock": rng.uniform(-5.0, 40.0, 20),
    }
    return pd.DataFrame(columns, index=pd.Index([f"P{i}" for i in range(20)], name="product"))


@pytest.fixture
def histories() -> pd.DataFrame:
    """Return thirty items with forty weeks of lumpy demand each."""
    rng = np.random.default_rng(8)
    demand = rng.negative_binomial(1.0, 0.1, (30, 40)).astype(float)
    table = pd.DataFrame(demand, columns=WEEKS)
    return table.assign(lead_time=3.0, order_quantity=90.0, safety_stock=15.0)


# Golden numbers


@pytest.mark.parametrize(
    ("k", "level", "fill"),
    [
        (0, 0.5, 0.960106),
        (1, 0.841345, 0.991668),
        (2, 0.97725, 0.999151),
        (3, 0.99865, 0.999962),
    ],
)
def test_the_constructed_table_of_stock_and_service(k, level, fill):
    """sigma 20, Q 200: both measures at 0 to 3 sigma, to the six decimals that are printed."""
    out = InventoryServiceLevel().fit_transform(item(safety_stock=20.0 * k)).iloc[0]
    assert out["cycle_service_level"] == pytest.approx(level, abs=5e-7)
    assert out["fill_rate"] == pytest.approx(fill, abs=5e-7)


def test_the_inverse_of_the_constructed_table():
    """beta = .99 needs k = .902346, where alpha = .816564."""
    model = InventoryServiceLevel(measure="fill_rate", target=0.99)
    out = model.fit_transform(item()).iloc[0]
    assert out["safety_stock"] / 20 == pytest.approx(0.902346, abs=5e-7)
    assert out["cycle_service_level"] == pytest.approx(0.816564, abs=5e-7)
    assert out["fill_rate"] == pytest.approx(0.99, abs=1e-12)


def test_the_rule_of_fifty_eighty_four_ninety_eight_and_ninety_nine_point_nine():
    """Phi(0) to Phi(3) and their rounding in the lecture: 50, 84, 98, 99.9 %."""
    table = InventoryServiceLevel.standard_table()
    expected = [0.5, 0.841345, 0.97725, 0.99865]
    np.testing.assert_allclose(table["cycle_service_level"], expected, atol=5e-7)
    assert table["rounded"].tolist() == [0.5, 0.84, 0.98, 0.999]
    assert table.index.tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(ValueError, match="multiples must be a row of finite numbers"):
        InventoryServiceLevel.standard_table([np.nan])


def cost(out: pd.Series, holding: float, stockout: float) -> float:
    """Return the newsvendor's cost: what is left over and what is missed, each at its price."""
    left = out["safety_stock"] + out["expected_shortage"]
    return holding * left + stockout * out["expected_shortage"]


# stockpyl 1.0.2, run: newsvendor_normal(10, 30, 100, 20); the others from its tests
# (tests/test_newsvendor.py, printed to 15 digits): examples 4.3 and 4.4, problem 4.1.
@pytest.mark.parametrize(
    ("prices", "mean", "sd", "lead_time", "stock", "total"),
    [
        ((10, 30), 100, 20, 1, 113.48979500392163, 254.2212581472856),
        ((0.18, 0.7), 50, 8, 1, 56.603955927433887, 1.997605193176645),
        ((43, 79), 900, 60, 1, 9.227214038234755e02, 2.718196781782411e03),
        ((0.18, 0.7), 50, 8, 5, 2.647668943741548e02, 4.466781004149578),
    ],
)
def test_the_newsvendor_of_stockpyl(prices, mean, sd, lead_time, stock, total):
    """The critical ratio as target gives its stock, and stock and shortage its cost."""
    holding, stockout = prices
    X = item(demand_mean=mean, demand_sd=sd, lead_time=lead_time)
    model = InventoryServiceLevel(target=stockout / (stockout + holding))
    out = model.fit_transform(X).iloc[0]
    assert out["reorder_point"] == pytest.approx(stock, rel=1e-13)
    assert cost(out, holding, stockout) == pytest.approx(total, rel=1e-12)


# stockpyl, tests/test_newsvendor.py: example 4.7 and problem 4.8 (a).
@pytest.mark.parametrize(
    ("prices", "mean", "stock", "total"),
    [((1, 4), 6, 8, 3.570106945770946), ((200, 270), 18, 19, 7.860884409351115e02)],
)
def test_the_poisson_newsvendor_of_stockpyl(prices, mean, stock, total):
    """The smallest whole stock, and its cost."""
    holding, stockout = prices
    model = InventoryServiceLevel(demand="poisson", target=stockout / (stockout + holding))
    out = model.fit_transform(item(demand_mean=mean)).iloc[0]
    assert out["reorder_point"] == stock
    assert cost(out, holding, stockout) == pytest.approx(total, rel=1e-7)


@pytest.mark.parametrize(
    ("demand", "stock", "prices", "total"),
    [
        ("normal", 40, (0.18, 0.7), 7.356131552870388),
        ("poisson", 5, (1, 4), 6.590296024616344),
    ],
)
def test_the_cost_of_a_given_stock_of_stockpyl(demand, stock, prices, total):
    """Examples 4.3 and 4.7 with a stock that is not the best, read as the reorder point."""
    mean, sd = (50, 8) if demand == "normal" else (6, 9)
    model = InventoryServiceLevel(demand=demand, reorder_point="stock")
    out = model.fit_transform(item(demand_mean=mean, demand_sd=sd, stock=stock)).iloc[0]
    assert out["reorder_point"] == stock
    assert cost(out, *prices) == pytest.approx(total, rel=1e-7)


def test_a_review_period_lengthens_the_time_to_cover():
    """Example 4.4 of stockpyl with L = 4 and R = 1 is the lead time 5."""
    X = item(demand_mean=50, demand_sd=8, lead_time=4.0)
    out = InventoryServiceLevel(target=0.7 / 0.88, review_period=1.0).fit_transform(X).iloc[0]
    assert out["reorder_point"] == pytest.approx(2.647668943741548e02, rel=1e-13)


# Lead times, lost sales, directions


def test_a_lead_time_that_varies_widens_the_demand():
    """L = 4, s_L = .5, d = 100, s = 20: sigma is sqrt(4 x 400 + 10,000 x .25) by hand."""
    X = item(lead_time=4.0, lead_time_sd=0.5)
    out = InventoryServiceLevel(target=stats.norm.cdf(1)).fit_transform(X).iloc[0]
    assert out["safety_stock"] == pytest.approx(np.sqrt(4100), rel=1e-12)
    never = InventoryServiceLevel(target=stats.norm.cdf(1), lead_time_sd=None).fit_transform(X)
    assert never["safety_stock"][0] == pytest.approx(40.0, rel=1e-12)


def test_poisson_demand_over_gamma_lead_times_is_what_a_simulation_counts():
    """A million cycles: 3 a week over 4 weeks, sd 2; four standard errors are .002."""
    rng = np.random.default_rng(12)
    demand = rng.poisson(3 * rng.gamma(4, 1, 1_000_000))
    X = item(demand_mean=3.0, lead_time=4.0, lead_time_sd=2.0, safety_stock=8.0)
    out = InventoryServiceLevel(demand="poisson").fit_transform(X).iloc[0]
    assert out["cycle_service_level"] == pytest.approx((demand <= 20).mean(), abs=0.002)
    assert out["expected_shortage"] == pytest.approx(np.maximum(demand - 20, 0).mean(), abs=0.01)


def test_lost_sales_are_divided_by_what_was_asked_for():
    """beta = Q / (Q + n): with n = 20 G(0) = 7.978846 and Q = 200."""
    out = InventoryServiceLevel(backorders=False).fit_transform(item()).iloc[0]
    assert out["fill_rate"] == pytest.approx(200 / 207.97884560802865, rel=1e-12)
    model = InventoryServiceLevel(measure="fill_rate", target=0.99, backorders=False)
    assert model.fit_transform(item())["fill_rate"][0] == pytest.approx(0.99, rel=1e-12)


@pytest.mark.parametrize("measure", ["cycle", "fill_rate"])
@pytest.mark.parametrize("backorders", [True, False])
@pytest.mark.parametrize("demand", LAWS)
def test_both_directions_agree(items, demand, measure, backorders):
    """The service of the stock for a target is the target, or just above it in whole units."""
    options = {"demand": demand, "measure": measure, "backorders": backorders}
    out = InventoryServiceLevel(target=0.93, **options).fit_transform(items)
    name = "fill_rate" if measure == "fill_rate" else "cycle_service_level"
    whole = demand in ("poisson", "negative_binomial")
    assert (out[name] >= 0.93 - 1e-9).all()
    assert whole or np.allclose(out[name], 0.93, rtol=1e-10)
    back = InventoryServiceLevel(**options).fit_transform(
        items.assign(safety_stock=out["safety_stock"])
    )
    pd.testing.assert_frame_equal(back, out, rtol=1e-9)
    if whole:
        less = items.assign(safety_stock=out["safety_stock"] - 1)
        assert (InventoryServiceLevel(**options).fit_transform(less)[name] < 0.93).all()


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
@settings(max_examples=20)
@given(demand=st.sampled_from(LAWS), stock=st.floats(-20, 300), more=st.floats(0, 50))
def test_more_stock_serves_no_worse(demand, stock, more):
    """Both measures rise and the shortage falls with the stock."""
    X = pd.concat([item(safety_stock=stock, demand_sd=30.0), item(safety_stock=stock + more)])
    X["demand_sd"] = 30.0
    out = InventoryServiceLevel(demand=demand).fit_transform(X).to_numpy()
    assert (out[1, :2] >= out[0, :2] - 1e-12).all()
    assert out[1, 4] <= out[0, 4] + 1e-12


@settings(max_examples=20)
@given(factor=st.floats(1e-3, 1e3), k=st.floats(-3, 3))
def test_the_unit_of_the_demand_does_not_matter(factor, k):
    """Units or pallets: levels stay, stocks are in the unit."""
    one, X = item(safety_stock=20 * k), item(safety_stock=20 * k * factor)
    X[["demand_mean", "demand_sd", "order_quantity"]] *= factor
    expected = InventoryServiceLevel().fit_transform(one).to_numpy()
    out = InventoryServiceLevel().fit_transform(X).to_numpy()
    expected = expected * [1.0, 1.0, factor, factor, factor]
    np.testing.assert_allclose(out, expected, rtol=1e-9, atol=1e-9 * factor)


def test_each_item_can_have_a_target_of_its_own(items):
    """A column of targets gives each row the stock for its own."""
    items["wanted"] = np.linspace(0.6, 0.99, 20)
    out = InventoryServiceLevel(target="wanted").fit_transform(items)
    np.testing.assert_allclose(out["cycle_service_level"], items["wanted"], rtol=1e-12)


# Empirical demand


def test_an_items_own_windows_are_its_demand(histories):
    """By hand: the share of all three-week sums that the stock covers, and what it misses."""
    X = histories.iloc[[4]]
    weeks = X[WEEKS].to_numpy()[0]
    sums = np.array([weeks[i : i + 3].sum() for i in range(38)])
    model = InventoryServiceLevel(demand="empirical", history=WEEKS)
    out = model.fit_transform(X).iloc[0]
    stock = sums.mean() + 15.0
    assert out["reorder_point"] == pytest.approx(stock, rel=1e-12)
    assert out["cycle_service_level"] == pytest.approx((sums <= stock).mean(), rel=1e-12)
    missed = np.maximum(sums - stock, 0).mean()
    assert out["expected_shortage"] == pytest.approx(missed, rel=1e-12)
    target = clone(model).set_params(target=0.9).fit_transform(X).iloc[0]
    assert target["reorder_point"] == pytest.approx(np.sort(sums)[34], rel=1e-12)


def test_the_pooled_shape_sees_each_window_from_outside(histories):
    """By hand: every sum of three weeks in the moments of the other 37; six decimals are kept."""
    weeks = histories[WEEKS].to_numpy()[4]
    expected = []
    for i in range(38):
        others = np.delete(weeks, range(i, i + 3))
        spread = np.sqrt(3) * others.std(ddof=1)
        expected.append((weeks[i : i + 3].sum() - 3 * others.mean()) / spread)
    model = InventoryServiceLevel(demand="empirical", history=WEEKS, shape="pooled")
    shape = model.fit(histories.iloc[[4]]).shape_
    np.testing.assert_allclose(shape, np.sort(expected), atol=5.1e-7)


def test_a_pooled_shape_tells_levels_that_one_history_cannot(histories, tmp_path):
    """The demand to come is covered as wanted, though each item's moments are estimates."""
    model = InventoryServiceLevel(
        demand="empirical", history=WEEKS, shape="pooled", target=0.97
    ).fit(histories)
    new = histories.assign(**dict.fromkeys(WEEKS, 0.0))
    rng = np.random.default_rng(80)
    new[WEEKS] = rng.negative_binomial(1.0, 0.1, (30, 40))
    stock = model.transform(new)["reorder_point"].to_numpy()
    demand = rng.negative_binomial(3.0, 0.1, (30, 20_000))
    # Items differ by 0.03 with moments of 40 weeks: three standard errors of a mean of 30.
    assert (demand <= stock[:, None]).mean() == pytest.approx(0.97, abs=0.015)
    assert len(model.shape_) == 1000
    model.save(tmp_path / "model.json")
    assert (tmp_path / "model.json").stat().st_size < 20_000


def test_a_history_gives_the_other_laws_their_moments(histories):
    """Mean and standard deviation of the weeks in place of two columns."""
    weeks = histories[WEEKS]
    moments = histories.assign(demand_mean=weeks.mean(axis=1), demand_sd=weeks.std(axis=1))
    one = InventoryServiceLevel(demand="gamma", history=WEEKS).fit_transform(histories)
    other = InventoryServiceLevel(demand="gamma").fit_transform(moments)
    pd.testing.assert_frame_equal(one, other, rtol=1e-12)


def test_windows_of_different_lengths_stand_side_by_side(histories):
    """Each item's windows are as long as its own lead time, and rows are answered one by one."""
    X = histories.assign(lead_time=np.tile([1.0, 2.4, 6.0], 10), lead_time_sd=0.3)
    model = InventoryServiceLevel(demand="empirical", history=WEEKS).fit(X)
    whole = model.transform(X)
    single = pd.concat([model.transform(X.iloc[[i]]) for i in range(30)])
    pd.testing.assert_frame_equal(whole, single, rtol=1e-12)
    weeks = X[WEEKS].to_numpy()[1]
    sums = weeks[:-1] + weeks[1:]
    assert whole["reorder_point"][1] == pytest.approx(1.2 * sums.mean() + 15, rel=1e-12)


def test_a_history_too_short_for_a_target_is_said(histories):
    """38 windows tell 97 % and no more; the warning says how many 99 % needs."""
    X = histories
    X.index = pd.Index([f"P{i}" for i in range(30)], name="product")
    model = InventoryServiceLevel(demand="empirical", history=WEEKS, target=0.99).fit(X)
    message = r"99 % needs at least 100 windows .* found 38, .*row 0 \(product 'P0'\) \(30 such"
    with pytest.warns(DataQualityWarning, match=message):
        model.transform(X)


# Edges


def test_an_item_without_uncertainty_needs_its_mean():
    """sigma 0: no safety stock at any level, and one unit less always runs out."""
    X = item(demand_sd=0.0)
    for target in (0.5, 0.99, 1.0):
        out = InventoryServiceLevel(target=target).fit_transform(X).iloc[0]
        assert out["safety_stock"] == 0.0
        assert out["cycle_service_level"] == out["fill_rate"] == 1.0
    less = InventoryServiceLevel().fit_transform(item(demand_sd=0.0, safety_stock=-1.0)).iloc[0]
    assert less[COLUMNS].tolist() == [0.0, 0.995, -1.0, 99.0, 1.0]


def test_full_service_is_an_infinite_stock_and_said():
    """A target of 1 gives infinity with a warning."""
    model = InventoryServiceLevel(target=1.0).fit(item())
    with pytest.warns(DataQualityWarning, match=r"no stock reaches a target of 1.*row 0 \(1 such"):
        out = model.transform(item()).iloc[0]
    assert out[COLUMNS].tolist() == [1.0, 1.0, np.inf, np.inf, 0.0]


def test_low_targets_give_negative_safety_stock():
    """Below one half the normal stock is below the mean demand."""
    out = InventoryServiceLevel(target=0.3).fit_transform(item()).iloc[0]
    assert out["safety_stock"] == pytest.approx(20 * stats.norm.ppf(0.3), rel=1e-12)


def test_without_demand_there_is_no_fill_rate():
    """Nothing asked for is NaN, not 100 %; without an order quantity there is none either."""
    X = item(demand_mean=0.0, demand_sd=0.0)
    for target in (None, 0.9):
        out = InventoryServiceLevel(target=target, measure="fill_rate").fit_transform(X).iloc[0]
        assert out[["safety_stock", "cycle_service_level"]].tolist() == [0.0, 1.0]
        assert np.isnan(out["fill_rate"])
    without = InventoryServiceLevel().fit_transform(item().drop(columns="order_quantity"))
    assert np.isnan(without["fill_rate"][0])
    never = InventoryServiceLevel(order_quantity=None).fit_transform(item())
    assert np.isnan(never["fill_rate"][0])


def test_normal_demand_that_would_be_negative_is_said():
    """A coefficient of variation above one half over the lead time, not in one period."""
    X = item(demand_sd=120.0)
    with pytest.warns(DataQualityWarning, match=r"demand='normal' is often negative.*row 0 \(1"):
        InventoryServiceLevel().fit_transform(X)
    InventoryServiceLevel().fit_transform(item(demand_sd=90.0, lead_time=4.0))
    InventoryServiceLevel(demand="gamma").fit_transform(X)


def test_negative_binomial_demand_that_varies_too_little_is_poisson_and_said():
    """Variance 64 with a mean of 100."""
    X = item(demand_sd=8.0)
    with pytest.warns(DataQualityWarning, match="Poisson law was taken"):
        out = InventoryServiceLevel(demand="negative_binomial", target=0.9).fit_transform(X)
    poisson = InventoryServiceLevel(demand="poisson", target=0.9).fit_transform(X)
    pd.testing.assert_frame_equal(out, poisson)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"target": 95}, "above 0 and at most 1; 95 looks like per cent; found 95"),
        ({"target": 0.0}, "target must be above 0 and at most 1; found 0.0"),
        ({"target": -1.0}, "target must be above 0 and at most 1; found -1.0"),
        ({"target": 0.9, "reorder_point": "x"}, "only one of target and reorder_point"),
        ({"demand": "lognormal"}, "'demand' parameter of InventoryServiceLevel must be a str amo"),
        ({"demand": "empirical"}, "history must name the columns .* found None"),
        ({"history": ["a"]}, r"history must name at least 2 columns; found \('a',\)"),
        ({"shape": "pooled"}, "shape='pooled' is for demand='empirical' only; found demand='norm"),
        ({"lead_time": "demand_mean"}, "a column of its own; found more than once: 'demand_mean'"),
        (
            {"measure": "fill_rate", "target": 0.9, "order_quantity": None},
            "order_quantity must name a column for measure='fill_rate'",
        ),
        ({"review_period": -1.0}, "'review_period' parameter"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message):
    """A wrong parameter is named by its value, and nothing is half fitted."""
    model = InventoryServiceLevel(**parameters)
    with pytest.raises(ValueError, match=message):
        model.fit(item())
    for asks in (model.transform, model.service_table):
        with pytest.raises(NotFittedError):
            asks(item())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"demand_mean": -1.0}, r"demand_mean must not be negative; row 0 has demand_mean=-1.0"),
        ({"demand_sd": -1.0}, "demand_sd must not be negative"),
        ({"lead_time": -1.0}, "lead_time must not be negative"),
        ({"lead_time_sd": -1.0}, "lead_time_sd must not be negative"),
        ({"order_quantity": 0.0}, r"order_quantity must be above 0; .*order_quantity=0.0 \(1 such"),
        ({"lead_time": 0.0, "lead_time_sd": 1.0}, "lead_time_sd must be 0 where lead_time is 0"),
        ({"safety_stock": np.nan}, "'safety_stock' must be finite"),
    ],
)
def test_wrong_items_are_refused(changes, message):
    """In fit and in transform, with rule, row and value."""
    for asks in (InventoryServiceLevel().fit, _fitted(changes).transform):
        with pytest.raises(DataError, match=message):
            asks(item(**changes))


def _fitted(changes):
    good = {"lead_time_sd": 0.0} if "lead_time_sd" in changes else {}
    return InventoryServiceLevel().fit(item(**good))


def test_targets_by_item_are_checked():
    """Per cent are refused in columns too."""
    message = r"goal must be above 0 and at most 1; 95 looks like per cent; row 0 has goal=95.0"
    with pytest.raises(DataError, match=message):
        InventoryServiceLevel(target="goal").fit(item(goal=95.0))


def test_demand_of_none_that_varies_is_refused_where_it_cannot_be():
    """A law without negative demand cannot vary around 0."""
    with pytest.raises(DataError, match="demand_sd must be 0 where demand_mean is 0"):
        InventoryServiceLevel(demand="gamma").fit(item(demand_mean=0.0))


def test_histories_are_checked(histories):
    """Longer than the lead time, not negative, and varying where the lead time does."""
    model = InventoryServiceLevel(demand="empirical", history=WEEKS)
    with pytest.raises(DataError, match="40 periods, must have 1 more than lead_time .*; row 0"):
        model.fit(histories.assign(lead_time=40.0))
    with pytest.raises(DataError, match="week_3 must not be negative"):
        model.fit(histories.assign(week_3=-1.0))
    flat = histories.assign(**dict.fromkeys(WEEKS, 5.0), lead_time_sd=1.0)
    with pytest.raises(DataError, match="lead_time_sd must be 0 where the history does not vary"):
        model.fit(flat)


# Tables


def test_the_table_over_all_items(items):
    """Sums of stock and shortage, the mean level, and the fill rate weighted by demand."""
    model = InventoryServiceLevel(demand="gamma").fit(items)
    table = model.service_table(items, [0.0, 1.5])
    time, spread = items["lead_time"], items["demand_mean"] * items["lead_time_sd"]
    sigma = np.sqrt(time * items["demand_sd"] ** 2 + spread**2)
    out = model.transform(items.assign(safety_stock=1.5 * sigma))
    weights = items["demand_mean"]
    line = table.loc[1.5]
    assert line["safety_stock"] == pytest.approx(1.5 * sigma.sum())
    assert line["expected_shortage"] == pytest.approx(out["expected_shortage"].sum())
    assert line["cycle_service_level"] == pytest.approx(out["cycle_service_level"].mean())
    assert line["fill_rate"] == pytest.approx(np.average(out["fill_rate"], weights=weights))
    normal = InventoryServiceLevel().fit(items).service_table(items)
    expected = InventoryServiceLevel.standard_table()["cycle_service_level"]
    np.testing.assert_allclose(normal["cycle_service_level"], expected, rtol=1e-12)


def test_arrays_have_the_columns_in_the_order_said(items):
    """Demand, lead time, stock; then what is optional."""
    expected = InventoryServiceLevel().fit_transform(items).to_numpy()
    order = ["demand_mean", "demand_sd", "lead_time", "safety_stock", "lead_time_sd"]
    array = items[[*order, "order_quantity"]].to_numpy()
    model = InventoryServiceLevel().fit(array)
    assert model.columns_ == [*order, "order_quantity"]
    np.testing.assert_array_equal(model.transform(array), expected)
    with pytest.raises(DataError, match="X has 5 features, but InventoryServiceLevel is expecting"):
        model.transform(array[:, :5])
    short = InventoryServiceLevel(measure="fill_rate", target=0.9).fit(array[:, [0, 1, 2, 5]])
    assert short.columns_ == [*order[:3], "order_quantity"]


def test_frames_keep_their_products_and_copies_answer_alike(items):
    """polars has the product first; clone and pickle give the same; X stays as it is."""
    before = items.copy(deep=True)
    model = InventoryServiceLevel(demand="gamma", target=0.9).fit(items)
    expected = model.transform(items)
    assert list(model.get_feature_names_out()) == COLUMNS == list(expected.columns)
    out = model.transform(pl.from_pandas(items.reset_index()))
    assert out.columns == ["product", *COLUMNS]
    np.testing.assert_array_equal(out[COLUMNS].to_numpy(), expected)
    for copy in (pickle.loads(pickle.dumps(model)), clone(model).fit(items)):
        pd.testing.assert_frame_equal(copy.transform(items), expected)
    pd.testing.assert_frame_equal(items, before)
    order = np.random.default_rng(1).permutation(20)
    pd.testing.assert_frame_equal(model.transform(items.iloc[order]), expected.iloc[order])


def test_a_column_that_was_fitted_must_be_there(items):
    """An optional column that fit read is not optional any more."""
    model = InventoryServiceLevel().fit(items)
    with pytest.raises(DataError, match="missing: lead_time_sd"):
        model.transform(items.drop(columns="lead_time_sd"))


@pytest.mark.parametrize(
    ("demand", "changes", "most"),
    [
        ("poisson", {"demand_mean": 2.0**53}, "1e.15 for demand='poisson'"),
        ("negative_binomial", {"demand_sd": 1e16}, "1e.15 for demand='negative_binomial'"),
        ("normal", {"demand_mean": 1e300, "lead_time": 4.0}, "1e.300 for demand='normal'"),
        ("gamma", {"demand_sd": 1e308, "lead_time": 1e10}, "1e.300 for demand='gamma'"),
    ],
)
def test_demand_too_large_to_reckon_with_is_refused(demand, changes, most):
    """In fit and in transform, with the limit of the law and what was found."""
    model = InventoryServiceLevel(demand=demand, target=0.9)
    for asks in (model.fit, clone(model).fit(item()).transform):
        message = f"over the lead time must be at most {most}; row 0 has demand_mean=.*1 such row"
        with pytest.raises(DataError, match=message):
            asks(item(**changes))


def test_a_history_too_large_for_its_squares_is_refused():
    """1e200 squared is no float; the first weeks are shown."""
    model = InventoryServiceLevel(history=["a", "b"])
    with pytest.raises(DataError, match="at most 1e.300 .*row 0 has a=1e.200, b=1.0, lead_time=1"):
        model.fit(item(a=1e200, b=1.0))


def test_large_demand_is_scaled_like_small_demand():
    """1e299 units have the levels of 100, and no warning."""
    X = item(demand_mean=1e299, demand_sd=2e298, order_quantity=2e299)
    out = InventoryServiceLevel(measure="fill_rate", target=0.99).fit_transform(X).iloc[0]
    assert out["safety_stock"] / 2e298 == pytest.approx(0.902346, abs=5e-7)
    assert out["cycle_service_level"] == pytest.approx(0.816564, abs=5e-7)


def test_gamma_demand_that_is_nearly_always_nothing():
    """Mean .01, sd 1: no stock serves more than 90 % of the cycles, and it is said."""
    X = item(demand_mean=0.01, demand_sd=1.0)
    with pytest.warns(DataQualityWarning, match="nearly always next to nothing"):
        out = InventoryServiceLevel(demand="gamma", target=0.9).fit_transform(X).iloc[0]
    assert out["reorder_point"] == 0.0
    assert out["cycle_service_level"] > 0.9
    with pytest.warns(DataQualityWarning, match="nearly always next to nothing"):
        back = InventoryServiceLevel(demand="gamma", reorder_point="stock").fit_transform(
            X.assign(stock=0.0)
        )
    assert back["cycle_service_level"][0] == out["cycle_service_level"]


def test_the_table_over_all_items_says_what_transform_says():
    """A law that does not suit the demand is said there too, from the line that asks."""
    X = item(demand_sd=90.0)
    model = InventoryServiceLevel().fit(X)
    with pytest.warns(DataQualityWarning, match="demand='normal' is often negative") as seen:
        model.service_table(X)
    assert seen[0].filename == __file__


@pytest.mark.parametrize("parameter", ["lead_time_sd", "order_quantity"])
def test_misspelt_optional_columns_are_refused(parameter):
    """A name that the caller gives is asked for."""
    model = InventoryServiceLevel(**{parameter: "sdL"})
    with pytest.raises(DataError, match=f"needs the column 'sdL', which {parameter} names"):
        model.fit(item())
    assert "sdL" in model.fit(item(sdL=1.0)).columns_


@pytest.mark.parametrize("asks", ["transform", "service_table"])
def test_optional_columns_that_fit_had_not_are_refused(asks):
    """They would be ignored in silence."""
    model = InventoryServiceLevel().fit(item())
    with pytest.raises(DataError, match="'lead_time_sd', which InventoryServiceLevel was fitted w"):
        getattr(model, asks)(item(lead_time_sd=0.5))


def test_an_array_must_tell_which_optional_column_it_has(items):
    """Order quantities are not read as spreads of lead times."""
    array = items[["demand_mean", "demand_sd", "lead_time", "safety_stock", "order_quantity"]]
    with pytest.raises(DataError, match="X has 5 features, and InventoryServiceLevel cannot tell"):
        InventoryServiceLevel().fit(array.to_numpy())
    found = InventoryServiceLevel(lead_time_sd=None).fit_transform(array.to_numpy())
    np.testing.assert_array_equal(found, InventoryServiceLevel().fit_transform(array))


def test_truth_is_no_target_and_numbers_of_numpy_are():
    """True is not 1; float32 is a number."""
    with pytest.raises(ValueError, match="target must be a number above 0 .* found True"):
        InventoryServiceLevel(target=True).fit(item())
    out = InventoryServiceLevel(target=np.float32(0.5)).fit_transform(item())
    assert out["reorder_point"][0] == 100.0


@pytest.mark.parametrize("demand", ["normal", "gamma"])
@pytest.mark.parametrize("changes", [{"demand_sd": 1e-200}, {"demand_mean": 1e300}])
def test_a_spread_beyond_the_digits_of_the_mean_is_none(demand, changes):
    """sd 1e-200 beside 100, or 20 beside 1e300, is no uncertainty: the mean serves always."""
    X = item(**changes)
    out = InventoryServiceLevel(demand=demand, target=0.9).fit_transform(X).iloc[0]
    assert out[COLUMNS].tolist() == [1.0, 1.0, 0.0, X["demand_mean"][0], 0.0]
