"""Functions on float64 arrays: no estimator, no frame, no input or output."""
