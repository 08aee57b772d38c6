"""
Segments you can act on
=======================

A cluster analysis always finds clusters. A segment is more: it comes back when other customers are
drawn, a person can say who is in it, and next year it still means the same.
"""

# %%
# Customers at the end of 1997
# ----------------------------
# The features are how often a customer has bought again, the weeks since the last purchase and all
# that was paid. All of these customers came in the first quarter of 1997.

import tempfile
from pathlib import Path

import pandas as pd

import custvalue
from custvalue.datasets import load_cdnow
from custvalue.plotting import MigrationDisplay, SegmentDisplay, SelectionDisplay, SnakeDisplay
from custvalue.segmentation import CustomerSegmenter, SegmentMigration
from custvalue.transactions import RFMSummary

orders = load_cdnow()


def customers_at(end):
    """Return the features of each customer at a date."""
    summary = RFMSummary(observation_end=end, amount="amount", extra=("total_value",))
    table = summary.fit_transform(orders[orders["date"] <= end])
    table["weeks_since_last"] = (table["T"] - table["recency"]).round(1)
    return table[["frequency", "weeks_since_last", "total_value"]]


today = customers_at("1997-12-31")
today.head()

# %%
# How many segments
# -----------------
# Money and counts are skewed, so they are straightened first, and each feature then counts the
# same. Several criteria judge each number of segments.

first = CustomerSegmenter(n_bootstrap=0, random_state=0).fit(today)
print(first.selection_reason_)
_ = SelectionDisplay.from_estimator(first).plot()

# %%
# Two segments are those who have bought again and those who have not, which we knew. The criteria
# disagree, as they often do, and the second choice tells more: the gap statistic and prediction
# strength both name five. That choice is ours, and the next table says whether it is a sound one.

segmenter = CustomerSegmenter(n_clusters=5, random_state=0).fit(today)
segmenter.stability_.round(2)

# %%
# Customers were drawn 50 times with replacement and clustered anew. ``jaccard`` is how much of a
# segment came back: a segment at .5 or less is dissolved and should have no name, from .75 on it
# may have one. All five may.

# %%
# Who is in them
# --------------
# The most valuable customers come first. The rule is one that a person can apply: ``precision`` is
# the share of those it names who are in the segment, ``recall`` the share of the segment that it
# names.

segmenter.profile_[["customers", "share", "value_share", "value_per_customer"]].round(2)

# %%
for name, row in segmenter.profile_.iterrows():
    print(f"{name}: {row['rule']} (precision {row['precision']:.2f}, recall {row['recall']:.2f})")

# %%
# What sets each apart, in robust standard deviations from the median of all customers:

_ = SnakeDisplay.from_estimator(segmenter).plot()

# %%
# Names
# -----
# Now that we know them they get names. ``rename`` returns a copy.

segmenter = segmenter.rename(
    {
        "Segment 1": "Regulars",
        "Segment 2": "Going quiet",
        "Segment 3": "Active, small",
        "Segment 4": "Gone, some money",
        "Segment 5": "Gone, little money",
    }
)
_ = SegmentDisplay.from_estimator(segmenter, today, today["total_value"]).plot()

# %%
# The customers of tomorrow
# -------------------------
# A file keeps the rule and the names, and no customer. Loaded half a year later, it judges the same
# people by the standard of 1997. ``margin`` is 0 at the border to the next segment.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "segments.json"
    segmenter.save(path)
    loaded = custvalue.load(path)

tomorrow = customers_at("1998-06-30")
loaded.transform(tomorrow).head().round(2)

# %%
# In 1997 nobody could be away for more than a year. Who has been away longer by now is far from all
# that was seen then, and nearly as far from both segments of the gone: a large ``distance`` with a
# small ``margin`` asks for a refit, further down.

# %%
# Who moved
# ---------
# ``order`` says what is up and what is down. We put those who are active above those who are not.

order = ["Regulars", "Active, small", "Going quiet", "Gone, some money", "Gone, little money"]
both = pd.DataFrame(
    {"end of 1997": segmenter.predict(today), "mid 1998": loaded.predict(tomorrow)},
    index=today.index,
)
migration = SegmentMigration(order=order).fit(both)
_ = MigrationDisplay.from_estimator(migration).plot()

# %%
migration.moved_.round(2)

# %%
# More moved down than up, and more than chance explains:

migration.tests_[["statistic", "df", "says"]].round(1)

# %%
# What is a customer of each segment worth, if half-years go on like this one? A customer brings the
# margin (30 % here) of what the segment spent in the half-year that followed; then they move, six
# half-years in all, each discounted by 5 %.

spent = tomorrow["total_value"] - today["total_value"]
margin = 0.3 * spent.groupby(both["end of 1997"]).mean()
value = migration.customer_value(margin, discount_rate=0.05, horizon=5)
pd.DataFrame({"margin": margin, "value": value}).loc[order].round(2)

# %%
# One half-year is a short memory. For the value of each single customer take a model of
# :mod:`custvalue.lifetime`.

# %%
# A refit that keeps the names
# ----------------------------
# One day the standard itself is out of date. ``previous`` gives each new segment the name of the
# old one that it shares most customers with, and ``jaccard`` says how much of it is left.

refit = CustomerSegmenter(n_clusters=5, n_bootstrap=20, random_state=0).fit(
    tomorrow, previous=segmenter
)
refit.matching_.round(2)

# %%
# Where little is left, look before you use the name again.

# %%
# Sizes, and customers who are settled
# ------------------------------------
# A campaign may need segments of at least 15 % of the customers, and the key account manager may
# have decided on two of them. The border moves at the smallest cost, and the two are left out of
# the clustering.

settled = dict.fromkeys(today.index[:2], "Key accounts")
limited = CustomerSegmenter(
    n_clusters=5, min_size=0.15, pinned=settled, n_bootstrap=0, random_state=0
)
limited.fit(today).profile_[["customers", "share"]].round(3)
