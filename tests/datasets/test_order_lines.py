"""make_order_lines."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from custvalue.datasets import make_order_lines


@pytest.fixture(scope="module")
def lines():
    """Return 2,000 orders, all delivered."""
    return make_order_lines(random_state=0)


def test_columns_and_types(lines):
    """The frame has the documented columns and types."""
    kinds = [str(dtype) for dtype in lines.dtypes]
    assert lines.shape[1] == 14
    assert kinds[:2] == ["int64", "int64"]
    assert all(kind.startswith("datetime64") for kind in kinds[6:10])
    assert kinds[10:] == ["float64", "float64", "boolean", "boolean"]
    assert lines["order"].is_monotonic_increasing
    assert lines["order"].nunique() == 2000
    assert lines["customer"].between(1, 200).all()


def test_days_and_quantities_are_believable(lines):
    """Nothing comes before it is ordered; promises are not before wishes; units are whole."""
    assert (lines["placed"] < lines["delivered"]).all()
    assert (lines["requested"] <= lines["promised"]).all()
    assert (lines[["ordered", "delivered_quantity"]] >= 0).all(axis=None)
    assert (lines["ordered"] % 1 == 0).all()
    assert (lines["delivered_quantity"] > lines["ordered"]).mean() == pytest.approx(0.01, abs=0.005)


def test_what_holds_for_an_order_is_equal_in_its_lines(lines):
    """Customer, places, day of order and promise are those of the order."""
    columns = ["customer", "region", "segment", "warehouse", "placed", "requested", "promised"]
    assert (lines.groupby("order")[columns].nunique() == 1).all(axis=None)
    per_customer = lines.groupby("customer")[["region", "segment"]].nunique()
    assert (per_customer == 1).all(axis=None)


def test_some_flags_are_unknown_and_some_lines_order_nothing():
    """In the shares asked for, and none where none is asked for."""
    lines = make_order_lines(5000, unknown=0.1, no_demand=0.2, random_state=1)
    missing = lines[["damaged", "documents_correct"]].isna().mean()
    assert missing.tolist() == pytest.approx([0.1, 0.1], abs=0.01)
    assert (lines["ordered"] == 0).sum() / 5000 == pytest.approx(0.2, abs=0.02)
    clean = make_order_lines(300, unknown=0.0, no_demand=0.0, random_state=1)
    assert not clean.isna().any(axis=None)
    assert (clean["ordered"] > 0).all()


def test_the_truth_is_plain_and_tells_the_bad_warehouse(lines):
    """``attrs`` can be written as JSON; all warehouses but the bad one are alike."""
    attrs = json.loads(json.dumps(lines.attrs))
    perfect = {name: truth["perfect"] for name, truth in attrs["truth"].items()}
    assert min(perfect, key=perfect.get) == "Dijon"
    assert len(set(perfect.values())) == 2
    alike = make_order_lines(10, bad_warehouse=None, random_state=0).attrs["truth"]
    assert len({truth["perfect"] for truth in alike.values()}) == 1


def test_later_deliveries_are_not_known():
    """Seen from a day: no later order, and of later deliveries neither day nor amount nor flags."""
    day = pd.Timestamp("2025-03-01")
    whole = make_order_lines(2000, unknown=0.0, random_state=2)
    seen = make_order_lines(2000, unknown=0.0, as_of=day, random_state=2)
    assert len(seen) == (whole["placed"] <= day).sum()
    columns = ["delivered", "delivered_quantity", "damaged", "documents_correct"]
    later = (whole["delivered"] > day)[whole["placed"] <= day].to_numpy()
    assert later.any()
    for name in columns:
        np.testing.assert_array_equal(seen[name].isna(), later)


def test_same_seed_same_lines():
    """The same seed gives the same lines, another seed others."""
    one, two, other = (make_order_lines(50, random_state=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(other)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_orders": 0}, ValueError, "n_orders must be at least 1; found 0"),
        ({"n_customers": 1.5}, TypeError, "n_customers must be a whole number; found 1.5"),
        ({"n_days": True}, TypeError, "n_days must be a whole number"),
        ({"start": "2025-01-01 12:00"}, ValueError, "start must be a day without time"),
        ({"as_of": pd.NaT}, ValueError, "as_of must be a day"),
        ({"failure": {"on_time": 0.1}}, ValueError, r"failure must have the keys \['on_time'"),
        ({"bad_warehouse": "Rome"}, ValueError, "bad_warehouse must be one of Antwerp"),
        ({"bad_factor": 30.0}, ValueError, "bad_factor must be above 0 and leave"),
        ({"correlation": 1.0}, ValueError, r"correlation must be from 0 to below 1; found 1\.0"),
        ({"unknown": -0.1}, ValueError, "unknown must be from 0"),
        ({"no_demand": "x"}, ValueError, "no_demand must be from 0"),
    ],
)
def test_wrong_arguments_are_named(arguments, error, message):
    """A wrong argument raises an error that names it and what was found."""
    with pytest.raises(error, match=message):
        make_order_lines(**arguments)
