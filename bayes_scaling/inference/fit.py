"""One entry to all ways of drawing, and one to all that is to be said of what came out."""

from __future__ import annotations

from bayes_scaling.errors import Findings
from bayes_scaling.inference.diagnostics import check_posterior
from bayes_scaling.inference.laplace import fit_laplace
from bayes_scaling.inference.nuts import fit_nuts
from bayes_scaling.inference.posterior import Posterior
from bayes_scaling.inference.settings import LaplaceSettings, Progress, Settings
from bayes_scaling.inference.threads import on_one_thread
from bayes_scaling.inference.unlike import check_unlike
from bayes_scaling.models import ModelSpec
from bayes_scaling.runs import RunTable


@on_one_thread
def fit_posterior(
    spec: ModelSpec, runs: RunTable, settings: Settings, *, seed: int = 0, progress: Progress | None = None
) -> Posterior:
    """The posterior by the method that the settings belong to.

    Raises
    ------
    InputError
        When the table cannot be fitted or the seed is not a whole number.
    InferenceError
        When a sampler fails.
    """
    if isinstance(settings, LaplaceSettings):
        return fit_laplace(spec, runs, settings, seed=seed, progress=progress)
    return fit_nuts(spec, runs, settings, seed=seed, progress=progress)


def check_fit(posterior: Posterior) -> Findings:
    """Coded findings about convergence, and about families unlike the population; empty when all is well."""
    return Findings((*check_posterior(posterior), *check_unlike(posterior)))
