"""Perfect orders as tables by group and criterion."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from custvalue.service._perfect_order import perfect_orders
from custvalue.service._perfect_order_tables import (
    attribution_table,
    component_table,
    difference_table,
    group_numbers,
    observed_table,
    states_of,
)

ROWS = pa.table(
    {
        "group_0": ["a", "a", "b", None],
        "state_0": [True, False, None, True],
        "state_1": [True, True, True, False],
        "orders": [5, 3, 2, 1],
    }
)


def found():
    """Return the perfect orders of three groups, and their labels."""
    numbers, labels = group_numbers(ROWS, ["group_0"], ["site"])
    counts = ROWS["orders"].to_numpy().astype(float)
    return perfect_orders(states_of(ROWS, 2), counts, numbers, len(labels), 0.95), labels


def test_states_are_numbers():
    """True is 1, False 0, missing NaN; a column of missing values too."""
    np.testing.assert_array_equal(states_of(ROWS, 1)[:, 0], [1, 0, np.nan, 1])
    nothing = pa.table({"state_0": pa.array([None, None], pa.bool_())})
    assert np.isnan(states_of(nothing, 1)).all()


def test_groups_are_numbered_in_their_order():
    """A missing label is a group of its own; without groups there is one."""
    numbers, labels = group_numbers(ROWS, ["group_0"], ["site"])
    assert numbers.tolist() == [0, 0, 1, 2]
    assert labels[:2].tolist() == ["a", "b"]
    assert pd.isna(labels[2])
    assert group_numbers(ROWS, [], [])[1].tolist() == ["all"]


def test_tables_have_a_row_for_each_group_and_criterion():
    """Group "a": five of eight are perfect, and the first criterion costs all of the rest."""
    orders, labels = found()
    observed = observed_table(orders, labels)
    assert observed.loc["a", ["orders", "known", "perfect_orders"]].tolist() == [8, 8, 5]
    assert observed.loc["b", "known"] == 0
    components = component_table(orders, labels, ["x", "y"])
    assert components.loc[("a", "x"), "share"] == 5 / 8
    assert components["known"].tolist() == [8, 8, 0, 2, 1, 1]
    assert components.index.names == ["site", "criterion"]
    attribution = attribution_table(orders, labels, ["x", "y"])
    assert attribution.loc["a", "share"].tolist() == [1.0, 0.0]
    assert difference_table(orders, labels).loc["a", "difference"] == 0.0
