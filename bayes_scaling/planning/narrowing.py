r"""How much narrower a quantity's interval becomes, on average, once something has been observed.

Draws of the target :math:`f` and of what an observation would show without noise, :math:`g`, come from one posterior,
so that they go together. Given the scales of runs and discrepancy they are nearly Gaussian; the scales themselves are
learned too. The posterior is therefore taken as a mixture of Gaussians, one for each group :math:`b` of draws with like
scales, and an observation :math:`y = g + e`, :math:`e \sim N(0, N_b)`, changes both parts in closed form:

.. math::

    w_b(y) \propto n_b\, N(y;\ \bar g_b,\ \Sigma_{gg,b} + N_b), \qquad
    f \mid y, b \sim N\big(\bar f_b + B_b (y - \bar g_b),\ \Sigma_{ff,b} - B_b \Sigma_{gf,b}\big), \qquad
    B_b = \Sigma_{fg,b} (\Sigma_{gg,b} + N_b)^{-1}.

The width of that mixture's interval is averaged over observations drawn from the posterior. With a single group this is
the linear-Gaussian preposterior analysis of Chaloner and Verdinelli 1995 ("Bayesian experimental design: a review",
doi:10.1214/ss/1177009939, section 2.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.intp]

GROUP_SIZE: Final = 160
"""Draws in a group: enough for the covariance of a handful of checkpoints, few enough for scales to be alike."""

MAX_SIDE: Final = 6
"""Groups along each of the two scales, at most."""

N_OBSERVATIONS: Final = 400
"""Simulated observations over which widths are averaged."""

N_BLOCKS: Final = 8
"""Blocks of consecutive draws that are left out in turn to tell the Monte Carlo error."""

N_BISECTIONS: Final = 30
"""Halvings that find a quantile: to a billionth of where it could be."""


@dataclass(frozen=True, eq=False)
class Observation:
    """What observing something would show, given each draw.

    Attributes
    ----------
    expected : ndarray of shape (n_draws, n_values)
        Log losses without noise; draw i belongs to draw i of the target.
    covariance : ndarray of shape (n_draws, n_values, n_values)
        Covariance of the noise given each draw.
    """

    expected: FloatArray
    covariance: FloatArray

    def simulated(self, chosen: IntArray, rng: np.random.Generator) -> FloatArray:
        """Values with noise that chosen draws would show, shape (n_chosen, n_values)."""
        normal = rng.standard_normal((len(chosen), self.expected.shape[1]))
        return self.expected[chosen] + np.einsum(
            "sij,sj->si", np.linalg.cholesky(self.covariance[chosen]), normal
        )


@dataclass(frozen=True, eq=False)
class Belief:
    """A posterior's draws of one quantity, with what its interval is made of.

    Attributes
    ----------
    log_mean : ndarray of shape (n_draws,)
        Log loss without the noise of a run.
    noise_variance : ndarray of shape (n_draws,)
        Variance of the noise of its own, of which no observation tells anything; zero for a law's mean.
    scales : ndarray of shape (n_draws, 2)
        Log scales of discrepancy and of runs.
    """

    log_mean: FloatArray
    noise_variance: FloatArray
    scales: FloatArray


@dataclass(frozen=True)
class Narrowing:
    """How an interval changes.

    Attributes
    ----------
    share : float
        One minus the mean width after over the width before.
    mc_error : float
        Standard error of the share, from the number of draws; NaN where it was not asked for.
    """

    share: float
    mc_error: float

    @property
    def is_measurable(self) -> bool:
        """Whether the share is more than twice its Monte Carlo error, and more than half a per cent."""
        return self.share > max(2.0 * self.mc_error, 0.005)


def expected_narrowing(
    belief: Belief,
    observation: Observation,
    prob: float,
    rng: np.random.Generator,
    *,
    with_error: bool = True,
) -> Narrowing:
    """Expected narrowing of a central interval by an observation.

    Parameters
    ----------
    belief : Belief
    observation : Observation
        Of as many draws.
    prob : float
        Probability of the interval.
    rng : Generator
        Draws the observations.
    with_error : bool
        Whether to tell the Monte Carlo error, which takes eight times as long.
    """
    n_draws = len(belief.log_mean)
    chosen = np.linspace(0, n_draws - 1, min(N_OBSERVATIONS, n_draws)).astype(int)
    shown = observation.simulated(chosen, rng)
    everything = np.arange(n_draws)
    share = _share(belief, observation, shown, everything, prob)
    if not with_error:
        return Narrowing(share, np.nan)
    # delete-a-block jackknife: blocks are long enough for the draws of a chain to forget each other
    blocks = np.array_split(everything, N_BLOCKS)
    left_out = np.array(
        [_share(belief, observation, shown, np.delete(everything, block), prob) for block in blocks]
    )
    error = np.sqrt((N_BLOCKS - 1) / N_BLOCKS * ((left_out - left_out.mean()) ** 2).sum())
    return Narrowing(share, float(error))


def _share(belief: Belief, observation: Observation, shown: FloatArray, used: IntArray, prob: float) -> float:
    groups = [used[members] for members in alike(belief.scales[used])]
    parts = [_Part.of(belief, observation, members) for members in groups]
    centre, variance, size = (
        np.array([getattr(part, name) for part in parts]) for name in ("centre", "variance", "size")
    )
    before = _mean_width(np.log(size)[None, :], centre[None, :], variance, prob)
    told = [part.told(shown) for part in parts]
    log_weight, after_centre = (np.stack(values, axis=-1) for values in zip(*told, strict=True))
    after_variance = np.array([part.after_variance for part in parts])
    return 1.0 - _mean_width(log_weight + np.log(size), after_centre, after_variance, prob) / before


def alike(scales: FloatArray) -> list[IntArray]:
    """Groups of draws with like scales: quantiles of the first, and within each, quantiles of the second.

    Parameters
    ----------
    scales : ndarray of shape (n_draws, 2)

    Returns
    -------
    list of ndarray of int
        Positions of draws; every draw is in one group of about :data:`GROUP_SIZE` or more.
    """
    side = int(np.clip(np.sqrt(len(scales) / GROUP_SIZE), 1, MAX_SIDE))
    rows = np.array_split(np.argsort(scales[:, 0], kind="stable"), side)
    return [
        row[cell] for row in rows for cell in np.array_split(np.argsort(scales[row, 1], kind="stable"), side)
    ]


@dataclass(frozen=True, eq=False)
class _Part:
    """One Gaussian of the mixture, and what an observation makes of it."""

    size: int
    centre: float
    expected: FloatArray
    variance: float
    after_variance: float
    gain: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, belief: Belief, observation: Observation, members: IntArray) -> _Part:
        target, expected = belief.log_mean[members], observation.expected[members]
        joint = np.atleast_2d(np.cov(np.column_stack([target, expected]), rowvar=False))
        marginal = joint[1:, 1:] + observation.covariance[members].mean(axis=0)
        gain = np.linalg.solve(marginal, joint[1:, 0])
        # a regression explains some of its own accidents: as many degrees of freedom as values really count
        used = np.trace(np.linalg.solve(marginal, joint[1:, 1:]))
        spare = max(len(members) - 1 - used, 1.0) / (len(members) - 1)
        left = max(joint[0, 0] - gain @ joint[1:, 0], 0.0) / spare
        noise = belief.noise_variance[members].mean()
        return cls(
            size=len(members),
            centre=target.mean(),
            expected=expected.mean(axis=0),
            variance=joint[0, 0] + noise,
            after_variance=min(left, joint[0, 0]) + noise,
            gain=gain,
            root=np.linalg.cholesky(marginal),
        )

    def told(self, shown: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log density of observations, and the centre that each moves this part to, shape (n_observations,) each."""
        off = shown - self.expected
        white = np.linalg.solve(self.root, off.T)
        log_density = -0.5 * (white**2).sum(axis=0) - np.log(np.diagonal(self.root)).sum()
        return log_density, self.centre + off @ self.gain


def _mean_width(log_weight: FloatArray, centre: FloatArray, variance: FloatArray, prob: float) -> float:
    """Mean width of the loss's interval over mixtures: rows are mixtures, columns their parts."""
    weight = np.exp(log_weight - logsumexp(log_weight, axis=-1, keepdims=True))
    low, high = (
        np.exp(_quantile(weight, centre, np.sqrt(variance), level))
        for level in ((1 - prob) / 2, (1 + prob) / 2)
    )
    return float((high - low).mean())


def _quantile(weight: FloatArray, centre: FloatArray, sd: FloatArray, level: float) -> FloatArray:
    """Quantile of each mixture, by bisection between bounds that hold every part's."""
    sd = np.maximum(sd, 1e-12)
    low, high = (centre - 10 * sd).min(axis=-1), (centre + 10 * sd).max(axis=-1)
    for _ in range(N_BISECTIONS):
        middle = 0.5 * (low + high)
        is_below = (weight * ndtr((middle[:, None] - centre) / sd)).sum(axis=-1) < level
        low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
    return 0.5 * (low + high)
