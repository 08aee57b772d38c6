"""Whether two libraries solved the same problem: judged before any time counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.cases import LAWS, MONTHLY_RATE, MONTHS, SPEND_LAW, WEEKS_A_MONTH, Case
from benchmarks.data import read_summary
from benchmarks.measure import Measurement
from custvalue import lifetime

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
    if case.problem.startswith("fit"):
        return compare_fits(case, ours, rival, read_summary(case, folder))
    if case.problem == "predict":
        return compare_predictions(ours.answer, rival.answer)
    if case.problem == "value":
        return compare_values(case, ours, rival, read_summary(case, folder))
    return compare_summaries(ours, rival)


def compare_fits(
    case: Case, ours: Measurement, rival: Measurement, summary: pd.DataFrame
) -> Verdict:
    """Put both parameter vectors into custvalue's likelihood."""
    our_value, rival_value = (
        log_likelihood(case.model, each.answer, summary) for each in (ours, rival)
    )
    lead = (our_value - rival_value) / abs(rival_value)
    better = ours if lead > 0 else rival
    note = f"log-likelihood {our_value:.6f}, {rival.library} {rival_value:.6f}"
    if lead < -NO_WORSE:
        return Verdict(False, f"{note}: {ours.library} is worse by {-lead:.1e}")
    if lead > SAME_OBJECTIVE:
        return Verdict(False, f"{note}: {rival.library} is worse by {lead:.1e}")
    return Verdict(True, f"{note}: {better.library} better by {abs(lead):.1e}, relatively")


def log_likelihood(model: str, answer: Answer, summary: pd.DataFrame) -> float:
    """Return the sum of the log-likelihood at the parameters of an answer."""
    params = {name: float(answer[name]) for name in LAWS[model]}
    return float(np.sum(getattr(lifetime, model).from_params(params).log_likelihood(summary)))


def compare_values(
    case: Case, ours: Measurement, rival: Measurement, summary: pd.DataFrame
) -> Verdict:
    """Compare predictions, and the rival's value with custvalue's purchases by the rival's rule.

    The rival discounts all purchases of a month from its end; custvalue discounts each from its
    own time, so that its value is higher by up to half a month's interest.
    """
    by_months = value_by_months(case.model, summary)
    verdict = compare_predictions({**ours.answer, "value": by_months}, rival.answer)
    positive = by_months > 0
    higher = ours.answer["value"][positive] / by_months[positive] - 1
    span = f"{100 * higher.min():.2f} to {100 * higher.max():.2f} %"
    note = f"{verdict.note} by their rule; discounted from its own time it is higher by {span}"
    return Verdict(verdict.agrees and bool(np.isfinite(ours.answer["value"]).all()), note)


def value_by_months(model: str, summary: pd.DataFrame) -> np.ndarray:
    """Return the value of a year's purchases, each discounted from the end of its month."""
    attrition = getattr(lifetime, model).from_params(LAWS[model])
    spend = lifetime.GammaGamma.from_params(SPEND_LAW).expected_spend(summary).to_numpy()
    value, before = np.zeros(len(summary)), np.zeros(len(summary))
    for month in range(1, MONTHS + 1):
        expected = attrition.expected_purchases(summary, month * WEEKS_A_MONTH).to_numpy()
        value += spend * (expected - before) / (1 + MONTHLY_RATE) ** month
        before = expected
    return value


def compare_predictions(ours: Answer, rival: Answer) -> Verdict:
    """Compare predictions at equal parameters on the rows where the rival is finite."""
    notes, agrees = [], True
    for name, values in ours.items():
        theirs = rival[name]
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
