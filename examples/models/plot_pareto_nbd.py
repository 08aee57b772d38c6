"""
Pareto/NBD: customers leave at any time
=======================================

The model that began the family, of Schmittlein, Morrison and Colombo,
:class:`~custvalue.lifetime.ParetoNBD`.
"""

# %%
# When to use it
# --------------
# Customers leave by the calendar and not by their purchases: they move away, lose interest, find
# another shop. One-time buyers get a P(alive) below 1. Choose it too when a long horizon matters,
# since it says how long customers stay in units of time.

# %%
# The story
# ---------
# * While active, a customer buys at random at a rate :math:`\lambda \sim \text{Gamma}(r, \alpha)`.
# * The customer stays for an exponential time with a rate :math:`\mu` of their own,
#   :math:`\mu \sim \text{Gamma}(s, \beta)`. Over all customers the time is Pareto distributed: the
#   share still active after :math:`t` is :math:`S(t) = (\beta / (\beta + t))^s`.
# * The two rates have nothing to do with each other.

# %%
# The formulas
# ------------
# The customer was active at :math:`T`, or left at some time :math:`y` between :math:`t_x` and
# :math:`T`:
#
# .. math::
#
#    L = \frac{\Gamma(r + x)}{\Gamma(r)} \alpha^r \left[ \frac{S(T)}{(\alpha + T)^{r + x}}
#        + \int_{t_x}^{T} \frac{-S'(y)}{(\alpha + y)^{r + x}} \, dy \right].
#
# Note 009 of Fader and Hardie writes the integral with two hypergeometric functions (eq. 18 to 20).
# P(alive) is the share of the first term (eq. 36). Given that the customer is active, the purchases
# to expect within :math:`t` are (eq. 41)
#
# .. math::
#
#    \frac{r + x}{\alpha + T} \int_0^t \frac{S(T + u)}{S(T)} \, du
#    = \frac{(r + x)(\beta + T)}{(\alpha + T)(s - 1)}
#      \left[ 1 - \left( \frac{\beta + T}{\beta + T + t} \right)^{s - 1} \right].
#
# * D. C. Schmittlein, D. G. Morrison and R. Colombo (1987). Counting your customers: who are they
#   and what will they do next? *Management Science* 33(1), 1-24.
# * P. S. Fader and B. G. S. Hardie (2005). A note on deriving the Pareto/NBD model and related
#   expressions. brucehardie.com/notes/009.

# %%
# An example
# ----------
# The CDNOW customers, 39 weeks.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import ParetoNBD
from custvalue.plotting import HoldoutDisplay
from custvalue.transactions import calibration_holdout_split

customers = calibration_holdout_split(
    load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30"
)
model = ParetoNBD(horizon=39).fit(customers)
print(f"log-likelihood {model.log_likelihood_:.3f}")
model.confint().assign(estimate=model.params_).round(3)

# %%
# The published values are r = .553, alpha = 10.578, s = .606 and beta = 11.669, with a
# log-likelihood of -9594.976. The holdout:

_ = HoldoutDisplay.from_estimator(model, customers).plot()

# %%
# How long do customers stay? A customer just won has no history, so P(alive) some weeks ahead is
# the share of new customers who are still active then. Two others for comparison, both known for 39
# weeks.

weeks = np.arange(0, 105)
people = pd.DataFrame(
    {"frequency": [6, 6, 0], "recency": [36.0, 19.0, 0.0], "T": [39.0, 39.0, 0.0]},
    index=["6 purchases, 3 weeks silent", "6 purchases, 20 weeks silent", "just won"],
)
alive = pd.DataFrame({week: model.probability_alive(people, ahead=week) for week in weeks})

figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
colours = ["#0c5c7b", "#68abc5", "#b4bec7"]
for (name, line), colour in zip(alive.iterrows(), colours, strict=True):
    axes.plot(weeks, line, color=colour, lw=2, label=name)
axes.legend(frameon=False, loc="upper right")
axes.set(xlabel="weeks from now", ylabel="P(alive)", xlim=(0, 104), ylim=(0, 1.02))
axes.spines[["top", "right"]].set_visible(False)

# %%
# When will they buy next? The probability of at least one purchase within :math:`t` weeks is one
# minus that of none. ``next_purchase_quantile`` gives the week by which it reaches a level; inf
# where it never does.

bought = pd.DataFrame({week: 1 - model.purchase_probability(people, 0, week) for week in weeks})
figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
for (name, line), colour in zip(bought.iterrows(), colours, strict=True):
    axes.plot(weeks, line, color=colour, lw=2, label=name)
axes.legend(frameon=False, loc=(0.55, 0.58))
axes.set(xlabel="weeks from now", ylabel="P(bought again)", xlim=(0, 104), ylim=(0, 1.02))
axes.spines[["top", "right"]].set_visible(False)

# %%

levels = [0.1, 0.25, 0.5, 0.75]
pd.DataFrame({q: model.next_purchase_quantile(people, q) for q in levels}).round(1)

# %%
# What are the purchases of the remaining lifetime worth today? At 10 per cent a year:

rate = np.log(1.10) / (365.25 / 7)
model.discounted_expected_purchases(people, rate).round(2)

# %%
# Limits
# ------
# * Leaving has no memory: a customer of ten years is as likely to leave tomorrow as they were on
#   the first day, given their rate. Where customers wear out with age, see
#   :doc:`GG/NBD </gallery/models/plot_gamma_gompertz_nbd>`.
# * s and beta are hard to tell apart, and with few customers one of them may run away. The warning
#   then names the simpler model that is left; where s or beta goes to infinity with s / beta
#   steady, all customers leave at one rate, and where s goes to zero nobody leaves.
# * It takes longer to fit than the beta-geometric models: the likelihood of every row is an
#   integral.
# * The undiscounted expectation for ever is finite for s > 1 only.
