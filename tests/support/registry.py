"""Every estimator of the library with what its tests need: constructors and valid tables.

Families of tests loop over these entries, so that an estimator added here meets the common ones.
To add one: write its entry; ``tests/test_estimators.py`` fails while a public estimator has none.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import custvalue
from custvalue.datasets import make_order_lines, make_orders
from custvalue.factors import FactorAnalyzer, ServiceElementRanking
from custvalue.lifetime import (
    NBD,
    BetaGeoBetaBinomial,
    BetaGeoNBD,
    GammaGamma,
    GammaGompertzNBD,
    LifetimeValue,
    ModifiedBetaGeoNBD,
    ParetoNBD,
)
from custvalue.retention import (
    BetaDiscreteWeibull,
    CohortRetention,
    Geometric,
    RetentionCurve,
    ShiftedBetaGeo,
    SimpleLifetimeValue,
)
from custvalue.segmentation import (
    CustomerSegmenter,
    LatentClassSegmenter,
    PreferenceSegmenter,
    RFMScorer,
    RFMSegmenter,
    SegmentMigration,
    standard_rules,
)
from custvalue.service import (
    ABCAnalysis,
    CustomerValueIndex,
    ImportancePerformance,
    InventoryServiceLevel,
    LostSalesCost,
    OrderPriority,
    PerfectOrder,
    PortfolioMatrix,
    ServiceGap,
    ServiceLevelOptimizer,
    ServiceQualityIndex,
    ServiceResponse,
    WeightedScore,
)
from custvalue.transactions import CohortTable, RFMSummary
from custvalue.workflow import CustomerAnalysis, ServiceAnalysis

__all__ = ["REGISTRY", "Entry", "entries", "public_estimators"]

_FIT_RANDOM_MATRICES = (
    "check_complex_data",
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_dtype_object",
    "check_estimators_dtypes",
    "check_estimators_fit_returns_self",
    "check_estimators_nan_inf",
    "check_estimators_overwrite_params",
    "check_estimators_pickle",
    "check_f_contiguous_array_estimator",
    "check_fit2d_1feature",
    "check_fit2d_1sample",
    "check_fit2d_predict1d",
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_fit_score_takes_y",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_n_features_in",
    "check_n_features_in_after_fitting",
    "check_pipeline_consistency",
    "check_positive_only_tag_during_fit",
    "check_readonly_memmap_input",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
    "check_transformer_preserve_dtypes",
)
"""scikit-learn's checks that fit on random matrices of any width, which no domain table is."""

_FIT_THREE_COLUMNS = (
    "check_dict_unchanged",
    "check_dont_overwrite_parameters",
    "check_estimators_nan_inf",
    "check_f_contiguous_array_estimator",
    "check_fit2d_predict1d",
    "check_fit_score_takes_y",
)
"""Those of them whose matrices happen to have three columns."""

_FIT_TWO_POSITIVE_COLUMNS = (
    "check_fit_check_is_fitted",
    "check_fit_idempotent",
    "check_n_features_in",
)
"""Those of them whose matrices happen to have two positive columns."""

_FIT_FOUR_COLUMNS = ("check_n_features_in_after_fitting", "check_positive_only_tag_during_fit")
"""Those of them whose matrices happen to have four columns."""

_FIT_FEW_ROWS = (
    "check_estimators_fit_returns_self",
    "check_estimators_overwrite_params",
    "check_fit_check_is_fitted",
    "check_n_features_in",
    "check_readonly_memmap_input",
)
"""Those of them whose matrices happen to be a level and a value."""

_FIT_ONE_COLUMN = ("check_complex_data", "check_fit2d_1feature")
"""Those of them that come out as an array of one column should."""

_WEIGH_RANDOM_MATRICES = (
    "check_all_zero_sample_weights_error",
    "check_sample_weight_equivalence_on_dense_data",
    "check_sample_weights_list",
    "check_sample_weights_pandas_series",
)
_WEIGH_TWO_COLUMNS = (
    "check_sample_weights_not_an_array",
    "check_sample_weights_not_overwritten",
    "check_sample_weights_shape",
)
"""These weigh rows of two whole numbers, which happen to be a valid spend table."""

_HISTORY = "random numbers are no purchase history: frequency is whole and recency at most T"
_SPEND = "random numbers are no spend: frequency is whole and spend positive where it is not 0"
_SALES = "random numbers are no sales: these are one column, none of them negative"
_VOLUMES = "random numbers are no volumes: these are not negative"
_QUESTIONS = "random matrices of another width do not have the questions of the four items named"
_STOCK = "random numbers are no stock: demand, its spread and the lead time are not negative"
_OBSERVATIONS = "random numbers are no observations: a service level is from 0 to 100"
_RESPONSE = "random matrices are too short, or do not have the two columns, level and value"
_LOSSES = "random numbers are no failures: these are not negative"
_OFFERS = "random numbers are no costs: these are positive"
_PRODUCTS = "random numbers are no products: importance is 1, 2 or 3"
_ANSWERS = "random numbers are measurements: an answer is text, True or False, or a whole number"
_RANKINGS = "random numbers are no rankings: the ranks of a row are 1, 2, 3, ..."
_SEGMENTS = "random numbers are no segments: these are text, whole numbers or bools"
_ITEMS = "random matrices of another width do not have the six items named"
_FEATURES = "random matrices of another width do not have the three features named"
_CONTRACTS = "random numbers are no contracts: durations are whole and churned is 0 or 1"
_COHORTS = "random numbers are no cohorts: a size, then whole numbers of customers below it"
_STAYS = "random numbers are no customers: churned is 0 or 1, and duration is not negative"
_ORDER_LINES = "order lines are a frame with an order and a customer, which no array of numbers is"
_ORDERS = "orders are a frame with a customer and a date, which no array of numbers is"


