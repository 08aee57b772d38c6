"""ServiceGap."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service import ServiceGap

GOLDEN = {"tangibles": -0.65, "reliability": -1.10, "response": -0.83, "assurance": -0.70}
GOLDEN["empathy"] = -1.01
WEIGHTS = dict(zip(GOLDEN, (0.11, 0.32, 0.22, 0.19, 0.16), strict=True))
DIMENSIONS = {"on_time": "delivery", "complete": "delivery", "advice": "care"}


@pytest.fixture
def survey() -> pd.DataFrame:
    """Return the expectations and perceptions of three items by 80 respondents."""
    generator = np.random.default_rng(7)
    expected = np.clip(np.round(generator.normal([5.5, 5, 4.5], 0.8, (80, 3))), 1, 7)
    own = generator.normal(0, 0.7, (80, 1))
    perceived = np.clip(
        np.round(expected + own + generator.normal([-1, -0.4, 0.3], 0.7, (80, 3))), 1, 7
    )
    names = [f"{question}_{item}" for question in "EP" for item in DIMENSIONS]
    index = pd.Index([f"r{i}" for i in range(80)], name="respondent")
    return pd.DataFrame(np.hstack([expected, perceived]), columns=names, index=index)


def test_the_published_gaps_give_the_published_score():
    """Gaps -.65 -1.10 -.83 -.70 -1.01 average -0.858 (12manage.com, which prints -0.86)."""
    columns = {f"E_{name}": [6.0, 5.0] for name in GOLDEN}
    columns |= {f"P_{name}": [6.0 + gap, 5.0 + gap] for name, gap in GOLDEN.items()}
    dimensions = {name: name for name in GOLDEN}
    model = ServiceGap(dimensions=dimensions, weights=WEIGHTS).fit(pd.DataFrame(columns))
    np.testing.assert_allclose(model.dimensions_["gap"], list(GOLDEN.values()), rtol=1e-12)
    assert model.overall_["gap"] == pytest.approx(-0.858, abs=1e-12)
    # Weights .11 .32 .22 .19 .16 by hand.
    assert model.weighted_overall_["gap"] == pytest.approx(-0.9007, abs=1e-12)
    percent = {name: 100 * weight for name, weight in WEIGHTS.items()}
    again = ServiceGap(dimensions=dimensions, weights=pd.Series(percent)).fit(pd.DataFrame(columns))
    assert again.weighted_overall_["gap"] == pytest.approx(-0.9007, abs=1e-12)
    out = model.transform(pd.DataFrame(columns))
    np.testing.assert_allclose(out["overall_gap"], -0.858, atol=1e-12)
    np.testing.assert_allclose(out["weighted_gap"], -0.9007, atol=1e-12)


def test_the_means_of_the_respondents_are_the_gaps_of_the_survey(survey):
    """With all answers there, `transform` averages to ``dimensions_`` and ``overall_``."""
    model = ServiceGap(dimensions=DIMENSIONS, weights={"delivery": 0.8, "care": 0.2}).fit(survey)
    means = model.transform(survey).mean()
    np.testing.assert_allclose(means[["delivery_gap", "care_gap"]], model.dimensions_["gap"])
    assert means["overall_gap"] == pytest.approx(model.overall_["gap"], rel=1e-12)
    assert means["weighted_gap"] == pytest.approx(model.weighted_overall_["gap"], rel=1e-12)
    assert means["coverage"] == 1


def test_the_direction_turns_every_gap(survey):
    """Signs of gaps and t, and the ends of intervals, change; p-values and alpha do not."""
    one = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    other = ServiceGap(dimensions=DIMENSIONS, direction="expectation_minus_perception").fit(survey)
    for table, turned in ((one.gaps_, other.gaps_), (one.dimensions_, other.dimensions_)):
        np.testing.assert_allclose(turned["gap"], -table["gap"])
        np.testing.assert_allclose(turned["lower"], -table["upper"])
        np.testing.assert_allclose(turned["p_holm"], table["p_holm"])
    np.testing.assert_allclose(other.dimensions_["alpha"], one.dimensions_["alpha"])
    np.testing.assert_allclose(
        other.transform(survey)["overall_gap"], -one.transform(survey)["overall_gap"]
    )


def test_a_shift_and_a_unit_of_the_scale_go_through(survey):
    """Ratings times ten plus a hundred: gaps times ten, the same t, p and reliability."""
    one = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    other = ServiceGap(dimensions=DIMENSIONS).fit(100 + 10 * survey)
    np.testing.assert_allclose(other.gaps_["gap"], 10 * one.gaps_["gap"])
    for name in ("t", "p_holm", "expectation_at_top"):
        np.testing.assert_allclose(other.gaps_[name], one.gaps_[name], rtol=1e-9)
    np.testing.assert_allclose(other.dimensions_["alpha"], one.dimensions_["alpha"])
    assert other.scale_ == (100 + 10 * one.scale_[0], 100 + 10 * one.scale_[1])


def test_the_order_of_respondents_changes_no_bit(survey):
    """Shuffled rows are the same survey."""
    one = ServiceGap(dimensions=DIMENSIONS).fit(survey / 3)
    other = ServiceGap(dimensions=DIMENSIONS).fit((survey / 3).sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one.gaps_, other.gaps_, check_exact=True)
    pd.testing.assert_frame_equal(one.dimensions_, other.dimensions_, check_exact=True)
    pd.testing.assert_series_equal(one.overall_, other.overall_, check_exact=True)


def test_weights_are_numbers_of_respondents(survey):
    """A row of weight 2 is two rows, one of weight 0 is none, in every table."""
    counts = np.random.default_rng(1).integers(0, 3, len(survey))
    weighted = ServiceGap(dimensions=DIMENSIONS).fit(survey, sample_weight=counts)
    repeated = ServiceGap(dimensions=DIMENSIONS).fit(survey.loc[survey.index.repeat(counts)])
    pd.testing.assert_frame_equal(weighted.gaps_, repeated.gaps_)
    pd.testing.assert_frame_equal(weighted.dimensions_, repeated.dimensions_)
    assert weighted.n_respondents_ == counts.sum() == repeated.n_respondents_


def test_half_answers_are_left_out_in_pairs(survey):
    """Pairwise: each item from who answered both questions; nobody else's answers change."""
    survey.iloc[:10, 0] = np.nan  # expectation of on_time
    survey.iloc[5:12, 3] = np.nan  # perception of on_time
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    assert model.gaps_.loc["on_time", ["n", "half_answered"]].tolist() == [68, 5 + 2]
    both = survey.iloc[12:]
    expected = (both["P_on_time"] - both["E_on_time"]).mean()
    assert model.gaps_.loc["on_time", "gap"] == pytest.approx(expected, rel=1e-13)
    assert model.gaps_.loc["complete", "n"] == 80
    out = model.transform(survey)
    complete = (survey["P_complete"] - survey["E_complete"]).iloc[:12]
    np.testing.assert_array_equal(out["delivery_gap"].iloc[:12], complete)
    np.testing.assert_allclose(out["coverage"].iloc[:12], 2 / 3)


