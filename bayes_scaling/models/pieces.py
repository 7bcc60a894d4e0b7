"""The rows of a layout in pieces of whole runs: what likelihoods compute with.

A piece has a fixed number of places. Parameters are looked up once for a piece instead of for each row, one small
matrix whitens its residuals and projects them on the discrepancy's features, and sums over families are sums over
pieces. Nothing grows with the longest family.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayes_scaling.models.layout import Layout
from bayes_scaling.runs.blocks import RunBlocks

PLACES, PLACES_FOR_CHAINS = 12, 24
"""Of a piece, or as many as the longest run needs: of one chain's, compiled, and of many chains' at once, in NumPy."""


def likelihood_arrays(layout: Layout, places: int = PLACES) -> dict[str, NDArray[Any]]:
    """The arrays that :func:`~bayes_scaling.models.likelihood.family_log_likelihood` needs, by name.

    Those of each family (:meth:`Layout.family_arrays`), the inputs of the mean under their own names and ``log_loss``,
    (S, B) each for S pieces of B places, and of each piece ``piece_family`` (S,), ``piece_whitener`` (S, B, B) and
    ``piece_projector`` (S, B, K), which are zero at places that no observation fills.
    """
    blocks = layout.run_blocks
    n_places = max(places, int(blocks.counts.max()))
    starts, counts = _pieces(blocks, layout.family_index[blocks.starts], n_places)
    n_features = layout.eigenvalues.shape[1]
    whitener = np.zeros((len(starts), n_places, n_places))
    projector = np.zeros((len(starts), n_places, n_features))
    for piece, (start, count) in enumerate(zip(starts, counts, strict=True)):
        transform = layout.transform(slice(start, start + count))
        whitener[piece, :count, :count] = transform[:, :count]
        projector[piece, :count] = transform[:, count:]
    place = np.arange(n_places)
    # what fills up is some row of the family
    rows = starts[:, None] + np.where(place < counts[:, None], place, 0)
    by_row = layout.inputs | {"log_loss": layout.log_loss}
    by_place = {name: values[rows] for name, values in by_row.items()}
    by_piece = {
        "piece_family": layout.family_index[starts],
        "piece_whitener": whitener,
        "piece_projector": projector,
    }
    return layout.family_arrays() | by_place | by_piece


def _pieces(
    blocks: RunBlocks, family_of_run: NDArray[np.int64], n_places: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First row and number of rows of each piece: runs of a family one after the other, as many as have room."""
    starts: list[int] = []
    counts: list[int] = []
    family = -1
    for start, count, own in zip(blocks.starts, blocks.counts, family_of_run, strict=True):
        if own == family and counts[-1] + count <= n_places:
            counts[-1] += int(count)
        else:
            starts.append(int(start))
            counts.append(int(count))
            family = own
    return np.array(starts), np.array(counts)
