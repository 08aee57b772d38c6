"""RFMScorer."""

from __future__ import annotations

import pickle
from fractions import Fraction
from math import floor

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import custvalue
from custvalue.exceptions import DataError
from custvalue.segmentation import RFMScorer

NAMES = ["r_score", "f_score", "m_score", "rfm_score"]
BINS = {"recency": [4, 13, 26, 52], "frequency": [0, 1, 3, 7], "monetary": [10, 50, 100, 500]}


def frame(rows: list[tuple[int, int, int, float]]) -> pd.DataFrame:
    """Build a summary from (frequency, days from first to last, days since last, money)."""
    columns = np.array(rows, dtype=float).T
    frequency = columns[0]
    recency = np.where(frequency > 0, columns[1] + 1, 0.0)
    return pd.DataFrame(
        {
            "frequency": frequency,
            "recency": recency / 7,
            "T": (recency + columns[2]) / 7,
            "total_value": columns[3],
        }
    )


money = st.integers(-50, 50) | st.floats(-1e12, 1e12)
rows = st.tuples(st.integers(0, 4), st.integers(0, 60), st.integers(0, 12), money)
summaries = st.lists(rows, min_size=1, max_size=25).map(frame)


def share_score(values: np.ndarray, n_bins: int) -> list[int]:
    """Return the definition in exact arithmetic; larger values are better."""
    worse = [Fraction(int((values < v).sum()), len(values)) for v in values]
    return [min(n_bins, 1 + floor(n_bins * share)) for share in worse]


@given(X=summaries, n_bins=st.integers(2, 11))
def test_scores_are_their_definition(X, n_bins):
    """Each score is 1 + floor(n_bins x share strictly worse), with whole days as the time since."""
    days_since = np.round((X["T"] - X["recency"]) * 7)
    scored = RFMScorer(n_bins=n_bins).fit_transform(X)
    assert scored["r_score"].tolist() == share_score(-days_since.to_numpy(), n_bins)
    assert scored["f_score"].tolist() == share_score(X["frequency"].to_numpy(), n_bins)
    assert scored["m_score"].tolist() == share_score(X["total_value"].to_numpy(), n_bins)


@given(X=summaries, seed=st.integers(0, 2**32 - 1))
def test_row_order_and_ids_change_no_score(X, seed):
    """The same customers in another order, under other ids, keep their scores and cut points."""
    order = np.random.default_rng(seed).permutation(len(X))
    shuffled = X.iloc[order].set_axis([f"id{i}" for i in range(len(X))])
    first, second = RFMScorer().fit(X), RFMScorer().fit(shuffled)
    assert second.cut_points_.equals(first.cut_points_)
    np.testing.assert_array_equal(second.transform(shuffled), first.transform(X).iloc[order])


@given(X=summaries, factor=st.sampled_from([0.25, 8.0, 1024.0]))
def test_monotone_transforms_of_money_change_no_score(X, factor):
    """Another currency, or any increasing function of money, leaves every score as it was."""
    expected = RFMScorer().fit_transform(X)
    ranks = np.unique(X["total_value"], return_inverse=True)[1]
    for money in (X["total_value"] * factor, np.exp(ranks / 10.0), ranks**3 - 10.0):
        assert RFMScorer().fit_transform(X.assign(total_value=money)).equals(expected)


@given(X=summaries)
def test_equal_values_have_equal_scores_and_better_ones_no_less(X):
    """Along each measure the score depends on the value alone and never falls as it improves."""
    scored = RFMScorer().fit_transform(X)
    since = np.round((X["T"] - X["recency"]) * 7)
    pairs = [("r_score", -since), ("f_score", X["frequency"]), ("m_score", X["total_value"])]
    for name, value in pairs:
        by_value = scored[name].groupby(value.to_numpy())
        assert (by_value.nunique() == 1).all()
        assert by_value.first().is_monotonic_increasing


