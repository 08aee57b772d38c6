"""
From order lines to a service plan
==================================

A supplier has three tables: the order lines that were delivered, a survey of its customers, and
the log of what they bought. This example goes the whole way: which elements of service matter, how
many orders are perfect, what the others cost in customers lost, and which of the open orders to
serve first.
"""

# %%
# What the customers are worth, before the failures
# -------------------------------------------------
# The order log of two years tells who bought, when and for how much.
# :class:`~custvalue.workflow.CustomerAnalysis` makes of the first eighteen months what each
# customer will bring in the two years after them, and a segment. The service of the last six months
# is what we look at below, so that the log ends before it: measured afterwards, values would be
# those of customers who were not driven away, and those who were would seem to be worth little.

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from custvalue.datasets import make_order_lines, make_orders, make_survey
from custvalue.plotting import FunnelDisplay, RankingDisplay
from custvalue.service import PerfectOrder
from custvalue.workflow import CustomerAnalysis, ServiceAnalysis

log = make_orders(
    2400,
    start="2024-01-01",
    observation_end="2025-12-31",
    params={"r": 1.2, "alpha": 4.0, "a": 0.6, "b": 3.0},
    spend_params={"p": 6.25, "q": 3.74, "v": 154.4},
    random_state=1,
)
before = log[log["date"] < "2025-07-01"]
worth = CustomerAnalysis(
    observation_end="2025-06-30", horizon="24 months", margin=0.3, holdout=None
)
customers = worth.fit_transform(before)
customers[["frequency", "probability_alive", "value", "segment"]].head(4).round(2)

# %%
# Order lines
# -----------
# One row a line: who ordered what, when it was promised, when and how much came, and whether
# anything was wrong. They are the lines of the orders that the log has after June: the same
# customers on the same days. Order lines and log must be of one business, else customers who are
# long gone place orders. How well the lines were served is simulated, so that we know where the
# trouble is: in one of the five warehouses everything fails three times as often.

recent = log[log["date"] >= "2025-07-01"].reset_index(drop=True)
lines = make_order_lines(
    len(recent), start="2025-07-01", n_days=180, bad_warehouse="Dijon", random_state=1
)
own = recent.iloc[lines["order"].to_numpy() - 1].reset_index(drop=True)
shift = own["date"].dt.normalize() - lines["placed"]
for day in ("placed", "requested", "promised", "delivered"):
    lines[day] += shift
lines["customer"] = own["customer_id"]
lines = lines.drop(columns=["region", "segment"])
lines.drop(columns=["requested", "damaged"]).head(4)

# %%
# The survey
# ----------
# How well does the supplier do on eight elements of service, and how satisfied are its customers?

elements = [
    "accessibility",
    "system_flexibility",
    "order_cycle_time",
    "order_fill_rate",
    "order_status_information",
    "inventory_availability",
    "complaints_claims_returns",
    "spares_availability",
]
survey = make_survey(900, elements=elements, random_state=2)
survey.iloc[:4, [0, 2, 3, 6, 8]]

# %%
# All of it at once
# -----------------
# How likely a failure is to drive a customer away is what is least known. Here it is taken from a
# study of complaints, by kind of failure: 4 % after a late order, 3 % after a short one, 10 % after
# damaged goods, 2 % after wrong papers. Without a number the analysis would estimate it from
# the customers' probability of being alive, with a warning: nobody chose at random who met a
# failure.

analysis = ServiceAnalysis(
    segment="segment",
    leaving_probability={"on_time": 0.04, "in_full": 0.03, "undamaged": 0.10, "documents": 0.02},
    random_state=0,
)
analysis = analysis.fit(lines, survey=survey, customers=customers)

# %%
# What matters
# ------------
# Elements by how much of the satisfaction goes along with them. Where bars overlap, the survey does
# not tell which of two elements matters more.

_ = RankingDisplay.from_estimator(analysis.element_ranking_).plot()

# %%
# Perfect orders by segment
# -------------------------
# Three orders in four are on time, in full, undamaged and with correct papers.

observed = analysis.perfect_order_.observed_
observed[["orders", "known", "perfect", "lower", "upper"]].round(3)

# %%
# These are the segments of the customers, as they were before. Their intervals overlap, and in the
# funnel none lies outside of the inner part: the service does not depend on who is served.

_ = FunnelDisplay.from_estimator(analysis.perfect_order_).plot()

# %%
# So the trouble is elsewhere. By warehouse it is plain to see, and it is where we put it. The other
# warehouses stand above the funnel because the bad one draws the overall share down.

by_warehouse = PerfectOrder(by="warehouse").fit(lines)
_ = FunnelDisplay.from_estimator(by_warehouse).plot()

# %%
# What keeps orders from being perfect
# ------------------------------------
# ``attribution`` parts the imperfect orders between the criteria: being late costs most.

analysis.overall_.attribution_.round(3)

# %%
# Failures of one order come together, a late truck that is short too. So more orders are perfect
# than the product of the four shares, the usual index, makes believe.

analysis.overall_.difference_.round(3)

# %%
# How full and how fast, by segment:

analysis.metrics_[["otif", "unit_fill_rate", "order_cycle_time_mean", "cycle_reliability"]].round(3)

# %%
# What failures cost
# ------------------
# A failure drives some customers away, and with them goes what they would have brought. Damage is
# rare and costs the more each time; being late is what costs most in all. ``avoidable_cost`` is
# what would be saved if that criterion alone never failed.

cost = analysis.lost_sales_cost_
cost.cost_by_component_.round(2)

# %%
# By segment: nearly nine tenths of the cost are with the champions, who order most and are worth
# most. Some customers who seemed lost did order again; what was expected of them is little.

cost.cost_by_segment_[
    ["customers", "failures", "expected_leavers", "expected_cost", "share"]
].round(2)

# %%
# How much hangs on the probabilities that we took: half of them, or half as much again.

cost.sensitivity_[[0.0]].round(0)

# %%
# With whom the cost is:

costs = analysis.customer_costs(lines, customers)
costs.sort_values("expected_cost", ascending=False).head(4).round(2)

# %%
# Which open orders to serve first
# --------------------------------
# Eight orders wait. Each has a profit and an importance: 1, a delay is a lost sale; 2, a slight
# delay is acceptable; 3, a longer one is. The value of the customer who waits weighs the profit.

generator = np.random.default_rng(3)
waiting = pd.DataFrame(
    {
        "order": np.arange(7001, 7009),
        "customer": generator.choice(recent["customer_id"].unique(), 8, replace=False),
        "profit": generator.gamma(2.0, 60.0, 8).round(),
        "importance": [2, 3, 1, 2, 3, 1, 2, 3],
    }
)
analysis.priority_queue(waiting, customers=customers).round(2)

# %%
# The report
# ----------
# All of this is in one HTML file that asks nothing of the network, and the fitted analysis in a
# small JSON file without any customer in it.

folder = Path(tempfile.mkdtemp())
analysis.report(folder / "service.html", open_orders=waiting, customers=customers)
analysis.save(folder / "service.json")
for file in ("service.html", "service.json"):
    print(f"{file}: {(folder / file).stat().st_size:,} bytes")

# %%
# Next month's order lines are counted by the same rules:

analysis.transform(lines[lines["placed"] >= "2025-12-01"]).head(3)
