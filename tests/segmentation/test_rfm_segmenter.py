"""RFMSegmenter."""

from __future__ import annotations

import pickle

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import custvalue
from custvalue.exceptions import DataError
from custvalue.segmentation import RFMScorer, RFMSegmenter, SegmentRule, standard_rules

BINS = {"recency": [4, 13, 26, 52], "frequency": [0, 1, 3, 7], "monetary": [10, 50, 100, 500]}
HALVES = [SegmentRule("High", r=(2, 3)), SegmentRule("Low", r=(1, 1))]


def test_segments_follow_from_the_scores(summary):
    """The rule that is named for a customer holds their scores and has that segment."""
    segmenter = RFMSegmenter().fit(summary)
    out = segmenter.transform(summary)
    scored = RFMScorer().fit_transform(summary)
    rules = {(rule.name, str(rule)): rule for rule in standard_rules()}
    for name, row in out.iterrows():
        rule = rules[row["segment"], row["rule"]]
        for letter in "rfm":
            low, high = getattr(rule, letter) or (1, 5)
            assert low <= scored.loc[name, f"{letter}_score"] <= high


def test_predict_gives_the_names_as_an_array(summary):
    """The answer of predict is the segment column, without the ids."""
    segmenter = RFMSegmenter().fit(summary)
    names = segmenter.predict(summary)
    assert isinstance(names, np.ndarray)
    assert names.tolist() == segmenter.transform(summary)["segment"].tolist()


def test_tomorrows_customers_meet_the_fitted_cut_points(summary, tomorrow):
    """A customer alone gets the segment they get among others, from the cut points of fit."""
    segmenter = RFMSegmenter().fit(summary)
    together = segmenter.predict(tomorrow)
    alone = [segmenter.predict(tomorrow.iloc[[i]])[0] for i in range(30)]
    assert together[:30].tolist() == alone
    assert (RFMSegmenter().fit(tomorrow).predict(tomorrow) != together).any()


def test_the_profile_adds_up(summary):
    """Customers, shares and money of the segments add up to those of the table."""
    segmenter = RFMSegmenter().fit(summary)
    profile = segmenter.profile_
    assert profile.index.tolist() == [rule.name for rule in standard_rules()]
    assert profile["customers"].sum() == len(summary)
    assert profile["share"].sum() == pytest.approx(1.0)
    assert profile["total_value"].sum() == pytest.approx(summary["total_value"].sum())
    groups = summary.groupby(segmenter.predict(summary))
    since = (summary["T"] - summary["recency"]).groupby(segmenter.predict(summary)).mean()
    for name in groups.groups:
        assert profile.loc[name, "mean_frequency"] == pytest.approx(
            groups["frequency"].mean()[name]
        )
        assert profile.loc[name, "mean_time_since_purchase"] == pytest.approx(since[name])


def test_without_a_total_the_profile_has_no_money(summary):
    """Scored on monetary_value, the segments still stand but no total is made up."""
    segmenter = RFMSegmenter().fit(summary.drop(columns="total_value"))
    assert segmenter.scorer_.money_ == "monetary_value"
    assert "total_value" not in segmenter.profile_


def test_rules_of_ones_own_replace_the_standard_ones(summary):
    """Other bins and other rules, several to a segment, are applied as given."""
    rules = [
        SegmentRule("Core", r=(3, 3)),
        SegmentRule("Core", r=(1, 2), m=(3, 3)),
        SegmentRule("Rest", r=(1, 2), m=(1, 2)),
    ]
    segmenter = RFMSegmenter(rules=rules, n_bins=3).fit(summary)
    scored = RFMScorer(n_bins=3).fit_transform(summary)
    core = (scored["r_score"] == 3) | (scored["m_score"] == 3)
    assert (segmenter.predict(summary) == np.where(core, "Core", "Rest")).all()
    assert segmenter.profile_.index.tolist() == ["Core", "Rest"]
    assert segmenter.rules_["cells"].tolist() == [9, 6, 12]


def test_fixed_cut_points_reach_the_scorer(summary):
    """With method='fixed' the segments use the cut points that were given."""
    segmenter = RFMSegmenter(method="fixed", bins=BINS).fit(summary)
    expected = RFMScorer(method="fixed", bins=BINS).fit(summary)
    assert segmenter.scorer_.cut_points_.equals(expected.cut_points_)


