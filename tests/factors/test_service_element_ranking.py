"""ServiceElementRanking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.exceptions import NotFittedError

from custvalue._estimator.reading import read_estimator
from custvalue.datasets import make_survey
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.factors.service_element_ranking import ServiceElementRanking

ATTITUDE = Path(__file__).parent / "data" / "attitude.csv"
ELEMENTS = ["written_policy", "accessibility", "order_fill_rate", "spares_availability"]
PAIRS = np.array([[1, 3, 5, 1], [1 / 3, 1, 3, 1 / 3], [1 / 5, 1 / 3, 1, 1 / 5], [1, 3, 5, 1]])


@pytest.fixture
def attitude() -> pd.DataFrame:
    """Return how 30 departments see their supervisors (Chatterjee and Price 1977)."""
    return pd.read_csv(ATTITUDE).astype(float)


@pytest.fixture
def survey() -> pd.DataFrame:
    """Return the ratings of four elements on one factor, and satisfaction, by 300 respondents."""
    generator = np.random.default_rng(21)
    common = generator.normal(size=(300, 1))
    rows = 4 + common * [0.9, 0.7, 0.5, 0.4, 0.8] + 0.7 * generator.normal(size=(300, 5))
    index = pd.Index([f"r{i:03}" for i in range(300)], name="respondent_id")
    columns = [*ELEMENTS, "overall"]
    return pd.DataFrame(rows.round().clip(1, 7), index=index, columns=columns)


def ranking(**parameters) -> ServiceElementRanking:
    """Return a ranking that is quick: one factor, 40 resamples, a seed."""
    quick = {"satisfaction": "overall", "n_factors": 1, "n_bootstrap": 40, "random_state": 5}
    return ServiceElementRanking(**{**quick, **parameters})


def test_weights_of_the_attitude_data(attitude):
    """Two principal components, not rotated: six digits from the formulas at 1e-12."""
    fitted = ServiceElementRanking(
        extraction="principal", rotation=None, n_factors=2, n_bootstrap=0
    ).fit(attitude)
    expected = pd.DataFrame(
        {
            "loading": [0.162886, 0.168569, 0.125782, 0.147873, 0.161898, 0.097577, 0.135415],
            "communality": [0.167514, 0.174633, 0.098455, 0.141002, 0.160507, 0.111589, 0.146301],
            "principal_component": [
                *(0.107066, 0.124337, 0.119653, 0.152506, 0.184654, 0.136194, 0.175589)
            ],
        },
        index=pd.Index(attitude.columns, name="element"),
    )
    np.testing.assert_allclose(fitted.comparison_[list(expected)], expected, atol=5e-7)
    assert fitted.ranking_.index[0] == "complaints"
    np.testing.assert_array_equal(fitted.weights_, fitted.comparison_["loading"])
    assert fitted.ranking_["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_derived_importance_of_the_attitude_data(attitude):
    """LMG shares of R squared, and betas of R's lm where as many components as items are taken."""
    fitted = ServiceElementRanking(
        method="lmg", satisfaction="rating", extraction="principal", n_factors=6, n_bootstrap=0
    ).fit(attitude)
    shares = np.array([0.370816, 0.050904, 0.155766, 0.120345, 0.006589, 0.028182])
    np.testing.assert_allclose(fitted.weights_, shares / 0.732602, atol=2e-6)
    betas = np.array([0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706])
    standardised = np.abs(betas * attitude.drop(columns="rating").std())
    # Betas are printed to five digits.
    np.testing.assert_allclose(
        fitted.comparison_["regression"], standardised / standardised.sum(), atol=1e-5
    )


