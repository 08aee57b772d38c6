"""All criteria side by side, on arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from custvalue.factors._retention.model_fits import model_fits
from custvalue.factors._retention.retention import (
    CRITERIA,
    NEED_RESPONDENTS,
    Retention,
    check_observations,
    retention,
)

FIT_COLUMNS = {
    "chi_square": 98.75278,
    "degrees_of_freedom": 21.0,
    "rmsea": np.sqrt(98.75278 / (21 * 30) - 1 / 29),
    "cfi": 0.0,
    "bic": 98.75278 - 21 * np.log(30),
    "heywood": 0.0,
}


def asked(correlations, *criteria, seed=0, **options) -> Retention:
    generator = np.random.default_rng(seed)
    return retention(
        correlations, criteria=criteria or tuple(CRITERIA), generator=generator, **options
    )


def test_harman(known, harman):
    """Known answers for the 24 tests of 145 children.

    psych 2.2.9: parallel analysis of 4 factors (SMC) and 3 components, MAP 4. By R's eigenvalues:
    5 above 1. By R's factanal: 5 factors not rejected (p = 0.128 after 0.022), lowest BIC of 3.
    EKC: 1.5018 exceeds 1.1381, 1.0252 does not exceed 1.0464.
    """
    suggested = asked(known(harman, 145.0)).suggested
    assert suggested["parallel_factors"] == 4
    assert suggested["parallel"] == 3
    assert suggested["map"] == 4
    assert suggested["kaiser"] == suggested["optimal_coordinates"] == 5
    assert suggested["scree"] == 1
    assert suggested["chi_square"] == 5
    assert suggested["bic"] == 3
    assert suggested["ekc"] == 4


def test_attitude(known, attitude):
    """Known answers for attitude: parallel 1 and 1 (psych 2.2.9), MAP 1 (psych), Kaiser 2."""
    suggested = asked(known(attitude, 30.0)).suggested
    assert {name: suggested[name] for name in ("parallel_factors", "parallel", "map")} == {
        "parallel_factors": 1,
        "parallel": 1,
        "map": 1,
    }
    assert suggested["kaiser"] == 2


def test_the_table_stands_by_number_of_factors(known, attitude):
    """From 0 to 7; eigenvalues from 1, partial correlations to 6, models to 3."""
    table = asked(known(attitude, 30.0)).table
    assert {len(column) for column in table.values()} == {8}
    assert_allclose(table["eigenvalue"][[1, 7]], [3.716376, 0.140438], atol=6e-7)
    assert_allclose(table["reduced_eigenvalue"][1], 3.3490876773, atol=1e-9)
    assert np.isnan(table["eigenvalue"][0])
    assert_allclose(table["average_squared_partial"][1], 0.0926669664333, atol=1e-12)
    assert np.isnan(table["average_squared_partial"][7])
    for name, value in FIT_COLUMNS.items():
        assert_allclose(table[name][0], value, atol=1e-4)
        assert np.isfinite(table[name][3])
        assert np.isnan(table[name][4])


def test_acceleration_stands_where_the_choice_cuts(known, attitude):
    """At 1, how sharply the scree bends after the first: l1 - 2 l2 + l3."""
    found = asked(known(attitude), "scree")
    expected = 3.716376 - 2 * 1.140922 + 0.847192
    assert_allclose(found.table["acceleration"][1], expected, atol=4e-6)
    assert found.suggested == {"scree": 1}


@pytest.mark.parametrize("n_observations", [50.0, 5.0])
def test_unrelated_items_have_no_factor(known, n_observations):
    """Every criterion that has an answer for the identity says 0."""
    suggested = asked(known(np.eye(6), n_observations)).suggested
    assert set(suggested.values()) <= {0, None}
    assert suggested["parallel_factors"] == suggested["map"] == suggested["ekc"] == 0


def test_a_clear_structure_is_seen_by_all(known):
    """Three groups of six items, correlated by .7, .5 and .35: 3 by every criterion."""
    matrix = np.kron(np.diag([0.7, 0.5, 0.35]), np.ones((6, 6)))
    np.fill_diagonal(matrix, 1.0)
    suggested = asked(known(matrix, 500.0)).suggested
    assert set(suggested.values()) == {3}


def test_three_items(known):
    """One factor has no degrees of freedom left: no test and no hull."""
    matrix = np.array([[1, 0.6, 0.5], [0.6, 1, 0.4], [0.5, 0.4, 1]])
    suggested = asked(known(matrix, 80.0)).suggested
    assert suggested["parallel_factors"] == suggested["kaiser"] == suggested["bic"] == 1
    assert suggested["hull"] is None
    assert suggested["chi_square"] is None


def test_two_items(known):
    """They make no scree, and no model."""
    suggested = asked(known(np.array([[1, 0.5], [0.5, 1]]), 80.0)).suggested
    for name in ("scree", "optimal_coordinates", "hull", "chi_square"):
        assert suggested[name] is None
    assert suggested["parallel_factors"] == 1


def test_fewer_respondents_than_items(known):
    """Everything is computed; nothing of six random people is more than chance."""
    answers = np.random.default_rng(4).normal(size=(6, 9))
    matrix = np.corrcoef(answers.T) * (1 - 1e-6) + 1e-6 * np.eye(9)
    suggested = asked(known(matrix, 6.0)).suggested
    assert suggested["parallel_factors"] == suggested["parallel"] == 0


def test_only_what_is_asked_is_computed(known, attitude):
    """Neither replicates nor models for a rule of eigenvalues: the generator has not moved."""
    generator = np.random.default_rng(0)
    found = retention(known(attitude, 30.0), criteria=("kaiser",), generator=generator)
    assert generator.bit_generator.state == np.random.default_rng(0).bit_generator.state
    assert np.isnan(found.table["parallel_factors"]).all()
    assert np.isnan(found.table["chi_square"]).all()
    assert list(found.suggested) == ["kaiser"]


def test_a_seed_gives_the_same_answers(known, attitude):
    """Replicates and starts come from the generator alone."""
    first, again = (asked(known(attitude, 30.0), seed=5) for _ in range(2))
    for name, column in first.table.items():
        assert np.array_equal(column, again.table[name], equal_nan=True)
    other = asked(known(attitude, 30.0), "parallel_factors", seed=6)
    assert not np.array_equal(
        first.table["parallel_factors"][1:], other.table["parallel_factors"][1:]
    )


def test_the_percentile_is_that_asked_for(known, attitude):
    """A higher one leaves fewer factors, a lower one more."""
    low, high = (
        asked(known(attitude, 30.0), "parallel_factors", percentile=percentile).table[
            "parallel_factors"
        ]
        for percentile in (5, 99)
    )
    assert (low[1:] < high[1:]).all()


def test_the_most_factors_can_be_given(known, harman):
    """Two models and that of no factor."""
    table = asked(known(harman, 145.0), "bic", max_factors=2).table
    assert np.isfinite(table["bic"]).sum() == 3


def test_too_many_factors_are_refused(known, attitude):
    """Four factors of seven items have no degrees of freedom."""
    with pytest.raises(ValueError, match="max_factors must be at most 3 for 7 items.*found 4"):
        asked(known(attitude, 30.0), "bic", max_factors=4)


def test_categories_are_shuffled(known):
    """Polychoric replicates of 200 respondents vary more than correlations of normals do."""
    codes = np.random.default_rng(2).integers(0, 2, size=(200, 5))
    plain = asked(known(np.eye(5), 200.0), "parallel_factors")
    categories = asked(known(np.eye(5), 200.0), "parallel_factors", codes=codes, n_replicates=40)
    assert categories.table["parallel_components"][1] > plain.table["parallel_components"][1] + 0.1
    assert categories.suggested["parallel_factors"] == 0


def test_models_that_did_not_converge_are_told(known, attitude, monkeypatch):
    """By their numbers of factors; where all converged there is nothing to tell."""

    def stopped(*arguments, **options):
        found = model_fits(*arguments, **options)
        return replace(found, converged=np.array([True, True, False, False]))

    assert asked(known(attitude, 30.0), "bic").doubts == ()
    monkeypatch.setattr("custvalue.factors._retention.retention.model_fits", stopped)
    (doubt,) = asked(known(attitude, 30.0), "bic").doubts
    assert doubt.startswith("the models of 2, 3 factors did not converge")


@pytest.mark.parametrize("name", NEED_RESPONDENTS)
def test_a_criterion_that_needs_respondents_says_so(known, attitude, name):
    """It is named, and so is what to give."""
    with pytest.raises(ValueError, match=f"n_observations must be given .*criteria '{name}'"):
        asked(known(attitude), name)


@pytest.mark.parametrize("name", sorted(set(CRITERIA) - set(NEED_RESPONDENTS)))
def test_other_criteria_need_none(known, attitude, name):
    """They look at the matrix alone."""
    assert asked(known(attitude), name).suggested[name] in (1, 2)


def test_an_unknown_criterion_is_refused(known, attitude):
    """The message names those that are known."""
    with pytest.raises(ValueError, match="criteria must be among 'parallel'.*found 'velicer'"):
        asked(known(attitude), "velicer")


def test_two_respondents_are_too_few():
    """Their correlations are 1 and -1, always."""
    with pytest.raises(ValueError, match="n_observations must exceed 2 for this; found 2"):
        check_observations(2.0, "this")
    check_observations(2.5, "this")


def test_repaired_correlations_fit_no_model(known, attitude):
    """What rests on a likelihood has no answer, and a sentence says so; the rest has one."""
    repaired = replace(known(attitude, 30.0), smallest_eigenvalue=0.0)
    found = asked(repaired)
    none = [name for name, number in found.suggested.items() if number is None]
    assert sorted(none) == ["bic", "chi_square", "hull"]
    assert np.isnan(found.table["chi_square"]).all()
    [doubt] = found.data_doubts
    assert doubt.endswith("'hull', 'chi_square', 'bic' have no answer")
    assert asked(repaired, "bic").data_doubts[0].endswith("'bic' has no answer")
    assert asked(repaired, "kaiser").data_doubts == ()
    assert asked(known(attitude, 30.0)).data_doubts == ()
