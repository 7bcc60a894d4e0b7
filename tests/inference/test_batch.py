from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.inference import batch as batch_module
from bayes_scaling.inference.batch import Batch
from bayes_scaling.models import ModelSpec, build_layout, family_log_likelihood, likelihood_arrays
from tests.models.dense import AWKWARD_FAMILIES, awkward_runs, dense_log_likelihood, random_theta, split

SPEC = ModelSpec()
N_CHAINS, N_FAMILIES = 4, len(AWKWARD_FAMILIES)


@pytest.fixture(scope="module", params=[0, 1, 2, [2, 0, 1, 1, 2]], ids=str)
def layout(request):
    n_rows = len(build_layout(SPEC, awkward_runs()).frame)
    inflation = np.where(np.arange(n_rows) % 7 == 0, 3.0, 1.0)
    return build_layout(SPEC, awkward_runs(), np.array(request.param), inflation)


@pytest.fixture(scope="module")
def batch(layout) -> Batch:
    return Batch.of(SPEC, layout)


@pytest.fixture(scope="module")
def theta() -> np.ndarray:
    """Parameters (C, F, Q), other ones in each chain."""
    return np.stack([random_theta(SPEC, N_FAMILIES, seed) for seed in range(N_CHAINS)])


def test_each_chain_has_the_likelihood_of_the_dense_covariance(layout, batch, theta):
    found = batch.log_likelihood(*split(theta))

    expected = [dense_log_likelihood(SPEC, layout, one) for one in theta]
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_it_is_the_likelihood_of_the_model(layout, batch, theta):
    found = batch.log_likelihood(*split(theta))

    expected = [family_log_likelihood(np, SPEC.mean, *split(one), likelihood_arrays(layout)) for one in theta]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_projections_are_those_of_residuals_row_by_row(layout, batch, theta):
    residuals = layout.log_loss - batch.expected(split(theta)[0])
    n_features = layout.eigenvalues.shape[1]
    expected = np.stack([part[:, -n_features:] for part in batch.transform(residuals)], axis=1)

    np.testing.assert_allclose(batch.projections(split(theta)[0]), expected, rtol=1e-8, atol=1e-10)


def test_where_one_run_is_long_rows_are_taken_as_they_are(layout, batch, theta, monkeypatch):
    expected = batch.log_likelihood(*split(theta)), batch.projections(split(theta)[0])
    monkeypatch.setattr(batch_module, "LONGEST_IN_PIECES", 1)
    by_row = Batch.of(SPEC, layout)

    assert by_row._pieces is None
    assert batch._pieces is not None
    np.testing.assert_allclose(by_row.log_likelihood(*split(theta)), expected[0], rtol=1e-10)
    np.testing.assert_allclose(by_row.projections(split(theta)[0]), expected[1], rtol=1e-8, atol=1e-10)


def test_a_family_s_rows_are_whitened_apart_from_all_others(layout, batch):
    values = np.random.default_rng(0).standard_normal((1, len(layout.frame)))
    other = values.copy()
    other[:, batch.blocks[1].rows] += 1.0

    before, after = batch.transform(values), batch.transform(other)

    changed = [not np.allclose(one, two) for one, two in zip(before, after, strict=True)]
    assert changed == [False, True, False, False, False]
    assert [block.rows.stop - block.rows.start for block in batch.blocks] == layout.n_obs.tolist()
