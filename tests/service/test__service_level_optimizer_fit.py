from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.exceptions import DataError
from custvalue.service._service_level_optimizer_fit import (
    FittedCurves,
    changed_profit,
    fit_group,
    profit_of,
)
from custvalue.service._service_level_optimizer_input import (
    Observations,
    checked_curve,
    column_names,
    read_observations,
)

GIVEN = (("power", 0.5, 0.5), ("power", 0.00055, 2.0))
PERCENT = (0.0, 100.0)


def observations(count: int = 30, seed: int = 0) -> Observations:
    """Return rows around the curves of the textbook."""
    rng = np.random.default_rng(seed)
    s = rng.uniform(10, 80, count)
    frame = pd.DataFrame(
        {
            "service_level": s,
            "revenue": 0.5 * np.sqrt(s) + 0.1 * rng.standard_normal(count),
            "cost": 0.00055 * s**2 + 0.1 * rng.standard_normal(count),
        }
    )
    return read_observations(frame, column_names("curve", None), None, "percent", "x")


def known() -> FittedCurves:
    """Return the curves of the textbook, given."""
    curves = (checked_curve(GIVEN[0], "a"), checked_curve(GIVEN[1], "b"))
    rows = observations()
    empty = Observations(rows.table, rows.level, np.empty(0), np.empty(0), ["all"], rows.codes)
    return fit_group(empty, 0, curves, "")


def test_given_curves_are_kept_as_they_are():
    """Nothing is fitted, and nothing is uncertain."""
    fitted = known()
    assert fitted.revenue.tolist() == [0.5, 0.5]
    assert not fitted.covariance.any()
    assert fitted.dof == fitted.n_rows == 30


def test_the_order_of_rows_does_not_matter():
    """Sums run over sorted rows: coefficients are equal to the last bit."""
    rows = observations()
    turned = Observations(
        rows.table, rows.level[::-1], rows.revenue[::-1], rows.cost[::-1], rows.keys, rows.codes
    )
    one, other = (fit_group(r, 0, ("power", "power"), "") for r in (rows, turned))
    assert np.array_equal(one.revenue, other.revenue)
    assert np.array_equal(one.covariance, other.covariance)


@pytest.mark.parametrize("shape", ["power", "quadratic", "logistic"])
def test_revenue_that_falls_is_known(shape):
    """Its slope over the data tells, whatever the shape; of a known curve nothing is said."""
    rows = observations()
    fallen = Observations(
        rows.table, rows.level, 10 - rows.revenue, rows.cost, rows.keys, rows.codes
    )
    assert fit_group(rows, 0, (shape, "power"), "").revenue_rises
    assert not fit_group(fallen, 0, (shape, "power"), "").revenue_rises
    assert known().revenue_rises


def test_too_few_levels_are_refused():
    """A curve of three coefficients needs three different levels."""
    with pytest.raises(DataError, match=r"at least 3 different .* of site 4; found 2 in 2 row"):
        fit_group(observations(2), 0, ("power", "quadratic"), " of site 4")


def test_a_scenario_changes_both_curves():
    """Twice the revenue and a fixed cost, at every level."""
    profit, s = profit_of(known(), GIVEN, PERCENT), np.array([40.0])
    fixed = changed_profit(profit, {"fixed_cost": 3.0, "revenue_factor": 2.0})
    assert fixed.value(s)[0] == pytest.approx(profit.value(s)[0] + np.sqrt(10) - 3)
