"""Scores in a customer database: what it computes is what Python computes, row for row."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import psycopg
import pytest
from psycopg import sql
from sklearn.frozen import FrozenEstimator

from custvalue.lifetime import (
    NBD,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    GammaGompertzNBD,
    LifetimeValue,
    ModifiedBetaGeoNBD,
    ParetoNBD,
)
from custvalue.segmentation import RFMScorer, RFMSegmenter
from custvalue.service import ABCAnalysis
from custvalue.transactions import RFMSummary
from custvalue.workflow import CustomerAnalysis
from custvalue.workflow.score_table import (
    clear_score_table,
    create_score_table,
    refresh_statements,
    score_query,
    score_table,
)
from support.postgres import find_programs, postgres_server

pytestmark = pytest.mark.xdist_group("postgres")

END = "1998-06-30"
SCHEMA = "c\"r'm; select"
ORDERS = (SCHEMA, 'or"der s; DROP TABLE x --')
CUSTOMER, DATE, AMOUNT = 'id "of" %s', "select", "amount; --'"
VALUES = ["probability_alive", "expected_purchases", "expected_spend", "value", "observation_end"]
SEGMENT = ["segment", "rule"]
TYPES = {"i": "bigint", "f": "double precision", "b": "boolean", "M": "timestamp", "O": "text"}

ATTRITION = [
    BetaGeoNBD.from_params({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, horizon=52),
    ModifiedBetaGeoNBD.from_params({"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}),
    ParetoNBD.from_params({"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}),
    GammaGompertzNBD.from_params(
        {"r": 0.553, "alpha": 10.578, "b": 0.0002, "s": 0.603, "beta": 0.0026}
    ),
    NBD.from_params({"r": 0.385, "alpha": 12.072}),
]
SPEND = GammaGamma.from_params({"p": 6.25, "q": 3.74, "v": 15.44})


class DuckDB:
    """A database in memory, behind the few words that the tests use."""

    dialect = "duckdb"

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.run(f'CREATE SCHEMA "{SCHEMA.replace(chr(34), 2 * chr(34))}"')

    def run(self, *statements: str) -> None:
        """Run statements in one transaction."""
        self.connection.execute("BEGIN")
        try:
            for statement in statements:
                self.connection.execute(statement)
        except duckdb.Error:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def rows(self, query: str) -> pd.DataFrame:
        """Return what a query gives."""
        return self.connection.execute(query).df()

    def load(self, parts: tuple[str, ...], frame: pd.DataFrame) -> None:
        """Make a table of a frame."""
        self.connection.register("loaded", frame)
        name = ".".join(f'"{part.replace(chr(34), 2 * chr(34))}"' for part in parts)
        self.run(f"CREATE TABLE {name} AS SELECT * FROM loaded")

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Put the rows of a frame into a table that is there."""
        self.connection.register("loaded", frame)
        self.run(f'INSERT INTO "{table}" SELECT * FROM loaded')

    def close(self) -> None:
        """Leave."""
        self.connection.close()


