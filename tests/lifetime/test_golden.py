"""The laws of the whole family against the oracle, at 2,000 points a model and some hundred more.

Every quantity is asked of all points in one call, parameters as arrays: that is how covariates and
posterior draws ask. The golden files come from tests/golden/make_oracle.py.
"""

import numpy as np
import pytest

from custvalue.lifetime import _beta_geo_nbd, _modified_beta_geo_nbd
from custvalue.lifetime._beta_geo_beta_binom import BetaGeoBetaBinomialLaw
from custvalue.lifetime._beta_geo_nbd import BetaGeoNBDLaw
from custvalue.lifetime._gamma_gompertz_nbd import GammaGompertzNBDLaw
from custvalue.lifetime._modified_beta_geo_nbd import ModifiedBetaGeoNBDLaw
from custvalue.lifetime._nbd import NBDLaw
from custvalue.lifetime._pareto_nbd import ParetoNBDLaw
from support import oracle

LAWS = {
    "beta_geo_nbd": BetaGeoNBDLaw,
    "modified_beta_geo_nbd": ModifiedBetaGeoNBDLaw,
    "pareto_nbd": ParetoNBDLaw,
    "gamma_gompertz_nbd": GammaGompertzNBDLaw,
    "nbd": NBDLaw,
    "beta_geo_beta_binom": BetaGeoBetaBinomialLaw,
}
FAMILIES = {
    "beta_geo_cnbd": _beta_geo_nbd,
    "modified_beta_geo_cnbd": _modified_beta_geo_nbd,
}
REGULAR = {f"{name}_{k}": (name, k) for name in FAMILIES for k in (2, 3, 5, 12)}
MODELS = [*LAWS, *REGULAR]
LIVE_POINTS = 20

# The library promises a log-likelihood to 1e-10 (1 + |ll|), P(alive) to 1e-9, and all else to 1e-8
# where it is above 1e-12. The laws reach 3.2e-12, 2e-14 and 1e-12; asked is a little less. P(alive)
# is also right to 4e-12 of itself, however small.
LIKELIHOOD = 1e-11
ALIVE, ALIVE_RELATIVE = 5e-14, 2e-11
RELATIVE = 5e-12
NEGLIGIBLE = 1e-12
SMALLEST = 1e-290

# Slopes are differences of terms of the size of (1 + |ll|) / parameter, of which double precision
# has sixteen digits. The library promises six digits, of no less than a millionth of that size; the
# laws reach 5.5e-8.
SLOPE = 2e-7
SMALL_SLOPE = 1e-6


def law_of(model):
    """Return the class of the law."""
    if model in LAWS:
        return LAWS[model]
    name, k = REGULAR[model]
    return FAMILIES[name].law_for(k)


def points_of(model, section="points"):
    """Return a section of the golden file as arrays; of a regular model, its k only."""
    if model in LAWS:
        return oracle.load_points(model, section)
    name, k = REGULAR[model]
    points = oracle.load_points(name, section)
    return select(points, points["k"] == k)


def select(points, rows):
    return {column: values[rows] for column, values in points.items()}


def law_at(model, points):
    """Return the law with one set of parameters a row."""
    law = law_of(model)
    return law(*(points[name] for name in law.names))


def history_of(model, points):
    """Return the columns of the law's rows."""
    gaps = ("log_interval_sum",) if model in REGULAR else ()
    return tuple(points[column] for column in ("x", "t_x", "T", *gaps))


def gradient_of(model, points):
    """Return the golden gradient, and the sizes of which errors are a part."""
    law = law_of(model)
    slopes = np.stack([points[f"d_{name}"] for name in law.names], axis=1)
    values = np.stack([points[name] for name in law.names], axis=1)
    floor = SMALL_SLOPE * (1 + np.abs(points["log_likelihood"]))[:, None] / values
    return slopes, np.maximum(np.abs(slopes), floor)


def worst(errors):
    """Return the largest error; what is not a number counts as infinite."""
    return np.max(np.where(np.isnan(errors), np.inf, errors), initial=0.0)


def relative(found, wanted):
    """Return the errors relative to the truth, or to 1e-12 where that is larger."""
    assert np.isfinite(found).all()
    return np.abs(found - wanted) / np.maximum(np.abs(wanted), NEGLIGIBLE)


@pytest.mark.parametrize("name", LAWS)
def test_there_are_enough_points(name):
    """Every model has 2,000 points, and 60 or more for each quantity that takes longer."""
    assert len(points_of(name)["T"]) >= 2000
    for section in ("ahead", "purchase_probability", "purchase_probability_new", "discounted"):
        columns = points_of(name, section)
        assert len(next(iter(columns.values()))) >= 60


