from __future__ import annotations

import pytest

from custvalue.service import OrderPriority
from custvalue.workflow import ServiceAnalysis
from custvalue.workflow._service_analysis_checks import check_parameters


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"columns": {"customer": "orders"}}, "columns must not name the customer .* 'orders'"),
        ({"columns": {"customer": "failures"}}, "found 'failures'"),
        ({"columns": {"customer": "on_time_failures"}}, "found 'on_time_failures'"),
        ({"segment": "customer"}, "segment must not be the column of customers"),
        ({"segment": "on_time"}, "segment must not be called like a criterion; found 'on_time'"),
        (
            {"priority": OrderPriority(customer_value="clv")},
            "customer_value of priority must be None or 'value'.* found 'clv'",
        ),
    ],
)
def test_names_that_are_taken_are_refused(given, message):
    """With customers and without."""
    for priced in (True, False):
        with pytest.raises(ValueError, match=message):
            check_parameters(ServiceAnalysis(**given), priced=priced)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"segment": "value"}, "segment must name a column of its own; found 'value' .* value"),
        ({"strata": "probability_alive"}, "strata must name .* for strata and alive"),
        ({"segment": "risk", "leaving_probability": "risk"}, "for segment and leaving_probability"),
        ({"criteria": ("orders",)}, "criteria must not name 'orders' where customers are given"),
        ({"value": "customer"}, "found 'customer' for value and columns"),
        ({"alive": "value"}, "alive must name .* 'value' for value and alive"),
    ],
)
def test_columns_of_customers_have_one_use_each(given, message):
    """Without a table of customers they are not read."""
    analysis = ServiceAnalysis(**given)
    check_parameters(analysis, priced=False)
    with pytest.raises(ValueError, match=message):
        check_parameters(analysis, priced=True)


def test_what_goes_together_is_accepted():
    """Segment and strata may be one column, and a priority may name the value."""
    priority = OrderPriority(customer_value="value")
    check_parameters(ServiceAnalysis(segment="tier", strata="tier", priority=priority), priced=True)
