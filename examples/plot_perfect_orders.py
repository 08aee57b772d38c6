"""
Perfect orders
==============

To a customer an order is right or it is not: on time, complete, undamaged, with correct papers.
This example measures it from a table of order lines, finds what keeps orders from being perfect,
and tells bad warehouses from bad luck. It uses :func:`~custvalue.service.order_line_metrics` and
:class:`~custvalue.service.PerfectOrder`.
"""

# %%
# Order lines
# -----------
# One row is one line of an order: what was ordered for when, what came, and in which state. These
# are simulated, so that we know the truth: one of five warehouses, Dijon, fails three times as
# often as the others, failures of one order tend to come together, and 2 % of the flags are
# missing.

import pandas as pd

from custvalue.datasets import make_order_lines
from custvalue.exceptions import DataError
from custvalue.plotting import FunnelDisplay
from custvalue.service import PerfectOrder, order_line_metrics

lines = make_order_lines(3000, n_customers=60, random_state=3)
lines[["order", "warehouse", "placed", "promised", "delivered", "ordered", "delivered_quantity"]][
    2:6
]

# %%
# The names can be others: ``columns={"order": "order_no"}``. The table may be a frame of pandas,
# polars or pyarrow, a relation of DuckDB, or Parquet files of any size.
#
# How good is the service?
# ------------------------
# :func:`~custvalue.service.order_line_metrics` gives every figure that the columns allow, with an
# interval and the number of orders or lines that it rests on.

by_warehouse = order_line_metrics(lines, by="warehouse")
by_warehouse[["orders", "on_time", "on_time_lower", "on_time_upper", "in_full", "otif"]].round(3)

# %%
# *In full* asks whether all came, *fill rates* how much of it came. With :math:`q` units ordered
# and :math:`d` delivered,
#
# .. math:: \text{unit fill rate} = \frac{\sum \min(d, q)}{\sum q},
#
# and there is the share of lines and of orders that are complete. What one line gets too much helps
# no other. The stock-out frequency is the share of lines delivered short. The three fill rates are
# different things: here 98 of 100 units come, and one order in ten lacks something.

everything = order_line_metrics(lines)
fill = ["unit_fill_rate", "line_fill_rate", "order_fill_rate", "stock_out_frequency"]
everything[fill].round(3)

# %%
# How long does an order take? Customers plan with the spread as much as with the mean, so ask for
# both: the coefficient of variation is the standard deviation over the mean, and nine of ten orders
# take no longer than ``p90``. The cycle runs from the day of the order to its last delivery.

cycle = ["mean", "sd", "cv", "p90", "n"]
everything[[f"order_cycle_time_{name}" for name in cycle] + ["cycle_reliability"]].round(2)

# %%
# Perfect orders
# --------------
# An order is perfect if all of its lines meet all criteria. There are two figures for it, and they
# differ (Novack and Thomas 2004):
#
# .. math:: \text{observed} = \frac{\text{orders that meet all criteria}}{\text{orders}},
#           \qquad
#           \text{product} = p_{\text{on time}} \, p_{\text{in full}} \, p_{\text{undamaged}} \,
#           p_{\text{documents}}.
#
# The product is the index that is usually reported. It supposes that failures are independent.

perfect = PerfectOrder(by="warehouse").fit(lines)
perfect.observed_[["orders", "known", "perfect", "lower", "upper"]].round(3)

# %%
# Failures that come together, a late truck with the wrong papers, hit fewer orders than as many
# failures that are spread. So more orders are perfect than the product says: the part
# ``dependence``. The other part, ``unknown``, comes from missing flags: an order with one can be
# known to fail but not to be perfect.

perfect.difference_.round(3)

# %%
# Since the lines are simulated, the truth is known: 0.597 for Dijon and 0.826 for the others.
# Because of the missing flags the observed shares are a little low. ``lowest`` and ``highest`` are
# what the flags allow at most: the share if every unknown order failed, and if none did.

