"""The frozen result of a fit, and the one file it is stored in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from bayes_scaling.errors import InputError
from bayes_scaling.models import ModelSpec
from bayes_scaling.names import FAMILY

FORMAT = 1
"""Version of the file layout; raised when old files could be misread."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws from the posterior of a hierarchical scaling model, with everything that prediction needs.

    Attributes
    ----------
    spec : ModelSpec
        What was assumed.
    idata : DataTree
        Groups ``posterior``, ``sample_stats``, ``constant_data`` and ``observed_data`` (the rows that entered
        the likelihood). In ``posterior``: ``theta_family`` (chain, draw, family, parameter) on the pooled
        scale, ``discrepancy_weights`` (chain, draw, family, feature), the population's mean, sd and
        correlation, and each law parameter on its natural scale, for the population (``alpha``) and for
        families (``alpha_family``); ``alpha_sd_family`` is the spread between families on the pooled scale.
    """

    spec: ModelSpec
    idata: xr.DataTree

    @property
    def draws(self) -> xr.Dataset:
        """The posterior group."""
        return self.idata["posterior"].to_dataset()

    @property
    def families(self) -> tuple[str, ...]:
        """Labels of the fitted families, sorted."""
        return tuple(str(name) for name in self.draws[FAMILY].to_numpy())

    @property
    def n_draws(self) -> int:
        """Number of draws over all chains."""
        sizes = self.idata["posterior"].sizes
        return int(sizes["chain"] * sizes["draw"])

    @property
    def observed(self) -> pd.DataFrame:
        """The rows that entered the likelihood."""
        return self.idata["observed_data"].to_dataset().to_dataframe().reset_index(drop=True)

    @property
    def peak_learning_rates(self) -> dict[str, float]:
        """Peak learning rate of each family that logs one."""
        constants = self.idata["constant_data"].to_dataset()
        if "peak_learning_rate" not in constants:
            return {}
        peaks = zip(self.families, constants["peak_learning_rate"].to_numpy(), strict=True)
        return {family: float(peak) for family, peak in peaks if np.isfinite(peak)}

    @property
    def typical_excess(self) -> dict[str, float]:
        """What each family's runs lie above their law by, on average, in log loss; empty for symmetric noise."""
        constants = self.idata["constant_data"].to_dataset()
        if "typical_excess" not in constants:
            return {}
        return dict(zip(self.families, constants["typical_excess"].to_numpy().tolist(), strict=True))

    @property
    def method(self) -> str:
        """How the draws were made, e.g. ``"nuts"``."""
        return str(self.idata.attrs["method"])

    @property
    def seconds(self) -> float:
        """Wall time of the fit, compilation included."""
        return float(self.idata.attrs["seconds"])


def assemble(
    spec: ModelSpec,
    draws: xr.Dataset,
    constants: xr.Dataset,
    rows: pd.DataFrame,
    attributes: dict[str, str | float | int],
    sample_stats: xr.Dataset | None = None,
) -> Posterior:
    """A posterior from raw draws.

    Parameters
    ----------
    spec : ModelSpec
    draws : Dataset
        ``theta_family``, ``discrepancy_weights``, ``population_mean``, ``population_sd`` and
        ``mean_correlation``.
    constants : Dataset
        ``log_unit`` of each family, and ``path_shape`` of each, or all that are possible if there are no
        families.
    rows : DataFrame
        What entered the likelihood.
    attributes : dict
        ``method``, ``seed``, ``seconds`` and the like.
    sample_stats : Dataset, optional
        What the sampler said of each draw.
    """
    groups = {
        "posterior": draws.assign(_on_natural_scale(spec, draws, constants["log_unit"])),
        "constant_data": constants,
        "observed_data": xr.Dataset({name: ("obs", _storable(rows[name])) for name in rows.columns}),
    }
    if sample_stats is not None:
        groups["sample_stats"] = sample_stats
    tree = xr.DataTree.from_dict(groups)
    tree.attrs = {"spec": spec.to_json(), "format": FORMAT, **attributes}
    return Posterior(spec, tree)


def _on_natural_scale(
    spec: ModelSpec, draws: xr.Dataset, log_unit: xr.DataArray
) -> dict[str, tuple[tuple[Hashable, ...], np.ndarray]]:
    """Each law parameter for the population and for families, by its natural name: dims and values."""
    parts = (draws[name] for name in ("theta_family", "population_mean", "population_sd"))
    theta, mean, sd = (part.transpose(..., "parameter") for part in parts)
    places = {str(name): place for place, name in enumerate(draws["parameter"].to_numpy())}
    unit = np.exp(log_unit.to_numpy())
    natural = {}
    for parameter in spec.parameters:
        place, transform = places[parameter.name], np.exp if parameter.transform == "exp" else np.asarray
        family = transform(theta.to_numpy()[..., place])
        if not parameter.relative_to_scale:
            family = family * unit
        natural[parameter.natural] = (mean.dims[:-1], transform(mean.to_numpy()[..., place]))
        natural[f"{parameter.natural}_sd_family"] = (sd.dims[:-1], sd.to_numpy()[..., place])
        natural[f"{parameter.natural}_family"] = (theta.dims[:-1], family)
    return natural


def _storable(column: pd.Series) -> np.ndarray:
    """Values of a column in a type that NetCDF can hold: numbers stay, everything else becomes text."""
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)
    return column.to_numpy(dtype=float)


def save_posterior(posterior: Posterior, path: str | os.PathLike[str]) -> Path:
    """Write a posterior to one NetCDF file; an interrupted write leaves no file of that name behind.

    Raises
    ------
    InputError
        When the folder does not exist.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise InputError(
            f"folder {str(target.parent)!r} does not exist",
            "an existing folder",
            "Create it first.",
            code="no_folder",
        )
    handle, temporary = tempfile.mkstemp(suffix=".nc", prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        posterior.idata.to_netcdf(temporary, engine="h5netcdf")
        Path(temporary).chmod(0o644)  # a temporary file is its owner's alone
        os.replace(temporary, target)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return target


def load_posterior(path: str | os.PathLike[str]) -> Posterior:
    """The posterior stored in a file by :func:`save_posterior`; predictions from it are identical.

    Raises
    ------
    InputError
        When the file is absent or is not a stored fit, or its law is a user's own and is not registered.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError(
            f"no file {str(source)!r}",
            "a fit stored by `fit.save` or `bayes-scaling fit`",
            "Check the path.",
            code="file_absent",
        )
    try:
        tree = xr.load_datatree(source, engine="h5netcdf")
        stored_format, stored_spec = int(tree.attrs["format"]), str(tree.attrs["spec"])
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{str(source)!r} is not a stored fit ({error})",
            "a file made by `fit.save` or `bayes-scaling fit`",
            "Fit again.",
            code="not_a_fit",
        ) from error
    if stored_format != FORMAT:
        raise InputError(
            f"{str(source)!r} has file format {stored_format}",
            f"format {FORMAT}",
            "Fit again with this version.",
            code="other_format",
        )
    return Posterior(ModelSpec.from_json(stored_spec), tree)
