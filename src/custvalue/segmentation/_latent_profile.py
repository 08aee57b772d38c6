"""What latent classes are like: who is in them, how surely, and the answers that tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue._typing import FloatArray
from custvalue.segmentation._latent_class import LatentClasses

__all__ = ["class_profile", "probability_frame", "telling_answers"]

_MOST_TOLD = 3
_LEAST_DIFFERENCE = 0.1


def class_profile(
    chances: FloatArray, counts: FloatArray, names: Sequence[str], descriptions: Sequence[str]
) -> pd.DataFrame:
    """Return how many are in each class, each respondent in the likeliest, and how surely.

    Parameters
    ----------
    chances : ndarray of shape (n_patterns, n_classes)
        Probability of each class.
    counts : ndarray of shape (n_patterns,)
    names, descriptions : sequence of str of length n_classes

    Returns
    -------
    pandas.DataFrame
        Index ``segment``. ``respondents``, ``share``, ``certainty`` (mean probability of the class
        for those in it; NaN where nobody is) and ``description``.
    """
    codes, n_classes = chances.argmax(axis=1), len(names)
    sizes = np.bincount(codes, weights=counts, minlength=n_classes)
    sure = np.bincount(codes, weights=counts * chances.max(axis=1), minlength=n_classes)
    certainty = np.divide(sure, sizes, out=np.full(n_classes, np.nan), where=sizes > 0)
    whole = (sizes == np.floor(sizes)).all()
    columns = {
        "respondents": sizes.astype(np.int64) if whole else sizes,
        "share": sizes / sizes.sum(),
        "certainty": certainty,
        "description": list(descriptions),
    }
    return pd.DataFrame(columns, index=pd.Index(list(names), name="segment"))


def probability_frame(
    classes: LatentClasses, categories: Mapping[str, Sequence[Any]], names: Sequence[str]
) -> pd.DataFrame:
    """Return the probability of each answer in each class.

    Parameters
    ----------
    classes : LatentClasses
    categories : mapping of str to sequence
        By item.
    names : sequence of str

    Returns
    -------
    pandas.DataFrame
        Index ``item`` and ``category``; one column a class.
    """
    pairs = [(item, answer) for item, answers in categories.items() for answer in answers]
    index = pd.MultiIndex.from_tuples(pairs, names=["item", "category"])
    columns = pd.Index(list(names), name="segment")
    return pd.DataFrame(classes.probabilities, index=index, columns=columns)


def telling_answers(classes: LatentClasses, categories: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return, for each class, the answers that it gives more often than the others, in words.

    At most three, each at least ten percentage points more often.

    Parameters
    ----------
    classes : LatentClasses
    categories : mapping of str to sequence
        By item.

    Returns
    -------
    list of str of length n_classes

    Examples
    --------
    >>> import numpy as np
    >>> chances = np.array([[0.9, 0.2], [0.1, 0.8]])
    >>> two = LatentClasses(np.array([0.6, 0.4]), chances, (2,))
    >>> telling_answers(two, {"speed": ["fast", "slow"]})
    ['speed: fast 90 % (others 20 %)', 'speed: slow 80 % (others 10 %)']
    """
    labels = [f"{item}: {answer}" for item, found in categories.items() for answer in found]
    if len(classes.shares) == 1:
        return ["all respondents"]
    return [_told(classes, k, labels) for k in range(len(classes.shares))]


def _told(classes: LatentClasses, k: int, labels: Sequence[str]) -> str:
    inside = classes.probabilities[:, k]
    shares = np.delete(classes.shares, k)
    rest = np.delete(classes.probabilities, k, axis=1)
    others = rest @ shares / shares.sum() if shares.any() else rest.mean(axis=1)
    more = inside - others
    first = [
        i for i in np.argsort(-more, kind="stable")[:_MOST_TOLD] if more[i] >= _LEAST_DIFFERENCE
    ]
    words = [f"{labels[i]} {100 * inside[i]:.0f} % (others {100 * others[i]:.0f} %)" for i in first]
    return "; ".join(words) or "no answer much more often than others"