@dataclass(frozen=True)
class Entry:
    """What the common tests need to know of one estimator.

    Attributes
    ----------
    make : callable
        Gives a new estimator; takes parameters to change.
    table : callable
        Gives a new valid table in pandas, the ids in the index.
    columns : tuple of str
        The columns of an array, in order.
    expected_failed_checks : mapping of str to str
        Checks of scikit-learn that fail by right, and the rule of the domain that each violates.
    changed : mapping of str to value
        Another valid value for every parameter, for ``get_params`` and ``set_params``.
    grid : mapping of str to list
        Parameters for a grid search; empty for estimators without ``score``.
    weighted : bool
        ``fit`` takes ``sample_weight``.
    one_row_each : bool
        Rows out are rows in. Otherwise orders go in and customers come out.
    gaps : bool
        A missing value is valid, and so is text.
    fit_only : tuple of str
        Columns that only ``fit`` needs.
    exact : bool
        Results do not depend on which other rows are there, to the last bit.
    """

    make: Callable[..., Any]
    table: Callable[[], pd.DataFrame]
    columns: tuple[str, ...]
    expected_failed_checks: Mapping[str, str]
    changed: Mapping[str, Any]
    grid: Mapping[str, list[Any]] = field(default_factory=dict)
    weighted: bool = False
    one_row_each: bool = True
    gaps: bool = False
    fit_only: tuple[str, ...] = ()
    exact: bool = True

    @property
    def rounding(self) -> dict[str, float]:
        """Return the tolerance of equal results.

        Sums over orders have no fixed order. Rows of one count are evaluated together, as products
        of matrices, whose last bits depend on where a row stands.
        """
        return {} if self.one_row_each and self.exact else {"rtol": 1e-12}


def customers() -> pd.DataFrame:
    """Return the summary of 200 customers, some of them without a repeat purchase."""
    return _customers().copy()


@cache
def _customers() -> pd.DataFrame:
    generator = np.random.default_rng(23)
    law = BetaGeoNBD.from_params({"r": 1.0, "alpha": 4.0, "a": 1.0, "b": 2.0})
    T = np.round(generator.uniform(20, 60, 200) * 7) / 7
    frame = law.simulate(200, T, random_state=generator)
    spend = generator.gamma(6.25, 1 / generator.gamma(3.7, 1 / 15.4, 200))
    frame["monetary_value"] = np.where(frame["frequency"] > 0, spend.round(2), 0.0)
    frame.index = pd.Index([f"c{i:03}" for i in range(200)], name="customer_id")
    return frame


def short_lived() -> pd.DataFrame:
    """Return the summary of 1,500 customers whose dropout rate grows with time."""
    return _short_lived().copy()


@cache
def _short_lived() -> pd.DataFrame:
    law = GammaGompertzNBD.from_params({"r": 1.5, "alpha": 3.0, "b": 0.1, "s": 0.9, "beta": 5.0})
    return _with_ids(law.simulate(1500, np.linspace(30, 80, 1500), random_state=23))


def leaving_at_purchases() -> pd.DataFrame:
    """Return the summary of 500 customers who may leave after any purchase, the first one too."""
    law = ModifiedBetaGeoNBD.from_params({"r": 1.0, "alpha": 3.0, "a": 1.0, "b": 3.0})
    return _with_ids(law.simulate(500, np.linspace(20, 60, 500), random_state=23))


def leaving_any_time() -> pd.DataFrame:
    """Return the summary of 500 customers who may leave at any time."""
    law = ParetoNBD.from_params({"r": 1.2, "alpha": 3.0, "s": 0.8, "beta": 10.0})
    return _with_ids(law.simulate(500, np.linspace(20, 60, 500), random_state=23))


def loyal() -> pd.DataFrame:
    """Return the summary of 200 customers who never leave."""
    law = NBD.from_params({"r": 1.0, "alpha": 4.0})
    return _with_ids(law.simulate(200, np.linspace(20, 60, 200), random_state=23))


def contracts() -> pd.DataFrame:
    """Return 400 customers under contract for up to ten periods."""
    law = BetaDiscreteWeibull.from_params({"alpha": 1.0, "beta": 4.0, "c": 1.4})
    return _with_ids(law.simulate(400, 10, random_state=23))


def alike() -> pd.DataFrame:
    """Return 400 customers under contract who all leave with one probability."""
    return _with_ids(Geometric.from_params({"odds": 0.2}).simulate(400, 10, random_state=23))


def stays() -> pd.DataFrame:
    """Return how many months 200 customers of two plans stayed, some of them still there."""
    generator = np.random.default_rng(23)
    plan = generator.choice(["monthly", "yearly"], 200)
    life = np.ceil(generator.exponential(np.where(plan == "yearly", 12.0, 6.0)))
    followed = generator.integers(1, 25, 200)
    columns = {"duration": np.minimum(life, followed), "churned": (life <= followed) * 1}
    return _with_ids(pd.DataFrame({**columns, "plan": plan}))


def cohorts() -> pd.DataFrame:
    """Return twelve monthly cohorts by age, all of them old enough."""
    generator = np.random.default_rng(23)
    leaving = generator.beta(0.8, 2.0, 12)
    counts = np.empty((12, 8))
    counts[:, 0] = generator.integers(150, 400, 12)
    for i in range(12):
        for age in range(1, 8):
            counts[i, age] = generator.binomial(int(counts[i, age - 1]), 1 - leaving[i] / (1 + age))
    index = pd.date_range("2024-01-01", periods=12, freq="MS", name="cohort").as_unit("us")
    index.freq = None
    return pd.DataFrame(counts, index=index, columns=[str(age) for age in range(8)])


