"""The points of the golden files: random but seeded, with edge points by hand in front.

Parameters are log-uniform on [.01, 1000], or exactly where formulas break (a = 1, s = 1,
alpha = beta, beta = 1); histories have up to 10,000 purchases, horizons are 0 to 1000.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from support import oracle

N_POINTS = 2000
N_REGULAR_POINTS = 320
N_SMALL = 80
N_DISCOUNTED = 60
REGULAR = ("beta_geo_cnbd", "modified_beta_geo_cnbd")
REGULARITIES = (2, 3, 5, 12)
COUNTS = (0, 1, 2, 5, 20, 100, 500, 2000, 10000)
Point = dict[str, float]

# Plausible values, as shops (for BG/BB: donors) have them.
TYPICAL = {
    "pareto_nbd": (0.553, 10.58, 0.606, 11.67),
    "modified_beta_geo_nbd": (0.525, 6.183, 0.891, 1.614),
    "beta_geo_nbd": (0.2425945, 4.4136019, 0.7929199, 2.4258881),
    "nbd": (0.385, 12.072),
    "beta_geo_beta_binom": (1.203528, 0.749726, 0.656781, 2.783796),
    "gamma_gompertz_nbd": (0.553, 10.58, 0.02, 0.603, 0.26),
}
# Where a formula in the literature divides by zero, or changes its branch.
EXACT = {"a": 1.0, "s": 1.0, "b": 1.0, "beta": 1.0, "gamma": 1.0}


def main_points(name: str, generator: np.random.Generator) -> list[Point]:
    """Return edges and random points for likelihood, gradient, P(alive) and expectations."""
    if name == "beta_geo_beta_binom":
        edges = whole_edge_points()
        return edges + [whole_point(generator) for _ in range(N_POINTS - len(edges))]
    if name in REGULAR:
        return regular_points(name, generator)
    edges = [*edge_points(name), *corner_points(name), *published_points(name)]
    return edges + [random_point(name, generator) for _ in range(N_POINTS - len(edges))]


def ahead_points(name: str, generator: np.random.Generator) -> list[Point]:
    """Return points with a time ahead."""
    points = some_points(name, generator, N_SMALL)
    return [{**without(point, "horizon"), "ahead": point["horizon"]} for point in points]


def count_points(name: str, generator: np.random.Generator) -> list[Point]:
    """Return points with a number of purchases from 0 to 200, small ones first."""
    points = some_points(name, generator, N_SMALL)
    counts = [0, 1, 2, 5, 200, *generator.integers(0, 201, size=N_SMALL - 5).tolist()]
    counts[20:40] = counts[60:70] = [0, 0, 0, 1, 1, 1, 2, 3, 5, 10] * 2
    return [{**point, "n": n} for point, n in zip(points, counts, strict=False)]


def discounted_points(name: str, generator: np.random.Generator) -> list[Point]:
    """Return points with a rate from 1e-4 to 1, a third of them for ever."""
    points = some_points(name, generator, N_DISCOUNTED)
    for index, point in enumerate(points):
        lowest = -0.7 if name in REGULAR and index % 3 == 0 else -4
        point["rate"] = rounded(10 ** generator.uniform(lowest, 0))
        if index % 3 == 0 and (name not in REGULAR or ends_soon(name, point)):
            point["horizon"] = float("inf")
    return points


def ends_soon(name: str, point: Point) -> bool:
    """Return whether few events fall into the time for which discounting leaves anything."""
    model = oracle.MODELS[name](*(point[letter] for letter in oracle.MODELS[name].names))
    return model.is_short(point["x"], point["T"], 60 / point["rate"], longest=1500)


def some_points(name: str, generator: np.random.Generator, number: int) -> list[Point]:
    """Return points half of which are as shops have them, half anywhere."""
    if name == "beta_geo_beta_binom":
        return [whole_point(generator, typical=2 * i < number) for i in range(number)]
    if name in REGULAR:
        return short_points(name, generator, number)
    half = number // 2
    typical = [typical_point(name, generator) for _ in range(half)]
    return typical + [random_point(name, generator) for _ in range(number - half)]


def regular_points(name: str, generator: np.random.Generator) -> list[Point]:
    """Return points of every regularity in turn: a few awkward ones, and random ones."""
    plain = name.replace("cnbd", "nbd")
    edges = [*edge_points(plain)[::3], *corner_points(plain)[::3], *published_points(plain)]
    number = N_REGULAR_POINTS - len(edges)
    points = edges + [random_point(plain, generator) for _ in range(number)]
    return [with_gaps(point, index, generator) for index, point in enumerate(points)]


def short_points(name: str, generator: np.random.Generator, number: int) -> list[Point]:
    """Return points of every regularity with few events ahead, half of them as shops have them."""
    plain, points = name.replace("cnbd", "nbd"), []
    while len(points) < number:
        typical = 2 * len(points) < number
        point = (typical_point if typical else random_point)(plain, generator)
        point = with_gaps(point, len(points), generator)
        model = oracle.MODELS[name](*(point[letter] for letter in oracle.MODELS[name].names))
        if model.is_short(point["x"], point["T"], point["horizon"], longest=600):
            points.append(point)
    return points


def with_gaps(point: Point, index: int, generator: np.random.Generator) -> Point:
    """Return the point with a regularity, and a sum of log-gaps that its gaps may have."""
    x, t_x = point["x"], point["t_x"]
    gaps = rounded(x * (np.log(t_x / x) - generator.uniform(0, 1))) if x else 0.0
    k = REGULARITIES[index % len(REGULARITIES)]
    front = {"k": k, **without(point, "horizon")}
    return {**front, "log_interval_sum": gaps, "horizon": point["horizon"]}


def edge_points(name: str) -> list[Point]:
    """Return awkward shapes with awkward histories, otherwise with typical parameters."""
    names = oracle.MODELS[name].names
    histories = [
        (0, 0.0, 0.0),
        (0, 0.0, 38.86),
        (1, 38.86, 38.86),
        (2, 30.43, 38.86),
        (26, 30.857142857142858, 31.0),
        (10000, 1000.0, 1000.0),
        (10000, 1e-6, 1000.0),
    ]
    typical = dict(zip(names, TYPICAL[name], strict=True))
    horizons = [0.0, 0.01, 1.0, 39.0, 1000.0]
    return [
        {**typical, **shape, **history_of(*history), "horizon": horizons[index % len(horizons)]}
        for index, (shape, history) in enumerate(product(awkward_shapes(name), histories))
    ]


def awkward_shapes(name: str) -> list[Point]:
    """Return parameters at which a formula of the literature is 0/0, or nearly."""
    near = [1.0, 1 + 1e-9, 1 - 1e-9, 1 + 1e-4]
    if name in ("pareto_nbd", "gamma_gompertz_nbd"):
        shapes = [{"s": s} for s in near]
        shapes += [{"alpha": 10.0, "beta": 10.0 * ratio} for ratio in near]
        if name == "gamma_gompertz_nbd":
            shapes += [{"beta": beta} for beta in near]
        return [*shapes, {"alpha": 1.0, "beta": 1.0, "s": 1.0}]
    if name == "nbd":
        return [{"r": r} for r in near]
    pairs = [*((a, 2.5) for a in near), (1.0, 1.0), (0.9999, 0.5), (0.5, 0.5), (0.25, 0.75)]
    return [{"a": a, "b": b} for a, b in [*pairs, (2.0, 1.0), (0.7929199, 2.4258881)]]


def corner_points(name: str) -> list[Point]:
    """Return the corners of the parameter box for a heavy buyer and for a one-time buyer."""
    names = oracle.MODELS[name].names
    heavy, once = history_of(10000, 999.99, 1000.0), history_of(0, 0.0, 1000.0)
    return [
        {**dict(zip(names, corner, strict=True)), **history, "horizon": 1000.0}
        for corner in product((0.01, 1000.0), repeat=len(names))
        for history in (heavy, once)
    ]


def published_points(name: str) -> list[Point]:
    """Return the customers of the CDNOW papers and of the increasing-frequency paradox."""
    typical = dict(zip(oracle.MODELS[name].names, TYPICAL[name], strict=True))
    paradox = [history_of(x, 20.0, 39.0) for x in (10, 15, 20, 25)]
    customers = [*paradox, history_of(26, 216 / 7, 31.0), history_of(200, 38.0, 40.0)]
    return [{**typical, **history, "horizon": 52.0} for history in customers]


def random_point(name: str, generator: np.random.Generator) -> Point:
    """Return a valid point anywhere."""
    point = random_parameters(oracle.MODELS[name].names, generator)
    x = int(generator.choice(COUNTS))
    T = rounded(10 ** generator.uniform(-1, 3))
    t_x = 0.0 if x == 0 else random_recency(generator, T)
    horizon = rounded(10 ** generator.uniform(-2, 3)) if generator.random() < 0.95 else 0.0
    return {**point, **history_of(x, t_x, T), "horizon": horizon}


def random_parameters(names: Sequence[str], generator: np.random.Generator) -> Point:
    """Return parameters log-uniform on the box; one in six is exactly where formulas break."""
    point = {name: rounded(10 ** generator.uniform(-2, 3)) for name in names}
    special = [name for name in names if name in EXACT]
    if special and generator.random() < 1 / 6:
        name = special[generator.integers(len(special))]
        point[name] = EXACT[name]
    if "alpha" in names and "beta" in names and generator.random() < 1 / 10:
        point["beta"] = point["alpha"]
    return point


def typical_point(name: str, generator: np.random.Generator) -> Point:
    """Return a point as shops have them: published parameters within a factor of three."""
    known = zip(oracle.MODELS[name].names, TYPICAL[name], strict=True)
    point = {letter: rounded(value * 3 ** generator.uniform(-1, 1)) for letter, value in known}
    x = int(generator.poisson(3))
    T = rounded(generator.uniform(10, 100))
    t_x = 0.0 if x == 0 else random_recency(generator, T)
    return {**point, **history_of(x, t_x, T), "horizon": rounded(generator.uniform(1, 104))}


def random_recency(generator: np.random.Generator, T: float) -> float:
    """Return a last purchase at T, near 0, near T or in between, never at 0."""
    kind = generator.random()
    if kind < 0.25:
        return T
    if kind < 0.35:
        return rounded(T * 10 ** generator.uniform(-9, -2))
    if kind < 0.50:
        return min(T, rounded(T * (1 - 10 ** generator.uniform(-7, -2))))
    return min(T, rounded(T * generator.uniform(0.01, 1)))


def whole_edge_points() -> list[Point]:
    """Return the corners of BG/BB's box with four histories, and awkward shapes with six."""
    names = oracle.MODELS["beta_geo_beta_binom"].names
    typical = dict(zip(names, TYPICAL["beta_geo_beta_binom"], strict=True))
    far = [(0, 0, 500), (500, 500, 500), (250, 250, 500), (100, 400, 500)]
    near = [(0, 0, 0), (0, 0, 6), (1, 1, 6), (4, 5, 6), (2, 4, 6), (6, 6, 6)]
    shapes = [{}, {"gamma": 1.0}, {"gamma": 1 + 1e-9}, {"gamma": 2.0}, dict.fromkeys(names, 1.0)]
    corners = [
        {**dict(zip(names, corner, strict=True)), **history_of(*history), "horizon": 1000}
        for corner in product((0.01, 1000.0), repeat=4)
        for history in far
    ]
    return corners + [
        {**typical, **shape, **history_of(*history), "horizon": (10, 1, 0)[index % 3]}
        for index, (shape, history) in enumerate(product(shapes, near))
    ]


