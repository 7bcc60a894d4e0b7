"""New families conditioned on a population that others have taught, without fitting the others again."""

from __future__ import annotations

import time

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from bayes_scaling.errors import InputError
from bayes_scaling.inference.ensemble import Ensemble
from bayes_scaling.inference.gather import gather
from bayes_scaling.inference.laplace import warm_up
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.inference.population_moves import BankedPopulation
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.settings import LaplaceSettings, require_count
from bayes_scaling.inference.threads import on_one_thread
from bayes_scaling.models import Population, metric_log_units
from bayes_scaling.names import DIM_CHAIN, DIM_DRAW, DIM_FAMILY
from bayes_scaling.runs import RunTable

FloatArray = NDArray[np.float64]

SETTINGS = LaplaceSettings()


@on_one_thread
def transfer(posterior: Posterior, runs: RunTable, *, seed: int = 0) -> Posterior:
    """The posterior with new families added; one run of a family is enough.

    The population of each new draw is one of the posterior's, taken by how well the new families fit it, and
    the families that had been fitted come along with it: all draws stay joint.

    Parameters
    ----------
    posterior : Posterior
    runs : RunTable
        Runs of families that are not in the posterior.
    seed : int

    Returns
    -------
    Posterior
        Old and new families.

    Raises
    ------
    InputError
        When a family is fitted already, or the seed is not a whole number.
    """
    require_count("seed", seed, 0)
    known = sorted(set(runs.families) & set(posterior.families))
    if known:
        raise InputError(
            f"runs of {', '.join(known)}, which the fit holds already",
            "runs of new families",
            "Fit again with all runs of these families, or give the new runs another family label.",
            code="family_fitted_already",
        )
    started = time.perf_counter()
    rng = np.random.default_rng([seed, 8])
    bank = population_draws(posterior)
    vector = posterior.spec.population_vector
    units = metric_log_units(posterior.observed) if posterior.families else {}
    is_taught = posterior.spec.is_taught or bool(posterior.families)
    start = prepare(posterior.spec, runs, typical_population(bank), units, is_taught)
    moves = BankedPopulation(vector, vector.to_standard(vector.pack(bank)), SETTINGS.chains, rng)
    ensemble = warm_up(Ensemble(start, moves, rng, SETTINGS.chains), SETTINGS)
    theta, index = [], []
    n_sweeps = SETTINGS.sweeps_a_draw(len(runs.families), True, posterior.spec.law.weakly_identified)
    for _ in range(SETTINGS.draws):
        for _ in range(n_sweeps):
            ensemble.sweep()
        theta.append(ensemble.state.theta.copy())
        index.append(moves.index.copy())
    chosen = np.stack(index, axis=1)
    population = Population(bank.mean[chosen], bank.sd[chosen], bank.correlation_factor[chosen], bank.n_mean)
    attributes: dict[str, str | float | int] = {
        "method": "transfer",
        "seed": int(seed),
        "seconds": time.perf_counter() - started,
    }
    new = gather(start, np.stack(theta, axis=1), population, attributes)
    return _joined(posterior, new, chosen)


def population_draws(posterior: Posterior) -> Population:
    """The draws of the population, shape (S, ...)."""
    # of the population alone: a posterior may be of no family at all
    names = ["population_mean", "population_sd", "mean_correlation"]
    draws = posterior.draws[names].stack(sample=(DIM_CHAIN, DIM_DRAW)).transpose("sample", ...)
    factor = np.linalg.cholesky(draws["mean_correlation"].to_numpy())
    return Population(
        draws["population_mean"].to_numpy(), draws["population_sd"].to_numpy(), factor, factor.shape[-1]
    )


def typical_population(draws: Population) -> Population:
    """One population that stands for all draws: families under it are as likely as under a random draw, roughly."""
    sd = np.sqrt(np.mean(draws.sd**2, axis=0) + draws.mean.var(axis=0))
    correlation = np.mean(draws.correlation_factor @ np.swapaxes(draws.correlation_factor, -1, -2), axis=0)
    return Population(draws.mean.mean(axis=0), sd, np.linalg.cholesky(correlation), draws.n_mean)


def _joined(old: Posterior, new: Posterior, chosen: NDArray[np.intp]) -> Posterior:
    """The new posterior with the families of the old one at the draws that its populations come from."""
    if not old.families:
        return new
    groups = {name: group.to_dataset() for name, group in new.idata.children.items()}
    flat = old.draws.stack(sample=(DIM_CHAIN, DIM_DRAW)).transpose("sample", ...)
    shape = chosen.shape
    joined = {}
    for name, values in groups["posterior"].data_vars.items():
        if DIM_FAMILY in values.dims:
            picked = flat[name].to_numpy()[chosen.ravel()]
            before = xr.DataArray(
                picked.reshape(*shape, *picked.shape[1:]),
                dims=values.dims,
                coords={**values.coords, DIM_FAMILY: list(old.families)},
            )
            joined[name] = xr.concat([before, values], dim=DIM_FAMILY)
        else:
            joined[name] = values
    groups["posterior"] = xr.Dataset(joined).sortby(DIM_FAMILY)
    for name, dim in (("constant_data", DIM_FAMILY), ("observed_data", "obs")):
        groups[name] = xr.concat([old.idata[name].to_dataset(), groups[name]], dim=dim, join="outer")
    groups["constant_data"] = groups["constant_data"].sortby(DIM_FAMILY)
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = dict(new.idata.attrs)
    return Posterior(old.spec, tree)
