r"""A joint law whose terms, floor included, are summed under one exponent.

.. math:: L(N, D) = \left[L_\infty^{1/\alpha} + (N_C/N)^{\alpha_N/\alpha} + (D_C/D)^{\alpha_D/\alpha}\right]^{\alpha}

The form of the scaling laws for acoustic models, Droppo and Elibol 2021, arXiv:2106.09488.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import CHINCHILLA, REFERENCE_N_PARAMS, REFERENCE_N_TOKENS
from bayes_scaling.laws.sums import log_one_plus

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_D0 = float(np.log(REFERENCE_N_TOKENS))


class PowerSum(Law, HasPowerLawTail):
    r"""Kaplan's L(N, D) with a floor; between it and the additive law.

    With tail exponents :math:`p = \alpha_N/\alpha` and :math:`q = \alpha_D/\alpha`, and shares of the floor at the
    reference point :math:`(10^9, 2\cdot10^{10})` in the first order of small shares:

    .. math:: \ln L = \ln L_\infty
        + \alpha \ln\left[1 + \frac{a}{\alpha}(N/N_0)^{-p} + \frac{b}{\alpha}(D/D_0)^{-q}\right]

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_E``                 log of the irreducible loss L_inf           real        log(unit of loss)
    ``log_size_share``        log of a: size's share of it at (N0, D0)    real        none
    ``log_data_share``        log of b: data's share of it at (N0, D0)    real        none
    ``log_alpha``             log of p, the exponent of size              real        none
    ``log_beta``              log of q, the exponent of data              real        none
    ``log_outer``             log of the outer exponent alpha             real        none
    ========================  ==========================================  ==========  =================

    Limits: an outer exponent of 1 is the additive law; :math:`L_\infty \to 0` with :math:`\alpha = \alpha_D` is
    Kaplan's L(N, D). The smaller the outer exponent, the more the larger of the terms decides.
    """

    name: ClassVar[str] = "power-sum"
    title: ClassVar[str] = "Floor, size and data summed under one exponent"
    equation: ClassVar[str] = (
        "L = [L_inf^(1/alpha) + (N_C / N)^(alpha_N/alpha) + (D_C / D)^(alpha_D/alpha)]^alpha"
    )
    citation: ClassVar[str] = "form of Droppo and Elibol 2021, arXiv:2106.09488"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *CHINCHILLA.parameters,
        Parameter("log_outer", r"\ln\alpha", "exponent around the sum; 1 is the additive law", "outer"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        log_n = xp.log(inputs["n_params"]) - _LOG_N0
        log_d = xp.log(inputs["n_tokens"]) - _LOG_D0
        size = params["log_size_share"] - params["log_outer"] - xp.exp(params["log_alpha"]) * log_n
        data = params["log_data_share"] - params["log_outer"] - xp.exp(params["log_beta"]) * log_d
        return params["log_E"] + xp.exp(params["log_outer"]) * log_one_plus(xp, size, data)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponents p = alpha_N / alpha and q = alpha_D / alpha."""
        return {"n_params": xp.exp(params["log_alpha"]), "n_tokens": xp.exp(params["log_beta"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The paper's L_inf, N_C, D_C, alpha_N, alpha_D and alpha."""
        outer = xp.exp(params["log_outer"])
        p, q = xp.exp(params["log_alpha"]), xp.exp(params["log_beta"])
        floor = params["log_E"] / outer - params["log_outer"]
        return {
            "L_inf": xp.exp(params["log_E"]),
            "N_C": xp.exp(_LOG_N0 + (floor + params["log_size_share"]) / p),
            "D_C": xp.exp(_LOG_D0 + (floor + params["log_data_share"]) / q),
            "alpha_N": p * outer,
            "alpha_D": q * outer,
            "alpha": outer,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as the paper's six."""
        outer = published["alpha"]
        p, q = published["alpha_N"] / outer, published["alpha_D"] / outer
        floor = xp.log(published["L_inf"]) / outer - xp.log(outer)
        return {
            "log_E": xp.log(published["L_inf"]),
            "log_size_share": p * (xp.log(published["N_C"]) - _LOG_N0) - floor,
            "log_data_share": q * (xp.log(published["D_C"]) - _LOG_D0) - floor,
            "log_alpha": xp.log(p),
            "log_beta": xp.log(q),
            "log_outer": xp.log(outer),
        }


POWER_SUM = PowerSum()
