"""192 curves of published models, one array of tokens and losses each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.averaging import average_ties
from bayes_scaling.datasets.readers.curve_names import TO_NATS, CurveLabel, parse_curve_name
from bayes_scaling.datasets.readers.files import open_path
from bayes_scaling.datasets.readers.suspects import SUSPECT
from bayes_scaling.names import FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, N_TOKENS_TOTAL, RUN

PYTHIA_TOKENS: Final = 143_000 * 2_097_152
"""Tokens that every Pythia run saw: steps times batch of the final versions."""

FINAL_WINDOW_SHARE: Final = 0.05
"""How far above the four windows before it the last logging window of a curve must be to be suspect."""


def read_runs_of(part: str, folder: Path) -> pd.DataFrame:
    """One row for each point of the curves of a part; points at the same token count are averaged."""
    rows = [_rows(label, tokens, values) for label, tokens, values in _curves(folder) if label.part == part]
    return average_ties(pd.concat(rows, ignore_index=True))


def read_mixtures(folder: Path) -> pd.DataFrame:
    """One row for each point of the curves of data mixtures, whose model size is not given."""
    rows = [
        pd.DataFrame({"mixture": label.run, N_TOKENS: tokens, LOSS: values})
        for label, tokens, values in _curves(folder)
        if label.part == "mixtures"
    ]
    return pd.concat(rows, ignore_index=True)


def _curves(folder: Path) -> Iterator[tuple[CurveLabel, np.ndarray, np.ndarray]]:
    with np.load(open_path(folder, "colpret.npz")) as archive:
        for name in archive.files:
            tokens, values = archive[name]
            yield parse_curve_name(name), tokens, values


def _rows(label: CurveLabel, tokens: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    n_tokens = _true_tokens(label, tokens)
    loss = TO_NATS[label.unit](values)
    return pd.DataFrame(
        {
            FAMILY: label.family,
            RUN: label.run,
            N_PARAMS: label.n_params,
            N_TOKENS: n_tokens,
            LOSS: loss,
            METRIC: label.metric,
            N_TOKENS_TOTAL: max(label.n_tokens_planned or 0.0, n_tokens.max()),
            SUSPECT: _is_odd_end(label, loss),
        }
    )


def _true_tokens(label: CurveLabel, tokens: np.ndarray) -> np.ndarray:
    """Tokens seen, with Pythia's early versions put right.

    Some were trained with twice the batch for half the steps, and upstream counted their tokens at the usual
    batch: such a curve ends at exactly half of the tokens that every Pythia run saw.
    """
    is_halved = label.part.startswith("pythia") and 2.0 * tokens.max() == PYTHIA_TOKENS
    return 2.0 * tokens if is_halved else tokens


def _is_odd_end(label: CurveLabel, loss: np.ndarray) -> np.ndarray:
    """True for the last point of an over-train curve whose final, shorter logging window stands out."""
    is_odd = np.zeros(len(loss), dtype=bool)
    if label.part == "overtrain":
        is_odd[-1] = loss[-1] > (1.0 + FINAL_WINDOW_SHARE) * loss[-5:-1].mean()
    return is_odd


PARTS: Final[Mapping[str, PartReader]] = {
    "mixtures": read_mixtures,
    **{
        part: partial(read_runs_of, part)
        for part in ("pythia", "overtrain", "amber", "pythia-branches", "repeats")
    },
}
