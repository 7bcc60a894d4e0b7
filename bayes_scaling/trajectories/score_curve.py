r"""Scores as a smooth function of loss and, perhaps, of size: the columns of a regression and its prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bayes_scaling.errors import InputError
from bayes_scaling.names import LOSS, N_PARAMS, RUN

N_KNOTS = 6
"""Knots of the natural cubic spline; four cannot follow a task with a floor and a sharp rise."""

FEWEST_ROWS = 8


@dataclass(frozen=True)
class ScorePrior:
    r"""Prior of the score's logit given loss, size and run.

    .. math::

        \mathrm{logit}\, s_i = f(x_i) + \gamma (\log_{10} N_i - \overline{\log_{10} N}) + u_{run} + d_{run}(x_i) + e_i

    with x the loss (log perplexity) over its standard deviation, f a natural cubic spline, u an offset of the whole
    run, d a stationary path along the run and e independent noise of a checkpoint.

    Attributes
    ----------
    level_sd, slope_sd, bend_sd : float
        Normal standard deviations of the spline's level, slope and bends, in logits. 3 leaves a level between 5 % and
        95 % open; 2 lets a standard deviation of loss move a score from 12 % to 88 %; 1 for each bend.
    size_sd : float
        Standard deviation of gamma, in logits for a tenfold size at equal loss. 0.3: with 95 % a tenfold size moves a
        score of 50 % by less than 15 points.
    noise_sds, run_sds, drift_sds : tuple of float
        Equally probable values of the standard deviations of e, u and d, in logits: from the noise of a task with
        thousands of questions to that of one with twenty; runs from alike to clearly different.
    drift_length : float
        Distance in x over which d forgets itself, in standard deviations of the loss.
    """

    level_sd: float = 3.0
    slope_sd: float = 2.0
    bend_sd: float = 1.0
    size_sd: float = 0.3
    noise_sds: tuple[float, ...] = (0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.7)
    run_sds: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.4)
    drift_sds: tuple[float, ...] = (0.0, 0.05, 0.1, 0.2, 0.4)
    drift_length: float = 0.5

    def __post_init__(self) -> None:
        scales = (self.level_sd, self.slope_sd, self.bend_sd, self.size_sd, self.drift_length)
        grids = (self.noise_sds, self.run_sds, self.drift_sds)
        if min(scales) <= 0 or not all(grids) or min(self.noise_sds) <= 0 or min(map(min, grids)) < 0:
            raise InputError(
                f"{self}",
                "positive scales, noise above zero and no empty grid",
                "Correct the prior.",
                code="bad_prior",
            )


@dataclass(frozen=True, eq=False)
class ScoreRegression:
    """A table of scores as arrays.

    Attributes
    ----------
    design : ndarray of shape (n_rows, n_columns)
        Spline of the loss; last the centred log10 size.
    prior_sds : ndarray of shape (n_columns,)
    response : ndarray of shape (n_rows,)
        Logits.
    runs : ndarray of shape (n_rows,)
        Run labels.
    x : ndarray of shape (n_rows,)
        The loss in standard deviations.
    n_params : ndarray of shape (n_rows,)
    """

    design: np.ndarray
    prior_sds: np.ndarray
    response: np.ndarray
    runs: np.ndarray
    x: np.ndarray
    n_params: np.ndarray

    @property
    def without_size(self) -> slice:
        """The columns without that of size."""
        return slice(0, self.design.shape[1] - 1)


def build_regression(
    table: pd.DataFrame, score: str, prior: ScorePrior, predictor: str = LOSS
) -> ScoreRegression:
    """The arrays of a table of scores.

    Parameters
    ----------
    table : DataFrame
        Columns ``run, n_params``, the predictor and the score.
    score : str
        Column of shares strictly between 0 and 1.
    prior : ScorePrior
    predictor : str, default "loss"
        Column of the quantity that scores are a curve of.

    Raises
    ------
    InputError
        With code ``"bad_scores"`` when columns are missing, a value is not finite, a score is not inside (0, 1),
        or there are fewer than two sizes or eight rows.
    """
    _check_table(table, score, predictor)
    raw = table[predictor].to_numpy(dtype=float)
    x = (raw - raw.mean()) / raw.std()
    log_size = np.log10(table[N_PARAMS].to_numpy(dtype=float))
    spline = natural_spline(x, np.quantile(x, np.linspace(0.05, 0.95, N_KNOTS)))
    share = table[score].to_numpy(dtype=float)
    bends = [prior.bend_sd] * (spline.shape[1] - 2)
    return ScoreRegression(
        np.column_stack([spline, log_size - log_size.mean()]),
        np.array([prior.level_sd, prior.slope_sd, *bends, prior.size_sd]),
        np.log(share / (1.0 - share)),
        table[RUN].to_numpy(dtype=object),
        x,
        table[N_PARAMS].to_numpy(dtype=float),
    )


def natural_spline(x: np.ndarray, knots: np.ndarray) -> np.ndarray:
    """Columns 1, x and the bends of a natural cubic spline, which is straight beyond the outer knots.

    The truncated-power form (Hastie, Tibshirani and Friedman 2009, eq. 5.4-5.5), in units of the outer knots' distance.
    """
    span = knots[-1] - knots[0]

    def truncated(knot: float) -> np.ndarray:
        cubes = np.maximum(x - knot, 0.0) ** 3 - np.maximum(x - knots[-1], 0.0) ** 3
        return cubes / ((knots[-1] - knot) * span)

    last = truncated(knots[-2])
    return np.column_stack([np.ones_like(x), x, *(truncated(knot) - last for knot in knots[:-2])])


def _check_table(table: pd.DataFrame, score: str, predictor: str) -> None:
    needed = [RUN, N_PARAMS, predictor, score]
    missing = [name for name in needed if name not in table]
    if missing:
        raise _bad_scores(f"no column {', '.join(missing)}", needed)
    numbers = table[needed[1:]].to_numpy(dtype=float)
    sizes, places, shares = numbers.T
    rules = {
        f"{len(table)} rows": len(table) >= FEWEST_ROWS,
        "a missing or infinite value": bool(np.isfinite(numbers).all()),
        f"a single value of {N_PARAMS}": len(np.unique(sizes)) > 1,
        f"a single value of {predictor}": len(np.unique(places)) > 1,
        f"scores outside (0, 1) in {score!r}": bool(((shares > 0.0) & (shares < 1.0)).all()),
    }
    for given, is_right in rules.items():
        if not is_right:
            raise _bad_scores(given, needed)


def _bad_scores(given: str, needed: list[str]) -> InputError:
    expected = (
        f"columns {', '.join(needed)}, {FEWEST_ROWS} finite rows, two sizes, scores as shares between 0 and 1"
    )
    advice = "Divide percentages by 100; move scores of 0 or 1 by half a question."
    return InputError(given, expected, advice, code="bad_scores")
