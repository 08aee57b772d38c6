"""
Kinds of respondents
====================

Answers to a survey are categories: yes and no, or one of several. Latent classes are the kinds of
respondents that explain which answers go together.
"""

# %%
# A survey
# --------
# 600 simulated customers of two kinds answer four questions. One customer in three buys online,
# compares prices and needs no advice; and one answer in twenty is missing.

import numpy as np
import pandas as pd

from custvalue.plotting import SelectionDisplay
from custvalue.segmentation import LatentClassSegmenter

questions = [
    "buys online",
    "compares prices",
    "asks for advice",
    "wants an invoice",
    "returns often",
]
says_yes = np.array([[0.2, 0.3, 0.8, 0.7, 0.2], [0.9, 0.9, 0.1, 0.3, 0.6]])
kind = np.repeat([0, 1], [400, 200])

generator = np.random.default_rng(0)
yes = generator.random((600, 5)) < says_yes[kind]
survey = pd.DataFrame(np.where(yes, "yes", "no"), columns=questions, dtype=object)
survey = survey.mask(generator.random((600, 5)) < 0.05)
survey.head()

# %%
# How many kinds
# --------------
# BIC weighs the fit against the number of probabilities that it takes. A missing answer is left
# out; the others of the same respondent count.

segmenter = LatentClassSegmenter(max_classes=4, random_state=0).fit(survey)
print(segmenter.selection_reason_)
_ = SelectionDisplay.from_estimator(segmenter).plot()

# %%
# What they say
# -------------
# The probability of a yes in each class, beside the truth of the simulation.

found = segmenter.item_probabilities_.xs("yes", level="category").reindex(questions)
found.round(2).assign(**{"truth 1": says_yes[0], "truth 2": says_yes[1]})

# %%
# ``certainty`` is how sure the model is, on average, of the class that it gives a respondent.

segmenter.profile_.round(2)

# %%
# A new respondent
# ----------------
# Three answers are enough for a probability.

newcomer = pd.DataFrame([["yes", "yes", "no", None, None]], columns=questions)
segmenter.transform(newcomer).round(3)

# %%
# Answers have no order here. Where they do, as on a scale from 1 to 5, and the distance matters,
# :class:`~custvalue.segmentation.CustomerSegmenter` takes them as numbers.
