"""
Models from published parameters
================================

A paper, a report or a colleague gives you four numbers. ``from_params`` makes a model of them, with
no data at all: it predicts for any customer history you can write down. These are the parameters of
the CDNOW customers as Fader, Hardie and Lee published them in 2005, in weeks.
"""

# %%
# What to expect of a new customer
# --------------------------------

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.lifetime import BetaGeoNBD

model = BetaGeoNBD.from_params(
    {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, time_unit="week"
)
model.expected_purchases_new(52)

# %%
# On average about one and a half repeat purchases in the first year. The average hides that more
# than half of all customers make none:

counts = np.arange(8)
chances = pd.Series(model.purchase_probability_new(counts, 52), index=counts)

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
bars = axes.bar(counts, chances, color="#0b6a8c", width=0.7)
axes.bar_label(bars, labels=[f"{chance:.0%}" for chance in chances], padding=3)
axes.set(xlabel="repeat purchases in the first year", ylabel="share of new customers")
axes.set_ylim(top=0.65)
axes.yaxis.set_major_formatter("{x:.0%}")
axes.spines[["top", "right"]].set_visible(False)

# %%
# When to worry about a quiet customer
# ------------------------------------
# Three customers have been with us for a year before they fall silent. They bought 2, 6 and 20
# times. How probable is it, week by week of silence, that they are still customers?

silence = np.arange(0, 53)
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = {2: "#68abc5", 6: "#2f86a7", 20: "#0c5c7b"}
for purchases, week in [(2, 40), (6, 28), (20, 12)]:
    history = pd.DataFrame({"frequency": purchases, "recency": 52.0, "T": 52.0 + silence})
    alive = model.probability_alive(history)
    axes.plot(silence, alive, color=colours[purchases], lw=2)
    axes.text(week + 1, alive[week] + 0.02, f"{purchases} purchases", color=colours[purchases])
axes.set(xlabel="weeks without a purchase", ylabel="P(alive)", ylim=(0, 1), xlim=(0, 52))
axes.spines[["top", "right"]].set_visible(False)

# %%
# The same silence says more about a customer who used to buy often: twenty purchases in a year mean
# one every two or three weeks, so ten weeks without any are a sign. For someone who bought twice
# they are nothing unusual.

# %%
# One customer, several questions
# -------------------------------
# A customer bought twice in 30 weeks and has been known for nearly 39. What is to come within the
# next 39 weeks?

customer = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
print(f"P(alive) now               {model.probability_alive(customer)[0]:.3f}")
print(f"P(alive) in 39 weeks       {model.probability_alive(customer, ahead=39)[0]:.3f}")
print(f"purchases to expect        {model.expected_purchases(customer, 39)[0]:.3f}")
print(f"P(no purchase at all)      {model.purchase_probability(customer, 0, 39)[0]:.3f}")

# %%
# Given parameters have no uncertainty
# ------------------------------------
# A model made of given parameters does not pretend to know how sure they are.

from custvalue.exceptions import NoUncertaintyError

try:
    model.confint()
except NoUncertaintyError as error:
    print(str(error).replace(": ", ":\n"))
