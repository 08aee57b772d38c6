from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from custvalue._numerics.multiplicity import holm
from custvalue.segmentation._clusters.profile import (
    feature_profile,
    in_words,
    size_profile,
    typical_rows,
)


@pytest.fixture
def columns():
    """Return a number, a constant and a category of six customers."""
    return {
        "visits": np.array([9.0, 8.0, 7.0, 1.0, 2.0, np.nan]),
        "fee": np.ones(6),
        "region": np.array(["north", "north", "north", "south", "south", None], dtype=object),
    }


@pytest.fixture
def profile(columns):
    """Return the profile of two segments of three."""
    return feature_profile(columns, np.array([0, 0, 0, 1, 1, 1]), ["often", "rarely"], ["visits"])


def test_sizes_agree_with_pandas():
    """Counts, sums and means are those of a grouping; shares are of all customers."""
    generator = np.random.default_rng(2)
    codes, value = generator.integers(-1, 3, 500), generator.gamma(0.5, 90.0, 500)
    found = size_profile(codes, ["a", "b", "c"], value, unassigned="none")
    groups = pd.Series(value).groupby(np.where(codes < 0, 3, codes))
    assert found.index.tolist() == ["a", "b", "c", "none"]
    assert found["customers"].tolist() == groups.size().tolist()
    np.testing.assert_allclose(found["value"], groups.sum())
    np.testing.assert_allclose(found["value_per_customer"], groups.mean())
    assert found[["share", "value_share"]].sum().tolist() == pytest.approx([1.0, 1.0])


def test_without_value_or_strays_there_are_two_columns_and_no_last_row():
    """What is not there is not shown; an empty segment is."""
    found = size_profile(np.array([0, 0, 2]), ["a", "b", "c"])
    assert found.columns.tolist() == ["customers", "share"]
    assert found["customers"].tolist() == [2, 0, 1]


@pytest.mark.parametrize("value", [[0.0, 0.0], [2.0, -3.0]])
def test_a_whole_that_is_not_positive_has_no_shares(value):
    """Nothing is divided by zero or by a loss."""
    found = size_profile(np.array([0, 1]), ["a", "b"], np.array(value))
    assert found["value_share"].isna().all()
    assert found["value_per_customer"].tolist() == value


def test_a_segment_of_nobody_has_no_value_per_customer():
    """The mean of nobody is NaN."""
    found = size_profile(np.array([0]), ["a", "b"], np.array([5.0]))
    assert np.isnan(found.loc["b", "value_per_customer"])


def test_a_profile_has_a_row_a_segment_and_feature(profile):
    """Rows go by segment, then by feature; each kind of feature has its own reading."""
    assert profile.index.tolist() == [
        (segment, feature)
        for segment in ("often", "rarely")
        for feature in ("visits", "fee", "region")
    ]
    visits, region = profile.loc[("often", "visits")], profile.loc[("often", "region")]
    assert (visits["level"], visits["in_segment"], visits["in_all"]) == (None, 8.0, 7.0)
    assert (region["level"], region["in_segment"], region["in_all"]) == ("north", 1.0, 0.6)
    assert region["deviation"] == pytest.approx(0.4)
    assert profile["missing"].tolist() == pytest.approx([0.0, 0.0, 0.0, 1 / 3, 0.0, 1 / 3])


def test_features_of_the_clustering_are_marked(profile):
    """The p-values of these are too small by construction, and a reader must see which."""
    marked = profile["clustered"].groupby(level="feature").all()
    assert marked.to_dict() == {"visits": True, "fee": False, "region": False}


def test_words_of_effects_follow_the_limits():
    """An effect of exactly a limit has the larger word; numbers and categories have their own."""
    one = np.repeat([0, 1], 100)
    same = np.tile(np.arange(100.0), 2)
    for shift, word in ((0, "negligible"), (6, "small"), (16, "medium"), (30, "large")):
        found = feature_profile({"x": same + shift * one}, one, ["a", "b"])
        assert found["effect_size"].tolist() == [word, word]
    shares = [0.54, 0.56, 0.66, 0.76]
    for share, word in zip(shares, ("negligible", "small", "medium", "large"), strict=True):
        yes = np.concatenate([np.arange(100) < 100 * share, np.arange(100) >= 100 * share])
        level = np.where(yes, "yes", "no").astype(object)
        assert feature_profile({"x": level}, one, ["a", "b"])["effect_size"].tolist() == [word] * 2


def test_p_values_are_adjusted_over_the_whole_frame(profile):
    """Holm's adjustment sees every row that has a p-value."""
    np.testing.assert_array_equal(profile["p_adjusted"], holm(profile["p_value"].to_numpy()))
    assert (profile["p_adjusted"] >= profile["p_value"]).all()


def test_the_most_typical_are_the_nearest():
    """Nearest first, segment by segment; ties by row; small segments and strays as they are."""
    distances = np.array([2.0, 1.0, 1.0, 5.0, 0.0, 9.0])
    codes = np.array([0, 0, 0, 2, -1, 0])
    assert typical_rows(distances, codes, 3, 2).tolist() == [1, 2, 3]
    assert typical_rows(distances, codes, 3, 9).tolist() == [1, 2, 0, 5, 3]


def test_words_name_the_largest_effects_first(profile):
    """High or low with both medians, a category with both shares; the negligible is left out."""
    found = in_words(profile)
    assert found["often"] == (
        "visits high (8 against 7), region north more often (100 % against 60 %)"
    )
    assert in_words(profile, n=1)["rarely"] == "visits low (1.5 against 7)"
    assert found.name == "description"


def test_words_show_no_figures_that_contradict_them():
    """Where ties make the medians equal, the word stands alone."""
    values = np.array([0.0] * 6 + [5.0] * 4 + [0.0] * 10)
    found = in_words(feature_profile({"orders": values}, np.repeat([0, 1], 10), ["a", "b"]))
    assert found.tolist() == ["orders high", "orders low"]


def test_a_segment_like_all_others_says_so():
    """No word is found where nothing sets a segment apart."""
    codes = np.tile([0, 1], 20)
    found = in_words(feature_profile({"x": np.repeat(np.arange(20.0), 2)}, codes, ["a", "b"]))
    assert found.tolist() == ["like all customers"] * 2


@pytest.mark.parametrize(
    ("number", "text"),
    [(1234.56, "1235"), (52.345, "52.3"), (0.012345, "0.0123"), (3.0, "3"), (-640.2, "-640")],
)
def test_figures_are_short(number, text):
    """Three significant digits, whole numbers complete."""
    values = np.concatenate([np.full(9, number), np.full(11, number - 5000)])
    found = in_words(feature_profile({"x": values}, np.repeat([0, 1], [9, 11]), ["a", "b"]))
    assert found["a"].startswith(f"x high ({text} against ")
