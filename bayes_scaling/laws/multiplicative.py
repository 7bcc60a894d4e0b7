r"""The law in which size and data multiply.

.. math:: L(N, D) = E + A N^{-\alpha} D^{-\beta}

One of the alternative forms that Choshen et al. 2024, arXiv:2410.11840, compare (``MultFit`` of their code).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS
from bayes_scaling.laws.endpoints import StatedByDrop, from_level_and_drop, to_level_and_drop
from bayes_scaling.laws.sums import log_one_plus

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_D0 = float(np.log(REFERENCE_N_TOKENS))


class Multiplicative(Law, HasPowerLawTail, StatedByDrop):
    r"""An irreducible loss plus one term that is a power of size times a power of tokens.

    Stated at the reference point :math:`(N_0, D_0) = (10^9, 2\cdot10^{10})`:

    .. math:: \ln L = \ln E + \ln\left[1 + r\,(N/N_0)^{-\alpha} (D/D_0)^{-\beta}\right]

    ==========================  ==========================================  ==========  =================
    name                        meaning                                     support     unit
    ==========================  ==========================================  ==========  =================
    ``log_E``                   log of the irreducible loss E               real        log(unit of loss)
    ``log_reducible_share``     log of r, the product term over E at        real        none
                                (N0, D0)
    ``log_alpha``               log of the exponent of size                 real        none
    ``log_beta``                log of the exponent of data                 real        none
    ==========================  ==========================================  ==========  =================

    Limits: either input alone, grown without end, gives :math:`E`: a small model with endless data would be perfect,
    which the additive law denies. At :math:`\alpha = \beta` it is a law of compute alone. At a fixed budget 6ND it has
    no interior optimum.
    """

    name: ClassVar[str] = "multiplicative"
    title: ClassVar[str] = "Product of powers of parameters and tokens"
    equation: ClassVar[str] = "L = E + A N^-alpha D^-beta"
    citation: ClassVar[str] = "Choshen et al. 2024, arXiv:2410.11840, MultFit of the authors' code"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_E", r"\ln E", "irreducible loss, in the family's unit", "E", relative_to_scale=False),
        Parameter(
            "log_reducible_share",
            r"\ln r",
            "product term relative to E at 1e9 parameters and 2e10 tokens",
            "reducible_share",
            is_share=True,
        ),
        Parameter("log_alpha", r"\ln\alpha", "exponent of model size", "alpha"),
        Parameter("log_beta", r"\ln\beta", "exponent of training tokens", "beta"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        log_n = xp.log(inputs["n_params"]) - _LOG_N0
        log_d = xp.log(inputs["n_tokens"]) - _LOG_D0
        scale = xp.exp(params["log_alpha"]) * log_n + xp.exp(params["log_beta"]) * log_d
        reducible = params["log_reducible_share"] - scale
        return params["log_E"] + log_one_plus(xp, reducible)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponents alpha and beta."""
        return {"n_params": xp.exp(params["log_alpha"]), "n_tokens": xp.exp(params["log_beta"])}

    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Parameters from (ln L in the middle, log drop between the ends, ln alpha, ln beta)."""
        log_middle, log_drop, log_alpha, log_beta = coordinates
        terms = _end_terms(xp, log_alpha, log_beta, ends)
        log_e, log_share, log_jacobian = from_level_and_drop(xp, log_middle, log_drop, *terms, self.sharpness)
        values = (log_e, log_share, log_alpha, log_beta)
        return dict(zip(self.parameter_names, values, strict=True)), log_jacobian

    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates of :meth:`from_endpoints` that give these parameters."""
        log_e, log_share, log_alpha, log_beta = (params[name] for name in self.parameter_names)
        terms = _end_terms(xp, log_alpha, log_beta, ends)
        return [*to_level_and_drop(xp, log_e, log_share, *terms, self.sharpness), log_alpha, log_beta]

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The constants E, A, alpha, beta of the form E + A N^-alpha D^-beta."""
        alpha, beta = xp.exp(params["log_alpha"]), xp.exp(params["log_beta"])
        log_a = params["log_E"] + params["log_reducible_share"] + alpha * _LOG_N0 + beta * _LOG_D0
        return {"E": xp.exp(params["log_E"]), "A": xp.exp(log_a), "alpha": alpha, "beta": beta}

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as constants E, A, alpha, beta."""
        log_e, alpha, beta = xp.log(published["E"]), published["alpha"], published["beta"]
        return {
            "log_E": log_e,
            "log_reducible_share": xp.log(published["A"]) - log_e - alpha * _LOG_N0 - beta * _LOG_D0,
            "log_alpha": xp.log(alpha),
            "log_beta": xp.log(beta),
        }


def _end_terms(
    xp: Any, log_alpha: Array, log_beta: Array, ends: Mapping[str, tuple[Array, Array, Array]]
) -> tuple[Array, Array]:
    """The product term in the middle in units of rE, and by how much it falls between the ends."""
    low, high, middle = (
        xp.exp(-xp.exp(log_alpha) * (xp.log(size) - _LOG_N0) - xp.exp(log_beta) * (xp.log(tokens) - _LOG_D0))
        for size, tokens in zip(ends["n_params"], ends["n_tokens"], strict=True)
    )
    return middle, low - high


MULTIPLICATIVE = Multiplicative()
