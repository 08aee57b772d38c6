"""FactorAnalyzer: figures of psych and R, what it refuses, and what it warns of.

"psych" is R's psych 2.2.9. Its searches and those of factanal stop early, so that their last digits
are not those of the optimum: where 1e-5 stands beside a figure, that is why.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import multivariate_normal
from sklearn.model_selection import GridSearchCV
from sklearn.utils.estimator_checks import parametrize_with_checks

import custvalue
from custvalue.datasets import load_attitude, make_survey
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.factors import FactorAnalyzer, factor_retention
from support.matrices import ABILITY_COVARIANCES

ITEMS = ["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"]
ABILITY = ["general", "picture", "blocks", "maze", "reading", "vocab"]
COVARIANCES = pd.DataFrame(ABILITY_COVARIANCES, index=ABILITY, columns=ABILITY)
"""Of 112 persons."""


def oblimin(**changes):
    """Return a fit of two oblique factors to the attitude survey."""
    return FactorAnalyzer(n_factors=2, rotation="oblimin", random_state=0, **changes).fit(
        load_attitude()
    )


def ability(**changes):
    """Return a fit of the ability tests."""
    return FactorAnalyzer(random_state=0, **changes).fit_correlation(
        COVARIANCES, n_observations=112
    )


def test_minres_and_oblimin_agree_with_psych():
    """Loadings, factor correlation and the scores of three departments by all four methods."""
    found = oblimin()
    loadings = [
        [0.914270, -0.107892],
        [0.957857, -0.053889],
        [0.487397, 0.205245],
        [0.578455, 0.352109],
        [0.567958, 0.453893],
        [0.113022, 0.273565],
        [-0.042158, 0.965974],
    ]
    np.testing.assert_allclose(found.loadings_, loadings, atol=1e-5)
    assert found.factor_correlations_.iloc[0, 1] == pytest.approx(0.342883, abs=1e-5)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ("regression", [[-1.389170, 0.134032], [-0.200953, 0.307813], [0.562928, 0.652673]]),
        ("bartlett", [[-1.508365, 0.174438]]),
        ("ten_berge", [[-1.444726, 0.163766]]),
        ("anderson", [[-1.537118, 0.445687]]),
    ],
)
def test_scores_agree_with_psych(scores, expected):
    """The first departments, within what psych's early stop leaves (2e-5)."""
    found = oblimin(scores=scores).transform(load_attitude())
    np.testing.assert_allclose(found.iloc[: len(expected)], expected, atol=2e-5)


def test_maximum_likelihood_agrees_with_factanal():
    """Uniquenesses, chi-square and both scores of the first department (factanal, 1e-5)."""
    found = FactorAnalyzer(n_factors=2, method="ml", rotation="varimax").fit(load_attitude())
    unique = [0.209726, 0.132336, 0.641017, 0.396382, 0.317739, 0.896860, 0.036622]
    np.testing.assert_allclose(found.uniquenesses_, unique, atol=1e-5)
    assert found.fit_indices_["chi_square"] == pytest.approx(5.47420119, abs=1e-7)
    assert found.fit_indices_["degrees_of_freedom"] == 8
    assert found.fit_indices_["p_value"] == pytest.approx(0.70589658, abs=1e-7)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [("regression", [-1.52917701, 0.27021691]), ("bartlett", [-1.66527340, 0.30485182])],
)
def test_the_preset_of_r_ends_where_its_varimax_ends(scores, expected):
    """factanal's scores of the first department, whose varimax stops early; 5e-5 for its psi."""
    found = FactorAnalyzer(n_factors=2, method="ml", scores=scores, preset="r")
    one = found.fit(load_attitude()).transform(load_attitude()).iloc[0]
    np.testing.assert_allclose(one, expected, atol=5e-5)


def test_a_covariance_matrix_is_enough():
    """ML of the ability tests: uniquenesses, chi-square and fit indices as R and psych print."""
    found = ability(n_factors=2, method="ml", rotation=None)
    unique = [0.455224, 0.589332, 0.218180, 0.769421, 0.052452, 0.333588]
    np.testing.assert_allclose(found.uniquenesses_, unique, atol=1e-6)
    # psych's formulas, from 12 digits of the optimum.
    expected = {
        "chi_square": 6.10661650,
        "null_chi_square": 268.353766,
        "tli": 0.9684065,
        "nnfi": 0.968819,
        "cfi": 0.991685,
        "rmsea": 0.067984,
        "bic": -12.767379,
    }
    for name, value in expected.items():
        assert found.fit_indices_[name] == pytest.approx(value, abs=1e-6), name
    adequacy = {"kmo": 0.7320747, "chi_square": 268.353765, "degrees_of_freedom": 15}
    for name, value in adequacy.items():
        assert found.adequacy_[name] == pytest.approx(value, abs=1e-6), name
    assert found.adequacy_["p_value"] == pytest.approx(2.027e-48, rel=1e-3)


