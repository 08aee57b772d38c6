"""The gap statistic: its definition, theory for uniform rows, and the models of its authors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from threadpoolctl import threadpool_limits

from custvalue.segmentation._clusters.gap import gap_number, gap_statistic, reference_box
from support.groupings import blobs, distinct_groups, k_means

KS = [1, 2, 3, 4, 5]


def gap(Z, ks=KS, cluster=k_means, n_references=10, seed=0):
    """Return the gap statistic of the groupings that the clusterer finds."""
    groupings = [cluster(Z, k, 0) for k in ks]
    generator = np.random.default_rng(seed)
    with threadpool_limits(1):  # many small fits; threads only wait here
        return gap_statistic(
            Z, cluster, groupings, ks, generator=generator, n_references=n_references
        )


def log_dispersion(Z, codes):
    """Return log of W_k = sum over groups of D_r / (2 n_r), D_r over all pairs (their eq. 2)."""
    groups = [Z[codes == group] for group in set(codes.tolist())]
    total = sum(cdist(rows, rows, "sqeuclidean").sum() / (2 * len(rows)) for rows in groups)
    return np.log(total)


def test_the_statistic_in_plain_loops():
    """Pairs, principal axes and boxes written out anew agree within the Monte-Carlo errors.

    Two independent means of 30 references differ by sqrt(2 / 31) standard errors s_k; four of
    those are allowed.
    """
    Z = blobs((0, 0), (4, 1), n=20)
    generator = np.random.default_rng(99)
    axes = np.linalg.eigh(np.cov(Z.T))[1]
    along = Z @ axes
    logs = []
    for _ in range(30):
        columns = [generator.uniform(min(part), max(part), len(Z)) for part in along.T]
        reference = np.column_stack(columns) @ axes.T
        with threadpool_limits(1):
            groupings = [k_means(reference, k, 0) for k in (1, 2, 3)]
        logs.append([log_dispersion(reference, codes) for codes in groupings])
    observed = [log_dispersion(Z, k_means(Z, k, 0)) for k in (1, 2, 3)]
    found = gap(Z, (1, 2, 3), n_references=30)
    error = found.standard_error
    assert (abs(found.gap - (np.mean(logs, axis=0) - observed)) < 4 * error * (2 / 31) ** 0.5).all()
    assert found.standard_error == pytest.approx(
        np.std(logs, axis=0) * np.sqrt(1 + 1 / 30), rel=0.5
    )


def test_the_references_of_a_line_follow_theory():
    """The best k groups of a uniform line of length L leave L^2 / (12 k^2) a row.

    2,000 rows: the relative error of a variance is about 2 %, so the logarithm is right to .03.
    """
    Z = np.linspace(0, 7, 2000)[:, None]
    found = gap(Z, (1, 2, 3), n_references=10)
    observed = np.log([7**2 / (12 * k**2) for k in (1, 2, 3)])
    assert found.gap + observed == pytest.approx(observed, abs=0.03)
    assert (found.standard_error < 0.03).all()


@pytest.mark.parametrize("seed", range(3))
def test_one_cloud_in_ten_dimensions_is_one_group(seed):
    """Model (a) of the paper, section 5: 200 rows uniform in the unit cube of 10 dimensions."""
    Z = np.random.default_rng(seed).uniform(size=(200, 10))
    found = gap(Z)
    assert gap_number(KS, found.gap, found.standard_error) == 1


@pytest.mark.parametrize("seed", range(3))
def test_three_clouds_in_two_dimensions_are_three_groups(seed):
    """Model (b) of the paper: 25, 25 and 50 normal rows around (0, 0), (0, 5) and (5, -3)."""
    Z = blobs((0, 0), (0, 5), (5, -3), (5, -3), n=25, seed=seed)
    found = gap(Z)
    assert gap_number(KS, found.gap, found.standard_error) == 3


def test_turning_and_scaling_leave_the_box_around_the_rows():
    """The box lies along the principal axes: its volume does not change with the coordinates."""
    Z = blobs((0, 0), (9, 2), n=30)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    plain, turned = reference_box(Z), reference_box(3 * Z @ turn + 5)
    assert turned.high - turned.low == pytest.approx(3 * (plain.high - plain.low), rel=1e-9)
    drawn = (turned.draw(500, np.random.default_rng(0)) - turned.centre) @ turned.axes.T
    assert (drawn >= turned.low - 1e-9).all()
    assert (drawn <= turned.high + 1e-9).all()


def test_groups_of_equal_rows_have_a_finite_gap():
    """Rows of three distinct points: three groups stand out, and the gap is a plain number."""
    Z = np.repeat([[0.0, 0.0], [1.0, 5.0], [4.0, 1.0]], 20, axis=0)
    found = gap(Z, (1, 2, 3))
    assert np.isfinite(found.gap).all()
    assert gap_number([1, 2, 3], found.gap, found.standard_error) == 3


@pytest.mark.parametrize("noise", [False, True])
def test_without_dispersion_or_groups_there_is_no_gap(noise):
    """All rows equal, or all rows in no group: NaN, no exception."""
    Z = np.arange(20.0).reshape(10, 2) if noise else np.ones((10, 2))
    found = gap(Z, (1, 2), lambda rows, k, seed: np.full(len(rows), -1 if noise else 0))
    assert np.isnan(found.gap).all()
    assert np.isnan(found.standard_error).all()
    assert gap_number([1, 2], found.gap, found.standard_error) is None


def test_rows_of_no_group_are_left_out():
    """A clusterer that leaves out every tenth row has the gap of dispersions a row."""

    def halves(Z, k, seed):
        codes = distinct_groups(np.sign(Z[:, :1]), k, seed)
        return np.where(np.arange(len(Z)) % 10 == 0, -1, codes)

    Z = blobs((-5, 0), (5, 0), n=200)
    all_rows = gap(Z, (2,), lambda Z, k, seed: distinct_groups(np.sign(Z[:, :1]), k, seed))
    assert gap(Z, (2,), halves).gap == pytest.approx(all_rows.gap, abs=0.1)


def test_the_rule_of_one_standard_error():
    """The smallest number within one error of the next; the last where the gap only rises."""
    error = np.full(4, 0.05)
    assert gap_number([1, 2, 3, 4], np.array([0.1, 0.3, 0.8, 0.7]), error) == 3
    assert gap_number([1, 2, 3, 4], np.array([0.1, 0.15, 0.8, 0.7]), error + 1e-9) == 1
    assert gap_number([1, 2, 3, 4], np.array([0.1, 0.3, 0.5, 0.7]), error) == 4
    assert gap_number([1, 2, 5, 9], np.array([0.1, 0.3, np.nan, 0.32]), error) == 2


def test_a_generator_gives_one_answer():
    """The same seed gives the same numbers, another seed others."""
    Z = blobs((0, 0), n=50)
    assert gap(Z).gap.tolist() == gap(Z).gap.tolist()
    assert gap(Z).gap.tolist() != gap(Z, seed=1).gap.tolist()
