"""From a spec and its runs to the cells that are to be run, each with the prior that it may know."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

import numpy as np

import bayes_scaling
from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.names import N_PARAMS
from bayes_scaling.priors.population import FEW_FAMILIES, shipped_population
from bayes_scaling.runs import RunTable
from bayes_scaling.study.cell import ALL, POOLING_JOINT, POOLING_NONE, POOLING_POPULATION, Cell
from bayes_scaling.study.kin import assign_folds, kin_groups
from bayes_scaling.study.methods import POINT_METHODS
from bayes_scaling.study.rows import window_sizes
from bayes_scaling.study.spec import StudySpec
from bayes_scaling.study.table import Tables, digest, digest_of, split_families
from bayes_scaling.study.teaching import Lesson

SHIPPED = "shipped"
"""In place of a lesson's key: the population prior that comes with the package."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell with its key and with what it takes from other families.

    Attributes
    ----------
    cell : Cell
    key : str
    prior : str, optional
        Key of the lesson that teaches its prior, or :data:`SHIPPED`.
    others : tuple of str
        Families whose rows are fitted together with the cell's.
    obstacle : str
        Why it has no prior that it may know; empty otherwise.
    """

    cell: Cell
    key: str
    prior: str | None = None
    others: tuple[str, ...] = ()
    obstacle: str = ""


@dataclass(frozen=True, eq=False)
class Plan:
    """All that a study has to do.

    Attributes
    ----------
    cells : tuple of PlannedCell
    lessons : mapping of str to Lesson
        Priors that cells need, by key.
    tables : mapping of str to RunTable
        Runs by family.
    n_senseless : int
        Combinations left out because they mean nothing: a method that cannot pool asked to pool, a second seed
        of what draws nothing, a point method with a law that it does not fit.
    """

    cells: tuple[PlannedCell, ...]
    lessons: Mapping[str, Lesson]
    tables: Tables
    n_senseless: int


def plan_study(spec: StudySpec, runs: RunTable) -> Plan:
    """The cells of a study.

    Raises
    ------
    InputError
        When a family is not in the table, or no combination is left.
    """
    families = _Families(spec, runs)
    cells: list[PlannedCell] = []
    n_senseless = 0
    for cell in _combinations(spec, families):
        if _is_senseless(cell, spec):
            n_senseless += 1
        else:
            cells.append(families.planned(cell))
    if not cells:
        raise InputError(
            "a grid without a cell",
            "a family with more sizes than it is to learn from, and a method that can pool as asked",
            "Lower n_sizes, or look at the table with `bayes-scaling check`.",
            code="no_cells",
        )
    needed = {planned.prior for planned in cells}
    lessons = {key: lesson for key, lesson in families.lessons.items() if key in needed}
    return Plan(tuple(cells), lessons, families.tables, n_senseless)


def _combinations(spec: StudySpec, families: _Families) -> Iterator[Cell]:
    """Every combination whose family has the sizes that it asks for."""
    names = [name for name in spec.axes if name != "families"]
    for family in families.chosen(spec.axes["families"]):
        sizes = np.sort(families.tables[family].frame[N_PARAMS].unique())
        for values in itertools.product(*(spec.axes[name] for name in names)):
            cell = Cell(family=family, **dict(zip(names, values, strict=True)))
            if _has_own_part_alone(cell, spec) or len(window_sizes(sizes, cell.n_sizes, cell.window)):
                yield cell


def _has_own_part_alone(cell: Cell, spec: StudySpec) -> bool:
    """Whether the cell learns from its target's first part and no size; once, for axes that are about sizes."""
    about_sizes = ("train_share", "window", "n_seeds")
    is_first = all(getattr(cell, name) == spec.axes[name][0] for name in about_sizes)
    return cell.n_sizes == 0 and cell.target_share > 0.0 and is_first


def _is_senseless(cell: Cell, spec: StudySpec) -> bool:
    if cell.method not in POINT_METHODS:
        return False
    pools = cell.pooling != POOLING_NONE
    is_another_seed = cell.n_seeds == ALL and cell.seed != spec.axes["seed"][0]
    return pools or cell.law != CHINCHILLA.name or is_another_seed


