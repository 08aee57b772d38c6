"""The choice among segmentations with different numbers of segments."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from custvalue.segmentation._rankings.candidates import (
    Candidate,
    MedoidSearch,
    MixtureSearch,
    medoid_candidates,
    mixture_candidates,
)
from custvalue.segmentation._rankings.levels import compressed_levels
from custvalue.segmentation._rankings.mallows import draw_mallows
from custvalue.segmentation._rankings.rules import MallowsRule, MedoidRule
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


def test_rankings_by_chance_are_one_segment():
    """Where the largest silhouette is below 0.25 the reason says so."""
    levels, counts = camps(0.0)
    selection = selection_of(found(levels, counts, range(1, 5)), auto=True, mixture=False)
    assert selection.chosen.asked == 1
    assert "no number of segments has a mean silhouette of 0.25 or more" in selection.reason
    assert selection.table["recommended"].tolist() == [True, False, False, False]
    assert selection.table["silhouette"].max() < 0.25


def test_a_number_with_a_segment_too_small_is_not_to_be_had():
    """It has a row of NaN, the reason names it, and asked for by number it has fewer segments."""
    levels = np.array([[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]])
    counts = np.array([50.0, 40.0, 1.0])
    search = replace(SEARCH, least=5.0)
    selection = selection_of(found(levels, counts, [1, 2, 3], search), auto=True, mixture=False)
    assert selection.chosen.asked == 2
    assert selection.reason.endswith("With 3 a segment would be smaller than min_size.")
    assert selection.table.loc[3].drop("recommended").isna().all()
    fixed = selection_of(found(levels, counts, [3], search), auto=False, mixture=False)
    assert not fixed.chosen.complete
    assert len(fixed.chosen.rule.medoids) == 2
    assert fixed.table.loc[3, "smallest_segment"] == pytest.approx(40 / 91)
    assert fixed.reason.startswith("n_segments=3 was given.")


def test_nothing_but_one_segment_may_be_left():
    """Where every larger number fails, one segment stands with the reason."""
    one = Candidate(1, MedoidRule(WORD_LEVELS[:1], "kendall"), {"silhouette": float("nan")})
    two = Candidate(2, MedoidRule(WORD_LEVELS[:1], "kendall"), {"silhouette": float("nan")})
    selection = selection_of([one, two], auto=True, mixture=False)
    assert selection.chosen is one
    assert selection.reason.startswith("1 segment: no larger number of segments is to be had.")


def test_mixtures_are_chosen_by_bic():
    """The words have 2 Mallows segments by BIC; it is -2 ll + parameters x log 98.

    Log-likelihoods of one and two segments by exhaustive search: -251.271732, -240.296237.
    """
    both = mixture_candidates(WORD_LEVELS, WORD_COUNTS, [1, 2], MALLOWS, seed=3)
    selection = selection_of(both, auto=True, mixture=True)
    table = selection.table
    np.testing.assert_allclose(table["log_likelihood"], [-251.271732, -240.296237], atol=2e-6)
    bic = -2 * table["log_likelihood"] + table["n_parameters"] * np.log(98)
    np.testing.assert_allclose(table["bic"], bic)
    assert table.loc[1, "icl"] == pytest.approx(table.loc[1, "bic"])
    assert table.loc[2, "icl"] > table.loc[2, "bic"]
    assert selection.chosen.asked == 2
    assert selection.reason == f"2 segments: the smallest BIC, {bic.loc[2]:.2f}."
    assert selection.chosen.convergence["converged"] is True


def test_a_mixture_without_large_enough_segments_has_no_rule():
    """Two segments of at least 60 of 98 students do not exist; the table has NaN."""
    search = replace(MALLOWS, least=60.0)
    both = mixture_candidates(WORD_LEVELS, WORD_COUNTS, [1, 2], search, seed=3)
    assert both[1].rule is None
    selection = selection_of(both, auto=True, mixture=True)
    assert selection.chosen.asked == 1
    assert selection.table.loc[2].drop("recommended").isna().all()
    assert isinstance(selection.chosen.rule, MallowsRule)
