"""The rotations by name: where they move, what they minimise, and the options that they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from custvalue._typing import FloatArray
from custvalue.factors._rotation import criteria
from custvalue.factors._rotation.criteria import Criterion
from custvalue.factors._rotation.manifolds import OBLIQUE, ORTHOGONAL, Manifold

__all__ = ["METHODS", "Method", "check_options"]

Build = Callable[[dict[str, Any], tuple[int, int]], Criterion]


@dataclass(frozen=True, slots=True)
class Method:
    """A rotation.

    Attributes
    ----------
    manifold : Manifold
        Orthogonal or oblique: that of the search.
    build : callable
        Takes the options and the shape (p, k) of the loadings, gives the criterion.
    option : str or None
        The name of the one option that it has.
    """

    manifold: Manifold
    build: Build
    option: str | None = None

    @property
    def oblique(self) -> bool:
        """The factors may be correlated."""
        return self.manifold is OBLIQUE or self.option == "power"


def _plain(criterion: Criterion) -> Build:
    return lambda options, shape: criterion


def _equamax(options: dict[str, Any], shape: tuple[int, int]) -> Criterion:
    return criteria.crawford_ferguson(shape[1] / (2 * shape[0]))


def _geomin(options: dict[str, Any], shape: tuple[int, int]) -> Criterion:
    return criteria.geomin(options["epsilon"])


def _oblimin(options: dict[str, Any], shape: tuple[int, int]) -> Criterion:
    return criteria.oblimin(options["gamma"])


def _target(options: dict[str, Any], shape: tuple[int, int]) -> Criterion:
    return criteria.target(options["target"])


def _simplimax(options: dict[str, Any], shape: tuple[int, int]) -> Criterion:
    return criteria.simplimax(options["n_small"])


METHODS: dict[str, Method] = {
    "bentler_oblique": Method(OBLIQUE, _plain(criteria.bentler)),
    "bentler_orthogonal": Method(ORTHOGONAL, _plain(criteria.bentler)),
    "equamax": Method(ORTHOGONAL, _equamax),
    "geomin_oblique": Method(OBLIQUE, _geomin, "epsilon"),
    "geomin_orthogonal": Method(ORTHOGONAL, _geomin, "epsilon"),
    "infomax_oblique": Method(OBLIQUE, _plain(criteria.infomax)),
    "infomax_orthogonal": Method(ORTHOGONAL, _plain(criteria.infomax)),
    "oblimin": Method(OBLIQUE, _oblimin, "gamma"),
    "promax": Method(ORTHOGONAL, _plain(criteria.varimax), "power"),
    "quartimax": Method(ORTHOGONAL, _plain(criteria.quartimax)),
    "quartimin": Method(OBLIQUE, _plain(criteria.oblimin(0.0))),
    "simplimax": Method(OBLIQUE, _simplimax, "n_small"),
    "target_oblique": Method(OBLIQUE, _target, "target"),
    "target_orthogonal": Method(ORTHOGONAL, _target, "target"),
    "varimax": Method(ORTHOGONAL, _plain(criteria.varimax)),
}


def check_options(
    method: str | None, options: Mapping[str, Any] | None, shape: tuple[int, int]
) -> dict[str, Any]:
    """Return the options of a rotation with the defaults filled in.

    Parameters
    ----------
    method : str or None
    options : mapping of str to object, or None
        "gamma" of oblimin (default 0), "power" of promax (4), "epsilon" of geomin (0.01), "n_small"
        of simplimax (p), "target" of the target rotations (none).
    shape : tuple of int
        (p, k).

    Returns
    -------
    dict of str to object

    Raises
    ------
    ValueError
        If the rotation or the option is unknown, or the option is out of its range.
    TypeError
        If the option is of another kind.
    """
    if method is not None and method not in METHODS:
        raise ValueError(f"rotation must be one of {', '.join(METHODS)} or None; found {method!r}")
    name = None if method is None else METHODS[method].option
    unknown = [key for key in options or {} if key != name]
    if unknown:
        allowed = "no option" if name is None else f"only the option {name!r}"
        raise ValueError(f"rotation {method!r} takes {allowed}; found {unknown[0]!r}")
    if name is None:
        return {}
    return {name: _CHECKS[name]((options or {}).get(name), shape)}


def _gamma(value: Any, shape: tuple[int, int]) -> float:
    return _number("gamma", 0.0 if value is None else value, -np.inf, "a finite number")


def _power(value: Any, shape: tuple[int, int]) -> float:
    return _number("power", 4.0 if value is None else value, 1.0, "a finite number above 1")


def _epsilon(value: Any, shape: tuple[int, int]) -> float:
    return _number("epsilon", 0.01 if value is None else value, 0.0, "a finite number above 0")


def _number(name: str, value: Any, above: float, rule: str) -> float:
    message = f"rotation option {name!r} must be {rule}; found {value!r}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(message)
    number = float(value)
    if not np.isfinite(number) or number <= above:
        raise ValueError(message)
    return number


def _n_small(value: Any, shape: tuple[int, int]) -> int:
    value = shape[0] if value is None else value
    most = shape[0] * shape[1]
    message = (
        f"rotation option 'n_small' must be a whole number from 1 to {most}, the number of "
        f"loadings; found {value!r}"
    )
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(message)
    count = int(value)
    if not 1 <= count <= most:
        raise ValueError(message)
    return count


def _goal(value: Any, shape: tuple[int, int]) -> FloatArray:
    rule = f"rotation option 'target' must be a table of {shape[0]} items by {shape[1]} factors"
    if value is None:
        raise ValueError(f"{rule}, with NaN where a loading is free; found none")
    try:
        goal = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{rule}, of numbers; found {value!r}") from error
    if goal.shape != shape:
        raise ValueError(f"{rule}; found the shape {goal.shape}")
    if np.isinf(goal).any() or np.isnan(goal).all():
        found = "an infinite one" if np.isinf(goal).any() else "only NaN"
        raise ValueError(f"{rule}, with a finite number or more; found {found}")
    return goal


_CHECKS: dict[str, Callable[[Any, tuple[int, int]], Any]] = {
    "epsilon": _epsilon,
    "gamma": _gamma,
    "n_small": _n_small,
    "power": _power,
    "target": _goal,
}
