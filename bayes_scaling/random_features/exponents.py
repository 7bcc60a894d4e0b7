r"""Exponents that theory gives for the loss of random features: in time, width, samples and compute."""

from __future__ import annotations

from dataclasses import dataclass

from bayes_scaling.errors import InputError


@dataclass(frozen=True)
class Exponents:
    r"""Exponents of power laws, each as a number of zero or more.

    Attributes
    ----------
    time : float
        :math:`L(t) \sim t^{-x}` with infinite width and data.
    width : float
        :math:`L(N) \sim N^{-x}` with infinite time and data.
    samples : float
        :math:`L(P) \sim P^{-x}` with infinite time and width, labels without noise.
    compute : float
        :math:`\min_N L \sim C^{-x}` at :math:`C = N t` with infinite data.
    optimal_time : float
        :math:`t \sim C^{x}` at that minimum.
    optimal_width : float
        :math:`N \sim C^{x}` at that minimum.
    """

    time: float
    width: float
    samples: float
    compute: float
    optimal_time: float
    optimal_width: float


def published_exponents(a: float, b: float) -> Exponents:
    r"""The exponents as arXiv:2402.01092 prints them: :math:`\min\{a-1, 2b\}` for width and for samples.

    Parameters
    ----------
    a, b : float
        Decay of the teacher's power (above 1) and of the feature variances (above 0).

    Notes
    -----
    For :math:`a - 1 > b` the exponent of width disagrees with the model's own limit and with its simulation; see
    :func:`limiting_exponents`. The two functions are equal for :math:`a - 1 \le b`.

    Raises
    ------
    InputError
        With code ``"bad_task"``.
    """
    _check(a, b)
    bottleneck = min(a - 1.0, 2.0 * b)
    return _balance(a, b, width=bottleneck, samples=bottleneck)


def limiting_exponents(a: float, b: float) -> Exponents:
    r"""The exponents of the model's own limits: :math:`\min\{a-1, b\}` for width, :math:`\min\{a-1, 2b\}` for samples.

    A student of width N at infinite time projects the teacher on a random subspace. A projection's error is
    :math:`z^\top (I - \Pi) z`, whose mean is :math:`\sum_k k^{-a} \kappa / (\lambda_k + \kappa)` with
    :math:`\sum_k \lambda_k / (\lambda_k + \kappa) = N`, hence :math:`\kappa \sim N^{-b}`: the first modes add
    :math:`N^{-b}` and the unlearned ones :math:`N^{-(a-1)}`. Data project the teacher's weights, not its output,
    and the same sum has :math:`\kappa^2 / (\lambda_k + \kappa)^2`, hence 2b.
    Paquette et al. 2024, arXiv:2405.15074, study such a model under stochastic gradient descent.

    The exponents along the frontier take the loss to be a sum of a time term and a width term. Simulation agrees
    for :math:`a - 1 < b`; for steeper tasks it does not, and they should not be relied on.

    Parameters
    ----------
    a, b : float
        As for :func:`published_exponents`.
    """
    _check(a, b)
    return _balance(a, b, width=min(a - 1.0, b), samples=min(a - 1.0, 2.0 * b))


def _balance(a: float, b: float, *, width: float, samples: float) -> Exponents:
    """Exponents along the frontier, where the time term and the width term fall together."""
    time = (a - 1.0) / b
    total = time + width  # t^-time = N^-width at C = N t
    return Exponents(time, width, samples, time * width / total, width / total, time / total)


def _check(a: float, b: float) -> None:
    if not (a > 1 and b > 0):
        raise InputError(
            f"a = {a}, b = {b}", "a above 1 and b above 0", "Choose other decays.", code="bad_task"
        )
