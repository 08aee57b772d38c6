"""WeightedScore."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.service import WeightedScore

ITEMS = ["speed", "stock", "order", "claims", "price"]
# The worked example of the method (reference, section 1.2): 3.96, and 4.1294 without the fourth.
WEIGHTS = pd.Series([0.30, 0.25, 0.20, 0.15, 0.10], index=ITEMS)
# Reference, section 1.14, entropy as pymcdm 1.4.0 and AHP by the eigenvector, six digits.
ALTERNATIVES = pd.DataFrame([[7.0, 9, 9], [8, 7, 8], [9, 6, 8], [6, 7, 8]], columns=list("abc"))
COMPARISONS = pd.DataFrame(
    [[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], index=list("abc"), columns=list("abc")
)


@pytest.fixture
def ratings() -> pd.DataFrame:
    """Return the worked example, the same with a gap, and a third row."""
    rows = [[4.2, 3.8, 4.5, 3.0, 4.0], [4.2, 3.8, 4.5, np.nan, 4.0], [3.0, 5.0, 3.5, 4.0, 2.5]]
    return pd.DataFrame(rows, columns=ITEMS, index=pd.Index(list("xyz"), name="customer_id"))


@pytest.fixture
def scorer(ratings) -> WeightedScore:
    """Return the score of the worked example, fitted."""
    return WeightedScore(weights=WEIGHTS, missing="renormalise").fit(ratings)


def test_the_worked_example(scorer, ratings):
    """The published scores to the digits printed, with their coverage."""
    out = scorer.transform(ratings)
    assert out["score"].tolist()[:2] == pytest.approx([3.96, 4.1294], abs=5e-5)
    assert out["score"].iloc[0] == pytest.approx(3.96, abs=1e-14)
    assert out["coverage"].tolist() == pytest.approx([1, 0.85, 1], abs=1e-15)


def test_entropy_and_comparisons_give_the_published_weights():
    """Half a unit of the sixth digit; what belongs to the method is kept."""
    entropy = WeightedScore(weights="entropy").fit(ALTERNATIVES)
    assert entropy.weights_.tolist() == pytest.approx([0.474918, 0.467691, 0.057391], abs=5e-7)
    assert entropy.entropies_.tolist() == pytest.approx([0.991936, 0.992058, 0.999025], abs=5e-7)
    assert entropy.consistency_ratio_ is None
    pairs = WeightedScore(weights="ahp", comparisons=COMPARISONS).fit(ALTERNATIVES)
    assert pairs.weights_.tolist() == pytest.approx([0.636986, 0.258285, 0.104729], abs=5e-7)
    assert pairs.consistency_ratio_ == pytest.approx(0.033199, abs=5e-7)
    assert pairs.entropies_ is None
    assert pairs.items_ == ["a", "b", "c"]


def test_weights_of_a_ranking_of_service_elements_are_taken_as_they_are():
    """The Series goes in, and the score is the ranking's own."""
    from custvalue.datasets import make_survey
    from custvalue.factors import ServiceElementRanking

    survey = make_survey(80, random_state=1).drop(columns="overall_satisfaction")
    ranking = ServiceElementRanking(method="stated", n_bootstrap=0, compare=False).fit(survey)
    scorer = WeightedScore(weights=ranking.weights_).fit(survey)
    expected = ranking.transform(survey)["service_score"]
    np.testing.assert_allclose(scorer.transform(survey)["score"], expected, rtol=1e-13)


def test_contributions_sum_to_the_score(scorer, ratings):
    """Item by item; what is missing adds nothing and is not 0."""
    parts = scorer.contributions(ratings)
    assert list(parts.columns) == ITEMS
    assert parts.index.equals(ratings.index)
    np.testing.assert_allclose(parts.sum(axis=1), scorer.transform(ratings)["score"], rtol=1e-14)
    assert np.isnan(parts.loc["y", "claims"])
    assert parts.loc["x", "speed"] == pytest.approx(1.26, abs=1e-14)


