"""Whether two libraries solved the same problem: judged before any time counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import Case
from benchmarks.data import data_file
from benchmarks.measure import Measurement
from custvalue.lifetime import BetaGeoNBD

NO_WORSE = 1e-8
SAME_OBJECTIVE = 1e-5
SAME_PREDICTION = 1e-6
SAME_SUMMARY = 1e-9
Answer = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether times may be compared, and what was found."""

    agrees: bool
    note: str


def compare(case: Case, ours: Measurement, rival: Measurement, folder: Path) -> Verdict:
    """Compare what the two libraries answered on a case."""
    for one in (ours, rival):
        if one.failure:
            return Verdict(False, f"{one.library} failed: {one.failure}")
    if case.problem == "fit":
        return compare_fits(ours, rival, data_file(case, folder))
    if case.problem == "predict":
        return compare_predictions(ours, rival)
    return compare_summaries(ours, rival)


def compare_fits(ours: Measurement, rival: Measurement, data: Path) -> Verdict:
    """Put both parameter vectors into custvalue's likelihood."""
    with np.load(data) as arrays:
        summary = pd.DataFrame(dict(arrays))
    our_value, rival_value = (log_likelihood(each.answer, summary) for each in (ours, rival))
    lead = (our_value - rival_value) / abs(rival_value)
    better = ours if lead > 0 else rival
    note = f"log-likelihood {our_value:.6f}, {rival.library} {rival_value:.6f}"
    if lead < -NO_WORSE:
        return Verdict(False, f"{note}: {ours.library} is worse by {-lead:.1e}")
    if lead > SAME_OBJECTIVE:
        return Verdict(False, f"{note}: {rival.library} is worse by {lead:.1e}")
    return Verdict(True, f"{note}: {better.library} better by {abs(lead):.1e}, relatively")


def log_likelihood(answer: Answer, summary: pd.DataFrame) -> float:
    """Return the sum of the log-likelihood at the parameters of an answer."""
    params = {name: float(answer[name]) for name in ("r", "alpha", "a", "b")}
    return float(np.sum(BetaGeoNBD.from_params(params).log_likelihood(summary)))


def compare_predictions(ours: Measurement, rival: Measurement) -> Verdict:
    """Compare predictions at equal parameters on the rows where the rival is finite."""
    notes, agrees = [], True
    for name, values in ours.answer.items():
        theirs = rival.answer[name]
        finite = np.isfinite(theirs)
        gap = relative_gap(values[finite], theirs[finite])
        agrees &= bool(np.isfinite(values).all()) and gap <= SAME_PREDICTION
        lost = int((~finite).sum())
        notes.append(f"{name} within {gap:.1e}" + (f", {lost} not finite" if lost else ""))
    return Verdict(agrees, "; ".join(notes))


def compare_summaries(ours: Measurement, rival: Measurement) -> Verdict:
    """Compare two customer summaries, customer by customer."""
    one, other = (
        pd.DataFrame(each.answer).set_index("customer").sort_index() for each in (ours, rival)
    )
    if not one.index.equals(other.index):
        return Verdict(False, f"other customers: {len(one)} and {len(other)}")
    gaps = {name: relative_gap(one[name].to_numpy(), other[name].to_numpy()) for name in one}
    worst = max(gaps, key=lambda name: gaps[name])
    note = f"{len(one):,} customers, largest gap {gaps[worst]:.1e} in {worst}"
    return Verdict(gaps[worst] <= SAME_SUMMARY, note)


def relative_gap(values: np.ndarray, others: np.ndarray) -> float:
    """Return the largest difference, relative to the larger of the two values."""
    size = np.maximum(np.abs(values), np.abs(others))
    gap = np.abs(values - others) / np.where(size > 0, size, 1.0)
    return float(gap.max(initial=0.0))
