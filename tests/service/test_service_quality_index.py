"""ServiceQualityIndex."""

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
from custvalue.service import ServiceQualityIndex, WeightedScore

TREE = {"timeliness": ["cycle", "on_time"], "completeness": ["fill"], "care": ["damage"]}
INDICATORS = ["cycle", "on_time", "fill", "damage"]
COSTS = ["cycle", "damage"]
TARGETS = {"cycle": (10.0, 2.0), "on_time": 1.0, "fill": 1.0, "damage": (0.1, 0.0)}


@pytest.fixture
def sites() -> pd.DataFrame:
    """Return the indicators of four sites in three quarters."""
    generator = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "quarter": np.repeat(["Q1", "Q2", "Q3"], 4),
            "cycle": generator.uniform(2, 9, 12).round(1),
            "on_time": generator.uniform(0.7, 1, 12).round(3),
            "fill": generator.uniform(0.8, 1, 12).round(3),
            "damage": generator.uniform(0.0, 0.08, 12).round(3),
        }
    )
    frame.index = pd.Index([f"s{i:02}" for i in range(12)], name="customer_id")
    return frame


def make(**changes) -> ServiceQualityIndex:
    """Return an index by targets with a period."""
    settings_ = {
        "tree": TREE,
        "costs": COSTS,
        "normalisation": "target",
        "targets": TARGETS,
        "period": "quarter",
    }
    return ServiceQualityIndex(**{**settings_, **changes})


def scaled(**changes) -> ServiceQualityIndex:
    """Return an index by the range of the fit, with a period."""
    return make(**{"normalisation": "min_max", "targets": None, **changes})


def test_scores_by_dimension_and_as_a_whole_by_hand(sites):
    """Two levels of weighted means of what each value counts."""
    weights = {"cycle": 3, "on_time": 1, "fill": 1, "damage": 1}
    levels = {"timeliness": 5, "completeness": 3, "care": 2}
    out = make(weights=weights, dimension_weights=levels).fit(sites).transform(sites)
    timeliness = 0.75 * (10 - sites["cycle"]) / 8 + 0.25 * sites["on_time"]
    care = (0.1 - sites["damage"]) / 0.1
    assert list(out.columns) == ["timeliness", "completeness", "care", "index", "coverage"]
    np.testing.assert_allclose(out["timeliness"], timeliness, rtol=1e-13)
    np.testing.assert_allclose(out["care"], care, rtol=1e-13)
    expected = 0.5 * timeliness + 0.3 * sites["fill"] + 0.2 * care
    np.testing.assert_allclose(out["index"], expected, rtol=1e-13)
    assert (out["coverage"] == 1).all()


def test_dimensions_that_weigh_as_their_indicators_give_a_weighted_score(sites):
    """With "sum" the tree makes no difference to the index."""
    weights = {"cycle": 3, "on_time": 1, "fill": 2, "damage": 4}
    tree = scaled(weights=weights, dimension_weights="sum").fit(sites)
    flat = WeightedScore(weights=weights, costs=COSTS, scaling="min_max").fit(sites)
    np.testing.assert_allclose(
        tree.transform(sites)["index"], flat.transform(sites)["score"], rtol=1e-12
    )
    np.testing.assert_allclose(tree.weights_, flat.weights_, rtol=1e-14)


