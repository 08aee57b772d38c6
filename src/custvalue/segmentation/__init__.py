"""Customer segments: by scores and rules, by clusters, preferences and answers, and who moves."""

from __future__ import annotations

from custvalue.segmentation.customer_segmenter import CustomerSegmenter
from custvalue.segmentation.latent_class_segmenter import LatentClassSegmenter
from custvalue.segmentation.preference_segmenter import PreferenceSegmenter
from custvalue.segmentation.rfm_scorer import RFMScorer
from custvalue.segmentation.rfm_segmenter import RFMSegmenter
from custvalue.segmentation.segment_migration import SegmentMigration
from custvalue.segmentation.segment_rule import SegmentRule, standard_rules

__all__ = [
    "CustomerSegmenter",
    "LatentClassSegmenter",
    "PreferenceSegmenter",
    "RFMScorer",
    "RFMSegmenter",
    "SegmentMigration",
    "SegmentRule",
    "standard_rules",
]
