import numpy as np
import pytest

from custvalue._likelihood.specification import Process, Specification
from custvalue._likelihood.standardisation import Standardisation
from custvalue.exceptions import DataError
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw

LINKS = BetaGeoNBDLaw.links
SPECIFICATION = Specification(
    BetaGeoNBDLaw,
    (
        Process("purchase", LINKS["purchase"], ("age", "shop")),
        Process("dropout", LINKS["dropout"], ("shop",)),
    ),
)
COVARIATES = (np.array([20.0, 35.0, 50.0, 80.0]), np.array([0.0, 1.0, 1.0, 0.0]))
THETA = np.array([-1.4, 1.5, -0.2, 0.9, 0.3, -0.4, 0.7])


def test_means_and_deviations_are_weighted():
    """A weight of two counts twice, a weight of nothing does not count."""
    found = Standardisation.of(SPECIFICATION, COVARIATES, np.array([2.0, 1, 1, 0]))
    repeated = np.array([20.0, 20, 35, 50])
    np.testing.assert_allclose(found.means[0], repeated.mean())
    np.testing.assert_allclose(found.scales[0], repeated.std())


def test_the_law_of_every_row_is_the_same_on_both_scales():
    """Standardised covariates with theta, and the user's with the estimates that come out."""
    change = Standardisation.of(SPECIFICATION, COVARIATES, None)
    inside = SPECIFICATION.law_at(np.exp(THETA[:4]), THETA[4:], change.applied(COVARIATES))
    natural = change.natural(THETA)
    outside = SPECIFICATION.law_at(natural[:4], natural[4:], COVARIATES)
    for name in BetaGeoNBDLaw.names:
        inner, outer = (np.broadcast_to(getattr(law, name), 4) for law in (inside, outside))
        np.testing.assert_allclose(inner, outer, rtol=1e-12)


def test_many_thetas_are_changed_at_once():
    """One row of estimates for every row of theta."""
    change = Standardisation.of(SPECIFICATION, COVARIATES, None)
    several = change.natural(np.stack([THETA, THETA / 2]))
    np.testing.assert_allclose(several[1], change.natural(THETA / 2), rtol=1e-14)


def test_the_covariance_is_that_of_draws():
    """Small normal draws of theta, taken across, have the covariance of the delta method."""
    change = Standardisation.of(SPECIFICATION, COVARIATES, None)
    generator = np.random.default_rng(0)
    root = generator.normal(size=(7, 7)) * 1e-4
    drawn = change.natural(THETA + generator.normal(size=(200_000, 7)) @ root)
    found = change.covariance(THETA, root.T @ root)
    scale = np.sqrt(np.outer(np.diag(found), np.diag(found)))
    # 200,000 draws give a correlation to about .002.
    np.testing.assert_allclose(np.cov(drawn.T) / scale, found / scale, atol=0.01)


def test_a_covariate_that_does_not_vary_is_refused():
    """The message names the column and its only value."""
    with pytest.raises(DataError, match=r"'shop' is 1 in all 4 rows"):
        Standardisation.check(SPECIFICATION, (COVARIATES[0], np.ones(4)))


def test_covariates_that_say_the_same_are_refused():
    """Of one process; the message names them."""
    with pytest.raises(DataError, match="purchase must not depend linearly .*; age, shop do"):
        Standardisation.check(SPECIFICATION, (COVARIATES[0], 3 * COVARIATES[0] - 1))
