"""LostSalesCost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue._estimator.reading import read_estimator
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service.lost_sales_cost import LostSalesCost

GOLDEN = 45_000.0
"""1,000 orders, 5 % fail, 20 % of the customers hit leave, each worth 4,000; one prospect worth
1,000 is lost per two leavers: 50 x 0.2 x 4,000 + 5 x 1,000, exact but for the last bits of sums."""

KNOWN = {"leaving_probability": 0.2, "prospects_per_leaver": 0.5, "prospect_value": 1000.0}


@pytest.fixture
def orders() -> pd.DataFrame:
    """Return a thousand customers with one order each, of which 50 fail."""
    failures = np.repeat([1, 0], [50, 950])
    return pd.DataFrame({"failures": failures, "orders": 1, "value": 4000.0})


@pytest.fixture
def histories() -> pd.DataFrame:
    """Return 400 customers: of those with a failure 60 % stayed, of the others 80 %."""
    return pd.DataFrame(
        {
            "failures": np.repeat([0, 1], 200),
            "value": 100.0,
            "alive": np.repeat([1, 0, 1, 0], [160, 40, 120, 80]),
            "group": np.tile(["x", "y"], 200),
        }
    )


def test_the_golden_cost_of_counted_failures(orders):
    """Fifty failures, ten leavers, five prospects: 45,000."""
    cost = LostSalesCost(**KNOWN).fit(orders)
    assert cost.total_["expected_cost"] == pytest.approx(GOLDEN, rel=1e-14)
    assert cost.total_["expected_leavers"] == pytest.approx(10.0, rel=1e-14)
    assert cost.total_["prospects_lost"] == pytest.approx(5.0, rel=1e-14)
    assert cost.transform(orders)["expected_cost"].sum() == pytest.approx(GOLDEN, rel=1e-13)
    assert cost.transform(orders)["expected_cost"].iloc[0] == pytest.approx(900.0, rel=1e-14)


@pytest.mark.parametrize("rate", [0.05, "rate"])
def test_the_golden_cost_of_expected_failures(orders, rate):
    """The same from a rate per order, and from one row that stands for all."""
    rated = LostSalesCost(orders="orders", failure_rate=rate, **KNOWN)
    table = orders.assign(rate=0.05)
    assert rated.fit(table).total_["expected_cost"] == pytest.approx(GOLDEN, rel=1e-13)
    weighted = clone(rated).fit(table[:1], sample_weight=[1000])
    assert weighted.total_["expected_cost"] == pytest.approx(GOLDEN, rel=1e-13)


@pytest.mark.parametrize("given", ["column", {"late": 0.2, "short": 0.2}])
def test_the_golden_cost_by_column_and_by_component(orders, given):
    """A column of 0.2 and a dict of 0.2 are the number 0.2."""
    table = orders.assign(column=0.2, late=orders["failures"], short=0)
    components = ("late", "short") if isinstance(given, dict) else ()
    more = KNOWN | {"leaving_probability": given, "components": components}
    cost = LostSalesCost(**more).fit(table)
    assert cost.total_["expected_cost"] == pytest.approx(GOLDEN, rel=1e-13)
    assert np.asarray(cost.leaving_probability_) == pytest.approx(0.2)
    assert cost.sensitivity_.loc[:, 0.5].to_numpy()[2] == pytest.approx(GOLDEN, rel=1e-13)


def test_a_customer_leaves_once():
    """Three failures drive away with 1 - 0.8^3, or 0.2 where the first alone counts."""
    table = pd.DataFrame({"failures": [3], "value": [100.0]})
    each = LostSalesCost(leaving_probability=0.2).fit_transform(table)
    first = LostSalesCost(leaving_probability=0.2, repeated="first").fit_transform(table)
    assert each["expected_cost"].tolist() == pytest.approx([48.8])
    assert first["expected_cost"].tolist() == pytest.approx([20.0])


def test_new_rows_are_priced_by_what_was_learned(histories):
    """The estimate stays when other customers are asked, in any company."""
    with pytest.warns(DataQualityWarning, match="may be confounded"):
        cost = LostSalesCost().fit(histories)
    new = pd.DataFrame({"failures": [1, 2, 0], "value": [100.0, 200.0, 9.0]}, index=["a", "b", "c"])
    out = cost.transform(new)
    # 0.6 of 0.8 stayed: a quarter of those who would have.
    assert out["expected_leavers"].tolist() == pytest.approx([0.25, 0.4375, 0.0])
    pd.testing.assert_frame_equal(cost.transform(new[1:2]), out[1:2])


def test_an_estimate_has_its_comparison_and_interval(histories):
    """0.8 less 0.6, with Wilson's intervals of R 4 (prop.test without correction) and Newcombe's.

    R prints ten digits of each end; the rules of Newcombe and of Donner and Zou are applied to
    them by hand. The share driven away is 0.2 / 0.8, and each met one failure.
    """
    with pytest.warns(DataQualityWarning, match="strata compares like with like"):
        cost = LostSalesCost().fit(histories)
    table = cost.comparison_
    assert table["retention"].tolist() == pytest.approx([0.8, 0.6, 0.2, 0.25])
    difference = table.loc["difference", ["lower", "upper"]].tolist()
    assert difference == pytest.approx((0.1106705144, 0.2850797428), abs=1e-9)
    (l0, u0), (l1, u1) = (
        table.loc[f"{kind} failure", ["lower", "upper"]] for kind in ("without", "with")
    )
    low = 0.48 - np.sqrt(0.48**2 - l1 * u0 * (1.2 - l1) * (1.6 - u0))
    high = 0.48 + np.sqrt(0.48**2 - u1 * l0 * (1.2 - u1) * (1.6 - l0))
    ends = 1 - high / (l0 * (1.6 - l0)), 1 - low / (u0 * (1.6 - u0))
    assert cost.leaving_probability_ == pytest.approx(0.25)
    assert cost.leaving_interval_ == pytest.approx(ends, rel=1e-10)
    assert table.loc["driven away", ["lower", "upper"]].tolist() == pytest.approx(ends, rel=1e-10)
    assert table.loc["without failure", ["lower", "upper"]].tolist() == pytest.approx(
        [0.7391448134, 0.8495479907], abs=1e-9
    )
    low, high = cost.sensitivity_.index[[0, -1]]
    assert (low, high) == pytest.approx(cost.leaving_interval_)


def test_failures_of_the_same_customers_are_not_counted_twice():
    """Who failed twice left with 1 - 0.7^2: the estimate is 0.3 a failure, not 0.51."""
    alive = np.r_[np.ones(100), np.repeat([1, 0], [49, 51])]
    table = pd.DataFrame({"failures": np.repeat([0, 2], 100), "value": 1.0, "alive": alive})
    with pytest.warns(DataQualityWarning, match="confounded"):
        cost = LostSalesCost().fit(table)
    assert cost.leaving_probability_ == pytest.approx(0.3, rel=1e-9)
    assert cost.total_["expected_leavers"] == pytest.approx(51.0, rel=1e-9)
    with pytest.warns(DataQualityWarning, match="confounded"):
        first = LostSalesCost(repeated="first").fit(table)
    assert first.leaving_probability_ == pytest.approx(0.51)


def test_a_column_of_failed_customers_may_be_another_time(histories):
    """Failures to come are priced by a history of others."""
    table = histories.assign(failed=histories["failures"], failures=0.5)
    with pytest.warns(DataQualityWarning, match="confounded"):
        cost = LostSalesCost(failed="failed").fit(table)
    assert cost.leaving_probability_ == pytest.approx(0.25)
    assert cost.transform(table)["expected_leavers"].tolist() == pytest.approx([0.125] * 400)


def test_strata_take_the_confounder_out():
    """Busy customers fail more and stay more: the crude difference hides an effect.

    Retention is 0.9 and 0.54 among the busy, 0.5 and 0.3 among the others: two fifths
    of those who would stay are driven away in both.
    """
    cells = {("busy", 0): (20, 0.9), ("busy", 1): (200, 0.54), ("calm", 0): (200, 0.5)}
    cells[("calm", 1)] = (20, 0.3)
    rows = [
        (group, failed, float(i < round(n * r)), 1.0)
        for (group, failed), (n, r) in cells.items()
        for i in range(n)
    ]
    table = pd.DataFrame(rows, columns=["activity", "failures", "alive", "value"])
    with pytest.warns(DataQualityWarning, match="confounded"):
        cost = LostSalesCost(strata="activity", segment="activity").fit(table)
    found = cost.comparison_["retention"]
    assert found["difference"] == pytest.approx((18 + 100 - 108 - 6) / 220)
    assert found["difference within strata"] == pytest.approx(0.28)
    assert found["driven away"] < 0.05
    assert found["driven away within strata"] == pytest.approx(0.4)
    assert cost.leaving_probability_ == pytest.approx(0.4)
    assert cost.cost_by_segment_.loc["busy", "expected_cost"] == pytest.approx(80.0)
    assert cost.cost_by_segment_.loc["calm", "share"] == pytest.approx(1 / 11)


def test_a_difference_of_the_wrong_sign_is_said_and_costs_nothing(histories):
    """Customers who stay after failures are no proof that failures help."""
    table = histories.assign(failures=1 - histories["failures"])
    with pytest.warns(DataQualityWarning) as caught:
        cost = LostSalesCost().fit(table)
    assert "taken as 0" in " ".join(str(one.message) for one in caught)
    assert cost.leaving_probability_ == 0.0
    assert cost.total_["expected_cost"] == 0.0


def test_negative_values_lower_the_cost_and_are_said():
    """To lose a loss maker is a gain."""
    table = pd.DataFrame({"failures": [1, 1], "value": [100.0, -50.0]})
    with pytest.warns(DataQualityWarning, match="negative for 1 of 2 customers"):
        cost = LostSalesCost(leaving_probability=0.2).fit(table)
    assert cost.total_["expected_cost"] == pytest.approx(10.0)


def test_components_have_probabilities_of_their_own():
    """Costs of late and damaged orders add up to the whole; rates by component work alike."""
    table = pd.DataFrame({"late": [1, 0, 2], "damaged": [0, 1, 1], "value": [5e2, 2e3, 1e3]})
    p = {"damaged": 0.3, "late": 0.1}
    cost = LostSalesCost(components=["late", "damaged"], leaving_probability=p).fit(table)
    assert cost.leaving_probability_.to_dict() == {"late": 0.1, "damaged": 0.3}
    parts = cost.cost_by_component_
    assert parts["expected_cost"].sum() == pytest.approx(cost.total_["expected_cost"])
    assert parts.index.tolist() == ["damaged", "late"]
    rated = LostSalesCost(
        components=["late", "damaged"],
        orders="orders",
        failure_rate={"late": "late_rate", "damaged": 0.01},
        leaving_probability=p,
    ).fit(pd.DataFrame({"orders": [2], "late_rate": [0.1], "value": [100.0]}))
    expected = 100 * (1 - (0.99 * 0.997) ** 2)
    assert rated.total_["expected_cost"] == pytest.approx(expected, rel=1e-13)


@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from([0.25, 2.0, 1024.0]))
@settings(max_examples=20, deadline=None)
def test_row_order_changes_nothing_and_money_scales(seed, scale):
    """Shuffled rows give the same tables to the last bit; another currency scales the cost."""
    generator = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "late": generator.poisson(0.7, 20),
            "short": generator.poisson(0.4, 20),
            "value": generator.gamma(2, 50, 20),
            "group": generator.choice(["a", "b"], 20),
        }
    )
    maker = LostSalesCost(components=("late", "short"), leaving_probability=0.1, segment="group")
    cost = clone(maker).fit(table)
    shuffled = clone(maker).fit(table.sample(frac=1.0, random_state=seed))
    for name in ("total_", "cost_by_segment_", "cost_by_component_", "sensitivity_"):
        assert getattr(shuffled, name).equals(getattr(cost, name))
    scaled = clone(maker).fit(table.assign(value=scale * table["value"]))
    assert scaled.total_["expected_cost"] == scale * cost.total_["expected_cost"]
    assert scaled.total_["expected_leavers"] == cost.total_["expected_leavers"]


def test_the_total_cost_curve_has_its_minimum(orders):
    """Hidden cost 45,000 at 95 %, in proportion to the failures; direct cost 300 / (1 - S).

    The sum a (1 - S) + b / (1 - S) with a = 900,000 and b = 300 is lowest at 1 - S = sqrt(b / a) =
    0.018257, where it is 2 sqrt(a b) = 32,863.35.
    """
    cost = LostSalesCost(orders="orders", **KNOWN).fit(orders)
    levels = np.linspace(0.995, 0.9, 9501)
    curve = cost.total_cost_curve(orders, levels, lambda level: 300 / (1 - level))
    assert curve.table.index.is_monotonic_increasing
    assert curve.service_level == pytest.approx(1 - np.sqrt(300 / 900_000), abs=1e-5)
    assert curve.total_cost == pytest.approx(2 * np.sqrt(900_000 * 300), rel=1e-6)
    assert (curve.at_end, curve.n_minima) == (None, 1)
    few = cost.total_cost_curve(orders, [0.98, 0.95, 0.9], [60e3, 6e3, 80e3])
    assert few.table["hidden_cost"].tolist() == pytest.approx([90e3, 45e3, 18e3])
    assert few.table["direct_cost"].tolist() == [80e3, 6e3, 60e3]
    assert few.service_level == 0.95


def test_a_minimum_at_the_end_warns(orders):
    """A corner is said aloud."""
    cost = LostSalesCost(orders="orders", **KNOWN).fit(orders)
    with pytest.warns(DataQualityWarning, match="lowest at the highest of the service levels"):
        curve = cost.total_cost_curve(orders, [0.9, 0.95], [0.0, 0.0])
    assert curve.at_end == "highest"


def test_the_present_level_is_given_or_told_by_orders(orders):
    """Without orders it is asked for; given, it wins."""
    cost = LostSalesCost(**KNOWN).fit(orders)
    with pytest.raises(ValueError, match="present_level must be given where no column of orders"):
        cost.total_cost_curve(orders, [0.9, 0.95], [0.0, 9e9])
    direct = [50e3, 0.0, 50e3]
    curve = cost.total_cost_curve(orders, [0.8, 0.9, 0.95], direct, present_level=0.9)
    assert curve.table["hidden_cost"].tolist() == pytest.approx([90e3, 45e3, 22.5e3])


def test_fewer_services_cost_in_proportion_until_all_are_hit():
    """Ten of 100 failed: at 30, 50 and 70 % the cost is 2,800, 2,000 and 1,200, not less."""
    table = pd.DataFrame({"failures": [0] * 90 + [1] * 10, "orders": 1.0, "value": 100.0})
    cost = LostSalesCost(leaving_probability=0.4, orders="orders").fit(table)
    curve = cost.total_cost_curve(table, [0.3, 0.5, 0.7], [2e3, 1e3, 3e3])
    assert curve.table["hidden_cost"].tolist() == pytest.approx([2800.0, 2000.0, 1200.0])


@pytest.fixture
def two_components() -> pd.DataFrame:
    """Return customers of whom 80 % stay without failures, and 10 % and 30 % less with each.

    Of each pattern of late and short 1,000 customers; those who stayed are as many as expected.
    """
    rows = []
    for late, short in ((0, 0), (1, 0), (0, 1), (1, 1)):
        stayed = round(800 * 0.9**late * 0.7**short)
        rows += [(late, short, 1.0)] * stayed + [(late, short, 0.0)] * (1000 - stayed)
    return pd.DataFrame(rows, columns=["late", "short", "alive"]).assign(value=100.0)


def test_components_are_estimated_each(two_components, tmp_path):
    """What was put in comes out, exactly but for rounding; a given one stays as it is."""
    maker = LostSalesCost(
        components=("late", "short"), leaving_probability={"late": None, "short": None}
    )
    with pytest.warns(DataQualityWarning, match=r"late: .* confounded|short: .* confounded"):
        cost = clone(maker).fit(two_components)
    assert cost.leaving_probability_.to_dict() == pytest.approx({"late": 0.1, "short": 0.3})
    ends = cost.leaving_interval_
    assert (ends["lower"] < cost.leaving_probability_).all()
    assert (ends["upper"] > cost.leaving_probability_).all()
    assert cost.comparison_.index.names == ["component", "group"]
    share = cost.comparison_.loc[("short", "driven away within strata"), "retention"]
    assert share == pytest.approx(0.3)
    cost.save(tmp_path / "cost.json")
    again = read_estimator(tmp_path / "cost.json", {"LostSalesCost": LostSalesCost}.get)
    pd.testing.assert_frame_equal(again.comparison_, cost.comparison_)
    pd.testing.assert_frame_equal(again.leaving_interval_, ends)
    pd.testing.assert_frame_equal(again.transform(two_components), cost.transform(two_components))
    maker.set_params(leaving_probability={"late": None, "short": 0.25})
    with pytest.warns(DataQualityWarning, match="late: "):
        mixed = maker.fit(two_components)
    assert mixed.leaving_probability_.to_dict() == pytest.approx({"late": 0.1, "short": 0.25})
    assert mixed.leaving_interval_.loc["short"].tolist() == [0.25, 0.25]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"repeated": "first"}, "repeated must be 'independent' where leaving_probability has"),
        ({"failed": "failed"}, "failed must be None where leaving_probability has None"),
        ({"orders": "n", "failure_rate": {"late": 0.1, "short": 0.1}}, "failure_rate must be None"),
        ({"leaving_probability": {"late": None}}, "must be a dict with the components late, short"),
        ({"leaving_probability": {"late": None, "short": 2}}, "from 0 to 1 or None; found 2"),
    ],
)
def test_components_are_estimated_from_independent_counts_alone(changes, message, two_components):
    """Whatever tells less is refused."""
    given = {"leaving_probability": {"late": None, "short": None}} | changes
    with pytest.raises(ValueError, match=message):
        LostSalesCost(components=("late", "short"), **given).fit(two_components)


def test_rows_without_weight_change_nothing(histories):
    """A weightless probability of being alive, group or stratum is as if it were not there."""
    more = histories[:3].assign(alive=0.5, failures=7, value=-9.0, group="z")
    weights = np.r_[np.ones(400), np.zeros(3)]
    table = pd.concat([histories, more], ignore_index=True)
    maker = LostSalesCost(strata="group", segment="group")
    with pytest.warns(DataQualityWarning) as told:
        cost = clone(maker).fit(table, sample_weight=weights)
    with pytest.warns(DataQualityWarning) as expected_told:
        expected = clone(maker).fit(histories)
    assert [str(one.message) for one in told] == [str(one.message) for one in expected_told]
    pd.testing.assert_frame_equal(cost.comparison_, expected.comparison_)
    pd.testing.assert_frame_equal(cost.cost_by_segment_, expected.cost_by_segment_)
    pd.testing.assert_series_equal(cost.total_, expected.total_)
    assert cost.leaving_interval_ == expected.leaving_interval_


def test_numbers_beyond_the_largest_are_refused(orders):
    """One clear error each, instead of an overflow."""
    with pytest.raises(DataError, match="sums below the largest number; found values up to 1.7e"):
        LostSalesCost(**KNOWN).fit(orders.assign(value=1.7e308))
    with pytest.raises(ValueError, match="prospects_per_leaver times prospect_value must be a fin"):
        LostSalesCost(**KNOWN | {"prospects_per_leaver": 1e308}).fit(orders)


@given(seed=st.integers(0, 2**32 - 1), repeated=st.sampled_from(["independent", "first"]))
@settings(max_examples=20, deadline=None)
def test_the_cost_rises_with_the_probability_the_failures_and_the_value(seed, repeated):
    """No customer costs less, with two components of one probability and values of at least 0."""
    generator = np.random.default_rng(seed)
    columns = {
        "late": generator.poisson(0.8, 15),
        "short": generator.gamma(1.0, 1.0, 15),
        "value": generator.gamma(2, 50, 15),
    }
    table, p = pd.DataFrame(columns), generator.random()

    def cost(changed: pd.DataFrame, probability: float):
        made = LostSalesCost(
            components=("late", "short"), leaving_probability=probability, repeated=repeated
        )
        return made.fit(changed).transform(changed)["expected_cost"].to_numpy()

    least = cost(table, p) * (1 - 1e-12)
    assert (cost(table, p + (1 - p) * generator.random()) >= least).all()
    for column in table:
        more = table[column] + generator.integers(0, 3, 15)
        assert (cost(table.assign(**{column: more}), p) >= least).all()


def test_what_was_learned_is_stored(histories, tmp_path):
    """A file gives estimates, intervals and tables back, and the same answers."""
    with pytest.warns(DataQualityWarning, match="confounded"):
        cost = LostSalesCost(strata="group", segment="group").fit(histories)
    cost.save(tmp_path / "cost.json")
    again = read_estimator(tmp_path / "cost.json", {"LostSalesCost": LostSalesCost}.get)
    pd.testing.assert_frame_equal(again.comparison_, cost.comparison_)
    pd.testing.assert_frame_equal(again.cost_by_segment_, cost.cost_by_segment_)
    pd.testing.assert_frame_equal(again.sensitivity_, cost.sensitivity_)
    pd.testing.assert_frame_equal(again.transform(histories), cost.transform(histories))
    assert list(cost.feature_names_in_) == ["failures", "value", "alive", "group"]


def test_arrays_and_polars_have_the_same_answers(histories):
    """An array has failures, value and, for a fit, alive; polars keeps its ids."""
    array = histories[["failures", "value", "alive"]].to_numpy(dtype=float)
    with pytest.warns(DataQualityWarning, match="confounded"):
        cost = LostSalesCost().fit(array)
    assert cost.leaving_probability_ == pytest.approx(0.25)
    expected = cost.transform(array)
    pd.testing.assert_frame_equal(cost.transform(array[:, :2]), expected)
    frame = pl.DataFrame({"customer_id": ["a"], "failures": [1], "value": [100.0]})
    out = cost.transform(frame)
    assert out.columns == ["customer_id", "expected_cost", "expected_leavers"]
    assert out["expected_cost"].to_list() == pytest.approx([25.0])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"leaving_probability": 1.2}, "'leaving_probability' parameter of LostSalesCost"),
        ({"leaving_probability": {"late": 0.1}}, r"leaving_probability .* components \(none\)"),
        ({"failure_rate": 0.1, "leaving_probability": 0.1}, "orders must name a column"),
        ({"failure_rate": 0.1, "orders": "orders"}, "failed must name a column where failures are"),
        ({"components": ("a", "a")}, "components must be different column names"),
        ({"value": "failures", "leaving_probability": 0.1}, "found twice: 'failures'"),
        ({"repeated": "always"}, "'repeated' parameter"),
        ({"level": 1.0}, "'level' parameter"),
        ({"prospect_value": -1.0}, "'prospect_value' parameter"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, orders):
    """A wrong parameter is named, and nothing is half fitted."""
    cost = LostSalesCost(**parameters)
    with pytest.raises(ValueError, match=message):
        cost.fit(orders)
    with pytest.raises(NotFittedError):
        cost.transform(orders)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"failures": -1}, "failures must not be negative; row 0"),
        ({"value": np.nan}, "'value' must be finite"),
        ({"alive": 1.5}, "alive must be 1 or 0"),
        ({"failures": 0.5}, "failures must be a whole number of failures where they tell who"),
        ({"failures": 1}, "at least one customer with a failure and as many without; found 400"),
    ],
)
def test_wrong_tables_are_refused(changes, message, histories):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        LostSalesCost().fit(histories.assign(**changes))


def test_a_missing_column_is_named(orders):
    """An estimate needs to know who stayed."""
    with pytest.raises(DataError, match="missing: alive"):
        LostSalesCost().fit(orders)
