"""Segmentations with each number of segments, and the choice among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.segmentation._rankings import candidates
from custvalue.segmentation._rankings.candidates import (
    MedoidSearch,
    MixtureSearch,
    medoid_candidates,
    mixture_candidates,
    smallest_weight,
)
from custvalue.segmentation._rankings.levels import compressed_levels
from custvalue.segmentation._rankings.mallows import draw_mallows
from custvalue.segmentation._rankings.rules import segment_of
from custvalue.segmentation._rankings.selection import selection_of
from support.words import WORD_COUNTS, WORD_RANKS

SEARCH = MedoidSearch("kendall", "k_medoids", least=1.0)
MALLOWS = MixtureSearch("mallows", n_starts=6, max_concentration=5.0, least=4.9)
WORD_LEVELS = WORD_RANKS - 1


def camps(concentration: float, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rankings of three camps of n respondents, and their counts."""
    generator = np.random.default_rng(5)
    centres = ([1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1], [3, 1, 6, 2, 5, 4])
    drawn = [draw_mallows(np.array(c), concentration, n, generator) for c in centres]
    return compressed_levels(np.concatenate(drawn))[:2]


def found(levels, counts, numbers, search=SEARCH):
    """Return the candidates of medoids."""
    return medoid_candidates(levels, counts, numbers, search, generator=np.random.default_rng(1))


@pytest.mark.parametrize("method", ["k_medoids", "hierarchical"])
@pytest.mark.parametrize("kind", ["kendall", "spearman", "footrule"])
def test_three_camps_are_found_by_every_distance_and_method(kind, method):
    """The largest silhouette is that of three segments, whose medoids are the camps' centres."""
    levels, counts = camps(2.0)
    search = MedoidSearch(kind, method, least=9.0)
    selection = selection_of(found(levels, counts, range(1, 7), search), auto=True, mixture=False)
    assert selection.chosen.asked == 3
    assert selection.reason.startswith("3 segments: the largest mean silhouette, 0.")
    medoids = {tuple(row + 1) for row in selection.chosen.rule.medoids}
    assert medoids == {(1, 2, 3, 4, 5, 6), (6, 5, 4, 3, 2, 1), (3, 1, 6, 2, 5, 4)}


def test_the_criteria_are_those_of_the_rule():
    """Mean distance and smallest share follow from the rule over all respondents."""
    levels, counts = camps(2.0)
    one = found(levels, counts, [3])[0]
    costs = one.rule.costs(levels)
    assert one.criteria["mean_distance"] == pytest.approx(counts @ costs.min(axis=1) / counts.sum())
    sizes = np.bincount(segment_of(one.rule, levels), weights=counts)
    assert one.criteria["smallest_segment"] == pytest.approx(sizes.min() / counts.sum())
    assert one.complete


def test_the_starts_of_a_number_do_not_depend_on_the_other_numbers():
    """Two segments asked for alone are those found beside one segment."""
    alone = mixture_candidates(WORD_LEVELS, WORD_COUNTS, [2], MALLOWS, seed=3)[0]
    beside = mixture_candidates(WORD_LEVELS, WORD_COUNTS, [1, 2], MALLOWS, seed=3)[1]
    np.testing.assert_array_equal(alone.rule.shares, beside.rule.shares)
    np.testing.assert_array_equal(alone.rule.centres, beside.rule.centres)


def test_no_mixture_is_tried_after_two_in_a_row_without_a_smaller_bic():
    """The words have the smallest BIC with 2, so that 3 and 4 are tried and 5 is not."""
    tried = mixture_candidates(WORD_LEVELS, WORD_COUNTS, range(1, 7), MALLOWS, seed=3)
    assert [one.asked for one in tried] == [1, 2, 3, 4]
    assert np.argmin([one.criteria["bic"] for one in tried]) == 1
    impossible = replace(MALLOWS, n_starts=2, least=60.0)
    far = mixture_candidates(WORD_LEVELS, WORD_COUNTS, [3, 4, 5], impossible, seed=3)
    assert [one.asked for one in far] == [3, 4]


def test_many_distinct_rankings_are_sampled(monkeypatch):
    """Medoids come from a sample, the same for one seed; all respondents are in a segment."""
    levels, counts = camps(1.2, n=400)
    monkeypatch.setattr(candidates, "MOST_DISTINCT", 150)
    assert len(levels) > 150
    one, again = found(levels, counts, [3])[0], found(levels, counts, [3])[0]
    np.testing.assert_array_equal(one.rule.medoids, again.rule.medoids)
    sizes = np.bincount(segment_of(one.rule, levels), weights=counts)
    assert sizes.sum() == 1200
    assert sizes.min() > 300


def test_the_smallest_segment_is_a_share_or_a_number():
    """Below 1 it is a share of the respondents; a whole number is itself, 0 no limit."""
    assert smallest_weight(0.05, 98.0) == pytest.approx(4.9)
    assert smallest_weight(10, 98.0) == 10.0
    assert smallest_weight(0, 98.0) == 0.0