class Postgres:
    """The same on a server."""

    dialect = "postgres"

    def __init__(self, url: str) -> None:
        self.connection = psycopg.connect(url, autocommit=True)
        self.connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self.connection.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {0} CASCADE; CREATE SCHEMA {0}").format(
                sql.Identifier(SCHEMA)
            )
        )

    def run(self, *statements: str) -> None:
        """Run statements in one transaction."""
        with self.connection.transaction():
            for statement in statements:
                self.connection.execute(statement.encode())

    def rows(self, query: str) -> pd.DataFrame:
        """Return what a query gives."""
        found = self.connection.execute(query.encode())
        names = [column.name for column in found.description]
        return pd.DataFrame(found.fetchall(), columns=names)

    def load(self, parts: tuple[str, ...], frame: pd.DataFrame) -> None:
        """Make a table of a frame."""
        columns = [
            sql.SQL("{} {}").format(sql.Identifier(str(name)), sql.SQL(_type_of(frame[name])))
            for name in frame.columns
        ]
        table = sql.Identifier(*parts)
        self.connection.execute(
            sql.SQL("CREATE TABLE {} ({})").format(table, sql.SQL(", ").join(columns))
        )
        self._copy(table, frame)

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Put the rows of a frame into a table that is there."""
        self._copy(sql.Identifier(table), frame)

    def _copy(self, table: sql.Identifier, frame: pd.DataFrame) -> None:
        plain = frame.astype(object).where(frame.notna(), None)
        with (
            self.connection.cursor() as cursor,
            cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy,
        ):
            for row in plain.itertuples(index=False, name=None):
                copy.write_row(row)

    def close(self) -> None:
        """Leave."""
        self.connection.close()


def _type_of(column: pd.Series) -> str:
    kind = getattr(column.dtype, "kind", "O")
    return TYPES.get(kind, "text") if not isinstance(column.dtype, pd.StringDtype) else "text"


@pytest.fixture(scope="module")
def server():
    """Return the URL of a server that lasts as long as this file."""
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["duckdb", "postgres"])
def database(request):
    """Return an empty database of each kind."""
    if request.param == "duckdb":
        opened: Any = DuckDB()
    else:
        opened = Postgres(request.getfixturevalue("server"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader():
    """Return the reader of the orders, by their hostile names."""
    return RFMSummary(
        customer=CUSTOMER,
        date=DATE,
        amount=AMOUNT,
        observation_end=END,
        extra=("n_orders", "total_value"),
    )


@pytest.fixture(scope="module")
def log(orders):
    """Return the CDNOW orders of every third customer, with hostile names."""
    some = orders[orders["customer_id"] % 3 == 0]
    names = {"customer_id": CUSTOMER, "date": DATE, "amount": AMOUNT}
    return some.rename(columns=names)[list(names.values())].reset_index(drop=True)


@pytest.fixture(scope="module")
def paid(log):
    """Return the orders of customers who did not get all repeat purchases for nothing."""
    free = log.groupby(CUSTOMER)[AMOUNT].transform("min") == 0
    return log[~free].reset_index(drop=True)


@pytest.fixture(scope="module")
def summary(reader, paid):
    """Return their summary."""
    return reader.fit(paid).transform(paid)


def by_customer(rows: pd.DataFrame, id_column: str = CUSTOMER) -> pd.DataFrame:
    """Return the rows of a database in the order of their ids."""
    return rows.sort_values(id_column).set_index(id_column)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame, *, rtol: float = 0.0) -> None:
    """Check that rows are equal: text and whole numbers exactly, floats to ``rtol``."""
    assert list(found.columns) == list(expected.columns)
    assert found.index.tolist() == expected.index.tolist()
    for name in expected:
        mine, theirs = found[name], expected[name]
        if theirs.dtype.kind in "fi":
            np.testing.assert_allclose(
                mine.to_numpy(float), theirs.to_numpy(float), rtol=rtol, err_msg=name
            )
        else:
            assert mine.tolist() == theirs.tolist(), name


def test_the_database_computes_the_summary(database, reader, log):
    """RFMSummary.to_sql gives the rows of transform, by hostile names of everything."""
    database.load(ORDERS, log)
    query = reader.fit(log).to_sql(database.dialect, table=ORDERS)
    # Times and counts are exact; amounts of several orders are added in another order.
    assert_same(by_customer(database.rows(query)), reader.transform(log), rtol=1e-12)


def test_the_query_of_a_night_needs_no_other_reader(database, reader, log):
    """RFMSummary.to_sql looks from the day that it is given, and the reader stays as it was."""
    end = "1997-12-31"
    database.load(ORDERS, log)
    reader.fit(log)
    query = reader.to_sql(database.dialect, table=ORDERS, observation_end=end)
    early = log[log[DATE] <= end]
    expected = RFMSummary(**{**reader.get_params(), "observation_end": end}).fit_transform(early)
    assert_same(by_customer(database.rows(query)), expected, rtol=1e-12)
    assert str(reader.observation_end_.date()) == END


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"method": "breaks"},
        {"nonpositive_money": "lowest"},
        {"by": "market"},
        {"by": "big", "unseen": "pooled"},
        {"by": "region", "unseen": "pooled"},
    ],
    ids=str,
)
def test_the_database_segments_customers(database, summary, parameters):
    """RFMSegmenter.to_sql gives scores, segment and rule of transform, exactly."""
    customers = summary.assign(
        market=np.where(np.arange(len(summary)) % 3 == 0, "D'E", "UK"),
        big=summary["n_orders"] > 3,
        region=np.arange(len(summary)) % 4,
    )
    segmenter = RFMSegmenter(**parameters).fit(customers[customers["region"] != 3])
    table = ("customers",)
    database.load(table, customers.reset_index())
    query = segmenter.to_sql(database.dialect, table=table)
    scores, segments = (part.transform(customers) for part in (segmenter.scorer_, segmenter))
    expected = pd.concat([customers, scores, segments], axis=1)
    assert_same(by_customer(database.rows(query)), expected)
    scores_alone = segmenter.scorer_.to_sql(database.dialect, table=table)
    assert_same(by_customer(database.rows(scores_alone)), expected.iloc[:, :-2])


def test_the_database_leaves_out_what_is_no_history(database, summary):
    """Where transform would raise, scores and segment are NULL, and nothing else is."""
    bad = {
        "frequency": [1.5, -1.0, 1.0, 0.0, 1.0, 1.0, np.nan, np.inf, 2.0, 1.0],
        "recency": [1.0, 1.0, 0.0, 1.0, 3.0, 1.0, 1.0, 1.0, np.nan, 1.0],
        "T": [2.0, 2.0, 2.0, 2.0, 2.0, np.inf, 2.0, 2.0, 2.0, 2.0],
        "total_value": [9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, 9.0, np.nan],
    }
    good = summary[list(bad)].iloc[:3]
    rows = pd.concat([good, pd.DataFrame(bad)], ignore_index=True).reset_index(names="id")
    database.load(("customers",), rows)
    scorer = RFMScorer().fit(summary)
    found = database.rows(scorer.to_sql(database.dialect)).sort_values("id")
    assert found["rfm_score"].notna().tolist() == [True] * 3 + [False] * 10
    strict = RFMScorer(nonpositive_money="raise").fit(summary[summary["total_value"] > 0])
    database.load(("poor",), rows.iloc[:3].assign(total_value=[0.0, -1.0, 5.0]))
    found = database.rows(strict.to_sql(database.dialect, "poor")).sort_values("id")
    assert found["m_score"].notna().tolist() == [False, False, True]


def test_the_database_sorts_products(database):
    """ABCAnalysis.to_sql gives the classes of transform."""
    generator = np.random.default_rng(4)
    sales = np.round(generator.lognormal(5, 2, 300), 2)
    products = pd.DataFrame(
        {"sales": sales, "spring": sales * generator.random(300), "autumn": sales}
    )
    analysis = ABCAnalysis(value="sales", variability=("spring", "autumn")).fit(products)
    table = (SCHEMA, "pro ducts")
    database.load(table, products.reset_index(names="id"))
    found = by_customer(database.rows(analysis.to_sql(database.dialect, table=table)), "id")
    expected = analysis.transform(products)[["class", "xyz", "abc_xyz"]]
    assert_same(found[list(expected)], expected)


@pytest.mark.parametrize("model", ATTRITION, ids=lambda one: type(one).__name__)
def test_the_database_finds_what_a_model_predicts(database, model, summary):
    """The join with the score table gives transform, to the last bit: the doubles are stored."""
    database.load(("customers",), summary.reset_index())
    database.run(create_score_table(model, database.dialect))
    database.add("score_table", score_table(model, observation_end=END, summary=summary))
    query = score_query(model, database.dialect, observation_end=END)
    found = by_customer(database.rows(query))
    assert set(found.pop("observation_end").astype(str)) == {END}
    assert_same(found, summary.join(model.transform(summary)))


@pytest.mark.parametrize("margin", [0.3, 'our "margin"'])
@pytest.mark.parametrize("time_unit", ["day", "week", "month", "year"])
def test_the_database_computes_value(database, paid, time_unit, margin):
    """Value is the product of a stored number and a formula in the order that Python has."""
    attrition = ParetoNBD.from_params(
        {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, time_unit=time_unit
    )
    reader = RFMSummary(
        customer=CUSTOMER, date=DATE, amount=AMOUNT, observation_end=END, time_unit=time_unit
    )
    customers = reader.fit_transform(paid)
    customers['our "margin"'] = 0.1 + np.arange(len(customers)) % 7 / 10
    model = LifetimeValue(
        attrition=FrozenEstimator(attrition),
        spend=FrozenEstimator(SPEND),
        margin=margin,
        time_unit=time_unit,
        horizon="24 months",
    ).fit(customers)
    database.load((SCHEMA, "summary"), customers.reset_index())
    database.run(create_score_table(model, database.dialect, table="%s"))
    database.add("%s", score_table(model, observation_end=END, summary=customers))
    query = score_query(model, database.dialect, summary=(SCHEMA, "summary"), scores="%s")
    found = by_customer(database.rows(query)).drop(columns="observation_end")
    expected = customers.join(model.transform(customers))
    # The same operations in the same order; a database may still fuse two of them.
    assert_same(found, expected, rtol=1e-14)


def test_the_join_is_exact(database, summary):
    """No score: a history that the table has not, half a day, another model, another stamp."""
    model, other = ATTRITION[0], BetaGeoNBD.from_params({"r": 1, "alpha": 4, "a": 1, "b": 2})
    rows = pd.DataFrame(
        {
            "id": [1, 2, 3, 4],
            "frequency": [1.0, 1.0, 1.0, np.nan],
            "recency": [14 / 7, 14.4 / 7, 15 / 7, 2.0],
            "T": [28 / 7, 28 / 7, 28 / 7, 4.0],
        }
    )
    database.load(("customers",), rows)
    database.run(create_score_table(model, database.dialect))
    database.add("score_table", score_table(model, observation_end=END, summary=rows.iloc[:1]))
    found = database.rows(score_query(model, database.dialect)).sort_values("id")
    assert found["probability_alive"].notna().tolist() == [True, False, False, False]
    for query in (
        score_query(other, database.dialect),
        score_query(model, database.dialect, observation_end="1998-07-01"),
    ):
        assert database.rows(query)["probability_alive"].isna().all()


def test_of_several_nights_the_latest_is_joined(database, summary):
    """Each customer stays one row; older stamps and other models wait until they are asked for."""
    model, other = ATTRITION[0], BetaGeoNBD.from_params({"r": 1, "alpha": 4, "a": 1, "b": 2})
    database.load(("customers",), summary.reset_index())
    database.run(create_score_table(model, database.dialect))
    for one, end in ((model, "1998-06-29"), (model, END), (other, "1998-07-01")):
        database.add("score_table", score_table(one, observation_end=end, summary=summary))
    for one, asked, stamp in (
        (model, None, END),
        (other, None, "1998-07-01"),
        (model, "1998-06-29", "1998-06-29"),
    ):
        found = database.rows(score_query(one, database.dialect, observation_end=asked))
        assert len(found) == len(summary)
        assert set(found["observation_end"].astype(str)) == {stamp}


@pytest.mark.parametrize("time_unit", ["week", "year"])
def test_the_database_finds_what_a_model_of_opportunities_predicts(database, time_unit):
    """The join counts opportunities; half of one has no score."""
    model = BetaGeoBetaBinomial.from_params(
        {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}, horizon=5, time_unit=time_unit
    )
    rows = pd.DataFrame(
        {
            "id": [1, 2, 3],
            "frequency": [0.0, 2.0, 2.0],
            "recency": [0.0, 3.0, 3.5],
            "T": [6.0, 6.0, 6.0],
        }
    )
    database.load(("customers",), rows)
    database.run(create_score_table(model, database.dialect))
    whole = rows.iloc[:2]
    database.add("score_table", score_table(model, observation_end=END, summary=whole))
    found = by_customer(database.rows(score_query(model, database.dialect, columns=["id"])), "id")
    assert found["expected_purchases"].tolist()[:2] == model.predict(whole).tolist()
    assert np.isnan(found["expected_purchases"].tolist()[2])


def test_a_score_table_without_a_key_that_is_loaded_twice_doubles_nobody(database, summary):
    """Each customer is one row, with the predictions of the model."""
    model = ATTRITION[0]
    scores = score_table(model, observation_end=END, summary=summary)
    database.load(("customers",), summary.reset_index())
    database.load(("no key",), scores)
    database.add("no key", scores)
    query = score_query(model, database.dialect, scores="no key", columns=[CUSTOMER])
    found = by_customer(database.rows(query)).drop(columns="observation_end")
    assert_same(found, model.transform(summary))


def test_a_night_can_be_loaded_again(database, summary):
    """clear_score_table takes out one night of one model; the key refuses what is there already."""
    model, other = ATTRITION[0], BetaGeoNBD.from_params({"r": 1, "alpha": 4, "a": 1, "b": 2})
    database.run(create_score_table(model, database.dialect))
    scores = score_table(model, observation_end=END, summary=summary)
    database.add("score_table", scores)
    database.add("score_table", score_table(other, observation_end=END, summary=summary))
    database.add("score_table", score_table(model, observation_end="1998-06-29", summary=summary))
    with pytest.raises((duckdb.Error, psycopg.Error)):
        database.add("score_table", scores)
    for expected in (2 * len(scores), 2 * len(scores)):
        database.run(clear_score_table(model, database.dialect, observation_end=END))
        assert len(database.rows("SELECT * FROM score_table")) == expected
    database.add("score_table", scores)
    assert len(database.rows("SELECT * FROM score_table")) == 3 * len(scores)


@pytest.mark.parametrize("columns", [None, ["value", "id", "segment"]])
def test_figures_go_into_the_columns_of_their_names(database, columns):
    """Whatever order a table that is there has; one that the query does not give is NULL."""
    database.run(
        "CREATE TABLE kept (segment varchar(9), other integer, id integer, value double precision)"
    )
    query = "SELECT 7 AS id, CAST(0.5 AS double precision) AS value, 'A' AS segment"
    database.run(*refresh_statements(query, database.dialect, table="kept", columns=columns))
    found = database.rows("SELECT segment, id, value, other FROM kept")
    assert found.iloc[0, :3].tolist() == ["A", 7, 0.5]
    assert found["other"].isna().all()


def test_a_with_may_be_named_like_the_table(database):
    """It is what the query reads then, with a semicolon and words behind it, however often."""
    query = "WITH kept AS (SELECT 7 AS id) SELECT * FROM kept; -- nightly"
    for _ in range(2):
        database.run(*refresh_statements(query, database.dialect, table="kept"))
        assert database.rows("SELECT id FROM kept").to_numpy().tolist() == [[7]]


def test_a_column_that_the_table_lacks_is_an_error(database):
    """The database says so; nothing goes elsewhere."""
    database.run("CREATE TABLE kept (id integer, other integer)")
    statements = refresh_statements("SELECT 7 AS id, 8 AS score", database.dialect, table="kept")
    with pytest.raises((duckdb.Error, psycopg.Error), match="score"):
        database.run(*statements)


def test_a_name_that_a_query_gives_is_never_that_of_its_star(database):
    """A summary with a value and a stamp of its own; DuckDB alone would take its value."""
    database.run(
        "CREATE TABLE summary (id integer, value integer, observation_end integer)",
        "INSERT INTO summary VALUES (1, -1, -2)",
    )
    for star in ("*", "c.*"):
        query = f"SELECT {star}, 5 AS value, 6 AS observation_end FROM summary AS c; -- nightly"
        database.run(
            *refresh_statements(
                query, database.dialect, table="kept", columns=["observation_end", "value", "id"]
            )
        )
        found = database.rows("SELECT id, value, observation_end FROM kept")
        assert found.to_numpy().tolist() == [[1, 5, 6]]


def test_columns_of_the_summary_that_the_scores_have_too_are_left_or_refused(database):
    """What is handed on by name is free of last night's value; asked for, it is refused by name."""
    model = ATTRITION[0]
    rows = pd.DataFrame(
        {
            "id": [1],
            "frequency": [1.0],
            "recency": [1.0],
            "T": [3.0],
            "observation_end": [9],
            "expected_purchases": [-1.0],
        }
    )
    database.load(("customers",), rows)
    database.run(create_score_table(model, database.dialect))
    database.add("score_table", score_table(model, observation_end=END, summary=rows))
    query = score_query(model, database.dialect, columns=["id", "T"])
    database.run(*refresh_statements(query, database.dialect, table="kept"))
    found = database.rows("SELECT * FROM kept")
    assert found["expected_purchases"].tolist() == model.predict(rows).tolist()
    assert found["observation_end"].astype(str).tolist() == [END]
    with pytest.raises(ValueError, match="found 'observation_end'$"):
        score_query(model, database.dialect, columns=["id", "observation_end"])


