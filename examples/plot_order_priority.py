"""
Which orders to serve first
===========================

When stock or hands are short, somebody waits. Which product's orders go first should follow from
what the product earns and from what a delay would cost, not from who calls loudest.

:class:`~custvalue.service.OrderPriority` multiplies two numbers: the rank of the product by profit
(1 is the most profitable) and the importance of its orders (1, a delay is a lost sale; 2, a slight
delay is acceptable; 3, a longer delay is acceptable). The smallest score is served first.
"""

# %%
# Ten products
# ------------
# Products A to D are listed from the most profitable to the least; the ranks are known already.

import matplotlib.pyplot as plt
import pandas as pd

from custvalue.service import OrderPriority

products = pd.DataFrame(
    {
        "profit_rank": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
        "importance": [2, 3, 1, 3, 3, 2, 1, 2, 3, 2],
    },
    index=pd.Index(list("ACFBGEYHLD"), name="product"),
)
priority = OrderPriority().fit(products)
products.join(priority.transform(products))

# %%
# A earns most and is served first although a short delay would be bearable. F earns less, but a
# delay loses the sale, so it overtakes C. B and E score 12 each: they share priority 5, and G
# follows with 7, since six products come before it.

# %%
# The same as a map, with the priority beside each name: the darker, the sooner. Serving starts at
# the lower left, where profit is high and no delay is bearable.

served = products.join(priority.transform(products))
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
# Ties
# ----
# If B and E must be told apart, say what decides: the harm of a delay or the profit.

by_importance = OrderPriority(tie_break="importance").fit_transform(products)
by_profit = OrderPriority(tie_break="profit").fit_transform(products)
pd.DataFrame({"by importance": by_importance["priority"], "by profit": by_profit["priority"]}).loc[
    ["B", "E"]
]

# %%
# A scale that runs the other way
# -------------------------------
# Some companies write 3 for the most important orders. The numbers cannot tell, and a scale read
# backwards inverts every decision, so say which way yours runs. ``levels_`` shows how it was
# understood.

theirs = products.assign(importance=4 - products["importance"])
ranking = OrderPriority(scale="1_is_least_urgent").fit(theirs)
print(ranking.levels_)

# %%
# The priorities are the same as before.

ranking.transform(theirs).equals(priority.transform(products))

# %%
# Profit instead of ranks, and a new product
# ------------------------------------------
# With a column ``profit`` the ranks are taken inside: equal profits share a rank, and a loss ranks
# last. A product that was not in the table is told where it would stand in it.

catalogue = pd.DataFrame(
    {"profit": [900.0, 400.0, 750.0, 300.0], "importance": [3, 1, 1, 2]},
    index=pd.Index(["lamp", "cable", "battery", "torch"], name="product"),
)
ranking = OrderPriority().fit(catalogue)
catalogue.join(ranking.transform(catalogue)).sort_values("priority")

# %%
# The charger would be third by profit, and a delay loses its sale: it comes level with lamp and
# cable, after the battery.

charger = pd.DataFrame({"profit": [500.0], "importance": [1]}, index=["charger"])
ranking.transform(charger)
