"""Final losses of the over-train models as one table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bayes_scaling.datasets.readers.files import read_csv
from bayes_scaling.datasets.readers.open_lm import TRAINING_SETS, standard_error
from bayes_scaling.names import ARCH, DATASET, FAMILY, LOSS, LOSS_SE, N_PARAMS, N_TOKENS, RUN


def read_overtrain(folder: Path) -> pd.DataFrame:
    """One row for each model: its final loss on C4; a family is a training set."""
    models = read_csv(folder, "raw_data/overtrain/overtrain_downstreams.csv")
    trained_on = models["dataset_name"].map(TRAINING_SETS)
    return pd.DataFrame(
        {
            FAMILY: "overtrain-" + trained_on,
            RUN: models["name"],
            N_PARAMS: models["N"],
            N_TOKENS: models["D"],
            LOSS: models["loss_c4_val"],
            LOSS_SE: standard_error(models["loss_upper_c4_val"] - models["loss_lower_c4_val"]),
            ARCH: models["model_name"],
            DATASET: trained_on,
            "token_multiplier": models["cc_mult"],
            "eval_set": "c4",
        }
    )
