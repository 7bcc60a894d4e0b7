r"""The latent-factor model in PyMC: capabilities behind benchmark scores, their growth with compute, and a task.

.. math::

    S_m &\sim \operatorname{Normal}(\nu_f + \theta_f (x_m - \bar x_f), \tau^2)          \\
    b_m &\sim \operatorname{Normal}(a + \Gamma S_m, \psi^2)                              \\
    z_m &\sim \operatorname{Normal}(\alpha + \beta^\top S_m, \sigma^2)                   \\
    n E_m &\sim \operatorname{Binomial}(n, c + (h - c)\,\operatorname{logistic}(z_m))

with x standardised log compute, b linked benchmark scores, E the score on a task of n items, c chance and h the ceiling.
"""

from __future__ import annotations

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
        expected = _expected_capability(design, priors)
        capability = _capability(design, priors, expected)
        _task(design, priors, capability)
    return model


def _expected_capability(design: LatentDesign, priors: LatentPriors) -> pt.TensorVariable:
    """What family and compute say of each model's capabilities, shape (n_models, n_capabilities)."""
    slope_mean = pm.Normal("slope_mean", 0.0, priors.slope_mean_sd, dims=DIM_CAPABILITY)
    slope_sd = pm.HalfNormal("slope_sd", priors.slope_sd_scale, dims=DIM_CAPABILITY)
    level_mean = pm.Normal("level_mean", 0.0, priors.level_mean_sd, dims=DIM_CAPABILITY)
    level_sd = pm.HalfNormal("level_sd", priors.level_sd_scale, dims=DIM_CAPABILITY)
    # Slopes are known for few families, levels for all: the one is written in units of its spread, the other is not.
    offset = pm.Normal("slope_offset", 0.0, 1.0, dims=(DIM_FAMILY, DIM_CAPABILITY))
    slope = pm.Deterministic("slope", slope_mean + slope_sd * offset, dims=(DIM_FAMILY, DIM_CAPABILITY))
    center = level_mean + slope_mean * design.family_compute[:, None]
    level = pm.Normal("level", center, level_sd, dims=(DIM_FAMILY, DIM_CAPABILITY))
    unknown = design.unknown_compute
    log_compute = pt.as_tensor(np.nan_to_num(design.log_compute))
    model_slope = slope[design.family_index]
    if len(unknown):
        # With a family's own slope, compute and slope could both change sign and leave the capability as it is.
        guess = pm.Normal("compute_unknown", priors.compute_mean, priors.compute_sd, dims=DIM_UNKNOWN)
        log_compute = pt.set_subtensor(log_compute[unknown], guess)
        model_slope = pt.set_subtensor(model_slope[unknown], slope_mean)
    distance = log_compute - design.family_compute[design.family_index]
    return level[design.family_index] + model_slope * distance[:, None]


def _capability(design: LatentDesign, priors: LatentPriors, expected: pt.TensorVariable) -> pt.TensorVariable:
    """Capabilities given benchmark scores, shape (n_models, n_capabilities).

    Benchmark scores are integrated against the capabilities in closed form, and the capabilities are written as their
    conditional mean and Cholesky factor given these scores times standard normals: what is left to sample is nearly
    independent of everything else.
    """
    tilt = pm.Normal("tilt", 0.0, priors.tilt_sd, dims=(DIM_LEFT, DIM_CAPABILITY))
    spread = np.linalg.norm(design.basis, axis=0)
    # Projected on the principal directions this is the basis itself: rotation, sign and scale of S are fixed.
    loadings = pm.Deterministic(
        "loadings",
        design.basis + pt.dot(design.complement, tilt * spread),
        dims=(DIM_BENCHMARK, DIM_CAPABILITY),
    )
    shift = pm.Normal("shift", 0.0, priors.shift_sd, dims=DIM_LEFT)
    benchmark_sd = pm.LogNormal("benchmark_sd", np.log(priors.benchmark_sd_median), priors.log_sd)
    capability_sd = pm.LogNormal(
        "capability_sd", np.log(priors.capability_sd_median), priors.log_sd, dims=DIM_CAPABILITY
    )
    standard = pm.Normal("standard", 0.0, 1.0, dims=(DIM_MODEL, DIM_CAPABILITY))
    mean = pt.dot(design.complement, shift) + pt.dot(expected, loadings.T)
    present = ~np.isnan(design.linked)
    residual = np.nan_to_num(design.linked) - present * mean
    log_density = -0.5 * (residual**2).sum() / benchmark_sd**2 - present.sum() * pt.log(benchmark_sd)
    log_density -= len(design.models) * pt.log(capability_sd).sum()
    departure = pt.zeros((len(design.models), design.n_capabilities))
    for members, benchmarks in design.patterns():
        part = loadings[benchmarks]
        precision = pt.diag(capability_sd**-2) + pt.dot(part.T, part) / benchmark_sd**2
        factor = pt.linalg.cholesky(precision)
        score = pt.dot(residual[members], loadings) / benchmark_sd**2
        half = pt.linalg.solve_triangular(factor, score.T, lower=True)
        log_density += 0.5 * (half**2).sum() - len(members) * pt.log(pt.diagonal(factor)).sum()
        drawn = pt.linalg.solve_triangular(factor.T, half + standard[members].T, lower=False)
        departure = pt.set_subtensor(departure[members], drawn.T)
    pm.Potential("benchmarks", log_density)
    return pm.Deterministic("capability", expected + departure, dims=(DIM_MODEL, DIM_CAPABILITY))


def _task(design: LatentDesign, priors: LatentPriors, capability: pt.TensorVariable) -> None:
    """The task's link and its counts, for the models for fitting alone."""
    task = design.task
    slopes = pm.Normal("task_slopes", 0.0, priors.task_slope_sd, dims=DIM_CAPABILITY)
    intercept = pm.Normal("task_intercept", priors.task_intercept_mean, priors.task_intercept_sd)
    spread = pm.LogNormal("task_sd", np.log(priors.task_sd_median), priors.log_sd)
    expected = intercept + pt.dot(capability[design.fitted], slopes)
    index = _scattered(expected, spread, _is_clear(design, priors.task_sd_median))
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


def _is_clear(design: LatentDesign, task_sd: float) -> np.ndarray:
    """Whether counts say more about a model's log-odds than the scatter around capabilities does, shape (n_fitted,).

    The information of a binomial count about the log-odds is n (dp/dz)² / (p (1 - p)).
    """
    task = design.task
    share = (design.counts + 0.5) / (task.n_items + 1.0)
    within = np.clip(share, task.chance, task.ceiling)
    slope = (within - task.chance) * (task.ceiling - within) / (task.ceiling - task.chance)
    return task.n_items * slope**2 / (share * (1.0 - share)) * task_sd**2 > 1.0
