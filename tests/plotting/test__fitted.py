from __future__ import annotations

import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import StandardScaler

from custvalue.plotting import LoadingsDisplay, RankingDisplay, ScreeDisplay
from custvalue.plotting._fitted import check_fitted

FITTED = StandardScaler().fit(pd.DataFrame({"x": [1.0, 2.0]}))


def test_an_estimator_must_have_what_is_shown():
    """Nothing is said where it has; else its class and the first that it lacks."""
    check_fitted(FITTED, "This", "mean_", "scale_", like="StandardScaler")
    with pytest.raises(TypeError, match="This needs a fitted That, or .* StandardScaler without a"):
        check_fitted(FITTED, "This", "mean_", "a_", "b_", like="That")
    with pytest.raises(NotFittedError):
        check_fitted(StandardScaler(), "This", "a_", like="That")
    with pytest.raises(TypeError, match="not an estimator"):
        check_fitted(3, "This", "a_", like="That")


@pytest.mark.parametrize(
    ("display", "like"),
    [
        (ScreeDisplay, "FactorAnalyzer"),
        (LoadingsDisplay, "FactorAnalyzer"),
        (RankingDisplay, "ServiceElementRanking"),
    ],
)
def test_a_wrong_estimator_is_refused_in_words(display, like):
    """What the display needs stands in the error."""
    message = f"{display.__name__} needs a fitted {like}"
    with pytest.raises(TypeError, match=message):
        display.from_estimator(FITTED)
