"""Priors of the latent-factor model, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bayes_scaling.errors import InputError


@dataclass(frozen=True)
class LatentPriors:
    """Numbers of the priors, on scales on which the models for fitting have spread one.

    A capability has standard deviation one among these models, and so has log compute; benchmark scores have
    root mean square one on the link's scale.

    Attributes
    ----------
    slope_mean_sd, slope_sd_scale : float
        Growth of a capability with a standard deviation of log compute: its mean over families has this standard
        deviation, its spread over families a half normal of this scale. One is all of the spread of a capability.
    level_mean_sd, level_sd_scale : float
        The same for a capability at the family's mean compute.
    compute_mean, compute_sd : float
        Log compute where it is unknown: mostly newer models, larger than those for fitting.
    tilt_sd : float
        Tangent of the angle by which the space of capabilities may lean out of the training models' principal
        directions: 0.25 allows 14 degrees at one standard deviation. The paper has none.
    shift_sd : float
        Offset of benchmarks along the directions that no capability has.
    benchmark_sd_median, capability_sd_median : float
        Scatter of benchmark scores around capabilities, and of capabilities around a family's line.
    task_slope_sd : float
        Growth of the task's log-odds with a standard deviation of a capability: 2.5 lets a score go from one in a
        thousand to one half within three of them.
    task_intercept_mean, task_intercept_sd : float
        Log-odds at the mean of the models for fitting: most tasks are near chance there.
    task_sd_median : float
        Scatter of the task's log-odds around what capabilities say: a factor of 1.6 in the odds.
    log_sd : float
        Log-normal spread of the four medians' priors: a factor of 2.7 either way at two standard deviations. Keeping
        them from zero keeps out degenerate factors.

    Raises
    ------
    InputError
        ``bad_prior`` for a value that is not finite, or a scale that is not positive.
    """

    slope_mean_sd: float = 1.0
    slope_sd_scale: float = 0.5
    level_mean_sd: float = 1.0
    level_sd_scale: float = 1.0
    compute_mean: float = 1.5
    compute_sd: float = 1.5
    tilt_sd: float = 0.25
    shift_sd: float = 0.5
    benchmark_sd_median: float = 0.2
    capability_sd_median: float = 0.3
    task_slope_sd: float = 2.5
    task_intercept_mean: float = -2.0
    task_intercept_sd: float = 3.0
    task_sd_median: float = 0.5
    log_sd: float = 0.5

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not np.isfinite(value) or (not field.name.endswith("_mean") and value <= 0):
                raise InputError(
                    f"{field.name} = {value!r}",
                    "a finite number, positive unless it is a mean",
                    "Start from the default.",
                    code="bad_prior",
                )
