"""Log likelihood of each run given the draws, and leave-one-run-out cross-validation from it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import arviz as az
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.models import LOG_RUN_SD, discrepancy_features, mean_inputs
from bayes_scaling.models.likelihood import LOG_2PI
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN

FloatArray = NDArray[np.float64]

PARETO_K_LIMIT = 0.7
"""Above this, importance weights say little about a left-out run (Vehtari et al. 2024, arXiv:1507.02646)."""


@dataclass(frozen=True)
class LeaveOneRunOut:
    """Expected log density of a run of a fitted family that was left out.

    Attributes
    ----------
    elpd, se : float
        Sum over runs of the log density of their log losses, and its standard error.
    pareto_k_max : float
        Worst shape of the importance weights' tail.
    n_unreliable, n_runs : int
        Runs whose shape is above :data:`PARETO_K_LIMIT`, and all runs.
    """

    elpd: float
    se: float
    pareto_k_max: float
    n_unreliable: int
    n_runs: int


def run_log_likelihood(posterior: Posterior) -> xr.DataArray:
    """Log density of each run's log losses given the draws, dims (chain, draw, run), run as ``"family/run"``.

    Given the law and its discrepancy the runs of a family are independent, so that a run can be left out.
    One-sided noise and the widened noise of outliers are not in it.
    """
    draws, rows = posterior.draws, posterior.observed
    sizes = draws.sizes["chain"], draws.sizes["draw"]
    columns, labels = [], []
    for family, own in rows.groupby(FAMILY, sort=True):
        frame = own.reset_index(drop=True)
        residual, scale = _residuals(posterior, str(family), frame)
        shape = posterior.spec.shapes[int(_constant(posterior, "path_shape", str(family)))]
        for run, members in frame.groupby(RUN, sort=False).indices.items():
            log_tokens = np.log(frame[N_TOKENS].to_numpy()[members])
            factor = np.linalg.cholesky(shape.correlation(log_tokens))
            whitened = np.linalg.solve(factor, (residual[:, members] / scale[:, members]).T)
            log_det = np.log(np.diag(factor)).sum() + np.log(scale[:, members]).sum(axis=1)
            columns.append(-0.5 * (len(members) * LOG_2PI + (whitened**2).sum(axis=0)) - log_det)
            labels.append(f"{family}/{run}")
    values = np.stack(columns, axis=-1).reshape(*sizes, -1)
    coords = {"chain": draws["chain"], "draw": draws["draw"], "run": labels}
    return xr.DataArray(values, dims=("chain", "draw", "run"), coords=coords, name="log_loss")


def leave_one_run_out(posterior: Posterior) -> LeaveOneRunOut:
    """Leave-one-run-out cross-validation by Pareto-smoothed importance sampling, without a further fit.

    Vehtari, Gelman and Gabry 2017, arXiv:1507.04544. A second opinion on a law: it judges interpolation within the
    families, not extrapolation.
    """
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior.draws,
            "log_likelihood": run_log_likelihood(posterior).to_dataset(),
        }
    )
    with warnings.catch_warnings():
        # an unreliable estimate is told by its figures
        warnings.simplefilter("ignore")
        result = az.loo(tree, var_name="log_loss", pointwise=True)
    shapes = np.asarray(result.pareto_k)
    return LeaveOneRunOut(
        float(result.elpd),
        float(result.se),
        float(shapes.max()),
        int((shapes > PARETO_K_LIMIT).sum()),
        len(shapes),
    )


def _residuals(posterior: Posterior, family: str, rows: pd.DataFrame) -> tuple[FloatArray, FloatArray]:
    """Observed minus expected log loss, and the scale of runs, both (n_draws, n_rows)."""
    spec = posterior.spec
    one = posterior.draws.sel(family=family)
    theta, weights = (
        one[name].transpose("chain", "draw", ...).to_numpy().reshape(posterior.n_draws, -1)
        for name in ("theta_family", "discrepancy_weights")
    )
    params = {name: theta[:, [place]] for place, name in enumerate(spec.family_parameters)}
    inputs = mean_inputs(spec, rows, posterior.peak_learning_rates)
    expected = spec.mean.log_loss(np, params, inputs) + _constant(posterior, "log_unit", family)
    residual = np.log(rows[LOSS].to_numpy()) - expected - weights @ discrepancy_features(spec, rows).T
    scale = np.exp(params[LOG_RUN_SD]) * spec.run_amplitude(rows[N_PARAMS])
    return residual, scale


def _constant(posterior: Posterior, name: str, family: str) -> float:
    return float(posterior.idata["constant_data"].to_dataset()[name].sel(family=family))