def test_one_customer_is_lost_by_the_standard_of_themselves():
    """A single customer has scores 1, 1, 1 and a defined segment and profile."""
    segmenter = RFMSegmenter().fit([[0, 0.0, 3.0, 0.0]])
    assert segmenter.predict([[0, 0.0, 3.0, 0.0]]).tolist() == ["Lost"]
    assert segmenter.profile_.loc["Lost", "customers"] == 1


def test_every_kind_of_table_gets_the_same_segments_and_keeps_its_ids(summary):
    """The output is of the kind of the input, ids first, and set_output overrides it."""
    segmenter = RFMSegmenter().fit(summary)
    expected = segmenter.transform(summary)
    assert expected.index.equals(summary.index)
    assert list(expected) == ["segment", "rule"] == list(segmenter.get_feature_names_out())
    for out in (
        segmenter.transform(pl.from_pandas(summary.reset_index())),
        clone(segmenter).fit(summary).set_output(transform="polars").transform(summary),
    ):
        assert out.columns == ["customer_id", "segment", "rule"]
        assert out["segment"].to_list() == expected["segment"].tolist()
        assert out["customer_id"].to_list() == list(summary.index)
    arrow = segmenter.transform(pa.Table.from_pandas(summary.reset_index()))
    assert arrow["rule"].to_pylist() == expected["rule"].tolist()
    array = summary[["frequency", "recency", "T", "total_value"]].to_numpy()
    assert segmenter.predict(array).tolist() == expected["segment"].tolist()


def test_it_stands_in_a_pipeline_and_leaves_x_alone(summary):
    """Pipeline fits, transforms and predicts through it; X is not changed."""
    before = summary.copy(deep=True)
    pipeline = make_pipeline(FunctionTransformer(), RFMSegmenter()).fit(summary)
    assert pipeline.predict(summary).tolist() == pipeline.transform(summary)["segment"].tolist()
    pd.testing.assert_frame_equal(summary, before)


@pytest.mark.parametrize(
    "segmenter",
    [RFMSegmenter(), RFMSegmenter(rules=HALVES, n_bins=3), RFMSegmenter(method="fixed", bins=BINS)],
    ids=["standard", "own rules", "fixed"],
)
def test_copies_segment_alike(segmenter, summary, tomorrow, tmp_path):
    """clone, pickle and save with load give the same rules, profile and segments."""
    segmenter = clone(segmenter).fit(summary)
    expected = segmenter.transform(tomorrow)
    segmenter.save(tmp_path / "segmenter.json")
    loaded = custvalue.load(tmp_path / "segmenter.json")
    assert loaded.get_params() == segmenter.get_params()
    for copy in (loaded, pickle.loads(pickle.dumps(segmenter)), clone(segmenter).fit(summary)):
        pd.testing.assert_frame_equal(copy.transform(tomorrow), expected)
        pd.testing.assert_frame_equal(copy.profile_, segmenter.profile_)
        pd.testing.assert_frame_equal(copy.rules_, segmenter.rules_)


def test_a_saved_segmenter_takes_a_few_kilobytes(summary, tmp_path):
    """The file holds rules and cut points, and no customer."""
    RFMSegmenter().fit(summary).save(tmp_path / "segmenter.json")
    text = (tmp_path / "segmenter.json").read_text()
    assert len(text) < 10_000
    assert "c001" not in text


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"n_bins": 4}, ValueError, "rules must be given where n_bins is not 5"),
        ({"n_bins": 21}, ValueError, "'n_bins' parameter of RFMSegmenter must be an int in the"),
        ({"rules": "standard"}, ValueError, "'rules' parameter of RFMSegmenter must be"),
        ({"rules": []}, ValueError, "125 cells are in none"),
        ({"rules": ["Champions"]}, TypeError, "rules must be SegmentRule objects"),
        ({"rules": HALVES}, ValueError, "50 cells are in none"),
        ({"rules": [*standard_rules(), SegmentRule("All")]}, ValueError, "125 cells are in seve"),
        ({"method": "fixed"}, ValueError, "bins must be a dict"),
        ({"bins": BINS}, ValueError, "bins must be None for method='quantile'"),
    ],
)
def test_wrong_parameters_are_refused_and_leave_it_unfitted(parameters, error, message, summary):
    """A set of rules that is no partition, or another wrong parameter, fits nothing."""
    segmenter = RFMSegmenter(**parameters)
    with pytest.raises(error, match=message):
        segmenter.fit(summary)
    with pytest.raises(NotFittedError):
        segmenter.predict(summary)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0, 1.0, 2.0]], "RFMSegmenter is expecting 4 features"),
        (pd.DataFrame({"frequency": [0]}), "RFMSegmenter needs the columns frequency, recency, T"),
        ([[2, 5.0, 4.0, 1.0]], r"recency must not exceed T; row 0 has recency=5.0, T=4.0 \(1"),
        ([[0, 5.0, 6.0, 1.0]], "recency must be 0 exactly when frequency is 0"),
    ],
)
def test_wrong_tables_are_refused_at_fit_and_transform(X, message, summary):
    """Each wrong table gives one clear error, in the name of the segmenter."""
    with pytest.raises(DataError, match=message):
        RFMSegmenter().fit(X)
    fitted = RFMSegmenter().fit(summary.drop(columns="total_value"))
    with pytest.raises(DataError, match=message):
        fitted.transform(X)