def test_promax_is_that_of_r():
    """Promax behind R's varimax, from the optimum of the likelihood (R's algorithm, 1e-6)."""
    found = ability(n_factors=2, method="ml", rotation="promax", preset="r")
    loadings = {
        "general": [0.364222, 0.470405],
        "picture": [-0.057747, 0.671197],
        "blocks": [-0.091483, 0.931884],
        "maze": [-0.053655, 0.507995],
        "reading": [1.023366, -0.095491],
        "vocab": [0.811237, 0.009101],
    }
    expected = pd.DataFrame(loadings).T.loc[ABILITY]
    order = found.loadings_.loc["reading"].to_numpy().argsort()[::-1]
    np.testing.assert_allclose(found.loadings_.to_numpy()[:, order], expected, atol=1e-6)
    assert found.factor_correlations_.iloc[0, 1] == pytest.approx(0.556923, abs=1e-6)


def test_promax_is_that_of_psych():
    """psych normalises the oblique step too (fa(rotate="promax") of psych 2.2.9, 2e-6)."""
    found = ability(n_factors=2, method="ml", rotation="promax", preset="psych")
    loadings = [
        [0.39044311, 0.45043319],
        [-0.02679496, 0.65486767],
        [-0.04863580, 0.90944933],
        [-0.03034017, 0.49584544],
        [1.03032475, -0.11456157],
        [0.82074467, -0.00823261],
    ]
    np.testing.assert_allclose(found.loadings_, loadings, atol=2e-6)
    assert found.factor_correlations_.iloc[0, 1] == pytest.approx(0.538585029, abs=1e-6)


def test_oblique_solutions_keep_their_parts_together():
    """Structure is pattern times Phi; communalities count Phi, which rivals forget."""
    for preset in (None, "psych", "spss", "r"):
        found = oblimin(preset=preset)
        pattern, phi = found.loadings_.to_numpy(), found.factor_correlations_.to_numpy()
        np.testing.assert_allclose(found.structure_, pattern @ phi, atol=1e-14)
        np.testing.assert_allclose(found.communalities_, np.diag(pattern @ phi @ pattern.T))
        assert np.abs(np.square(pattern).sum(axis=1) - found.communalities_).max() > 0.05


def test_residuals_are_what_the_factors_leave():
    """R less what pattern and Phi reproduce; nothing on the diagonal."""
    found = oblimin()
    left = found.residuals()
    assert list(left.index) == ITEMS
    np.testing.assert_allclose(np.diag(left), 0, atol=1e-12)
    root = np.sqrt(np.mean(left.to_numpy()[np.triu_indices(7, 1)] ** 2))
    assert found.fit_indices_["rms_residual"] == pytest.approx(root, abs=1e-12)


def test_parallel_analysis_chooses_the_number():
    """One factor for the attitude survey (psych, seed 42); all criteria are reported."""
    found = FactorAnalyzer(random_state=42).fit(load_attitude())
    assert found.n_factors_ == 1
    assert found.suggested_n_factors_["parallel"] == 1
    assert found.suggested_n_factors_["kaiser"] == 2
    eigenvalues = [3.716376, 1.140922, 0.847192, 0.612870, 0.323673, 0.218531, 0.140438]
    np.testing.assert_allclose(found.retention_["eigenvalue"].loc[1:], eigenvalues, atol=1e-6)
    assert list(found.transform(load_attitude()).columns) == ["factor_1"]


