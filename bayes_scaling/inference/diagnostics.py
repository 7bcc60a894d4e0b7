"""Whether a posterior can be trusted, in coded findings and in one line."""

from __future__ import annotations

from dataclasses import dataclass

import arviz as az
import numpy as np
import xarray as xr

from bayes_scaling.errors import Finding, Findings, Severity
from bayes_scaling.inference.posterior import Posterior

R_HAT_LIMIT = 1.01
"""Vehtari et al. 2021 (arXiv:1903.08008), section 4."""

N_SUPERCHAINS = 4
"""Groups of chains that are compared with each other when there are many short chains."""

R_HAT_LIMIT_SHORT = 1.05
"""The same for many short chains, each too short to be compared alone (Margossian et al. 2024, arXiv:2110.13017)."""

ESS_LIMIT_SHORT = 100.0
"""Enough draws for a 90 % interval's ends to a sixth of a standard deviation, which is what the fast path is for."""

R_HAT_HOPELESS = 1.10
"""Above this no quantile means anything."""

ESS_LIMIT = 400.0
"""Smallest effective sample size, bulk and tail, below which quantiles are unsteady (same source)."""

DIVERGENT_SHARE_HOPELESS = 0.01

_MONITORED = ("theta_family", "population_mean", "population_sd")
_DEPTH_STATS = ("maxdepth_reached", "reached_max_treedepth")
"""The same thing, as nutpie and as PyMC call it."""


@dataclass(frozen=True)
class Convergence:
    """Worst-case convergence statistics over every monitored parameter.

    Attributes
    ----------
    r_hat_max : float
        NaN when it cannot be told: one chain, or a parameter that never moved.
    ess_bulk_min, ess_tail_min : float
        Smallest effective sample sizes.
    n_divergent, n_max_depth : int
        Draws that diverged, and draws whose tree was cut off.
    worst : str
        The parameter with the largest R-hat.
    has_short_chains : bool
        True when groups of chains were compared instead of single chains.
    """

    r_hat_max: float
    ess_bulk_min: float
    ess_tail_min: float
    n_divergent: int
    n_max_depth: int
    worst: str
    has_short_chains: bool = False

    @property
    def ess_min(self) -> float:
        """The smaller of the two effective sample sizes."""
        return min(self.ess_bulk_min, self.ess_tail_min)


def convergence(posterior: Posterior) -> Convergence:
    """R-hat, effective sample sizes, divergences and saturated trees of a posterior."""
    has_stats = "sample_stats" in posterior.idata.children
    stats = posterior.idata["sample_stats"].to_dataset() if has_stats else None
    return convergence_of(posterior.draws[list(_MONITORED)], stats)


def convergence_of(draws: xr.Dataset, stats: xr.Dataset | None = None) -> Convergence:
    """The same for any draws: every variable of a dataset with dims (chain, draw, ...) is looked at.

    Parameters
    ----------
    draws : Dataset
    stats : Dataset, optional
        What the sampler said of each draw.
    """
    names = [str(name) for name in draws.data_vars]
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # by a parameter that never moved, which is told below
        r_hat, bulk, tail = (
            az.rhat(_superchains(draws)),
            az.ess(draws, method="bulk"),
            az.ess(draws, method="tail"),
        )
    worst = max(names, key=lambda name: _worst(r_hat[name]))
    said = xr.Dataset() if stats is None else stats
    return Convergence(
        r_hat_max=_worst(r_hat[worst]) if np.isfinite(_worst(r_hat[worst])) else np.nan,
        ess_bulk_min=min(float(bulk[name].min()) for name in names),
        ess_tail_min=min(float(tail[name].min()) for name in names),
        n_divergent=_count(said, ("diverging",)),
        n_max_depth=_count(said, _DEPTH_STATS),
        worst=f"{worst}[{', '.join(_labels_of_worst(r_hat[worst]))}]",
        has_short_chains=_has_short_chains(draws),
    )


def _has_short_chains(draws: xr.Dataset) -> bool:
    return draws.sizes["chain"] >= 4 * N_SUPERCHAINS


