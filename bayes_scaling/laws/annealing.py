r"""The law of the learning-rate schedule with a momentum of annealing.

.. math:: L = L_0 + A\,S_1^{-\alpha} - C\,S_2, \qquad
    S_1 = \sum_i \eta_i, \quad S_2 = \sum_i \sum_{k \le i} (\eta_{k-1} - \eta_k)\,\lambda^{i-k}

Tissue et al. 2024, arXiv:2408.11029.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, HasPowerLawTail, Parameter
from bayes_scaling.laws.level_coordinates import HasLevelCoordinates
from bayes_scaling.laws.multi_power import MultiPower, constant_rate, log_rest_after
from bayes_scaling.laws.schedule_columns import LR_DROP, LR_ELAPSED, LR_SUM


class Annealing(HasLevelCoordinates, HasPowerLawTail):
    r"""Loss along a run: what is learned by the sum of the rate, and gained by its decay with a delay.

    A fall of the rate gains with a delay of :math:`\tau` tokens; with the rate over its peak r, tokens t since
    the k-th fall, and sums as integrals over tokens (:math:`\lambda = e^{-1/\tau}` at a token a step),

    .. math:: L = L_0\left[1 + a\,(S_1/10)^{-\alpha} - g \sum_k \Delta r_k (1 - e^{-t_k/\tau})\right].

    ====================  ======================================================  =======  =================
    name                  meaning                                                 support  unit
    ====================  ======================================================  =======  =================
    ``log_floor``         log of L_0, the loss after endless training             real     log(unit of loss)
    ``log_share``         log of a, what is left over L_0 at a sum of 10          real     none
    ``log_exponent``      log of alpha                                            real     none
    ``log_gain``          log of g, what a decay to zero gains in the end over L_0  real   none
    ``log_delay``         log of tau                                              real     log(1e9 tokens)
    ====================  ======================================================  =======  =================

    Limits: a constant rate gives a power law above a floor, the same as in the multi-power law. The share of the
    loss that decay takes is capped at 0.9.
    """

    name: ClassVar[str] = "annealing"
    title: ClassVar[str] = "Law of the learning-rate schedule with delayed annealing"
    equation: ClassVar[str] = "L = L0 + A S1^-alpha - C S2"
    citation: ClassVar[str] = "Tissue et al. 2024, arXiv:2408.11029"
    inputs: ClassVar[tuple[str, ...]] = (LR_SUM, *LR_DROP, *LR_ELAPSED)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *MultiPower.parameters[:4],
        Parameter("log_delay", r"\ln\tau", "delay of the gain after a fall, in 1e9 tokens", "delay"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = MultiPower.assumptions

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above."""
        log_left, pace = constant_rate(xp, params, inputs), xp.exp(-params["log_delay"])
        done: Array = 0.0
        for drop, elapsed in zip(LR_DROP, LR_ELAPSED, strict=True):
            done = done - inputs[drop] * xp.expm1(-inputs[elapsed] * pace)
        return (
            params["log_floor"] + log_left + log_rest_after(xp, xp.exp(params["log_gain"] - log_left) * done)
        )

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponent alpha of the sum of the rate."""
        return {LR_SUM: xp.exp(params["log_exponent"])}


ANNEALING = Annealing()