@pytest.mark.parametrize(
    ("criterion", "number"),
    [("map", 1), ("kaiser", 2), ("ekc", 1), ("hull", 2), ("chi_square", 2), ("bic", 1)],
)
def test_any_criterion_may_choose(criterion, number):
    """The number taken is what `factor_retention` says of the survey, and known.

    psych 2.2.9: MAP 1 and eigenvalues 3.716, 1.141, .847. R's factanal: p = .0377 and BIC -22.9 of
    one factor, .706 and -21.7 of two. By hand: the second reference of EKC is 1.204, and the CFI of
    0, .862, 1, 1 gains nothing after two factors, where the hull bends most.
    """
    found = FactorAnalyzer(n_factors=criterion, random_state=0).fit(load_attitude())
    asked = factor_retention(load_attitude(), criteria=[criterion], random_state=0)
    assert found.n_factors_ == asked.suggested[criterion] == number
    assert found.loadings_.shape == (7, number)


def test_models_are_fitted_only_to_decide(monkeypatch):
    """Parallel analysis chooses without a likelihood; `factor_retention` has all."""
    survey = load_attitude()
    found = FactorAnalyzer(n_factors="bic", random_state=0).fit(survey)
    assert found.retention_["bic"].notna().any()

    def fail(*_, **__):
        raise AssertionError("a model was fitted")

    monkeypatch.setattr("custvalue.factors._retention.retention.model_fits", fail)
    found = FactorAnalyzer(random_state=0).fit(survey)
    assert found.retention_["bic"].isna().all()
    assert found.retention_["parallel_factors"].notna().any()
    assert not {"hull", "chi_square", "bic"} & set(found.suggested_n_factors_.index)


def test_no_factor_is_said_and_one_taken():
    """Ratings that share nothing: parallel analysis suggests none."""
    noise = np.random.default_rng(0).normal(size=(500, 6))
    with pytest.warns(DataQualityWarning, match="'parallel' suggests 0 factors; 1 is taken"):
        found = FactorAnalyzer(method="principal", random_state=0).fit(noise)
    assert found.n_factors_ == 1


def test_polychoric_solutions_rest_on_one_matrix():
    """Loadings, KMO and eigenvalues all come from the polychoric correlations."""
    survey = make_survey(500, n_categories=5, satisfaction=False, random_state=3)
    found = FactorAnalyzer(correlation="polychoric", random_state=0).fit(survey)
    matrix = custvalue.factors.polychoric(survey).matrix
    np.testing.assert_allclose(found.correlation_, matrix, atol=1e-12)
    again = FactorAnalyzer(n_factors=found.n_factors_).fit_correlation(matrix, n_observations=500)
    np.testing.assert_allclose(again.loadings_, found.loadings_, atol=1e-7)
    assert again.adequacy_["kmo"] == pytest.approx(found.adequacy_["kmo"])
    assert found.n_factors_ == 3


def test_gaps_are_refused_unless_allowed():
    """The error names the item, the first row and how many there are."""
    survey = load_attitude().astype(float)
    survey.iloc[[3, 9], 2] = np.nan
    message = "column 'privileges' .* row 3 has privileges=nan .2 such rows.*'pairwise' and 'list"
    with pytest.raises(DataError, match=message):
        FactorAnalyzer(n_factors=2).fit(survey)
    with pytest.raises(DataError, match=message):
        oblimin().transform(survey)


def test_pairwise_scores_come_from_what_was_answered():
    """Everybody has a score; a respondent without any answer has none."""
    survey = load_attitude().astype(float)
    survey.iloc[[3, 9], 2] = np.nan
    survey.iloc[5] = np.nan
    found = FactorAnalyzer(n_factors=2, missing="pairwise").fit(survey)
    scores = found.transform(survey)
    assert np.flatnonzero(scores.isna().any(axis=1)).tolist() == [5]
    assert found.n_observations_ == 27


def test_listwise_leaves_incomplete_respondents_out_and_says_so():
    """The fit is that of the complete ones; the others have no score."""
    survey = load_attitude().astype(float)
    survey.iloc[[3, 9], 2] = np.nan
    with pytest.warns(DataQualityWarning, match="2 of 30 respondents"):
        found = FactorAnalyzer(n_factors=2, missing="listwise").fit(survey)
    complete = FactorAnalyzer(n_factors=2).fit(survey.dropna())
    np.testing.assert_allclose(found.loadings_, complete.loadings_, atol=1e-12)
    assert np.flatnonzero(found.transform(survey).isna().any(axis=1)).tolist() == [3, 9]


