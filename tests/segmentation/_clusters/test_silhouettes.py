"""Silhouettes, against scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from custvalue.segmentation._clusters import silhouettes
from custvalue.segmentation._clusters.silhouettes import mean_silhouettes
from support.groupings import iris


def test_the_figures_of_iris():
    """Recorded from scikit-learn 1.9.1, k-means of 20 starts on the raw measures; all digits."""
    Z = iris()
    groupings = [KMeans(k, n_init=20, random_state=0).fit_predict(Z) for k in (2, 3, 4)]
    expected = [0.681046, 0.552819, 0.498051]
    assert mean_silhouettes(Z, groupings) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), k=st.integers(2, 9), decimals=st.integers(0, 3))
def test_silhouettes_are_those_of_scikit_learn(seed, k, decimals):
    """Also with equal rows, groups of one row and rows of no group."""
    generator = np.random.default_rng(seed)
    Z = generator.normal(size=(20, 2)).round(decimals)
    codes = np.append(generator.integers(-1, k, size=17), [0, 1, 1])
    known = codes >= 0
    expected = silhouette_score(Z[known], codes[known])
    assert mean_silhouettes(Z, [codes])[0] == pytest.approx(expected, abs=1e-7)


def test_groupings_do_not_disturb_each_other(monkeypatch):
    """Several groupings in one pass, in chunks of rows, are as each by itself at once."""
    generator = np.random.default_rng(0)
    Z = generator.normal(size=(50, 3))
    groupings = [generator.integers(-1, k, size=50) for k in (3, 1, 6)]
    alone = [mean_silhouettes(Z, [codes])[0] for codes in groupings]
    monkeypatch.setattr(silhouettes, "_CHUNK", 350)
    assert mean_silhouettes(Z, groupings) == pytest.approx(alone, abs=1e-12, nan_ok=True)
    assert np.isnan(alone[1])


def test_degenerate_groupings_have_no_silhouette():
    """One group, groups of one and no group give NaN, no exception."""
    groupings = [np.zeros(5, int), np.arange(5), np.full(5, -1), np.array([-1, -1, 3, -1, -1])]
    assert np.isnan(mean_silhouettes(np.arange(10.0).reshape(5, 2), groupings)).all()
