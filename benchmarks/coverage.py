"""How often 90 % intervals hold what happened: python -m benchmarks.coverage.

Cohorts are drawn purchase by purchase from the story of a model, fitted on what came before the
end of observation, and asked for intervals of the purchases after it. Intervals of counts cannot
hold exactly 90 %: a whole number at an end counts here with the share of its probability that
belongs to the 90 %, so that exact intervals would hold exactly 90 % on average.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.cases import LAWS
from benchmarks.environments import HERE
from benchmarks.paths import Cohort, draw_cohort
from benchmarks.predictive import parameter_draws, probabilities, shares_of_ends
from benchmarks.tables import machine, table
from custvalue import lifetime
from custvalue.exceptions import ConvergenceWarning

SEED = 20260101
SHORTEST, LONGEST, HOLDOUT = 27.0, 39.0, 39.0  # weeks, as CDNOW
LEVEL = 0.9
UNCERTAINTIES = ("estimates", "posterior")
TARGETS = {"randomised": (0.88, 0.92), "plain": (0.89, 1.0), "totals": (0.85, 0.95)}
COLUMNS = ("model", "uncertainty", "measure", "covered", "standard error", "target", "met")
EXCESS_COHORTS = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cohort is drawn from and how it is asked.

    Attributes
    ----------
    model : str
    uncertainty : {"estimates", "posterior"}
        Of the parameters: that of maximum likelihood, or draws from the posterior.
    customers, draws : int
    """

    model: str
    uncertainty: str
    customers: int
    draws: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the intervals of one cohort held.

    Attributes
    ----------
    randomised, plain : float
        Share of customers.
    total : bool
        Whether the interval of the cohort's total held it.
    warned : bool
        Whether the fit, or the draws, came with a warning.
    """

    randomised: float
    plain: float
    total: bool
    warned: bool


def main(arguments: list[str] | None = None) -> int:
    """Run the cohorts, print the table, and return 1 if a target is missed."""
    options = parser().parse_args(arguments)
    rows, notes, met = [], [], True
    for model, uncertainty in product(options.model, options.uncertainty):
        plan = Plan(model, uncertainty, options.customers, options.draws)
        found = run(plan, options.cohorts, options.jobs)
        added = rows_of(plan, found)
        rows += added
        met &= all(row[-1] == "yes" for row in added)
        warned = sum(one.warned for one in found)
        if warned:
            notes.append(f"{model}, {uncertainty}: {warned} of {len(found)} cohorts warned.")
    notes += [note_of_excess(model, options.customers) for model in options.model]
    page = markdown(rows, notes, options)
    print(page)
    if options.write:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "coverage.md").write_text(page, encoding="utf-8")
    return 0 if met else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.coverage", description=__doc__)
    options.add_argument("--model", nargs="+", choices=LAWS, default=["BetaGeoNBD"])
    options.add_argument(
        "--uncertainty", nargs="+", choices=UNCERTAINTIES, default=list(UNCERTAINTIES)
    )
    options.add_argument("--cohorts", type=int, default=200)
    options.add_argument("--customers", type=int, default=2000, help="in each cohort")
    options.add_argument("--draws", type=int, default=1000, help="of the parameters")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    options.add_argument("--write", action="store_true", help="write results/coverage.md")
    return options


def run(plan: Plan, cohorts: int, jobs: int) -> list[Coverage]:
    """Return the coverage of every cohort, with a progress bar on standard error."""
    words, console = f"{plan.model}, {plan.uncertainty}", Console(stderr=True)
    work = partial(cover, plan)
    if jobs == 1:
        return list(track(map(work, range(cohorts)), words, total=cohorts, console=console))
    with ProcessPoolExecutor(jobs) as pool:
        found = pool.map(work, range(cohorts))
        return list(track(found, words, total=cohorts, console=console))


def cover(plan: Plan, number: int) -> Coverage:
    """Draw a cohort, fit it, and see what its intervals hold."""
    cohort = draw(plan.model, plan.customers, number)
    model = getattr(lifetime, plan.model)(random_state=number)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(cohort.summary)
        # A fit at the boundary has no uncertainty but that of the posterior.
        if plan.uncertainty == "posterior" or not model.convergence_.sound:
            model.sample_posterior(cohort.summary, plan.draws)
    ask = partial(
        model.predict_interval, cohort.summary, LEVEL, horizon=HOLDOUT, n_draws=plan.draws
    )
    ends, total = ask().to_numpy(), ask(total=True).to_numpy()[0]
    sum_after = cohort.holdout.sum()
    draws = parameter_draws(model, np.random.default_rng(number))
    return Coverage(
        randomised=float(shares_of_ends(plan.model, draws, cohort, ends, LEVEL, HOLDOUT).mean()),
        plain=float(held(cohort.holdout, ends).mean()),
        total=bool(total[0] <= sum_after <= total[1]),
        warned=any(issubclass(one.category, ConvergenceWarning) for one in caught),
    )


def draw(model: str, customers: int, number: int) -> Cohort:
    """Draw a cohort; its number is its seed."""
    generator = np.random.default_rng([SEED, number])
    T = generator.uniform(SHORTEST, LONGEST, size=customers)
    return draw_cohort(model, LAWS[model], T, HOLDOUT, generator)


def held(counts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Return which counts lie within their intervals, ends included."""
    return (ends[:, 0] <= counts) & (counts <= ends[:, 1])


