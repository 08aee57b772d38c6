"""Segments of customers: found, ordered, named, frozen, limited, pinned, and applied to others."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.cluster import Birch
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import custvalue
from custvalue.exceptions import DataError, DataQualityWarning
from custvalue.segmentation import CustomerSegmenter

KINDS = ("gold", "silver", "rare")
QUICK = {"n_bootstrap": 0, "random_state": 0}


def customers(n=300, seed=0, kinds=(0.15, 0.35, 0.5)):
    """Return customers of three kinds with orders, money and a region."""
    generator = np.random.default_rng(seed)
    kind = generator.choice(3, size=n, p=kinds)
    return pd.DataFrame(
        {
            "orders": generator.poisson(np.array([40, 12, 1])[kind]) + 1,
            "total_value": np.array([5000.0, 400, 40])[kind] * generator.lognormal(0, 0.25, n),
            "region": np.array(["North", "South", "West"])[generator.integers(3, size=n)],
            "kind": np.array(KINDS)[kind],
        },
        index=pd.Index([f"c{i:04}" for i in range(n)], name="customer_id"),
    )


FEATURES = ["orders", "total_value"]


def make(**changes):
    """Return a quick segmenter of the two numbers."""
    return CustomerSegmenter(**{"features": FEATURES, "n_clusters": 3, **QUICK, **changes})


NAMES_COME_OUT = "segments have names, which are no numbers to compare"
EXPECTED = {
    "check_dtype_object": "text is a category, and what is neither is an error of the data",
    "check_methods_sample_order_invariance": NAMES_COME_OUT,
    "check_methods_subset_invariance": NAMES_COME_OUT,
    "check_pipeline_consistency": NAMES_COME_OUT,
    "check_estimators_pickle": NAMES_COME_OUT,
    "check_fit_idempotent": NAMES_COME_OUT,
    "check_transformer_data_not_an_array": NAMES_COME_OUT,
    "check_transformer_general": NAMES_COME_OUT,
    "check_transformer_preserve_dtypes": NAMES_COME_OUT,
}


@parametrize_with_checks(
    [CustomerSegmenter(n_clusters=2, n_bootstrap=0)],
    expected_failed_checks=lambda estimator: EXPECTED,
    xfail_strict=True,
)
def test_checks_of_scikit_learn_on_any_columns(estimator, check):
    """Any matrix of numbers can be segmented; only checks that compare names as numbers fail."""
    check(estimator)


# What is found


def test_kinds_of_customers_are_found_with_their_number():
    """Three kinds, told from each other by number and membership, the most valuable first."""
    X = customers()
    segmenter = CustomerSegmenter(features=FEATURES, **QUICK).fit(X)
    assert segmenter.n_clusters_ == 3
    assert segmenter.selection_.loc[3, "recommended"]
    assert segmenter.selection_reason_.startswith("3 segments")
    pairs = pd.crosstab(segmenter.predict(X), X["kind"].to_numpy())
    assert [pairs.loc[name].idxmax() for name in segmenter.segments_] == list(KINDS)
    assert np.trace(pairs.loc[segmenter.segments_, list(KINDS)]) >= 0.98 * len(X)


@pytest.mark.parametrize("clusterer", ["kmeans", "gmm", "hierarchical", "hdbscan", Birch()])
def test_whatever_the_clusterer_predict_serves_new_customers(clusterer, tmp_path):
    """New customers of the three kinds get the segments of their kinds, after a reload too."""
    number = "auto" if clusterer == "hdbscan" else 3
    segmenter = make(clusterer=clusterer, n_clusters=number).fit(customers())
    new = customers(seed=1)
    found = segmenter.predict(new)
    inside = found != "Unassigned"
    # A density-based clusterer leaves the outskirts out.
    assert inside.mean() > (0.7 if clusterer == "hdbscan" else 0.99)
    best = pd.crosstab(found[inside], new["kind"].to_numpy()[inside]).max(axis=1).sum()
    assert best >= 0.97 * inside.sum()
    if isinstance(clusterer, str):
        segmenter.save(tmp_path / "model.json")
        again = custvalue.load(tmp_path / "model.json")
        np.testing.assert_array_equal(again.predict(new), found)


def test_a_foreign_clusterer_is_saved_as_its_rule(tmp_path):
    """The file has no code: the loaded segmenter predicts, and says how to fit again."""
    segmenter = make(clusterer=Birch(threshold=0.3)).fit(customers())
    segmenter.save(tmp_path / "model.json")
    again = custvalue.load(tmp_path / "model.json")
    new = customers(seed=1)
    pd.testing.assert_frame_equal(again.transform(new), segmenter.transform(new))
    with pytest.raises(ValueError, match="clusterer"):
        again.fit(new)


def test_figures_of_iris():
    """Silhouette, Calinski-Harabasz and Davies-Bouldin as scikit-learn 1.9.1 gives them, k = 3."""
    segmenter = CustomerSegmenter(n_clusters=3, scale="none", **QUICK).fit(load_iris().data)
    found = segmenter.selection_.loc[3, ["silhouette", "calinski_harabasz", "davies_bouldin"]]
    np.testing.assert_allclose(found.astype(float), [0.552819, 561.6278, 0.661972], rtol=1e-6)
    assert segmenter.score(load_iris().data) == pytest.approx(0.552819, abs=1e-6)
    assert sorted(segmenter.profile_["customers"]) == [38, 50, 62]


def test_stability_of_iris():
    """Clusterwise Jaccard .926, 1.000, .938 for sizes 38, 50, 62, within the .03 of chance."""
    segmenter = CustomerSegmenter(n_clusters=3, scale="none", n_bootstrap=100, random_state=0).fit(
        load_iris().data
    )
    by_size = segmenter.stability_["jaccard"].set_axis(segmenter.profile_["customers"])
    np.testing.assert_allclose(by_size.loc[[38, 50, 62]], [0.926, 1.0, 0.938], atol=0.03)


def test_what_chance_made_is_said_to_be_chance():
    """Segments of one featureless cloud come with the advice not to name them."""
    cloud = np.random.default_rng(0).normal(size=(300, 2))
    segmenter = CustomerSegmenter(n_clusters=7, scale="standard", random_state=0)
    with pytest.warns(DataQualityWarning, match="do not name segment 'Segment"):
        segmenter.fit(cloud)
    assert (segmenter.stability_["jaccard"] < 0.6).any()


# Order, names, refits


def test_segments_stand_in_the_order_of_their_value():
    """By the column asked for, which need not be a feature and is not wanted by predict."""
    X = customers().assign(profit=lambda frame: -frame["orders"])
    segmenter = make(order_by="profit").fit(X)
    means = X["profit"].groupby(segmenter.predict(X[FEATURES])).mean()
    assert means.loc[segmenter.segments_].is_monotonic_decreasing
    assert segmenter.order_by_ == "profit"


def test_names_survive_a_refit_on_other_customers():
    """Segments keep the names of those they overlap, whatever their order is now."""
    old = make().fit(customers()).rename({"Segment 1": "Key accounts", "Segment 3": "Once"})
    later = customers().iloc[60:].assign(total_value=lambda frame: -frame["total_value"])
    new = make(scale="standard", order_by="total_value").fit(
        later, previous=pd.Series(old.predict(customers()), index=customers().index)
    )
    assert new.segments_ == ["Once", "Segment 2", "Key accounts"]
    assert (new.matching_["jaccard"] > 0.6).all()
    direct = make(random_state=9).fit(customers().iloc[60:], previous=old)
    assert direct.segments_ == old.segments_


def test_a_new_segment_gets_a_name_of_its_own():
    """What no earlier segment overlaps is not given an old name."""
    X = customers()
    old = make(n_clusters=2).fit(X[X["kind"] != "rare"])
    before = pd.Series(old.predict(X), index=X.index).where(X["kind"] != "rare")
    new = make().fit(X, previous=before)
    assert new.segments_ == ["Segment 1", "Segment 2", "Segment 3"]
    assert np.isnan(new.matching_.loc["Segment 3", "jaccard"])


def test_names_can_be_given_in_the_order_of_value():
    """A list names from the top, a dict by default name."""
    assert make(names=["A", "B", "C"]).fit(customers()).segments_ == ["A", "B", "C"]
    named = make(names={"Segment 2": "Middle"}).fit(customers())
    assert named.segments_ == ["Segment 1", "Middle", "Segment 3"]
    with pytest.raises(ValueError, match="3 segments; found 2"):
        make(names=["A", "B"]).fit(customers())


def test_renaming_leaves_the_original_alone():
    """A copy has the new names everywhere, the original the old ones."""
    segmenter = make(n_bootstrap=5).fit(customers())
    named = segmenter.rename({"Segment 1": "Gold"})
    assert segmenter.segments_[0] == "Segment 1"
    assert named.profile_.index[0] == named.stability_.index[0] == "Gold"
    assert "Gold" in named.feature_profile_.index.get_level_values(0)
    with pytest.raises(ValueError, match="Segment 9"):
        segmenter.rename({"Segment 9": "Gold"})


# Sizes and pins


def test_limits_of_size_hold_and_are_kept_by_the_rule():
    """No segment below 30 or above 36 % at fit; another sample of customers is near it."""
    X = customers(600)
    segmenter = make(min_size=0.30, max_size=0.36).fit(X)
    shares = segmenter.profile_["share"]
    assert shares.min() >= 0.30
    assert shares.max() <= 0.36
    again = pd.Series(segmenter.predict(customers(6000, seed=5))).value_counts(normalize=True)
    assert again.between(0.24, 0.42).all()
    with pytest.raises(ValueError, match="min_size"):
        make(min_size=0.4).fit(X)


def test_pinned_customers_stay_where_they_were_put():
    """In a segment of their own name or in one that is there, at fit and ever after."""
    X = customers()
    pins = {X.index[0]: "Key accounts", X.index[5]: "Segment 3"}
    segmenter = make(pinned=pins).fit(X)
    assert segmenter.segments_ == ["Segment 1", "Segment 2", "Segment 3", "Key accounts"]
    assert segmenter.predict(X.iloc[[5, 0]]).tolist() == ["Segment 3", "Key accounts"]
    row = segmenter.transform(X).loc[X.index[0]]
    assert row["next_segment"] in segmenter.segments_[:3]
    assert np.isnan(row["distance"])
    assert segmenter.profile_.loc["Key accounts", "customers"] == 1


def test_pinned_customers_who_are_not_there_are_named():
    """A warning at fit; predicting other customers is no reason for one."""
    segmenter = make(pinned={"nobody": "Key accounts"})
    with pytest.warns(DataQualityWarning, match="missing: 'nobody'"):
        segmenter.fit(customers())
    with pytest.raises(ValueError, match="rows with ids"):
        make(features=None, pinned={"nobody": "Key accounts"}).fit(customers()[FEATURES].to_numpy())


@pytest.mark.parametrize("clusterer", ["kmeans", "gmm"])
def test_the_tightest_limits_survive_the_bootstrap(clusterer):
    """A quarter each is possible for all customers, and made possible in every draw of them."""
    numbers = np.random.default_rng(3).lognormal(2, 1, (200, 2))
    segmenter = CustomerSegmenter(
        n_clusters=4, min_size=0.25, n_bootstrap=3, clusterer=clusterer, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        segmenter.fit(numbers)
    assert segmenter.profile_["customers"].tolist() == [50] * 4


def test_numbers_that_limits_make_impossible_are_left_out():
    """At least 30 % each leaves three segments at most, at most 40 % leaves three at least."""
    X = customers()
    free = {"n_clusters": "auto", "n_bootstrap": 0}
    assert make(min_size=0.3, **free).fit(X).selection_.index.tolist() == [1, 2, 3]
    at_most = make(max_size=0.4, max_clusters=4, **free).fit(X)
    assert at_most.selection_.index.tolist() == [3, 4]
    assert at_most.profile_["share"].max() <= 0.4
    with pytest.raises(ValueError, match="at least 5 and at most 4"):
        make(max_size=0.2, max_clusters=4, **free).fit(X)


def test_renaming_takes_pinned_customers_along():
    """The pins name the segments as they are called now, in a refit too."""
    X = customers()
    pins = {X.index[0]: "VIP", X.index[5]: "Segment 1"}
    named = make(pinned=pins).fit(X).rename({"VIP": "Key", "Segment 1": "Gold"})
    assert named.predict(X.iloc[[0, 5]]).tolist() == ["Key", "Gold"]
    named.set_params(pinned={X.index[0]: "Nowhere"})
    with pytest.raises(ValueError, match="found 'Nowhere'"):
        named.predict(X)


def test_pins_need_a_customer_left_and_rows_with_ids():
    """All pinned is nothing to cluster; an array has nobody to pin."""
    X = customers(20)
    with pytest.raises(ValueError, match="all 20 are pinned"):
        make(pinned=dict.fromkeys(X.index, "VIP")).fit(X)
    segmenter = make(pinned={X.index[0]: "VIP"}).fit(X)
    with pytest.raises(ValueError, match="rows with ids"):
        segmenter.predict(X[FEATURES].to_numpy())


@pytest.mark.parametrize("clusterer", ["kmeans", "gmm", "hierarchical", "hdbscan"])
def test_one_customer_left_is_one_segment(clusterer):
    """Whatever the clusterer would say to a single row."""
    X = customers(2)
    segmenter = make(
        n_clusters="auto", clusterer=clusterer, pinned={X.index[0]: "VIP"}, n_bootstrap=2
    )
    with pytest.warns(DataQualityWarning, match="constant"):
        segmenter.fit(X)
    assert segmenter.segments_ == ["Segment 1", "VIP"]


def test_fewer_segments_than_asked_for_are_said():
    """A clusterer that stops early is not believed to have done as it was told."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        segmenter = make(clusterer=Birch(threshold=1.5), n_clusters=5).fit(customers())
    assert any("n_clusters=5 gives" in str(one.message) for one in caught)
    assert "The clusterer found" in segmenter.selection_reason_


