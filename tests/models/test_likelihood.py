"""The likelihood in sums over features against the dense covariance that it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from bayes_scaling.models import (
    DiscrepancyBasis,
    ModelSpec,
    build_layout,
    family_log_likelihood,
    likelihood_arrays,
)
from tests.models.dense import AWKWARD_FAMILIES, awkward_runs, dense_log_likelihood, random_theta, split

SPEC = ModelSpec()
N_FAMILIES = len(AWKWARD_FAMILIES)


def likelihood(layout, theta: np.ndarray, spec: ModelSpec = SPEC) -> np.ndarray:
    return family_log_likelihood(np, spec.mean, *split(theta), likelihood_arrays(layout))


@pytest.mark.parametrize("shapes", [0, 1, 2, [2, 0, 1, 1, 2]], ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_the_likelihood_is_that_of_the_dense_covariance(shapes, seed):
    layout = build_layout(SPEC, awkward_runs(), shapes if isinstance(shapes, int) else np.array(shapes))
    theta = random_theta(SPEC, N_FAMILIES, seed)

    np.testing.assert_allclose(
        likelihood(layout, theta), dense_log_likelihood(SPEC, layout, theta), rtol=1e-8
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"run_size_exponent": 0.3},
        {"basis": DiscrepancyBasis(decay=0.0, length_scale=2.0)},
        {"max_checkpoints": 2},
        {"min_progress": 0.0, "max_checkpoints": 50},
    ],
    ids=str,
)
def test_every_assumption_reaches_it(changes):
    spec = replace(SPEC, **changes)
    layout = build_layout(spec, awkward_runs(), 1)
    theta = random_theta(spec, N_FAMILIES)

    np.testing.assert_allclose(
        likelihood(layout, theta, spec), dense_log_likelihood(spec, layout, theta), rtol=1e-8
    )


def test_widened_noise_is_that_of_the_rows():
    runs = awkward_runs()
    n_rows = len(build_layout(SPEC, runs).frame)
    inflation = np.exp(np.random.default_rng(0).exponential(1.0, n_rows))
    layout = build_layout(SPEC, runs, 1, inflation)
    theta = random_theta(SPEC, N_FAMILIES)

    np.testing.assert_allclose(
        likelihood(layout, theta), dense_log_likelihood(SPEC, layout, theta), rtol=1e-8
    )


@pytest.mark.parametrize(("run_sd", "discrepancy_sd"), [(1e-4, 0.1), (0.1, 1e-5), (3.0, 3.0)])
def test_extreme_scales_are_no_harder(run_sd, discrepancy_sd):
    layout = build_layout(SPEC, awkward_runs(), 1)
    theta = random_theta(SPEC, N_FAMILIES)
    theta[:, -2:] = np.log([run_sd, discrepancy_sd])

    np.testing.assert_allclose(
        likelihood(layout, theta), dense_log_likelihood(SPEC, layout, theta), rtol=1e-6
    )


def test_a_family_has_the_same_likelihood_alone_and_in_company():
    runs = awkward_runs()
    together, alone = build_layout(SPEC, runs), build_layout(SPEC, runs.select("tiny"))
    theta = random_theta(SPEC, N_FAMILIES)
    place = together.families.index("tiny")

    in_company = likelihood(together, theta)[place]
    by_itself = likelihood(alone, theta[[place]])

    assert by_itself == pytest.approx([in_company], rel=1e-12)


def test_pytensor_computes_the_same():
    layout = build_layout(SPEC, awkward_runs(), 2)
    theta = random_theta(SPEC, N_FAMILIES)
    data = {name: pt.as_tensor(values) for name, values in likelihood_arrays(layout).items()}

    graph = family_log_likelihood(pt, SPEC.mean, *map(pt.as_tensor, split(theta)), data)
    mode = pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile")

    np.testing.assert_allclose(graph.eval(mode=mode), likelihood(layout, theta), rtol=1e-10)
