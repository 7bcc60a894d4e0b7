"""Data-constrained runs: repeated epochs of C4 and OSCAR, mixes with code, and grids of final losses."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.datasets.readers.files import counts_from_labels, read_csv
from bayes_scaling.names import (
    DATASET,
    FAMILY,
    LOSS,
    N_PARAMS,
    N_TOKENS,
    N_TOKENS_TOTAL,
    N_UNIQUE_TOKENS,
    RUN,
)

EVALUATION_OF_SEED: Final = {1: "c4", 2: "python"}
"""What upstream's column ``Seed`` really tells apart in the code mixes: two evaluation sets of one run."""

MISREAD_NAMES: Final = {"2b855b1b25": (55e9, 1.25e9)}
"""Tokens and unique tokens of runs whose name upstream split in the wrong place (here as 55.1B of 25B)."""


def read_epochs(folder: Path) -> pd.DataFrame:
    """One row for each checkpoint; a family is a training set with a planned number of epochs."""
    losses = read_csv(folder, "aggregated_eval/datablations_losses.csv")
    planned = losses["epochs"] * losses["tokens_per_epoch"]
    return pd.DataFrame(
        {
            FAMILY: "datablations-" + losses["data"] + "-" + losses["epochs"].astype(str) + "ep",
            RUN: losses["num_params"],
            N_PARAMS: counts_from_labels(losses["num_params"]),
            N_TOKENS: losses["token_num"],
            LOSS: losses["loss"],
            N_TOKENS_TOTAL: planned.round(-8),  # epochs x tokens is 55.0B up to the rounding of a third
            N_UNIQUE_TOKENS: losses["tokens_per_epoch"],
            DATASET: losses["data"],
            "epochs": losses["epochs"].astype(float),
        }
    )


def read_code_mixes(folder: Path) -> pd.DataFrame:
    """One row for each checkpoint and evaluation set; a family is a share of C4, scored on one set."""
    losses = read_csv(folder, "aggregated_eval/datablations_code_losses.csv")
    percent_c4 = losses["epochs"].astype(str)  # upstream's name; there is one epoch
    scored_on = losses["Seed"].map(EVALUATION_OF_SEED)
    return pd.DataFrame(
        {
            FAMILY: "datablations-c4py-" + percent_c4 + "pct-on-" + scored_on,
            RUN: losses["num_params"],
            N_PARAMS: counts_from_labels(losses["num_params"]),
            N_TOKENS: losses["token_num"],
            LOSS: losses["loss"],
            DATASET: percent_c4 + " % c4, rest python",
            "eval_set": scored_on,
        }
    )


def read_contour(folder: Path) -> pd.DataFrame:
    """One row for each run: its final loss on C4; fresh and repeated tokens are families of their own."""
    losses = read_csv(folder, "aggregated_eval/datablations_contour_losses.csv")
    names = losses["model_args"].str.extract(r"'name': '(\w+)'", expand=False)
    tokens, unique = losses["token_num"], losses["token_num"] / losses["epochs"]
    for name, (true_tokens, true_unique) in MISREAD_NAMES.items():
        tokens, unique = tokens.mask(names.eq(name), true_tokens), unique.mask(names.eq(name), true_unique)
    epochs = tokens / unique
    return pd.DataFrame(
        {
            FAMILY: np.where(epochs > 1.0, "datablations-contour-repeated", "datablations-contour-fresh"),
            RUN: names,
            N_PARAMS: losses["num_params"],
            N_TOKENS: tokens,
            LOSS: losses["openLM_loss"],
            N_UNIQUE_TOKENS: unique,
            DATASET: losses["data"],
            "epochs": epochs,
        }
    )
