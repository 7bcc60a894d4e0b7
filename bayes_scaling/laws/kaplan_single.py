r"""Kaplan's power laws in one input: size, data or compute, the other two not in the way.

.. math:: L(N) = (N_c/N)^{\alpha_N}, \qquad L(D) = (D_c/D)^{\alpha_D}, \qquad L(C) = (C_c/C)^{\alpha_C}

Kaplan et al. 2020, arXiv:2001.08361, eq. 1.1 to 1.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS
from bayes_scaling.laws.compute import REFERENCE_FLOPS
from bayes_scaling.laws.kaplan_adjustments import FLOPS_PER_PF_DAY


def _parameters(symbol: str, exponent: str, reference: str) -> tuple[Parameter, ...]:
    return (
        Parameter(
            "log_reference_loss",
            r"\ln L_0",
            f"loss at {reference}, in the family's unit",
            "reference_loss",
            relative_to_scale=False,
        ),
        Parameter("log_alpha", rf"\ln\alpha_{symbol}", f"exponent of {exponent}", "alpha"),
    )


class _PurePower(Law, HasPowerLawTail):
    """A straight line in logarithms, stated by its loss at a reference point and its slope."""

    symbol: ClassVar[str]
    reference: ClassVar[float]
    published_unit: ClassVar[float] = 1.0

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L = ln L0 - alpha ln(x / x0)."""
        (name,) = self.inputs
        log_x = xp.log(inputs[name]) - float(np.log(self.reference))
        return params["log_reference_loss"] - xp.exp(params["log_alpha"]) * log_x

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The exponent; the limit is zero loss."""
        return {self.inputs[0]: xp.exp(params["log_alpha"])}

    def to_published(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published scale (``N_c``, ``D_c``, or ``C_c`` in PF-days) and ``alpha``."""
        alpha = xp.exp(params["log_alpha"])
        log_scale = float(np.log(self.reference / self.published_unit)) + params["log_reference_loss"] / alpha
        return {f"{self.symbol}_c": xp.exp(log_scale), "alpha": alpha}

    def from_published(self, xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as the published scale and exponent."""
        log_scale = xp.log(published[f"{self.symbol}_c"]) - float(
            np.log(self.reference / self.published_unit)
        )
        return {
            "log_reference_loss": published["alpha"] * log_scale,
            "log_alpha": xp.log(published["alpha"]),
        }


class KaplanN(_PurePower):
    r"""Loss of a model of N parameters that has seen all the data it can use.

    Written as :math:`L = L_0 (N/N_0)^{-\alpha_N}` at :math:`N_0 = 10^9`, so that :math:`N_c = N_0 L_0^{1/\alpha_N}`.

    ========================  =================================  ==========  =================
    name                      meaning                            support     unit
    ========================  =================================  ==========  =================
    ``log_reference_loss``    log of L0, the loss at N0          real        log(unit of loss)
    ``log_alpha``             log of the exponent alpha_N        real        none
    ========================  =================================  ==========  =================

    Limits: no floor, so it must fail at the largest scales; it is Kaplan's L(N, D) for endless D. N are parameters
    without embeddings in the paper. Fitted on 768 to 1.5e9 of them.
    """

    name: ClassVar[str] = "kaplan-n"
    title: ClassVar[str] = "Kaplan's power law in parameters"
    equation: ClassVar[str] = "L = (N_c / N)^alpha_N"
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.1"
    inputs: ClassVar[tuple[str, ...]] = ("n_params",)
    parameters: ClassVar[tuple[Parameter, ...]] = _parameters("N", "model size", "1e9 parameters")
    assumptions: ClassVar[Mapping[str, Any]] = {"schedule": False, "repeats": False}
    symbol: ClassVar[str] = "N"
    reference: ClassVar[float] = REFERENCE_N_PARAMS


class KaplanD(_PurePower):
    r"""Loss of a large model that has been stopped early on D tokens.

    Written as :math:`L = L_0 (D/D_0)^{-\alpha_D}` at :math:`D_0 = 2\cdot10^{10}`.

    ========================  =================================  ==========  =================
    name                      meaning                            support     unit
    ========================  =================================  ==========  =================
    ``log_reference_loss``    log of L0, the loss at D0          real        log(unit of loss)
    ``log_alpha``             log of the exponent alpha_D        real        none
    ========================  =================================  ==========  =================

    Limits: no floor; it is Kaplan's L(N, D) for endless N. Fitted on 22M to 23B tokens.
    """

    name: ClassVar[str] = "kaplan-d"
    title: ClassVar[str] = "Kaplan's power law in tokens"
    equation: ClassVar[str] = "L = (D_c / D)^alpha_D"
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.2"
    inputs: ClassVar[tuple[str, ...]] = ("n_tokens",)
    parameters: ClassVar[tuple[Parameter, ...]] = _parameters("D", "training tokens", "2e10 tokens")
    assumptions: ClassVar[Mapping[str, Any]] = {"schedule": False}
    symbol: ClassVar[str] = "D"
    reference: ClassVar[float] = REFERENCE_N_TOKENS


class KaplanC(_PurePower):
    r"""Loss of the best model that a budget of compute can train.

    Written as :math:`L = L_0 (C/C_0)^{-\alpha_C}` at :math:`C_0 = 1.2\cdot10^{20}` FLOPs; the published scale is in
    PF-days.

    ========================  =================================  ==========  =================
    name                      meaning                            support     unit
    ========================  =================================  ==========  =================
    ``log_reference_loss``    log of L0, the loss at C0          real        log(unit of loss)
    ``log_alpha``             log of the exponent alpha_C        real        none
    ========================  =================================  ==========  =================

    Limits: no floor; it is ``compute`` with E = 0. For C_min in place of C, adjust the compute first with
    :func:`~bayes_scaling.laws.kaplan_adjustments.minimal_compute`.
    """

    name: ClassVar[str] = "kaplan-c"
    title: ClassVar[str] = "Kaplan's power law in compute"
    equation: ClassVar[str] = "L = (C_c / C)^alpha_C"
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.3"
    inputs: ClassVar[tuple[str, ...]] = ("flops",)
    parameters: ClassVar[tuple[Parameter, ...]] = _parameters("C", "training compute", "1.2e20 FLOPs")
    symbol: ClassVar[str] = "C"
    reference: ClassVar[float] = REFERENCE_FLOPS
    published_unit: ClassVar[float] = FLOPS_PER_PF_DAY


KAPLAN_N, KAPLAN_D, KAPLAN_C = KaplanN(), KaplanD(), KaplanC()
