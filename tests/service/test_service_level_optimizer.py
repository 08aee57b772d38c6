from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service.service_level_optimizer import ServiceLevelOptimizer

HOMEWORK = {
    "margin": 18.0,
    "response": 0.0012,
    "volume": 120_000.0,
    "carrying_rate": 0.24,
    "unit_cost": 75.0,
    "demand_sd": 300.0,
    "lead_time": 4.0,
}


@pytest.fixture
def sites() -> pd.DataFrame:
    """Return 120 observations of two sites, the second of which is cheaper."""
    rng = np.random.default_rng(7)
    s = rng.uniform(15, 80, 120)
    dear = np.repeat([0.00055, 0.00035], 60)
    return pd.DataFrame(
        {
            "service_level": s,
            "revenue": 0.5 * np.sqrt(s) + 0.05 * rng.standard_normal(120),
            "cost": dear * s**2 + 0.05 * rng.standard_normal(120),
            "site": np.repeat(["old", "new"], 60),
        },
        index=pd.Index([f"p{i:03}" for i in range(120)], name="product"),
    )


def test_newsvendor_items():
    """Critical ratio .75, z .674490, stock 113.4898, cost 254.2213 (stockpyl)."""
    items = pd.DataFrame({"Cu": [30.0], "Co": [10.0], "mean": [100.0], "sd": [20.0]})
    names = {"underage": "Cu", "overage": "Co"}
    best = ServiceLevelOptimizer(columns=names, scale="percent").fit_transform(items).iloc[0]
    assert best["optimal_service_level"] == 75
    assert best["safety_factor"] == pytest.approx(0.674490, abs=5e-7)
    assert best["stock"] == pytest.approx(113.48979500392163, rel=1e-12)
    assert best["mismatch_cost"] == pytest.approx(254.2212581472856, rel=1e-12)
    assert best["optimal_profit"] == pytest.approx(3000 - 254.2212581472856, rel=1e-12)
    assert np.isnan(best["profit_gain"])


@pytest.mark.parametrize(
    ("scaling", "per_factor", "level"), [("linear", 21600, 0.96), ("sqrt", 10800, 0.98)]
)
def test_marginal_items_with_both_lead_times(scaling, per_factor, level):
    """The published example multiplies by lead time 4: 96 %; its square root gives 98 %."""
    items = pd.DataFrame({**HOMEWORK, "service_level": 0.9}, index=[0])
    optimizer = ServiceLevelOptimizer(form="marginal", lead_time_scaling=scaling).fit(items)
    best = optimizer.transform(items).iloc[0]
    assert best["profit_per_point"] == pytest.approx(2592, rel=1e-12)
    assert best["cost_per_safety_factor"] == pytest.approx(per_factor, rel=1e-12)
    assert best["optimal_service_level"] == pytest.approx(level, abs=1e-12)
    assert best["service_level_gap"] == pytest.approx(level - 0.9, abs=1e-12)
    assert best["profit_gain"] > 0
    assert optimizer.optimum_.loc["all", "n_rows"] == 1


def test_known_curves_have_the_textbook_optimum():
    """37.2419 on the scale of per cent, from numbers or from functions."""
    X = pd.DataFrame({"service_level": [20.0, 60.0]})
    for revenue in (("power", 0.5, 0.5), lambda s: 0.5 * np.sqrt(s)):
        optimizer = ServiceLevelOptimizer(
            form="curve",
            scale="percent",
            revenue_curve=revenue,
            cost_curve=("power", 0.00055, 2.0),
        ).fit(X)
        # a function has its slope from differences
        assert optimizer.optimum_.loc["all", "service_level"] == pytest.approx(37.2419, abs=5e-5)
        assert optimizer.transform(X)["service_level_gap"].iloc[0] == pytest.approx(
            17.2419, abs=1e-4
        )


def test_groups_have_optima_of_their_own(sites):
    """The cheaper site serves better, each row is measured by its site, and no other is known."""
    optimizer = ServiceLevelOptimizer(form="curve", scale="percent", by="site").fit(sites)
    optimum = optimizer.optimum_
    truth = {"old": (0.25 / 0.0011) ** (2 / 3), "new": (0.25 / 0.0007) ** (2 / 3)}
    for site, level in truth.items():
        assert optimum.loc[site, "lower"] < level < optimum.loc[site, "upper"]
    answer = optimizer.transform(sites)
    own = optimum.loc[sites["site"], "service_level"].to_numpy()
    assert (answer["optimal_service_level"].to_numpy() == own).all()
    assert (answer["profit_gain"] >= 0).all()
    compared = optimizer.compare({"cheaper": {"cost_factor": 0.8}})
    assert compared.index.names == ["site", "scenario"]
    assert (compared.xs("cheaper", level="scenario")["service_level_change"] > 0).all()
    elasticities = optimizer.sensitivity(sites)
    assert elasticities.loc["p000", "revenue"] == pytest.approx(
        optimizer.sensitivity_.loc[("old", "revenue"), "service_level"]
    )
    with pytest.raises(DataError, match="one of the fitted groups; row 0"):
        optimizer.transform(sites.assign(site="third"))


