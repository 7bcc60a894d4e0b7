"""Ensembles of students: the loss of their average prediction."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from bayes_scaling.errors import InputError
from bayes_scaling.random_features.gradient_flow import Draw, learned_coefficients
from bayes_scaling.random_features.simulate import TEST_LOSS, TIME, checked_values
from bayes_scaling.random_features.task import PowerLawTask


def ensemble_losses(
    task: PowerLawTask, times: ArrayLike, width: int, n_members: int, *, n_seeds: int = 1, seed: int = 0
) -> xr.DataArray:
    """Test loss of the averaged prediction of students with projections of their own, on infinite data.

    An ensemble costs as much as one student of width ``n_members * width`` trained as long, and is
    never better than it (arXiv:2402.01092, section on ensembling).

    Parameters
    ----------
    task : PowerLawTask
    times : array_like of shape (n_times,)
    width, n_members : int
    n_seeds : int
        Independent ensembles.
    seed : int

    Returns
    -------
    DataArray with dims (seed, time)

    Raises
    ------
    InputError
        With code ``"bad_design"``.
    """
    if width < 1 or n_members < 1 or n_seeds < 1:
        raise InputError(
            f"width = {width}, n_members = {n_members}, n_seeds = {n_seeds}",
            "at least one of each",
            "Ask for more.",
            code="bad_design",
        )
    clock = checked_values("times", times, whole=False)
    losses = [
        _one_ensemble(task, clock, width, n_members, np.random.default_rng([seed, replicate]))
        for replicate in range(n_seeds)
    ]
    return xr.DataArray(
        np.array(losses),
        dims=("seed", TIME),
        coords={"seed": np.arange(n_seeds), TIME: clock},
        name=TEST_LOSS,
    )


def _one_ensemble(
    task: PowerLawTask, times: np.ndarray, width: int, n_members: int, rng: np.random.Generator
) -> np.ndarray:
    """Loss of one ensemble, shape (n_times,): the members' tails are independent and add in squares."""
    outputs, tails = np.zeros((len(times), task.n_modes)), np.zeros(len(times))
    for _ in range(n_members):
        draw = Draw.of(task, width, 0, rng)
        learned = learned_coefficients(task, times, draw, width)
        outputs += learned @ (draw.projection * np.sqrt(task.eigenvalues / width)) / n_members
        tails += task.tail_variance / width * np.einsum("ti,ti->t", learned, learned) / n_members**2
    missing = np.sqrt(task.teacher_power) - outputs
    return np.einsum("tk,tk->t", missing, missing) + tails + task.tail_power + task.noise
