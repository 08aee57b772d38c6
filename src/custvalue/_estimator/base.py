"""scikit-learn's base classes, with types: the one place that imports them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:

    class BaseEstimator:
        """What the library uses of scikit-learn's class, which has no type hints."""

        _parameter_constraints: ClassVar[dict[str, list[Any]]]

        def get_params(self, deep: bool = True) -> dict[str, Any]: ...
        def set_params(self, **params: Any) -> Self: ...
        def _validate_params(self) -> None: ...

    class TransformerMixin:
        """What the library uses of scikit-learn's class, which has no type hints."""

        def __init_subclass__(cls, auto_wrap_output_keys: Any = None, **kwargs: Any) -> None: ...
        def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any: ...

else:
    from sklearn.base import BaseEstimator, TransformerMixin

__all__ = ["BaseEstimator", "TransformerMixin"]
