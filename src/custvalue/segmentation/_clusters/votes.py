"""Which number of segments the criteria name, which one is taken, and why, in one sentence.

The rule. Each criterion names a number: silhouette and Calinski-Harabasz their largest,
Davies-Bouldin and BIC their smallest, the gap statistic by its rule of one standard error,
prediction strength the largest number at .8 or more. Then

1. BIC decides where it is there (mixtures).
2. It is one segment where the gap statistic names 1, unless prediction strength names more and,
   at that number, the silhouette is strong (above .7) or the gap is above that of 1 by more than
   three standard errors; and where prediction strength names 1 and no silhouette is above .25.
   Kaufman and Rousseeuw (1990) call a silhouette to .25 no substantial structure, and one above .7
   strong. Only these two criteria can name 1. Prediction strength alone is no judge of it, as it
   finds two stable halves in one stretched cloud; nor is the gap, whose rule stops at 1 where four
   groups are plain to see and two are no better than one.
3. Else the number that most of the five name, of those above 1; the fewest segments in a tie.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from custvalue._typing import BoolArray
from custvalue.segmentation._clusters.gap import gap_number
from custvalue.segmentation._clusters.prediction_strength import strength_number

__all__ = ["Verdict", "named_numbers", "verdict"]

_SPOKEN = {
    "bic": "BIC",
    "silhouette": "the silhouette",
    "calinski_harabasz": "Calinski-Harabasz",
    "davies_bouldin": "Davies-Bouldin",
    "gap": "the gap statistic",
    "prediction_strength": "prediction strength",
}
_STRONG_SILHOUETTE = 0.7
_NO_STRUCTURE = 0.25
_CLEAR_RISE = 3.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The number taken and the reason.

    Attributes
    ----------
    recommended : int
    reason : str
        Plain sentences.
    """

    recommended: int
    reason: str


def named_numbers(table: pd.DataFrame) -> dict[str, int]:
    """Return the number of segments that each criterion names, without those that name none.

    Parameters
    ----------
    table : DataFrame of shape (n_numbers, n_criteria)
        Index: the numbers, rising. Columns silhouette, calinski_harabasz, davies_bouldin, gap,
        gap_standard_error, prediction_strength, and bic where there is one.

    Returns
    -------
    dict of str to int
        By column.
    """
    ks = [int(k) for k in table.index]
    found = {
        "bic": _smallest(table["bic"]) if "bic" in table else None,
        "silhouette": _smallest(-table["silhouette"]),
        "calinski_harabasz": _smallest(-table["calinski_harabasz"]),
        "davies_bouldin": _smallest(table["davies_bouldin"]),
        "gap": gap_number(ks, table["gap"].to_numpy(), table["gap_standard_error"].to_numpy()),
        "prediction_strength": strength_number(ks, table["prediction_strength"].to_numpy()),
    }
    return {name: number for name, number in found.items() if number is not None}


def verdict(table: pd.DataFrame, usable: BoolArray) -> Verdict:
    """Return the number of segments to take, by the rule of this module.

    Parameters
    ----------
    table : DataFrame of shape (n_numbers, n_criteria)
        As `named_numbers` takes it.
    usable : ndarray of bool of shape (n_numbers,)
        False takes a number out: a segment too small, or fewer segments found than asked for.

    Returns
    -------
    Verdict
        The smallest number of the table where none is usable, or no criterion names one.
    """
    out = _out(table.index[~usable].tolist())
    if not usable.any():
        fewest = int(table.index[0])
        return Verdict(fewest, f"{_segments(fewest)}, the fewest tried: {out}.")
    named = named_numbers(table[usable])
    taken = _taken(named, table[usable])
    if taken is None:
        taken = int(table.index[usable][0])
    reason = _reason(taken, named, table["silhouette"][usable])
    return Verdict(taken, f"{reason}{f'; {out}' if out else ''}.")


def _taken(named: Mapping[str, int], table: pd.DataFrame) -> int | None:
    if "bic" in named:
        return named["bic"]
    if _is_one(named, table):
        return 1
    votes = Counter(number for number in named.values() if number > 1)
    return min(votes, key=lambda number: (-votes[number], number)) if votes else None


def _is_one(named: Mapping[str, int], table: pd.DataFrame) -> bool:
    """Say whether the data are one segment, by those criteria that can name 1."""
    strength = named.get("prediction_strength", 1)
    if named.get("gap") == 1:
        return strength == 1 or not _overruled(table, strength)
    poor = not bool((table["silhouette"] > _NO_STRUCTURE).any())
    return named.get("prediction_strength") == 1 and poor


def _overruled(table: pd.DataFrame, number: int) -> bool:
    """Say whether a number of reproducible groups is too plain for the gap to name 1."""
    found = table.to_dict("index")
    rise = found[number]["gap"] - found[1]["gap"]
    clear = rise > _CLEAR_RISE * found[number]["gap_standard_error"]
    return bool(clear or found[number]["silhouette"] > _STRONG_SILHOUETTE)


def _reason(taken: int, named: Mapping[str, int], silhouettes: pd.Series) -> str:
    agree = [_SPOKEN[name] for name, number in named.items() if number == taken]
    if not agree:
        return f"{_segments(taken)}: no criterion names a number"
    if taken == 1 and len(silhouettes) > 1 and "bic" not in named:
        return _no_segments(agree, named, silhouettes)
    others = _dissenting({name: k for name, k in named.items() if k != taken})
    return f"{_segments(taken)}: named by {_agreeing(agree)}{_tie(taken, named)}{others}"


def _agreeing(agree: Sequence[str]) -> str:
    first, *others = agree
    if first != _SPOKEN["bic"]:
        return _listed(agree)
    return f"{first}, which decides for a mixture{f', and by {_listed(others)}' if others else ''}"


def _no_segments(agree: Sequence[str], named: Mapping[str, int], silhouettes: pd.Series) -> str:
    verb = "name" if len(agree) > 1 else "names"
    able = {name: k for name, k in named.items() if name in {"gap", "prediction_strength"}}
    others = _dissenting({name: k for name, k in able.items() if k > 1})
    best = ""
    if silhouettes.notna().any():
        best = (
            f"; the best silhouette is {silhouettes.max():.2f}, of {silhouettes.idxmax()} segments"
        )
    return f"The data show no separate segments: {_listed(agree)} {verb} 1{others}{best}"


def _tie(taken: int, named: Mapping[str, int]) -> str:
    votes = Counter(number for number in named.values() if number > 1)
    tied = sorted(number for number in votes if votes[number] == votes[taken])
    if "bic" in named or taken == 1 or len(tied) == 1:
        return ""
    return f", the fewest of {_listed(map(str, tied))}, which as many criteria name"


def _dissenting(named: Mapping[str, int]) -> str:
    """Return "; Calinski-Harabasz names 4, Davies-Bouldin 2", or nothing."""
    said = [
        f"{_SPOKEN[name]}{'' if i else ' names'} {k}" for i, (name, k) in enumerate(named.items())
    ]
    return f"; {', '.join(said)}" if said else ""


def _out(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    what = "a segment would be too small or not be found"
    return f"{_listed(map(str, numbers))} {'is' if len(numbers) == 1 else 'are'} out: {what}"


def _segments(number: int) -> str:
    return f"{number} segment{'s' if number > 1 else ''}"


def _listed(words: Iterable[str]) -> str:
    """Return "a, b and c"."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _smallest(values: pd.Series) -> int | None:
    known = values[np.isfinite(values)]
    return int(known.idxmin()) if len(known) else None
