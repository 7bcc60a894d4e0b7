"""ColPret: losses of published model families, collected for a guide to estimating scaling laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.colpret import (
    checkpoint_evaluations,
    datablations,
    digitised_figures,
    final_losses,
    single_curves,
    training_logs,
)

PARTS: Final[Mapping[str, PartReader]] = {
    "datablations": datablations.read_epochs,
    "datablations-code": datablations.read_code_mixes,
    "datablations-contour": datablations.read_contour,
    "chinchilla": digitised_figures.read_chinchilla,
    "gpt3": digitised_figures.read_gpt3,
    "gpt3-points": digitised_figures.read_gpt3_points,
    "redpajama": digitised_figures.read_redpajama,
    "opt": checkpoint_evaluations.read_opt,
    "olmo": checkpoint_evaluations.read_olmo,
    "t5-pile": checkpoint_evaluations.read_t5_pile,
    "moe": checkpoint_evaluations.read_moe,
    "k2": training_logs.read_k2,
    "mamba3b": training_logs.read_mamba3b,
    "overtrain": final_losses.read_overtrain,
    "lamda": single_curves.read_lamda,
    "learning-curves": single_curves.read_learning_curves,
    "opt-scores": single_curves.read_opt_scores,
}

__all__ = ["PARTS"]
