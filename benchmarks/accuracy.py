"""How many points each library gets wrong: python -m benchmarks.accuracy.

The points are those of the tests' golden files, worked out to 50 digits: random valid parameters,
histories and horizons, and the places where printed formulas break.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.environments import HERE, python_for
from benchmarks.measure import run_child
from benchmarks.tables import machine, table

GOLDEN = HERE.parent / "tests" / "golden"
FILES = {
    "BetaGeoNBD": "beta_geo_nbd",
    "ModifiedBetaGeoNBD": "modified_beta_geo_nbd",
    "ParetoNBD": "pareto_nbd",
}
HISTORY = ("x", "t_x", "T", "horizon")
QUANTITIES = (
    "log_likelihood",
    "probability_alive",
    "expected_purchases",
    "expected_purchases_new",
)
LARGEST_ERROR = 1e-8
NEGLIGIBLE = 1e-12
"""Probabilities and expectations below count as right where the answer is below too."""
COLUMNS = ("model", "quantity", "points", "library", "wrong", "not finite", "largest error")
Columns = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Score:
    """How a library did on one quantity of a model.

    Attributes
    ----------
    model, quantity, library : str
    points : int
    wrong : int
        Finite, but off by more than 1e-8.
    not_finite : int
        NaN or infinite where the truth is finite, or an error was raised.
    largest : float
        Largest error among finite answers: relative, of a log-likelihood over 1 + its size.
    """

    model: str
    quantity: str
    library: str
    points: int
    wrong: int
    not_finite: int
    largest: float

    @property
    def row(self) -> tuple[str, ...]:
        """The cells of the table."""
        counts = (f"{self.points:,}", self.library, f"{self.wrong:,}", f"{self.not_finite:,}")
        return (self.model, self.quantity, *counts, f"{self.largest:.1e}")


def main(arguments: list[str] | None = None) -> int:
    """Ask both libraries at every golden point, print the table, and return 1 if ours is wrong."""
    options = parser().parse_args(arguments)
    scores, versions = [], set()
    with tempfile.TemporaryDirectory() as folder:
        for model in options.model:
            truth = golden_points(model, options.points)
            for library in ("custvalue", options.rival):
                print(f"{model} {library} ...", file=sys.stderr, flush=True)
                answer, version = ask(library, model, truth, Path(folder))
                versions.add(f"{library} {version}")
                scores += [*scores_of(model, library, truth, answer)]
    page = markdown(scores, sorted(versions))
    print(page)
    if options.write:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "accuracy.md").write_text(page, encoding="utf-8")
    ours = [score for score in scores if score.library == "custvalue"]
    return 0 if all(score.wrong + score.not_finite == 0 for score in ours) else 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    options = argparse.ArgumentParser(prog="benchmarks.accuracy", description=__doc__)
    options.add_argument("--model", nargs="+", choices=FILES, default=list(FILES))
    options.add_argument("--rival", choices=["lifetimes"], default="lifetimes")
    options.add_argument("--points", type=int, help="so many of a model, evenly spread")
    options.add_argument("--write", action="store_true", help="write results/accuracy.md")
    return options


def golden_points(model: str, number: int | None) -> Columns:
    """Read the points of a model with what is true there; of all, or of some."""
    packed = (GOLDEN / f"{FILES[model]}.json.gz").read_bytes()
    columns = json.loads(gzip.decompress(packed))["sections"]["points"]
    points = {name: np.array(values, dtype=float) for name, values in columns.items()}
    n_points = len(points["x"])
    chosen = np.unique(np.linspace(0, n_points - 1, number or n_points).astype(int))
    return {name: values[chosen] for name, values in points.items()}


def ask(library: str, model: str, points: Columns, folder: Path) -> tuple[Columns, str]:
    """Return what a library answers at the points, and its version.

    Raises
    ------
    RuntimeError
        If the library cannot be run.
    """
    names = [name for name in points if name not in (*HISTORY, *QUANTITIES)]
    names = [name for name in names if not name.startswith("d_")]
    paths = {name: str(folder / f"{name}.npz") for name in ("data", "answer")}
    np.savez(paths["data"], **{name: points[name] for name in (*names, *HISTORY)})
    report, job = folder / "report.json", folder / "job.json"
    what = {"library": library, "problem": "points", "model": model, "names": names}
    job.write_text(json.dumps({**what, **paths, "report": str(report)}), encoding="utf-8")
    failure = run_child(python_for(library), job)
    if failure:
        raise RuntimeError(f"{library} failed: {failure}")
    with np.load(paths["answer"]) as arrays:
        return dict(arrays), json.loads(report.read_text(encoding="utf-8"))["version"]


def scores_of(model: str, library: str, truth: Columns, answer: Columns) -> list[Score]:
    """Return the score of each quantity, and of the points where any is wrong."""
    errors = {name: errors_of(name, truth[name], answer[name]) for name in QUANTITIES}
    errors["any of the four"] = np.max(list(errors.values()), axis=0)
    return [
        Score(
            model,
            quantity,
            library,
            points=len(error),
            wrong=int((np.isfinite(error) & (error > LARGEST_ERROR)).sum()),
            not_finite=int((~np.isfinite(error)).sum()),
            largest=float(error[np.isfinite(error)].max(initial=0.0)),
        )
        for quantity, error in errors.items()
    ]


def errors_of(quantity: str, truth: np.ndarray, answer: np.ndarray) -> np.ndarray:
    """Return the error at each point, infinite where the answer is not finite."""
    scale = 1 + np.abs(truth) if quantity == "log_likelihood" else np.abs(truth)
    with np.errstate(all="ignore"):
        error = np.abs(answer - truth) / scale
    if quantity != "log_likelihood":
        error = np.where((scale <= NEGLIGIBLE) & (np.abs(answer) <= NEGLIGIBLE), 0.0, error)
    error = np.where(answer == truth, 0.0, error)
    return np.where(np.isfinite(error), error, np.inf)


def markdown(scores: list[Score], versions: list[str]) -> str:
    """Return the scores as a page of Markdown."""
    ordered = sorted(scores, key=lambda score: (score.model, QUANTITIES_IN_ORDER[score.quantity]))
    heading = (
        f"{' against '.join(versions)}, at random valid points and at the edges of formulas, "
        f"against 50 digits. Wrong: off by more than {LARGEST_ERROR:.0e}, relative (of a "
        f"log-likelihood l, over 1 + |l|). {machine()}"
    )
    return f"{heading}\n\n{table(COLUMNS, [score.row for score in ordered])}\n"


QUANTITIES_IN_ORDER = {name: i for i, name in enumerate((*QUANTITIES, "any of the four"))}

if __name__ == "__main__":
    raise SystemExit(main())
