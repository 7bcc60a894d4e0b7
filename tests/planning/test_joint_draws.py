"""What a candidate would show goes together with the target, draw by draw."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from bayes_scaling.inference import LaplaceSettings, Posterior, fit_posterior
from bayes_scaling.models import ModelSpec
from bayes_scaling.planning import CandidateRun, Kind, read_target
from bayes_scaling.planning.joint_draws import MISSING_PROGRESS, JointDraws
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.runs import RunTable
from tests.made_up_posterior import made_up_posterior
from tests.simulate import Design, simulate

RUN = CandidateRun(Kind.SIZE, 1e9, 2e10, 2e10, 1.2e20)


@pytest.fixture(scope="module")
def posterior():
    return made_up_posterior()


def draws_of(posterior, family="apple") -> JointDraws:
    return JointDraws(posterior, read_target(posterior, {"n_params": 1e10, "n_tokens": 2e11}, family), 0)


@pytest.mark.parametrize("family", ["apple", "unheard-of"])
def test_points_asked_for_apart_share_law_and_discrepancy(posterior, family):
    draws = draws_of(posterior, family)
    point = pd.DataFrame({"n_params": [1e9], "n_tokens": [2e10]})
    target = pd.DataFrame({"n_params": [1e10], "n_tokens": [2e11]})

    together = draws.log_means(pd.concat([point, target], ignore_index=True))

    np.testing.assert_allclose(draws.log_means(point)[:, 0], together[:, 0], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(draws.log_mean, together[:, 1], rtol=1e-12, atol=1e-14)


def test_means_are_those_of_a_prediction(posterior):
    points = make_points(None, n_params=[1e9], n_tokens=[2e10], family="apple")
    expected = np.log(predict(posterior, points, kind="mean").draws.to_numpy().ravel())

    found = draws_of(posterior).observation(RUN, 1).expected[:, 0]

    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_noise_of_a_candidate_is_that_of_a_new_run(posterior):
    draws = draws_of(posterior)
    observation = draws.observation(RUN, 4)
    rows = draws.rows_of(RUN, 4)
    run, mean = (
        np.log(
            predict(posterior, make_points(rows), kind=kind).draws.to_numpy().reshape(posterior.n_draws, -1)
        )
        for kind in ("run", "mean")
    )

    expected = np.cov(run - mean, rowvar=False)

    np.testing.assert_allclose(observation.covariance.mean(axis=0), expected, rtol=0.15)
    assert rows["n_tokens"].iloc[-1] == RUN.n_tokens
    assert rows["n_tokens"].is_monotonic_increasing


def test_a_part_of_a_run_has_the_schedule_of_the_whole(posterior):
    draws = draws_of(posterior)
    part = CandidateRun(Kind.PART, 1e10, 1e11, 2e11, 6e21)
    whole = CandidateRun(Kind.OWN, 1e10, 1e11, 1e11, 6e21)

    gap = draws.observation(part, 1).expected - draws.observation(whole, 1).expected

    # halfway along a cosine the level is one half
    names = posterior.spec.family_parameters
    theta = posterior.draws["theta_family"].sel(family="apple").to_numpy().reshape(posterior.n_draws, -1)
    np.testing.assert_allclose(gap[:, 0], 0.5 * theta[:, names.index("schedule_gap")], rtol=1e-8)


def test_checkpoints_of_an_observed_run_follow_its_end(small_fit):
    tree = small_fit.idata.copy()
    rows = tree["observed_data"].to_dataset()
    is_end = ~small_fit.observed.duplicated(["family", "run"], keep="last").to_numpy()
    tree["observed_data"] = xr.DataTree(rows.isel(obs=is_end))
    ends = Posterior(small_fit.spec, tree)
    draws = JointDraws(ends, read_target(ends, {"n_params": 2e10, "n_tokens": 1e11}, "family-0"), 0)
    candidate = CandidateRun(Kind.CHECKPOINTS, np.nan, np.nan, np.nan, 0.0)

    observation = draws.observation(candidate, 6)
    rows = draws.rows_of(candidate, 6)

    assert observation.expected.shape[1] == len(rows) == 6 * len(MISSING_PROGRESS)
    # given its end, a checkpoint scatters less than one of a new run
    new = draws.observation(CandidateRun(Kind.OWN, rows["n_params"][0], 1e11, 1e11, 1.0), 1)
    assert np.all(observation.covariance[:, 0, 0] < new.covariance[:, 0, 0])
    assert np.all(observation.covariance[:, 0, 2] == 0)


@pytest.mark.parametrize("is_repeated", [False, True])
def test_a_target_sees_tokens_once_and_candidates_what_the_family_s_runs_are_made_of(is_repeated):
    """The smallest pool that the family knows is no limit to a target, nor that of fresh runs one to candidates."""
    rows = simulate(1, design=Design(sizes=(1e8, 4e8, 1.6e9), n_seeds=1), seed=3).runs.frame
    # where nothing is stated every token was seen once: of those, the family has more
    pool = np.where(rows["n_params"] == 1.6e9, 5e9, np.nan) if is_repeated else rows["n_tokens"]
    runs = RunTable.from_frame(rows.assign(n_unique_tokens=pool))
    fit = fit_posterior(ModelSpec(), runs, LaplaceSettings(draws=8), seed=0)
    unknown = pd.DataFrame({"n_params": [1e10], "n_tokens": [4e11]}).assign(
        n_unique_tokens=pd.array([pd.NA], dtype="Int64")
    )
    draws = JointDraws(fit, read_target(fit, unknown), 0)

    fresh = predict(fit, make_points(None, n_params=1e10, n_tokens=4e11, family="family-0"), kind="mean")
    np.testing.assert_allclose(draws.log_mean, np.log(fresh.draws.to_numpy().ravel()), rtol=1e-12)

    point = pd.DataFrame({"family": ["family-0"], "n_params": [1e9], "n_tokens": [4e11]})
    if is_repeated:
        point["n_unique_tokens"] = 1e11
    expected = np.log(predict(fit, make_points(point), kind="mean").draws.to_numpy().ravel())
    candidate = CandidateRun(Kind.SIZE, 1e9, 4e11, 4e11, 2.4e21)
    np.testing.assert_allclose(draws.observation(candidate, 1).expected[:, 0], expected, rtol=1e-12)
