"""Correlations of items: moments, ranks and polychoric."""
