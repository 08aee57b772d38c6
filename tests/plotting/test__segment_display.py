from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._segment_display import segment_totals


def test_totals_are_those_of_the_groups():
    """Sums, shares and means agree with pandas' grouping."""
    rng = np.random.default_rng(3)
    names = rng.choice(["A", "B", "C"], 400).astype(object)
    value = rng.gamma(0.4, 100.0, 400)
    found = segment_totals(names, value, ["C", "A", "B"])
    groups = pd.Series(value).groupby(names)
    assert found.index.tolist() == ["C", "A", "B"]
    assert found["customers"].sum() == 400
    np.testing.assert_allclose(found["value"], groups.sum()[["C", "A", "B"]])
    np.testing.assert_allclose(found["value_per_customer"], groups.mean()[["C", "A", "B"]])
    np.testing.assert_allclose(found["customer_share"], groups.size()[["C", "A", "B"]] / 400)
    assert found["value_share"].sum() == pytest.approx(1.0)


def test_without_an_order_the_most_valuable_comes_first():
    """The row on top is where the money is, however few the customers."""
    names = np.array(["many", "many", "few"], dtype=object)
    assert segment_totals(names, np.array([1.0, 2.0, 9.0]), None).index.tolist() == ["few", "many"]


def test_segments_without_a_customer_are_left_out():
    """An order may name segments that nobody is in."""
    found = segment_totals(np.array(["A"], dtype=object), np.ones(1), ["B", "A"])
    assert found.index.tolist() == ["A"]


def test_a_segment_missing_from_the_order_is_an_error():
    """The message names what the order lacks."""
    with pytest.raises(ValueError, match=r"order must name every segment; missing: B \(1 of 2\)"):
        segment_totals(np.array(["A", "B"], dtype=object), np.ones(2), ["A"])


@pytest.mark.parametrize("value", [[0.0, 0.0], [-3.0, 1.0]])
def test_a_whole_that_is_not_positive_has_no_shares(value):
    """Nothing is divided by zero or by a loss."""
    found = segment_totals(np.array(["A", "B"], dtype=object), np.array(value), None)
    assert found["value_share"].isna().all()
