"""RFM scores and segments as SQL; the story of the workflow runs them on PostgreSQL too."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from custvalue.segmentation._rfm_scorer import scores, time_since_purchase
from custvalue.segmentation._rfm_segmenter import partition
from custvalue.segmentation._rfm_sql import (
    SQLScores,
    named_cells,
    score_query,
    segment_query,
    unrounded_cut_point,
)
from custvalue.segmentation.segment_rule import standard_rules

POINTS = {
    "recency": np.array([30.0, 20.0, 10.0, 5.0]),
    "frequency": np.array([0.0, 0.0, 2.0, 5.0]),
    "monetary": np.array([-5.0, 10.0, 10.0, 1e-300]),
}
POINTS["monetary"].sort()


def sql_scores(points=None, **changes):
    """Return scores without groups, but for changes."""
    plain = {"points": {None: POINTS}, "money": "m", "by": None, "nonpositive_money": "score"}
    return SQLScores(**(plain | ({} if points is None else {"points": points}) | changes))


def rows_of(query: str, t: pd.DataFrame) -> pd.DataFrame:
    """Return what DuckDB gives for a table t."""
    with duckdb.connect() as connection:
        connection.register("t", t)
        return connection.execute(query).df()


def histories(seed: int = 0, n: int = 500) -> pd.DataFrame:
    """Return histories in weeks, with many ties at the cut points."""
    generator = np.random.default_rng(seed)
    T = generator.integers(1, 300, n)
    frequency = generator.integers(0, 7, n)
    recency = np.where(frequency > 0, generator.integers(1, T + 1), 0)
    money = generator.choice([-6.0, -5.0, 0.0, 1e-300, 10.0, 11.0], n)
    return pd.DataFrame({"frequency": frequency, "recency": recency / 7, "T": T / 7, "m": money})


@pytest.mark.parametrize("lowest", [False, True])
def test_scores_are_those_of_the_mathematics(lowest):
    """Ties included, with cut points that are alike or negative."""
    t = histories()
    means = "lowest" if lowest else "score"
    query = score_query(sql_scores(nonpositive_money=means), table=("t",), dialect="duckdb")
    found = rows_of(query, t)
    since = time_since_purchase(t["recency"].to_numpy(), t["T"].to_numpy())
    expected = scores(
        since, t["frequency"].to_numpy(float), t["m"].to_numpy(), POINTS, positive_money=lowest
    )
    for name, values in zip(("r_score", "f_score", "m_score"), expected, strict=True):
        assert found[name].tolist() == values.tolist()
        assert len(set(values)) >= 3
    r, f, m = expected
    assert found["rfm_score"].tolist() == (100 * r + 10 * f + m).tolist()


def test_segments_are_those_of_the_cube():
    """Each row gets the texts of the rule that holds its scores."""
    rules = standard_rules()
    which = partition(rules, 5)
    texts = [(rule.name, str(rule)) for rule in rules]
    query = segment_query(sql_scores(), named_cells(which, texts), table=("t",), dialect="duckdb")
    found = rows_of(query, histories(1))
    place = which[tuple(found[f"{letter}_score"] - 1 for letter in "rfm")]
    assert list(zip(found["segment"], found["rule"], strict=True)) == [texts[i] for i in place]


def test_ranges_of_rules_come_back_from_the_cube():
    """The box of cells of each rule has the corners of its ranges."""
    rules = standard_rules()
    cells = named_cells(partition(rules, 5), [(rule.name, str(rule)) for rule in rules])
    for rule, found in zip(rules, cells, strict=True):
        ranges = [limits or (1, 5) for limits in (rule.r, rule.f, rule.m)]
        assert list(zip(found.lowest, found.highest, strict=True)) == ranges


@settings(max_examples=30, deadline=None)
@given(st.floats(0, 3e6), st.integers(-40, 40))
def test_no_time_is_rounded_over_a_cut_point_in_another_way(point, steps):
    """x is below the number found exactly where rounded x is below the rounded cut point."""
    none = np.zeros(1)
    point = float(time_since_purchase(none, np.array([point]))[0])
    least = unrounded_cut_point(point)
    x = np.array([least])
    for _ in range(abs(steps)):
        x = np.nextafter(x, np.inf if steps > 0 else -np.inf)
    assert (x[0] < least) == (time_since_purchase(none, x)[0] < point)


@pytest.mark.parametrize(
    ("groups", "labels", "other"),
    [
        (["D'E", "UK"], ["D'E", "UK"], "FR"),
        ([True, False], [False, True], None),
        ([1.0, 2.0], [1, 2], 3.0),
        ([0.5, 2.0], [0.5, 2], 3.0),
    ],
    ids=["text", "bool", "int", "float"],
)
def test_each_group_has_its_cut_points(groups, labels, other):
    """A group of any kind is scored by its own; others by the pooled, or not at all."""
    t = histories(n=1).loc[[0] * 4].assign(frequency=3, recency=1.0, T=8.0)
    t["g"] = pd.Series([*groups, other, None], index=t.index)
    points = {
        label: POINTS | {"frequency": np.array([0.0, 0.0, 0.0, limit])}
        for label, limit in [(labels[0], 2.0), (labels[1], 3.0), ("(all)", 1.0)]
    }
    first = 5 if labels[0] == groups[0] else 4
    expected = [first, 9 - first, 5 if other is not None else np.nan, np.nan]
    pooled = score_query(sql_scores(points, by="g"), table=("t",), dialect="duckdb")
    np.testing.assert_array_equal(rows_of(pooled, t)["f_score"], expected)
    del points["(all)"]
    alone = score_query(sql_scores(points, by="g"), table=("t",), dialect="duckdb")
    np.testing.assert_array_equal(rows_of(alone, t)["f_score"], [*expected[:2], np.nan, np.nan])


def test_what_no_database_column_holds_is_refused():
    """Groups of text and of bools in one column; a column that the query would give twice."""
    mixed = sql_scores({"a": POINTS, True: POINTS}, by="g")
    with pytest.raises(ValueError, match="of one kind; 'g' was fitted with True and False and te"):
        score_query(mixed, table=("t",), dialect="duckdb")
    taken = sql_scores({"a": POINTS}, by="Segment")
    assert "Segment" in score_query(taken, table=("t",), dialect="duckdb")
    with pytest.raises(ValueError, match="found 'Segment'$"):
        segment_query(taken, [], table=("t",), dialect="duckdb")


def test_a_score_that_the_table_has_is_not_read():
    """A table that was scored before gets the new scores, not a sum of old and new ones."""
    t = histories(2)
    query = score_query(sql_scores(), table=("t",), dialect="duckdb")
    fresh = rows_of(query, t)["rfm_score"].tolist()
    again = rows_of(query, t.assign(r_score=0, f_score=0, m_score=0))
    assert again["rfm_score"].tolist() == fresh


@pytest.mark.parametrize("dialect", ["postgres", "mysql", "tsql", "bigquery", "spark", "snowflake"])
def test_each_dialect_reads_what_is_written(dialect):
    """sqlglot's parser of the dialect takes the query and finds the columns."""
    rules = standard_rules()
    cells = named_cells(partition(rules, 5), [(rule.name, "it's \\ this") for rule in rules])
    query = segment_query(sql_scores(), cells, table=("crm", "cust omers"), dialect=dialect)
    parsed = sqlglot.parse_one(query, read=dialect)
    names = ["*", "r_score", "f_score", "m_score", "rfm_score", "segment", "rule"]
    assert [one.alias_or_name for one in parsed.selects] == names
    texts = {one.this for one in parsed.find_all(sqlglot.exp.Literal) if one.is_string}
    assert "it's \\ this" in texts
