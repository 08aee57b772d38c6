"""Clusters of customers: features, number, stability, assignment, sizes, profiles."""
