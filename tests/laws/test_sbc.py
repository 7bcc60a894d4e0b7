"""Every law's fast path on data from its own weak priors: `benchmarks/sbc_laws.py` in small.

Three short fits cannot tell a few per cent of coverage; a large fault they can, and `WRONG` says how large.
"""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling import ScalarPrior
from bayes_scaling.inference.settings import TUNE, LaplaceSettings
from bayes_scaling.laws import CHINCHILLA
from benchmarks.sbc_laws import calibrate_law
from tests.laws.test_every_law import every_law

N_SIMULATIONS, N_FAMILIES = 3, 4
SHORT = {"chains": 16, "draws": 4, "thin": 1}
SHORT_SHARE = 0.45
"""Of the usual warm-up of a law: nine sweeps, and more for laws that data leave partly open."""

WRONG = {
    "runs that all but repeat": {
        "log_run_sd": ScalarPrior(
            np.log(6e-4), 0.05, 0.05, 1.1, "wrong on purpose: a tenth of the right scale"
        )
    },
    "exponents twice too large": {
        "log_alpha": ScalarPrior(np.log(0.8), 0.02, 0.02, 1.1, "wrong on purpose: twice what families have")
    },
}
"""Priors that contradict the simulator."""


def small(law, changes=None, **lengths):
    tune = round(SHORT_SHARE * LaplaceSettings().sweeps_before(law.weakly_identified))
    lengths = SHORT | {"tune": tune} | lengths
    return calibrate_law(law, N_SIMULATIONS, N_FAMILIES, changes=changes, seed=5, **lengths)


def is_plausible(found):
    """Whether truths lie inside their intervals about as often as they should, as far as a few fits can tell."""
    least = min(np.mean(np.abs(shares - 0.5) < 0.45) for shares in found.shares.values())
    return 0.25 < found.coverage(0.5) < 0.75 and found.coverage(0.9) > 0.6 and least > 0.1


@every_law
def test_the_fast_path_holds_what_families_of_the_law_were_made_of(law):
    found = small(law)

    assert is_plausible(found), f"\n{found.uniformity().round(2)}"


@pytest.mark.parametrize("changes", WRONG.values(), ids=list(WRONG))
def test_priors_that_contradict_the_data_are_not_plausible(changes):
    # chains start where the data are, and such a prior takes a warm-up of usual length to pull them away
    assert not is_plausible(small(CHINCHILLA, changes, tune=TUNE))
