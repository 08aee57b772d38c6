from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._scree_display import checked_number, eigenvalue_table, retention_table


@pytest.fixture
def retention():
    """Return what a factor analysis of four items has compared, from no factor on."""
    return pd.DataFrame(
        {
            "eigenvalue": [np.nan, 2.2, 0.9, 0.5, 0.4],
            "reduced_eigenvalue": [np.nan, 1.6, 0.2, -0.1, -0.3],
            "parallel_components": [np.nan, 1.3, 1.1, 0.9, 0.8],
            "parallel_factors": [np.nan, 0.4, 0.2, 0.0, -0.1],
        },
        index=pd.RangeIndex(5, name="n_factors"),
    )


def test_equal_eigenvalues_are_fine():
    """Only rising ones are refused."""
    assert eigenvalue_table([1.0, 1.0])["eigenvalue"].tolist() == [1.0, 1.0]
    with pytest.raises(
        ValueError, match="fall from first to last; found 0.9 after 0.5 at number 3"
    ):
        eigenvalue_table([1.6, 0.5, 0.9])


@pytest.mark.parametrize("bad", [[], [1.0, np.nan], [[1.0]], [np.inf]])
def test_eigenvalues_are_a_row_of_finite_numbers(bad):
    """Gaps, infinities, tables and nothing at all are refused, in both places."""
    with pytest.raises(ValueError, match="eigenvalues must be a row of finite numbers"):
        eigenvalue_table(bad)
    with pytest.raises(ValueError, match="reference must be a row of finite numbers"):
        eigenvalue_table([1.0], bad)


def test_the_reference_is_as_long_as_the_eigenvalues():
    """The message says how many of each there are."""
    with pytest.raises(ValueError, match="one entry per eigenvalue; found 1 for 2"):
        eigenvalue_table([1.5, 0.5], [1.2])


@pytest.mark.parametrize(
    ("of", "wanted", "reference"),
    [
        ("factors", "reduced_eigenvalue", "parallel_factors"),
        ("components", "eigenvalue", "parallel_components"),
    ],
)
def test_factors_and_components_have_their_own_columns(retention, of, wanted, reference):
    """The row of no factor has no eigenvalue and is left out."""
    table = retention_table(retention, of)
    assert table.index.tolist() == [1, 2, 3, 4]
    assert table["eigenvalue"].tolist() == retention[wanted].tolist()[1:]
    assert table["reference"].tolist() == retention[reference].tolist()[1:]


def test_without_a_parallel_analysis_there_is_no_reference(retention):
    """The column may be absent, or hold gaps."""
    without = retention.drop(columns="parallel_factors")
    assert retention_table(without, "factors").columns.tolist() == ["eigenvalue"]
    empty = retention.assign(parallel_factors=np.nan)
    assert retention_table(empty, "factors").columns.tolist() == ["eigenvalue"]


def test_the_eigenvalues_asked_for_must_be_there(retention):
    """The message names what is there, or what may be asked for."""
    with pytest.raises(
        ValueError, match="column 'reduced_eigenvalue' to show factors; found eigen"
    ):
        retention_table(retention[["eigenvalue"]], "factors")
    with pytest.raises(ValueError, match="of must be 'factors' or 'components'; found 'items'"):
        retention_table(retention, "items")


def test_the_number_kept_is_a_whole_number_of_those_there_are():
    """None and 0 mark nothing; a whole float is a whole number."""
    assert [checked_number(one, 3) for one in (None, 0, 3, 2.0)] == [None, 0, 3, 2]
    for bad in (-1, 4, 1.5, True):
        with pytest.raises(ValueError, match=f"whole number from 0 to 3; found {bad}"):
            checked_number(bad, 3)
