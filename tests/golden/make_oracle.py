"""Write the golden files of the oracle: python tests/golden/make_oracle.py.

Points are random but seeded, with edge points by hand in front. Inputs are stored as the decimal
strings of float64 numbers, so that reader and oracle see the same bits; results as 25 significant
digits. Before anything is written, closed forms are checked against direct integration.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from support import oracle  # noqa: E402

SEED = 20050524
STORED_DIGITS = 25
N_POINTS = 640
Point = dict[str, float]
PARAMETERS = ("r", "alpha", "a", "b")
HISTORY = (*PARAMETERS, "x", "t_x", "T")
CDNOW = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}


def main() -> None:
    """Check the closed forms, then write both golden files."""
    generator = np.random.default_rng(SEED)
    check_likelihood_by_integration()
    beta_geo_nbd = {
        "points": beta_geo_points(generator),
        "ahead": ahead_points(generator),
        "purchase_probability": count_points(generator),
        "discounted": discounted_points(generator),
    }
    check_growth_by_integration(beta_geo_nbd["points"])
    check_flow_by_integration(beta_geo_nbd["discounted"])
    write("beta_geo_nbd", "BG/NBD, Fader, Hardie & Lee (2005)", beta_geo_nbd)
    check_gamma_gamma_by_integration()
    gamma_gamma = {"points": spend_points(generator), "spend": mean_spend_points(generator)}
    write("gamma_gamma", "Gamma-Gamma, Fader & Hardie (2013)", gamma_gamma)


def beta_geo_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return the main section: likelihood, P(alive), expectations."""
    points = [*edge_points(), *(random_point(generator) for _ in range(N_POINTS))]
    functions = {
        "log_likelihood": (oracle.log_likelihood, HISTORY),
        "probability_alive": (oracle.probability_alive, HISTORY),
        "expected_purchases": (oracle.expected_purchases, (*HISTORY, "horizon")),
        "expected_purchases_new": (oracle.expected_purchases_new, (*PARAMETERS, "horizon")),
    }
    return [evaluate(point, functions) for point in points]


def ahead_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return P(alive) at a later time, 60 points."""
    points = [typical_point(generator) for _ in range(20)]
    points += [random_point(generator) for _ in range(40)]
    arguments = (*HISTORY, "ahead")
    renamed = [{**without(point, "horizon"), "ahead": point["horizon"]} for point in points]
    functions = {"probability_alive": (oracle.probability_alive, arguments)}
    return [evaluate(point, functions) for point in renamed]


def count_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return probabilities of n purchases, n from 0 to 200, 80 points."""
    points = [typical_point(generator) for _ in range(40)]
    points += [random_point(generator) for _ in range(40)]
    counts = [0, 1, 2, 5, 200, *generator.integers(0, 201, size=len(points) - 5).tolist()]
    counts[20:26] = counts[60:66] = [0, 0, 1, 1, 3, 200]
    arguments = (*HISTORY, "n", "horizon")
    functions = {"purchase_probability": (oracle.purchase_probability, arguments)}
    return [evaluate({**point, "n": n}, functions) for point, n in zip(points, counts, strict=True)]


def discounted_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return discounted expectations, a third of them for ever, 36 points."""
    points = [typical_point(generator) for _ in range(18)]
    points += [random_point(generator) for _ in range(18)]
    for index, point in enumerate(points):
        point["rate"] = rounded(10 ** generator.uniform(-4, 0))
        if index % 3 == 0:
            point["horizon"] = float("inf")
    arguments = (*HISTORY, "rate", "horizon")
    name = "discounted_expected_purchases"
    functions = {name: (oracle.discounted_expected_purchases, arguments)}
    return [evaluate(point, functions) for point in points]


def spend_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return Gamma-Gamma log-likelihoods, 100 points."""
    points = [random_spend(generator, lowest_x=1) for _ in range(97)]
    points += [
        {"p": 6.2497, "q": 3.7442, "v": 15.443, "x": 2, "m": 22.35},
        {"p": 1.0, "q": 1.0, "v": 1.0, "x": 10000, "m": 1e6},
        {"p": 1000.0, "q": 1000.0, "v": 0.01, "x": 10000, "m": 0.01},
    ]
    arguments = ("p", "q", "v", "x", "m")
    functions = {"log_likelihood": (oracle.gamma_gamma_log_likelihood, arguments)}
    return [evaluate(point, functions) for point in points]


