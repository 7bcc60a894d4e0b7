"""Losses read off figures: Chinchilla, GPT-3 and RedPajama."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bayes_scaling.datasets.readers.averaging import average_ties
from bayes_scaling.datasets.readers.digitised_chinchilla import chinchilla_points
from bayes_scaling.datasets.readers.files import count_from_label, open_path, read_csv
from bayes_scaling.datasets.readers.suspects import SUSPECT, stands_above_earlier
from bayes_scaling.names import FAMILY, LOSS, N_PARAMS, N_TOKENS, RUN


def read_chinchilla(folder: Path) -> pd.DataFrame:
    """One row for each point of figure 4 of the Chinchilla paper."""
    return chinchilla_points(read_csv(folder, "raw_data/chinchila_extracted.csv"), "chinchilla")


def read_gpt3(folder: Path) -> pd.DataFrame:
    """One row for each token count of each GPT-3 curve: the mean validation loss of its points there."""
    return average_ties(read_gpt3_points(folder))


def read_gpt3_points(folder: Path) -> pd.DataFrame:
    """One row for each digitised point of the GPT-3 validation curves, in the file's order."""
    digitised = read_csv(folder, "raw_data/gpt3/extracted.csv")
    validation = digitised[digitised["val_loss"].notna()].reset_index(drop=True)
    sizes = {model: _gpt3_size(model, folder) for model in validation["model"].unique()}
    return pd.DataFrame(
        {
            FAMILY: "gpt3",
            RUN: validation["model"],
            N_PARAMS: validation["model"].map(sizes),
            N_TOKENS: validation["step"] * 1e9,  # upstream's "step" is billions of tokens
            LOSS: validation["val_loss"],
        }
    )


def _gpt3_size(model: str, folder: Path) -> float | None:
    """Parameters of a model whose short name is part of one name in the metadata sheet, ignoring case."""
    sheet = pd.read_excel(open_path(folder, "raw_data/gpt3/gpt3_metadata.xlsx"), header=None)
    (row,) = (row for row in sheet.itertuples(index=False) if model.lower() in str(row[0]).lower())
    return count_from_label(row[1])


def read_redpajama(folder: Path) -> pd.DataFrame:
    """One row for each digitised point of two RedPajama training curves; strays of the figure are suspect."""
    curves = [_redpajama_curve(folder, label) for label in ("2.4B", "6.7B")]
    rows = pd.concat(curves, ignore_index=True)
    return rows.assign(**{SUSPECT: stands_above_earlier(rows)})


def _redpajama_curve(folder: Path, label: str) -> pd.DataFrame:
    curve = read_csv(folder, f"raw_data/redPajama/{label}.csv", header=None, names=["billions", "loss"])
    return pd.DataFrame(
        {
            FAMILY: "redpajama",
            RUN: label,
            N_PARAMS: count_from_label(label),
            N_TOKENS: curve["billions"] * 1e9,
            LOSS: curve["loss"],
        }
    )
