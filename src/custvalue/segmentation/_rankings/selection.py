"""The choice among segmentations with different numbers of segments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue.segmentation._rankings.candidates import Candidate

__all__ = ["LEAST_SILHOUETTE", "Selection", "selection_of"]

LEAST_SILHOUETTE = 0.25

_CRITERIA = {
    "medoids": ("silhouette", "mean_distance"),
    "mixture": ("bic", "icl", "log_likelihood", "n_parameters"),
}


@dataclass(frozen=True, slots=True)
class Selection:
    """The candidate that was chosen, the table of all, and the reason in words."""

    chosen: Candidate
    table: pd.DataFrame
    reason: str


def selection_of(candidates: Sequence[Candidate], *, auto: bool, mixture: bool) -> Selection:
    """Choose a candidate: by BIC for mixtures, else by the mean silhouette.

    Parameters
    ----------
    candidates : sequence of Candidate
    auto : bool
        False where the caller fixed the number: there is one candidate, and it has a rule.
    mixture : bool

    Returns
    -------
    Selection
    """
    usable = [one for one in candidates if one.complete]
    if not auto:
        chosen, reason = candidates[0], f"n_segments={candidates[0].asked} was given."
    elif mixture:
        chosen = min(usable, key=lambda one: one.criteria["bic"])
        reason = f"{_segments(chosen.asked)}: the smallest BIC, {chosen.criteria['bic']:.2f}."
    else:
        chosen, reason = _by_silhouette(usable)
    lacking = [str(one.asked) for one in candidates if not one.complete]
    if lacking:
        reason += f" With {', '.join(lacking)} a segment would be smaller than min_size."
    return Selection(chosen, _table(candidates, chosen, mixture), reason)


def _by_silhouette(usable: Sequence[Candidate]) -> tuple[Candidate, str]:
    one = next(candidate for candidate in usable if candidate.asked == 1)
    judged = [candidate for candidate in usable if candidate.asked > 1]
    judged = [c for c in judged if np.isfinite(c.criteria["silhouette"])]
    if not judged:
        return one, "1 segment: no larger number of segments is to be had."
    best = max(judged, key=lambda candidate: candidate.criteria["silhouette"])
    width = best.criteria["silhouette"]
    if width >= LEAST_SILHOUETTE:
        return best, f"{_segments(best.asked)}: the largest mean silhouette, {width:.3f}."
    return one, (
        f"1 segment: no number of segments has a mean silhouette of {LEAST_SILHOUETTE} or more; "
        f"the largest is {width:.3f} with {best.asked}."
    )


def _table(candidates: Sequence[Candidate], chosen: Candidate, mixture: bool) -> pd.DataFrame:
    columns = (*_CRITERIA["mixture" if mixture else "medoids"], "smallest_segment")
    nothing = float("nan")
    rows = [
        [
            one.criteria.get(name, nothing) if one.complete or one is chosen else nothing
            for name in columns
        ]
        for one in candidates
    ]
    index = pd.Index([one.asked for one in candidates], name="n_segments")
    table = pd.DataFrame(rows, index=index, columns=list(columns), dtype=np.float64)
    table["recommended"] = [one is chosen for one in candidates]
    return table


def _segments(count: int) -> str:
    return "1 segment" if count == 1 else f"{count} segments"