def test_the_three_ways_with_gaps(ratings):
    """Refused by name, shared out, or no score for the row."""
    with pytest.raises(DataError, match=r"'claims' must be finite.*\(customer_id 'y'\).*\(1 such"):
        WeightedScore(weights=WEIGHTS).fit(ratings)
    full = WeightedScore(weights=WEIGHTS).fit(ratings.dropna())
    with pytest.raises(DataError, match=r"missing='renormalise' and 'propagate' allow gaps"):
        full.transform(ratings)
    propagate = WeightedScore(weights=WEIGHTS, missing="propagate").fit(ratings)
    out = propagate.transform(ratings)
    assert np.isnan(out["score"]).tolist() == [False, True, False]
    assert out["coverage"].iloc[1] == pytest.approx(0.85, abs=1e-15)
    assert propagate.contributions(ratings).loc["y"].isna().all()


def test_a_least_coverage_takes_scores_away(ratings):
    """A row below it has none, nor a rank."""
    scorer = WeightedScore(weights=WEIGHTS, missing="renormalise", min_coverage=0.9).fit(ratings)
    assert np.isnan(scorer.transform(ratings)["score"]).tolist() == [False, True, False]
    assert np.isnan(scorer.rank(ratings)).tolist() == [False, True, False]


def test_ranks_are_places_among_the_rows_given(scorer, ratings):
    """1 is the highest score; ties as asked; a Series for pandas, an array else."""
    twice = pd.concat([ratings, ratings.loc[["x"]]])
    ranks = scorer.rank(twice)
    assert ranks.tolist() == [2, 1, 4, 2]
    assert ranks.index.equals(twice.index)
    assert ranks.name == "rank"
    assert scorer.rank(twice, ties="dense").tolist() == [2, 1, 3, 2]
    assert scorer.rank(twice.to_numpy(), ties="average").tolist() == [2.5, 1, 4, 2.5]
    with pytest.raises(ValueError, match="ties must be 'competition', 'dense', 'average'"):
        scorer.rank(twice, ties="first")


def test_costs_are_turned_on_their_scale():
    """Fitted ends, given ends, and values beyond them."""
    X = pd.DataFrame({"wait": [2.0, 6.0], "care": [3.0, 4.0]})
    fitted = WeightedScore(costs=["wait"]).fit(X)
    assert fitted.transform(X)["score"].tolist() == [4.5, 3.0]
    given = WeightedScore(costs={"wait": (1, 7)}).fit(X)
    assert given.transform(X)["score"].tolist() == [4.5, 3.0]
    assert given.transform([[1.0, 7.0]])["score"].tolist() == [7.0]
    with pytest.raises(DataError, match=r"'wait' must be from 1.0 to 7.0.*row 0 has wait=8.0"):
        given.transform([[8.0, 7.0]])


def test_targets_count_what_is_reached():
    """A share of the target, its inverse for a cost, and pairs."""
    X = pd.DataFrame({"rate": [0.8, 0.4], "days": [4.0, 2.0], "damage": [0.0, 0.05]})
    targets = {"rate": 0.8, "days": 2.0, "damage": (0.1, 0.0)}
    scorer = WeightedScore(scaling=targets, costs=["days"]).fit(X)
    parts = 3 * scorer.contributions(X)
    np.testing.assert_allclose(parts, [[1, 0.5, 1], [0.5, 1, 0.5]], rtol=1e-14)
    assert scorer.scales_["form"].tolist() == ["linear", "inverse", "linear"]
    for fails in (WeightedScore(scaling=targets, costs=["days"]).fit, scorer.transform):
        with pytest.raises(DataError, match=r"'days' must be above 0.*row 1 has days=0.0"):
            fails(X.assign(days=[1.0, 0.0]))


