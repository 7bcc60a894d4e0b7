r"""The additive law with fewer degrees of freedom: amplitudes follow from exponents.

.. math:: L(N, D) = E + A N^{-\alpha} + B D^{-\beta}, \qquad \alpha = c_A + k_A \ln A, \; \beta = c_B + k_B \ln B

Choshen et al. 2024, arXiv:2410.11840 (``Manual2Fit`` of their code): over families, three directions hold 99.49 % of
the variance of the five fitted parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from bayes_scaling.laws.base import Array, HasClosedFormOptimum, HasPowerLawTail, Law, Parameter
from bayes_scaling.laws.chinchilla import CHINCHILLA, REFERENCE_N_PARAMS, REFERENCE_N_TOKENS


@dataclass(frozen=True)
class Pivots:
    """Where the size terms and where the data terms of all families meet.

    Attributes
    ----------
    n_params, n_tokens : float
        Model size and token count of the two meeting points.
    size_share, data_share : float
        The terms there, over the irreducible loss.
    """

    n_params: float
    size_share: float
    n_tokens: float
    data_share: float

    @classmethod
    def from_lines(cls, size: tuple[float, float], data: tuple[float, float], loss: float) -> Pivots:
        """Pivots of lines ``exponent = intercept + slope * ln(amplitude)``.

        Parameters
        ----------
        size, data : (intercept, slope)
            Of alpha over ln A and of beta over ln B.
        loss : float
            Irreducible loss at which a term in units of loss becomes a share.
        """
        (c_a, k_a), (c_b, k_b) = size, data
        return cls(
            n_params=float(np.exp(1.0 / k_a)),
            size_share=float(np.exp(-c_a / k_a)) / loss,
            n_tokens=float(np.exp(1.0 / k_b)),
            data_share=float(np.exp(-c_b / k_b)) / loss,
        )


PUBLISHED_LINES = ((0.0116280, 0.05004588), (0.23710262, 0.03844353))
"""Intercept and slope of alpha over ln A and of beta over ln B, in the code of Choshen et al. 2024."""

PUBLISHED_LOSS = float(np.exp(0.6254804))
"""Irreducible loss at which that code starts its fits, 1.87 nats (from Muennighoff et al. 2023)."""

PUBLISHED_PIVOTS = Pivots.from_lines(*PUBLISHED_LINES, PUBLISHED_LOSS)


class Tied(Law, HasClosedFormOptimum, HasPowerLawTail):
    r"""Three parameters a family: a floor and two exponents; amplitudes follow.

    A line :math:`\alpha = c + k \ln A` says that :math:`A N^{-\alpha}` is the same for every family at one size,
    :math:`N^* = e^{1/k}`, where it is :math:`e^{-c/k}`; and so for the data. With the published lines the size
    terms meet at 4.8e8 parameters and the data terms at 2e11 tokens. So written,

    .. math:: \ln L = \ln E + \ln\left[1 + a^* (N/N^*)^{-\alpha} + b^* (D/D^*)^{-\beta}\right]

    with constants :math:`a^*, b^*` that all families share. They are shares of E, so that a family's unit of loss does
    not matter; at E = 1.87 nats, where the published fits start, both forms are the same.

    ================  ===================================  ==========  =================
    name              meaning                              support     unit
    ================  ===================================  ==========  =================
    ``log_E``         log of the irreducible loss E        real        log(unit of loss)
    ``log_alpha``     log of the exponent of size          real        none
    ``log_beta``      log of the exponent of data          real        none
    ================  ===================================  ==========  =================

    Parameters
    ----------
    pivots : Pivots
        Where terms meet; default: by the published lines. A law at others has a name of its own: register it, and
        its priors, to store fits of it.

    Notes
    -----
    The published data line leaves 0.002 nats at 2e11 tokens, whatever the family: large exponents of data
    make up for it. It was drawn through point fits, some of which do not determine B.
    """

    name: ClassVar[str] = "tied"
    title: ClassVar[str] = "Additive law whose amplitudes follow from its exponents"
    equation: ClassVar[str] = "L = E [1 + a* (N / N*)^-alpha + b* (D / D*)^-beta], a*, N*, b*, D* fixed"
    citation: ClassVar[str] = "Choshen et al. 2024, arXiv:2410.11840, Manual2Fit of the authors' code"
    inputs: ClassVar[tuple[str, ...]] = ("n_params", "n_tokens")
    parameters: ClassVar[tuple[Parameter, ...]] = tuple(
        parameter
        for parameter in CHINCHILLA.parameters
        if parameter.name in ("log_E", "log_alpha", "log_beta")
    )

    def __init__(self, pivots: Pivots = PUBLISHED_PIVOTS) -> None:
        self.pivots = pivots
        if pivots != PUBLISHED_PIVOTS:
            # a stored fit finds its law by name: one at other pivots must not be taken for this one
            self.name = f"tied-{pivots.n_params:.2g}-{pivots.n_tokens:.2g}"  # type: ignore[misc]

    def log_loss(self, xp: Any, params: Mapping[str, Array], inputs: Mapping[str, Array]) -> Array:
        """Return ln L: the additive law with the amplitudes that the exponents imply."""
        return CHINCHILLA.log_loss(xp, self.additive(xp, params), inputs)

    def optimal_n_params(self, xp: Any, params: Mapping[str, Array], flops: Array) -> Array:
        """Compute-optimal parameters, as of the additive law."""
        return CHINCHILLA.optimal_n_params(xp, self.additive(xp, params), flops)

    def tail_exponents(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Exponents alpha and beta."""
        return CHINCHILLA.tail_exponents(xp, params)

    def additive(self, xp: Any, params: Mapping[str, Array]) -> dict[str, Array]:
        """Pooled parameters of the additive law that is the same."""
        pivots = self.pivots
        log_n = float(np.log(REFERENCE_N_PARAMS / pivots.n_params))
        log_d = float(np.log(REFERENCE_N_TOKENS / pivots.n_tokens))
        return {
            "log_E": params["log_E"],
            "log_size_share": float(np.log(pivots.size_share)) - xp.exp(params["log_alpha"]) * log_n,
            "log_data_share": float(np.log(pivots.data_share)) - xp.exp(params["log_beta"]) * log_d,
            "log_alpha": params["log_alpha"],
            "log_beta": params["log_beta"],
        }


TIED = Tied()
