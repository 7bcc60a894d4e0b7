"""Linear random features under exact gradient flow: losses whose scaling exponents are known.

Contract: NumPy and SciPy alone make the losses; nothing is stepped through time and nothing is fitted. What comes
back is a labelled array of losses over (seed, width, samples, time), or a run table that any model of this package
can be judged on. After Bordelon, Atanasov and Pehlevan 2024, arXiv:2402.01092.
"""

from bayes_scaling.random_features.compute_frontier import compute_frontier
from bayes_scaling.random_features.ensembles import ensemble_losses
from bayes_scaling.random_features.exponents import Exponents, limiting_exponents, published_exponents
from bayes_scaling.random_features.families import FamilyDesign, simulate_families
from bayes_scaling.random_features.run_rows import to_run_table
from bayes_scaling.random_features.simulate import TEST_LOSS, TRAIN_LOSS, simulate_losses
from bayes_scaling.random_features.slopes import Slope, local_slopes, log_log_slope
from bayes_scaling.random_features.task import PowerLawTask

__all__ = [
    "TEST_LOSS",
    "TRAIN_LOSS",
    "Exponents",
    "FamilyDesign",
    "PowerLawTask",
    "Slope",
    "compute_frontier",
    "ensemble_losses",
    "limiting_exponents",
    "local_slopes",
    "log_log_slope",
    "published_exponents",
    "simulate_families",
    "simulate_losses",
    "to_run_table",
]
