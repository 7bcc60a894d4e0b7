"""A family whose loss is not in nats, under a population that knows losses in nats."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

import bayes_scaling as bs
from bayes_scaling.inference import LaplaceSettings, draw_prior, fit_posterior, transfer
from bayes_scaling.inference.linearised import prepare
from bayes_scaling.models import ModelSpec

SIZES = np.array([7e7, 1.6e8])
METRIC = "mean of several sets"
TARGET = pd.DataFrame({"family": "mine", "n_params": [1.2e10], "n_tokens": [3e11]})


def loss_at(n_params, n_tokens):
    """Of small models nearly three times what large ones reach."""
    return 1.2 + 0.35 * (n_params / 1e9) ** -0.6 + 0.2 * (n_tokens / 2e10) ** -0.35


def steep_loss_at(n_params, n_tokens):
    """Four times: hardly any of it is irreducible, which no family in nats resembles."""
    return 0.5 + 1.0 * (n_params / 1e9) ** -0.55 + 0.5 * (n_tokens / 2e10) ** -0.35


def small_models(metric: str, law=loss_at, family: str = "mine") -> bs.RunTable:
    sizes, tokens = (grid.ravel() for grid in np.meshgrid(SIZES, np.geomspace(2e10, 3e11, 6), indexing="ij"))
    seed = ["mine", "other"].index(family)
    noise = 1.0 + 0.003 * np.random.default_rng(seed).standard_normal(len(sizes))
    frame = pd.DataFrame(
        {
            "family": family,
            "run": [f"{size:g}" for size in sizes],
            "n_params": sizes,
            "n_tokens": tokens,
            "loss": law(sizes, tokens) * noise,
            "metric": metric,
        }
    )
    return bs.RunTable.from_frame(frame)


@pytest.fixture(scope="module")
def forecasts() -> dict[float, tuple[float, float]]:
    """90 % interval of the loss of a model 70 times as large, by how rough the unit is taken to be."""
    # another family of the metric, of one size: the shares are pooled, and it tells nothing of the level
    other = small_models(METRIC, family="other").frame
    other = bs.RunTable.from_frame(other[other["n_params"] == SIZES[1]])
    runs = bs.concat_runs([small_models(METRIC), other])
    return {unit_sd: interval(runs, unit_sd) for unit_sd in (0.0, 1.0)}


def interval(runs: bs.RunTable, unit_sd: float) -> tuple[float, float]:
    fit = bs.ScalingModel(priors="population", unit_sd=unit_sd).fit(runs, method="laplace", progress=False)
    table = fit.predict(TARGET, kind="run", prob=0.9).table
    return float(table["lower"].iloc[0]), float(table["upper"].iloc[0])


def test_a_level_far_below_what_was_seen_is_not_forbidden(forecasts):
    truth = float(loss_at(1.2e10, 3e11))
    lower, upper = forecasts[1.0]
    assert lower < truth < upper


def test_without_a_rough_unit_the_population_pulls_it_up(forecasts):
    """Which is what the term is there for: the data have not become easier."""
    truth = np.log(loss_at(1.2e10, 3e11))
    error = {unit_sd: abs(np.log(ends).mean() - truth) for unit_sd, ends in forecasts.items()}
    assert error[1.0] < 0.5 * error[0.0]


def test_in_a_metric_of_its_own_a_family_has_shares_of_its_own():
    truth = float(steep_loss_at(1.2e10, 3e11))
    alone = small_models(METRIC, steep_loss_at)
    other = small_models(METRIC, steep_loss_at, family="other")

    lower, upper = interval(alone, 1.0)
    assert lower < truth < upper
    assert interval(bs.concat_runs([alone, other]), 1.0)[0] > lower


def test_in_a_metric_of_its_own_exponents_are_not_what_others_taught():
    """Weak priors, and families of the metric, leave them as they are."""
    alone = small_models(METRIC)
    both = bs.concat_runs([alone, small_models(METRIC, family="other")])
    weak, taught = (bs.ScalingModel(priors=name).spec_for(alone) for name in ("weak", "population"))

    def exponents(spec: ModelSpec, runs: bs.RunTable) -> list[float]:
        layout = prepare(spec, runs).batch.layout
        places = [spec.mean.parameter_names.index(name) for name in ("log_alpha", "log_beta")]
        return layout.roughness[layout.rough_kind][:, places].max(axis=0).tolist()

    assert exponents(taught, alone) == [0.3, 0.3]
    assert exponents(weak, alone) == exponents(taught, both) == [0.0, 0.0]


def test_so_it_is_in_a_transfer_but_not_where_no_family_taught(monkeypatch):
    module = importlib.import_module("bayes_scaling.inference.transfer")
    seen = []

    def watched(*given):
        seen.append(prepare(*given))
        return seen[-1]

    monkeypatch.setattr(module, "prepare", watched)
    taught = fit_posterior(
        ModelSpec(), small_models("nats_per_token", family="other"), LaplaceSettings(draws=4)
    )
    for posterior in (taught, draw_prior(ModelSpec(), n_draws=64)):
        transfer(posterior, small_models(METRIC))

    exponent = ModelSpec().mean.parameter_names.index("log_alpha")
    assert [start.batch.layout.roughness[0, exponent] for start in seen] == [0.3, 0.0]


def test_in_nats_the_term_is_nothing():
    runs = small_models("nats_per_token")
    fits = [
        bs.ScalingModel(priors="population", unit_sd=unit_sd).fit(runs, method="laplace", progress=False)
        for unit_sd in (0.0, 1.0)
    ]
    draws = [fit.idata["posterior"]["theta_family"].to_numpy() for fit in fits]
    np.testing.assert_array_equal(*draws)


def test_a_level_beyond_all_others_and_no_noise_are_no_obstacle():
    """Where precisions were subtracted, rounding left matrices that were not positive definite."""
    tokens = np.geomspace(5e9, 2e10, 5)
    shape = 1.0 + 0.2 * (tokens / 2e10) ** -0.3
    far = [
        pd.DataFrame({"family": "far", "run": f"{size:g}", "n_params": size, "n_tokens": tokens})
        for size in (1e8, 1e9)
    ]
    frame = pd.concat(
        [
            *(
                rows.assign(loss=4 * loss_at(rows["n_params"], tokens), metric="nats_per_token")
                for rows in far
            ),
            pd.DataFrame({"family": "mine", "run": "a", "n_params": 1e9, "n_tokens": tokens}).assign(
                loss=90.0 * shape, metric="squared error"
            ),
        ],
        ignore_index=True,
    ).assign(n_tokens_total=2e10)

    fit = bs.ScalingModel(priors="population").fit(
        bs.RunTable.from_frame(frame), method="laplace", progress=False
    )

    assert np.isfinite(fit.idata["posterior"]["theta_family"].to_numpy()).all()
    assert "unlike_level" in [note.code for note in fit.check()]
