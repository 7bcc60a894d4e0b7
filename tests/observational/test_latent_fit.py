"""Recovery of what is known of made-up models, from one short fit; forecasts and equivalents from plain draws."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.errors import InputError
from bayes_scaling.evaluation.scores import covered
from tests.observational.models import TASK, TASK_SD


def test_chains_agree(short_fit):
    assert short_fit.convergence.r_hat_max < 1.05
    assert short_fit.convergence.n_divergent < 12
    assert short_fit.seconds > 0


def test_held_out_scores_lie_in_their_intervals(short_fit, made_up):
    forecast = short_fit.predict()
    observed = made_up.frame["task"].to_numpy()
    inside = covered(forecast.draws, observed, 0.9)

    assert forecast.is_held_out.sum() == (made_up.frame["flops"] > TASK.cutoff_flops).sum() > 15
    assert inside[forecast.is_held_out].mean() >= 0.75
    assert inside[~forecast.is_held_out].mean() >= 0.8
    error = np.abs(forecast.mean - observed)[forecast.is_held_out]
    assert error.mean() < 0.08
    assert np.ptp(observed[forecast.is_held_out]) > 0.5


def test_the_scatter_of_models_around_the_link_is_found(short_fit):
    lower, upper = np.quantile(short_fit.draws["task_sd"], [0.01, 0.99])

    assert lower < TASK_SD < upper


def test_capabilities_span_the_true_ones(short_fit, made_up):
    found = (
        short_fit.capabilities()
        .pivot(index="run", columns="capability", values="mean")
        .loc[list(made_up.table.models)]
    )
    design = np.column_stack([np.ones(len(found)), found])
    rebuilt = design @ np.linalg.lstsq(design, made_up.capabilities, rcond=None)[0]
    left = ((made_up.capabilities - rebuilt) ** 2).mean(axis=0) / made_up.capabilities.var(axis=0)

    assert (left < 0.08).all()


def test_a_family_has_its_own_equivalent_compute(short_fit, made_up):
    equivalent = short_fit.equivalent_flops("family 2")
    own = equivalent[equivalent["family"] == "family 2"]

    assert own["flops"].to_numpy() == pytest.approx(made_up.frame["flops"][own.index].to_numpy())
    assert np.abs(np.log(own["median"] / own["flops"])).max() < np.log(4.0)
    assert own["flops"].between(own["lower"] / 1.2, own["upper"] * 1.2).all()


def test_the_same_seed_gives_the_same_forecast(short_fit):
    once, again = short_fit.predict(seed=3), short_fit.predict(seed=3)

    np.testing.assert_array_equal(once.draws, again.draws)
    assert not np.array_equal(once.draws, short_fit.predict(seed=4).draws)


def test_forecasts_are_counts_between_zero_and_one(made_up_fit, design):
    forecast = made_up_fit(design).predict()
    counts = forecast.draws * TASK.n_items

    np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)
    assert 0.0 <= forecast.draws.min() < forecast.draws.max() <= 1.0
    assert (np.diff(forecast.mean) > -0.02).all()


def test_equivalent_compute_inverts_the_reference_line(made_up_fit, design):
    fit = made_up_fit(design)
    equivalent = fit.equivalent_flops("family 1")
    mean_capability = np.linspace(-2, 2, len(design.models))
    x = design.family_compute[1] + mean_capability - 0.5

    expected = design.compute_center + design.compute_scale * x
    assert np.log(equivalent["median"].to_numpy()) == pytest.approx(expected, abs=0.1)
    assert (equivalent["lower"] < equivalent["median"]).all()


def test_a_family_that_does_not_grow_never_gets_there(made_up_fit, design):
    fit = made_up_fit(design)
    fit.draws["slope"] = -fit.draws["slope"]

    assert (fit.equivalent_flops("family 1")["lower"] > 1e300).all()


def test_an_unknown_reference_family_is_told_the_known_ones(made_up_fit, design):
    with pytest.raises(InputError, match="family 3") as caught:
        made_up_fit(design).equivalent_flops("Llama-2")
    assert caught.value.code == "unknown_family"


def test_capabilities_have_a_row_for_each_model_and_axis(made_up_fit, design):
    table = made_up_fit(design).capabilities()

    assert len(table) == 2 * len(design.models)
    assert (table["lower"] < table["mean"]).all()
    assert table["capability"].unique().tolist() == [1, 2]