def _superchains(draws: xr.Dataset) -> xr.Dataset:
    """The draws with chains put together in few groups when they are many; otherwise as they are."""
    if not _has_short_chains(draws):
        return draws
    size = draws.sizes["chain"] // N_SUPERCHAINS
    kept = draws.isel(chain=slice(0, size * N_SUPERCHAINS)).transpose("chain", "draw", ...)
    arrays = {
        name: (values.dims, values.to_numpy().reshape(N_SUPERCHAINS, -1, *values.shape[2:]))
        for name, values in kept.data_vars.items()
    }
    labels = {name: values for name, values in kept.coords.items() if name not in ("chain", "draw")}
    return xr.Dataset(arrays, coords=labels)


def _worst(values: xr.DataArray) -> float:
    """Largest value; infinity when one is undefined, which is no better."""
    return float(values.fillna(np.inf).max())


def _labels_of_worst(values: xr.DataArray) -> list[str]:
    position = np.unravel_index(int(values.fillna(np.inf).to_numpy().argmax()), values.shape)
    return [str(values[dim].to_numpy()[index]) for dim, index in zip(values.dims, position, strict=True)]


def _count(stats: xr.Dataset, names: tuple[str, ...]) -> int:
    """Draws for which any of these statistics is true; engines differ in which they report."""
    return sum(int(stats[name].sum()) for name in names if name in stats)


def check_posterior(posterior: Posterior) -> Findings:
    """Coded findings about convergence; empty when there is nothing to say."""
    seen = convergence(posterior)
    checks = (
        _check_r_hat(seen),
        _check_ess(seen),
        _check_divergences(seen, posterior.n_draws),
        _check_depth(seen),
    )
    return Findings(tuple(finding for finding in checks if finding is not None))


def _check_r_hat(seen: Convergence) -> Finding | None:
    limit = R_HAT_LIMIT_SHORT if seen.has_short_chains else R_HAT_LIMIT
    if seen.r_hat_max <= limit:
        return None
    if np.isnan(seen.r_hat_max):
        return Finding(
            "r_hat",
            Severity.ERROR,
            f"R-hat cannot be told for {seen.worst}",
            "Sample at least two chains, better four.",
        )
    return Finding(
        "r_hat",
        Severity.ERROR if seen.r_hat_max > R_HAT_HOPELESS else Severity.WARNING,
        f"R-hat is {seen.r_hat_max:.3f} for {seen.worst}, above {limit}",
        "Chains disagree: sample longer (draws, tune), or look at that family with `runs.check()`.",
    )


def _check_ess(seen: Convergence) -> Finding | None:
    limit = ESS_LIMIT_SHORT if seen.has_short_chains else ESS_LIMIT
    return check_ess(seen.ess_min, limit, "Sample longer (draws, or thin for the fast path).")


def check_ess(smallest: float, limit: float, advice: str) -> Finding | None:
    """What is to be said of the smallest effective sample size, if anything."""
    if smallest >= limit:
        return None
    return Finding(
        "ess",
        Severity.WARNING if smallest >= limit / 4 else Severity.ERROR,
        f"the smallest effective sample size is {smallest:.0f}, below {limit:.0f}",
        advice,
    )


def _check_divergences(seen: Convergence, n_draws: int) -> Finding | None:
    if not seen.n_divergent:
        return None
    return Finding(
        "divergences",
        Severity.ERROR if seen.n_divergent > DIVERGENT_SHARE_HOPELESS * n_draws else Severity.WARNING,
        f"{seen.n_divergent} of {n_draws} draws diverged",
        "Raise target_accept (0.99, 0.995).",
    )


def _check_depth(seen: Convergence) -> Finding | None:
    if not seen.n_max_depth:
        return None
    return Finding(
        "max_depth",
        Severity.WARNING,
        f"{seen.n_max_depth} trees reached their limit",
        "Sample longer, or simplify the model.",
    )


def verdict(posterior: Posterior) -> str:
    """One line: can these draws be trusted, with the figures."""
    seen, findings = convergence(posterior), check_posterior(posterior)
    figures = (
        f"R-hat <= {seen.r_hat_max:.3f}, ESS >= {seen.ess_min:.0f}, {seen.n_divergent} divergences, "
        f"{posterior.n_draws} draws in {posterior.seconds:.0f} s"
    )
    if findings.has_errors:
        return f"Not converged, do not trust: {figures}. {_worst_first(findings).advice}"
    if findings:
        return f"Usable with care: {figures}. {findings[0].advice}"
    return f"Converged: {figures}."


def _worst_first(findings: Findings) -> Finding:
    return next(finding for finding in findings if finding.severity is Severity.ERROR)
