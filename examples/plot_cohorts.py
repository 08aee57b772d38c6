"""
Tables of cohorts, and how they go on
=====================================

A table of cohorts shows what the customers who came in one quarter did in the quarters after.
It is the most used picture of retention and the most often misread one. This example makes such a
table from orders, reads it, and projects its young rows. It uses
:class:`~custvalue.transactions.CohortTable` and :class:`~custvalue.retention.CohortRetention`.
"""

# %%
# From orders to the table
# ------------------------
# The orders are simulated; 6000 customers come until the middle of 2024, and we stand at the end of
# September 2024. What comes after that we keep to judge by.

import numpy as np
import pandas as pd

from custvalue.datasets import make_orders
from custvalue.plotting import CohortDisplay, ProjectionDisplay
from custvalue.retention import CohortRetention, ShiftedBetaGeo
from custvalue.transactions import CohortTable

orders = make_orders(
    6000,
    start="2023-01-01",
    observation_end="2025-12-31",
    params={"r": 1.2, "alpha": 12.0, "a": 1.0, "b": 9.0},
    random_state=1,
)
today = orders[orders["date"] < "2024-10-01"]
table = CohortTable(period="quarter", observation_end="2024-09-30").fit_transform(today)
table.head(10)

# %%
# A row is a cohort: the customers whose first order lies in the quarter that begins on this day.
# Column 0 is how many they are, column 1 how many of them ordered in the quarter after, and so on.
# What lies ahead is *missing*. Were it 0, every average over the rows would be too low. The last
# cohort is small, since customers stopped coming just then.

_ = CohortDisplay.from_table(table, relative=True).plot()

# %%
# Reading it
# ----------
# The average over the cohorts that are old enough weighs each by its size. Other cohorts are behind
# each age, so that ``share`` may rise where none of them does; ``chained`` multiplies the steps
# from age to age, each over the cohorts that have made it.
#
# ``kind`` says what a cell is. Here it counts *activity*: who does not order in one quarter may
# order in the next. With contracts it is *survival*: who has left stays away.

cohorts = CohortRetention(kind="activity", horizon=4, random_state=0).fit(table)
cohorts.average_.round(3)

# %%
# Two things are told apart: whether a customer is still there, which ends once and for all, and the
# chance that one who is there orders in a quarter.

cohorts.params_.round(2)

# %%
# How the rows go on
# ------------------
# ``project`` gives the customers, or their share, at every age, with a band of 90 %.

projection = cohorts.project(of="share")
chosen = table.index[[0, 3, 5]]
_ = ProjectionDisplay.from_projection(projection, chosen, time_unit="quarter").plot()

# %%
# Now the truth: of what came after September 2024, how much lies in the bands?

later = CohortTable(period="quarter", observation_end="2025-12-31").fit_transform(orders)
came = later.rename_axis("age", axis=1).stack().dropna().rename("came").reset_index()
came["age"] = came["age"].astype(int)


def judged(fitted):
    """Return the projection of the cells ahead beside what came."""
    ahead = fitted.project().query("observed.isna()").drop(columns="observed")
    cells = ahead.merge(came, on=["cohort", "age"])
    return cells.assign(inside=cells["came"].between(cells["lower"], cells["upper"]))


cells = judged(cohorts)
print(f"{cells['inside'].sum()} of {len(cells)} cells inside")
cells.groupby("cohort")[["estimate", "came"]].sum().round(0)

# %%
# With ``random_state`` 1 to 10 for the orders, 31 to 34 of the 34 are inside, more than nine of
# ten: the bands are rather too wide than too narrow.
#
# What if we had taken the same table for one of contracts? Then all who did not order in a quarter
# are gone for good, and those who are left look far too loyal.

mistaken = judged(CohortRetention(kind="survival", horizon=4, random_state=0).fit(table))
print(f"{mistaken['inside'].sum()} of {len(mistaken)} cells inside")
mistaken.groupby("cohort")[["estimate", "came"]].sum().round(0)

# %%
# Why rows learn from each other
# ------------------------------
# The youngest row has one cell or none, and nobody can draw a curve through one point. There are
# two simple ways out, both bad. *None*: each row by itself, which says wild things of young rows.
# *Complete*: one curve for all, which says of a bad month that it will be like the others.
# *Partial* pooling lies between. It learns from the old rows how much rows differ, and lets each
# speak for itself as far as it has something to say.
#
# Subscribers show it, since there one truth is known: monthly cohorts of unequal size, each with a
# law of its own.

SIZES = [820, 760, 640, 900, 310, 280, 520, 450, 120, 700, 90, 240]
MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS", name="cohort")


def make_cohorts(generator):
    """Return how many of each cohort are still there at ages 0 to 12."""
    rows = []
    for size in SIZES:
        churn = 1 / (1 + np.exp(0.85 - 0.45 * generator.standard_normal()))
        total = 3 * np.exp(0.4 * generator.standard_normal())
        law = ShiftedBetaGeo.from_params({"alpha": total * churn, "beta": total * (1 - churn)})
        lives = law.simulate(size, 12, random_state=generator)
        stayed = lives["duration"] - lives["churned"]
        rows.append([float((stayed >= age).sum()) for age in range(13)])
    return pd.DataFrame(rows, index=MONTHS, columns=[str(age) for age in range(13)])


whole = make_cohorts(np.random.default_rng(0))
ages_seen = np.arange(12, 0, -1)
seen = whole.where(np.arange(13) <= ages_seen[:, None])
seen.tail(6)

# %%
# ``shrinkage_`` is the weight of what all rows have in common: small for old and large rows, large
# for the young and small.

months = CohortRetention(horizon=0, random_state=0).fit(seen)
pd.DataFrame({"size": SIZES, "ages seen": ages_seen, "shrinkage": months.shrinkage_}).round(2)

# %%
# Which is nearest to the truth? In 20 such tables, the error of the share that is left after a
# year, for the six youngest rows:

errors = []
for seed in range(20):
    whole = make_cohorts(np.random.default_rng(seed))
    seen = whole.where(np.arange(13) <= ages_seen[:, None])
    truth = whole["12"] / whole["0"]
    for pooling in ("none", "partial", "complete"):
        model = CohortRetention(pooling=pooling, horizon=0, random_state=0)
        error = (model.fit_transform(seen)["12"] - truth).tail(6)
        errors.append({"table": seed, "pooling": pooling, "error": np.sqrt((error**2).mean())})
errors = pd.DataFrame(errors).pivot(index="table", columns="pooling", values="error")
np.sqrt((errors**2).mean()).round(3)

# %%
# By itself a young row errs by six points of a hundred, one curve for all errs by eight, and
# partial pooling by less than five.
#
# The next cohort
# ---------------
# For a cohort yet to come there is what all have in common, and how much they differ.

months.project_new(ages=[1, 3, 6, 12]).round(3)

# %%
# A single table rarely has more than a dozen rows, so how much they differ is itself uncertain, and
# the bands are wide. More: :doc:`/guides/retention` says which method is for which question,
# :doc:`/guides/coming_from_a_spreadsheet` what goes wrong in a spreadsheet.
