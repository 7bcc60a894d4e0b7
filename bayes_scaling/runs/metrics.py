"""Families whose runs were evaluated by several metrics: a law for each, from one population."""

from __future__ import annotations

import pandas as pd

from bayes_scaling.names import FAMILY, METRIC


def metric_family(family: str, metric: str) -> str:
    """What the part of a family that is measured by one metric is called: ``"mine (pile)"``."""
    return f"{family} ({metric})"


def split_by_metric(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows in which every metric of a family has a family of its own; families of one metric keep their label.

    Parameters
    ----------
    frame : DataFrame
        Columns ``family`` and ``metric``, text.
    """
    n_metrics = frame.groupby(FAMILY)[METRIC].transform("nunique")
    labels = [
        metric_family(family, metric) for family, metric in zip(frame[FAMILY], frame[METRIC], strict=True)
    ]
    return frame.assign(
        **{FAMILY: frame[FAMILY].where(n_metrics.eq(1), pd.Series(labels, index=frame.index))}
    )
