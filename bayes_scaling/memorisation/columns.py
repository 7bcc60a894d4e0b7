"""How the columns of a memorisation panel, and of the tables made from it, are spelled."""

from __future__ import annotations

from typing import Final

INSTANCE: Final = "instance"
CHECKPOINT: Final = "checkpoint"
TREATMENT_STEP: Final = "treatment_step"
OUTCOME: Final = "outcome"
MODEL: Final = "model"
N_PARAMS: Final = "n_params"

REQUIRED: Final = (INSTANCE, CHECKPOINT, TREATMENT_STEP, OUTCOME)
"""Columns that every panel has."""

KNOWN: Final = (MODEL, N_PARAMS, *REQUIRED)
"""Columns with a meaning here, in the order in which a panel has them; others are left out."""

THE_MODEL: Final = "model"
"""Label of the only model of a panel that names none."""

# --- columns of results -----------------------------------------------------------------------
COHORT: Final = "cohort"
EVENT_TIME: Final = "event_time"
N_INSTANCES: Final = "n_instances"
ESTIMATE: Final = "estimate"
SE: Final = "se"
LOWER: Final = "lower"
UPPER: Final = "upper"
BAND_LOWER: Final = "band_lower"
BAND_UPPER: Final = "band_upper"