def test_the_name_of_those_in_no_segment_is_reserved():
    """In names and in renaming; and earlier names must be texts."""
    with pytest.raises(ValueError, match="must not hold 'Unassigned'"):
        make(names=["A", "Unassigned", "B"]).fit(customers())
    with pytest.raises(ValueError, match="must not hold 'Unassigned'"):
        make().fit(customers()).rename({"Segment 1": "Unassigned"})
    with pytest.raises(ValueError, match="which are text; found 1"):
        make().fit(customers(), previous=pd.Series(1, index=customers().index))


# Tables


def test_categories_are_features_too():
    """With the kind as a category the segments are the kinds."""
    X = customers()
    segmenter = CustomerSegmenter(features=["kind", "orders"], n_clusters=3, **QUICK).fit(X)
    assert (pd.crosstab(segmenter.predict(X), X["kind"].to_numpy()) > 0).sum().sum() == 3
    with pytest.raises(DataError, match="platinum"):
        segmenter.predict(X.assign(kind="platinum"))
    tolerant = CustomerSegmenter(
        features=["kind", "orders"], n_clusters=3, unseen="average", **QUICK
    ).fit(X)
    assert set(tolerant.predict(X.assign(kind="platinum"))) <= set(tolerant.segments_)


def test_missing_values_are_refused_or_imputed_as_asked():
    """By default an error with column, count and first row; else the median."""
    X = customers()
    X.iloc[[3, 8], 1] = np.nan
    with pytest.raises(DataError, match=r"total_value.*row 3 .*'c0003'.*\(2 such rows\)"):
        make().fit(X)
    segmenter = make(missing="impute", order_by="orders").fit(X)
    assert len(segmenter.predict(X)) == len(X)


