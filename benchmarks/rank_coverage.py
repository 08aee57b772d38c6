"""How often 90 % limits of ranks hold the true ranks: python -m benchmarks.rank_coverage.

Respondents are drawn from a normal law whose true weights are known, the elements are weighed, and
the limits of their ranks asked for. Beside them stands what a bootstrap of the ranks themselves
would claim: the 5 % and 95 % quantiles of the ranks in the resamples.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from rich.console import Console
from rich.progress import track

from benchmarks.environments import HERE
from benchmarks.tables import machine, table
from custvalue._estimator.ratings import read_ratings
from custvalue._numerics.rank_sets import rank_sets
from custvalue.factors._element_bootstrap import bootstrap_weights
from custvalue.factors._element_evidence import Evidence, weights_by
from custvalue.factors._element_solution import Plan, find_evidence
from custvalue.factors._element_survey import element_survey
from custvalue.factors._element_weights import ranks_of
from custvalue.factors._solution import Settings, solve

SEED = 20260102
LEVEL = 0.9
LOADINGS = np.column_stack(
    [
        [0.80, 0.75, 0.70, 0.55, 0.10, 0.00, 0.20, 0.10],
        [0.10, 0.00, 0.20, 0.10, 0.75, 0.65, 0.60, 0.45],
    ]
)
MATRIX = LOADINGS @ LOADINGS.T + np.diag(1 - np.sum(LOADINGS**2, axis=1))
MEANS = {
    "stated": 10 + 0.1 * np.arange(8.0),
    "stated, ties": 10 + 0.2 * np.array([0.0, 0, 0, 0, 1, 1, 2, 3]),
    "stated, all equal": np.full(8, 10.0),
    "loading": np.full(8, 10.0),
    "communality": np.full(8, 10.0),
}
TARGET = 0.88
COLUMNS = ("weights", "respondents", "limits", "all ranks", "each rank", "mean width", "met")


@dataclass(frozen=True, slots=True)
class Held:
    """What limits of the ranks of one survey held.

    Attributes
    ----------
    each : float
        Share of the elements.
    width : float
        Mean number of ranks between the limits, ends included.
    """

    each: float
    width: float

    @property
    def all(self) -> bool:
        """Whether the limits held every rank."""
        return self.each == 1.0


def main(arguments: list[str] | None = None) -> int:
    """Run the surveys, print the table, and return 1 if a target is missed."""
    options = parser().parse_args(arguments)
    rows, met = [], True
    for weights, respondents in product(options.weights, options.respondents):
        found = run(weights, respondents, options)
        ours = [pair[0] for pair in found]
        reached = float(np.mean([one.all for one in ours]))
        slack = 2 * np.sqrt(TARGET * (1 - TARGET) / len(ours))
        enough = reached >= TARGET - slack
        met &= enough
        rows.append(row(weights, respondents, "simultaneous", ours, "yes" if enough else "no"))
        rows.append(row(weights, respondents, "quantiles", [pair[1] for pair in found], ""))
    page = f"{heading(options)}\n\n{table(COLUMNS, rows)}\n"
    print(page)
    if options.write:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "rank_coverage.md").write_text(page, encoding="utf-8")
    return 0 if met else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.rank_coverage", description=__doc__)
    options.add_argument("--weights", nargs="+", choices=list(MEANS), default=list(MEANS))
    options.add_argument("--respondents", nargs="+", type=int, default=[200, 1000])
    options.add_argument("--surveys", type=int, default=300)
    options.add_argument("--draws", type=int, default=500, help="resamples of each survey")
    options.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes at once")
    options.add_argument("--write", action="store_true", help="write results/rank_coverage.md")
    return options


def run(weights: str, respondents: int, options: argparse.Namespace) -> list[tuple[Held, Held]]:
    """Return what both limits held in every survey, with a progress bar on standard error."""
    work = partial(cover, weights, respondents, options.draws)
    words, console = f"{weights}, {respondents}", Console(stderr=True)
    numbers = range(options.surveys)
    if options.jobs == 1:
        return list(track(map(work, numbers), words, total=options.surveys, console=console))
    with ProcessPoolExecutor(options.jobs) as pool:
        found: Iterator[tuple[Held, Held]] = pool.map(work, numbers)
        return list(track(found, words, total=options.surveys, console=console))


def cover(weights: str, respondents: int, draws: int, number: int) -> tuple[Held, Held]:
    """Draw a survey, weigh its elements, and see what both limits hold."""
    method = weights.split(",")[0]
    generator = np.random.default_rng([SEED, number])
    rows = generator.multivariate_normal(MEANS[weights], MATRIX, size=respondents)
    survey = element_survey(
        read_ratings(rows), None, satisfaction=None, reverse=(), missing="raise"
    )
    plan = Plan(method, method != "stated", "pearson", "raise", 2, Settings(n_starts=2), None)
    evidence = find_evidence(survey, plan, generator).evidence
    estimates = weights_by(method, evidence)
    again = bootstrap_weights(survey, plan, evidence, n_draws=draws, generator=generator).weights
    truth = true_ranks(weights)
    sets = rank_sets(estimates, again, LEVEL)
    ranks = np.array([ranks_of(one) for one in again])
    tails = [(1 - LEVEL) / 2, (1 + LEVEL) / 2]
    lower, upper = np.quantile(ranks, tails, axis=0, method="inverted_cdf")
    return held(truth, sets.lower, sets.upper), held(truth, lower, upper)


def true_ranks(weights: str) -> np.ndarray:
    """Return the ranks by the law that respondents are drawn from."""
    if weights.startswith("stated"):
        return ranks_of(MEANS[weights])
    solution = solve(MATRIX, 2, Settings(), np.random.default_rng(0))
    known = Evidence(np.ones((1, 8)), np.ones(1), matrix=MATRIX, solution=solution)
    return ranks_of(weights_by(weights, known))


def held(truth: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Held:
    """Return what limits held of the true ranks."""
    inside = (lower <= truth) & (truth <= upper)
    return Held(float(inside.mean()), float((upper - lower + 1).mean()))


def row(
    weights: str, respondents: int, limits: str, found: list[Held], met: str
) -> tuple[str, ...]:
    """Return a row of the table."""
    every = float(np.mean([one.all for one in found]))
    error = np.sqrt(every * (1 - every) / len(found))
    each = float(np.mean([one.each for one in found]))
    width = float(np.mean([one.width for one in found]))
    cells = (f"{100 * every:.1f} % (+-{100 * error:.1f})", f"{100 * each:.1f} %", f"{width:.2f}")
    return (weights, f"{respondents:,}", limits, *cells, met)


def heading(options: argparse.Namespace) -> str:
    """Return what was asked."""
    return (
        f"{options.surveys} surveys of eight elements, drawn from a normal law of two factors; "
        f"{options.draws} resamples each; {LEVEL:.0%} limits of ranks. All ranks: share of the "
        f"surveys whose limits hold the true ranks of all elements (asked of the simultaneous "
        f"ones: {TARGET:.0%} less two standard errors, since {LEVEL:.0%} is reached in the limit "
        f"of many respondents and resamples). Quantiles: of the ranks in the resamples. "
        f"{machine()}"
    )


if __name__ == "__main__":
    raise SystemExit(main())
