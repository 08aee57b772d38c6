from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from custvalue._catalogue import SERVICE_ELEMENTS
from custvalue.datasets import make_survey

KEYS = [element.key for element in SERVICE_ELEMENTS]
LOADINGS = pd.DataFrame(
    {"speed": [0.8, 0.7, 0.1, 0.0], "care": [0.0, 0.2, 0.6, 0.75]},
    index=["quick", "on time", "friendly", "helpful"],
)
PHI = [[1.0, 0.4], [0.4, 1.0]]
COUNT = 100_000


@pytest.fixture(scope="module")
def continuous() -> pd.DataFrame:
    return make_survey(
        COUNT,
        loadings=LOADINGS,
        factor_correlations=PHI,
        importances=[0.6, 0.3],
        n_categories=None,
        random_state=3,
    )


def test_the_usual_survey_asks_for_the_catalogue():
    """A column of whole ratings from 1 to 7 for each element, and satisfaction at the end."""
    survey = make_survey(random_state=0)
    assert survey.columns.tolist() == [*KEYS, "overall_satisfaction"]
    assert {str(dtype) for dtype in survey.dtypes} == {"int64"}
    assert survey.index.equals(pd.RangeIndex(1, 401, name="respondent_id"))
    assert (survey.min().min(), survey.max().max()) == (1, 7)


def test_correlations_are_those_of_the_model(continuous):
    """Continuous answers correlate as L Phi L', within 5 standard errors."""
    expected = LOADINGS.to_numpy() @ PHI @ LOADINGS.to_numpy().T
    np.fill_diagonal(expected, 1.0)
    found = np.corrcoef(continuous[LOADINGS.index], rowvar=False)
    # The standard error of a correlation is at most 1 / sqrt(n).
    assert np.abs(found - expected).max() < 5 / np.sqrt(COUNT)
    assert np.abs(continuous.mean()).max() < 5 / np.sqrt(COUNT)
    assert np.abs(continuous.var() - 1).max() < 5 * np.sqrt(2 / COUNT)


def test_satisfaction_follows_the_factors_as_told(continuous):
    """Its correlations with the elements are L Phi b."""
    expected = LOADINGS.to_numpy() @ PHI @ [0.6, 0.3]
    found = [continuous[name].corr(continuous["overall_satisfaction"]) for name in LOADINGS.index]
    assert np.abs(found - expected).max() < 5 / np.sqrt(COUNT)


def test_what_is_true_stands_in_the_attributes(continuous):
    """Plain lists and numbers, named by element and factor."""
    assert continuous.attrs == {
        "factors": ["speed", "care"],
        "loadings": {name: row.tolist() for name, row in LOADINGS.iterrows()},
        "factor_correlations": PHI,
        "importances": {"speed": 0.6, "care": 0.3},
    }


def test_ratings_are_cut_at_the_thresholds():
    """Shares of the ratings are normal areas between the thresholds told, for every column."""
    survey = make_survey(COUNT, elements=KEYS[:3], n_categories=5, random_state=1)
    for name, column in survey.items():
        ends = norm.cdf([-np.inf, *survey.attrs["thresholds"][name], np.inf])
        shares = column.value_counts(normalize=True).sort_index()
        assert shares.index.tolist() == [1, 2, 3, 4, 5]
        assert np.abs(shares - np.diff(ends)).max() < 5 * np.sqrt(0.25 / COUNT)


def test_ratings_are_the_continuous_answers_rounded():
    """With the same seed a rating is the whole number nearest to mean + spread times answer."""
    given = {"elements": KEYS[:4], "random_state": 8}
    ratings = make_survey(500, n_categories=9, mean_rating=[3, 4, 5, 6.5], **given)
    answers = make_survey(500, n_categories=None, **given)
    means = [3, 4, 5, 6.5, 4.625]
    expected = np.clip(np.round(means + 0.2 * 8 * answers), 1, 9)
    assert (ratings == expected).all(axis=None)


def test_answers_go_missing_at_random_and_satisfaction_stays():
    """The share is as asked; what is left is what would have been answered without gaps."""
    full = make_survey(5000, random_state=2)
    gaps = make_survey(5000, missing_share=0.15, random_state=2)
    asked = gaps[KEYS].isna()
    assert abs(asked.to_numpy().mean() - 0.15) < 5 * np.sqrt(0.15 * 0.85 / asked.size)
    assert gaps[KEYS].where(~asked, full[KEYS]).eq(full[KEYS]).all(axis=None)
    assert gaps["overall_satisfaction"].equals(full["overall_satisfaction"])
    assert set(gaps[KEYS].dtypes) == {np.dtype("float64")}


