"""How a maximisation ended, in plain data."""

from __future__ import annotations

from dataclasses import dataclass

from custvalue._estimator.persistence import persistent_value

__all__ = ["Convergence"]


@persistent_value
@dataclass(frozen=True)
class Convergence:
    """The report of a fit.

    Attributes
    ----------
    converged : bool
        The gradient vanishes, but for parameters at a bound.
    gradient_norm : float
        Largest absolute derivative of the mean log-likelihood in the log parameters.
    hessian_definite : bool
        The log-likelihood curves downwards in every direction: the estimates are identified.
    at_boundary : tuple of str
        Parameters that ran to the end of what is searched.
    limiting_model : str or None
        What the model has become in that case.
    iterations : int
    message : str
    """

    converged: bool
    gradient_norm: float
    hessian_definite: bool
    at_boundary: tuple[str, ...]
    limiting_model: str | None
    iterations: int
    message: str

    @property
    def sound(self) -> bool:
        """Whether estimates, standard errors and intervals can be taken at their word."""
        return self.converged and self.hessian_definite and not self.at_boundary
