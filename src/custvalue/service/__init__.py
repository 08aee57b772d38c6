"""Service decisions: the elements of customer service, and which orders to serve first."""

from __future__ import annotations

from custvalue._catalogue import SERVICE_ELEMENTS, ServiceElement, find_element
from custvalue.service.order_priority import OrderPriority

__all__ = ["SERVICE_ELEMENTS", "OrderPriority", "ServiceElement", "find_element"]
