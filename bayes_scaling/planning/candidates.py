"""Runs that could be made next: those that a user's own runs suggest, or those that the user names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, RUN
from bayes_scaling.planning.target import Target, flops_of
from bayes_scaling.prediction import make_points
from bayes_scaling.runs.compute import training_flops

MAX_SIZES: Final = 6
"""Existing sizes for which another seed is looked at; the largest are kept."""

PARTS: Final = (0.1, 0.3, 0.5)
"""Shares of the target's own run."""

LONGER: Final = 3.0
"""How many times longer the largest size could be trained."""

SAME_SIZE: Final = 1.3
"""A size within this factor of an existing one is not a new size."""


class Kind(StrEnum):
    """What a candidate is, in one word."""

    SEED = "seed"
    SIZE = "size"
    LONGER = "longer"
    PART = "part"
    CHECKPOINTS = "checkpoints"
    OWN = "own"


@dataclass(frozen=True)
class CandidateRun:
    """A run that could be made.

    Attributes
    ----------
    kind : Kind
        Another seed of an existing size, a new size, an existing size for longer, the beginning of the target's own
        run, the intermediate checkpoints of the existing runs, or a run that the user named.
    n_params, n_tokens : float
        Size, and tokens seen at its last checkpoint; NaN for checkpoints of several runs.
    n_tokens_total : float
        Planned length: longer than ``n_tokens`` for a part of a run.
    flops : float
        What it costs; zero where only evaluations are missing.
    label : str
        What the user called it; empty for others.
    """

    kind: Kind
    n_params: float
    n_tokens: float
    n_tokens_total: float
    flops: float
    label: str = ""


def default_candidates(rows: pd.DataFrame, target: Target) -> list[CandidateRun]:
    """Candidates that a family's rows suggest for a target, none dearer than the target itself.

    Parameters
    ----------
    rows : DataFrame
        The family's rows of the fit.
    target : Target

    Returns
    -------
    list of CandidateRun
        Another seed of each of the largest six sizes at the tokens that it had; new sizes 1 and 3 times a power of
        ten from a third of the smallest to the target's, at the tokens that the family's runs of such a size would
        have; the largest size for three times as long; the first 10, 30 and 50 % of the target's own run; and the
        intermediate checkpoints of the existing runs where the fit has only their ends.
    """
    lengths = _lengths(rows)
    latest = lengths.tail(MAX_SIZES)
    repeated = zip(latest.index.to_numpy(dtype=float).tolist(), latest.tolist(), strict=True)
    seeds = [(Kind.SEED, size, tokens) for size, tokens in repeated]
    sizes = [(Kind.SIZE, size, _usual_tokens(lengths, size)) for size in _new_sizes(lengths, target.n_params)]
    largest = float(lengths.index[-1])
    longer = [(Kind.LONGER, largest, float(f"{LONGER * lengths.iloc[-1]:.3g}"))]
    runs = [
        CandidateRun(kind, size, tokens, tokens, training_flops(size, tokens))
        for kind, size, tokens in (*seeds, *sizes, *longer)
    ]
    parts = [
        CandidateRun(Kind.PART, target.n_params, part * target.n_tokens, target.n_tokens, part * target.flops)
        for part in PARTS
    ]
    kept = [run for run in runs if run.flops < target.flops and run.n_params <= target.n_params]
    return [*_missing_checkpoints(rows), *kept, *parts]


def read_candidates(frame: pd.DataFrame) -> list[CandidateRun]:
    """Candidates that a user named.

    Parameters
    ----------
    frame : DataFrame
        Columns ``n_params`` and ``n_tokens``; ``label`` and ``flops`` if wanted.

    Raises
    ------
    InputError
        When there is none, a column is missing, or a value is no positive number.
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(
            f"candidates of type {type(frame).__name__}",
            "a DataFrame with columns n_params, n_tokens and perhaps label and flops",
            "One row for each run.",
            code="bad_candidates",
        )
    points = make_points(frame.drop(columns=RUN, errors="ignore"), family="")
    found = []
    for _, row in points.iterrows():
        size, tokens = float(row[N_PARAMS]), float(row[N_TOKENS])
        label = row.get("label", "")
        flops = flops_of(row, size, tokens)
        found.append(
            CandidateRun(Kind.OWN, size, tokens, tokens, flops, "" if pd.isna(label) else str(label))
        )
    return found


def checkpoints_of(candidate: CandidateRun, count: int, min_progress: float) -> pd.DataFrame:
    """Points of a candidate's checkpoints that a fit would use, the last of them at its end.

    Parameters
    ----------
    candidate : CandidateRun
    count : int
        How many; they lie evenly in log tokens.
    min_progress : float
        Share of the run before which a fit takes none.
    """
    first = max(min_progress, 0.05) * candidate.n_tokens
    tokens = np.geomspace(first, candidate.n_tokens, count) if count > 1 else np.array([candidate.n_tokens])
    return pd.DataFrame(
        {
            N_PARAMS: candidate.n_params,
            N_TOKENS: tokens,
            N_TOKENS_TOTAL: candidate.n_tokens_total,
            FLOPS: training_flops(candidate.n_params, tokens),
        }
    )


def _lengths(rows: pd.DataFrame) -> pd.Series:
    """Tokens of the longest run of each size, sizes ascending."""
    return rows.groupby(N_PARAMS)[N_TOKENS].max().sort_index()


def _new_sizes(lengths: pd.Series, largest: float) -> list[float]:
    """Sizes 1 and 3 times a power of ten that no run has, from a third of the smallest to below the target's."""
    existing = lengths.index.to_numpy(dtype=float)
    powers = 10.0 ** np.arange(np.floor(np.log10(existing[0] / 3)), np.ceil(np.log10(largest)) + 1)
    grid = np.sort(np.concatenate([powers, 3 * powers]))
    grid = grid[(grid >= existing[0] / 3) & (grid < largest / SAME_SIZE)]
    is_new = np.abs(np.log(grid[:, None] / existing)).min(axis=1) > np.log(SAME_SIZE)
    return grid[is_new].tolist()


def _usual_tokens(lengths: pd.Series, size: float) -> float:
    """Tokens that the family's runs of some size would have: a power of the size between none and proportional."""
    log_sizes, log_tokens = np.log(lengths.index.to_numpy(dtype=float)), np.log(lengths.to_numpy(dtype=float))
    spread = ((log_sizes - log_sizes.mean()) ** 2).sum()
    slope = (
        ((log_sizes - log_sizes.mean()) * (log_tokens - log_tokens.mean())).sum() / spread if spread else 1.0
    )
    tokens = np.exp(log_tokens.mean() + np.clip(slope, 0.0, 1.0) * (np.log(size) - log_sizes.mean()))
    return float(f"{tokens:.3g}")


def _missing_checkpoints(rows: pd.DataFrame) -> list[CandidateRun]:
    """The intermediate checkpoints of the existing runs, when the fit has one row of each."""
    if rows.groupby([FAMILY, RUN]).size().max() > 1:
        return []
    return [CandidateRun(Kind.CHECKPOINTS, np.nan, np.nan, np.nan, 0.0)]
