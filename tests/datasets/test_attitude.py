from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.datasets import load_attitude

COLUMNS = ["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"]


@pytest.fixture(scope="module")
def attitude() -> pd.DataFrame:
    return load_attitude()


def test_columns_and_types(attitude):
    """The frame has the documented columns, in order, all whole numbers, on a plain index."""
    assert attitude.columns.tolist() == COLUMNS
    assert {str(dtype) for dtype in attitude.dtypes} == {"int64"}
    assert attitude.index.equals(pd.RangeIndex(30))


def test_totals_match_the_provenance_note(attitude):
    """Columns add up to the sums printed beside the data (colSums of R's attitude)."""
    assert attitude.sum().tolist() == [1939, 1998, 1594, 1691, 1939, 2243, 1288]


def test_the_regression_is_that_of_the_book(attitude):
    """Rating on the other six: coefficients and R2 as summary(lm(rating ~ ., attitude)) of R 4."""
    X = np.column_stack([np.ones(30), attitude[COLUMNS[1:]]])
    y = attitude["rating"].to_numpy(dtype=float)
    coefficients, residual = np.linalg.lstsq(X, y)[:2]
    # Printed to five decimals.
    expected = [10.78708, 0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706]
    assert coefficients.round(5).tolist() == expected
    assert 1 - residual[0] / ((y - y.mean()) ** 2).sum() == pytest.approx(0.7326, abs=5e-5)


def test_every_load_is_a_new_frame(attitude):
    """Changing a loaded frame leaves the next one as it was."""
    changed = load_attitude()
    changed["rating"] = 0
    assert load_attitude().equals(attitude)
