"""
GG/NBD: customers wear out
==========================

The Gamma-Gompertz/NBD model of Bemmaor and Glady, :class:`~custvalue.lifetime.GammaGompertzNBD`.
"""

# %%
# When to use it
# --------------
# You have reason to think that the risk to leave grows with the age of the relation: children
# outgrow a shop, a machine is used up, a fashion passes. It needs customers who were observed for
# long, in numbers; on short histories it cannot be told from
# :class:`~custvalue.lifetime.ParetoNBD`, which is contained in it.

# %%
# The story
# ---------
# * While active, a customer buys at random at a rate :math:`\lambda \sim \text{Gamma}(r, \alpha)`.
# * The risk to leave grows as :math:`\eta \, b \, e^{b t}` with the time :math:`t` since the first
#   purchase (a Gompertz lifetime); :math:`b` is the same for all customers and
#   :math:`\eta \sim \text{Gamma}(s, \beta)` is their own.
#
# Over all customers the share still active after :math:`t` is
#
# .. math:: S(t) = \left( \frac{\beta}{\beta - 1 + e^{b t}} \right)^s ,
#
# whose density may have its peak at the start or later. For :math:`b \to 0` with :math:`\beta / b`
# kept, it becomes that of Pareto/NBD with :math:`\beta / b` for :math:`\beta`.

# %%
# The formulas
# ------------
# Likelihood, P(alive) and expectations are the integrals of
# :doc:`Pareto/NBD </gallery/models/plot_pareto_nbd>` with this :math:`S`; they have no closed form.
# For the purchases to expect of a known customer we follow the correction of Adler, not the paper.
#
# * A. C. Bemmaor and N. Glady (2012). Modeling purchasing behavior with sudden "death": a flexible
#   customer lifetime model. *Management Science* 58(5), 1012-1021.
# * J. Adler (2022). Comment on "Modeling purchasing behavior with sudden 'death'". *Management
#   Science* 69(3), 1929-1930.

# %%
# An example
# ----------
# Three thousand simulated customers, known for one to three years. They rarely leave in the first
# months, and then soon.

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from custvalue.datasets import load_cdnow
from custvalue.exceptions import ConvergenceWarning
from custvalue.lifetime import GammaGompertzNBD, ParetoNBD
from custvalue.transactions import RFMSummary

truth = GammaGompertzNBD.from_params({"r": 1.2, "alpha": 8.0, "b": 0.06, "s": 0.9, "beta": 30.0})
known_for = np.random.default_rng(3).uniform(52, 156, size=3000)
customers = truth.simulate(3000, known_for, random_state=1)

flexible = GammaGompertzNBD().fit(customers)
flexible.confint().assign(estimate=flexible.params_, truth=truth.params_).round(3)

# %%
# Over all Pareto/NBD customers the risk to leave can only fall with time. Here it grows. The
# nearest that Pareto/NBD comes to that is one rate of leaving for everybody, a limit to which s and
# beta run. ``fit`` warns of it; here we want to go on and read what ``convergence_`` says.

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    pareto = ParetoNBD().fit(customers)
print("at the boundary", pareto.convergence_.at_boundary)
print("has become     ", pareto.convergence_.limiting_model)

# %%
# The likelihood knows which is better. One more parameter pays when it lowers AIC:

pd.DataFrame(
    {
        "log-likelihood": [pareto.log_likelihood_, flexible.log_likelihood_],
        "AIC": [pareto.aic_, flexible.aic_],
    },
    index=["Pareto/NBD", "GG/NBD"],
).round(1)

# %%
# How long do new customers stay? Nothing is known of a customer just won, so P(alive) some weeks
# ahead is the share of new customers who are still there then.

weeks = np.arange(0, 157, 2)
new = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0]})


def still_there(model):
    return [model.probability_alive(new, ahead=week).iloc[0] for week in weeks]


figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
axes.plot(weeks, still_there(pareto), color="#b4bec7", lw=2)
axes.plot(weeks, still_there(flexible), color="#0b6a8c", lw=2)
axes.plot(weeks, still_there(truth), color="#1b2127", lw=1.5, ls=(0, (1, 1.5)))
axes.text(45, 0.8, "GG/NBD, and the truth (dotted)", color="#0b6a8c")
axes.text(4, 0.55, "Pareto/NBD", color="#5a6570")
axes.set(xlabel="weeks since the first purchase", ylabel="share of customers still there")
axes.set(xlim=(0, 156), ylim=(0, 1.02))
axes.spines[["top", "right"]].set_visible(False)

# %%
# And where customers do not wear out?
# ------------------------------------
# The CDNOW customers, 39 weeks. The risk to leave does not grow, b and beta run to zero, and what
# is left is Pareto/NBD.

cdnow = RFMSummary(observation_end="1997-09-30").fit_transform(load_cdnow())
with warnings.catch_warnings():
    warnings.simplefilter("ignore", ConvergenceWarning)
    collapsed = GammaGompertzNBD().fit(cdnow)

print("at the boundary    ", collapsed.convergence_.at_boundary)
print("has become         ", collapsed.convergence_.limiting_model)
print(f"log-likelihood      {collapsed.log_likelihood_:.3f}")
print(f"that of Pareto/NBD  {ParetoNBD().fit(cdnow).log_likelihood_:.3f}")
print(f"beta / b            {collapsed.params_['beta'] / collapsed.params_['b']:.2f}")

# %%
# Predictions may be used as they are; b and beta mean nothing one by one.

# %%
# Limits
# ------
# * Five parameters ask for many customers and long observation. Look at ``convergence_`` and at the
#   interval of b before believing in ageing.
# * All customers age at the same b.
# * It is the slowest model of the family: every row costs integrals.
