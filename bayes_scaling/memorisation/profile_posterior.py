"""The two ways of drawing the parameters of a memorisation profile: NUTS, and importance sampling."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Final

import xarray as xr

from bayes_scaling.errors import InputError, require_one_of
from bayes_scaling.inference import (
    Convergence,
    ImportanceQuality,
    ImportanceSettings,
    NutsSettings,
    Progress,
    check_importance,
    convergence_of,
    sample_by_importance,
    sample_model,
)
from bayes_scaling.memorisation.profile_density import ProfileDensity
from bayes_scaling.memorisation.profile_draws import SeenEffects
from bayes_scaling.memorisation.profile_kernel import ProfileCells
from bayes_scaling.memorisation.profile_model import build_profile_model
from bayes_scaling.memorisation.profile_priors import MEAN_SD

ProfileSettings = NutsSettings | ImportanceSettings

PROFILE_METHODS: Final[Mapping[str, ProfileSettings]] = {
    "nuts": NutsSettings(draws=1000, tune=500, target_accept=0.9),
    "importance": ImportanceSettings(),
}
"""Ways of drawing by name, with their settings: NUTS long enough for R-hat below 1.01 on every simulated panel of the
benchmark."""


class ImportanceWarning(UserWarning):
    """Importance sampling did not cover a posterior: its draws are not to be trusted."""


def profile_settings(method: str, settings: ProfileSettings | None = None) -> ProfileSettings:
    """The settings that were given, or the defaults of a method.

    Raises
    ------
    InputError
        With code ``"unknown_method"``, or ``"bad_argument"`` for the settings of another method.
    """
    require_one_of(method, PROFILE_METHODS, f"method {method!r}", "unknown_method")
    default = PROFILE_METHODS[method]
    if settings is None:
        return default
    if not isinstance(settings, type(default)):
        raise InputError(
            f"{type(settings).__name__} for method {method!r}",
            type(default).__name__,
            "Give the settings of that method, or none.",
            code="bad_argument",
        )
    return settings


def draw_parameters(
    seen: SeenEffects,
    cells: ProfileCells,
    settings: ProfileSettings,
    *,
    seed: int,
    progress: Progress | None = None,
) -> tuple[xr.Dataset, Convergence | ImportanceQuality]:
    """Draws of the parameters given the estimated effects, dims (chain, draw, ...), and how far to trust them.

    Parameters
    ----------
    seen : SeenEffects
    cells : ProfileCells
    settings : NutsSettings or ImportanceSettings
        Their type is the method.
    seed : int
    progress : callable, optional

    Warns
    -----
    ImportanceWarning
        Once for each finding of :func:`~bayes_scaling.inference.check_importance`.
    """
    if isinstance(settings, NutsSettings):
        model = build_profile_model(seen.estimate, seen.covariance, cells)
        drawn, stats = sample_model(model, settings, seed=seed, progress=progress)
        parameters = drawn.assign(mean_sd=xr.full_like(drawn["decay"], MEAN_SD))
        return parameters, convergence_of(drawn, stats)
    density = ProfileDensity(seen, cells)
    points, quality = sample_by_importance(
        density.log_density, density.n_coordinates, settings, seed=seed, progress=progress
    )
    for finding in check_importance(quality):
        warnings.warn(str(finding), ImportanceWarning, stacklevel=3)
    return density.dataset(points), quality
