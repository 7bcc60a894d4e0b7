"""How the cells of a column become numbers, labels or something to carry along.

Contract: every source, file or frame, goes through the same three conversions, so that a table means the same
wherever it came from. A cell that cannot be converted is an error that names its row.
"""

from bayes_scaling.runs.cells.carried import infer_carried, to_carried
from bayes_scaling.runs.cells.labels import to_labels
from bayes_scaling.runs.cells.numeric import NUMBER_COLUMNS, to_numbers

__all__ = ["NUMBER_COLUMNS", "infer_carried", "to_carried", "to_labels", "to_numbers"]
