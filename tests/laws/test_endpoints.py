"""Laws that can be stated by their loss in the middle of a family's data and between their two ends."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.laws import CHINCHILLA, HasEndpointCoordinates, get_law, list_laws
from bayes_scaling.laws.endpoints import SHARP, SOFT, StatedByDrop
from tests.laws.test_every_law import RANGES, random_params

STATED = [law for law in map(get_law, list_laws()) if isinstance(law, HasEndpointCoordinates)]
STATED_BY_DROP = [law for law in STATED if isinstance(law, StatedByDrop)]
GENTLE = [law.for_gradients() for law in STATED_BY_DROP]
LAWS = [*STATED, *GENTLE]
SHOWN = {"n_params": (5e7, 3e9, 4e8), "n_tokens": (1e10, 1e11, 6e10), "flops": (3e18, 2e21, 1.4e20)}
ENDS = {name: (low, high, float(np.sqrt(low * high))) for name, (low, high) in RANGES.items()} | SHOWN
ONE_SIZE = ENDS | {"n_params": (1e9, 1e9, 1e9)}

NAMES = [*(law.name for law in STATED), *(f"{law.name}, gentle" for law in GENTLE)]
every_law = pytest.mark.parametrize("law", LAWS, ids=NAMES)
every_pair_of_ends = pytest.mark.parametrize("ends", [ENDS, ONE_SIZE], ids=["both differ", "one size"])


def typical_coordinates(law, ends, n_points: int = 20) -> np.ndarray:
    """Coordinates (n_points, P) of laws that the weak priors expect."""
    return np.stack(law.to_endpoints(np, random_params(law, (n_points,)), ends), axis=-1)


@every_law
@every_pair_of_ends
def test_parameters_survive_the_round_trip(law, ends):
    params = random_params(law, (50,))

    back, _ = law.from_endpoints(np, law.to_endpoints(np, params, ends), ends)

    assert list(back) == list(law.parameter_names)
    for name in law.parameter_names:
        np.testing.assert_allclose(back[name], params[name], rtol=1e-7, atol=1e-7)


@every_law
@every_pair_of_ends
def test_the_first_coordinate_is_the_loss_in_the_middle(law, ends):
    params = random_params(law, (50,))

    level = law.to_endpoints(np, params, ends)[0]

    middle = {name: values[2] for name, values in ends.items()}
    np.testing.assert_allclose(level, law.log_loss(np, params, middle), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("law", STATED_BY_DROP, ids=[law.name for law in STATED_BY_DROP])
@every_pair_of_ends
def test_the_second_coordinate_is_the_drop_between_the_ends(law, ends):
    """Relative to the loss in the middle; laws of which the middle is nearly all reducible are bent."""
    params = random_params(law, (50,))

    log_drop = law.to_endpoints(np, params, ends)[1]

    low, high, middle = (
        np.exp(law.log_loss(np, params, {name: values[place] for name, values in ends.items()}))
        for place in range(3)
    )
    is_plain = np.exp(params["log_E"]) > 0.4 * middle
    assert is_plain.sum() > 20
    np.testing.assert_allclose(log_drop[is_plain], np.log((low - high) / middle)[is_plain], atol=1e-4)


@pytest.mark.parametrize("law", GENTLE, ids=[law.name for law in GENTLE])
@every_pair_of_ends
def test_for_gradients_it_is_the_drop_over_what_a_reducible_share_leaves(law, ends):
    """Over sqrt(1 - w^2), w the share of the loss in the middle that is reducible."""
    params = random_params(law, (50,))

    gentle, sharp = (one.to_endpoints(np, params, ends) for one in (law, law.with_sharpness(SHARP)))

    middle = law.log_loss(np, params, {name: values[2] for name, values in ends.items()})
    share = 1.0 - np.exp(params["log_E"] - middle)
    is_plain = share < 0.6
    assert is_plain.sum() > 20
    log_rest = 0.5 * np.log1p(-(share**2))
    np.testing.assert_allclose((gentle[1] + log_rest)[is_plain], sharp[1][is_plain], atol=1e-4)
    for place in set(range(len(gentle))) - {1}:
        np.testing.assert_array_equal(gentle[place], sharp[place])


@pytest.mark.parametrize("law", GENTLE, ids=[law.name for law in GENTLE])
def test_for_gradients_the_irreducible_loss_falls_by_no_cliff(law):
    """A step of the second coordinate takes at most twice as much off ln E, however much of the loss is reducible."""
    coordinates = np.repeat(typical_coordinates(law, ENDS, 1), 200, axis=0)
    coordinates[:, 1] += np.linspace(-5.0, 5.0, 200)

    def steepest(one):
        log_e = one.from_endpoints(np, list(coordinates.T), ENDS)[0]["log_E"]
        return (-np.diff(log_e) / np.diff(coordinates[:, 1])).max()

    assert 1.0 < steepest(law) < SOFT < 8.0 < steepest(law.with_sharpness(SHARP))


def test_a_law_for_gradients_is_another_object():
    assert get_law("chinchilla").for_gradients() is not get_law("chinchilla")
    assert get_law("chinchilla").sharpness == SHARP
    level = next(law for law in STATED if not isinstance(law, StatedByDrop))
    assert level.for_gradients() is level


@every_pair_of_ends
def test_the_balance_is_that_of_data_and_size_in_the_middle(ends):
    params = random_params(CHINCHILLA, (50,))

    log_balance = CHINCHILLA.to_endpoints(np, params, ends)[2]

    published = CHINCHILLA.to_published(np, params)
    size = published["A"] * ends["n_params"][2] ** -published["alpha"]
    data = published["B"] * ends["n_tokens"][2] ** -published["beta"]
    np.testing.assert_allclose(log_balance, np.log(data / size), rtol=1e-9, atol=1e-9)


@every_law
@every_pair_of_ends
def test_the_jacobian_is_that_of_the_map(law, ends):
    coordinates = typical_coordinates(law, ends)

    def parameters(point):
        return jnp.stack(list(law.from_endpoints(jnp, list(point), ends)[0].values()))

    with jax.enable_x64(True):
        matrices = np.asarray(jax.vmap(jax.jacfwd(parameters))(jnp.asarray(coordinates)))
    _, stated = law.from_endpoints(np, list(coordinates.T), ends)

    np.testing.assert_allclose(stated, np.linalg.slogdet(matrices)[1], rtol=1e-8, atol=1e-8)


@every_law
@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_all_real_coordinates_are_a_law(law, data):
    typical = typical_coordinates(law, ENDS, 1)[0]
    shifts = [data.draw(st.floats(-6.0, 6.0), label=f"shift {place}") for place in range(len(typical))]

    params, log_jacobian = law.from_endpoints(np, list(typical + shifts), ENDS)

    assert np.isfinite(log_jacobian)
    assert all(np.isfinite(value) for value in params.values())
