"""SQL around a score table; ``test_crm_story`` runs it."""

from __future__ import annotations

import pandas as pd
import pytest
import sqlglot
from sklearn.frozen import FrozenEstimator
from sqlglot import exp

from custvalue.lifetime import BetaGeoNBD, GammaGamma, LifetimeValue
from custvalue.workflow._score_table import keys_of_grid, predictions, read_model
from custvalue.workflow._score_table_sql import clear_query, create_query, join_query

ATTRITION = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
SPEND = GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})
DIALECTS = ["duckdb", "postgres", "mysql", "tsql", "bigquery", "spark", "snowflake"]


def facts(margin: float | str = 0.3):
    """Return what is known of a value model."""
    summary = pd.DataFrame(
        {"frequency": [1.0], "recency": [1.0], "T": [2.0], "monetary_value": [5.0]}
    ).assign(**{"Value": 1.0, "m": 0.5})
    parts = {"attrition": FrozenEstimator(ATTRITION), "spend": FrozenEstimator(SPEND)}
    return read_model(LifetimeValue(**parts, margin=margin).fit(summary), "ask")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_reads_what_is_written(dialect):
    """sqlglot's parser of the dialect takes join and CREATE, and finds tables and columns."""
    query = join_query(
        facts(),
        summary=("s", "cust omers"),
        scores=("t",),
        columns=None,
        observation_end=None,
        dialect=dialect,
    )
    parsed = sqlglot.parse_one(query, read=dialect)
    names = ["probability_alive", "expected_purchases", "expected_spend", "value"]
    assert [one.alias_or_name for one in parsed.selects] == ["*", *names, "observation_end"]
    assert {table.name for table in parsed.find_all(exp.Table)} == {"cust omers", "t"}
    made = create_query(facts(), table=("s", "t"), dialect=dialect)
    assert sqlglot.parse_one(made, read=dialect) is not None


def test_the_table_has_the_columns_of_the_rows_in_their_order():
    """What score_table gives can be inserted as it is."""
    columns = list(predictions(facts(), keys_of_grid(3, 0)))
    parsed = sqlglot.parse_one(create_query(facts(), table=("t",), dialect="postgres"))
    named = [one.name for one in parsed.find_all(exp.ColumnDef)]
    assert named == [*columns, "observation_end", "model", "model_id"]


def test_only_databases_that_keep_a_key_get_one():
    """BigQuery and Spark would refuse the statement."""
    keyed = {d for d in DIALECTS if "PRIMARY KEY" in create_query(facts(), table=("t",), dialect=d)}
    assert keyed == {"duckdb", "postgres", "mysql", "tsql"}


def test_a_column_that_would_be_there_twice_is_refused():
    """The margin column must not have the name of a result, in any case of its letters."""
    ask = {"summary": ("c",), "scores": ("s",), "observation_end": None, "dialect": "duckdb"}
    assert '"c"."m"' in join_query(facts("m"), columns=None, **ask)
    with pytest.raises(ValueError, match="score_query gives the columns .* found 'Value'$"):
        join_query(facts("Value"), columns=None, **ask)


def test_columns_to_hand_on_are_named_and_refused_where_the_query_gives_them():
    """No star is left; a column of the summary that the query would give twice is named."""
    ask = {"summary": ("c",), "scores": ("s",), "observation_end": None, "dialect": "duckdb"}
    query = join_query(facts(), columns=["id", "T"], **ask)
    given = [one.alias_or_name for one in sqlglot.parse_one(query).selects]
    assert given[:3] == ["id", "T", "probability_alive"]
    for name in ("value", "Observation_End"):
        with pytest.raises(ValueError, match=f"rename .* found '{name}'$"):
            join_query(facts(), columns=["id", name], **ask)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_rows_of_a_night_can_be_taken_out(dialect):
    """One DELETE with the hash of the model and the stamp."""
    statement = clear_query(
        facts(), table=("a", "t"), observation_end="2026-01-31", dialect=dialect
    )
    parsed = sqlglot.parse_one(statement, read=dialect)
    assert isinstance(parsed, exp.Delete)
    found = {one.name for one in parsed.find_all(exp.Literal)}
    assert found == {facts().model_id, "2026-01-31"}
