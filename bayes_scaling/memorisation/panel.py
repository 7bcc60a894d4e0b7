"""The memorisation panel: outcomes of instances at checkpoints, and when each instance was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.memorisation.columns import (
    CHECKPOINT,
    INSTANCE,
    MODEL,
    N_PARAMS,
    OUTCOME,
    TREATMENT_STEP,
)
from bayes_scaling.memorisation.validation import validate_panel
from bayes_scaling.runs.columns import map_columns
from bayes_scaling.runs.files import MAX_ROWS, read_file
from bayes_scaling.runs.rows import RowNames, listed


@dataclass(frozen=True, eq=False)
class ModelOutcomes:
    """The outcomes of one model as arrays.

    Attributes
    ----------
    instances : ndarray of shape (n_instances,)
        Labels.
    treatment_step : ndarray of shape (n_instances,)
        Step at which each instance was trained on; NaN for never.
    checkpoints : ndarray of shape (n_checkpoints,)
        Steps, ascending.
    outcome : ndarray of shape (n_instances, n_checkpoints)
        In the panel's own unit, higher for better remembered.
    """

    instances: np.ndarray
    treatment_step: np.ndarray
    checkpoints: np.ndarray
    outcome: np.ndarray

    @property
    def cohort(self) -> np.ndarray:
        """First checkpoint at or after the step of training, shape (n_instances,); NaN for never."""
        place = np.searchsorted(self.checkpoints, np.nan_to_num(self.treatment_step))
        return np.where(np.isnan(self.treatment_step), np.nan, self.checkpoints[place])


@dataclass(frozen=True, eq=False, repr=False)
class MemorisationPanel:
    """Validated outcomes of one or more models; nothing in it can be changed.

    Make one with :func:`read_panel` or :meth:`from_frame`.
    """

    _valid: pd.DataFrame

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, rows: RowNames | None = None) -> MemorisationPanel:
        """Panel of a frame that uses this package's column names.

        Raises
        ------
        InputError
            For the first rule of ``docs/memorisation.md`` that is broken.
        """
        return cls(validate_panel(frame, rows))

    @property
    def frame(self) -> pd.DataFrame:
        """The rows as a frame of its own, sorted by model, instance and checkpoint."""
        return self._valid.copy(deep=False)

    @property
    def models(self) -> tuple[str, ...]:
        """Labels of the models, smallest first where sizes are given, else in sorted order."""
        per_model = self._valid.drop_duplicates(MODEL).sort_values([N_PARAMS, MODEL])
        return tuple(per_model[MODEL])

    @property
    def n_params(self) -> dict[str, float]:
        """Parameters of each model; NaN where not given."""
        per_model = self._valid.drop_duplicates(MODEL).set_index(MODEL)[N_PARAMS]
        return {model: float(per_model[model]) for model in self.models}

    def outcomes(self, model: str | None = None) -> ModelOutcomes:
        """One model's outcomes as arrays.

        Parameters
        ----------
        model : str, optional
            Its label; may be left out when there is only one.

        Raises
        ------
        InputError
            With code ``"unknown_model"``.
        """
        rows = self._valid[self._valid[MODEL] == self.require_model(model)]
        checkpoints = np.unique(rows[CHECKPOINT].to_numpy())
        first = rows.iloc[:: len(checkpoints)]
        return ModelOutcomes(
            instances=first[INSTANCE].to_numpy(),
            treatment_step=first[TREATMENT_STEP].to_numpy(),
            checkpoints=checkpoints,
            outcome=rows[OUTCOME].to_numpy().reshape(-1, len(checkpoints)),
        )

    def require_model(self, model: str | None) -> str:
        """The label of a model that is there; the only one when none is named.

        Raises
        ------
        InputError
            With code ``"unknown_model"``.
        """
        if model is None and len(self.models) == 1:
            return self.models[0]
        if model not in self.models:
            raise InputError(
                "no model named, of several" if model is None else f"model {model!r}",
                f"one of {listed(list(self.models), limit=12)}",
                "Name one of these.",
                code="unknown_model",
            )
        return str(model)

    def select(self, models: Sequence[str]) -> MemorisationPanel:
        """The panel of these models alone.

        Raises
        ------
        InputError
            With code ``"unknown_model"``.
        """
        chosen = [self.require_model(model) for model in models]
        if not chosen:
            raise InputError("no model", "at least one label", "Name one.", code="unknown_model")
        return MemorisationPanel(self._valid[self._valid[MODEL].isin(chosen)].reset_index(drop=True))

    def coarsen(self, every: int) -> MemorisationPanel:
        """The panel with each `every`-th checkpoint, the last always among them.

        An instance's cohort becomes the first kept checkpoint at or after its step of training, so cohorts grow
        larger as they grow fewer.

        Parameters
        ----------
        every : int
            1 keeps all.

        Raises
        ------
        InputError
            With code ``"bad_argument"``, or ``"too_few_checkpoints"`` when fewer than two would be left.
        """
        if not isinstance(every, int | np.integer) or isinstance(every, bool) or every < 1:
            raise InputError(
                f"every = {every!r}", "a whole number of at least 1", "Correct it.", code="bad_argument"
            )
        from_last = self._valid[CHECKPOINT].groupby(self._valid[MODEL]).rank(method="dense", ascending=False)
        kept = (from_last.to_numpy().astype(int) - 1) % every == 0
        return MemorisationPanel.from_frame(self._valid[kept].reset_index(drop=True))

    def __repr__(self) -> str:
        n_models, n_instances = len(self.models), self._valid[INSTANCE].nunique()
        n_checkpoints = self._valid[CHECKPOINT].nunique()
        return (
            f"MemorisationPanel({n_models} model{'s' * (n_models > 1)}, {n_instances} instances,"
            f" {n_checkpoints} checkpoints)"
        )


def read_panel(
    source: str | Path | pd.DataFrame,
    columns: Mapping[str, str] | None = None,
    *,
    max_rows: int = MAX_ROWS,
) -> MemorisationPanel:
    """Validated panel from a file or a frame.

    Parameters
    ----------
    source : path or DataFrame
        A ``.csv``, ``.csv.gz``, ``.parquet`` or ``.jsonl`` file with one row per instance and checkpoint (and
        model), or a frame of that shape. Columns: ``instance``, ``checkpoint`` (training steps),
        ``treatment_step`` (the step at which the instance was trained on; empty, NaN or infinity for never),
        ``outcome`` (e.g. the sequence's log likelihood in nats), and optionally ``model`` and ``n_params``.
    columns : mapping of str to str, optional
        Where the table uses other names: this package's name to the table's.
    max_rows : int, default 10,000,000
        A file with more rows is refused before it is read whole.

    Raises
    ------
    InputError
        When the table cannot be used as given, naming the rows, what was expected and what to do.

    Examples
    --------
    >>> frame = pd.DataFrame({"instance": list("aabbccdd"), "step": [0, 1] * 4})
    >>> frame = frame.assign(treatment_step=[1, 1, 1, 1] + [np.nan] * 4, outcome=np.arange(8.0))
    >>> read_panel(frame, columns={"checkpoint": "step"})
    MemorisationPanel(1 model, 4 instances, 2 checkpoints)
    """
    if isinstance(source, pd.DataFrame):
        frame, rows = source, RowNames.of_index(source)
    elif isinstance(source, str | Path):
        raw = read_file(Path(source).expanduser(), max_rows)
        frame, rows = raw.frame, raw.rows
    else:
        raise InputError(
            f"the source of the panel is a {type(source).__name__}",
            "a path or a DataFrame",
            "Give the path of a .csv, .csv.gz, .parquet or .jsonl file, or build a DataFrame.",
            code="not_a_table",
        )
    return MemorisationPanel.from_frame(map_columns(frame, columns, rows), rows=rows)
