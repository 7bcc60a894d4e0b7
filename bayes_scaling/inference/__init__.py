"""How draws are made: NUTS, the fast path, coordinates, seeds, diagnostics and the container that holds the result.

Contract: every method returns the same frozen :class:`Posterior`; nothing outside this layer touches ArviZ or
a sampler.
"""

from bayes_scaling.inference.diagnostics import (
    Convergence,
    check_posterior,
    convergence,
    convergence_of,
    verdict,
)
from bayes_scaling.inference.engines import sample_model
from bayes_scaling.inference.fit import check_fit, fit_posterior
from bayes_scaling.inference.importance import (
    ImportanceQuality,
    ImportanceSettings,
    check_importance,
    sample_by_importance,
)
from bayes_scaling.inference.laplace import fit_laplace
from bayes_scaling.inference.nuts import fit_nuts
from bayes_scaling.inference.pointwise import LeaveOneRunOut, leave_one_run_out, run_log_likelihood
from bayes_scaling.inference.posterior import Posterior, load_posterior, save_posterior
from bayes_scaling.inference.prior import draw_prior
from bayes_scaling.inference.settings import (
    METHODS,
    LaplaceSettings,
    NutsSettings,
    Progress,
    Settings,
    settings_for,
)
from bayes_scaling.inference.transfer import population_draws, transfer
from bayes_scaling.inference.unlike import check_unlike

__all__ = [
    "METHODS",
    "Convergence",
    "ImportanceQuality",
    "ImportanceSettings",
    "LaplaceSettings",
    "LeaveOneRunOut",
    "NutsSettings",
    "Posterior",
    "Progress",
    "Settings",
    "check_fit",
    "check_importance",
    "check_posterior",
    "check_unlike",
    "convergence",
    "convergence_of",
    "draw_prior",
    "fit_laplace",
    "fit_nuts",
    "fit_posterior",
    "leave_one_run_out",
    "load_posterior",
    "population_draws",
    "run_log_likelihood",
    "sample_by_importance",
    "sample_model",
    "save_posterior",
    "settings_for",
    "transfer",
    "verdict",
]
