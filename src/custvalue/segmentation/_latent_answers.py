"""Answers to survey items as numbers: the categories of each item, codes, and answer patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from custvalue._estimator.door import plain, row_name, such_rows
from custvalue._estimator.mixed import MixedTable, is_missing, reject
from custvalue._typing import AnyArray, BoolArray, FloatArray, IntArray
from custvalue.exceptions import DataError

__all__ = [
    "MOST_CATEGORIES",
    "AnswerPatterns",
    "TrainingAnswers",
    "answer_patterns",
    "code_answers",
    "find_categories",
    "refuse_missing",
    "training_answers",
]

MOST_CATEGORIES = 50
"""An item with more different answers is an id or a measurement."""

_LARGEST_KEY = 2**62
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class AnswerPatterns:
    """The distinct rows of a table of answers, in the order of their codes.

    Attributes
    ----------
    codes : ndarray of int of shape (n_patterns, n_items)
        Category of each answer, from 0; -1 where it is missing.
    counts : ndarray of shape (n_patterns,)
        Respondents with that pattern.
    inverse : ndarray of int of shape (n_rows,)
        Which pattern each row is.
    """

    codes: IntArray
    counts: FloatArray
    inverse: IntArray

    @property
    def complete(self) -> BoolArray:
        """Which patterns have an answer to every item."""
        return np.asarray((self.codes >= 0).all(axis=1))

    @property
    def n_respondents(self) -> float:
        """All of them."""
        return float(self.counts.sum())


@dataclass(frozen=True, slots=True)
class TrainingAnswers:
    """Answers to learn from.

    Attributes
    ----------
    categories : dict of str to list
        By item.
    patterns : AnswerPatterns
        Of the rows that are used.
    used : ndarray of bool of shape (n_rows,)
        Rows with a weight and an answer.
    n_missing : ndarray of shape (n_items,)
        Respondents who left out the item.
    doubts : tuple of str
        What is doubtful about the answers, in sentences.
    """

    categories: dict[str, list[Any]]
    patterns: AnswerPatterns
    used: BoolArray
    n_missing: FloatArray
    doubts: tuple[str, ...]


def training_answers(
    table: MixedTable, weights: FloatArray | None = None, *, missing: str = "ignore"
) -> TrainingAnswers:
    """Return the answers to learn from: categories, patterns, and what is doubtful.

    Parameters
    ----------
    table : MixedTable
        One column an item.
    weights : ndarray of shape (n_rows,), optional
        Respondents that each row stands for; a row of weight 0 is not looked at.
    missing : {"ignore", "raise"}

    Returns
    -------
    TrainingAnswers

    Raises
    ------
    DataError
        If an item holds measurements, nobody answered it, or an answer is missing where
        ``missing="raise"``.
    """
    weights = np.ones(len(table)) if weights is None else weights
    weighted = np.flatnonzero(weights > 0)
    table, some = table.take(weighted), weights[weighted]
    if missing == "raise":
        refuse_missing(table)
    categories = find_categories(table)
    _refuse_unanswered(categories, len(table))
    codes = code_answers(table, categories)
    answered: BoolArray = np.asarray((codes >= 0).any(axis=1))
    used = np.zeros(len(weights), dtype=bool)
    used[weighted[answered]] = True
    sizes = [len(found) for found in categories.values()]
    return TrainingAnswers(
        categories,
        answer_patterns(codes[answered], sizes, some[answered]),
        used,
        np.asarray(some @ (codes < 0), dtype=np.float64),
        (*_one_answer(categories), *_no_answer(table, answered)),
    )


def find_categories(table: MixedTable) -> dict[str, list[Any]]:
    """Return the different answers to each item, sorted.

    Parameters
    ----------
    table : MixedTable
        One column an item.

    Returns
    -------
    dict of str to list
        Text, True and False, or whole numbers as int. Empty for an item that nobody answered.

    Raises
    ------
    DataError
        If numbers have a fraction, or an item has more than 50 different answers.
    """
    return {name: _categories(table, name) for name in table.columns}


def code_answers(
    table: MixedTable, categories: Mapping[str, Sequence[Any]], *, unseen: str = "raise"
) -> IntArray:
    """Return the category of each answer as its place among the categories of the item.

    Parameters
    ----------
    table : MixedTable
    categories : mapping of str to sequence
        By item.
    unseen : {"raise", "ignore"}
        What to do with an answer that is no category; "ignore" takes it as missing.

    Returns
    -------
    ndarray of int of shape (n_rows, n_items)
        -1 for a missing answer.

    Raises
    ------
    DataError
        If an answer is no category and ``unseen="raise"``.
    """
    codes = np.empty((len(table), len(categories)), dtype=np.int64)
    for j, (name, known) in enumerate(categories.items()):
        codes[:, j] = _places(table[name], known)
        if unseen == "raise":
            strange = (codes[:, j] < 0) & ~is_missing(table[name])
            reject(table, name, strange, f"one of the answers seen by fit ({_listed(known)})")
    return codes


def answer_patterns(
    codes: IntArray, sizes: Sequence[int], weights: FloatArray | None = None
) -> AnswerPatterns:
    """Collect equal rows of answers.

    Parameters
    ----------
    codes : ndarray of int of shape (n_rows, n_items)
        From -1 to the size of the item less one.
    sizes : sequence of int
        Number of categories of each item.
    weights : ndarray of shape (n_rows,), optional
        Respondents that each row stands for.

    Returns
    -------
    AnswerPatterns

    Examples
    --------
    >>> import numpy as np
    >>> found = answer_patterns(np.array([[1, 0], [0, -1], [1, 0]]), [2, 2])
    >>> found.codes.tolist(), found.counts.tolist(), found.inverse.tolist()
    ([[0, -1], [1, 0]], [1.0, 2.0], [1, 0, 1])
    """
    keys, most = np.zeros(len(codes), dtype=np.int64), 1
    for column, size in zip(codes.T, sizes, strict=True):
        if most * (size + 1) > _LARGEST_KEY:
            distinct, keys = np.unique(keys, return_inverse=True)
            most = len(distinct)
        keys, most = keys * (size + 1) + column + 1, most * (size + 1)
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    counts = np.bincount(inverse, weights=weights, minlength=len(first))
    return AnswerPatterns(codes[first], counts.astype(np.float64), inverse)


def refuse_missing(table: MixedTable) -> None:
    """Raise where any answer is missing, naming the item, the first row and their number."""
    for name in table.columns:
        rule = "answered by everyone where missing='raise'"
        reject(table, name, is_missing(table[name]), rule)


def _categories(table: MixedTable, name: str) -> list[Any]:
    values = table[name]
    if values.dtype != object:
        rule = "answers: text, True and False, or whole numbers; a fraction is a measurement"
        reject(table, name, ~is_missing(values) & (values != np.floor(values)), rule)
    different = [_plain_answer(value) for value in pd.unique(values[~is_missing(values)])]
    if len(different) > MOST_CATEGORIES:
        raise DataError(
            f"column {name!r} must have at most {MOST_CATEGORIES} different answers; found "
            f"{len(different)}, such as {plain(different[0])}: measurements or ids, no answers"
        )
    return sorted(different, key=lambda answer: (isinstance(answer, str), answer))


def _refuse_unanswered(categories: Mapping[str, Sequence[Any]], n_rows: int) -> None:
    empty = [name for name, found in categories.items() if not found]
    if empty:
        raise DataError(
            f"each item must be answered by someone; {', '.join(map(repr, empty))} has no answer "
            f"in {n_rows} row(s)"
        )


def _one_answer(categories: Mapping[str, Sequence[Any]]) -> list[str]:
    alike = [f"{name!r}" for name, found in categories.items() if len(found) == 1]
    if not alike:
        return []
    return [f"items must have different answers to tell classes; only one in: {', '.join(alike)}"]


def _no_answer(table: MixedTable, answered: BoolArray) -> list[str]:
    if answered.all():
        return []
    first = row_name(table.index, int(np.argmin(answered)))
    count = such_rows(int((~answered).sum()))
    return [
        f"rows must have an answer to be learned from; {first} has none and is left out ({count})"
    ]


def _plain_answer(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    return bool(value) if isinstance(value, (bool, np.bool_)) else int(value)


def _places(values: AnyArray, known: Sequence[Any]) -> IntArray:
    """Return the place of each value among those known, -1 where it is none."""
    place = {answer: i for i, answer in enumerate(known)}
    found, different = pd.factorize(values)
    places = np.array([*(place.get(value, -1) for value in different), -1], dtype=np.int64)
    return places[found]


def _listed(known: Sequence[Any]) -> str:
    shown = ", ".join(plain(answer) for answer in known[:_SHOWN])
    return shown if len(known) <= _SHOWN else f"{shown}, ..."
