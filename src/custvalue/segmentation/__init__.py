"""Customer segments: scores of recency, frequency and money, and named segments from them."""

from __future__ import annotations

from custvalue.segmentation.rfm_scorer import RFMScorer
from custvalue.segmentation.rfm_segmenter import RFMSegmenter
from custvalue.segmentation.segment_rule import SegmentRule, standard_rules

__all__ = ["RFMScorer", "RFMSegmenter", "SegmentRule", "standard_rules"]
