r"""The loss as a function of training compute alone.

.. math:: L(C) = E + K C^{-\gamma}, \qquad C = 6 N D

The claim of "More compute is what you need", arXiv:2404.19484: how a budget is split between size and tokens
hardly matters. As a limit it holds the form that is linear in log C.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.endpoints import StatedByDrop, from_level_and_drop, to_level_and_drop
from bayes_scaling.laws.sums import log_one_plus

REFERENCE_FLOPS = 1.2e20
"""Compute at which amplitudes are stated: 6 times 1e9 parameters times 2e10 tokens."""

_LOG_C0 = float(np.log(REFERENCE_FLOPS))


class Compute(Law, HasPowerLawTail, StatedByDrop):
    r"""An irreducible loss plus a power of training compute.

    Stated at :math:`C_0 = 1.2\cdot10^{20}` FLOPs:

    .. math:: \ln L = \ln E + \ln\left[1 + r\,(C/C_0)^{-\gamma}\right], \qquad r = K C_0^{-\gamma} / E

    ==========================  ==========================================  ==========  =================
    name                        meaning                                     support     unit
    ==========================  ==========================================  ==========  =================
    ``log_E``                   log of the irreducible loss E               real        log(unit of loss)
    ``log_reducible_share``     log of r, the reducible loss over E at C0   real        none
    ``log_gamma``               log of the exponent of compute              real        none
    ==========================  ==========================================  ==========  =================

    Limits: :math:`C \to \infty` gives :math:`E`. With :math:`s = K\gamma C_0^{-\gamma}` and the loss at C0 held,
    :math:`\gamma \to 0` gives :math:`L = L_0 - s \ln(C/C_0)`, the form linear in log C; E = 0 is Kaplan's L(C). The
    additive law along its compute-optimal path has this form with :math:`\gamma = \alpha\beta/(\alpha+\beta)`.
    """

    name: ClassVar[str] = "compute"
    title: ClassVar[str] = "Power law in training compute alone, with a floor"
    equation: ClassVar[str] = "L = E + K C^-gamma"
    citation: ClassVar[str] = "claim of More Compute Is What You Need 2024, arXiv:2404.19484, with a floor"
    inputs: ClassVar[tuple[str, ...]] = ("flops",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_E", r"\ln E", "irreducible loss, in the family's unit", "E", relative_to_scale=False),
        Parameter(
            "log_reducible_share",
            r"\ln r",
            "reducible loss relative to E at 1.2e20 FLOPs",
            "reducible_share",
            is_share=True,
        ),
        Parameter("log_gamma", r"\ln\gamma", "exponent of training compute", "gamma"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        log_c = xp.log(inputs["flops"]) - _LOG_C0
        reducible = params["log_reducible_share"] - xp.exp(params["log_gamma"]) * log_c
        return params["log_E"] + log_one_plus(xp, reducible)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent gamma."""
        return {"flops": xp.exp(params["log_gamma"])}

    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Parameters from (ln L in the middle, log drop between the ends, ln gamma)."""
        log_middle, log_drop, log_gamma = coordinates
        terms = _end_terms(xp, log_gamma, ends)
        log_e, log_share, log_jacobian = from_level_and_drop(xp, log_middle, log_drop, *terms, self.sharpness)
        return dict(zip(self.parameter_names, (log_e, log_share, log_gamma), strict=True)), log_jacobian

    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates of :meth:`from_endpoints` that give these parameters."""
        log_e, log_share, log_gamma = (params[name] for name in self.parameter_names)
        return [
            *to_level_and_drop(xp, log_e, log_share, *_end_terms(xp, log_gamma, ends), self.sharpness),
            log_gamma,
        ]

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The constants E, K, gamma, compute in FLOPs."""
        gamma = xp.exp(params["log_gamma"])
        log_k = params["log_E"] + params["log_reducible_share"] + gamma * _LOG_C0
        return {"E": xp.exp(params["log_E"]), "K": xp.exp(log_k), "gamma": gamma}

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as constants E, K, gamma."""
        log_e, gamma = xp.log(published["E"]), published["gamma"]
        return {
            "log_E": log_e,
            "log_reducible_share": xp.log(published["K"]) - log_e - gamma * _LOG_C0,
            "log_gamma": xp.log(gamma),
        }


def _end_terms(
    xp: Any, log_gamma: Array, ends: Mapping[str, tuple[Array, Array, Array]]
) -> tuple[Array, Array]:
    """The power of compute in the middle in units of rE, and by how much it falls between the ends."""
    low, high, middle = (xp.exp(-xp.exp(log_gamma) * (xp.log(end) - _LOG_C0)) for end in ends["flops"])
    return middle, low - high


COMPUTE = Compute()
