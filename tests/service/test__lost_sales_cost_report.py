"""The cost of lost sales in tables."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.service._lost_sales_cost import Exposure
from custvalue.service._lost_sales_cost_report import Losses, Prospects, exact_sum


def losses(p: float = 0.2, per_leaver: float = 0.5, repeated: str = "independent") -> Losses:
    """Return four customers who met two components of failure."""
    times = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]])
    value = np.array([100.0, 200.0, 300.0, 400.0])
    exposure = Exposure(times, np.ones_like(times))
    return Losses(exposure, np.full(2, p), repeated, value, Prospects(per_leaver, 10.0))


def test_segments_sum_to_the_total_and_the_costliest_is_first():
    """Every column adds up; shares add up to 1."""
    weights = np.array([1.0, 2.0, 1.0, 3.0])
    table = losses().by_segment(weights, np.array(["a", "b", "b", "c"], dtype=object), "group")
    total = losses().summary(weights)
    for column, value in total.items():
        assert table[column].sum() == pytest.approx(value, rel=1e-14)
    assert table.index.tolist() == ["b", "a", "c"]
    assert table.index.name == "group"
    assert table["share"].sum() == pytest.approx(1.0)
    assert total["customers"] == 7.0
    assert total["prospect_cost"] == pytest.approx(total["prospects_lost"] * 10.0)


def test_components_sum_to_the_total():
    """By hand: 20 + 40 + 0.36 x 300 and 5 for each leaver; half of what is shared each."""
    table = losses().by_component(np.ones(4), ["late", "short"])
    assert table["expected_cost"].to_dict() == pytest.approx(
        {"short": 0.2 * 205 + 0.18 * 305, "late": 0.2 * 105 + 0.18 * 305}
    )
    assert table["avoidable_cost"]["late"] == pytest.approx(0.2 * 105 + 0.16 * 305)
    assert table["expected_cost"].sum() == pytest.approx(
        losses().summary(np.ones(4))["expected_cost"]
    )


def test_the_grid_holds_what_other_inputs_would_give():
    """Each cell is the total of losses with that probability and that many prospects."""
    grid = losses().sensitivity(np.ones(4), None)
    assert grid.shape == (5, 5)
    for p in grid.index:
        for per_leaver in grid.columns:
            expected = losses(p, per_leaver).summary(np.ones(4))["expected_cost"]
            assert grid.loc[p, per_leaver] == pytest.approx(expected, rel=1e-13)


def test_the_grid_of_an_estimate_spans_its_interval():
    """The ends, the estimate, and half way between; equal ones are one row."""
    grid = losses().sensitivity(np.ones(4), (0.0, 0.3))
    assert grid.index.tolist() == pytest.approx([0.0, 0.1, 0.2, 0.25, 0.3])
    assert losses(0.0).sensitivity(np.ones(4), (0.0, 0.1)).index.tolist() == pytest.approx(
        [0.0, 0.05, 0.1]
    )


def test_the_grid_stops_at_certainty():
    """No probability exceeds 1."""
    grid = losses(0.8).sensitivity(np.ones(4), None)
    assert grid.index.max() == 1.0
    assert len(grid) == 4


def test_savings_are_not_told_where_the_first_failure_alone_counts():
    """Without a component another failure comes first; the parts still add up to the whole."""
    table = losses(repeated="first").by_component(np.ones(4), ["late", "short"])
    assert table["avoidable_cost"].isna().all()
    total = losses(repeated="first").summary(np.ones(4))["expected_cost"]
    assert table["expected_cost"].sum() == pytest.approx(total)


def test_prospects_worth_nothing_have_one_column():
    """Five equal columns would say nothing."""
    some = replace(losses(), prospects=Prospects(0.5, 0.0))
    assert some.sensitivity(np.ones(4), None).columns.tolist() == [0.5]


def test_the_grid_has_an_interval_a_component():
    """All components are at the same end at once; the rows are called by the mean probability."""
    some = replace(losses(), p=np.array([0.2, 0.4]))
    grid = some.sensitivity(np.ones(4), (np.array([0.1, 0.4]), np.array([0.3, 0.4])))
    assert grid.index.tolist() == pytest.approx([0.25, 0.275, 0.3, 0.325, 0.35])
    lowest = replace(some, p=np.array([0.1, 0.4])).summary(np.ones(4))["expected_cost"]
    assert grid[0.5].iloc[0] == pytest.approx(lowest, rel=1e-13)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"value": np.full(4, 1.7e308)}, DataError, "values up to 1.7e.308"),
        ({"prospects": Prospects(1e200, 1e200)}, ValueError, "found 1e.200 times 1e.200"),
        ({"prospects": Prospects(1e308, 0.0)}, DataError, "1e.308 prospects"),
        ({"exposure": Exposure(np.full((4, 2), 1e308), np.ones((4, 2)))}, DataError, "failures up"),
    ],
)
def test_sums_beyond_the_largest_number_are_refused(changes, error, message):
    """One clear error instead of an infinite cost; what is in range passes."""
    losses().require_sums(np.ones(4))
    with pytest.raises(error, match=message):
        replace(losses(), **changes).require_sums(np.ones(4))


def test_no_cost_has_no_shares():
    """0 of 0 is not a share."""
    assert losses(0.0).by_component(np.ones(4), ["a", "b"])["share"].isna().all()


def test_sums_do_not_depend_on_the_order():
    """1e16 + 1 - 1e16 is 1 in any order."""
    assert exact_sum(np.array([1e16, 1.0, -1e16])) == exact_sum(np.array([1.0, 1e16, -1e16])) == 1.0
