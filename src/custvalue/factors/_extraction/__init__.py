"""Extraction of factors: maximum likelihood, minimum residuals, principal axes, components."""