def test_the_unit_of_the_level_does_not_matter(sites):
    """Fractions give the same optimum and interval as per cent, over 100."""
    one = ServiceLevelOptimizer(form="curve", scale="percent").fit(sites).optimum_
    share = sites.assign(service_level=sites["service_level"] / 100)
    other = ServiceLevelOptimizer(form="curve").fit(share).optimum_
    columns = ["service_level", "lower", "upper"]
    assert other[columns].to_numpy() * 100 == pytest.approx(one[columns].to_numpy(), rel=1e-6)
    assert other["profit"].to_numpy() == pytest.approx(one["profit"].to_numpy(), rel=1e-9)


def test_the_order_of_rows_does_not_matter(sites):
    """Shuffled rows give the same optimum to the last bit."""
    make = ServiceLevelOptimizer(form="curve", scale="percent", by="site")
    optimum = make.fit(sites).optimum_
    shuffled = make.fit(sites.sample(frac=1, random_state=1)).optimum_
    pd.testing.assert_frame_equal(optimum, shuffled, check_exact=True)


def test_corners_are_said(sites):
    """An optimum at the end of the limits warns and is listed."""
    make = ServiceLevelOptimizer(form="curve", scale="percent", limits=(50, 70))
    with pytest.warns(DataQualityWarning, match="50, is the lower end of its range"):
        optimizer = make.fit(sites)
    assert optimizer.optimum_.loc["all", "place"] == "lower end"
    assert len(optimizer.messages_) == 1


@pytest.mark.parametrize("shape", ["quadratic", "logistic"])
def test_what_data_do_not_tell_is_said(sites, shape):
    """Pure noise has an interval over the whole range; a falling revenue does not rise."""
    rng = np.random.default_rng(1)
    noise = sites.assign(revenue=50 + rng.standard_normal(120), cost=20 + rng.standard_normal(120))
    make = ServiceLevelOptimizer(form="curve", scale="percent")
    with pytest.warns(DataQualityWarning) as said:
        make.fit(noise)
    assert any("its interval is the whole range" in str(one.message) for one in said)
    falls = sites.assign(revenue=20 - sites["revenue"])
    with pytest.warns(DataQualityWarning) as said:
        ServiceLevelOptimizer(form="curve", scale="percent", revenue_curve=shape).fit(falls)
    assert any("does not rise with the service level" in str(one.message) for one in said)


@pytest.mark.parametrize("shape", ["power", "quadratic", "logistic"])
def test_a_flat_profit_has_no_best_level(sites, shape):
    """Revenue, cost, and profit that never change: the same at every level, and no more said."""
    flat = sites.assign(revenue=70.0, cost=70.0)
    optimizer = ServiceLevelOptimizer(
        form="curve", scale="percent", revenue_curve=shape, cost_curve=shape
    )
    with pytest.warns(DataQualityWarning, match="is the same at every service level"):
        optimizer.fit(flat)
    assert len(optimizer.messages_) == 1


def test_fractions_that_should_be_per_cent_are_said(sites):
    """All levels at most 1 on the scale of per cent: at fit and for new rows."""
    make = ServiceLevelOptimizer(form="curve", scale="percent", limits=(0.1, 0.9))
    share = sites.assign(service_level=sites["service_level"] / 100)
    with pytest.warns(DataQualityWarning, match="though scale='percent'"):
        make.fit(share)
    optimizer = ServiceLevelOptimizer(form="curve", scale="percent").fit(sites)
    with pytest.warns(DataQualityWarning, match="no service_level is above 1, the largest is 0.7"):
        optimizer.transform(share)
    items = pd.DataFrame({**HOMEWORK, "service_level": 0.9}, index=[0])
    with pytest.warns(DataQualityWarning) as said:
        ServiceLevelOptimizer(form="marginal", scale="percent").fit(items)
    assert [str(one.message).partition(",")[0] for one in said] == [
        "no service_level is above 1",
        "service levels below 50",
    ]