def test_other_frames_give_the_same_segments():
    """polars with the id first, arrays with the features in order."""
    X = customers()
    segmenter = make().fit(X)
    expected = segmenter.predict(X)
    as_polars = pl.from_pandas(X.reset_index())
    np.testing.assert_array_equal(segmenter.predict(as_polars), expected)
    np.testing.assert_array_equal(make().fit(as_polars).predict(X), expected)
    np.testing.assert_array_equal(segmenter.predict(X[FEATURES].to_numpy()), expected)
    assert segmenter.transform(as_polars).columns[0] == "customer_id"


def test_the_unit_of_money_does_not_matter():
    """Euros or cents, the segments are the same for every scale that learns one."""
    X = customers()
    cents = X.assign(total_value=X["total_value"] * 100)
    for scale in ("yeo_johnson", "log", "robust", "standard"):
        found = make(scale=scale).fit(X).predict(X)
        np.testing.assert_array_equal(make(scale=scale).fit(cents).predict(cents), found)


def test_all_columns_are_features_where_none_are_named():
    """But those to order and describe by."""
    X = customers().assign(note=1.0)
    segmenter = CustomerSegmenter(n_clusters=3, order_by="orders", describe=["note"], **QUICK).fit(
        X.drop(columns="region").assign(note=lambda frame: np.arange(len(frame)) * 1.0)
    )
    assert segmenter.features_ == ["total_value", "kind"]
    assert "note" in segmenter.feature_profile_.index.get_level_values("feature")


