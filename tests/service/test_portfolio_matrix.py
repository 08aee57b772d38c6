"""PortfolioMatrix."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service.portfolio_matrix import PortfolioMatrix

ACTIONS = ["reduce costs", "provide high availability", "review", "centralise stock"]


@pytest.fixture
def products() -> pd.DataFrame:
    """Return the four worked products of the method."""
    index = pd.Index(["cable", "battery", "torch", "lamp"], name="product")
    return pd.DataFrame(
        {"volume": [120, 100, 20, 40], "profit": [5.0, 10.0, -3.0, 25.0]}, index=index
    )


@pytest.fixture
def given_cuts() -> PortfolioMatrix:
    """Return a matrix with the worked thresholds."""
    return PortfolioMatrix(volume_threshold=100, profit_threshold=10)


def test_the_worked_table(products, given_cuts):
    """One product in each quadrant, the one on both thresholds high, the loss maker marked."""
    out = given_cuts.fit_transform(products)
    assert out["quadrant"].tolist() == ["Q1", "Q2", "Q3", "Q4"]
    assert out["action"].tolist() == ACTIONS
    assert out["loss_making"].tolist() == [False, False, True, False]
    assert out["loss_making"].dtype == bool


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Volumes 120, 100, 40, 20: A holds what starts below 80 % of 280 = 224: 120, 100, 40.
        # Profits 25, 10, 5 (the loss holds nothing): A starts below 32: 25, 10.
        ("median", (70.0, 7.5)),
        ("mean", (70.0, 9.25)),
        ("abc", (40.0, 10.0)),
        (3, (3.0, 3.0)),
    ],
)
def test_learned_thresholds(products, rule, expected):
    """Median, mean and class A by hand; numbers as they are."""
    matrix = PortfolioMatrix(volume_threshold=rule, profit_threshold=rule).fit(products)
    assert tuple(matrix.thresholds_[["volume", "profit"]]) == expected


def test_class_a_may_be_cut_elsewhere(products):
    """Half of the volume starts before the second product."""
    matrix = PortfolioMatrix(volume_threshold="abc", abc_cut=0.4).fit(products)
    assert matrix.thresholds_["volume"] == 120.0


def test_new_products_meet_the_learned_thresholds(products):
    """The thresholds do not move with the rows asked, and each row is alone."""
    matrix = PortfolioMatrix().fit(products)
    new = pd.DataFrame({"volume": [70, 69, 1000], "profit": [7.5, 7.5, -1.0]})
    out = matrix.transform(new)
    assert out["quadrant"].tolist() == ["Q2", "Q4", "Q1"]
    assert matrix.transform(new[2:]).iloc[0].tolist() == ["Q1", "reduce costs", True]


def test_the_summary_of_quadrants(products, given_cuts):
    """Products, sums and shares by quadrant."""
    summary = given_cuts.fit(products).quadrant_summary_
    assert summary["action"].tolist() == ACTIONS
    assert summary["products"].tolist() == [1, 1, 1, 1]
    assert summary["loss_making"].tolist() == [0, 0, 1, 0]
    assert summary["profit"].tolist() == [5.0, 10.0, -3.0, 25.0]
    np.testing.assert_allclose(summary["profit_share"], np.array([5, 10, -3, 25]) / 37, rtol=1e-15)
    assert given_cuts.actions_["action"].tolist() == ACTIONS


def test_profit_per_unit_is_cut_as_it_is_and_summed_by_volume(products):
    """A unit margin decides the quadrant; the summary holds margin times volume."""
    matrix = PortfolioMatrix(volume_threshold=100, profit_threshold=10, profit_kind="unit")
    assert matrix.fit_transform(products)["quadrant"].tolist() == ["Q1", "Q2", "Q3", "Q4"]
    assert matrix.quadrant_summary_["profit"].tolist() == [600.0, 1000.0, -60.0, 1000.0]


def test_sensitivity_and_near_thresholds_agree(products, given_cuts):
    """The battery is on both thresholds; a tenth more and it is neither high nor high."""
    matrix = given_cuts.fit(products)
    near = matrix.near_threshold(products)
    assert near.to_numpy().tolist() == [[False, False], [True, True], [False] * 2, [False] * 2]
    table = matrix.sensitivity(products)
    assert table.loc[(0.1, 0.1), "changed"] == 1
    assert table["changed"].max() == 1
    wide = matrix.sensitivity(products, shift=0.5)
    assert wide.loc[(0.5, 0.5), ["Q1", "Q2", "Q3", "Q4"]].tolist() == [0, 0, 3, 1]


@pytest.mark.parametrize("shift", [0, -0.1, float("nan"), float("inf"), "0.1"])
def test_a_shift_is_above_zero(products, given_cuts, shift):
    """Nothing else can be a size of a move."""
    matrix = given_cuts.fit(products)
    for method in (matrix.sensitivity, matrix.near_threshold):
        with pytest.raises(ValueError, match="shift must be a finite number above 0; found"):
            method(products, shift=shift)


tables = st.lists(st.tuples(st.integers(0, 50), st.integers(-9, 50)), min_size=1, max_size=20).map(
    lambda rows: np.array(rows, dtype=float)
)


@given(
    X=tables,
    seed=st.integers(0, 2**32 - 1),
    unit=st.sampled_from([0.25, 8.0]),
    rule=st.sampled_from(["median", "mean"]),
)
def test_units_and_the_order_of_the_rows_change_no_quadrant(X, seed, unit, rule):
    """Other units of volume and profit, and shuffled rows, give each product its quadrant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        matrix = PortfolioMatrix(volume_threshold=rule, profit_threshold=rule)
        expected = matrix.fit_transform(X)["quadrant"].to_numpy()
        order = np.random.default_rng(seed).permutation(len(X))
        out = matrix.fit_transform(X[order] * [unit, 1 / unit])["quadrant"]
    assert out.tolist() == expected[order].tolist()


