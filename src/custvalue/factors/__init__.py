"""Factor analysis of surveys, its diagnostics, and the ranking of service elements."""

from __future__ import annotations

from custvalue.factors.adequacy import bartlett_sphericity, kmo
from custvalue.factors.factor_analyzer import FactorAnalyzer
from custvalue.factors.polychoric import polychoric
from custvalue.factors.reliability import cronbach_alpha, mcdonald_omega
from custvalue.factors.retention import (
    factor_retention,
    minimum_average_partial,
    parallel_analysis,
)
from custvalue.factors.service_element_ranking import ServiceElementRanking

__all__ = [
    "FactorAnalyzer",
    "ServiceElementRanking",
    "bartlett_sphericity",
    "cronbach_alpha",
    "factor_retention",
    "kmo",
    "mcdonald_omega",
    "minimum_average_partial",
    "parallel_analysis",
    "polychoric",
]
