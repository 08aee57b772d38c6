from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._profit_curve_display import curve_of_group, curve_table, highest
from custvalue.service.service_level_optimizer import ServiceLevelOptimizer


def test_curves_are_ordered_and_subtracted():
    """Profit is revenue less cost, by rising level, and has its highest place."""
    table = curve_table([0.9, 0.8, 0.99], [110, 100, 130], [60, 40, 100])
    assert table.index.tolist() == [0.8, 0.9, 0.99]
    assert table["profit"].tolist() == [60, 50, 30]
    assert highest(table)["service_level"] == 0.8
    assert np.isnan(highest(table)["lower"])


@pytest.mark.parametrize(
    "columns", [([1], [1], [1]), ([1, 2], [1], [1, 2]), ([1, 2], [1, np.inf], [1, 2])]
)
def test_other_curves_are_refused(columns):
    """Lengths that differ, one level, and numbers that are not finite."""
    with pytest.raises(ValueError, match="service_level, revenue and cost must"):
        curve_table(*columns)


def test_a_group_must_be_one_of_those_fitted():
    """It may be left out where there is only one."""
    X = pd.DataFrame({"service_level": [20.0, 60.0], "site": ["a", "b"]})
    optimizer = ServiceLevelOptimizer(
        form="curve",
        scale="percent",
        by="site",
        revenue_curve=("power", 0.5, 0.5),
        cost_curve=("power", 0.0005, 2.0),
    )
    with pytest.warns(UserWarning, match="outside the levels observed"):
        optimizer.fit(X)
    table, optimum = curve_of_group(optimizer, "b")
    assert len(table) == 201
    assert optimum["service_level"] == pytest.approx(250 ** (2 / 3))
    for group in (X, ["a"], X.to_numpy()):
        with pytest.raises(ValueError, match="group must be one of 'a', 'b'; found"):
            curve_of_group(optimizer, group)
    for group in (None, "c"):
        with pytest.raises(ValueError, match=f"group must be one of 'a', 'b'; found {group!r}"):
            curve_of_group(optimizer, group)
