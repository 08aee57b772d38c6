"""What every estimator stands on: parameters, the door for data, output frames, persistence."""