def donors() -> pd.DataFrame:
    """Return the summary of 300 donors, whole numbers of yearly opportunities."""
    params = {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.8}
    law = BetaGeoBetaBinomial.from_params(params)
    T = np.round(np.linspace(6, 30, 300))
    return _with_ids(law.simulate(300, T, random_state=23))


def _with_ids(frame: pd.DataFrame) -> pd.DataFrame:
    frame.index = pd.Index([f"c{i:04}" for i in range(len(frame))], name="customer_id")
    return frame


def products() -> pd.DataFrame:
    """Return twelve products, two of which earn the same."""
    profit = [900.0, 400.0, 750.0, 300.0, 400.0, -50.0, 0.0, 1200.0, 5.5, 80.0, 81.0, 60.0]
    importance = [3, 1, 1, 2, 2, 3, 1, 3, 2, 1, 1, 2]
    index = pd.Index([f"p{i:02}" for i in range(12)], name="product")
    return pd.DataFrame({"profit": profit, "importance": importance}, index=index)


def portfolio() -> pd.DataFrame:
    """Return twelve products by volume and profit, one at a loss."""
    volume = [5.0, 80.0, 33.0, 60.0, 2.0, 9.0, 71.0, 400.0, 12.0, 30.0, 31.0, 8.0]
    return products().assign(volume=volume)[["volume", "profit"]]


_ASKED = ("speed", "stock", "claims", "advice")
_DIMENSIONS = {
    "before": ["policy", "access"],
    "during": ["speed", "stock"],
    "after": ["claims", "spares"],
}


def expectations() -> pd.DataFrame:
    """Return what 120 respondents expect and perceive of four items of service."""
    generator = np.random.default_rng(23)
    expected = np.clip(np.round(generator.normal([6, 5.5, 5, 4.5], 0.8, (120, 4))), 1, 7)
    change = np.round(generator.normal([-1.0, -0.4, 0.1, 0.6], 0.9, (120, 4)))
    perceived = np.clip(expected + change, 1, 7)
    columns = [f"{question}_{item}" for question in "EP" for item in _ASKED]
    return _with_ids(pd.DataFrame(np.hstack([expected, perceived]), columns=columns))


def performances() -> pd.DataFrame:
    """Return what they perceive alone."""
    return expectations()[[f"P_{item}" for item in _ASKED]]


def stock_items() -> pd.DataFrame:
    """Return sixty items in stock, their demand and their safety stock."""
    generator = np.random.default_rng(17)
    mean = generator.uniform(20.0, 80.0, 60)
    columns = {
        "demand_mean": mean,
        "demand_sd": mean * generator.uniform(0.1, 0.4, 60),
        "lead_time": generator.uniform(1.0, 6.0, 60),
        "safety_stock": generator.uniform(0.0, 60.0, 60),
    }
    return pd.DataFrame(columns, index=pd.Index([f"p{i:02}" for i in range(60)], name="product"))


def observed_levels() -> pd.DataFrame:
    """Return 60 periods with service level, revenue and cost."""
    generator = np.random.default_rng(11)
    level = generator.uniform(20, 90, 60).round(1)
    revenue = (50 * np.sqrt(level) + 10 * generator.standard_normal(60)).round(2)
    cost = (0.055 * level**2 + 10 * generator.standard_normal(60)).round(2)
    index = pd.Index([f"p{i:02}" for i in range(60)], name="product")
    return pd.DataFrame({"service_level": level, "revenue": revenue, "cost": cost}, index=index)


def service_responses() -> pd.DataFrame:
    """Return 200 customers whose value answers to service in four stages."""
    generator = np.random.default_rng(5)
    level = generator.uniform(50, 100, 200).round(1)
    value = np.interp(level, [50, 62, 80, 92, 100], [10, 10, 40, 42, 30])
    value = (value + generator.normal(0, 1, 200)).round(2)
    return _with_ids(pd.DataFrame({"service_level": level, "value": value}))


def order_lines() -> pd.DataFrame:
    """Return the lines of 120 orders; the number of the order is called customer_id here."""
    lines = make_order_lines(120, unknown=0.0, random_state=0)
    lines = lines.astype({"damaged": bool, "documents_correct": bool})
    return lines.rename(columns={"order": "customer_id"}).drop(columns="customer")


def service_lines() -> pd.DataFrame:
    """Return about 900 order lines of 60 customers, of whom everything is known."""
    lines = make_order_lines(300, n_customers=60, unknown=0.0, random_state=0)
    flags = {"damaged": bool, "documents_correct": bool}
    return lines.astype(flags).rename(columns={"customer": "customer_id"})


def failing_customers() -> pd.DataFrame:
    """Return 60 customers with failures of service, and what they are worth."""
    generator = np.random.default_rng(23)
    failures = generator.poisson(0.8, 60).astype(float)
    return _with_ids(pd.DataFrame({"failures": failures, "value": generator.gamma(2, 150, 60)}))


def offers() -> pd.DataFrame:
    """Return twelve products with what they bring to a customer and cost one."""
    generator = np.random.default_rng(23)
    table = {"benefits": generator.gamma(4, 30, 12), "costs": generator.gamma(4, 25, 12)}
    return pd.DataFrame(table, index=pd.Index([f"p{i:02}" for i in range(12)], name="product"))


def sales() -> pd.DataFrame:
    """Return the yearly sales of twelve products, two of which sold nothing."""
    value = [5200.0, 1800.0, 1800.0, 960.0, 310.5, 84.0, 60.0, 44.0, 12.25, 3.0, 0.0, 0.0]
    index = pd.Index([f"p{i:02}" for i in range(12)], name="product")
    return pd.DataFrame({"value": value}, index=index)


