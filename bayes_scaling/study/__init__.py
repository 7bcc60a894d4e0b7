"""Grids of scaling-law fits: described in a file, run on a Dask cluster, kept as a table that can be resumed.

Contract: a spec becomes a plan of cells, each named by its content; a cell becomes one row, whatever happens to it;
rows are on the disk before the next is waited for. Only this layer knows Dask.
"""

from bayes_scaling.study.cell import Cell
from bayes_scaling.study.pairs import error_ratios, geometric_mean, summarise_ratios
from bayes_scaling.study.runner import StudyStoppedError
from bayes_scaling.study.spec import StudySpec, make_spec, read_spec
from bayes_scaling.study.study import Cluster, Study, read_study, run_study
from bayes_scaling.study.summary import compare, compare_on_same
from bayes_scaling.study.watcher import StudyStart, Watcher

__all__ = [
    "Cell",
    "Cluster",
    "Study",
    "StudySpec",
    "StudyStart",
    "StudyStoppedError",
    "Watcher",
    "compare",
    "compare_on_same",
    "error_ratios",
    "geometric_mean",
    "make_spec",
    "read_spec",
    "read_study",
    "run_study",
    "summarise_ratios",
]
