"""Rotation of factors: criteria, gradient projection, order and signs."""
