"""Retention of cohorts: what a table of cohorts shows, and how its young rows go on."""

from __future__ import annotations

import math
import warnings
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from custvalue._estimator.arguments import (
    read_amount,
    read_choice,
    read_probability,
    read_time,
    read_whole_numbers,
)
from custvalue._estimator.base import BaseEstimator
from custvalue._estimator.door import remember_columns
from custvalue._estimator.output import OutputMixin
from custvalue._estimator.parameters import StrOptions, interval, whole_numbers
from custvalue._estimator.persistence import PersistenceMixin
from custvalue._estimator.randomness import new_seed, random_generator
from custvalue._likelihood.law import Law
from custvalue._typing import AnyArray, FloatArray
from custvalue.exceptions import ConvergenceWarning, DataError, DataQualityWarning
from custvalue.retention._beta_discrete_weibull import BetaDiscreteWeibullLaw
from custvalue.retention._cohort_coordinates import Coordinates
from custvalue.retention._cohort_curves import looks_filled, looks_like_percent
from custvalue.retention._cohort_frames import (
    average_frame,
    band_frame,
    curve_frame,
    pooled_frame,
    pooling_notes,
    projection_frame,
)
from custvalue.retention._cohort_pooling import CohortPrior, cohort_posterior, pool_cohorts
from custvalue.retention._cohort_projection import (
    NewCohort,
    Sampling,
    expected_counts,
    expected_lifetimes,
    project_counts,
    project_new,
)
from custvalue.retention._cohort_table_input import (
    CohortCounts,
    is_long,
    likely_kind,
    read_cohorts,
    read_wide,
    refuse_other_measures,
    refuse_rises,
    refuse_uninformative,
)
from custvalue.retention._geometric import GeometricLaw
from custvalue.retention._shifted_beta_geo import ShiftedBetaGeoLaw

__all__ = ["CohortRetention"]

_LAWS: dict[str, type[Law]] = {
    "sbg": ShiftedBetaGeoLaw,
    "bdw": BetaDiscreteWeibullLaw,
    "geometric": GeometricLaw,
}


