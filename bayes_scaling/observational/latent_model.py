r"""The latent-factor model in PyMC: capabilities behind benchmark scores, their growth with compute, and a task.

.. math::

    \nu_f &\sim \operatorname{Normal}(\mu_\nu + \mu_\theta \bar x_f, \omega_\nu^2),
    \quad \theta_f \sim \operatorname{Normal}(\mu_\theta, \omega_\theta^2)            \\
    S_m &\sim \operatorname{Normal}(\nu_f + \theta_f (x_m - \bar x_f), \tau^2)          \\
    b_m &\sim \operatorname{Normal}(a + \Gamma S_m, \psi^2)                              \\
    z_m &\sim \operatorname{Normal}(\alpha + \beta^\top S_m, \sigma^2)                   \\
    n E_m &\sim \operatorname{Binomial}(n, c + (h - c)\,\operatorname{logistic}(z_m))

with x standardised log compute, b linked benchmark scores, E the score on a task of n items, c chance and h the
ceiling. Benchmark scores are integrated over capabilities and family lines in closed form. Both are then written as
their conditional mean plus Cholesky factor times standard normals, given these scores: the task adds little to what
the benchmarks say, so what is left to sample is nearly independent of everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from bayes_scaling.observational.latent_design import LatentDesign
from bayes_scaling.observational.latent_priors import LatentPriors

DIM_CAPABILITY, DIM_FAMILY, DIM_MODEL = "axis", "family", "model"
DIM_BENCHMARK, DIM_LEFT, DIM_FITTED, DIM_UNKNOWN = "benchmark", "left", "fitted", "unknown"


def build_latent_model(design: LatentDesign, priors: LatentPriors) -> pm.Model:
    """The model of one table and one task; nothing is sampled.

    Variables: ``capability`` (S), ``level`` (ν) and ``slope`` (θ) of families with their population, ``loadings`` (Γ),
    ``benchmark_sd`` (ψ), ``capability_sd`` (τ), ``task_intercept`` (α), ``task_slopes`` (β), ``task_sd`` (σ).
    """
    coords = {
        DIM_CAPABILITY: np.arange(design.n_capabilities),
        DIM_FAMILY: list(design.families),
        DIM_MODEL: list(design.models),
        DIM_BENCHMARK: np.arange(design.basis.shape[0]),
        DIM_LEFT: np.arange(design.complement.shape[1]),
        DIM_FITTED: [design.models[position] for position in design.fitted],
        DIM_UNKNOWN: [design.models[position] for position in design.unknown_compute],
    }
    with pm.Model(coords=coords) as model:
        lines = _lines(design, priors)
        scores = _scores(design, priors)
        _task(design, priors, _capability(design, lines, scores))
    return model


@dataclass(frozen=True, eq=False)
class _Lines:
    """The population of family lines, and what it alone says of each model.

    ``level`` (n_families, K) and ``capability`` (n_models, K) are expectations; ``distance`` (n_models,) is log compute
    from the family's mean, zero where it is unknown.
    """

    level: pt.TensorVariable
    slope: pt.TensorVariable
    level_sd: pt.TensorVariable
    slope_sd: pt.TensorVariable
    capability: pt.TensorVariable
    distance: np.ndarray


@dataclass(frozen=True, eq=False)
class _Scores:
    """How benchmark scores follow from capabilities: a, Γ, ψ and τ."""

    intercept: pt.TensorVariable
    loadings: pt.TensorVariable
    noise: pt.TensorVariable
    scatter: pt.TensorVariable


def _lines(design: LatentDesign, priors: LatentPriors) -> _Lines:
    slope = pm.Normal("slope_mean", 0.0, priors.slope_mean_sd, dims=DIM_CAPABILITY)
    slope_sd = pm.HalfNormal("slope_sd", priors.slope_sd_scale, dims=DIM_CAPABILITY)
    level_mean = pm.Normal("level_mean", 0.0, priors.level_mean_sd, dims=DIM_CAPABILITY)
    level_sd = pm.HalfNormal("level_sd", priors.level_sd_scale, dims=DIM_CAPABILITY)
    level = level_mean + slope * design.family_compute[:, None]
    distance = design.log_compute - design.family_compute[design.family_index]
    unknown = design.unknown_compute
    distance[unknown] = 0.0
    from_mean = pt.as_tensor(distance)
    if len(unknown):
        # Along the population's slope: with the family's own, compute and slope could both change sign.
        guess = pm.Normal("compute_unknown", priors.compute_mean, priors.compute_sd, dims=DIM_UNKNOWN)
        from_mean = pt.set_subtensor(
            from_mean[unknown], guess - design.family_compute[design.family_index[unknown]]
        )
    capability = level[design.family_index] + slope * from_mean[:, None]
    return _Lines(level, slope, level_sd, slope_sd, capability, distance)


def _scores(design: LatentDesign, priors: LatentPriors) -> _Scores:
    """Loadings whose projection on the principal directions is fixed: that fixes rotation, sign and scale of S."""
    tilt = pm.Normal("tilt", 0.0, priors.tilt_sd, dims=(DIM_LEFT, DIM_CAPABILITY))
    spread = np.linalg.norm(design.basis, axis=0)
    loadings = design.basis + pt.dot(design.complement, tilt * spread)
    shift = pm.Normal("shift", 0.0, priors.shift_sd, dims=DIM_LEFT)
    noise = pm.LogNormal("benchmark_sd", np.log(priors.benchmark_sd_median), priors.log_sd)
    scatter = pm.LogNormal(
        "capability_sd", np.log(priors.capability_sd_median), priors.log_sd, dims=DIM_CAPABILITY
    )
    pm.Deterministic("loadings", loadings, dims=(DIM_BENCHMARK, DIM_CAPABILITY))
    return _Scores(pt.dot(design.complement, shift), loadings, noise, scatter)


def _capability(design: LatentDesign, lines: _Lines, scores: _Scores) -> pt.TensorVariable:
    """Capabilities given benchmark scores, shape (n_models, K); adds the scores' marginal density."""
    present = ~np.isnan(design.linked)
    mean = scores.intercept + pt.dot(lines.capability, scores.loadings.T)
    residual = np.nan_to_num(design.linked) - present * mean
    factors = _factors(design, scores)
    pm.Potential("benchmarks", _log_density(design, scores, residual, factors))

    level, slope = _family_departures(design, lines, scores, residual, factors)
    pm.Deterministic("level", lines.level + level, dims=(DIM_FAMILY, DIM_CAPABILITY))
    pm.Deterministic("slope", lines.slope + slope, dims=(DIM_FAMILY, DIM_CAPABILITY))
    on_line = level[design.family_index] + lines.distance[:, None] * slope[design.family_index]
    residual = residual - present * pt.dot(on_line, scores.loadings.T)

    standard = pm.Normal("standard", 0.0, 1.0, dims=(DIM_MODEL, DIM_CAPABILITY))
    off_line = pt.zeros((len(design.models), design.n_capabilities))
    for (members, _), factor in zip(design.patterns(), factors, strict=True):
        half = _half(scores, residual[members], factor) + standard[members].T
        drawn = pt.linalg.solve_triangular(factor.T, half, lower=False)
        off_line = pt.set_subtensor(off_line[members], drawn.T)
    capability = lines.capability + on_line + off_line
    return pm.Deterministic("capability", capability, dims=(DIM_MODEL, DIM_CAPABILITY))