def test_heywood_cases_are_reported():
    """An item whose communality reaches 1 is named in a warning and in ``heywood_``."""
    loadings = np.array([0.99, 0.7, 0.6, 0.2, 0.1, 0.15])
    R = np.outer(loadings, loadings)
    R[0, 1] = R[1, 0] = 0.75
    R[3, 4] = R[4, 3] = 0.5
    np.fill_diagonal(R, 1.0)
    with pytest.warns(DataQualityWarning, match=r"Heywood case: .*'x0'"):
        found = FactorAnalyzer(n_factors=1).fit_correlation(R, n_observations=200)
    assert found.heywood_ == ["x0"]
    assert found.item_diagnostics_["heywood"].tolist() == [True, *[False] * 5]


def test_mirror_optima_are_found_and_counted():
    """The AR(1) matrix of 0.4 has two: F = .126681634 (statsmodels' test_1factor)."""
    R = 0.4 ** np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    found = FactorAnalyzer(n_factors=1, method="ml", random_state=0).fit_correlation(R)
    assert found.fit_indices_["discrepancy"] == pytest.approx(0.126681634, abs=1e-9)
    assert found.convergence_["extraction_optima"] == 2


def test_too_many_factors_are_said():
    """Minres takes them with a warning, maximum likelihood refuses."""
    with pytest.warns(DataQualityWarning, match="degrees of freedom -3"):
        ability(n_factors=4)
    with pytest.raises(ValueError, match="n_factors must be at most 3 for 6 items"):
        ability(n_factors=4, method="ml")


def test_an_extraction_without_a_fixed_point_is_said():
    """Principal axes of too many factors run away: a warning, and a Heywood case."""
    noise = np.random.default_rng(0).normal(size=(40, 6))
    model = FactorAnalyzer(n_factors=3, method="principal_axis", rotation=None)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = model.fit(noise)
    assert {entry.category for entry in caught} == {DataQualityWarning, ConvergenceWarning}
    assert any("extraction did not converge" in str(entry.message) for entry in caught)
    assert not found.convergence_["converged"]
    assert found.heywood_


def test_bootstrap_intervals_hold_the_loadings_and_shrink():
    """Aligned draws: intervals around the loadings, about half as wide for four times as many."""
    few, many = (
        FactorAnalyzer(n_factors=3, rotation="oblimin", n_bootstrap=60, random_state=0)
        .fit(make_survey(n, satisfaction=False, random_state=1))
        .loading_intervals_
        for n in (300, 1200)
    )
    for table in (few, many):
        inside = (table["lower"] <= table["loading"]) & (table["loading"] <= table["upper"])
        assert inside.mean() > 0.95
    ratio = (many["standard_error"] / few["standard_error"]).median()
    assert 0.4 < ratio < 0.6


def test_bootstrap_does_not_depend_on_the_order_of_respondents():
    """The same draws are made of shuffled rows."""
    survey = make_survey(200, satisfaction=False, random_state=1)
    first, second = (
        FactorAnalyzer(n_factors=3, n_bootstrap=19, random_state=0).fit(rows).loading_intervals_
        for rows in (survey, survey.sample(frac=1.0, random_state=2))
    )
    pd.testing.assert_frame_equal(first, second, rtol=1e-6)


def test_a_matrix_has_nobody_to_draw():
    """A bootstrap needs respondents."""
    with pytest.raises(ValueError, match="n_bootstrap must be 0"):
        ability(n_bootstrap=10)


def test_scores_need_means():
    """Fitted from a matrix, respondents can be scored once their scale is given."""
    survey = load_attitude()
    with pytest.raises(ValueError, match="means must be known to score respondents"):
        FactorAnalyzer(n_factors=2).fit_correlation(survey.corr()).transform(survey)
    model = FactorAnalyzer(n_factors=2).fit_correlation(survey.cov(), means=survey.mean())
    expected = FactorAnalyzer(n_factors=2).fit(survey).transform(survey)
    pd.testing.assert_frame_equal(model.transform(survey), expected, atol=1e-9)


def test_without_a_number_of_observations_tests_are_unknown():
    """Loadings are there, chi-square and RMSEA are not; parallel analysis asks for the number."""
    found = FactorAnalyzer(n_factors=2).fit_correlation(COVARIANCES)
    assert found.fit_indices_[["chi_square", "rmsea", "bic"]].isna().all()
    assert found.fit_indices_["srmr"] < 0.05
    with pytest.raises(ValueError, match="n_observations must be given"):
        FactorAnalyzer().fit_correlation(COVARIANCES)


