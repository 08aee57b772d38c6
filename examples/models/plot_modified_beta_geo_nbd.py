"""
MBG/NBD: customers may leave after the first purchase
=====================================================

The modified BG/NBD model of Batislam, Denizel and Filiztekin,
:class:`~custvalue.lifetime.ModifiedBetaGeoNBD`.
"""

# %%
# When to use it
# --------------
# Many customers buy once and never come back, and you want a P(alive) for them that says so. It is
# as quick as :class:`~custvalue.lifetime.BetaGeoNBD`, and what it expects of those who came back is
# much the same; what differs is the verdict on one-time buyers.

# %%
# The story
# ---------
# That of BG/NBD with one change: the customer may leave after *every* purchase, the first one too.
# So some customers never had the intention to come back.
#
# * While active, a customer buys at random at a rate :math:`\lambda \sim \text{Gamma}(r, \alpha)`.
# * After each purchase, the first included, they leave with a probability
#   :math:`p \sim \text{Beta}(a, b)`.

# %%
# The formulas
# ------------
# A customer of :math:`x` repeat purchases has passed :math:`x + 1` occasions to leave:
#
# .. math::
#
#    L = \frac{B(a, b + x + 1)}{B(a, b)} \frac{\Gamma(r + x)}{\Gamma(r)}
#        \frac{\alpha^r}{(\alpha + T)^{r + x}} \, [1 + O], \qquad
#    O = \frac{a}{b + x} \left(\frac{\alpha + T}{\alpha + t_x}\right)^{r + x},
#
# and :math:`P(\text{alive}) = 1 / (1 + O)`, for one-time buyers too. A customer who is alive after
# :math:`x` repeat purchases is one of BG/NBD with :math:`b + 1` in place of :math:`b`, and so is a
# new customer, who stays after the first purchase with probability :math:`b / (a + b)`. All
# expectations follow from that.
#
# * E. P. Batislam, M. Denizel and A. Filiztekin (2007). Empirical validation and comparison of
#   models for customer base analysis. *International Journal of Research in Marketing* 24(3),
#   201-209.
# * D. Hoppe and U. Wagner (2007) (the same model). Customer base analysis: the case for a central
#   variant of the betageometric/NBD model. *Marketing - Journal of Research and Management* 3(2),
#   75-90.

# %%
# An example
# ----------
# The CDNOW customers. More than half of them did not buy again within the 39 weeks that the models
# see.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import BetaGeoNBD, ModifiedBetaGeoNBD
from custvalue.plotting import HoldoutDisplay
from custvalue.transactions import calibration_holdout_split

customers = calibration_holdout_split(
    load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30"
)
modified = ModifiedBetaGeoNBD(horizon=39).fit(customers)
original = BetaGeoNBD(horizon=39).fit(customers)
modified.confint().assign(estimate=modified.params_).round(3)

# %%
# The literature prints r = .525, alpha = 6.183, a = .891 and b = 1.614.
#
# What the two models make of silence: customers whose purchases came in the first ten weeks, and
# who have not been seen since.

silence = np.arange(0, 53)
colours = {0: "#b4bec7", 1: "#68abc5", 4: "#0c5c7b"}
figure, axes = plt.subplots(1, 2, figsize=(8, 3.5), layout="constrained", sharey=True)
for ax, model, name in zip(axes, [original, modified], ["BG/NBD", "MBG/NBD"], strict=True):
    for purchases, colour in colours.items():
        last = 10.0 if purchases else 0.0
        history = pd.DataFrame({"frequency": purchases, "recency": last, "T": last + silence})
        label = f"{purchases} repeat purchase" + ("" if purchases == 1 else "s")
        ax.plot(silence, model.probability_alive(history), color=colour, lw=2, label=label)
    ax.set(title=name, xlabel="weeks without a purchase", xlim=(0, 52), ylim=(0, 1.02))
    ax.spines[["top", "right"]].set_visible(False)
axes[0].set_ylabel("P(alive)")
_ = axes[1].legend(frameon=False, loc="upper right")

# %%
# In BG/NBD the line of those who bought once stays at 1. In MBG/NBD it starts at
# :math:`b / (a + b)`, the chance not to leave at once, and falls from there.
#
# The two fit equally well. For the holdout MBG/NBD expects a little less, and both expect too
# little:

table = pd.DataFrame(
    {
        "log-likelihood": [original.log_likelihood_, modified.log_likelihood_],
        "P(alive), one-time buyers": [
            model.probability_alive(customers[customers["frequency"] == 0]).mean()
            for model in (original, modified)
        ],
        "holdout purchases": [model.predict(customers).sum() for model in (original, modified)],
    },
    index=["BG/NBD", "MBG/NBD"],
)
table.loc["observed", "holdout purchases"] = customers["holdout_frequency"].sum()
table.round(2)

# %%
# Mean purchases in the holdout, by the number of repeat purchases before it:

_ = HoldoutDisplay.from_estimator(modified, customers).plot()

# %%
# Limits
# ------
# * Dropout still happens at purchases only: after the first one it is the silence that tells, and a
#   customer who buys seldom gives few occasions to learn from.
# * The share of customers who leave at once and the later dropout share one distribution. Where a
#   promotion brought bargain hunters, the two may differ; a covariate that says who came by
#   promotion helps (:doc:`/gallery/plot_covariates`).
# * For the rest, the limits are those of :doc:`BG/NBD </gallery/models/plot_beta_geo_nbd>`.
