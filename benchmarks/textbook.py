"""The textbook way to the same question: a non-centred hierarchical PyMC model, sampled with NUTS.

What a first careful implementation looks like: the usual form E + A/N^alpha + B/D^beta at a reference point, every
family parameter non-centred around its population, an intercept for each run, independent Student-t noise.
`benchmarks/speed.py` samples it on the rows that our own model uses, with the same population priors.
"""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from math import log

import arviz as az
import numpy as np
import nutpie
import pymc as pm
import pytensor.tensor as pt
import xarray as xr

from bayes_scaling import RunTable
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.models import LOG_RUN_SD, Layout, ModelSpec, build_layout
from bayes_scaling.names import FAMILY, RUN

MONITORED = ("theta_family", "population_mean", "population_sd")


@dataclass(frozen=True)
class Sampled:
    """How the textbook model was sampled.

    Attributes
    ----------
    seconds, compile_seconds : float
        Sampling with its warm-up, and what came before.
    chains, draws : int
        What was kept of each chain when sampling ended or the time was over.
    finished : bool
    ess_min, r_hat_max : float
        Over families and population, bulk and tail; NaN without draws.
    n_divergent, n_max_depth : int
    """

    seconds: float
    compile_seconds: float
    chains: int
    draws: int
    finished: bool
    ess_min: float
    r_hat_max: float
    n_divergent: int
    n_max_depth: int

    @property
    def ess_per_second(self) -> float:
        """Smallest effective sample size a second of sampling."""
        return self.ess_min / self.seconds


def build_textbook(spec: ModelSpec, layout: Layout) -> pm.Model:
    """The PyMC model of the rows of a layout."""
    names = [*CHINCHILLA.parameter_names, LOG_RUN_SD]
    priors = [spec.priors.parameters[name] for name in names]
    runs = layout.frame.groupby([FAMILY, RUN], sort=False).ngroup().to_numpy()
    family = layout.family_index
    with pm.Model(coords={"family": list(layout.families), "parameter": names}) as model:
        mean = pm.Normal(
            "population_mean", [p.location for p in priors], [p.location_sd for p in priors], dims="parameter"
        )
        sd = pm.LogNormal(
            "population_sd",
            [log(p.spread) for p in priors],
            [log(p.spread_factor) for p in priors],
            dims="parameter",
        )
        z = pm.Normal("z_family", dims=("family", "parameter"))
        theta = pm.Deterministic("theta_family", mean + sd * z, dims=("family", "parameter"))
        by_row = {name: theta[family, place] for place, name in enumerate(names)}
        run_sd = pt.exp(by_row[LOG_RUN_SD])
        offset = run_sd * pm.Normal("z_run", shape=int(runs.max()) + 1)[runs]
        noise = pm.HalfNormal("noise_share", 0.5, dims="family")
        expected = CHINCHILLA.log_loss(pt, by_row, layout.inputs)
        pm.StudentT(
            "log_loss",
            nu=pm.Gamma("nu", 2.0, 0.1),
            mu=expected + offset,
            sigma=run_sd * noise[family],
            observed=layout.log_loss,
        )
    return model


def sample_textbook(
    spec: ModelSpec, runs: RunTable, minutes: float, draws: int = 150, tune: int = 150, seed: int = 0
) -> Sampled:
    """Sample two chains until they are done or the time is over."""
    started = time.perf_counter()
    model = build_textbook(spec, build_layout(spec, runs))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = nutpie.compile_pymc_model(model)
    compile_seconds = time.perf_counter() - started
    started = time.perf_counter()
    sampler = nutpie.sample(
        compiled, draws=draws, tune=tune, chains=2, seed=seed, progress_bar=False, blocking=False
    )
    try:
        tree, finished = sampler.wait(timeout=60 * minutes), True
    except TimeoutError:
        tree, finished = sampler.abort(), False
    seconds = time.perf_counter() - started
    return _judge(tree, seconds, compile_seconds, finished)


def _judge(tree: xr.DataTree, seconds: float, compile_seconds: float, finished: bool) -> Sampled:
    """Diagnostics of what was drawn; chains that were cut off are shortened to the shortest."""
    if "posterior" not in tree.children or tree["posterior"].sizes.get("draw", 0) < 8:
        return Sampled(seconds, compile_seconds, 0, 0, finished, np.nan, np.nan, 0, 0)
    posterior = tree["posterior"].to_dataset()[list(MONITORED)].dropna("draw")
    stats = tree["sample_stats"].to_dataset().isel(draw=slice(0, posterior.sizes["draw"]))
    r_hat, bulk, tail = az.rhat(posterior), az.ess(posterior, method="bulk"), az.ess(posterior, method="tail")
    return Sampled(
        seconds,
        compile_seconds,
        posterior.sizes["chain"],
        posterior.sizes["draw"],
        finished,
        ess_min=min(float(ess[name].min()) for ess in (bulk, tail) for name in MONITORED),
        r_hat_max=max(float(r_hat[name].max()) for name in MONITORED),
        n_divergent=int(stats["diverging"].sum()),
        n_max_depth=int(stats["maxdepth_reached"].sum()),
    )
