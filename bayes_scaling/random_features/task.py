r"""What there is to learn: features with a power-law spectrum and a teacher with power-law coefficients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from bayes_scaling.errors import InputError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PowerLawTask:
    r"""Gaussian features with variances :math:`\lambda_k = k^{-b}`, teacher power :math:`(w^*_k)^2 \lambda_k = k^{-a}`.

    arXiv:2402.01092, section 2. Modes beyond `n_modes` are not thrown away: with ``has_tail`` their sum over many
    independent weak features is replaced by its Gaussian limit, which makes a model of `n_modes` modes behave like
    one of infinitely many. What that limit leaves out, that a student learns a little of the teacher's tail, is a
    share of about :math:`(N / n_{modes})^{a + b - 1}` of the loss of a student of width N.

    Attributes
    ----------
    a : float
        Decay of the teacher's power, above 1 so that the loss at the start is finite.
    b : float
        Decay of the feature variances. Above 1 for ``has_tail``: otherwise the tail has infinite variance, and
        the losses of finite students depend on the number of modes for ever.
    n_modes : int
        Modes that are simulated one by one; eight times the largest width or number of samples is enough.
    noise : float
        Variance of the labels' noise, in the unit of the loss: the irreducible part of the test loss.
    has_tail : bool
        Whether the modes beyond `n_modes` exist.

    Raises
    ------
    InputError
        With code ``"bad_task"`` when a value is out of its range.
    """

    a: float
    b: float
    n_modes: int = 2048
    noise: float = 0.0
    has_tail: bool = True

    def __post_init__(self) -> None:
        rules = {
            f"a = {self.a}": (math.isfinite(self.a) and self.a > 1, "a finite a above 1"),
            f"b = {self.b}": (math.isfinite(self.b) and self.b > 0, "a finite b above 0"),
            f"n_modes = {self.n_modes}": (self.n_modes >= 1, "at least one mode"),
            f"noise = {self.noise}": (
                math.isfinite(self.noise) and self.noise >= 0,
                "a finite noise of 0 or more",
            ),
            f"b = {self.b} with a tail": (self.b > 1 or not self.has_tail, "b above 1, or has_tail=False"),
        }
        for given, (is_right, expected) in rules.items():
            if not is_right:
                raise InputError(given, expected, "Choose another value.", code="bad_task")

    @property
    def eigenvalues(self) -> FloatArray:
        """Feature variances, shape (n_modes,)."""
        return self._modes() ** -self.b

    @property
    def teacher_power(self) -> FloatArray:
        """Loss that each unlearned mode adds, shape (n_modes,)."""
        return self._modes() ** -self.a

    @property
    def tail_variance(self) -> float:
        """Variance of all features beyond the simulated modes; 0 without a tail."""
        return self._tail(self.b)

    @property
    def tail_squared_variance(self) -> float:
        """Sum of the squared variances of the features beyond the simulated modes; 0 without a tail."""
        return self._tail(2.0 * self.b)

    @property
    def tail_power(self) -> float:
        """Loss that the teacher's modes beyond the simulated ones add; 0 without a tail."""
        return self._tail(self.a)

    @property
    def initial_loss(self) -> float:
        """Test loss of a student that has learned nothing, noise included."""
        return float(self.teacher_power.sum()) + self.tail_power + self.noise

    def _modes(self) -> FloatArray:
        return np.arange(1, self.n_modes + 1, dtype=float)

    def _tail(self, exponent: float) -> float:
        return float(special.zeta(exponent, self.n_modes + 1)) if self.has_tail else 0.0
