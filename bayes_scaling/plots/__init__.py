"""How a finished result is drawn.

Contract: every function takes plain frames, draws exactly what they hold, computes no statistic and fits
nothing. Each is called ``plot_<what>(data, ax=None)``, draws into the caller's axes or into those of a new
figure that pyplot does not know, returns the axes, and leaves matplotlib's settings as it found them.
"""

from bayes_scaling.plots.advice import plot_advice
from bayes_scaling.plots.coverage import plot_coverage
from bayes_scaling.plots.fan import plot_fan
from bayes_scaling.plots.forecasts import plot_forecasts
from bayes_scaling.plots.groups import plot_groups
from bayes_scaling.plots.intervals import interval_axes, plot_intervals
from bayes_scaling.plots.labels import cost_label, count_label, short_label
from bayes_scaling.plots.loss_curves import plot_loss_curves
from bayes_scaling.plots.memorisation import plot_memorisation_map, plot_memorisation_profile
from bayes_scaling.plots.observational import plot_task_forecasts
from bayes_scaling.plots.pit import plot_pit
from bayes_scaling.plots.prior_posterior import plot_prior_posterior
from bayes_scaling.plots.random_features import plot_bottleneck, plot_compute_frontier
from bayes_scaling.plots.scores import plot_scores
from bayes_scaling.plots.sharpness import plot_sharpness
from bayes_scaling.plots.style import HALF, WIDE, Colour, new_axes
from bayes_scaling.plots.trajectories import plot_equal_loss, plot_scores_at_equal_loss, plot_trends

__all__ = [
    "HALF",
    "WIDE",
    "Colour",
    "cost_label",
    "count_label",
    "interval_axes",
    "new_axes",
    "plot_advice",
    "plot_bottleneck",
    "plot_compute_frontier",
    "plot_coverage",
    "plot_equal_loss",
    "plot_fan",
    "plot_forecasts",
    "plot_groups",
    "plot_intervals",
    "plot_loss_curves",
    "plot_memorisation_map",
    "plot_memorisation_profile",
    "plot_pit",
    "plot_prior_posterior",
    "plot_scores",
    "plot_scores_at_equal_loss",
    "plot_sharpness",
    "plot_task_forecasts",
    "plot_trends",
    "short_label",
]
