"""Progress of long work, shown on the terminal or in a notebook and silent elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Report = Callable[[int, int, int], None]


@contextmanager
def show_progress(label: str, enabled: bool = True) -> Iterator[Report | None]:
    """A callback that draws a progress bar on standard error; None when nothing should be shown.

    Parameters
    ----------
    label : str
        What is being done.
    enabled : bool

    Yields
    ------
    callable or None
        Takes the draws done, the draws in all and the divergences so far.
    """
    console = Console(stderr=True)
    if not (enabled and _can_show(console)):
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} draws, {task.fields[divergences]} divergences"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(label, total=None, divergences=0)

        def report(done: int, total: int, divergences: int) -> None:
            bar.update(task, completed=done, total=total, divergences=divergences)

        yield report


def _can_show(console: Console) -> bool:
    """Whether a bar can be drawn over itself; in a notebook that takes ipywidgets, which may be missing."""
    return console.is_terminal or (console.is_jupyter and find_spec("ipywidgets") is not None)
