"""Run tables as files: CSV, Parquet and JSON lines.

Contract: a reader hands out the cells as they are written, with the names of their rows, and refuses what is
no table of a reasonable size; a writer leaves a whole file or none. What the cells mean is decided elsewhere.
"""

from bayes_scaling.runs.files.formats import CSV, FORMATS, JSONL, PARQUET, read_file, write_file
from bayes_scaling.runs.files.limits import MAX_ROWS

__all__ = ["CSV", "FORMATS", "JSONL", "MAX_ROWS", "PARQUET", "read_file", "write_file"]