def _factors(design: LatentDesign, scores: _Scores) -> list[pt.TensorVariable]:
    """Cholesky factor of τ⁻² + Γ'Γ ψ⁻² for each pattern of missing scores: the precision of a capability."""
    factors = []
    for _, benchmarks in design.patterns():
        part = scores.loadings[benchmarks]
        factors.append(
            pt.linalg.cholesky(pt.diag(scores.scatter**-2) + pt.dot(part.T, part) / scores.noise**2)
        )
    return factors


def _half(scores: _Scores, residual: pt.TensorVariable, factor: pt.TensorVariable) -> pt.TensorVariable:
    """The factor's inverse applied to Γ' r ψ⁻², shape (K, n_members)."""
    return pt.linalg.solve_triangular(
        factor, pt.dot(residual, scores.loadings).T / scores.noise**2, lower=True
    )


def _log_density(
    design: LatentDesign, scores: _Scores, residual: pt.TensorVariable, factors: list[pt.TensorVariable]
) -> pt.TensorVariable:
    """Log density of benchmark scores around family lines, capabilities integrated out; without its constant."""
    n_scores = int((~np.isnan(design.linked)).sum())
    total = -0.5 * (residual**2).sum() / scores.noise**2 - n_scores * pt.log(scores.noise)
    total -= len(design.models) * pt.log(scores.scatter).sum()
    for (members, _), factor in zip(design.patterns(), factors, strict=True):
        half = _half(scores, residual[members], factor)
        total += 0.5 * (half**2).sum() - len(members) * pt.log(pt.diagonal(factor)).sum()
    return total


