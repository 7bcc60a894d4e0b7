"""One table of made-up models, and one short fit of it for all tests of a worker."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from bayes_scaling.inference import NutsSettings, convergence_of
from bayes_scaling.observational import LatentFit, fit_latent
from bayes_scaling.observational.latent_design import LatentDesign, design_latent_model
from tests.observational.models import TASK, MadeUp, make_models

SHORT = NutsSettings(draws=300, tune=400, chains=2, target_accept=0.9)


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    return make_models()


@pytest.fixture(scope="session")
def short_fit(made_up) -> LatentFit:
    return fit_latent(made_up.table, TASK, made_up.training_scores, n_capabilities=2, settings=SHORT, seed=1)


@pytest.fixture(scope="session")
def design(made_up) -> LatentDesign:
    return design_latent_model(made_up.table, TASK, made_up.training_scores, 2)


@pytest.fixture(scope="session")
def made_up_fit():
    """A fit with draws that no sampler made: ``made_up_fit(design, n_draws)``; every value is plain."""

    def make(design: LatentDesign, n_draws: int = 200) -> LatentFit:
        rng = np.random.default_rng(5)
        n_models, n_families, n_axes = len(design.models), len(design.families), design.n_capabilities
        lines = np.broadcast_to(np.ones(n_axes), (2, n_draws, n_families, n_axes))
        draws = xr.Dataset(
            {
                "capability": (
                    ("chain", "draw", "model", "axis"),
                    np.linspace(-2, 2, n_models)[:, None] * np.ones(n_axes)
                    + 0.05 * rng.standard_normal((2, n_draws, n_models, n_axes)),
                ),
                "slope": (("chain", "draw", "family", "axis"), lines),
                "level": (("chain", "draw", "family", "axis"), 0.5 * lines),
                "task_slopes": (("chain", "draw", "axis"), np.ones((2, n_draws, n_axes))),
                "task_intercept": (("chain", "draw"), np.full((2, n_draws), -1.0)),
                "task_sd": (("chain", "draw"), rng.uniform(0.2, 0.4, (2, n_draws))),
            }
        )
        return LatentFit(draws, design, convergence_of(draws[["task_sd"]]), 0.0)

    return make
