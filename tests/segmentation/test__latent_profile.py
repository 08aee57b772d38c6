"""What is said of latent classes."""

from __future__ import annotations

import numpy as np

from custvalue.segmentation._latent_class import LatentClasses
from custvalue.segmentation._latent_profile import (
    class_profile,
    probability_frame,
    telling_answers,
)

CATEGORIES = {"speed": ["fast", "slow"], "stars": [1, 3, 5]}
CLASSES = LatentClasses(
    np.array([0.5, 0.25, 0.25]),
    np.array([[0.8, 0.4, 0.0], [0.2, 0.6, 1.0], [0.3, 0.3, 0.3], [0.3, 0.3, 0.3], [0.4, 0.4, 0.4]]),
    (2, 3),
)


def test_respondents_are_counted_where_they_most_likely_are():
    """Each in the likeliest class, by weight, with the mean of that probability."""
    chances = np.array([[0.6, 0.4], [0.1, 0.9], [0.8, 0.2]])
    found = class_profile(chances, np.array([1.0, 2, 1]), ["A", "B"], ["x", "y"])
    assert found["respondents"].tolist() == [2, 2]
    assert found["respondents"].dtype == np.int64
    assert found["share"].tolist() == [0.5, 0.5]
    np.testing.assert_allclose(found["certainty"], [0.7, 0.9])
    assert found["description"].tolist() == ["x", "y"]


def test_a_class_where_nobody_is_most_likely_has_no_certainty():
    """Its certainty is NaN; fractions of respondents stay fractions."""
    found = class_profile(np.array([[0.6, 0.4]]), np.array([1.5]), ["A", "B"], ["", ""])
    assert found["respondents"].tolist() == [1.5, 0]
    assert np.isnan(found["certainty"].iloc[1])


def test_probabilities_are_labelled_by_item_and_category():
    """The frame has the rows of the array, in the order of the items."""
    found = probability_frame(CLASSES, CATEGORIES, ["A", "B", "C"])
    assert found.loc[("speed", "slow")].tolist() == [0.2, 0.6, 1.0]
    assert found.index.tolist()[2:] == [("stars", 1), ("stars", 3), ("stars", 5)]


def test_descriptions_name_what_is_special():
    """Others are the other classes by their shares; under ten points nothing is said."""
    assert telling_answers(CLASSES, CATEGORIES) == [
        "speed: fast 80 % (others 20 %)",
        "speed: slow 60 % (others 47 %)",
        "speed: slow 100 % (others 33 %)",
    ]
    alike = LatentClasses(np.array([0.5, 0.5]), np.full((2, 2), 0.5), (2,))
    assert telling_answers(alike, {"x": [0, 1]}) == ["no answer much more often than others"] * 2
    one = LatentClasses(np.array([1.0]), np.array([[1.0]]), (1,))
    assert telling_answers(one, {"x": [0]}) == ["all respondents"]