def whole_point(generator: np.random.Generator, typical: bool = False) -> Point:
    """Return a valid BG/BB point: n opportunities to 500, x <= t_x <= n."""
    names = oracle.MODELS["beta_geo_beta_binom"].names
    point = random_parameters(names, generator)
    if typical:
        known = zip(names, TYPICAL["beta_geo_beta_binom"], strict=True)
        point = {letter: rounded(value * 3 ** generator.uniform(-1, 1)) for letter, value in known}
    n = int(generator.choice([1, 2, 5, 6, 10, 20, 52, 100, 200, 500]))
    n = min(n, 20) if typical else n
    x = int(generator.choice([0, min(1, n), n, generator.integers(0, n + 1)]))
    t_x = int(generator.choice([x, n, generator.integers(x, n + 1)])) if x else 0
    horizon = int(10 ** generator.uniform(0, 3)) if generator.random() < 0.95 else 0
    return {**point, **history_of(x, t_x, n), "horizon": horizon}


def spend_points(generator: np.random.Generator) -> list[Point]:
    """Return Gamma-Gamma points for log-likelihoods, 100 of them."""
    points = [random_spend(generator, lowest_x=1) for _ in range(97)]
    return [
        *points,
        {"p": 6.2497, "q": 3.7442, "v": 15.443, "x": 2, "m": 22.35},
        {"p": 1.0, "q": 1.0, "v": 1.0, "x": 10000, "m": 1e6},
        {"p": 1000.0, "q": 1000.0, "v": 0.01, "x": 10000, "m": 0.01},
    ]


def mean_spend_points(generator: np.random.Generator) -> list[Point]:
    """Return Gamma-Gamma points for mean spends, q > 1, x = 0 among them, 100 points."""
    return [random_spend(generator, lowest_x=0, lowest_q=1.001) for _ in range(100)]


def random_spend(generator: np.random.Generator, lowest_x: int, lowest_q: float = 0.01) -> Point:
    point = {name: rounded(10 ** generator.uniform(-2, 3)) for name in ("p", "v")}
    q = rounded(10 ** generator.uniform(np.log10(lowest_q), 3))
    first_time = lowest_x == 0 and generator.random() < 0.15
    x = 0 if first_time else int(10 ** generator.uniform(0, 4))
    m = rounded(10 ** generator.uniform(-2, 6)) if x else 0.0
    return {"p": point["p"], "q": q, "v": point["v"], "x": x, "m": m}


def history_of(x: float, t_x: float, T: float) -> Point:
    return {"x": x, "t_x": t_x, "T": T}


def rounded(value: float) -> float:
    """Return the value to eight significant digits, which keeps the files small."""
    return float(f"{value:.8g}")


def without(point: Point, *names: str) -> Point:
    return {key: value for key, value in point.items() if key not in names}
