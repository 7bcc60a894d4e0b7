"""Curves of one run each (LaMDA, vision, translation, BIG-bench) and benchmark scores without a loss."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers.files import counts_from_labels, read_csv
from bayes_scaling.names import FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, RUN

METRIC_RELATIVE: Final = "loss_relative_to_first_checkpoint"
"""Metric of the LaMDA runs: all five begin at 0.999, so each was divided by its own first value."""

_COLUMNS = {
    "Domain": "domain",
    "Task": "task",
    "Model": "model",
    "Seen Examples": "x",
    "Loss": "loss",
    "Training": "is_training",
}


def read_learning_curves(folder: Path) -> pd.DataFrame:
    """One row for each point of 92 learning curves, told apart by domain, task and model.

    ``x`` is the number of examples or tokens seen, ``loss`` an error rate or loss in the curve's own unit,
    and ``is_training`` is True for the points to fit and False for those to extrapolate to.
    """
    return pd.concat([_curves(folder, "vision"), _curves(folder, "lang")], ignore_index=True)


def _curves(folder: Path, kind: str) -> pd.DataFrame:
    raw = read_csv(folder, f"aggregated_eval/revisiting_{kind}.csv", dtype={"Model": str})
    # Upstream repeats every point of the language-model curves four times.
    curves = raw.rename(columns=_COLUMNS)[list(_COLUMNS.values())].drop_duplicates(ignore_index=True)
    return curves.assign(is_training=curves["is_training"].eq(1))


def read_lamda(folder: Path) -> pd.DataFrame:
    """One row for each checkpoint of five LaMDA sizes: loss over the run's own first loss."""
    curves = _curves(folder, "lang")
    rows = curves[curves["domain"].eq("LM")]
    n_params = rows["model"].astype(float)
    return pd.DataFrame(
        {
            FAMILY: "lamda",
            RUN: n_params.map(lambda count: f"LaMDA-{count / 1e6:.0f}M"),
            N_PARAMS: n_params,
            N_TOKENS: rows["x"],
            LOSS: rows["loss"],
            METRIC: METRIC_RELATIVE,
            "is_training": rows["is_training"],
        }
    )


def read_opt_scores(folder: Path) -> pd.DataFrame:
    """One row for each OPT checkpoint: its scores on six BIG-bench tasks in percent."""
    scores = read_csv(folder, "aggregated_eval/opt.csv", index_col=0)
    renamed = scores.rename(columns={"model_name": RUN, "tokens": N_TOKENS})
    return renamed.assign(**{N_PARAMS: counts_from_labels(renamed["size"])}).drop(columns="size")
