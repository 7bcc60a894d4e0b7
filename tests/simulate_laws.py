"""The generative model around any registered law in plain numpy: `tests.simulate` for laws of other inputs.

The law itself is taken as it is, as a function of numpy arrays; population, families, discrepancy and run paths are
written from the equations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling import InputError, Priors, RunTable, weak_priors
from bayes_scaling.laws import Law
from bayes_scaling.laws.schedule_columns import LR_SUM, N_SEGMENTS
from tests.simulate import (
    REFERENCE_N_PARAMS,
    STEADY,
    Surroundings,
    discrepancy_scale,
    fresh_tokens,
    schedule_level,
    wander,
)

BATCH_TOKENS = 1e6
BITS = (4.0, 8.0, 16.0)
ABSENT = 1e-12
"""What stands for zero in the columns of a schedule."""

SIZES = (1e8, 4e8, 1.6e9, 6.4e9)
PLANNED = ((4e9, 2e10), (8e9, 4e10), (1.6e10, 8e10), (3.2e10, 1.6e11))
"""Tokens to which each size is trained, a run for each."""

PROGRESS = (0.3, 0.6, 1.0)
"""Shares of a run at which it is evaluated."""

LARGER = 2.5e10, 5e11
"""Parameters and tokens of the run that is forecast."""

CURVE_TOKENS = np.geomspace(1e7, 1e10, 12)
LONGER = 4e10
"""Where a curve is evaluated, and where it is forecast: of laws that are of one model's data alone."""

SCALES = ("log_run_sd", "log_discrepancy_sd")
GAP = "schedule_gap"


@dataclass(frozen=True)
class LawWorld:
    """Families made by one law.

    Attributes
    ----------
    runs : RunTable
        What is known.
    points : DataFrame
        One run to forecast in each family, in the order of `truth`.
    truth : DataFrame
        Indexed by family: its parameters, and the log loss at its point (``MEAN``, ``RUN``).
    """

    runs: RunTable
    points: pd.DataFrame
    truth: pd.DataFrame


MEAN, RUN = "larger run, mean", "larger run"


def simulate_law(law: Law, n_families: int, rng: np.random.Generator) -> LawWorld:
    """Families from the law's weak priors.

    Losses that no run table may hold are drawn again, all families at once. That is decided by what the fit sees, so
    the posterior given the data is the same as without.
    """
    while True:
        world = _draw(law, n_families, rng)
        if world is not None:
            return world


def _draw(law: Law, n_families: int, rng: np.random.Generator) -> LawWorld | None:
    has_schedule = law.assumptions.get("schedule", True)
    names = (*law.parameter_names, *((GAP,) if has_schedule else ()), *SCALES)
    theta = draw_families(weak_priors(law, schedule=has_schedule), names, n_families, rng)
    seen, points, forecasts = [], [], []
    for label, family in theta.iterrows():
        rows, log_mean, log_loss = _family(law, family, rng)
        rows = rows.assign(family=label, loss=np.exp(log_loss))
        seen.append(rows.iloc[:-1])
        points.append(rows.iloc[[-1]].drop(columns="loss"))
        forecasts.append((log_mean[-1], log_loss[-1]))
    try:
        runs = RunTable.from_frame(pd.concat(seen, ignore_index=True))
    except InputError:
        return None
    truth = theta.join(pd.DataFrame(forecasts, columns=[MEAN, RUN], index=theta.index))
    return LawWorld(runs, pd.concat(points, ignore_index=True), truth)


