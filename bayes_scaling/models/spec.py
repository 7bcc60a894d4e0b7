"""The description of a hierarchical scaling model: what is assumed, before any data and any engine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from bayes_scaling.errors import InputError
from bayes_scaling.laws import CHINCHILLA, Law, get_law
from bayes_scaling.models.discrepancy import DiscrepancyBasis
from bayes_scaling.models.paths import DEFAULT_SHAPES, PathShape
from bayes_scaling.priors import Priors, ScalarPrior, weak_priors

LOG_RUN_SD = "log_run_sd"
LOG_DISCREPANCY_SD = "log_discrepancy_sd"


@dataclass(frozen=True)
class ModelSpec:
    """Population -> family -> run -> checkpoint around one law; prints itself in words.

    Attributes
    ----------
    law : Law
        The mean of log loss.
    priors : Priors
        Population priors of the law's parameters and of the residual scales; default: the law's weak priors.
    basis : DiscrepancyBasis
        Smooth error of the law over (log N, log D).
    shapes : tuple of PathShape
        Shapes that a run's residual path may have; each family gets the one that its rows support best.
    max_checkpoints : int
        Checkpoints of one run that enter the likelihood, spread evenly in log tokens.
    min_progress : float
        Checkpoints before this share of a run's last checkpoint are left out: the law does not describe
        warm-up.
    """

    law: Law = CHINCHILLA
    priors: Priors = field(default=None)  # type: ignore[assignment]  # filled from the law below
    basis: DiscrepancyBasis = field(default_factory=DiscrepancyBasis)
    shapes: tuple[PathShape, ...] = DEFAULT_SHAPES
    max_checkpoints: int = 8
    min_progress: float = 0.1

    def __post_init__(self) -> None:
        if self.priors is None:
            object.__setattr__(self, "priors", weak_priors(self.law))
        self._check_assumptions()
        self._check_priors()

    def _check_assumptions(self) -> None:
        bad = {
            "max_checkpoints": self.max_checkpoints < 1,
            "min_progress": not 0 <= self.min_progress < 1,
            "shapes": not self.shapes,
        }
        for name in (name for name, is_bad in bad.items() if is_bad):
            raise InputError(
                f"{name} = {getattr(self, name)}",
                "at least one checkpoint a run, a min_progress in [0, 1) and at least one path shape",
                f"Correct {name}.",
                code="bad_argument",
            )

    def _check_priors(self) -> None:
        missing = [name for name in self.family_parameters if name not in self.priors.parameters]
        surplus = [name for name in self.priors.parameters if name not in self.family_parameters]
        if missing or surplus:
            raise InputError(
                f"priors {self.priors.name!r} for law {self.law.name!r}"
                f" (missing: {', '.join(missing) or 'none'}; of no use: {', '.join(surplus) or 'none'})",
                f"one for each of {', '.join(self.family_parameters)}",
                "Make them for this law: weak_priors(law), or Priors({...}).",
                code="priors_of_another_law",
            )

    @property
    def family_parameters(self) -> tuple[str, ...]:
        """Names of everything that differs between families: law parameters, then the two log scales."""
        return (*self.law.parameter_names, LOG_RUN_SD, LOG_DISCREPANCY_SD)

    def describe(self) -> str:
        """The model in words, with its priors."""
        law, priors, basis = self.law, self.priors, self.basis
        shapes = ", ".join(shape.name for shape in self.shapes)
        return "\n".join(
            [
                f"Law: {law.equation}   ({law.citation})",
                "ln loss = ln law(family) + discrepancy(family; ln N, ln D) + path(run; ln D)",
                f"Families: {len(law.parameter_names)} law parameters from one population, correlated"
                f" (LKJ {priors.correlation_eta:g}); scales of discrepancy and path from it too",
                f"Discrepancy: Gaussian process, length scale {basis.length_scale:g} e-folds,"
                f" {basis.n_features} features, integrated out",
                f"Runs: seed offset + drift + evaluation noise; by family one shape of {shapes}",
                f"Checkpoints: at most {self.max_checkpoints} a run, from {self.min_progress:.0%} of it on",
                priors.describe(),
            ]
        )

    __str__ = describe

    def to_json(self) -> str:
        """Everything needed to make the description again, as JSON."""
        return json.dumps(
            {
                "law": self.law.name,
                "priors": {
                    "name": self.priors.name,
                    "correlation_eta": self.priors.correlation_eta,
                    "parameters": {name: asdict(prior) for name, prior in self.priors.parameters.items()},
                },
                "basis": asdict(self.basis),
                "shapes": [asdict(shape) for shape in self.shapes],
                "max_checkpoints": self.max_checkpoints,
                "min_progress": self.min_progress,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        """The description that :meth:`to_json` wrote."""
        stored: dict[str, Any] = json.loads(text)
        priors = stored["priors"]
        return cls(
            law=get_law(stored["law"]),
            priors=Priors(
                {name: ScalarPrior(**prior) for name, prior in priors["parameters"].items()},
                correlation_eta=priors["correlation_eta"],
                name=priors["name"],
            ),
            basis=DiscrepancyBasis(**stored["basis"]),
            shapes=tuple(PathShape(**shape) for shape in stored["shapes"]),
            max_checkpoints=stored["max_checkpoints"],
            min_progress=stored["min_progress"],
        )
