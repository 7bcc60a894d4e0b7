from __future__ import annotations

import numpy as np
import pytest

from bayes_scaling.laws import KAPLAN_C, KAPLAN_D, KAPLAN_N, KAPLAN_ND
from bayes_scaling.laws.kaplan_adjustments import FLOPS_PER_PF_DAY

PUBLISHED = {
    "size": (KAPLAN_N, {"N_c": 8.8e13, "alpha": 0.076}, 1.0),
    "data": (KAPLAN_D, {"D_c": 5.4e13, "alpha": 0.095}, 1.0),
    "naive compute": (KAPLAN_C, {"C_c": 1.6e7, "alpha": 0.057}, FLOPS_PER_PF_DAY),
    "minimal compute": (KAPLAN_C, {"C_c": 3.1e8, "alpha": 0.050}, FLOPS_PER_PF_DAY),
}
"""Constants of Kaplan et al. 2020, arXiv:2001.08361, eq. 1.1 to 1.3, and the unit of the input."""

every_law = pytest.mark.parametrize(("law", "constants", "unit"), PUBLISHED.values(), ids=PUBLISHED)


@every_law
def test_the_published_constants_give_the_published_law(law, constants, unit):
    (name,) = law.inputs
    values = np.geomspace(1e-6, 1e9, 7)
    scale, alpha = constants.values()

    found = law.log_loss(np, law.from_published(np, constants), {name: values * unit})

    np.testing.assert_allclose(np.exp(found), (scale / values) ** alpha, rtol=1e-12)


@every_law
def test_published_constants_survive_the_round_trip(law, constants, unit):
    assert law.to_published(np, law.from_published(np, constants)) == pytest.approx(constants, rel=1e-11)


@pytest.mark.parametrize(
    ("name", "at", "loss"),
    [
        ("size", 1.5e9, 2.304),
        ("data", 2.3e10, 2.091),
        ("naive compute", 1.0 * FLOPS_PER_PF_DAY, 2.574),
        ("minimal compute", 1.0 * FLOPS_PER_PF_DAY, 2.658),
    ],
)
def test_the_published_laws_at_the_end_of_their_data(name, at, loss):
    law, constants, _ = PUBLISHED[name]

    found = np.exp(law.log_loss(np, law.from_published(np, constants), {law.inputs[0]: at}))

    assert found == pytest.approx(loss, abs=2e-3)


def test_the_reference_loss_is_the_loss_at_the_reference_point():
    for law, constants, _ in PUBLISHED.values():
        params = law.from_published(np, constants)

        at_reference = law.log_loss(np, params, {law.inputs[0]: law.reference})

        assert at_reference == pytest.approx(params["log_reference_loss"], rel=1e-12)


@pytest.mark.parametrize(
    ("law", "scale", "exponent", "other"),
    [(KAPLAN_N, "N_c", "alpha_N", "n_tokens"), (KAPLAN_D, "D_c", "alpha_D", "n_params")],
)
def test_each_is_the_joint_law_without_the_other_limit(law, scale, exponent, other):
    joint = {"N_c": 6.4e13, "D_c": 1.8e13, "alpha_N": 0.076, "alpha_D": 0.103}
    alone = law.from_published(np, {scale: joint[scale], "alpha": joint[exponent]})
    inputs = {law.inputs[0]: np.geomspace(1e6, 1e12, 5)}

    together = KAPLAN_ND.log_loss(np, KAPLAN_ND.from_published(np, joint), inputs | {other: 1e60})

    np.testing.assert_allclose(together, law.log_loss(np, alone, inputs), rtol=1e-10)
