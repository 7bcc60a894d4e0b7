"""Small valid tables that the tests of the run table start from."""

from __future__ import annotations

import numpy as np
import pandas as pd


def law(n_params, n_tokens):
    """Loss in nats per token of the runs below: a smooth law without noise."""
    return 1.7 + 400.0 / np.asarray(n_params) ** 0.34 + 410.0 / np.asarray(n_tokens) ** 0.28


def family_of_runs(
    sizes=(7e7, 3e8, 1e9, 3e9), n_checkpoints=10, tokens_per_param=(20.0,), seeds=("0",), family="base"
):
    """One family: every size at every length and seed, checkpoints evenly spread over each run."""
    rows = []
    for n_params in sizes:
        for ratio in tokens_per_param:
            for seed in seeds:
                total = n_params * ratio
                tokens = total * np.arange(1, n_checkpoints + 1) / n_checkpoints
                run = f"{n_params:g}-{ratio:g}-{seed}"
                rows.append(
                    pd.DataFrame(
                        {
                            "family": family,
                            "run": run,
                            "n_params": n_params,
                            "n_tokens": tokens,
                            "loss": law(n_params, tokens),
                        }
                    )
                )
    return pd.concat(rows, ignore_index=True)


def three_rows(**columns):
    """Three final checkpoints of one family; keyword arguments replace or add columns, None removes one."""
    frame = pd.DataFrame(
        {
            "family": ["base", "base", "base"],
            "run": ["small", "medium", "large"],
            "n_params": [7e7, 3e8, 1e9],
            "n_tokens": [2e9, 6e9, 2e10],
            "loss": [3.1, 2.7, 2.4],
        }
    ).assign(**columns)
    return frame.drop(columns=[name for name, values in columns.items() if values is None])
