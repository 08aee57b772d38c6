"""The segments of an earlier fit by row."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from custvalue._estimator.mixed import read_mixed
from custvalue.segmentation._previous import earlier_names

SURVEY = pd.DataFrame({"x": [1, 2, 1]}, index=list("abc"))


def test_a_series_is_looked_up_by_label():
    """Respondents who are not in it have None."""
    names = pd.Series({"c": "Loyal", "a": "New", "z": "New"})
    assert earlier_names(names, SURVEY, read_mixed(SURVEY)).tolist() == ["New", None, "Loyal"]


def test_a_segmenter_is_asked():
    """Its prediction counts."""
    earlier = SimpleNamespace(predict=lambda X: np.where(X["x"] == 1, "One", "Two"))
    assert earlier_names(earlier, SURVEY, read_mixed(SURVEY)).tolist() == ["One", "Two", "One"]


def test_what_cannot_be_looked_up_is_refused():
    """A name given twice, rows without labels, or something else."""
    double = pd.Series(["x", "y"], index=["a", "a"])
    with pytest.raises(ValueError, match="each row once; found 'a' twice"):
        earlier_names(double, SURVEY, read_mixed(SURVEY))
    array = SURVEY.to_numpy()
    with pytest.raises(ValueError, match="rows with ids"):
        earlier_names(double, array, read_mixed(array))
    with pytest.raises(TypeError, match="found list"):
        earlier_names(["x"], SURVEY, read_mixed(SURVEY))
