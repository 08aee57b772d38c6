"""The Lorenz curve, the Gini coefficient and the share of the top."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from custvalue._numerics.concentration import gini, lorenz_curve, top_share

amounts = (
    st.lists(st.integers(0, 1000), min_size=1, max_size=30)
    .filter(any)
    .map(lambda v: np.array(v, dtype=float))
)


def mean_difference_gini(values: np.ndarray) -> float:
    """Return half the mean absolute difference between two members, over the mean."""
    return float(np.abs(values[:, None] - values).mean() / (2 * values.mean()))


@given(amounts)
def test_gini_is_half_the_relative_mean_difference(values):
    """The area under the curve agrees with the definition by pairs."""
    assert gini(values) == pytest.approx(mean_difference_gini(values), abs=1e-12)


def test_negative_values_follow_the_definition_by_pairs_beyond_one():
    """Values are taken as they are: the curve dips below zero and Gini exceeds 1."""
    values = np.array([-50.0, 0.0, 10.0, 60.0])
    assert gini(values) == pytest.approx(mean_difference_gini(values), abs=1e-12)
    assert gini(values) > 1
    assert lorenz_curve(values).value_share == pytest.approx([0.0, -2.5, -2.5, -2.0, 1.0])


@given(amounts)
def test_the_curve_runs_from_corner_to_corner_and_bends_upwards(values):
    """Shares start at 0, end at exactly 1, ascend, and never rise above equality."""
    x, y = lorenz_curve(values)
    assert (x[0], y[0], x[-1], y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert (np.diff(x) > 0).all()
    assert (np.diff(y) >= 0).all()
    assert (y <= x + 1e-12).all()


@given(amounts, st.data())
def test_a_weight_counts_as_so_many_equal_members(values, data):
    """Weights of 2 and 3 give what two and three rows give, and 0 what none gives."""
    weights = np.array(
        data.draw(st.lists(st.integers(0, 3), min_size=len(values), max_size=len(values))),
        dtype=float,
    )
    weights[np.argmax(values)] = 1.0
    repeated = np.repeat(values, weights.astype(int))
    assert gini(values, weights) == pytest.approx(gini(repeated), abs=1e-12)
    assert top_share(values, 0.3, weights) == pytest.approx(top_share(repeated, 0.3), abs=1e-12)


@given(amounts, st.sampled_from([1e-300, 0.01, 7.3, 1e300]))
def test_the_unit_of_money_changes_nothing(values, factor):
    """Shares are free of scale, up to the ends of the floating range."""
    assert gini(values * factor) == pytest.approx(gini(values), abs=1e-9)


@pytest.mark.parametrize("values", [[4.0], [4.0, 4.0, 4.0], [0.0, 0.0]])
def test_equal_holdings_have_no_concentration(values):
    """Where all hold the same, nothing included, Gini is 0 and the top tenth holds a tenth."""
    assert gini(np.array(values)) == pytest.approx(0.0, abs=1e-15)
    assert top_share(np.array(values), 0.1) == pytest.approx(0.1)


def test_one_holder_of_everything_has_the_largest_gini():
    """One of n members holding all gives 1 - 1/n."""
    assert gini(np.array([0.0, 0.0, 0.0, 0.0, 3.0])) == pytest.approx(0.8)


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (0.1, 0.3), (0.4, 0.7), (1.0, 1.0)])
def test_the_top_share_reads_the_curve_from_above(share, expected):
    """The richest are counted first, and part of a member holds that part."""
    values = np.array([10.0, 60.0, 10.0, 10.0, 10.0])
    assert top_share(values, share) == pytest.approx(expected)


@pytest.mark.parametrize("values", [[-1.0, 1.0], [-3.0, 1.0], [-1.0]])
def test_a_total_of_zero_or_less_is_refused(values):
    """Nothing can be shared of a total that is not positive; the message gives the total."""
    with pytest.raises(ValueError, match=f"net total above zero.*found {sum(values)} over"):
        lorenz_curve(np.array(values))


@pytest.mark.parametrize(("values", "weights"), [([], None), ([1.0, 2.0], [0.0, 0.0])])
def test_a_population_of_nobody_is_refused(values, weights):
    """No member, or none of any weight, has no curve."""
    with pytest.raises(ValueError, match="at least one member"):
        gini(np.array(values), None if weights is None else np.array(weights))
