"""Geometric is the constant churn rate: lost customers over renewals that were due."""

import numpy as np
import pandas as pd
import pytest

from custvalue.retention.geometric import Geometric
from support.contractual import HIGH_END, cohort


def test_the_estimate_is_lost_customers_over_renewals_due():
    """The maximum has a closed form, with late entry too; so has its standard error."""
    rows = pd.DataFrame(
        {"duration": [1, 4, 3, 6, 2], "churned": [1, 1, 0, 0, 1], "entry": [0, 2, 0, 1, 0]}
    )
    model = Geometric().fit(rows)
    due = (rows["duration"] - rows["entry"]).sum()
    theta = 3 / due
    assert model.churn(1) == pytest.approx(theta, rel=1e-8)
    assert model.params_["odds"] == pytest.approx(theta / (1 - theta), rel=1e-8)
    log_likelihood = 3 * np.log(theta) + (due - 3) * np.log(1 - theta)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, rel=1e-12)
    error = np.sqrt(theta * (1 - theta) / due) / (1 - theta) ** 2  # delta method
    assert model.standard_errors_["odds"] == pytest.approx(error, rel=1e-5)


def test_it_makes_loyal_customers_too_few():
    """On the high-end cohort it projects 22 % for year 12, where 39.4 % were there."""
    model = Geometric(cohort_size=1000).fit(cohort(HIGH_END))
    churn = (100 - HIGH_END[7]) / sum(HIGH_END[:7])
    assert model.churn(1) == pytest.approx(churn, rel=1e-8)
    assert model.survival(12) * 100 == pytest.approx(100 * (1 - churn) ** 12, rel=1e-7)
    assert model.survival(12) * 100 < HIGH_END[12] - 10
    assert model.expected_lifetime() == pytest.approx(1 / churn, rel=1e-8)


def test_a_coefficient_moves_the_logit_of_churn():
    """Two groups: the coefficient is the difference of their log odds."""
    duration, churned = [1, 2, 3, 3, 1, 1, 2, 3], [1, 1, 0, 1, 1, 1, 1, 0]
    young = [0] * 4 + [1] * 4
    rows = pd.DataFrame({"duration": duration, "churned": churned, "young": young})
    model = Geometric(churn_covariates=("young",)).fit(rows)
    groups = rows.groupby("young").sum()
    odds = groups["churned"] / (groups["duration"] - groups["churned"])
    assert model.params_["odds"] == pytest.approx(odds[0], rel=1e-5)
    assert model.coef_["churn", "young"] == pytest.approx(np.log(odds[1] / odds[0]), rel=1e-5)
