"""ImportancePerformance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.datasets import load_attitude
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service import ImportancePerformance

ITEMS = ["speed", "stock", "advice", "parking"]
QUADRANT = {
    "speed": "concentrate here",
    "stock": "keep up the good work",
    "advice": "possible overkill",
    "parking": "low priority",
}


@pytest.fixture
def survey() -> pd.DataFrame:
    """Return importance, performance and satisfaction by 150 respondents, one item a quadrant."""
    generator = np.random.default_rng(11)
    importance = np.round(generator.normal([6.2, 5.9, 4.0, 3.8], 0.8, (150, 4)))
    performance = np.round(generator.normal([3.6, 5.5, 5.7, 3.9], 0.9, (150, 4)))
    weights = np.array([0.7, 0.4, 0.05, 0.0])
    satisfaction = np.round(performance @ weights + generator.normal(0, 0.6, 150), 1)
    names = [f"{question}_{item}" for question in "IP" for item in ITEMS]
    index = pd.Index([f"r{i}" for i in range(150)], name="respondent")
    table = pd.DataFrame(np.hstack([importance, performance]), columns=names, index=index)
    return table.assign(overall=satisfaction)


def make(**changes) -> ImportancePerformance:
    """Return a map with a seed and few resamples."""
    return ImportancePerformance(**{"n_bootstrap": 60, "random_state": 0, **changes})


def derived(**changes) -> ImportancePerformance:
    """Return a map whose importance comes from satisfaction."""
    return make(importance="derived", satisfaction="overall", **changes)


def test_each_item_falls_where_it_was_put(survey):
    """Means of the columns, lines at their means, one item a quadrant."""
    model = make().fit(survey)
    assert model.map_["quadrant"].to_dict() == QUADRANT
    np.testing.assert_allclose(model.map_["importance"], survey.filter(like="I_").mean())
    np.testing.assert_allclose(model.map_["performance"], survey.filter(like="P_").mean())
    assert model.cross_hair_["importance"] == pytest.approx(model.map_["importance"].mean())
    np.testing.assert_allclose(model.stability_.sum(axis=1), 1.0)
    assert (model.map_["stability"] == 1.0).all()


def test_where_all_items_are_alike_no_quadrant_is_sure():
    """The same mean behind four items: the bootstrap says so."""
    generator = np.random.default_rng(1)
    values = generator.normal(5, 1, (200, 8))
    names = [f"{question}_{item}" for question in "IP" for item in ITEMS]
    model = make(n_bootstrap=400).fit(pd.DataFrame(values, columns=names))
    assert model.map_["stability"].min() < 0.9
    assert model.map_["stability"].mean() < 0.95


def test_intervals_are_about_those_of_the_means(survey):
    """Percentile intervals of means reach about 1.96 standard errors to both sides."""
    model = make(n_bootstrap=2000).fit(survey)
    errors = survey.filter(like="P_").sem().to_numpy()
    for end, sign in (("performance_lower", -1), ("performance_upper", 1)):
        away = (model.map_[end] - model.map_["performance"]) * sign
        # The quantile of 2,000 draws has an error of about 4 % of 1.96.
        np.testing.assert_allclose(away, 1.96 * errors, rtol=0.15)


def test_derived_importance_finds_what_drives_satisfaction(survey):
    """Shares of R squared sum to it; the order is that of the simulation."""
    model = derived().fit(survey)
    assert model.map_["importance"].sum() == pytest.approx(model.r_squared_, rel=1e-12)
    assert model.map_["importance"].idxmax() == "speed"
    assert model.map_.loc["parking", "quadrant"] == "low priority"
    assert model.n_features_in_ == 5
    assert make().fit(survey).r_squared_ is None


def test_regression_gives_the_published_coefficients_and_tells_negative_ones():
    """R's lm of the attitude data; two items go along with less beside the others."""
    data = load_attitude()
    model = ImportancePerformance(
        importance="derived",
        derivation="regression",
        performance_prefix="",
        satisfaction="rating",
        n_bootstrap=0,
    )
    with pytest.warns(DataQualityWarning, match="negative for 'privileges', 'advance'"):
        model.fit(data)
    raw = model.map_["importance"] * data["rating"].std() / data[model.items_].std()
    expected = [0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706]
    np.testing.assert_allclose(raw, expected, atol=5e-6)
    with pytest.raises(ValueError, match="importance must not be negative to score with"):
        model.transform(data)


