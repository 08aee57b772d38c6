"""Polychoric correlations against published tables and psych."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.ratings import read_ratings
from custvalue.exceptions import DataError
from custvalue.factors._correlations.polychoric import (
    add_to_empty_cells,
    item_polychorics,
    polychoric_correlations,
    table_polychoric,
    thresholds_of_margins,
)

# Five items of the Law School Admission Test, section 6, 1,000 candidates: how many gave each
# pattern of right answers (Bock & Lieberman 1970, Psychometrika 35, 179-197).
LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3,
    "00111": 4, "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15,
    "10000": 10, "10001": 29, "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15,
    "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173, "11100": 11, "11101": 61,
    "11110": 28, "11111": 298,
}  # fmt: skip


def test_the_table_of_olsson():
    """Olsson (1979) prints .49 and thresholds; six digits from the two-step definition."""
    found = table_polychoric(np.array([[13.0, 6, 0], [69, 113, 22], [41, 132, 104]]))
    assert abs(found.matrix[0, 1] - 0.491371949113901) < 1e-12
    np.testing.assert_allclose(found.thresholds[0], [-1.774382, -0.135774], atol=1e-6)
    np.testing.assert_allclose(found.thresholds[1], [-0.687131, 0.668209], atol=1e-6)


@pytest.mark.parametrize(
    ("both", "margin", "expected"),
    [
        (0.333333, 0.5, 0.5),
        (0.1150267, 0.5, -0.75),
        (0.397584, 0.5, 0.8),
        (0.145003, 0.158655254, 0.99),
    ],
)
def test_the_tetrachoric_table_of_kirk(both, margin, expected):
    """Kirk (1973): probabilities of six to seven digits (at .99, 1e-6 of them moves rho 1e-6)."""
    rest = margin - both
    table = 1e6 * np.array([[both, rest], [rest, 1 - 2 * margin + both]])
    assert abs(table_polychoric(table).matrix[0, 1] - expected) < 3e-6


@pytest.mark.parametrize(
    ("cells", "psych", "tolerance"),
    [
        ((44268, 193, 14, 0), 0.2323182026, 2e-5),
        ((61661, 1610, 85, 20), 0.3480731315, 2e-5),
        ((62503, 105, 768, 0), -0.101963518, 2e-5),
        ((24875, 265, 47, 0), -0.0001638337, 2e-5),
    ],
)
def test_tables_with_an_empty_cell_are_corrected_as_psych_does(cells, psych, tolerance):
    """R psych 2.2.9, tetrachoric: one half in the empty cell (its search stops at 1e-5 or so)."""
    found = table_polychoric(np.array(cells, dtype=float).reshape(2, 2), correction=0.5)
    assert abs(found.matrix[0, 1] - psych) < tolerance
    assert found.n_corrected == (0 in cells)


def test_the_law_school_test():
    """R psych 2.2.9, tetrachoric(lsat6); thresholds to 1e-9, rho to the stop of its search."""
    X = np.array([[int(answer) for answer in pattern] for pattern in LSAT6], dtype=float)
    found = item_polychorics(read_ratings(X), np.array(list(LSAT6.values()), dtype=float))
    expected = [
        0.1703045400, 0.2275272415, 0.1071867733, 0.0665010650, 0.1890846492,
        0.1111477891, 0.1724117680, 0.1866731655, 0.1054929901, 0.2009204979,
    ]  # fmt: skip
    np.testing.assert_allclose(found.matrix[np.triu_indices(5, 1)], expected, atol=2e-5)
    cuts = [-1.4325027208, -0.5504656950, -0.1332445236, -0.7159859896, -1.1263911290]
    np.testing.assert_allclose(np.concatenate(found.thresholds), cuts, atol=1e-9)
    assert (found.n_pairs == 1000).all()


def test_pairwise_answers_are_correlated_as_psych_does(equal_items, pairs):
    """R psych 2.2.9, polychoric(correct = 0): thresholds of all answers, tables of each pair."""
    found = item_polychorics(read_ratings(equal_items))
    expected = [
        0.5466386969, 0.5474936149, -0.3356945270, 0.4819458139, -0.2604324359, -0.2634902890,
    ]  # fmt: skip
    np.testing.assert_allclose(pairs(found.matrix), expected, atol=2e-5)
    np.testing.assert_allclose(
        found.thresholds[1], [-0.3853204664, 0.63364000078, 1.3440031496], atol=1e-9
    )


def test_items_of_different_sizes_are_correlated_as_psych_does(unequal_items, pairs):
    """R psych 2.2.9, complete answers with five, three, two and four categories."""
    found = item_polychorics(read_ratings(unequal_items.dropna()))
    expected = [
        0.5414497948, 0.4962861268, -0.2841114953, 0.5209056255, -0.2844992011, -0.3164774246,
    ]  # fmt: skip
    np.testing.assert_allclose(pairs(found.matrix), expected, atol=2.5e-5)
    assert [len(cuts) for cuts in found.thresholds] == [4, 2, 1, 3]


def test_the_correlation_of_the_normal_variables_comes_back():
    """200,000 respondents, cut in uneven slices: within 4 standard errors of about .002."""
    rng, rho = np.random.default_rng(5), -0.6
    z = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=200_000)
    X = np.column_stack([np.digitize(z[:, 0], [-1, 0.5]), np.digitize(z[:, 1], [-0.2, 0.4, 1.5])])
    assert abs(item_polychorics(read_ratings(X)).matrix[0, 1] - rho) < 0.008


def test_mirrored_items_have_the_opposite_correlation(unequal_items):
    """Reversing the categories of an item changes signs and nothing else."""
    found = item_polychorics(read_ratings(unequal_items)).matrix
    mirrored = item_polychorics(read_ratings(unequal_items.assign(c=-unequal_items["c"]))).matrix
    sign = np.outer([1, 1, -1, 1], [1, 1, -1, 1])
    np.testing.assert_allclose(mirrored, sign * found, atol=1e-12)


def test_the_order_of_rows_changes_no_digit(unequal_items):
    """Counts know no order."""
    shuffled = unequal_items.sample(frac=1, random_state=0)
    np.testing.assert_array_equal(
        item_polychorics(read_ratings(shuffled)).matrix,
        item_polychorics(read_ratings(unequal_items)).matrix,
    )


def test_chunks_of_tables_change_nothing():
    """Tables beyond a chunk are solved as those within."""
    rng = np.random.default_rng(6)
    tables = rng.integers(1, 30, size=(2100, 2, 3)).astype(float)
    rows, columns = (thresholds_of_margins(tables.sum(axis=axis)) for axis in (2, 1))
    together = polychoric_correlations(tables, rows, columns)
    last = polychoric_correlations(tables[2040:], rows[2040:], columns[2040:])
    np.testing.assert_allclose(together.rho[2040:], last.rho, atol=1e-12)
    np.testing.assert_array_equal(together.at_boundary[2040:], last.at_boundary)


def test_only_two_by_two_tables_with_one_empty_cell_are_filled():
    """Two empty cells are perfect order, and larger tables may well have empty cells."""
    tables = np.array([[[3.0, 0], [2, 4]], [[3, 0], [0, 4]], [[3, 1], [2, 4]], [[3, 0], [2, 4]]])
    filled = add_to_empty_cells(tables, np.array([True, True, True, False]), 0.5)
    assert filled[1].tolist() == [True, False, False, False]
    np.testing.assert_array_equal(filled[0][0], [[3, 0.5], [2, 4]])
    np.testing.assert_array_equal(filled[0][1:], tables[1:])
    assert not add_to_empty_cells(tables, np.ones(4, dtype=bool), 0.0)[1].any()


def test_thresholds_of_rounded_weights_stay_finite():
    """Sums of weights that are rounded do not push the last threshold to infinity or beyond."""
    margins = np.array([[0.1, 0.2, 0.3, 1e-17, 0.0]])
    cuts = thresholds_of_margins(margins)[0]
    assert np.isfinite(cuts[:2]).all()
    assert cuts[3] == np.inf


def test_a_pair_with_one_answer_to_an_item_is_refused():
    """Item b varies, but not among those who answered a."""
    X = pd.DataFrame({"a": [1.0, 2, 1, 2, np.nan, np.nan, np.nan], "b": [1.0, 1, 1, 1, 2, 2, 1]})
    message = "item 'b' must vary; the 4 respondents who also answered item 'a' gave it one answer"
    with pytest.raises(DataError, match=message):
        item_polychorics(read_ratings(X))
