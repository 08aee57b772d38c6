"""
Orders of any size
==================

Orders are often too many for a frame, or they lie in files, in a database, in Spark. This example
reads the same orders in six ways and gets one answer, fits a model without loading the customers,
scores them from file to file, and goes on after an interruption. It runs on a million orders, so
that it ends soon; nothing in it changes for a hundred million.
"""

# %%
# Orders in files
# ---------------
# 300,000 customers are simulated and their orders written to Parquet, a file a year, as a shop
# would export them.

import tempfile
import warnings
from pathlib import Path
from unittest.mock import patch

import duckdb
import ibis
import matplotlib.pyplot as plt
import pandas as pd
import polars as pl
import pyarrow.dataset as ds

from custvalue.datasets import make_orders
from custvalue.exceptions import DataQualityWarning
from custvalue.lifetime import BetaGeoNBD, LifetimeValue
from custvalue.transactions import RFMSummary, compressed_summary
from custvalue.workflow import score

# Ibis 12 calls DuckDB by a name that DuckDB 2 is giving up.
warnings.filterwarnings("ignore", "fetch_arrow_table", DeprecationWarning)

folder = Path(tempfile.mkdtemp())
(folder / "orders").mkdir()
log = make_orders(300_000, start="2023-01-01", observation_end="2025-12-31", random_state=1)
for year, part in log.groupby(log["date"].dt.year):
    part.to_parquet(folder / "orders" / f"{year}.parquet", index=False)
files = str(folder / "orders" / "*.parquet")
print(f"{len(log):,} orders in {len(list(folder.glob('orders/*')))} files")

# %%
# One answer, whatever holds the orders
# -------------------------------------
# :class:`~custvalue.transactions.RFMSummary` takes them all. Spark DataFrames, which need Java, are
# left out here; :doc:`/guides/big_data` has them.

engine = ibis.duckdb.connect()
inputs = {
    "pandas frame": log,
    "glob of files": files,
    "polars lazy frame": pl.scan_parquet(files),
    "Arrow dataset": ds.dataset(folder / "orders"),
    "DuckDB relation": duckdb.read_parquet(files),
    "Ibis table": engine.read_parquet(files),
}
summaries = {
    name: RFMSummary(amount="amount", observation_end="2025-12-31").fit_transform(orders)
    for name, orders in inputs.items()
}


def in_pandas(summary):
    """Return a summary of any kind as a pandas frame, sorted by customer."""
    if isinstance(summary, pd.DataFrame):
        return summary
    if isinstance(summary, pl.DataFrame):
        summary = summary.to_arrow()
    if isinstance(summary, ibis.Table):
        summary = summary.to_pyarrow()
    return summary.to_pandas().set_index("customer_id").sort_index()


customers = summaries["pandas frame"]
pd.DataFrame(
    {
        name: {
            "comes out": f"{type(found).__module__.split('.')[0]} {type(found).__name__}",
            "same to the last bit": in_pandas(found).equals(customers),
        }
        for name, found in summaries.items()
    }
).transpose()

# %%
# A frame comes back as its kind. A path gives pandas, with the customers' ids as index. The table
# of Ibis is a query that nothing has run yet: orders stay in their engine, and so do customers if
# the engine writes them to a file. Nothing passes through Python, however many there are.

file = folder / "customers.parquet"
summaries["Ibis table"].order_by("customer_id").to_parquet(file)
print(f"{file.stat().st_size / 2**20:.1f} MB for {len(customers):,} customers")

# %%
# A fit that loads no customers
# -----------------------------
# A model without covariates knows a customer by three numbers, and in whole days many customers
# share them. So ``fit`` lets the engine count equal customers, and takes only the distinct ones.

from_file = LifetimeValue(margin=0.25, horizon="12 months").fit(file)
from_frame = LifetimeValue(margin=0.25, horizon="12 months").fit(customers)
pd.DataFrame(
    {
        "from the file": pd.concat([from_file.attrition_.params_, from_file.spend_.params_]),
        "from the frame": pd.concat([from_frame.attrition_.params_, from_frame.spend_.params_]),
    }
).round(6)