class CohortRetention(OutputMixin, PersistenceMixin, BaseEstimator):
    r"""Read a table of cohorts: retention curves, their average, and how young cohorts go on.

    Each cohort has a retention law of its own, and the laws of all cohorts come from one
    distribution. A cohort that is young or small tells little of itself and is taken to be much
    like the others; an old and large one speaks for itself (empirical Bayes).

    Parameters
    ----------
    model : {"sbg", "bdw", "geometric"}, default="sbg"
        How customers of a cohort leave: shifted-beta-geometric (`ShiftedBetaGeo`),
        beta-discrete-Weibull (`BetaDiscreteWeibull`) or with one probability (`Geometric`).
    kind : {"auto", "survival", "activity"}, default="auto"
        "survival": a cell counts customers who are still there, who never come back once they have
        left. "activity": it counts customers who ordered at that age; orders come and go. "auto":
        "activity" where a pandas frame says that `CohortTable` made it, or a row of a wide table
        rises, else "survival". Rows of orders need not rise: state it where you know it.
    pooling : {"partial", "none", "complete"}, default="partial"
        "partial" is described above. "none": each cohort by itself; what it cannot tell is taken
        from all. "complete": all cohorts have one law.
    max_age : int or None, default=None
        Last age to read; None reads all columns named by age.
    horizon : int, default=12
        How many ages beyond the oldest that was fitted `transform` and `project` go.
    level : float, default=0.9
        Coverage of all bands and intervals.
    n_draws : int, default=1000
        Draws behind a band.
    random_state : int, numpy.random.Generator or None, default=None
        Seed of the draws. Estimates do not depend on it.

    Attributes
    ----------
    kind_ : {"survival", "activity"}
    params_ : pandas.DataFrame
        Index: the cohorts. Parameters of the law of each, at the mode; for activity also
        ``order_probability``, the chance that a customer who is still there orders at an age.
    pooled_ : pandas.DataFrame
        Index ``coordinate``: ``mean_churn`` of the first age, alpha / (alpha + beta);
        ``concentration``, alpha + beta, small where customers differ much; ``c``;
        ``order_probability``. ``estimate`` for the middle cohort; ``spread``, the standard
        deviation between cohorts, and ``standard_error`` of the estimate, both on the ``scale``
        (logit or log) that the column of that name says.
    shrinkage_ : pandas.Series
        Index: the cohorts. Weight of what all cohorts have in common in the estimate of each: 0 is
        its own counts alone, 1 nothing of its own.
    counts_ : pandas.DataFrame
        The table read: cohorts by age, NaN where not yet observed.
    prior_ : CohortPrior
        The distribution of the laws, in coordinates without unit.
    dispersion_ : float
        Pearson's statistic over its degrees of freedom: well above 1, counts scatter more than the
        model says. For activity it widens the bands; for survival it does not.
    notes_ : list of str
        What was decided or found on the way, in sentences.
    n_cohorts_ : int
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Columns of X; only for frames.

    See Also
    --------
    ShiftedBetaGeo : One law, with standard errors, covariates and values of customers.
    BetaDiscreteWeibull : The same with churn that changes with tenure.

    Notes
    -----
    X of `fit` is *wide*, one row a cohort: columns "0", "1", "2", ... are ages, column "0" holds
    the size of the cohort, the others how many of its customers are there at that age. What is not
    yet observed must be missing, never 0. The cohort's name is in a column ``cohort``, else in the
    index, else in the first column of a polars or pyarrow frame. Or X is *long*, survival counts:
    ``period``, ``customers`` still there, and ``cohort``. Shares, or percent, need ``sizes``.

    With the survival function S of a cohort and its counts n,

    .. math::

        n_k \mid n_{k-1} \sim \text{Binomial}(n_{k-1}, S(k) / S(k - 1)) \quad \text{(survival)},
        \qquad n_k \sim \text{Binomial}(n_0, q S(k)) \quad \text{(activity)}.

    The coordinates of a cohort, logit of mean churn, log of alpha + beta, log of c and logit of q,
    are normal around a mean with a covariance between cohorts. Both maximise the restricted
    likelihood, each cohort's own being taken as quadratic around its mode [1]_ [2]_. Bands draw the
    mean and the covariance, the coordinates of the cohort, and the counts ahead. In activity the
    cells of a cohort are taken as independent.

    ``transform`` judges a row by its counts alone, whatever its name: a new cohort is answered too.

    References
    ----------
    .. [1] N. E. Breslow and D. G. Clayton (1993). Approximate inference in generalized linear mixed
       models. Journal of the American Statistical Association 88, 9-25.
    .. [2] B. P. Carlin and T. A. Louis (2009). Bayesian Methods for Data Analysis, 3rd ed. CRC.
    .. [3] P. S. Fader and B. G. S. Hardie (2007). How to project customer retention. Journal of
       Interactive Marketing 21(1), 76-90.

    Examples
    --------
    >>> import pandas as pd
    >>> from custvalue.retention import CohortRetention
    >>> table = pd.DataFrame(
    ...     {
    ...         "0": [1000, 800, 900, 700],
    ...         "1": [631, 520, 560, 410],
    ...         "2": [468, 392, 410, None],
    ...         "3": [382, 320, None, None],
    ...         "4": [326, None, None, None],
    ...     },
    ...     index=pd.Index(["Q1", "Q2", "Q3", "Q4"], name="cohort"),
    ... )
    >>> cohorts = CohortRetention(horizon=2, random_state=0).fit(table)
    >>> cohorts.kind_
    'survival'
    >>> cohorts.average_[["n_cohorts", "share", "chained"]].round(3)
         n_cohorts  share  chained
    age
    0            4  1.000    1.000
    1            4  0.624    0.624
    2            3  0.470    0.463
    3            2  0.390    0.378
    4            1  0.326    0.323

    Young rows go on from their last count; what was observed stays:

    >>> cohorts.transform(table).round(2)
              0     1     2     3     4     5     6
    cohort
    Q1      1.0  0.63  0.47  0.38  0.33  0.28  0.25
    Q2      1.0  0.65  0.49  0.40  0.34  0.30  0.26
    Q3      1.0  0.62  0.46  0.37  0.31  0.27  0.24
    Q4      1.0  0.59  0.43  0.35  0.29  0.26  0.23

    The same in customers, with the bands ``lower`` and ``upper``:

    >>> youngest = cohorts.project(ages=[1, 2, 4]).tail(3)
    >>> youngest[["cohort", "age", "observed", "estimate"]].round(0)
       cohort  age  observed  estimate
    9      Q4    1     410.0     410.0
    10     Q4    2       NaN     303.0
    11     Q4    4       NaN     206.0
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "model": [StrOptions(set(_LAWS))],
        "kind": [StrOptions({"auto", "survival", "activity"})],
        "pooling": [StrOptions({"partial", "none", "complete"})],
        "max_age": [whole_numbers(1), None],
        "horizon": [whole_numbers(0)],
        "level": [interval(0, 1)],
        "n_draws": [whole_numbers(100)],
        "random_state": ["random_state", np.random.Generator],
    }

    kind_: str
    params_: pd.DataFrame
    pooled_: pd.DataFrame
    shrinkage_: pd.Series
    counts_: pd.DataFrame
    prior_: CohortPrior
    dispersion_: float
    notes_: list[str]
    n_cohorts_: int
    n_features_in_: int
    feature_names_in_: AnyArray

    def __init__(
        self,
        *,
        model: str = "sbg",
        kind: str = "auto",
        pooling: str = "partial",
        max_age: int | None = None,
        horizon: int = 12,
        level: float = 0.9,
        n_draws: int = 1000,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.kind = kind
        self.pooling = pooling
        self.max_age = max_age
        self.horizon = horizon
        self.level = level
        self.n_draws = n_draws
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None, *, sizes: Any = None) -> Self:
        """Estimate the laws of cohorts and what they have in common.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_cohorts, n_ages)
            A table of cohorts, wide or long (see Notes). An array is wide, column k being age k.
        y : None
            Ignored.
        sizes : float, dict of cohort to float, pandas.Series or array-like, optional
            Number of customers of each cohort, where the cells of a wide X are shares of it or
            percent; an array has them in the order of the rows.

        Returns
        -------
        self

        Raises
        ------
        custvalue.exceptions.DataError
            If a size is missing or not positive, a cell is negative, not whole, or exceeds the size
            of its cohort, a row has a hole, a count of kind "survival" rises, a cohort occurs twice
            or has no name, sizes do not fit, or the cohorts cannot tell how customers leave.

        Warns
        -----
        custvalue.exceptions.DataQualityWarning
            If cells that are not yet observed seem to be filled with 0, or counts seem to be
            percent.
        custvalue.exceptions.ConvergenceWarning
            If the estimates did not come to rest.
        """
        self._validate_params()
        owner = type(self).__name__
        found = read_cohorts(X, max_age=self.max_age, sizes=sizes, owner=owner)
        notes: list[str] = []
        if found.n_empty:
            those = "cohort that nobody joined is" if found.n_empty == 1 else "cohorts are"
            notes.append(f"{found.n_empty} {those} left out: rows of zeros tell nothing")
        kind = self._decided_kind(X, found, notes)
        coordinates = Coordinates(_LAWS[self.model], kind == "activity")
        refuse_uninformative(found, len(coordinates.names), kind, owner)
        self._warn_of_doubts(found, shares=sizes is not None)
        seed = new_seed(random_generator(self.random_state))
        prior = pool_cohorts(coordinates, found.counts, self.pooling, seed)
        if not prior.converged:
            warnings.warn(
                f"{owner} did not come to rest: the estimates of the {len(found.counts)} cohorts "
                "are not proper maxima",
                ConvergenceWarning,
                stacklevel=2,
            )
        self._keep(found, coordinates, prior)
        n_observed = int((~np.isnan(found.counts[:, 1])).sum())
        notes += pooling_notes(coordinates, prior, self.pooling, n_observed)
        self.kind_, self.notes_ = kind, notes
        return self

    def fit_transform(self, X: Any, y: Any = None, **fit_params: Any) -> Any:
        """Fit, then return the shares of the same cohorts, filled in where not yet observed.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_cohorts, n_ages)
            A wide table of cohorts.
        y : None
            Ignored.
        **fit_params : dict
            ``sizes``, as in `fit`.

        Returns
        -------
        frame of shape (n_cohorts, n_ages + horizon)
            As in `transform`.
        """
        return self.fit(X, y, **fit_params).transform(X, **fit_params)

    def transform(self, X: Any, *, sizes: Any = None) -> Any:
        """Return the share of each cohort at every age, projected where not yet observed.

        Parameters
        ----------
        X : pandas, polars or pyarrow frame, or array of shape (n_cohorts, n_ages)
            A wide table of cohorts, those of `fit` or others.
        sizes : float, dict of cohort to float, pandas.Series or array-like, optional
            As in `fit`.

        Returns
        -------
        frame of shape (n_cohorts, n_ages + horizon)
            Columns "0", "1", ...: ages up to ``horizon`` beyond the oldest that was fitted.

        Raises
        ------
        custvalue.exceptions.DataError
            If X is long, or breaks a rule of `fit`.
        """
        check_is_fitted(self)
        owner = type(self).__name__
        if is_long(X):
            raise DataError(
                f"transform of {owner} needs a wide table, one row a cohort; found a column period"
            )
        found = read_wide(X, max_age=self.max_age, sizes=sizes, owner=owner)
        if self.kind_ == "survival":
            refuse_rises(found)
        coordinates = self._coordinates()
        x = cohort_posterior(coordinates, found.counts, self.prior_).mean
        table = expected_counts(coordinates, found.counts, x, self._ages())
        shares = table / found.counts[:, :1]
        names = self.get_feature_names_out()
        return self._frame(found.table, dict(zip(names, shares.T, strict=True)))

    def get_feature_names_out(self, input_features: Any = None) -> AnyArray:
        """Return the names of the columns that ``transform`` gives.

        Parameters
        ----------
        input_features : array-like of str or None
            Ignored.

        Returns
        -------
        ndarray of str of shape (n_ages + horizon,)
            "0", "1", "2", ...
        """
        check_is_fitted(self)
        return np.asarray([str(int(age)) for age in self._ages()], dtype=object)

    @property
    def curves_(self) -> pd.DataFrame:
        """Retention curves, one row for each cohort and age that is observed.

        Columns ``cohort``, ``age``, ``size``, ``customers``, ``share``, and the ends ``lower`` and
        ``upper`` of its interval (Wilson) at ``level``.
        """
        check_is_fitted(self)
        return curve_frame(self.counts_, self.level)

    @property
    def average_(self) -> pd.DataFrame:
        """The average over the cohorts that are old enough, by age.

        Columns ``n_cohorts`` observed at that age; the sum of their sizes, ``size``, and of their
        ``customers``; ``share``, the one over the other, so that each cohort weighs by its size,
        with ``lower`` and ``upper``; ``chained``.

        Other cohorts are behind each age, so that ``share`` may rise where none of them does.
        ``chained`` is the product of the ratios of one age to the one before, each over the cohorts
        observed at both: where counts fall it never rises.
        """
        check_is_fitted(self)
        return average_frame(self.counts_, self.level)

    def project(
        self, ages: Any = None, level: Any = None, *, of: str = "customers"
    ) -> pd.DataFrame:
        """Return the cohorts of `fit` at every age, with bands where not yet observed.

        Parameters
        ----------
        ages : array-like of int, optional
            Left out: from 0 to ``horizon`` beyond the oldest that was fitted.
        level : float, optional
            Coverage of the band at each age; left out: the constructor's.
        of : {"customers", "share"}, default="customers"
            What is told: customers, or their share of the cohort.

        Returns
        -------
        pandas.DataFrame
            ``cohort``, ``age``; ``observed``, NaN where it is ahead; ``estimate``, and the ends
            ``lower`` and ``upper`` of the band, in which that number of customers, or its share,
            will be; all of them ``observed`` where that is known. Survival goes on from the last
            count. ``attrs["kind"]`` is ``kind_``.

        Raises
        ------
        ValueError
            If an argument is out of range.
        """
        check_is_fitted(self)
        unit = read_choice(of, "of", ("customers", "share"))
        wanted = self._ages() if ages is None else np.atleast_1d(read_whole_numbers(ages, "ages"))
        counts = self.counts_.to_numpy(dtype=np.float64)
        sampling = self._sampling(level)
        bands = project_counts(self._coordinates(), counts, self.prior_, wanted, sampling)
        frame = projection_frame(self.counts_, wanted, bands, unit)
        frame.attrs["kind"] = self.kind_
        return frame

    def project_new(
        self, ages: Any = None, level: Any = None, *, n_customers: Any = None
    ) -> pd.DataFrame:
        """Return the share of a cohort yet to come, with bands.

        Parameters
        ----------
        ages : array-like of int, optional
            Left out: from 0 to ``horizon`` beyond the oldest that was fitted.
        level : float, optional
            Coverage of the band at each age; left out: the constructor's.
        n_customers : float, optional
            Size of the cohort. With it customers are told, and the bands hold their chance too.

        Returns
        -------
        pandas.DataFrame
            Index ``age``; ``estimate`` for the middle cohort, ``lower``, ``upper``.

        Raises
        ------
        ValueError
            If an argument is out of range, or ``pooling`` is "none": then cohorts have nothing in
            common.
        """
        check_is_fitted(self)
        if self.pooling == "none":
            raise ValueError(
                "project_new needs pooling='partial' or 'complete': else cohorts have nothing in "
                "common; found pooling='none'"
            )
        wanted = self._ages() if ages is None else np.atleast_1d(read_whole_numbers(ages, "ages"))
        size = None if n_customers is None else read_amount(n_customers, "n_customers")
        sampling = self._sampling(level)
        bands = project_new(self._coordinates(), self.prior_, wanted, sampling, NewCohort(size))
        return band_frame(wanted, bands)

    def expected_lifetime(self, horizon: float = math.inf) -> pd.Series:
        """Return how many ages a new customer of each cohort is there, by its law.

        Parameters
        ----------
        horizon : float, default=inf
            Last age that counts.

        Returns
        -------
        pandas.Series
            The sum of S over the ages 0 to ``horizon``. In activity customers need not order at
            all of them.

        Raises
        ------
        ValueError
            If the horizon is negative or not whole.

        Warns
        -----
        RuntimeWarning
            If it is infinite for a cohort, as for "sbg" with alpha of at most 1.
        """
        check_is_fitted(self)
        ahead = read_time(horizon, "horizon")
        if math.isfinite(ahead):
            read_whole_numbers(horizon, "horizon")
        counts = self.counts_.to_numpy(dtype=np.float64)
        coordinates = self._coordinates()
        x = cohort_posterior(coordinates, counts, self.prior_).mean
        values = expected_lifetimes(coordinates, x, ahead)
        n_endless = int(np.isinf(values).sum())
        if n_endless:
            warnings.warn(
                f"the expected lifetime is infinite for {n_endless} of {len(values)} cohorts: a "
                "few customers stay so long that they decide the mean; give a horizon",
                RuntimeWarning,
                stacklevel=2,
            )
        return pd.Series(values, index=self.counts_.index, name="expected_lifetime")

    def _decided_kind(self, X: Any, found: CohortCounts, notes: list[str]) -> str:
        """Return the kind of the counts, and add to the notes how it was decided."""
        refuse_other_measures(X, type(self).__name__)
        kind = self.kind
        if kind == "auto":
            kind, reason = likely_kind(X, found)
            notes.append(f"kind is {kind!r}: {reason}")
            if kind == "survival" and not found.is_long and found.table.kind != "pandas":
                warnings.warn(
                    f"X, a table of {found.table.kind}, does not say what it counts; kind is taken "
                    f"to be 'survival' since none of its {len(found.counts)} rows rises. For "
                    "orders state kind='activity'",
                    DataQualityWarning,
                    stacklevel=3,
                )
        if kind == "survival":
            refuse_rises(found)
        return kind

    def _warn_of_doubts(self, found: CohortCounts, *, shares: bool) -> None:
        """Warn of tables that are likely to mean something else."""
        if looks_filled(found.counts):
            warnings.warn(
                f"the {len(found.counts)} rows of X end in 0, 1, 2, ... zeros, as where cells that "
                "are not yet observed are filled with 0; they must be missing (NaN)",
                DataQualityWarning,
                stacklevel=3,
            )
        if looks_like_percent(found.counts) and not shares:
            warnings.warn(
                f"column '0' is 100 in all {len(found.counts)} cohorts, taken as the number of "
                "customers; where it is percent give sizes",
                DataQualityWarning,
                stacklevel=3,
            )

    def _keep(self, found: CohortCounts, coordinates: Coordinates, prior: CohortPrior) -> None:
        """Set the fitted attributes."""
        posterior = cohort_posterior(coordinates, found.counts, prior)
        names = list(coordinates.law.names) + ["order_probability"] * coordinates.orders
        self.prior_, self.dispersion_ = prior, prior.pearson
        self.params_ = pd.DataFrame(
            coordinates.parameters(posterior.mean), index=found.labels, columns=names
        )
        self.shrinkage_ = pd.Series(posterior.shrinkage, index=found.labels, name="shrinkage")
        ages = pd.RangeIndex(found.counts.shape[1], name="age")
        self.counts_ = pd.DataFrame(found.counts, index=found.labels, columns=ages)
        self.pooled_ = pooled_frame(coordinates, prior)
        self.n_cohorts_ = len(found.counts)
        remember_columns(self, found.table)

    def _coordinates(self) -> Coordinates:
        return Coordinates(_LAWS[self.model], self.kind_ == "activity")

    def _ages(self) -> FloatArray:
        return np.arange(float(self.counts_.shape[1] + self.horizon))

    def _sampling(self, level: Any) -> Sampling:
        coverage = self.level if level is None else read_probability(level, "level")
        return Sampling(coverage, self.n_draws, new_seed(random_generator(self.random_state)))
