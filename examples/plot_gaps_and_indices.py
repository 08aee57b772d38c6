"""
What customers expect and get
=============================

Orders tell what was delivered; only customers can say what it is worth to them. This example takes
a survey to gaps (:class:`~custvalue.service.ServiceGap`) and to a map of where to act
(:class:`~custvalue.service.ImportancePerformance`), and then makes one figure of many: a score
(:class:`~custvalue.service.WeightedScore`), an index of service quality by month
(:class:`~custvalue.service.ServiceQualityIndex`), and the value that an offer has for customers
(:class:`~custvalue.service.CustomerValueIndex`).
"""

# %%
# A survey with two questions an item
# -----------------------------------
# 300 customers rate, from 1 to 7, what they expect of good service and what they get. The answers
# are simulated; one in fifty is missing.

import numpy as np
import pandas as pd

from custvalue.datasets import make_survey
from custvalue.exceptions import DataError
from custvalue.plotting import GapDisplay, ImportancePerformanceDisplay, IndexDisplay
from custvalue.service import (
    CustomerValueIndex,
    ImportancePerformance,
    ServiceGap,
    ServiceQualityIndex,
    WeightedScore,
)

# item: its dimension, mean expectation and mean perception
questions = {
    "on_time": ("reliability", 6.2, 5.0),
    "complete": ("reliability", 6.0, 5.6),
    "keeps_promises": ("reliability", 6.1, 5.1),
    "quick_answers": ("responsiveness", 5.8, 4.4),
    "willing_to_help": ("responsiveness", 5.5, 5.4),
    "knows_our_business": ("empathy", 4.6, 4.9),
    "convenient_hours": ("empathy", 4.4, 4.6),
}
generator = np.random.default_rng(12)
temper = generator.normal(0, 0.5, 300)
experience = {dimension: generator.normal(0, 0.8, 300) for dimension, *_ in questions.values()}
answers = {}
for which, place in (("E", 1), ("P", 2)):
    for item, facts in questions.items():
        raw = facts[place] + temper + generator.normal(0, 0.7, 300)
        raw = raw + (experience[facts[0]] if which == "P" else 0)
        rating = np.clip(np.round(raw), 1, 7)
        answers[f"{which}_{item}"] = np.where(generator.random(300) < 0.02, np.nan, rating)
survey = pd.DataFrame(answers, index=pd.RangeIndex(1, 301, name="customer_id"))
survey.iloc[:3, [0, 1, 2, 7, 8, 9]]

# %%
# Gaps
# ----
# SERVQUAL (Parasuraman, Zeithaml and Berry 1988) looks at perception less expectation, for each
# item :math:`j`, for dimensions of items, and overall:
#
# .. math:: G_j = P_j - E_j, \qquad G_d = \text{mean of } G_j \text{ over the items of } d, \qquad
#           \text{overall} = \sum_d w_d G_d .
#
# A negative gap is service below what was expected.

gap = ServiceGap(
    dimensions={item: facts[0] for item, facts in questions.items()},
    weights={"reliability": 50, "responsiveness": 30, "empathy": 20},
    scale=(1, 7),
).fit(survey)
gap.gaps_[["expectation", "perception", "gap", "lower", "upper", "n", "p_holm"]].round(3)

# %%
_ = GapDisplay.from_estimator(gap).plot()

# %%
# Each interval is one of differences within respondents: whoever gives high marks in general gives
# them twice, and it cancels. Missing answers leave a respondent out of that item only.

gap.dimensions_[["n_items", "gap", "lower", "upper", "alpha", "weight"]].round(2)

# %%
# ``alpha`` is the reliability of the gaps of a dimension. Differences are often less reliable than
# either rating, a known weakness of the method; below 0.7 do not judge single customers by them.
#
# Overall figures depend on how one averages. The mean over dimensions, the weighted one, and all
# answers in one pot, where a dimension counts by its number of questions:

pd.Series(
    {
        "mean over dimensions": gap.overall_["gap"],
        "weighted": gap.weighted_overall_["gap"],
        "one pot": gap.overall_["pooled"],
    }
).round(3).to_frame("gap")

# %%
# ``transform`` gives the gaps of each customer, with the share of items answered.

