"""
The flow of customers
=====================

How many customers do we keep? With contracts one counts. Without them nobody says goodbye, and the
answer depends on a rule. This example counts who came, stayed, left and returned, and how much
revenue was kept. It uses :func:`~custvalue.retention.customer_flow` and
:func:`~custvalue.retention.retention_rate`.
"""

# %%
# The rate from three numbers
# ---------------------------
# With :math:`S` customers at the start of a period, :math:`E` at its end and :math:`N` of them new,
# the retention rate is :math:`(E - N) / S`.

import pandas as pd

from custvalue.datasets import make_orders
from custvalue.plotting import CustomerFlowDisplay
from custvalue.retention import churn_rate, customer_flow, retention_rate

retention_rate(start=1000, end=950, new=150).round(3)

# %%
# The limits tell how far chance alone may carry such a rate. With 40 customers in place of 1000
# they are wide, and a fall from .85 to .80 may be nothing.

retention_rate(start=[1000, 40], end=[950, 38], new=[150, 6]).round(3)

# %%
# Who had left and came back is neither new nor kept. If 50 of the 950 are such customers, 750 were
# kept and not 800. Say so in ``won_back``.

churn_rate(start=1000, end=950, new=150, won_back=50).round(3)

# %%
# From orders
# -----------
# These orders are simulated: 3000 customers who come in the first half of the time. The log ends
# in the middle of a quarter.

orders = make_orders(
    3000,
    start="2023-01-01",
    observation_end="2025-11-15",
    params={"r": 1.2, "alpha": 12.0, "a": 1.0, "b": 9.0},
    random_state=1,
)
flow = customer_flow(orders, amount="amount", period="quarter", observation_end="2025-11-15")
flow[["complete", "start", "new", "kept", "lost", "won_back", "end", "retention_rate"]].round(3)

# %%
# Two sums hold in every line: kept + lost = start, and start + new + won back - lost = end. The
# first quarter has no rate, since nobody was there before it, and neither has the last one, since
# it is not over: who has not ordered yet still may.

_ = CustomerFlowDisplay.from_flow(flow).plot()

# %%
# When is a customer lost?
# ------------------------
# Above, who did not order in a quarter was lost in it. Many of the lost come back, so the
# rule is too strict. ``inactive_periods`` says how many quarters without an order it takes.

whole = orders[orders["date"] < "2025-10-01"]
rules = {}
for quarters in (1, 2, 3, 4):
    found = customer_flow(
        whole, period="quarter", inactive_periods=quarters, observation_end="2025-09-30"
    )
    rules[quarters] = {
        "lost": found["lost"].sum(),
        "won back": found["won_back"].sum(),
        "share won back": found["won_back"].sum() / found["lost"].sum(),
        "last rate": found["retention_rate"].iloc[-1],
    }
pd.DataFrame(rules).T.rename_axis("quarters without an order").round(3)

# %%
# By the rule of one quarter more than half of the lost come back; by the rule of four it is one in
# six. The retention rate goes from .590 to .879, for the same customers and the same orders. So a
# rate without its rule says nothing, and two rates can be compared only under one rule. Note also
# that the latest lost have had little time to come back, so that the shares are rather low, more so
# for the longer rules.
#
# What is a customer who returns? A customer won back, as above; or, for those who count every
# start of a relation, a new one.

customer_flow(whole, period="quarter", reactivation="new", observation_end="2025-09-30").loc[
    "2024-01-01":"2025-01-01", ["start", "new", "kept", "lost", "won_back", "end"]
]

# %%
# Revenue kept
# ------------
# Gross retention is the revenue of the period before, less that of lost customers and less what the
# others spent less, over the revenue of the period before. It is never above 1. Net retention adds
# what those who stayed spent more.

flow = customer_flow(whole, amount="amount", period="quarter", observation_end="2025-09-30")
parts = ["revenue_start", "churned_revenue", "contraction", "expansion"]
rates = ["gross_revenue_retention", "net_revenue_retention"]
flow.loc["2024-01-01":, parts + rates].round(dict.fromkeys(parts, 0)).round(3)

# %%
# The last line reads: of 59,471 in the quarter before, 19,753 were lost with customers and 12,779
# because others spent less, which leaves 45.3 %; the others spent 12,351 more, which makes 66.1 %.
#
# Take one quarter as the rule where it is about revenue. With a longer one a customer who is new
# has a short past and a longer present, and would seem to spend more and more.
#
# Counts or a curve?
# ------------------
# A flow says what happened to all customers in one period, old and new together. If more new
# customers come, who leave more easily, the rate falls although no customer has changed. How long
# customers stay, seen from their first order, is another question:
# :doc:`/gallery/plot_survival_curves` and :doc:`/gallery/plot_cohorts`.
