"""Panels with known memorisation: for trying an analysis out before the real evaluations are paid for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.columns import (
    CHECKPOINT,
    COHORT,
    EVENT_TIME,
    INSTANCE,
    MODEL,
    N_PARAMS,
    OUTCOME,
    TREATMENT_STEP,
)
from bayes_scaling.memorisation.panel import MemorisationPanel

REFERENCE_SIZE = 1e9
"""Parameters of the model that the effects of :class:`EffectShape` are stated for."""


@dataclass(frozen=True)
class PanelDesign:
    """Which instances are evaluated when.

    Attributes
    ----------
    n_checkpoints, n_cohorts : int
        Checkpoints 0, step, 2 step, ...; the cohorts are trained on before the last `n_cohorts` of them.
    step : int
        Training steps between checkpoints.
    n_per_cohort, n_never : int
        Instances of each cohort, and instances never trained on.
    sizes : tuple of float
        Parameters of the models, all of which see the same instances in the same order.

    Raises
    ------
    InputError
        With code ``"bad_argument"``.
    """

    n_checkpoints: int = 12
    n_cohorts: int = 10
    step: int = 1000
    n_per_cohort: int = 80
    n_never: int = 200
    sizes: tuple[float, ...] = (1e9,)

    def __post_init__(self) -> None:
        lowest = {"n_checkpoints": 2, "n_cohorts": 1, "step": 1, "n_per_cohort": 2, "n_never": 2}
        bad = [name for name, limit in lowest.items() if getattr(self, name) < limit]
        if bad or self.n_cohorts >= self.n_checkpoints or not self.sizes or min(self.sizes) <= 0:
            raise InputError(
                f"{self!r}",
                "fewer cohorts than checkpoints, at least two instances in each group, sizes above zero",
                f"Correct {', '.join(bad) or 'n_cohorts or sizes'}.",
                code="bad_argument",
            )

    @property
    def checkpoints(self) -> np.ndarray:
        """Steps of the checkpoints."""
        return np.arange(self.n_checkpoints) * float(self.step)

    @property
    def cohorts(self) -> np.ndarray:
        """Checkpoint of each cohort."""
        return self.checkpoints[-self.n_cohorts :]


@dataclass(frozen=True)
class EffectShape:
    """How much is memorised, in the unit of the outcome (say nats per token).

    The expected effect e checkpoints after training is
    instantaneous (N / 1e9)^size_exponent [p + (1 - p) (1 + e)^-decay] (1 + cohort_slope (v - 1/2)) (1 + d),
    with p the persistent share, v in 0..1 the place of the cohort in training, and d a random deviation: of
    size `size_sd`, smooth over cohorts and event times, that models of similar size share, and of size `cell_sd`
    from cell to cell, that all models share.
    """

    instantaneous: float = 0.05
    persistent_share: float = 0.3
    decay: float = 1.0
    cohort_slope: float = 0.5
    size_exponent: float = 0.3
    size_sd: float = 0.15
    cell_sd: float = 0.05


@dataclass(frozen=True)
class PanelNoise:
    """What hides the effect.

    Attributes
    ----------
    instance_sd : float
        Of the level of an instance, the same in every model.
    noise_sd, autocorrelation : float
        Of an instance's outcome at a checkpoint, and between neighbouring checkpoints (AR(1)).
    effect_sd : float
        Relative spread of the effect between instances, the same instances in every model (gamma distributed).
    trend_gap : float
        Outcome that cohorts gain on those never trained on per checkpoint, without training: not zero breaks
        the parallel trends.
    """

    instance_sd: float = 0.4
    noise_sd: float = 0.03
    autocorrelation: float = 0.5
    effect_sd: float = 0.5
    trend_gap: float = 0.0


@dataclass(frozen=True, eq=False)
class SimulatedPanel:
    """A panel and what is true of it.

    Attributes
    ----------
    panel : MemorisationPanel
    truth : DataFrame
        Expected effects: ``model``, ``n_params``, ``cohort``, ``checkpoint``, ``event_time``, ``tau``; only
        cells from training on.
    """

    panel: MemorisationPanel
    truth: pd.DataFrame


def simulate_panel(
    design: PanelDesign | None = None,
    shape: EffectShape | None = None,
    noise: PanelNoise | None = None,
    *,
    seed: int = 0,
) -> SimulatedPanel:
    """Panel with instance and time effects, autocorrelated noise and known effects of training.

    Parameters
    ----------
    design : PanelDesign, optional
    shape : EffectShape, optional
    noise : PanelNoise, optional
    seed : int
        The same seed gives the same panel.
    """
    design, shape, noise = design or PanelDesign(), shape or EffectShape(), noise or PanelNoise()
    rng = np.random.default_rng(seed)
    tau = _expected_effects(design, shape, rng)
    group = np.repeat(
        np.arange(design.n_cohorts + 1), [design.n_per_cohort] * design.n_cohorts + [design.n_never]
    )
    treatment = _treatment_steps(design, group, rng)
    level = rng.normal(0.0, noise.instance_sd, len(group))
    multiplier = _multipliers(noise.effect_sd, len(group), rng)
    drift = noise.trend_gap * np.arange(design.n_checkpoints) * (group < design.n_cohorts)[:, None]
    padded = np.concatenate([tau, np.zeros((len(tau), 1, design.n_checkpoints))], axis=1)
    parts = [
        level[:, None]
        + drift
        + _time_effects(design, size)
        + padded[model][group] * multiplier[:, None]
        + _autocorrelated(noise, (len(group), design.n_checkpoints), rng)
        for model, size in enumerate(design.sizes)
    ]
    frames = [
        _frame(design, size, treatment, outcome) for size, outcome in zip(design.sizes, parts, strict=True)
    ]
    panel = MemorisationPanel.from_frame(pd.concat(frames, ignore_index=True))
    return SimulatedPanel(panel, _truth(design, tau))


def _expected_effects(design: PanelDesign, shape: EffectShape, rng: np.random.Generator) -> np.ndarray:
    """Effects of shape (n_models, n_cohorts, n_checkpoints), zero before training."""
    event = (design.checkpoints - design.cohorts[:, None]) / design.step
    is_post = event >= 0
    event = np.where(is_post, event, 0.0)
    place = design.cohorts[:, None] / design.checkpoints[-1]
    remains = shape.persistent_share + (1.0 - shape.persistent_share) * (1.0 + event) ** -shape.decay
    profile = shape.instantaneous * remains * (1.0 + shape.cohort_slope * (place - 0.5))
    rough = shape.cell_sd * rng.normal(size=event.shape)
    u, v = np.log1p(event) / np.log1p(design.n_checkpoints), place + 0.0 * event
    waves = np.array([np.cos(np.pi * (k * u + m * v)) for k, m in ((1, 0), (0, 1), (1, 1), (2, 1))])
    smooth = shape.size_sd * np.sqrt(0.5) * np.tensordot(_size_walk(design, len(waves), rng), waves, axes=1)
    growth = (np.array(design.sizes) / REFERENCE_SIZE) ** shape.size_exponent
    return growth[:, None, None] * profile * (1.0 + smooth + rough) * is_post


def _size_walk(design: PanelDesign, n_waves: int, rng: np.random.Generator) -> np.ndarray:
    """Amplitudes of shape (n_models, n_waves), standard normal, alike for sizes within a decade of each other."""
    log_sizes = np.log10(design.sizes)
    similarity = np.exp(-np.abs(log_sizes[:, None] - log_sizes))
    # the jitter lets two models be of the same size
    root = np.linalg.cholesky(similarity + 1e-9 * np.eye(len(log_sizes)))
    return root @ rng.normal(size=(len(log_sizes), n_waves))


def _treatment_steps(design: PanelDesign, group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each instance's step, within the interval that ends at its cohort's checkpoint; NaN for never."""
    last = np.append(design.cohorts, np.nan)[group]
    return last - rng.integers(0, design.step, len(group))