def test_rows_beyond_the_fit_are_told_not_clipped():
    """They count less than 0 or more than 1; on other scales there is nothing to tell."""
    X = pd.DataFrame({"a": [0.0, 10.0], "b": [1.0, 2.0]})
    new = pd.DataFrame({"a": [20.0, 5.0], "b": [1.0, 1.5]})
    scorer = WeightedScore(scaling="min_max").fit(X)
    with pytest.warns(DataQualityWarning, match=r"row 0 has a=20.0 outside 0.0 to 10.0 \(1 such"):
        out = scorer.transform(new)
    assert out["score"].tolist() == [1.0, 0.5]
    for scaling in (None, "z", {"a": 1.0, "b": 1.0}):
        WeightedScore(scaling=scaling).fit(X).transform(new)


def test_a_new_fit_with_a_row_beyond_may_turn_ranks():
    """Rank reversal, which the docstring warns of: two old rows change places for a third."""
    X = pd.DataFrame({"a": [0.0, 6.0, 10.0], "b": [10.0, 5.0, 0.0]})
    weights = {"a": 0.48, "b": 0.52}
    old = WeightedScore(weights=weights, scaling="min_max").fit(X)
    new = WeightedScore(weights=weights, scaling="min_max").fit([*X.to_numpy(), [40.0, 10.0]])
    assert old.rank(X)[1] < old.rank(X)[0]
    assert new.rank(X)[1] > new.rank(X)[0]


@pytest.mark.parametrize("scaling", ["min_max", "z"])
def test_a_constant_item_is_told_and_has_no_weight(scaling):
    """The others share its weight; without scaling, or by target, it counts as it is."""
    X = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 3.0], "c": [2.0, 0.0]})
    scorer = WeightedScore(weights={"a": 1, "b": 2, "c": 3}, scaling=scaling)
    with pytest.warns(DataQualityWarning, match="has no scale and so the weight 0; found b=3.0"):
        scorer.fit(X)
    assert scorer.weights_.tolist() == [0.25, 0, 0.75]
    assert scorer.transform(X)["coverage"].tolist() == [1, 1]
    assert np.isfinite(scorer.transform(X.assign(b=[1.0, 9.0]))["score"]).all()
    assert scorer.contributions(X)["b"].tolist() == [0, 0]
    assert WeightedScore(weights={"a": 1, "b": 2, "c": 1}).fit(X).weights_["b"] == 0.5


tables = (
    st.integers(2, 7)
    .flatmap(
        lambda n: st.lists(
            st.lists(st.integers(-50, 50), min_size=n, max_size=n, unique=True),
            min_size=3,
            max_size=3,
        )
    )
    .map(lambda columns: np.array(columns, dtype=float).T)
)
weight_lists = st.lists(st.floats(0.05, 5), min_size=3, max_size=3)


@settings(max_examples=30)
@given(X=tables, weights=weight_lists, seed=st.integers(0, 99))
def test_rows_and_columns_may_come_in_any_order(X, weights, seed):
    """Shuffled rows give the same answers to the last bit, shuffled columns to rounding."""
    frame = pd.DataFrame(X, columns=list("abc"))
    given_ = dict(zip("abc", weights, strict=True))
    generator = np.random.default_rng(seed)
    rows, names = generator.permutation(len(X)), list(generator.permutation(list("abc")))
    for scaling in (None, "min_max", "z"):
        expected = WeightedScore(weights=given_, scaling=scaling).fit(frame).transform(frame)
        shuffled = WeightedScore(weights=given_, scaling=scaling).fit(frame.iloc[rows])
        pd.testing.assert_frame_equal(shuffled.transform(frame), expected, check_exact=True)
        turned = WeightedScore(weights={name: given_[name] for name in names}, scaling=scaling)
        out = turned.fit(frame).transform(frame)
        np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-12)


@settings(max_examples=30)
@given(X=tables, weights=weight_lists, unit=st.floats(0.01, 100), zero=st.floats(-100, 100))
def test_the_unit_and_zero_of_an_item_change_no_scaled_score(X, weights, unit, zero):
    """Min-max and z scores are the same in days as in hours, for costs too."""
    other = X * [unit, 1, 1] + [zero, 0, 0]
    w = dict(zip(["x0", "x1", "x2"], weights, strict=True))
    for scaling in ("min_max", "z"):
        scorer = WeightedScore(weights=w, scaling=scaling, costs=["x0"], items=list(w))
        expected = scorer.fit_transform(X)["score"]
        out = clone(scorer).fit_transform(other)["score"]
        # Differences of at least 1 beside values of up to 5,100 leave 12 digits.
        np.testing.assert_allclose(out, expected, rtol=0, atol=1e-9)