def test_given_importance_is_used_as_it_is(survey):
    """A dict or a Series by item, in any order; transform weighs by its shares."""
    weights = pd.Series({"parking": 1.0, "speed": 3.0, "stock": 4.0, "advice": 2.0})
    model = make(importance=weights).fit(survey)
    assert model.items_ == ["parking", "speed", "stock", "advice"]
    assert model.map_["importance"].to_dict() == weights.to_dict()
    expected = survey[[f"P_{item}" for item in weights.index]] @ (weights.to_numpy() / 10)
    np.testing.assert_allclose(model.transform(survey)["weighted_performance"], expected)
    same = make(importance=dict(weights)).fit(survey)
    pd.testing.assert_frame_equal(same.map_, model.map_)


def test_scores_are_of_what_was_answered(survey):
    """Weights are shared among the items answered, and coverage tells how much that was."""
    model = make(importance={"speed": 0.5, "stock": 0.25, "advice": 0.25}, items=ITEMS[:3])
    model.fit(survey)
    X = pd.DataFrame({"P_speed": [4.0, np.nan], "P_stock": [2.0, np.nan], "P_advice": [np.nan] * 2})
    out = model.transform(X)
    assert out["weighted_performance"].iloc[0] == pytest.approx((0.5 * 4 + 0.25 * 2) / 0.75)
    assert out["coverage"].tolist() == [0.75, 0.0]
    assert np.isnan(out["weighted_performance"].iloc[1])


def test_lines_can_be_put_elsewhere(survey):
    """Median of the items, middle of the scale, or numbers."""
    median = make(cross_hair="median").fit(survey)
    assert median.cross_hair_["performance"] == pytest.approx(median.map_["performance"].median())
    middle = make(cross_hair="midpoint", scale=(1, 9)).fit(survey)
    assert middle.cross_hair_.tolist() == [5.0, 5.0]
    given = make(cross_hair=(7.5, 3.0)).fit(survey)
    assert set(given.map_["quadrant"]) == {"possible overkill"}


def test_neither_row_order_nor_a_new_fit_changes_a_draw(survey):
    """The same seed and the same respondents give the same stability to the last bit."""
    for model in (make(), derived()):
        one = model.fit(survey)
        other = clone(model).fit(survey.sample(frac=1, random_state=5))
        pd.testing.assert_frame_equal(one.map_, other.map_, check_exact=True)
        pd.testing.assert_frame_equal(one.stability_, other.stability_, check_exact=True)
        assert not clone(model).set_params(random_state=1).fit(survey).map_.equals(one.map_)


def test_weights_are_numbers_of_respondents(survey):
    """Doubled and dropped rows, draws included."""
    counts = np.random.default_rng(2).integers(0, 3, len(survey))
    weighted = make().fit(survey, sample_weight=counts)
    repeated = make().fit(survey.loc[survey.index.repeat(counts)])
    pd.testing.assert_frame_equal(weighted.map_, repeated.map_)
    assert weighted.n_respondents_ == counts.sum()


def test_the_next_wave_is_placed_on_the_same_lines(survey):
    """Speed got better: it moved, the lines did not; X at hand moves nothing."""
    model = make().fit(survey)
    assert not model.place(survey)["moved"].any()
    better = survey.assign(P_speed=survey["P_speed"] + 3)
    placed = model.place(better)
    assert placed.index[placed["moved"]].tolist() == ["speed"]
    assert placed.loc["speed", "quadrant"] == "keep up the good work"
    assert placed.loc["speed", "fitted_quadrant"] == "concentrate here"
    doubled = model.place(better, sample_weight=np.full(len(better), 2))
    pd.testing.assert_frame_equal(doubled, placed)
    assert not derived().fit(survey).place(survey)["moved"].any()


def test_gaps_are_treated_as_asked(survey):
    """Each mean from who answered, or whole respondents only, or an error."""
    holed = survey.copy()
    holed.iloc[:20, 0] = np.nan
    pairwise = make().fit(holed)
    assert pairwise.map_.loc["speed", "importance"] == survey["I_speed"].iloc[20:].mean()
    assert pairwise.map_.loc["speed", "performance"] == pytest.approx(survey["P_speed"].mean())
    with pytest.warns(DataQualityWarning, match="leaves out 20 of 150 respondents"):
        listwise = make(missing="listwise").fit(holed)
    pd.testing.assert_frame_equal(listwise.map_, make().fit(survey.iloc[20:]).map_)
    with pytest.raises(DataError, match="row 0 .* has I_speed=nan"):
        make(missing="raise").fit(holed)
    strict = make(missing="raise").fit(survey)
    holed.iloc[4, 4] = np.nan
    with pytest.raises(DataError, match="row 4 .* has P_speed=nan"):
        strict.transform(holed)


def test_derived_importance_tells_whom_it_leaves_out(survey):
    """Those with a gap count for performance only."""
    survey.iloc[:20, 4] = np.nan
    with pytest.warns(DataQualityWarning, match="20 of 150 respondents did not"):
        model = derived(n_bootstrap=5).fit(survey)
    assert model.map_.loc["stock", "performance"] == pytest.approx(survey["P_stock"].mean())
    with pytest.warns(DataQualityWarning, match="20 of 150 respondents did not"):
        model.place(survey)