def test_weights_count_respondents():
    """A weight of 2 is a respondent who is there twice; 0 leaves one out."""
    survey = load_attitude()
    weights = np.tile([2, 0, 1], 10)
    weighted = FactorAnalyzer(n_factors=2).fit(survey, sample_weight=weights)
    repeated = FactorAnalyzer(n_factors=2).fit(survey.loc[survey.index.repeat(weights)])
    np.testing.assert_allclose(weighted.loadings_, repeated.loadings_, atol=1e-9)
    assert weighted.n_observations_ == repeated.n_observations_ == 30


def test_targets_are_read_by_item():
    """A frame as target is put in the order of the items; its shape must fit."""
    survey = load_attitude()
    target = pd.DataFrame(np.nan, index=ITEMS, columns=["a", "b"])
    target.loc["rating", "b"] = target.loc["advance", "a"] = 0.0
    options = {"target": target.iloc[::-1]}
    found = FactorAnalyzer(n_factors=2, rotation="target_oblique", rotation_options=options)
    loadings = np.abs(found.fit(survey).loadings_.loc[["rating", "advance"]].to_numpy())
    np.testing.assert_allclose(np.sort(loadings, axis=1)[:, 0], 0.0, atol=1e-7)
    with pytest.raises(ValueError, match=r"'target' must be a table of 7 items by 2 factors"):
        found.set_params(rotation_options={"target": np.zeros((3, 2))}).fit(survey)


@pytest.mark.parametrize(
    ("rotation", "options", "message"),
    [
        ("varimax", {"gamma": 1.0}, "takes no option; found 'gamma'"),
        ("oblimin", {"power": 4}, "takes only the option 'gamma'; found 'power'"),
        (None, {"power": 4}, "takes no option; found 'power'"),
        ("target_oblique", {}, "must be a table of 7 items by 2 factors.*found none"),
    ],
)
def test_options_must_belong_to_the_rotation(rotation, options, message):
    """What a rotation does not take is an error."""
    model = FactorAnalyzer(n_factors=2, rotation=rotation, rotation_options=options)
    with pytest.raises(ValueError, match=message):
        model.fit(load_attitude())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.assign(raises=5), "item 'raises' must vary"),
        (lambda s: s.assign(raises="good"), "column 'raises' must be a number"),
        (lambda s: s.assign(raises=np.inf), "column 'raises' must be finite"),
        (lambda s: s[["raises"]], "at least"),
        (lambda s: s.head(1), "sample"),
        (lambda s: s.head(0), "at least one row"),
        (lambda s: s.assign(raises=pd.Timestamp("2024-01-01")), "no dates"),
    ],
)
def test_bad_surveys_are_refused(change, message):
    """One clear error that names the item and the rule."""
    with pytest.raises(DataError, match=message):
        FactorAnalyzer(n_factors=1).fit(change(load_attitude()))


@pytest.mark.parametrize("missing", ["raise", "pairwise"])
def test_duplicate_items_are_repaired_aloud(missing):
    """Two items that are the same make the matrix singular; the pair is named."""
    survey = load_attitude().assign(copy=lambda s: s["rating"])
    with (
        pytest.warns(DataQualityWarning, match="'rating' and 'copy'"),
        pytest.warns(DataQualityWarning, match="scores and determinacies are taken from"),
    ):
        found = FactorAnalyzer(n_factors=1, missing=missing).fit(survey)
    assert found.singular_
    assert found.transform(survey).std().between(0.8, 1.2).all()


def test_fewer_respondents_than_items_are_repaired_aloud():
    """n < p has no inverse; loadings and scores are there, with a warning."""
    survey = load_attitude().head(6)
    with pytest.warns(DataQualityWarning):
        found = FactorAnalyzer(n_factors=1).fit(survey)
    assert np.isfinite(found.loadings_.to_numpy()).all()


