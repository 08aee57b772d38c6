"""The stages of a response as tables, in the units of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from custvalue._estimator.door import Table, require
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import DataError
from custvalue.service._service_response import Response, Scaled, stage_names

__all__ = [
    "change_frame",
    "peak_series",
    "require_enough",
    "selection_frame",
    "sentence",
    "stage_answer",
    "stage_frame",
]

_LEAST_ROWS = 10
_LARGEST = 1e300
_ORDER = ("low", "rising", "transition", "falling")


def require_enough(table: Table, service: str) -> None:
    """Raise where there are too few rows or levels for a line.

    Parameters
    ----------
    table : Table
    service : str
        Column of the level.

    Raises
    ------
    DataError
        If there are fewer than 10 rows or 2 levels, or a number is above 1e300.
    """
    for name in table.columns:
        rule = f"{name} must be from {-_LARGEST:g} to {_LARGEST:g}"
        require(table, np.abs(table[name]) <= _LARGEST, rule, [name])
    if len(table) < _LEAST_ROWS:
        raise DataError(f"there must be at least {_LEAST_ROWS} rows; found {len(table)} sample(s)")
    levels = table[service]
    if levels.min() == levels.max():
        raise DataError(
            f"{service} must have at least two different levels; found {levels[0]:g} in all "
            f"{len(table)} rows"
        )


def stage_frame(data: Scaled, response: Response) -> pd.DataFrame:
    """Return the stages, a row each.

    Parameters
    ----------
    data : Scaled
    response : Response

    Returns
    -------
    pandas.DataFrame
    """
    line, unit = response.line, data.spread / data.width
    ends = _levels(data, line.ends)
    values = data.mean + data.spread * line.value(line.ends)
    reached = np.searchsorted(data.x, line.knots, side="right") / len(data.x)
    return pd.DataFrame(
        {
            "stage": stage_names(line.slopes, response.slope_ends),
            "start": ends[:-1],
            "end": ends[1:],
            "value_start": values[:-1],
            "value_end": values[1:],
            "slope": unit * line.slopes,
            "lower": unit * response.slope_ends[:, 0],
            "upper": unit * response.slope_ends[:, 1],
            "share": np.diff(np.concatenate([[0.0], reached, [1.0]])),
        },
        index=_numbered(len(line.slopes)),
    )


def change_frame(data: Scaled, response: Response) -> pd.DataFrame:
    """Return the change points, a row each.

    Parameters
    ----------
    data : Scaled
    response : Response

    Returns
    -------
    pandas.DataFrame
    """
    return pd.DataFrame(
        {
            "service_level": _levels(data, response.line.knots),
            "lower": _levels(data, response.knot_ends[:, 0]),
            "upper": _levels(data, response.knot_ends[:, 1]),
            "slope_change": data.spread / data.width * response.line.theta[2:],
        },
        index=_numbered(len(response.line.knots)),
    )


def peak_series(data: Scaled, response: Response, stages: pd.DataFrame) -> pd.Series:
    """Return the highest point of the line, and how sure its place is.

    Parameters
    ----------
    data : Scaled
    response : Response
    stages : pandas.DataFrame
        Of `stage_frame`.

    Returns
    -------
    pandas.Series
        NaN where the only stage is flat.
    """
    names = ["service_level", "lower", "upper", "value"]
    if stages["stage"].tolist() == ["flat"]:
        return pd.Series(np.nan, index=names, name="peak")
    value = data.mean + data.spread * float(response.line.value(response.peak[:1])[0])
    return pd.Series([*_levels(data, response.peak), value], index=names, name="peak")


def selection_frame(response: Response) -> pd.DataFrame:
    """Return fit and test of every number of stages.

    Parameters
    ----------
    response : Response

    Returns
    -------
    pandas.DataFrame
    """
    rows = [(one.r_squared, one.bic, one.statistic, one.p_value) for one in response.selection]
    index = pd.RangeIndex(1, len(rows) + 1, name="n_stages")
    return pd.DataFrame(rows, index=index, columns=["r_squared", "bic", "statistic", "p_value"])


def sentence(stages: pd.DataFrame, response: Response, min_share: float) -> tuple[str, bool]:
    """Say why there are no more stages, and what is unusual about those found.

    Parameters
    ----------
    stages : pandas.DataFrame
        Of `stage_frame`.
    response : Response
    min_share : float

    Returns
    -------
    tuple of str and bool
        The sentences, and whether the stages come in their usual order.
    """
    count, names = len(stages), stages["stage"].tolist()
    p_value = response.selection[count - 1].p_value
    said = (
        f"{count} stage{'' if count == 1 else 's'}: "
        + {
            "tested": f"a further change of slope is no more than chance (p = {p_value:.2g})",
            "most": "max_stages allows no more",
            "room": f"there is no room for one more with {min_share:.0%} of the rows and 3 levels",
        }[response.stopped]
    )
    if names == ["flat"]:
        said += "; the value does not answer to the service level"
    places = [_ORDER.index(name) for name in names if name in _ORDER]
    ordered = len(places) == count and places == sorted(places)
    ordered = ordered or names == ["flat"]
    if not ordered:
        said += f"; the stages do not come in the order {', '.join(_ORDER)}"
    steep = _as_steep(stages)
    if steep:
        said += (
            f"; stage {', '.join(map(str, steep))} rises too, and may do so as steeply as the one "
            "that is called rising"
        )
    return said, ordered and not steep


def _as_steep(stages: pd.DataFrame) -> list[int]:
    """Return the stages of another name that rise, with an interval that meets the steepest's."""
    rising = stages["stage"] == "rising"
    if not rising.any():
        return []
    calm = stages["stage"].isin(["low", "transition"]) & (stages["lower"] > 0)
    steep = calm & (stages["upper"] >= float(stages.loc[rising, "lower"].iloc[0]))
    return [int(number) for number in stages.index[steep]]


def stage_answer(
    stages: pd.DataFrame, level: FloatArray
) -> tuple[AnyArray, FloatArray, FloatArray]:
    """Return name, expected value and slope of the stage of each level.

    Parameters
    ----------
    stages : pandas.DataFrame
        Of `stage_frame`.
    level : ndarray of shape (n_rows,)

    Returns
    -------
    tuple of three ndarray of shape (n_rows,)
    """
    place = np.searchsorted(stages["end"].to_numpy()[:-1], level, side="left")
    names, slopes = stages["stage"].to_numpy(dtype=object)[place], stages["slope"].to_numpy()[place]
    starts = stages["start"].to_numpy()[place]
    expected = stages["value_start"].to_numpy()[place] + slopes * (level - starts)
    return names, expected, slopes


def _levels(data: Scaled, x: FloatArray) -> FloatArray:
    return data.origin + data.width * x


def _numbered(count: int) -> pd.RangeIndex:
    return pd.RangeIndex(1, count + 1, name="number")
