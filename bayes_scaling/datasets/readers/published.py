"""Published figures: final losses and law constants, shipped with the package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.files import read_csv
from bayes_scaling.names import ARCH, DATASET, FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, RUN

_CARRIED = (
    "tokenizer",
    "context_len",
    "eval_set",
    "n_params_kind",
    "n_tokens_how",
    "value_printed",
    "value_unit",
    "tier",
    "paper",
)


def read_losses(folder: Path) -> pd.DataFrame:
    """One row for each trained model: its final loss in nats per the unit that ``metric`` names."""
    printed = read_csv(folder, "published_losses.csv", dtype={"arxiv": str})
    usable = printed[printed[N_TOKENS].notna()]
    columns = {
        **{name: usable[name] for name in (FAMILY, RUN, N_PARAMS, N_TOKENS, LOSS, ARCH)},
        METRIC: "nats_per_" + usable["loss_per"],
        DATASET: usable["train_data"],
        **{name: usable[name] for name in _CARRIED},
        # With the prefix it stays text in every file format: 2503.10000 is no number.
        "arxiv": "arXiv:" + usable["arxiv"],
        "source_table": usable["table"],
    }
    return pd.DataFrame(columns)


def read_coefficients(folder: Path) -> pd.DataFrame:
    """One row for each printed set of law constants, with its source and the form they belong to."""
    return read_csv(folder, "published_coefficients.csv", dtype={"arxiv": str})


PARTS: Final[Mapping[str, PartReader]] = {"losses": read_losses, "coefficients": read_coefficients}
