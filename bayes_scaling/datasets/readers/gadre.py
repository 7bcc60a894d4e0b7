"""The 104 over-train models, one JSON file each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.open_lm import TRAINING_SETS, standard_error
from bayes_scaling.names import (
    ARCH,
    DATASET,
    FAMILY,
    LEARNING_RATE,
    LOSS,
    LOSS_SE,
    N_PARAMS,
    N_TOKENS,
    RUN,
    SEED,
)

VALIDATION_FOLDER: Final = "c4_val"
"""Evaluation whose loss the paper's laws are fitted to."""


def read_models(folder: Path) -> pd.DataFrame:
    """One row for each model: final loss on C4 in nats per token, with the standard error over sequences."""
    paths = sorted((folder / "models").glob("*.json"))
    models = pd.DataFrame([_row(json.loads(path.read_text(encoding="utf-8"))) for path in paths])
    return models.assign(**{LOSS_SE: standard_error(models.pop("interval_width"))})


def _row(model: Mapping[str, Any]) -> dict[str, Any]:
    trained_on = TRAINING_SETS[model["dataset_name"]]
    settings, evaluated = model["hyperparameters"], _c4_result(model["results"])
    return {
        FAMILY: f"gadre-{trained_on}",
        RUN: model["name"],
        N_PARAMS: settings["params"],
        N_TOKENS: settings["tokens"],
        LOSS: evaluated["loss"],
        SEED: _option(model["open_lm_args"], "--seed"),
        LEARNING_RATE: settings["lr"],
        ARCH: Path(settings["model"]).stem,
        DATASET: trained_on,
        "interval_width": evaluated["loss_sequences_upper_95"] - evaluated["loss_sequences_lower_95"],
        "n_params_no_embed": settings["params_no_embed"],
        "token_multiplier": settings["chinchilla_multiplier"],
    }


def _c4_result(results: list[dict[str, Any]]) -> dict[str, Any]:
    (on_c4,) = (result for result in results if Path(result["val_data"][0]).parent.name == VALIDATION_FOLDER)
    return on_c4


def _option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1]


PARTS: Final[Mapping[str, PartReader]] = {"models": read_models}
