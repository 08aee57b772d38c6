import numpy as np

from custvalue._likelihood.specification import Process, Specification
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from support.attrition import histories

AGE = np.linspace(-1, 1, 10)
SHOP = np.tile([0.0, 1.0], 5)
SPECIFICATION = Specification(
    BetaGeoNBDLaw,
    (
        Process("purchase", BetaGeoNBDLaw.links["purchase"], ("age", "shop")),
        Process("dropout", BetaGeoNBDLaw.links["dropout"], ("shop",)),
    ),
)
PARAMETERS, COEFFICIENTS = np.array([0.243, 4.414, 0.793, 2.426]), np.array([0.3, -0.2, 0.5])


def test_every_covariate_is_a_column_once_and_a_coefficient_for_every_process():
    """Columns, coefficients and labels come in the order of first mention."""
    assert SPECIFICATION.columns == ("frequency", "recency", "T", "age", "shop")
    assert SPECIFICATION.coefficients == (
        ("purchase", "age"),
        ("purchase", "shop"),
        ("dropout", "shop"),
    )
    assert SPECIFICATION.labels[4:] == ("purchase:age", "purchase:shop", "dropout:shop")


def test_a_row_has_the_law_of_its_covariates():
    """Evaluated together, rows have the likelihood that each has by itself."""
    together = SPECIFICATION.law_at(PARAMETERS, COEFFICIENTS, (AGE, SHOP))
    values = together.log_likelihood(*histories())
    for i in range(10):
        eta = 0.5 * SHOP[i]
        r, alpha, a, b = PARAMETERS
        share = 1 / (1 + b / a * np.exp(-eta))
        alone = BetaGeoNBDLaw(
            r,
            alpha * np.exp(-0.3 * AGE[i] + 0.2 * SHOP[i]),
            (a + b) * share,
            (a + b) * (1 - share),
        )
        own = alone.log_likelihood(*(column[i : i + 1] for column in histories()))
        np.testing.assert_allclose(values[i], own[0], rtol=1e-12)


def test_without_covariates_the_law_keeps_its_numbers():
    """No arrays are made where none are needed: tables by count stay possible."""
    law = Specification(BetaGeoNBDLaw).law_at(PARAMETERS, (), ())
    assert np.ndim(law.r) == 0


def test_the_gradient_in_theta_agrees_with_central_differences():
    """In the logarithms of the parameters and in every coefficient; differences good to 1e-8."""
    law = SPECIFICATION.law_at(PARAMETERS, COEFFICIENTS, (AGE, SHOP))
    _, own = law.log_likelihood_with_gradient(*histories())
    found = SPECIFICATION.derivatives_in_theta(PARAMETERS, COEFFICIENTS, (AGE, SHOP), own)
    theta, step = np.append(np.log(PARAMETERS), COEFFICIENTS), 1e-5

    def total(theta):
        law = SPECIFICATION.law_at(np.exp(theta[:4]), theta[4:], (AGE, SHOP))
        return law.log_likelihood(*histories())

    for i in range(7):
        shift = step * np.eye(7)[i]
        slope = (total(theta + shift) - total(theta - shift)) / (2 * step)
        np.testing.assert_allclose(found[:, i], slope, rtol=1e-5, atol=1e-4)
