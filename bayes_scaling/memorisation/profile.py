"""Memorisation profiles by the hierarchical model: of one model, of several, and of a size not yet evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.inference import Convergence, ImportanceQuality, Progress
from bayes_scaling.memorisation.columns import MODEL
from bayes_scaling.memorisation.efficient import EfficientEffects, efficient_effects
from bayes_scaling.memorisation.panel import MemorisationPanel
from bayes_scaling.memorisation.profile_draws import CELL, EffectDraws, SeenEffects
from bayes_scaling.memorisation.profile_kernel import JITTER, ProfileCells, contrasts, size_similarity
from bayes_scaling.memorisation.profile_posterior import ProfileSettings, draw_parameters, profile_settings

_ONE_SIZE = 1e9  # any number: with one model its size has no meaning


@dataclass(frozen=True, eq=False)
class MemorisationProfile:
    """Posterior of the effects of one or several models.

    Attributes
    ----------
    effects : EffectDraws
        Of every model, cohort and checkpoint from training on.
    parameters : Dataset with dims (chain, draw, ...)
        Those of :func:`~bayes_scaling.memorisation.profile_kernel.profile_covariance`, effects in units of `unit`.
    convergence : Convergence or ImportanceQuality
        Of the parameters, by NUTS or by importance sampling; the effects are drawn independently given them.
    sizes : dict of str to float
        Parameters of each model; an arbitrary number for a single one without.
    estimates : EfficientEffects
        What the model was fitted to.
    unit : float
        Root mean square of the estimates.
    """

    effects: EffectDraws
    parameters: xr.Dataset
    convergence: Convergence | ImportanceQuality
    sizes: dict[str, float]
    estimates: EfficientEffects
    unit: float

    def cells(self, keys: pd.DataFrame, sizes: dict[str, float]) -> ProfileCells:
        """Places of cells, of models among `sizes`, on the scales of this fit."""
        checkpoints = self.estimates.effects.means.checkpoints
        return ProfileCells.of(keys, checkpoints, sizes, _reference(self.sizes))

    @property
    def seen(self) -> SeenEffects:
        """The estimates in this fit's unit."""
        return SeenEffects(
            self.estimates.effects.estimate / self.unit, self.estimates.covariance / self.unit**2
        )


