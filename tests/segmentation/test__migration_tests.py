"""Chi-square tests of moves between segments."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency

from custvalue.segmentation._migration_tests import (
    ChiSquare,
    bowker_symmetry,
    chi_square_frame,
    stationarity,
    stuart_maxwell,
)

# Unaided distance vision of 7,477 women, right eye by left eye: Stuart 1955.
VISION = np.array(
    [[1520, 266, 124, 66], [234, 1512, 432, 78], [117, 362, 1772, 205], [36, 82, 179, 492]]
)

tables = st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=4, max_size=4).map(
    np.array
)


def test_the_vision_data_have_the_published_statistics():
    """Stuart-Maxwell 11.957 on 3 and Bowker 19.107 on 6, published to three decimals."""
    bowker, stuart = bowker_symmetry(VISION), stuart_maxwell(VISION)
    assert (bowker.df, stuart.df) == (6, 3)
    assert bowker.statistic == pytest.approx(19.107, abs=5e-4)
    assert stuart.statistic == pytest.approx(11.957, abs=5e-4)
    assert bowker.p_value == pytest.approx(chi2.sf(bowker.statistic, 6), rel=1e-12)
    assert stuart.p_value == pytest.approx(0.0075, abs=5e-5)


@settings(max_examples=30)
@given(counts=tables)
def test_stuart_maxwell_is_the_form_with_any_segment_left_out(counts):
    """Where all segments exchange customers, leaving out the last or first gives the same."""
    counts = counts + 1
    d = (counts.sum(axis=1) - counts.sum(axis=0)).astype(float)
    V = -(counts + counts.T).astype(float)
    np.fill_diagonal(V, counts.sum(axis=1) + counts.sum(axis=0) - 2 * np.diag(counts))
    for kept in (slice(0, -1), slice(1, None)):
        expected = d[kept] @ np.linalg.inv(V[kept, kept]) @ d[kept]
        assert stuart_maxwell(counts).statistic == pytest.approx(expected, rel=1e-8, abs=1e-10)


def test_segments_that_never_exchange_are_sets_of_their_own():
    """Two pairs of segments without a move between give the sum of two tests of two segments."""
    one, other = np.array([[5, 9], [3, 7]]), np.array([[2, 1], [8, 6]])
    both = np.block([[one, np.zeros((2, 2), int)], [np.zeros((2, 2), int), other]])
    parts = [stuart_maxwell(one), stuart_maxwell(other)]
    assert stuart_maxwell(both).df == 2
    expected = sum(part.statistic for part in parts)
    assert stuart_maxwell(both).statistic == pytest.approx(expected)
    assert bowker_symmetry(both).statistic == pytest.approx(expected)  # McNemar's test, twice
    assert expected == pytest.approx((9 - 3) ** 2 / 12 + (1 - 8) ** 2 / 9)


@settings(max_examples=30)
@given(periods=st.lists(tables, min_size=2, max_size=4).map(np.array))
def test_stationarity_is_pearsons_test_of_every_row(periods):
    """The statistic is the sum of scipy's chi-squares of period by segment moved to."""
    statistic, df = 0.0, 0
    for i in range(4):
        table = periods[:, i, :]
        table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
        if table.size and min(table.shape) > 1:
            found = chi2_contingency(table, correction=False)
            statistic, df = statistic + found.statistic, df + found.dof
    test = stationarity(periods)
    assert test.df == df
    assert test.statistic == pytest.approx(statistic, abs=1e-9)


def test_equal_periods_are_stationary_and_symmetric_tables_even():
    """Twice the same counts differ by nothing; a table equal to its transpose has no difference."""
    assert stationarity(np.array([VISION, 2 * VISION])).statistic == pytest.approx(0, abs=1e-9)
    even = VISION + VISION.T
    assert bowker_symmetry(even) == ChiSquare(0.0, 6)
    assert stuart_maxwell(even).statistic == pytest.approx(0, abs=1e-12)
    assert bowker_symmetry(even).p_value == 1.0


def test_p_values_are_uniform_where_nothing_is_the_matter():
    """Of 400 simulated even exchanges a share near 0.05 has p below 0.05 (3.5 standard errors)."""
    generator = np.random.default_rng(11)
    even = np.array([[40, 20, 10], [20, 50, 15], [10, 15, 60]])
    p = np.array([[0.6, 0.3, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])
    counts = generator.multinomial(900, even.ravel() / even.sum(), 400).reshape(400, 3, 3)
    moves = np.array(
        [[[generator.multinomial(300, row) for row in p] for _ in range(3)] for _ in range(400)]
    )
    for test, cases in ((bowker_symmetry, counts), (stuart_maxwell, counts), (stationarity, moves)):
        share = np.mean([test(case).p_value < 0.05 for case in cases])
        assert abs(share - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 400)


def test_the_frame_says_what_was_found():
    """Small p values speak; stationarity needs three periods; nobody moving is nothing to test."""
    frame = chi_square_frame(np.array([VISION]), 0.95)
    assert frame.index.tolist() == ["bowker_symmetry", "stuart_maxwell"]
    assert frame.loc["stuart_maxwell", "says"] == "segments grew or shrank"
    assert (
        chi_square_frame(np.array([VISION]), 0.999)
        .loc["stuart_maxwell", "says"]
        .startswith("no sign")
    )
    still = chi_square_frame(np.array([np.diag([3, 4])] * 2), 0.95)
    assert still["says"].tolist() == ["nothing to test"] * 3
    assert still["df"].tolist() == [0, 0, 0]
    assert still[["statistic", "p_value"]].isna().all(axis=None)
