"""How large a file may be before it is refused, so that a mistaken path cannot fill the memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bayes_scaling.errors import InputError

MAX_ROWS: Final = 10_000_000
"""Rows that :func:`~bayes_scaling.runs.read_runs` reads unless told otherwise."""

MAX_BYTES: Final = 2 * 1024**3
"""Bytes, uncompressed, that a file of up to :data:`MAX_ROWS` rows may have (2 GiB)."""

MAX_LINE: Final = 1024**2
"""Characters that one line of a text file may have."""


@dataclass(frozen=True)
class Limits:
    """The size up to which one file is read.

    Attributes
    ----------
    source : str
        What the file is called in error messages.
    max_rows : int
        Rows that are read at most.
    """

    source: str
    max_rows: int = MAX_ROWS

    @property
    def max_bytes(self) -> int:
        """Uncompressed bytes that are read at most; grows with `max_rows` beyond its default."""
        return max(MAX_BYTES, MAX_BYTES * self.max_rows // MAX_ROWS)

    def require_rows(self, n_rows: int) -> None:
        """Pass when that many rows may be read; ``"too_large"`` otherwise."""
        if n_rows > self.max_rows:
            raise self.error(f"more than {self.max_rows:,} rows")

    def require_bytes(self, n_bytes: int) -> None:
        """Pass when that many uncompressed bytes may be read; ``"too_large"`` otherwise."""
        if n_bytes > self.max_bytes:
            raise self.error(f"more than {self.max_bytes / 1024**3:.3g} GiB")

    def error(self, amount: str) -> InputError:
        """The error that says what was too much."""
        return InputError(
            f"{self.source} has {amount}",
            f"at most {self.max_rows:,} rows, {self.max_bytes / 1024**3:.3g} GiB, lines of 1 MiB",
            "Keep fewer checkpoints of each run, or raise the limit: read_runs(..., max_rows=...).",
            code="too_large",
        )
