"""What a projection shows, as tables: points seen, curves, and bands by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from custvalue.plotting.formatting import period_names, share
from custvalue.plotting.style import RAMP

__all__ = [
    "BAND_COLUMNS",
    "CURVE_COLUMNS",
    "checked_bands",
    "checked_cohorts",
    "checked_curves",
    "checked_levels",
    "checked_shares",
    "chosen_cohorts",
    "level_text",
    "one_seed",
]

CURVE_COLUMNS = ("curve", "period", "observed", "estimate")
BAND_COLUMNS = ("curve", "period", "level", "lower", "upper")
COHORT_COLUMNS = ("cohort", "age", "observed", "estimate", "lower", "upper")
_MOST_LEVELS = len(RAMP) - 1
_MOST_SEED = 2**31 - 1
_MOST_PLACES = 6
_EVENLY = 4
_LISTED = 12


def checked_levels(levels: float | Sequence[float]) -> tuple[float, ...]:
    """Return the levels of bands, the widest first, each once.

    Parameters
    ----------
    levels : float or sequence of float

    Returns
    -------
    tuple of float

    Raises
    ------
    ValueError
        If one is not between 0 and 1, there is none, or more than there are shades.
    """
    given = [float(one) for one in np.atleast_1d(np.asarray(levels, dtype=float)).ravel()]
    found = tuple(sorted(set(given), reverse=True))
    if not 1 <= len(found) <= _MOST_LEVELS or not all(0 < one < 1 for one in found):
        raise ValueError(
            f"levels must be between 0 and 1, at least one and at most {_MOST_LEVELS}; "
            f"found {given!r}"
        )
    return found


def level_text(levels: Sequence[float], *, several: bool = False) -> str:
    r"""Return a sentence on what bands hold, with as many digits as each level needs.

    Parameters
    ----------
    levels : sequence of float
    several : bool, default=False
        Whether there are several bands of each level.

    Returns
    -------
    str

    Examples
    --------
    >>> level_text([0.99, 0.995])
    'bands hold 99\xa0% and 99.5\xa0%'
    """
    said = [share(level, _places(100 * level)) for level in sorted(levels)]
    listed = " and ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
    return f"bands hold {listed}" if several or len(said) > 1 else f"band holds {listed}"


def one_seed(random_state: Any) -> int:
    """Return one seed, so that what is drawn with it again is the same.

    Parameters
    ----------
    random_state : int, numpy.random.Generator or None
        A number is the seed itself.

    Returns
    -------
    int
    """
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(np.random.default_rng(random_state).integers(_MOST_SEED))


def checked_shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose numbers are shares or missing.

    Parameters
    ----------
    frame : pandas.DataFrame

    Returns
    -------
    pandas.DataFrame
        As given.

    Raises
    ------
    ValueError
        If a number is not from 0 to 1.
    """
    for name in frame:
        values = np.asarray(frame[name], dtype=float)
        wrong = values[(values < 0) | (values > 1)]
        if len(wrong):
            raise ValueError(
                f"{name} must be shares from 0 to 1; found {wrong[0]:g} ({len(wrong)} such numbers)"
            )
    return frame


def checked_cohorts(projection: Any) -> dict[Any, tuple[str, pd.DataFrame]]:
    """Return the cohorts of a projection of shares.

    Parameters
    ----------
    projection : pandas, polars or pyarrow frame
        Columns as ``CohortRetention.project(of="share")`` gives them.

    Returns
    -------
    dict
        By cohort: its name, and its rows by age.

    Raises
    ------
    TypeError
        If it is no frame.
    ValueError
        If a column is missing, there is no row, or a number is no share.
    """
    frame = _as_pandas(projection)
    missing = [name for name in COHORT_COLUMNS if name not in frame]
    if missing:
        raise ValueError(
            f"projection must have the columns {', '.join(COHORT_COLUMNS)}; missing: "
            f"{', '.join(missing)}"
        )
    if frame.empty:
        raise ValueError("projection must have at least one row; found none")
    checked_shares(frame[list(COHORT_COLUMNS[2:])])
    parts = {key: part.set_index("age") for key, part in frame.groupby("cohort")}
    return dict(zip(parts, zip(_names_of(parts), parts.values(), strict=True), strict=True))


def chosen_cohorts(found: Mapping[Any, Any], cohorts: Any, most: int) -> list[Any]:
    """Return the cohorts that are shown.

    Parameters
    ----------
    found : mapping by cohort
    cohorts : sequence, one cohort, or None
        None takes the first, the last and those evenly between. Days may be text.
    most : int

    Returns
    -------
    list

    Raises
    ------
    ValueError
        If one is not there, or there are none or too many.
    """
    if cohorts is None:
        return _evenly(list(found))
    alone = pd.api.types.is_scalar(cohorts)
    chosen = list(dict.fromkeys(_as_key(one, found) for one in ([cohorts] if alone else cohorts)))
    absent = [one for one in chosen if one not in found]
    if absent:
        raise ValueError(
            f"cohorts must be among the {len(found)} of the projection, {_listed(found)}; not "
            f"there: {_listed(absent)}"
        )
    if not 1 <= len(chosen) <= most:
        raise ValueError(f"cohorts must name at least 1 and at most {most}; found {len(chosen)}")
    return chosen


