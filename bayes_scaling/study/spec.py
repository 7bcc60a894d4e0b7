"""What a study is to do, read from a TOML file and checked before anything runs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from bayes_scaling.datasets import load_dataset, load_public_families, without_suspects
from bayes_scaling.errors import InputError
from bayes_scaling.inference import METHODS, settings_for
from bayes_scaling.runs import RunTable, read_runs
from bayes_scaling.study.axes import read_axes
from bayes_scaling.study.cell import EVERY_ROW

PUBLIC: Final = "public"
"""The name under which all public families of several sizes are one data set."""

_SECTIONS: Final = ("data", "grid", "study", "settings")
_DATA: Final = ("table", "dataset", "mirror", "columns", "units", "split_metrics", "keep_suspect")
_STUDY: Final = ("n_folds", "cell_timeout", "prior")
PRIORS: Final = ("auto", "folds")
"""Which population prior a cell is given first: by the kind of table, or always that of the other folds."""


@dataclass(frozen=True)
class StudySpec:
    """A study as it was asked for.

    Attributes
    ----------
    data : mapping
        Where the runs are: ``table`` or ``dataset``, and how to read them.
    axes : mapping of str to tuple
        Values on every axis of the grid.
    n_folds : int
        Folds in which families are left out of the population prior that they are fitted under.
    cell_timeout : float
        Seconds after which a cell is given up.
    prior : {"auto", "folds"}
        Which population prior is wanted: ``"folds"`` for the one that the other families of the table teach; with
        ``"auto"`` a table of one's own takes the one that comes with the package.
    settings : mapping of str to mapping
        By method, settings that differ from its defaults.
    folder : Path
        Where relative paths start.
    """

    data: Mapping[str, Any]
    axes: Mapping[str, tuple[Any, ...]]
    n_folds: int = 8
    cell_timeout: float = 600.0
    prior: str = "auto"
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    folder: Path = Path()

    @property
    def is_public(self) -> bool:
        """Whether the runs are a known data set, whose families may have taught the shipped prior."""
        return "dataset" in self.data

    @property
    def prefers_folds(self) -> bool:
        """Whether the table's own families are to teach the prior, where there are enough of them."""
        return self.is_public or self.prior == "folds"

    def read_data(self, mirror: str | Path | None = None) -> RunTable:
        """The runs; rows that a data set marks as suspect are left out unless asked for.

        Parameters
        ----------
        mirror : path, optional
            Folder with copies of the public data sets, in place of the one that the spec names.
        """
        mirror = mirror or self._path(self.data.get("mirror"))
        if not self.is_public:
            return read_runs(
                str(self._path(self.data["table"])),
                columns=self.data.get("columns"),
                units=self.data.get("units"),
                split_metrics=self.data.get("split_metrics", False),
            )
        if self.data["dataset"] == PUBLIC:
            return load_public_families(mirror)
        runs = load_dataset(self.data["dataset"], mirror)
        if self.data.get("keep_suspect", False):
            return runs
        return without_suspects(runs)

    def record(self) -> dict[str, Any]:
        """The spec as ``summary.json`` has it, with the defaults written out."""
        content = asdict(self)
        content.pop("folder")
        shares = content["axes"]["train_share"]
        content["axes"]["train_share"] = ["inf" if share == EVERY_ROW else share for share in shares]
        return content

    def _path(self, name: str | None) -> Path | None:
        return None if name is None else self.folder / Path(name).expanduser()


def read_spec(path: str | Path) -> StudySpec:
    """The study that a TOML file describes.

    Raises
    ------
    InputError
        With code ``"bad_spec"`` or ``"bad_grid"``, when the file is absent, is no TOML, or asks for what is not
        there.
    """
    file = Path(path)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"{str(path)!r} cannot be read as a study ({error})",
            "a TOML file with [data] and [grid]",
            "See docs/study-runner.md for an example.",
            code="bad_spec",
        ) from error
    return make_spec(content, file.parent)


def make_spec(content: Mapping[str, Any], folder: str | Path = ".") -> StudySpec:
    """The study that a mapping of sections describes; relative paths in it start from a folder.

    Raises
    ------
    InputError
        As :func:`read_spec`.
    """
    _require_known("the spec", content, _SECTIONS)
    data, given = _section(content, "data"), _section(content, "study")
    _require_known("[data]", data, _DATA)
    _require_known("[study]", given, _STUDY)
    study = {name: given.get(name, getattr(StudySpec, name)) for name in _STUDY}
    if ("table" in data) == ("dataset" in data):
        raise _bad("[data] " + ("with both" if "table" in data else "with neither"), "table or dataset")
    _require_number("n_folds", study["n_folds"], 2, whole=True)
    _require_number("cell_timeout", study["cell_timeout"], 0.0, whole=False)
    if study["prior"] not in PRIORS:
        raise _bad(f"[study] prior = {study['prior']!r}", f"one of {', '.join(PRIORS)}")
    axes = read_axes(_section(content, "grid"))
    if max(axes["target_share"]) > min(axes["test_from"]):
        raise InputError(
            f"[grid] target_share up to {max(axes['target_share'])}, test_from down to {min(axes['test_from'])}",
            "checkpoints of the target that are given to lie before those that are scored",
            "Lower target_share, or raise test_from.",
            code="bad_grid",
        )
    return StudySpec(
        data=data,
        axes=axes,
        n_folds=study["n_folds"],
        cell_timeout=float(study["cell_timeout"]),
        prior=study["prior"],
        settings=_method_settings(_section(content, "settings")),
        folder=Path(folder),
    )


def _method_settings(given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    _require_known("[settings]", given, tuple(METHODS))
    for method, settings in given.items():
        settings_for(method, settings)  # raises for a name or value that the method has not
    return {method: dict(settings) for method, settings in given.items()}


def _section(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    section = content.get(name, {})
    if not isinstance(section, Mapping):
        raise _bad(f"{name} = {section!r}", f"a section [{name}]")
    return section


def _require_known(where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise _bad(f"{where} with {', '.join(unknown)}", f"names among {', '.join(known)}")


def _require_number(name: str, value: Any, lowest: float, *, whole: bool) -> None:
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not lowest <= value < float("inf"):
        expected = "a whole number" if whole else "a number of seconds"
        raise _bad(f"[study] {name} = {value!r}", f"{expected} of at least {lowest}")


def _bad(given: str, expected: str) -> InputError:
    return InputError(given, expected, "Correct the spec; see docs/study-runner.md.", code="bad_spec")
