"""Rotate factors: the one entrance to all rotations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from custvalue._typing import FloatArray
from custvalue.exceptions import DataError
from custvalue.factors._conventions import Conventions
from custvalue.factors._rotation.criteria import Criterion, varimax
from custvalue.factors._rotation.gradient_projection import Searches, descend
from custvalue.factors._rotation.kaiser import row_lengths
from custvalue.factors._rotation.manifolds import ORTHOGONAL, Manifold, random_orthogonal
from custvalue.factors._rotation.methods import METHODS, check_options
from custvalue.factors._rotation.optima import compare
from custvalue.factors._rotation.promax import promax
from custvalue.factors._rotation.result import Rotation
from custvalue.factors._rotation.singular_varimax import singular_varimax

__all__ = ["Rotation", "rotate"]

_INDEPENDENT = 1e-8
_NORMALISED = ("varimax", "promax")
"""Rotations that normalise rows unless told otherwise."""


def rotate(
    loadings: FloatArray,
    *,
    method: str | None,
    options: Mapping[str, Any] | None = None,
    conventions: Conventions,
    n_starts: int,
    generator: np.random.Generator,
    kaiser: bool | None = None,
    start: FloatArray | None = None,
) -> Rotation:
    """Rotate loadings to simple structure; the lowest of the minima that all starts find.

    Parameters
    ----------
    loadings : ndarray of shape (p, k)
        A, of uncorrelated factors, k <= p.
    method : str or None
        A name in `METHODS`; None leaves the loadings as they are, and so does one factor.
    options : mapping of str to object, optional
        As `check_options` takes them. A target, too, is of loadings before any normalisation.
    conventions : Conventions
        Those of Kaiser's normalisation, of R's varimax and of the target of promax.
    n_starts : int
        The first start is `start`, the others are random orthogonal matrices. R's varimax has
        one start.
    generator : numpy.random.Generator
    kaiser : bool, optional
        Normalise rows before rotating; by default what the conventions say.
    start : ndarray of shape (k, k), optional
        The first T, by default the identity.

    Returns
    -------
    Rotation
        In the order and signs that the search gave: see `in_convention`.

    Raises
    ------
    ValueError, TypeError
        If the method or its options are not as they must be.
    DataError
        If the factors are to be correlated and the columns of the loadings are not linearly
        independent.

    Examples
    --------
    >>> import numpy as np
    >>> from custvalue.factors._conventions import Conventions
    >>> turned = np.array([[0.6, 0.6], [0.6, 0.6], [0.6, -0.6], [0.6, -0.6]])
    >>> found = rotate(turned, method="quartimax", conventions=Conventions(), n_starts=1,
    ...                generator=np.random.default_rng(0))
    >>> np.abs(found.loadings).round(4)
    array([[0.    , 0.8485],
           [0.    , 0.8485],
           [0.8485, 0.    ],
           [0.8485, 0.    ]])
    >>> found.converged
    True
    """
    known = check_options(method, options, loadings.shape)
    if method is None or loadings.shape[1] == 1:
        return _unrotated(loadings)
    if METHODS[method].oblique:
        _check_independent(loadings)
    if method == "promax" and conventions.normalised_promax:
        every = row_lengths(loadings)
        plain = replace(conventions, normalised_promax=False)
        inner = rotate(
            loadings / every,
            method=method,
            options=options,
            conventions=plain,
            n_starts=n_starts,
            generator=generator,
            start=start,
        )
        return replace(inner, loadings=inner.loadings * every)
    lengths = _lengths(loadings, method, kaiser, conventions)
    if conventions.svd_varimax and method in _NORMALISED:
        rotation = _by_singular_values(loadings, lengths)
    else:
        starts = _starts(loadings.shape[1], n_starts, generator, start)
        rotation = _searched(loadings, lengths, method, known, starts)
    if method == "promax":
        return _powered(rotation, known["power"], conventions.normalised_target)
    return rotation


def _unrotated(loadings: FloatArray) -> Rotation:
    identity = np.eye(loadings.shape[1])
    return Rotation(loadings.copy(), identity, identity.copy(), np.nan, 0.0, True, 0, 1, 1, 1)


def _check_independent(loadings: FloatArray) -> None:
    sizes = np.linalg.svd(loadings, compute_uv=False)
    rank = int((sizes > _INDEPENDENT * sizes[0]).sum())
    if rank < len(sizes):
        raise DataError(
            f"factors must have linearly independent loadings to be rotated obliquely; found "
            f"{len(sizes)} factors whose loadings have rank {rank}: take {rank} factors or an "
            "orthogonal rotation"
        )


def _lengths(
    loadings: FloatArray, method: str, kaiser: bool | None, conventions: Conventions
) -> FloatArray:
    """Return what to divide the rows by, of shape (p, 1)."""
    wanted = conventions.kaiser if kaiser is None else kaiser
    wanted = method in _NORMALISED if wanted is None else wanted
    return row_lengths(loadings) if wanted else np.ones((len(loadings), 1))


def _starts(
    k: int, n_starts: int, generator: np.random.Generator, start: FloatArray | None
) -> FloatArray:
    first = np.eye(k) if start is None else start
    return np.concatenate([first[None], random_orthogonal(n_starts - 1, k, generator)])


def _searched(
    loadings: FloatArray,
    lengths: FloatArray,
    method: str,
    options: dict[str, Any],
    starts: FloatArray,
) -> Rotation:
    if "target" in options:
        options = {"target": options["target"] / lengths}
    rotation = METHODS[method]
    criterion = rotation.build(options, loadings.shape)
    return _lowest(loadings, lengths, criterion, rotation.manifold, starts)


def _lowest(
    loadings: FloatArray,
    lengths: FloatArray,
    criterion: Criterion,
    manifold: Manifold,
    starts: FloatArray,
) -> Rotation:
    searches = descend(loadings / lengths, manifold.nearest(starts), criterion, manifold)
    with np.errstate(all="ignore"):
        ends = loadings @ manifold.mixing(searches.rotations)
    optima = compare(searches, ends)
    return _result(
        ends[optima.best],
        searches,
        manifold,
        best=optima.best,
        n_optima=optima.n_optima,
        agreeing=optima.agreeing,
    )


def _result(
    loadings: FloatArray,
    searches: Searches,
    manifold: Manifold,
    *,
    best: int,
    n_optima: int,
    agreeing: int,
) -> Rotation:
    T = searches.rotations[best]
    return Rotation(
        loadings=loadings,
        factor_correlations=np.eye(len(T)) if manifold is ORTHOGONAL else _correlations(T),
        rotation_matrix=T,
        criterion=float(searches.values[best]),
        gradient=float(searches.gradients[best]),
        converged=bool(searches.converged[best]),
        iterations=int(searches.iterations[best]),
        n_starts=len(searches.values),
        n_optima=n_optima,
        starts_agreeing=agreeing,
    )


def _correlations(T: FloatArray) -> FloatArray:
    phi = T.T @ T
    np.fill_diagonal(phi, 1.0)
    return phi


def _by_singular_values(loadings: FloatArray, lengths: FloatArray) -> Rotation:
    found = singular_varimax(loadings / lengths)
    T = found.rotation[None]
    Z = loadings / lengths @ T
    values, gradients = varimax(Z)
    slope = ORTHOGONAL.slope(T, T, loadings / lengths, Z, gradients)
    return Rotation(
        loadings=loadings @ found.rotation,
        factor_correlations=np.eye(len(found.rotation)),
        rotation_matrix=found.rotation,
        criterion=float(values[0]),
        gradient=float(np.linalg.norm(slope)),
        converged=found.converged,
        iterations=found.iterations,
        n_starts=1,
        n_optima=1,
        starts_agreeing=1,
    )


def _powered(rotation: Rotation, power: float, normalised_target: bool) -> Rotation:
    """Return promax, from the varimax behind it."""
    T = promax(rotation.loadings, power=power, normalised_target=normalised_target)
    return replace(
        rotation,
        loadings=rotation.loadings @ np.linalg.inv(T).T,
        factor_correlations=_correlations(T),
        rotation_matrix=rotation.rotation_matrix @ T,
    )
