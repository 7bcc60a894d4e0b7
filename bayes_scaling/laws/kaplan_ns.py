r"""Kaplan's law of learning curves, in parameters and optimiser steps.

.. math:: L(N, S) = (N_c/N)^{\alpha_N} + (S_c/S_{min})^{\alpha_S}

Kaplan et al. 2020, arXiv:2001.08361, eq. 1.6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS

REFERENCE_N_STEPS = 1e4
"""Steps at which the amplitude of the step term is stated."""

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_S0 = float(np.log(REFERENCE_N_STEPS))


class KaplanNS(Law, HasPowerLawTail):
    r"""Loss of a model of N parameters after S steps, data not being scarce.

    Stated at :math:`(N_0, S_0) = (10^9, 10^4)`:

    .. math:: \ln L = \ln\ell + \ln\left[(N/N_0)^{-\alpha_N} + s\,(S/S_0)^{-\alpha_S}\right]

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_size_loss``         log of l, the loss of N0 at endless steps   real        log(unit of loss)
    ``log_step_share``        log of s, the step term over l at S0        real        none
    ``log_alpha_n``           log of the exponent alpha_N                 real        none
    ``log_alpha_s``           log of the exponent alpha_S                 real        none
    ========================  ==========================================  ==========  =================

    Limits: :math:`S \to \infty` gives Kaplan's L(N). The paper's steps are those that a batch far above the critical
    one would need: convert others with :func:`~bayes_scaling.laws.kaplan_adjustments.minimal_steps`; steps at one
    fixed batch size differ from them by a factor that the scale of s takes up. Not meant for the warm-up.
    """

    name: ClassVar[str] = "kaplan-ns"
    title: ClassVar[str] = "Kaplan's law in parameters and steps"
    equation: ClassVar[str] = "L = (N_c / N)^alpha_N + (S_c / S)^alpha_S"
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.6"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_steps")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "log_size_loss",
            r"\ln\ell",
            "loss of 1e9 parameters after endless steps, in the family's unit",
            "size_loss",
            relative_to_scale=False,
        ),
        Parameter(
            "log_step_share", r"\ln s", "step term over that loss at 1e4 steps", "step_share", is_share=True
        ),
        Parameter("log_alpha_n", r"\ln\alpha_N", "exponent of model size", "alpha_n"),
        Parameter("log_alpha_s", r"\ln\alpha_S", "exponent of optimiser steps", "alpha_s"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = {"schedule": False, "repeats": False}

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        size = -xp.exp(params["log_alpha_n"]) * (xp.log(inputs["n_params"]) - _LOG_N0)
        steps = params["log_step_share"] - xp.exp(params["log_alpha_s"]) * (
            xp.log(inputs["n_steps"]) - _LOG_S0
        )
        return params["log_size_loss"] + xp.logaddexp(size, steps)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponents alpha_N and alpha_S."""
        return {"n_params": xp.exp(params["log_alpha_n"]), "n_steps": xp.exp(params["log_alpha_s"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published parameters N_c, S_c, alpha_N, alpha_S."""
        alpha_n, alpha_s = xp.exp(params["log_alpha_n"]), xp.exp(params["log_alpha_s"])
        log_step = params["log_size_loss"] + params["log_step_share"]
        return {
            "N_c": xp.exp(_LOG_N0 + params["log_size_loss"] / alpha_n),
            "S_c": xp.exp(_LOG_S0 + log_step / alpha_s),
            "alpha_N": alpha_n,
            "alpha_S": alpha_s,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published N_c, S_c, alpha_N, alpha_S."""
        alpha_n, alpha_s = published["alpha_N"], published["alpha_S"]
        log_size = alpha_n * (xp.log(published["N_c"]) - _LOG_N0)
        return {
            "log_size_loss": log_size,
            "log_step_share": alpha_s * (xp.log(published["S_c"]) - _LOG_S0) - log_size,
            "log_alpha_n": xp.log(alpha_n),
            "log_alpha_s": xp.log(alpha_s),
        }


KAPLAN_NS = KaplanNS()
