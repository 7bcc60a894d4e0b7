"""Small triangular systems in a batch, for NumPy and for PyTensor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt


def cholesky(xp: Any, matrices: Any) -> Any:
    """Lower Cholesky factors of matrices (..., P, P)."""
    return xp.linalg.cholesky(matrices)


def solve_lower(xp: Any, lower: Any, vectors: Any) -> Any:
    """Solutions x (..., P) of L x = b, L lower triangular (..., P, P)."""
    if xp is np:
        return _substitute(lower, vectors, range(lower.shape[-1]))
    return pt.linalg.solve_triangular(lower, vectors, lower=True, b_ndim=1)


def solve_upper(xp: Any, lower: Any, vectors: Any) -> Any:
    """Solutions x (..., P) of L' x = b, L lower triangular (..., P, P)."""
    transposed = xp.swapaxes(lower, -1, -2)
    if xp is np:
        return _substitute(transposed, vectors, range(lower.shape[-1])[::-1])
    return pt.linalg.solve_triangular(transposed, vectors, lower=False, b_ndim=1)


def diagonal(xp: Any, matrices: Any) -> Any:
    """Diagonals (..., P) of matrices (..., P, P)."""
    return xp.diagonal(matrices, axis1=-2, axis2=-1)


def contract(xp: Any, weights: Any, tables: Any) -> Any:
    """Sums (..., F, J) over the tables (F, K, J) of each family with weights (..., F, K)."""
    if xp is not np:
        return xp.matmul(weights[..., None, :], tables)[..., 0, :]
    # one product a family for all chains at once, which is faster than one for each chain
    by_family = np.matmul(weights.reshape(-1, *weights.shape[-2:]).swapaxes(0, 1), tables)
    return by_family.swapaxes(0, 1).reshape(*weights.shape[:-1], tables.shape[-1])


def sum_by(xp: Any, values: Any, index: Any, like: Any) -> Any:
    """Sums over the values (S, ...) that have the same index (S,), in an array of the shape of ``like``."""
    if xp is not np:
        return pt.inc_subtensor(pt.zeros_like(like)[index], values)
    sums = np.zeros_like(like)
    np.add.at(sums, index, values)
    return sums


def inverse_of_lower(xp: Any, lower: Any) -> Any:
    """Inverses of lower triangular matrices (..., P, P)."""
    if xp is np:
        return np.linalg.inv(lower)
    return pt.linalg.solve_triangular(lower, pt.eye(lower.shape[-1]), lower=True)


def _substitute(triangular: Any, vectors: Any, order: range) -> Any:
    """Row by row, which for a large batch of small systems is faster than a call for each."""
    shape = np.broadcast_shapes(triangular.shape[:-1], vectors.shape)
    solved = np.zeros(shape)
    for row in order:
        known = np.einsum("...k,...k->...", triangular[..., row, :], solved)
        solved[..., row] = (vectors[..., row] - known) / triangular[..., row, row]
    return solved
