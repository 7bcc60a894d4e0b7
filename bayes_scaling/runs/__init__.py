"""Tidy rows of runs and checkpoints and the rules they obey.

Contract: whatever leaves this layer as a :class:`RunTable` is valid and cannot be changed. Files and frames
come in through :func:`read_runs`, which renames and converts only what it is told to; anything else is one
:class:`~bayes_scaling.errors.InputError` that names the rows. Pandas and files live here; laws and priors do
not.
"""

from bayes_scaling.runs.columns import parse_mapping
from bayes_scaling.runs.files import MAX_ROWS
from bayes_scaling.runs.reading import read_runs
from bayes_scaling.runs.table import RunTable, check_runs, concat_runs, require_spread
from bayes_scaling.runs.validation import validate_frame

__all__ = [
    "MAX_ROWS",
    "RunTable",
    "check_runs",
    "concat_runs",
    "parse_mapping",
    "read_runs",
    "require_spread",
    "validate_frame",
]
