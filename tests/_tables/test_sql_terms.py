"""Terms of SQL."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from sqlglot import exp

from custvalue._tables.sql_terms import (
    all_of,
    column,
    constant,
    days,
    finite,
    given,
    named,
    number,
    quoted,
    require_free_names,
    table_named,
    text,
)

HOSTILE = 'it\'s "so" `x`; DROP TABLE t -- %s\\'


def value_of(term: exp.Expression) -> object:
    """Return what DuckDB makes of a term."""
    return duckdb.sql(exp.select(term).sql("duckdb")).fetchall()[0][0]


@pytest.mark.parametrize(
    "value", [0.0, 0.1, -1 / 3, 12345678901234567.0, 5e-324, 1.7e308, -1e-300, 7]
)
def test_constants_are_kept_to_the_last_bit(value):
    """DuckDB reads the very number, as a double."""
    found = value_of(constant(value))
    assert isinstance(found, float)
    assert found == value


def test_words_and_names_are_taken_letter_by_letter():
    """Quotes and statements in them stay text."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {table_named((HOSTILE,)).sql('duckdb')} (n INTEGER)")
        connection.execute(f"INSERT INTO {table_named((HOSTILE,)).sql('duckdb')} VALUES (3)")
        query = exp.select(named(text(HOSTILE), HOSTILE), number("n", "t"))
        found = connection.sql(query.from_(table_named((HOSTILE,), "t")).sql("duckdb"))
        assert found.columns[0] == HOSTILE
        assert found.fetchall() == [(HOSTILE, 3.0)]
    assert quoted('a"b').sql("postgres") == '"a""b"'
    assert column("a b", "t").sql("mysql") == "`t`.`a b`"


def test_names_of_tables_have_one_to_three_parts():
    """The last part is the table, before it schema and catalogue."""
    assert table_named(("c", "s", "t"), "x").sql() == '"c"."s"."t" AS "x"'
    assert table_named(("a.b",)).sql() == '"a.b"'


@pytest.mark.parametrize(
    ("value", "answer"), [(1.0, True), (-1.7e308, True), (np.inf, False), (np.nan, False)]
)
def test_finite_numbers_are_told_from_others(value, answer):
    """Infinity and NaN are not finite."""
    word = exp.cast(text(str(value)), exp.DataType.Type.DOUBLE)
    assert value_of(finite(word)) is answer


def test_conditions_are_joined():
    """All must hold; none are true; what is missing is not given."""
    true, false = exp.true(), exp.false()
    assert value_of(all_of([])) is True
    assert value_of(all_of([true, true])) is True
    assert value_of(all_of([true, false, true])) is False
    assert value_of(given(exp.null())) is False
    assert value_of(given(text(""))) is True


def test_days_are_dates():
    """A day is a constant of the type DATE."""
    assert str(value_of(days("2024-02-29"))) == "2024-02-29"


def test_a_name_that_would_be_there_twice_is_refused():
    """In any case of its letters; others are free."""
    require_free_names(["segments"], ["segment"], "to_sql")
    with pytest.raises(ValueError, match="ask gives the columns a, b; .* found 'B'$"):
        require_free_names(["c", "B"], ["a", "b"], "ask")