def test_published_weights_come_out_on_both_levels():
    """Entropy and comparisons of the reference, section 1.14, to half a unit of the sixth digit."""
    X = pd.DataFrame(
        [[7.0, 9, 9, 1], [8, 7, 8, 2], [9, 6, 8, 3], [6, 7, 8, 4]], columns=list("abcd")
    )
    options = {"normalisation": "target", "targets": dict.fromkeys("abcd", 10.0)}
    tree = {"first": ["a", "b", "c"], "second": ["d"]}
    entropy = ServiceQualityIndex(tree=tree, weights="entropy", **options).fit(X)
    expected = [0.474918, 0.467691, 0.057391, 1]
    assert entropy.indicator_weights_.tolist() == pytest.approx(expected, abs=5e-7)
    each = {"x": ["a"], "y": ["b"], "z": ["c"]}
    pairs = [[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]
    options["targets"] = dict.fromkeys("abc", 10.0)
    levels = ServiceQualityIndex(
        tree=each, dimension_weights="ahp", comparisons={"dimensions": pairs}, **options
    ).fit(X)
    expected = [0.636986, 0.258285, 0.104729]
    assert levels.dimension_weights_.tolist() == pytest.approx(expected, abs=5e-7)
    assert levels.consistency_ratios_["dimensions"] == pytest.approx(0.033199, abs=5e-7)


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric"])
def test_changes_by_period_sum_to_those_of_the_index(sites, aggregate):
    """To 1e-12, from quarter to quarter, and as `decompose` tells it."""
    quality = make(aggregate=aggregate).fit(sites)
    steps = np.diff(quality.by_period_["index"])
    np.testing.assert_allclose(quality.changes_.sum(axis=1), steps, rtol=0, atol=1e-12)
    assert quality.by_period_.index.tolist() == ["Q1", "Q2", "Q3"]
    assert quality.by_period_["rows"].tolist() == [4, 4, 4]
    first, second = (sites[sites["quarter"] == q] for q in ("Q1", "Q2"))
    frame = quality.decompose(first, second)
    assert frame["change"].sum() == pytest.approx(steps[0], abs=1e-12)
    np.testing.assert_allclose(frame["change"], quality.changes_.loc["Q2"], rtol=0, atol=1e-14)
    assert (frame["by_weight"] == 0).all()


def test_the_index_of_a_period_is_the_mean_of_its_rows(sites):
    """Without gaps; and new rows have periods of their own."""
    quality = make().fit(sites)
    means = quality.transform(sites)["index"].groupby(sites["quarter"]).mean()
    np.testing.assert_allclose(quality.by_period_["index"], means, rtol=1e-13)
    later = sites.assign(quarter=["Q4"] * 6 + ["Q5"] * 6)
    assert quality.by_period(later).index.tolist() == ["Q4", "Q5"]
    assert quality.changes(later).index.tolist() == ["Q5"]


def test_single_rows_are_compared_as_they_are(sites):
    """With weights that stay: weight times step, indicator by indicator."""
    quality = make().fit(sites)
    frame = quality.decompose(sites.iloc[[0]], sites.iloc[[5]])
    index = quality.transform(sites)["index"]
    assert frame["change"].sum() == pytest.approx(index.iloc[5] - index.iloc[0], abs=1e-12)
    steps = quality.weights_.to_numpy() * (frame["after"] - frame["before"])
    np.testing.assert_allclose(frame["change"], steps, rtol=0, atol=1e-15)


def test_other_weights_before_are_a_cause_of_their_own(sites):
    """The sum is the change from the index with the weights of then to that of now."""
    then = make(dimension_weights={"timeliness": 1, "completeness": 1, "care": 4}).fit(sites)
    now = make().fit(sites)
    old, new = sites.iloc[[0]], sites.iloc[[5]]
    frame = now.decompose(old, new, weights_before=then.weights_)
    step = now.transform(new)["index"].iloc[0] - then.transform(old)["index"].iloc[0]
    assert frame["change"].sum() == pytest.approx(step, abs=1e-12)
    assert frame["by_weight"].abs().max() > 0.01
    with pytest.raises(ValueError, match="weights_before must be finite and not negative"):
        now.decompose(old, new, weights_before=-then.weights_)


def test_the_three_ways_with_gaps(sites):
    """Refused, shared out in the dimension first, or no index."""
    gaps = sites.copy()
    gaps.loc["s01", "cycle"] = np.nan
    gaps.loc["s02", ["cycle", "on_time"]] = np.nan
    with pytest.raises(DataError, match=r"'cycle' must be finite.*'s01'.*\(2 such rows\)"):
        make().fit(gaps)
    shared = make(missing="renormalise").fit(gaps)
    out, full = shared.transform(gaps), make().fit(sites).transform(sites)
    assert out.loc["s01", "timeliness"] == pytest.approx(sites.loc["s01", "on_time"], rel=1e-14)
    assert np.isnan(out.loc["s02", "timeliness"])
    rest = (full.loc["s02", "completeness"] + full.loc["s02", "care"]) / 2
    assert out.loc["s02", "index"] == pytest.approx(rest, rel=1e-14)
    assert out["coverage"].tolist()[:3] == pytest.approx([1, 5 / 6, 2 / 3])
    least = make(missing="renormalise", min_coverage=0.8).fit(gaps).transform(gaps)
    assert np.isnan(least["index"]).tolist()[:3] == [False, False, True]
    none = make(missing="propagate").fit(gaps).transform(gaps)
    assert np.isnan(none["index"]).tolist()[:3] == [False, True, True]


def test_a_period_without_an_indicator_is_told_as_weight(sites):
    """The change is split all the same; with "propagate" there is nothing to split."""
    gaps = sites.copy()
    gaps.loc[gaps["quarter"] == "Q2", "damage"] = np.nan
    quality = make(missing="renormalise").fit(gaps)
    first, second = (gaps[gaps["quarter"] == q] for q in ("Q1", "Q2"))
    frame = quality.decompose(first, second)
    step = quality.by_period_["index"].diff().iloc[1]
    assert frame["change"].sum() == pytest.approx(step, abs=1e-12)
    assert frame.loc["damage", "by_value"] == 0
    strict = make(missing="propagate").fit(gaps)
    assert strict.changes_.isna().all(axis=None)
    with pytest.raises(DataError, match="X1 must have an index, or its change has no parts"):
        strict.decompose(first, second)


def test_a_geometric_index_of_nothing_has_no_parts(sites):
    """It is 0 where an indicator counts 0, and is never above the arithmetic one."""
    quality = make(aggregate="geometric").fit(sites)
    worst = sites.iloc[[0]].assign(damage=0.1)
    assert quality.transform(worst)["index"].tolist() == [0]
    with pytest.raises(DataError, match=r"X1 must have an index above 0.*found 0.0"):
        quality.decompose(sites, worst)
    arithmetic = make().fit(sites).transform(sites)["index"]
    assert (quality.transform(sites)["index"] <= arithmetic).all()
    with pytest.raises(DataError, match=r"'damage' must be on a scale.*has damage=0.2 \(1 such"):
        quality.transform(sites.iloc[[0]].assign(damage=0.2))


def test_rows_beyond_the_fit_are_told_not_clipped(sites):
    """By transform, by period and decompose; not with targets."""
    quality = scaled().fit(sites)
    new = sites.assign(cycle=sites["cycle"] + 4)
    asks = (quality.transform, quality.by_period, lambda X: quality.decompose(sites, X))
    for ask in asks:
        with pytest.warns(DataQualityWarning, match="should lie in the range of the fit.*cycle="):
            ask(new)
    make().fit(sites).transform(new)


def test_constant_indicators_are_told_and_have_no_weight(sites):
    """Others of the dimension take it; a dimension of them alone is refused."""
    constant = sites.assign(cycle=3.0)
    quality = scaled()
    with pytest.warns(DataQualityWarning, match="found cycle=3.0"):
        quality.fit(constant)
    assert quality.indicator_weights_.tolist() == [0, 1, 1, 1]
    out = quality.transform(constant)
    assert np.isfinite(out["index"]).all()
    assert (out["coverage"] == 1).all()
    assert quality.changes_["cycle"].tolist() == [0, 0]
    with pytest.raises(DataError, match="dimension 'care' must have an indicator whose values"):
        scaled().fit(sites.assign(damage=0.01))
    make().fit(sites.assign(damage=0.01))


tables = (
    st.integers(2, 6)
    .flatmap(
        lambda n: st.lists(
            st.lists(st.integers(1, 60), min_size=n, max_size=n, unique=True),
            min_size=4,
            max_size=4,
        )
    )
    .map(lambda columns: pd.DataFrame(np.array(columns, dtype=float).T, columns=INDICATORS))
)


@settings(max_examples=20)
@given(X=tables, unit=st.floats(0.01, 100), zero=st.floats(-50, 50), seed=st.integers(0, 99))
def test_unit_zero_and_order_change_nothing(X, unit, zero, seed):
    """Scaled indices are the same in other units, and each row's in any order of rows."""
    quality = scaled(period=None)
    expected = quality.fit(X).transform(X)
    other = X.assign(cycle=unit * X["cycle"] + zero)
    out = clone(quality).fit(other).transform(other)
    # Differences of at least 1 beside values of up to 6,050 leave 12 digits.
    np.testing.assert_allclose(out, expected, rtol=0, atol=1e-9)
    order = np.random.default_rng(seed).permutation(len(X))
    shuffled = clone(quality).fit(X.iloc[order]).transform(X)
    pd.testing.assert_frame_equal(shuffled, expected, check_exact=True)


@settings(max_examples=20)
@given(X=tables, tree_seed=st.integers(0, 99))
def test_the_order_of_the_tree_changes_no_index(X, tree_seed):
    """Dimensions and indicators may be named in any order."""
    generator = np.random.default_rng(tree_seed)
    names = list(generator.permutation(list(TREE)))
    tree = {name: list(generator.permutation(TREE[name])) for name in names}
    expected = scaled(period=None).fit(X).transform(X)["index"]
    out = scaled(tree=tree, period=None).fit(X).transform(X)["index"]
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13)


