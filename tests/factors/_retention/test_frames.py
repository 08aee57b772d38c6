"""The answers of the criteria as frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue.factors._retention.frames import (
    comparison_table,
    partials_table,
    retention_table,
    suggested_numbers,
)
from custvalue.factors._retention.parallel import compare
from custvalue.factors._retention.partials import average_partials
from custvalue.factors._retention.retention import Retention

FOUND = Retention({"eigenvalue": np.array([np.nan, 2.0])}, {"map": 1, "hull": None}, ())


def test_eigenvalues_are_numbered_from_one():
    """Observed, mean and percentile of replicates, and whether it is retained."""
    compared = compare(np.array([2.0, 0.5]), np.array([[1.2, 0.8], [1.4, 0.6]]), 100)
    pd.testing.assert_frame_equal(
        comparison_table(compared),
        pd.DataFrame(
            {
                "eigenvalue": [2.0, 0.5],
                "mean": [1.3, 0.7],
                "percentile": [1.4, 0.8],
                "retained": [True, False],
            },
            index=pd.RangeIndex(1, 3, name="number"),
        ),
    )


def test_partials_are_numbered_from_none():
    """Mean squares and fourth powers after 0, 1, ... components."""
    table = partials_table(average_partials(np.array([[1, 0.5], [0.5, 1]])))
    assert table.index.tolist() == [0, 1]
    assert table.index.name == "n_factors"
    assert table.loc[0].round(12).tolist() == [0.25, 0.0625]


def test_a_criterion_without_an_answer_is_missing():
    """Whole numbers, and a gap; so is one that was not asked."""
    numbers = suggested_numbers(FOUND, ["map", "hull", "bic"])
    assert numbers.dtype == "Int64"
    assert numbers.index.name == "criterion"
    assert numbers["map"] == 1
    assert numbers.isna().tolist() == [False, True, True]
    assert suggested_numbers(FOUND).index.tolist() == ["map", "hull"]


def test_the_table_is_numbered_from_none():
    """One row more than items."""
    table = retention_table(FOUND)
    assert table.index.tolist() == [0, 1]
    assert table.index.name == "n_factors"
    assert table.columns.tolist() == ["eigenvalue"]