truth = {name: shares["perfect"] for name, shares in lines.attrs["truth"].items()}
limits = perfect.observed_[["perfect", "lower", "upper", "lowest", "highest"]]
limits.assign(truth=pd.Series(truth)).round(3)

# %%
# What would help most?
# ---------------------
# An order may fail in several criteria at once. ``attribution_`` parts the failed orders between
# them, so that the parts add up: an order that failed in two gives half to each (the Shapley
# value). ``alone`` is what would be gained at once if this criterion were always met and nothing
# else changed.

attribution = PerfectOrder().fit(lines).attribution_.loc["all"]
attribution.round(3)

# %%
# A bad site, or bad luck?
# ------------------------
# Sort sites by their share and the smallest ones are at both ends, since few orders scatter most.
# A funnel plot asks how far each share may stray by chance, given the number of orders
# (Spiegelhalter 2005). First the customers of the four warehouses that are in truth alike, by their
# orders on time and in full.

alike = order_line_metrics(lines[lines["warehouse"] != "Dijon"], by="customer")
met = (alike["otif"] * alike["otif_n"]).round()
display = FunnelDisplay.from_predictions(met, alike["otif_n"], what="orders on time and in full")
_ = display.plot()

# %%
# The shares run from 0 to 100 %, and it is all noise: no customer is outside the inner part, where
# even one of twenty would be no surprise. Do not call on those whose share is low but inside; next
# month it will be others. And now the warehouses, by perfect orders.

_ = FunnelDisplay.from_estimator(perfect).plot()

# %%
# Dijon is found. The others look good beside it, since the overall share has Dijon in it. What goes
# wrong there? Compare the criteria.

components = perfect.components_["share"].unstack("criterion")
components[list(perfect.criteria)].round(3)

# %%
# Rules to settle
# ---------------
# Numbers of two companies can be compared only if they mean the same. The choices are parameters:
# days of ``tolerance``, whether too ``early`` counts as on time, whether deliveries are held to the
# ``promised`` day or to the one the customer ``requested``.

choices = {
    "promised day": {},
    "promised day, 2 days of tolerance": {"tolerance": 2},
    "promised day, at most 1 day early": {"early": 1},
    "requested day": {"reference": "requested"},
}
pd.DataFrame(
    {name: order_line_metrics(lines, **choice).loc["all"] for name, choice in choices.items()}
).loc[["on_time", "in_full", "otif"]].T.round(3)

# %%
# Not known is not failed
# -----------------------
# Looked at in the middle of the period, some orders are still open. Say which day it is with
# ``as_of``: lines that are overdue are then late, and those not yet due are neither late nor short.

midway = make_order_lines(3000, n_customers=60, as_of="2025-04-01", random_state=3)
looked_at = order_line_metrics(midway, as_of="2025-04-01")
looked_at[["orders", "on_time", "on_time_n", "in_full", "in_full_n"]].round(3)

# %%
# What was left out, and why, is counted. Lines that order nothing have no service level, neither 0
# nor 100 %.

pd.Series(looked_at.attrs["data_quality"]).to_frame("count")

# %%
# More criteria
# -------------
# The right product, at the right place, for the right price, to the right customer: a column that
# is True where a line meets it is a criterion like any other.

more = lines.assign(right_price=lines["order"] % 50 != 0)
criteria = ("on_time", "in_full", "undamaged", "documents", "right_price")
PerfectOrder(criteria=criteria).fit(more).observed_[["perfect", "lower", "upper"]].round(3)

# %%
# Order by order
# --------------
# ``transform`` judges each order. A missing flag is a missing answer, unless another criterion has
# failed already.

perfect.transform(lines).head()

# %%
# Wrong input is refused in a sentence.

try:
    PerfectOrder().fit(lines.assign(ordered=-lines["ordered"]))
except DataError as error:
    print(error)

# %%
# What the failures cost is in :doc:`/gallery/plot_service_levels`: customers who leave because of
# them. Formulas and sources in full are in :doc:`/guides/mathematics`.
