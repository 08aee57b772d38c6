"""Likelihood ratios are judged by the right distribution, on the boundary too."""

import numpy as np
import pytest
from scipy.stats import chi2

from custvalue._likelihood.likelihood_ratio import likelihood_ratio


@pytest.mark.parametrize(("statistic", "df"), [(3.841459, 1), (5.991465, 2), (7.814728, 3)])
def test_the_printed_critical_values_of_chi_squared_have_five_per_cent(statistic, df):
    """Upper 5 % points of chi-squared, as every table prints them."""
    found = likelihood_ratio(statistic, df, on_boundary=False)
    assert found.p_value == pytest.approx(0.05, abs=1e-7)
    assert found.distribution == f"chi2_{df}"


def test_on_the_boundary_half_the_probability_has_a_degree_less():
    """Critical values of the mixtures: 2.7055 with 1, 5.1388 with 2 (Self and Liang 1987)."""
    for statistic, df in ((2.705543, 1), (5.138, 2)):
        found = likelihood_ratio(statistic, df, on_boundary=True)
        assert found.p_value == pytest.approx(0.05, abs=1e-5)
    assert found.distribution == "1/2 chi2_1 + 1/2 chi2_2"
    assert likelihood_ratio(0.0, 1, on_boundary=True).p_value == 1.0


def test_the_mixture_agrees_with_what_it_mixes():
    """Drawn from one half zero and one half chi-squared, p-values are uniform where positive."""
    generator = np.random.default_rng(5)
    drawn = np.where(generator.random(2000) < 0.5, 0.0, chi2.rvs(1, size=2000, random_state=6))
    p_values = [likelihood_ratio(x, 1, on_boundary=True).p_value for x in drawn]
    rejected = np.mean(np.array(p_values) < 0.1)
    assert abs(rejected - 0.1) < 4 * np.sqrt(0.09 / 2000)


def test_names_go_with_the_result():
    """The result says which models it compares."""
    found = likelihood_ratio(1.0, 2, on_boundary=False, larger="A", smaller="B")
    assert (found.larger, found.smaller, found.df, found.statistic) == ("A", "B", 2, 1.0)