@pytest.mark.parametrize("model", MODELS)
def test_log_likelihood(model):
    """The log-likelihood has eleven digits of 1 + |ll| at every point."""
    points = points_of(model)
    wanted = points["log_likelihood"]
    found = law_at(model, points).log_likelihood(*history_of(model, points))
    assert worst(np.abs(found - wanted) / (1 + np.abs(wanted))) <= LIKELIHOOD


@pytest.mark.parametrize("model", MODELS)
def test_gradient(model):
    """The gradient has six digits at every point, and comes with the same log-likelihood."""
    points = points_of(model)
    law, history = law_at(model, points), history_of(model, points)
    values, found = law.log_likelihood_with_gradient(*history)
    wanted, sizes = gradient_of(model, points)
    assert worst(np.abs(found - wanted) / sizes) <= SLOPE
    off = np.abs(values - points["log_likelihood"]) / (1 + np.abs(values))
    assert worst(off) <= LIKELIHOOD


@pytest.mark.parametrize("model", MODELS)
def test_probability_alive(model):
    """P(alive) is right at every point, also relative to itself, and at a later time."""
    points = points_of(model)
    wanted = points["probability_alive"]
    found = law_at(model, points).probability_alive(*history_of(model, points))
    assert worst(np.abs(found - wanted)) <= ALIVE
    possible = wanted > SMALLEST
    errors = np.abs(found - wanted)[possible] / wanted[possible]
    assert worst(errors) <= ALIVE_RELATIVE
    points = points_of(model, "ahead")
    law, history = law_at(model, points), history_of(model, points)
    found = law.probability_alive(*history, points["ahead"])
    assert worst(relative(found, points["probability_alive"])) <= RELATIVE


@pytest.mark.parametrize("model", MODELS)
def test_expected_purchases(model):
    """The expectation given a history has eleven digits at every point."""
    points = points_of(model)
    law, history = law_at(model, points), history_of(model, points)
    found = law.expected_purchases(*history, points["horizon"])
    assert worst(relative(found, points["expected_purchases"])) <= RELATIVE


@pytest.mark.parametrize("model", MODELS)
def test_expected_purchases_new(model):
    """The expectation of a new customer has eleven digits at every point."""
    points = points_of(model)
    found = law_at(model, points).expected_purchases_new(points["horizon"])
    assert worst(relative(found, points["expected_purchases_new"])) <= RELATIVE


@pytest.mark.parametrize("model", MODELS)
def test_purchase_probability(model):
    """Probabilities of 0 to 200 purchases have eleven digits, given a history and without."""
    points = points_of(model, "purchase_probability")
    law, history = law_at(model, points), history_of(model, points)
    found = law.purchase_probability(*history, points["n"], points["horizon"])
    assert worst(relative(found, points["purchase_probability"])) <= RELATIVE
    points = points_of(model, "purchase_probability_new")
    found = law_at(model, points).purchase_probability_new(points["n"], points["horizon"])
    assert worst(relative(found, points["purchase_probability_new"])) <= RELATIVE


@pytest.mark.parametrize("model", MODELS)
def test_discounted_expected_purchases(model):
    """Discounted expectations have eleven digits, for finite horizons and for ever."""
    points = points_of(model, "discounted")
    found = np.empty_like(points["rate"])
    for row, rate in enumerate(points["rate"]):
        one = select(points, [row])
        law, history = law_at(model, one), history_of(model, one)
        found[row] = law.discounted_expected_purchases(*history, float(rate), one["horizon"])[0]
    assert worst(relative(found, points["discounted_expected_purchases"])) <= RELATIVE


@pytest.mark.parametrize("name", [*LAWS, *FAMILIES])
def test_live_points(name):
    """Twenty points of every model, worked out anew, have the values of the golden file."""
    every = oracle.load_points(name)
    longest = 20 if name == "beta_geo_beta_binom" else np.inf
    points = select(every, every["T"] <= longest)
    rows = np.linspace(0, len(points["T"]) - 1, LIVE_POINTS).astype(int)
    for number, row in enumerate(rows):
        point = {column: float(values[row]) for column, values in points.items()}
        agrees_with_the_oracle(name, point, expectation=number % 3 == 0 and name in LAWS)


def agrees_with_the_oracle(name, point, expectation):
    """Compare likelihood, P(alive), gradient and perhaps the expectation."""
    model = oracle.MODELS[name](*(point[letter] for letter in oracle.MODELS[name].names))
    history = [point[column] for column in ("x", "t_x", "T", "log_interval_sum") if column in point]
    letters = [letter for letter in model.names if letter != "k"]
    found = {
        "log_likelihood": model.log_likelihood(*history),
        "probability_alive": model.probability_alive(*history),
        **{f"d_{k}": slope for k, slope in zip(letters, model.gradient(*history), strict=True)},
    }
    if expectation:
        found["expected_purchases"] = model.expected_purchases(*history, point["horizon"])
    for quantity, value in found.items():
        np.testing.assert_allclose(float(value), point[quantity], rtol=1e-14, err_msg=quantity)
