"""What the shell asks of a law: the mathematics of one model."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from custvalue._likelihood.links import Link
from custvalue._typing import FloatArray, Number

__all__ = ["Law"]


class Law(Protocol):
    """A frozen dataclass of positive parameters; arrays in, arrays out, one entry per row.

    A parameter is a number, or an array with one entry per row where covariates or draws make it
    differ between rows. A law may also have ``log_likelihood_with_hessian``, which adds the second
    derivatives, shape (n_rows, n_parameters, n_parameters), or ``weighted_sums`` of all three over
    whole columns; without either the second derivatives are differences of the gradient.

    Attributes
    ----------
    names : tuple of str
        The parameters, in the order of the dataclass.
    columns : tuple of str
        The columns of a table that a row consists of, in the order of the methods' arguments.
    limits : dict of str to (str, str)
        What the model becomes where a parameter goes to zero and to infinity.
    links : dict of str to Link
        The processes that covariates can act on, and the parameters that they move.
    """

    names: ClassVar[tuple[str, ...]]
    columns: ClassVar[tuple[str, ...]]
    limits: ClassVar[dict[str, tuple[str, str]]]
    links: ClassVar[dict[str, Link]]

    def __init__(self, *parameters: Number) -> None: ...

    @classmethod
    def units(cls, *columns_and_weights: Any) -> FloatArray:
        """Return the natural size of each parameter in these data, shape (n_parameters,)."""

    @classmethod
    def starts(cls, *columns_and_weights: Any) -> FloatArray:
        """Return starting values, shape (n_starts, n_parameters)."""

    def log_likelihood(self, *columns: Any) -> FloatArray:
        """Return the log-likelihood of every row."""

    def log_likelihood_with_gradient(self, *columns: Any) -> tuple[FloatArray, FloatArray]:
        """Return the log-likelihood and its gradient, shapes (n_rows,), (n_rows, n_parameters)."""