def test_money_that_the_model_does_not_allow_has_no_value(database):
    """A repeat buyer who spent nothing, or money without a purchase, is NULL and not an error."""
    rows = pd.DataFrame(
        {
            "id": range(5),
            "frequency": [1.0, 1.0, 0.0, 0.0, 1.0],
            "recency": [1.0, 1.0, 0.0, 0.0, 1.0],
            "T": [3.0] * 5,
            "monetary_value": [20.0, 0.0, 0.0, 5.0, np.inf],
        }
    )
    model = LifetimeValue(attrition=FrozenEstimator(ATTRITION[0]), spend=FrozenEstimator(SPEND))
    model.fit(rows.iloc[[0, 2]])
    database.load(("customers",), rows)
    database.run(create_score_table(model, database.dialect))
    database.add("score_table", score_table(model, observation_end=END, summary=rows))
    found = database.rows(score_query(model, database.dialect)).sort_values("id")
    assert found["value"].notna().tolist() == [True, False, True, False, False]
    assert found["expected_spend"].notna().tolist() == [True, False, True, False, False]
    assert found["probability_alive"].notna().all()


@pytest.fixture(scope="module")
def analysis_of_log(paid):
    """Return a whole analysis of the orders."""
    names = {"customer": CUSTOMER, "date": DATE, "amount": AMOUNT}
    return CustomerAnalysis(**names, observation_end=END, holdout=None).fit(paid)


