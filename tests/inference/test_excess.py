"""One-sided noise: stand-ins against numerical integration, and a law that is found below under-tuned runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from bayes_scaling.errors import InputError
from bayes_scaling.inference import fit_laplace
from bayes_scaling.inference.excess import _level, _site
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.models import ModelSpec
from bayes_scaling.prediction import make_points, predict
from bayes_scaling.priors import weak_priors
from bayes_scaling.runs import RunTable

TYPICAL = 0.03
POINTS = [(1e8, 2e9), (1e9, 2e10), (1e10, 2e11)]


def spec(noise: str) -> ModelSpec:
    return ModelSpec(noise=noise, schedule=False, priors=weak_priors(CHINCHILLA, schedule=False))


def sweep(seed: int = 0) -> tuple[RunTable, dict[str, np.ndarray]]:
    """Eight families of 18 runs, each run under-tuned by an exponential excess; and the law at POINTS."""
    rng, rows, truth = np.random.default_rng(seed), [], {}
    for number in range(8):
        e, a, b, alpha, beta = np.array([1.7, 0.2, 0.22, 0.35, 0.35]) * np.exp(0.1 * rng.standard_normal(5))

        def law(n_params, n_tokens, e=e, a=a, b=b, alpha=alpha, beta=beta):
            return e * (1 + a * (n_params / 1e9) ** -alpha + b * (n_tokens / 2e10) ** -beta)

        truth[f"f{number}"] = np.array([law(*point) for point in POINTS])
        for size in np.geomspace(1e8, 3e9, 6):
            for ratio in (10, 20, 40):
                noise = rng.exponential(TYPICAL) + 0.003 * rng.standard_normal()
                rows.append(
                    (f"f{number}", f"{size:.3g}-{ratio}", size, ratio * size, law(size, ratio * size), noise)
                )
    frame = pd.DataFrame(rows, columns=["family", "run", "n_params", "n_tokens", "law", "noise"])
    loss = frame.pop("law") * np.exp(frame.pop("noise"))
    return RunTable.from_frame(frame.assign(loss=loss)), truth


@pytest.fixture(scope="module")
def sampled():
    runs, truth = sweep()
    return {noise: fit_laplace(spec(noise), runs) for noise in ("symmetric", "frontier")}, truth


def errors(posterior, truth: dict[str, np.ndarray]) -> np.ndarray:
    """Log of predicted over true law, (family, point)."""
    found = [
        predict(
            posterior,
            make_points(
                None, n_params=[p[0] for p in POINTS], n_tokens=[p[1] for p in POINTS], family=family
            ),
            kind="mean",
        ).table["median"]
        for family in truth
    ]
    return np.log(np.array(found) / np.array(list(truth.values())))


def test_the_law_is_that_of_well_tuned_runs(sampled):
    posteriors, truth = sampled

    symmetric, frontier = (errors(posteriors[noise], truth) for noise in ("symmetric", "frontier"))

    assert symmetric.mean() > 0.8 * TYPICAL
    assert abs(frontier.mean()) < 0.2 * TYPICAL
    assert np.sqrt((frontier**2).mean()) < 0.4 * np.sqrt((symmetric**2).mean())


def test_the_typical_excess_is_found(sampled):
    posteriors, _ = sampled

    assert posteriors["symmetric"].typical_excess == {}
    found = np.array(list(posteriors["frontier"].typical_excess.values()))
    assert found.mean() == pytest.approx(TYPICAL, rel=0.25)


def test_a_new_run_lies_above_the_law_by_the_typical_excess(sampled):
    posterior = sampled[0]["frontier"]
    points = make_points(None, n_params=1e9, n_tokens=2e10, family="f0")

    law, run = (np.log(predict(posterior, points, kind=kind).draws.to_numpy()) for kind in ("mean", "run"))

    assert run.mean() - law.mean() == pytest.approx(posterior.typical_excess["f0"], rel=0.1)


def test_points_of_one_run_share_their_excess(sampled):
    posterior = sampled[0]["frontier"]
    points = pd.DataFrame(
        {"family": "unseen", "run": ["a", "a", "b"], "n_params": 1e9, "n_tokens": [1.9e10, 2e10, 2e10]}
    )

    law, run = (
        np.log(predict(posterior, make_points(points), kind=kind).draws.to_numpy())
        for kind in ("mean", "run")
    )
    above = (run - law).reshape(-1, 3)

    assert np.corrcoef(above[:, 0], above[:, 1])[0, 1] > 0.9
    assert abs(np.corrcoef(above[:, 0], above[:, 2])[0, 1]) < 0.1


@pytest.mark.parametrize(("mean", "sd"), [(0.05, 0.004), (0.0, 0.01), (-0.02, 0.01), (0.01, 0.03)])
def test_a_stand_in_leaves_the_posterior_mean_as_it_is(mean, sd):
    def density(value, power):
        return value**power * np.exp(-value / TYPICAL - 0.5 * ((value - mean) / sd) ** 2)

    limit = max(mean, 0) + 12 * sd
    mass, first = (quad(density, 0, limit, args=(power,), points=[max(mean, 1e-6)])[0] for power in (0, 1))

    location, variance, posterior = _site(mean, sd**2, TYPICAL)

    assert posterior == pytest.approx(first / mass, rel=1e-4)
    together = (location / variance + mean / sd**2) / (1 / variance + 1 / sd**2)
    assert together == pytest.approx(posterior, rel=1e-9)
    assert 0 < variance <= TYPICAL**2 * (1 + 1e-9)


def test_the_level_of_a_run_is_the_weighted_mean_of_its_rows():
    covariance = np.array([[2.0, 1.0], [1.0, 3.0]])
    offset = np.array([1.0, 4.0])
    weights = np.linalg.inv(covariance).sum(axis=0)

    mean, variance = _level(offset, covariance)

    assert variance == pytest.approx(1 / weights.sum())
    assert mean == pytest.approx(weights @ offset / weights.sum())


def test_the_noise_is_part_of_the_description():
    described = spec("frontier")

    assert "exponential excess" in str(described)
    assert "exponential excess" not in str(spec("symmetric"))
    assert ModelSpec.from_json(described.to_json()) == described
    with pytest.raises(InputError, match=r"noise = 'both'.*symmetric, frontier"):
        spec("both")
