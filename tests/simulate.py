"""The generative model in plain numpy: population, families, runs, checkpoints.

Written from the equations, without the package's laws and models, so that the two can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.runs import RunTable

LAW_PARAMETERS = ("log_E", "log_size_share", "log_data_share", "log_alpha", "log_beta")
PARAMETERS = (*LAW_PARAMETERS, "schedule_gap", "log_run_sd", "log_discrepancy_sd")
REFERENCE_N_PARAMS, REFERENCE_N_TOKENS = 1e9, 2e10
HALF_LIFE_EPOCHS = 15.387756
"""Muennighoff et al. 2023, arXiv:2305.16264, eq. 6."""


@dataclass(frozen=True)
class Population:
    """Where families lie and how much they differ, in the order of `PARAMETERS`; exponents go together."""

    mean: tuple[float, ...] = (*np.log([1.8, 0.2, 0.22, 0.34, 0.36]), 0.02, *np.log([0.006, 0.01]))
    sd: tuple[float, ...] = (0.15, 0.3, 0.3, 0.15, 0.15, 0.01, 0.2, 0.2)
    correlation_of_exponents: float = 0.5

    @property
    def covariance(self) -> np.ndarray:
        correlation = np.eye(len(PARAMETERS))
        alpha, beta = PARAMETERS.index("log_alpha"), PARAMETERS.index("log_beta")
        correlation[alpha, beta] = correlation[beta, alpha] = self.correlation_of_exponents
        return np.outer(self.sd, self.sd) * correlation


@dataclass(frozen=True)
class Path:
    """Shares of a run's variance: its offset, a path that drifts in log tokens, evaluation noise."""

    offset: float
    drift: float
    noise: float
    correlation_length: float = 1.0


STEADY = Path(offset=0.80, drift=0.18, noise=0.02)
DRIFTING = Path(offset=0.30, drift=0.65, noise=0.05)
NOISY = Path(offset=0.25, drift=0.25, noise=0.50)


@dataclass(frozen=True)
class Design:
    """Which runs each family has: every size with every seed, checkpoints evenly in log tokens.

    The learning rate of each run falls along a cosine from 1e-3 to zero at its last tokens; it is in the table
    only if `logs_learning_rate`. With `n_unique_tokens`, tokens beyond are repeats.
    """

    sizes: tuple[float, ...] = (5e7, 1.5e8, 4e8, 1e9, 3e9)
    n_seeds: int = 2
    n_checkpoints: int = 6
    first_tokens: float = 1e10
    last_tokens: float = 1e11
    n_unique_tokens: float | None = None
    logs_learning_rate: bool = False


TRUTH = ("log_law", "schedule", "discrepancy", "path")
"""Columns of a simulated table that add up to the log loss, and that no run table has."""


@dataclass(frozen=True)
class Surroundings:
    """How far the discrepancy reaches in e-folds, how it falls with N D and grows as repeated tokens wear, and how a
    run's residual falls with N."""

    length_scale: float = 5.0
    decay: float = 0.15
    wear: float = 10.0
    run_size_exponent: float = 0.05


@dataclass(frozen=True, eq=False)
class Simulation:
    """Simulated runs and what lies behind them.

    Attributes
    ----------
    frame : DataFrame
        The run table, with the columns `TRUTH` beside the loss whose log they add up to.
    families : DataFrame
        True parameters on the pooled scale, indexed by family.
    """

    frame: pd.DataFrame
    families: pd.DataFrame

    @property
    def runs(self) -> RunTable:
        return RunTable.from_frame(self.frame.drop(columns=list(TRUTH)))


def simulate(
    n_families: int = 3,
    *,
    population: Population | None = None,
    design: Design | None = None,
    path: Path = STEADY,
    surroundings: Surroundings | None = None,
    seed: int = 0,
) -> Simulation:
    """Draw families from a population and runs from each family."""
    rng = np.random.default_rng(seed)
    population, design = population or Population(), design or Design()
    around = surroundings or Surroundings()
    labels = [f"family-{number}" for number in range(n_families)]
    theta = rng.multivariate_normal(population.mean, population.covariance, n_families)
    families = pd.DataFrame(theta, columns=list(PARAMETERS), index=pd.Index(labels, name="family"))
    frames = [_family(label, families.loc[label], design, path, around, rng) for label in labels]
    return Simulation(pd.concat(frames, ignore_index=True), families)


def true_loss(theta: pd.Series, n_params: np.ndarray, n_tokens: np.ndarray) -> np.ndarray:
    """Loss of the law alone, in natural units."""
    size = np.exp(theta["log_size_share"]) * (n_params / REFERENCE_N_PARAMS) ** -np.exp(theta["log_alpha"])
    data = np.exp(theta["log_data_share"]) * (n_tokens / REFERENCE_N_TOKENS) ** -np.exp(theta["log_beta"])
    return np.exp(theta["log_E"]) * (1 + size + data)