gap.transform(survey).head(3).round(2)

# %%
# Where to act
# ------------
# A gap says how far service falls short, not whether it matters. Importance-performance analysis
# (Martilla and James 1977) puts each item on a map. What is important and performs badly comes
# first.
#
# Importance may be *stated*, in columns ``I_...``, or *derived*: which performance goes along with
# overall satisfaction? The latter takes the share of each item in the :math:`R^2` of satisfaction,
# averaged over all orders of entry (Lindeman, Merenda and Gold 1980). Another simulated survey:

mean_ratings = {
    "accessibility": 5.6,
    "order_cycle_time": 4.3,
    "inventory_availability": 4.9,
    "order_fill_rate": 4.2,
    "order_status_information": 5.5,
    "spares_availability": 4.7,
    "complaints_claims_returns": 4.0,
    "temporary_substitution": 5.2,
}
rated = make_survey(
    400,
    elements=list(mean_ratings),
    mean_rating=list(mean_ratings.values()),
    random_state=1,
)
found = ImportancePerformance(
    importance="derived",
    performance_prefix="",
    satisfaction="overall_satisfaction",
    random_state=0,
).fit(rated)
found.map_[["importance", "performance", "quadrant", "stability"]].round(2)

# %%
_ = ImportancePerformanceDisplay.from_estimator(found).plot()

# %%
# Both the dots and the lines are means of a sample. ``stability`` is how often an item comes out in
# this quadrant when respondents are drawn anew; hollow dots are those below 90 %. Do not build a
# programme on them.

found.stability_.round(2)

# %%
# Next year's survey can be put on the same map, with the lines where they are now:
# ``found.place(next_year)``. How to weigh elements otherwise, with limits for each rank, is in
# :doc:`/gallery/plot_service_elements`.

# %%
# One score of many: weighted means
# ---------------------------------
# Five suppliers, by figures of different units. :class:`~custvalue.service.WeightedScore` puts them
# on one scale and adds them up (simple additive weighting, Hwang and Yoon 1981):
#
# .. math:: \text{score}_i = \frac{\sum_j w_j \, n_{ij}}{\sum_j w_j} .
#
# Of damage and days less is better. The third supplier has not told its price: the other items
# share its weight, and ``coverage`` says so.

suppliers = pd.DataFrame(
    {
        "on_time": [0.97, 0.91, 0.99, 0.88, 0.94],
        "fill_rate": [0.95, 0.99, 0.96, 0.97, 0.93],
        "damage": [0.004, 0.010, 0.002, 0.006, 0.015],
        "days": [6.0, 3.0, 7.0, 2.0, 4.0],
        "price_index": [101.0, 97.0, np.nan, 104.0, 92.0],
    },
    index=pd.Index(list("ABCDE"), name="supplier"),
)
less_is_better = ["damage", "days", "price_index"]
given = WeightedScore(
    weights={"on_time": 30, "fill_rate": 25, "damage": 15, "days": 20, "price_index": 10},
    costs=less_is_better,
    scaling="min_max",
    missing="renormalise",
).fit(suppliers)
given.transform(suppliers).assign(place=given.rank(suppliers)).round(3)

# %%
# What each item adds to the score:

given.contributions(suppliers).round(3)

# %%
# Where nobody can say the weights, there are three ways out: equal ones; *entropy* (Zeleny 1982),
# which gives weight to items in which the rows differ,
#
# .. math:: e_j = -\frac{1}{\ln n} \sum_i p_{ij} \ln p_{ij}, \qquad
#           w_j = \frac{1 - e_j}{\sum_k (1 - e_k)} ;
#
# and *AHP* (Saaty 1980), which asks for comparisons in pairs and takes their principal eigenvector.
# "On time is 3 times as important as the fill rate, 5 times as the days", and so on:

three = ["on_time", "fill_rate", "days"]
pairs = pd.DataFrame([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], index=three, columns=three)
setting = {"items": three, "costs": ["days"], "scaling": "min_max"}
ahp = WeightedScore(weights="ahp", comparisons=pairs, **setting).fit(suppliers)
entropy = WeightedScore(weights="entropy", **setting).fit(suppliers)
print(f"consistency ratio {ahp.consistency_ratio_:.3f}; up to 0.1 is usually accepted")
pd.DataFrame({"AHP": ahp.weights_, "entropy": entropy.weights_}).round(3)