def three_factors(n):
    """Return twelve ratings of three factors, loadings .76, and their sum."""
    rng = np.random.default_rng(5)
    shared = np.kron(np.eye(3), np.full((1, 4), 0.7))
    ratings = rng.normal(size=(n, 3)) @ shared + 0.6 * rng.normal(size=(n, 12))
    return pd.DataFrame(ratings).add_prefix("item_").assign(total=ratings.sum(axis=1))


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
@pytest.mark.parametrize("scores", ["regression", "bartlett", "ten_berge", "anderson"])
@pytest.mark.parametrize("n", [400, 11])
def test_scores_of_singular_correlations_stay_scores(scores, n):
    """A total beside its items, or n < p: new totals that are .05 off move no score far."""
    survey = three_factors(400)
    model = FactorAnalyzer(n_factors=3, scores=scores, random_state=0).fit(survey.head(n))
    assert model.singular_
    assert model.factors_["determinacy"].between(0.5, 1).all()
    off = survey.assign(total=survey["total"] + 0.05)
    assert model.transform(survey.head(n)).std().between(0.7, 1.4).all()
    assert (model.transform(off) - model.transform(survey)).abs().max(axis=None) < 0.05


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
@pytest.mark.parametrize("k", [2, 13])
def test_components_of_singular_correlations(k):
    """Those with variance are sums of the items with variance 1; the one without moves little."""
    survey = three_factors(400)
    model = FactorAnalyzer(n_factors=k, method="principal", rotation=None).fit(survey)
    found = model.transform(survey)
    if k == 2:
        np.testing.assert_allclose(found.corr(), np.eye(2), atol=1e-6)
        np.testing.assert_allclose(found.std(), 1.0, atol=1e-6)
    off = survey.assign(total=survey["total"] + 0.05)
    assert (model.transform(off) - found).abs().max(axis=None) < 0.05


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
def test_a_likelihood_of_singular_correlations_decides_nothing():
    """BIC has no answer; the error says why."""
    with pytest.raises(DataError, match=r"'bic' has no answer.*the correlations were repaired"):
        FactorAnalyzer(n_factors="bic", random_state=0).fit(three_factors(50))


HEYWOOD = np.array(
    [
        [1.0, 0.75, 0.594, 0.198],
        [0.75, 1.0, 0.42, 0.14],
        [0.594, 0.42, 1.0, 0.12],
        [0.198, 0.14, 0.12, 1.0],
    ]
)
"""One factor with a loading above 1 on the first item: .75 x .594 / .42 = 1.06."""


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.ConvergenceWarning")
def test_a_heywood_case_has_no_determinacy():
    """A communality above 1 makes the determinacy exceed 1: it is NaN, not a number."""
    model = FactorAnalyzer(n_factors=1, method="principal_axis", rotation=None)
    with pytest.warns(DataQualityWarning, match="Heywood case"):
        found = model.fit_correlation(HEYWOOD, n_observations=200)
    assert found.uniquenesses_["x0"] < 0
    assert found.factors_[["determinacy", "minimum_correlation"]].isna().all(axis=None)


@pytest.mark.parametrize("scores", ["bartlett", "anderson"])
@pytest.mark.parametrize(("method", "k"), [("principal_axis", 1), ("principal", 4)])
def test_scores_that_divide_by_nothing_are_refused_at_fit(scores, method, k):
    """Negative uniquenesses, and all components: the remedy is named."""
    model = FactorAnalyzer(n_factors=k, method=method, rotation=None, scores=scores)
    with pytest.raises(ValueError, match=f"scores='{scores}' needs .*'x0'.*'regression'"):
        model.fit_correlation(HEYWOOD, n_observations=200)


def test_all_components_are_no_doubt():
    """Regression scores of p components of p items are the components; no warning on degrees."""
    survey = load_attitude()
    model = FactorAnalyzer(n_factors=7, method="principal", rotation=None)
    found = model.fit(survey).transform(survey)
    np.testing.assert_allclose(found.corr(), np.eye(7), atol=1e-9)
    np.testing.assert_allclose(model.factors_["determinacy"], 1.0, atol=1e-9)


@pytest.mark.parametrize(("n_bootstrap", "level"), [(1, 0.95), (18, 0.95), (3, 0.8)])
def test_too_few_resamples_are_refused(n_bootstrap, level):
    """There must be one beyond the level, or none at all."""
    with pytest.raises(ValueError, match=f"0 or at least .* for level={level}; found"):
        FactorAnalyzer(n_factors=1, n_bootstrap=n_bootstrap, level=level).fit(load_attitude())


def test_a_bootstrap_that_mostly_fails_has_no_intervals():
    """An item that one respondent of 30 answers differently; NaN, and a sentence."""
    survey = load_attitude().assign(rare=np.arange(30) == 0)
    model = FactorAnalyzer(n_factors=1, n_bootstrap=19, random_state=0)
    with pytest.warns(DataQualityWarning, match="of 19 bootstrap draws had no fit.*too few are"):
        found = model.fit(survey)
    assert found.loading_intervals_.drop(columns="loading").isna().all(axis=None)


