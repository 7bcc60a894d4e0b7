from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.datasets import load_table
from bayes_scaling.errors import InputError
from bayes_scaling.observational import ScoreTable, fit_components
from tests.observational import models


def low_rank(n_models: int = 40, n_benchmarks: int = 5, rank: int = 1) -> np.ndarray:
    """Scores of which `rank` components say everything."""
    rng = np.random.default_rng(3)
    return 0.5 + 0.05 * rng.standard_normal((n_models, rank)) @ rng.standard_normal((rank, n_benchmarks))


def table_of(made_up, values: np.ndarray) -> ScoreTable:
    frame = made_up.frame.head(len(values)).copy()
    frame[[benchmark.column for benchmark in models.BENCHMARKS]] = values
    return ScoreTable.from_frame(frame, models.BENCHMARKS)


def test_components_are_those_of_the_covariance(made_up):
    values = low_rank(rank=5)
    components = fit_components(table_of(made_up, values), 3)
    eigenvalues, vectors = np.linalg.eigh(np.cov(values.T))

    np.testing.assert_allclose(components.variance_share, eigenvalues[::-1] / eigenvalues.sum())
    assert np.abs(vectors[:, ::-1][:, :3].T @ components.directions) == pytest.approx(np.eye(3), abs=1e-6)


def test_projections_are_uncorrelated_and_centred(made_up):
    table = table_of(made_up, low_rank(rank=5))
    projected = fit_components(table, 3).project(table)

    np.testing.assert_allclose(projected.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(np.corrcoef(projected.T), np.eye(3), atol=1e-9)


def test_a_missing_score_is_what_one_component_says(made_up):
    values = low_rank(rank=1)
    gaps = values.copy()
    gaps[4, 2] = gaps[11, 0] = np.nan

    filled = fit_components(table_of(made_up, gaps), 1).filling.fill(gaps)

    np.testing.assert_allclose(filled, values, atol=1e-4)
    assert (filled[~np.isnan(gaps)] == gaps[~np.isnan(gaps)]).all()


def test_filled_scores_stay_within_zero_and_one(made_up):
    values = low_rank(rank=1)
    filling = fit_components(table_of(made_up, values), 1).filling
    able = values.mean(axis=0) + 40 * (values[0] - values.mean(axis=0))
    able = np.where(np.arange(5) == 2, np.nan, np.clip(able, 0, 1))

    assert 0.0 <= filling.fill(able[None])[0, 2] <= 1.0


def test_models_to_be_forecast_change_nothing(made_up):
    table = made_up.table
    fitted = table.subset(table.frame["flops"].to_numpy() <= 1e22)
    components = fit_components(fitted, 2)

    together = components.project(table)
    alone = components.project(fitted)

    np.testing.assert_allclose(together[table.frame["flops"].to_numpy() <= 1e22], alone)


def test_three_components_have_97_percent_of_the_variance_as_printed(mirror):
    frame = load_table("obsscaling", "benchmarks", mirror)
    shares = fit_components(ScoreTable.from_frame(frame[frame["cohort"] == "paper"])).variance_share.cumsum()

    # arXiv:2405.10938, section 3.2: about 80 % and about 97 %
    assert shares[[0, 2]] == pytest.approx([0.80, 0.97], abs=0.005)


@pytest.mark.parametrize("n_components", [0, 6])
def test_a_number_of_components_that_there_cannot_be_is_refused(made_up, n_components):
    with pytest.raises(InputError) as caught:
        fit_components(made_up.table, n_components)
    assert caught.value.code == "bad_argument"


@pytest.mark.parametrize(("value", "code"), [(np.nan, "no_score"), (0.5, "constant_score")])
def test_a_benchmark_that_says_nothing_is_refused(made_up, value, code):
    values = low_rank(rank=5)
    values[:, 1] = value

    with pytest.raises(InputError, match="b1") as caught:
        fit_components(table_of(made_up, values), 2)
    assert caught.value.code == code
