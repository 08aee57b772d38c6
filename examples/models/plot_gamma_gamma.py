"""
Gamma-Gamma: what a purchase is worth
=====================================

The spend model of Fader and Hardie, :class:`~custvalue.lifetime.GammaGamma`. It stands beside a
model of purchases; :class:`~custvalue.lifetime.LifetimeValue` joins the two.
"""

# %%
# When to use it
# --------------
# You want the mean spend to expect of a customer, and many customers have few purchases, so that
# their own mean says little. The amounts are positive and do not depend on how often a customer
# buys.

# %%
# The story
# ---------
# * The amounts of a customer vary around a mean of their own: each purchase is
#   :math:`\text{Gamma}(p, \nu)`, with mean :math:`p / \nu`.
# * The customers differ as :math:`\nu \sim \text{Gamma}(q, v)`.
# * Spend has nothing to do with how often, or whether still, a customer buys.

# %%
# The formulas
# ------------
# The mean :math:`m` of :math:`x` repeat purchases has the density (eq. 1a)
#
# .. math::
#
#    f(m \mid x) = \frac{\Gamma(p x + q)}{\Gamma(p x)\, \Gamma(q)} \,
#    \frac{v^q \, x^{p x} \, m^{p x - 1}}{(v + x m)^{p x + q}},
#
# and the mean spend to expect is a weighted mean of that of all customers and the customer's own
# (eq. 5)
#
# .. math::
#
#    E[M \mid x, m] = \frac{q - 1}{p x + q - 1} \cdot \frac{p v}{q - 1}
#                   + \frac{p x}{p x + q - 1} \cdot m .
#
# * P. S. Fader and B. G. S. Hardie (2013). The Gamma-Gamma model of monetary value.
#   brucehardie.com/notes/025.

# %%
# An example
# ----------
# The CDNOW customers, with amounts in US dollars.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import GammaGamma
from custvalue.transactions import calibration_holdout_split

customers = calibration_holdout_split(
    load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30", amount="amount"
)
model = GammaGamma().fit(customers)
print(f"{model.n_customers_:,} customers with repeat purchases")
model.confint().assign(estimate=model.params_).round(2)

# %%
# The published values are p = 6.25, q = 3.74 and v = 15.44. How much a customer's own mean counts
# depends on how many purchases it rests on. On the grey line the prediction is the customer's own
# mean; a flat line would be the mean of all.

own = np.linspace(5, 120, 100)
figure, axes = plt.subplots(figsize=(7, 3.8), layout="constrained")
axes.plot(own, own, color="#b4bec7", lw=1)
colours = {1: "#68abc5", 3: "#2a7a9a", 10: "#0c5c7b"}
for purchases, colour in colours.items():
    history = pd.DataFrame({"frequency": purchases, "monetary_value": own})
    spend = model.expected_spend(history)
    axes.plot(own, spend, color=colour, lw=2)
    name = f"{purchases} purchase" + ("s" if purchases > 1 else "")
    axes.text(121, spend.iloc[-1], name, color=colour, va="center")
axes.set(xlabel="own mean so far, $", ylabel="expected mean spend, $", xlim=(0, 120), ylim=(0, 122))
axes.spines[["top", "right"]].set_visible(False)

# %%
# Does it help? Customers who bought in the holdout too, in five groups of equal size by their own
# mean before it.

known = customers[(customers["frequency"] > 0) & (customers["holdout_frequency"] > 0)]
group = pd.qcut(known["monetary_value"], 5, labels=False)
means = (
    pd.DataFrame(
        {
            "own mean": known["monetary_value"],
            "expected": model.expected_spend(known),
            "observed": known["holdout_monetary_value"],
        }
    )
    .groupby(group)
    .mean()
)

figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
at = np.arange(5)
axes.plot(at, means["own mean"], color="#b4bec7", lw=2, label="own mean before the holdout")
axes.plot(at, means["expected"], color="#0b6a8c", lw=2, label="expected by the model")
axes.plot(at, means["observed"], "o", color="#1b2127", ms=6, label="observed in the holdout")
axes.set_xticks(at, ["lowest fifth", "2nd", "3rd", "4th", "highest fifth"])
axes.set(ylabel="mean spend, $", ylim=(0, None), xlabel="customers by their own mean")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)

# %%
# Check the assumption
# --------------------
# Spend must not depend on frequency. A correlation near zero is what you hope for:

model.independence_check(customers).round(3)

# %%
# Where it is not near zero, make the frequency a covariate of spend. A positive coefficient says
# that who buys more often also spends more on each purchase.

aware = GammaGamma(covariates=("frequency",)).fit(customers)
aware.confint().assign(estimate=[*aware.params_, *aware.coef_]).round(3)

# %%
pd.DataFrame(
    {
        "log-likelihood": [model.log_likelihood_, aware.log_likelihood_],
        "AIC": [model.aic_, aware.aic_],
    },
    index=["without", "with frequency"],
).round(1)

# %%
# Limits
# ------
# * Only positive means. Refunds are netted before, by :class:`~custvalue.transactions.RFMSummary`.
# * With q <= 1 a few customers spend so much that the mean of all does not exist. Prediction is
#   then refused: look for wholesale customers among the rest and model them apart.
# * The mean of a customer does not change with time.
# * All customers have the same spread around their mean, relative to it.
