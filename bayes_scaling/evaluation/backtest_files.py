"""The files that a back-test leaves behind."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from bayes_scaling.evaluation.backtest import BacktestResult

PREDICTIONS_FILE = "predictions.csv"
SUMMARY_FILE = "summary.json"


def write_backtest(result: BacktestResult, out_dir: str | Path) -> tuple[Path, Path]:
    """Write ``predictions.csv`` and ``summary.json`` into a folder, made if need be; hands back both paths.

    Each file appears whole or not at all, and replaces an earlier one.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    predictions, summary = folder / PREDICTIONS_FILE, folder / SUMMARY_FILE
    _write_whole(predictions, result.table.to_csv(index=False, lineterminator="\n"))
    _write_whole(summary, json.dumps(result.summary, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    return predictions, summary


def _write_whole(path: Path, text: str) -> None:
    """Write beside the target and move into place, so that no reader sees half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
