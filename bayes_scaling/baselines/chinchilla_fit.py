"""A point estimate of the additive law in the parameters of the published protocols, with its gradient.

The law itself, in the form that is pooled across families, is :data:`bayes_scaling.laws.CHINCHILLA`. The
protocols of the papers state starting points, bounds and grids in (a, b, e, alpha, beta) with A = exp a, B =
exp b, E = exp e, and let the exponents touch or cross zero, where the pooled form ends; hence this one other
place where the law is evaluated. The two are compared in the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

PARAMETERS = ("log_A", "log_B", "log_E", "alpha", "beta")
"""The entries of a parameter vector ``theta``, in the order of the published code."""


def log_loss(theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray) -> np.ndarray:
    """Natural log of the loss, shape (..., n_obs), for parameters (..., 5) and inputs of shape (n_obs,)."""
    log_terms = _log_terms(theta, log_n, log_d)
    largest = log_terms.max(axis=0)
    return largest + np.log(np.exp(log_terms - largest).sum(axis=0))


def log_loss_and_jacobian(
    theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Natural log of the loss, shape (n_obs,), and its derivative by each parameter, shape (n_obs, 5)."""
    log_terms = _log_terms(theta, log_n, log_d)
    largest = log_terms.max(axis=0)
    terms = np.exp(log_terms - largest)
    total = terms.sum(axis=0)
    # d ln(sum of terms) by the log of one term is that term's share of the sum.
    size, data, floor = terms / total
    return largest + np.log(total), np.array([size, data, floor, -size * log_n, -data * log_d]).T


def recentre(theta: np.ndarray, log_n: float, log_d: float) -> np.ndarray:
    """The same law with ln N and ln D measured from a new origin, shape (..., 5).

    Only the amplitudes change: a - alpha ln N = (a - alpha ln N0) - alpha (ln N - ln N0).
    """
    moved = np.array(theta, dtype=float)
    moved[..., 0] -= moved[..., 3] * log_n
    moved[..., 1] -= moved[..., 4] * log_d
    return moved


@dataclass(frozen=True)
class ChinchillaFit:
    """A fitted law L(N, D) = E + A / N^alpha + B / D^beta, N in parameters and D in tokens.

    Attributes
    ----------
    log_A, log_B : float
        Natural logs of the amplitudes at one parameter and one token.
    log_E : float
        Natural log of the irreducible loss.
    alpha, beta : float
        Exponents of size and of tokens.
    objective : float
        What the protocol minimised, at the estimate.
    """

    log_A: float
    log_B: float
    log_E: float
    alpha: float
    beta: float
    objective: float

    @classmethod
    def from_theta(cls, theta: np.ndarray, objective: float) -> ChinchillaFit:
        """The fit with the entries of :data:`PARAMETERS` given as one array of shape (5,)."""
        return cls(**dict(zip(PARAMETERS, map(float, theta), strict=True)), objective=float(objective))

    @property
    def theta(self) -> np.ndarray:
        """The entries of :data:`PARAMETERS`, shape (5,)."""
        return np.array([getattr(self, name) for name in PARAMETERS])

    @property
    def published(self) -> dict[str, float]:
        """E, A, B, alpha and beta as papers print them."""
        with np.errstate(over="ignore"):  # families of two sizes can have A = infinity
            size, data, floor = (float(value) for value in np.exp(self.theta[:3]))
        return {"E": floor, "A": size, "B": data, "alpha": self.alpha, "beta": self.beta}

    def loss(self, n_params: np.ndarray, n_tokens: np.ndarray) -> np.ndarray:
        """Loss at the given sizes and tokens, shape (n_obs,), in the unit that was fitted."""
        # A wild estimate may leave the range of floats: infinity then, which counts as no forecast.
        with np.errstate(over="ignore"):
            return np.exp(log_loss(self.theta, np.log(n_params), np.log(n_tokens)))


def _log_terms(theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray) -> np.ndarray:
    log_a, log_b, log_e, alpha, beta = (theta[..., index, None] for index in range(len(PARAMETERS)))
    size, data = log_a - alpha * log_n, log_b - beta * log_d
    return np.array([size, data, np.broadcast_to(log_e, size.shape)])
