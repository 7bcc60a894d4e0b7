"""The two estimators of the memorisation paper: the difference in means and the difference in differences.

Lesci, Meister, Hofmann, Vlachos & Pimentel 2024, "Causal Estimation of Memorisation Profiles", arXiv:2406.04327.
"""

from __future__ import annotations

from bayes_scaling.memorisation.cells import cells_of
from bayes_scaling.memorisation.effects import Effects
from bayes_scaling.memorisation.group_means import group_means
from bayes_scaling.memorisation.linear import Contrasts
from bayes_scaling.memorisation.panel import MemorisationPanel


def difference_in_means(panel: MemorisationPanel, model: str | None = None) -> Effects:
    r"""Effects as the gap to the instances never trained on, at the same checkpoint.

    .. math:: \hat\tau_{g,c} = \bar Y_c(g) - \bar Y_c(\infty)

    Unbiased when the order of the training data is random, so that cohorts differ by chance alone. Instances
    differ much from each other, and all of that is in the standard error.

    Parameters
    ----------
    panel : MemorisationPanel
    model : str, optional
        Its label; may be left out when the panel has only one.

    Raises
    ------
    InputError
        With code ``"unknown_model"`` or ``"cohort_too_small"``.
    """
    return _contrast_effects("difference in means", panel, model, with_baseline=False)


def difference_in_differences(panel: MemorisationPanel, model: str | None = None) -> Effects:
    r"""Effects as the gap to the instances never trained on, less the gap that there was before training.

    .. math:: \hat\tau_{g,c} = (\bar Y_c(g) - \bar Y_{g-1}(g)) - (\bar Y_c(\infty) - \bar Y_{g-1}(\infty))

    with g - 1 the last checkpoint before the cohort's own. Unbiased when, without training on it, a cohort
    would have moved in parallel to the instances never trained on, and nothing is anticipated. Without covariates
    this is the estimator of Callaway & Sant'Anna 2021 (J. Econometrics 225:200, eq. 2.4 and 4.1) with the never
    treated as comparison and the last period before treatment as base. Cells before it are placebos: they estimate
    zero when trends are parallel.

    Parameters
    ----------
    panel : MemorisationPanel
    model : str, optional
        Its label; may be left out when the panel has only one.

    Raises
    ------
    InputError
        With code ``"unknown_model"`` or ``"cohort_too_small"``; ``"no_baseline"`` when every cohort was trained
        on up to the first checkpoint.
    """
    return _contrast_effects("difference in differences", panel, model, with_baseline=True)


def _contrast_effects(
    method: str, panel: MemorisationPanel, model: str | None, *, with_baseline: bool
) -> Effects:
    means = group_means(panel, [panel.require_model(model)])
    cells = cells_of(means, with_baseline=with_baseline)
    return Effects.of(method, means, cells, Contrasts(cells, means.means.shape))
