"""Many points take time in proportion, and no more memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from bayes_scaling.prediction import draws as drawing
from bayes_scaling.prediction import make_points, predict
from tests.made_up_posterior import made_up_draws, made_up_posterior

N_DRAWS = 1000


@contextmanager
def peak_megabytes() -> Iterator[list[float]]:
    """The most memory that was in use at a time, in a list once the block is done."""
    peak: list[float] = []
    tracemalloc.start()
    try:
        yield peak
        peak.append(tracemalloc.get_traced_memory()[1] / 1e6)
    finally:
        tracemalloc.stop()


def many_points(count: int):
    rng = np.random.default_rng(0)
    return make_points(
        None,
        n_params=np.exp(rng.uniform(18, 26, count)),
        n_tokens=np.exp(rng.uniform(23, 30, count)),
        family=rng.choice(["apple", "pear", "new"], count).tolist(),
    )


@pytest.fixture(scope="module")
def posterior():
    return made_up_posterior(made_up_draws(n_draws=N_DRAWS // 4))


def test_memory_does_not_grow_with_the_draws_of_all_points(posterior, monkeypatch):
    monkeypatch.setattr(drawing, "MAX_WORKERS", 2)
    monkeypatch.setattr(drawing, "BLOCK_ELEMENTS", 200_000)
    points = many_points(10_000)
    all_draws = len(points) * N_DRAWS * 8 / 1e6

    with peak_megabytes() as peak:
        table = predict(posterior, points).table

    assert len(table) == len(points)
    assert table["median"].notna().all()
    assert peak[0] < 0.5 * all_draws


def test_a_tenth_of_a_hundred_thousand_points_takes_a_tenth_of_a_minute(posterior):
    started = time.process_time()

    predict(posterior, many_points(10_000)).interval(0.9)

    assert time.process_time() - started < 6
