"""
Segments that keep their meaning
================================

A segment is worth having when it means the same next month. The cut points between scores are
learnt once and then kept, so that the customers of tomorrow are measured by the standard of today.
"""

# %%
# Segments of today
# -----------------
# The year 1997 of the CDNOW orders. ``total_value`` makes the money score count all that a customer
# has paid.

import numpy as np

from custvalue.datasets import load_cdnow
from custvalue.plotting import SegmentDisplay
from custvalue.segmentation import RFMScorer, RFMSegmenter, SegmentRule
from custvalue.transactions import RFMSummary

orders = load_cdnow()
orders_1997 = orders[orders["date"] < "1998-01-01"]
settings = {"amount": "amount", "extra": ("total_value",)}
today = RFMSummary(observation_end="1997-12-31", **settings).fit_transform(orders_1997)

segmenter = RFMSegmenter().fit(today)
segmenter.profile_.round(2)

# %%
# Nobody is new: these customers all came in the first quarter of 1997. What each segment has paid
# so far, beside its share of the customers:

_ = SegmentDisplay.from_estimator(segmenter, today, today["total_value"]).plot()

# %%
# Each customer can be told why they are where they are.

segmenter.transform(today).head()

# %%
# The rules, with what to do about each segment:

for rule in segmenter.rules_.itertuples():
    print(f"{rule.segment} ({rule.rule})\n    {rule.action}")

# %%
# Scores and cut points
# ---------------------
# The rules speak of scores from 1 to 5. More than half of the customers have not bought again, so
# they share the lowest frequency score, and the scores above begin where the ties end.

scorer = RFMScorer().fit(today)
scorer.transform(today)["f_score"].value_counts().sort_index()

# %%
# A customer has at least the score on the left when the time since the last purchase (in weeks) is
# below, or frequency or money above, the number.

scorer.cut_points_.round(1)

# %%
# The customers of tomorrow
# -------------------------
# Half a year later the same people have other histories. The fitted segmenter puts them in its
# segments by the cut points of today.

tomorrow = RFMSummary(observation_end="1998-06-30", **settings).fit_transform(orders)
moved = segmenter.transform(tomorrow)["segment"].rename("half a year later")
before = segmenter.transform(today)["segment"].rename("end of 1997")

table = before.to_frame().join(moved).value_counts().unstack(fill_value=0)
order = [name for name in segmenter.profile_.index if name in table.index]
table.loc[order, [name for name in segmenter.profile_.index if name in table.columns]]

# %%
# Read along a row: of the Champions of 1997, who stayed, who is at risk? A segmenter fitted anew
# would have moved the cut points, and the answer would mix what customers did with what the cut
# points did.

# %%
# Rules of your own
# -----------------
# Three segments may be all that a small shop can act on. Rules that leave a customer out, or claim
# one twice, are refused.

ours = [
    SegmentRule("Active", r=(4, 5), action="Keep in touch."),
    SegmentRule("Slipping", r=(2, 3), action="Write to them now."),
    SegmentRule("Gone", r=(1, 1), action="Leave them in peace."),
]
RFMSegmenter(rules=ours).fit(today).profile_.round(2)

# %%
# A standard for each market
# --------------------------
# CDNOW had one market. Suppose that every other customer paid in yen: one standard would then call
# all of them rich. ``by`` learns the cut points of each market from its own customers.

yen = np.arange(len(today)) % 2 == 1
markets = today.assign(
    market=np.where(yen, "Japan", "USA"),
    total_value=today["total_value"].where(~yen, 120 * today["total_value"]),
)
by_market = RFMScorer(by="market").fit(markets)
by_market.cut_points_["monetary"].unstack(level=0).round(1)

# %%
# One number instead of three
# ---------------------------
# ``weights`` adds a mean of the scores, for lists that must have one order. It moves nobody to
# another segment.

weights = {"recency": 2, "frequency": 1, "monetary": 1}
RFMScorer(weights=weights).fit(today).transform(today).head()

# %%
# Natural breaks
# --------------
# Quantiles make scores of equal size. Natural breaks part where customers differ most, so that
# those with one score are alike; the sizes then follow the data.

breaks = RFMScorer(method="breaks").fit(today)
breaks.transform(today)["m_score"].value_counts().sort_index()
