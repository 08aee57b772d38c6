"""Hand-over of predictions to a database: a table of scores, and the SQL that uses it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.arguments import read_whole_number
from custvalue._estimator.parameters import as_day
from custvalue._tables.sql import checked_dialect, checked_table
from custvalue._typing import IntArray
from custvalue.exceptions import DataError
from custvalue.workflow._refresh_sql import REFRESHED, refresh_texts
from custvalue.workflow._score_table import (
    ScoreModel,
    keys_of_grid,
    keys_of_summary,
    predictions,
    read_model,
    row_count_of_grid,
)
from custvalue.workflow._score_table_sql import clear_query, create_query, join_query

__all__ = [
    "clear_score_table",
    "create_score_table",
    "refresh_statements",
    "score_query",
    "score_table",
]

_MOST_ROWS = 5_000_000


def score_table(
    model: Any,
    *,
    observation_end: Any,
    summary: Any = None,
    longest: int | None = None,
    most_purchases: int | None = None,
) -> pd.DataFrame:
    r"""Return what a model predicts for every purchase history, to be joined in a database.

    A model without covariates knows a customer by the number of repeat purchases and two times,
    which are whole days. So a database that holds this table scores its customers by a join: see
    `score_query`. The table has a row for each distinct history in ``summary``, or for each that
    can occur within ``longest`` days.

    Parameters
    ----------
    model : attrition model, LifetimeValue or CustomerAnalysis
        Fitted, without covariates and with ``regularity`` 1. The spend model of a value must be
        ``GammaGamma``.
    observation_end : str, date or Timestamp
        Last day of observation of the customers that will be scored: a stamp, by which an old table
        is told from a new one. Predictions do not depend on it.
    summary : customer summary, or None
        Any frame, file, relation or lazy table with ``frequency``, ``recency`` and ``T``, in the
        time unit of the model. An engine finds the distinct rows itself.
    longest, most_purchases : int or None
        In place of a summary: the most days of ``T``, and the most repeat purchases. For
        ``BetaGeoBetaBinomial`` ``longest`` is a number of opportunities. Such a table serves every
        night until the model changes, but has a row for histories that nobody has.

    Returns
    -------
    pandas.DataFrame of shape (n_histories, n_columns)
        Sorted by its keys ``frequency``, ``recency_days`` and ``T_days`` (whole numbers); for
        ``BetaGeoBetaBinomial``, which counts opportunities, however many days they are apart,
        ``frequency``, ``recency_opportunities`` and ``T_opportunities``. Then
        ``probability_alive`` and ``expected_purchases`` within the horizon of the model, and for
        a value ``discounted_purchases``, the same with each purchase at its present value. Last
        ``observation_end``, ``model`` (its class) and ``model_id``, a short hash of its parameters.

    Raises
    ------
    TypeError
        If the model is none of these.
    ValueError
        If predictions depend on more than the three numbers; if not exactly one of a summary and
        the two bounds is given; or if the bounds ask for more than five million rows, or for
        histories that the model does not know.
    custvalue.exceptions.DataError
        If a row of the summary is no purchase history, or a time is no whole number of days.

    See Also
    --------
    score_query : The query that joins customers and scores.
    create_score_table : The statement that makes the table in the database.
    clear_score_table : The statement that takes the rows of a night out of it.
    refresh_statements : Statements that fill a table anew.

    Notes
    -----
    The value of a customer also depends on ``monetary_value``, which is not few-valued. It is the
    product of what the table holds and a formula that `score_query` writes out,

    .. math:: V = D(x, t_x, T) \cdot \frac{p (v + x m)}{p x + q - 1} \cdot \text{margin},

    with the discounted purchases D and the parameters p, q and v of the spend model.

    Examples
    --------
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.workflow import score_table
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> scores = score_table(model, observation_end="2026-01-31", longest=60, most_purchases=2)
    >>> scores[["frequency", "recency_days", "T_days", "probability_alive"]].tail(3).round(4)
          frequency  recency_days  T_days  probability_alive
    3658          2            59      59             0.8120
    3659          2            59      60             0.8082
    3660          2            60      60             0.8120
    """
    owner = "score_table"
    day = as_day(observation_end, "observation_end")
    facts = read_model(model, owner)
    if summary is None:
        table = _for_bounds(facts, longest, most_purchases)
    elif longest is None and most_purchases is None:
        table = predictions(facts, keys_of_summary(summary, facts, owner))
    else:
        raise ValueError(
            "summary must be None where longest and most_purchases are given; found "
            f"{type(summary).__name__}"
        )
    table["observation_end"] = np.datetime64(day, "s")
    table["model"], table["model_id"] = facts.name, facts.model_id
    return table


def score_query(
    model: Any,
    dialect: str = "duckdb",
    *,
    summary: str | Sequence[str] = "customers",
    scores: str | Sequence[str] = "score_table",
    columns: Sequence[str] | None = None,
    observation_end: Any = None,
) -> str:
    """Return the query that scores the customers of a database by an exact join.

    Each row of the summary is one row of the answer, also where a score table without a primary
    key holds a history more than once.

    Parameters
    ----------
    model : attrition model, LifetimeValue or CustomerAnalysis
        The one that made the score table. Rows of another model are not joined.
    dialect : str, default="duckdb"
        Dialect of SQL as the library sqlglot names it, such as "postgres" or "snowflake".
    summary : str or sequence of str, default="customers"
        Table or view with the customer summary, in the time unit of the model, as
        ``RFMSummary.to_sql`` gives it. One name with any dots in it; a sequence gives schema and
        name, or catalogue, schema and name.
    scores : str or sequence of str, default="score_table"
        The table of `score_table`.
    columns : sequence of str or None, default=None
        Columns of the summary to hand on, letter by letter: the customer's id, and what is to be
        kept beside the scores. None takes all by ``*``; then the summary must have none of the
        names that the query gives, which its text cannot check, and `refresh_statements` has to
        be told the columns.
    observation_end : str, date, Timestamp or None, default=None
        Stamp of the scores to join, in a table that keeps those of several nights. None takes the
        latest of the model.

    Returns
    -------
    str
        It selects those columns of the summary, ``probability_alive`` and ``expected_purchases``,
        for a value ``expected_spend`` and ``value``, and ``observation_end``, the stamp. They are
        NULL for a customer whose history the table does not hold; count those before you trust
        the rest. Money that the model does not allow gives NULL too.

    Raises
    ------
    TypeError
        If the model is none of these.
    ValueError
        If predictions depend on more than frequency, recency and T, the dialect is unknown, a
        table has no name of one to three parts, ``columns`` are not different names, or a column
        that is read or handed on has the name of one that the query gives, in any case of the
        letters.

    See Also
    --------
    score_table : The table to join.
    refresh_statements : Write what this query gives into a table.

    Examples
    --------
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.workflow import score_query
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> print(score_query(model, "postgres", summary=("crm", "customers"), columns=["id"]))
    SELECT
      "c"."id" AS "id",
      "s"."probability_alive" AS "probability_alive",
      "s"."expected_purchases" AS "expected_purchases",
      "s"."observation_end" AS "observation_end"
    FROM "crm"."customers" AS "c"
    LEFT JOIN (
      SELECT
        "frequency",
        "recency_days",
        "T_days",
        "observation_end",
        MAX("probability_alive") AS "probability_alive",
        MAX("expected_purchases") AS "expected_purchases"
      FROM "score_table"
      WHERE
        "model_id" = 'd783b3e03ddd'
        AND "observation_end" = (
          SELECT
            MAX("observation_end")
          FROM "score_table"
          WHERE
            "model_id" = 'd783b3e03ddd'
        )
      GROUP BY
        "frequency",
        "recency_days",
        "T_days",
        "observation_end"
    ) AS "s"
      ON CAST("c"."frequency" AS DOUBLE PRECISION) = CAST("s"."frequency" AS DOUBLE PRECISION)
    ...
    """
    facts = read_model(model, "score_query")
    _require_mean_spend(facts)
    day = None if observation_end is None else as_day(observation_end, "observation_end")
    return join_query(
        facts,
        summary=checked_table(summary),
        scores=checked_table(scores),
        columns=_checked_columns(columns),
        observation_end=None if day is None else day.isoformat(),
        dialect=checked_dialect(dialect),
    )


def create_score_table(
    model: Any, dialect: str = "duckdb", *, table: str | Sequence[str] = "score_table"
) -> str:
    """Return the statement that makes an empty table for the scores of a model.

    Parameters
    ----------
    model : attrition model, LifetimeValue or CustomerAnalysis
    dialect : str, default="duckdb"
        Dialect of SQL as the library sqlglot names it.
    table : str or sequence of str, default="score_table"
        Its name, as in `score_query`.

    Returns
    -------
    str
        ``CREATE TABLE IF NOT EXISTS`` with the columns of `score_table` in their order. In DuckDB,
        MySQL, PostgreSQL, SQLite and SQL Server with a primary key (model, night and history), so
        that rows that are there already are refused. The others keep no key and take them twice.
        `score_query` then still gives each customer once; run `clear_score_table` before a load,
        so that the table does not grow.

    Raises
    ------
    TypeError
        If the model is none of these.
    ValueError
        If predictions depend on more than frequency, recency and T, the dialect is unknown, or
        the table has no name of one to three parts.

    See Also
    --------
    score_table : The rows.
    clear_score_table : The statement to run before they are loaded.

    Examples
    --------
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.workflow import create_score_table
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> print(create_score_table(model, "spark"))
    CREATE TABLE IF NOT EXISTS `score_table` (
      `frequency` BIGINT,
      `recency_days` BIGINT,
      `T_days` BIGINT,
      `probability_alive` DOUBLE,
      `expected_purchases` DOUBLE,
      `observation_end` DATE,
      `model` VARCHAR(64),
      `model_id` VARCHAR(64)
    )
    """
    facts = read_model(model, "create_score_table")
    return create_query(facts, table=checked_table(table), dialect=checked_dialect(dialect))


def clear_score_table(
    model: Any,
    dialect: str = "duckdb",
    *,
    observation_end: Any,
    table: str | Sequence[str] = "score_table",
) -> str:
    """Return the statement that takes the scores of a model and a night out of their table.

    Run it before the rows of that night are loaded, in the same transaction: loaded twice they are
    there once. Rows of other nights and models stay.

    Parameters
    ----------
    model : attrition model, LifetimeValue or CustomerAnalysis
    dialect : str, default="duckdb"
        Dialect of SQL as the library sqlglot names it.
    observation_end : str, date or Timestamp
        The stamp of the rows, as it was given to `score_table`.
    table : str or sequence of str, default="score_table"
        Its name, as in `score_query`.

    Returns
    -------
    str
        One DELETE.

    Raises
    ------
    TypeError
        If the model is none of these.
    ValueError
        If predictions depend on more than frequency, recency and T, the dialect is unknown, the
        table has no name of one to three parts, or the stamp is no date.

    See Also
    --------
    create_score_table : The statement that makes the table.
    score_table : The rows to load then.

    Examples
    --------
    >>> from custvalue.lifetime import BetaGeoNBD
    >>> from custvalue.workflow.score_table import clear_score_table
    >>> model = BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    >>> print(clear_score_table(model, "postgres", observation_end="2026-01-31"))
    DELETE FROM "score_table"
    WHERE
      "model_id" = 'd783b3e03ddd' AND "observation_end" = CAST('2026-01-31' AS DATE)
    """
    return clear_query(
        read_model(model, "clear_score_table"),
        table=checked_table(table),
        observation_end=as_day(observation_end, "observation_end").isoformat(),
        dialect=checked_dialect(dialect),
    )


def refresh_statements(
    query: str,
    dialect: str = "duckdb",
    *,
    table: str | Sequence[str],
    columns: Sequence[str] | None = None,
) -> list[str]:
    """Return the statements that make a table hold what a query gives, and nothing else.

    Every column is named, so that each figure goes into the column of its name, in whatever order
    a table that is there already has them. A column that this table lacks is an error of the
    database; one that the query does not give is NULL.

    The first makes the table where there is none, the second empties it, the third fills it. Run
    them in one transaction: others see the old rows until it ends, a failure leaves them, and a
    second run changes nothing. Where a database ends the transaction at ``CREATE`` (MySQL,
    Snowflake), run the first one before it begins. Two refreshes at a time must wait for each
    other, by a lock of the database or in the scheduler.

    Parameters
    ----------
    query : str
        One SELECT in the dialect, such as `score_query` or a ``to_sql`` gives. A semicolon and a
        comment may follow. It must not read the table itself.
    dialect : str, default="duckdb"
        "bigquery", "databricks", "duckdb", "mysql", "postgres", "snowflake", "spark", "sqlite" or
        "trino".
    table : str or sequence of str
        Name of the table, taken as one name with any dots in it. A sequence gives schema and name,
        or catalogue, schema and name.
    columns : sequence of str or None, default=None
        Columns of the table, letter by letter. None takes those of the query. Needed where a ``*``
        hides them, as in `RFMSegmenter.to_sql <custvalue.segmentation.RFMSegmenter.to_sql>`: a
        name that the query gives itself is that column, never one of the ``*``; the others are
        written out in place of the ``*``.

    Returns
    -------
    list of str
        Three statements.

    Raises
    ------
    TypeError
        If the query is no text.
    ValueError
        If the dialect is none of these, the table has no name of one to three parts, the query is
        not one SELECT, reads the table or gives a column twice, ``columns`` are not different
        names or not those of the query, or are missing where a ``*`` hides them.

    See Also
    --------
    score_query : A query to refresh from.

    Examples
    --------
    >>> import duckdb
    >>> from custvalue.workflow import refresh_statements
    >>> with duckdb.connect() as connection:
    ...     for night in range(2):
    ...         for statement in refresh_statements("SELECT 7 AS score", table="scores"):
    ...             _ = connection.execute(statement)
    ...     connection.sql("SELECT * FROM scores").fetchall()
    [(7,)]

    Where a ``*`` hides the columns, say which ones to keep:

    >>> query = "SELECT *, value > 100 AS large FROM scored"
    >>> print(refresh_statements(query, table="shown", columns=["customer_id", "large"])[2])
    INSERT INTO "shown" ("customer_id", large)
    SELECT "customer_id", large FROM (
    SELECT
      "customer_id" AS "customer_id",
      value > 100 AS large
    FROM scored
    ) AS refreshed
    """
    if not isinstance(query, str):
        raise TypeError(f"query must be the text of one SELECT; found {type(query).__name__}")
    if not isinstance(dialect, str) or dialect.lower() not in REFRESHED:
        raise ValueError(
            f"dialect must be one of {', '.join(map(repr, REFRESHED))}; found {dialect!r}"
        )
    return refresh_texts(
        query,
        table=checked_table(table),
        columns=_checked_columns(columns),
        dialect=dialect.lower(),
    )


def _checked_columns(columns: Any) -> tuple[str, ...] | None:
    """Return names of columns that differ in more than capitals."""
    if columns is None:
        return None
    names = () if isinstance(columns, str) else tuple(columns)
    named = names and all(isinstance(name, str) and name for name in names)
    if not named or len({name.lower() for name in names}) < len(names):
        raise ValueError(
            f"columns must be a list of names that differ, capitals or not; found {columns!r}"
        )
    return names


def _for_bounds(model: ScoreModel, longest: Any, most_purchases: Any) -> pd.DataFrame:
    """Return the predictions for all histories within bounds."""
    keys: IntArray = keys_of_grid(*_checked_bounds(longest, most_purchases))
    try:
        return predictions(model, keys)
    except DataError as error:
        raise ValueError(
            f"longest (in {model.steps}) and most_purchases must ask for histories that "
            f"{model.name} can predict; longest={longest}, most_purchases={most_purchases}: {error}"
        ) from error


def _checked_bounds(longest: Any, most_purchases: Any) -> tuple[int, int]:
    """Return the bounds of a grid that is not too large."""
    if longest is None or most_purchases is None:
        raise ValueError(
            "score_table needs a summary, or both longest and most_purchases; found summary=None, "
            f"longest={longest!r}, most_purchases={most_purchases!r}"
        )
    bounds = (
        read_whole_number(longest, "longest"),
        read_whole_number(most_purchases, "most_purchases"),
    )
    rows = row_count_of_grid(*bounds)
    if rows > _MOST_ROWS:
        raise ValueError(
            f"longest and most_purchases must ask for at most {_MOST_ROWS:,} rows; "
            f"longest={bounds[0]} and most_purchases={bounds[1]} ask for {rows:,}. A summary has a "
            "row for each history that occurs"
        )
    return bounds


def _require_mean_spend(model: ScoreModel) -> None:
    """Raise where the spend model has no mean, as it does itself."""
    if model.spend is not None:
        model.spend.expected_spend(np.zeros((1, 2)))
