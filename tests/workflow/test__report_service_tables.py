from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.service import LostSalesCost, PerfectOrder
from custvalue.workflow._report_service_tables import (
    are_ranges_wide,
    attribution_rows,
    comparison_rows,
    component_rows,
    element_rows,
    label,
    metric_rows,
    perfect_rows,
    quality_rows,
    queue_rows,
    segment_cost_rows,
    sensitivity_rows,
    words_of,
)

NBSP = "\u00a0"


@pytest.fixture(scope="module")
def judge():
    """Return four orders: one late, one late and short, two perfect."""
    lines = pd.DataFrame(
        {
            "order": [1, 2, 3, 4],
            "promised": pd.to_datetime(["2025-03-03"] * 4),
            "delivered": pd.to_datetime(["2025-03-04"] * 2 + ["2025-03-03"] * 2),
            "ordered": [5.0] * 4,
            "delivered_quantity": [5.0, 4.0, 5.0, 5.0],
        }
    )
    return PerfectOrder(criteria=("on_time", "in_full")).fit(lines)


@pytest.fixture(scope="module")
def cost():
    customers = pd.DataFrame(
        {"on_time": [1, 0], "in_full": [0, 1], "value": [500.0, 2000.0], "tier": ["a", "b"]}
    )
    return LostSalesCost(
        components=("on_time", "in_full"), leaving_probability=0.1, segment="tier"
    ).fit(customers)


def test_criteria_and_segments_have_names_to_read():
    """Known criteria have words, others lose their underscores; a missing segment is a dash."""
    assert [words_of(name) for name in ("documents", "right_price")] == [
        "documents correct",
        "right price",
    ]
    assert [label(one) for one in ("gold", 3, None, np.nan)] == ["gold", "3", "\u2013", "\u2013"]


def test_rows_of_perfect_orders(judge):
    """Half of four are perfect, with the limits of Wilson (15.0 % to 85.0 %); 1/2 x 3/4."""
    assert perfect_rows(judge) == [
        {
            "name": "all",
            "orders": "4",
            "known": "4",
            "perfect": f"50.0{NBSP}%",
            "limits": f"15.0{NBSP}% to 85.0{NBSP}%",
            "range": f"50.0{NBSP}% to 50.0{NBSP}%",
            "product": f"37.5{NBSP}%",
        }
    ]


def test_rows_of_causes_are_sorted_by_what_they_cost(judge):
    """Late costs 1/4 + 1/8 of the orders, short 1/8; the late one would be perfect without."""
    late, short = attribution_rows(judge)
    assert (late["name"], late["met"], late["alone"]) == (
        "on time",
        f"50.0{NBSP}%",
        f"25.0{NBSP}%",
    )
    assert (late["cost"], late["of_all"]) == (f"37.5{NBSP}%", f"75.0{NBSP}%")
    assert (short["name"], short["cost"]) == ("in full", f"12.5{NBSP}%")


def test_metrics_that_were_not_measured_are_dashes():
    """Columns that are there are shares and days."""
    metrics = pd.DataFrame({"on_time": [0.9], "order_cycle_time_mean": [3.25]}, index=["N"])
    [row] = metric_rows(metrics)
    assert (row["on_time"], row["mean"]) == (f"90.0{NBSP}%", "3.2")
    assert row["otif"] == row["p90"] == row["unit_fill_rate"] == "\u2013"


def test_rows_of_elements():
    """Ranks without limits have a dash."""
    table = pd.DataFrame(
        {
            "stage": ["in", "unknown"],
            "weight": [0.7, 0.3],
            "rank": [1, 2],
            "rank_lower": [1.0, np.nan],
            "rank_upper": [2.0, np.nan],
        },
        index=["order_fill_rate", "own element"],
    )
    first, second = element_rows(table)
    assert first == {
        "name": "order fill rate",
        "stage": "during",
        "weight": f"70.0{NBSP}%",
        "rank": "1",
        "limits": "1 to 2",
    }
    assert (second["stage"], second["limits"]) == ("\u2013", "\u2013")


def test_rows_of_costs(cost):
    """A tenth of each value is lost: 50 and 200."""
    short, late = component_rows(cost.cost_by_component_)
    assert (short["name"], short["cost"], short["share"]) == ("in full", "200.00", f"80.0{NBSP}%")
    assert (late["cost"], late["avoidable"], late["leavers"]) == ("50.00", "50.00", "0.1")
    first, second = segment_cost_rows(cost.cost_by_segment_)
    assert (first["name"], first["customers"], first["cost"]) == ("b", "1", "200.00")
    assert second["failures"] == "1"


def test_rows_of_the_sensitivity_are_those_of_the_given_prospects(cost):
    """Half the probability, half the cost."""
    rows = sensitivity_rows(cost.sensitivity_, 0.0)
    assert rows[0] == {"name": f"5.0{NBSP}%", "cost": "125.00"}
    assert len(rows) == 5


def test_rows_of_a_comparison():
    """Groups with their retention."""
    table = pd.DataFrame(
        [[10.0, 0.9, 0.6, 0.98]],
        index=["without failure"],
        columns=["customers", "retention", "lower", "upper"],
    )
    [row] = comparison_rows(table)
    assert row["limits"] == f"60.0{NBSP}% to 98.0{NBSP}%"


def test_rows_of_the_queue_are_its_head():
    """At most so many, in the order given."""
    queue = pd.DataFrame(
        {
            "name": [7, 8, 9],
            "customer": ["a", "b", "c"],
            "profit": [5.0, 6.0, 7.0],
            "importance": [1, 2, 3],
            "value": [1.0, 2.0, 3.0],
            "priority": [1, 2, 2],
        }
    )
    rows = queue_rows(queue, 2)
    assert [row["name"] for row in rows] == ["7", "8"]
    assert (rows[1]["place"], rows[1]["profit"], rows[1]["value"]) == ("2", "6.00", "2.00")
    [first] = queue_rows(queue.assign(value=np.nan), 1, ranked=True)
    assert (first["profit"], first["value"]) == ("5", "\u2013")


def test_a_comparison_of_one_criterion_says_which():
    """Criteria that have an estimate of their own have groups of their own."""
    index = pd.MultiIndex.from_tuples([("on_time", "with failure")])
    columns = ["customers", "retention", "lower", "upper"]
    [row] = comparison_rows(pd.DataFrame([[4.0, 0.5, 0.2, 0.8]], index=index, columns=columns))
    assert row["name"] == "on time: with failure"


@pytest.mark.parametrize(("highest", "expected"), [(0.805, False), (0.9, True)])
def test_ranges_are_wide_from_a_point_on(highest, expected):
    """What is not known may change the share by half a point, or by ten."""
    observed = pd.DataFrame({"lowest": [0.8], "highest": [highest]})
    assert are_ranges_wide(observed) is expected


def test_only_what_happened_is_told_of_the_data():
    """Zeros of what was left out are left out; unknown criteria have their words."""
    quality = pd.Series(
        {
            "lines": 9.0,
            "orders": 4.0,
            "lines_negative": 0.0,
            "orders_without_demand": 2.0,
            "documents_unknown": 1.0,
            "customers": 3.0,
            "customers_without_value": np.nan,
        }
    )
    rows = quality_rows(quality, ("documents",))
    assert [row["count"] for row in rows] == ["9", "4", "2", "3", "1"]
    assert rows[-1]["why"].endswith("documents correct")
