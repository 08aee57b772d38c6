"""SQL around a score table: the statements that keep it, and the join that scores customers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from custvalue._tables.sql_terms import (
    all_of,
    column,
    constant,
    days,
    finite,
    named,
    number,
    quoted,
    require_free_names,
    table_named,
    text,
)
from custvalue.workflow._score_table import WHOLE_WITHIN, ScoreModel

__all__ = ["clear_query", "create_query", "join_query"]

_WITH_KEYS = ("duckdb", "mysql", "postgres", "sqlite", "tsql")
_TYPES = {
    "observation_end": "DATE",
    "model": "VARCHAR(64)",
    "model_id": "VARCHAR(64)",
}


def join_query(
    model: ScoreModel,
    *,
    summary: tuple[str, ...],
    scores: tuple[str, ...],
    columns: Sequence[str] | None,
    observation_end: str | None,
    dialect: str,
) -> str:
    """Return a query that gives columns of a customer summary and the scores of each row.

    Parameters
    ----------
    model : ScoreModel
    summary, scores : tuple of str
        Names of the tables, behind schema or catalogue and schema.
    columns : sequence of str or None
        Columns of the summary to hand on; None all of them.
    observation_end : str or None
        Stamp of the scores to take, YYYY-MM-DD; None takes the latest of the model.
    dialect : str
        As sqlglot calls it.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a column that is read or handed on has the name of one that the query gives.
    """
    plain = ("probability_alive", "expected_purchases")
    given = {name: column(name, "s") for name in plain} | _value(model)
    given["observation_end"] = column("observation_end", "s")
    require_free_names([*_read(model), *(columns or [])], list(given), "score_query")
    chosen = [*_handed_on(columns), *(named(term, name) for name, term in given.items())]
    found = exp.select(*chosen).from_(table_named(summary, "c"))
    one_night = exp.Subquery(
        this=_scores_of_a_night(model, scores, observation_end),
        alias=exp.TableAlias(this=quoted("s")),
    )
    joined = found.join(one_night, on=_same_history(model), join_type="left")
    return joined.sql(dialect=dialect, pretty=True)


def create_query(model: ScoreModel, *, table: tuple[str, ...], dialect: str) -> str:
    """Return the statement that makes an empty score table where there is none.

    Parameters
    ----------
    model : ScoreModel
    table : tuple of str
    dialect : str

    Returns
    -------
    str
    """
    types = _TYPES | dict.fromkeys(model.keys, "BIGINT") | dict.fromkeys(model.outputs, "DOUBLE")
    names = (*model.keys, *model.outputs, "observation_end", "model", "model_id")
    parts: list[exp.Expression] = [
        exp.ColumnDef(this=quoted(name), kind=exp.DataType.build(types[name])) for name in names
    ]
    if dialect in _WITH_KEYS:
        key = [quoted(name) for name in ("model_id", "observation_end", *model.keys)]
        parts.append(exp.PrimaryKey(expressions=key))
    schema = exp.Schema(this=table_named(table), expressions=parts)
    made = exp.Create(this=schema, kind="TABLE", exists=True)
    return made.sql(dialect=dialect, pretty=True)


def clear_query(
    model: ScoreModel, *, table: tuple[str, ...], observation_end: str, dialect: str
) -> str:
    """Return the statement that takes the rows of a model and a night out of a score table.

    Parameters
    ----------
    model : ScoreModel
    table : tuple of str
    observation_end : str
        The stamp of the night, YYYY-MM-DD.
    dialect : str

    Returns
    -------
    str
    """
    of_night = all_of([_is_of(model), _same(column("observation_end"), days(observation_end))])
    return exp.delete(table_named(table)).where(of_night).sql(dialect=dialect, pretty=True)


def _read(model: ScoreModel) -> list[str]:
    money = [] if model.spend is None else ["monetary_value"]
    return ["frequency", "recency", "T", *money, *([_margin_column(model)] * _by_row(model))]


def _by_row(model: ScoreModel) -> bool:
    return isinstance(model.margin, str)


def _margin_column(model: ScoreModel) -> str:
    return str(model.margin)


def _handed_on(columns: Sequence[str] | None) -> list[exp.Expression]:
    if columns is None:
        return [exp.Column(this=exp.Star(), table=quoted("c"))]
    return [named(column(name, "c"), name) for name in columns]


def _scores_of_a_night(
    model: ScoreModel, scores: tuple[str, ...], observation_end: str | None
) -> exp.Select:
    """Return the rows of the model with one stamp, each history once, however often it is there."""
    night: exp.Expression
    if observation_end is None:
        latest = exp.select(exp.Max(this=column("observation_end")))
        night = exp.Subquery(this=latest.from_(table_named(scores)).where(_is_of(model)))
    else:
        night = days(observation_end)
    keys = [column(name) for name in (*model.keys, "observation_end")]
    found = [named(exp.Max(this=column(name)), name) for name in model.outputs]
    wanted = all_of([_is_of(model), _same(column("observation_end"), night)])
    rows = exp.select(*keys, *found).from_(table_named(scores)).where(wanted)
    return rows.group_by(*(key.copy() for key in keys))


def _is_of(model: ScoreModel) -> exp.Expression:
    return _same(column("model_id"), text(model.model_id))


def _same_history(model: ScoreModel) -> exp.Expression:
    """Return whether a row of scores is that of a customer."""
    conditions: list[exp.Expression] = [_same(number("frequency", "c"), number("frequency", "s"))]
    inexact: list[exp.Expression] = []
    for name, key in zip(("recency", "T"), model.keys[1:], strict=True):
        found = exp.Mul(this=number(name, "c"), expression=constant(model.steps_per_unit))
        half_up = exp.Add(this=found.copy(), expression=constant(0.5))
        steps = number(key, "s")
        conditions.append(_same(exp.Floor(this=half_up), steps))
        off = exp.Abs(this=exp.Sub(this=found, expression=steps.copy()))
        inexact.append(exp.LTE(this=off, expression=constant(WHOLE_WITHIN)))
    return all_of(conditions + inexact)


def _value(model: ScoreModel) -> dict[str, exp.Expression]:
    """Return expected spend and value of a customer; nothing where the model has none."""
    if model.spend is None:
        return {}
    spend = _expected_spend(model)
    discounted = exp.Mul(this=number("discounted_purchases", "s"), expression=spend.copy())
    value: exp.Expression = exp.Mul(this=discounted, expression=_margin(model))
    return {"expected_spend": spend, "value": value}


def _expected_spend(model: ScoreModel) -> exp.Case:
    """Return E[M | x, m] = p (v + x m) / (p x + (q - 1)), where money is as the model wants it.

    The operations are those of `custvalue.lifetime._gamma_gamma`, in their order.
    """
    p, q, v = (float(model.spend.params_[name]) for name in "pqv")
    x, m = number("frequency", "s"), number("monetary_value", "c")
    total = exp.Mul(this=x.copy(), expression=m.copy())
    above = exp.Paren(this=exp.Add(this=constant(v), expression=total))
    top = exp.Mul(this=constant(p), expression=above)
    scaled = exp.Mul(this=constant(p), expression=x.copy())
    excess = exp.Paren(this=exp.Add(this=scaled, expression=constant(q - 1)))
    mean = exp.Div(this=top, expression=excess, typed=True, safe=False)
    return exp.Case().when(all_of([finite(m), _paid_or_not(x, m)]), mean)


def _paid_or_not(x: exp.Expression, m: exp.Expression) -> exp.Expression:
    """Return whether repeat buyers have spent and the others have not."""
    zero = constant(0.0)
    again = [exp.GT(this=one.copy(), expression=zero.copy()) for one in (x, m)]
    never = [_same(one.copy(), zero.copy()) for one in (x, m)]
    ways = [exp.Paren(this=all_of(way)) for way in (again, never)]
    return exp.Paren(this=exp.Or(this=ways[0], expression=ways[1]))


def _margin(model: ScoreModel) -> exp.Expression:
    """Return the margin; that of a row is NULL where it is not allowed."""
    if not _by_row(model):
        return constant(float(model.margin or 0.0))
    found = number(_margin_column(model), "c")
    allowed = exp.GTE(this=found.copy(), expression=constant(0.0))
    return exp.Case().when(all_of([finite(found), allowed]), found.copy())


def _same(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    return exp.EQ(this=left, expression=right)
