"""Checks of the oracle against other forms of the same, run before golden files are written."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

from mpmath import mp, mpf

from support import oracle
from support.oracle.regular import integral_growth, series_growth

HISTORIES = [(0, 0.0, 3.0), (1, 3.0, 3.0), (4, 2.0, 7.0), (20, 30.0, 38.0)]


def check(name: str) -> None:
    """Run the checks of one model; raise ArithmeticError where two forms differ."""
    with mp.workdps(40):
        CHECKS[name]()
    print(f"{name}: the forms agree", flush=True)


def check_pareto() -> None:
    """Compare with the hypergeometric forms of Fader & Hardie (2005)."""
    for alpha, beta in ((10.5, 11.5), (11.5, 10.5), (7.0, 7.0), (2.0, 4.0)):
        r, s = mpf("1.5"), mpf("0.75")
        model = oracle.ParetoNBD(1.5, alpha, 0.75, beta)
        for x, t_x, T in HISTORIES:
            R, high = r + x, max(mpf(alpha), mpf(beta))
            second = s + 1 if alpha >= beta else R

            def term(time: float, R: mpf = R, high: mpf = high, second: mpf = second) -> mpf:
                z = abs(mpf(alpha) - beta) / (high + time)  # noqa: B023
                return mp.hyp2f1(R + s, second, R + s + 1, z) / (high + time) ** (R + s)  # noqa: B023

            alive = (alpha + mpf(T)) ** -R * (beta + mpf(T)) ** -s
            total = alive + s / (R + s) * (term(t_x) - term(T))
            prefix = mp.rf(r, x) * mpf(alpha) ** r * mpf(beta) ** s
            agree(model.log_likelihood(x, t_x, T), mp.log(prefix * total), (x, t_x, T))
            longer = beta + mpf(T)
            weeks = longer / (s - 1) * (1 - (longer / (longer + 39)) ** (s - 1))
            expected = alive / total * R / (alpha + mpf(T)) * weeks
            agree(model.expected_purchases(x, t_x, T, 39.0), expected, (x, t_x, T))


def check_gamma_gompertz() -> None:
    """Compare with the limit Pareto/NBD, and with an integral over the time of leaving as it is."""
    small = 2.0**-40
    limit = oracle.GammaGompertzNBD(1.5, 10.5, small, 0.75, 11.5 * small)
    pareto = oracle.ParetoNBD(1.5, 10.5, 0.75, 11.5)
    r, alpha, b, s, beta = map(mpf, (1.5, 4.5, 0.25, 0.75, 3.5))
    model = oracle.GammaGompertzNBD(1.5, 4.5, 0.25, 0.75, 3.5)
    for x, t_x, T in HISTORIES:
        point = (x, t_x, T)
        agree(limit.log_likelihood(*point), pareto.log_likelihood(*point), point, 9)
        found = limit.expected_purchases(*point, 9.0)
        agree(found, pareto.expected_purchases(*point, 9.0), point, 9)

        def leaves(y: mpf, R: mpf = r + x) -> mpf:
            growth = mp.exp(b * y)
            density = s * b * growth * beta**s / (beta - 1 + growth) ** (s + 1)
            return density / (alpha + y) ** R

        stays = (beta / (beta - 1 + mp.exp(b * T))) ** s / (alpha + T) ** (r + x)
        total = mp.rf(r, x) * alpha**r * (stays + mp.quad(leaves, [t_x, T]))
        agree(model.log_likelihood(*point), mp.log(total), point)


def check_nbd() -> None:
    """Compare the likelihood with an integral over the rate."""
    for x, _, T in HISTORIES[:3]:
        found = oracle.NBD(1.5, 4.5).log_likelihood(x, 0.0, T)
        agree(found, mp.log(integral_over_rate(1.5, 4.5, x, T)), (x, T))


def check_beta_geo() -> None:
    """Compare BG/NBD with integrals, and its expectations with a hypergeometric form."""
    beta_geometric(oracle.BetaGeoNBD, 0)


def check_modified_beta_geo() -> None:
    """Compare MBG/NBD likewise."""
    beta_geometric(oracle.ModifiedBetaGeoNBD, 1)


def beta_geometric(model: Callable[..., Any], first: int) -> None:
    r, alpha, a, b = 1.5, 4.5, 1.75, 2.5
    made = model(r, alpha, a, b)
    for x, t_x, T in HISTORIES[:3]:
        alive = integral_over_rate(r, alpha, x, T) * integral_over_chance(a, b, 0, x + first)
        gone = mpf(0)
        if x + first:
            gone = integral_over_rate(r, alpha, x, t_x)
            gone *= integral_over_chance(a, b, 1, x + first - 1)
        point = (x, t_x, T)
        agree(made.log_likelihood(*point), mp.log(alive + gone), point)
        agree(made.probability_alive(*point), alive / (alive + gone), point)
        s, b_, z = mpf(r) + x, mpf(b) + x + first, 9 / (mpf(alpha) + T)
        growth = s * z * mp.hyp3f2(s + 1, a, 1, a + b_, 2, -z)
        agree(made.expected_purchases(*point, 9.0), alive / (alive + gone) * growth, point)
    sum_of_counts(made, point, 2.0)
    undiscounted = made.discounted_expected_purchases(*point, 1e-30, 9.0)
    agree(undiscounted, made.expected_purchases(*point, 9.0), point, 14)


def check_beta_geo_beta_binom() -> None:
    """Add up the likelihoods of all histories of 6 opportunities, and the counts of 10."""
    model = oracle.BetaGeoBetaBinomial(1.25, 0.75, 0.65, 2.75)
    total, mean = mpf(0), mpf(0)
    for history in product((0, 1), repeat=6):
        taken = [place for place, bought in enumerate(history, 1) if bought]
        likelihood = mp.exp(model.log_likelihood(len(taken), max(taken, default=0), 6))
        total += likelihood
        mean += likelihood * len(taken)
    agree(total, mpf(1), "all histories")
    agree(mean, model.expected_purchases_new(6), "their mean")
    chances = [model.purchase_probability(2, 3, 6, n, 10) for n in range(11)]
    agree(mp.fsum(chances), mpf(1), "all counts")
    mean = mp.fsum(n * chance for n, chance in enumerate(chances))
    agree(mean, model.expected_purchases(2, 3, 6, 10), "their mean")
    endless = model.discounted_expected_purchases(2, 3, 6, 0.05, mp.inf)
    agree(endless, model.discounted_expected_purchases(2, 3, 6, 0.05, 1200), "for ever")


def check_regular_beta_geo() -> None:
    """Compare BG/CNBD-k."""
    regular(oracle.RegularBetaGeoNBD, oracle.BetaGeoNBD)


def check_regular_modified_beta_geo() -> None:
    """Compare MBG/CNBD-k."""
    regular(oracle.RegularModifiedBetaGeoNBD, oracle.ModifiedBetaGeoNBD)


def regular(model: Callable[..., Any], plain: Callable[..., Any]) -> None:
    """Compare k = 1 with the plain model; for others the series with the integral over p."""
    parameters = (1.5, 4.5, 1.75, 2.5)
    one, known = model(1, *parameters), plain(*parameters)
    for point in HISTORIES:
        agree(one.log_likelihood(*point, 1.0), known.log_likelihood(*point), point)
        for method in ("probability_alive", "expected_purchases"):
            found = getattr(one, method)(*point, 1.0, 9.0)
            agree(found, getattr(known, method)(*point, 9.0), (method, point))
    found = one.discounted_expected_purchases(*point, 1.0, 0.05, 9.0)
    agree(found, known.discounted_expected_purchases(*point, 0.05, 9.0), point, 14)
    for k in (2, 3, 5, 12):
        many = model(k, *parameters)
        phases = many._phases(4, 2.0, 7.0)
        for z in (mpf("0.25"), mpf(20)):
            series = series_growth(k, phases, z, many.a, many.b + 4)
            agree(integral_growth(k, phases, z, many.a, many.b + 4), series, (k, z))
        point = (4, 2.0, 7.0, 1.0)
        sum_of_counts(many, point, 2.0)
        undiscounted = many.discounted_expected_purchases(*point, 1e-30, 2.0)
        agree(undiscounted, many.expected_purchases(*point, 2.0), point, 14)
        leaves = 1 - many.probability_alive(*point, 9.0) / many.probability_alive(*point)
        agree(leaves, departures(many, point, 9.0), (k, point))


def departures(model: Any, point: tuple[float, ...], horizon: float) -> mpf:
    """Return P(left by the horizon | alive): the mean of p times the purchases made."""
    a, b = model.a, model.b + point[0] + model.first
    z = mpf(horizon) / (model.alpha + point[2])
    phases = model._phases(*point[:3])
    return a / (a + b) * series_growth(model.k, phases, z, a + 1, b)


def sum_of_counts(model: Any, point: tuple[float, ...], horizon: float) -> None:
    """Compare the expectation with the mean of the counts; 50 of them leave nothing here."""
    chances = [model.purchase_probability(*point, n, horizon) for n in range(50)]
    agree(mp.fsum(chances), mpf(1), point, 14)
    mean = mp.fsum(n * chance for n, chance in enumerate(chances))
    agree(mean, model.expected_purchases(*point, horizon), point, 14)


def check_gamma_gamma() -> None:
    """Compare density and mean spend with integrals over nu of the two Gamma densities."""
    p, q, v, x, m = 2.5, 3.25, 7.5, 3, 11.0

    def joint(nu: mpf) -> mpf:
        shape, rate = mpf(p) * x, nu * x
        spend = rate**shape * mpf(m) ** (shape - 1) * mp.exp(-rate * m) / mp.gamma(shape)
        return spend * mpf(v) ** q * nu ** (q - 1) * mp.exp(-v * nu) / mp.gamma(q)

    density = mp.quad(joint, [0, 1, 4, mp.inf])
    mean = mp.quad(lambda nu: p / nu * joint(nu), [0, 1, 4, mp.inf]) / density
    point = (p, q, v, x, m)
    agree(mp.log(density), oracle.gamma_gamma_log_likelihood(*point), point)
    agree(mean, oracle.gamma_gamma_expected_spend(*point), point)


def integral_over_rate(r: float, alpha: float, x: int, time: float) -> mpf:
    density = lambda u: mpf(alpha) ** r / mp.gamma(r) * u ** (r - 1) * mp.exp(-alpha * u)  # noqa: E731
    return mp.quad(lambda u: density(u) * u**x * mp.exp(-time * u), [0, 1, 4, mp.inf])


def integral_over_chance(a: float, b: float, left: int, right: int) -> mpf:
    density = lambda u: u ** (a - 1) * (1 - u) ** (b - 1) / mp.beta(a, b)  # noqa: E731
    return mp.quad(lambda u: density(u) * u**left * (1 - u) ** right, [0, 0.5, 1])


def agree(found: mpf, wanted: mpf, point: Any, digits: int = 20) -> None:
    """Raise ArithmeticError where two numbers differ."""
    if abs(found - wanted) > abs(wanted) * mpf(10) ** -digits:
        raise ArithmeticError(f"two forms must agree; found {found} and {wanted} at {point}")


CHECKS: dict[str, Callable[[], None]] = {
    "pareto_nbd": check_pareto,
    "gamma_gompertz_nbd": check_gamma_gompertz,
    "nbd": check_nbd,
    "beta_geo_nbd": check_beta_geo,
    "modified_beta_geo_nbd": check_modified_beta_geo,
    "beta_geo_beta_binom": check_beta_geo_beta_binom,
    "beta_geo_cnbd": check_regular_beta_geo,
    "modified_beta_geo_cnbd": check_regular_modified_beta_geo,
    "gamma_gamma": check_gamma_gamma,
}
