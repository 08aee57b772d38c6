"""
What customers prefer
=====================

Ask customers to put elements of a service in their order, and groups appear: some want the goods
fast, some want advice, some a low price. This example finds the groups, and says how united they
are.
"""

# %%
# A survey
# --------
# A simulation stands in for a survey, so that the answer is known: 150 respondents want speed, 100
# advice, 50 a low price. Chance adds to what an element is worth to each of them, so that not all
# have the order of their group. The last 60 respondents name their first three only.

import numpy as np
import pandas as pd

from custvalue.plotting import PreferenceDisplay, SelectionDisplay
from custvalue.segmentation import PreferenceSegmenter

items = ["fast delivery", "always in stock", "advice", "low price", "easy returns"]
worth = np.repeat([[4, 3, 1, 2, 0], [1, 2, 4, 0, 3], [1, 2, 0, 4, 3]], [150, 100, 50], axis=0)

generator = np.random.default_rng(1)
seen = worth + generator.gumbel(scale=0.5, size=worth.shape)
ranks = pd.DataFrame(seen, columns=items).rank(axis=1, ascending=False)
ranks = ranks.sample(frac=1, random_state=1).reset_index(drop=True)
ranks.iloc[-60:] = ranks.iloc[-60:].where(ranks <= 3)

# %%
# Respondents may also call two elements equal. Here the first ten do so with their last two.

ranks.iloc[:10] = ranks.iloc[:10].clip(upper=4)
ranks.iloc[[0, 1, 20, -2, -1]]

# %%
# Which way round?
# ----------------
# In this table there is a column for each element, and the number in it is a rank: notation
# ``"rank"``. A survey may instead have a column for each *place*, with the element in it: notation
# ``"order"``. The row (2, 3, 1) is a ranking in both, but not the same one.

row = [[2, 3, 1]]
for notation in ("rank", "order"):
    one = PreferenceSegmenter(items=["A", "B", "C"], n_segments=1, notation=notation).fit(row)
    best_first = one.consensus_.iloc[0].sort_values().index
    print(f"{notation}: {' before '.join(best_first)}")

# %%
# Nothing in a row tells which is meant, so say it.

# %%
# How many groups
# ---------------
# A Mallows model says that a ranking is the less likely, the more pairs of elements it turns round
# from the centre of its group. A mixture of such models has a likelihood, and the number of groups
# with the smallest BIC is taken. An element without a rank comes behind the others:
# ``unranked="last"``, which suits lists of first choices.

segmenter = PreferenceSegmenter(
    model="mallows", unranked="last", max_segments=5, n_starts=5, random_state=0
).fit(ranks)
print(segmenter.selection_reason_)
_ = SelectionDisplay.from_estimator(segmenter).plot()

# %%
# What each group wants
# ---------------------
# The consensus is Kemeny's: the order that contradicts its respondents least.

_ = PreferenceDisplay.from_estimator(segmenter).plot()

# %%
# ``agreement`` is 1 where all have the consensus and 0 where they agree as by chance.
# ``concentration`` is the theta of the model: each pair turned round makes a ranking exp(theta)
# times less likely. A service that is made for a group suits it the better, the larger the two.

segmenter.profile_.round(2)

# %%
# A new respondent
# ----------------
# Half an answer is better than none. This customer names two elements, and the model says how sure
# it is of the group.

newcomer = pd.DataFrame([[None, None, 1, None, 2]], columns=items)
segmenter.transform(newcomer).join(
    pd.DataFrame(segmenter.predict_proba(newcomer), columns=segmenter.segments_).round(3)
)

# %%
# Two other views
# ---------------
# Distances need no model: a segment is what is nearest to the respondent who stands for it best.
# Both ways should tell the same story.

by_distance = PreferenceSegmenter(random_state=0).fit(ranks)
print(by_distance.selection_reason_)
pd.crosstab(
    segmenter.predict(ranks),
    by_distance.predict(ranks),
    rownames=["mallows"],
    colnames=["kendall"],
)

# %%
# Plackett and Luce see a ranking as a row of choices. The worth of an element is the probability
# that it is chosen first, so that a second place near the first can be told from one far behind.

choices = PreferenceSegmenter(model="plackett_luce", n_segments=3, random_state=0).fit(ranks)
choices.worths_.round(2)