# %%
# The two answer different questions: what matters, and where suppliers differ.
#
# An index of service quality
# ---------------------------
# Timeliness, completeness, reliability and flexibility, each with indicators of its own: a tree of
# two levels, the composite indicator of the handbook of the OECD (2008),
#
# .. math:: \text{index}_i = \sum_d V_d \sum_{j \in d} v_j \, n_{ij} .
#
# An index that is to be followed over years needs targets that stay: a value counts as its share of
# the target, or between the two values that count 0 and 1.

months = pd.DataFrame(
    {
        "month": pd.period_range("2025-01", periods=4, freq="M").astype(str),
        "on_time": [0.91, 0.92, 0.88, 0.93],
        "cycle_days": [5.1, 5.0, 5.9, 4.8],
        "fill_rate": [0.955, 0.960, 0.950, 0.972],
        "undamaged": [0.985, 0.986, 0.979, 0.990],
        "documents": [0.970, 0.968, 0.975, 0.981],
        "rush_orders_met": [0.70, 0.74, 0.61, 0.79],
    }
)
quality = ServiceQualityIndex(
    tree={
        "timeliness": ["on_time", "cycle_days"],
        "completeness": ["fill_rate"],
        "reliability": ["undamaged", "documents"],
        "flexibility": ["rush_orders_met"],
    },
    dimension_weights={
        "timeliness": 0.4,
        "completeness": 0.3,
        "reliability": 0.2,
        "flexibility": 0.1,
    },
    costs=["cycle_days"],
    normalisation="target",
    targets={
        "on_time": (0.80, 1.0),
        "cycle_days": (8.0, 3.0),
        "fill_rate": (0.90, 1.0),
        "undamaged": (0.95, 1.0),
        "documents": (0.90, 1.0),
        "rush_orders_met": (0.5, 1.0),
    },
    period="month",
).fit(months)
quality.by_period_.round(3)

# %%
# The question that follows every index is: what has changed? The change is split exactly between
# the indicators (Bennet 1920).

quality.changes_.round(3)

# %%
_ = IndexDisplay.from_estimator(quality).plot()

# %%
# A geometric index, ``aggregate="geometric"``, lets a good indicator make up for a poor one less.
#
# What an offer is worth to the customer
# --------------------------------------
# Three definitions of customer value are in use:
#
# .. math:: \text{ratio} = \frac{\text{benefits}}{\text{cost of ownership}}, \qquad
#           \text{net} = \text{benefits} - \text{cost}, \qquad
#           \frac{\text{quality} \times \text{service}}{\text{cost} \times \text{time}} .
#
# They can put two offers in opposite order, so name the one you mean. ``compare`` shows where ratio
# and net value disagree: the small offer brings more for each unit of cost, the large one leaves
# more.

offers = pd.DataFrame(
    {"benefits": [120.0, 30.0, 70.0], "price": [80.0, 15.0, 55.0], "upkeep": [20.0, 5.0, 20.0]},
    index=pd.Index(["large", "small", "medium"], name="offer"),
)
CustomerValueIndex(costs=["price", "upkeep"]).fit(offers).compare(offers).round(2)

# %%
# The third has no unit of its own and means something beside a baseline only. Twice the time halves
# the value; better service makes up for some of it.

services = pd.DataFrame(
    {
        "quality": [0.9, 0.9, 0.9],
        "service": [0.8, 0.8, 0.96],
        "cost": [2.0, 2.0, 2.2],
        "time": [3.0, 6.0, 4.0],
    },
    index=pd.Index(["today", "slow", "with more service"], name="way"),
)
index = CustomerValueIndex(measure="quality_service", baseline="today").fit(services)
index.transform(services).round(3)

# %%
# Wrong input is refused in a sentence.

try:
    ServiceGap(scale=(1, 5)).fit(survey)
except DataError as error:
    print(error)

# %%
# :doc:`/guides/choosing_a_service_method` says which of all these is for what, and
# :doc:`/guides/mathematics` has the formulas with their sources in full.
