"""
BG/NBD: customers leave after a purchase
========================================

The beta-geometric/NBD model of Fader, Hardie and Lee, :class:`~custvalue.lifetime.BetaGeoNBD`. It
is the default of this library.
"""

# %%
# When to use it
# --------------
# Customers buy when they like and never say that they leave. Most of them come back at least once,
# or those who bought once are judged by what they are expected to buy, not by P(alive). It is the
# quickest model to fit, so it is the one to start with, and with millions of customers often the
# one to stay with.

# %%
# The story
# ---------
# * While active, a customer buys at random at a rate :math:`\lambda` of their own. The rates differ
#   between customers as :math:`\text{Gamma}(r, \alpha)`, with mean :math:`r / \alpha`.
# * After each repeat purchase the customer leaves for good with a probability :math:`p` of their
#   own. These differ as :math:`\text{Beta}(a, b)`, with mean :math:`a / (a + b)`.
# * Rate and dropout have nothing to do with each other.

# %%
# The formulas
# ------------
# With :math:`x` repeat purchases, the last at :math:`t_x`, in the time :math:`T`, the likelihood of
# a customer is (eq. 6 of the paper)
#
# .. math::
#
#    L = \frac{B(a, b + x)}{B(a, b)} \frac{\Gamma(r + x)}{\Gamma(r)}
#        \frac{\alpha^r}{(\alpha + T)^{r + x}} \, [1 + O], \qquad
#    O = 1_{x > 0} \frac{a}{b + x - 1} \left(\frac{\alpha + T}{\alpha + t_x}\right)^{r + x},
#
# and :math:`P(\text{alive}) = 1 / (1 + O)`. The paper gives the probability of :math:`n` purchases
# of a new customer in eq. 8, their expectation in eq. 9, and that of a known customer in eq. 10.
# :doc:`/guides/mathematics` has them in the form that is computed here.
#
# * P. S. Fader, B. G. S. Hardie and K. L. Lee (2005). "Counting your customers" the easy way: an
#   alternative to the Pareto/NBD model. *Marketing Science* 24(2), 275-284.

# %%
# An example
# ----------
# The customers of the music shop CDNOW, who all bought for the first time in early 1997. The model
# sees 39 weeks; the 39 weeks after these are kept back.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import BetaGeoNBD
from custvalue.transactions import calibration_holdout_split

orders = load_cdnow()
customers = calibration_holdout_split(
    orders, calibration_end="1997-09-30", observation_end="1998-06-30"
)
model = BetaGeoNBD(horizon=39).fit(customers)
model.confint().assign(estimate=model.params_).round(3)

# %%
# The paper has r = 0.243, alpha = 4.414, a = 0.793 and b = 2.426. The first thing to look at is
# whether the fit can be trusted, and how many customers the model expects with 0, 1, 2, ... repeat
# purchases beside how many there are.

print(model.convergence_.message, "- sound:", model.convergence_.sound)

times, how_many = np.unique(customers["T"], return_counts=True)
counts = np.arange(7)
expected = sum(
    n * model.purchase_probability_new(counts, time)
    for time, n in zip(times, how_many, strict=True)
)
expected = np.append(expected, len(customers) - expected.sum())
observed = np.bincount(np.minimum(customers["frequency"], 7).astype(int))

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
at = np.arange(8)
axes.bar(at - 0.2, observed, width=0.38, color="#b4bec7", label="observed")
axes.bar(at + 0.2, expected, width=0.38, color="#0b6a8c", label="expected by the model")
axes.set_xticks(at, [*map(str, counts), "7+"])
axes.set(xlabel="repeat purchases in the calibration", ylabel="customers")
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)

# %%
# Now the weeks that the model has not seen. A customer who came on some day is expected to have
# made :math:`E[X(t)]` repeat purchases :math:`t` weeks later. Summed over all customers this is the
# curve to hold against the purchases that were recorded, to the end of June 1998.

visits = orders.drop_duplicates(["customer_id", "date"]).sort_values("date")
came = visits.groupby("customer_id")["date"].min()
repeats = visits["date"][visits.duplicated("customer_id")]

weeks = np.arange(79)
ends = pd.Timestamp("1997-01-01") + pd.to_timedelta(7 * weeks, unit="D")
recorded = np.array([(repeats <= end).sum() for end in ends])
curve = model.expected_purchases_new(weeks)
known_for = [np.maximum((end - came) / pd.Timedelta(weeks=1), 0) for end in ends]
foretold = np.array([np.interp(t, weeks, curve).sum() for t in known_for])

figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
axes.plot(weeks, recorded, color="#1b2127", lw=1.5)
axes.plot(weeks, foretold, color="#0b6a8c", lw=2)
axes.axvline(39, color="#b4bec7", lw=1, zorder=0)
axes.text(40, 90, "from here on not seen by the model", color="#5a6570")
axes.text(57, 3700, "recorded", color="#1b2127", ha="right")
axes.text(62, 3150, "expected", color="#0b6a8c")
axes.set(xlabel="week", ylabel="repeat purchases so far", xlim=(0, 78), ylim=(0, None))
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.spines[["top", "right"]].set_visible(False)

# %%
print(f"recorded after 78 weeks  {recorded[-1]:,}")
print(f"expected                 {foretold[-1]:,.0f}")

# %%
# Limits
# ------
# * A customer who never bought again is alive with certainty, because one can leave only after a
#   repeat purchase. :class:`~custvalue.lifetime.ModifiedBetaGeoNBD` mends that.
# * Somebody who buys often has many occasions to leave. Where leaving goes by the calendar and not
#   by purchases, :class:`~custvalue.lifetime.ParetoNBD` tells the better story.
# * Purchases come at random. Where they come like clockwork, ``regularity`` makes silence tell
#   more.
# * The rate of a customer does not change: no season, no trend, no campaign.
# * The number of purchases to expect for ever is infinite for a <= 1, as it is here. Discount, or
#   give a horizon.
