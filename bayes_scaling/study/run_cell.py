"""One cell from its rows to its row of results, whatever happens on the way."""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from bayes_scaling.baselines import Forecast, NotFittableError
from bayes_scaling.errors import InputError, Severity
from bayes_scaling.evaluation import scores
from bayes_scaling.evaluation.splits import LeakError
from bayes_scaling.laws import get_law
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS, RUN
from bayes_scaling.priors import PopulationFile, Priors
from bayes_scaling.priors.population import shipped_population
from bayes_scaling.runs import RunTable, concat_runs
from bayes_scaling.study.columns import DONE, FAILED, RESULT_COLUMNS, UNDETERMINED
from bayes_scaling.study.kin import shares_row
from bayes_scaling.study.methods import forecaster_for
from bayes_scaling.study.plan import SHIPPED, PlannedCell
from bayes_scaling.study.rows import CellRows, cell_rows
from bayes_scaling.study.table import Tables

_MIB = 2.0**20


def run_cell(
    tables: Tables, population: PopulationFile | None, planned: PlannedCell, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """One row of results with the columns of :data:`~bayes_scaling.study.columns.RESULT_COLUMNS`.

    Parameters
    ----------
    tables : mapping of str to RunTable
        Runs by family.
    population : PopulationFile, optional
        The prior of a cell that pools by one which other families of the study taught.
    planned : PlannedCell
    settings : mapping
        Settings of the method that differ from its defaults.

    Notes
    -----
    What cannot be fitted has the status ``undetermined``, what broke has ``failed``, both with a reason.
    """
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            # An optimiser that overflows on its way says so on the worker's terminal, where it helps nobody: a
            # cell without a finite forecast is undetermined, with its reason.
            warnings.simplefilter("ignore", RuntimeWarning)
            outcome = {"status": DONE, "reason": "", **_fit_and_score(tables, population, planned, settings)}
    except (InputError, NotFittableError) as refusal:
        outcome = {"status": UNDETERMINED, "reason": str(refusal)}
    except Exception as error:  # whatever a cell meets, the others go on; the row says what it was
        outcome = {"status": FAILED, "reason": f"{type(error).__name__}: {error}"}
    return finished_row(planned, {**outcome, "seconds": time.perf_counter() - started, **_worker()})


def finished_row(planned: PlannedCell, outcome: Mapping[str, Any]) -> dict[str, Any]:
    """A row of results from what is known of a cell; the rest is missing."""
    known = {"key": planned.key, **planned.cell.record(), **outcome, "finished": _now()}
    return {name: known.get(name) for name in RESULT_COLUMNS}


def _fit_and_score(
    tables: Tables, population: PopulationFile | None, planned: PlannedCell, settings: Mapping[str, Any]
) -> dict[str, Any]:
    cell = planned.cell
    if planned.obstacle:
        raise InputError(planned.obstacle, "a prior that the family did not teach", "Pool otherwise.")
    rows = cell_rows(tables[cell.family], cell)
    about_rows = _about(rows)
    if not len(rows.train):
        raise InputError("no training row is left", "some", "Drop fewer tokens, or see more of the training.")
    if planned.prior == SHIPPED:
        priors = _priors(shipped_population(cell.law), rows, cell.law, {})
    else:
        priors = _priors(population, rows, cell.law, tables)
    train = _with_others(rows, tables, planned)
    forecaster = forecaster_for(cell, priors, rows.train, settings)
    forecast = forecaster.forecast(train, rows.points, seed=cell.seed)
    return {**about_rows, **_diagnostics(forecast), **score(forecast, rows.test.frame[LOSS].to_numpy(float))}


def _priors(population: PopulationFile | None, rows: CellRows, law: str, teachers: Tables) -> Priors | None:
    """The prior of a cell, when no scored row is among those that taught it; the teachers that are at hand say so."""
    if population is None:
        return None
    test = rows.test.frame
    # a file knows five digits of a loss, which agree by chance where there are many families; tables know them all
    known = [
        family
        for family in population.overlap(test)
        if family not in teachers or shares_row(teachers[family].frame, test)
    ]
    if known:
        raise LeakError(f"the prior was taught by scored rows, under the labels {', '.join(known)}")
    return population.priors(get_law(law))


def _with_others(rows: CellRows, tables: Tables, planned: PlannedCell) -> RunTable:
    """The rows to learn from, those of other families among them if the cell is fitted jointly."""
    if not planned.others:
        return rows.train
    others = concat_runs(tables[family] for family in planned.others)
    if shares_row(others.frame, rows.test.frame):
        raise LeakError("scored rows are among the rows of other families")
    return concat_runs([others, rows.train])


def _about(rows: CellRows) -> dict[str, Any]:
    """Counts of rows, and how far the target lies beyond what is learned from."""
    train, test = rows.train.frame, rows.test.frame
    counts = {
        "target_runs": int(test[RUN].nunique()),
        "target_n_params": float(test[N_PARAMS].max()),
        "n_train_runs": int(train[RUN].nunique()),
        "n_train_sizes": int(train[N_PARAMS].nunique()),
        "n_train_rows": len(train),
        "n_test_rows": len(test),
        "train_flops": _flops(train),
    }
    if train.empty:
        return counts
    largest = train[N_PARAMS].max()
    compute, largest_compute = ((frame[N_PARAMS] * frame[N_TOKENS]).max() for frame in (test, train))
    ratios = {"size_ratio": counts["target_n_params"] / largest, "compute_ratio": compute / largest_compute}
    return {**counts, **ratios}


def _flops(train: pd.DataFrame) -> float:
    """6 N D of the last training row of each run, summed: what the training that was learned from has cost."""
    last = train.groupby(RUN)[[N_PARAMS, N_TOKENS]].max()
    return float(6.0 * (last[N_PARAMS] * last[N_TOKENS]).sum())


def _diagnostics(forecast: Forecast) -> dict[str, Any]:
    kept = ("r_hat_max", "ess_min", "n_divergent", "fit_seconds")
    return {
        "untrusted": _codes(forecast, Severity.ERROR),
        "warnings": _codes(forecast, Severity.WARNING),
        **{name: forecast.diagnostics[name] for name in kept if name in forecast.diagnostics},
    }


def _codes(forecast: Forecast, severity: Severity) -> str:
    return ", ".join(sorted({note.code for note in forecast.notes if note.severity is severity}))


def score(forecast: Forecast, observed: np.ndarray) -> dict[str, Any]:
    """Scores of a forecast, means over the scored rows; ``crps``, ``bias`` and ``width_90`` are on log loss.

    Parameters
    ----------
    forecast : Forecast
    observed : ndarray of shape (n_points,)
        Loss.

    Raises
    ------
    NotFittableError
        When the forecast is no finite positive loss at some point.
    """
    draws = forecast.draws
    if not (np.isfinite(draws) & (draws > 0.0)).all():
        said = [note for note in forecast.notes if note.severity is not Severity.INFO]
        message = said[0].message if said else "The forecast is no finite positive loss"
        raise NotFittableError("no_forecast", message, said[0].advice if said else "Use another method.")
    log_draws, log_loss, median = np.log(draws), np.log(observed), np.median(draws, axis=0)
    point_scores = {
        "are": scores.absolute_relative_error(median, observed),
        "crps": scores.crps(log_draws, log_loss),
        "bias": scores.log_bias(median, observed),
    }
    if not forecast.is_point:
        lower, upper = scores.central_interval(log_draws, 0.9)
        point_scores |= {
            f"covered_{round(100 * level)}": scores.covered(draws, observed, level)
            for level in scores.NOMINAL_LEVELS
        }
        point_scores |= {"width_90": upper - lower, "pit_mean": scores.pit(draws, observed)}
    return {name: float(values.mean()) for name, values in point_scores.items()}


def _worker() -> dict[str, Any]:
    unit = 1.0 if sys.platform == "darwin" else 1024.0  # bytes there, kibibytes elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MIB
    return {"worker": f"{socket.gethostname()}:{os.getpid()}", "peak_memory_mb": peak}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
