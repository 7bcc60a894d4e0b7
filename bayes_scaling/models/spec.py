"""The description of a hierarchical scaling model: what is assumed, before any data and any engine."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_scaling.errors import InputError, require_one_of
from bayes_scaling.laws import CHINCHILLA, Law, Parameter, get_law
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS
from bayes_scaling.models.discrepancy import DiscrepancyBasis
from bayes_scaling.models.mean import MeanLoss
from bayes_scaling.models.paths import DEFAULT_SHAPES, PathShape
from bayes_scaling.models.population import PopulationVector
from bayes_scaling.names import N_UNIQUE_TOKENS
from bayes_scaling.priors import JointMoments, Priors, ScalarPrior, weak_priors

FloatArray = NDArray[np.float64]

SYMMETRIC: Final = "symmetric"
FRONTIER: Final = "frontier"
NOISES: Final = (SYMMETRIC, FRONTIER)
"""Runs scatter around their law, or lie above it."""

FOREIGN_SHAPE: Final = 0.3
"""How far a law's exponents, speeds and breaks may lie off what others taught, in a metric that none of them has.

About as far as weak priors let the exponents of the additive law differ.
"""

LOG_RUN_SD = "log_run_sd"
LOG_DISCREPANCY_SD = "log_discrepancy_sd"


def _with_known_scatter(priors: Priors) -> Priors:
    """Priors under which the scatter of runs is what is expected of seeds: data cannot tell it from excess."""
    scatter = priors.parameters[LOG_RUN_SD]
    if max(scatter.location_sd, scatter.spread) <= KNOWN_SCATTER_SD:
        return priors
    narrow = replace(scatter, location_sd=KNOWN_SCATTER_SD, spread=KNOWN_SCATTER_SD)
    return priors.with_(**{LOG_RUN_SD: narrow})


def assumptions_of(law: Law) -> dict[str, Any]:
    """Fields of a description that a law sets unless a user does, ready for :class:`ModelSpec`."""
    fields = dict(law.assumptions)
    if "basis" in fields:
        fields["basis"] = DiscrepancyBasis(**fields["basis"])
    return fields


KNOWN_SCATTER_SD: Final = 0.1
"""Log standard deviation of the scatter of runs, around its prior's location, under one-sided noise."""

