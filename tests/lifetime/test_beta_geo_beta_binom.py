"""BG/BB on the donors: the published fit, what follows from it, and what a table must be."""

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.door import read_table
from custvalue.datasets import load_donations
from custvalue.exceptions import DataError
from custvalue.lifetime import BetaGeoBetaBinomial
from custvalue.lifetime.beta_geo_beta_binom import check_opportunities

# BTYD's walk-through prints seven digits.
PUBLISHED = {"alpha": 1.203528, "beta": 0.749726, "gamma": 0.656781, "delta": 2.783796}


@pytest.fixture(scope="module")
def donations():
    """Return the 22 histories with their weights."""
    return load_donations()


@pytest.fixture(scope="module")
def model(donations):
    """Return the model fitted to the 11,104 donors."""
    model = BetaGeoBetaBinomial(horizon=5, time_unit="year")
    return model.fit(donations, sample_weight=donations["weight"])


def table(**columns):
    """Read a small table as an estimator does."""
    return read_table(pd.DataFrame(columns, dtype=float), ("frequency", "recency", "T"))


def test_estimates_are_the_published_ones(model, donations):
    """Within 2e-4, and no worse: BTYD stops 1e-6 below the maximum, at -33225.58.

    A step of 1e-4 in delta is a thousandth of its standard error.
    """
    for name, value in PUBLISHED.items():
        assert model.params_[name] == pytest.approx(value, rel=2e-4)
    theirs = BetaGeoBetaBinomial.from_params(PUBLISHED)
    weights = donations["weight"]
    assert theirs.score(donations, sample_weight=weights) <= model.score(
        donations, sample_weight=weights
    )
    assert model.log_likelihood_ == pytest.approx(-33225.58, abs=5e-3)
    assert model.n_customers_ == 11104
    assert model.convergence_.sound


def test_weights_and_donors_one_by_one_give_the_same_fit(model, donations):
    """22 rows with weights, or 11,104 rows without."""
    each = donations.loc[donations.index.repeat(donations["weight"])]
    one_by_one = BetaGeoBetaBinomial().fit(each.reset_index(drop=True))
    pd.testing.assert_series_equal(one_by_one.params_, model.params_, rtol=1e-6)
    pd.testing.assert_frame_equal(one_by_one.covariance_, model.covariance_, rtol=1e-4)


def test_the_published_predictions(model, donations):
    """12884.2 gifts in five years, and P(alive next year) .11, .59 and .93 (Hardie's spreadsheet).

    lifetimes' tests quote the spreadsheet. BTYD's estimates give 12883.97, the maximum 12884.16.
    """
    total = model.predict(donations) @ donations["weight"]
    assert total == pytest.approx(12884.2, abs=0.05)
    alive = model.probability_alive(donations, ahead=1)
    np.testing.assert_allclose(alive.iloc[[0, 9, 21]], [0.11, 0.59, 0.93], atol=5e-3)
    assert model.expected_purchases_new(10) == pytest.approx(3.179805, rel=5e-5)


def test_donors_of_the_last_year_are_alive(model, donations):
    """Who gave at the last opportunity has not left before it; the others may have."""
    alive = model.probability_alive(donations)
    assert ((alive == 1) == (donations["recency"] == 6)).all()


def test_a_fraction_of_an_opportunity_is_none(model, donations):
    """A horizon of 5.9 years brings what 5 years bring, and 0.9 nothing."""
    five, more = (model.expected_purchases(donations, h) for h in (5, 5.9))
    pd.testing.assert_series_equal(five, more)
    assert (model.expected_purchases(donations, 0.9) == 0).all()


def test_the_next_gift_comes_at_an_opportunity(model, donations):
    """Quantiles are whole: the first opportunity by which P(a gift) reaches q; never, else."""
    wait = model.next_purchase_quantile(donations, 0.5)
    assert np.isinf(wait.iloc[0])
    finite = wait[np.isfinite(wait)]
    assert len(finite) > 5
    for i, opportunity in finite.items():
        donor = donations.iloc[[i]]
        before, then = (
            model.purchase_probability(donor, 0, opportunity - back).item() for back in (1, 0)
        )
        assert then <= 0.5 < before
        assert opportunity == np.floor(opportunity)


RULES = {
    "recency whole": ({"frequency": [1, 1], "recency": [1, 1.5], "T": [3, 3]}, "recency must be a"),
    "T whole": ({"frequency": [0], "recency": [0], "T": [2.5]}, "T must be a whole number of opp"),
    "at most one": (
        {"frequency": [1, 3], "recency": [1, 2], "T": [3, 3]},
        r"frequency must not exceed recency \(.*\); row 1 has frequency=3.0, recency=2.0",
    ),
    "too many": ({"frequency": [1], "recency": [1], "T": [10_001]}, "T must not exceed 10,000 opp"),
}


@pytest.mark.parametrize("case", RULES)
def test_tables_that_do_not_count_opportunities_are_refused(case):
    """Each broken rule is one error that names it; both the check and the model raise it."""
    columns, message = RULES[case]
    with pytest.raises(DataError, match=message):
        check_opportunities(table(**columns))
    with pytest.raises(DataError, match=message):
        BetaGeoBetaBinomial.from_params(PUBLISHED).predict(pd.DataFrame(columns))


def test_tables_that_count_opportunities_pass():
    """No opportunities, none taken, all taken."""
    check_opportunities(table(frequency=[0, 0, 1, 6], recency=[0, 0, 4, 6], T=[0, 6, 6, 6]))


def test_simulated_donors_need_whole_numbers_of_opportunities(model):
    """Half an opportunity is refused, and what is drawn is a table for the model."""
    with pytest.raises(ValueError, match=r"T must hold whole numbers of opportunities; found 2.5"):
        model.simulate(3, 2.5)
    drawn = model.simulate(1000, 6, random_state=1)
    assert len(model.transform(drawn)) == 1000
    assert (drawn["frequency"] <= drawn["recency"]).all()


def test_without_dropout_the_end_of_the_search_is_the_beta_binomial():
    """Customers who never leave: the fit runs to the boundary and names the limit."""
    generator = np.random.default_rng(0)
    takes = generator.random((3000, 12)) < generator.beta(2.0, 3.0, (3000, 1))
    last = (takes * np.arange(1, 13)).max(axis=1)
    X = pd.DataFrame({"frequency": takes.sum(axis=1), "recency": last, "T": 12})
    with pytest.warns(UserWarning, match="did not reach a proper maximum"):
        fitted = BetaGeoBetaBinomial().fit(X)
    assert "beta-binomial: nobody ever leaves" in fitted.convergence_.limiting_model
    np.testing.assert_allclose(fitted.params_[["alpha", "beta"]], [2, 3], rtol=0.15)