@settings(max_examples=20)
@given(X=tables, step=st.floats(0.5, 9), aggregate=st.sampled_from(["arithmetic", "geometric"]))
def test_better_values_raise_the_index_and_worse_ones_lower_it(X, step, aggregate):
    """Benefits and costs, row by row, as the targets were given."""
    targets = {"cycle": (100.0, 0.0), "on_time": 30.0, "fill": (0.0, 60.0), "damage": 5.0}
    quality = make(targets=targets, aggregate=aggregate, period=None).fit(X)
    base = quality.transform(X)["index"]
    for name in INDICATORS:
        moved = quality.transform(X.assign(**{name: X[name] + step}))["index"]
        assert ((moved < base) if name in COSTS else (moved > base)).all()


def test_weights_of_rows_are_numbers_of_rows(sites):
    """Scales, weights by entropy and periods are those of repeated rows."""
    counts = np.array([1, 2, 0, 3, 1, 1, 2, 1, 0, 2, 1, 1])
    weighted = scaled(weights="entropy", dimension_weights="entropy")
    weighted.fit(sites.iloc[counts > 0], sample_weight=counts[counts > 0])
    plain = clone(weighted).fit(sites.iloc[np.repeat(np.arange(12), counts)])
    np.testing.assert_allclose(weighted.weights_, plain.weights_, rtol=1e-12)
    pd.testing.assert_frame_equal(weighted.by_period_, plain.by_period_)
    without = make().fit(sites, sample_weight=counts)
    pd.testing.assert_frame_equal(
        without.by_period_, make().fit(sites.iloc[np.repeat(np.arange(12), counts)]).by_period_
    )


