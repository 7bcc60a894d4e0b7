"""How columns, dimensions and units are spelled, in one place.

Everything that reads or writes a run table, a posterior or a prediction takes its names from here.
"""

from typing import Final

# --- columns of a run table -------------------------------------------------------------------
FAMILY: Final = "family"
RUN: Final = "run"
N_PARAMS: Final = "n_params"
N_TOKENS: Final = "n_tokens"
LOSS: Final = "loss"
SEED: Final = "seed"
METRIC: Final = "metric"
N_TOKENS_TOTAL: Final = "n_tokens_total"
N_UNIQUE_TOKENS: Final = "n_unique_tokens"
LEARNING_RATE: Final = "learning_rate"
ARCH: Final = "arch"
DATASET: Final = "dataset"
FLOPS: Final = "flops"
LOSS_SE: Final = "loss_se"
N_STEPS: Final = "n_steps"
N_BATCH_TOKENS: Final = "n_batch_tokens"
N_BITS_WEIGHTS: Final = "n_bits_weights"
N_BITS_ACTIVATIONS: Final = "n_bits_activations"
N_BITS_KV: Final = "n_bits_kv"
N_BITS_POST: Final = "n_bits_post"
PRETRAINING_LOSS: Final = "pretraining_loss"

REQUIRED_COLUMNS: Final = (FAMILY, RUN, N_PARAMS, N_TOKENS, LOSS)
"""Columns that every run table has."""

OPTIONAL_COLUMNS: Final = (
    SEED,
    METRIC,
    N_TOKENS_TOTAL,
    N_UNIQUE_TOKENS,
    LEARNING_RATE,
    ARCH,
    DATASET,
    FLOPS,
    LOSS_SE,
    N_STEPS,
    N_BATCH_TOKENS,
    N_BITS_WEIGHTS,
    N_BITS_ACTIVATIONS,
    N_BITS_KV,
    N_BITS_POST,
    PRETRAINING_LOSS,
)
"""Columns with a fixed meaning that a run table may have; any further column is carried along untouched."""

TEXT_COLUMNS: Final = (FAMILY, RUN, SEED, METRIC, ARCH, DATASET)
"""Label columns, stored as strings."""

POSITIVE_COLUMNS: Final = (
    N_PARAMS,
    N_TOKENS,
    LOSS,
    N_TOKENS_TOTAL,
    N_UNIQUE_TOKENS,
    FLOPS,
    N_STEPS,
    N_BATCH_TOKENS,
    N_BITS_WEIGHTS,
    N_BITS_ACTIVATIONS,
    N_BITS_KV,
    N_BITS_POST,
    PRETRAINING_LOSS,
)
"""Columns whose every value must be finite and above zero."""

# --- dimensions, in the order in which arrays carry them --------------------------------------
DIM_CHAIN: Final = "chain"
DIM_DRAW: Final = "draw"
DIM_FAMILY: Final = "family"
DIM_RUN: Final = "run"
DIM_OBS: Final = "obs"

# --- metrics ----------------------------------------------------------------------------------
METRIC_NATS: Final = "nats_per_token"
"""The metric of a table that names none: cross-entropy in nats per token."""

# --- hold-out protocols -----------------------------------------------------------------------
HOLDOUT_LARGEST_MODEL: Final = "largest-model"
HOLDOUT_TOP_COMPUTE: Final = "top-compute"
HOLDOUT_FAMILY: Final = "family"
HOLDOUTS: Final = (HOLDOUT_LARGEST_MODEL, HOLDOUT_TOP_COMPUTE, HOLDOUT_FAMILY)

# --- kinds of prediction ----------------------------------------------------------------------
KIND_MEAN: Final = "mean"
KIND_RUN: Final = "run"
KIND_EVAL: Final = "eval"
KINDS: Final = (KIND_MEAN, KIND_RUN, KIND_EVAL)
