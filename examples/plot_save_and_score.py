"""
Keep a model and score new orders
=================================

Fit once, score every night. A fitted analysis is saved as a small JSON file: parameters, cut points
and settings, no customer and no code. Whoever loads it scores by the same standard.
"""

# %%
# Fit and save
# ------------
# The orders are simulated: 3,000 customers with known parameters. The analysis is fitted at the end
# of 2025.

import tempfile
from pathlib import Path

import custvalue
from custvalue.datasets import make_orders
from custvalue.plotting import LorenzDisplay
from custvalue.workflow import CustomerAnalysis

log = make_orders(3000, start="2024-01-01", observation_end="2026-02-01", random_state=1)
orders = log[log["date"] < "2026-01-01"]
analysis = CustomerAnalysis(observation_end="2025-12-31", margin=0.25).fit(orders)

path = Path(tempfile.mkdtemp()) / "analysis.json"
analysis.save(path)
print(f"{path.stat().st_size:,} bytes")

# %%
# Load and score
# --------------
# A month later there are more orders. ``transform_at`` moves the clock and nothing else: parameters
# and cut points stay those of the end of 2025.

loaded = custvalue.load(path)
scores = loaded.transform_at(log, observation_end="2026-01-31")
scores[["probability_alive", "expected_purchases", "value", "segment"]].head().round(2)

# %%
# Which customers went to another segment within the month?

before = loaded.transform(orders)["segment"].rename("before")
after = scores["segment"].rename("after")
moves = before.to_frame().join(after)
moves[moves["before"] != moves["after"]].value_counts().head(8)

# %%
# How the value of January is spread:

_ = LorenzDisplay.from_predictions(scores["value"]).plot()

# %%
# Frames of other kinds
# ---------------------
# What comes out is of the kind that went in: here an Arrow table, with the customers' ids in front.
# polars frames work alike.

import pyarrow

arrow = pyarrow.Table.from_pandas(log, preserve_index=False)
scored = loaded.transform_at(arrow, observation_end="2026-01-31")
print(type(scored).__name__, scored.column_names[:4])

# %%
# In a scikit-learn pipeline
# --------------------------
# The parts are scikit-learn estimators and can be joined otherwise, here from orders to value:

from sklearn.pipeline import make_pipeline

from custvalue.lifetime import LifetimeValue
from custvalue.transactions import RFMSummary

pipeline = make_pipeline(
    RFMSummary(amount="amount", observation_end="2026-01-31"),
    LifetimeValue(margin=0.25, horizon="12 months"),
)
pipeline.fit(log).predict(log).describe().round(2)
