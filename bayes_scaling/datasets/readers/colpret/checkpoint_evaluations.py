"""Validation losses of released checkpoints: OPT, OLMo, T5 on the Pile and IBM's sparse models."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from bayes_scaling.datasets.readers.files import counts_from_labels, read_csv
from bayes_scaling.datasets.readers.suspects import SUSPECT, stands_above_earlier
from bayes_scaling.names import ARCH, DATASET, FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, RUN

OLMO_TOKENS_PER_STEP: Final = {
    "OLMo-1B": 2048 * 2048,
    "OLMo-7B": 2160 * 2048,
    "OLMo-7B-Twin-2T": 2160 * 2048,
}
"""Sequences times length. The 7B checkpoint labels agree (step556000-tokens2460B); upstream rounds all to 4M.

Upstream puts the 7B model's labels on the 1B rows too: they say nothing about the 1B model.
"""

OLMO_FAMILIES: Final = {"OLMo-1B": "olmo-1b", "OLMo-7B": "olmo-7b", "OLMo-7B-Twin-2T": "olmo-7b"}
"""Families by validation column: the 1B model was scored on other documents of C4 than the two 7B runs."""

T5_SIZES: Final = {"base": 247_586_304, "large": 783_173_632, "xl": 2_849_804_288, "xxl": 11_135_426_560}
"""All parameters of the encoder-decoder models."""

T5_TOKENS_PER_STEP: Final = 2048 * 512
"""Batch size times input length, as the training configuration in the file has them."""

METRIC_SPAN_CORRUPTION: Final = "ln_val_perplexity_span_corruption"
METRIC_NATS_PER_WORD: Final = "nats_per_word"


def read_opt(folder: Path) -> pd.DataFrame:
    """One row for each OPT checkpoint: natural log of its validation perplexity."""
    rows = read_csv(folder, "aggregated_eval/opt_trajectories.csv")
    return pd.DataFrame(
        {
            FAMILY: "opt",
            RUN: rows["model_size"],
            N_PARAMS: counts_from_labels(rows["model_size"]),
            N_TOKENS: (10.0 ** rows["num_token"]).round(-6),  # whole steps of at least half a million tokens
            LOSS: np.log(rows["ppl"]),
        }
    )


def read_olmo(folder: Path) -> pd.DataFrame:
    """One row for each OLMo checkpoint: loss on C4; spikes and rows that upstream added up are suspect."""
    rows = read_csv(folder, "aggregated_eval/olmo.csv")
    model = rows["model_name"].str.strip()  # upstream has "OLMo-1B "
    # The 1B run has its own column; the twin has the perplexity only.
    on_c4 = rows["v2-small-c4_en-validation/CrossEntropyLoss"]
    on_c4 = on_c4.fillna(rows["c4_en-validation/CrossEntropyLoss"])
    on_c4 = on_c4.fillna(np.log(rows["c4_en-validation/Perplexity"]))
    checkpoints = pd.DataFrame(
        {
            FAMILY: model.map(OLMO_FAMILIES),
            RUN: model,
            N_PARAMS: counts_from_labels(rows["num_params"]),
            N_TOKENS: rows["Step"] * model.map(OLMO_TOKENS_PER_STEP),
            LOSS: on_c4,
            DATASET: "dolma",
            "eval_set": np.where(model.eq("OLMo-1B"), "v2-small-c4_en", "c4_en"),
        }
    )
    return checkpoints.assign(**{SUSPECT: stands_above_earlier(checkpoints)})


def read_t5_pile(folder: Path) -> pd.DataFrame:
    """One row for each T5 checkpoint after training began: natural log of its span-corruption perplexity."""
    wanted = ["model_name", "steps", "val_perplexity"]
    evaluated = read_csv(folder, "aggregated_eval/t5_pile.csv", usecols=wanted)
    rows = evaluated[evaluated["steps"] > 0]
    return pd.DataFrame(
        {
            FAMILY: "t5-pile",
            RUN: rows["model_name"],
            N_PARAMS: rows["model_name"].map(T5_SIZES),
            N_TOKENS: rows["steps"] * T5_TOKENS_PER_STEP,
            LOSS: np.log(rows["val_perplexity"]),
            METRIC: METRIC_SPAN_CORRUPTION,
            ARCH: "encoder-decoder",
            DATASET: "pile",
        }
    )


def read_moe(folder: Path) -> pd.DataFrame:
    """One row for each checkpoint of a sparse model: natural log of its WikiText perplexity per word."""
    sheet = read_csv(folder, "raw_data/IBM_MoE.csv")
    tokens = counts_from_labels(sheet["tokens_seen"])  # the last row of a run names the corpus instead
    is_usable = tokens.notna() & sheet["wikitext ppl"].notna()
    rows, tokens = sheet[is_usable], tokens[is_usable]
    label = (rows["Model"] + "-" + rows["data"]).str.lower().str.replace(" ", "-")
    return pd.DataFrame(
        {
            FAMILY: "moe-" + label,
            RUN: rows["Model"],
            N_PARAMS: counts_from_labels(rows["Params"]),
            N_TOKENS: tokens,
            LOSS: np.log(rows["wikitext ppl"]),
            METRIC: METRIC_NATS_PER_WORD,
            ARCH: "mixture of experts",
            DATASET: rows["data"],
            "n_params_active": counts_from_labels(rows["Effective Params"]),
            "eval_set": "wikitext",
        }
    )
