from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.observational import LatentPriors


@pytest.mark.parametrize("options", [{"task_sd_median": 0.0}, {"tilt_sd": -1.0}, {"compute_mean": np.nan}])
def test_a_prior_without_a_density_is_refused(options):
    with pytest.raises(InputError, match=next(iter(options))) as caught:
        LatentPriors(**options)
    assert caught.value.code == "bad_prior"


def test_means_may_be_negative():
    assert LatentPriors(task_intercept_mean=-5.0).task_intercept_mean == -5.0
