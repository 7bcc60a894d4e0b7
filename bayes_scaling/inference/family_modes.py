"""Posterior modes of all families at once, given a population; and a population given the modes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models import Layout, ModelSpec, family_log_likelihood, whiten_residuals

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Anchor:
    """A Gaussian population of family parameters: ``mean`` (P,) and ``precision`` (P, P)."""

    mean: FloatArray
    precision: FloatArray


@dataclass(frozen=True)
class FamilySummary:
    """Mode (F, P), curvature of the likelihood (F, P, P) and Laplace evidence (F,) of each family under an anchor."""

    mode: FloatArray
    precision: FloatArray
    log_evidence: FloatArray


def prior_anchor(spec: ModelSpec) -> Anchor:
    """The population that the priors expect, wide enough for any family."""
    priors = [spec.priors.parameters[name] for name in spec.family_parameters]
    return Anchor(
        np.array([prior.location for prior in priors]), np.diag([prior.family_sd**-2 for prior in priors])
    )


def updated_anchor(spec: ModelSpec, summary: FamilySummary, anchor: Anchor) -> Anchor:
    """The population that the families' summaries suggest, held back by the priors as if by a few more families."""
    priors = [spec.priors.parameters[name] for name in spec.family_parameters]
    location, spread = (
        np.array([prior.location for prior in priors]),
        np.array([prior.spread for prior in priors]),
    )
    pseudo = len(priors) + 2.0
    covariance = np.linalg.inv(summary.precision + anchor.precision)
    n_families = len(summary.mode)
    weight = n_families * np.array([prior.location_sd**2 for prior in priors]) / spread**2
    mean = (weight * summary.mode.mean(axis=0) + location) / (weight + 1.0)
    centred = summary.mode - mean
    scatter = centred.T @ centred + covariance.sum(axis=0) + pseudo * np.diag(spread**2)
    return Anchor(mean, np.linalg.inv(scatter / (n_families + pseudo)))


class FamilyObjective:
    """Compiled log likelihoods of all families at once, each under an anchor, with exact derivatives."""

    def __init__(self, spec: ModelSpec) -> None:
        self.spec = spec
        self.value: Callable[..., Any] = jax.jit(self._value)
        self.derivatives: Callable[..., Any] = jax.jit(self._derivatives)
        self.slopes: Callable[..., Any] = jax.jit(self._slopes)

    def data(self, layout: Layout, anchor: Anchor) -> dict[str, jax.Array]:
        """The arrays that the compiled functions take beside the parameters."""
        arrays = layout.arrays() | {"anchor_mean": anchor.mean, "anchor_precision": anchor.precision}
        return {name: jnp.asarray(values) for name, values in arrays.items()}

    def _named(self, theta: jax.Array) -> dict[str, jax.Array]:
        return {name: theta[:, position] for position, name in enumerate(self.spec.family_parameters)}

    def _value(self, theta: jax.Array, data: dict[str, jax.Array]) -> jax.Array:
        """Log likelihood plus anchor, (F,)."""
        offset = theta - data["anchor_mean"]
        anchor = 0.5 * jnp.einsum("fi,ij,fj->f", offset, data["anchor_precision"], offset)
        return family_log_likelihood(jnp, self.spec.law, self._named(theta), data) - anchor

    def _derivatives(self, theta: jax.Array, data: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
        """Gradient (F, P) and Hessian blocks (F, P, P); one tangent moves a parameter of all families at once."""
        gradient = jax.grad(lambda point: self._value(point, data).sum())
        return gradient(theta), columns(gradient, theta, theta.shape[1])

    def _slopes(self, theta: jax.Array, data: dict[str, jax.Array]) -> tuple[jax.Array, jax.Array]:
        """Whitened residuals (F, M) and whitened slopes of ln loss in the law parameters (F, M, P)."""

        def residuals(point: jax.Array) -> jax.Array:
            return whiten_residuals(jnp, self.spec.law, self._named(point), data)

        return residuals(theta), -columns(residuals, theta, len(self.spec.law.parameters))


def columns(function: Callable[[jax.Array], jax.Array], point: jax.Array, count: int) -> jax.Array:
    """Derivatives of (F, ...) values in the first ``count`` parameters of each family, stacked as the last axis."""

    def column(direction: jax.Array) -> jax.Array:
        return jax.jvp(function, (point,), (jnp.broadcast_to(direction, point.shape),))[1]

    return jnp.moveaxis(jax.vmap(column)(jnp.eye(point.shape[1])[:count]), 0, -1)


def summarise_families(
    objective: FamilyObjective,
    layout: Layout,
    anchor: Anchor,
    start: FloatArray | None = None,
    *,
    max_steps: int = 80,
    tolerance: float = 1e-6,
) -> FamilySummary:
    """Mode and curvature of each family under an anchor, by one batched, damped Newton search.

    Parameters
    ----------
    objective : FamilyObjective
    layout : Layout
    anchor : Anchor
    start : ndarray of shape (F, P), optional
        Where to start; default: the anchor's mean.
    max_steps : int
        Newton steps at most.
    tolerance : float
        Largest Newton decrement, in nats, at which the search ends.
    """
    with jax.enable_x64(True):
        data = objective.data(layout, anchor)
        theta = np.tile(anchor.mean, (len(layout.families), 1)) if start is None else start
        damping, value = np.full(len(theta), 1e-2), np.asarray(objective.value(theta, data))
        gradient, hessian = (np.asarray(part) for part in objective.derivatives(theta, data))
        for _ in range(max_steps):
            step, decrement = _newton_step(gradient, hessian, damping)
            proposed = np.asarray(objective.value(theta + step, data))
            better = np.isfinite(proposed) & (proposed >= value)
            theta, value = np.where(better[:, None], theta + step, theta), np.where(better, proposed, value)
            damping = np.clip(np.where(better, damping / 5, damping * 5), 1e-9, 1e9)
            gradient, hessian = (np.asarray(part) for part in objective.derivatives(theta, data))
            if np.all((better & (decrement < tolerance)) | (damping > 1e6)):
                break
    log_det = np.linalg.slogdet(positive_part(-hessian, floor=1e-9))[1]
    log_evidence = value + 0.5 * (np.linalg.slogdet(anchor.precision)[1] - log_det)
    return FamilySummary(theta, positive_part(-hessian - anchor.precision), log_evidence)


def _newton_step(
    gradient: FloatArray, hessian: FloatArray, damping: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Saddle-free damped Newton steps (F, P), none longer than one in any parameter, and decrements (F,)."""
    values, vectors = np.linalg.eigh(-0.5 * (hessian + np.swapaxes(hessian, -1, -2)))
    rotated = np.einsum("fij,fi->fj", vectors, gradient)
    scaled = rotated / (
        np.abs(values) + damping[:, None] * np.abs(values).max(axis=-1, keepdims=True) + 1e-12
    )
    step = np.einsum("fij,fj->fi", vectors, scaled)
    longest = np.abs(step).max(axis=-1, keepdims=True)
    return step / np.maximum(longest, 1.0), (rotated * scaled).sum(axis=-1)


def positive_part(matrices: FloatArray, floor: float = 0.0) -> FloatArray:
    """Nearest matrices whose eigenvalues are at least ``floor``, shape kept."""
    values, vectors = np.linalg.eigh(0.5 * (matrices + np.swapaxes(matrices, -1, -2)))
    return np.einsum("fij,fj,fkj->fik", vectors, np.maximum(values, floor), vectors)
