"""Whether answers of the factors room agree with those of others, before a time counts."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.agreement import Verdict
from benchmarks.environments import HERE
from custvalue.factors import FactorAnalyzer

GOLDEN = HERE.parent / "tests" / "golden" / "psych_factors.json"
LOADINGS = 1e-3
"""factor_analyzer ends its search early, with slopes from differences."""
CORRELATIONS = 1e-4
"""psych ends its search of one correlation at a step of this size."""
EIGENVALUES = 1e-8
SETTLED = 1e-6
LOOSE = ("varimax", "promax")
"""Behind them psych has R's varimax, which ends early; custvalue does so only in a preset."""

Arrays = dict[str, np.ndarray]


def loadings(ours: Arrays, theirs: Arrays) -> Verdict:
    """Compare loadings; factors may stand in another order, and point the other way."""
    own, other = ours["loadings"], theirs["loadings"]
    gap = min(
        columns_apart(own, other[:, list(order)]) for order in permutations(range(own.shape[1]))
    )
    return Verdict(gap <= LOADINGS, f"loadings within {gap:.0e}")


def columns_apart(own: np.ndarray, other: np.ndarray) -> float:
    """Return the largest difference of two sets of columns, whichever way each points."""
    signs = np.where((own * other).sum(axis=0) < 0, -1, 1)
    return float(np.abs(own - other * signs).max())


def correlations(ours: Arrays, theirs: Arrays) -> Verdict:
    """Compare correlations."""
    gap = float(np.abs(ours["correlations"] - theirs["correlations"]).max())
    return Verdict(gap <= CORRELATIONS, f"correlations within {gap:.0e}")


def eigenvalues(ours: Arrays, theirs: Arrays) -> Verdict:
    """Compare the eigenvalues of the data, and the number of factors where there is one."""
    gap = float(np.abs(ours["eigenvalues"] - theirs["eigenvalues"]).max())
    if "n_factors" not in theirs:
        return Verdict(gap <= EIGENVALUES, f"eigenvalues within {gap:.0e}")
    own, other = int(ours["n_factors"]), int(theirs["n_factors"].item())
    note = f"{own} and {other} factors, eigenvalues within {gap:.0e}"
    return Verdict(gap <= EIGENVALUES and own == other, note)


JUDGES: dict[str, Callable[[Arrays, Arrays], Verdict]] = {
    "minres-oblimin": loadings,
    "minres-oblimin-alone": loadings,
    "minres-oblimin-10": loadings,
    "polychoric": correlations,
    "parallel": eigenvalues,
    "million": loadings,
}


def with_psych() -> Verdict:
    """Solve the golden set of psych, and say how far custvalue is from it."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    settled, early, loose = 0.0, 0.0, 0.0
    for record in golden["solutions"]:
        found = solution(golden["data"][record["data"]], record)
        settled = max(settled, apart(found, record))
        if record["rotation"] in LOOSE and "preset" not in record:
            loose = max(loose, apart(found, record["psych"]))
        elif "psych" in record:
            early = max(early, apart(found, record["psych"]))
    versions = (
        f"psych {golden['source']['psych']} and GPArotation {golden['source']['GPArotation']}"
    )
    return Verdict(
        settled <= SETTLED,
        f"{len(golden['solutions'])} solutions of R's {versions}: custvalue's loadings are within "
        f"{settled:.1e} of the optimum that psych's answer leads to, and within {early:.1e} of "
        f"psych's own, whose searches end early ({loose:.1e} behind R's varimax, which ends "
        f"earlier).",
    )


def apart(found: np.ndarray, record: dict[str, Any]) -> float:
    """Return the largest difference from the loadings of a record."""
    return float(np.abs(found - np.array(record["loadings"])).max())


def solution(data: dict[str, Any], record: dict[str, Any]) -> np.ndarray:
    """Return custvalue's loadings of a record of the golden set."""
    name = record["rotation"]
    analyzer = FactorAnalyzer(
        n_factors=record["n_factors"],
        method=record["method"],
        rotation=None if name == "none" else name,
        preset=record.get("preset"),
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        analyzer.fit_correlation(np.array(data["correlation"]), n_observations=data["n"])
    return analyzer.loadings_.to_numpy()


def read_answer(path: Path) -> Arrays:
    """Return what a child answered."""
    if path.suffix == ".json":
        records = json.loads(path.read_text(encoding="utf-8"))
        return {name: np.array(values) for name, values in records.items()}
    with np.load(path, allow_pickle=False) as arrays:
        return dict(arrays)
