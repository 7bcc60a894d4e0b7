r"""A floor, an amplitude and an exponent of data that all change with the size of the model.

.. math::

    L(N, D) = e^{a_3 N^{\gamma} + b_3} + e^{a_2 N^{\beta} + b_2} \, D^{-\exp(a_1 N^{\alpha} + b_1)}

Form of Li et al. 2025, "Farseer", arXiv:2506.10972, as it is commonly quoted; none of its constants is used here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, Law, Parameter
from bayes_scaling.laws.chinchilla import REFERENCE_N_PARAMS, REFERENCE_N_TOKENS

_LOG_N0 = float(np.log(REFERENCE_N_PARAMS))
_LOG_D0 = float(np.log(REFERENCE_N_TOKENS))

_FARTHEST = 3.0
"""Largest -k ln(N/N0): bends go on straight where e^3 is passed, some decades below any model that is trained."""

_STEEPEST = 5.0
"""Largest log of the exponent of data, far beyond any: without it small models under a steep slope overflow."""


class Farseer(Law):
    r"""Loss falls as a power of tokens whose floor, amplitude and exponent are functions of size.

    A term :math:`a N^{p} + b` is stated by its value and its slope in :math:`x = \ln(N / N_0)` at the reference size,
    :math:`N_0 = 10^9`, and by its bend :math:`k = -p`, since a, b and p can hardly be told apart by data:

    .. math::

        a N^{p} + b = c + s\,h_k(x), \qquad h_k(x) = \frac{1 - e^{-k x}}{k}

    and for :math:`k \to 0` it is a straight line, that is a power law of size. The three terms are

    .. math::

        \ln(\text{floor}) = \ln E - e\,h_{k_3}(x), \quad
        \ln(\text{amplitude}) = \ln(b E) + s_2 h_{k_2}(x), \quad
        \ln(\text{exponent}) = \ln\beta + s_1 h_{k_1}(x)

    with the amplitude at :math:`D_0 = 2\cdot10^{10}` tokens.

    ======================  ==================================================  ==========  =================
    name                    meaning                                             support     unit
    ======================  ==================================================  ==========  =================
    ``log_E``               log of the floor at 1e9 parameters                  real        log(unit of loss)
    ``log_floor_slope``     log of e, by which the floor falls with ln N        real        none
    ``log_floor_bend``      log of k3, how soon the floor stops falling         real        none
    ``log_data_share``      log of b, the data term over E at (N0, D0)          real        none
    ``data_slope``          s2, by which the data term rises with ln N          real        none
    ``log_data_bend``       log of k2                                           real        none
    ``log_beta``            log of the exponent of data at 1e9 parameters       real        none
    ``beta_slope``          s1, by which the log exponent rises with ln N       real        none
    ``log_beta_bend``       log of k1                                           real        none
    ======================  ==================================================  ==========  =================

    Limits: :math:`D \to \infty` gives the floor; with :math:`s_1 = s_2 = 0` the law is a floor that falls with size
    plus a power of tokens, like the additive law. The loss may rise with size where few tokens are seen.
    """

    name: ClassVar[str] = "farseer"
    title: ClassVar[str] = "Floor, amplitude and exponent that change with size"
    equation: ClassVar[str] = "L = exp(a3 N^gamma + b3) + exp(a2 N^beta + b2) D^-exp(a1 N^alpha + b1)"
    citation: ClassVar[str] = "Li et al. 2025, arXiv:2506.10972"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    rises_with: ClassVar[tuple[str, ...]] = ("n_params",)
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter(
            "log_E", r"\ln E", "floor at 1e9 parameters, in the family's unit", "E", relative_to_scale=False
        ),
        Parameter(
            "log_floor_slope", r"\ln e", "share by which the floor falls an e-fold of size", "floor_slope"
        ),
        Parameter("log_floor_bend", r"\ln k_3", "rate at which the floor stops falling", "floor_bend"),
        Parameter(
            "log_data_share",
            r"\ln b",
            "data term relative to E at 1e9 parameters, 2e10 tokens",
            "data_share",
            is_share=True,
        ),
        Parameter(
            "data_slope",
            "s_2",
            "rise of the log data term an e-fold of size",
            "data_slope",
            transform="identity",
        ),
        Parameter("log_data_bend", r"\ln k_2", "rate at which that rise ends", "data_bend"),
        Parameter("log_beta", r"\ln\beta", "exponent of data at 1e9 parameters", "beta"),
        Parameter(
            "beta_slope",
            "s_1",
            "rise of the log exponent an e-fold of size",
            "beta_slope",
            transform="identity",
        ),
        Parameter("log_beta_bend", r"\ln k_1", "rate at which that rise ends", "beta_bend"),
    )

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equations above."""
        log_n = xp.log(inputs["n_params"]) - _LOG_N0
        log_d = xp.log(inputs["n_tokens"]) - _LOG_D0
        floor = -xp.exp(params["log_floor_slope"]) * _bent(xp, log_n, params["log_floor_bend"])
        amplitude = params["log_data_share"] + params["data_slope"] * _bent(
            xp, log_n, params["log_data_bend"]
        )
        bent = _bent(xp, log_n, params["log_beta_bend"])
        exponent = xp.exp(xp.minimum(params["log_beta"] + params["beta_slope"] * bent, _STEEPEST))
        return params["log_E"] + xp.logaddexp(floor + 0.0 * log_d, amplitude - exponent * log_d)


def _bent(xp: Any, log_n: Array, log_bend: Array) -> Array:
    """ln(N / N0), bent by a rate k whose log is given: (1 - e^(-k x)) / k."""
    bend = xp.exp(log_bend)
    return -xp.expm1(xp.minimum(-bend * log_n, _FARTHEST)) / bend


FARSEER = Farseer()