def test_draws_that_give_no_map_are_counted():
    """Six respondents, one of whom alone answered an item: some draws miss that one."""
    generator = np.random.default_rng(4)
    names = [f"{question}_{item}" for question in "IP" for item in ("a", "b")]
    X = pd.DataFrame(generator.integers(1, 8, (6, 4)).astype(float), columns=names)
    X.iloc[1:, 0] = np.nan
    with pytest.warns(DataQualityWarning, match=r"\d+ of 60 resamples gave no map"):
        model = make().fit(X)
    assert 0 < model.n_resamples_ < 60
    assert model.map_["importance_lower"].isna().tolist() == [True, False]
    assert model.map_["stability"].isna().tolist() == [True, False]
    assert model.map_["performance_lower"].notna().all()


def test_without_bootstrap_nothing_is_said_of_stability(survey):
    """Points and quadrants stay."""
    model = make(n_bootstrap=0).fit(survey)
    assert model.map_["quadrant"].to_dict() == QUADRANT
    assert model.map_[["stability", "importance_lower"]].isna().all(axis=None)
    assert model.n_resamples_ == 0


def test_arrays_have_importance_first_and_satisfaction_last(survey):
    """Numbered items with the results of the frame; transform takes all columns."""
    stated = make().fit(survey.drop(columns="overall").to_numpy())
    assert stated.items_ == ["x0", "x1", "x2", "x3"]
    frame = make().fit(survey)
    np.testing.assert_array_equal(stated.map_["stability"], frame.map_["stability"])
    out = stated.transform(survey.drop(columns="overall").to_numpy())
    np.testing.assert_array_equal(out.to_numpy(), frame.transform(survey).to_numpy())
    performance = survey[[f"P_{item}" for item in ITEMS] + ["overall"]]
    found = derived().fit(performance.to_numpy())
    np.testing.assert_allclose(found.map_["importance"], derived().fit(survey).map_["importance"])


def test_polars_keeps_its_ids(survey):
    """The first column of a polars frame comes back, and is no item of an empty prefix."""
    X = survey[[f"P_{item}" for item in ITEMS] + ["overall"]]
    model = derived(performance_prefix="").fit(pl.from_pandas(X.reset_index()))
    assert model.items_ == [f"P_{item}" for item in ITEMS]
    out = model.transform(pl.from_pandas(X.reset_index()))
    assert out.columns == ["respondent", "weighted_performance", "coverage"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"importance": "derived"}, "satisfaction must name a column"),
        ({"importance": "derived", "satisfaction": "P_speed", "items": ITEMS}, "must be no item"),
        ({"importance": {"speed": 1.0}}, "importance must name every item .*'stock'"),
        ({"importance": {"speed": -1.0}, "items": ["speed"]}, "at least 0"),
        ({"importance_prefix": "P_"}, "importance_prefix and performance_prefix must begin"),
        ({"items": ["speed"]}, "at least 2 items"),
        ({"items": ["speed", "price"]}, "I_price, P_price"),
        ({"items": ["speed", "speed"]}, "items must be different column names"),
        ({"cross_hair": "midpoint"}, "scale must be given"),
        ({"cross_hair": (1, 2, 3)}, "cross_hair must be"),
        ({"scale": (1, 5)}, "must lie between 1.0 and 5.0"),
        ({"level": 0}, "level"),
        ({"n_bootstrap": -1}, "n_bootstrap"),
        ({"derivation": "beta"}, "derivation"),
    ],
)
def test_bad_parameters_are_named(survey, changes, message):
    """One sentence with what must hold and what was found."""
    with pytest.raises(ValueError, match=message):
        make(**changes).fit(survey)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X.assign(I_speed="high"), "'I_speed' must be a number"),
        (lambda X: X.assign(P_speed=-np.inf), "'P_speed' must be finite"),
        (lambda X: X.assign(P_speed=np.nan), "performance of each item .*'speed' has no answer"),
        (lambda X: X.drop(columns="I_speed"), "has 'P_speed' but not 'I_speed'"),
        (lambda X: X.iloc[:0], "at least one row"),
    ],
)
def test_bad_tables_are_refused(survey, change, message):
    """One sentence with the column, the rule and what was found."""
    with pytest.raises(ValueError, match=message):
        make().fit(change(survey))


def test_collinear_items_have_no_regression(survey):
    """The message points to "lmg", which shares among them."""
    twice = survey.assign(P_stock=2 * survey["P_speed"])
    with pytest.raises(DataError, match="derivation='lmg' shares among them"):
        derived(derivation="regression").fit(twice)
    shared = derived().fit(twice).map_["importance"]
    assert shared["speed"] == pytest.approx(shared["stock"], rel=1e-9)