# What is said of them


def test_the_profile_adds_up():
    """Customers and value of the segments are those of the table."""
    X = customers()
    profile = make().fit(X).profile_
    assert profile["customers"].sum() == len(X)
    assert profile["share"].sum() == pytest.approx(1)
    assert profile["value"].sum() == pytest.approx(X["total_value"].sum())
    assert profile["value_share"].sum() == pytest.approx(1)
    assert (profile["precision"] > 0.9).all()
    assert profile["description"].str.contains("total_value").all()


def test_typical_customers_are_near_their_prototype():
    """The first of each segment is the one at the smallest distance."""
    X = customers()
    segmenter = make().fit(X)
    typical = segmenter.typical_customers(X, n=3)
    assert typical["segment"].value_counts().tolist() == [3, 3, 3]
    out = segmenter.transform(X)
    nearest = out.groupby("segment")["distance"].idxmin()
    assert set(nearest) <= set(typical.index)


def test_mixtures_have_probabilities():
    """Rows sum to one and agree with predict; other clusterers have none."""
    X = customers()
    mixture = make(clusterer="gmm").fit(X)
    chances = mixture.predict_proba(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    names = np.array(mixture.segments_, dtype=object)[chances.argmax(axis=1)]
    np.testing.assert_array_equal(names, mixture.predict(X))
    assert not hasattr(make().fit(X), "predict_proba")


def test_the_margin_says_how_clearly():
    """Between 0 and 1 where sizes are free."""
    X = customers()
    out = make().fit(X).transform(X)
    assert out["margin"].between(0, 1).all()
    assert (out["segment"] != out["next_segment"]).all()


# Company


def test_it_is_chosen_by_a_grid_search_in_a_pipeline():
    """The silhouette of customers not seen finds the three kinds."""
    search = GridSearchCV(
        make_pipeline(FunctionTransformer(), make()),
        {"customersegmenter__n_clusters": [2, 3, 5]},
        cv=3,
    ).fit(customers())
    assert search.best_params_ == {"customersegmenter__n_clusters": 3}


def test_the_order_of_the_customers_does_not_matter():
    """Shuffled customers give the same segments, number and stability."""
    X = customers(200)
    order = np.random.default_rng(1).permutation(len(X))
    one = CustomerSegmenter(features=FEATURES, random_state=0, n_bootstrap=10).fit(X)
    other = CustomerSegmenter(features=FEATURES, random_state=0, n_bootstrap=10).fit(X.iloc[order])
    np.testing.assert_array_equal(one.predict(X), other.predict(X))
    pd.testing.assert_frame_equal(one.selection_, other.selection_)
    pd.testing.assert_frame_equal(one.stability_, other.stability_)
    pd.testing.assert_frame_equal(one.profile_, other.profile_)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": ["age"]}, "missing: age"),
        ({"order_by": "age"}, "missing: age"),
        ({"order_by": "region"}, "order_by must name a column of numbers"),
        ({"features": ["orders", "orders"]}, "orders"),
        ({"features": []}, "features"),
        ({"categorical": ["age"]}, "age"),
        ({"weights": {"age": 2.0}}, "age"),
        ({"weights": {"orders": -1.0}}, "orders"),
        ({"scale": {"age": "log"}}, "age"),
        ({"scale": {"orders": "cube"}}, "cube"),
        ({"min_size": 0.5, "max_size": 0.2}, "min_size"),
        ({"names": ["A", "A", "B"]}, "'A' more than once"),
        ({"names": ["A", "", "B"]}, "''"),
        ({"pinned": {"c0001": ""}}, "pinned"),
        ({"pinned": {"c0001": "Unassigned"}}, "Unassigned"),
        ({"n_clusters": 500, "max_clusters": 2}, "n_clusters"),
        ({"clusterer": "k-medians"}, "clusterer"),
    ],
)
def test_wrong_parameters_are_named(changes, message):
    """One sentence that names the parameter and what was found."""
    with pytest.raises(ValueError, match=message):
        make(**changes).fit(customers())