def test_a_row_without_weight_is_no_row():
    """Weight 0 is the same as leaving the respondent out, bootstrap and parallel analysis too."""
    survey = load_attitude()
    extreme = pd.concat([survey, survey.head(1) * 0 - 99])
    options = {"n_bootstrap": 19, "random_state": 0}
    found = FactorAnalyzer(**options).fit(extreme, sample_weight=[1.0] * 30 + [0.0])
    without = FactorAnalyzer(**options).fit(survey)
    pd.testing.assert_frame_equal(found.loadings_, without.loadings_)
    pd.testing.assert_frame_equal(found.retention_, without.retention_)
    pd.testing.assert_frame_equal(found.loading_intervals_, without.loading_intervals_)
    new = survey.head(3)
    pd.testing.assert_frame_equal(found.transform(new), without.transform(new))


def test_weights_that_cannot_be_written_out_are_simulated():
    """Polychoric parallel analysis of fractional weights takes normal variables, and says so."""
    survey = make_survey(200, n_categories=4, satisfaction=False, random_state=3).iloc[:, :6]
    model = FactorAnalyzer(correlation="polychoric", n_replicates=10, random_state=0)
    for weight in (0.5, 1e6):
        with pytest.warns(DataQualityWarning, match="simulated normal variables instead of shuf"):
            found = model.fit(survey, sample_weight=np.full(200, weight))
        assert found.n_observations_ == pytest.approx(200 * weight)


def test_a_target_with_other_labels_is_refused():
    """It was read by position before."""
    target = pd.DataFrame(0.0, index=[*ITEMS[:-1], "advancement"], columns=["a", "b"])
    options = {"target": target}
    model = FactorAnalyzer(n_factors=2, rotation="target_oblique", rotation_options=options)
    with pytest.raises(ValueError, match="'target' must have the items as its index"):
        model.fit(load_attitude())


def test_a_matrix_is_read_by_items():
    """Rows and columns are chosen as columns of answers are."""
    wanted = ["vocab", "general", "blocks", "reading", "maze"]
    found = ability(items=wanted, n_factors=1)
    chosen = FactorAnalyzer(n_factors=1, random_state=0).fit_correlation(
        COVARIANCES.loc[wanted, wanted], n_observations=112
    )
    assert found.items_ == wanted
    assert found.n_features_in_ == 5
    pd.testing.assert_frame_equal(found.loadings_, chosen.loadings_)
    with pytest.raises(DataError, match="R must have all items; missing: 'colour'"):
        ability(items=["vocab", "general", "colour"], n_factors=1)


def test_a_refit_that_fails_leaves_the_analyzer_as_it_was():
    """Names, numbers and tables still belong together; scores still come."""
    survey = load_attitude()
    model = FactorAnalyzer(n_factors=2, random_state=0).fit(survey)
    before, scores = dict(vars(model)), model.transform(survey)
    with pytest.raises(ValueError, match="n_factors must be"):
        model.fit(survey[ITEMS[:2]])
    with pytest.raises(ValueError, match="n_factors must be"):
        model.fit_correlation(np.array([[1.0, 0.4], [0.4, 1.0]]), n_observations=30)
    assert list(vars(model)) == list(before)
    assert all(value is before[name] for name, value in vars(model).items())
    pd.testing.assert_frame_equal(model.transform(survey), scores)


@pytest.mark.parametrize(
    ("matrix", "error", "message"),
    [
        (pl.DataFrame({"a": [1.0, 0.2], "b": [0.2, 1.0]}), TypeError, "^R must be a pandas frame"),
        (np.ones((3, 2)), DataError, "^R must be square"),
        (np.array([[1.0, 0.2], [0.3, 1.0]]), DataError, "^R must be symmetric"),
    ],
)
def test_messages_of_a_matrix_name_the_parameter(matrix, error, message):
    """It is called R here."""
    with pytest.raises(error, match=message):
        FactorAnalyzer(n_factors=1).fit_correlation(matrix)


def test_a_matrix_of_unknown_many_respondents_says_what_to_do():
    """The default number of factors needs them; a number, or "map", does not."""
    with pytest.raises(ValueError, match="n_observations must be given where n_factors='parallel'"):
        FactorAnalyzer().fit_correlation(COVARIANCES)
    assert FactorAnalyzer(n_factors="map").fit_correlation(COVARIANCES).n_factors_ == 2