def test_listwise_leaves_respondents_out_and_says_so(survey):
    """At fit with a warning, at transform without a score."""
    survey.iloc[:10, 0] = np.nan
    with pytest.warns(DataQualityWarning, match="leaves out 10 of 80 respondents"):
        model = ServiceGap(dimensions=DIMENSIONS, missing="listwise").fit(survey)
    whole = ServiceGap(dimensions=DIMENSIONS).fit(survey.iloc[10:])
    pd.testing.assert_frame_equal(model.gaps_, whole.gaps_)
    out = model.transform(survey)
    assert out.iloc[:10].drop(columns="coverage").isna().all(axis=None)
    assert out.iloc[10:].notna().all(axis=None)


def test_missing_answers_are_an_error_where_asked(survey):
    """At fit and at transform, with column, row and number."""
    model = ServiceGap(dimensions=DIMENSIONS, missing="raise").fit(survey)
    survey.iloc[3, 4] = np.nan
    for fails in (model.fit, model.transform):
        with pytest.raises(DataError, match=r"row 3 \(respondent 'r3'\) has P_complete=nan"):
            fails(survey)


def test_a_respondent_who_answered_nothing_has_no_gap(survey):
    """Nothing is made up; coverage is 0."""
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    survey.iloc[0] = np.nan
    out = model.transform(survey).iloc[0]
    assert out.drop("coverage").isna().all()
    assert out["coverage"] == 0


