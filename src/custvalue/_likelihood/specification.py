"""A law together with the covariates that act on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from custvalue._likelihood.law import Law
from custvalue._likelihood.links import Link
from custvalue._typing import AnyArray, FloatArray, Number

__all__ = ["Process", "Specification", "law_of_rows"]

Columns = Sequence[FloatArray]
Values = Sequence[Number] | FloatArray


@dataclass(frozen=True, slots=True)
class Process:
    """One process of a model, such as "purchase", and the covariates that act on it."""

    name: str
    link: Link
    covariates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """What is estimated: the k parameters of a law and the m coefficients of covariates.

    A row consists of the columns of the law, then of every covariate once. The vector theta holds
    the logarithms of the parameters, then the coefficients process by process.
    """

    law: type[Law]
    processes: tuple[Process, ...] = ()

    @property
    def covariates(self) -> tuple[str, ...]:
        """Every covariate once, in the order of first mention."""
        return tuple(dict.fromkeys(name for one in self.processes for name in one.covariates))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a row."""
        return (*self.law.columns, *self.covariates)

    @property
    def coefficients(self) -> tuple[tuple[str, str], ...]:
        """Process and covariate of every coefficient."""
        return tuple((one.name, name) for one in self.processes for name in one.covariates)

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all that is estimated: letters, then ``process:covariate``."""
        return (*self.law.names, *(f"{process}:{name}" for process, name in self.coefficients))

    def split(self, row: Columns) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Return the columns of the law and those of the covariates."""
        n_own = len(self.law.columns)
        return tuple(row[:n_own]), tuple(row[n_own:])

    def law_at(self, parameters: Values, coefficients: Values, covariates: Columns) -> Law:
        """Return the law of rows with these covariates.

        Parameters
        ----------
        parameters : sequence of k numbers or ndarray of shape (n_rows,)
            Their values where all covariates are 0.
        coefficients : sequence of m numbers or ndarray of shape (n_rows,)
        covariates : sequence of ndarray of shape (n_rows,)

        Returns
        -------
        Law
            Its parameters have one entry per row where covariates act on them.
        """
        if not self.processes:
            return self.law(*parameters)
        values = dict(zip(self.law.names, map(np.asarray, parameters), strict=True))
        moved: dict[str, Number] = dict(values)
        for process, eta in self._predictors(coefficients, covariates):
            moved |= process.link.moved(values, eta)
        return self.law(*(moved[name] for name in self.law.names))

    def derivatives_in_theta(
        self,
        parameters: FloatArray,
        coefficients: FloatArray,
        covariates: Columns,
        gradient: FloatArray,
    ) -> FloatArray:
        """Return the gradient in theta, shape (n_rows, k + m), from that in the rows' parameters.

        Parameters
        ----------
        parameters : ndarray of shape (k,)
        coefficients : ndarray of shape (m,)
        covariates : sequence of ndarray of shape (n_rows,)
        gradient : ndarray of shape (n_rows, k)
            In the rows' own parameters.

        Returns
        -------
        ndarray of shape (n_rows, k + m)
        """
        values = dict(zip(self.law.names, map(np.asarray, parameters), strict=True))
        own = dict(zip(self.law.names, gradient.T, strict=True))
        by_logs = {name: own[name] * values[name] for name in self.law.names}
        by_coefficients = []
        for process, eta in self._predictors(coefficients, covariates):
            by_eta, logs = process.link.pulled_back(values, eta, own)
            by_logs |= logs
            by_coefficients += [by_eta * z for z in self._covariates_of(process, covariates)]
        return np.column_stack([*by_logs.values(), *by_coefficients])

    def _predictors(
        self, coefficients: Values, covariates: Columns
    ) -> Iterator[tuple[Process, FloatArray]]:
        """Yield every process with its linear predictor."""
        start = 0
        for process in self.processes:
            own = coefficients[start : start + len(process.covariates)]
            columns = self._covariates_of(process, covariates)
            eta = sum((c * z for c, z in zip(own, columns, strict=True)), start=np.float64(0.0))
            yield process, np.asarray(eta)
            start += len(process.covariates)

    def _covariates_of(self, process: Process, covariates: Columns) -> list[FloatArray]:
        position = {name: i for i, name in enumerate(self.covariates)}
        return [covariates[position[name]] for name in process.covariates]


def law_of_rows(law: Any, rows: AnyArray | slice) -> Any:
    """Return the law of some rows: parameters that are arrays are taken at these rows.

    Parameters
    ----------
    law : Law
    rows : ndarray of int or bool, or slice

    Returns
    -------
    Law
    """
    values = {name: np.asarray(getattr(law, name)) for name in law.names}
    taken = {name: value[rows] for name, value in values.items() if value.ndim}
    return replace(law, **taken) if taken else law