def schedule_level(n_tokens: np.ndarray, n_tokens_total: float) -> np.ndarray:
    """Learning rate over its peak on a cosine that reaches zero at the end."""
    return np.cos(np.pi / 2 * n_tokens / n_tokens_total) ** 2


def fresh_tokens(n_tokens: np.ndarray, n_unique_tokens: float | None) -> np.ndarray:
    """Tokens seen once that teach as much; Muennighoff et al. 2023, eq. 5."""
    if n_unique_tokens is None:
        return n_tokens
    repeats = np.maximum(n_tokens / n_unique_tokens - 1, 0)
    worth = n_unique_tokens * HALF_LIFE_EPOCHS * (1 - np.exp(-repeats / HALF_LIFE_EPOCHS))
    return np.minimum(n_tokens, n_unique_tokens) + worth


def discrepancy_scale(n_params: np.ndarray, n_tokens: np.ndarray, decay: float) -> np.ndarray:
    """The discrepancy's scale over that at the reference point."""
    return (n_params / REFERENCE_N_PARAMS * n_tokens / REFERENCE_N_TOKENS) ** -decay


def _family(
    label: str,
    theta: pd.Series,
    design: Design,
    path: Path,
    around: Surroundings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    tokens = np.geomspace(design.first_tokens, design.last_tokens, design.n_checkpoints)
    fresh = fresh_tokens(tokens, design.n_unique_tokens)
    sizes = np.array(design.sizes)
    # one row for each size, shared by its seeds: discrepancy is a property of the recipe, not of the run
    log_law = np.log(true_loss(theta, sizes[:, None], fresh[None, :]))
    smooth = _gaussian_process(np.log(sizes), np.log(fresh), around.length_scale, rng)
    smooth *= discrepancy_scale(sizes[:, None], fresh[None, :], around.decay)
    if design.n_unique_tokens is not None:
        of_size = _gaussian_process(np.log(sizes), np.zeros(1), around.length_scale, rng)
        smooth += around.wear * np.log(tokens / fresh) ** 2 * of_size
    discrepancy = np.exp(theta["log_discrepancy_sd"]) * smooth
    level = schedule_level(tokens, design.last_tokens)
    columns = {"family": label, "n_tokens": tokens, "n_tokens_total": design.last_tokens}
    if design.n_unique_tokens is not None:
        columns["n_unique_tokens"] = design.n_unique_tokens
    if design.logs_learning_rate:
        columns["learning_rate"] = 1e-3 * level
    rows = []
    for (number, size), seed in ((one, seed) for one in enumerate(sizes) for seed in range(design.n_seeds)):
        run_sd = np.exp(theta["log_run_sd"]) * (size / REFERENCE_N_PARAMS) ** -around.run_size_exponent
        truth = {
            "log_law": log_law[number],
            "schedule": theta["schedule_gap"] * level,
            "discrepancy": discrepancy[number],
            "path": run_sd * wander(np.log(tokens), path, rng),
        }
        own = {"run": f"{size:.3g}-seed{seed}", "seed": str(seed), "n_params": size}
        rows.append(pd.DataFrame(columns | own | {"loss": np.exp(sum(truth.values()))} | truth))
    return pd.concat(rows, ignore_index=True)


def _gaussian_process(
    log_sizes: np.ndarray, log_tokens: np.ndarray, length_scale: float, rng: np.random.Generator
) -> np.ndarray:
    """A smooth function of unit variance on a grid, by a root of its squared-exponential covariance."""

    def root(points: np.ndarray) -> np.ndarray:
        gap = (points[:, None] - points[None, :]) / length_scale
        values, vectors = np.linalg.eigh(np.exp(-0.5 * gap**2))
        return vectors * np.sqrt(np.maximum(values, 0.0))

    # the covariance is a product of one in log N and one in log D
    noise = rng.standard_normal((len(log_sizes), len(log_tokens)))
    return root(log_sizes) @ noise @ root(log_tokens).T


def wander(log_tokens: np.ndarray, path: Path, rng: np.random.Generator) -> np.ndarray:
    """A run's residual of unit variance: the drift is stepped from checkpoint to checkpoint."""
    drift = [rng.standard_normal()]
    for gap in np.diff(log_tokens):
        kept = np.exp(-gap / path.correlation_length)
        drift.append(kept * drift[-1] + np.sqrt(1 - kept**2) * rng.standard_normal())
    noise = rng.standard_normal(len(log_tokens))
    return (
        np.sqrt(path.offset) * rng.standard_normal()
        + np.sqrt(path.drift) * np.array(drift)
        + np.sqrt(path.noise) * noise
    )
