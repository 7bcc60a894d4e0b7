"""A study's runs as its workers hold them: by family, packed once and unpacked once in each process."""

from __future__ import annotations

import hashlib
import pickle
import zlib
from collections.abc import Iterable, Mapping

import pandas as pd

from bayes_scaling.names import FAMILY
from bayes_scaling.runs import RunTable

Tables = Mapping[str, RunTable]
"""Runs by family."""


def split_families(runs: RunTable) -> dict[str, RunTable]:
    """The runs of each family, in the order of labels."""
    codes, families = pd.factorize(runs.frame[FAMILY])
    return {str(family): runs.subset(codes == place) for place, family in enumerate(families)}


def pack(tables: Tables) -> bytes:
    """The tables as few bytes, so that a scheduler can keep them and hand them to any worker again."""
    return zlib.compress(pickle.dumps(dict(tables), protocol=pickle.HIGHEST_PROTOCOL), level=6)


def unpack(packed: bytes) -> dict[str, RunTable]:
    """The tables that :func:`pack` was given."""
    tables: dict[str, RunTable] = pickle.loads(zlib.decompress(packed))
    return tables


def digest(runs: RunTable) -> str:
    """A short text that changes with any name or value of the table."""
    frame = runs.frame.dropna(axis="columns", how="all")
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashlib.sha256(",".join(frame.columns).encode() + hashes.tobytes()).hexdigest()[:20]


def digest_of(digests: Iterable[str]) -> str:
    """One digest of several, in this order."""
    return hashlib.sha256("|".join(digests).encode()).hexdigest()[:20]