_SCALES = (
    Parameter(LOG_RUN_SD, "s", "scatter of runs of 1e9 parameters around their law, in log loss", "run_sd"),
    Parameter(
        LOG_DISCREPANCY_SD,
        "t",
        "smooth error of the law at 1e9 parameters and 2e10 tokens, in log loss",
        "discrepancy_sd",
    ),
)


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
        Checkpoints before this share of a run's last checkpoint are left out: the law does not describe the
        beginning of training.
    schedule : bool
        Whether a checkpoint whose learning rate has not decayed may lie above the law.
    repeats : bool
        Whether repeated tokens count for less than fresh ones (needs ``n_unique_tokens``).
    run_size_exponent : float
        Runs of size N scatter around their law as ``N ** -run_size_exponent``: small models differ more
        between seeds.
    robust : bool
        Whether rows and runs that the rest of their family does not expect have their noise widened.
    unit_sd : float
        Standard deviation of the log of a unit of loss that had to be guessed from a family's own rows, since its
        metric is not nats per token: 1 is a factor of e either way. Where no other family has the metric, the
        shares of the loss that fall with size and tokens are known no better, and what else shapes the law (its
        exponents above all) to 0.3 of it under a population that other families taught.
    noise : {"symmetric", "frontier"}
        ``"frontier"``: the law is that of well-tuned runs, and each run lies above it by an excess of its own, on
        top of the scatter of seeds. For sweeps in which many runs are under-tuned. The scatter then keeps to its
        prior, since it can hardly be told from excess.
    """

    law: Law = CHINCHILLA
    priors: Priors = field(default=None)  # type: ignore[assignment]  # filled from the law below
    basis: DiscrepancyBasis = field(default_factory=DiscrepancyBasis)
    shapes: tuple[PathShape, ...] = DEFAULT_SHAPES
    max_checkpoints: int = 6
    min_progress: float = 0.25
    schedule: bool = True
    repeats: bool = True
    run_size_exponent: float = 0.05
    robust: bool = True
    unit_sd: float = 1.0
    noise: Literal["symmetric", "frontier"] = "symmetric"

    def __post_init__(self) -> None:
        if self.priors is None:
            object.__setattr__(self, "priors", weak_priors(self.law, schedule=self.schedule))
        self._check_assumptions()
        self._check_priors()
        if self.noise == FRONTIER:
            object.__setattr__(self, "priors", _with_known_scatter(self.priors))

    def _check_assumptions(self) -> None:
        require_one_of(self.noise, NOISES, f"noise = {self.noise!r}", "bad_argument")
        bad = {
            "max_checkpoints": self.max_checkpoints < 1,
            "min_progress": not 0 <= self.min_progress < 1,
            "shapes": not self.shapes,
            "unit_sd": not 0 <= self.unit_sd < np.inf,
        }
        for name in (name for name, is_bad in bad.items() if is_bad):
            raise InputError(
                f"{name} = {getattr(self, name)}",
                "at least one checkpoint a run, a min_progress in [0, 1), at least one path shape and a finite"
                " unit_sd, not negative",
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
    def mean(self) -> MeanLoss:
        """Expected log loss of a checkpoint."""
        return MeanLoss(self.law, self.schedule)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Everything that differs between families: parameters of the mean, then the two log scales."""
        return (*self.mean.parameters, *_SCALES)

    @property
    def family_parameters(self) -> tuple[str, ...]:
        """Their names on the pooled scale."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def population_vector(self) -> PopulationVector:
        """The population's parameters as one vector, with their prior."""
        names = self.family_parameters
        n_mean = len(self.mean.parameter_names)
        location, factor = self.priors.joint(names, n_mean)
        return PopulationVector(len(names), n_mean, location, factor)

    def run_amplitude(self, n_params: ArrayLike) -> FloatArray:
        """Scale of runs of these sizes relative to that of the reference size, shape of the sizes."""
        return (np.asarray(n_params, dtype=float) / REFERENCE_N_PARAMS) ** -self.run_size_exponent

    @property
    def discrepancy(self) -> DiscrepancyBasis:
        """The basis in use: without wear where repeated tokens count like fresh ones."""
        if self.repeats or N_UNIQUE_TOKENS in self.law.inputs:
            return self.basis
        return replace(self.basis, wear=0.0)

    def roughness(
        self, is_rough: NDArray[np.bool_], is_foreign: NDArray[np.bool_], is_taught: bool
    ) -> FloatArray:
        """How far each parameter of the mean (F, P) may lie off the population for want of a unit that families share.

        See :class:`~bayes_scaling.models.units.FamilyUnits` for the first two arguments, (F,) each; the third is
        whether other families taught the population. A weak one lets any family's law have the shape it has.
        """
        of_level = np.outer(is_rough, self.mean.scales_with_unit)
        of_shares = np.outer(is_foreign, self.mean.shares_of_loss)
        of_shape = np.outer(is_foreign & is_taught, self.mean.shapes_of_law)
        return self.unit_sd * (np.logical_or(of_level, of_shares) + FOREIGN_SHAPE * of_shape)

    @property
    def is_taught(self) -> bool:
        """Whether the priors are what other families taught."""
        return self.priors.moments is not None

    def describe(self) -> str:
        """The model in words, with its priors."""
        law, priors, basis = self.law, self.priors, self.discrepancy
        shapes = ", ".join(shape.name for shape in self.shapes)
        gap = " + gap(family) x schedule level" if self.schedule else ""
        worth = "count for less than fresh ones" if self.repeats else "count like fresh ones"
        return "\n".join(
            [
                f"Law: {law.equation}   ({law.citation})",
                f"ln loss = ln law(family){gap} + discrepancy(family; ln N, ln D) + path(run; ln D)",
                f"Families: {len(self.mean.parameter_names)} parameters of the mean from one population,"
                " correlated; scales of discrepancy and path from it too",
                f"Discrepancy: Gaussian process, length scale {basis.length_scale:g} e-folds, falling as"
                f" (N D)^-{basis.decay:g}, {basis.n_features} features, integrated out",
                f"Runs: seed offset + drift + evaluation noise, falling as N^-{self.run_size_exponent:g};"
                f" by family one shape of {shapes}",
                *(
                    ["Schedule: level is the learning rate over its peak, or a cosine to the planned end"]
                    * self.schedule
                ),
                *(
                    ["Runs lie above the law by an exponential excess: the law is that of well-tuned runs"]
                    * (self.noise == FRONTIER)
                ),
                f"Repeated tokens {worth}",
                *(["Discrepancy grows with their wear, as ln(tokens / worth)^2"] * (basis.wear > 0)),
                *(
                    [
                        f"Losses in other units than nats: level known to {self.unit_sd:g} in log,"
                        " shares too where no other family has the metric"
                        + f", and exponents and the like to {FOREIGN_SHAPE * self.unit_sd:g}"
                        * self.is_taught
                    ]
                    * (self.unit_sd > 0)
                ),
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
                    "correlation_sd": self.priors.correlation_sd,
                    "moments": self.priors.moments and asdict(self.priors.moments),
                    "parameters": {name: asdict(prior) for name, prior in self.priors.parameters.items()},
                },
                "basis": asdict(self.basis),
                "shapes": [asdict(shape) for shape in self.shapes],
                "max_checkpoints": self.max_checkpoints,
                "min_progress": self.min_progress,
                "schedule": self.schedule,
                "repeats": self.repeats,
                "run_size_exponent": self.run_size_exponent,
                "robust": self.robust,
                "unit_sd": self.unit_sd,
                "noise": self.noise,
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
                correlation_sd=priors["correlation_sd"],
                name=priors["name"],
                moments=JointMoments.from_lists(**priors["moments"]) if priors["moments"] else None,
            ),
            basis=DiscrepancyBasis(**{"wear": 0.0} | stored["basis"]),
            shapes=tuple(PathShape(**shape) for shape in stored["shapes"]),
            max_checkpoints=stored["max_checkpoints"],
            min_progress=stored["min_progress"],
            schedule=stored["schedule"],
            repeats=stored["repeats"],
            run_size_exponent=stored["run_size_exponent"],
            robust=stored["robust"],
            unit_sd=stored.get("unit_sd", 0.0),
            noise=stored.get("noise", SYMMETRIC),
        )
