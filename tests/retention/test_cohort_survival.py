"""Expected survival of cohorts from P(alive)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.exceptions import DataError
from custvalue.lifetime import ParetoNBD
from custvalue.retention.cohort_survival import cohort_survival


def customers(n=400, seed=1):
    """Return ages, chances and a group of random customers."""
    generator = np.random.default_rng(seed)
    columns = {
        "T": generator.uniform(0, 30, n),
        "probability_alive": generator.random(n),
        "market": generator.choice(["DE", "UK"], n),
    }
    return pd.DataFrame(columns)


def test_sums_are_those_of_each_group_and_age():
    """Cohorts of ten weeks by market, against pandas."""
    data = customers()
    found = cohort_survival(data, by="market", period=10).set_index(["group", "age"])
    for (market, age), own in data.groupby(["market", data["T"] // 10 * 10]):
        row = found.loc[(market, age)]
        assert row["customers"] == len(own)
        assert row["alive"] == pytest.approx(own["probability_alive"].sum())
        assert row["survival"] == pytest.approx(own["probability_alive"].mean())
        assert 0 <= row["lower"] < row["survival"] < row["upper"] <= 1
    assert found["customers"].sum() == len(data)


def test_it_is_the_survival_of_the_process():
    """P(alive) of the true Pareto/NBD gives its survival (beta / (beta + T))^s, within 4 sd.

    The summary is drawn from the model; the variance of the share is that of P(alive).
    """
    s, beta = 0.8, 10.0
    model = ParetoNBD.from_params({"r": 1.2, "alpha": 3.0, "s": s, "beta": beta})
    T = np.repeat([13.0, 26.0, 52.0], 4000)
    summary = model.simulate(len(T), T, random_state=3)
    data = summary.join(model.transform(summary))
    found = cohort_survival(data, period=13)
    assert found["age"].tolist() == [13, 26, 52]
    expected = (beta / (beta + found["age"])) ** s
    error = data.groupby("T")["probability_alive"].std().to_numpy() / np.sqrt(4000)
    assert (abs(found["survival"] - expected) < 4 * error).all()


def test_the_limits_hold_the_number_alive_as_often_as_they_say():
    """Of 2,000 draws at least 90 in 100 lie within the limits, and not many more (4 sd)."""
    generator = np.random.default_rng(5)
    data = customers(120).assign(T=0.0)
    row = cohort_survival(data, level=0.9).iloc[0]
    draws = (generator.random((2000, 120)) < data["probability_alive"].to_numpy()).mean(axis=1)
    held = np.mean((draws >= row["lower"] - 1e-12) & (draws <= row["upper"] + 1e-12))
    assert 0.9 - 4 * np.sqrt(0.09 / 2000) < held < 0.96


def test_ages_on_the_edge_belong_to_the_older_cohort():
    """0.3 is the third tenth, in spite of rounding."""
    data = pd.DataFrame({"T": [0.29, 0.1 + 0.2, 0.3], "probability_alive": 0.5})
    found = cohort_survival(data, period=0.1)
    assert found["age"].round(9).tolist() == [0.2, 0.3]
    assert found["customers"].tolist() == [1, 2]


def test_skewed_sums_hold_the_expected_share():
    """Of 300 customers hardly anybody is alive; the lower limit is 0, and no more."""
    data = pd.DataFrame({"T": np.zeros(300), "probability_alive": 1e-4})
    row = cohort_survival(data, level=0.999).iloc[0]
    assert row["lower"] == 0
    assert row["survival"] < row["upper"] == 1 / 300


def test_cohorts_of_intervals_and_months_are_in_their_order():
    """Groups of dates, periods and intervals are named by their text and sorted by their values."""
    data = customers(60)
    spend = pd.cut(np.arange(60), [-1, 9, 20, 100])
    start = pd.Series(pd.date_range("2023-11-01", periods=60, freq="D"))
    found = cohort_survival(data.assign(spend=spend), by="spend", period=100)
    assert found["group"].tolist() == ["(-1, 9]", "(9, 20]", "(20, 100]"]
    months = cohort_survival(data.assign(m=start.dt.to_period("M")), by="m", period=100)
    assert months["group"].tolist() == ["2023-11", "2023-12"]
    two = cohort_survival(data.assign(spend=spend), by=["market", "spend"], period=100)
    assert two["customers"].sum() == 60
    assert two["group"].iloc[0] == "DE, (-1, 9]"


@pytest.mark.parametrize("kind", ["polars", "pyarrow", "array"])
def test_other_tables_give_the_same(kind):
    """The answer is a pandas frame whatever was asked."""
    data = customers()
    two = data[["T", "probability_alive"]]
    X = {"polars": pl.from_pandas(data), "pyarrow": pl.from_pandas(data).to_arrow()}
    found = cohort_survival(X.get(kind, two.to_numpy()))
    pd.testing.assert_frame_equal(found, cohort_survival(data))


def test_the_order_of_rows_does_not_matter():
    """Shuffled rows give the same, to the last bit."""
    data = customers()
    found = cohort_survival(data.sample(frac=1, random_state=2), by="market")
    pd.testing.assert_frame_equal(found, cohort_survival(data, by="market"), check_exact=True)


@pytest.mark.parametrize(
    ("changes", "parameters", "message"),
    [
        ({"T": -1.0}, {}, r"T must not be negative; row 0 has T=-1.0 \(3 such rows\)"),
        ({"probability_alive": [0.1, 1.2, -0.1]}, {}, r"lie between 0 and 1; row 1 .* \(2 such"),
        ({"probability_alive": np.nan}, {}, "'probability_alive' must be finite"),
        ({"market": [None, "DE", "UK"]}, {"by": "market"}, "'market' must be given in every row"),
        ({}, {"age": "days"}, "missing: days"),
        (
            {"T": [1.0, 1e300, 2.0]},
            {"period": 1e-10},
            r"T / period must be below 1.8e308; found period=1e-10; row 1 has T=1e\+300 \(1 such",
        ),
        (
            {"p": ["a, b", "a", "c"], "q": ["c", "b, c", "d"]},
            {"by": ["p", "q"]},
            "must read differently when joined by a comma",
        ),
    ],
)
def test_bad_rows_are_named(changes, parameters, message):
    """The message names rule, first row and number of such rows."""
    with pytest.raises(DataError, match=message):
        cohort_survival(customers(3).assign(**changes), **parameters)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"period": 0}, "period must be a finite number above 0; found 0"),
        ({"period": np.inf}, "period must be a finite number above 0"),
        ({"level": 1}, "level must be a number between 0 and 1; found 1"),
        ({"by": "T"}, "by must not name T, probability_alive; found 'T'"),
    ],
)
def test_bad_parameters_are_named(parameters, message):
    """Parameter, rule and value are in the message."""
    with pytest.raises(ValueError, match=message):
        cohort_survival(customers(3), **parameters)