def test_servperf_needs_no_expectations(survey):
    """Perceptions alone have means, intervals and scores of respondents."""
    model = ServiceGap(expectation=None, dimensions=DIMENSIONS).fit(survey)
    assert model.gaps_["gap"].isna().all()
    np.testing.assert_allclose(model.gaps_["perception"], survey.filter(like="P_").mean())
    assert list(model.get_feature_names_out()) == [
        "delivery_perception",
        "care_perception",
        "overall_perception",
        "coverage",
    ]
    assert model.transform(survey).mean()["overall_perception"] == pytest.approx(
        model.overall_["perception"]
    )
    assert model.n_features_in_ == 3
    bare = survey.filter(like="P_").rename(columns=lambda name: name.removeprefix("P_"))
    same = ServiceGap(expectation=None, perception="").fit(bare)
    np.testing.assert_allclose(same.gaps_["perception"], model.gaps_["perception"])


def test_without_dimensions_all_items_are_one(survey):
    """Items are found by their two columns, in the order of the perceptions."""
    model = ServiceGap().fit(survey.assign(note="text"))
    assert model.items_ == list(DIMENSIONS)
    assert model.dimensions_.index.tolist() == ["all"]
    assert model.overall_["averaging_difference"] == pytest.approx(0, abs=1e-12)
    assert model.transform(survey).columns.tolist() == ["all_gap", "overall_gap", "coverage"]


def test_arrays_have_expectations_first(survey):
    """Named by the dimensions or numbered, with the results of the frame."""
    named = ServiceGap(dimensions=DIMENSIONS).fit(survey.to_numpy())
    numbered = ServiceGap().fit(survey.to_numpy())
    frame = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    pd.testing.assert_frame_equal(named.gaps_, frame.gaps_)
    assert numbered.items_ == ["x0", "x1", "x2"]
    np.testing.assert_array_equal(numbered.gaps_["gap"], frame.gaps_["gap"])
    with pytest.raises(DataError, match="X has 5 features, but ServiceGap is expecting 2"):
        ServiceGap().fit(survey.to_numpy()[:, :5])


def test_polars_keeps_its_ids(survey):
    """The first column of a polars frame comes back with the gaps."""
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    out = model.transform(pl.from_pandas(survey.reset_index()))
    assert out.columns == ["respondent", "delivery_gap", "care_gap", "overall_gap", "coverage"]
    np.testing.assert_array_equal(out["overall_gap"], model.transform(survey)["overall_gap"])


def test_a_ceiling_is_told():
    """Sixty of a hundred expect the best of everything: the gap is the perception turned."""
    expected = np.repeat([7.0, 6.0], [60, 40])
    perceived = np.tile([4.0, 5.0], 50)
    X = pd.DataFrame({"E_a": expected, "P_a": perceived})
    with pytest.warns(
        DataQualityWarning, match=r"ceiling: .* gave 7, .*expectation of 'all' \(60%"
    ):
        model = ServiceGap(scale=(1, 7)).fit(X)
    assert model.gaps_["expectation_at_top"].tolist() == [0.6]
    # The top is the scale's: nobody reaches 9.
    assert ServiceGap(scale=(1, 9)).fit(X).gaps_["expectation_at_top"].tolist() == [0.0]


def test_a_scale_is_kept_to_at_fit_and_later(survey):
    """Answers beyond it are refused with column, row and answer."""
    model = ServiceGap(dimensions=DIMENSIONS, scale=(1, 7)).fit(survey)
    assert model.scale_ == (1.0, 7.0)
    survey.iloc[2, 1] = 8
    for fails in (model.fit, model.transform):
        with pytest.raises(DataError, match=r"'E_complete' must lie between 1.0 and 7.0, .*row 2"):
            fails(survey)
    ServiceGap(dimensions=DIMENSIONS).fit(survey)