@settings(max_examples=30)
@given(
    X=tables, weights=weight_lists, step=st.floats(0.5, 20), scaling=st.sampled_from([None, "z"])
)
def test_more_of_a_benefit_raises_the_score_and_more_of_a_cost_lowers_it(X, weights, step, scaling):
    """One row at a time, as the scale was fitted."""
    w = dict(zip(["x0", "x1", "x2"], weights, strict=True))
    scorer = WeightedScore(weights=w, scaling=scaling, costs=["x2"]).fit(X)
    base = scorer.transform(X)["score"]
    assert (scorer.transform(X + np.array([step, 0, 0]))["score"] > base).all()
    assert (scorer.transform(X + np.array([0, 0, step]))["score"] < base).all()


def test_weights_of_rows_are_numbers_of_rows():
    """Scales and entropies of weighted rows are those of repeated rows; 0 leaves out."""
    generator = np.random.default_rng(5)
    X, counts = generator.integers(1, 8, (30, 3)).astype(float), generator.integers(0, 4, 30)
    repeated = np.repeat(X, counts, axis=0)
    weighted = WeightedScore(weights="entropy", scaling="min_max").fit(X, sample_weight=counts)
    plain = WeightedScore(weights="entropy", scaling="min_max").fit(repeated)
    np.testing.assert_allclose(weighted.weights_, plain.weights_, rtol=1e-12)
    assert weighted.n_rows_ == plain.n_rows_ == counts.sum()
    pd.testing.assert_frame_equal(weighted.scales_, plain.scales_)


def test_every_kind_of_table_gets_the_same_scores(scorer, ratings):
    """The output is of the kind of the input, ids first."""
    flat = ratings.reset_index()
    expected = scorer.transform(ratings)
    from_polars = scorer.transform(pl.from_pandas(flat))
    from_arrow = scorer.transform(pa.Table.from_pandas(flat))
    assert from_polars.columns == from_arrow.column_names == ["customer_id", "score", "coverage"]
    assert from_polars["score"].to_list() == from_arrow["score"].to_pylist()
    assert from_polars["score"].to_list() == expected["score"].to_list()
    assert isinstance(scorer.rank(pl.from_pandas(flat)), np.ndarray)
    assert list(scorer.get_feature_names_out()) == ["score", "coverage"]
    assert list(scorer.feature_names_in_) == ITEMS