def checked_curves(curves: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return curves one below the other, with the columns of `CURVE_COLUMNS`.

    Parameters
    ----------
    curves : mapping of str to pandas.DataFrame
        Indexed by period, columns ``observed`` (NaN where nothing was seen) and ``estimate``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If there are none, or one has no estimates or periods that do not rise.
    """
    if not curves:
        raise ValueError("there must be at least one curve to show; found none")
    parts = [_one(name, frame, CURVE_COLUMNS[2:]) for name, frame in curves.items()]
    table = pd.concat(parts, ignore_index=True)
    known = table.groupby("curve", sort=False)["estimate"].count()
    if not known.all():
        raise ValueError(f"estimate must hold numbers; all are missing in curve {known.idxmin()!r}")
    return table[list(CURVE_COLUMNS)]


def checked_bands(bands: Mapping[tuple[str, float], pd.DataFrame]) -> pd.DataFrame:
    """Return bands one below the other, with the columns of `BAND_COLUMNS`.

    Parameters
    ----------
    bands : mapping of (str, float) to pandas.DataFrame
        By curve and level; indexed by period, columns ``lower`` and ``upper``.

    Returns
    -------
    pandas.DataFrame

    Raises
    ------
    ValueError
        If a lower end lies above its upper end.
    """
    parts = [
        _one(name, frame, BAND_COLUMNS[3:]).assign(level=level)
        for (name, level), frame in bands.items()
    ]
    if not parts:
        return pd.DataFrame({name: [] for name in BAND_COLUMNS})
    table = pd.concat(parts, ignore_index=True)
    crossed = table["lower"] > table["upper"]
    if crossed.any():
        row = table[crossed].iloc[0]
        raise ValueError(
            "lower must not exceed upper; found "
            f"{row['lower']:g} and {row['upper']:g} at period {row['period']}"
        )
    return table[list(BAND_COLUMNS)]


def _one(name: str, frame: Any, columns: Sequence[str]) -> pd.DataFrame:
    missing = [one for one in columns if one not in frame]
    if missing:
        raise ValueError(f"curve {name!r} must have {' and '.join(columns)}; missing: {missing[0]}")
    periods = np.asarray(frame.index, dtype=float)
    if len(periods) < 1 or not (np.diff(periods) > 0).all():
        raise ValueError(f"the periods of curve {name!r} must rise; found {periods.tolist()!r}")
    values = {one: np.asarray(frame[one], dtype=float) for one in columns}
    return pd.DataFrame({"curve": name, "period": periods, **values})


def _as_pandas(frame: Any) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    if not hasattr(frame, "to_pandas"):
        raise TypeError(
            "projection must be a pandas, polars or pyarrow frame; found " + type(frame).__name__
        )
    table = pd.DataFrame(frame.to_pandas())
    if "cohort" in table and pd.api.types.infer_dtype(table["cohort"]) == "date":
        return table.assign(cohort=pd.to_datetime(table["cohort"]))
    return table


def _names_of(cohorts: Mapping[Any, Any]) -> list[str]:
    """Return a name of its own for each cohort: its period, if they are days."""
    keys = pd.Index(list(cohorts))
    names = period_names(keys) if isinstance(keys, pd.DatetimeIndex) else []
    return names if len(set(names)) == len(keys) else [str(key) for key in keys]


def _as_key(cohort: Any, found: Mapping[Any, Any]) -> Any:
    """Return a cohort as it stands in the projection: days there are days, also from text."""
    if cohort in found or not isinstance(next(iter(found)), pd.Timestamp):
        return cohort
    day = pd.to_datetime(str(cohort), errors="coerce")
    return day if day in found else cohort


def _evenly(cohorts: list[Any]) -> list[Any]:
    """Return at most four cohorts from the first to the last."""
    most = min(len(cohorts), _EVENLY)
    places = np.unique(np.linspace(0, len(cohorts) - 1, most).round().astype(int))
    return [cohorts[place] for place in places]


def _listed(cohorts: Any) -> str:
    names = [f"{one:%Y-%m-%d}" if isinstance(one, pd.Timestamp) else repr(one) for one in cohorts]
    return ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")


def _places(percent: float) -> int:
    """Return the decimals that a number needs."""
    exact = (at for at in range(_MOST_PLACES) if abs(round(percent, at) - percent) < 1e-9)
    return next(exact, _MOST_PLACES)
