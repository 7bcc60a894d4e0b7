"""The robust objectives of the Chinchilla fit on residuals of log loss, with what their optimisers need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

from bayes_scaling.baselines.by_family import NotFittableError
from bayes_scaling.baselines.chinchilla_fit import log_loss, log_loss_and_jacobian

_NO_GAIN = (
    1e-9  # relative gain below which successive linear programmes stop; the solver's own tolerance is 1e-7
)


def huber(residuals: np.ndarray, delta: float) -> np.ndarray:
    """Huber's function of each residual: half the square up to `delta`, a line of slope `delta` beyond."""
    size = np.abs(residuals)
    return np.where(size <= delta, 0.5 * size**2, delta * (size - 0.5 * delta))


@dataclass(frozen=True)
class HuberObjective:
    """Weighted sum of Huber's function over the residuals of log loss, divided by `delta`.

    (Divided by the number of rows and left in its own unit, about 1e-6, the objective lets common optimisers
    stop long before the optimum.)

    Attributes
    ----------
    log_n, log_d, log_loss : ndarray of shape (n_obs,)
        Natural logs of parameters, tokens and loss. Centred inputs make the optimum easier to find and do not
        move it.
    weights : ndarray of shape (n_obs,)
        Weight of each row.
    delta : float
        Residual of log loss at which Huber's function turns from a square to a line.
    """

    log_n: np.ndarray
    log_d: np.ndarray
    log_loss: np.ndarray
    weights: np.ndarray
    delta: float

    def value(self, thetas: np.ndarray) -> np.ndarray:
        """Objective at parameter vectors of shape (..., 5); shape (...)."""
        residuals = log_loss(thetas, self.log_n, self.log_d) - self.log_loss
        return huber(residuals, self.delta) @ self.weights / self.delta

    def value_and_gradient(self, theta: np.ndarray) -> tuple[float, np.ndarray]:
        """Objective and its gradient, shape (5,), at one parameter vector."""
        residuals, jacobian = self.residuals_and_jacobian(theta)
        slope = self.weights * np.clip(residuals, -self.delta, self.delta)
        return float(huber(residuals, self.delta) @ self.weights) / self.delta, slope @ jacobian / self.delta

    def sum_of_absolute_residuals(self, theta: np.ndarray) -> float:
        """Weighted sum of the absolute residuals: the limit of the objective for a small `delta`."""
        return float(np.abs(self.residuals_and_jacobian(theta)[0]) @ self.weights)

    def residuals_and_jacobian(self, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Predicted minus observed log loss, shape (n_obs,), and its derivative, shape (n_obs, 5)."""
        predicted, jacobian = log_loss_and_jacobian(theta, self.log_n, self.log_d)
        return predicted - self.log_loss, jacobian


def least_absolute_deviations(
    objective: HuberObjective, start: np.ndarray, *, box: float = 0.1, max_steps: int = 100
) -> tuple[np.ndarray, float]:
    """Parameters near `start` with the smallest weighted sum of absolute residuals of log loss, and that sum.

    Successive linear programmes: each minimises the sum for the law linearised at the current point, within a
    box that doubles after a step that helped and shrinks to a quarter after one that did not, until the
    linearised law promises nothing more.
    """
    theta, total = start, objective.sum_of_absolute_residuals(start)
    for _ in range(max_steps):
        step, promised = _linear_programme(objective, theta, box)
        if total - promised <= _NO_GAIN * total:
            break
        reached = objective.sum_of_absolute_residuals(theta + step)
        helped = reached < total
        theta, total, box = (theta + step, reached, 2.0 * box) if helped else (theta, total, 0.25 * box)
    return theta, total


def _linear_programme(objective: HuberObjective, theta: np.ndarray, box: float) -> tuple[np.ndarray, float]:
    """The step within the box after which the linearised sum of absolute residuals is smallest, and that sum.

    Each residual after the step is written as (above - below), both >= 0, so that its size is their sum.
    """
    residuals, jacobian = objective.residuals_and_jacobian(theta)
    n_obs, n_free = jacobian.shape
    identity = sparse.identity(n_obs, format="csr")
    solution = optimize.linprog(
        c=np.concatenate([np.zeros(n_free), objective.weights, objective.weights]),
        A_eq=sparse.hstack([sparse.csr_matrix(jacobian), -identity, identity]),
        b_eq=-residuals,
        bounds=[(-box, box)] * n_free + [(0.0, None)] * (2 * n_obs),
        method="highs",
    )
    if not solution.success:
        raise NotFittableError(
            "no_convergence", f"No linear programme: {solution.message}", "Use the fixed scale."
        )
    return solution.x[:n_free], solution.fun
