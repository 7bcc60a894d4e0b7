"""Gains of whole candidates, and whether promises are kept by the fit that follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bayes_scaling import InputError, RunTable, ScalingModel
from bayes_scaling.inference import LaplaceSettings, fit_posterior
from bayes_scaling.planning import CandidateRun, Kind, assess, default_candidates, read_target
from bayes_scaling.planning.gains import COLUMNS
from bayes_scaling.planning.joint_draws import JointDraws
from bayes_scaling.prediction import make_points, predict
from tests.made_up_posterior import made_up_posterior
from tests.simulate import Design, simulate

POINT = {"n_params": 2e10, "n_tokens": 1e11}


@pytest.fixture(scope="module")
def gains(small_fit):
    return assess(small_fit, read_target(small_fit, POINT, "family-0"))


def test_the_table_has_a_row_for_each_candidate_the_best_first(gains, small_fit):
    rows = small_fit.observed.query("family == 'family-0'")

    assert tuple(gains.table) == COLUMNS
    assert len(gains.table) == len(default_candidates(rows, gains.target))
    assert gains.table["narrowing"].is_monotonic_decreasing
    np.testing.assert_allclose(
        gains.table["width_after"], gains.table["width_before"] * (1 - gains.table["narrowing"])
    )


def test_nearer_sizes_and_longer_parts_tell_more(gains):
    seeds, parts = (
        gains.table.query(f"kind == '{kind}'").sort_values(["n_params", "n_tokens"])["narrowing"].to_numpy()
        for kind in ("seed", "part")
    )

    assert np.argmax(seeds) == len(seeds) - 1
    assert np.all(np.diff(parts) > 0)
    # the interval's own noise bounds what a run can do, and the law's mean has no such bound
    assert gains.table["narrowing"].max() < 1 - gains.noise_share + 0.03
    assert np.all(gains.table["narrowing_mean"] > gains.table["narrowing"] - 0.02)


def test_the_situation_is_what_the_rows_are(gains, small_fit):
    forecast = small_fit.predict(family="family-0", **POINT).table.iloc[0]
    seen = gains.situation

    assert (seen.n_sizes, seen.n_runs, seen.n_repeated_sizes) == (5, 10, 5)
    assert (seen.smallest, seen.largest) == (5e7, 3e9)
    assert (seen.median, seen.lower, seen.upper) == tuple(forecast[["median", "lower", "upper"]])


def test_a_family_that_is_not_fitted_needs_candidates():
    posterior = made_up_posterior()
    target = read_target(posterior, POINT, "unheard-of")
    with pytest.raises(InputError) as caught:
        assess(posterior, target)
    assert caught.value.code == "unknown_family"

    found = assess(posterior, target, [CandidateRun(Kind.OWN, 1e9, 2e10, 2e10, 1.2e20)])

    # its level is unknown: one run tells nearly all that can be known
    assert found.table["narrowing"].iloc[0] > 0.5
    assert found.situation.n_runs == 0


@pytest.mark.parametrize(("options", "code"), [({"prob": 90}, "bad_prob"), ({"seed": -1}, "bad_argument")])
def test_bad_settings_are_refused(small_fit, options, code):
    with pytest.raises(InputError) as caught:
        assess(small_fit, read_target(small_fit, POINT, "family-0"), **options)

    assert caught.value.code == code


@pytest.mark.slow
def test_promises_are_kept_by_the_fits_that_follow():
    """Runs drawn from the posterior are added, all is fitted again: the interval is as much narrower as was said."""
    runs = simulate(1, design=Design(sizes=(5e7, 1.5e8, 4e8, 1e9), n_seeds=2), seed=5).runs
    settings = LaplaceSettings()
    fit = ScalingModel().fit(runs, method="laplace", seed=1, progress=False)
    target = read_target(fit, {"n_params": 7e9, "n_tokens": 1.4e11})
    draws = JointDraws(fit, target, 0)
    candidates = [
        CandidateRun(Kind.SIZE, 3e9, 1e11, 1e11, 1.8e21),
        CandidateRun(Kind.SEED, 1e9, 1e11, 1e11, 6e20),
        CandidateRun(Kind.PART, 7e9, 1.4e10, 1.4e11, 5.9e20),
    ]

    columns = ["family", "run", "n_params", "n_tokens", "n_tokens_total", "loss"]

    def width(rows: list[pd.DataFrame], seed: int) -> float:
        frames = [frame[columns] for frame in (fit.observed, *rows)]
        table = RunTable.from_frame(pd.concat(frames, ignore_index=True))
        again = fit_posterior(fit.spec, table, settings, seed=seed)
        point = make_points(None, n_params=7e9, n_tokens=1.4e11, family="family-0")
        found = predict(again, point).table.iloc[0]
        return float(np.log(found["upper"] / found["lower"]))

    before = np.mean([width([], seed) for seed in range(3)])
    gains = assess(fit, target, candidates)
    count, promised = gains.situation.checkpoints_per_run, gains.table.set_index("kind")["narrowing"]
    for candidate in candidates:
        observation = draws.observation(candidate, count)
        shares = []
        for seed, truth in enumerate(np.linspace(0, len(draws.log_mean) - 1, 6).astype(int)):
            log_loss = observation.simulated(np.array([truth]), np.random.default_rng(seed))[0]
            rows = draws.rows_of(candidate, count).assign(loss=np.exp(log_loss))
            shares.append(1 - width([rows], seed) / before)
        assert promised[candidate.kind.value] == pytest.approx(np.mean(shares), abs=0.08)
