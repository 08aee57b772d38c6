"""
How sure is it? Standard errors and intervals
=============================================

Three questions that are often mixed: how sure are the *parameters*, how sure is the *expectation*
of a customer, and between which ends will what the customer *does* lie? Each has its own
interval.
"""

# %%
# The parameters
# --------------
# The CDNOW customers, with the amounts, 39 weeks; the 39 weeks after are kept back.

import matplotlib.pyplot as plt
import numpy as np

from custvalue.datasets import load_cdnow
from custvalue.lifetime import BetaGeoNBD, LifetimeValue
from custvalue.transactions import calibration_holdout_split

customers = calibration_holdout_split(
    load_cdnow(), calibration_end="1997-09-30", observation_end="1998-06-30", amount="amount"
)
model = BetaGeoNBD(horizon=39, random_state=1).fit(customers)
estimates = model.params_.to_frame().assign(standard_error=model.standard_errors_)
estimates.join(model.confint(0.90)).round(3)

# %%
# ``confint`` is symmetric on the log scale, so no lower end is negative. It rests on the curvature
# of the likelihood at its maximum, which is a good guide with thousands of customers.

# %%
# Draws from the posterior
# ------------------------
# With few customers, or parameters that are hard to tell apart, look at the whole likelihood.
# ``sample_posterior`` draws from it, under mild priors that do not depend on the unit of time.

model.sample_posterior(customers, n_draws=1000)
model.posterior_.quantile([0.05, 0.5, 0.95]).round(3)

# %%
# The draws come from an approximation whose tails are made heavier, weighted and drawn again.
# Whether that worked, the diagnostic says: the Pareto shape k must be at most 0.7. Above it a
# warning tells you not to trust the draws.

diagnostic = model.posterior_diagnostic_
print(f"Pareto k        {diagnostic.pareto_k:.2f}")
print(f"effective size  {diagnostic.effective_size:.0f}")
print("reliable       ", diagnostic.reliable)

# %%
# Here a and b are known badly one by one, and well together: dropout is a / (a + b) on average.

draws = model.posterior_
figure, axes = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
axes[0].scatter(draws["a"], draws["b"], s=8, color="#68abc5", lw=0, alpha=0.6)
axes[0].plot(*model.params_[["a", "b"]], "o", color="#1b2127", ms=7)
axes[0].annotate("estimate", model.params_[["a", "b"]], (12, -14), textcoords="offset points")
axes[0].set(xlabel="a", ylabel="b", xlim=(0, None), ylim=(0, None))
share = draws["a"] / (draws["a"] + draws["b"])
axes[1].hist(share, bins=30, color="#68abc5")
axes[1].set(xlabel="mean dropout probability, a / (a + b)", ylabel="draws")
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)

# %%
# What customers will do
# ----------------------
# ``predict_interval`` holds the number of purchases with the probability you ask for. It adds to
# the uncertainty of the parameters the chance in what a customer does, and chance is the larger
# part by far. With ``of="mean"`` it holds the expectation, without chance.

expected = model.predict(customers).rename("expected")
ends = model.predict_interval(customers, level=0.9, n_draws=500)
mean_ends = model.predict_interval(customers, level=0.9, of="mean", n_draws=500)
mean_ends = mean_ends.add_prefix("mean_")
table = customers[["frequency", "recency", "holdout_frequency"]].join([expected, ends, mean_ends])
table.drop(columns="recency")[table["frequency"] >= 5].head(6).round(2)

# %%
# Sixty customers with five and more repeat purchases, in the order of what is expected of them.
# Bars are 90 % intervals of the number of purchases; dots are what they bought in the 39 weeks that
# the model has not seen, hollow where they lie outside.

shown = table[table["frequency"] >= 5].sample(60, random_state=4).sort_values("expected")
at = np.arange(len(shown))
inside = shown["holdout_frequency"].between(shown["lower"], shown["upper"])
figure, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
axes.vlines(at, shown["lower"], shown["upper"], color="#cfe2ea", lw=5)
axes.plot(at, shown["expected"], color="#0b6a8c", lw=2)
axes.plot(at[inside], shown["holdout_frequency"][inside], "o", color="#1b2127", ms=4)
axes.plot(at[~inside], shown["holdout_frequency"][~inside], "o", mfc="white", mec="#1b2127", ms=5)
axes.set(xlabel="customers", ylabel="purchases in the holdout", xticks=[], xlim=(-1, 60))
axes.spines[["top", "right"]].set_visible(False)

# %%
covered = table["holdout_frequency"].between(table["lower"], table["upper"])
print(f"all customers: {covered.mean():.1%} within their interval")
print(f"with repeat purchases: {covered[table['frequency'] > 0].mean():.1%}")

# %%
# More than 90 per cent is no mistake. Purchases are whole numbers, and for most customers the
# smallest interval that holds 90 per cent, such as 0 to 1, holds more.

# %%
# Totals
# ------
# For a budget the sum matters. Chance evens out over customers, so the total is known much better
# than its parts, and here the parameters are the larger part of the uncertainty. Do not add up the
# ends of single intervals; ask for the total.

total = model.predict_interval(customers, level=0.9, total=True)
print(f"expected  {expected.sum():,.0f}")
print(f"interval  {total['lower'].iloc[0]:,.0f} to {total['upper'].iloc[0]:,.0f}")
print(f"observed  {customers['holdout_frequency'].sum():,.0f}")

# %%
# The customers bought more than the interval allows. It holds if the model is right; it does not
# know that the model may be wrong. A holdout does, so look at one.

# %%
# Value
# -----
# The same for money: the number of purchases, their times and their amounts.

value = LifetimeValue(attrition=BetaGeoNBD(), margin=0.3, horizon="12 months").fit(customers)
worth = value.predict(customers).to_frame()
worth = worth.join(value.predict_interval(customers, 0.9, n_draws=500, random_state=1))
worth.sort_values("value", ascending=False).head().round(0)

# %%
total = value.predict_interval(customers, 0.9, total=True, n_draws=500, random_state=1)
print(f"value of all customers  {worth['value'].sum():,.0f}")
print(f"90 % interval           {total['lower'].iloc[0]:,.0f} to {total['upper'].iloc[0]:,.0f}")