@given(X=tables)
def test_more_volume_or_profit_never_lowers_a_product(X):
    """Adding to a product keeps it high where it was high."""
    matrix = PortfolioMatrix(volume_threshold=20, profit_threshold=10).fit(X)
    sides = {"Q1": (1, 0), "Q2": (1, 1), "Q3": (0, 0), "Q4": (0, 1)}
    before = np.array([sides[name] for name in matrix.transform(X)["quadrant"]])
    more = X + np.array([3.0, 5.0])
    after = np.array([sides[name] for name in matrix.transform(more)["quadrant"]])
    assert (after >= before).all()


def test_a_threshold_of_nothing_is_said_aloud():
    """Where most sell nothing or lose money, the median makes these high, and says how many."""
    idle = pd.DataFrame({"volume": [0, 0, 5], "profit": [1.0, 2.0, 3.0]})
    message = r"threshold of volume is 0, so that .* high volume with volume=0 \(2 such rows\)"
    with pytest.warns(DataQualityWarning, match=message):
        PortfolioMatrix().fit(idle)
    losing = pd.DataFrame({"volume": [1, 2, 3], "profit": [-5.0, -1.0, 3.0]})
    message = r"threshold of profit is -1, .* high profit at a loss \(1 such row\)"
    with pytest.warns(DataQualityWarning, match=message):
        out = PortfolioMatrix().fit_transform(losing)
    assert out["quadrant"].tolist() == ["Q3", "Q2", "Q2"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PortfolioMatrix(volume_threshold=0, profit_threshold=-2).fit(losing)


def test_every_kind_of_table_gets_the_same_quadrants(products, given_cuts):
    """The output is of the kind of the input, products first."""
    expected = given_cuts.fit_transform(products)["quadrant"].tolist()
    from_polars = given_cuts.transform(pl.from_pandas(products.reset_index()))
    from_arrow = given_cuts.transform(pa.Table.from_pandas(products.reset_index()))
    names = ["product", "quadrant", "action", "loss_making"]
    assert from_polars.columns == from_arrow.column_names == names
    assert from_polars["quadrant"].to_list() == from_arrow["quadrant"].to_pylist() == expected
    assert given_cuts.transform(products.to_numpy())["quadrant"].tolist() == expected
    renamed = products.rename(columns={"volume": "units", "profit": "margin"})
    other = clone(given_cuts).set_params(volume="units", profit="margin")
    assert other.fit_transform(renamed[["margin", "units"]])["quadrant"].tolist() == expected
    assert list(given_cuts.get_feature_names_out()) == names[1:]


def test_copies_answer_alike(products):
    """Pickle and clone give the same quadrants."""
    matrix = PortfolioMatrix(volume_threshold="abc", profit_threshold="mean").fit(products)
    expected = matrix.transform(products)
    for copy in (pickle.loads(pickle.dumps(matrix)), clone(matrix).fit(products)):
        pd.testing.assert_frame_equal(copy.transform(products), expected)
        pd.testing.assert_series_equal(copy.thresholds_, matrix.thresholds_)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"volume": "profit"}, "volume and profit must name different columns; found 'profit'"),
        ({"volume_threshold": "top"}, "'volume_threshold' parameter of PortfolioMatrix"),
        ({"volume_threshold": -1}, "'volume_threshold' parameter of PortfolioMatrix"),
        ({"profit_threshold": float("nan")}, "'profit_threshold' parameter of PortfolioMatrix"),
        ({"profit_kind": "margin"}, "'profit_kind' parameter of PortfolioMatrix"),
        ({"abc_cut": 1.0}, "'abc_cut' parameter of PortfolioMatrix"),
        (
            {"profit_threshold": "abc", "profit_kind": "unit"},
            "profit_threshold='abc' needs profit_kind='total'",
        ),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, products):
    """A wrong parameter is named, and nothing is half fitted."""
    matrix = PortfolioMatrix(**parameters)
    with pytest.raises(ValueError, match=message):
        matrix.fit(products)
    with pytest.raises(NotFittedError):
        matrix.transform(products)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"volume": [1.0]}), "PortfolioMatrix needs the columns volume, profit; mis"),
        ([[1.0, 2.0], [-1.0, 2.0]], r"volume must not be negative; row 1 has volume=-1.0 \(1 such"),
        ([[1.0, np.nan]], "'profit' must be finite"),
        ([[np.inf, 1.0]], "'volume' must be finite"),
        (pd.DataFrame({"volume": [1, 2], "profit": [1, 2]}, index=["a", "a"]), "one row"),
        (pd.DataFrame({"volume": [], "profit": []}), "at least one row"),
    ],
)
def test_wrong_tables_are_refused(X, message):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        PortfolioMatrix().fit(X)