def rows_of(plan: Plan, found: list[Coverage]) -> list[tuple[str, ...]]:
    """Return the rows of the table: three measures against their targets."""
    values = {
        "randomised": [one.randomised for one in found],
        "plain": [one.plain for one in found],
        "totals": [float(one.total) for one in found],
    }
    names = {
        "randomised": "customers, ends by share",
        "plain": "customers, ends whole",
        "totals": "totals of cohorts",
    }
    rows = []
    for measure, own in values.items():
        (low, high), mean = TARGETS[measure], float(np.mean(own))
        target = f"{low:.0%} to {high:.0%}" if high < 1 else f"at least {low:.0%}"
        error = float(np.std(own)) / np.sqrt(len(own))
        cells = (names[measure], f"{100 * mean:.2f} %", f"{100 * error:.2f} %", target)
        rows.append((plan.model, plan.uncertainty, *cells, "yes" if low <= mean <= high else "no"))
    return rows


def note_of_excess(model: str, customers: int) -> str:
    """Say what such intervals hold when the parameters are known: above 90 %, counts being whole.

    That is exact, from the probabilities of the counts.
    """
    shares = []
    for number in range(EXCESS_COHORTS):
        summary = draw(model, customers, number).summary
        known = getattr(lifetime, model).from_params(LAWS[model])
        shares.append(whole_interval_share(probabilities(known, summary, HOLDOUT)).mean())
    return (
        f"{model}: with the true parameters such intervals, from one quantile to the other, ends "
        f"included, hold {100 * float(np.mean(shares)):.2f} %."
    )


def whole_interval_share(chances: np.ndarray) -> np.ndarray:
    """Return the probability between two quantiles, ends included, from that of every count."""
    below = np.cumsum(chances, axis=1)
    low, high = ((below < tail).sum(axis=1) for tail in ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    rows, high = np.arange(len(below)), np.minimum(high, below.shape[1] - 1)
    return below[rows, high] - below[rows, low] + chances[rows, low]


def markdown(rows: Iterable[tuple[str, ...]], notes: list[str], options: argparse.Namespace) -> str:
    """Return the results as a page of Markdown."""
    heading = (
        f"{options.cohorts} cohorts of {options.customers:,} customers, drawn purchase by purchase "
        f"(observed for {SHORTEST:g} to {LONGEST:g} weeks), {LEVEL:.0%} intervals of the purchases "
        f"in the {HOLDOUT:g} weeks after from {options.draws:,} draws. Ends by share: a count at "
        f"an end of its interval counts with the share of its probability that lies between the "
        f"quantiles, so that exact intervals hold {LEVEL:.0%} on average; ends whole: it counts as "
        f"held. {machine()}"
    )
    parts = [heading, table(COLUMNS, rows), *notes]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
