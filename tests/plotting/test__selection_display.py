from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue.plotting._selection_display import criteria_in, recommended_number


@pytest.fixture
def table():
    """Return a comparison with criteria, a size and a column of nothing."""
    return pd.DataFrame(
        {
            "gap": [0.1, 0.5, 0.4],
            "gap_standard_error": [0.01, 0.02, 0.03],
            "silhouette": [np.nan, 0.5, 0.4],
            "davies_bouldin": [np.nan, np.nan, np.nan],
            "smallest_segment": [1.0, 0.4, 0.2],
            "recommended": [False, True, False],
        },
        index=pd.Index([1, 2, 3], name="n_clusters"),
    )


def test_criteria_are_those_known_by_name_that_have_a_value(table):
    """Sizes and marks are no criteria; what is NaN everywhere is not shown."""
    found = criteria_in(table)
    assert [criterion.column for criterion in found] == ["silhouette", "gap"]
    silhouette, gap = found
    np.testing.assert_array_equal(silhouette.values, table["silhouette"])
    assert silhouette.errors is None
    np.testing.assert_array_equal(gap.errors, table["gap_standard_error"])


def test_a_criterion_without_its_standard_error_is_shown_alone(table):
    """Errors are optional."""
    [_, gap] = criteria_in(table.drop(columns="gap_standard_error"))
    assert gap.errors is None


def test_information_criteria_are_better_low():
    """Each name comes with the direction in which it is better."""
    frame = pd.DataFrame({"bic": [2.0], "silhouette": [0.5]})
    assert [criterion.better for criterion in criteria_in(frame)] == ["lower", "higher"]


def test_at_most_six_criteria_are_shown():
    """The picture stays readable."""
    names = ["bic", "icl", "aic", "adjusted_bic", "silhouette", "gap", "entropy", "mean_distance"]
    assert len(criteria_in(pd.DataFrame({name: [1.0] for name in names}))) == 6


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (pd.DataFrame(), "no column"),
        (pd.DataFrame({"smallest_segment": [1.0]}), "smallest_segment"),
    ],
)
def test_without_a_criterion_there_is_no_picture(frame, found):
    """The message names the known ones and what was found."""
    with pytest.raises(ValueError, match=f"one of the criteria bic, icl, .*; found {found}"):
        criteria_in(frame)


def test_the_recommended_number_is_the_marked_one(table):
    """No mark, or no column of marks, is no recommendation."""
    assert recommended_number(table) == 2
    assert recommended_number(table.assign(recommended=False)) is None
    assert recommended_number(table.drop(columns="recommended")) is None
