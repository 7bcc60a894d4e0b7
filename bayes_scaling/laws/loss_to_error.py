r"""The downstream error of a model by its pre-training loss.

.. math:: \mathrm{Err}(L) = \epsilon - k\, e^{-\gamma L}

Gadre et al. 2024, arXiv:2403.08540, eq. 5: top-1 error averaged over tasks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from bayes_scaling.laws.base import Array, Law, Parameter

REFERENCE_LOSS = 3.0
"""Pre-training loss in nats at which the gain over chance is stated; the authors' models have 2.5 to 5."""

_SATURATION = 16.0
"""Sharpness with which the gain is kept below epsilon; at 16 a share of 0.8 is changed by 0.2 %."""

_LEAST = 1e-300
"""Keeps the logarithm of the remaining error finite."""


class LossToError(Law):
    r"""Error that falls from that of chance as the pre-training loss falls.

    Stated by the share g of :math:`\epsilon` that a model at :math:`L_0 = 3` nats has won:

    .. math:: \mathrm{Err} = \epsilon \left[1 - \tilde g\right], \qquad g = \frac{k e^{-\gamma L_0}}{\epsilon}
        e^{-\gamma (L - L_0)}

    where :math:`\tilde g = (1 + g^{-16})^{-1/16}` is g but for shares close to one. The published constants
    would make the error negative below 1.2 to 1.4 nats; so written it stays between 0 and :math:`\epsilon`.

    ================  =========================================  ==========  ==================
    name              meaning                                    support     unit
    ================  =========================================  ==========  ==================
    ``log_epsilon``   log of the error of a model that knows     real        log(unit of error)
                      nothing
    ``log_gain``      log of the share of it won at 3 nats       real        none
    ``log_gamma``     log of the rate at which loss takes it     real        none
    ================  =========================================  ==========  ==================

    Limits: a large loss gives :math:`\epsilon`, a small one 0. In the run table ``loss`` is the error and
    ``pretraining_loss`` the loss.
    """

    name: ClassVar[str] = "loss-to-error"
    title: ClassVar[str] = "Downstream error by pre-training loss"
    equation: ClassVar[str] = "Err = epsilon - k exp(-gamma L)"
    citation: ClassVar[str] = "Gadre et al. 2024, arXiv:2403.08540, eq. 5"
    inputs: ClassVar[tuple[str, ...]] = ("pretraining_loss",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "log_epsilon",
            r"\ln\epsilon",
            "error of a model that knows nothing, in the family's unit",
            "epsilon",
            relative_to_scale=False,
        ),
        Parameter("log_gain", r"\ln g_0", "share of epsilon won at a loss of 3 nats", "gain"),
        Parameter("log_gamma", r"\ln\gamma", "rate of the gain, one over nats", "gamma"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = {
        "schedule": False,
        "repeats": False,
        "run_size_exponent": 0.0,
        "basis": {"decay": 0.0},
    }
    rises_with: ClassVar[tuple[str, ...]] = ("pretraining_loss",)

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln Err by the equation above."""
        distance = inputs["pretraining_loss"] - REFERENCE_LOSS
        sharp = _SATURATION * (params["log_gain"] - xp.exp(params["log_gamma"]) * distance)
        # softplus(-sharp), which keeps its precision where it is close to zero
        softplus = xp.maximum(-sharp, 0.0) + xp.log1p(xp.exp(-xp.abs(sharp)))
        minus_log_share = softplus / _SATURATION + _LEAST
        return params["log_epsilon"] + xp.log(-xp.expm1(-minus_log_share))

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published parameters epsilon, k, gamma."""
        gamma = xp.exp(params["log_gamma"])
        log_k = params["log_epsilon"] + params["log_gain"] + gamma * REFERENCE_LOSS
        return {"epsilon": xp.exp(params["log_epsilon"]), "k": xp.exp(log_k), "gamma": gamma}

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published epsilon, k, gamma."""
        log_epsilon = xp.log(published["epsilon"])
        return {
            "log_epsilon": log_epsilon,
            "log_gain": xp.log(published["k"]) - log_epsilon - published["gamma"] * REFERENCE_LOSS,
            "log_gamma": xp.log(published["gamma"]),
        }


LOSS_TO_ERROR = LossToError()
