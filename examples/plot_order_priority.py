"""
What to stock and serve first
=============================

Stock, hands and attention are short, and products differ. Three questions come up again and again:
which few products bring most of the money, how each kind of product should be supplied, and whose
order goes first when not all can. This example answers them with
:class:`~custvalue.service.ABCAnalysis`, :class:`~custvalue.service.PortfolioMatrix` and
:class:`~custvalue.service.OrderPriority`.
"""

# %%
# A range of 120 products, simulated: what each sold in a year, and what it earned. Some sell well
# and lose money.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.exceptions import DataError
from custvalue.plotting import ABCDisplay, PortfolioDisplay
from custvalue.service import ABCAnalysis, OrderPriority, PortfolioMatrix

generator = np.random.default_rng(8)
n_products = 120
sales = np.round(generator.lognormal(8.2, 1.3, n_products))
margin = generator.normal(0.12, 0.09, n_products)
steadiness = generator.choice([12.0, 2.0, 0.6], (n_products, 1))
months = sales[:, None] / 12 * generator.gamma(steadiness, 1 / steadiness, (n_products, 12))
products = pd.DataFrame(
    {"sales": sales, "profit": np.round(sales * margin)},
    index=pd.Index([f"P{number:03d}" for number in range(1, n_products + 1)], name="product"),
)
products.head(4)

# %%
# Few products bring most: ABC
# ----------------------------
# Pareto's principle: a fifth of the products often brings four fifths of the sales. With products
# in descending order of their value :math:`v`, :class:`~custvalue.service.ABCAnalysis` takes the
# share of the value *before* product :math:`i`,
#
# .. math:: b_i = \frac{\sum_{j:\, v_j > v_i} v_j}{\sum_j v_j},
#
# and puts it in A where :math:`b_i < 0.80`, in B where :math:`b_i < 0.95`, else in C (Dickie 1951).
# Since the share before the first product is 0, the best product is always A, even where it alone
# brings 90 %, and equal products are in one class.

analysis = ABCAnalysis(value="sales").fit(products)
analysis.class_summary_.round(3)

# %%
_ = ABCDisplay.from_estimator(analysis).plot()

# %%
# What is learned is the least value of each class, so a new product is judged by itself, and next
# year's products by the same standard. ``gini_`` says in one number how unequal products are, from
# 0 to 1.

print(f"Gini {analysis.gini_:.2f}")
analysis.thresholds_.to_frame()

# %%
# Three choices are worth a thought.
#
# * *Which cut?* ``rule="count"`` cuts by the number of products (20, 50 and 30 %) instead of value.
# * *Returns.* A negative value is an error until you say what it means: ``negative="zero"`` or
#   ``"own_class"``.
# * *Change.* A product near a threshold would change class every year. With ``hysteresis=0.1`` it
#   keeps the class in the column ``previous`` until it is 10 % beyond the threshold.

next_year = products.assign(
    sales=products["sales"] * generator.lognormal(0, 0.15, n_products),
    last_class=analysis.transform(products)["class"],
)
changed = {}
for hysteresis in (0.0, 0.1, 0.2):
    sticky = ABCAnalysis(value="sales", previous="last_class", hysteresis=hysteresis).fit(products)
    moved = sticky.transform(next_year)["class"] != next_year["last_class"]
    changed[f"hysteresis {hysteresis:.0%}"] = moved.sum()
pd.Series(changed, name="products that change class").to_frame()

# %%
# Value is one side of stock, steadiness the other. With the demand of several periods each product
# gets X (steady), Y (changing) or Z (erratic), by the standard deviation over the mean. AX can run
# on little stock; AZ is where attention belongs.

demand = pd.DataFrame(months, products.index, [f"month {month}" for month in range(1, 13)])
with_months = products.join(demand)
both = ABCAnalysis(value="sales", variability=list(demand)).fit(with_months)
both.transform(with_months).groupby(["class", "xyz"]).size().unstack()

# %%
# A data warehouse need not know Python: ``to_sql`` writes the rules as a query.

print(analysis.to_sql(table="products"))

# %%
# What to do with each product: volume and profit
# -----------------------------------------------
# A product may sell much and earn nothing. :class:`~custvalue.service.PortfolioMatrix` parts the
# range by two thresholds, :math:`\text{volume} \ge t_v` and :math:`\text{profit} \ge t_p`, into
# four quadrants with a way of service each (Christopher, *Logistics and Supply Chain Management*,
# figure 2.12). What sells much and earns well must never be out of stock. What sells much and earns
# little must become cheaper to supply. What is seldom sold and earns well is kept in one central
# place. The rest is reviewed.

matrix = PortfolioMatrix(volume="sales", volume_threshold="abc").fit(products)
matrix.quadrant_summary_.drop(columns=["volume", "profit"]).round(2)

# %%
# The threshold of sales is here the least value of class A, that of profit the median. Means and
# numbers of your own work too. Rings are products at a loss.

_ = PortfolioDisplay.from_estimator(matrix, products).plot()

# %%
# Thresholds are a decision, so ask what hangs on them: how many products change quadrant if a
# threshold were a tenth lower or higher?

matrix.sensitivity(products)[["changed", "changed_share", "Q1", "Q2", "Q3", "Q4"]].round(2)