def test_items_that_normal_demand_does_not_suit():
    """A standard deviation above half of the mean is said; all of the demand is missed then."""
    items = pd.DataFrame(
        {"underage": [1.0, 3.0], "overage": [99.0, 1.0], "mean": 10.0, "sd": [20.0, 2.0]},
        index=pd.Index(["a", "b"], name="product"),
    )
    with pytest.warns(
        DataQualityWarning, match=r"often negative .* \(product 'a'\) \(1 such row\)"
    ):
        optimizer = ServiceLevelOptimizer().fit(items)
    with pytest.warns(DataQualityWarning, match="often negative"):
        row = optimizer.transform(items).loc["a"]
    assert [row["stock"], row["optimal_profit"]] == [0, pytest.approx(0, abs=1e-12)]
    # E[max(D, 0)] for N(10, 20), by hand: 20 phi(.5) + 10 Phi(.5)
    assert row["mismatch_cost"] == pytest.approx(20 * 0.3520653268 + 10 * 0.6914624613, rel=1e-9)


@pytest.mark.parametrize(("level", "known"), [(0.3, False), (0.5, True), (1.0, False)])
def test_a_level_without_a_profit_has_no_gain(level, known):
    """The marginal form knows levels from 50 % to below 100 %; others are said."""
    items = pd.DataFrame({**HOMEWORK, "service_level": [0.9, level]}, index=["a", "b"])
    optimizer = ServiceLevelOptimizer(form="marginal")
    if known:
        optimizer.fit(items)
        assert optimizer.transform(items)["profit_gain"].gt(0).all()
        return
    with pytest.warns(DataQualityWarning, match=r"profit_gain is unknown there; so in row 1 .*'b'"):
        answer = optimizer.fit_transform(items)
    assert answer["profit_gain"].isna().tolist() == [False, True]
    assert answer["service_level_gap"].notna().all()


def test_a_parameter_of_another_form_is_refused(sites):
    """It would be ignored."""
    with pytest.raises(ValueError, match="step must be 0.01 unless form='marginal'; found None"):
        ServiceLevelOptimizer(form="curve", scale="percent", step=None).fit(sites)


def test_a_file_is_small_and_holds_no_function(sites, tmp_path):
    """Coefficients are all that is stored; a model with a function cannot be."""
    optimizer = ServiceLevelOptimizer(form="curve", scale="percent", by="site").fit(sites)
    optimizer.save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert len(text) < 20_000
    assert "p000" not in text
    function = ServiceLevelOptimizer(form="curve", scale="percent", cost_curve=np.square)
    with pytest.warns(DataQualityWarning):
        function.fit(sites)
    with pytest.raises(ValueError, match="cost_curve"):
        function.save(tmp_path / "function.json")


def test_other_tables_give_the_same(sites):
    """polars keeps the ids, an array has the columns in order."""
    optimizer = ServiceLevelOptimizer(form="curve", scale="percent").fit(sites)
    expected = optimizer.transform(sites)
    frame = optimizer.transform(pl.from_pandas(sites.reset_index()))
    assert frame["product"].to_list() == sites.index.tolist()
    assert frame["profit_gain"].to_list() == expected["profit_gain"].tolist()
    array = sites[["service_level", "revenue", "cost"]].to_numpy()
    out = ServiceLevelOptimizer(form="curve", scale="percent").fit(array).transform(array)
    assert out.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-12)


def test_methods_of_other_forms_say_so(sites):
    """Items must be given to compare them, and have no curve; groups belong to curves."""
    items = pd.DataFrame({"underage": [3.0], "overage": [1.0], "mean": [9.0], "sd": [2.0]})
    optimizer = ServiceLevelOptimizer().fit(items)
    with pytest.raises(ValueError, match="X must hold the items"):
        optimizer.compare({"a": {"overage": 2.0}})
    assert optimizer.compare({"a": {"overage": 2.0}}, items).loc["a", "profit_change"] < 0
    assert optimizer.sensitivity(items)["underage"].tolist() == [0.25]
    with pytest.raises(ValueError, match="profit_curve needs form='curve'"):
        optimizer.profit_curve()
    with pytest.raises(ValueError, match="by must be None"):
        ServiceLevelOptimizer(by="site").fit(items)
    curve = ServiceLevelOptimizer(form="curve", scale="percent").fit(sites)
    with pytest.raises(ValueError, match="levels must be from 0 to 100"):
        curve.profit_curve([101.0])
    assert curve.compare({"a": {"cost_shift": 5}}).index.tolist() == ["base", "a"]
