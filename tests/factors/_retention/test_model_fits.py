"""Models of 0, 1, 2, ... factors."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from custvalue.factors._retention.model_fits import (
    lowest_bic_number,
    model_fits,
    sequential_number,
)


def fitted(matrix, n_observations, max_factors=None):
    return model_fits(matrix, n_observations, max_factors, np.random.default_rng(0))


def test_harman_agrees_with_factanal(harman):
    """R's factanal(covmat, n.obs=145, factors=k), 20 starts, optim's factr=10: 1e-6 of chi-square.

    Degrees of freedom and BIC = chi-square - df log n follow.
    """
    found = fitted(harman, 145, 5)
    assert_allclose(
        found.chi_square[1:],
        [622.906523405, 420.235192136, 295.591250548, 226.683844723, 186.820306947],
        rtol=1e-6,
    )
    assert found.degrees_of_freedom[1:].tolist() == [252, 229, 207, 186, 166]
    assert_allclose(found.p_value[4:], [0.0223955907964, 0.128326366116], rtol=1e-4)
    assert_allclose(found.bic[3], -734.592634133, rtol=1e-6)
    assert found.converged.all()
    assert found.heywood.tolist() == [0] * 6


def test_ability_agrees_with_published_fits(ability):
    """Chi-squares that R prints (75.18, 6.11); RMSEA and CFI by the formulas of psych."""
    found = fitted(ability, 112, 2)
    assert_allclose(found.chi_square, [268.353766, 75.179591, 6.106616], atol=1e-5)
    assert_allclose(found.rmsea[1:], [0.256074, 0.067984], atol=1e-6)
    assert_allclose(found.cfi, [0, 0.738786, 0.991685], atol=1e-6)


def test_no_factor_is_bartletts_test(attitude):
    """The model of no factor: psych 2.2.9 cortest.bartlett(attitude), 98.75278 with df 21."""
    found = fitted(attitude, 30, 0)
    assert_allclose(found.chi_square, [98.75278], atol=5e-6)
    assert found.degrees_of_freedom.tolist() == [21]
    assert found.cfi.tolist() == [0]


def test_models_are_tried_up_to_a_third_of_the_items(harman):
    """Eight for 24, since BIC rises after the third."""
    assert len(fitted(harman, 145).bic) == 9


def test_models_are_tried_as_far_as_degrees_of_freedom_go(ability):
    """Six items allow three factors, with nothing left to test."""
    found = fitted(ability, 112)
    assert found.degrees_of_freedom.tolist() == [15, 9, 4, 0]
    assert np.isnan(found.p_value[3])


def test_models_are_tried_while_bic_falls():
    """Four pairs and one triple of eleven items: five factors, more than a third of the items."""
    groups = np.repeat(np.arange(5), [2, 2, 2, 2, 3])
    matrix = np.where(groups[:, None] == groups, 0.7, 0.2) + 0.3 * np.eye(11)
    found = fitted(matrix, 20_000)
    assert len(found.bic) >= 6
    assert np.argmin(found.bic) >= 4


@pytest.mark.parametrize(
    ("p_values", "number"),
    [([0.0, 0.04, 0.2, 0.01], 2), ([0.3], 0), ([0.0, 0.01, np.nan], None)],
)
def test_the_first_model_that_is_not_rejected(p_values, number):
    """At 5 %; a model without a test is none."""
    assert sequential_number(np.array(p_values)) == number


def test_the_lowest_bic():
    """Unknown ones are passed over, and where all are, there is no answer."""
    assert lowest_bic_number(np.array([5.0, -3.0, np.nan, 1.0])) == 1
    assert lowest_bic_number(np.array([np.nan, np.nan])) is None
