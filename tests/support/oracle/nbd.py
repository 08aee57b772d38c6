"""NBD (Ehrenberg 1959) as a timing model: the rate is Gamma(r, alpha), and nobody ever leaves."""

from __future__ import annotations

from mpmath import mp, mpf

from support.oracle.common import differences, exactly, rate_mean, settled, settled_log


class NBD:
    """Parameters r, alpha."""

    names = ("r", "alpha")

    def __init__(self, r: float, alpha: float) -> None:
        self.r, self.alpha = mpf(r), mpf(alpha)

    def log_likelihood(self, x: float, t_x: float, T: float) -> mpf:
        """Return the log-density of the times of x purchases within T."""
        return settled_log(lambda: rate_mean(self.r, self.alpha, int(x), T))

    def gradient(self, x: float, t_x: float, T: float) -> list[mpf]:
        """Return the derivatives of the log-likelihood."""
        return differences(
            lambda r, alpha: mp.log(rate_mean(r, alpha, int(x), T)), (self.r, self.alpha)
        )

    def probability_alive(self, x: float, t_x: float, T: float, ahead: float = 0.0) -> mpf:
        """Return 1."""
        return mpf(1)

    def expected_purchases(self, x: float, t_x: float, T: float, horizon: float) -> mpf:
        """Return the mean number of purchases in (T, T + horizon]."""
        if horizon == 0:
            return mpf(0)
        return settled(lambda: (self.r + x) / (self.alpha + T) * horizon)

    def expected_purchases_new(self, horizon: float) -> mpf:
        """Return the mean number of purchases of a new customer in (0, horizon]."""
        return self.expected_purchases(0, 0.0, 0.0, horizon)

    def purchase_probability(self, x: float, t_x: float, T: float, n: float, horizon: float) -> mpf:
        """Return P(n purchases in (T, T + horizon] | history)."""
        if horizon == 0:
            return mpf(n == 0)
        return settled(lambda: exactly(self.r + x, mpf(horizon) / (self.alpha + T), int(n)))

    def purchase_probability_new(self, n: float, horizon: float) -> mpf:
        """Return P(n purchases of a new customer in (0, horizon])."""
        return self.purchase_probability(0, 0.0, 0.0, n, horizon)

    def discounted_expected_purchases(
        self, x: float, t_x: float, T: float, rate: float, horizon: float
    ) -> mpf:
        """Return the integral of exp(-rate u) dE(u) over (0, horizon]."""

        def evaluate() -> mpf:
            weeks = -mp.expm1(-mpf(rate) * horizon) / mpf(rate)
            return (self.r + x) / (self.alpha + T) * weeks

        return settled(evaluate)
