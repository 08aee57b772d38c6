"""The number of latent classes."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from custvalue.exceptions import DataError
from custvalue.segmentation._latent_answers import answer_patterns
from custvalue.segmentation._latent_class import class_chances
from custvalue.segmentation._latent_search import fit_classes
from custvalue.segmentation._latent_selection import (
    choose_classes,
    criteria,
    numbers_to_compare,
)

SIZES = [2] * 4
COUNTS = np.array([20.0, 2, 9, 2, 6, 1, 4, 1, 38, 7, 24, 6, 25, 6, 23, 42])
PATTERNS = answer_patterns(np.array(list(product([0, 1], repeat=4))), SIZES, COUNTS)


def choose(numbers, **changes):
    settings = {"asked": False, "n_starts": 8, "prior": 0.0, "seed": 0, **changes}
    return choose_classes(PATTERNS, SIZES, numbers, **settings)


def test_criteria_are_their_formulas():
    """BIC 1057.313 and AIC 1026.935 are those of poLCA for two classes; the rest by hand."""
    fit = fit_classes(PATTERNS, SIZES, 2, n_starts=4, prior=0.0, generator=np.random.default_rng(0))
    row = criteria(fit, PATTERNS)
    chances = class_chances(fit.classes, PATTERNS.codes)
    entropy = -(COUNTS @ (chances * np.log(chances)).sum(axis=1))
    assert row["n_parameters"] == 9
    assert row["degrees_of_freedom"] == 6
    # -2 x -504.4677 + 9 log 216 and + 18
    assert row["bic"] == pytest.approx(1057.3128, abs=2e-4)
    assert row["aic"] == pytest.approx(1026.9354, abs=2e-4)
    assert row["adjusted_bic"] == pytest.approx(1008.9354 + 9 * math.log(218 / 24), abs=2e-4)
    assert row["icl"] == pytest.approx(row["bic"] + 2 * entropy, rel=1e-12)
    assert row["entropy"] == pytest.approx(1 - entropy / (216 * math.log(2)), rel=1e-12)
    assert row["smallest_class"] == fit.classes.shares[1]


def test_one_class_has_entropy_one():
    """Everybody is surely in the only class."""
    assert choose([1]).row["entropy"] == 1
    assert choose([1]).row["icl"] == choose([1]).row["bic"]


def test_the_lowest_bic_among_identified_numbers_is_taken():
    """Three classes are not identified; the sentence says so."""
    found = choose([1, 2, 3])
    assert found.n_classes == 2
    assert found.table["recommended"].tolist() == [False, True, False]
    assert found.table["identified"].tolist() == [True, True, False]
    assert found.reason == (
        "BIC is lowest for 2 classes (1057.3; next 1 class with 1108.8), compared from 1 to "
        "3 classes. Left out, not identified by these items: 3."
    )
    assert found.doubts == []


def test_small_classes_are_not_recommended():
    """The smaller class of two has a share of .279."""
    found = choose([1, 2], min_size=0.3)
    assert found.n_classes == 1
    assert "Left out, a class smaller than min_size: 2." in found.reason
    assert choose([1, 2], min_size=0.27).n_classes == 2


def test_a_number_given_is_taken_and_its_doubts_are_said():
    """Three classes can be had, with the warning that they are not identified."""
    found = choose([3], asked=True)
    assert found.n_classes == 3
    assert found.table["recommended"].tolist() == [True]
    assert found.reason == "The number of classes was given: 3."
    assert not found.convergence["identified"]
    assert "do not identify 3 classes" in found.doubts[0]


def test_doubts_about_the_search_are_said():
    """A search that did not end, and a maximum that one start alone found."""
    found = choose([2], asked=True)
    doubtful = replace(found, fit=replace(found.fit, converged=False, starts_agreeing=1))
    first, second = doubtful.doubts
    assert "still rising after" in first
    assert "only 1 of 8 starts" in second


def test_the_fit_of_a_number_does_not_depend_on_the_others():
    """Chosen or given, two classes are the same to the last bit."""
    one, other = choose([1, 2, 3]).fit, choose([2], asked=True).fit
    np.testing.assert_array_equal(one.classes.probabilities, other.classes.probabilities)


def test_numbers_to_compare():
    """As many as cells and patterns allow; a number given only needs different rows."""
    assert numbers_to_compare("auto", 6, 100, [2] * 6) == [1, 2, 3, 4, 5, 6]
    assert numbers_to_compare("auto", 6, 4, [2, 2]) == [1]
    assert numbers_to_compare("auto", 6, 2, [2] * 6) == [1, 2]
    assert numbers_to_compare(3, 2, 4, [2, 2]) == [3]
    with pytest.raises(DataError, match="n_classes=5 and 4 different"):
        numbers_to_compare(5, 6, 4, [2, 2])


def test_probabilities_at_the_boundary_are_counted():
    """Two groups that share no answer have every probability at 0 or 1; one-answer items aside."""
    patterns = answer_patterns(np.array([[0, 0, 0, 0], [1, 1, 1, 0]]), [2, 2, 2, 1], [30.0, 20.0])
    found = choose_classes(patterns, [2, 2, 2, 1], [2], asked=True, n_starts=8, prior=0.0, seed=0)
    assert found.convergence["at_boundary"] == 12
    assert found.fit.classes.shares.tolist() == pytest.approx([0.6, 0.4])
    assert found.row["entropy"] == pytest.approx(1)
