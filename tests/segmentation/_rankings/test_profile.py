"""What segments of rankings look like."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from custvalue.segmentation._rankings.profile import (
    agreement,
    describe,
    distance_to_own,
    kind_of,
    largest_first,
    table_of,
)
from custvalue.segmentation._rankings.rules import MallowsRule, MedoidRule, PlackettLuceRule

LEVELS = np.array([[0, 1, 2, 3], [0, 2, 1, 3], [3, 2, 1, 0], [3, 2, 0, 1]])
COUNTS = np.array([1.0, 2.0, 4.0, 3.0])
RULE = MedoidRule(LEVELS[[0, 2]], "kendall")


def test_agreement_is_the_mean_of_the_tau_of_scipy():
    """For orders without ties it is Kendall's tau of each row with its consensus."""
    generator = np.random.default_rng(1)
    levels = np.array([generator.permutation(6) for _ in range(10)])
    consensus = np.arange(1, 7)[None]
    found = agreement(levels, consensus, np.zeros(10, dtype=int))
    expected = [kendalltau(row, consensus[0]).statistic for row in levels]
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_agreement_counts_the_pairs_that_are_known():
    """Two known items in order agree fully; all tied agree as by chance."""
    levels = np.array([[0, -1, -1, 1], [0, 0, 0, 0], [2, -1, -1, -1]])
    consensus = np.array([[1, 2, 3, 4]])
    assert agreement(levels, consensus, np.zeros(3, dtype=int)).tolist() == [1.0, 0.0, 0.0]


def test_a_segment_is_described_by_its_own_respondents():
    """Sizes, mean ranks and mean distance are those of the counted rows of the segment."""
    found = describe(RULE, LEVELS, COUNTS)
    assert found.respondents.tolist() == [3.0, 7.0]
    assert found.consensus.tolist() == [[1, 3, 2, 4], [4, 3, 2, 1]]
    assert found.method == "Kemeny, exact"
    np.testing.assert_allclose(found.borda[0], [1, 8 / 3, 7 / 3, 4])
    np.testing.assert_allclose(found.mean_distance, [1 / 3, 3 / 7])
    np.testing.assert_allclose(found.agreement, [1 - 2 / 18, 1 - 2 * 3 / 7 / 6])


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("spearman", "least squared differences of ranks, exact"),
        ("footrule", "least absolute differences of ranks, exact"),
    ],
)
def test_each_distance_has_its_own_consensus(kind, method):
    """The method is named, and distances are in the kind of the rule."""
    rule = MedoidRule(LEVELS[[0, 2]], kind)
    found = describe(rule, LEVELS, COUNTS)
    assert found.method == method
    own = distance_to_own(LEVELS, found.consensus, np.array([0, 0, 1, 1]), kind)
    assert found.mean_distance[0] == pytest.approx((own[0] + 2 * own[1]) / 3)


def test_many_items_without_a_clear_majority_are_searched():
    """Above 12 items the method says that the consensus is a local search."""
    generator = np.random.default_rng(3)
    levels = np.array([generator.permutation(14) for _ in range(6)])
    found = describe(MedoidRule(levels[:1], "kendall"), levels, np.ones(6))
    assert found.method == "Kemeny, local search from Borda and Copeland"


def test_mixtures_have_the_consensus_of_their_parameters():
    """A Mallows segment has its centre, a Plackett-Luce segment the order of its worths."""
    mallows = MallowsRule(np.array([1.0]), np.array([[2, 1, 3, 4]]), np.array([1.0]))
    found = describe(mallows, LEVELS, COUNTS)
    assert found.consensus.tolist() == [[2, 1, 3, 4]]
    assert found.method == "centre of the Mallows distribution"
    luce = PlackettLuceRule(np.array([1.0]), np.array([[0.1, -0.3, 0.9, -0.7]]))
    found = describe(luce, LEVELS, COUNTS)
    assert found.consensus.tolist() == [[2, 3, 1, 4]]
    assert found.method == "order of the worths"
    assert kind_of(luce) == "kendall"


def test_a_segment_without_respondents_has_no_mean():
    """A component that is nobody's likeliest has NaN, not zero."""
    rule = MallowsRule(np.array([0.9, 0.1]), np.array([[1, 2, 3, 4]] * 2), np.array([1.0, 1.0]))
    found = describe(rule, LEVELS, COUNTS)
    assert found.respondents.tolist() == [10.0, 0.0]
    assert np.isnan(found.mean_distance[1])
    assert np.isnan(found.agreement[1])


def test_the_largest_segment_comes_first():
    """Seven respondents before three; equal sizes by the consensus."""
    assert largest_first(RULE, LEVELS, COUNTS).tolist() == [1, 0]
    assert largest_first(RULE, LEVELS, np.ones(4)).tolist() == [0, 1]


def test_tables_have_segments_and_items():
    """Segments are the index, items the columns."""
    found = table_of(np.array([[1, 2]]), ["Loyal"], ("a", "b"))
    assert found.loc["Loyal"].tolist() == [1, 2]
    assert found.index.name == "segment"
