"""PreferenceSegmenter."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import custvalue
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.segmentation._rankings.mallows import draw_mallows
from custvalue.segmentation.preference_segmenter import PreferenceSegmenter
from support.words import WORD_COUNTS, WORD_RANKS, WORDS, words_table

ITEMS = ["speed", "stock", "advice", "price", "returns"]
CENTRES = {"Fast": [1, 2, 3, 4, 5], "Cheap": [4, 5, 2, 1, 3]}
MODELS = ["kendall", "spearman", "footrule", "mallows", "plackett_luce"]
QUICK = {"n_starts": 4, "max_segments": 3, "random_state": 0}


def customers(n: int = 80, seed: int = 1, concentration: float = 1.8) -> pd.DataFrame:
    """Return the rankings of n customers, three in five of the kind Fast, and which kind."""
    generator = np.random.default_rng(seed)
    kinds = generator.permuted(np.repeat(["Fast", "Cheap"], [n * 3 // 5, n - n * 3 // 5]))
    ranks = np.empty((n, 5), dtype=np.int64)
    for kind, centre in CENTRES.items():
        rows = kinds == kind
        ranks[rows] = draw_mallows(np.array(centre), concentration, int(rows.sum()), generator) + 1
    index = pd.Index([f"c{i:03d}" for i in range(n)], name="customer_id")
    table = pd.DataFrame(ranks, columns=ITEMS, index=index)
    table.attrs["kinds"] = kinds.tolist()
    return table


def ordered(table: pd.DataFrame) -> pd.DataFrame:
    """Return rankings in rank notation as choices."""
    names = np.array(table.columns, dtype=object)[np.argsort(table.to_numpy(), axis=1)]
    columns = [f"choice {i}" for i in range(1, 1 + table.shape[1])]
    return pd.DataFrame(names, columns=columns, index=table.index)


def segmenter(**parameters) -> PreferenceSegmenter:
    """Return one that searches quickly."""
    return PreferenceSegmenter(**{**QUICK, **parameters})


def test_one_segment_of_the_words_has_their_kemeny_centre():
    """Fligner and Verducci's 98 students: centre (5, 1, 4, 3, 2), mean distance 1.081633.

    Mean ranks 4.785714 1.326531 3.632653 3.306122 1.948980; both counted by hand.
    """
    found = PreferenceSegmenter(n_segments=1).fit(words_table())
    assert found.consensus_.loc["Segment 1"].tolist() == [5, 1, 4, 3, 2]
    assert found.consensus_method_ == "Kemeny, exact"
    assert found.profile_.loc["Segment 1", "mean_distance"] == pytest.approx(106 / 98)
    means = [4.785714, 1.326531, 3.632653, 3.306122, 1.948980]
    np.testing.assert_allclose(found.borda_.loc["Segment 1"], means, atol=5e-7)
    assert found.score(words_table()) == pytest.approx(-106 / 98)


def test_one_mallows_segment_of_the_words_has_the_known_maximum():
    """Theta 1.427059 and log-likelihood -251.271732, over all 120 centres and by a root in theta.

    The tolerances are the digits given.
    """
    found = PreferenceSegmenter(model="mallows", n_segments=1, n_starts=1).fit(words_table())
    assert found.concentration_["Segment 1"] == pytest.approx(1.427059, abs=5e-7)
    assert found.log_likelihood_ == pytest.approx(-251.271732, abs=5e-7)
    assert found.score(words_table()) == pytest.approx(-251.271732 / 98, abs=1e-8)
    assert found.consensus_.iloc[0].tolist() == [5, 1, 4, 3, 2]


def test_two_mallows_segments_of_the_words_have_the_known_maximum():
    """Shares (.6592, .3408), theta (1.8291, 1.3007), log-likelihood -240.296237, 300 starts.

    The tolerances are half a unit of the last digit given, wider for the log-likelihood, at whose
    maximum EM stops within 1e-9 of a step.
    """
    found = PreferenceSegmenter(model="mallows", n_segments=2, random_state=0).fit(words_table())
    assert found.log_likelihood_ == pytest.approx(-240.296237, abs=2e-6)
    np.testing.assert_allclose(found.profile_["mixture_share"], [0.6592, 0.3408], atol=5e-5)
    np.testing.assert_allclose(found.concentration_, [1.8291, 1.3007], atol=5e-5)
    assert found.consensus_.to_numpy().tolist() == [[5, 1, 4, 3, 2], [5, 1, 3, 4, 2]]
    assert found.convergence_["converged"]
    assert found.convergence_["at_cap"] == []


def test_one_student_never_becomes_a_segment():
    """The best of three segments without a limit is one student at the bound; it is not taken.

    That degenerate maximum has the log-likelihood -232.299; with ``min_size`` it is passed over.
    """
    table = words_table()
    found = PreferenceSegmenter(model="mallows", n_segments=3, random_state=0).fit(table)
    assert found.profile_["mixture_share"].min() >= 0.05
    assert found.log_likelihood_ < -232.4
    free = PreferenceSegmenter(
        model="mallows", n_segments=3, min_size=0, n_starts=60, random_state=0
    )
    with pytest.warns(ConvergenceWarning, match="max_concentration=5.0 bounds the fit of Segment"):
        free.fit(table)
    assert free.profile_["respondents"].min() <= 2
    assert free.convergence_["at_cap"] != []


@pytest.mark.parametrize("model", MODELS)
def test_two_kinds_of_customers_come_back(model):
    """Every model finds two segments, whose consensus is the truth, by nine in ten customers."""
    table = customers(300)
    names = ["Fast", "Cheap"]
    found = segmenter(model=model, names=names).fit(table)
    assert found.segments_ == names, found.selection_
    for name in names:
        assert found.consensus_.loc[name].tolist() == CENTRES[name]
    assert (found.predict(table) == np.array(table.attrs["kinds"])).mean() > 0.9
    assert found.selection_["recommended"].idxmax() == 2


def test_average_linkage_finds_the_two_kinds_too():
    """The other method of the distances gives the same consensus."""
    found = segmenter(method="hierarchical").fit(customers(300))
    assert found.consensus_.to_numpy().tolist() == list(CENTRES.values())


@pytest.mark.parametrize("model", MODELS)
def test_the_tables_agree_with_what_transform_says(model):
    """Respondents, shares and distances of the profile are those of the fitted rows."""
    table = customers()
    found = segmenter(model=model, n_segments=2).fit(table)
    out = found.transform(table)
    assert list(out) == list(found.get_feature_names_out())
    assert (out["segment"] == found.predict(table)).all()
    groups = out.groupby("segment")
    profile = found.profile_
    assert (profile["respondents"] == groups.size()[profile.index]).all()
    assert profile["share"].sum() == pytest.approx(1)
    means = groups["distance"].mean()[profile.index]
    np.testing.assert_allclose(profile["mean_distance"], means)
    assert profile["respondents"].is_monotonic_decreasing
    assert profile["agreement"].between(0, 1).all()
    assert (np.sort(found.consensus_, axis=1) == np.arange(1, 6)).all()
    np.testing.assert_allclose(found.borda_.sum(axis=1), 15)


@pytest.mark.parametrize("model", ["mallows", "plackett_luce"])
def test_mixtures_give_probabilities(model):
    """They sum to one in the order of the segments, and the largest is that of transform."""
    table = customers()
    found = segmenter(model=model, n_segments=2).fit(table)
    chances = found.predict_proba(table)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_array_equal(
        np.array(found.segments_, dtype=object)[chances.argmax(axis=1)], found.predict(table)
    )
    np.testing.assert_array_equal(chances.max(axis=1), found.transform(table)["probability"])
    np.testing.assert_allclose(chances.mean(axis=0), found.profile_["mixture_share"], atol=1e-3)
    assert found.score(table) == pytest.approx(found.log_likelihood_ / 80)
    n_parameters = found.selection_["n_parameters"].item()
    assert found.bic_ == pytest.approx(-2 * found.log_likelihood_ + n_parameters * np.log(80))
    assert found.icl_ >= found.bic_


def test_each_model_has_its_own_attributes():
    """What a model does not have is None, and distances have no predict_proba."""
    table = customers()
    distance, mallows, luce = (
        segmenter(model=model, n_segments=2).fit(table)
        for model in ("kendall", "mallows", "plackett_luce")
    )
    assert distance.medoids_.shape == (2, 5)
    assert distance.log_likelihood_ is distance.bic_ is distance.convergence_ is None
    assert mallows.medoids_ is mallows.worths_ is None
    assert mallows.concentration_.index.tolist() == mallows.segments_
    np.testing.assert_allclose(luce.worths_.sum(axis=1), 1)
    assert luce.concentration_ is None
    assert not hasattr(distance, "predict_proba")
    with pytest.raises(AttributeError, match="predict_proba") as caught:
        _ = distance.predict_proba
    assert "needs a mixture" in str(caught.value.__cause__)


@pytest.mark.parametrize("model", MODELS)
def test_the_rows_may_come_in_any_order(model):
    """A shuffled table has the same segments, names and numbers."""
    table = customers()
    shuffled = table.sample(frac=1.0, random_state=4)
    one, other = (segmenter(model=model).fit(t) for t in (table, shuffled))
    pd.testing.assert_frame_equal(one.profile_, other.profile_)
    pd.testing.assert_frame_equal(one.selection_, other.selection_)
    pd.testing.assert_frame_equal(one.transform(table), other.transform(table))


@pytest.mark.parametrize("model", MODELS)
def test_a_weight_is_as_many_rows(model):
    """Distinct rankings weighted by their counts give what the 98 students give one by one."""
    table = words_table()
    counted = pd.DataFrame(WORD_RANKS, columns=list(WORDS))
    one = segmenter(model=model).fit(table)
    other = segmenter(model=model).fit(counted, sample_weight=WORD_COUNTS)
    pd.testing.assert_frame_equal(one.profile_, other.profile_)
    pd.testing.assert_frame_equal(one.selection_, other.selection_)
    assert other.score(counted, sample_weight=WORD_COUNTS) == pytest.approx(one.score(table))
    assert one.n_respondents_ == other.n_respondents_ == 98


def test_rows_of_weight_zero_are_not_there():
    """An outlier without weight changes nothing, even where it has an own ranking."""
    table = customers()
    extra = pd.concat([table, pd.DataFrame([[5, 1, 4, 2, 3]], columns=ITEMS, index=["x"])])
    weights = np.append(np.ones(80), 0.0)
    one, other = segmenter().fit(table), segmenter().fit(extra, sample_weight=weights)
    pd.testing.assert_frame_equal(one.selection_, other.selection_)


def test_both_notations_give_the_same_segments():
    """The same customers as ranks and as choices have the same segments and consensus."""
    table = customers()
    by_rank = segmenter().fit(table)
    by_choice = segmenter(notation="order", items=ITEMS).fit(ordered(table))
    pd.testing.assert_frame_equal(by_rank.consensus_, by_choice.consensus_)
    pd.testing.assert_frame_equal(by_rank.transform(table), by_choice.transform(ordered(table)))
    assert by_choice.feature_names_in_.tolist()[0] == "choice 1"
    found = segmenter(notation="order").fit(ordered(table))
    assert found.items_ == sorted(ITEMS)
    pd.testing.assert_frame_equal(found.consensus_[ITEMS], by_rank.consensus_)


def test_an_item_that_fit_did_not_know_is_refused():
    """In order notation the items of fit are the only ones."""
    found = segmenter(notation="order").fit(ordered(customers()))
    tomorrow = ordered(customers(3, seed=9)).replace("price", "colour")
    with pytest.raises(DataError, match="must be one of the items advice, price, returns, speed"):
        found.predict(tomorrow)


def test_the_wrong_notation_warns():
    """The words as orders raise a doubt at fit."""
    with pytest.warns(DataQualityWarning, match="read with notation='order', 98 complete"):
        PreferenceSegmenter(notation="order", n_segments=1).fit(words_table().to_numpy())


@pytest.mark.parametrize("model", MODELS)
def test_customers_who_name_their_first_three_are_enough(model):
    """With the others last, three of five ranks give back the two kinds and what they put first."""
    table = customers(300)
    three = table.where(table <= 3)
    found = segmenter(model=model, n_segments=2).fit(three)
    assert share_recognised(found, three) > 0.9
    for segment, centre in zip(found.segments_, CENTRES.values(), strict=True):
        assert found.consensus_.loc[segment].idxmin() == ITEMS[centre.index(1)]


@pytest.mark.parametrize("model", MODELS)
def test_customers_who_were_asked_about_three_of_five_are_enough(model):
    """With the others unknown, three items by chance give back the two kinds and their order."""
    table = customers(300)
    hidden = np.random.default_rng(2).permuted(np.tile([0, 0, 0, 1, 1], (300, 1)), axis=1) == 1
    asked = table.mask(hidden).rank(axis=1)
    asked.attrs = table.attrs
    found = segmenter(model=model, unranked="unknown", n_segments=2).fit(asked)
    assert share_recognised(found, asked) > 0.85
    for segment, centre in zip(found.segments_, CENTRES.values(), strict=True):
        assert found.consensus_.loc[segment].idxmin() == ITEMS[centre.index(1)]


def share_recognised(found: PreferenceSegmenter, table: pd.DataFrame) -> float:
    """Return the share of customers in the segment of their kind, the larger being Fast."""
    kinds = np.array(table.attrs["kinds"])
    return float((found.predict(table) == np.where(kinds == "Fast", *found.segments_)).mean())


def test_medoids_are_whole_orders_even_where_no_respondent_gave_one():
    """Where everyone knows some items only, the consensus takes the place of the medoid."""
    table = customers(300)
    asked = table.mask(np.arange(300)[:, None] % 5 == np.arange(5)).rank(axis=1)
    assert asked.isna().any(axis=1).all()
    found = segmenter(unranked="unknown", n_segments=2).fit(asked)
    assert (np.sort(found.medoids_, axis=1) == np.arange(1, 6)).all()
    assert found.medoids_.to_numpy().tolist() == found.consensus_.to_numpy().tolist()


def test_names_live_on_in_a_later_fit():
    """The earlier names stay with the segments that hold the same customers."""
    table = customers()
    before = segmenter(n_segments=2, names=["Fast", "Cheap"]).fit(table)
    weights = np.where(before.predict(table) == "Cheap", 9.0, 1.0)
    plain = segmenter(n_segments=2).fit(table, sample_weight=weights)
    assert plain.predict(table)[before.predict(table) == "Cheap"][0] == "Segment 1"
    assert plain.matching_ is None
    later = segmenter(n_segments=2).fit(table, sample_weight=weights, previous=before)
    assert later.segments_ == ["Cheap", "Fast"]
    assert (later.predict(table) == before.predict(table)).mean() > 0.95
    assert later.matching_["previous"].tolist() == ["Cheap", "Fast"]
    assert later.matching_["jaccard"].between(0.9, 1.0).all()


def test_previous_must_be_a_segmenter_of_the_same_items():
    """Another class, an unfitted one, or other items are refused."""
    table = customers()
    with pytest.raises(TypeError, match="previous must be a fitted PreferenceSegmenter; found d"):
        segmenter().fit(table, previous={})
    with pytest.raises(NotFittedError):
        segmenter().fit(table, previous=PreferenceSegmenter())
    other = segmenter().fit(table.rename(columns={"price": "cost"}))
    with pytest.raises(ValueError, match="previous must rank the same items in the same order"):
        segmenter().fit(table, previous=other)


@pytest.mark.parametrize("model", ["kendall", "mallows", "plackett_luce"])
def test_copies_segment_alike(model, tmp_path):
    """clone, pickle and save with load give the same segments; the file holds no customer."""
    table = customers()
    found = segmenter(model=model, n_segments=2, names=["A", "B"]).fit(table)
    path = tmp_path / "segmenter.json"
    found.save(path)
    expected = found.transform(table)
    copies = (custvalue.load(path), pickle.loads(pickle.dumps(found)), clone(found).fit(table))
    for copy in copies:
        pd.testing.assert_frame_equal(copy.transform(table), expected)
        pd.testing.assert_frame_equal(copy.profile_, found.profile_)
        pd.testing.assert_frame_equal(copy.selection_, found.selection_)
    assert len(path.read_text()) < 20_000
    assert "c001" not in path.read_text()


def test_every_kind_of_table_gets_the_same_segments_and_keeps_its_ids():
    """Frames of polars and pyarrow and arrays are read alike, and answered in their kind."""
    table = customers()
    found = segmenter().fit(table)
    expected = found.transform(table)
    polars = found.transform(pl.from_pandas(table.reset_index()))
    assert polars.columns == ["customer_id", "segment", "distance"]
    assert polars["segment"].to_list() == expected["segment"].tolist()
    arrow = found.transform(pa.Table.from_pandas(table.reset_index()))
    assert arrow["distance"].to_pylist() == expected["distance"].tolist()
    assert found.predict(table.to_numpy()).tolist() == expected["segment"].tolist()
    bare = segmenter().fit(table.to_numpy())
    assert bare.items_ == ["x0", "x1", "x2", "x3", "x4"]
    named = segmenter(items=ITEMS).fit(table.to_numpy())
    pd.testing.assert_frame_equal(named.consensus_, found.consensus_)
    choices = segmenter(notation="order", items=ITEMS).fit(ordered(table).to_numpy())
    assert choices.predict(ordered(table).to_numpy()).tolist() == expected["segment"].tolist()


def test_the_answer_for_one_customer_is_that_among_others():
    """A row alone gets the segment, distance and probability that it gets among all."""
    table = customers()
    for model in ("kendall", "mallows", "plackett_luce"):
        found = segmenter(model=model, n_segments=2).fit(table)
        together = found.transform(table)
        alone = pd.concat([found.transform(table.iloc[[i]]) for i in range(10)])
        pd.testing.assert_frame_equal(alone, together.iloc[:10], rtol=1e-12)


def test_segments_too_small_are_dissolved_with_a_warning():
    """A number that cannot be kept gives fewer segments and says so."""
    rows = [[1, 2, 3, 4]] * 50 + [[4, 3, 2, 1]] * 40 + [[2, 4, 1, 3]]
    table = pd.DataFrame(rows, columns=ITEMS[:4])
    asked = PreferenceSegmenter(n_segments=3)
    with pytest.warns(DataQualityWarning, match=r"n_segments=3 gives 1 segment\(s\) smaller than"):
        asked.fit(table)
    assert asked.profile_["respondents"].tolist() == [51, 40]
    kept = PreferenceSegmenter(n_segments=3, min_size=1).fit(table)
    assert kept.profile_["respondents"].tolist() == [50, 40, 1]


def test_a_mixture_that_cannot_keep_to_the_smallest_size_is_refused():
    """Asked for by number, it is an error that names both parameters."""
    asked = segmenter(model="mallows", n_segments=2, min_size=60)
    with pytest.raises(DataError, match="no mixture with n_segments=2 keeps .* min_size=60"):
        asked.fit(words_table())


def test_customers_who_all_agree_are_one_segment():
    """One distinct ranking is one segment; Mallows says that its theta is bounded."""
    table = pd.DataFrame([[1, 2, 3]] * 30, columns=list("abc"))
    found = segmenter().fit(table)
    assert found.profile_.loc["Segment 1"].tolist() == [30, 1, 0, 1]
    with pytest.warns(ConvergenceWarning, match="bounds the fit of Segment 1, whose respondents"):
        bounded = segmenter(model="mallows").fit(table)
    assert bounded.concentration_.tolist() == [5.0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"model": "cayley"}, "'model' parameter of PreferenceSegmenter must be"),
        ({"n_segments": 0}, "'n_segments' parameter of PreferenceSegmenter must be"),
        ({"min_size": 1.5}, "'min_size' parameter of PreferenceSegmenter must be"),
        ({"n_segments": 81}, "n_segments must be at most the number of distinct rankings, "),
        ({"names": ["A", "A"]}, "names must differ; found 'A' more than once"),
        ({"names": ["A"], "n_segments": 2}, "names must name all 2 segments; found 1"),
        ({"items": ["speed"]}, "items must be at least 2"),
        ({"items": ["speed", "colour"]}, "needs the columns speed, colour; missing: colour"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message):
    """Each wrong parameter is named with what was found, and nothing is learned."""
    wrong = segmenter(**parameters)
    with pytest.raises(ValueError, match=message):
        wrong.fit(customers())
    with pytest.raises(NotFittedError):
        wrong.predict(customers())


def test_tables_that_hold_no_rankings_are_refused_in_its_name():
    """Numbers that are no ranks are an error at fit and at predict."""
    wrong = pd.DataFrame([[1, 2, 3, 4, 7]], columns=ITEMS)
    with pytest.raises(DataError, match="ranks of a row must be 1, 2, 3, ... without a gap"):
        segmenter().fit(wrong)
    with pytest.raises(DataError, match="ranks of a row must be 1, 2, 3, ... without a gap"):
        segmenter().fit(customers()).transform(wrong)
    with pytest.raises(DataError, match="PreferenceSegmenter needs the columns speed, stock, adv"):
        segmenter().fit(customers()).predict(wrong[["speed"]])


def test_a_segment_of_nobody_is_said_to_be_one():
    """A mixture of random rankings can have a component that is nobody's likeliest."""
    ranks = np.random.default_rng(0).permuted(np.tile([1.0, 2.0, 3.0], (40, 1)), axis=1)
    X = pd.DataFrame(ranks, columns=list("abc"))
    segmenter = PreferenceSegmenter(model="mallows", n_segments=2, n_starts=4, random_state=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        segmenter.fit(X)
    said = any("somebody's likeliest" in str(one.message) for one in caught)
    assert said == bool((segmenter.profile_["respondents"] == 0).any())


def test_fractions_of_respondents_match_earlier_segments_alike():
    """A tenth of every weight gives the same overlap with the segments of an earlier fit."""
    ranks = np.array([[1.0, 2, 3], [1, 3, 2], [3, 2, 1], [3, 1, 2]])
    X = pd.DataFrame(ranks, columns=list("abc"))
    weights = np.array([30.0, 5, 20, 10])
    old = PreferenceSegmenter(n_segments=2).fit(X, sample_weight=weights)
    found = [
        PreferenceSegmenter(n_segments=2).fit(X, sample_weight=weights / part, previous=old)
        for part in (1, 100)
    ]
    pd.testing.assert_frame_equal(found[0].matching_, found[1].matching_)
