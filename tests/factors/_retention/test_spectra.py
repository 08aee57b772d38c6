"""Eigenvalues of correlation matrices, whole and reduced."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose

from custvalue.factors._retention.spectra import spectra


def test_published_eigenvalues_of_components(attitude, ability):
    """R's eigen() of attitude and ability.cov, six digits printed."""
    assert_allclose(
        spectra(attitude).components,
        [3.716376, 1.140922, 0.847192, 0.612870, 0.323673, 0.218531, 0.140438],
        atol=6e-7,
    )
    assert_allclose(
        spectra(ability).components,
        [3.076824, 1.139688, 0.817187, 0.411313, 0.355074, 0.199915],
        atol=6e-7,
    )


def test_published_eigenvalues_of_factors(attitude, ability, harman):
    """R: eigen() of the matrix with psych 2.2.9 smc() on its diagonal; all digits printed."""
    assert_allclose(
        spectra(attitude).factors,
        [
            3.3490876773292,
            0.6856817947603,
            0.2155684154113,
            0.0631281378031,
            -0.0865866267485,
            -0.1583368422882,
            -0.1794390387909,
        ],
        atol=1e-12,
    )
    assert_allclose(
        spectra(ability).factors,
        [
            2.6051897488455,
            0.6622510465585,
            0.0984723092317,
            -0.0700558416459,
            -0.1577879222713,
            -0.2282455967778,
        ],
        atol=1e-12,
    )
    assert_allclose(
        spectra(harman).factors[:4],
        [7.664519311, 1.671640410, 1.208130811, 0.920025423],
        atol=6e-10,
    )


def test_a_batch_is_many_matrices(attitude):
    """Each matrix of a batch has the eigenvalues that it has alone."""
    flat = np.full((7, 7), 0.3) + 0.7 * np.eye(7)
    both = spectra(np.stack([attitude, flat]))
    for row, matrix in enumerate((attitude, flat)):
        assert_allclose(both.components[row], spectra(matrix).components, atol=1e-14)
        assert_allclose(both.factors[row], spectra(matrix).factors, atol=1e-14)


def test_unrelated_items_have_no_factors():
    """The reduced identity is nothing."""
    assert spectra(np.eye(5)).components.tolist() == [1.0] * 5
    assert_allclose(spectra(np.eye(5)).factors, 0.0, atol=1e-15)


def test_items_that_determine_each_other_are_all_common():
    """With fewer respondents than items the reduced matrix is the matrix itself."""
    answers = np.random.default_rng(0).normal(size=(6, 9))
    found = spectra(np.corrcoef(answers.T))
    assert_allclose(found.factors, found.components, atol=1e-6)
