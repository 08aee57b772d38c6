"""
Hand scores over to a CRM
=========================

Sales and service look at customers in a CRM, not in Python. This example keeps segment and value of
every customer in the CRM's own database: a model is fitted once, and every night plain SQL scores
the customers where they are. The database is PostgreSQL where it is installed, else DuckDB.
"""

# %%
# A CRM to play with
# ------------------
# Your CRM has a server, so leave this part out. Here a server is started that answers on this
# machine alone, and stopped at the end, after an error too.

import atexit
import glob
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import duckdb
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import make_orders
from custvalue.workflow import (
    CustomerAnalysis,
    clear_score_table,
    create_score_table,
    refresh_statements,
    score_query,
    score_table,
)


def start_postgres(programs):
    """Start a server of our own and return how to connect to it."""
    folder, password = tempfile.mkdtemp(), secrets.token_urlsafe(24)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with open(f"{folder}/password", "w") as file:
        file.write(password)
    # PostgreSQL refuses to run as root; on Debian there is a user for it.
    who = {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.getuid() else {}
    if who:
        shutil.chown(folder, "postgres", "postgres")
    make = ["initdb", "-D", f"{folder}/data", "-U", "crm", "--pwfile", f"{folder}/password"]
    make += ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"]
    make[0] = f"{programs}/initdb"
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **who)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = [f"{programs}/postgres", "-D", f"{folder}/data", "-p", str(port)]
    run += ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(run, cwd=folder, **quiet, **who)
    atexit.register(stop, server)
    return server, f"postgresql://crm:{password}@127.0.0.1:{port}/postgres"


def stop(server):
    """Stop the server, whoever is still connected."""
    if server is not None:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def connect(url, patience=30.0):
    """Connect to the server as soon as it answers."""
    import psycopg

    end = time.monotonic() + patience
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


installed = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [
    os.path.dirname(shutil.which("initdb") or "")
]
if installed[-1] and importlib.util.find_spec("psycopg"):
    server, url = start_postgres(installed[-1])
    crm, dialect = connect(url), "postgres"
    print(crm.execute("SELECT version()").fetchone()[0].split(" on ")[0])
else:
    server, crm, dialect = None, duckdb.connect(), "duckdb"
    print("PostgreSQL or psycopg is not installed here: DuckDB stands in for it")

# %%
# The CRM has two tables. 2,000 customers and their orders are simulated up to the end of February
# 2026; the CRM knows those up to the end of January.

log = make_orders(2000, start="2024-01-01", observation_end="2026-02-28", random_state=3)
log["amount"] = log["amount"].round(2)
ids = np.sort(log["customer_id"].unique())
people = pd.DataFrame({"customer_id": ids, "name": [f"Customer {one}" for one in ids]})


def insert(table, frame):
    """Put the rows of a frame into a table, each column into that of its name."""
    if dialect == "duckdb":
        crm.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame")
        return
    names = ", ".join(f'"{name}"' for name in frame)
    with crm.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as rows:
        for row in frame.itertuples(index=False):
            rows.write_row(row)


def ask(query):
    """Return what a query gives."""
    found = crm.execute(query)
    return pd.DataFrame(found.fetchall(), columns=[column[0] for column in found.description])


crm.execute("CREATE SCHEMA crm")
crm.execute("CREATE TABLE crm.customers (customer_id bigint PRIMARY KEY, name text)")
crm.execute("CREATE TABLE crm.orders (customer_id bigint, date timestamp, amount numeric(12, 2))")
insert("crm.customers", people)
columns = ["customer_id", "date", "amount"]
insert("crm.orders", log.loc[log["date"] < "2026-02-01", columns])
ask("SELECT count(*) AS orders, min(date) AS first, max(date) AS last FROM crm.orders")

# %%
# Fit once
# --------
# The model is fitted in Python, once a month or a quarter, and saved: what it has learned is a few
# numbers.

january = ask(
    "SELECT customer_id, date, CAST(amount AS double precision) AS amount FROM crm.orders"
)
analysis = CustomerAnalysis(observation_end="2026-01-31", margin=0.25, horizon="12 months")
analysis.fit(january)
analysis.value_.attrition_.params_.round(3)

# %%
# Every night: three tables
# -------------------------
# A customer's purchase history is three whole numbers: repeat purchases, days from the first to the
# last purchase, and days from the first purchase to tonight. Many customers share them. So the
# night goes like this:
#
# 1. ``customer_summary``: the database sums up the orders. The SQL is that of
#    :meth:`RFMSummary.to_sql() <custvalue.transactions.RFMSummary.to_sql>`.
# 2. ``score_table``: Python fetches the distinct histories, tells what to expect of each, and
#    writes a small table of them: :func:`~custvalue.workflow.score_table`.
# 3. ``customer_scores``: the database joins both, computes the value and finds the segment:
#    :func:`~custvalue.workflow.score_query` and
#    :meth:`RFMSegmenter.to_sql() <custvalue.segmentation.RFMSegmenter.to_sql>`.
#
# :func:`~custvalue.workflow.refresh_statements` turns a query into statements that fill a table
# anew, each column by its name. Queries that begin with ``*`` do not tell their columns, so we say
# which ones the CRM is to see. All of it is one transaction: whoever looks at the scores sees those
# of last night until the new ones are complete.

