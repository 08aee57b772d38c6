"""Which estimators a Display can take."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

__all__ = ["check_fitted"]


def check_fitted(estimator: Any, display: str, *attributes: str, like: str) -> None:
    """Raise unless an estimator is fitted and has what a Display shows.

    Parameters
    ----------
    estimator : object
    display : str
        Who asks, for the message.
    *attributes : str
        What the estimator must have after ``fit``.
    like : str
        An estimator that has them.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If it is not fitted.
    TypeError
        If it is no estimator, or another one.
    """
    check_is_fitted(estimator)
    absent = [name for name in attributes if not hasattr(estimator, name)]
    if absent:
        raise TypeError(
            f"{display} needs a fitted {like}, or another estimator with "
            f"{' and '.join(attributes)}; found {type(estimator).__name__} without {absent[0]}"
        )
