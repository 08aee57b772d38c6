import numpy as np
import pytest

from custvalue._numerics.silence import silence, silence_with_slopes

PARAMETERS = (1.2, 0.75, 0.66, 2.8)


def rows(n_rows, most=30, seed=0):
    """Return valid x, t_x and n of every kind."""
    generator = np.random.default_rng(seed)
    n = generator.integers(0, most + 1, n_rows)
    t_x = generator.integers(0, n + 1)
    x = np.where(t_x > 0, 1 + generator.binomial(np.maximum(t_x - 1, 0), 0.4), 0)
    return x.astype(float), t_x.astype(float), n.astype(float)


def step_by_step(parameters, x, t_x, n):
    """Return the probabilities of one silence by going forward in time."""
    a, b, g, d = parameters
    left, still = 0.0, 1.0
    for k in range(int(t_x), int(n)):
        left += still * g / (g + d + k)
        still *= (d + k) / (g + d + k) * (b + k - x) / (a + b + k)
    return left, still


@pytest.mark.parametrize("parameters", [PARAMETERS, (0.01,) * 4, (1000.0, 0.01, 0.01, 1000.0)])
def test_silence_is_that_of_a_walk_forward(parameters):
    """The backward recurrence gives what the story gives, told from the last purchase on."""
    table = rows(200)
    expected = [step_by_step(parameters, *row) for row in zip(*table, strict=True)]
    np.testing.assert_allclose(np.transpose(silence(parameters, *table)), expected, rtol=1e-12)


def test_rows_that_share_a_lane_and_rows_that_do_not_agree():
    """Numbers for parameters, or arrays of one value, are the same."""
    table = rows(300)
    arrays = tuple(np.full(300, value) for value in PARAMETERS)
    shared, own = (silence_with_slopes(which, *table) for which in (PARAMETERS, arrays))
    for one, other in zip(shared, own, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    mixed = silence((PARAMETERS[0], arrays[1], *PARAMETERS[2:]), *table)
    np.testing.assert_allclose(mixed, shared[:2], rtol=1e-14)


def test_both_walks_agree():
    """With and without slopes the probabilities are the same."""
    table = rows(100)
    np.testing.assert_allclose(
        silence_with_slopes(PARAMETERS, *table)[:2], silence(PARAMETERS, *table)
    )


def test_slopes_are_those_of_the_logarithm():
    """Together they are the derivatives, here against central differences of step 1e-6."""
    table = rows(100)
    left, alive, slopes = silence_with_slopes(PARAMETERS, *table)
    stopped = left / (left + alive)
    expected = [
        -slopes[0],
        slopes[1] - slopes[0],
        stopped / PARAMETERS[2] - slopes[2],
        slopes[3] - slopes[2],
    ]
    for i, value in enumerate(PARAMETERS):
        moved = [list(PARAMETERS) for _ in range(2)]
        moved[0][i], moved[1][i] = value + 1e-6, value - 1e-6
        up, down = (np.log(sum(silence(tuple(which), *table))) for which in moved)
        np.testing.assert_allclose(expected[i], (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


def test_no_silence_says_nothing():
    """Who bought at the last opportunity, or had none, is there."""
    left, alive, slopes = silence_with_slopes(
        PARAMETERS, np.array([3.0, 0.0]), np.array([5.0, 0.0]), np.array([5.0, 0.0])
    )
    assert left.tolist() == [0, 0]
    assert alive.tolist() == [1, 1]
    assert not slopes.any()


def test_long_silences_neither_overflow_nor_cancel():
    """After 10,000 opportunities a faithful buyer has left; what is left of W is no NaN."""
    found = silence((1000.0, 0.01, 0.01, 1000.0), np.array([5.0]), np.array([5.0]), np.array([1e4]))
    assert found[1] == 0
    assert found[0] > 0
    np.testing.assert_allclose(found[0], 0.01 / 1005.01 * (1 + 0.01 / 1005.01), rtol=1e-4)
