"""The likelihood in sums over features against the dense covariance that it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bayes_scaling.models import (
    LOG_DISCREPANCY_SD,
    LOG_RUN_SD,
    ModelSpec,
    build_layout,
    family_log_likelihood,
)
from bayes_scaling.runs import RunTable
from tests.simulate import Design, simulate, true_loss

SPEC = ModelSpec()


def awkward_runs() -> RunTable:
    """Four families: several seeds, one checkpoint a run, two rows in all, losses in a unit of their own."""
    many = simulate(1, seed=1).frame
    last = simulate(1, seed=2, design=Design(n_seeds=1, n_checkpoints=1)).frame.assign(family="last-only")
    tiny = last[last["n_params"].isin([5e7, 3e9])].assign(family="tiny")
    other = simulate(1, seed=3, design=Design(n_checkpoints=3)).frame.assign(family="bits")
    other = other.assign(loss=other["loss"] / np.log(2) * 7, metric="bits_per_word")
    columns = ["family", "run", "n_params", "n_tokens", "loss", "metric"]
    joined = pd.concat([many, last, tiny, other], ignore_index=True).reindex(columns=columns)
    return RunTable.from_frame(joined.fillna({"metric": "nats_per_token"}))


def random_theta(n_families: int, seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    priors = SPEC.priors.parameters
    return {
        name: priors[name].location + priors[name].family_sd * rng.standard_normal(n_families)
        for name in SPEC.family_parameters
    }


def dense_covariance(rows: pd.DataFrame, shape, run_sd: float, discrepancy_sd: float) -> np.ndarray:
    """Covariance of a family's log losses, entry by entry."""
    log_n, log_d = np.log(rows["n_params"].to_numpy()), np.log(rows["n_tokens"].to_numpy())
    same_run = rows["run"].to_numpy()[:, None] == rows["run"].to_numpy()[None, :]
    gap = np.abs(log_d[:, None] - log_d[None, :])
    path = shape.offset + shape.drift * np.exp(-gap / shape.correlation_length)
    features = SPEC.basis.features(log_n, log_d)
    return (
        run_sd**2 * (path * same_run + shape.noise * np.eye(len(rows)))
        + discrepancy_sd**2 * features @ features.T
    )


def dense_log_likelihood(layout, theta: dict[str, np.ndarray]) -> np.ndarray:
    found = []
    for position, family in enumerate(layout.families):
        rows = layout.frame[layout.frame["family"] == family]
        own = pd.Series({name: values[position] for name, values in theta.items()})
        law = true_loss(own, rows["n_params"].to_numpy(), rows["n_tokens"].to_numpy())
        covariance = dense_covariance(
            rows,
            SPEC.shapes[layout.shape_index[position]],
            np.exp(own[LOG_RUN_SD]),
            np.exp(own[LOG_DISCREPANCY_SD]),
        )
        residual = np.log(rows["loss"].to_numpy()) - layout.log_unit[position] - np.log(law)
        found.append(stats.multivariate_normal.logpdf(residual, cov=covariance))
    return np.array(found)


# --- the likelihood ---------------------------------------------------------------------------


@pytest.mark.parametrize("shapes", [0, 1, 2, [2, 0, 1, 1]], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_is_that_of_the_dense_covariance(shapes, seed):
    layout = build_layout(SPEC, awkward_runs(), shapes if isinstance(shapes, int) else np.array(shapes))
    theta = random_theta(len(layout.families), seed)

    fast = family_log_likelihood(np, SPEC.law, theta, layout.arrays())

    np.testing.assert_allclose(fast, dense_log_likelihood(layout, theta), rtol=1e-8)


@pytest.mark.parametrize(("run_sd", "discrepancy_sd"), [(1e-4, 0.1), (0.1, 1e-5), (3.0, 3.0)])
def test_extreme_scales_are_no_harder(run_sd, discrepancy_sd):
    layout = build_layout(SPEC, awkward_runs(), 1)
    theta = random_theta(len(layout.families)) | {
        LOG_RUN_SD: np.full(len(layout.families), np.log(run_sd)),
        LOG_DISCREPANCY_SD: np.full(len(layout.families), np.log(discrepancy_sd)),
    }

    fast = family_log_likelihood(np, SPEC.law, theta, layout.arrays())

    np.testing.assert_allclose(fast, dense_log_likelihood(layout, theta), rtol=1e-6)


def test_a_family_has_the_same_likelihood_alone_and_in_company():
    runs = awkward_runs()
    together, alone = build_layout(SPEC, runs), build_layout(SPEC, runs.select("tiny"))
    theta = random_theta(len(together.families))
    place = together.families.index("tiny")

    in_company = family_log_likelihood(np, SPEC.law, theta, together.arrays())[place]
    by_itself = family_log_likelihood(
        np, SPEC.law, {name: values[[place]] for name, values in theta.items()}, alone.arrays()
    )

    assert by_itself == pytest.approx([in_company], rel=1e-12)


# --- the arrays -------------------------------------------------------------------------------


def test_rows_families_and_inputs_are_those_of_the_table():
    runs = awkward_runs()
    layout = build_layout(SPEC, runs)

    assert layout.families == runs.families == ("bits", "family-0", "last-only", "tiny")
    assert layout.n_obs.sum() == len(layout.frame) == len(layout.log_loss)
    assert set(layout.arrays()) > set(SPEC.law.inputs)
    np.testing.assert_array_equal(layout.inputs["n_params"], layout.frame["n_params"])
    labels = np.array(layout.families)[layout.family_index]
    np.testing.assert_array_equal(labels, layout.frame["family"])


def test_nats_keep_their_unit_and_any_other_unit_is_taken_from_the_rows():
    runs = awkward_runs()
    layout = build_layout(SPEC, runs)

    lowest = runs.frame.groupby("family")["loss"].min()["bits"]
    np.testing.assert_allclose(layout.log_unit, [np.log(lowest / 2), 0, 0, 0])
    assert np.exp(layout.log_loss[layout.family_index == 0].min()) == pytest.approx(2.0)


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_the_unit_of_loss_does_not_matter_where_it_is_not_nats(factor):
    runs = awkward_runs()
    rescaled = runs.select("bits").frame
    rescaled["loss"] *= factor
    theta = random_theta(1)

    found = [
        family_log_likelihood(np, SPEC.law, theta, build_layout(SPEC, table).arrays())
        for table in (runs.select("bits"), RunTable.from_frame(rescaled))
    ]

    np.testing.assert_allclose(found[0], found[1], rtol=1e-9)


def test_runs_of_one_name_in_two_families_are_two_runs():
    one = simulate(1, seed=4).frame
    twins = pd.concat([one, one.assign(family="twin")], ignore_index=True)
    theta = random_theta(2)
    theta = {name: np.repeat(values[:1], 2) for name, values in theta.items()}

    layout = build_layout(SPEC, RunTable.from_frame(twins[["family", "run", "n_params", "n_tokens", "loss"]]))
    first, second = family_log_likelihood(np, SPEC.law, theta, layout.arrays())

    assert first == pytest.approx(second, rel=1e-12)


def test_the_description_decides_which_checkpoints_enter():
    runs = simulate(1, design=Design(first_tokens=1e8, n_checkpoints=80)).runs
    spec = replace(SPEC, max_checkpoints=3, min_progress=0.5)

    frame = build_layout(spec, runs).frame

    assert frame.groupby("run").size().max() == 3
    assert frame["n_tokens"].min() >= 0.5 * 1e11
