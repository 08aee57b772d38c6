"""
NBD: nobody leaves
==================

The negative binomial model of Ehrenberg, :class:`~custvalue.lifetime.NBD`: the baseline of the
family.
"""

# %%
# When to use it
# --------------
# To see what dropout is worth: a model with dropout that does not beat this one has found none. As
# a model of its own it suits short times, and goods that people go on buying: bread, petrol.

# %%
# The story
# ---------
# Every customer buys at random at a rate :math:`\lambda \sim \text{Gamma}(r, \alpha)`, for ever.

# %%
# The formulas
# ------------
# The likelihood is the density of the purchase *times*,
#
# .. math:: L = \frac{\Gamma(r + x)}{\Gamma(r)} \frac{\alpha^r}{(\alpha + T)^{r + x}},
#
# and not the probability of the count, which has the further factor :math:`T^x / x!`. So its
# log-likelihood and AIC can be compared with those of the other models. When a customer bought last
# does not matter. The purchases to expect within :math:`t` are
#
# .. math:: E[X(T, T + t) \mid x, T] = \frac{r + x}{\alpha + T} \, t,
#
# P(alive) is 1, and the number of purchases within :math:`t` is negative binomial.
#
# * A. S. C. Ehrenberg (1959). The pattern of consumer purchases. *Applied Statistics* 8(1), 26-41.
# * D. G. Morrison and D. C. Schmittlein (1988). Generalizing the NBD model for customer purchases:
#   what are the implications and is it worth the effort? *Journal of Business and Economic
#   Statistics* 6(2), 145-159.

# %%
# An example
# ----------
# The CDNOW customers, 39 weeks to learn from and 39 to foretell, beside a model in which customers
# leave.

import matplotlib.pyplot as plt
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.lifetime import NBD, BetaGeoNBD
from custvalue.plotting import HoldoutDisplay
from custvalue.transactions import calibration_holdout_split

customers = calibration_holdout_split(
    load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30"
)
models = {"NBD": NBD(horizon=39).fit(customers), "BG/NBD": BetaGeoNBD(horizon=39).fit(customers)}
table = pd.DataFrame(
    {
        "log-likelihood": [model.log_likelihood_ for model in models.values()],
        "AIC": [model.aic_ for model in models.values()],
        "holdout purchases": [model.predict(customers).sum() for model in models.values()],
    },
    index=list(models),
)
table.loc["observed", "holdout purchases"] = customers["holdout_frequency"].sum()
table.round(1)

# %%
# Customers do not go on as in their first months: NBD expects far too much of those who bought
# often.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained", sharey=True)
for ax, (name, model) in zip(axes, models.items(), strict=True):
    HoldoutDisplay.from_estimator(model, customers).plot(ax=ax)
    ax.set_title(name, color="#1b2127")
axes[0].set_ylim(-0.5, 15)
_ = axes[0].set_yticks([0, 4, 8, 12])

# %%
# Limits
# ------
# * The longer the horizon, the more it overstates. Expectations grow in proportion to the time.
# * It cannot say whether a customer is still one.
# * :class:`~custvalue.lifetime.BetaGeoNBD`, :class:`~custvalue.lifetime.ModifiedBetaGeoNBD` and
#   :class:`~custvalue.lifetime.ParetoNBD` become it where dropout goes to zero. Their
#   ``convergence_`` then says ``NBD: nobody ever leaves``.
