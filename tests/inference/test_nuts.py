"""Sampling, on families whose truth is known."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from bayes_scaling.errors import InferenceError, InputError
from bayes_scaling.inference import NutsSettings, convergence, engines, fit_nuts
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.laws.endpoints import SHARP, SOFT
from bayes_scaling.models import ModelSpec
from tests.simulate import PARAMETERS

SPEC = ModelSpec()
AS_SMALL_FIT = NutsSettings(draws=400, tune=400, chains=2)


def test_the_draws_have_converged(small_fit):
    seen = convergence(small_fit)

    assert seen.n_divergent == 0
    assert seen.r_hat_max < 1.03  # two short chains
    assert seen.ess_min > 100


def test_the_truth_is_inside_the_intervals(small_fit, simulation):
    theta = small_fit.draws["theta_family"].transpose("chain", "draw", "family", "parameter")
    truth = simulation.families.loc[list(small_fit.families), list(PARAMETERS)].to_numpy()

    rank = (theta.to_numpy() < truth).mean(axis=(0, 1))

    assert list(theta["parameter"].values) == list(PARAMETERS)
    assert np.all((rank > 0.001) & (rank < 0.999))
    # 24 ranks: a 90 % interval that held fewer than two thirds of them would be a thing of 1 in 10,000
    assert np.mean((rank > 0.05) & (rank < 0.95)) > 2 / 3


@pytest.mark.parametrize(
    ("name", "share"),
    [
        ("log_E", 0.2),
        ("log_size_share", 0.6),
        ("log_alpha", 0.6),
        ("schedule_gap", 0.4),
        ("log_run_sd", 0.4),
        # checkpoints of one planned length, from a quarter of it on: a factor of four in tokens, shared with the gap
        ("log_beta", 0.95),
    ],
)
def test_data_rich_families_are_learned_from_their_data(small_fit, name, share):
    """An interval that holds the truth is no feat if it is the prior's."""
    sd = small_fit.draws["theta_family"].sel(parameter=name).std(("chain", "draw"))

    assert float(sd.median()) < share * SPEC.priors.parameters[name].family_sd


def test_the_posterior_says_how_it_was_made(small_fit, small_runs):
    attributes = small_fit.idata.attrs

    assert attributes["method"] == "nuts"
    assert attributes["sampler"] == "nutpie"
    assert attributes["seed"] == 1
    assert attributes["seconds"] > 0
    assert small_fit.spec == SPEC
    assert small_fit.families == small_runs.families
    rows = small_runs.frame
    late = rows["n_tokens"] >= SPEC.min_progress * rows["n_tokens_total"]
    np.testing.assert_array_equal(small_fit.observed["loss"], rows.loc[late, "loss"])


def test_the_same_seed_gives_the_same_draws_and_progress_is_told(small_fit, small_runs):
    told = []

    again = fit_nuts(SPEC, small_runs, AS_SMALL_FIT, seed=1, progress=lambda *counts: told.append(counts))

    assert again.draws.identical(small_fit.draws)
    assert told[-1][:2] == (1600, 1600)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


@pytest.mark.slow
def test_pymcs_own_sampler_agrees(small_fit, small_runs):
    told = []
    settings = NutsSettings(draws=300, tune=300, chains=1, sampler="pymc")

    second = fit_nuts(SPEC, small_runs, settings, seed=2, progress=lambda *counts: told.append(counts))

    seen = convergence(second)
    ours, theirs = (posterior.draws["theta_family"] for posterior in (small_fit, second))
    ess = np.array([convergence(small_fit).ess_bulk_min, seen.ess_bulk_min])
    error = ours.std(("chain", "draw")) * np.sqrt((1 / ess).sum())
    assert second.idata.attrs["sampler"] == "pymc"
    assert seen.n_divergent == 0
    assert told[-1] == (600, 600, 0)
    assert float(np.abs((ours.mean(("chain", "draw")) - theirs.mean(("chain", "draw"))) / error).max()) < 4.5
    np.testing.assert_allclose(
        np.log(theirs.std(("chain", "draw")) / ours.std(("chain", "draw"))), 0, atol=0.5
    )


def test_a_sampler_that_fails_says_what_to_try(small_runs, monkeypatch):
    def broken(*_):
        raise RuntimeError("all initial points failed")

    monkeypatch.setattr(engines, "_by_nutpie", broken)

    with pytest.raises(InferenceError, match=r"nutpie stopped: all initial points failed.*runs\.check"):
        fit_nuts(SPEC, small_runs)


def test_the_mass_matrix_is_that_of_draws_where_variables_are_whitened_and_nowhere_else(
    small_runs, monkeypatch
):
    chosen = []

    def note(*_, adaptation, **__):
        chosen.append(adaptation)
        raise RuntimeError("seen enough")

    monkeypatch.setattr(engines.nutpie, "compile_pymc_model", lambda *_, **__: None)
    monkeypatch.setattr(engines.nutpie, "sample", note)

    for sample in (lambda: fit_nuts(SPEC, small_runs), lambda: engines.sample_model(None, NutsSettings())):
        with pytest.raises(InferenceError, match="seen enough"):
            sample()

    assert chosen == ["draw_diag", "diag"]


def test_gradients_are_followed_in_gentle_coordinates_and_the_posterior_is_of_the_law_itself(
    small_fit, small_runs, monkeypatch
):
    module = importlib.import_module("bayes_scaling.inference.nuts")

    def seen(spec, *_):
        raise LookupError(spec.law.sharpness)

    monkeypatch.setattr(module, "build_model", seen)
    with pytest.raises(LookupError, match=str(SOFT)):
        fit_nuts(SPEC, small_runs, AS_SMALL_FIT)

    assert small_fit.spec.law is CHINCHILLA
    assert CHINCHILLA.sharpness == SHARP


@pytest.mark.parametrize("seed", [-1, 0.5, "one", None])
def test_a_seed_is_a_whole_number(small_runs, seed):
    with pytest.raises(InputError, match="seed"):
        fit_nuts(SPEC, small_runs, seed=seed)


def test_one_size_is_not_enough(small_runs):
    alone = small_runs.subset(small_runs.frame["n_params"] == 1e9)

    with pytest.raises(InputError) as error:
        fit_nuts(SPEC, alone)

    assert error.value.code == "one_size"
