"""Segments of the path of a learning rate, and the laws that sum over them, against sums over every step."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling.datasets import load_dataset
from bayes_scaling.datasets.readers.multipower import TOKENS_PER_STEP
from bayes_scaling.errors import InputError
from bayes_scaling.laws import ANNEALING, CHINCHILLA, MULTI_POWER
from bayes_scaling.laws.multi_power import WARM_UP
from bayes_scaling.laws.schedule_columns import LR_AREA, LR_DROP, LR_SUM
from bayes_scaling.models import with_inputs
from bayes_scaling.models.schedule_segments import NEVER, SCHEDULE_COLUMNS, schedule_columns
from bayes_scaling.priors import weak_priors

PEAK = 3e-4
NAMES = ("L0", "A", "alpha", "B", "C", "beta", "gamma")
PUBLISHED = {
    "25M": (3.040, 0.525, 0.508, 363.8, 2.066, 0.583, 0.641),
    "100M": (2.651, 0.601, 0.453, 437.9, 2.132, 0.598, 0.655),
    "400M": (2.375, 0.654, 0.429, 523.4, 2.025, 0.594, 0.635),
}
PUBLISHED_MAE = {"25M": 0.00376, "100M": 0.00435, "400M": 0.00484}
"""Luo et al. 2025, arXiv:2503.12811: README of the authors' repository."""

GIVEN = ("cosine_24000", "constant_24000", "wsdcon_9")


@pytest.fixture(scope="module")
def curves(mirror) -> pd.DataFrame:
    rows = load_dataset("multipower", mirror).frame
    return schedule_columns(rows.assign(family=rows["run"], run=rows["schedule"]))


def constants(size: str) -> dict[str, float]:
    return dict(zip(NAMES, PUBLISHED[size], strict=True))


def by_segments(size: str, rows: pd.DataFrame) -> np.ndarray:
    params = MULTI_POWER.from_published(np, constants(size), PEAK, TOKENS_PER_STEP)
    return np.exp(
        MULTI_POWER.log_loss(np, params, {name: rows[name].to_numpy() for name in MULTI_POWER.inputs})
    )


def by_steps(size: str, rows: pd.DataFrame) -> np.ndarray:
    """The published law, a term for every step; between rows the rate is a line, or jumps half way."""
    p, logged = constants(size), rows["step"].to_numpy()
    rate = rows["learning_rate"].to_numpy()
    steps = np.arange(logged[0], logged[-1] + 1)
    path = np.interp(steps, logged, rate)
    for place in np.flatnonzero(rate[1:] < 0.7 * rate[:-1]):
        between = (steps > logged[place]) & (steps < logged[place + 1])
        is_late = steps > (logged[place] + logged[place + 1]) / 2
        path[between] = np.where(is_late, rate[place + 1], rate[place])[between]
    total = np.cumsum(path) - path[0] + 0.5 * logged[0] * rate[0]
    fall = np.append(0.0, path[:-1] - path[1:])

    def gain(level, area):
        return 1 - (p["C"] * level ** -p["gamma"] * area + 1) ** -p["beta"]

    found = []
    for now in logged - logged[0]:
        falls = np.flatnonzero(fall[: now + 1] > 0)
        area = total[now] - total[falls] + path[falls]
        gained = (fall[falls] * gain(path[falls], area)).sum()
        warm_up = PEAK * sum(share * gain(PEAK * level, total[now]) for level, share in WARM_UP)
        found.append(p["L0"] + p["A"] * total[now] ** -p["alpha"] - p["B"] * (gained - warm_up))
    return np.array(found)


@pytest.mark.parametrize("size", PUBLISHED)
def test_segments_are_as_good_as_steps(curves, size):
    for _, rows in curves[curves["family"] == size].groupby("run"):
        np.testing.assert_allclose(
            np.log(by_segments(size, rows)), np.log(by_steps(size, rows)), rtol=0, atol=1e-4
        )


@pytest.mark.parametrize("size", PUBLISHED)
def test_the_published_constants_have_about_the_published_error(curves, size):
    rows = curves[(curves["family"] == size) & ~curves["run"].isin(GIVEN)]

    errors = [np.abs(by_segments(size, run) - run["loss"]).mean() for _, run in rows.groupby("run")]

    assert len(errors) == 6
    assert np.mean(errors) == pytest.approx(PUBLISHED_MAE[size], rel=0.15)


def made_up(rates: list[float]) -> pd.DataFrame:
    tokens = 1e9 * np.arange(1, len(rates) + 1)
    return pd.DataFrame({"family": "f", "run": "r", "n_tokens": tokens, "learning_rate": rates})


def test_a_constant_rate_has_a_sum_and_no_falls():
    frame = schedule_columns(made_up([0.1] * 5))

    np.testing.assert_allclose(frame[LR_SUM], [0.5, 1.5, 2.5, 3.5, 4.5])  # a warm-up up to the first row
    assert (frame[list(LR_DROP)] == NEVER).all(axis=None)


def test_one_jump_is_one_segment_with_the_area_since_then():
    frame = schedule_columns(made_up([1.0, 1.0, 0.1, 0.1]))
    drop, area = frame[list(LR_DROP)].to_numpy(), frame[list(LR_AREA)].to_numpy()

    np.testing.assert_allclose(drop.sum(axis=1), [0, 0, 0.9, 0.9], atol=1e-9)
    np.testing.assert_allclose(area.sum(axis=1), [0, 0, 0.05, 0.15], atol=1e-9)


def test_a_row_knows_only_its_past():
    decay = [1.0, 0.9, 0.8, 0.6, 0.4, 0.2]
    whole, part = schedule_columns(made_up(decay)), schedule_columns(made_up(decay[:4]))
    params = {
        name: prior.location for name, prior in weak_priors(ANNEALING, schedule=False).parameters.items()
    }

    early = [
        ANNEALING.log_loss(np, params, {name: frame[name].to_numpy()[:4] for name in ANNEALING.inputs})
        for frame in (whole, part)
    ]

    np.testing.assert_allclose(early[0], early[1], atol=2e-4)


def test_columns_that_are_there_are_kept_and_order_does_not_matter():
    frame = schedule_columns(made_up([1.0, 0.8, 0.5]))

    assert schedule_columns(frame) is frame
    shuffled = schedule_columns(made_up([1.0, 0.8, 0.5]).iloc[[2, 0, 1]])
    pd.testing.assert_frame_equal(shuffled.sort_index(), frame)


def test_a_law_of_the_schedule_derives_them_and_another_does_not():
    rows = made_up([1.0, 0.8, 0.5]).assign(n_params=1e9)

    assert set(SCHEDULE_COLUMNS) <= set(with_inputs(MULTI_POWER, rows))
    assert LR_SUM not in with_inputs(CHINCHILLA, rows)


def test_a_table_without_rates_is_refused():
    with pytest.raises(InputError, match="learning_rate") as error:
        schedule_columns(made_up([1.0, np.nan]))

    assert error.value.code == "missing_column"
