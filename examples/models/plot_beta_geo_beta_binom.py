"""
BG/BB: purchases at regular opportunities
=========================================

The beta-geometric/beta-binomial model of Fader, Hardie and Shang,
:class:`~custvalue.lifetime.BetaGeoBetaBinomial`.
"""

# %%
# When to use it
# --------------
# There is an opportunity now and then, and each is taken or not: a yearly appeal for donations, a
# conference, the match of the month, a weekly box. It also fits what is recorded by period, "gave
# in 1998: yes", where nobody knows how often or when. And it fits in a moment however many
# customers there are, because few different histories are possible.

# %%
# The story
# ---------
# * Before each opportunity a customer leaves for good with a probability
#   :math:`\theta \sim \text{Beta}(\gamma, \delta)` of their own.
# * A customer who is still there takes the opportunity with a probability
#   :math:`p \sim \text{Beta}(\alpha, \beta)` of their own.
# * The two have nothing to do with each other.

# %%
# The formulas
# ------------
# Here :math:`x`, :math:`t_x` and :math:`n` count opportunities: how many were taken after the first
# purchase, which one was the last (0 for none), and how many there were. The customer was there at
# all :math:`n`, or left before opportunity :math:`t_x + i + 1` (eq. 5):
#
# .. math::
#
#    L = \frac{B(\alpha + x, \beta + n - x)}{B(\alpha, \beta)}
#        \frac{B(\gamma, \delta + n)}{B(\gamma, \delta)}
#        + \sum_{i=0}^{n - t_x - 1} \frac{B(\alpha + x, \beta + t_x - x + i)}{B(\alpha, \beta)}
#        \frac{B(\gamma + 1, \delta + t_x + i)}{B(\gamma, \delta)} .
#
# P(alive) is the share of the first term (eq. A10). The probability of :math:`x` purchases of a new
# customer is eq. 8, their expectation eq. 9, that of a known customer eq. 13, discounted eq. 14.
#
# * P. S. Fader, B. G. S. Hardie and J. Shang (2010). Customer-base analysis in a discrete-time
#   noncontractual setting. *Marketing Science* 29(6), 1086-1108.

# %%
# An example
# ----------
# The 11,104 people who gave to a non-profit organisation for the first time in 1995, and whether
# they gave in each of the six years after. There are 22 different histories; ``weight`` says how
# many people have each.

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from custvalue.datasets import load_donations
from custvalue.lifetime import BetaGeoBetaBinomial

donors = load_donations()
people = donors["weight"]
model = BetaGeoBetaBinomial(horizon=5, time_unit="year").fit(donors, sample_weight=people)
print(f"log-likelihood {model.log_likelihood_:,.2f}")
model.confint().assign(estimate=model.params_).round(3)

# %%
# The literature has alpha = 1.204, beta = 0.750, gamma = 0.657, delta = 2.784 and a log-likelihood
# of -33,225.58. In how many of the six years did people give?

counts = np.arange(7)
observed = people.groupby(donors["frequency"]).sum()
expected = people.sum() * model.purchase_probability_new(counts, 6)

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.bar(counts - 0.2, observed, width=0.38, color="#b4bec7", label="observed")
axes.bar(counts + 0.2, expected, width=0.38, color="#0b6a8c", label="expected by the model")
axes.set(xlabel="years with a gift, of six", ylabel="people", xticks=counts)
axes.yaxis.set_major_formatter("{x:,.0f}")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)

# %%
# Who will go on giving?
# ^^^^^^^^^^^^^^^^^^^^^^
# Gifts to expect in the five years ahead, for every history. Read along a row: of two people who
# gave in four years, the one who gave lately is worth far more. Read up the last column: with a
# gift in the last year, often is better than seldom. In the columns before, it may be worse: who
# gave every year and then stopped is more surely gone than somebody who skips years.

grid = donors.assign(gifts=model.predict(donors)).pivot(
    index="frequency", columns="recency", values="gifts"
)
figure, axes = plt.subplots(figsize=(6.4, 3.9), layout="constrained")
shades = LinearSegmentedColormap.from_list("shades", ["#eef4f7", "#68abc5", "#0c5c7b"])
axes.pcolormesh(grid, cmap=shades, vmin=0, vmax=4, edgecolors="white", linewidth=1.5)
for (row, column), value in np.ndenumerate(grid.to_numpy()):
    if np.isfinite(value):
        ink = "white" if value > 2.5 else "#1b2127"
        axes.text(column + 0.5, row + 0.5, f"{value:.2f}", ha="center", va="center", color=ink)
axes.set_xticks(np.arange(7) + 0.5, ["none", *range(1996, 2002)])
axes.set_yticks(np.arange(7) + 0.5, range(7))
axes.set(xlabel="year of the last gift", ylabel="years with a gift")
axes.tick_params(length=0)
axes.spines[:].set_visible(False)

# %%
# Are they still donors? Alive means not to have left before the *last* opportunity, so that
# somebody who gave in 2001 is alive with certainty. For the next one, look one ahead:

three = donors.loc[[0, 9, 21], ["frequency", "recency", "T"]]
three.assign(
    alive_2001=model.probability_alive(three), alive_2002=model.probability_alive(three, ahead=1)
).round(2)

# %%
# Five years later
# ^^^^^^^^^^^^^^^^
# What these people gave in 2002 to 2006 is not in the data, but the means by frequency are
# published (in the guide of the R package BTYD). Against them:

published = [0.1743649, 0.4328031, 0.8125874, 1.389862, 2.061776, 2.642521, 3.534497]
gifts = model.predict(donors)
foretold = [
    np.average(gifts[donors["frequency"] == x], weights=people[donors["frequency"] == x])
    for x in counts
]

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(counts, foretold, color="#0b6a8c", lw=2, label="expected by the model")
axes.plot(counts, published, "o", color="#1b2127", ms=6, label="observed, 2002 to 2006")
axes.set(
    xlabel="years with a gift, 1996 to 2001",
    ylabel="gifts per person in five years",
    ylim=(0, None),
)
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)

# %%
total = (gifts * people).sum()
print(f"gifts expected in five years: {total:,.1f}")

# %%
# Limits
# ------
# * One purchase at an opportunity at most. Where people often buy twice within a period, take
#   shorter periods or a model of continuous time.
# * Opportunities must be the same for all: who was not asked is not silent.
# * Times, horizons and ``ahead`` count opportunities; of a fraction of one nothing happens.
# * The number of purchases to expect for ever is infinite for gamma <= 1, as it is here.
