r"""The additive law of models trained, and quantized after training, in few bits.

.. math::
    L = E + A N_{eff}^{-\alpha} + B D^{-\beta} + \delta_{PTQ}, \qquad
    N_{eff} = N \prod_x \left(1 - e^{-(P_x - p_x)/\gamma_x}\right)

Kumar et al. 2024, arXiv:2411.04330, the unified law; x runs over weights, activations and the KV cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from bayes_scaling.laws.base import Array, Parameter
from bayes_scaling.laws.chinchilla import CHINCHILLA, LOG_N0_AND_D0
from bayes_scaling.laws.level_coordinates import HasLevelCoordinates

REFERENCE_BITS: Final = 4.0
"""Bits after training at which the damage of quantization is stated."""

_PARTS: Final = (("w", "n_bits_weights"), ("a", "n_bits_activations"), ("kv", "n_bits_kv"))

_SMALLEST: Final = 1e-2
"""Smallest distance to the bits at which nothing is left, in e-folds: fewer bits count as these."""

_FAR: Final = 700.0
"""Largest log of a number of tokens that is told."""

_NO_DISTANCE: Final = 1e-9
"""Stands for no bit lost after training, so that the damage, practically zero, has a logarithm."""


class Precision(HasLevelCoordinates):
    r"""Chinchilla's law in the parameters that a precision leaves, plus the damage of quantizing after training.

    With :math:`d` the damage relative to E of a model with :math:`N_{eff} = 10^9`, :math:`D = 2\cdot10^{10}` that
    was trained in many bits and quantized to four,

    .. math::
        \delta_{PTQ} = E d \left(\frac{D}{D_0}\right)^{\gamma_D} \left(\frac{N_{eff}}{N_0}\right)^{-\gamma_N}
        e^{-(P_{post} - 4)/\gamma_{post}} \prod_x \left(1 - e^{-C_x (P_x - P_{post})}\right) \ge 0 .

    ==========================  ===================================================  =======  =================
    name                        meaning                                              support  unit
    ==========================  ===================================================  =======  =================
    ``log_E``                   as in Chinchilla's law                               real     log(unit of loss)
    ``log_size_share``          as in Chinchilla's law, in many bits                 real     none
    ``log_data_share``          as in Chinchilla's law                               real     none
    ``log_alpha``               as in Chinchilla's law                               real     none
    ``log_beta``                as in Chinchilla's law                               real     none
    ``log_gamma_w``             log of gamma of weights                              real     log(bits)
    ``log_gamma_a``             log of gamma of activations                          real     log(bits)
    ``log_gamma_kv``            log of gamma of the KV cache                         real     log(bits)
    ``bits_floor_w``            p of weights: bits at which nothing is left          real     bits
    ``bits_floor_a``            p of activations                                     real     bits
    ``bits_floor_kv``           p of the KV cache                                    real     bits
    ``log_damage``              log of d                                             real     none
    ``log_gamma_D``             log of the exponent of tokens in the damage          real     none
    ``log_gamma_N``             log of the exponent of size in the damage            real     none
    ``log_gamma_post``          log of the bits over which damage falls e-fold       real     log(bits)
    ``log_robust_w``            log of C of weights                                  real     log(1/bits)
    ``log_robust_a``            log of C of activations                              real     log(1/bits)
    ``log_robust_kv``           log of C of the KV cache                             real     log(1/bits)
    ==========================  ===================================================  =======  =================

    The paper writes :math:`1 - e^{-P/\gamma + n}`, so that p is :math:`\gamma n`.

    Limits: in many bits, and not quantized or to no fewer bits than it was trained in, it is Chinchilla's law.
    Quantized, more data can hurt: see :meth:`most_useful_tokens`. Fitted by its authors on 465 runs of up to
    1.7e9 parameters and 2.6e10 tokens in 3 to 16 bits.
    """

    name: ClassVar[str] = "precision"
    title: ClassVar[str] = "Additive law in few bits, quantized after training"
    equation: ClassVar[str] = (
        "L = E + A / N_eff^alpha + B / D^beta + C_T D^gamma_D / N_eff^gamma_N exp(-P_post / gamma_post) prod(...)"
    )
    citation: ClassVar[str] = "Kumar et al. 2024, arXiv:2411.04330, unified law"
    inputs: ClassVar[tuple[str, ...]] = (
        "n_params",
        "n_tokens",
        "n_bits_weights",
        "n_bits_activations",
        "n_bits_kv",
        "n_bits_post",
    )
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *CHINCHILLA.parameters,
        Parameter("log_gamma_w", r"\ln\gamma_w", "bits of weights over which loss of size falls", "gamma_w"),
        Parameter("log_gamma_a", r"\ln\gamma_a", "the same of activations", "gamma_a"),
        Parameter("log_gamma_kv", r"\ln\gamma_{kv}", "the same of the KV cache", "gamma_kv"),
        Parameter("bits_floor_w", "p_w", "bits of weights at which nothing is left", "p_w", "identity"),
        Parameter("bits_floor_a", "p_a", "the same of activations", "p_a", "identity"),
        Parameter("bits_floor_kv", "p_{kv}", "the same of the KV cache", "p_kv", "identity"),
        Parameter(
            "log_damage",
            r"\ln d",
            "damage of 4 bits over E at 1e9 parameters and 2e10 tokens",
            "damage",
            is_share=True,
        ),
        Parameter("log_gamma_D", r"\ln\gamma_D", "exponent of tokens in the damage", "gamma_D"),
        Parameter("log_gamma_N", r"\ln\gamma_N", "exponent of size in the damage", "gamma_N"),
        Parameter("log_gamma_post", r"\ln\gamma_{post}", "bits over which damage falls e-fold", "gamma_post"),
        Parameter("log_robust_w", r"\ln C_w", "damage won back by training weights in few bits", "C_w"),
        Parameter("log_robust_a", r"\ln C_a", "the same of activations", "C_a"),
        Parameter("log_robust_kv", r"\ln C_{kv}", "the same of the KV cache", "C_kv"),
    )
    assumptions: ClassVar[Mapping[str, Any]] = {"repeats": False}
    weakly_identified: ClassVar[bool] = True
    rises_with: ClassVar[tuple[str, ...]] = ("n_tokens", *(column for _, column in _PARTS))

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L by the equations above."""
        log_share, log_size = self.log_effective_share(xp, params, inputs), xp.log(inputs["n_params"])
        log_n, log_d = log_size + log_share - LOG_N0_AND_D0[0], xp.log(inputs["n_tokens"]) - LOG_N0_AND_D0[1]
        terms = (
            params["log_size_share"] - xp.exp(params["log_alpha"]) * log_n,
            params["log_data_share"] - xp.exp(params["log_beta"]) * log_d,
            self._log_damage(xp, params, inputs, log_n) + xp.exp(params["log_gamma_D"]) * log_d,
        )
        total = 0.0 * (terms[0] + terms[1])
        for term in terms:
            total = xp.logaddexp(total, term + 0.0 * total)
        return params["log_E"] + total

    def log_effective_share(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """ln(N_eff / N), at most zero."""
        share: Array = 0.0
        for part, column in _PARTS:
            distance = (inputs[column] - params[f"bits_floor_{part}"]) * xp.exp(-params[f"log_gamma_{part}"])
            share = share + xp.log(-xp.expm1(-xp.maximum(distance, _SMALLEST)))
        return share

    def most_useful_tokens(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        r"""Tokens beyond which more data hurt: where the derivative of L in D is zero.

        :math:`\beta B D^{-\beta} = \gamma_D \delta_{PTQ}(D)` has one solution. With posterior draws as parameters
        this is one draw of it for each; a model that was not quantized has it far beyond any data.

        Parameters
        ----------
        xp : module
        params : mapping of str to array
        inputs : mapping of str to array
            All inputs but ``n_tokens``.
        """
        log_n = xp.log(inputs["n_params"]) + self.log_effective_share(xp, params, inputs) - LOG_N0_AND_D0[0]
        log_gain = params["log_beta"] + params["log_data_share"]
        log_harm = params["log_gamma_D"] + self._log_damage(xp, params, inputs, log_n)
        exponent = xp.exp(params["log_beta"]) + xp.exp(params["log_gamma_D"])
        return xp.exp(xp.minimum(LOG_N0_AND_D0[1] + (log_gain - log_harm) / exponent, _FAR))

    def _log_damage(
        self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array], log_n: Array
    ) -> Array:
        """ln(damage / E) at the reference number of tokens, given ln(N_eff / N_0)."""
        bits = inputs["n_bits_post"]
        damage = params["log_damage"] - xp.exp(params["log_gamma_N"]) * log_n
        damage = damage - (bits - REFERENCE_BITS) * xp.exp(-params["log_gamma_post"])
        for part, column in _PARTS:
            lost = xp.maximum(inputs[column] - bits, _NO_DISTANCE)
            damage = damage + xp.log(-xp.expm1(-xp.exp(params[f"log_robust_{part}"]) * lost))
        return damage

    @staticmethod
    def from_published(xp: Any, published: Mapping[str, Array]) -> dict[str, Array]:
        """The pooled parameters of published constants.

        Parameters
        ----------
        xp : module
        published : mapping of str to array
            E, A, B, alpha, beta; gamma_x and n_x for x of w, a, kv; C_T, gamma_D, gamma_N, gamma_post; C_x.
        """
        pooled = CHINCHILLA.from_published(xp, published)
        for part, _ in _PARTS:
            pooled[f"log_gamma_{part}"] = xp.log(published[f"gamma_{part}"])
            pooled[f"bits_floor_{part}"] = published[f"gamma_{part}"] * published[f"n_{part}"]
            pooled[f"log_robust_{part}"] = xp.log(published[f"C_{part}"])
        for name in ("gamma_D", "gamma_N", "gamma_post"):
            pooled[f"log_{name}"] = xp.log(published[name])
        at_reference = published["gamma_D"] * LOG_N0_AND_D0[1] - published["gamma_N"] * LOG_N0_AND_D0[0]
        at_reference = at_reference - REFERENCE_BITS / published["gamma_post"]
        pooled["log_damage"] = xp.log(published["C_T"]) + at_reference - pooled["log_E"]
        return pooled


PRECISION = Precision()
