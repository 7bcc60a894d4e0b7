r"""The additive law in parameters and tokens.

.. math:: L(N, D) = E + A N^{-\alpha} + B D^{-\beta}

Hoffmann et al. 2022, arXiv:2203.15556, eq. 2; the law of Choshen et al. 2024, arXiv:2410.11840, eq. 1.
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
from bayes_scaling.laws.endpoints import StatedByDrop, from_level_and_drop, to_level_and_drop
from bayes_scaling.laws.sums import log_one_plus

REFERENCE_N_PARAMS = 1e9
"""Model size at which the amplitude of the size term is stated (most families bracket it)."""

REFERENCE_N_TOKENS = 2e10
"""Tokens at which the amplitude of the data term is stated (20 for each parameter of the reference size)."""

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_D0 = float(np.log(REFERENCE_N_TOKENS))

LOG_N0_AND_D0 = (_LOG_N0, _LOG_D0)
"""Natural logs of the reference point, for laws that contain this one."""


class Chinchilla(Law, HasClosedFormOptimum, HasPowerLawTail, StatedByDrop):
    r"""Additive law: an irreducible loss plus a power law in size plus a power law in tokens.

    Written at a reference point :math:`(N_0, D_0) = (10^9, 2\cdot10^{10})`, because the amplitudes of the
    usual form, :math:`A` and :math:`B`, are losses of a model with one parameter or one token and are
    correlated with the exponents at 0.99 and more:

    .. math::

        \ln L = \ln E + \ln\left[1 + a\,(N/N_0)^{-\alpha} + b\,(D/D_0)^{-\beta}\right],
        \qquad a = \frac{A N_0^{-\alpha}}{E}, \; b = \frac{B D_0^{-\beta}}{E}.

    ========================  ==========================================  ==========  =================
    name                      meaning                                     support     unit
    ========================  ==========================================  ==========  =================
    ``log_E``                 log of the irreducible loss E               real        log(unit of loss)
    ``log_size_share``        log of a, the size term over E at (N0, D0)  real        none
    ``log_data_share``        log of b, the data term over E at (N0, D0)  real        none
    ``log_alpha``             log of the exponent of size                 real        none
    ``log_beta``              log of the exponent of data                 real        none
    ========================  ==========================================  ==========  =================

    Limits: :math:`N, D \to \infty` gives :math:`E`; :math:`D \to \infty` alone gives Kaplan's :math:`L(N)`
    with an offset. Fitted by its authors on 44M to 16B parameters and 0.3B to 400B tokens.
    """

    name: ClassVar[str] = "chinchilla"
    title: ClassVar[str] = "Additive law in parameters and tokens"
    equation: ClassVar[str] = "L = E + A / N^alpha + B / D^beta"
    citation: ClassVar[str] = "Hoffmann et al. 2022, arXiv:2203.15556, eq. 2"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("log_E", r"\ln E", "irreducible loss, in the family's unit", "E", relative_to_scale=False),
        Parameter(
            "log_size_share",
            r"\ln a",
            "size term relative to E at 1e9 parameters",
            "size_share",
            is_share=True,
        ),
        Parameter(
            "log_data_share", r"\ln b", "data term relative to E at 2e10 tokens", "data_share", is_share=True
        ),
        Parameter("log_alpha", r"\ln\alpha", "exponent of model size", "alpha"),
        Parameter("log_beta", r"\ln\beta", "exponent of training tokens", "beta"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equation above; terms are added in log space, so any N, D > 0 are safe."""
        log_n = xp.log(inputs["n_params"]) - _LOG_N0
        log_d = xp.log(inputs["n_tokens"]) - _LOG_D0
        log_size = params["log_size_share"] - xp.exp(params["log_alpha"]) * log_n
        log_data = params["log_data_share"] - xp.exp(params["log_beta"]) * log_d
        return params["log_E"] + log_one_plus(xp, log_size, log_data)

    def optimal_n_params(self, xp: Any, params: Mapping[str, Array], flops: Array) -> Array:
        """Compute-optimal parameters, Hoffmann et al. eq. 4: N = G (C/6)^(beta/(alpha+beta))."""
        published = self.to_published(xp, params)
        alpha, beta = published["alpha"], published["beta"]
        gain = (alpha * published["A"] / (beta * published["B"])) ** (1.0 / (alpha + beta))
        return gain * (flops / 6.0) ** (beta / (alpha + beta))

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponents alpha and beta."""
        return {"n_params": xp.exp(params["log_alpha"]), "n_tokens": xp.exp(params["log_beta"])}

    @staticmethod
    def to_published(xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """The published parameters E, A, B, alpha, beta of the form E + A/N^alpha + B/D^beta."""
        alpha, beta = xp.exp(params["log_alpha"]), xp.exp(params["log_beta"])
        return {
            "E": xp.exp(params["log_E"]),
            "A": xp.exp(params["log_E"] + params["log_size_share"] + alpha * _LOG_N0),
            "B": xp.exp(params["log_E"] + params["log_data_share"] + beta * _LOG_D0),
            "alpha": alpha,
            "beta": beta,
        }

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters that give the same law as published E, A, B, alpha, beta."""
        log_e = xp.log(published["E"])
        return {
            "log_E": log_e,
            "log_size_share": xp.log(published["A"]) - log_e - published["alpha"] * _LOG_N0,
            "log_data_share": xp.log(published["B"]) - log_e - published["beta"] * _LOG_D0,
            "log_alpha": xp.log(published["alpha"]),
            "log_beta": xp.log(published["beta"]),
        }

    def from_endpoints(
        self, xp: Any, coordinates: Sequence[Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> tuple[dict[str, Array], Array]:
        """Parameters from (ln L in the middle, log drop between the ends, log balance, ln alpha, ln beta).

        The drop is relative to the loss in the middle, the balance is data term over size term there; see
        :func:`~bayes_scaling.laws.endpoints.from_level_and_drop`.
        """
        log_middle, log_drop, log_balance, log_alpha, log_beta = coordinates
        log_ratio = log_balance - _tilt(xp, log_alpha, log_beta, ends)
        at_middle, difference = _end_terms(xp, log_ratio, log_alpha, log_beta, ends)
        log_e, log_size_share, log_jacobian = from_level_and_drop(
            xp, log_middle, log_drop, at_middle, difference, self.sharpness
        )
        params = {
            "log_E": log_e,
            "log_size_share": log_size_share,
            "log_data_share": log_size_share + log_ratio,
            "log_alpha": log_alpha,
            "log_beta": log_beta,
        }
        return params, log_jacobian

    def to_endpoints(
        self, xp: Any, params: Mapping[str, Array], ends: Mapping[str, tuple[Array, Array, Array]]
    ) -> list[Array]:
        """The coordinates of :meth:`from_endpoints` that give these parameters."""
        log_ratio = params["log_data_share"] - params["log_size_share"]
        at_middle, difference = _end_terms(xp, log_ratio, params["log_alpha"], params["log_beta"], ends)
        tilt = _tilt(xp, params["log_alpha"], params["log_beta"], ends)
        return [
            *to_level_and_drop(
                xp, params["log_E"], params["log_size_share"], at_middle, difference, self.sharpness
            ),
            log_ratio + tilt,
            params["log_alpha"],
            params["log_beta"],
        ]


def _end_terms(
    xp: Any,
    log_ratio: Array,
    log_alpha: Array,
    log_beta: Array,
    ends: Mapping[str, tuple[Array, Array, Array]],
) -> tuple[Array, Array]:
    """g, the reducible loss in the middle in units of aE, and d, by how much it falls between the ends."""
    alpha, beta, ratio = xp.exp(log_alpha), xp.exp(log_beta), xp.exp(log_ratio)
    size = [xp.exp(-alpha * (xp.log(end) - _LOG_N0)) for end in ends["n_params"]]
    data = [ratio * xp.exp(-beta * (xp.log(end) - _LOG_D0)) for end in ends["n_tokens"]]
    return size[2] + data[2], size[0] - size[1] + data[0] - data[1]


def _tilt(
    xp: Any, log_alpha: Array, log_beta: Array, ends: Mapping[str, tuple[Array, Array, Array]]
) -> Array:
    """By how much ln(data term / size term) in the middle differs from ln b/a."""
    log_n, log_d = xp.log(ends["n_params"][2]) - _LOG_N0, xp.log(ends["n_tokens"][2]) - _LOG_D0
    return xp.exp(log_alpha) * log_n - xp.exp(log_beta) * log_d


CHINCHILLA = Chinchilla()
