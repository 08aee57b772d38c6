"""RFM scores and segments as SQL: cut points are constants, so that a database scores customers.

Every column is one expression on the columns of the table. None builds on another: a table that
has an ``r_score`` of its own must not have it read in place of the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlglot import exp

from custvalue._tables.sql_terms import (
    all_of,
    column,
    constant,
    finite,
    given,
    named,
    number,
    require_free_names,
    table_named,
    text,
)
from custvalue._typing import FloatArray, IntArray
from custvalue.segmentation._rfm_groups import POOLED, CutPoints
from custvalue.segmentation._rfm_scorer import time_since_purchase

__all__ = [
    "NamedCells",
    "SQLScores",
    "named_cells",
    "score_query",
    "segment_query",
    "unrounded_cut_point",
]

_SCORES = ("r_score", "f_score", "m_score", "rfm_score")
_SEGMENTS = ("segment", "rule")
_MOST = 1e9
_Build = Callable[[CutPoints], exp.Expression]


@dataclass(frozen=True, slots=True)
class SQLScores:
    """What scores a customer.

    Attributes
    ----------
    points : mapping of label to mapping of str to ndarray of shape (n_bins - 1,)
        Cut points by group and measure, from the worst to the best; the one label None where there
        are no groups.
    money : str
        Column that M scores.
    by : str or None
        Column of the groups.
    nonpositive_money : {"score", "lowest", "raise"}
    """

    points: Mapping[Any, CutPoints]
    money: str
    by: str | None
    nonpositive_money: str


@dataclass(frozen=True, slots=True)
class NamedCells:
    """A rule: the lowest and the highest of each score, and its texts.

    Attributes
    ----------
    lowest, highest : tuple of int
        Of r, f and m, both inside.
    segment, rule : str
    """

    lowest: tuple[int, ...]
    highest: tuple[int, ...]
    segment: str
    rule: str


def score_query(scores: SQLScores, *, table: tuple[str, ...], dialect: str) -> str:
    """Return a query that gives all columns of a table and the scores of each row.

    Parameters
    ----------
    scores : SQLScores
    table : tuple of str
        Name of the table, behind schema or catalogue and schema.
    dialect : str
        As sqlglot calls it.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a column that is read has the name of one that the query gives, or groups are of
        several kinds.
    """
    _require_free(scores, _SCORES)
    return _query(_score_columns(scores), table, dialect)


def segment_query(
    scores: SQLScores, rules: Sequence[NamedCells], *, table: tuple[str, ...], dialect: str
) -> str:
    """Return a query that gives all columns of a table, and scores and segment of each row.

    Parameters
    ----------
    scores : SQLScores
    rules : sequence of NamedCells
        A partition of the scores.
    table : tuple of str
    dialect : str

    Returns
    -------
    str

    Raises
    ------
    ValueError
        As `score_query`.
    """
    _require_free(scores, (*_SCORES, *_SEGMENTS))
    columns = _score_columns(scores)
    for name in _SEGMENTS:
        columns[name] = _by_group(scores, _text_of_rule(scores, rules, name))
    return _query(columns, table, dialect)


def named_cells(partition: IntArray, texts: Sequence[tuple[str, str]]) -> list[NamedCells]:
    """Return the ranges of the rules from the cube of scores that they part.

    Parameters
    ----------
    partition : ndarray of int of shape (n_bins, n_bins, n_bins)
        Which rule holds the scores r, f, m at ``[r - 1, f - 1, m - 1]``; each holds a box.
    texts : sequence of (str, str)
        Segment and rule in words.

    Returns
    -------
    list of NamedCells
    """
    boxes = [np.argwhere(partition == place) + 1 for place in range(len(texts))]
    return [
        NamedCells(tuple(box.min(axis=0).tolist()), tuple(box.max(axis=0).tolist()), *words)
        for box, words in zip(boxes, texts, strict=True)
    ]


def unrounded_cut_point(point: float) -> float:
    """Return the least time that, once rounded, reaches a cut point of the time since a purchase.

    A customer whose rounded time is below the cut point is one whose time is below this number, so
    that the database need not round, which databases do in different ways.

    Parameters
    ----------
    point : float

    Returns
    -------
    float

    Examples
    --------
    >>> unrounded_cut_point(22.428571429)
    22.428571428500003
    """
    margin = 1e-8 + 1e-12 * abs(point)
    below, reached = point - margin, point + margin
    while below < (middle := below + (reached - below) / 2) < reached:
        rounded = time_since_purchase(np.zeros(1), np.array([middle]))[0]
        below, reached = (below, middle) if rounded >= point else (middle, reached)
    return float(reached)


def _require_free(scores: SQLScores, added: Sequence[str]) -> None:
    read = ["frequency", "recency", "T", scores.money, *([scores.by] if scores.by else [])]
    require_free_names(read, added, "to_sql")


def _query(columns: Mapping[str, exp.Expression], table: tuple[str, ...], dialect: str) -> str:
    chosen = [exp.Star(), *(named(inner, name) for name, inner in columns.items())]
    return exp.select(*chosen).from_(table_named(table)).sql(dialect=dialect, pretty=True)


def _score_columns(scores: SQLScores) -> dict[str, exp.Expression]:
    """Return the three scores and the three side by side."""
    builders: list[_Build] = [_score(scores, place) for place in range(3)]
    n_bins = 1 + len(next(iter(scores.points.values()))["frequency"])
    base = 10 ** len(str(n_bins))

    def combined(points: CutPoints) -> exp.Expression:
        r, f, m = (build(points) for build in builders)
        hundreds = exp.Mul(this=exp.Literal.number(base * base), expression=r)
        tens = exp.Mul(this=exp.Literal.number(base), expression=f)
        return exp.Add(this=exp.Add(this=hundreds, expression=tens), expression=m)

    every = [*builders, combined]
    return {name: _by_group(scores, build) for name, build in zip(_SCORES, every, strict=True)}


def _score(scores: SQLScores, place: int) -> _Build:
    """Return what writes the score of r, f or m for given cut points."""

    def build(points: CutPoints) -> exp.Expression:
        reached = _reached(scores, place, points)
        case = exp.Case()
        for score in range(len(reached) + 1, 1, -1):
            case = case.when(reached[score - 2], exp.Literal.number(score))
        return case.else_(exp.Literal.number(1))

    return build


def _text_of_rule(scores: SQLScores, rules: Sequence[NamedCells], name: str) -> _Build:
    """Return what writes the segment, or the rule in words, for given cut points."""

    def build(points: CutPoints) -> exp.Expression:
        reached = [_reached(scores, place, points) for place in range(3)]
        passed = [_reached(scores, place, points, reverse=True) for place in range(3)]
        case = exp.Case()
        for rule in rules:
            inside = []
            for place, (low, high) in enumerate(zip(rule.lowest, rule.highest, strict=True)):
                inside += [reached[place][low - 2]] if low > 1 else []
                inside += [passed[place][high - 1]] if high <= len(passed[place]) else []
            case = case.when(all_of(inside), text(getattr(rule, name)))
        return case

    return build


def _reached(
    scores: SQLScores, place: int, points: CutPoints, *, reverse: bool = False
) -> list[exp.Expression]:
    """Return, for each score from 2 on, whether a customer has at least that one, or less."""
    if place == 0:
        since = exp.Sub(this=number("T"), expression=number("recency"))
        limits = [unrounded_cut_point(point) for point in points["recency"]]
        sooner: type[exp.Expression] = exp.GTE if reverse else exp.LT
        return [sooner(this=since.copy(), expression=constant(limit)) for limit in limits]
    measure = number("frequency" if place == 1 else scores.money)
    limits = _limits(scores, place, points)
    more: type[exp.Expression] = exp.LTE if reverse else exp.GT
    return [more(this=measure.copy(), expression=constant(limit)) for limit in limits]


def _limits(scores: SQLScores, place: int, points: CutPoints) -> list[float]:
    """Return what frequency or money must exceed; of money perhaps 0 at least."""
    found: FloatArray = np.asarray(points["frequency" if place == 1 else "monetary"])
    lowest = place == 2 and scores.nonpositive_money == "lowest"
    limits: list[float] = (np.maximum(found, 0.0) if lowest else found).tolist()
    return limits


def _by_group(scores: SQLScores, build: _Build) -> exp.Expression:
    """Return an expression with the cut points of each group, NULL where no customer can be."""
    points = scores.points
    possible = _possible(scores)
    if scores.by is None:
        return exp.Case().when(possible, build(points[None]))
    case = exp.Case()
    for label, own in points.items():
        if label != POOLED:
            case = case.when(_is_label(scores.by, label), build(own))
    if POOLED in points:
        case = case.else_(build(points[POOLED]))
    return exp.Case().when(possible, case)


def _possible(scores: SQLScores) -> exp.Expression:
    """Return whether a row is a purchase history, with money and a group."""
    x, t_x, T = map(number, ("frequency", "recency", "T"))
    money = number(scores.money)
    nothing = constant(0.0)
    conditions: list[exp.Expression] = [
        exp.Between(this=x.copy(), low=nothing.copy(), high=constant(_MOST)),
        exp.EQ(this=x.copy(), expression=exp.Floor(this=x.copy())),
        exp.Between(this=T.copy(), low=nothing.copy(), high=constant(_MOST)),
        exp.Between(this=t_x.copy(), low=nothing.copy(), high=T.copy()),
        _both_or_neither(x, t_x),
        finite(money),
    ]
    if scores.nonpositive_money == "raise":
        conditions.append(exp.GT(this=money.copy(), expression=nothing.copy()))
    if scores.by is not None:
        conditions.append(_is_given(scores.by, list(scores.points)))
    return all_of(conditions)


def _both_or_neither(x: exp.Expression, t_x: exp.Expression) -> exp.Expression:
    """Return whether both are positive or both 0."""
    positive = [exp.GT(this=one.copy(), expression=constant(0.0)) for one in (x, t_x)]
    zero = [exp.EQ(this=one.copy(), expression=constant(0.0)) for one in (x, t_x)]
    ways = [exp.Paren(this=all_of(way)) for way in (positive, zero)]
    return exp.Paren(this=exp.Or(this=ways[0], expression=ways[1]))


def _is_given(by: str, labels: Sequence[Any]) -> exp.Expression:
    """Return whether a customer has a group."""
    kinds = {_kind(label) for label in labels if label != POOLED}
    if len(kinds) > 1:
        raise ValueError(
            f"the groups of a database column are of one kind; {by!r} was fitted with "
            f"{' and '.join(sorted(kinds))}"
        )
    return finite(number(by)) if kinds == {"numbers"} else given(column(by))


def _is_label(by: str, label: Any) -> exp.Expression:
    if _kind(label) == "numbers":
        return exp.EQ(this=number(by), expression=constant(label))
    value = text(label) if isinstance(label, str) else exp.Boolean(this=bool(label))
    return exp.EQ(this=column(by), expression=value)


def _kind(label: Any) -> str:
    if isinstance(label, str):
        return "text"
    return "True and False" if isinstance(label, (bool, np.bool_)) else "numbers"