def test_the_score_is_the_mean_likelihood_of_the_ratings():
    """scipy's multivariate normal of the ratings under the model, weighted."""
    survey = load_attitude()
    model = oblimin()
    loadings, phi = model.loadings_.to_numpy(), model.factor_correlations_.to_numpy()
    scales = np.diag(model.standard_deviations_)
    implied = loadings @ phi @ loadings.T + np.diag(model.uniquenesses_)
    each = multivariate_normal(model.means_, scales @ implied @ scales).logpdf(survey)
    assert model.score(survey) == pytest.approx(each.mean(), rel=1e-12)
    weights = np.arange(30.0)
    expected = np.average(each, weights=weights)
    assert model.score(survey, sample_weight=weights) == pytest.approx(expected, rel=1e-12)


def test_gaps_leave_the_likelihood_of_what_was_answered():
    """Refused, read in part or left out, as ``missing`` says."""
    survey = load_attitude().astype(float)
    gaps = survey.copy()
    gaps.iloc[0, 2] = np.nan
    with pytest.raises(DataError, match="column 'privileges' must be finite"):
        oblimin().score(gaps)
    listwise = oblimin(missing="listwise")
    assert listwise.score(gaps) == pytest.approx(listwise.score(survey.iloc[1:]))
    pairwise = oblimin(missing="pairwise")
    rest = FactorAnalyzer(n_factors=2).fit(survey).score(survey.iloc[1:])
    assert pairwise.score(gaps.iloc[1:]) == pytest.approx(rest)
    assert pairwise.score(gaps) != pytest.approx(rest)


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
@pytest.mark.filterwarnings("ignore::custvalue.exceptions.ConvergenceWarning")
def test_a_grid_search_finds_the_number_of_factors():
    """Unseen respondents are likeliest under the three factors that made them."""
    survey = three_factors(600).drop(columns="total")
    model = FactorAnalyzer(n_factors=1, n_starts=3, random_state=0)
    search = GridSearchCV(model, {"n_factors": [1, 2, 3, 4]}, cv=4, refit=False).fit(survey)
    assert search.best_params_ == {"n_factors": 3}


def test_the_order_and_the_sign_of_items_do_not_matter():
    """Permuted items have permuted loadings; a turned item has turned loadings."""
    survey = load_attitude()
    first = oblimin().loadings_
    turned = survey[ITEMS[::-1]].assign(critical=lambda s: 100 - s["critical"])
    second = FactorAnalyzer(n_factors=2, rotation="oblimin", random_state=0).fit(turned).loadings_
    sign = pd.Series(1.0, index=ITEMS).where(np.array(ITEMS) != "critical", -1.0)
    np.testing.assert_allclose(second.loc[ITEMS].mul(sign, axis=0), first, atol=1e-7)


def test_reading_back_gives_the_same_scores(tmp_path):
    """A saved analyzer scores as before, and knows its tables."""
    survey = load_attitude()
    model = oblimin(n_bootstrap=5, level=0.8)
    model.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    pd.testing.assert_frame_equal(again.transform(survey), model.transform(survey))
    pd.testing.assert_frame_equal(again.loading_intervals_, model.loading_intervals_)
    pd.testing.assert_frame_equal(again.residuals(), model.residuals())


def test_output_names_follow_the_number_of_factors():
    """The names are those of the columns, in polars too, behind the id."""
    survey = load_attitude().rename_axis("department").reset_index()
    model = oblimin()
    out = model.transform(pl.from_pandas(survey))
    assert out.columns == ["department", "factor_1", "factor_2"]
    assert model.get_feature_names_out().tolist() == ["factor_1", "factor_2"]


@pytest.mark.filterwarnings("ignore::custvalue.exceptions.DataQualityWarning")
@pytest.mark.filterwarnings("ignore::custvalue.exceptions.ConvergenceWarning")
@parametrize_with_checks(
    [FactorAnalyzer(n_factors=1, random_state=0)],
    expected_failed_checks=lambda estimator: {
        "check_dtype_object": "a dictionary is refused in words of our own",
        "check_transformer_preserve_dtypes": "scores are a frame with named columns",
    },
    xfail_strict=True,
)
def test_checks_of_scikit_learn_with_all_columns_as_items(estimator, check):
    """Without named items, random matrices are ratings."""
    check(estimator)