def test_tomorrows_customers_are_scored_against_the_fitted_ones(summary, tomorrow):
    """A new customer's score counts fitted customers, alone or among others."""
    scorer = RFMScorer().fit(summary)
    scored = scorer.transform(tomorrow)
    for name, row in list(tomorrow.iterrows())[:25]:
        worse = (summary["total_value"] < row["total_value"]).sum()
        assert scored.loc[name, "m_score"] == min(5, 1 + 5 * worse // len(summary))
        assert scorer.transform(tomorrow.loc[[name]]).equals(scored.loc[[name]])


def test_cut_points_given_back_as_bins_score_alike(summary, tomorrow):
    """method='fixed' with the learned cut points is the same scorer."""
    learned = RFMScorer().fit(summary)
    fixed = RFMScorer(method="fixed", bins=learned.cut_points_.to_dict("list")).fit(tomorrow)
    assert fixed.cut_points_.equals(learned.cut_points_)
    assert fixed.transform(tomorrow).equals(learned.transform(tomorrow))


def test_fixed_cut_points_are_in_natural_units():
    """Twenty weeks since, three repeat purchases and 70 in money score 3, 3 and 3."""
    X = pd.DataFrame(
        {"frequency": [3], "recency": [10.0], "T": [30.0], "total_value": [70.0]}, index=["me"]
    )
    scored = RFMScorer(method="fixed", bins=BINS).fit_transform(X)
    assert scored.loc["me"].tolist() == [3, 3, 3, 333]


def test_one_customer_and_equal_customers_score_one():
    """Where nobody is strictly worse every score is 1."""
    X = frame([(2, 5, 3, 9.0)] * 3)
    assert RFMScorer().fit_transform(X).to_numpy().tolist() == [[1, 1, 1, 111]] * 3
    assert RFMScorer().fit_transform(X[:1]).to_numpy().tolist() == [[1, 1, 1, 111]]


def test_extreme_money_is_scored():
    """Money at both ends of the floating range, negative and zero, is only compared."""
    X = frame([(0, 0, 1, v) for v in (-1e308, -1.0, 0.0, 1e-300, 1e308)])
    assert RFMScorer().fit_transform(X)["m_score"].tolist() == [1, 2, 3, 4, 5]


def test_ten_bins_take_two_digits_each(summary):
    """From ten bins on rfm_score is 10,000 r + 100 f + m."""
    scored = RFMScorer(n_bins=10).fit_transform(summary)
    expected = 10_000 * scored["r_score"] + 100 * scored["f_score"] + scored["m_score"]
    assert (scored["rfm_score"] == expected).all()
    assert scored["r_score"].max() == 10


def test_the_money_of_fit_is_the_money_of_transform(summary):
    """A scorer of totals refuses means, and one of means does not switch to totals."""
    totals = RFMScorer().fit(summary)
    assert totals.money_ == "total_value"
    with pytest.raises(DataError, match="missing: total_value"):
        totals.transform(summary.drop(columns="total_value"))
    means = RFMScorer().fit(summary.drop(columns="total_value"))
    assert means.money_ == "monetary_value"
    expected = means.transform(summary.drop(columns="total_value"))
    assert means.transform(summary).equals(expected)


def test_the_time_unit_of_fit_is_kept(summary):
    """A summary in days is refused by a scorer fitted in weeks."""
    summary.attrs["time_unit"] = "week"
    scorer = RFMScorer().fit(summary)
    summary.attrs["time_unit"] = "day"
    assert scorer.time_unit_ == "week"
    with pytest.raises(DataError, match="it was measured in 'day'"):
        scorer.transform(summary)


def test_every_kind_of_table_gets_the_same_scores_and_keeps_its_ids(summary):
    """A pandas frame keeps its index, polars and pyarrow their first column; arrays have none."""
    scorer = RFMScorer().fit(summary)
    expected = scorer.transform(summary)
    assert expected.index.equals(summary.index)
    from_polars = scorer.transform(pl.from_pandas(summary.reset_index()))
    assert from_polars.columns == ["customer_id", *NAMES]
    assert from_polars["customer_id"].to_list() == list(summary.index)
    assert from_polars["rfm_score"].to_list() == expected["rfm_score"].tolist()
    from_arrow = scorer.transform(pa.Table.from_pandas(summary.reset_index()))
    assert from_arrow.column_names == ["customer_id", *NAMES]
    assert from_arrow["rfm_score"].to_pylist() == expected["rfm_score"].tolist()
    array = summary[["frequency", "recency", "T", "total_value"]].to_numpy()
    np.testing.assert_array_equal(scorer.transform(array), expected)


def test_columns_may_come_in_any_order_with_others_beside_them(summary):
    """Names, not places, decide; what else the frame holds does not matter."""
    other = summary.assign(name="x")[["T", "name", "total_value", "recency", "frequency"]]
    assert RFMScorer().fit_transform(other).equals(RFMScorer().fit_transform(summary))


def test_set_output_names_and_pipelines(summary):
    """set_output, get_feature_names_out and Pipeline work as in scikit-learn."""
    pipeline = make_pipeline(FunctionTransformer(feature_names_out="one-to-one"), RFMScorer())
    assert list(pipeline.fit_transform(summary)) == NAMES
    assert list(pipeline.get_feature_names_out()) == NAMES
    scorer = RFMScorer().set_output(transform="polars").fit(summary)
    assert scorer.transform(summary).columns == ["customer_id", *NAMES]
    assert scorer.n_features_in_ == 4
    assert list(scorer.feature_names_in_) == ["frequency", "recency", "T", "total_value"]


def test_fit_leaves_x_alone_and_repeats_itself(summary):
    """X is not changed; a second fit forgets the first; a read-only array will do."""
    before = summary.copy(deep=True)
    scorer = RFMScorer().fit(summary)
    first = scorer.cut_points_
    pd.testing.assert_frame_equal(summary, before)
    array = summary[["frequency", "recency", "T", "monetary_value"]].to_numpy().copy()
    array.setflags(write=False)
    assert not hasattr(scorer.fit(array), "feature_names_in_")
    assert scorer.fit(summary).cut_points_.equals(first)


@pytest.mark.parametrize(
    "scorer",
    [RFMScorer(), RFMScorer(n_bins=12), RFMScorer(method="fixed", bins=BINS)],
    ids=["quantile", "twelve", "fixed"],
)
def test_copies_score_alike(scorer, summary, tomorrow, tmp_path):
    """clone, pickle and save with load give the same cut points and scores."""
    scorer = clone(scorer).fit(summary)
    expected = scorer.transform(tomorrow)
    scorer.save(tmp_path / "scorer.json")
    loaded = custvalue.load(tmp_path / "scorer.json")
    pd.testing.assert_frame_equal(loaded.cut_points_, scorer.cut_points_)
    assert loaded.get_params() == scorer.get_params()
    for copy in (loaded, pickle.loads(pickle.dumps(scorer)), clone(scorer).fit(summary)):
        pd.testing.assert_frame_equal(copy.transform(tomorrow), expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_bins": 1}, "'n_bins' parameter of RFMScorer must be an int in the range"),
        ({"n_bins": 2.5}, "'n_bins' parameter of RFMScorer must be an int"),
        ({"n_bins": 1000}, "'n_bins' parameter of RFMScorer must be an int in the range"),
        ({"method": "jenks"}, "'method' parameter of RFMScorer must be a str among"),
        ({"bins": BINS}, "bins must be None for method='quantile'; found"),
        ({"method": "fixed"}, "found None"),
        ({"method": "fixed", "bins": [1, 2]}, "'bins' parameter of RFMScorer must be"),
        ({"method": "fixed", "bins": BINS, "n_bins": 4}, "must hold n_bins - 1 = 3 cut points"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, message, summary):
    """A wrong parameter is named by its value, and nothing is half fitted."""
    scorer = RFMScorer(**parameters)
    with pytest.raises(ValueError, match=message):
        scorer.fit(summary)
    with pytest.raises(NotFittedError):
        scorer.transform(summary)


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([[1.0, 1.0, 2.0]], DataError, "RFMScorer is expecting 4 features as input"),
        ([[1.0, 1.0, 2.0, np.nan]], DataError, "'monetary_value' must be finite .*row 0"),
        ([1.0, 2.0], DataError, "X must be a 2-D array"),
        (np.empty((0, 4)), DataError, "RFMScorer needs at least one row"),
        (object(), TypeError, "X must be a pandas, polars or pyarrow frame"),
        (pd.DataFrame({"frequency": [0]}), DataError, "one of money, total_value or monetary"),
        (pd.DataFrame({"total_value": [1.0]}), DataError, "missing: frequency, recency, T"),
        ([[2, 5.0, 4.0, 1.0]], DataError, r"recency must not exceed T; row 0 .* \(1 such row\)"),
    ],
)
def test_wrong_tables_are_refused(X, error, message):
    """Each wrong table gives one clear error at fit."""
    with pytest.raises(error, match=message):
        RFMScorer().fit(X)


