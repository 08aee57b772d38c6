"""
How long customers stay
=======================

Half of your customers came this year. How can you say how many stay three years? A survival curve
uses what is known of each customer for as long as it is known. This example draws such curves from
durations, from orders by a rule, and from P(alive). It uses
:class:`~custvalue.retention.RetentionCurve`.
"""

# %%
# Who is still there is not a short customer
# ------------------------------------------
# Simulated subscribers of two channels, 600 each, who came at any time in the last two years.
# ``duration`` is how many months they stayed, or have stayed so far; ``churned`` says which.

import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import ParetoNBD
from custvalue.plotting import SurvivalDisplay
from custvalue.retention import (
    RetentionCurve,
    ShiftedBetaGeo,
    cohort_survival,
    durations_from_orders,
)
from custvalue.transactions import RFMSummary

months_known = np.random.default_rng(5).integers(1, 25, size=600)
truth = {
    "web": ShiftedBetaGeo.from_params({"alpha": 1.2, "beta": 7.0}, time_unit="month"),
    "shop": ShiftedBetaGeo.from_params({"alpha": 0.8, "beta": 9.0}, time_unit="month"),
}
parts = [
    model.simulate(600, months_known, random_state=seed).assign(channel=channel)
    for seed, (channel, model) in enumerate(truth.items())
]
subscribers = pd.concat(parts, ignore_index=True)
subscribers.sample(5, random_state=0)

# %%
# What share stays longer than a year? Three answers. The first two are common and wrong: who came
# a month ago cannot have stayed for a year, and those who left are the short ones.

churned = subscribers["churned"] == 1
curve = RetentionCurve(by="channel").fit(subscribers)
answers = pd.DataFrame(
    {
        "of all customers": (subscribers["duration"] > 12).groupby(subscribers["channel"]).mean(),
        "of those who left": (subscribers["duration"] > 12)[churned]
        .groupby(subscribers["channel"])
        .mean(),
        "survival curve": curve.survival(12).set_index("group")["survival"],
        "truth": pd.Series({name: model.survival(12) for name, model in truth.items()}),
    }
)
answers.round(3)

# %%
# The curve multiplies the shares that stay from month to month. Each customer counts in the months
# that they were seen in, and in no others.

_ = SurvivalDisplay.from_estimator(curve).plot()

# %%
# Under the picture stands how many are *at risk*: who were seen for that long and had not left.
# Where few are left a curve means little. A point marks the median.

curve.medians_.round(1)

# %%
# Could chance make such a difference? The log-rank test compares who left with who would have,
# were there one curve for all.

print(f"p = {curve.test_['p_value']:.1g}")

# %%
# The mean needs an end, since the curve does not come down to 0. Within 24 months, the longest time
# for which both are known, a customer of the shop stays 4.5 months longer.

curve.restricted_means_.round(2)

# %%
# And who has stayed for a year already? More of them stay another six months than of the new.

new, old = curve.survival(6), curve.conditional_survival(6, given=12)
pd.DataFrame(
    {
        "of new customers": new.set_index("group")["survival"],
        "of those after a year": old.set_index("group")["survival"],
    }
).round(3)

# %%
# From orders, by a rule
# ----------------------
# Who buys without a contract does not say goodbye. A rule must: a customer has left when so many
# days have passed without an order. The duration ends on the day when that is known, not on the day
# of the last order, or else whoever is silent just now would look like one who is still there.

orders = load_cdnow()
first_day = orders.groupby("customer_id")["date"].transform("min")
first_basket = orders[orders["date"] == first_day].groupby("customer_id")["amount"].sum()
basket = np.where(first_basket >= 30, "30 or more", "under 30")
orders["first_basket"] = orders["customer_id"].map(pd.Series(basket, index=first_basket.index))

durations = durations_from_orders(
    orders, inactivity="180 days", observation_end="1998-06-30", by="first_basket"
)
durations.head()

# %%
by_basket = RetentionCurve(by="first_basket").fit(durations)
_ = SurvivalDisplay.from_estimator(by_basket).plot()

# %%
# For the first six months the curve is 1, since nobody can have been silent for so long, and there
# it falls by all who never came back. Customers whose first basket was large stay longer; chance
# does not explain it:

print(f"p = {by_basket.test_['p_value']:.1g}")

# %%
# The rule decides
# ----------------
# The curve is one of the rule as much as of the customers. How many are still there after 15
# months:

found = {}
for days in (90, 180, 270):
    for reactivation in ("lapse", "ignore"):
        table = durations_from_orders(
            orders,
            inactivity=f"{days} days",
            observation_end="1998-06-30",
            reactivation=reactivation,
        )
        share = RetentionCurve().fit(table).survival(15)["survival"].iloc[0]
        found[days, reactivation] = share
pd.Series(found).unstack().rename_axis("days without an order").round(3)

# %%
# With "lapse" the first silence ends it, whatever follows. With "ignore" a later order undoes it,
# and the much larger figure says how many return. These customers buy seldom and unevenly, and no
# rule in days suits all of them: three silent months mean much of who bought every week, and
# nothing of who buys twice a year.

# %%
# From P(alive)
# -------------
# An attrition model weighs each customer's silence against their own pace.
# :func:`~custvalue.retention.cohort_survival` adds up what it says: the customers expected to be
# still alive, by age.

summary = RFMSummary(observation_end="1998-06-30").fit_transform(orders)
alive = ParetoNBD().fit(summary).transform(summary)
cohorts = cohort_survival(summary.join(alive), period=4.0)
cohorts.drop(columns="group").round(3)

# %%
# After 64 to 79 weeks, more than 15 months, the model believes that two in five are still
# customers. The rule of 180 days has 9 % left. Both count the same people: the rule counts who was
# never silent for so long, the model who will buy again. For a forecast take the model; see
# :doc:`/guides/choosing_a_model`.
#
# The limits hold the chance of who is alive, given the model, and not the doubt about the model.