def test_markets_methods_and_money_reach_the_scorer(summary, tomorrow, tmp_path):
    """All parameters of the scores are handed on, at fit and at predict, and saved."""
    summary["market"] = np.resize(["UK", "DE"], len(summary))
    more = {
        "method": "breaks",
        "by": "market",
        "unseen": "pooled",
        "weights": {"recency": 2, "frequency": 1, "monetary": 1},
        "nonpositive_money": "lowest",
    }
    segmenter, scorer = RFMSegmenter(**more).fit(summary), RFMScorer(**more).fit(summary)
    assert segmenter.scorer_.get_params() == scorer.get_params()
    pd.testing.assert_frame_equal(segmenter.scorer_.cut_points_, scorer.cut_points_)
    assert list(segmenter.feature_names_in_) == list(scorer.feature_names_in_)
    new = tomorrow.assign(market="FR")
    segmenter.save(tmp_path / "segmenter.json")
    again = custvalue.load(tmp_path / "segmenter.json").predict(new)
    assert again.tolist() == segmenter.predict(new).tolist()
    with pytest.raises(DataError, match="must be one of the 2 fitted groups"):
        RFMSegmenter(by="market").fit(summary).predict(new)


def test_weights_of_customers_are_copies_of_them(summary):
    """Cut points and profile are those of the customers repeated."""
    weights = np.random.default_rng(4).integers(0, 4, len(summary))
    weighted = RFMSegmenter().fit(summary, sample_weight=weights)
    copies = RFMSegmenter().fit(summary.iloc[np.repeat(np.arange(len(summary)), weights)])
    pd.testing.assert_frame_equal(weighted.profile_, copies.profile_)
    assert weighted.predict(summary).tolist() == copies.predict(summary).tolist()


def test_scored_money_must_be_allowed(summary):
    """nonpositive_money='raise' refuses in the name of the column."""
    summary.iloc[2, summary.columns.get_loc("total_value")] = 0.0
    with pytest.raises(DataError, match="'total_value' must be positive"):
        RFMSegmenter(nonpositive_money="raise").fit(summary)


def test_a_database_gives_the_segments(summary, tomorrow, tmp_path):
    """The query of to_sql, run by DuckDB, gives the rows of transform, after a reload too."""
    rules = [SegmentRule("it's", r=(2, 3), action="x"), SegmentRule("it's", r=(1, 1), f=(2, 3))]
    rules += [SegmentRule('the "rest"', r=(1, 1), f=(1, 1))]
    segmenter = RFMSegmenter(n_bins=3, rules=rules).fit(summary)
    segmenter.save(tmp_path / "m.json")
    query = custvalue.load(tmp_path / "m.json").to_sql("duckdb", table=("main", "s; --"))
    assert query == segmenter.to_sql(table=("main", "s; --"))
    with duckdb.connect() as connection:
        connection.register("tomorrow", tomorrow)
        connection.execute('CREATE TABLE main."s; --" AS SELECT * FROM tomorrow')
        found = connection.execute(query).df()
    expected = segmenter.transform(tomorrow)
    assert found[["segment", "rule"]].to_numpy().tolist() == expected.to_numpy().tolist()
    assert found.columns.tolist()[:5] == tomorrow.columns.tolist()


def test_what_cannot_be_a_query_is_refused(summary):
    """Unknown dialects, tables without a name, names taken, an unfitted segmenter."""
    segmenter = RFMSegmenter(by="rule").fit(summary.assign(rule="a"))
    with pytest.raises(ValueError, match="to_sql gives the columns r_score, .* found 'rule'$"):
        segmenter.to_sql()
    with pytest.raises(ValueError, match="dialect must name a dialect of SQL"):
        segmenter.to_sql("latin")
    with pytest.raises(ValueError, match="table must be a name"):
        segmenter.to_sql(table=())
    with pytest.raises(NotFittedError):
        RFMSegmenter().to_sql()
