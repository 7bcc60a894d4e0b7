"""Panels of known truth, made once."""

from __future__ import annotations

import pytest

from bayes_scaling.memorisation import PanelDesign, simulate_panel

SIZES = (7e7, 4.1e8, 1.4e9, 6.9e9)


@pytest.fixture(scope="session")
def simulated():
    """One model, 8 checkpoints, 6 cohorts."""
    return simulate_panel(PanelDesign(n_checkpoints=8, n_cohorts=6), seed=3)


@pytest.fixture(scope="session")
def sizes_simulated():
    """Four models of different size."""
    design = PanelDesign(n_checkpoints=6, n_cohorts=4, n_per_cohort=60, n_never=120, sizes=SIZES)
    return simulate_panel(design, seed=3)