# Natural breaks, groups, weights, money


def markets(summary: pd.DataFrame) -> pd.DataFrame:
    """Return the summary with three markets, the last one in a smaller currency."""
    X = summary.assign(market=np.resize(["UK", "DE", "JP"], len(summary)))
    X.loc[X["market"] == "JP", ["total_value", "monetary_value"]] *= 160.0
    return X


@given(X=summaries, factor=st.sampled_from([0.25, 8.0, 1.17]), seed=st.integers(0, 2**32 - 1))
def test_breaks_depend_neither_on_the_currency_nor_on_the_order(X, factor, seed):
    """Natural breaks give the same scores in another currency and to shuffled customers."""
    expected = RFMScorer(method="breaks").fit_transform(X)
    dearer = X.assign(total_value=X["total_value"] * factor)
    order = np.random.default_rng(seed).permutation(len(X))
    found = RFMScorer(method="breaks").fit(dearer.iloc[order]).transform(dearer)
    assert found.equals(expected)


def test_breaks_are_monotone_and_keep_ties_together(summary):
    """A better value never has a lower natural-break score; all scores are used."""
    scored = RFMScorer(method="breaks").fit_transform(summary)
    by_money = scored["m_score"].groupby(summary["total_value"])
    assert (by_money.nunique() == 1).all()
    assert by_money.first().is_monotonic_increasing
    assert sorted(scored["m_score"].unique()) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("method", ["quantile", "breaks"])
