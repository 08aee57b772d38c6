"""Rankings: notation, distances, consensus, medoids and mixtures."""
