r"""The additive law where tokens are repeated and models outgrow their data.

.. math::
    L = E + A N'^{-\alpha} + B D'^{-\beta}, \quad
    D' = U_D + U_D R^*_D (1 - e^{-R_D/R^*_D}), \quad N' = U_N + U_N R^*_N (1 - e^{-R_N/R^*_N})

Muennighoff et al. 2023, arXiv:2305.16264, eqs. 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from bayes_scaling.laws.base import Array, Parameter
from bayes_scaling.laws.chinchilla import CHINCHILLA, LOG_N0_AND_D0
from bayes_scaling.laws.level_coordinates import HasLevelCoordinates
from bayes_scaling.laws.sums import log_one_plus

_MAX_LOG_EXCESS: Final = 50.0
"""Log of the largest excess that is told apart: far beyond it nothing changes, and e^50 is still a number."""


class RepeatData(HasLevelCoordinates):
    r"""Chinchilla's law in the tokens and parameters that count: repeats and excess parameters count for less.

    Of :math:`D` tokens :math:`U_D` are unique, so each was seen :math:`R_D = D/U_D - 1` times more. The model
    that is compute-optimal for the unique tokens has :math:`N_{opt}(U_D)` parameters; what a model has beyond,
    :math:`R_N = N/U_N - 1` with :math:`U_N = \min(N, N_{opt}(U_D))`, counts for less too. By the law without
    repeats the optimum is where both terms fall alike,

    .. math:: \alpha A N_{opt}^{-\alpha} = \beta B U_D^{-\beta}.

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_E``                 as in Chinchilla's law                      real        log(unit of loss)
    ``log_size_share``        as in Chinchilla's law                      real        none
    ``log_data_share``        as in Chinchilla's law                      real        none
    ``log_alpha``             as in Chinchilla's law                      real        none
    ``log_beta``              as in Chinchilla's law                      real        none
    ``log_repeats``           log of R*_D, repeats until they are worn    real        none
    ``log_excess``            log of R*_N, the same of excess parameters  real        none
    ========================  ==========================================  ==========  =================

    Limits: with at most one epoch and a model no larger than optimal it is Chinchilla's law exactly; without
    repeats it is so for any model as :math:`R^*_N \to \infty`. With the unique tokens held, more repeats stop
    to help: :math:`D' \to U_D (1 + R^*_D)`. Fitted by its authors on 182 runs of up to 9e9 parameters and
    1,500 epochs.
    """

    name: ClassVar[str] = "repeat-data"
    title: ClassVar[str] = "Additive law with repeated tokens"
    equation: ClassVar[str] = "L = E + A / N'^alpha + B / D'^beta, D' = U (1 + R* (1 - exp(-R / R*)))"
    citation: ClassVar[str] = "Muennighoff et al. 2023, arXiv:2305.16264, eqs. 5 and 6"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens", "n_unique_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *CHINCHILLA.parameters,
        Parameter(
            "log_repeats", r"\ln R^*_D", "repeats after which a token has taught most it can", "repeats"
        ),
        Parameter("log_excess", r"\ln R^*_N", "excess over the optimal size that still counts", "excess"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = {"repeats": False}

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equations above."""
        log_n, log_d = self.log_effective(xp, params, inputs)
        log_n0, log_d0 = LOG_N0_AND_D0
        log_size = params["log_size_share"] - xp.exp(params["log_alpha"]) * (log_n - log_n0)
        log_data = params["log_data_share"] - xp.exp(params["log_beta"]) * (log_d - log_d0)
        return params["log_E"] + log_one_plus(xp, log_size, log_data)

    def log_effective(
        self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]
    ) -> tuple[Array, Array]:
        """Ln N' and ln D': the parameters and tokens that count."""
        log_n, log_d = xp.log(inputs["n_params"]), xp.log(inputs["n_tokens"])
        log_unique = xp.minimum(xp.log(inputs["n_unique_tokens"]), log_d)
        log_enough = xp.minimum(log_n, self.log_optimal_n_params(xp, params, log_unique))
        return (
            _log_worth(xp, log_n, log_enough, params["log_excess"]),
            _log_worth(xp, log_d, log_unique, params["log_repeats"]),
        )

    def log_optimal_n_params(self, xp: Any, params: Mapping[str, Array], log_unique: Array) -> Array:
        """Log of the parameters that are compute-optimal for so many unique tokens, given their log."""
        log_n0, log_d0 = LOG_N0_AND_D0
        log_ratio = (params["log_alpha"] + params["log_size_share"]) - (
            params["log_beta"] + params["log_data_share"]
        )
        fall = xp.exp(params["log_beta"]) * (log_unique - log_d0)
        return log_n0 + (log_ratio + fall) * xp.exp(-params["log_alpha"])

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published E, A, B, alpha, beta, R*_D and R*_N."""
        repeats = {"R_D": xp.exp(params["log_repeats"]), "R_N": xp.exp(params["log_excess"])}
        return {**CHINCHILLA.to_published(xp, params), **repeats}

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published constants."""
        repeats = {"log_repeats": xp.log(published["R_D"]), "log_excess": xp.log(published["R_N"])}
        return {**CHINCHILLA.from_published(xp, published), **repeats}


def _log_worth(xp: Any, log_total: Array, log_unique: Array, log_scale: Array) -> Array:
    """Log of U (1 + R* (1 - exp(-R / R*))) with R = total / U - 1."""
    excess = xp.expm1(xp.minimum(log_total - log_unique, _MAX_LOG_EXCESS))
    scale = xp.exp(log_scale)
    return log_unique + xp.log1p(-scale * xp.expm1(-excess / scale))


REPEAT_DATA = RepeatData()
