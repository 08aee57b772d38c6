"""
Customers under contract
========================

A subscription says when a customer has left. So there is nothing to guess about the past, only
about the future: how many will still be there in five years, and what is each of them worth? The
data are those of Fader and Hardie (2007): two segments, twelve years.
"""

# %%
# Two segments
# ------------
# The share of the customers who are still there after each year. We use the first seven years and
# keep the last five to judge by.

import pandas as pd

from custvalue.plotting import ProjectionDisplay
from custvalue.retention import (
    BetaDiscreteWeibull,
    Geometric,
    ShiftedBetaGeo,
    likelihood_ratio_test,
)

percent = pd.DataFrame(
    {
        "Regular": [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3],
        "High End": [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4],
    },
    index=pd.RangeIndex(13, name="period"),
)


def seen(segment, last=7):
    """Return the survival counts of a segment up to a year, as the models take them."""
    counts = 10 * percent.loc[:last, segment].rename("customers")
    return counts.round().astype(int).reset_index()


seen("High End").transpose()

# %%
# Such tables are *survival counts*: ``period`` and ``customers``. Percentages do as well, as the
# column ``survival`` with ``cohort_size``; so do rows of single customers with ``duration`` and
# ``churned``.

# %%
# Why not one churn rate?
# -----------------------
# Retention rises year by year. One rate for all years cannot do that.

retention = (percent / percent.shift()).loc[1:].round(3)
retention.transpose()

# %%
# Three models explain it in different ways.
#
# * ``Geometric``: all customers leave with one and the same probability.
# * ``ShiftedBetaGeo``: each customer has a probability of their own. It never changes, but those
#   who leave easily go first, so that retention rises.
# * ``BetaDiscreteWeibull``: besides, the probability of one customer may rise or fall with the
#   years.

models = {
    segment: {
        law.__name__: law(random_state=0).fit(seen(segment))
        for law in (Geometric, ShiftedBetaGeo, BetaDiscreteWeibull)
    }
    for segment in percent
}
fits = {
    (segment, name): {"log-likelihood": model.log_likelihood_, "AIC": model.aic_}
    for segment, of_segment in models.items()
    for name, model in of_segment.items()
}
pd.DataFrame(fits).T.round(1)

# %%
# The smaller AIC is better. A test says whether the larger model is needed.

tests = {}
for segment, (geometric, sbg, bdw) in ((key, found.values()) for key, found in models.items()):
    for larger, smaller in ((sbg, geometric), (bdw, sbg)):
        test = likelihood_ratio_test(larger, smaller)
        names = f"{type(larger).__name__} against {type(smaller).__name__}"
        tests[segment, names] = {"statistic": test.statistic, "p_value": test.p_value}
pd.DataFrame(tests).T.round(4)

# %%
# Customers differ, in both segments and beyond doubt. That the probability of one customer changes
# with the years shows only in the segment High End.

# %%
# The years that were kept back
# -----------------------------
# What each model says of the years 8 to 12, and what happened, in percent of the first customers.

ahead = range(8, 13)
said = {("seen", segment): percent.loc[ahead, segment] for segment in percent}
for segment, of_segment in models.items():
    for name, model in of_segment.items():
        said[name, segment] = (100 * model.projection(ahead)["estimate"]).round(1)
pd.DataFrame(said).T.swaplevel().sort_index(level=0, sort_remaining=False)

# %%
# The geometric model, which is the one churn rate of a spreadsheet, loses the customers much too
# fast: of the regular ones it leaves 4.6 of 100, and there were 17.3. The other two are within
# 1.6 of 100 everywhere.
#
# The bands hold the uncertainty of the parameters. They widen beyond the data, since nothing holds
# the curve there.

shifted = {segment: models[segment]["ShiftedBetaGeo"] for segment in percent}
_ = ProjectionDisplay.from_estimator(shifted["High End"], 12).plot()

# %%
# How many of 1000 new customers will it be? That has chance in it as well, so the band is wider.

shifted["High End"].projection(ahead, of="customers", n_customers=1000).round(0)

# %%
# How long do they stay?
# ----------------------
# Half of the customers are gone after the median lifetime. The *mean* is another matter: for ever
# it is infinite here, since a few customers stay so long that they decide it. Ask for a horizon.

pd.DataFrame(
    {
        segment: {
            "median lifetime": model.median_lifetime(),
            "years paid within 10": model.expected_lifetime(9),
            "years paid within 20": model.expected_lifetime(19),
        }
        for segment, model in shifted.items()
    }
).round(2)

# %%
# What is a customer worth?
# -------------------------
# Say a year brings a profit of 100, paid in advance, and money loses 10 % a year. A new customer
# pays the first year at once. Discounted, the sum has an end.

value = {
    name: {segment: found[name].value(100) for segment, found in models.items()}
    for name in ("Geometric", "ShiftedBetaGeo", "BetaDiscreteWeibull")
}
pd.DataFrame(value).T.round(1)

# %%
# A customer of some years is worth more than a new one: who has stayed is of the kind that stays.
# For a customer who is there two questions are easily confused. *Before* the renewal the next
# payment is due now, if it comes at all. *After* the renewal it has just been made and no longer
# counts; the next one is a year away.

customers = pd.DataFrame({"duration": [0, 1, 3, 7], "churned": [0, 0, 0, 0]})
regular = shifted["Regular"]
regular.transform(customers).assign(
    after=regular.customer_value(customers, 100, when="after_renewal"),
    before=regular.customer_value(customers, 100, when="before_renewal"),
    one_rate=models["Regular"]["Geometric"].customer_value(customers, 100),
).round(2).set_axis(customers["duration"])

# %%
# With one churn rate, the last column, every customer is worth the same however long they have
# stayed. It is too little for the old customers, by more than half after seven years.

# %%
# Single customers, and what they have in common
# ----------------------------------------------
# Rows of customers may have *covariates*, such as the sales channel. Here 2000 customers are
# simulated, of whom those of the shop leave less easily. A positive coefficient leaves sooner.

web = ShiftedBetaGeo.from_params({"alpha": 0.9, "beta": 2.1}).simulate(1000, 6, random_state=1)
shop = ShiftedBetaGeo.from_params({"alpha": 0.5, "beta": 2.5}).simulate(1000, 6, random_state=2)
rows = pd.concat([web.assign(shop=0), shop.assign(shop=1)], ignore_index=True)
with_shop = ShiftedBetaGeo(churn_covariates=("shop",)).fit(rows)
with_shop.confint().round(2)

# %%
test = likelihood_ratio_test(with_shop, ShiftedBetaGeo().fit(rows))
print(f"statistic {test.statistic:.1f}, {test.distribution}, p {test.p_value:.1g}")

# %%
# The truth is a logit of the mean churn that moves from log(0.9 / 2.1) to log(0.5 / 2.5), by
# -0.76.
#
# More: :doc:`/guides/retention` says which method is for which question, and
# :doc:`/guides/mathematics` has formulas and sources.
