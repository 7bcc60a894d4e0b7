"""Names of the columns that describe the path of a learning rate, and how many there are."""

from __future__ import annotations

from typing import Final

N_SEGMENTS: Final = 27
"""Parts into which the decay of a path is cut, each summarised by four numbers at every row."""

LR_SUM: Final = "lr_sum"
"""Learning rate over its peak, integrated over tokens from the start, in units of 1e9 tokens."""

LR_DROP: Final = tuple(f"lr_drop_{number:02d}" for number in range(N_SEGMENTS))
"""By how much the rate over its peak has fallen in a segment so far."""

LR_AFTER: Final = tuple(f"lr_after_{number:02d}" for number in range(N_SEGMENTS))
"""Rate over its peak after these falls, on average."""

LR_AREA: Final = tuple(f"lr_area_{number:02d}" for number in range(N_SEGMENTS))
"""What :data:`LR_SUM` has grown since these falls, on average."""

LR_ELAPSED: Final = tuple(f"lr_elapsed_{number:02d}" for number in range(N_SEGMENTS))
"""Tokens seen since these falls, on average, in units of 1e9."""
