"""Coded findings about what a valid table can and cannot tell, one small function for each question.

Contract: a check looks at one family, or at all of them, and returns one finding or None; it never raises and
changes nothing.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from bayes_scaling.errors import Findings
from bayes_scaling.names import FAMILY
from bayes_scaling.runs.checks.curves import CURVE_CHECKS
from bayes_scaling.runs.checks.design import DESIGN_CHECKS
from bayes_scaling.runs.checks.family import FamilyCheck, FamilyRuns
from bayes_scaling.runs.checks.losses import LOSS_CHECKS
from bayes_scaling.runs.checks.table import TABLE_CHECKS

__all__ = ["FAMILY_CHECKS", "TABLE_CHECKS", "FamilyRuns", "check_frame"]

FAMILY_CHECKS: Final[tuple[FamilyCheck, ...]] = DESIGN_CHECKS + CURVE_CHECKS + LOSS_CHECKS
"""The questions asked about each family, in the order in which findings are listed."""


def check_frame(frame: pd.DataFrame) -> Findings:
    """Findings about a valid frame: first about the families one by one, then about all of them together."""
    families = [
        FamilyRuns(str(name), rows.reset_index(drop=True)) for name, rows in frame.groupby(FAMILY, sort=True)
    ]
    if not families:
        return Findings()
    of_families = (check(family) for family in families for check in FAMILY_CHECKS)
    of_table = (check(families) for check in TABLE_CHECKS)
    return Findings(tuple(found for found in (*of_families, *of_table) if found is not None))
