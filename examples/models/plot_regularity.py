"""
CNBD-k: customers who buy like clockwork
========================================

BG/CNBD-k and MBG/CNBD-k of Reutterer, Platzer and Schröder: ``regularity`` of
:class:`~custvalue.lifetime.BetaGeoNBD` and :class:`~custvalue.lifetime.ModifiedBetaGeoNBD`.
"""

# %%
# When to use it
# --------------
# What you sell is used up and bought again: pet food, contact lenses, coffee. The times between two
# purchases of a customer are then more even than chance would have them, and a customer who is a
# week overdue tells more than the models of chance believe.

# %%
# The story
# ---------
# That of :doc:`BG/NBD </gallery/models/plot_beta_geo_nbd>` or
# :doc:`MBG/NBD </gallery/models/plot_modified_beta_geo_nbd>`, but the time between two purchases of
# a customer is Erlang distributed: the sum of :math:`k` exponential times with the customer's rate
# :math:`\lambda`. Its mean is :math:`k / \lambda` and its spread :math:`1 / \sqrt{k}` of the mean.
# :math:`k = 1` is chance, and :math:`k` is the same for all customers.

# %%
# The formulas
# ------------
# What is known of a customer is :math:`x`, :math:`t_x`, :math:`T` and, for :math:`k > 1`, the sum
# of the logarithms of the times between purchases, :math:`\ell`. With :math:`d = x` passed
# occasions to leave (:math:`x + 1` for MBG/CNBD-k),
#
# .. math::
#
#    L = \frac{e^{(k - 1) \ell}}{(k - 1)!^{\,x}} \, \frac{B(a, b + d)}{B(a, b)} \,
#        \frac{\Gamma(r + k x)}{\Gamma(r)} \frac{\alpha^r}{(\alpha + T)^{r + k x}}
#        \left[ \sum_{j=0}^{k-1} \frac{(r + k x)_j}{j!}
#        \left( \frac{T - t_x}{\alpha + T} \right)^j
#        + \frac{a}{b + d - 1} \left( \frac{\alpha + T}{\alpha + t_x} \right)^{r + k x} \right],
#
# the last term only where :math:`d > 0`. The sum is the probability that the running time between
# purchases is not yet over, phase by phase. With :math:`k = 1` it is 1, and what is left is BG/NBD
# or MBG/NBD.
#
# For the expected purchases the paper gives an approximation. Here they are an exact series over
# the phases; see :doc:`/guides/mathematics`.
#
# * T. Reutterer, M. Platzer and N. Schröder (2021). Leveraging purchase regularity for predicting
#   customer behavior the easy way. *International Journal of Research in Marketing* 38(1), 194-215.

# %%
# An example
# ----------
# Two thousand simulated customers of a coffee roaster: Erlang-4 times between purchases, and after
# each purchase a chance to leave. The orders of one and a half years, and half a year to foretell.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import BetaGeoNBD
from custvalue.transactions import RFMSummary, calibration_holdout_split

rng = np.random.default_rng(11)
n, most = 2000, 80
rate = rng.gamma(3.0, 1 / 5.0, size=n)
leaves_after = rng.geometric(rng.beta(1.0, 9.0, size=n))
gaps = rng.gamma(4, 1 / rate[:, None], size=(n, most))
weeks = rng.uniform(0, 26, size=n)[:, None] + np.c_[np.zeros(n), gaps.cumsum(axis=1)]
made = (np.arange(most + 1) <= leaves_after[:, None]) & (weeks < 104)
orders = pd.DataFrame(
    {
        "customer_id": np.nonzero(made)[0],
        "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(7 * weeks[made], unit="D"),
    }
)
orders["date"] = orders["date"].dt.floor("D")
print(f"{len(orders):,} orders")

# %%
# The summary needs one more column, ``log_interval_sum``: an ``extra`` of
# :class:`~custvalue.transactions.RFMSummary` and of
# :func:`~custvalue.transactions.calibration_holdout_split`. Only ``fit`` reads it; predictions do
# without.

customers = calibration_holdout_split(
    orders,
    calibration_end="2025-06-29",
    observation_end="2025-12-28",
    extra=("log_interval_sum",),
)
customers.head(3).round(2)

# %%
# ``regularity="auto"`` tries k from 1 to 12 and keeps the one of highest likelihood. The picture
# shows what each would have been.

model = BetaGeoNBD(regularity="auto", horizon=26).fit(customers)
print("regularity", model.regularity_)
model.confint().assign(estimate=model.params_).round(3)

# %%
tried = range(1, 9)
fits = {k: BetaGeoNBD(regularity=k, horizon=26).fit(customers) for k in tried}
gain = [fits[k].log_likelihood_ - fits[1].log_likelihood_ for k in tried]
figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
colours = ["#0b6a8c" if k == model.regularity_ else "#b4bec7" for k in tried]
bars = axes.bar(tried, gain, color=colours, width=0.7)
axes.bar_label(bars, labels=[f"{value:+,.0f}" for value in gain], padding=3)
axes.margins(y=0.12)
axes.set(xlabel="regularity k", ylabel="log-likelihood, against k = 1")
axes.set_xticks(tried)
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.spines[["top", "right"]].set_visible(False)

# %%
# What silence tells
# ^^^^^^^^^^^^^^^^^^
# Somebody has bought every five weeks, ten times. How probable is it, week by week, that they are
# still customers? For the model of chance ten weeks of silence are nothing to worry about.

silence = np.linspace(0, 26, 79)
history = pd.DataFrame({"frequency": 10, "recency": 50.0, "T": 50.0 + silence})
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(silence, fits[1].probability_alive(history), color="#b4bec7", lw=2)
axes.plot(silence, model.probability_alive(history), color="#0b6a8c", lw=2)
axes.axvline(5, color="#d9dee3", lw=1, zorder=0)
axes.text(5.2, 0.03, "usual gap", color="#5a6570")
axes.text(17, 0.68, "purchases by chance, k = 1", color="#5a6570")
axes.text(11.3, 0.48, f"regular purchases, k = {model.regularity_}", color="#0b6a8c")
axes.set(xlabel="weeks since the last purchase", ylabel="P(alive)", xlim=(0, 26), ylim=(0, 1.02))
axes.spines[["top", "right"]].set_visible(False)

# %%
# The half year ahead
# ^^^^^^^^^^^^^^^^^^^
# Each customer's purchases in the half year that the models have not seen:

bought = customers["holdout_frequency"]
rows = {}
for k, fitted in {1: fits[1], model.regularity_: model}.items():
    expected = fitted.predict(customers)
    rows[f"k = {k}"] = {
        "mean absolute error": (expected - bought).abs().mean(),
        "expected in total": expected.sum(),
        "observed in total": bought.sum(),
    }
pd.DataFrame(rows).T.round(2)

# %%
# Music is bought at random
# ^^^^^^^^^^^^^^^^^^^^^^^^^
# On the CDNOW customers the same search finds no regularity:

cdnow = RFMSummary(observation_end="1997-09-30", extra=("log_interval_sum",))
print(
    "regularity", BetaGeoNBD(regularity="auto").fit(cdnow.fit_transform(load_cdnow())).regularity_
)

# %%
# Limits
# ------
# * One k for all customers: some are more regular than others.
# * k is chosen, not estimated. Standard errors, AIC and intervals take it as known.
# * The calendar makes regularity too: purchases that are counted by day cannot be closer than a
#   day, and weekend shoppers buy every seven days.