@pytest.mark.parametrize(
    "parameters",
    [
        {"weights": WEIGHTS.rename(None)},
        {"weights": "entropy", "scaling": "min_max", "costs": ["price"]},
        {"scaling": {**dict.fromkeys(ITEMS, 5.0), "price": (7, 1)}, "items": ITEMS},
        {"weights": "ahp", "comparisons": np.ones((5, 5)).tolist(), "costs": {"price": (1, 7)}},
    ],
)
def test_copies_score_alike(parameters, ratings, tmp_path):
    """clone, pickle and save with load give the same scores."""
    scorer = WeightedScore(missing="renormalise", **parameters).fit(ratings)
    expected = scorer.contributions(ratings)
    scorer.save(tmp_path / "scorer.json")
    assert len((tmp_path / "scorer.json").read_text()) < 20_000
    loaded = custvalue.load(tmp_path / "scorer.json")
    for copy in (loaded, pickle.loads(pickle.dumps(scorer)), clone(scorer).fit(ratings)):
        pd.testing.assert_frame_equal(copy.contributions(ratings), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"weights": "importance"}, "'weights' parameter of WeightedScore"),
        ({"weights": {"a": 1, "b": -2, "c": 1}}, "not negative; found -2 for 'b'"),
        ({"weights": {"a": 0, "b": 0, "c": 0}}, "weights must not all be 0"),
        ({"weights": {"a": 1}, "items": ["a", "b"]}, "missing: 'b'"),
        ({"weights": {"a": 1, "b": 1}, "items": ["a"]}, "not among them: 'b'"),
        ({"weights": "ahp"}, "comparisons must be given where weights are 'ahp'"),
        ({"weights": "ahp", "comparisons": np.ones((3, 3)) * 2}, "reciprocal"),
        ({"weights": "entropy", "scaling": "z"}, "weights='entropy' needs values of at least 0"),
        ({"items": ["a", "a"]}, "items must be different column names"),
        ({"costs": ["d"]}, "costs must name items.*found 'd'"),
        ({"costs": {"a": (1, 9)}, "scaling": "z"}, "only where scaling is None; found scaling='z'"),
        ({"scaling": "rank"}, "'scaling' parameter of WeightedScore"),
        ({"scaling": {"a": 1}}, "scaling must give a target for each item"),
        ({"missing": "drop"}, "'missing' parameter of WeightedScore"),
        ({"min_coverage": 1.5}, "'min_coverage' parameter of WeightedScore"),
        ({"min_coverage": 0.5}, "only where missing='renormalise'; found 0.5 with missing='raise'"),
        ({"comparisons": np.ones((3, 3))}, "comparisons may be given only where weights are 'ahp'"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message):
    """Each names the parameter and what was found."""
    scorer = WeightedScore(**parameters)
    with pytest.raises(ValueError, match=message):
        scorer.fit(ALTERNATIVES)
    with pytest.raises(NotFittedError):
        scorer.transform(ALTERNATIVES)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        (pd.DataFrame({"a": [1.0], "b": [2.0]}), "needs the columns a, b, c; missing: c"),
        (ALTERNATIVES.assign(b="good"), "'b' must be a number"),
        (ALTERNATIVES.assign(b=np.inf), "'b' must be finite"),
        (ALTERNATIVES.assign(b=np.nan), "'b' must be finite"),
        (ALTERNATIVES.iloc[:0], "at least one row"),
        (ALTERNATIVES.to_numpy()[:, :2], "expecting 3 features as input"),
    ],
)
def test_wrong_tables_are_refused(X, message):
    """Each wrong table gives one clear error, in fit and in transform."""
    scorer = WeightedScore(items=["a", "b", "c"])
    for fails in (scorer.fit, clone(scorer).fit(ALTERNATIVES).transform):
        with pytest.raises(DataError, match=message):
            fails(X)


def test_comparisons_that_contradict_one_another_are_told():
    """a over b over c over a."""
    circle = [[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]]
    with pytest.warns(DataQualityWarning, match="comparisons of items should agree.*found 1.1"):
        WeightedScore(weights="ahp", comparisons=circle).fit(ALTERNATIVES)


def test_a_large_score_ties_no_small_ones():
    """1e15 beside 3, 2 and 1, which are three places."""
    X = pd.DataFrame({"a": [1e15, 1.0, 2.0, 3.0]})
    assert WeightedScore().fit(X).rank(X).tolist() == [1, 4, 3, 2]


def test_scores_that_cancel_but_for_rounding_are_ties():
    """A sum of 0 in two ways: 0.1 + 0.2 - 0.3, and 0."""
    X = [[0.1, 0.2, -0.3], [0.0, 0.0, 0.0], [0.1, 0.1, 0.1]]
    assert WeightedScore().fit(X).rank(X).tolist() == [2, 2, 1]


