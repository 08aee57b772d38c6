"""Statements that refill a table; ``test_crm_story`` runs them in databases."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from custvalue.workflow._refresh_sql import REFRESHED, refresh_texts


def texts(query: str, columns=None, dialect: str = "duckdb") -> list[str]:
    """Return the statements that refill the table s.t."""
    return refresh_texts(query, table=("s", "t"), columns=columns, dialect=dialect)


@pytest.mark.parametrize("dialect", REFRESHED)
def test_a_refresh_is_three_statements(dialect):
    """Make the table where there is none, empty it, fill it by name; the query is kept as it is."""
    query = "WITH a AS (SELECT 1 AS x /* one */) SELECT * FROM a"
    made, emptied, filled = texts(f"{query};\n", dialect=dialect)
    for statement, kind in zip(
        (made, emptied, filled), (exp.Create, exp.Delete, exp.Insert), strict=True
    ):
        assert isinstance(sqlglot.parse_one(statement, read=dialect), kind)
    assert query in made
    assert query in filled
    assert " (x)\nSELECT x FROM" in filled


@pytest.mark.parametrize("dialect", REFRESHED)
def test_each_dialect_reads_a_star_that_was_written_out(dialect):
    """The columns of the table are those asked for, quoted as the dialect does."""
    filled = texts("SELECT c.*, 1 AS x FROM u AS c", ["x", "my id"], dialect)[2]
    inserted = sqlglot.parse_one(filled, read=dialect)
    assert [name.name for name in inserted.this.expressions] == ["x", "my id"]
    assert inserted.expression.named_selects == ["x", "my id"]
    assert not list(inserted.find_all(exp.Star))


@pytest.mark.parametrize(
    "end", [";", "; -- nightly", " -- nightly", " -- a; b", "; /* x */ ;", "\n;\n"]
)
def test_a_semicolon_and_a_comment_may_follow(end):
    """The text ends with its last word."""
    assert "(\nselect a from src\n)" in texts(f"select a from src{end}")[2]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "found nothing"),
        ("-- only words", "found nothing"),
        ("SELECT 1 AS a; DROP TABLE x", "found Select, Drop"),
        ("DELETE FROM x", "found Delete"),
        ("SELECT (", "query must be one SELECT of duckdb; "),
        ("SELECT * FROM s.T", "query must not read the table that is emptied .* found s.T"),
        ('SELECT * FROM a JOIN (SELECT * FROM "t") AS b', 'found "t"'),
        ("WITH t AS (SELECT * FROM t) SELECT a FROM t", "query must not read the table"),
        ("SELECT a, b AS A FROM u", "query must give each column once.* found a more than once"),
        ("SELECT * FROM u", r"columns must be given .* found columns=None and '\*' in query"),
        ("SELECT count(*) FROM u", r"'COUNT\(\*\)' in query. Name every column"),
    ],
)
def test_what_is_no_query_to_fill_a_table_from_is_refused(query, message):
    """Several statements, other statements, reading the table itself, names that are hidden."""
    with pytest.raises(ValueError, match=message):
        texts(query)


@pytest.mark.parametrize(
    ("query", "columns", "message"),
    [
        ("SELECT a, b FROM u", ["a", "c"], "columns must be among .* 'a', 'b'; found 'c'"),
        ("SELECT DISTINCT * FROM u", ["a"], "no DISTINCT, GROUP BY or ORDER BY"),
        ("SELECT *, max(b) FROM u", ["a"], "query must name its columns.* found"),
    ],
)
def test_columns_that_the_query_does_not_give_are_refused(query, columns, message):
    """By name; and a star that cannot be written out."""
    with pytest.raises(ValueError, match=message):
        texts(query, columns)


def test_names_keep_the_quotes_of_the_query():
    """A database that folds names without quotes finds them as it made them."""
    assert '(b, "A")' in texts('SELECT "A", B AS b FROM u', ["b", "A"])[2]
    assert "(B)" in texts("SELECT B FROM u", ["b"])[2]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT a FROM other.t",
        "WITH t AS (SELECT 1 AS a) SELECT * FROM t",
        "SELECT a FROM range(3) AS r(a)",
    ],
)
def test_what_is_not_the_table_may_be_read(query):
    """The name as a whole counts, and a WITH may define one that is like it."""
    assert len(texts(query)) == 3