def _family_departures(
    design: LatentDesign,
    lines: _Lines,
    scores: _Scores,
    residual: pt.TensorVariable,
    factors: list[pt.TensorVariable],
) -> tuple[pt.TensorVariable, pt.TensorVariable]:
    """Departures of families from the population given benchmark scores; adds what they add to the density.

    Of r around the population's line, a model says Γ' V⁻¹ r with precision J = Γ' V⁻¹ Γ about its own departure,
    V = Γ τ² Γ' + ψ². With D = (1, x_m - x̄_f), a family's level and slope have precision ω⁻² + Σ D'D ⊗ J.

    Returns
    -------
    level, slope : TensorVariable of shape (n_families, K)
    """
    n_families, n_axes = len(design.families), design.n_capabilities
    weights = np.stack([np.ones(len(design.models)), lines.distance])
    member = (design.family_index == np.arange(n_families)[:, None]).astype(float)
    said = pt.zeros((len(design.models), n_axes))
    precision = pt.diag(pt.concatenate([lines.level_sd, lines.slope_sd]) ** -2)
    precision = pt.tile(precision[None], (n_families, 1, 1))
    for (members, _), factor in zip(design.patterns(), factors, strict=True):
        inner = pt.linalg.solve_triangular(factor, pt.diag(scores.scatter**-2), lower=True)
        half = _half(scores, residual[members], factor)
        said = pt.set_subtensor(said[members], pt.dot(half.T, inner))
        gram = np.einsum("fm,am,bm->fab", member[:, members], weights[:, members], weights[:, members])
        known = pt.diag(scores.scatter**-2) - pt.dot(inner.T, inner)
        blocks = gram[:, :, None, :, None] * known[None, None, :, None, :]
        precision += blocks.reshape((n_families, 2 * n_axes, 2 * n_axes))
    sums = pt.concatenate([pt.dot(member * weight, said) for weight in weights], axis=1)
    factor = pt.linalg.cholesky(precision)
    half = pt.linalg.solve_triangular(factor, sums, lower=True, b_ndim=1)
    added = 0.5 * (half**2).sum() - pt.log(pt.diagonal(factor, axis1=-2, axis2=-1)).sum()
    pm.Potential("families", added - n_families * pt.log(lines.level_sd * lines.slope_sd).sum())
    standard = pm.Normal("family_standard", 0.0, 1.0, shape=(n_families, 2 * n_axes))
    drawn = pt.linalg.solve_triangular(factor.mT, half + standard, lower=False, b_ndim=1)
    return drawn[:, :n_axes], drawn[:, n_axes:]


def _task(design: LatentDesign, priors: LatentPriors, capability: pt.TensorVariable) -> None:
    """The task's link and its counts, for the models for fitting alone."""
    task = design.task
    slopes = pm.Normal("task_slopes", 0.0, priors.task_slope_sd, dims=DIM_CAPABILITY)
    center = design.informative_capability()
    # The intercept's prior, in terms of the log-odds where they are known best: intercept and slopes are tied else.
    at_center = pm.Normal(
        "task_logit_at_center", priors.task_intercept_mean + pt.dot(slopes, center), priors.task_intercept_sd
    )
    pm.Deterministic("task_intercept", at_center - pt.dot(slopes, center))
    spread = pm.LogNormal("task_sd", np.log(priors.task_sd_median), priors.log_sd)
    expected = at_center + pt.dot(capability[design.fitted] - center, slopes)
    # Clear: the count says more about a model's log-odds than the scatter around capabilities does.
    is_clear = design.count_information() * priors.task_sd_median**2 > 1.0
    index = _scattered(expected, spread, is_clear)
    share = task.chance + (task.ceiling - task.chance) * pm.math.sigmoid(index)
    pm.Binomial("task_counts", task.n_items, share, observed=design.counts, dims=DIM_FITTED)


def _scattered(
    expected: pt.TensorVariable, spread: pt.TensorVariable, is_clear: np.ndarray
) -> pt.TensorVariable:
    """Log-odds around what is expected: sampled as such where counts fix them, in units of the spread elsewhere."""
    clear, vague = np.flatnonzero(is_clear), np.flatnonzero(~is_clear)
    index = pt.zeros(len(is_clear))
    if len(clear):
        logit = pm.Normal("task_logit", expected[clear], spread, shape=len(clear))
        index = pt.set_subtensor(index[clear], logit)
    if len(vague):
        offset = pm.Normal("task_offset", 0.0, 1.0, shape=len(vague))
        index = pt.set_subtensor(index[vague], expected[vague] + spread * offset)
    return index
