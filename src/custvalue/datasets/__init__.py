"""Real orders, histories and surveys to try things on, and simulators with known parameters."""

from __future__ import annotations

from custvalue.datasets.attitude import load_attitude
from custvalue.datasets.cdnow import load_cdnow
from custvalue.datasets.donations import load_donations
from custvalue.datasets.order_lines import make_order_lines
from custvalue.datasets.orders import make_orders
from custvalue.datasets.survey import make_survey

__all__ = [
    "load_attitude",
    "load_cdnow",
    "load_donations",
    "make_order_lines",
    "make_orders",
    "make_survey",
]
