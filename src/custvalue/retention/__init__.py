"""Retention: contractual models, survival and cohort curves, the flow of customers."""

from custvalue.retention.beta_discrete_weibull import BetaDiscreteWeibull
from custvalue.retention.cohort_retention import CohortRetention
from custvalue.retention.cohort_survival import cohort_survival
from custvalue.retention.customer_flow import customer_flow
from custvalue.retention.durations_from_orders import durations_from_orders
from custvalue.retention.geometric import Geometric
from custvalue.retention.likelihood_ratio_test import likelihood_ratio_test
from custvalue.retention.retention_curve import RetentionCurve
from custvalue.retention.retention_rate import churn_rate, retention_rate
from custvalue.retention.shifted_beta_geo import ShiftedBetaGeo
from custvalue.retention.simple_lifetime_value import SimpleLifetimeValue, simple_lifetime_value

__all__ = [
    "BetaDiscreteWeibull",
    "CohortRetention",
    "Geometric",
    "RetentionCurve",
    "ShiftedBetaGeo",
    "SimpleLifetimeValue",
    "churn_rate",
    "cohort_survival",
    "customer_flow",
    "durations_from_orders",
    "likelihood_ratio_test",
    "retention_rate",
    "simple_lifetime_value",
]
