from __future__ import annotations

import numpy as np
import pytest

from custvalue.plotting._abc_display import class_table, thinned_curve


def test_classes_are_counted_and_summed():
    """Items and value of each class, in the order of their names, and shares that add up to 1."""
    values, table = class_table([1, 5, 2, 2], ["C", "A", "B", "B"])
    assert values.tolist() == [1.0, 5.0, 2.0, 2.0]
    assert table.index.tolist() == ["A", "B", "C"]
    assert table["items"].tolist() == [1, 2, 1]
    assert table["value_share"].tolist() == [0.5, 0.4, 0.1]
    assert table["item_share"].tolist() == [0.25, 0.5, 0.25]


@pytest.mark.parametrize(
    ("values", "classes", "message"),
    [
        ([1.0, 2.0], ["A"], r"one entry per item; found shapes \(2,\) and \(1,\)"),
        ([[1.0]], [["A"]], "rows of one entry per item"),
        ([1.0, -2.0], ["A", "N"], r"at least 0 .*item 1 has -2 \(1 such\)"),
        ([np.nan, 2.0], ["A", "B"], "item 0 has nan"),
        ([0.0, 0.0], ["C", "C"], "total above zero to be shared out; found 2 of 0"),
        ([1.0, 2.0], ["A", None], "item 1 has none"),
    ],
)
def test_what_cannot_be_drawn_is_refused(values, classes, message):
    """Each with the rule and the first such item."""
    with pytest.raises(ValueError, match=message):
        class_table(values, classes)


def test_the_curve_holds_what_the_best_hold():
    """Against cumulative sums from the top; few items are all there."""
    values = np.random.default_rng(1).gamma(0.5, 3.0, 50)
    curve = thinned_curve(values)
    best = np.sort(values)[::-1]
    np.testing.assert_allclose(curve["item_share"], np.arange(1, 51) / 50, rtol=1e-12)
    np.testing.assert_allclose(curve["value_share"], best.cumsum() / best.sum(), rtol=1e-12)


def test_many_items_are_thinned_where_the_curve_is_straight():
    """At most 400 points, from which all 30,000 can be read to a thousandth."""
    values = np.random.default_rng(1).pareto(1.1, 30_000)
    curve, best = thinned_curve(values), np.sort(values)[::-1]
    assert len(curve) <= 400
    assert curve.iloc[-1].tolist() == [1.0, 1.0]
    drawn = np.interp(np.arange(1, 30_001) / 30_000, curve["item_share"], curve["value_share"])
    assert np.abs(drawn - best.cumsum() / best.sum()).max() < 1e-3
