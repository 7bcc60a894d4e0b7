"""Ctrl-C while a study runs: heard at a safe place instead of wherever the program happens to be."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interrupts:
    """Whether the user asked to stop."""

    is_asked: bool = False

    def raise_if_asked(self) -> None:
        """Raise :class:`KeyboardInterrupt` when the user has asked."""
        if self.is_asked:
            raise KeyboardInterrupt


@contextmanager
def heard_interrupts() -> Iterator[Interrupts]:
    """Take note of the first Ctrl-C within the block; a second one has its usual effect at once.

    Python raises it between any two instructions, in a destructor too, where the exception is lost and the
    study would go on. Outside the main thread there is nothing to hear.
    """
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    usual = signal.getsignal(signal.SIGINT)

    def take_note(_number: int, _frame: FrameType | None) -> None:
        interrupts.is_asked = True
        signal.signal(signal.SIGINT, usual)

    signal.signal(signal.SIGINT, take_note)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, usual)
