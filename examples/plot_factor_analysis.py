"""
Factors behind a survey
=======================

Customers who praise the delivery times praise the stock, too. Factor analysis looks for the few
things that nobody asked for and that stand behind many answers. This example asks how many there
are, what they are, how sure one can be, and gives each respondent a score.
"""

# %%
# A survey
# --------
# 400 respondents rate 14 elements of service from 1 to 5; three answers in a hundred are missing.
# The survey is simulated from three factors, one for what happens before, in and after a
# transaction, which correlate by 0.3. So we can see whether they are found.

import warnings

import numpy as np
import pandas as pd

from custvalue.datasets import make_survey
from custvalue.factors import (
    FactorAnalyzer,
    bartlett_sphericity,
    cronbach_alpha,
    factor_retention,
    kmo,
    mcdonald_omega,
    polychoric,
)
from custvalue.plotting import LoadingsDisplay, ScreeDisplay

survey = make_survey(400, n_categories=5, satisfaction=False, missing_share=0.03, random_state=5)
survey.iloc[:4, :5]

# %%
# Is there anything to find?
# --------------------------
# Bartlett's test asks whether the answers are correlated at all, which in a survey they nearly
# always are. KMO asks more: whether what two items share is also shared by others. Above 0.8 is
# good, below 0.5 not worth the trouble. Each item has one of its own, in ``kmo(...).items``.

test = bartlett_sphericity(survey, missing="pairwise")
print(f"Bartlett: chi-square {test.chi_square:.0f}, p = {test.p_value:.1g}")
print(f"KMO: {kmo(survey, missing='pairwise').overall:.2f}")

# %%
# How many factors
# ----------------
# No rule is always right, so look at several. Parallel analysis is the one to trust first: a
# factor counts if it explains more than a factor of random answers does. The rule "eigenvalues
# above 1" often takes too many, and "scree" takes one where the first factor towers above the
# others.

retention = factor_retention(survey, missing="pairwise", random_state=0)
retention.suggested.to_frame()

# %%
# What the factors are
# --------------------
# ``FactorAnalyzer`` takes as many as parallel analysis says, unless told a number. The rotation
# "oblimin" lets factors correlate, which the causes behind a survey usually do.

analyzer = FactorAnalyzer(rotation="oblimin", missing="pairwise", random_state=0).fit(survey)
_ = ScreeDisplay.from_estimator(analyzer).plot()

# %%
# A loading says what a factor does to an answer, in standard deviations. At the end of each row
# stands the communality: how much of the item the factors explain.

_ = LoadingsDisplay.from_estimator(analyzer).plot()

# %%
# The three stages are found. So are their correlations, 0.3 in truth.

analyzer.factor_correlations_.round(2)

# %%
# Does it fit?
# ------------
# The factors should leave nothing of the correlations but chance. RMSEA below 0.05 and CFI above
# 0.95 are taken as good. ``tli`` may exceed 1; it is not cut off.

analyzer.fit_indices_[
    ["chi_square", "degrees_of_freedom", "p_value", "rmsea", "tli", "cfi", "srmr"]
]

# %%
# What is left, pair by pair, is in ``residuals()``. The largest:

left = analyzer.residuals()
pairs = left.where(np.tril(np.ones(left.shape, dtype=bool), -1)).stack()
pairs.reindex(pairs.abs().nlargest(3).index).round(3)

# %%
# How sure are the loadings?
# --------------------------
# ``n_bootstrap`` draws the respondents anew, fits each sample, and turns its factors to those of
# the first fit before it compares.

sure = FactorAnalyzer(
    n_factors=3, rotation="oblimin", missing="pairwise", n_bootstrap=200, random_state=0
).fit(survey)
sure.loading_intervals_.loc[["written_policy", "order_fill_rate"]].round(2)

# %%
# Few categories
# --------------
# A rating from 1 to 5 is a rough picture of what the respondent thinks, and so its correlations
# are too near 0. Polychoric correlations are those of the normal variables behind the ratings.
# With seven or more categories it makes little difference; with three it does. Here is the mean
# error of the true loadings that are not 0:

errors = {}
for n_categories in (2, 3, 5, 7):
    rough = make_survey(1000, n_categories=n_categories, satisfaction=False, random_state=5)
    true = np.max(list(rough.attrs["loadings"].values()), axis=1)
    for kind in ("pearson", "polychoric"):
        fitted = FactorAnalyzer(
            n_factors=3, rotation="oblimin", correlation=kind, random_state=0
        ).fit(rough)
        errors[n_categories, kind] = (fitted.loadings_.max(axis=1) - true).mean()
pd.Series(errors).rename_axis(["categories", "correlation"]).unstack().round(3)

# %%
# :func:`~custvalue.factors.polychoric` gives the correlations themselves, with the thresholds at
# which an answer passes to the next.

latent = polychoric(survey, missing="pairwise")
pd.Series(latent.thresholds["order_fill_rate"], index=["1|2", "2|3", "3|4", "4|5"]).round(2)

# %%
# How reliable is a scale?
# ------------------------
# If the items of a factor are to be added up to a scale, ask how much of the sum they have in
# common. Cronbach's alpha takes them as equally good; ``items`` tells what alpha would be without
# each.

scales = analyzer.item_diagnostics_.groupby("factor").groups
found = {
    name: cronbach_alpha(survey[list(items)], missing="pairwise") for name, items in scales.items()
}
pd.DataFrame(
    {name: {"alpha": a.alpha, "lower": a.lower, "upper": a.upper} for name, a in found.items()}
).T.round(2)

# %%
# And if all 14 are added up? Alpha is high, but for a poor reason. Omega parts what all items
# share from what belongs to one group of them: less than half of the sum is one thing.

omega = mcdonald_omega(survey, missing="pairwise", random_state=0)
everything = cronbach_alpha(survey, missing="pairwise")
print(f"alpha {everything.alpha:.2f}, omega total {omega.total:.2f}")
print(f"omega hierarchical {omega.hierarchical:.2f}")

# %%
# Scores of new respondents
# -------------------------
# ``transform`` scores by what was learned, and each respondent by the items answered. Nobody's
# score depends on who else is asked.

new = make_survey(5, n_categories=5, satisfaction=False, missing_share=0.4, random_state=9)
analyzer.transform(new).assign(answered=new.notna().sum(axis=1)).round(2)

# %%
# Factors are never seen, so scores are estimates. ``determinacy`` is the correlation of a score
# with its factor where all is answered; below 0.8 or so do not judge single respondents by it.

analyzer.factors_[["sum_of_squares", "cumulative_share", "determinacy"]].round(2)

# %%
# When it goes wrong
# ------------------
# Two items a factor and 100 respondents are too few: the search then likes to explain one item
# wholly, so that nothing is left for chance. That is a Heywood case. The uniqueness is kept at
# 0.005 or above, a warning names the item, and ``heywood_`` lists it.

few = [
    "accessibility",
    "system_flexibility",
    "order_cycle_time",
    "order_fill_rate",
    "complaints_claims_returns",
    "spares_availability",
]
small = make_survey(100, elements=few, n_categories=5, satisfaction=False, random_state=1)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    forced = FactorAnalyzer(n_factors=3, rotation="oblimin", random_state=0).fit(small)
print(caught[0].message)

# %%
# Take fewer factors or ask more items: three to five a factor. Do not just read on: the loadings
# of the other items on that factor are then of little use.

forced.loadings_.round(2)

# %%
# What follows from all this for the service is in :doc:`/gallery/plot_service_elements`. Formulas
# are in :doc:`/guides/mathematics`, and what other programs call these things in
# :doc:`/guides/coming_from_factor_analyzer`.