def test_each_market_is_scored_as_if_alone(method, summary):
    """With by, cut points and scores are those of separate scorers."""
    X = markets(summary)
    together = RFMScorer(method=method, by="market").fit(X)
    scored = together.transform(X)
    assert together.n_features_in_ == 5
    assert together.feature_names_in_[-1] == "market"
    for market, part in X.groupby("market"):
        alone = RFMScorer(method=method).fit(part)
        pd.testing.assert_frame_equal(together.cut_points_.loc[market], alone.cut_points_)
        pd.testing.assert_frame_equal(scored.loc[part.index], alone.transform(part))


def test_a_new_market_is_refused_or_scored_by_all(summary, tomorrow):
    """Pooled cut points are those of a scorer that knows no markets."""
    X, new = markets(summary), tomorrow.assign(market="FR")
    strict = RFMScorer(by="market").fit(X)
    with pytest.raises(DataError, match=r"'market' must be one of the 3 fitted.*'FR' \(90 such"):
        strict.transform(new)
    pooled = RFMScorer(by="market", unseen="pooled").fit(X)
    all_together = RFMScorer().fit(X)
    pd.testing.assert_frame_equal(pooled.cut_points_.loc["(all)"], all_together.cut_points_)
    pd.testing.assert_frame_equal(pooled.transform(new), all_together.transform(new))
    pd.testing.assert_frame_equal(pooled.transform(X), strict.transform(X))


def test_fixed_cut_points_may_differ_by_market(summary):
    """The learned cut points of each market, given back as bins, score alike."""
    X = markets(summary)
    learned = RFMScorer(by="market", unseen="pooled").fit(X)
    groups = learned.cut_points_.index.get_level_values("group").unique()
    bins = {group: learned.cut_points_.loc[group].to_dict("list") for group in groups}
    fixed = RFMScorer(method="fixed", bins=bins, by="market", unseen="pooled").fit(X)
    pd.testing.assert_frame_equal(fixed.transform(X), learned.transform(X))
    shared = RFMScorer(method="fixed", bins=BINS, by="market").fit(X)
    expected = RFMScorer(method="fixed", bins=BINS).fit_transform(X)
    pd.testing.assert_frame_equal(shared.transform(X), expected)


def test_markets_are_read_from_every_kind_of_table(summary):
    """Markets that are numbers, in frames and arrays, give the same scores."""
    X = markets(summary)
    X["market"] = X["market"].map({"UK": 44, "DE": 49, "JP": 81})
    scorer = RFMScorer(by="market").fit(X)
    expected = scorer.transform(X)
    assert scorer.cut_points_.index[0] == (44, 2)
    out = scorer.transform(pl.from_pandas(X.reset_index()))
    assert out["rfm_score"].to_list() == expected["rfm_score"].tolist()
    array = X[["frequency", "recency", "T", "total_value", "market"]].to_numpy()
    np.testing.assert_array_equal(scorer.transform(array), expected)


@pytest.mark.parametrize("method", ["quantile", "breaks"])
@pytest.mark.parametrize("by", [None, "market"])
def test_a_weight_is_a_number_of_customers(method, by, summary):
    """Weights 0 to 3 give the scorer of so many copies; a market without weight is unseen."""
    X = markets(summary)
    X.iloc[0, X.columns.get_loc("market")] = "nowhere"
    weights = np.random.default_rng(4).integers(0, 4, len(X))
    weights[0] = 0
    weighted = RFMScorer(method=method, by=by).fit(X, sample_weight=weights)
    copies = RFMScorer(method=method, by=by).fit(X.iloc[np.repeat(np.arange(len(X)), weights)])
    pd.testing.assert_frame_equal(weighted.cut_points_, copies.cut_points_)
    assert weighted.n_customers_ == copies.n_customers_ == weights.sum()
    assert RFMScorer().fit(X, sample_weight=weights / 2).n_customers_ == weights.sum() / 2


