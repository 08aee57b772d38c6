"""Limits of chance around an overall share."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from custvalue.plotting._funnel_display import (
    VERDICTS,
    distinct_names,
    funnel_limits,
    funnel_table,
    percent_places,
)


@pytest.mark.parametrize("share", [0.03, 0.5, 0.97])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_sites_outside_are_those_of_an_exact_test(share, level):
    """Below exactly where P(R <= r) < q, above exactly where P(R >= r) < q, for every r and n."""
    q = (1 - level) / 2
    for n in (1, 2, 7, 40, 300):
        r = np.arange(n + 1)
        lower, upper = funnel_limits(np.full(n + 1, float(n)), share, level)
        np.testing.assert_array_equal(r / n < lower, binom.cdf(r, n, share) < q)
        np.testing.assert_array_equal(r / n > upper, binom.sf(r - 1, n, share) < q)


def test_limits_of_many_orders_are_normal():
    """For 10^6 orders the limits are those of the normal approximation."""
    lower, upper = funnel_limits(np.array([1e6]), 0.9, 0.95)
    half = 1.959964 * np.sqrt(0.09 / 1e6)
    assert (lower[0], upper[0]) == pytest.approx((0.9 - half, 0.9 + half), abs=1e-6)


def test_failures_mirror_successes():
    """Counting failures turns the funnel over."""
    n = np.array([5.0, 50.0, 500.0])
    lower, upper = funnel_limits(n, 0.8, 0.95)
    other = funnel_limits(n, 0.2, 0.95)
    np.testing.assert_allclose(lower, 1 - other[1], atol=1e-12)
    np.testing.assert_allclose(upper, 1 - other[0], atol=1e-12)


def test_verdicts_and_labels():
    """Five verdicts, sites without an order left out, labels from the index."""
    successes = pd.Series([0, 80, 9000, 995, 70], index=list("abcde"))
    table = funnel_table(successes, [0, 100, 10_000, 1000, 100])
    assert table.index.tolist() == ["b", "c", "d", "e"]
    assert table["verdict"].tolist() == ["far below", "within", "far above", "far below"]
    assert set(table["verdict"]) <= set(VERDICTS)
    assert funnel_table([1, 2], [2, 2]).index.tolist() == [1, 2]


def test_all_alike_has_no_width():
    """Where nobody fails the funnel is the line, and every site is within."""
    table = funnel_table([5, 9], [5, 9], ["x", "y"])
    assert table["verdict"].tolist() == ["within", "within"]
    assert table[["lowest", "highest"]].to_numpy().tolist() == [[1.0, 1.0]] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1], [1, 2]), "equally long; found 1 and 2"),
        (([3, 1], [2, 2]), "must not exceed totals; found 3 of 2 at position 0"),
        (([0.5], [2]), "successes must be whole numbers from 0; found 0.5"),
        (([1], [np.nan]), "totals must be whole numbers from 0; found nan"),
        (([0], [0]), "above 0 for some site"),
        (([[1]], [[1]]), "successes must be a list of numbers"),
        (([1], [2.0**54]), r"totals must be whole numbers up to 2\^53; found 1.80144e\+16 at"),
        (([1], ["2"]), "totals must be whole numbers from 0; found .*'2'.* at position 0"),
        ((["x", "y"], [1, 1]), "successes must be whole numbers from 0; found .*'x'"),
        (
            (pd.array([1, None], "Int64"), [1, 1]),
            "successes must be whole .*found nan at position 1",
        ),
        (([1], [2], ["a", "b"]), "names must have one entry per site; found 2 for 1"),
    ],
)
def test_wrong_numbers_are_named(arguments, message):
    """Each rule says what was found and where."""
    with pytest.raises(ValueError, match=message):
        funnel_table(*arguments)


def test_series_of_other_sites_are_refused():
    """Series are joined by position: their labels must be the same, in the same order."""
    good = pd.Series([10, 90], index=["a", "b"])
    orders = pd.Series([100, 10], index=["b", "a"])
    message = r"same index in the same order; found \['a', 'b'\] and \['b', 'a'\] first"
    with pytest.raises(ValueError, match=f"successes and totals must have the {message}"):
        funnel_table(good, orders)
    with pytest.raises(ValueError, match=f"successes and names must have the {message}"):
        funnel_table(good, [10, 100], pd.Series(["x", "y"], index=["b", "a"]))
    table = funnel_table(good, orders[["a", "b"]])
    assert table["share"].to_dict() == {"a": 1.0, "b": 0.9}
    assert funnel_table(good, [10, 100], ["x", "y"]).index.tolist() == ["x", "y"]


@pytest.mark.parametrize(
    ("step", "places"), [(0.2, 0), (0.05, 0), (0.01, 0), (0.025, 1), (0.005, 1), (0.0025, 2)]
)
def test_percentages_have_the_decimals_they_need(step, places):
    """2.5 % needs one, 0.25 % two, whole percentages none."""
    assert percent_places(step) == places


def test_short_names_differ_where_long_ones_do():
    """Beginnings, middles or ends: what tells names apart is kept."""
    long = "Warehouse of the region "
    for names in (
        [f"{long}{one}" for one in ("north", "south")],
        [f"{one} {long}" for one in ("North", "South")],
        [f"{long}{one}{long}" for one in ("north", "south")],
    ):
        assert len(set(distinct_names(names, 20))) == 2
    cut = distinct_names([f"{long}north", f"{long}south"], 20)
    assert max(map(len, cut)) <= 20
    assert distinct_names(["short", "short"], 20) == ["short", "short"]