def refresh(database: Any, analysis: CustomerAnalysis, orders: pd.DataFrame, end: str) -> list[str]:
    """Return the statements of a night, the score table apart, which it fills before."""
    reader = RFMSummary(
        customer=CUSTOMER,
        date=DATE,
        amount=AMOUNT,
        observation_end=end,
        extra=("n_orders", "total_value"),
    ).fit(orders)
    dialect = database.dialect
    kept = [CUSTOMER, *reader.get_feature_names_out()]
    scored = score_query(analysis, dialect, summary="summary", columns=kept, observation_end=end)
    segments = analysis.segmenter_.to_sql(dialect, table="scored")
    shown = [*kept, *VALUES, *analysis.segmenter_.scorer_.get_feature_names_out(), *SEGMENT]
    return [
        *refresh_statements(reader.to_sql(dialect, table=ORDERS), dialect, table="summary"),
        *refresh_statements(scored, dialect, table="scored"),
        *refresh_statements(segments, dialect, table="customer scores", columns=shown),
    ]


def test_a_night_gives_the_table_of_the_analysis_however_often(database, analysis_of_log, paid):
    """Orders in the database become what transform gives; a second run changes nothing."""
    database.load(ORDERS, paid)
    database.run(create_score_table(analysis_of_log, database.dialect))
    customers = analysis_of_log.transform(paid)
    scores = score_table(analysis_of_log, observation_end=END, summary=customers)
    database.add("score_table", scores)
    statements = refresh(database, analysis_of_log, paid, END)
    tables = []
    for _ in range(2):
        database.run(*statements)
        tables.append(by_customer(database.rows('SELECT * FROM "customer scores"')))
    assert_same(tables[1], tables[0])
    expected = customers.drop(columns=["first_purchase", "last_purchase"])
    assert_same(tables[0][list(expected)], expected, rtol=1e-12)


