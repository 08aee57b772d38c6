"""How value answers to the level of service: the stages of the response."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import kind_of, read_table, remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import random_generator
from custvalue._typing import AnyArray
from custvalue.service._service_response import fit_response, scaled
from custvalue.service._service_response_tables import (
    change_frame,
    peak_series,
    require_enough,
    selection_frame,
    sentence,
    stage_answer,
    stage_frame,
)

__all__ = ["ServiceResponse"]


class ServiceResponse(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Find the stages in which value answers to service: low, rising, transition, falling.

    A little service changes nothing, more of it pays, then it pays less, and at last it costs more
    than it brings. The value is fitted by a continuous broken line,
    :math:`E[y] = a + b x + \sum_k d_k (x - \tau_k)_+` [1]_, with as many changes of slope as a test
    sees, at places that are estimated. Stages that are not in the data are not found: where one
    straight line does, there is one stage.

    Parameters
    ----------
    service : str, default="service_level"
        Column of the service level, in any unit.
    value : str, default="value"
        Column of what it brings, in any unit: sales, profit, satisfaction, lifetime value.
    max_stages : int, default=4
        The most stages, from 1 to 4.
    level : float, default=0.95
        Level of the intervals; a further change of slope is taken for real where its p value is
        below ``1 - level``.
    n_bootstrap : int, default=500
        Draws for tests and intervals, at least 100.
    min_share : float, default=0.1
        Share of the rows that each stage must have, above 0, at most 0.5. Each has three different
        levels too.
    random_state : int, RandomState instance or None, default=None
        Seed of the draws.

    Attributes
    ----------
    n_stages_ : int
        Number of stages found.
    stages_ : pandas.DataFrame of shape (n_stages, 9)
        Index ``number``, from 1. ``stage``: "low", "rising", "transition", "falling" or "flat";
        ``start`` and ``end``, levels; ``value_start`` and ``value_end``, expected values there;
        ``slope`` with ``lower`` and ``upper``; and ``share`` of the rows.
    change_points_ : pandas.DataFrame of shape (n_stages - 1, 4)
        Index ``number``, from 1. ``service_level`` where the slope changes, with its bootstrap
        interval ``lower`` and ``upper``, and ``slope_change``.
    peak_ : pandas.Series
        ``service_level`` of the highest expected value within the data, its bootstrap interval
        ``lower`` and ``upper``, and the ``value``. NaN where the only stage is flat.
    selection_ : pandas.DataFrame
        Index ``n_stages``. ``r_squared`` and ``bic``, and ``statistic`` and ``p_value`` of the test
        against one stage more, NaN where it was not made.
    ordered_ : bool
        Whether the stages come in the order low, rising, transition, falling, and none that is
        called low or transition rises, as far as the data tell, as steeply as the rising one.
    says_ : str
        In words: why there are no more stages, and whether the value answers at all.
    n_rows_ : int
        Number of rows.
    n_features_in_ : int
        2.
    feature_names_in_ : ndarray of shape (2,)
        The columns; only where X is a frame.

    See Also
    --------
    custvalue.plotting.ResponseDisplay : The picture of it.
    ServiceLevelOptimizer : The level at which revenue less cost is largest.

    Notes
    -----
    The test of k stages against k + 1 is the largest robust t of a further hinge over all places,
    freed of what moving the known changes could explain. Without a further change it is distributed
    as the largest of correlated normal variables, which are drawn: a multiplier bootstrap [2]_.
    Tests go on until one sees nothing, so that stages too many are found in at most ``1 - level``
    of all data sets. Variances may differ from level to level. Change points are drawn by a wild
    bootstrap (normal multipliers of the residuals). With few different levels, as of ratings, a
    change can hardly be anywhere but at a level, and its interval may be that one.

    The steepest stage that rises beyond chance is "rising"; before it is "low", after it
    "transition"; a slope below 0 beyond chance is "falling". A slope of less than 1e-4 standard
    deviations of the value over the range of levels counts as 0. Where nothing rises, what comes
    before a fall is "transition", and anything else "flat". This is association: value may differ
    between levels for other reasons than service.

    References
    ----------
    .. [1] V. M. R. Muggeo (2003). Estimating regression models with unknown break-points.
       Statistics in Medicine 22, 3055-3071.
    .. [2] B. E. Hansen (1996). Inference when a nuisance parameter is not identified under the null
       hypothesis. Econometrica 64, 413-430.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from custvalue.service import ServiceResponse
    >>> generator = np.random.default_rng(5)
    >>> level = generator.uniform(50, 100, 400)
    >>> value = np.interp(level, [50, 62, 80, 92, 100], [10, 10, 40, 42, 30])
    >>> X = pd.DataFrame({"service_level": level, "value": value + generator.normal(0, 2, 400)})
    >>> response = ServiceResponse(random_state=0).fit(X)
    >>> response.stages_[["stage", "start", "end", "slope"]].round(1)
                 stage  start    end  slope
    number
    1              low   50.0   61.9   -0.1
    2           rising   61.9   79.0    1.7
    3       transition   79.0   91.5    0.3
    4          falling   91.5  100.0   -1.5
    >>> response.transform(pd.DataFrame({"service_level": [55.0, 70.0, 97.0]})).round(1)
         stage  expected_value  slope
    0      low            10.1   -0.1
    1   rising            23.6    1.7
    2  falling            34.3   -1.5

    Nothing is found where nothing is:

    >>> X["value"] = generator.normal(0, 2, 400)
    >>> ServiceResponse(random_state=0).fit(X).stages_["stage"].tolist()
    ['flat']
    """

    _output_columns = ("stage", "expected_value", "slope")
    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "service": [str],
        "value": [str],
        "max_stages": [whole_numbers(1, 4)],
        "level": [interval(0, 1)],
        "n_bootstrap": [whole_numbers(100)],
        "min_share": [interval(0, 0.5, closed="right")],
        "random_state": ["random_state"],
    }

    n_stages_: int
    stages_: pd.DataFrame
    change_points_: pd.DataFrame
    peak_: pd.Series
    selection_: pd.DataFrame
    ordered_: bool
    says_: str
    n_rows_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        service: str = "service_level",
        value: str = "value",
        max_stages: int = 4,
        level: float = 0.95,
        n_bootstrap: int = 500,
        min_share: float = 0.1,
        random_state: Any = None,
    ) -> None:
        self.service = service
        self.value = value
        self.max_stages = max_stages
        self.level = level
        self.n_bootstrap = n_bootstrap
        self.min_share = min_share
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the stages.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, 2)
            One row a customer, site or period: the service level, then the value.
        y : None
            Ignored.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If a parameter is out of range, or both columns are one.
        custvalue.exceptions.DataError
            If a column is missing, a value is not a finite number, or there are fewer than 10 rows
            or 2 different levels, or a number is beyond 1e300.
        """
        self._validate_params()
        if self.service == self.value:
            raise ValueError(f"value must name another column than service; found {self.value!r}")
        table = read_table(X, [self.service, self.value], owner=type(self).__name__)
        require_enough(table, self.service)
        data = scaled(table[self.service], table[self.value])
        response = fit_response(
            data,
            self.max_stages,
            self.min_share,
            self.level,
            self.n_bootstrap,
            random_generator(self.random_state),
        )
        self.stages_ = stage_frame(data, response)
        self.change_points_ = change_frame(data, response)
        self.peak_ = peak_series(data, response, self.stages_)
        self.selection_ = selection_frame(response)
        self.n_stages_, self.n_rows_ = len(self.stages_), len(table)
        self.says_, self.ordered_ = sentence(self.stages_, response, self.min_share)
        remember_columns(self, table)
        return self

    def transform(self, X: Any) -> Any:
        """Return the stage of each row.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_rows, 2)
            The columns of `fit`; a frame needs only the service level.

        Returns
        -------
        frame of shape (n_rows, 3)
            ``stage`` by name (a change point belongs to the stage before it), ``expected_value`` on
            the line, and ``slope``, what one more unit of service is expected to bring. Levels
            beyond those fitted go on with the first or last line.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the response is not fitted.
        custvalue.exceptions.DataError
            If the column is missing, or a level is not a finite number.
        """
        check_is_fitted(self)
        columns = [self.service, self.value] if kind_of(X) == "array" else [self.service]
        table = read_table(X, columns, owner=type(self).__name__)
        stages, expected, slopes = stage_answer(self.stages_, table[self.service])
        values = (np.asarray(stages, dtype=object), expected, slopes)
        return self._frame(table, dict(zip(self._output_columns, values, strict=True)))