def test_weights_of_the_scores_add_a_column(summary):
    """weighted_score is the weighted mean; without weights there is no such column."""
    weights = {"recency": 2, "frequency": 1, "monetary": 1}
    scorer = RFMScorer(weights=weights).fit(summary)
    scored = scorer.transform(summary)
    expected = (2 * scored["r_score"] + scored["f_score"] + scored["m_score"]) / 4
    np.testing.assert_allclose(scored["weighted_score"], expected)
    assert list(scorer.get_feature_names_out()) == list(scored) == [*NAMES, "weighted_score"]
    assert list(RFMScorer().fit(summary).get_feature_names_out()) == NAMES
    with pytest.raises(ValueError, match="weights must not all be 0"):
        RFMScorer(weights=dict.fromkeys(weights, 0)).fit(summary)


def test_money_that_is_not_positive_scores_lowest_where_asked():
    """Cut points come from the four payers, and the two others stand with the lowest of them."""
    X = frame([(0, 0, 1, v) for v in (-5.0, 0.0, 10.0, 20.0, 30.0, 40.0)])
    scored = RFMScorer(n_bins=4, nonpositive_money="lowest").fit_transform(X)
    assert scored["m_score"].tolist() == [1, 1, 1, 2, 3, 4]
    assert RFMScorer(n_bins=4).fit_transform(X)["m_score"].tolist() == [1, 1, 2, 3, 3, 4]
    bins = {name: [-9.0, 15.0, 25.0] for name in ("recency", "frequency", "monetary")}
    fixed = RFMScorer(n_bins=4, method="fixed", bins=bins, nonpositive_money="lowest")
    assert fixed.fit_transform(X)["m_score"].tolist() == [1, 1, 2, 3, 4, 4]
    with pytest.raises(DataError, match="total_value must be positive for at least one"):
        RFMScorer(nonpositive_money="lowest").fit(X[:2])


def test_money_that_is_not_positive_is_refused_where_asked(summary):
    """At fit and at transform the rows are counted and the first is named."""
    good = summary[summary["total_value"] > 0]
    bad = good.copy()
    bad.iloc[[3, 5], bad.columns.get_loc("total_value")] = [0.0, -2.0]
    scorer = RFMScorer(nonpositive_money="raise").fit(good)
    for fails in (scorer.transform, clone(scorer).fit):
        with pytest.raises(DataError, match=r"must be positive for .*row 3.*=0.0 \(2 such rows\)"):
            fails(bad)


def test_a_scorer_with_everything_is_saved(summary, tomorrow, tmp_path):
    """Groups, pooled cut points and weights come back from the file."""
    X, new = markets(summary), markets(tomorrow)
    scorer = RFMScorer(
        method="breaks",
        by="market",
        unseen="pooled",
        weights={"recency": 3, "frequency": 2, "monetary": 1},
        nonpositive_money="lowest",
    ).fit(X)
    scorer.save(tmp_path / "scorer.json")
    loaded = custvalue.load(tmp_path / "scorer.json")
    pd.testing.assert_frame_equal(loaded.cut_points_, scorer.cut_points_)
    pd.testing.assert_frame_equal(loaded.transform(new), scorer.transform(new))
    assert loaded.get_params() == scorer.get_params()


@pytest.mark.parametrize("n_bins", [3, 12])
def test_a_database_gives_the_scores(summary, tomorrow, n_bins):
    """The query of to_sql, run by DuckDB, gives the rows of transform; names are checked."""
    scorer = RFMScorer(n_bins=n_bins, weights={"recency": 2, "frequency": 1, "monetary": 1})
    scorer.fit(summary)
    with duckdb.connect() as connection:
        connection.register("a table", tomorrow)
        found = connection.execute(scorer.to_sql(table="a table")).df()
    expected = scorer.transform(tomorrow).drop(columns="weighted_score")
    assert found[list(expected)].to_numpy().tolist() == expected.to_numpy().tolist()
    with pytest.raises(ValueError, match="dialect must name a dialect of SQL"):
        scorer.to_sql("latin")
    with pytest.raises(NotFittedError):
        RFMScorer().to_sql()