# %%
# The estimates are the same: nothing is sampled or rounded.
#
# Are there too many distinct rows, because times are not in whole days or there are covariates, you
# may round or sample them. It is you who says so, and a warning tells what was done.
# :func:`~custvalue.transactions.compressed_summary` gives the rows, and their counts as weights.
# Here times become whole weeks:

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always", DataQualityWarning)
    rows = compressed_summary(file, reduce="bin", time_step=1.0)
print(said[0].message)
rows.head(3)

# %%
# Coarser times move the estimates a little:

weeks = BetaGeoNBD().fit(rows, sample_weight=rows["n_customers"])
pd.DataFrame({"days": from_file.attrition_.params_, "weeks": weeks.params_}).round(3)

# %%
# How much is there to save? The more customers, the more: new ones are ever more often like
# somebody who is counted already.

sizes = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000]
mixed = customers.sample(frac=1, random_state=2)
shares = {"in days": [], "in weeks": []}
for size in sizes:
    some = mixed.head(size)
    shares["in days"].append(len(compressed_summary(some)) / size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataQualityWarning)
        coarse = compressed_summary(some, reduce="bin", time_step=1.0)
    shares["in weeks"].append(len(coarse) / size)

figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
for (label, share), colour in zip(shares.items(), ("#33658a", "#d1495b"), strict=True):
    axes.semilogx(sizes, share, color=colour, marker="o")
    axes.annotate(label, (sizes[-1], share[-1]), (8, -4), textcoords="offset points", color=colour)
axes.set(xlabel="customers", ylabel="distinct rows / customers", ylim=(0, 1))
axes.margins(x=0.12)
axes.spines[["top", "right"]].set_visible(False)

# %%
# From file to file
# -----------------
# :func:`~custvalue.workflow.score` reads some customers, scores them, writes them, and takes the
# next. How many at a time is ``chunk_rows``: it decides how much memory is used, and nothing else.

scores = score(from_file, file, folder / "scores.parquet", keep=["frequency"], chunk_rows=100_000)
pd.read_parquet(scores).head(3).round(3)

# %%
# The file can be asked without loading it. Here: how much of the value lies with each tenth of the
# customers? Most of it with the first:

by_tenth = duckdb.execute(
    """
    SELECT tenth, sum(value) / sum(sum(value)) OVER () AS share
    FROM (SELECT value, ntile(10) OVER (ORDER BY value DESC) AS tenth FROM read_parquet(?))
    GROUP BY tenth ORDER BY tenth
    """,
    [str(scores)],
).df()

figure, axes = plt.subplots(figsize=(6.4, 3.4), layout="constrained")
bars = axes.bar(by_tenth["tenth"], by_tenth["share"], color="#33658a")
axes.bar_label(bars, labels=[f"{share:.0%}" for share in by_tenth["share"]], fontsize=8)
axes.set(xlabel="tenth of the customers, by value", xticks=range(1, 11), yticks=[])
axes.set_title("share of the value of the next 12 months", loc="left", fontsize=10)
axes.spines[["top", "right", "left"]].set_visible(False)

# %%
# After an interruption
# ---------------------
# A run over a hundred million customers may not live to its end. Let it fail here at the third
# chunk.

real, scored = LifetimeValue.transform, []


def transform(model, rows):
    """Score a chunk; the third time the lights go out."""
    scored.append(len(rows))
    if len(scored) == 3:
        raise KeyboardInterrupt("the lights went out")
    return real(model, rows)


def run():
    """Score the customers once more, and say what there is afterwards."""
    try:
        score(from_file, file, folder / "again.parquet", keep=["frequency"], chunk_rows=100_000)
    except KeyboardInterrupt as error:
        print(error)
    there = (folder / "again.parquet").exists()
    print(f"chunks begun so far: {len(scored)}; the output is there: {there}")


with patch.object(LifetimeValue, "transform", transform):
    run()
    run()

# %%
# The second run scored only what the first had not, and the output appeared when it was whole:
# whoever reads it sees all scores or none. It is what an undisturbed run gives.

pd.read_parquet(folder / "again.parquet").equals(pd.read_parquet(scores))

# %%
# Another model, other files, another ``chunk_rows`` or ``keep``: then the finished parts do not
# count, and all is scored anew.
#
# How much memory is needed, what Spark does and which time zone a day is of:
# :doc:`/guides/big_data`. Scores for people who work in a CRM: :doc:`/gallery/plot_crm_handover`.
