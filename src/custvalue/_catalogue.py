"""The catalogue of customer-service elements: what matters before, in and after a sale."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

__all__ = ["SERVICE_ELEMENTS", "ServiceElement", "find_element"]


@dataclass(frozen=True, slots=True)
class ServiceElement:
    """One element of customer service, as surveys ask for it and reports name it.

    The catalogue goes back to LaLonde and Zinszer [1]_, who ordered the elements by when they
    matter: before, in or after a transaction. The lists are those of two sets of lecture slides on
    logistics customer service, numbered 002 and 004.

    Parameters
    ----------
    key : str
        Name for columns, such as ``"order_cycle_time"``.
    english, chinese : str
        Names for people.
    stage : {"pre", "in", "post"}
        Before, in or after the transaction.
    direction : {"more", "less"}
        Whether more or less is better where the element is measured in its unit. Ratings by
        customers, of importance or satisfaction, are not turned round by this.
    unit : str
        What the element is measured in; ``"rating"`` where only opinions can tell.
    source : str
        The slides that list it. "slides 002, 004": both. "slides 002": this one alone. "slides
        002 / 004": one of them or both, each listing four of the five elements of its stage.

    Notes
    -----
    Order cycle time gives two indicators, its mean and its variability. The fourth transaction
    element of slides 004 has the label of system flexibility (系统灵活性) once more but describes
    order-status information; it is listed here as what it describes.

    References
    ----------
    .. [1] B. J. LaLonde and P. H. Zinszer (1976), "Customer Service: Meaning and Measurement",
       National Council of Physical Distribution Management, Chicago.

    Examples
    --------
    ``SERVICE_ELEMENTS`` holds all of them, in the order of the stages:

    >>> import pandas as pd
    >>> from custvalue.service import SERVICE_ELEMENTS
    >>> catalogue = pd.DataFrame(SERVICE_ELEMENTS).set_index("key")
    >>> catalogue.loc[["order_cycle_time", "order_fill_rate"], ["chinese", "direction", "unit"]]
                     chinese direction             unit
    key
    order_cycle_time    订货周期      less             days
    order_fill_rate    订单满足率      more  share of orders
    >>> catalogue["stage"].value_counts(sort=False).to_dict()
    {'pre': 4, 'in': 5, 'post': 5}
    """

    key: str
    english: str
    chinese: str
    stage: Literal["pre", "in", "post"]
    direction: Literal["more", "less"]
    unit: str
    source: str


_BOTH = "slides 002, 004"
_EITHER = "slides 002 / 004"

SERVICE_ELEMENTS: tuple[ServiceElement, ...] = (
    ServiceElement(
        "written_policy", "written service policy", "书面服务政策", "pre", "more", "rating", _BOTH
    ),
    ServiceElement("accessibility", "accessibility", "可接近性", "pre", "more", "rating", _BOTH),
    ServiceElement(
        "organisation_structure",
        "organisation structure",
        "组织结构",
        "pre",
        "more",
        "rating",
        _BOTH,
    ),
    ServiceElement(
        "system_flexibility", "system flexibility", "系统灵活性", "pre", "more", "rating", _BOTH
    ),
    ServiceElement("order_cycle_time", "order cycle time", "订货周期", "in", "less", "days", _BOTH),
    ServiceElement(
        "order_cycle_variability",
        "order cycle variability",
        "订货周期变化性",
        "in",
        "less",
        "coefficient of variation",
        "slides 002",
    ),
    ServiceElement(
        "inventory_availability",
        "inventory availability",
        "库存可得性",
        "in",
        "more",
        "share of demand",
        _BOTH,
    ),
    ServiceElement(
        "order_fill_rate", "order fill rate", "订单满足率", "in", "more", "share of orders", _BOTH
    ),
    ServiceElement(
        "order_status_information",
        "order-status information",
        "订单状态信息",
        "in",
        "more",
        "rating",
        _BOTH,
    ),
    ServiceElement(
        "spares_availability",
        "availability of spares",
        "备件可得性",
        "post",
        "more",
        "share of demand",
        _EITHER,
    ),
    ServiceElement(
        "call_out_time", "call-out time", "上门服务时间", "post", "less", "hours", _EITHER
    ),
    ServiceElement(
        "tracking_and_warranty",
        "product tracking and warranty",
        "产品跟踪与保证",
        "post",
        "more",
        "rating",
        _EITHER,
    ),
    ServiceElement(
        "complaints_claims_returns",
        "complaints, claims and returns",
        "客户投诉、索赔与退货",
        "post",
        "less",
        "share of orders",
        _EITHER,
    ),
    ServiceElement(
        "temporary_substitution",
        "temporary substitution",
        "临时替代品",
        "post",
        "more",
        "rating",
        _EITHER,
    ),
)
"""All elements, by stage."""

_OTHER_NAMES = {
    "written policy": "written_policy",
    "客户服务政策": "written_policy",
    "书面客户服务政策": "written_policy",
    "organization structure": "organisation_structure",
    "organisational structure": "organisation_structure",
    "organizational structure": "organisation_structure",
    "系统柔性": "system_flexibility",
    "库存可用性": "inventory_availability",
    "订单完成率": "order_fill_rate",
    "订货完成率": "order_fill_rate",
    "备件可用性": "spares_availability",
    "呼叫服务时间": "call_out_time",
    "warranty and tracking": "tracking_and_warranty",
    "产品跟踪": "tracking_and_warranty",
    "客户投诉": "complaints_claims_returns",
}
"""Names that are in use beside those of the catalogue."""


def find_element(name: str) -> ServiceElement | None:
    """Return the element of the catalogue that has a name.

    Parameters
    ----------
    name : str
        Key, English or Chinese name; capitals, spaces, underscores and punctuation do not matter.

    Returns
    -------
    ServiceElement or None
        None where the catalogue has no such element.

    See Also
    --------
    ServiceElement : What an element tells.

    Examples
    --------
    >>> from custvalue._catalogue import find_element
    >>> find_element("Order Fill Rate").stage, find_element("备件可得性").key
    ('in', 'spares_availability')
    >>> find_element("colour of the van") is None
    True
    """
    return _BY_NAME.get(_plain(name))


def _plain(name: str) -> str:
    """Return a name in small letters and digits only."""
    letters = unicodedata.normalize("NFKC", str(name)).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


_BY_KEY = {element.key: element for element in SERVICE_ELEMENTS}
_BY_NAME = {
    **{_plain(name): _BY_KEY[key] for name, key in _OTHER_NAMES.items()},
    **{
        _plain(name): element
        for element in SERVICE_ELEMENTS
        for name in (element.key, element.english, element.chinese)
    },
}