def test_without_satisfaction_there_is_one_column_less():
    """All others are the same, and nothing is said of importances."""
    without = make_survey(50, satisfaction=False, random_state=4)
    assert without.equals(make_survey(50, random_state=4)[KEYS])
    assert "importances" not in without.attrs
    assert list(without.attrs["thresholds"]) == KEYS


def test_elements_can_be_asked_for_by_any_name():
    """Columns have the names given; stages that do not occur have no factor."""
    survey = make_survey(20, elements=["订货周期", "Order fill rate", "可接近性"], random_state=0)
    assert survey.columns.tolist()[:3] == ["订货周期", "Order fill rate", "可接近性"]
    assert survey.attrs["factors"] == ["pre", "in"]
    assert survey.attrs["loadings"]["订货周期"] == [0.0, 0.8]


def test_arrays_are_numbered():
    """Loadings without names have elements and factors by number; b explains half by default."""
    survey = make_survey(20, loadings=[[0.7], [0.6]], random_state=0)
    assert survey.columns.tolist() == ["element_1", "element_2", "overall_satisfaction"]
    assert survey.attrs["importances"] == {"factor_1": pytest.approx(np.sqrt(0.5))}
    named = make_survey(20, loadings=[[0.7], [0.6]], elements=["a", "b"], random_state=0)
    assert named.columns.tolist() == ["a", "b", "overall_satisfaction"]


def test_same_seed_same_survey():
    """The same seed gives the same survey, another seed another; a generator moves on."""
    one, two, other = (make_survey(50, random_state=seed) for seed in (1, 1, 2))
    assert one.equals(two)
    assert not one.equals(other)
    generator = np.random.default_rng(0)
    assert not make_survey(50, random_state=generator).equals(
        make_survey(50, random_state=generator)
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"n_respondents": 2.0}, TypeError, "n_respondents must be a whole number; found 2.0"),
        ({"n_respondents": 0}, ValueError, "n_respondents must be at least 1; found 0"),
        ({"n_categories": True}, TypeError, "n_categories must be a whole number; found True"),
        ({"n_categories": 1}, ValueError, "n_categories must be at least 2; found 1"),
        ({"satisfaction": "yes"}, TypeError, "satisfaction must be True or False; found 'yes'"),
        ({"missing_share": 1.0}, ValueError, "missing_share must be from 0 to below 1; found 1.0"),
        ({"missing_share": "few"}, ValueError, "missing_share must be .*; found 'few'"),
        ({"mean_rating": 7.5}, ValueError, r"n_categories=7; found 7.5 \(14 such\)"),
        ({"mean_rating": [4, 5]}, ValueError, r"one number or one an element \(14\); found \[4, 5"),
        (
            {"mean_rating": 4, "n_categories": None},
            ValueError,
            "mean_rating must be None where n_categories is None: .* found 4",
        ),
        ({"elements": ["price"]}, ValueError, "SERVICE_ELEMENTS where no .* found 'price'"),
        ({"elements": KEYS[:1] * 2}, ValueError, r"different names.* 'written_policy' 2 time\(s\)"),
        ({"loadings": [[1.1]]}, ValueError, "those of 'element_1' explain 1.21 times it"),
        ({"loadings": [[np.nan]]}, ValueError, "loadings must be finite numbers; found 1 of 1"),
        ({"loadings": np.empty((0, 2))}, ValueError, r"found shape \(0, 2\)"),
        (
            {"loadings": [[0.5], [0.5]], "elements": ["a"]},
            ValueError,
            r"elements must name the 2 row\(s\) of loadings; found 1 name\(s\)",
        ),
        (
            {"loadings": [[0.5]], "elements": ["overall_satisfaction"]},
            ValueError,
            "none of them 'overall_satisfaction'; found 'overall_satisfaction'",
        ),
        ({"factor_correlations": np.eye(2)}, ValueError, r"shape \(3, 3\); found \(2, 2\)"),
        (
            {"loadings": [[0.5, 0.1]], "factor_correlations": [[1.0, 0.2], [0.3, 1.0]]},
            ValueError,
            "symmetric with ones on the diagonal",
        ),
        (
            {"loadings": [[0.5, 0.1]], "factor_correlations": [[1.0, 1.0], [1.0, 1.0]]},
            ValueError,
            "factor_correlations must be positive definite; found an eigenvalue of",
        ),
        ({"importances": [0.5]}, ValueError, r"one number a factor \(3\); found \(1,\)"),
        ({"importances": [1, 1, 1]}, ValueError, "which explain 4.8 times it"),
    ],
)
def test_arguments_that_make_no_survey_are_refused(arguments, error, message):
    """The message names the argument, the rule and what was found."""
    with pytest.raises(error, match=message):
        make_survey(**arguments)