class _Families:
    """The families of a study: who may teach whom."""

    def __init__(self, spec: StudySpec, runs: RunTable) -> None:
        self.tables = split_families(runs)
        self.lessons: dict[str, Lesson] = {}
        # what is the same for all cells of a family or fold under one law is found out once
        self._found_priors: dict[tuple[str, str], tuple[str | None, str]] = {}
        self._found_lessons: dict[tuple[int, str], tuple[str | None, str]] = {}
        self._spec, self._runs = spec, runs

    @cached_property
    def _groups(self) -> tuple[tuple[str, ...], ...]:
        return kin_groups(self._runs)

    @cached_property
    def _kin(self) -> dict[str, tuple[str, ...]]:
        return {family: group for group in self._groups for family in group}

    @cached_property
    def _folds(self) -> dict[str, int]:
        return assign_folds(self._groups, self._spec.n_folds)

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {family: digest(table) for family, table in self.tables.items()}

    def chosen(self, patterns: tuple[str, ...]) -> list[str]:
        """Families that some pattern matches, in the order of labels."""
        for pattern in patterns:
            if not any(_matches(family, pattern) for family in self.tables):
                raise InputError(
                    f"[grid] families with {pattern!r}",
                    f"labels or patterns of {', '.join(self.tables)}",
                    "Check the spelling.",
                    code="unknown_family",
                )
        return [family for family in self.tables if any(_matches(family, each) for each in patterns)]

    def planned(self, cell: Cell) -> PlannedCell:
        """The cell with its key, its prior and the families beside it."""
        prior: str | None = None
        obstacle = ""
        others: tuple[str, ...] = ()
        learned_from = [self._digests[cell.family]]
        if cell.pooling == POOLING_POPULATION:
            prior, obstacle = self._prior(cell.family, cell.law)
            learned_from.append(prior or obstacle)
        elif cell.pooling == POOLING_JOINT:
            others = tuple(family for family in self.tables if family not in self._kin[cell.family])
            learned_from += [self._digests[family] for family in others]
        settings = self._spec.settings.get(cell.method, {})
        key = cell.key(digest_of(learned_from), settings, bayes_scaling.__version__)
        return PlannedCell(cell, key, prior, others, obstacle)

    def _prior(self, family: str, law: str) -> tuple[str | None, str]:
        """The prior that cells of a family may know, or why there is none."""
        asked = family, law
        if asked not in self._found_priors:
            found = self._lesson(self._folds[family], law), self._shipped(family, law)
            order = found if self._spec.prefers_folds else found[::-1]
            keys = [key for key, _ in order if key is not None]
            self._found_priors[asked] = (
                (keys[0], "") if keys else (None, "; ".join(reason for _, reason in order))
            )
        return self._found_priors[asked]

    def _lesson(self, fold: int, law: str) -> tuple[str | None, str]:
        """What the families of all other folds teach, or why they do not."""
        asked = fold, law
        if asked not in self._found_lessons:
            self._found_lessons[asked] = self._make_lesson(fold, law)
        return self._found_lessons[asked]

    def _make_lesson(self, fold: int, law: str) -> tuple[str | None, str]:
        teachers = tuple(family for family in self.tables if self._folds[family] != fold)
        if len(teachers) < FEW_FAMILIES:
            return None, f"{len(teachers)} other families, of {FEW_FAMILIES} that can teach a population"
        digests = (self._digests[family] for family in teachers)
        key = digest_of([law, bayes_scaling.__version__, *digests])
        self.lessons[key] = Lesson(key, law, teachers)
        return key, ""

    def _shipped(self, family: str, law: str) -> tuple[str | None, str]:
        shipped = shipped_population(law)
        if shipped is None:
            return None, f"no population prior comes with the package for law {law}"
        if shipped.overlap(self.tables[family].frame):
            return None, "the prior that comes with the package knows runs of this family"
        return SHIPPED, ""


def _matches(family: str, pattern: str) -> bool:
    return family == pattern or fnmatchcase(family, pattern)