@pytest.mark.parametrize("method", ["stated", "loading", "regression", "lmg", "entropy"])
def test_every_rank_lies_between_its_limits(survey, method):
    """And the table is sorted, its weights those of `weights_`, its stages of the catalogue."""
    fitted = ranking(method=method).fit(survey)
    table = fitted.ranking_
    assert table.columns.tolist() == [
        *("stage", "dimension", "weight", "rank", "rank_lower", "rank_upper")
    ]
    assert (table["rank_lower"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_upper"]).all()
    assert table["rank"].is_monotonic_increasing
    assert fitted.weights_.sum() == pytest.approx(1.0)
    assert fitted.weights_.index.tolist() == ELEMENTS
    np.testing.assert_array_equal(table["weight"], fitted.weights_[table.index])
    assert table.loc[ELEMENTS, "stage"].tolist() == ["pre", "pre", "in", "post"]
    assert set(table["dimension"]) == {"factor_1"}
    assert fitted.n_resamples_ == 40


def test_what_is_clear_has_one_rank_and_what_is_not_has_several():
    """Means a whole point apart are in order; two that are equal stay open."""
    rows = np.random.default_rng(2).normal([9.0, 8.0, 6.0, 6.0], 1.0, (400, 4))
    table = ranking(method="stated", satisfaction=None, compare=False).fit(rows).ranking_
    limits = table[["rank_lower", "rank_upper"]].to_numpy().tolist()
    assert limits == [[1, 1], [2, 2], [3, 4], [3, 4]]


def test_the_order_of_respondents_changes_nothing(survey):
    """To the last bit, limits of ranks too."""
    for method in ("loading", "stated"):
        fitted = ranking(method=method).fit(survey)
        again = ranking(method=method).fit(survey.sample(frac=1, random_state=1))
        pd.testing.assert_frame_equal(again.ranking_, fitted.ranking_, check_exact=True)
        pd.testing.assert_frame_equal(again.comparison_, fitted.comparison_, check_exact=True)


def test_weights_of_respondents_are_copies(survey):
    """Two for a row that stands twice, none for one that is not there; resamples are the same."""
    counts = np.random.default_rng(3).integers(0, 4, 300)
    copies = ranking().fit(survey.iloc[np.repeat(np.arange(300), counts)])
    weighted = ranking().fit(survey, sample_weight=counts)
    pd.testing.assert_frame_equal(weighted.ranking_, copies.ranking_, check_exact=True)
    assert weighted.n_respondents_ == copies.n_respondents_ == counts.sum()


def test_all_kinds_of_tables_say_the_same(survey):
    """polars and pyarrow keep the id apart; an array has no names."""
    fitted = ranking().fit(survey)
    table = survey.reset_index()
    scores = fitted.transform(survey)
    for other in (pl.from_pandas(table), pa.Table.from_pandas(table)):
        again = ranking().fit(other)
        pd.testing.assert_frame_equal(again.ranking_, fitted.ranking_)
        columns = fitted.transform(other)
        assert columns.__class__ is other.__class__
        np.testing.assert_array_equal(np.asarray(columns["service_score"]), scores["service_score"])
    bare = ranking(satisfaction="x4").fit(survey.to_numpy())
    assert bare.elements_ == ["x0", "x1", "x2", "x3"]
    np.testing.assert_array_equal(bare.weights_, fitted.weights_)
    np.testing.assert_array_equal(bare.transform(survey.to_numpy()), scores)
    named = ranking(elements=ELEMENTS).fit(survey.to_numpy())
    pd.testing.assert_frame_equal(named.ranking_, fitted.ranking_)
    np.testing.assert_array_equal(named.transform(survey.to_numpy()), scores)


def test_elements_are_those_named(survey):
    """Others are not read, text or not, and satisfaction is none."""
    survey["remark"] = "none"
    fitted = ranking(elements=ELEMENTS[:3]).fit(survey)
    assert fitted.elements_ == ELEMENTS[:3]
    assert fitted.feature_names_in_.tolist() == [*ELEMENTS[:3], "overall"]
    assert fitted.transform(survey[ELEMENTS]).shape == (300, 2)


def test_scores_are_weighted_means_of_the_answered(survey):
    """With gaps renormalised and said by coverage; without a weight answered there is none."""
    fitted = ranking(missing="pairwise").fit(survey)
    few = survey.iloc[:3, :4].copy()
    few.iloc[1, 0] = np.nan
    few.iloc[2] = np.nan
    found = fitted.transform(few)
    w = fitted.weights_.to_numpy()
    assert found.columns.tolist() == ["service_score", "coverage"]
    assert found.iloc[0, 0] == pytest.approx(few.iloc[0] @ w)
    assert found.iloc[1, 0] == pytest.approx(few.iloc[1, 1:] @ w[1:] / w[1:].sum())
    np.testing.assert_allclose(found["coverage"], [1.0, 1 - w[0], 0.0])
    assert np.isnan(found.iloc[2, 0])
    pd.testing.assert_frame_equal(fitted.transform(few.iloc[[1]]), found.iloc[[1]])
    with pytest.raises(DataError, match="'written_policy'.*r001"):
        ranking().fit(survey).transform(few)


def test_gaps_at_fit_are_an_error_or_taken_as_asked(survey):
    """Pairwise uses all answers, listwise the complete rows, which is said."""
    survey.iloc[:30, 1] = np.nan
    with pytest.raises(DataError, match=r"'accessibility'.*\(30 such rows\)"):
        ranking().fit(survey)
    with pytest.warns(DataQualityWarning, match="30 of 300 respondents"):
        listwise = ranking(missing="listwise").fit(survey)
    complete = ranking().fit(survey.iloc[30:])
    pd.testing.assert_frame_equal(listwise.ranking_, complete.ranking_)
    pairwise = ranking(missing="pairwise", method="stated").fit(survey)
    means = survey[ELEMENTS].mean()
    np.testing.assert_allclose(pairwise.weights_, means / means.sum())


def test_reversed_elements_are_turned(survey):
    """What turned ratings give, at fit and in scores; factor weights care for no direction."""
    worse = survey.assign(accessibility=8 - survey["accessibility"])
    fitted = ranking(reverse={"accessibility": (1, 7)}).fit(worse)
    plain = ranking().fit(survey)
    assert fitted.reversed_ == {"accessibility": (1.0, 7.0)}
    pd.testing.assert_frame_equal(fitted.comparison_, plain.comparison_)
    pd.testing.assert_frame_equal(fitted.transform(worse), plain.transform(survey))
    np.testing.assert_allclose(ranking().fit(worse).weights_, plain.weights_, rtol=1e-6)


def test_scales_whose_ends_are_not_given_are_those_seen(survey):
    """From the least to the largest rating at fit, also for those who are scored later."""
    fitted = ranking(reverse=["accessibility"]).fit(survey)
    low, high = survey["accessibility"].min(), survey["accessibility"].max()
    assert fitted.reversed_ == {"accessibility": (low, high)}
    by_hand = survey.assign(accessibility=low + high - survey["accessibility"])
    plain = ranking().fit(by_hand)
    pd.testing.assert_frame_equal(
        fitted.transform(survey.iloc[:5]), plain.transform(by_hand.iloc[:5])
    )


def test_a_respondent_of_weight_zero_is_not_there(survey):
    """Not even at the end of a reversed scale, given or taken from the ratings."""
    outlier = survey.iloc[[0]].assign(accessibility=40.0).rename(index={"r000": "outlier"})
    longer, weight = pd.concat([survey, outlier]), np.append(np.ones(300), 0.0)
    for reverse in (["accessibility"], {"accessibility": (1, 7)}):
        fitted = ranking(reverse=reverse).fit(longer, sample_weight=weight)
        plain = ranking(reverse=reverse).fit(survey)
        assert fitted.reversed_ == plain.reversed_
        pd.testing.assert_frame_equal(fitted.ranking_, plain.ranking_, check_exact=True)
        pd.testing.assert_frame_equal(fitted.comparison_, plain.comparison_, check_exact=True)


def test_ratings_to_score_beyond_a_reversed_scale(survey):
    """An error where the ends were given, a warning where they were those at fit."""
    few = survey.iloc[:3].assign(accessibility=[3.0, 70.0, 4.0])
    given = ranking(reverse={"accessibility": (1, 7)}).fit(survey)
    with pytest.raises(
        DataError, match=r"'accessibility' must lie between 1.0 and 7.0.*r001.*70.0"
    ):
        given.transform(few)
    seen = ranking(reverse=["accessibility"]).fit(survey)
    with pytest.warns(
        DataQualityWarning, match=r"'accessibility'.*r001.*70.0 \(1 such row\)"
    ) as told:
        scores = seen.transform(few)
    assert told[0].filename == __file__
    weight = seen.weights_["accessibility"]
    low, high = seen.reversed_["accessibility"]
    kept = few.drop(columns=["accessibility", "overall"]) @ seen.weights_.drop("accessibility")
    expected = kept + weight * (low + high - few["accessibility"])
    np.testing.assert_allclose(scores["service_score"], expected)


def test_derived_importance_of_an_element_that_is_the_sum_of_others(survey):
    """Coefficients of scores by the correlations that the factor implies, uniquenesses .005 up.

    The inverse of the repaired correlations gives back how the sum is made: .42 for the total.
    """
    whole = survey.assign(total=survey[ELEMENTS].sum(axis=1))
    with pytest.warns(DataQualityWarning) as caught:
        fitted = ranking(method="regression", n_bootstrap=20).fit(whole)
    assert sum("have no inverse" in str(one.message) for one in caught) == 1
    loadings = fitted.factor_loadings_["factor_1"].to_numpy()
    unique = np.maximum(1 - loadings**2, 0.005)
    coefficients = np.abs(np.linalg.solve(np.outer(loadings, loadings) + np.diag(unique), loadings))
    np.testing.assert_allclose(fitted.weights_, coefficients / coefficients.sum(), rtol=1e-6)
    assert fitted.weights_["total"] > 0.9
    assert fitted.n_resamples_ == 20


def test_huge_ratings_are_weighed_like_small_ones(survey):
    """2**1020 times as large, of which the sum is no number."""
    for method in ("stated", "entropy"):
        asked = {"method": method, "compare": False, "satisfaction": None}
        small = ranking(**asked).fit(survey)
        huge = ranking(**asked).fit(survey * 2.0**1020)
        pd.testing.assert_frame_equal(huge.ranking_, small.ranking_)


def test_comparisons_in_pairs_have_no_respondents(survey):
    """The eigenvector's weights in any order of the frame; no limits of ranks; a ratio."""
    frame = pd.DataFrame(PAIRS, index=ELEMENTS, columns=ELEMENTS)
    fitted = ranking(method="ahp", comparisons=frame.iloc[::-1, ::-1]).fit(survey)
    leading = np.linalg.eig(PAIRS)[1][:, 0].real
    np.testing.assert_allclose(fitted.weights_, leading / leading.sum(), rtol=1e-9)
    assert fitted.ranking_["rank"].tolist() == [1, 1, 3, 4]
    assert fitted.ranking_[["rank_lower", "rank_upper"]].isna().to_numpy().all()
    assert fitted.n_resamples_ == 0
    assert 0 < fitted.consistency_ratio_ < 0.1
    assert len(fitted.comparison_.columns) == 8
    circle = PAIRS.copy()
    circle[0, 2], circle[2, 0] = 1 / 5, 5
    with pytest.warns(DataQualityWarning, match="consistency ratio"):
        ranking(comparisons=circle).fit(survey)


def test_signs_of_components_are_warned_of_and_not_scored(attitude):
    """Two components of the attitude data, and weights below 0 by opposed elements."""
    asked = ServiceElementRanking(method="principal_component", n_factors=2, n_bootstrap=0)
    with pytest.warns(DataQualityWarning, match="other sign of component 1 or 2"):
        asked.fit(attitude)
    opposed = attitude.assign(raises=-attitude["raises"], extra=-(attitude["complaints"] ** 2))
    one = ServiceElementRanking(method="principal_component", n_factors=1, n_bootstrap=0)
    with pytest.warns(DataQualityWarning, match="2 of 8 by principal components are"):
        one.fit(opposed)
    assert one.weights_["raises"] < 0
    with pytest.raises(ValueError, match="weights must not be negative.*'raises'"):
        one.transform(opposed)


def test_resamples_without_weights_are_counted(survey):
    """An element with two deviating answers is constant in one of seven resamples."""
    survey["accessibility"] = 3.0
    survey.iloc[:2, 1] = 4.0
    with pytest.warns(DataQualityWarning, match="of 40 resamples gave no weights"):
        fitted = ranking(method="communality").fit(survey)
    assert 32 <= fitted.n_resamples_ < 40
    assert fitted.ranking_["rank_lower"].notna().all()


def test_many_resamples_without_weights_leave_no_limits(survey):
    """With one deviating answer it is more than a third of them."""
    survey["accessibility"] = 3.0
    survey.iloc[0, 1] = 4.0
    with pytest.warns(DataQualityWarning) as caught:
        fitted = ranking(method="communality").fit(survey)
    assert any("more than a fifth" in str(one.message) for one in caught)
    assert fitted.n_resamples_ > 9
    assert fitted.ranking_[["rank_lower", "rank_upper"]].isna().to_numpy().all()


def test_few_resamples_that_are_left_give_no_limits(survey):
    """Nine of nine are needed for 90 %."""
    survey["accessibility"] = 3.0
    survey.iloc[0, 1] = 4.0
    with pytest.warns(DataQualityWarning) as caught:
        fitted = ranking(method="communality", n_bootstrap=9).fit(survey)
    assert any("too few resamples" in str(one.message) for one in caught)
    assert fitted.ranking_["rank_lower"].isna().all()


def test_only_one_method_is_compared_where_none_else_is_asked(survey):
    """No factors for stated weights, whose dimension is then unknown."""
    fitted = ranking(method="stated", compare=False).fit(survey)
    assert fitted.comparison_.columns.tolist() == ["stated"]
    assert fitted.rank_agreement_ is None
    assert fitted.factor_loadings_ is None
    assert fitted.n_factors_ is None
    assert set(fitted.ranking_["dimension"]) == {"unknown"}


def test_methods_agree_as_their_rankings_do(survey):
    """Tau-b of each pair and W of all, of the seven that need no comparisons."""
    fitted = ranking().fit(survey)
    methods = fitted.comparison_.columns.tolist()
    assert "ahp" not in methods
    assert fitted.rank_agreement_["methods"] == len(methods) == 7
    tau = fitted.comparison_.corr(method="kendall")
    np.testing.assert_allclose(fitted.rank_correlations_, tau, atol=1e-12)
    assert 0 < fitted.rank_agreement_["w"] <= 1


def test_a_survey_of_whole_categories_finds_its_factors():
    """Three stages of the simulated survey are three factors, by polychoric correlations too."""
    survey = make_survey(500, random_state=4).drop(columns="overall_satisfaction")
    for correlation in ("pearson", "polychoric"):
        fitted = ServiceElementRanking(
            correlation=correlation, n_bootstrap=0, compare=False, random_state=1
        ).fit(survey)
        assert fitted.n_factors_ == 3
        assert fitted.ranking_.groupby("dimension")["stage"].nunique().tolist() == [1, 1, 1]
        assert fitted.factor_loadings_.shape == (14, 3)


def test_a_saved_ranking_ranks_and_scores_as_before(survey, tmp_path):
    """All fitted values come back, and no label of a respondent is written."""
    frame = pd.DataFrame(PAIRS, index=ELEMENTS, columns=ELEMENTS)
    fitted = ranking(comparisons=frame, stages={"accessibility": "post"}).fit(survey)
    fitted.save(tmp_path / "ranking.json")
    again = read_estimator(
        tmp_path / "ranking.json", {"ServiceElementRanking": ServiceElementRanking}.get
    )
    pd.testing.assert_frame_equal(again.ranking_, fitted.ranking_)
    pd.testing.assert_frame_equal(again.rank_correlations_, fitted.rank_correlations_)
    assert again.rank_agreement_ == fitted.rank_agreement_
    pd.testing.assert_frame_equal(again.transform(survey), fitted.transform(survey))
    text = (tmp_path / "ranking.json").read_text(encoding="utf-8")
    assert "r000" not in text
    assert len(text) < 20_000


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"method": "lmg", "satisfaction": None}, "satisfaction must name a column"),
        ({"satisfaction": "overal"}, "satisfaction must name a column; found 'overal'"),
        ({"elements": ["overall", "accessibility"]}, "satisfaction must be no element"),
        ({"elements": ["accessibility"]}, "at least two elements; found 1"),
        ({"elements": ELEMENTS[:2]}, "method='loading' needs at least 3 elements; found 2"),
        ({"method": "ahp"}, "comparisons must be given"),
        ({"comparisons": np.ones((3, 3))}, r"shape \(4, 4\)"),
        ({"reverse": ["overall"]}, "reverse must name elements"),
        ({"reverse": {"accessibility": (7, 1)}}, r"reverse must.*'accessibility': \(7, 1\)"),
        ({"reverse": {"accessibility": (4, 7)}}, "between 4.0 and 7.0, the ends.*r0"),
        ({"stages": {"accessibility": "late"}}, "stages must be pre, in, post"),
        ({"n_bootstrap": 5}, "at least 9 for level=0.9; found 5"),
        ({"rotation": "target_oblique"}, "'rotation' parameter"),
        ({"level": 1.0}, "'level' parameter"),
    ],
)
def test_wrong_parameters_are_refused(survey, parameters, message):
    """Each by a sentence that names it."""
    with pytest.raises(ValueError, match=message):
        ranking(**parameters).fit(survey)


def test_a_fit_that_fails_leaves_nothing_fitted(survey):
    """What is not ranked cannot score."""
    failed = ranking()
    with pytest.raises(DataError):
        failed.fit(survey.assign(accessibility=3.0))
    with pytest.raises(NotFittedError):
        failed.transform(survey)


def test_a_progress_bar_shows_the_bootstrap(survey, capsys):
    """On standard error, and only where it is asked for."""
    ranking(method="stated", progress=True).fit(survey)
    assert capsys.readouterr().err
    ranking(method="stated").fit(survey)
    assert capsys.readouterr().err == ""
