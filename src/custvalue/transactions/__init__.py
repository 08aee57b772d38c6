"""Order logs: the customer summary, cohorts, and a calibration and holdout split."""

from custvalue.transactions.cohort_table import CohortTable
from custvalue.transactions.compressed_summary import compressed_summary
from custvalue.transactions.holdout_split import calibration_holdout_split
from custvalue.transactions.rfm_summary import RFMSummary

__all__ = ["CohortTable", "RFMSummary", "calibration_holdout_split", "compressed_summary"]
