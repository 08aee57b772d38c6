"""kmo and bartlett_sphericity."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors.adequacy import bartlett_sphericity, kmo


@pytest.fixture
def attitude() -> pd.DataFrame:
    """Return the answers of 30 departments to seven questions."""
    return load_attitude()


def test_attitude_is_fit_for_factors(attitude):
    """KMO .7632754 and Bartlett 98.75278 (df 21, p 4.7925e-12), psych 2.2.9, to all digits."""
    found = kmo(attitude)
    assert found.overall == pytest.approx(0.763275432159, abs=1e-11)
    assert found.items["complaints"] == pytest.approx(0.737495686637, abs=1e-11)
    assert found.items.index.tolist() == attitude.columns.tolist()
    assert (found.items.name, found.items.index.name) == ("kmo", "item")
    test = bartlett_sphericity(attitude)
    assert test.chi_square == pytest.approx(98.7527786622, abs=1e-9)
    assert test.degrees_of_freedom == 21
    assert test.p_value == pytest.approx(4.79253903553e-12, rel=1e-9)
    assert test.log_p_value == pytest.approx(np.log(test.p_value))


@pytest.mark.parametrize("form", ["correlation", "covariance", "array", "polars"])
def test_a_matrix_or_another_frame_gives_the_same(attitude, form):
    """Correlations, covariances and a polars frame with ids say what the answers say."""
    expected = kmo(attitude), bartlett_sphericity(attitude)
    if form == "polars":
        frame = pl.from_pandas(attitude.reset_index(names="department"))
        found = kmo(frame), bartlett_sphericity(frame)
    else:
        matrix = attitude.cov() if form == "covariance" else attitude.corr()
        matrix = matrix.to_numpy() if form == "array" else matrix
        found = kmo(matrix=matrix), bartlett_sphericity(matrix=matrix, n_observations=30)
    assert found[0].overall == pytest.approx(expected[0].overall, abs=1e-12)
    assert found[1].chi_square == pytest.approx(expected[1].chi_square, abs=1e-9)


def test_the_order_of_respondents_changes_nothing(attitude):
    """Turned round, the answers have the same adequacy to the last digits."""
    assert kmo(attitude[::-1]).overall == pytest.approx(kmo(attitude).overall, abs=1e-12)


def test_the_kind_of_correlation_counts(attitude):
    """Spearman's correlations are those of the ranks."""
    assert kmo(attitude, correlation="spearman").overall == pytest.approx(
        kmo(attitude.rank()).overall, abs=1e-12
    )


def test_gaps_are_an_error_or_left_out_aloud(attitude):
    """A missing answer is named; "listwise" says how many respondents are left out."""
    holes = attitude.astype(float)
    holes.iloc[2, 1] = np.nan
    for function in (kmo, bartlett_sphericity):
        with pytest.raises(DataError, match="'complaints'.* row 2 "):
            function(holes)
    with pytest.warns(DataQualityWarning, match="1 of 30") as caught:
        found = kmo(holes, missing="listwise")
    assert caught[0].filename == __file__
    assert found.overall == pytest.approx(kmo(attitude.drop(index=2)).overall)
    with pytest.warns(DataQualityWarning, match="1 of 30"):
        bartlett_sphericity(holes, missing="listwise")


def test_both_or_no_input_is_an_error(attitude):
    """Exactly one of X and matrix."""
    for function in (kmo, bartlett_sphericity):
        with pytest.raises(ValueError, match=f"{function.__name__} .*exactly one"):
            function()
    with pytest.raises(ValueError, match="exactly one"):
        kmo(attitude, matrix=attitude.corr())


def test_the_test_of_a_matrix_needs_respondents(attitude):
    """Without their number there is no statistic."""
    with pytest.raises(ValueError, match=r"n_observations must be given with matrix; found None"):
        bartlett_sphericity(matrix=attitude.corr())


def test_too_few_respondents_are_an_error():
    """The message says how many are needed: 1 + (2p + 5) / 6 for p items."""
    matrix = np.full((9, 9), 0.5) + 0.5 * np.eye(9)
    with (
        pytest.warns(DataQualityWarning, match="exceed the number of items"),
        pytest.raises(DataError, match=r"needs more than 4\.8 respondents for 9 items; found 4"),
    ):
        bartlett_sphericity(matrix=matrix, n_observations=4)


def test_results_cannot_be_changed(attitude):
    """Both results are frozen."""
    with pytest.raises(AttributeError):
        kmo(attitude).overall = 1.0
    with pytest.raises(AttributeError):
        bartlett_sphericity(attitude).p_value = 1.0


def test_there_is_no_adequacy_of_items_that_determine_one_another(attitude):
    """The total beside its items: inverse and determinant are those of a repair, and are not told.

    The repair has a smallest eigenvalue of 1e-8, from which Bartlett's statistic would be 400.
    """
    with_total = attitude.assign(total=attitude.sum(axis=1))
    for function in (kmo, bartlett_sphericity):
        with (
            pytest.warns(DataQualityWarning, match="not positive definite"),
            pytest.warns(DataQualityWarning, match="is NaN: it needs the") as caught,
        ):
            function(with_total)
        assert {one.filename for one in caught} == {__file__}
    with pytest.warns(DataQualityWarning):
        found, test = kmo(with_total), bartlett_sphericity(with_total)
    assert np.isnan(found.overall)
    assert found.items.isna().all()
    assert test.degrees_of_freedom == 28
    assert np.isnan([test.chi_square, test.p_value, test.log_p_value]).all()


def test_a_weight_is_so_many_respondents(attitude):
    """Rows with counts, and rows of weight 0, give what the respondents give."""
    weights = np.r_[0, 3, np.ones(28)]
    repeated = attitude.iloc[np.repeat(np.arange(30), weights.astype(int))]
    assert kmo(attitude, sample_weight=weights).overall == pytest.approx(kmo(repeated).overall)
    found = bartlett_sphericity(attitude, sample_weight=weights)
    assert found.chi_square == pytest.approx(bartlett_sphericity(repeated).chi_square)
    with pytest.raises(ValueError, match="sample_weight must be None beside matrix"):
        kmo(matrix=attitude.corr(), sample_weight=weights)
