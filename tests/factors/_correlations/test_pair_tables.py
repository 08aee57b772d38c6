"""Codes and two-way tables of items."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import BLOCK_ROWS, read_ratings
from custvalue.exceptions import DataError
from custvalue.factors._correlations.pair_tables import code_items, pair_tables


def test_codes_are_places_among_the_answers_found():
    """Any numbers are categories, in ascending order; a gap is -1, and -0.0 is 0."""
    X = pd.DataFrame({"a": [2.5, np.nan, -1.0, 2.5], "b": [0.0, -0.0, 1.0, 7.0]})
    coded = code_items(read_ratings(X))
    assert coded.codes.T.tolist() == [[1, -1, 0, 1], [0, 0, 1, 2]]
    assert [found.tolist() for found in coded.categories] == [[-1.0, 2.5], [0.0, 1.0, 7.0]]
    assert coded.sizes == [2, 3]


def test_tables_are_those_of_crosstab(unequal_items):
    """Every pair of items of any sizes, over those who answered both."""
    coded = code_items(read_ratings(unequal_items))
    counted = pair_tables(coded.codes, coded.sizes)
    names = list(unequal_items)
    for i, j, table in zip(counted.first, counted.second, counted.tables, strict=True):
        expected = pd.crosstab(unequal_items[names[i]], unequal_items[names[j]])
        rows, columns = expected.shape
        np.testing.assert_array_equal(table[:rows, :columns], expected)
        assert table.sum() == expected.to_numpy().sum()
    assert list(zip(counted.first, counted.second, strict=True))[:3] == [(0, 1), (0, 2), (0, 3)]


def test_margins_count_all_answers_to_an_item(unequal_items):
    """Also those of respondents who left out other items."""
    coded = code_items(read_ratings(unequal_items))
    margins = pair_tables(coded.codes, coded.sizes).margins
    expected = unequal_items["a"].value_counts().sort_index()
    np.testing.assert_array_equal(margins[0], expected)
    np.testing.assert_array_equal(margins.sum(axis=1), unequal_items.notna().sum())


def test_blocks_and_weights_do_not_change_the_counts():
    """More rows than a block, counted once by weights and once row by row."""
    rng = np.random.default_rng(0)
    codes = rng.integers(-1, 3, size=(BLOCK_ROWS + 1000, 3)).astype(np.int8)
    plain = pair_tables(codes, [3, 3, 3])
    weighted = pair_tables(codes, [3, 3, 3], np.full(len(codes), 2.0))
    np.testing.assert_array_equal(weighted.tables, 2 * plain.tables)
    expected = ((codes[:, 0] == 1) & (codes[:, 2] == 2)).sum()
    assert plain.tables[1, 1, 2] == expected


def test_measurements_are_refused():
    """More than twenty different answers are no categories."""
    X = pd.DataFrame({"a": [1.0, 2.0] * 11, "income": np.arange(22.0)})
    with pytest.raises(DataError, match=r"item 'income' has 22 different answers. Use 'pearson'"):
        code_items(read_ratings(X))


def test_an_item_with_one_answer_is_refused():
    """One category has no threshold."""
    X = pd.DataFrame({"a": [1.0, 1.0], "b": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"item 'a' must vary; all answers are 1\.0"):
        code_items(read_ratings(X))
