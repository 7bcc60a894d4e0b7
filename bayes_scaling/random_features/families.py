"""Many simulated families at once: a test bed with known exponents for models that pool families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayes_scaling.random_features.run_rows import to_run_table
from bayes_scaling.random_features.simulate import TEST_LOSS, simulate_losses
from bayes_scaling.random_features.task import PowerLawTask
from bayes_scaling.runs import RunTable, concat_runs


@dataclass(frozen=True)
class FamilyDesign:
    """What each simulated family consists of.

    Attributes
    ----------
    widths : tuple of int
        Sizes of its students.
    times : tuple of float
        Times of their checkpoints.
    n_seeds : int
        Students of each size.
    noise : float
        Irreducible loss, as a share of the loss at the start without it: 0.3 leaves half to three quarters of a
        narrow student's last loss irreducible.
    n_modes : int
        As for :class:`~bayes_scaling.random_features.PowerLawTask`.
    """

    widths: tuple[int, ...] = (16, 32, 64, 128, 256)
    times: tuple[float, ...] = tuple(np.geomspace(3.0, 3000.0, 16))
    n_seeds: int = 2
    noise: float = 0.3
    n_modes: int = 2048


def simulate_families(
    decays: Sequence[tuple[float, float]], design: FamilyDesign | None = None, *, seed: int = 0
) -> RunTable:
    """Runs of one family for each pair of decays (a, b), trained on fresh data; time stands for tokens.

    Parameters
    ----------
    decays : sequence of (float, float)
        Decay of the teacher's power and of the feature variances (above 1), one pair a family.
    design : FamilyDesign, optional
    seed : int
        Families and sizes have independent draws; same seed, same runs.
    """
    plan = design or FamilyDesign()
    return concat_runs(_family(pair, plan, [seed, index]) for index, pair in enumerate(decays))


def _family(decays: tuple[float, float], plan: FamilyDesign, entropy: list[int]) -> RunTable:
    a, b = decays
    reducible = PowerLawTask(a, b, plan.n_modes).initial_loss
    task = PowerLawTask(a, b, plan.n_modes, noise=plan.noise * reducible)
    own_seeds = np.random.default_rng(entropy).integers(2**31, size=len(plan.widths))
    label = f"a{a:g}-b{b:g}-{entropy[-1]}"
    # one size at a time: students of different sizes share no projections, as real runs share no weights
    return concat_runs(
        to_run_table(
            simulate_losses(task, plan.times, [width], n_seeds=plan.n_seeds, seed=int(own_seed))[TEST_LOSS],
            label,
        )
        for width, own_seed in zip(plan.widths, own_seeds, strict=True)
    )