def mean_spend_points(generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return Gamma-Gamma mean spends, q > 1, x = 0 among them, 100 points."""
    points = [random_spend(generator, lowest_x=0, lowest_q=1.001) for _ in range(100)]
    arguments = ("p", "q", "v", "x", "m")
    functions = {"expected_spend": (oracle.gamma_gamma_expected_spend, arguments)}
    return [evaluate(point, functions) for point in points]


def edge_points() -> list[Point]:
    """Return points by hand: a = 1, a + b = 1, b = 1, heavy buyers, both ends of t_x, T = 0."""
    histories = [(0, 0.0, 0.0), (0, 0.0, 38.86), (1, 38.86, 38.86), (2, 30.43, 38.86)]
    histories += [(26, 30.857142857142858, 31.0), (10000, 1000.0, 1000.0), (10000, 1e-6, 1000.0)]
    shapes = [(1.0, 2.5), (1.0, 1.0), (1 + 1e-9, 2.5), (1 - 1e-9, 2.5), (1 + 1e-4, 2.5)]
    shapes += [(0.9999, 0.5), (0.5, 0.5), (0.25, 0.75), (2.0, 1.0), (0.7929199, 2.4258881)]
    points = [
        {**CDNOW, "a": a, "b": b, **dict(zip(("x", "t_x", "T"), history, strict=True))}
        for a, b in shapes
        for history in histories
    ]
    horizons = [0.01, 1.0, 39.0, 52.0, 10000.0]
    for index, point in enumerate(points):
        point["horizon"] = horizons[index % len(horizons)]
    return [*points, *corner_points(), *published_points()]


def corner_points() -> list[Point]:
    """Return the corners of the parameter box for a heavy buyer and for a one-time buyer."""
    ends = (0.01, 1000.0)
    corners = [(r, alpha, a, b) for r in ends for alpha in ends for a in ends for b in ends]
    heavy = {"x": 10000, "t_x": 999.99, "T": 1000.0, "horizon": 10000.0}
    once = {"x": 0, "t_x": 0.0, "T": 1000.0, "horizon": 10000.0}
    return [
        {**dict(zip(PARAMETERS, corner, strict=True)), **history}
        for corner in corners
        for history in (heavy, once)
    ]


def published_points() -> list[Point]:
    """Return the customers of the CDNOW paper and of its increasing-frequency paradox."""
    paradox = [{"x": x, "t_x": 20.0, "T": 39.0, "horizon": 52.0} for x in (10, 15, 20, 25)]
    customer = {"x": 26, "t_x": 216 / 7, "T": 31.0, "horizon": 52.0}
    stable = {"x": 200, "t_x": 38.0, "T": 40.0, "horizon": 39.0}
    known = [{**CDNOW, **history} for history in (*paradox, customer)]
    return [*known, {"r": 0.25, "alpha": 4.0, "a": 0.8, "b": 2.5, **stable}]


def random_point(generator: np.random.Generator) -> Point:
    """Return a valid point: parameters log-uniform on [0.01, 1000], history and horizon wide."""
    point = {name: rounded(10 ** generator.uniform(-2, 3)) for name in PARAMETERS}
    x = 0 if generator.random() < 0.15 else int(10 ** generator.uniform(0, 4))
    T = random_time_observed(generator, x)
    t_x = 0.0 if x == 0 else random_recency(generator, T)
    horizon = rounded(10 ** generator.uniform(-2, 4))
    return {**point, "x": x, "t_x": t_x, "T": T, "horizon": horizon}


def typical_point(generator: np.random.Generator) -> Point:
    """Return a point as shops have them: CDNOW's parameters within a factor of three."""
    point = {name: rounded(value * 3 ** generator.uniform(-1, 1)) for name, value in CDNOW.items()}
    x = int(generator.poisson(3))
    T = rounded(generator.uniform(10, 100))
    t_x = 0.0 if x == 0 else random_recency(generator, T)
    return {**point, "x": x, "t_x": t_x, "T": T, "horizon": rounded(generator.uniform(1, 104))}


def random_time_observed(generator: np.random.Generator, x: int) -> float:
    if x == 0 and generator.random() < 0.15:
        return 0.0
    if generator.random() < 0.5:
        return rounded(generator.uniform(1, 1000))
    return rounded(10 ** generator.uniform(-2, 3))


def random_recency(generator: np.random.Generator, T: float) -> float:
    """Return a last purchase at T, near 0, near T or in between, never at 0."""
    kind = generator.random()
    if kind < 0.25:
        return T
    if kind < 0.40:
        return rounded(T * 10 ** generator.uniform(-9, -2))
    if kind < 0.55:
        return min(T, rounded(T * (1 - 10 ** generator.uniform(-5, -2))))
    return min(T, rounded(T * generator.uniform(0.01, 1)))


def random_spend(
    generator: np.random.Generator, lowest_x: int, lowest_q: float = 0.01
) -> dict[str, float]:
    point = {name: rounded(10 ** generator.uniform(-2, 3)) for name in ("p", "v")}
    q = rounded(10 ** generator.uniform(np.log10(lowest_q), 3))
    first_time = lowest_x == 0 and generator.random() < 0.15
    x = 0 if first_time else int(10 ** generator.uniform(0, 4))
    m = rounded(10 ** generator.uniform(-2, 6)) if x else 0.0
    return {"p": point["p"], "q": q, "v": point["v"], "x": x, "m": m}


def rounded(value: float) -> float:
    """Return the value to eight significant digits, which keeps the files small."""
    return float(f"{value:.8g}")


def without(point: Point, name: str) -> Point:
    return {key: value for key, value in point.items() if key != name}


def evaluate(
    point: Point, functions: dict[str, tuple[Callable[..., mpf], tuple[str, ...]]]
) -> dict[str, Any]:
    """Return the point with the value of each function as a decimal string."""
    values = {
        name: mp.nstr(function(*(point[key] for key in arguments)), STORED_DIGITS)
        for name, (function, arguments) in functions.items()
    }
    return {**{key: repr(value) for key, value in point.items()}, **values}


def check_growth_by_integration(rows: Iterable[dict[str, Any]]) -> None:
    """Compare every expectation with its integral over the chance of leaving."""
    for row in rows:
        point = {name: mpf(float(row[name])) for name in (*HISTORY, "horizon")}
        with mp.workdps(40):
            s, A, b = point["r"], point["alpha"], point["b"]
            new = integral_growth(s, A, point["a"], b, point["horizon"])
            agree(new, mpf(row["expected_purchases_new"]), row)
            s, A, b = s + point["x"], A + point["T"], b + point["x"]
            alive = integral_growth(s, A, point["a"], b, point["horizon"])
            known = alive * mpf(row["probability_alive"])
            agree(known, mpf(row["expected_purchases"]), row, STORED_DIGITS - 2)


def integral_growth(s: mpf, A: mpf, a: mpf, b: mpf, horizon: mpf) -> mpf:
    z = horizon / A
    return oracle.mean_over_chance(
        lambda p: mp.log(-mp.expm1(-s * mp.log1p(p * z))) - mp.log(p), a, b
    )


def check_flow_by_integration(rows: Iterable[dict[str, Any]]) -> None:
    """Compare the rate of purchases that is discounted with its integral, at six times ahead."""
    for row in rows:
        r, a, b, x = (mpf(float(row[name])) for name in ("r", "a", "b", "x"))
        for power in range(-2, 4):
            with mp.workdps(40):
                s = r + x + 1
                z = mpf(10) ** power / s
                found = oracle.mean_over_chance(lambda p, s=s, z=z: -s * mp.log1p(p * z), a, b + x)
                agree(found, mp.hyp2f1(s, a, a + b + x, -z), (row, z), 18)


def check_likelihood_by_integration() -> None:
    """Compare likelihood and P(alive) with integrals over the rate and the chance of leaving."""
    r, alpha, a, b = 1.5, 4.5, 1.75, 2.5
    for x, t_x, T in [(0, 0.0, 3.0), (1, 3.0, 3.0), (4, 2.0, 7.0)]:
        with mp.workdps(40):
            alive = integral_over_rate(r, alpha, x, T) * integral_over_chance(a, b, 0, x)
            gone = mpf(0)
            if x:
                gone = integral_over_rate(r, alpha, x, t_x) * integral_over_chance(a, b, 1, x - 1)
            point = (r, alpha, a, b, x, t_x, T)
            agree(mp.log(alive + gone), oracle.log_likelihood(*point), point, 20)
            agree(alive / (alive + gone), oracle.probability_alive(*point), point, 20)


def integral_over_rate(r: float, alpha: float, x: int, time: float) -> mpf:
    density = lambda u: mpf(alpha) ** r / mp.gamma(r) * u ** (r - 1) * mp.exp(-alpha * u)  # noqa: E731
    return mp.quad(lambda u: density(u) * u**x * mp.exp(-time * u), [0, 1, 4, mp.inf])


def integral_over_chance(a: float, b: float, left: int, right: int) -> mpf:
    density = lambda u: u ** (a - 1) * (1 - u) ** (b - 1) / mp.beta(a, b)  # noqa: E731
    return mp.quad(lambda u: density(u) * u**left * (1 - u) ** right, [0, 0.5, 1])


def check_gamma_gamma_by_integration() -> None:
    """Compare density and mean spend with integrals over nu of the two Gamma densities."""
    p, q, v, x, m = 2.5, 3.25, 7.5, 3, 11.0

    def joint(nu: mpf) -> mpf:
        shape, rate = mpf(p) * x, nu * x
        spend = rate**shape * mpf(m) ** (shape - 1) * mp.exp(-rate * m) / mp.gamma(shape)
        return spend * mpf(v) ** q * nu ** (q - 1) * mp.exp(-v * nu) / mp.gamma(q)

    with mp.workdps(40):
        density = mp.quad(joint, [0, 1, 4, mp.inf])
        mean = mp.quad(lambda nu: p / nu * joint(nu), [0, 1, 4, mp.inf]) / density
        point = (p, q, v, x, m)
        agree(mp.log(density), oracle.gamma_gamma_log_likelihood(*point), point, 20)
        agree(mean, oracle.gamma_gamma_expected_spend(*point), point, 20)


def agree(found: mpf, wanted: mpf, point: Any, digits: int = STORED_DIGITS - 1) -> None:
    if abs(found - wanted) > abs(wanted) * mpf(10) ** -digits:
        raise ArithmeticError(f"two forms must agree; found {found} and {wanted} at {point}")


def write(name: str, source: str, sections: dict[str, list[dict[str, Any]]]) -> None:
    """Write the sections, column by column, as compact JSON."""
    document = {
        "source": f"{source}; made by tests/golden/make_oracle.py",
        "seed": SEED,
        "mpmath": mpmath.__version__,
        "digits": STORED_DIGITS,
        "sections": {
            section: {column: [row[column] for row in rows] for column in rows[0]}
            for section, rows in sections.items()
        },
    }
    text = json.dumps(document, separators=(",", ":")) + "\n"
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")
    print(f"{name}.json: {', '.join(f'{k} {len(v)}' for k, v in sections.items())}")


if __name__ == "__main__":
    main()
