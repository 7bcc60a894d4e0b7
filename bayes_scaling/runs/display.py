"""How a run table shows itself: a line of text, a table for notebooks, a summary per family."""

from __future__ import annotations

import html as html_escapes

import pandas as pd

from bayes_scaling.names import FAMILY, LOSS, METRIC, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.runs.blocks import RunBlocks

_SHOWN_FAMILIES = 20


def summarise(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per family: metric, numbers of runs, checkpoints and sizes, ranges of size, tokens, loss."""
    families = frame.groupby(FAMILY, sort=True)
    return families.agg(
        metric=(METRIC, "first"),
        n_runs=(RUN, "nunique"),
        n_checkpoints=(RUN, "size"),
        n_sizes=(N_PARAMS, "nunique"),
        n_params_min=(N_PARAMS, "min"),
        n_params_max=(N_PARAMS, "max"),
        n_tokens_min=(N_TOKENS, "min"),
        n_tokens_max=(N_TOKENS, "max"),
        loss_min=(LOSS, "min"),
        loss_max=(LOSS, "max"),
    )


def one_line(frame: pd.DataFrame) -> str:
    """Text such as ``RunTable(2 families, 9 runs, 120 checkpoints; n_params 7e+07-1.3e+09, ...)``."""
    counts = ", ".join(
        (
            _counted(frame[FAMILY].nunique(), "family", "families"),
            _counted(len(RunBlocks.of(frame).starts), "run", "runs"),
            _counted(len(frame), "checkpoint", "checkpoints"),
        )
    )
    ranges = (
        ", ".join(f"{name} {_range(frame[name])}" for name in (N_PARAMS, N_TOKENS)) if len(frame) else "empty"
    )
    return f"RunTable({counts}; {ranges})"


def html(frame: pd.DataFrame) -> str:
    """HTML table with one row per family, the first twenty of them."""
    summary = summarise(frame)
    left_out = len(summary) - _SHOWN_FAMILIES
    more = f"<p>and {left_out} more families</p>" if left_out > 0 else ""
    table = summary.head(_SHOWN_FAMILIES).to_html(float_format=lambda value: f"{value:.4g}", border=0)
    return f"<p>{html_escapes.escape(one_line(frame))}</p>{table}{more}"


def _counted(number: int, singular: str, plural: str) -> str:
    return f"{number:,} {singular if number == 1 else plural}"


def _range(values: pd.Series) -> str:
    low, high = values.min(), values.max()
    return f"{low:.3g}" if low == high else f"{low:.3g}-{high:.3g}"
