"""
Who buys more, who leaves sooner: covariates
============================================

What you know about customers besides their purchases, such as the channel that brought them or
their age, may change how fast they buy and how soon they leave. Name the columns and the model
learns by how much.
"""

# %%
# Customers with a channel and an age
# -----------------------------------
# Four thousand simulated customers, so that we know the truth. Those who came by the app buy
# faster, and leave sooner; with age people buy a little more slowly.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from custvalue.lifetime import BetaGeoNBD

rng = np.random.default_rng(2)
known = pd.DataFrame(
    {
        "channel": rng.choice(["app", "shop", "web"], size=4000, p=[0.3, 0.3, 0.4]),
        "age": rng.uniform(18, 75, size=4000).round(),
    }
)
numbers = pd.DataFrame(
    {
        "channel_app": (known["channel"] == "app").astype(float),
        "channel_web": (known["channel"] == "web").astype(float),
        "age": known["age"],
    }
)
truth = {
    ("purchase", "channel_app"): 0.7,
    ("purchase", "channel_web"): 0.3,
    ("purchase", "age"): -0.01,
    ("dropout", "channel_app"): 0.9,
    ("dropout", "channel_web"): 0.0,
}
maker = BetaGeoNBD.from_params({"r": 0.8, "alpha": 6.0, "a": 0.8, "b": 4.0}, coef=truth)
history = maker.simulate(4000, rng.uniform(26, 78, size=4000), random_state=1, X=numbers)
customers = history[["frequency", "recency", "T"]].join(known)
customers.head().round(1)

# %%
# Text into numbers
# -----------------
# The models read numbers. scikit-learn's encoders make them of categories: here one column for each
# channel but the first in alphabetical order that we choose to compare with, the shop. Tell the
# transformer to give pandas frames, so that columns keep their names, and choose them by name or by
# a pattern.

encode = make_column_transformer(
    (
        OneHotEncoder(categories=[["shop", "app", "web"]], drop="first", sparse_output=False),
        ["channel"],
    ),
    remainder="passthrough",
    verbose_feature_names_out=False,
).set_output(transform="pandas")

pipeline = make_pipeline(
    encode,
    BetaGeoNBD(
        purchase_covariates=make_column_selector("^channel_|^age$"),
        dropout_covariates=make_column_selector("^channel_"),
    ),
)
pipeline.fit(customers)
model = pipeline[-1]
model.coef_.round(3)

# %%
# Everything that a pipeline can do works with names as they were: new rows go in with their channel
# as text.

pipeline.predict(customers).head().round(2)

# %%
# What the coefficients mean
# --------------------------
# A positive coefficient of *purchase* buys faster: the rate is multiplied by :math:`e^{\gamma' z}`.
# A positive coefficient of *dropout* leaves sooner: in the beta-geometric models it is added to the
# logit of the mean dropout probability, in :class:`~custvalue.lifetime.ParetoNBD` and
# :class:`~custvalue.lifetime.GammaGompertzNBD` it multiplies the rate of leaving as above. The
# parameters are those of a customer whose covariates are all zero.

names = {f"{p}:{c}": f"{p}: {c.removeprefix('channel_')}" for p, c in truth}
names["purchase:age"] = "purchase: 10 years of age"
table = model.confint().loc[list(names)]
table["estimate"], table["truth"] = model.coef_.to_numpy(), list(truth.values())
table.loc["purchase:age"] *= 10

figure, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
rows = np.arange(len(table))[::-1]
axes.hlines(rows, table["lower"], table["upper"], color="#a0cadb", lw=6)
axes.plot(table["estimate"], rows, "o", color="#0b6a8c", ms=7, label="estimate, 95 % interval")
axes.plot(table["truth"], rows, "|", color="#1b2127", ms=16, mew=2, label="truth")
axes.axvline(0, color="#d9dee3", lw=1, zorder=0)
axes.set_yticks(rows, names.values())
axes.set(xlabel="coefficient", ylim=(-0.6, len(rows) - 0.4))
axes.legend(frameon=False, loc="lower right")
axes.spines[["top", "right", "left"]].set_visible(False)
axes.tick_params(axis="y", length=0)

# %%
# New customers
# -------------
# Of customers who have just come nothing is known but their covariates. What to expect of them in
# the first year, by channel and age:

ages = np.arange(18, 76)
figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
for channel, colour in {"app": "#0c5c7b", "web": "#2a7a9a", "shop": "#68abc5"}.items():
    new = pd.DataFrame({"channel": channel, "age": ages.astype(float)})
    new = encode.transform(new.assign(frequency=0.0, recency=0.0, T=0.0))
    expected = model.expected_purchases_new(52, X=new)
    axes.plot(ages, expected, color=colour, lw=2)
    axes.text(18.5, expected.iloc[0] + 0.06, channel, color=colour)
axes.set(xlabel="age", ylabel="repeat purchases in the first year", xlim=(18, 75), ylim=(0, 4.6))
axes.spines[["top", "right"]].set_visible(False)

# %%
# Customers of the app buy fastest, and yet bring fewer purchases in a year than those of the web:
# they leave too soon.

# %%
# Are they worth it?
# ------------------
# Each coefficient costs two points of AIC.

plain = BetaGeoNBD().fit(customers)
print(f"AIC without covariates {plain.aic_:,.1f}")
print(f"AIC with covariates    {model.aic_:,.1f}")

# %%
# Many covariates, few customers: shrink the coefficients with ``l2``. It acts on covariates that
# are standardised inside, so their units do not matter. A penalised fit keeps its likelihood, but
# it has no standard errors; ``sample_posterior`` takes the penalty for a prior and gives intervals.

few = encode.transform(customers.head(150))
pd.DataFrame(
    {
        f"l2 = {l2:g}": BetaGeoNBD(purchase_covariates=("channel_app", "channel_web", "age"), l2=l2)
        .fit(few)
        .coef_
        for l2 in (0.0, 10.0, 100.0)
    }
).round(3)

# %%
# Covariates are fixed: what a customer *is*, known from the first purchase. What changes on the
# way, a campaign or a season, does not belong there, and neither does anything that the purchases
# themselves have caused.