def test_one_respondent_has_gaps_without_intervals(survey):
    """Nothing is known of the spread."""
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey.iloc[:1])
    assert model.gaps_["gap"].notna().all()
    for name in ("lower", "upper", "t", "p_value", "p_holm"):
        assert model.gaps_[name].isna().all()
    assert np.isnan(model.overall_["lower"])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"perception": "E_"}, "expectation and perception must begin"),
        ({"dimensions": {}}, "dimensions must name"),
        (
            {"dimensions": {"on_time": "a"}},
            r"dimensions must name every item .*'complete', 'advice'",
        ),
        ({"dimensions": {**DIMENSIONS, "price": "a"}}, "missing: E_price, P_price"),
        ({"weights": {"all": 1}}, "found no dimensions"),
        ({"dimensions": DIMENSIONS, "weights": {"delivery": 0, "care": 0}}, "found a sum of 0"),
        ({"scale": (7, 1)}, "scale must be two finite numbers"),
        ({"level": 1.0}, "level"),
        ({"missing": "drop"}, "missing"),
        ({"direction": "up"}, "direction"),
        ({"expectation": "W_"}, "has 'P_on_time' but not 'W_on_time'"),
    ],
)
def test_bad_parameters_are_named(survey, changes, message):
    """One sentence with what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        ServiceGap(**changes).fit(survey)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X.assign(E_advice="good"), "'E_advice' must be a number"),
        (lambda X: X.assign(P_advice=np.inf), "'P_advice' must be finite"),
        (lambda X: X.assign(E_advice=np.nan), "item 'advice' has none"),
        (lambda X: X.drop(columns="E_advice"), "E_advice"),
        (lambda X: X.iloc[:0], "at least one row"),
        (lambda X: X.filter(like="note"), "needs columns that start with|found none"),
    ],
)
def test_bad_tables_are_refused(survey, change, message):
    """One sentence with the column, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        ServiceGap().fit(change(survey))


@pytest.mark.parametrize("factor", [1e300, -1e300, 1e101])
def test_answers_too_large_to_compute_with_are_refused(survey, factor):
    """At fit and at transform, with column, row and answer: there is no infinite limit."""
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    for fails in (model.fit, model.transform):
        with pytest.raises(DataError, match=r"'E_on_time' must lie between -1e\+100 .*row 0"):
            fails(survey * factor)


@pytest.mark.parametrize("exponent", [-300, 0, 300])
def test_units_far_from_one_change_no_test(survey, exponent):
    """Ratings times a power of two have gaps times that, and t and p to the last bit."""
    one = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    other = ServiceGap(dimensions=DIMENSIONS).fit(survey * 2.0**exponent)
    for name in ("gap", "lower", "upper"):
        np.testing.assert_array_equal(other.gaps_[name], one.gaps_[name] * 2.0**exponent)
    for name in ("t", "p_value", "n"):
        np.testing.assert_array_equal(other.gaps_[name], one.gaps_[name])
    np.testing.assert_array_equal(other.dimensions_["alpha"], one.dimensions_["alpha"])


def test_answers_too_small_to_compute_with_are_refused(survey):
    """Their squares are 0, and an interval would have no width."""
    with pytest.raises(DataError, match="'E_on_time' must hold a number of at least 1e-100"):
        ServiceGap(dimensions=DIMENSIONS).fit(survey * 1e-200)


def test_shares_are_no_numbers_of_respondents(survey):
    """Weights that sum to 1 are one respondent: a warning, means, and no interval."""
    shares = np.random.default_rng(2).dirichlet(np.ones(80))
    with pytest.warns(DataQualityWarning, match="80 rows stand for 1 of them"):
        model = ServiceGap(dimensions=DIMENSIONS).fit(survey, sample_weight=shares)
    expected = shares @ (survey["P_on_time"] - survey["E_on_time"])
    assert model.gaps_.loc["on_time", "gap"] == pytest.approx(expected, rel=1e-12)
    for table in (model.gaps_, model.dimensions_, model.overall_.to_frame().T):
        assert table[["lower", "upper", "t", "p_value"]].isna().all(axis=None)
    assert model.dimensions_["alpha"].isna().all()
    scaled = ServiceGap(dimensions=DIMENSIONS).fit(survey, sample_weight=shares * 80)
    assert scaled.gaps_[["lower", "upper"]].notna().all(axis=None)