def draw_families(
    priors: Priors, names: tuple[str, ...], n_families: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Families of a population that a set of priors gives, by the equations of `models/population.py`."""
    chosen = [priors.parameters[name] for name in names]
    mean = np.array([rng.normal(prior.location, prior.location_sd) for prior in chosen])
    sd = np.array([prior.spread * prior.spread_factor ** rng.standard_normal() for prior in chosen])
    n_mean = len(names) - len(SCALES)
    rows = np.eye(n_mean)
    rows[np.tril_indices(n_mean, -1)] = rng.normal(0, priors.correlation_sd, n_mean * (n_mean - 1) // 2)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rng.standard_normal((n_families, len(names)))
    unit[:, :n_mean] = unit[:, :n_mean] @ rows.T
    labels = pd.Index([f"family-{number:02d}" for number in range(n_families)], name="family")
    return pd.DataFrame(mean + sd * unit, columns=list(names), index=labels)


def _family(
    law: Law, theta: pd.Series, rng: np.random.Generator
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Rows of one family, the one to forecast last; their log loss without and with the path of their run."""
    rows = curve_rows(rng) if law.inputs == ("n_tokens",) and not _pools_sizes(law) else run_rows(law, rng)
    n_params, n_tokens = rows["n_params"].to_numpy(), rows["n_tokens"].to_numpy()
    around, basis = Surroundings(), law.assumptions.get("basis", {})
    length_scale, decay = (basis.get(name, getattr(around, name)) for name in ("length_scale", "decay"))
    log_mean = law.log_loss(
        np,
        {name: theta[name] for name in law.parameter_names},
        {name: rows[name].to_numpy() for name in law.inputs},
    )
    if GAP in theta:
        log_mean = log_mean + theta[GAP] * schedule_level(n_tokens, rows["n_tokens_total"].to_numpy())
    smooth = smooth_function(np.log(n_params), np.log(n_tokens), length_scale, rng)
    smooth *= discrepancy_scale(n_params, n_tokens, decay)
    if "n_unique_tokens" in law.inputs:
        wear = np.log(n_tokens / fresh_tokens(n_tokens, rows["n_unique_tokens"].to_numpy()))
        of_size = smooth_function(np.log(n_params), np.zeros(len(rows)), length_scale, rng)
        smooth += around.wear * wear**2 * of_size
    log_mean = log_mean + np.exp(theta[SCALES[1]]) * smooth
    exponent = law.assumptions.get("run_size_exponent", around.run_size_exponent)
    run_sd = np.exp(theta[SCALES[0]]) * (n_params / REFERENCE_N_PARAMS) ** -exponent
    path = np.concatenate(
        [
            wander(np.log(part.to_numpy()), STEADY, rng)
            for _, part in rows.groupby("run", sort=False)["n_tokens"]
        ]
    )
    kept = list(dict.fromkeys(["run", "n_params", "n_tokens", "n_tokens_total", *law.inputs]))
    return rows[kept], log_mean, log_mean + run_sd * path


def _pools_sizes(law: Law) -> bool:
    """Whether the curves of several sizes are one family's, rather than a family each."""
    return "max_checkpoints" not in law.assumptions


def curve_rows(rng: np.random.Generator) -> pd.DataFrame:
    """One run of one size from little data to much, and a longer one."""
    n_tokens = np.append(CURVE_TOKENS, LONGER)
    own = np.arange(len(n_tokens)) < len(CURVE_TOKENS)
    return pd.DataFrame(
        {
            "run": np.where(own, "curve", "longer"),
            "n_params": REFERENCE_N_PARAMS,
            "n_tokens": n_tokens,
            "n_tokens_total": np.where(own, CURVE_TOKENS[-1], LONGER),
        }
    )


def run_rows(law: Law, rng: np.random.Generator) -> pd.DataFrame:
    """Runs of several sizes and lengths at a few checkpoints each, and a larger run at its end."""
    plans = [(size, total) for size, totals in zip(SIZES, PLANNED, strict=True) for total in totals]
    rows = [(size, total, share * total) for size, total in plans for share in PROGRESS]
    n_params, total, n_tokens = np.array([*rows, (*LARGER, LARGER[1])]).T
    number = np.append(np.repeat(np.arange(len(plans)), len(PROGRESS)), len(plans))
    own = {
        "run": [f"run-{one:02d}" for one in number],
        "n_params": n_params,
        "n_tokens": n_tokens,
        "n_tokens_total": total,
    }
    return pd.DataFrame(own | further_inputs(n_params, n_tokens, total, number, rng))


def further_inputs(
    n_params: np.ndarray,
    n_tokens: np.ndarray,
    n_tokens_total: np.ndarray,
    number: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """Every input that any law takes besides size and tokens; what belongs to a run by its number."""

    def by_run(values: tuple[float, ...]) -> np.ndarray:
        return rng.choice(values, number.max() + 1)[number]

    return {
        "n_unique_tokens": np.minimum(n_tokens, n_tokens_total / by_run((1.0, 2.0, 8.0))),
        "flops": 6 * n_params * n_tokens,
        "n_batch_tokens": np.full(len(n_tokens), BATCH_TOKENS),
        "n_steps": n_tokens / BATCH_TOKENS,
        **{f"n_bits_{part}": by_run(BITS) for part in ("weights", "activations", "kv")},
        "n_bits_post": by_run((4.0, 6.0, 64.0)),
        **falls(n_tokens, rng),
        "pretraining_loss": 1.82 + 482.0 * n_params**-0.348 + 2085.0 * n_tokens**-0.366,
    }


def falls(n_tokens: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """One fall of the learning rate before each row, in the first segment; nothing happens in the others."""
    share, drop = rng.uniform(0.05, 0.3, len(n_tokens)), rng.uniform(0.3, 0.9, len(n_tokens))
    since = share * n_tokens / 1e9
    path = {"drop": drop, "after": 1 - drop, "area": (1 - drop) * since, "elapsed": since}
    never = {"drop": ABSENT, "after": 1.0, "area": ABSENT, "elapsed": ABSENT}
    columns = {
        f"lr_{name}_{number:02d}": values if number == 0 else np.full(len(n_tokens), never[name])
        for name, values in path.items()
        for number in range(N_SEGMENTS)
    }
    return {LR_SUM: n_tokens / 1e9 - drop * since, **columns}


def smooth_function(
    log_n_params: np.ndarray, log_n_tokens: np.ndarray, length_scale: float, rng: np.random.Generator
) -> np.ndarray:
    """Unit variance, squared-exponential covariance, at any points: by a root of the covariance."""
    place = np.stack([log_n_params, log_n_tokens], axis=1) / length_scale
    squared = ((place[:, None] - place[None, :]) ** 2).sum(axis=-1)
    values, vectors = np.linalg.eigh(np.exp(-0.5 * squared))
    return vectors @ (np.sqrt(np.maximum(values, 0.0)) * rng.standard_normal(len(values)))