def test_class_a_needs_a_total():
    """Losses alone have no total to share."""
    matrix = PortfolioMatrix(profit_threshold="abc")
    message = "'abc' needs a profit above zero; the largest of 2 is -1.0"
    with pytest.raises(DataError, match=message):
        matrix.fit([[1.0, -2.0], [2.0, -1.0]])


@pytest.mark.parametrize(
    ("parameters", "rows", "message"),
    [
        ({}, [[1e308, 1.0], [1e308, 1.0], [1.0, 1.0]], "volume must have a sum below .* 1e.308"),
        ({}, [[1.0, 1e308], [1.0, -1e308]], "profit must have a sum below 1.8e308"),
        (
            {"profit_kind": "unit"},
            [[1e10, 1e300], [1e10, -1e300]],
            "volume times profit must have a sum below 1.8e308",
        ),
    ],
)
def test_sums_too_large_for_a_float_are_refused(parameters, rows, message):
    """With the column that has none."""
    with pytest.raises(DataError, match=message):
        PortfolioMatrix(**parameters).fit(rows)


def test_truth_is_no_threshold_and_no_shift():
    """True is not 1; numbers of numpy are numbers."""
    X = [[1.0, 3.0], [2.0, 2.0]]
    for name in ("volume_threshold", "profit_threshold"):
        with pytest.raises(ValueError, match=f"{name} must be a rule or a number; found True"):
            PortfolioMatrix(**{name: True}).fit(X)
    matrix = PortfolioMatrix(volume_threshold=np.float32(1.5)).fit(X)
    assert matrix.thresholds_["volume"] == 1.5
    with pytest.raises(ValueError, match="shift must be a finite number above 0; found True"):
        matrix.sensitivity(X, True)
    expected = matrix.sensitivity(X, 0.5)
    pd.testing.assert_frame_equal(matrix.sensitivity(X, np.float32(0.5)), expected)