def test_a_row_left_out_is_not_asked_to_suit_the_mean(sites):
    """A row of weight 0 beyond the ends does not stop a geometric index."""
    bad = sites.copy()
    bad.loc["s03", "damage"] = 0.5
    weights = np.where(bad.index == "s03", 0, 1)
    quality = make(aggregate="geometric").fit(bad, sample_weight=weights)
    assert quality.by_period_["rows"].tolist() == [3, 4, 4]


def test_every_kind_of_table_gets_the_same_index(sites):
    """An array has the indicators in the order of the tree, then the period if it is there."""
    quality = make().fit(sites)
    expected = quality.transform(sites)["index"].tolist()
    flat = sites.reset_index()
    assert quality.transform(pl.from_pandas(flat))["index"].to_list() == expected
    assert quality.transform(pa.Table.from_pandas(flat))["index"].to_pylist() == expected
    assert quality.transform(sites[INDICATORS].to_numpy())["index"].tolist() == expected
    numbered = sites.assign(quarter=[int(q[1]) for q in sites["quarter"]])
    array = numbered[[*INDICATORS, "quarter"]].to_numpy()
    fitted = make().fit(array)
    assert fitted.transform(array)["index"].tolist() == expected
    assert fitted.by_period_.index.tolist() == [1, 2, 3]
    assert fitted.n_features_in_ == quality.n_features_in_ == 5
    assert list(quality.feature_names_in_) == [*INDICATORS, "quarter"]
    assert list(quality.get_feature_names_out()) == [*TREE, "index", "coverage"]


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric"])
def test_copies_answer_alike(sites, aggregate, tmp_path):
    """clone, pickle and save with load give the same index and periods."""
    dates = pd.to_datetime(sites["quarter"].map({"Q1": "2025-01-01", "Q2": "2025-04-01"}))
    X = sites.assign(quarter=dates.fillna(pd.Timestamp("2025-07-01")))
    quality = make(aggregate=aggregate, weights=pd.Series(1.0, index=INDICATORS)).fit(X)
    quality.save(tmp_path / "index.json")
    text = (tmp_path / "index.json").read_text()
    assert len(text) < 20_000
    assert "s01" not in text
    loaded = custvalue.load(tmp_path / "index.json")
    for copy in (loaded, pickle.loads(pickle.dumps(quality)), clone(quality).fit(X)):
        pd.testing.assert_frame_equal(copy.transform(X), quality.transform(X))
        pd.testing.assert_frame_equal(copy.by_period_, quality.by_period_)
        pd.testing.assert_frame_equal(copy.decompose(X[:4], X[4:]), quality.decompose(X[:4], X[4:]))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tree": None}, "'tree' parameter of ServiceQualityIndex"),
        ({"tree": {}}, "tree must have at least one dimension"),
        ({"tree": {"index": ["cycle"]}}, "found 'index'"),
        ({"weights": {"cycle": 1}}, "weights must have one weight for each of cycle, on_time"),
        ({"weights": {**dict.fromkeys(INDICATORS, 1), "fill": -1}}, "found -1 for 'fill'"),
        ({"dimension_weights": {"care": 1}}, "dimension_weights must have one weight for each of"),
        ({"dimension_weights": "mean"}, "'dimension_weights' parameter of ServiceQualityIndex"),
        ({"weights": "ahp", "dimension_weights": "sum"}, "needs weights that are given or 'equal'"),
        ({"comparisons": {"speed": [[1]]}}, "comparisons must be those of timeliness.*'speed'"),
        ({"weights": "ahp"}, "comparisons must be given.*found None for cycle, on_time"),
        ({"costs": ["cycles"]}, "costs must name items"),
        ({"targets": None}, "targets must be given where normalisation='target'"),
        ({"normalisation": "z"}, "and nowhere else; found normalisation='z'"),
        ({"targets": {"cycle": 1}}, "targets must give a target for each item"),
        (
            {"normalisation": "z", "targets": None, "aggregate": "geometric"},
            "aggregate='geometric'",
        ),
        ({"normalisation": "z", "targets": None, "weights": "entropy"}, "weights='entropy' needs"),
        ({"period": "fill"}, "period must be no indicator; found 'fill'"),
        ({"missing": "drop"}, "'missing' parameter of ServiceQualityIndex"),
        ({"min_coverage": -1}, "'min_coverage' parameter of ServiceQualityIndex"),
        ({"min_coverage": 0.5}, "only where missing='renormalise'; found 0.5 with missing='raise'"),
        (
            {"comparisons": {"timeliness": np.ones((2, 2))}},
            "comparisons of 'timeliness' may be given only where weights are 'ahp'",
        ),
        (
            {"comparisons": {"dimensions": np.ones((3, 3))}, "weights": "equal"},
            "comparisons of 'dimensions' may be given only where dimension_weights are 'ahp'",
        ),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, sites):
    """Each names the parameter and what was found."""
    quality = make(**parameters)
    with pytest.raises(ValueError, match=message):
        quality.fit(sites)
    with pytest.raises(NotFittedError):
        quality.transform(sites)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X: X.drop(columns="fill"), "missing: fill"),
        (lambda X: X.drop(columns="quarter"), "needs the columns quarter; missing: quarter"),
        (lambda X: X.assign(quarter=[None, *["Q1"] * 11]), "'quarter' must have a period in every"),
        (lambda X: X.assign(fill="full"), "'fill' must be a number"),
        (lambda X: X.assign(fill=np.inf), "'fill' must be finite"),
        (lambda X: X.iloc[:0], "at least one row"),
        (lambda X: X[INDICATORS].to_numpy(), "expecting 5 features as input"),
    ],
)
def test_wrong_tables_are_refused(change, message, sites):
    """Each wrong table gives one clear error."""
    with pytest.raises(DataError, match=message):
        make().fit(change(sites))


