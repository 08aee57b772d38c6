"""An ABC analysis as SQL: thresholds are constants, so that a database can sort new items."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from sqlglot import exp

from custvalue._tables.sql_terms import constant, named, number, quoted, text
from custvalue._typing import FloatArray
from custvalue.service._abc_analysis import LOSS, XYZ, margins
from custvalue.service._abc_input import Columns

__all__ = ["ABCRules", "abc_query"]


@dataclass(frozen=True, slots=True)
class ABCRules:
    """What sorts an item.

    Attributes
    ----------
    names : tuple of str
        Names of the classes, the most valuable first.
    thresholds : ndarray of shape (n_classes - 1,)
        Least value of each class but the last.
    hysteresis : float
    negative : {"raise", "zero", "own_class"}
    xyz_cuts : tuple of float
    """

    names: tuple[str, ...]
    thresholds: FloatArray
    hysteresis: float
    negative: str
    xyz_cuts: tuple[float, ...]


def abc_query(columns: Columns, rules: ABCRules, *, table: tuple[str, ...], dialect: str) -> str:
    """Return a query that gives all columns of a table and the class of each row.

    Parameters
    ----------
    columns : Columns
    rules : ABCRules
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
        If a column that is read has the name of one that the query gives.
    """
    _require_free_names(columns)
    classes = _class(columns, rules)
    chosen: list[exp.Expression] = [exp.Star(), named(classes, "class")]
    if columns.variability:
        xyz = _variability_class(columns.variability, rules.xyz_cuts)
        both = exp.DPipe(this=classes.copy(), expression=xyz.copy())
        chosen += [named(xyz, "xyz"), named(both, "abc_xyz")]
    names = dict(zip(("this", "db", "catalog"), map(quoted, reversed(table)), strict=False))
    return exp.select(*chosen).from_(exp.Table(**names)).sql(dialect=dialect, pretty=True)


def _require_free_names(columns: Columns) -> None:
    """Raise where the query would give two columns of one name; most databases ignore case."""
    given = ("class", "xyz", "abc_xyz") if columns.variability else ("class",)
    read = [*columns.numbers, *([] if columns.previous is None else [columns.previous])]
    taken = [name for name in read if name.lower() in given]
    if taken:
        raise ValueError(
            f"to_sql gives the columns {', '.join(given)}; rename those of the table that it would "
            f"have twice, such as to {'last_' + taken[0]!r}; found {', '.join(map(repr, taken))}"
        )


def _class(columns: Columns, rules: ABCRules) -> exp.Case:
    value = number(columns.value)
    negative = exp.LT(this=value.copy(), expression=constant(0.0))
    case = exp.Case()
    if rules.negative == "own_class":
        case = case.when(negative, text(LOSS))
    if rules.negative == "raise":
        case = case.when(negative, exp.null())
    for place, name in enumerate(rules.names[:-1]):
        least = _least(place, columns.previous, rules)
        case = case.when(exp.GTE(this=value.copy(), expression=least), text(name))
    return _where_finite(value, case.else_(text(rules.names[-1])))


def _least(place: int, previous: str | None, rules: ABCRules) -> exp.Expression:
    """Return what an item must be worth to be in a class, which depends on its last one."""
    plain = constant(float(rules.thresholds[place]))
    if previous is None or rules.hysteresis == 0.0:
        return plain
    stay, rise = margins(rules.thresholds, rules.hysteresis)
    return (
        exp.Case()
        .when(_among(previous, rules.names[: place + 1]), constant(stay[place]))
        .when(_among(previous, rules.names[place + 1 :]), constant(rise[place]))
        .else_(plain)
    )


def _variability_class(names: Sequence[str], cuts: Sequence[float]) -> exp.Case:
    variation, finite = _variation(names)
    case = exp.Case()
    if len(names) > 1:
        no_demand = exp.LTE(this=finite.copy(), expression=constant(0.0))
        case = case.when(no_demand, text(XYZ[-1]))
    for cut, name in zip(cuts, XYZ, strict=False):
        case = case.when(exp.LTE(this=variation.copy(), expression=constant(cut)), text(name))
    return _where_finite(finite, case.else_(text(XYZ[-1])))


def _variation(names: Sequence[str]) -> tuple[exp.Expression, exp.Expression]:
    """Return the coefficient of variation, and what must be finite for it: itself, or the mean.

    The steps are those of `custvalue.service._abc_analysis.coefficient_of_variation`.
    """
    first, *others = map(number, names)
    if not others:
        return first, first
    count = constant(float(len(names)))
    differences = [_paren(exp.Sub(this=one, expression=first.copy())) for one in others]
    shift = _paren(_total(differences))
    squares = _paren(_total([_times(one, one) for one in differences]))
    mean = _paren(exp.Add(this=first, expression=_over(shift, count)))
    around = _paren(exp.Sub(this=squares, expression=_over(_times(shift, shift), count)))
    spread = exp.Sqrt(this=_over(around, constant(float(len(names) - 1))))
    return _over(spread, mean), mean


def _where_finite(number: exp.Expression, case: exp.Case) -> exp.Case:
    """Return the case where a number is finite, else NULL; some databases sort NaN as the most."""
    largest = constant(sys.float_info.max)
    within = exp.Between(this=number.copy(), low=exp.Neg(this=largest.copy()), high=largest)
    return exp.Case().when(within, case)


def _total(terms: Sequence[exp.Expression]) -> exp.Expression:
    return reduce(lambda left, right: exp.Add(this=left, expression=right), terms)


def _times(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.Mul(this=left.copy(), expression=right.copy())


def _over(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    # All operands are floats: no dialect has to be told how to divide.
    return exp.Div(this=left.copy(), expression=right.copy(), typed=True, safe=False)


def _paren(inner: exp.Expression) -> exp.Expression:
    return exp.Paren(this=inner)


def _among(column: str, names: Sequence[str]) -> exp.Expression:
    return exp.In(this=exp.Column(this=quoted(column)), expressions=[text(one) for one in names])