history = ["customer_id", *analysis.summary_.get_feature_names_out()]
shown = [*history, "probability_alive", "expected_purchases", "value", "rfm_score", "segment"]


def night(day, fail=False):
    """Score all customers as they are at the end of a day."""
    summary = analysis.summary_.to_sql(dialect, table=("crm", "orders"), observation_end=day)
    scored = score_query(
        analysis,
        dialect,
        summary=("crm", "customer_summary"),
        scores=("crm", "score_table"),
        columns=history,
        observation_end=day,
    )
    segments = analysis.segmenter_.to_sql(dialect, table=("crm", "scored"))
    crm.execute("BEGIN")
    try:
        if dialect == "postgres":  # a second run waits for the first
            crm.execute("SELECT pg_advisory_xact_lock(20260131)")
        crm.execute(create_score_table(analysis, dialect, table=("crm", "score_table")))
        crm.execute(
            clear_score_table(analysis, dialect, observation_end=day, table=("crm", "score_table"))
        )
        refresh(summary, "customer_summary")
        histories = ask('SELECT DISTINCT frequency, recency, "T" FROM crm.customer_summary')
        scores = score_table(analysis, observation_end=day, summary=histories)
        insert("crm.score_table", scores)
        refresh(scored, "scored")
        if fail:
            raise RuntimeError("the lights went out")
        refresh(segments, "customer_scores", shown)
        crm.execute("COMMIT")
    except BaseException:
        crm.execute("ROLLBACK")
        raise
    return scores


def refresh(query, table, columns=None):
    """Make a table of the schema hold what a query gives."""
    for statement in refresh_statements(query, dialect, table=("crm", table), columns=columns):
        crm.execute(statement)


scores = night("2026-01-31")
print(f"{len(scores):,} distinct histories for {len(ids):,} customers")
scores.drop(columns=["observation_end", "model", "model_id"]).head(4).round(3)

# %%
# What the CRM sees is one more table, to show beside a customer's name or to sort a call list by.

ask("""
    SELECT name, segment, value, probability_alive
    FROM crm.customer_scores JOIN crm.customers USING (customer_id)
    WHERE segment = 'Cannot Lose Them' ORDER BY value DESC, name LIMIT 5
""").round(2)

# %%
# Is it right?
# ------------
# What the database computed is what Python computes, row for row: segments to the letter, values to
# the last digits of a double.


def stored():
    """Return the scores in the database."""
    query = "SELECT * FROM crm.customer_scores ORDER BY customer_id"
    return ask(query).set_index("customer_id")


in_database, in_python = stored(), analysis.transform(january)
same_segment = (in_database["segment"] == in_python["segment"]).mean()
difference = (in_database["value"] / in_python["value"] - 1).abs().max()
print(f"same segment: {same_segment:.0%}; largest relative difference of a value: {difference:.0e}")

# %%
# A night that runs twice changes nothing, and one that fails in the middle leaves the old scores.

night("2026-01-31")
print("after a second run the same:", stored().equals(in_database))
try:
    night("2026-02-28", fail=True)
except RuntimeError as error:
    print(f"{error}, and still the same: {stored().equals(in_database)}")

# %%
# Customers without a score would have NULL. Count them before you trust the rest: it happens where
# the score table is older than the summary.

ask("SELECT count(*) AS customers, count(value) AS with_value FROM crm.customer_scores")

# %%
# Four weeks later
# ----------------
# The orders of February come in. The model stays, the clock moves. Customers who kept buying are
# worth more than in January, those who did not less, and some changed segment.

insert("crm.orders", log.loc[log["date"] >= "2026-02-01", columns])
night("2026-02-28")
later = stored()
moved = in_database[["segment", "value"]].join(later[["segment"]].add_suffix("_later"))
print(f"{(moved['segment'] != moved['segment_later']).sum():,} customers changed segment")

order = in_database.groupby("segment")["value"].sum().sort_values().index
ends = [moved.groupby("segment")["value"].sum(), later.groupby("segment")["value"].sum()]
figure, axes = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
for shift, total, colour, label in zip(
    (0.19, -0.19), ends, ("#b9c6d6", "#33658a"), ("31 January", "28 February"), strict=True
):
    heights = np.arange(len(order)) + shift
    axes.barh(heights, total.reindex(order, fill_value=0.0), height=0.36, color=colour, label=label)
axes.set(yticks=range(len(order)), yticklabels=order, xlabel="value of the next 12 months")
axes.spines[["top", "right"]].set_visible(False)
_ = axes.legend(frameon=False, loc="lower right")

# %%
# Names with quotes and spaces
# ----------------------------
# Tables grow names of all kinds. They are quoted, so that none breaks a statement or runs as one.
# A dot in a name is part of it; schema and table are two words.

strange = analysis.segmenter_.to_sql(dialect, table=("crm", 'the "best"; DROP TABLE x'))
print(strange.splitlines()[-1])

# %%
# The end: the server stops, and its files go when the program ends.

crm.close()
if server is not None:
    stop(server)

# %%
# :doc:`/guides/embedding_in_your_crm` has the same as a recipe, and what to do where a model has
# covariates. :doc:`/gallery/plot_save_and_score` scores in Python instead.