def answers() -> pd.DataFrame:
    """Return the answers of 120 respondents of two classes to five items."""
    generator = np.random.default_rng(23)
    chances = np.where(generator.random((120, 1)) < 0.4, 0.15, 0.85)
    rows = 1.0 + generator.binomial(2, chances, (120, 5))
    return _with_ids(pd.DataFrame(rows, columns=[f"q{j}" for j in range(1, 6)]))


_RATED = ("policy", "access", "speed", "stock", "claims", "spares")


def ratings() -> pd.DataFrame:
    """Return the ratings of six elements of service by 120 customers, two factors behind them."""
    generator = np.random.default_rng(23)
    factors = np.repeat(generator.normal(size=(120, 2)), 3, axis=1)
    values = np.round(5 + 1.5 * factors + generator.normal(size=(120, 6)))
    return _with_ids(pd.DataFrame(values, columns=list(_RATED)))


_WISHES = ("speed", "stock", "advice", "price", "returns")


def wishes() -> pd.DataFrame:
    """Return the rankings of five elements of service by 80 customers of two kinds."""
    generator = np.random.default_rng(23)
    kinds = np.repeat([[1.0, 2.0, 3.0, 4.0, 5.0], [4.0, 5.0, 2.0, 1.0, 3.0]], [48, 32], axis=0)
    burden = kinds + generator.normal(0, 0.8, kinds.shape)
    ranks = np.argsort(np.argsort(burden, axis=1), axis=1) + 1.0
    return _with_ids(pd.DataFrame(ranks, columns=list(_WISHES)))


def segments_by_period() -> pd.DataFrame:
    """Return the segment, 1 the best, of 150 customers in three quarters."""
    generator = np.random.default_rng(23)
    first = generator.integers(1, 5, 150)
    steps = generator.integers(-1, 2, (2, 150))
    second = np.clip(first + steps[0], 1, 4)
    third = np.clip(second + steps[1], 1, 4)
    return _with_ids(pd.DataFrame({"Q1": first, "Q2": second, "Q3": third}, dtype=float))


def orders() -> pd.DataFrame:
    """Return about 300 orders of 100 customers, with a few refunds of a part."""
    frame = make_orders(100, start="2024-01-01", observation_end="2025-06-30", random_state=0)
    refunds = frame.iloc[::50].assign(amount=lambda some: -some["amount"] / 4)
    return pd.concat([frame, refunds], ignore_index=True)


def _failing(reason: str, *groups: tuple[str, ...]) -> dict[str, str]:
    return {check: reason for group in groups for check in group}


def _attrition(model: type, *, table: Callable[[], pd.DataFrame] = customers, **more: Any) -> Entry:
    """Return the entry of an attrition model; ``more`` are values of parameters of its own."""
    return Entry(
        make=model,
        table=table,
        columns=("frequency", "recency", "T"),
        expected_failed_checks=_failing(
            _HISTORY, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "horizon": 4.0,
            "purchase_covariates": ("T",),
            "l2": 1.0,
            "time_unit": "week",
            "random_state": 3,
            **more,
        },
        grid={"horizon": [13.0, 52.0]},
        weighted=True,
        exact=False,
    )


def _contractual(model: type, *, table: Callable[[], pd.DataFrame] = contracts) -> Entry:
    """Return the entry of a contractual model."""
    return Entry(
        make=model,
        table=table,
        columns=("duration", "churned"),
        expected_failed_checks=_failing(
            _CONTRACTS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "horizon": 4.0,
            "churn_covariates": ("age",),
            "l2": 1.0,
            "cohort_size": 100.0,
            "time_unit": "month",
            "random_state": 3,
        },
        grid={"l2": [0.0, 1.0]},
        weighted=True,
        exact=False,
    )


