"""Comparisons in pairs: order, shape, and contradiction."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.comparisons import inconsistency, read_comparisons

NAMES = ["speed", "stock", "price"]
PAIRS = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])


def test_a_frame_is_put_into_the_order_of_the_names():
    """By its labels; an array is in that order."""
    frame = pd.DataFrame(PAIRS, index=NAMES, columns=NAMES)
    mixed = frame.iloc[[2, 0, 1], [1, 2, 0]]
    np.testing.assert_array_equal(read_comparisons(mixed, NAMES), PAIRS)
    np.testing.assert_array_equal(read_comparisons(PAIRS.tolist(), NAMES), PAIRS)


@pytest.mark.parametrize(
    ("comparisons", "message"),
    [
        (pd.DataFrame(PAIRS, index=list("abc"), columns=NAMES), "as index; found a, b, c"),
        (pd.DataFrame(PAIRS, index=NAMES, columns=list("abc")), "as columns; found a, b, c"),
        (np.eye(2), r"shape \(3, 3\).*found \(2, 2\)"),
    ],
)
def test_other_names_and_shapes_are_refused(comparisons, message):
    """The error says what was found."""
    with pytest.raises(ValueError, match=message):
        read_comparisons(comparisons, NAMES)


def test_contradiction_is_told():
    """Above a consistency ratio of 0.1, not on it, and not without one."""
    assert inconsistency(None, "items") == inconsistency(0.1, "items") == []
    assert inconsistency(float("nan"), "items") == []
    assert "comparisons of items" in inconsistency(0.2, "items")[0]