def test_very_large_values_lose_no_item():
    """-1e308 to 1e308 scaled has its whole weight; what counts no finite amount is refused."""
    X = pd.DataFrame({"a": [-1e308, 0.0, 1e308], "b": [1.0, 2.0, 3.0]})
    out = WeightedScore(scaling="min_max").fit(X).transform(X)
    assert out["score"].tolist() == [0, 0.5, 1]
    assert out["coverage"].tolist() == [1, 1, 1]
    large = WeightedScore(scaling="z").fit(X.assign(a=[-1e300, 0.0, 1e300]))
    small = WeightedScore(scaling="z").fit(X.assign(a=[-1.0, 0.0, 1.0]))
    np.testing.assert_allclose(
        large.transform(X.assign(a=[-1e300, 0.0, 1e300])),
        small.transform(X.assign(a=[-1.0, 0.0, 1.0])),
        rtol=1e-14,
    )
    scorer = WeightedScore(scaling={"a": 1e-300, "b": 1.0})
    with pytest.raises(DataError, match=r"'a' must be such that.*finite.*a=-1e\+308 \(2 such rows"):
        scorer.fit(X)
    with pytest.raises(DataError, match=r"'a' must be such that.*finite.*a=1e\+308 \(1 such row"):
        scorer.fit(X[1:2]).transform(X[1:])


def test_a_range_beyond_a_float_is_kept(tmp_path):
    """A saved scale from -1e308 to 1e308 counts as before."""
    X = pd.DataFrame({"a": [-1e308, 0.0, 1e308], "b": [1.0, 2.0, 3.0]})
    scorer = WeightedScore(scaling="min_max").fit(X)
    scorer.save(tmp_path / "scorer.json")
    loaded = custvalue.load(tmp_path / "scorer.json")
    pd.testing.assert_frame_equal(loaded.transform(X), scorer.transform(X))


def test_a_coverage_on_the_least_is_enough():
    """Weights of 0.7 and 0.2 are 0.9."""
    X = pd.DataFrame({"a": [3.0, 1.0], "b": [3.0, 1.0], "c": [np.nan, 1.0]})
    weights = {"a": 0.7, "b": 0.2, "c": 0.1}
    scorer = WeightedScore(weights=weights, missing="renormalise", min_coverage=0.9).fit(X)
    assert scorer.transform(X)["score"].tolist() == pytest.approx([3, 1], rel=1e-15)


def test_warnings_point_to_the_line_that_asked():
    """In fit and in each query."""
    X = pd.DataFrame({"a": [0.0, 10.0], "b": [1.0, 2.0], "c": [3.0, 3.0]})
    with pytest.warns(DataQualityWarning) as told:
        scorer = WeightedScore(scaling="min_max").fit(X)
    for ask in (scorer.transform, scorer.contributions, scorer.rank):
        with pytest.warns(DataQualityWarning) as more:
            ask(X.assign(a=[20.0, 5.0]))
        assert [one.filename for one in more] == [__file__]
    assert [one.filename for one in told] == [__file__]


def test_weights_without_names_are_those_of_the_columns():
    """Of an array, or of ``items``; a frame has no order to go by."""
    named = WeightedScore(weights={"a": 3, "b": 1, "c": 0}).fit(ALTERNATIVES)
    expected = named.transform(ALTERNATIVES)["score"].tolist()
    for weights in ([3, 1, 0], pd.Series([3, 1, 0]), np.array([3, 1, 0])):
        scorer = WeightedScore(weights=weights).fit(ALTERNATIVES.to_numpy())
        assert scorer.transform(ALTERNATIVES.to_numpy())["score"].tolist() == expected
        by_items = WeightedScore(weights=weights, items=["a", "b", "c"]).fit(ALTERNATIVES)
        assert by_items.transform(ALTERNATIVES)["score"].tolist() == expected
        with pytest.raises(ValueError, match="weights must have names, or items must be given"):
            WeightedScore(weights=weights).fit(ALTERNATIVES)
    with pytest.raises(ValueError, match="one entry for each of x0, x1, x2; found 2"):
        WeightedScore(weights=[1, 2]).fit(ALTERNATIVES.to_numpy())


def test_a_row_without_weight_need_not_suit_its_target():
    """It is left out, and so not divided by."""
    X = pd.DataFrame({"days": [2.0, 0.0], "rate": [1.0, 1.0]})
    scorer = WeightedScore(scaling={"days": 2.0, "rate": 1.0}, costs=["days"])
    assert scorer.fit(X, sample_weight=[1, 0]).n_rows_ == 1
