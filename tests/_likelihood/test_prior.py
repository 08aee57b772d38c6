import numpy as np
import pytest

from custvalue._likelihood.prior import coordinate_names, default_prior, penalty
from custvalue._likelihood.specification import Process, Specification
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw

SPECIFICATION = Specification(
    BetaGeoNBDLaw, (Process("purchase", BetaGeoNBDLaw.links["purchase"], ("age",)),)
)
UNITS = np.array([1.0, 30.0, 1.0, 1.0])
THETA = np.array([-1.4, 1.5, -0.2, 0.9, 0.3])


def test_coordinates_are_logs_and_for_a_beta_its_mean_and_size():
    """Each has a name by which its prior can be replaced."""
    assert coordinate_names(SPECIFICATION) == (
        "log r",
        "log alpha",
        "logit a/(a+b)",
        "log(a+b)",
        "purchase:age",
    )


def test_the_density_is_that_of_independent_normals():
    """Written out by hand, up to the constant."""
    a, b = np.exp(THETA[2:4])
    coordinates = [THETA[0], THETA[1] - np.log(30), np.log(a / b), np.log(a + b), THETA[4]]
    normals = [(0, 2), (0, 2), (0, 2), (1, 1.5), (0, 1)]
    expected = sum(
        -0.5 * ((c - mean) / sd) ** 2 for c, (mean, sd) in zip(coordinates, normals, strict=True)
    )
    found = default_prior(SPECIFICATION, UNITS, 0.0).log_density(THETA)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_change_of_the_time_unit_changes_nothing():
    """Seven times the unit and seven times alpha have the same density."""
    days = THETA + np.array([0, np.log(7), 0, 0, 0])
    one = default_prior(SPECIFICATION, UNITS, 0.0).log_density(THETA)
    other = default_prior(SPECIFICATION, UNITS * [1, 7, 1, 1], 0.0).log_density(days)
    np.testing.assert_allclose(one, other, rtol=1e-13)


def test_the_gradient_agrees_with_central_differences():
    """Of the default prior at a point away from its mode; differences are good to 1e-9."""
    prior = default_prior(SPECIFICATION, UNITS, 4.0)
    steps = 1e-6 * np.eye(5)
    slopes = (prior.log_density(THETA + steps) - prior.log_density(THETA - steps)) / 2e-6
    np.testing.assert_allclose(prior.gradient(THETA), slopes, atol=1e-7)


def test_the_density_is_proper_in_the_logarithms_of_the_parameters():
    """Over log a and log b it integrates to what the two normals do: the change has factor 1."""
    grid = np.linspace(-40, 40, 1601)
    log_a, log_b = np.meshgrid(grid, grid)
    theta = np.stack([0 * log_a, np.log(30.0) + 0 * log_a, log_a, log_b, 0 * log_a], axis=-1)
    mass = np.exp(default_prior(SPECIFICATION, UNITS, 0.0).log_density(theta)).sum() * 0.05**2
    np.testing.assert_allclose(mass, 2 * np.pi * 2 * 1.5, rtol=1e-6)


def test_the_penalty_is_on_coefficients_only():
    """l2 / 2 times their squares."""
    np.testing.assert_allclose(penalty(SPECIFICATION, 8.0).log_density(THETA), -4 * 0.3**2)


def test_a_prior_can_be_replaced():
    """By the name of its coordinate."""
    narrow = default_prior(SPECIFICATION, UNITS, 0.0, {"log r": (-1.4, 0.1)})
    wide = default_prior(SPECIFICATION, UNITS, 0.0)
    difference = narrow.log_density(THETA) - wide.log_density(THETA)
    np.testing.assert_allclose(difference, 0.5 * (1.4 / 2) ** 2)


@pytest.mark.parametrize(
    ("replaced", "message"),
    [({"log q": (0, 1)}, "prior must name coordinates"), ({"log r": (0, 0)}, "positive standard")],
)
def test_wrong_replacements_are_refused(replaced, message):
    """An unknown name and a deviation of nothing."""
    with pytest.raises(ValueError, match=message):
        default_prior(SPECIFICATION, UNITS, 0.0, replaced)
