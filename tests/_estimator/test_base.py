"""The base classes are scikit-learn's own at run time."""

from __future__ import annotations

import sklearn.base

from custvalue._estimator import base


def test_the_base_classes_are_those_of_scikit_learn():
    """Types differ for the type checker alone; an estimator of ours is one of scikit-learn's."""
    assert base.BaseEstimator is sklearn.base.BaseEstimator
    assert base.TransformerMixin is sklearn.base.TransformerMixin
