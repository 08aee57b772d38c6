"""Tables of rankings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from custvalue._numerics.rank_sets import RankSets
from custvalue.factors._element_ranking import (
    agreement,
    dimensions_of,
    rank_correlations,
    ranking_frame,
    stages_of,
    weight_frame,
)

ELEMENTS = ["speed", "stock", "price"]


def test_the_ranking_is_sorted_and_ties_stand_as_named():
    """Competition ranks, and every column goes along with its element."""
    sets = RankSets(np.array([2, 1, 2]), np.array([3, 1, 3]))
    weights = np.array([0.25, 0.5, 0.25])
    table = ranking_frame(weights, ELEMENTS, ["pre", "in", "post"], list("abc"), sets)
    assert table.index.tolist() == ["stock", "speed", "price"]
    assert table.index.name == "element"
    assert table.loc["price"].tolist() == ["post", "c", 0.25, 2, 2, 3]
    assert table["rank"].tolist() == [1, 2, 2]
    unsure = ranking_frame(weights, ELEMENTS, list("abc"), list("abc"), None)
    assert unsure[["rank_lower", "rank_upper"]].isna().to_numpy().all()


def test_stages_are_given_or_those_of_the_catalogue():
    """By key, English or Chinese name; what neither knows is unknown."""
    names = ["order_fill_rate", "Written policy", "备件可得性", "colour"]
    assert stages_of(names, None) == ["in", "pre", "post", "unknown"]
    given = {"colour": "pre", "order_fill_rate": "post"}
    assert stages_of(names, given) == ["post", "pre", "post", "pre"]


def test_the_dimension_is_the_factor_with_the_largest_loading():
    """Of either sign; unknown without factors."""
    loadings = pd.DataFrame([[0.5, -0.6], [0.3, 0.2]], columns=["factor_1", "factor_2"])
    assert dimensions_of(loadings, 2) == ["factor_2", "factor_1"]
    assert dimensions_of(None, 2) == ["unknown", "unknown"]


def test_rankings_of_methods_are_compared_two_by_two_and_all_together():
    """scipy's tau-b of each pair; W of one ranking is not known."""
    generator = np.random.default_rng(2)
    columns = {name: generator.dirichlet(np.ones(3)) for name in ("stated", "loading", "lmg")}
    comparison = weight_frame(columns, ELEMENTS)
    assert comparison.loc["stock", "lmg"] == columns["lmg"][1]
    table = rank_correlations(comparison)
    expected = kendalltau(columns["stated"], columns["lmg"]).statistic
    assert table.loc["stated", "lmg"] == pytest.approx(expected)
    np.testing.assert_allclose(np.diag(table), 1.0)
    found = agreement(comparison)
    assert found["methods"] == 3
    assert 0 <= found["w"] <= 1
    assert agreement(comparison[["lmg"]]) is None
