"""The shell that every maximum-likelihood model shares: fit, inference, prediction in chunks.

A model is a law, a frozen dataclass of parameters whose methods are the mathematics, and a class
that names it. `LikelihoodMixin` does the rest.
"""