def test_fewer_customers_than_segments():
    """Said with both numbers; one customer is one segment."""
    with pytest.raises(DataError, match="n_clusters=3 and 2 of 2 sample"):
        make().fit(customers(2))
    with pytest.warns(DataQualityWarning, match="constant: orders, total_value"):
        single = make(n_clusters="auto").fit(customers(1))
    assert single.segments_ == ["Segment 1"]


def test_constant_features_are_said_to_be_constant():
    """They do no harm but carry nothing."""
    X = customers().assign(same=1.0)
    with pytest.warns(DataQualityWarning, match="constant: same"):
        segmenter = make(features=[*FEATURES, "same"]).fit(X)
    np.testing.assert_array_equal(segmenter.predict(X), make().fit(X).predict(X))


def test_a_previous_segmenter_must_be_fitted():
    """An unfitted one is no earlier fit."""
    with pytest.raises(NotFittedError):
        make().fit(customers(), previous=make())


def test_the_file_holds_no_customer(tmp_path):
    """Neither ids nor rows, but prototypes."""
    X = customers()
    make(n_bootstrap=5).fit(X).save(tmp_path / "model.json")
    text = (tmp_path / "model.json").read_text()
    assert "c0007" not in text
    assert len(text) < 20_000
    assert json.loads(text)["class"] == "CustomerSegmenter"


def test_it_is_quiet_when_nothing_is_doubtful():
    """Clear kinds are segmented without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        generator = np.random.default_rng(0)
        CustomerSegmenter(features=FEATURES, random_state=generator).fit(customers())
