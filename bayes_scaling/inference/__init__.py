"""How draws are made: NUTS backends, coordinates, seeds, diagnostics and the container that holds the result.

Contract: every method returns the same frozen :class:`Posterior`; nothing outside this layer touches ArviZ or
a sampler.
"""

from bayes_scaling.inference.diagnostics import Convergence, check_posterior, convergence, verdict
from bayes_scaling.inference.nuts import Progress, fit_nuts
from bayes_scaling.inference.posterior import Posterior, load_posterior, save_posterior
from bayes_scaling.inference.prior import draw_prior
from bayes_scaling.inference.settings import NutsSettings

__all__ = [
    "Convergence",
    "NutsSettings",
    "Posterior",
    "Progress",
    "check_posterior",
    "convergence",
    "draw_prior",
    "fit_nuts",
    "load_posterior",
    "save_posterior",
    "verdict",
]
