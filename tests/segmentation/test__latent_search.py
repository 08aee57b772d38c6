"""The search for latent classes against a plain one, other programs, and the truth."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from custvalue.segmentation._latent_answers import AnswerPatterns, answer_patterns
from custvalue.segmentation._latent_class import (
    LatentClasses,
    g_squared,
    pattern_log_likelihood,
)
from custvalue.segmentation._latent_search import fit_classes

ROLE_CONFLICT = [20, 2, 9, 2, 6, 1, 4, 1, 38, 7, 24, 6, 25, 6, 23, 42]
"""Stouffer and Toby (1951), 216 respondents, four items, the first slowest."""

SIZES = (2, 3, 4)
TWO = LatentClasses(
    np.array([0.7, 0.3]),
    np.array(
        [
            *([0.9, 0.2], [0.1, 0.8]),
            *([0.5, 0.1], [0.5, 0.1], [0.0, 0.8]),
            *([0.1, 0.4], [0.2, 0.3], [0.3, 0.2], [0.4, 0.1]),
        ]
    ),
    SIZES,
)


def role_conflict() -> AnswerPatterns:
    codes = np.array(list(product([0, 1], repeat=4)))
    return answer_patterns(codes, [2] * 4, np.array(ROLE_CONFLICT, dtype=float))


def fit(patterns, sizes, k, *, n_starts=8, prior=0.0, seed=0):
    generator = np.random.default_rng(seed)
    return fit_classes(patterns, sizes, k, n_starts=n_starts, prior=prior, generator=generator)


def drawn(n: int, seed: int, missing: float = 0.0) -> np.ndarray:
    """Return answers of respondents of the two classes, some missing by chance."""
    generator = np.random.default_rng(seed)
    members = generator.random(n) < TWO.shares[1]
    codes = np.empty((n, len(SIZES)), dtype=np.int64)
    for j, (start, size) in enumerate(zip(TWO.offsets, SIZES, strict=True)):
        cumulated = TWO.probabilities[start : start + size].cumsum(axis=0)
        codes[:, j] = (generator.random(n) > cumulated[:-1, members.astype(int)]).sum(axis=0)
    codes[generator.random(codes.shape) < missing] = -1
    return codes


def plain_joint(classes: LatentClasses, row) -> list[float]:
    """Return pi_k times the product of the probabilities of what was answered, in loops."""
    joint = []
    for k, share in enumerate(classes.shares):
        for j, answer in enumerate(row):
            if answer >= 0:
                share = share * classes.probabilities[sum(classes.sizes[:j]) + answer, k]
        joint.append(share)
    return joint


def plain_step(classes: LatentClasses, codes, counts, prior) -> LatentClasses:
    """Return one step of EM, in loops over respondents, items and classes."""
    shares = np.zeros(len(classes.shares))
    totals = np.full(classes.probabilities.shape, float(prior))
    for row, count in zip(codes, counts, strict=True):
        joint = plain_joint(classes, row)
        for k in range(len(shares)):
            chance = count * joint[k] / sum(joint)
            shares[k] += chance
            for j, answer in enumerate(row):
                if answer >= 0:
                    totals[sum(classes.sizes[:j]) + answer, k] += chance
    for j, size in enumerate(classes.sizes):
        start = sum(classes.sizes[:j])
        totals[start : start + size] /= totals[start : start + size].sum(axis=0)
    return LatentClasses(shares / shares.sum(), totals, classes.sizes)


@pytest.mark.parametrize("prior", [0.0, 0.7])
def test_a_fit_is_a_fixed_point_of_a_plain_step(prior):
    """A step of EM in loops, with gaps, leaves shares and probabilities where they are."""
    found = answer_patterns(drawn(300, seed=1, missing=0.2), SIZES)
    classes = fit(found, SIZES, 2, prior=prior).classes
    step = plain_step(classes, found.codes, found.counts, prior)
    # EM ends where the likelihood gains 1e-10 of itself a step; the error is its root.
    np.testing.assert_allclose(classes.shares, step.shares, atol=2e-4)
    np.testing.assert_allclose(classes.probabilities, step.probabilities, atol=2e-4)


def test_the_fit_is_the_end_of_plain_em_whose_likelihood_never_falls():
    """Loops from another start climb, step by step, to the same likelihood."""
    found = answer_patterns(drawn(400, seed=2), SIZES)
    start = np.random.default_rng(3).uniform(0.2, 0.8, (sum(SIZES), 2))
    begin = LatentClasses(np.array([0.5, 0.5]), start, SIZES)
    classes = plain_step(begin, found.codes, found.counts, 1)
    path = []
    for _ in range(400):
        path.append(found.counts @ pattern_log_likelihood(classes, found.codes))
        classes = plain_step(classes, found.codes, found.counts, 0.0)
    assert (np.diff(path) > -1e-9).all()
    assert fit(found, SIZES, 2).log_likelihood == pytest.approx(path[-1], abs=1e-4)


@pytest.mark.parametrize(
    ("k", "log_likelihood", "g2"), [(1, -543.6498, 81.084), (2, -504.4677, 2.720)]
)
def test_role_conflict_is_what_other_programs_find(k, log_likelihood, g2):
    """Log-likelihoods as the manual of R's poLCA prints them ("values"), G2 of Goodman (1974)."""
    found = fit(role_conflict(), [2] * 4, k)
    assert found.log_likelihood == pytest.approx(log_likelihood, abs=6e-5)  # four decimals printed
    assert g_squared(found.classes, role_conflict()) == pytest.approx(g2, abs=1e-3)