@pytest.mark.parametrize("total", [0.2, 1e17])
def test_weights_that_cannot_count_respondents_are_refused(survey, total):
    """Less than one respondent, or more than a float counts."""
    with pytest.raises(DataError, match=f"found a sum of {total:.10g}".replace("+", r"\+")):
        ServiceGap(dimensions=DIMENSIONS).fit(survey, sample_weight=np.full(80, total / 80))


def test_weights_of_dimensions_of_any_sum_count_by_their_share(survey):
    """A sum of 7 is told and gives what its shares give."""
    with pytest.warns(DataQualityWarning, match="weights sum to 7, neither to 1 nor to 100"):
        model = ServiceGap(dimensions=DIMENSIONS, weights={"delivery": 5, "care": 2}).fit(survey)
    shares = ServiceGap(dimensions=DIMENSIONS, weights={"delivery": 5 / 7, "care": 2 / 7})
    pd.testing.assert_series_equal(model.weighted_overall_, shares.fit(survey).weighted_overall_)


def test_reliability_is_told_of_each_question_too(survey):
    """Cronbach's alpha of two items: 2 (1 - sum of variances / variance of the sum)."""
    model = ServiceGap(dimensions=DIMENSIONS).fit(survey)
    for question in ("expectation", "perception"):
        columns = [f"{question[0].upper()}_{item}" for item in ("on_time", "complete")]
        answers = survey[columns]
        truth = 2 * (1 - answers.var().sum() / answers.sum(axis=1).var())
        assert model.dimensions_.loc["delivery", f"alpha_{question}"] == pytest.approx(truth)
        assert np.isnan(model.dimensions_.loc["care", f"alpha_{question}"])
    alone = ServiceGap(expectation=None, dimensions=DIMENSIONS).fit(survey).dimensions_
    assert alone["alpha_expectation"].isna().all()
    assert alone.loc["delivery", "alpha_perception"] == alone.loc["delivery", "alpha"]


def test_with_gaps_the_overall_gap_is_not_the_mean_of_respondents():
    """Dimensions -1 and 2 overall 0.5; respondents' own -1 and 0.5 average -0.25."""
    X = pd.DataFrame(
        {"E_a": [5.0, 5.0], "E_b": [4.0, np.nan], "P_a": [4.0, 4.0], "P_b": [6.0, 6.0]}
    )
    model = ServiceGap(dimensions={"a": "one", "b": "two"}).fit(X)
    assert model.overall_["gap"] == 0.5
    assert model.transform(X)["overall_gap"].tolist() == [0.5, -1.0]


def test_nothing_is_told_before_fit(survey):
    """Neither gaps nor names of columns."""
    with pytest.raises(NotFittedError):
        ServiceGap().transform(survey)
    with pytest.raises(NotFittedError):
        ServiceGap().get_feature_names_out()


def test_later_parameters_of_dimensions_do_not_change_what_was_learned(survey):
    """`transform` uses the dimensions and weights of `fit`."""
    model = ServiceGap(dimensions=DIMENSIONS, weights={"delivery": 80, "care": 20}).fit(survey)
    before = model.transform(survey)
    model.set_params(dimensions=None, weights=None)
    pd.testing.assert_frame_equal(model.transform(survey), before)


def test_a_saved_analysis_answers_alike(survey, tmp_path):
    """Its file is small and names no respondent."""
    model = ServiceGap(dimensions=DIMENSIONS, weights={"delivery": 80, "care": 20}).fit(survey)
    model.save(tmp_path / "gap.json")
    text = (tmp_path / "gap.json").read_text()
    assert len(text) < 10_000
    assert '"r3"' not in text
    again = custvalue.load(tmp_path / "gap.json")
    pd.testing.assert_frame_equal(again.transform(survey), model.transform(survey))
    pd.testing.assert_frame_equal(again.gaps_, model.gaps_)
