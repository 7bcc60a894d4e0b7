"""Embedded and public tables of training runs, by name.

Contract: a name leads to provenance, licence, citation, checksums and a reader, all stated in
``data/<name>/info.json`` and nowhere else; what comes back is a validated run table. Files come from the
package itself, a local mirror, the cache or their public origin, and are used only when their checksum is
right. Laws and priors are unknown here.
"""

from bayes_scaling.datasets.fetch import URL_VARIABLE, dataset_available, fetch_dataset
from bayes_scaling.datasets.info import DataFile, DatasetInfo, DatasetPart, NotIncluded, Suspect
from bayes_scaling.datasets.loading import (
    PartialDataWarning,
    describe_parts,
    load_coefficients,
    load_dataset,
    load_learning_curves,
    load_table,
    without_suspects,
)
from bayes_scaling.datasets.local_files import CACHE_VARIABLE, MIRROR_VARIABLE
from bayes_scaling.datasets.public_families import load_public_families
from bayes_scaling.datasets.registry import get_dataset, list_datasets

__all__ = [
    "CACHE_VARIABLE",
    "MIRROR_VARIABLE",
    "URL_VARIABLE",
    "DataFile",
    "DatasetInfo",
    "DatasetPart",
    "NotIncluded",
    "PartialDataWarning",
    "Suspect",
    "dataset_available",
    "describe_parts",
    "fetch_dataset",
    "get_dataset",
    "list_datasets",
    "load_coefficients",
    "load_dataset",
    "load_learning_curves",
    "load_public_families",
    "load_table",
    "without_suspects",
]