REGISTRY: dict[str, Entry] = {
    "BetaGeoNBD": _attrition(BetaGeoNBD, dropout_covariates=("T",), regularity=1),
    "ModifiedBetaGeoNBD": _attrition(
        ModifiedBetaGeoNBD,
        table=leaving_at_purchases,
        dropout_covariates=("T",),
        regularity=1,
    ),
    "ParetoNBD": _attrition(ParetoNBD, table=leaving_any_time, dropout_covariates=("T",)),
    "GammaGompertzNBD": _attrition(GammaGompertzNBD, table=short_lived, dropout_covariates=("T",)),
    "BetaGeoBetaBinomial": _attrition(BetaGeoBetaBinomial, table=donors, dropout_covariates=("T",)),
    "NBD": _attrition(NBD, table=loyal),
    "ShiftedBetaGeo": _contractual(ShiftedBetaGeo),
    "BetaDiscreteWeibull": _contractual(BetaDiscreteWeibull),
    "Geometric": _contractual(Geometric, table=alike),
    "CohortTable": Entry(
        make=lambda **changes: CohortTable(
            **{"amount": "amount", "observation_end": "2025-06-30", **changes}
        ),
        table=orders,
        columns=("customer_id", "date", "amount"),
        expected_failed_checks=_failing(
            _ORDERS, _FIT_RANDOM_MATRICES, ("check_estimators_empty_data_messages", "check_fit1d")
        ),
        changed={
            "customer": "who",
            "date": "when",
            "amount": "paid",
            "period": "quarter",
            "measure": "revenue",
            "relative": True,
            "observation_end": "2025-12-31",
            "incomplete": "keep",
            "on_negative": "drop",
        },
        one_row_each=False,
    ),
    "CohortRetention": Entry(
        # Without max_age every column named by a whole number is an age.
        make=lambda **changes: CohortRetention(
            **{"kind": "survival", "max_age": 7, "horizon": 3, "random_state": 0, **changes}
        ),
        table=cohorts,
        columns=tuple(str(age) for age in range(8)),
        expected_failed_checks=_failing(_COHORTS, _FIT_RANDOM_MATRICES),
        changed={
            "model": "geometric",
            "kind": "activity",
            "pooling": "none",
            "max_age": 6,
            "horizon": 5,
            "level": 0.8,
            "n_draws": 200,
            "random_state": 3,
        },
        gaps=True,
    ),
    "RetentionCurve": Entry(
        make=RetentionCurve,
        table=stays,
        columns=("duration", "churned"),
        expected_failed_checks=_failing(
            _STAYS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={"by": "plan", "level": 0.9, "limit": 6.0, "time_unit": "week"},
        weighted=True,
        fit_only=("churned",),
    ),
    "SimpleLifetimeValue": Entry(
        make=lambda **changed: SimpleLifetimeValue(
            **{"years": 3.0, "minimum_observation": 0.25, **changed}
        ),
        table=customers,
        columns=("frequency", "recency", "T", "monetary_value"),
        expected_failed_checks=_failing(
            _HISTORY, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "years": 4.0,
            "retention_rate": 0.8,
            "margin": 0.3,
            "service_cost": 1.0,
            "acquisition_cost": 5.0,
            "annual_discount_rate": 0.1,
            "share_of_spending": 0.5,
            "population": "active",
            "active_within": 0.5,
            "minimum_observation": 0.3,
            "short": "annualise",
            "timing": "end",
            "time_unit": "week",
        },
        weighted=True,
    ),
    "GammaGamma": Entry(
        make=GammaGamma,
        table=customers,
        columns=("frequency", "monetary_value"),
        expected_failed_checks=_failing(_SPEND, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES),
        changed={"covariates": ("frequency",), "l2": 1.0, "random_state": 3},
        weighted=True,
    ),
    "LifetimeValue": Entry(
        make=LifetimeValue,
        table=customers,
        columns=("frequency", "recency", "T", "monetary_value"),
        expected_failed_checks=_failing(
            _HISTORY, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "attrition": BetaGeoNBD(horizon=9.0),
            "spend": GammaGamma(),
            "margin": 0.3,
            "time_unit": "week",
            "horizon": "12 months",
            "annual_discount_rate": 0.2,
        },
        weighted=True,
        exact=False,
    ),
    "RFMScorer": Entry(
        make=RFMScorer,
        table=customers,
        columns=("frequency", "recency", "T", "monetary_value"),
        expected_failed_checks=_failing(
            _HISTORY, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        weighted=True,
        changed={
            "by": "market",
            "unseen": "pooled",
            "nonpositive_money": "lowest",
            "weights": {"recency": 2, "frequency": 1, "monetary": 1},
            "n_bins": 3,
            "method": "fixed",
            "bins": {"recency": [4, 26], "frequency": [1, 4], "monetary": [20, 50]},
        },
    ),
    "RFMSegmenter": Entry(
        make=RFMSegmenter,
        table=customers,
        columns=("frequency", "recency", "T", "monetary_value"),
        expected_failed_checks=_failing(
            _HISTORY, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        weighted=True,
        changed={
            "by": "market",
            "unseen": "pooled",
            "nonpositive_money": "lowest",
            "weights": {"recency": 2, "frequency": 1, "monetary": 1},
            "rules": standard_rules(),
            "n_bins": 5,
            "method": "fixed",
            "bins": {
                "recency": [4, 9, 20, 30],
                "frequency": [0, 1, 2, 4],
                "monetary": [10, 20, 50, 90],
            },
        },
    ),
    "CustomerSegmenter": Entry(
        # Without features every column of X is one, and bootstraps warn where data are few: its own
        # tests have both.
        make=lambda **changes: CustomerSegmenter(
            **{
                "features": ["frequency", "T", "monetary_value"],
                "n_clusters": 3,
                "n_bootstrap": 0,
                "random_state": 0,
                **changes,
            }
        ),
        table=lambda: customers()[["frequency", "T", "monetary_value"]],
        columns=("frequency", "T", "monetary_value"),
        expected_failed_checks=_failing(
            _FEATURES,
            tuple(check for check in _FIT_RANDOM_MATRICES if check not in _FIT_THREE_COLUMNS),
        ),
        changed={
            "features": ["frequency"],
            "categorical": ["T"],
            "order_by": "frequency",
            "describe": ["T"],
            "scale": "log",
            "weights": {"T": 2.0},
            "missing": "impute",
            "unseen": "average",
            "clusterer": "gmm",
            "n_clusters": "auto",
            "max_clusters": 4,
            "min_size": 0.1,
            "max_size": 0.9,
            "pinned": {"c001": "Segment 1"},
            "names": ["A", "B", "C"],
            "n_bootstrap": 5,
            "sample_size": 1000,
            "random_state": 3,
            "progress": True,
        },
        grid={"n_clusters": [2, 3]},
        gaps=True,
    ),
    "PreferenceSegmenter": Entry(
        # Without items every column of X is one, that of another step too.
        make=lambda **more: PreferenceSegmenter(**{"items": _WISHES, **more}),
        table=wishes,
        columns=_WISHES,
        expected_failed_checks=_failing(
            _RANKINGS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "items": _WISHES[:4],
            "n_segments": 3,
            "model": "mallows",
            "notation": "order",
            "unranked": "unknown",
            "method": "hierarchical",
            "max_segments": 4,
            "min_size": 10,
            "max_concentration": 3.0,
            "n_starts": 5,
            "names": ["A", "B", "C"],
            "random_state": 1,
            "progress": True,
        },
        grid={"n_segments": [1, 2]},
        weighted=True,
        gaps=True,
    ),
    "LatentClassSegmenter": Entry(
        make=lambda **changes: LatentClassSegmenter(
            **{
                "items": ("q1", "q2", "q3", "q4", "q5"),
                "n_classes": 2,
                "n_starts": 4,
                "missing": "raise",
                "random_state": 0,
                **changes,
            }
        ),
        table=answers,
        columns=("q1", "q2", "q3", "q4", "q5"),
        expected_failed_checks=_failing(
            _ANSWERS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "items": ("q1", "q2", "q3"),
            "n_classes": "auto",
            "max_classes": 3,
            "n_starts": 2,
            "prior": 0.5,
            "missing": "ignore",
            "unseen": "ignore",
            "min_size": 0.1,
            "names": ("Keen", "Cool"),
            "random_state": 3,
            "progress": True,
        },
        grid={"n_classes": [1, 2]},
        weighted=True,
        gaps=True,
    ),
    "FactorAnalyzer": Entry(
        # Without items every column of X is one: its own tests run scikit-learn's checks on that.
        make=lambda **changes: FactorAnalyzer(
            **{"items": _RATED, "n_factors": 2, "random_state": 0, **changes}
        ),
        table=ratings,
        columns=_RATED,
        expected_failed_checks=_failing(
            _ITEMS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "items": _RATED[:4],
            "n_factors": "map",
            "method": "ml",
            "rotation": "oblimin",
            "rotation_options": {"gamma": 0.1},
            "kaiser": True,
            "correlation": "spearman",
            "missing": "pairwise",
            "scores": "bartlett",
            "n_starts": 3,
            "n_replicates": 20,
            "percentile": 50.0,
            "n_bootstrap": 19,
            "level": 0.8,
            "preset": "psych",
            "random_state": 3,
            "progress": True,
        },
        weighted=True,
        exact=False,
        grid={"n_factors": [1, 2]},
    ),
    "ServiceElementRanking": Entry(
        # Without elements every column of X is one; the bootstrap has its own tests.
        make=lambda **changes: ServiceElementRanking(
            **{
                "elements": _RATED,
                "n_factors": 2,
                "n_bootstrap": 0,
                "random_state": 0,
                **changes,
            }
        ),
        table=ratings,
        columns=_RATED,
        expected_failed_checks=_failing(
            _ITEMS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "method": "stated",
            "elements": _RATED[:4],
            "satisfaction": "claims",
            "stages": {"policy": "in"},
            "reverse": {"speed": (-2.0, 12.0)},
            "n_factors": "parallel",
            "extraction": "ml",
            "rotation": "oblimin",
            "correlation": "spearman",
            "comparisons": [[1, 1, 1, 1]] * 4,
            "level": 0.8,
            "n_bootstrap": 20,
            "missing": "pairwise",
            "compare": False,
            "random_state": 3,
            "progress": True,
        },
        weighted=True,
    ),
    "SegmentMigration": Entry(
        make=lambda **changes: SegmentMigration(**{"periods": ["Q1", "Q2", "Q3"], **changes}),
        table=segments_by_period,
        columns=("Q1", "Q2", "Q3"),
        expected_failed_checks=_failing(_SEGMENTS, _FIT_RANDOM_MATRICES),
        changed={
            "periods": ["Q1", "Q2"],
            "order": [1, 2, 3, 4],
            "absent": "state",
            "level": 0.9,
        },
        gaps=True,
    ),
    "ABCAnalysis": Entry(
        make=ABCAnalysis,
        table=sales,
        columns=("value",),
        expected_failed_checks=_failing(
            _SALES, tuple(check for check in _FIT_RANDOM_MATRICES if check not in _FIT_ONE_COLUMN)
        ),
        changed={
            "value": "sales",
            "rule": "count",
            "cuts": (0.5, 0.9),
            "variability": "cv",
            "xyz_cuts": (0.2, 0.7),
            "hysteresis": 0.1,
            "previous": "last",
            "negative": "zero",
        },
    ),
    "OrderPriority": Entry(
        make=OrderPriority,
        table=products,
        columns=("profit", "importance"),
        expected_failed_checks=_failing(_PRODUCTS, _FIT_RANDOM_MATRICES),
        changed={
            "profit": None,
            "profit_rank": "rank",
            "importance": "urgency",
            "scale": "1_is_least_urgent",
            "tie_break": "profit",
            "profit_ties": "dense",
            "customer_value": "worth",
        },
    ),
    "InventoryServiceLevel": Entry(
        make=InventoryServiceLevel,
        table=stock_items,
        columns=("demand_mean", "demand_sd", "lead_time", "safety_stock"),
        expected_failed_checks=_failing(_STOCK, _FIT_RANDOM_MATRICES),
        changed={
            "demand": "gamma",
            "measure": "fill_rate",
            "target": 0.95,
            "backorders": False,
            "review_period": 1.0,
            "shape": "pooled",
            "history": ["week_1", "week_2"],
            "demand_mean": "mean",
            "demand_sd": "sd",
            "lead_time": "weeks",
            "lead_time_sd": None,
            "order_quantity": None,
            "safety_stock": "stock",
            "reorder_point": "point",
        },
    ),
    "ServiceLevelOptimizer": Entry(
        make=lambda **changes: ServiceLevelOptimizer(
            **{"form": "curve", "scale": "percent", **changes}
        ),
        table=observed_levels,
        columns=("service_level", "revenue", "cost"),
        fit_only=("revenue", "cost"),
        expected_failed_checks=_failing(
            _OBSERVATIONS,
            tuple(
                check
                for check in _FIT_RANDOM_MATRICES
                if check not in ("check_fit_score_takes_y", "check_dict_unchanged")
            ),
        ),
        changed={
            "form": "marginal",
            "columns": {"revenue": "sales"},
            "scale": "fraction",
            "by": "site",
            "revenue_curve": "quadratic",
            "cost_curve": ("power", 1.0, 2.0),
            "limits": (50, 99),
            "step": None,
            "lead_time_scaling": "linear",
            "level": 0.9,
        },
    ),
    "ServiceResponse": Entry(
        make=lambda **changes: ServiceResponse(
            **{"n_bootstrap": 100, "random_state": 0, **changes}
        ),
        table=service_responses,
        columns=("service_level", "value"),
        fit_only=("value",),
        expected_failed_checks=_failing(
            _RESPONSE, tuple(check for check in _FIT_RANDOM_MATRICES if check not in _FIT_FEW_ROWS)
        ),
        changed={
            "service": "level",
            "value": "sales",
            "max_stages": 3,
            "level": 0.9,
            "n_bootstrap": 200,
            "min_share": 0.2,
            "random_state": 1,
        },
    ),
    "ServiceGap": Entry(
        # Without dimensions every pair of columns of X is an item.
        make=lambda **changes: ServiceGap(
            **{
                "dimensions": {
                    "speed": "delivery",
                    "stock": "delivery",
                    "claims": "care",
                    "advice": "care",
                },
                **changes,
            }
        ),
        table=expectations,
        columns=tuple(f"{question}_{item}" for question in "EP" for item in _ASKED),
        expected_failed_checks=_failing(
            _QUESTIONS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "expectation": "expected_",
            "perception": "seen_",
            "dimensions": dict.fromkeys(_ASKED, "delivery"),
            "weights": {"delivery": 100},
            "missing": "listwise",
            "scale": (1, 7),
            "level": 0.9,
            "direction": "expectation_minus_perception",
        },
        weighted=True,
        gaps=True,
    ),
    "ImportancePerformance": Entry(
        # Stated importance, and satisfaction, are read at fit alone: its own tests have both.
        make=lambda **changes: ImportancePerformance(
            **{
                "importance": {"speed": 0.4, "stock": 0.3, "claims": 0.2, "advice": 0.1},
                "n_bootstrap": 20,
                "random_state": 0,
                **changes,
            }
        ),
        table=performances,
        columns=tuple(f"P_{item}" for item in _ASKED),
        expected_failed_checks=_failing(
            _QUESTIONS,
            tuple(check for check in _FIT_RANDOM_MATRICES if check not in _FIT_FOUR_COLUMNS),
            _WEIGH_RANDOM_MATRICES,
            _WEIGH_TWO_COLUMNS,
        ),
        changed={
            "importance": "derived",
            "importance_prefix": "stated_",
            "performance_prefix": "seen_",
            "items": ("speed", "stock"),
            "satisfaction": "overall",
            "derivation": "regression",
            "cross_hair": (0.25, 4.0),
            "scale": (1, 7),
            "missing": "raise",
            "level": 0.9,
            "n_bootstrap": 5,
            "random_state": 3,
            "progress": True,
        },
        weighted=True,
        gaps=True,
    ),
    "WeightedScore": Entry(
        # Without items every column of X is one.
        make=lambda **changes: WeightedScore(**{"items": _RATED, **changes}),
        table=ratings,
        columns=_RATED,
        expected_failed_checks=_failing(
            _ITEMS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "weights": {"speed": 2.0, "stock": 1.0},
            "comparisons": [[1.0, 2.0], [0.5, 1.0]],
            "items": ["speed", "stock"],
            "costs": ["stock"],
            "scaling": "z",
            "missing": "renormalise",
            "min_coverage": 0.5,
        },
        weighted=True,
    ),
    "ServiceQualityIndex": Entry(
        # A min-max scale warns of rows beyond the fit: its own tests have that.
        make=lambda **changes: ServiceQualityIndex(
            **{"tree": _DIMENSIONS, "normalisation": "z", **changes}
        ),
        table=ratings,
        columns=_RATED,
        expected_failed_checks=_failing(
            _ITEMS, _FIT_RANDOM_MATRICES, _WEIGH_RANDOM_MATRICES, _WEIGH_TWO_COLUMNS
        ),
        changed={
            "tree": {"all": ["speed", "stock"]},
            "weights": {"speed": 2.0, "stock": 1.0},
            "dimension_weights": "sum",
            "comparisons": {"all": [[1.0, 2.0], [0.5, 1.0]]},
            "costs": ["stock"],
            "normalisation": "target",
            "targets": {"speed": 7.0, "stock": (7.0, 1.0)},
            "aggregate": "geometric",
            "period": "month",
            "missing": "renormalise",
            "min_coverage": 0.5,
        },
        weighted=True,
    ),
    "LostSalesCost": Entry(
        # Without a probability of leaving it is estimated, which warns: its own tests do that.
        make=lambda **changes: LostSalesCost(
            **{
                "leaving_probability": 0.2,
                "prospects_per_leaver": 0.5,
                "prospect_value": 100.0,
                **changes,
            }
        ),
        table=failing_customers,
        columns=("failures", "value"),
        expected_failed_checks=_failing(
            _LOSSES,
            tuple(
                check for check in _FIT_RANDOM_MATRICES if check not in _FIT_TWO_POSITIVE_COLUMNS
            ),
            _WEIGH_RANDOM_MATRICES,
        ),
        changed={
            "failures": "complaints",
            "components": ("late", "short"),
            "orders": "orders",
            "failure_rate": 0.05,
            "value": "worth",
            "leaving_probability": {"late": 0.1, "short": 0.2},
            "alive": "retained",
            "failed": "failed",
            "strata": "activity",
            "segment": "segment",
            "repeated": "first",
            "prospects_per_leaver": 0.25,
            "prospect_value": 50.0,
            "level": 0.9,
        },
        weighted=True,
    ),
    "CustomerValueIndex": Entry(
        make=lambda **changes: CustomerValueIndex(**{"baseline": "mean", **changes}),
        table=offers,
        columns=("benefits", "costs"),
        expected_failed_checks=_failing(
            _OFFERS,
            tuple(
                check for check in _FIT_RANDOM_MATRICES if check not in _FIT_TWO_POSITIVE_COLUMNS
            ),
            _WEIGH_RANDOM_MATRICES,
        ),
        changed={
            "measure": "quality_service",
            "benefits": ("comfort", "saving"),
            "costs": ("price", "repairs"),
            "quality": "grade",
            "service": "help",
            "cost": "price",
            "time": "days",
            "baseline": "p03",
            "zero": "nan",
        },
        weighted=True,
    ),
    "PortfolioMatrix": Entry(
        make=PortfolioMatrix,
        table=portfolio,
        columns=("volume", "profit"),
        expected_failed_checks=_failing(
            _VOLUMES,
            tuple(
                check
                for check in _FIT_RANDOM_MATRICES
                if check not in ("check_fit_check_is_fitted", "check_n_features_in")
            ),
        ),
        changed={
            "volume": "units",
            "profit": "margin",
            "volume_threshold": "mean",
            "profit_threshold": 10.0,
            "profit_kind": "unit",
            "abc_cut": 0.7,
        },
    ),
    "RFMSummary": Entry(
        make=lambda **changes: RFMSummary(
            **{"amount": "amount", "observation_end": "2025-06-30", **changes}
        ),
        table=orders,
        columns=("customer_id", "date", "amount"),
        expected_failed_checks=_failing(
            _ORDERS, _FIT_RANDOM_MATRICES, ("check_estimators_empty_data_messages", "check_fit1d")
        ),
        changed={
            "customer": "who",
            "date": "when",
            "amount": "paid",
            "time_unit": "day",
            "collapse": "week",
            "observation_end": "2025-12-31",
            "on_negative": "drop",
            "extra": ("n_orders",),
            "left_edge": 4.0,
            "calendar": ("2025-01-01", "2025-07-01"),
        },
        one_row_each=False,
    ),
    "PerfectOrder": Entry(
        make=lambda **changes: PerfectOrder(**{"columns": {"order": "customer_id"}, **changes}),
        table=order_lines,
        columns=(
            "customer_id",
            "promised",
            "delivered",
            "ordered",
            "delivered_quantity",
            "damaged",
            "documents_correct",
        ),
        expected_failed_checks=_failing(
            _ORDER_LINES,
            _FIT_RANDOM_MATRICES,
            ("check_estimators_empty_data_messages", "check_fit1d"),
        ),
        changed={
            "by": "warehouse",
            "criteria": ("on_time", "in_full"),
            "columns": {"order": "number"},
            "reference": "requested",
            "tolerance": 1,
            "early": 2,
            "as_of": "2025-06-30",
            "on_negative": "drop",
            "level": 0.9,
        },
        one_row_each=False,
    ),
    "ServiceAnalysis": Entry(
        make=lambda **changes: ServiceAnalysis(
            **{"columns": {"customer": "customer_id"}, **changes}
        ),
        table=service_lines,
        columns=(
            "order",
            "promised",
            "delivered",
            "ordered",
            "delivered_quantity",
            "damaged",
            "documents_correct",
            "customer_id",
        ),
        expected_failed_checks=_failing(
            _ORDER_LINES,
            _FIT_RANDOM_MATRICES,
            ("check_estimators_empty_data_messages", "check_fit1d"),
        ),
        changed={
            "segment": "region",
            "criteria": ("on_time", "in_full"),
            "columns": {"customer": "customer_id", "order": "order"},
            "reference": "requested",
            "tolerance": 1,
            "early": 2,
            "as_of": "2025-06-30",
            "on_negative": "drop",
            "cycle_from": None,
            "ranking": ServiceElementRanking(method="loading"),
            "satisfaction": None,
            "value": "clv",
            "leaving_probability": 0.1,
            "alive": "alive",
            "strata": "region",
            "repeated": "first",
            "prospects_per_leaver": 0.5,
            "prospect_value": 100.0,
            "priority": OrderPriority(tie_break="profit"),
            "level": 0.9,
            "random_state": 3,
        },
        one_row_each=False,
    ),
    "CustomerAnalysis": Entry(
        make=lambda **changes: CustomerAnalysis(
            **{"observation_end": "2025-06-30", "holdout": None, **changes}
        ),
        table=orders,
        columns=("customer_id", "date", "amount"),
        expected_failed_checks=_failing(
            _ORDERS, _FIT_RANDOM_MATRICES, ("check_estimators_empty_data_messages", "check_fit1d")
        ),
        changed={
            "customer": "who",
            "date": "when",
            "amount": "paid",
            "time_unit": "day",
            "collapse": "week",
            "observation_end": "2025-12-31",
            "on_negative": "drop",
            "horizon": 26.0,
            "margin": 0.4,
            "annual_discount_rate": 0.05,
            "holdout": "2025-01-31",
            "attrition": BetaGeoNBD(horizon=9.0),
            "spend": GammaGamma(),
            "rules": standard_rules(),
        },
        one_row_each=False,
    ),
}


def entries(wanted: Callable[[Entry], bool] = lambda entry: True) -> list[str]:
    """Return the names of the estimators whose entry is as wanted, to parametrise tests with."""
    return [name for name, entry in REGISTRY.items() if wanted(entry)]


def public_estimators() -> dict[str, type]:
    """Return every public class of the library that can be fitted, by name."""
    rooms = [name for name in custvalue.__all__ if inspect.ismodule(getattr(custvalue, name))]
    modules = [importlib.import_module(f"custvalue.{room}") for room in rooms]
    members = {name: getattr(module, name) for module in modules for name in module.__all__}
    return {name: one for name, one in members.items() if hasattr(one, "fit")}
