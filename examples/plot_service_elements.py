"""
Which service elements matter
=============================

Short delivery times, complete orders, quick answers to complaints: one cannot improve all at once.
This example goes from a survey to a ranking of service elements that says how sure each rank is,
and from the ranking to a score of each respondent.
"""

# %%
# A survey
# --------
# Respondents rate how well a supplier does on ten elements, from 1 to 7, and how satisfied they
# are with the service as a whole. The answers are simulated, so that we know what is true: three
# factors stand behind them, one for what happens before, in and after a transaction, and
# satisfaction depends most on the second. Three answers in a hundred are missing.

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import custvalue
from custvalue.datasets import make_survey
from custvalue.exceptions import DataError
from custvalue.factors import ServiceElementRanking
from custvalue.plotting import RankingDisplay

mean_ratings = {
    "written_policy": 5.6,
    "accessibility": 5.2,
    "system_flexibility": 4.6,
    "order_cycle_time": 4.4,
    "inventory_availability": 4.8,
    "order_fill_rate": 4.6,
    "order_status_information": 4.1,
    "spares_availability": 4.6,
    "complaints_claims_returns": 3.9,
    "temporary_substitution": 5.0,
}
setting = {"elements": list(mean_ratings), "mean_rating": list(mean_ratings.values())}
survey = make_survey(1200, **setting, missing_share=0.03, random_state=2)
survey.iloc[:4, [0, 1, 5, 8, 10]]

# %%
# The names are keys of the catalogue :obj:`~custvalue.service.SERVICE_ELEMENTS`, so that the
# stage of each is known. Elements of your own work as well; ``stages={"my element": "pre"}`` then
# says when they matter.

# %%
# Missing answers
# ---------------
# Nothing is filled in silently. Until you say what to do about a gap, it is an error.

try:
    ServiceElementRanking(satisfaction="overall_satisfaction").fit(survey)
except DataError as error:
    print(error)

# %%
# ``missing="pairwise"`` takes each correlation from all who gave both answers. ``"listwise"``
# leaves respondents with a gap out, here one in four.

survey.isna().any(axis=1).mean().round(2)

# %%
# The ranking
# -----------
# ``method="lmg"`` asks which elements go along with satisfaction: it parts what they explain of
# it between them, averaged over all orders in which they can enter a regression.

ranking = ServiceElementRanking(
    method="lmg", satisfaction="overall_satisfaction", missing="pairwise", random_state=0
).fit(survey)
ranking.ranking_.round(3)

# %%
# A bar covers all ranks that an element may have, at 90 % for all elements together.

_ = RankingDisplay.from_estimator(ranking).plot()

# %%
# Where bars overlap, say nothing
# -------------------------------
# The list has an order from 1 to 10, and the data support much less. The first element is among
# the first two, the last one among the last four. Of elements whose bars overlap, do not claim
# that one comes first: their weights differ, but another sample of respondents could turn them
# round. These pairs of bars do not overlap:

limits = ranking.ranking_[["rank_lower", "rank_upper"]]
for element, last in limits["rank_upper"].items():
    behind = limits.index[limits["rank_lower"] > last]
    if len(behind):
        print(f"{element} before {', '.join(behind)}")

# %%
# A simulation can be asked for the truth: the same survey with 200,000 respondents. In 90 of 100
# surveys, or more, all true ranks should lie within their limits together. More respondents make
# the bars shorter.

everyone = make_survey(200_000, **setting, random_state=0)
truth = ServiceElementRanking(
    method="lmg", satisfaction="overall_satisfaction", n_bootstrap=0, random_state=0
).fit(everyone)
limits.join(truth.ranking_["rank"].rename("true rank"))

# %%
# Importance has several meanings
# -------------------------------
# ``comparison_`` weighs the elements by every method that the survey allows.
#
# * *stated* is the mean rating. It is importance if you asked "how important is this?". Here we
#   asked "how well is it done?", and it tells how content people are.
# * *loading* and *communality* are factor weights: what respondents see through the few factors
#   that all elements share. Nobody's satisfaction is in them.
# * *regression* and *lmg* are derived importance: what goes along with satisfaction, through the
#   factors or directly.
# * *entropy* says where respondents differ, measured against the mean rating: where all elements
#   vary alike, as here, it is little else than *stated* turned round.

ranking.comparison_.round(3)

# %%
# They answer different questions, so they may disagree. Between two methods Kendall's tau is 1
# where both give the same order and -1 where one is the reverse of the other.

ranking.rank_correlations_.round(2)

# %%
# Kendall's W sums it up. It is 1 where all methods agree; seven orders that have nothing to do
# with each other reach 1/7, or .14, on average.

print(f"W = {ranking.rank_agreement_['w']:.2f}")

# %%
# So settle the question first, then take the method: *lmg* for "what moves with satisfaction?",
# *loading* where nobody asked for satisfaction, *stated* for ratings of importance. None of them
# proves what would happen if an element were changed; for that, change it for some customers and
# look.

# %%
# The sign of a principal component
# ---------------------------------
# Textbooks and some online services weigh items by their coefficients in the first principal
# components. An eigenvector has no sign of its own: both signs are right, and programs differ in
# which they print. The weights change with it. Here the second component is taken with either
# sign.

ratings = survey.drop(columns="overall_satisfaction")
eigenvalues, vectors = np.linalg.eigh(ratings.corr())
leading = [-1, -2, -3]
coefficients = vectors[:, leading] * np.sign(vectors[:, leading].sum(axis=0))


def classical_weights(signs):
    """Return mean coefficients, weighted by the variances of the components, as shares."""
    mean = (coefficients * signs) @ eigenvalues[leading]
    return mean / mean.sum()


pd.DataFrame(
    {
        "sums positive": classical_weights([1, 1, 1]),
        "second one turned": classical_weights([1, -1, 1]),
    },
    index=ratings.columns,
).round(3)

# %%
# ``method="principal_component"`` is here for those who must reproduce such a table. It turns
# each component so that its sum is positive, and warns where this decides the ranking. *loading*
# and *communality* do not depend on signs.

# %%
# From weights to scores
# ----------------------
# ``transform`` gives each respondent the weighted mean of the ratings. Whoever left a question
# out is judged by the others, and ``coverage`` says how much of the weight was answered.

new = make_survey(200, **setting, satisfaction=False, missing_share=0.1, random_state=5)
ranking.transform(new).head().round(2)

# %%
# ``weights_`` is an ordinary Series, for reports and for whatever comes next.

ranking.weights_.nlargest(3).round(3)

# %%
# Next year's survey
# ------------------
# A saved ranking holds weights and limits, no answers and no respondents. Next year's survey is
# scored by the same weights.

path = Path(tempfile.mkdtemp()) / "ranking.json"
ranking.save(path)
print(f"{path.stat().st_size:,} bytes")

# %%
custvalue.load(path).transform(new)["service_score"].describe().round(2)

# %%
# The factors themselves, and how to judge them, are in :doc:`/gallery/plot_factor_analysis`.
# Where respondents put elements in an order instead of rating them, see
# :doc:`/gallery/plot_preferences`.