# %%
# Whose order goes first: profit rank times importance
# ----------------------------------------------------
# When somebody has to wait, it should follow from what the product earns and from what a delay
# would cost, not from who calls loudest. :class:`~custvalue.service.OrderPriority` multiplies two
# numbers,
#
# .. math:: \text{score} = \text{profit rank} \times \text{importance},
#
# where profit rank 1 is the most profitable, and importance is 1 where a delay loses the sale, 2
# where a slight delay is acceptable, 3 where a longer one is. The smallest score is served first.
# The rule, and the ten products below, from the most profitable to the least, are those of lecture
# slides on customer service in logistics.

ten = pd.DataFrame(
    {
        "profit_rank": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "importance": [2, 3, 1, 3, 3, 2, 1, 2, 3, 2],
    },
    index=pd.Index(list("ACFBGEYHLD"), name="product"),
)
priority = OrderPriority().fit(ten)
ten.join(priority.transform(ten))

# %%
# A earns most and is served first although a short delay would be bearable. F earns less, but a
# delay loses the sale, so it overtakes C. B and E score 12 each: they share priority 5, and G
# follows with 7, since six products come before it (competition ranking). ``tie_break`` parts them
# by the harm of a delay or by the profit.
#
# The same as a map, with the priority beside each name: the darker, the sooner. Serving starts at
# the lower left, where profit is high and no delay is bearable.

served = ten.join(priority.transform(ten))
figure, axes = plt.subplots(figsize=(7, 2.6), layout="constrained")
place = served["profit_rank"], served["importance"]
axes.scatter(*place, c=-served["priority"], cmap="Blues", s=620, vmin=-14, vmax=-1)
for row in served.itertuples():
    at, ink = (row.profit_rank, row.importance), "white" if row.priority <= 7 else "black"
    axes.annotate(f"{row.Index} {row.priority}", at, ha="center", va="center", color=ink)
axes.set(xlabel="profit rank", ylabel="importance", xlim=(0.3, 10.7), ylim=(0.4, 3.6))
axes.set(xticks=range(1, 11), yticks=[1, 2, 3])
axes.spines[["top", "right"]].set_visible(False)

# %%
# Which way does the scale run?
# -----------------------------
# Some companies write 3 for the most important orders. The numbers cannot tell, and a scale read
# backwards inverts every decision, so say which way yours runs. ``levels_`` shows how it was
# understood, and the priorities are the same as before.

theirs = ten.assign(importance=4 - ten["importance"])
ranking = OrderPriority(scale="1_is_least_urgent").fit(theirs)
print(ranking.transform(theirs).equals(priority.transform(ten)))
print(ranking.levels_)

# %%
# History can tell, though: if delays of orders that are called urgent lost no more sales than those
# of others, something is wrong. ``check_scale`` compares the importance with what delays have cost.

lost_share = [0.10, 0.02, 0.30, 0.00, 0.05, 0.12, 0.25, 0.08, 0.01, 0.15]
read_rightly, read_backwards = OrderPriority().fit(ten), OrderPriority().fit(theirs)
pd.DataFrame(
    {
        "read rightly": read_rightly.check_scale(ten, lost_share),
        "read backwards": read_backwards.check_scale(theirs, lost_share),
    }
)

# %%
# How much hangs on 1, 2 and 3?
# -----------------------------
# The numbers are a habit, not a measurement. ``sensitivity`` tries others, and ``place_ranges``
# tells for each product where it may come.

priority.sensitivity(ten).round(2)

# %%
priority.place_ranges(ten)

# %%
# A is first and L last whatever the numbers, while B may come from fifth to eighth. Were the
# importance of a product off by one level, it would come where the last two columns say.

# %%
# A queue of open orders
# ----------------------
# Who waits matters as well. With ``customer_value`` a row is an order: its profit counts times what
# the customer is worth, such as the :term:`lifetime value <value>` of
# :class:`~custvalue.lifetime.LifetimeValue`.

queue = pd.DataFrame(
    {
        "profit": [40.0, 40.0, 55.0, 12.0, 90.0],
        "importance": [2, 2, 1, 1, 3],
        "lifetime_value": [310.0, 2900.0, 45.0, 5200.0, 120.0],
    },
    index=pd.Index([7101, 7102, 7103, 7104, 7105], name="order"),
)
by_value = OrderPriority(customer_value="lifetime_value").fit(queue)
queue.join(by_value.transform(queue)).sort_values("priority")

# %%
# ``transform`` tells a row where it would stand among those fitted. So an order that comes in is
# placed in the queue without sorting it again.

new = pd.DataFrame(
    {"profit": [20.0], "importance": [1], "lifetime_value": [3000.0]},
    index=pd.Index([7106], name="order"),
)
by_value.transform(new)

# %%
# A table that does not say what it must is refused in a sentence.

try:
    OrderPriority().fit(ten.assign(importance=ten["importance"].replace(3, 4)))
except DataError as error:
    print(error)

# %%
# How well orders are then served is in :doc:`/gallery/plot_perfect_orders`, how much service pays
# in :doc:`/gallery/plot_service_levels`. :doc:`/guides/choosing_a_service_method` is the overview,
# and :doc:`/guides/mathematics` has the formulas with their sources in full.