def test_three_classes_of_role_conflict_fit_as_known():
    """-503.3011, as the manual of poLCA prints it; the likelihood is flat there."""
    found = fit(role_conflict(), [2] * 4, 3, n_starts=20)
    assert found.log_likelihood == pytest.approx(-503.3011, abs=2e-4)


def test_shares_of_role_conflict_are_those_of_goodman():
    """.721 and .279, and the probabilities of Goodman (1974), to the three decimals printed."""
    classes = fit(role_conflict(), [2] * 4, 2).classes
    np.testing.assert_allclose(classes.shares, [0.721, 0.279], atol=6e-4)
    expected = [[0.714, 0.330, 0.354, 0.132], [0.993, 0.940, 0.927, 0.769]]
    np.testing.assert_allclose(classes.probabilities[1::2].T, expected, atol=1e-3)


def test_pleural_thickening_is_what_lem_finds():
    """Three dichotomies, two classes, no degree of freedom (Dayton 1998, table 3.2, by LEM)."""
    counts = np.array([1513.0, 23, 59, 12, 21, 19, 11, 34])
    found = answer_patterns(np.array(list(product([0, 1], repeat=3))), [2] * 3, counts)
    best = fit(found, [2] * 3, 2)
    assert best.log_likelihood == pytest.approx(-891.14280, abs=1e-4)
    assert g_squared(best.classes, found) == pytest.approx(0, abs=1e-4)
    # LEM stops at a gain of 1e-6 and prints four decimals.
    np.testing.assert_allclose(best.classes.shares, [0.9455, 0.0545], atol=1e-3)
    expected = [[0.99, 0.9646, 0.9891], [0.2510, 0.3566, 0.2350]]
    np.testing.assert_allclose(best.classes.probabilities[::2].T, expected, atol=5e-3)


def test_classes_are_recovered_from_answers_drawn_from_them():
    """30,000 respondents, a fifth of the answers missing: within four standard errors or so."""
    found = answer_patterns(drawn(30_000, seed=4, missing=0.2), SIZES)
    classes = fit(found, SIZES, 2).classes
    np.testing.assert_allclose(classes.shares, TWO.shares, atol=0.04)
    np.testing.assert_allclose(classes.probabilities, TWO.probabilities, atol=0.04)


def test_many_patterns_are_searched_on_a_sample_and_finished_on_all(monkeypatch):
    """The likelihood is that of the search on all patterns."""
    codes = drawn(3000, seed=5)
    codes = np.hstack([codes, codes[::-1]])
    found = answer_patterns(codes, SIZES * 2)
    whole = fit(found, SIZES * 2, 3)
    monkeypatch.setattr("custvalue.segmentation._latent_search._SEARCHED", len(found.counts) // 2)
    monkeypatch.setattr("custvalue.segmentation._latent_search._DENSE", 0)
    sampled = fit(found, SIZES * 2, 3)
    assert sampled.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-3)
    assert sampled.starts == 8


def test_a_prior_is_pseudo_respondents():
    """In one class the estimate is (n + prior) / (N + categories x prior)."""
    found = answer_patterns(np.array([[0], [0], [0], [1]]), [3])
    chances = fit(found, [3], 1, prior=0.5).classes.probabilities.ravel()
    np.testing.assert_allclose(chances, [3.5 / 5.5, 1.5 / 5.5, 0.5 / 5.5], rtol=1e-12)