def test_a_failure_in_the_middle_leaves_the_old_rows(database, analysis_of_log, paid):
    """The transaction of a night that fails is as if it had not been."""
    early = paid[paid[DATE] <= "1998-03-31"]
    database.load(ORDERS, paid)
    database.run(create_score_table(analysis_of_log, database.dialect))
    for end, orders in (("1998-03-31", early), (END, paid)):
        reader = analysis_of_log.summary_
        summary = RFMSummary(**{**reader.get_params(), "observation_end": end}).fit_transform(
            orders
        )
        stamped = score_table(analysis_of_log, observation_end=end, summary=summary)
        database.add("score_table", stamped)
    first, second = (
        refresh(database, analysis_of_log, orders, end)
        for end, orders in (("1998-03-31", early), (END, paid))
    )
    ask = 'SELECT * FROM "customer scores"'
    database.run(*first)
    before = by_customer(database.rows(ask))
    with pytest.raises((duckdb.Error, psycopg.Error)):
        database.run(*second, "INSERT INTO there_is_no_such_table VALUES (1)")
    assert_same(by_customer(database.rows(ask)), before)
    database.run(*second)
    after = by_customer(database.rows(ask))
    assert (after["T"] > before["T"].reindex(after.index)).all()


# Ibis asks pandas 3 for an option that is on its way out wherever it fetches rows of PostgreSQL.
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")
def test_python_reads_the_orders_where_they_are(server, log, reader):
    """An Ibis table of PostgreSQL gives the summary of the frame and the same score table."""
    database = Postgres(server)
    database.load(ORDERS, log)
    backend = ibis.connect(server)
    try:
        table = backend.table(ORDERS[1], database=SCHEMA)
        lazy = reader.fit(table).transform(table)
        expected = reader.fit_transform(log)
        assert_same(by_customer(lazy.to_pandas()), expected, rtol=1e-12)
        stored = score_table(ATTRITION[0], observation_end=END, summary=lazy)
        of_frame = score_table(ATTRITION[0], observation_end=END, summary=expected)
        pd.testing.assert_frame_equal(stored, of_frame, check_exact=True)
    finally:
        backend.disconnect()
        database.close()
