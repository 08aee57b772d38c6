"""The shell of the models whose purchases may come more regularly than by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.customer_summary import HISTORY
from custvalue._estimator.door import Table
from custvalue._estimator.parameters import StrOptions, whole_numbers
from custvalue._likelihood.fit import Fit
from custvalue._likelihood.law import Law
from custvalue._likelihood.specification import Process, Specification
from custvalue._typing import BoolArray, FloatArray
from custvalue.lifetime._attrition import AttritionModel

__all__ = ["RegularAttritionModel"]

_MOST_REGULAR = 12
"""Erlang-12 gaps vary by 29 per cent of their mean; regularity="auto" looks no further."""


class RegularAttritionModel(AttritionModel):
    """Attrition models with Erlang-k times between purchases; k = 1 is chance.

    A model gives the law of a k in ``_law_for``.
    """

    if TYPE_CHECKING:

        @staticmethod
        def _law_for(regularity: int) -> type[Law]: ...

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "regularity": [whole_numbers(1, _MOST_REGULAR), StrOptions({"auto"})],
        **AttritionModel._parameter_constraints,
    }

    def __init__(
        self,
        *,
        regularity: int | str = 1,
        horizon: float = 52.0,
        purchase_covariates: Any = (),
        dropout_covariates: Any = (),
        l2: float = 0.0,
        time_unit: str = "week",
        random_state: int | np.random.Generator | None = None,
    ) -> None:
        super().__init__(
            horizon=horizon,
            purchase_covariates=purchase_covariates,
            dropout_covariates=dropout_covariates,
            l2=l2,
            time_unit=time_unit,
            random_state=random_state,
        )
        self.regularity = regularity

    def _fitted_law(self) -> type[Law]:
        regularity = vars(self).get("regularity_", self.regularity)
        if regularity == "auto":
            raise ValueError(
                'regularity must be a whole number where parameters are given; found "auto"'
            )
        return self._law_for(int(regularity))

    def _checked_history(self, X: Any) -> Table:
        """Read what predictions depend on; the times between purchases are not among it."""
        check_is_fitted(self, "params_")
        specification = self._specification
        table = self._read(X, (*HISTORY, *specification.covariates))
        unused = dict.fromkeys(specification.law.columns[len(HISTORY) :], table["T"] * 0)
        return Table({**unused, **table.columns}, table.kind, table.index, table.attrs)

    def _training_law(self) -> type[Law]:
        return self._law_for(2 if self.regularity == "auto" else int(self.regularity))

    def _best_fit(
        self,
        table: Table,
        processes: tuple[Process, ...],
        used: slice | BoolArray,
        weights: FloatArray | None,
    ) -> tuple[Specification, Fit]:
        """Fit every regularity that is asked for and keep the one of highest likelihood."""
        auto = self.regularity == "auto"
        tried = range(1, _MOST_REGULAR + 1) if auto else [int(self.regularity)]
        fits = {
            regularity: self._fit_of(self._law_for(regularity), table, processes, used, weights)
            for regularity in tried
        }
        self.regularity_ = max(fits, key=lambda regularity: fits[regularity][1].log_likelihood)
        return fits[self.regularity_]