@pytest.mark.parametrize("factor", [1e306, 1e101])
def test_answers_too_large_to_compute_with_are_refused(survey, factor):
    """At fit, place and transform, with column, row and answer."""
    model = make().fit(survey)
    for fails in (model.place, model.fit, model.transform):
        with pytest.raises(DataError, match=r"must lie between -1e\+100 and 1e\+100 .*row 0"):
            fails(survey * factor)


@pytest.mark.parametrize("exponent", [-300, 300])
@pytest.mark.parametrize("build", [make, derived])
def test_units_far_from_one_move_no_item(survey, exponent, build):
    """Ratings times a power of two: quadrants, weights and stability to the last bit."""
    one, other = build().fit(survey), build().fit(survey * 2.0**exponent)
    pd.testing.assert_frame_equal(other.stability_, one.stability_, check_exact=True)
    same = ["weight", "quadrant", "stability"]
    pd.testing.assert_frame_equal(other.map_[same], one.map_[same], check_exact=True)
    unit = 2.0**exponent
    np.testing.assert_array_equal(other.map_["performance"], one.map_["performance"] * unit)


def test_answers_too_small_to_compute_with_are_refused(survey):
    """Their products are 0."""
    with pytest.raises(DataError, match="'I_speed' must hold a number of at least 1e-100"):
        make().fit(survey * 1e-200)


def test_one_respondent_has_a_map_and_no_stability(survey):
    """Nothing is known of the spread: NaN, and a warning."""
    with pytest.warns(DataQualityWarning, match="at least 2 respondents; found 1: they are NaN"):
        model = make().fit(survey.iloc[:1])
    limits = model.map_.filter(regex="lower|upper|stability")
    assert limits.shape == (4, 5)
    assert limits.isna().all(axis=None)
    assert model.stability_.isna().all(axis=None)
    assert model.map_[["importance", "performance", "weight"]].notna().all(axis=None)
    assert model.n_resamples_ == 0
    make(n_bootstrap=0).fit(survey.iloc[:1])


def test_shares_are_no_numbers_of_respondents(survey):
    """Weights that sum to 1 are one respondent, of whom no map of one draw is made."""
    shares = np.full(150, 1 / 150)
    with pytest.warns(DataQualityWarning) as told:
        model = make().fit(survey, sample_weight=shares)
    texts = [str(one.message) for one in told]
    assert any("150 rows stand for 1 of them" in text for text in texts)
    assert any("at least 2 respondents; found 1" in text for text in texts)
    assert model.map_["stability"].isna().all()
    with pytest.warns(DataQualityWarning, match="150 rows stand for 1 of them"):
        model.place(survey, sample_weight=shares)


@pytest.mark.parametrize("total", [0.2, 1e17])
def test_weights_that_cannot_count_respondents_are_refused(survey, total):
    """Less than one respondent, or more than a float counts."""
    with pytest.raises(DataError, match="sum lies between 1 and 2"):
        make().fit(survey, sample_weight=np.full(150, total / 150))


def test_equal_items_share_a_place(survey):
    """A tie is a tie in points, quadrants and stability."""
    for question in "IP":
        survey[f"{question}_stock"] = survey[f"{question}_speed"]
    table = make().fit(survey).map_
    assert table.loc["stock"].equals(table.loc["speed"])


def test_better_performance_of_an_item_moves_no_other_to_the_better(survey):
    """Its own point goes right; the line follows, so that others can only fall behind it."""
    before = make().fit(survey).map_["quadrant"]
    after = make().fit(survey.assign(P_speed=survey["P_speed"] + 2)).map_["quadrant"]
    good = ["keep up the good work", "possible overkill"]
    assert after["speed"] == "keep up the good work"
    others = [item for item in ITEMS if item != "speed"]
    assert set(others).intersection(after.index[after.isin(good)]) <= set(
        before.index[before.isin(good)]
    )


def test_nothing_is_told_before_fit(survey):
    """Neither scores nor places."""
    for ask in (make().transform, make().place):
        with pytest.raises(NotFittedError):
            ask(survey)


def test_a_saved_map_answers_alike(survey, tmp_path):
    """Its file is small and names no respondent."""
    model = make().fit(survey)
    model.save(tmp_path / "map.json")
    text = (tmp_path / "map.json").read_text()
    assert len(text) < 10_000
    assert '"r3"' not in text
    again = custvalue.load(tmp_path / "map.json")
    pd.testing.assert_frame_equal(again.transform(survey), model.transform(survey))
    pd.testing.assert_frame_equal(again.place(survey), model.place(survey))
