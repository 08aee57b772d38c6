"""Order logs: the customer summary, and a calibration and holdout split of it."""

from custvalue.transactions.holdout_split import calibration_holdout_split
from custvalue.transactions.rfm_summary import RFMSummary

__all__ = ["RFMSummary", "calibration_holdout_split"]
