from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.models.thinning import thin_checkpoints


def checkpoints(*runs: list[float], family: str = "f") -> pd.DataFrame:
    return pd.DataFrame(
        {"family": family, "run": f"run-{number}", "n_tokens": tokens}
        for number, run in enumerate(runs)
        for tokens in run
    )


@settings(deadline=None)
@given(
    runs=st.lists(
        st.lists(st.floats(1e6, 1e13), min_size=1, max_size=40, unique=True).map(sorted),
        min_size=1,
        max_size=4,
    ),
    max_checkpoints=st.integers(1, 12),
    min_progress=st.floats(0, 0.99),
)
def test_what_is_kept_is_late_little_and_ends_with_the_last(runs, max_checkpoints, min_progress):
    frame = checkpoints(*runs)

    kept = thin_checkpoints(frame, max_checkpoints, min_progress)

    by_run = kept.groupby("run")["n_tokens"]
    last = frame.groupby("run")["n_tokens"].max()
    assert by_run.size().max() <= max_checkpoints
    pd.testing.assert_series_equal(by_run.max(), last)
    assert np.all(by_run.min() >= min_progress * last)
    assert kept.index.tolist() == list(range(len(kept)))
    pd.testing.assert_frame_equal(kept, kept.merge(frame).sort_values(["run", "n_tokens"], ignore_index=True))


def test_few_checkpoints_are_all_kept():
    frame = checkpoints([1e9, 2e9, 3e9], [5e9])

    pd.testing.assert_frame_equal(thin_checkpoints(frame, 8, 0.1), frame)


def test_many_lie_evenly_in_log_tokens():
    kept = thin_checkpoints(checkpoints(list(np.geomspace(1e9, 1e10, 1001))), 5, 0.0)["n_tokens"]

    np.testing.assert_allclose(np.log10(kept), [9, 9.25, 9.5, 9.75, 10], atol=1e-3)


def test_progress_is_that_of_each_run():
    kept = thin_checkpoints(checkpoints([1e9, 1e10], [2e9, 1e11]), 8, 0.1)

    assert kept["n_tokens"].tolist() == [1e9, 1e10, 1e11]


def test_runs_of_one_name_in_two_families_are_thinned_apart():
    frame = pd.concat([checkpoints([1e9, 1e10]), checkpoints([1e11, 1e12], family="g")], ignore_index=True)

    assert len(thin_checkpoints(frame, 8, 0.1)) == 4


@pytest.mark.parametrize("index", [[7, 3, 5], ["a", "b", "c"]])
def test_any_index_will_do(index):
    frame = checkpoints([1e9, 2e9, 3e9]).set_axis(index)

    assert thin_checkpoints(frame, 2, 0.0)["n_tokens"].tolist() == [1e9, 3e9]
