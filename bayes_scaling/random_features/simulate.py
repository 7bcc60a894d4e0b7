"""Losses over seeds, widths, samples and times as one labelled array."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from bayes_scaling.errors import InputError
from bayes_scaling.names import SEED
from bayes_scaling.random_features.gradient_flow import (
    Draw,
    data_limited_losses,
    finite_losses,
    unlimited_losses,
    width_limited_losses,
)
from bayes_scaling.random_features.task import FloatArray, PowerLawTask

WIDTH, SAMPLES, TIME = "width", "samples", "time"
TEST_LOSS, TRAIN_LOSS = "test_loss", "train_loss"


def simulate_losses(
    task: PowerLawTask,
    times: ArrayLike,
    widths: Sequence[float] = (np.inf,),
    samples: Sequence[float] = (np.inf,),
    *,
    n_seeds: int = 1,
    seed: int = 0,
) -> xr.Dataset:
    """Test and training losses of students of every width on every number of samples at all times.

    Parameters
    ----------
    task : PowerLawTask
    times : array_like of shape (n_times,)
        Positive; ``inf`` is the end of training.
    widths, samples : sequences of float
        Whole numbers, or ``inf`` for the exact limit. Students of one seed are nested: the narrower one has the
        first projections of the wider one, and likewise for samples, so that differences between them are
        less noisy than each loss.
    n_seeds : int
        Independent draws of projections and samples.
    seed : int
        Same seed, same losses; draw s does not depend on `n_seeds`.

    Returns
    -------
    Dataset
        ``test_loss`` and ``train_loss`` with dims (seed, width, samples, time), in the unit of the squared
        labels. The test loss includes the noise of the labels. With infinite data the two are equal.

    Raises
    ------
    InputError
        With code ``"bad_design"`` for an empty, repeated, negative or fractional width, number of samples or time.
    """
    clock = checked_values("times", times, whole=False)
    wide, many = checked_values("widths", widths, whole=True), checked_values("samples", samples, whole=True)
    if n_seeds < 1:
        raise InputError(f"n_seeds = {n_seeds}", "at least one seed", "Ask for more.", code="bad_design")
    losses = np.empty((2, n_seeds, len(wide), len(many), len(clock)))
    for replicate in range(n_seeds):
        rng = np.random.default_rng([seed, replicate])
        draw = Draw.of(task, _largest(wide), _largest(many), rng)
        for (i, width), (j, count) in product(enumerate(wide), enumerate(many)):
            losses[:, replicate, i, j] = _losses(task, clock, draw, width, count)
    dims = (SEED, WIDTH, SAMPLES, TIME)
    coordinates = {SEED: np.arange(n_seeds), WIDTH: wide, SAMPLES: many, TIME: clock}
    described = {"a": task.a, "b": task.b, "noise": task.noise, "n_modes": task.n_modes}
    return xr.Dataset(
        {TEST_LOSS: (dims, losses[0]), TRAIN_LOSS: (dims, losses[1])}, coords=coordinates, attrs=described
    )


def _losses(
    task: PowerLawTask, times: FloatArray, draw: Draw, width: float, samples: float
) -> tuple[FloatArray, FloatArray]:
    match (math.isinf(width), math.isinf(samples)):
        case (True, True):
            both = unlimited_losses(task, times)
        case (False, True):
            both = width_limited_losses(task, times, draw, int(width))
        case (True, False):
            return data_limited_losses(task, times, draw, int(samples))
        case _:
            return finite_losses(task, times, draw, int(width), int(samples))
    return both, both


def _largest(counts: FloatArray) -> int:
    finite = counts[np.isfinite(counts)]
    return int(finite.max()) if len(finite) else 0


def checked_values(name: str, values: ArrayLike, *, whole: bool) -> FloatArray:
    """Values as increasing floats, shape (n_values,), or the error that says what is wrong with them."""
    array = np.atleast_1d(np.asarray(values, dtype=float))
    finite = array[np.isfinite(array)]
    is_right = (
        array.ndim == 1
        and len(array) > 0
        and bool((array > 0).all())  # False for NaN too
        and len(np.unique(array)) == len(array)
        and not (whole and (finite % 1.0).any())
    )
    if not is_right:
        kind = "whole numbers or inf" if whole else "numbers"
        raise InputError(
            f"{name} = {values!r}", f"different positive {kind}", f"Correct {name}.", code="bad_design"
        )
    return np.sort(array)