def test_without_a_period_there_is_none_to_tell(sites):
    """By period needs a column; the rest does not."""
    quality = make(period=None).fit(sites)
    assert quality.by_period_ is None
    assert quality.changes_ is None
    with pytest.raises(ValueError, match="period must name a column"):
        quality.by_period(sites)


def test_comparisons_that_contradict_one_another_are_told(sites):
    """By level."""
    circle = [[1, 3, 1 / 3], [1 / 3, 1, 3], [3, 1 / 3, 1]]
    quality = make(dimension_weights="ahp", comparisons={"dimensions": circle})
    with pytest.warns(DataQualityWarning, match="comparisons of dimensions should agree"):
        quality.fit(sites)


def test_periods_keep_the_order_of_their_kind(sites):
    """A polars Enum and an ordered dictionary of pyarrow are not sorted by the alphabet."""
    order = ["Q3", "Q1", "Q2"]
    own = sites.reset_index()
    own["quarter"] = pd.Categorical(own["quarter"], order, ordered=True)
    expected = make().fit(own)
    enum = pl.from_pandas(sites.reset_index()).with_columns(pl.col("quarter").cast(pl.Enum(order)))
    for X in (enum, pa.Table.from_pandas(own)):
        found = make().fit(X)
        assert found.by_period_.index.tolist() == order
        pd.testing.assert_frame_equal(found.changes_, expected.changes_)


