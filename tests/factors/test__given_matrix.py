"""Matrices that users hand in."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError
from custvalue.factors._given_matrix import given_correlations

R = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 0.2], [0.3, 0.2, 1.0]])


def frame(values: np.ndarray, names: str = "abc") -> pd.DataFrame:
    """Return a matrix with labels on rows and columns."""
    return pd.DataFrame(values, index=list(names), columns=list(names))


def test_a_frame_names_the_items():
    """Correlations as they are; nothing is known of the scale."""
    given = given_correlations(frame(R), n_observations=50)
    assert given.items == ["a", "b", "c"]
    assert given.labelled
    np.testing.assert_array_equal(given.correlations.matrix, R)
    assert given.correlations.n_observations == 50.0
    assert np.isnan([given.correlations.means, given.correlations.standard_deviations]).all()
    assert given.correlations.doubts == ()


@pytest.mark.parametrize("matrix", [R, R.tolist()])
def test_an_array_has_numbered_items(matrix):
    """x0, x1, ...; without n_observations the number is not known."""
    given = given_correlations(matrix, n_observations=None)
    assert given.items == ["x0", "x1", "x2"]
    assert not given.labelled
    assert np.isnan(given.correlations.n_observations)


def test_a_frame_without_row_labels_takes_the_names_of_its_columns():
    """``pd.DataFrame(R, columns=names)`` says all there is to say."""
    assert given_correlations(pd.DataFrame(R, columns=list("abc")), n_observations=9).items == [
        "a",
        "b",
        "c",
    ]


def test_a_covariance_matrix_is_scaled():
    """Attitude: correlations and standard deviations come out of the covariances."""
    survey = load_attitude()
    known = given_correlations(survey.cov(), n_observations=30, means=survey.mean()).correlations
    np.testing.assert_allclose(known.matrix, survey.corr(), atol=1e-14)
    np.testing.assert_allclose(known.standard_deviations, survey.std(), rtol=1e-14)
    np.testing.assert_allclose(known.means, survey.mean(), rtol=1e-14)


@pytest.mark.parametrize(
    "scale", [[1.0, 2.0, 3.0], {"c": 3.0, "a": 1.0, "b": 2.0}, pd.Series([3, 1, 2], list("cab"))]
)
def test_scales_are_given_in_order_or_by_name(scale):
    """A mapping or a Series is read by its labels."""
    known = given_correlations(
        frame(R), n_observations=9, means=scale, standard_deviations=scale
    ).correlations
    assert known.means.tolist() == known.standard_deviations.tolist() == [1.0, 2.0, 3.0]


def test_rounding_of_the_input_is_forgiven():
    """Asymmetry and correlations beyond 1 of 1e-9 are not worth an error."""
    rough = R.copy()
    rough[0, 1] += 1e-9
    matrix = given_correlations(rough, n_observations=9).correlations.matrix
    assert (matrix == matrix.T).all()
    twins = np.array([[1.0, 1 + 1e-9], [1 + 1e-9, 1.0]])
    found = given_correlations(twins, n_observations=9).correlations
    assert "determine one another" in found.doubts[0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            [[1, 0.5], [0.4, 1]],
            r"symmetric; items 'x0' and 'x1' have 0\.5 and 0\.4 across \(1 such",
        ),
        ([[1, np.nan], [np.nan, 1]], r"finite; items 'x0' and 'x1' have nan and nan across"),
        ([[np.inf, 0], [0, 1]], r"finite; items 'x0' and 'x0' have inf \(1 such pair"),
        ([[1, 1.5], [1.5, 1]], r"no correlation beyond 1; items 'x0' and 'x1' have 1\.5"),
        ([[4, 5], [5, 4]], r"no correlation beyond 1; items 'x0' and 'x1' have 1\.25"),
        ([[1, 0], [0, 0]], r"diagonal of matrix must be positive; item 'x1' has 0\.0 \(1 such"),
        ([[1, 0, 0], [0, 1, 0]], r"must be square; found shape \(2, 3\). Give answers as X"),
        ([[1, 2], [3]], "must hold numbers in rows of one length"),
        ([["a", "b"], ["c", "d"]], "must hold numbers in rows of one length"),
        ([[1.0]], r"needs at least two items; matrix has shape \(1, 1\)"),
    ],
)
def test_what_is_no_correlation_matrix_is_refused(values, message):
    """The message names the rule and the first items that break it."""
    with pytest.raises(DataError, match=message):
        given_correlations(values, n_observations=9)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (frame(R).loc[["b", "a", "c"]], "same labels in the same order; found rows b, a, c"),
        (frame(R, "aba"), "must be unique; found more than once: 'a'"),
        (pd.DataFrame(np.ones((5, 2)), columns=["a", "b"]), "same labels .* Give answers as X"),
    ],
)
def test_labels_must_agree(matrix, message):
    """Rows and columns are the same items; a table of answers is not a matrix."""
    with pytest.raises(DataError, match=message):
        given_correlations(matrix, n_observations=9)


@pytest.mark.parametrize("matrix", ["R", {"a": 1}, 3.0])
def test_what_is_no_table_is_refused(matrix):
    """Frames and arrays are matrices, nothing else."""
    with pytest.raises(TypeError, match="must be a pandas frame or an array; found"):
        given_correlations(matrix, n_observations=9)


@pytest.mark.parametrize("n", [0, -3, np.nan, np.inf, True, "9"])
def test_the_number_of_observations_is_positive(n):
    """A count, or None where it is not known."""
    with pytest.raises(ValueError, match="n_observations must be a positive number; found"):
        given_correlations(R, n_observations=n)


def test_few_observations_are_doubted():
    """No more respondents than items."""
    doubts = given_correlations(R, n_observations=3).correlations.doubts
    assert doubts == ("n_observations should exceed the number of items; found 3 for 3 items",)


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ({"means": [1.0, 2.0]}, r"means must have shape \(3,\), one number an item; found shape"),
        ({"means": [1.0, np.nan, 2]}, r"means must be finite; item 'b' has nan \(1 such item"),
        ({"means": {"a": 1.0, "c": 2.0}}, "means must name every item; missing: b"),
        ({"standard_deviations": [1, 0, -1]}, r"must be positive; item 'b' has 0\.0 \(2 such"),
    ],
)
def test_wrong_scales_are_refused(scales, message):
    """One finite number an item, standard deviations positive."""
    with pytest.raises(ValueError, match=message):
        given_correlations(frame(R), n_observations=9, **scales)


def test_a_covariance_matrix_has_its_own_standard_deviations():
    """Two sources of one thing are refused."""
    with pytest.raises(ValueError, match="must be None where matrix is a covariance matrix"):
        given_correlations(4 * R, n_observations=9, standard_deviations=[2, 2, 2])


def test_an_impossible_matrix_is_repaired_and_doubted():
    """The nearest positive definite matrix takes its place."""
    wrong = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.9], [0.0, 0.9, 1.0]])
    known = given_correlations(wrong, n_observations=100).correlations
    assert "no set of complete answers has such correlations" in known.doubts[0]
    assert np.linalg.eigvalsh(known.matrix)[0] > 0
    assert known.smallest_eigenvalue < -0.2


def test_some_items_are_taken_in_their_order():
    """Rows and columns by name; what is wrong with the others does not matter."""
    values = np.array([[1.0, 0.5, 0.3], [0.5, 1.0, 2.0], [0.3, 2.0, 1.0]])
    found = given_correlations(frame(values), n_observations=50, items=["c", "a"], means=[3.0, 4.0])
    assert found.items == ["c", "a"]
    np.testing.assert_allclose(found.correlations.matrix, [[1.0, 0.3], [0.3, 1.0]])
    assert found.correlations.means.tolist() == [3.0, 4.0]
    numbered = given_correlations(values, n_observations=50, items=("x0", "x1"))
    assert numbered.items == ["x0", "x1"]
    assert not numbered.labelled
    with pytest.raises(DataError, match="matrix must have all items; missing: 'd'"):
        given_correlations(frame(values), n_observations=50, items=["a", "d"])


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (
            np.ones((2, 3)),
            DataError,
            r"^R must be square.* \(2, 3\). Answers are for fit",
        ),
        ([[1.0, "a"], [0.2, 1.0]], DataError, "^R must hold numbers"),
        ([[1.0, 0.1], [0.2, 1.0]], DataError, "^R must be symmetric"),
        ([[1.0, np.nan], [np.nan, 1.0]], DataError, "^R must be finite"),
        ([[1.0, 0.1], [0.1, 0.0]], DataError, "^the diagonal of R must be positive"),
        (pl.DataFrame({"a": [1.0]}), TypeError, "found a DataFrame of polars. Answers are for fit"),
    ],
)
def test_messages_call_the_matrix_by_its_name(matrix, error, message):
    """``fit_correlation`` calls it R, and has no X."""
    with pytest.raises(error, match=message):
        given_correlations(matrix, n_observations=None, parameter="R")
