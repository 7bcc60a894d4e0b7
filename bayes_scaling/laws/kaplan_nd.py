r"""Kaplan's joint law in parameters and tokens.

.. math:: L(N, D) = \left[(N_c/N)^{\alpha_N/\alpha_D} + D_c/D\right]^{\alpha_D}

Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasClosedFormOptimum, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_D0 = float(np.log(REFERENCE_N_TOKENS))


class KaplanND(Law, HasClosedFormOptimum, HasPowerLawTail):
    r"""Two power laws under one exponent, without a floor.

    Stated by the loss :math:`L_0` at the reference point :math:`(10^9, 2\cdot10^{10})`, where data fix it, and by the
    balance :math:`\rho` of the two terms in the bracket there:

    .. math:: L = L_0 \left[\frac{\rho\,(N/N_0)^{-\alpha_N/\alpha_D} + (D/D_0)^{-1}}{\rho + 1}\right]^{\alpha_D}

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_reference_loss``    log of L0, the loss at (N0, D0)             real        log(unit of loss)
    ``log_balance``           log of rho, size term over data term there  real        none
    ``log_alpha_n``           log of the exponent alpha_N                 real        none
    ``log_alpha_d``           log of the exponent alpha_D                 real        none
    ========================  ==========================================  ==========  =================

    Limits: :math:`D \to \infty` gives Kaplan's L(N), :math:`N \to \infty` his L(D). Both terms together fall to zero.
    The gap to L(D) falls as :math:`N^{-\alpha_N/\alpha_D}`, the gap to L(N) as 1/D: over-fitting depends on
    :math:`N^{0.74}/D`. N are parameters without embeddings in the paper.
    """

    name: ClassVar[str] = "kaplan-nd"
    title: ClassVar[str] = "Kaplan's joint law in parameters and tokens"
    equation: ClassVar[str] = "L = [(N_c / N)^(alpha_N / alpha_D) + D_c / D]^alpha_D"
    citation: ClassVar[str] = "Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "log_reference_loss",
            r"\ln L_0",
            "loss at 1e9 parameters and 2e10 tokens, in the family's unit",
            "reference_loss",
            relative_to_scale=False,
        ),
        Parameter("log_balance", r"\ln\rho", "size term over data term in the bracket there", "balance"),
        Parameter("log_alpha_n", r"\ln\alpha_N", "exponent of model size at endless data", "alpha_n"),
        Parameter("log_alpha_d", r"\ln\alpha_D", "exponent of data at endless size", "alpha_d"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        balance = params["log_balance"]
        ratio = xp.exp(params["log_alpha_n"] - params["log_alpha_d"])
        size = balance - ratio * (xp.log(inputs["n_params"]) - _LOG_N0)
        data = -(xp.log(inputs["n_tokens"]) - _LOG_D0)
        bracket = xp.logaddexp(size, data) - xp.logaddexp(0.0 * balance, balance)
        return params["log_reference_loss"] + xp.exp(params["log_alpha_d"]) * bracket

    def optimal_n_params(self, xp: Any, params: Mapping[str, Array], flops: Array) -> Array:
        """Parameters with the lowest loss at 6 N D FLOPs: the bracket has the optimum of an additive law."""
        ratio = xp.exp(params["log_alpha_n"] - params["log_alpha_d"])
        log_gain = xp.log(ratio) + params["log_balance"] + ratio * _LOG_N0 - _LOG_D0
        return xp.exp((log_gain + xp.log(flops / 6.0)) / (1.0 + ratio))

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """alpha_N / alpha_D in size and 1 in tokens: how fast each approaches the limit that the other sets."""
        ratio = xp.exp(params["log_alpha_n"] - params["log_alpha_d"])
        return {"n_params": ratio, "n_tokens": ratio / ratio}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published parameters N_c, D_c, alpha_N, alpha_D."""
        alpha_n, alpha_d = xp.exp(params["log_alpha_n"]), xp.exp(params["log_alpha_d"])
        balance = params["log_balance"]
        # ln of the data term at the reference point, D_c / D_0
        log_data = params["log_reference_loss"] / alpha_d - xp.logaddexp(0.0 * balance, balance)
        return {
            "N_c": xp.exp(_LOG_N0 + (log_data + balance) * alpha_d / alpha_n),
            "D_c": xp.exp(_LOG_D0 + log_data),
            "alpha_N": alpha_n,
            "alpha_D": alpha_d,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published N_c, D_c, alpha_N, alpha_D."""
        alpha_n, alpha_d = published["alpha_N"], published["alpha_D"]
        log_size = (xp.log(published["N_c"]) - _LOG_N0) * alpha_n / alpha_d
        log_data = xp.log(published["D_c"]) - _LOG_D0
        return {
            "log_reference_loss": alpha_d * xp.logaddexp(log_size, log_data),
            "log_balance": log_size - log_data,
            "log_alpha_n": xp.log(alpha_n),
            "log_alpha_d": xp.log(alpha_d),
        }


KAPLAN_ND = KaplanND()