def _multipliers(effect_sd: float, n_instances: int, rng: np.random.Generator) -> np.ndarray:
    if effect_sd == 0.0:
        return np.ones(n_instances)
    return rng.gamma(effect_sd**-2, effect_sd**2, n_instances)


def _time_effects(design: PanelDesign, size: float) -> np.ndarray:
    """Log likelihood per token of a model of that size as training goes on: the loss falls, by a power law."""
    return -2.0 - 2.0 * (1.0 + np.arange(design.n_checkpoints)) ** -0.3 * (size / REFERENCE_SIZE) ** -0.1


def _autocorrelated(noise: PanelNoise, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    shocks = noise.noise_sd * rng.normal(size=shape)
    values, fresh = np.empty(shape), np.sqrt(1.0 - noise.autocorrelation**2)
    values[:, 0] = shocks[:, 0]
    for checkpoint in range(1, shape[1]):
        values[:, checkpoint] = (
            noise.autocorrelation * values[:, checkpoint - 1] + fresh * shocks[:, checkpoint]
        )
    return values


def _frame(design: PanelDesign, size: float, treatment: np.ndarray, outcome: np.ndarray) -> pd.DataFrame:
    n_instances, n_checkpoints = outcome.shape
    labels = np.array([f"x{number:06d}" for number in range(n_instances)], dtype=object)
    return pd.DataFrame(
        {
            MODEL: model_label(size),
            N_PARAMS: size,
            INSTANCE: np.repeat(labels, n_checkpoints),
            CHECKPOINT: np.tile(design.checkpoints, n_instances),
            TREATMENT_STEP: np.repeat(treatment, n_checkpoints),
            OUTCOME: outcome.ravel(),
        }
    )


def model_label(size: float) -> str:
    """Label of a simulated model."""
    return f"{size:.3g}"


def _truth(design: PanelDesign, tau: np.ndarray) -> pd.DataFrame:
    model, cohort, checkpoint = np.indices(tau.shape).reshape(3, -1)
    sizes = np.array(design.sizes)[model]
    table = pd.DataFrame(
        {
            MODEL: [model_label(size) for size in sizes],
            N_PARAMS: sizes,
            COHORT: design.cohorts[cohort],
            CHECKPOINT: design.checkpoints[checkpoint],
            "tau": tau.ravel(),
        }
    )
    table.insert(4, EVENT_TIME, table[CHECKPOINT] - table[COHORT])
    return table[table[EVENT_TIME] >= 0].reset_index(drop=True)
