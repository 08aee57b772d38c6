"""What makes a customer a member of a segment, and the standard set of rules."""

from __future__ import annotations

from dataclasses import dataclass

from custvalue._estimator.persistence import persistent_value

__all__ = ["SegmentRule", "standard_rules"]

Range = tuple[int, int] | None


@persistent_value
@dataclass(frozen=True, slots=True)
class SegmentRule:
    """One rule of a segmentation: a range of each score, and what to call those inside all three.

    A segment can have several rules; they then share its name.

    Parameters
    ----------
    name : str
        The segment.
    r, f, m : (int, int) or None, default=None
        Lowest and highest score of recency, frequency and money, both inside. None is any score.
    action : str, default=""
        What to do for these customers, in words.

    See Also
    --------
    RFMSegmenter : Applies a set of rules.
    standard_rules : The eleven rules that are used when none are given.

    Examples
    --------
    >>> from custvalue.segmentation import SegmentRule
    >>> rule = SegmentRule("Champions", r=(4, 5), f=(4, 5), m=(5, 5))
    >>> print(rule)
    r 4-5, f 4-5, m 5
    >>> print(SegmentRule("Everybody"))
    any r, f, m
    """

    name: str
    r: Range = None
    f: Range = None
    m: Range = None
    action: str = ""

    def __str__(self) -> str:
        ranges = {"r": self.r, "f": self.f, "m": self.m}
        parts = [f"{letter} {_words(limits)}" for letter, limits in ranges.items() if limits]
        return ", ".join(parts) or "any r, f, m"


def _words(limits: tuple[int, int]) -> str:
    low, high = limits
    return f"{low}" if low == high else f"{low}-{high}"


_STANDARD_RULES: tuple[SegmentRule, ...] = (
    SegmentRule(
        "Champions",
        r=(4, 5),
        f=(4, 5),
        m=(5, 5),
        action="Bought lately, buy often, spend most. Reward them and ask them to recommend you.",
    ),
    SegmentRule(
        "Loyal Customers",
        r=(4, 5),
        f=(4, 5),
        m=(1, 4),
        action="Bought lately and buy often. Offer them more of your range and a loyalty scheme.",
    ),
    SegmentRule(
        "Potential Loyalists",
        r=(4, 5),
        f=(2, 3),
        action="Bought lately and more than once. Make the next purchase easy and worthwhile.",
    ),
    SegmentRule(
        "New Customers",
        r=(5, 5),
        f=(1, 1),
        action="Bought just now and seldom before. Welcome them and look after the first delivery.",
    ),
    SegmentRule(
        "Promising",
        r=(4, 4),
        f=(1, 1),
        action="Bought not long ago, but seldom. Give them a reason for a second purchase.",
    ),
    SegmentRule(
        "Need Attention",
        r=(3, 3),
        f=(3, 5),
        action="Regular buyers who have paused. Remind them with an offer for a limited time.",
    ),
    SegmentRule(
        "About To Sleep",
        r=(3, 3),
        f=(1, 2),
        action="Seldom bought, and not lately. Show them what is popular before they forget you.",
    ),
    SegmentRule(
        "Cannot Lose Them",
        r=(1, 2),
        f=(3, 5),
        m=(5, 5),
        action="Among your best until they went quiet. Speak to them in person and ask why.",
    ),
    SegmentRule(
        "At Risk",
        r=(1, 2),
        f=(3, 5),
        m=(1, 4),
        action="Regular buyers, not seen for long. Write to them by name with a reason to return.",
    ),
    SegmentRule(
        "Hibernating",
        r=(2, 2),
        f=(1, 2),
        action="Seldom bought, and long ago. Keep them on the general mailing and spend little.",
    ),
    SegmentRule(
        "Lost",
        r=(1, 1),
        f=(1, 2),
        action="Seldom bought, longest ago. One last offer; then spend nothing on them.",
    ),
)


def standard_rules() -> list[SegmentRule]:
    """Return the eleven rules that `RFMSegmenter` uses when none are given.

    They are made for scores from 1 to 5, and each of the 125 cells is in exactly one of them. The
    list is new at each call: change it and hand it on.

    Returns
    -------
    list of SegmentRule
        Eleven rules, the best customers first.

    See Also
    --------
    RFMSegmenter : Applies a set of rules.

    Examples
    --------
    Call the second segment by another name.

    >>> from dataclasses import replace
    >>> from custvalue.segmentation import RFMSegmenter, standard_rules
    >>> rules = standard_rules()
    >>> rules[1] = replace(rules[1], name="Regulars")
    >>> segmenter = RFMSegmenter(rules=rules)
    >>> for rule in rules[:3]:
    ...     print(f"{rule.name}: {rule}")
    Champions: r 4-5, f 4-5, m 5
    Regulars: r 4-5, f 4-5, m 1-4
    Potential Loyalists: r 4-5, f 2-3
    """
    return list(_STANDARD_RULES)