def test_an_order_that_may_not_be_meant_is_told(sites):
    """In fit, by period and in changes: where it was asked, with the order taken."""
    X = sites.assign(quarter=sites["quarter"].map({"Q1": "9", "Q2": "10", "Q3": "11"}))
    with pytest.warns(DataQualityWarning, match="order of the alphabet: 10, 11, 9") as told:
        quality = make().fit(X)
    assert [one.filename for one in told] == [__file__]
    for ask in (quality.by_period, quality.changes):
        with pytest.warns(DataQualityWarning, match="order of the alphabet: 10, 11, 9") as told:
            ask(X)
        assert [one.filename for one in told] == [__file__]


def test_a_period_whose_rows_weigh_nothing_is_not_there(sites):
    """In fit and by period; nor is a gap in its name looked at."""
    weights = np.where(sites["quarter"] == "Q2", 0, 1)
    quality = make().fit(sites, sample_weight=weights)
    assert quality.by_period_.index.tolist() == ["Q1", "Q3"]
    without = sites[sites["quarter"] != "Q2"]
    pd.testing.assert_frame_equal(quality.changes_, make().fit(without).changes_)
    pd.testing.assert_frame_equal(
        quality.by_period(sites.replace("Q2", None), sample_weight=weights), quality.by_period_
    )


def test_warnings_point_to_the_line_that_asked(sites):
    """In fit and in each query."""
    with pytest.warns(DataQualityWarning) as told:
        scaled().fit(sites.assign(cycle=3.0))
    assert [one.filename for one in told] == [__file__]
    quality = scaled().fit(sites)
    new = sites.assign(cycle=sites["cycle"] + 4)
    asks = (
        quality.transform,
        quality.by_period,
        quality.changes,
        lambda X: quality.decompose(sites, X),
    )
    for ask in asks:
        with pytest.warns(DataQualityWarning) as told:
            ask(new)
        assert [one.filename for one in told] == [__file__]


def test_very_large_values_lose_no_indicator(sites):
    """A range of 2e308 has its middle; what counts no finite amount is refused."""
    X = sites.assign(fill=np.tile([-1e308, 1e308, 0.0, 0.0], 3))
    quality = scaled().fit(X)
    assert quality.transform(X)["completeness"].tolist() == [0, 1, 0.5, 0.5] * 3
    assert (quality.by_period_["completeness"] == 0.5).all()
    assert (quality.by_period_["coverage"] == 1).all()
    with pytest.raises(DataError, match="'fill' must be such that what it counts .* is finite"):
        make(targets={**TARGETS, "fill": 1e-10}).fit(X)


def test_rows_of_a_comparison_have_weights(sites):
    """Those of repeated rows; 0 leaves a row out. The indices come with the table."""
    quality = make().fit(sites)
    counts = np.array([1, 2, 0, 3])
    old, new = sites[:4], sites[4:8]
    found = quality.decompose(
        old, new, sample_weight_before=counts, sample_weight_after=counts[::-1]
    )
    expected = quality.decompose(
        old.iloc[np.repeat(np.arange(4), counts)], new.iloc[np.repeat(np.arange(4), counts[::-1])]
    )
    pd.testing.assert_frame_equal(found, expected)
    before = np.average(quality.transform(old)["index"], weights=counts)
    after = np.average(quality.transform(new)["index"], weights=counts[::-1])
    assert found.attrs["index_before"] == pytest.approx(before, rel=1e-14)
    assert found.attrs["index_after"] == pytest.approx(after, rel=1e-14)


def test_a_fit_that_fails_leaves_it_unfitted(sites):
    """Also where the periods alone are wrong."""
    quality = make()
    with pytest.raises(DataError, match="must have a period in every row"):
        quality.fit(sites.assign(quarter=[None, *sites["quarter"][1:]]))
    with pytest.raises(NotFittedError):
        quality.transform(sites)
