"""
From orders to value in ten minutes
===================================

You have a table of orders: who bought, when, for how much. This guide takes it to what each
customer is worth, what kind of customer each one is, and a report to hand on. Everything on this
page ran when the page was built.

You need Python 3.11 or later and ``pip install "custvalue[report]"``.
"""

# %%
# 1. The orders
# -------------
# One row per order, or per line of an order. Three columns matter: the customer, the date and the
# amount. Here they are the real orders of 2,357 customers of the music shop CDNOW, who all bought
# for the first time in early 1997.

from custvalue.datasets import load_cdnow

orders = load_cdnow()
orders.head()

# %%
# Your own orders may be a pandas, polars or pyarrow frame or the path of a Parquet or CSV file,
# with whatever column names; see :class:`~custvalue.transactions.RFMSummary`.

# %%
# 2. One row per customer
# -----------------------
# Say when you stopped looking. ``observation_end`` is the last day for which the orders are
# complete; the silence between a customer's last order and that day is what tells an active
# customer from a lost one.

from custvalue.transactions import RFMSummary

summary = RFMSummary(amount="amount", observation_end="1998-06-30", extra=("total_value",))
customers = summary.fit_transform(orders)
customers.head().round(2)

# %%
# * ``frequency``: purchases after the first one;
# * ``recency``: weeks from the first purchase to the last (not the time *since* the last);
# * ``T``: weeks from the first purchase to the end of observation;
# * ``monetary_value``: mean spend per repeat purchase;
# * ``total_value``: all that the customer has paid.
#
# Orders of one customer on one day are one purchase. What was merged or left out is counted:

summary.data_quality_.to_frame()

# %%
# 3. Does a model foretell what customers do?
# -------------------------------------------
# Before trusting a model, keep back a period that you know and let the model foretell it. Here it
# sees the 39 weeks to the end of September 1997, and the 39 weeks after that are kept back.

from custvalue.lifetime import BetaGeoNBD
from custvalue.plotting import HoldoutDisplay
from custvalue.transactions import calibration_holdout_split

split = calibration_holdout_split(
    orders, calibration_end="1997-09-30", observation_end="1998-06-30"
)
test = HoldoutDisplay.from_estimator(BetaGeoNBD().fit(split), split)
_ = test.plot()

# %%
# Customers are grouped by their repeat purchases before the holdout. In every group the model comes
# near what they bought, without having seen any of it. Over all groups it expects an eighth too
# few:

print(f"observed {test.observed_total:,.0f} purchases")
print(f"expected {test.expected_total:,.0f} purchases")

# %%
# 4. What to expect of each customer
# ----------------------------------
# Now fit the model to everything. It has four parameters, here with 95 % intervals, and says
# whether the fit can be trusted.

model = BetaGeoNBD(horizon=52).fit(customers)
print("The fit is sound:", model.convergence_.sound)
model.confint().assign(estimate=model.params_).round(3)

# %%
# The model answers two questions about each customer: are they still one, and how many purchases
# will they make within a year?

future = model.transform(customers)
customers[["frequency", "recency", "T"]].join(future).head().round(2)

# %%
# Customers 3, 4 and 5 bought once and have P(alive) 1: in this model a customer can leave only
# after a repeat purchase. What they are expected to buy is little all the same.
#
# The picture shows how P(alive) depends on the past. A customer who bought often and then fell
# silent is more surely lost than one who always bought seldom.

from custvalue.plotting import ProbabilityAliveDisplay

_ = ProbabilityAliveDisplay.from_estimator(model, customers).plot()

# %%
# 5. What each customer is worth
# ------------------------------
# Value is the present value of the profit that a customer will bring: expected purchases times
# expected spend times margin, discounted. State your margin, how far to look, and your discount
# rate.

from custvalue.lifetime import LifetimeValue

value = LifetimeValue(margin=0.3, horizon="12 months", annual_discount_rate=0.10)
worth = value.fit(customers).transform(customers)
worth.sort_values("value", ascending=False).head().round(2)

# %%
# Few customers hold most of the value:

from custvalue.plotting import LorenzDisplay

_ = LorenzDisplay.from_predictions(worth["value"]).plot()

# %%
# 6. What kind of customer each one is
# ------------------------------------
# Segments describe the past: who bought lately, often, for much money. Beside them stands what the
# model expects of the future.

from custvalue.plotting import SegmentDisplay
from custvalue.segmentation import RFMSegmenter

segmenter = RFMSegmenter().fit(customers)
_ = SegmentDisplay.from_estimator(segmenter, customers, worth["value"]).plot()

# %%
# 7. All of it at once
# --------------------
# :class:`~custvalue.workflow.CustomerAnalysis` does the steps above and writes the report: one HTML
# file that opens anywhere and asks nothing of the network.

import tempfile
from pathlib import Path

from custvalue.workflow import CustomerAnalysis

folder = Path(tempfile.mkdtemp())
analysis = CustomerAnalysis(observation_end="1998-06-30", horizon="12 months", margin=0.3)
table = analysis.fit_transform(orders)
analysis.report(orders, folder / "report.html")

columns = ["total_value", "probability_alive", "expected_purchases", "value", "segment"]
table[columns].head().round(2)

# %%
# These are five of its columns; the others are the rest of the summary, the scores and the rule
# that put the customer into the segment.
#
# On the command line the same is
#
# .. code-block:: bash
#
#    custvalue report orders.csv --customer customer_id --date date --amount amount \
#        -o report.html
#
# 8. Keep the model
# -----------------
# A saved model is a small JSON file without any customer in it.

import custvalue

path = folder / "value.json"
value.save(path)
same = custvalue.load(path)
print(f"{path.stat().st_size:,} bytes")
print("The same values:", same.predict(customers).equals(worth["value"]))

# %%
# Where to go from here
# ---------------------
# * :doc:`/guides/segments_and_priorities`: what the segments mean and how to make your own.
# * :doc:`/guides/mathematics`: what is computed, and from which source.
# * :doc:`/guides/coming_from_lifetimes`: the names side by side.
