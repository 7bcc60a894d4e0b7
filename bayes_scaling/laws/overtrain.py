r"""The additive law with one exponent: over-training moves the loss on parallel lines in compute.

.. math:: L(C, M) = E + \left(a M^{\eta} + b M^{-\eta}\right) C^{-\eta}, \qquad M = D/N, \; C = 6 N D

Gadre et al. 2024, arXiv:2403.08540, eq. 4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import (
    Array,
    HasClosedFormOptimum,
    HasPowerLawTail,
    Law,
    Parameter,
)
from bayes_scaling.laws.chinchilla import CHINCHILLA
from bayes_scaling.laws.endpoints import StatedByDrop

_LOG_2 = float(np.log(2.0))
_LOG_6 = float(np.log(6.0))


class Overtrain(Law, HasClosedFormOptimum, HasPowerLawTail, StatedByDrop):
    r"""Additive law whose exponents of size and data are equal.

    With :math:`N = \sqrt{C / 6M}` and :math:`D = \sqrt{C M / 6}` the equation above is the additive law with
    :math:`\alpha = \beta = 2\eta`, :math:`A = a 6^{-\eta}` and :math:`B = b 6^{-\eta}`. At a fixed M the reducible loss
    is a power of compute whose exponent does not depend on M. Written in N and D at the reference point
    :math:`(10^9, 2\cdot10^{10})`, as the additive law is.

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_E``                 log of the irreducible loss E               real        log(unit of loss)
    ``log_size_share``        log of the size term over E at (N0, D0)     real        none
    ``log_data_share``        log of the data term over E at (N0, D0)     real        none
    ``log_eta``               log of the exponent of compute              real        none
    ========================  ==========================================  ==========  =================

    Limits: :math:`N, D \to \infty` gives :math:`E`. The optimal tokens a parameter, :math:`M^* = (b/a)^{1/(2\eta)}`,
    are the same at every budget. Fitted by its authors on five runs from 11M to 412M parameters.
    """

    name: ClassVar[str] = "overtrain"
    title: ClassVar[str] = "Additive law with equal exponents, for over-trained models"
    equation: ClassVar[str] = "L = E + (a M^eta + b M^-eta) C^-eta, M = D / N, C = 6 N D"
    citation: ClassVar[str] = "Gadre et al. 2024, arXiv:2403.08540, eq. 4"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *CHINCHILLA.parameters[:3],
        Parameter("log_eta", r"\ln\eta", "exponent of compute at fixed tokens a parameter", "eta"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L: the additive law with both exponents at 2 eta."""
        return CHINCHILLA.log_loss(xp, _additive(params), inputs)

    def optimal_n_params(self, xp: Any, params: Mapping[str, Array], flops: Array) -> Array:
        """Compute-optimal parameters: N = (A/B)^(1/(4 eta)) (C/6)^(1/2)."""
        return CHINCHILLA.optimal_n_params(xp, _additive(params), flops)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """2 eta in size and in tokens."""
        return CHINCHILLA.tail_exponents(xp, _additive(params))

    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Parameters from (ln L in the middle, log drop between the ends, log balance, ln eta)."""
        *first, log_eta = coordinates
        law = CHINCHILLA.with_sharpness(self.sharpness)
        additive, log_jacobian = law.from_endpoints(xp, [*first, *2 * [log_eta + _LOG_2]], ends)
        names = self.parameter_names[:3]
        return {**{name: additive[name] for name in names}, "log_eta": log_eta}, log_jacobian

    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates of :meth:`from_endpoints` that give these parameters."""
        law = CHINCHILLA.with_sharpness(self.sharpness)
        return [*law.to_endpoints(xp, _additive(params), ends)[:3], params["log_eta"]]

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published parameters E, a, b, eta."""
        additive = CHINCHILLA.to_published(xp, _additive(params))
        eta = xp.exp(params["log_eta"])
        return {
            "E": additive["E"],
            "a": additive["A"] * xp.exp(eta * _LOG_6),
            "b": additive["B"] * xp.exp(eta * _LOG_6),
            "eta": eta,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published E, a, b, eta."""
        eta = published["eta"]
        additive = {
            "E": published["E"],
            "A": published["a"] * xp.exp(-eta * _LOG_6),
            "B": published["b"] * xp.exp(-eta * _LOG_6),
            "alpha": 2.0 * eta,
            "beta": 2.0 * eta,
        }
        pooled = CHINCHILLA.from_published(xp, additive)
        return {**{name: pooled[name] for name in OVERTRAIN.parameter_names[:3]}, "log_eta": xp.log(eta)}

    @staticmethod
    def from_code_form(
        xp: Any, c_alpha: Array, c_beta: Array, exponent: Array, offset: Array
    ) -> dict[str, Array]:
        r"""The pooled parameters of the form in which the authors' code states its fits.

        .. math:: L = c_\alpha N^{b} + c_\beta 6^{b/2} (M N)^{b} + E, \qquad b = -2\eta < 0
        """
        eta = -0.5 * exponent
        return OVERTRAIN.from_published(
            xp, {"E": offset, "a": c_alpha * xp.exp(eta * _LOG_6), "b": c_beta, "eta": eta}
        )


def _additive(params: Mapping[str, Array]) -> dict[str, Array]:
    """Parameters of the additive law that is the same."""
    log_exponent = params["log_eta"] + _LOG_2
    shared = {name: params[name] for name in OVERTRAIN.parameter_names[:3]}
    return {**shared, "log_alpha": log_exponent, "log_beta": log_exponent}


OVERTRAIN = Overtrain()
