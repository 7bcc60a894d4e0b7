"""Whether advice keeps its word: the narrowing that is promised against the one that comes about.

    python benchmarks/advice.py [--mirror DIR] [--truths 8] [--only simulated|posterior|real]

Promised is what ``bs.advise`` says before a run exists. For what comes about, the run is made: its losses are drawn
from the fit's own posterior (one truth after another), or it is a hidden run of a public family; then everything is
fitted again, and the interval at the target is measured. Prints Markdown tables for docs/results.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling import Fit, RunTable, ScalingModel
from bayes_scaling.datasets import load_dataset
from bayes_scaling.inference import LaplaceSettings, Posterior, fit_posterior
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.planning import CandidateRun, Target, assess, default_candidates, read_candidates, read_target
from bayes_scaling.planning.joint_draws import JointDraws
from bayes_scaling.prediction import make_points, predict

SETTINGS: Final = LaplaceSettings(draws=64)
"""Twice the usual draws: a width is then known to about a per cent and a half."""

N_BASELINES: Final = 4
"""Fits without the candidate, whose widths are averaged."""


def width(posterior: Posterior, target: Target, kind: str, seed: int = 0) -> float:
    """Width of the 90 % interval at the target."""
    point = pd.DataFrame([{N_PARAMS: target.n_params, N_TOKENS: target.n_tokens, **target.inputs}])
    table = predict(posterior, make_points(point, family=target.family), kind=kind, seed=seed).table
    return float(table["upper"].iloc[0] - table["lower"].iloc[0])


def refit(posterior: Posterior, rows: pd.DataFrame | None, seed: int) -> Posterior:
    """The same description fitted to the rows of a fit and some more."""
    frames = [posterior.observed] if rows is None else [posterior.observed, rows]
    table = pd.concat(frames, ignore_index=True)
    return fit_posterior(posterior.spec, RunTable.from_frame(table[_columns(posterior)]), SETTINGS, seed=seed)


def _columns(posterior: Posterior) -> list[str]:
    """Columns of a fit that new rows have too."""
    return [*{FAMILY, RUN, N_PARAMS, N_TOKENS, "n_tokens_total", LOSS, *posterior.spec.law.inputs}]


def simulated_rows(draws: JointDraws, candidate: CandidateRun, count: int, truth: int, seed: int) -> pd.DataFrame:
    """Rows that a candidate would show if one draw of the posterior were true."""
    shown = draws.observation(candidate, count)
    noise = np.random.default_rng([seed, truth]).standard_normal(shown.expected.shape[1])
    log_loss = shown.expected[truth] + np.linalg.cholesky(shown.covariance[truth]) @ noise
    return draws.rows_of(candidate, count).assign(**{LOSS: np.exp(log_loss)})


def compare(
    fit: Posterior, target: Target, candidates: Sequence[CandidateRun] | None, n_truths: int
) -> pd.DataFrame:
    """Promised and actual narrowing of each candidate, the latter as a mean over truths drawn from the posterior."""
    gains = assess(fit, target, candidates)
    draws = JointDraws(fit, target, 0)
    truths = np.linspace(0, len(draws.log_mean) - 1, n_truths).astype(int)
    count = max(gains.situation.checkpoints_per_run, 1)
    before = {
        kind: np.mean([width(refit(fit, None, seed), target, kind) for seed in range(N_BASELINES)])
        for kind in ("run", "mean")
    }
    rows = fit.observed[fit.observed[FAMILY] == target.family]
    chosen = default_candidates(rows, target) if candidates is None else candidates
    found = []
    for candidate in chosen:
        promised = _same(gains.table, candidate)
        actual: dict[str, list[float]] = {"run": [], "mean": []}
        for seed, truth in enumerate(truths):
            again = refit(fit, simulated_rows(draws, candidate, count, truth, seed), seed)
            for kind, shares in actual.items():
                shares.append(1 - width(again, target, kind) / before[kind])
        found.append(
            {
                "kind": candidate.kind.value,
                "n_params": candidate.n_params,
                "n_tokens": candidate.n_tokens,
                "promised": promised["narrowing"],
                "mc_error": promised["mc_error"],
                "actual": np.mean(actual["run"]),
                "actual_se": np.std(actual["run"], ddof=1) / np.sqrt(n_truths),
                "promised_mean": promised["narrowing_mean"],
                "actual_mean": np.mean(actual["mean"]),
            }
        )
    return pd.DataFrame(found)


def _same(table: pd.DataFrame, candidate: CandidateRun) -> pd.Series:
    """The row of a candidate."""
    same = table["kind"] == candidate.kind.value
    for name in (N_PARAMS, N_TOKENS):
        value = getattr(candidate, name)
        same &= table[name].isna() if np.isnan(value) else table[name] == value
    return table[same].iloc[0]
