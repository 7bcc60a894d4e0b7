"""Log likelihood of runs against dense Gaussians, and leave-one-run-out against leaving runs out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from bayes_scaling.inference import fit_laplace, leave_one_run_out, run_log_likelihood
from bayes_scaling.models import ModelSpec, discrepancy_features, mean_inputs
from tests.simulate import simulate

SPEC = ModelSpec()


@pytest.fixture(scope="module")
def posterior():
    return fit_laplace(SPEC, simulate(4, seed=3).runs)


def test_it_is_the_density_of_the_run_given_law_and_discrepancy(posterior):
    found = run_log_likelihood(posterior)
    family, chain, draw = "family-2", 3, 7
    rows = posterior.observed
    run = rows.loc[rows["family"] == family, "run"].iloc[0]
    rows = rows[(rows["family"] == family) & (rows["run"] == run)].reset_index(drop=True)
    one = posterior.draws.sel(family=family).isel(chain=chain, draw=draw)
    theta = dict(zip(SPEC.family_parameters, one["theta_family"].to_numpy(), strict=True))
    law = SPEC.mean.log_loss(np, theta, mean_inputs(SPEC, rows, {}))
    smooth = discrepancy_features(SPEC, rows) @ one["discrepancy_weights"].to_numpy()
    shape = SPEC.shapes[int(posterior.idata["constant_data"]["path_shape"].sel(family=family))]
    scale = np.exp(theta["log_run_sd"]) * SPEC.run_amplitude(rows["n_params"])
    covariance = np.outer(scale, scale) * shape.correlation(np.log(rows["n_tokens"].to_numpy()))

    expected = multivariate_normal.logpdf(np.log(rows["loss"]), law + smooth, covariance)

    assert found.dims == ("chain", "draw", "run")
    assert float(found.sel(run=f"{family}/{run}")[chain, draw]) == pytest.approx(expected, rel=1e-9)


def test_every_run_has_a_column(posterior):
    found = run_log_likelihood(posterior)

    n_runs = posterior.observed.groupby(["family", "run"]).ngroups
    assert found.sizes["run"] == n_runs == len(set(found["run"].to_numpy()))
    assert np.all(np.isfinite(found))


def test_left_out_runs_are_less_expected_than_fitted_ones(posterior):
    seen = leave_one_run_out(posterior)
    fitted = float(run_log_likelihood(posterior).mean(("chain", "draw")).sum())

    assert seen.n_runs == posterior.observed.groupby(["family", "run"]).ngroups
    assert 0 <= seen.n_unreliable <= seen.n_runs
    assert seen.elpd < fitted
    assert seen.elpd == pytest.approx(fitted, rel=0.3)
    assert seen.se > 0