def fit_profile(
    panel: MemorisationPanel,
    models: Sequence[str] | None = None,
    *,
    method: str = "nuts",
    settings: ProfileSettings | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> MemorisationProfile:
    """Posterior of memorisation effects, pooled over event times, cohorts and, with several models, sizes.

    Parameters
    ----------
    panel : MemorisationPanel
    models : sequence of str, optional
        By default all. Several must have ``n_params``, and the same instances, checkpoints and treatment steps.
    method : {"nuts", "importance"}, default "nuts"
        How the parameters are drawn. Importance sampling is faster and needs no compilation; how well it did is in
        `convergence`.
    settings : NutsSettings or ImportanceSettings, optional
        Of that method.
    seed : int
        The same seed gives the same draws.
    progress : callable, optional
        See :data:`bayes_scaling.inference.Progress`.

    Raises
    ------
    InputError
        With a code of :func:`efficient_effects`, ``"no_sizes"``, ``"unknown_method"``, or ``"bad_argument"`` for the
        settings of another method.
    InferenceError
        When the sampler fails.

    Warns
    -----
    ImportanceWarning
        When importance sampling is not to be trusted: use NUTS.
    """
    settings = profile_settings(method, settings)
    chosen = tuple(panel.models if models is None else models)
    sizes = _sizes(panel, chosen)
    estimates = efficient_effects(panel, chosen)
    found, keys = estimates.effects, estimates.effects.keys
    unit = float(np.sqrt(np.mean(found.estimate**2)))
    cells = ProfileCells.of(keys, found.means.checkpoints, sizes, _reference(sizes))
    seen = SeenEffects(found.estimate / unit, estimates.covariance / unit**2)
    parameters, convergence = draw_parameters(seen, cells, settings, seed=seed, progress=progress)
    tau = seen.conditional_draws(parameters, cells, cells, np.random.default_rng([seed, 1]))
    return MemorisationProfile(
        effects=_effect_draws(keys, unit * tau),
        parameters=parameters,
        convergence=convergence,
        sizes=sizes,
        estimates=estimates,
        unit=unit,
    )


def predict_profile(
    fit: MemorisationProfile, n_params: float, *, label: str = "predicted", seed: int = 0
) -> EffectDraws:
    """Effects that a model of another size would show, trained on the same data in the same order.

    Parameters
    ----------
    fit : MemorisationProfile
        Of at least two sizes.
    n_params : float
        Parameters of the other model.
    label : str, default "predicted"
        What it is called.
    seed : int

    Returns
    -------
    EffectDraws
        Expected effects, for every cohort and checkpoint of the fit. The estimates that an evaluation of that
        model would give scatter around them by their own standard errors.

    Raises
    ------
    InputError
        With code ``"no_sizes"`` when the fit has one model, ``"bad_argument"`` when the size is not above zero or
        the label is taken.
    """
    if len(fit.sizes) < 2:
        raise InputError(
            "a profile of one model",
            "at least two sizes, to tell how memorisation grows with size",
            "Fit the profile of several models of one panel.",
            code="no_sizes",
        )
    if not (np.isfinite(n_params) and n_params > 0) or label in fit.sizes:
        raise InputError(
            f"n_params = {n_params!r}, label {label!r}",
            f"a size above zero and a label other than {', '.join(fit.sizes)}",
            "Correct the size, or choose another label.",
            code="bad_argument",
        )
    rng = np.random.default_rng([seed, 2])
    sizes = {**fit.sizes, label: float(n_params)}
    keys = fit.estimates.effects.keys
    wanted = keys[keys[MODEL] == keys[MODEL].iloc[0]].assign(**{MODEL: label}).reset_index(drop=True)
    new_cells = fit.cells(wanted, sizes)
    parameters = _with_new_model(fit.parameters, new_cells.log_size, rng)
    tau = fit.seen.conditional_draws(parameters, fit.cells(keys, fit.sizes), new_cells, rng)
    return _effect_draws(wanted, fit.unit * tau)


def _with_new_model(parameters: xr.Dataset, log_size: np.ndarray, rng: np.random.Generator) -> xr.Dataset:
    """Parameters whose scales have one more model, the last of `log_size`, drawn given the scales of the others.

    Scales are relative to the mean of the others: so is the new one.
    """
    n_known = len(log_size) - 1
    contrast = np.zeros((n_known, n_known + 1))  # of the others, and the new one less their mean
    contrast[:-1, :-1], contrast[-1] = contrasts(n_known), np.append(np.full(n_known, -1.0 / n_known), 1.0)
    size_range = parameters["size_range"].to_numpy()[..., None, None]
    alike = contrast @ size_similarity(np, log_size, log_size, size_range) @ contrast.T
    weights = np.linalg.solve(alike[..., :-1, :-1] + JITTER * np.eye(n_known - 1), alike[..., :-1, -1:])[
        ..., 0
    ]
    left = np.sqrt(np.maximum(alike[..., -1, -1] - (weights * alike[..., :-1, -1]).sum(axis=-1), 0.0))
    growth, model_sd = parameters["growth"].to_numpy(), parameters["model_sd"].to_numpy()
    scale = parameters["log_scale"].transpose("chain", "draw", "model").to_numpy()
    off_line = (scale - growth[..., None] * log_size[:-1]) @ contrasts(n_known).T
    expected = growth * (contrast[-1] @ log_size) + (weights * off_line).sum(axis=-1)
    drawn = expected + model_sd * left * rng.normal(size=growth.shape)
    joined = np.concatenate([scale, drawn[..., None]], axis=-1)
    return parameters.drop_dims("model").assign(log_scale=(("chain", "draw", "model"), joined))


def _sizes(panel: MemorisationPanel, models: tuple[str, ...]) -> dict[str, float]:
    sizes = {panel.require_model(model): panel.n_params[panel.require_model(model)] for model in models}
    if len(sizes) == 1:
        return {model: _ONE_SIZE if np.isnan(size) else size for model, size in sizes.items()}
    if any(np.isnan(size) for size in sizes.values()) or len(set(sizes.values())) < len(sizes):
        raise InputError(
            f"several models with n_params {list(sizes.values())}",
            "a different size for each model",
            "Fill in the column n_params, or fit the models one at a time.",
            code="no_sizes",
        )
    return sizes


def _reference(sizes: dict[str, float]) -> float:
    """Geometric mean of the sizes, where the growth with size is centred."""
    return float(np.exp(np.mean(np.log(list(sizes.values())))))


def _effect_draws(keys: pd.DataFrame, tau: np.ndarray) -> EffectDraws:
    return EffectDraws(keys, xr.DataArray(tau, dims=("chain", "draw", CELL), name="tau"))
