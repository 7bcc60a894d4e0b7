"""What every registered law must be, whoever wrote it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from bayes_scaling.laws import HasPowerLawTail, Law, get_law, list_laws
from bayes_scaling.laws.schedule_columns import LR_AFTER, LR_AREA, LR_DROP, LR_ELAPSED, N_SEGMENTS
from bayes_scaling.models import ModelSpec, assumptions_of
from bayes_scaling.models.schedule_segments import SCHEDULE_COLUMNS
from bayes_scaling.names import OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from bayes_scaling.priors import weak_priors

RANGES = {
    "n_params": (1e6, 1e13),
    "n_tokens": (1e8, 1e14),
    "flops": (1e15, 1e27),
    "n_unique_tokens": (1e8, 1e14),
    "n_steps": (1e3, 1e8),
    "n_batch_tokens": (1e4, 1e8),
    "n_bits_weights": (3.0, 16.0),
    "n_bits_activations": (3.0, 16.0),
    "n_bits_kv": (3.0, 16.0),
    "n_bits_post": (3.0, 64.0),
    "pretraining_loss": (1.8, 6.0),
    "lr_sum": (1.0, 1e4),
    **dict.fromkeys(LR_DROP, (1e-4, 1 / N_SEGMENTS)),
    **dict.fromkeys(LR_AFTER, (1e-2, 1.0)),
    **dict.fromkeys((*LR_AREA, *LR_ELAPSED), (1e-4, 1e3)),
}
"""Where each input of a law is looked at, natural units; wider than any run so far."""

N_POINTS = 50

LAWS = [get_law(name) for name in list_laws()]

every_law = pytest.mark.parametrize("law", LAWS, ids=[law.name for law in LAWS])


def random_params(law: Law, shape: tuple[int, ...], seed: int = 0) -> dict[str, np.ndarray]:
    """Parameters of families that the weak priors expect, and of some that they hardly do."""
    rng = np.random.default_rng(seed)
    priors = weak_priors(law).parameters
    return {
        name: priors[name].location + 2 * priors[name].family_sd * rng.standard_normal(shape)
        for name in law.parameter_names
    }


def random_inputs(law: Law, n_points: int = N_POINTS, seed: int = 1) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: np.exp(rng.uniform(*np.log(RANGES[name]), n_points)) for name in law.inputs}


def middle(law: Law) -> dict[str, float]:
    """The middle of each input's range, on the log scale."""
    return {name: float(np.sqrt(np.prod(RANGES[name]))) for name in law.inputs}


@every_law
def test_a_law_describes_itself(law):
    assert len(set(law.parameter_names)) == len(law.parameters) > 0
    assert set(law.inputs) <= {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS, *SCHEDULE_COLUMNS}
    assert all(parameter.meaning and parameter.symbol for parameter in law.parameters)
    assert all(f"``{name}``" in type(law).__doc__ for name in law.parameter_names)
    assert law.name in repr(law)
    assert law.equation in repr(law)
    assert set(law.rises_with) <= set(law.inputs)


@every_law
def test_the_assumptions_of_a_law_are_fields_of_a_description(law):
    spec = ModelSpec(law=law, **assumptions_of(law))

    assert set(spec.priors.parameters) == set(spec.family_parameters)


@every_law
def test_the_first_parameter_is_the_unit_of_loss(law):
    """Another unit of loss moves the parameters that are not relative to it, and nothing else."""
    params, inputs = random_params(law, (N_POINTS,)), random_inputs(law)
    in_unit = [parameter.name for parameter in law.parameters if not parameter.relative_to_scale]

    moved = law.log_loss(np, params | {name: params[name] + 0.7 for name in in_unit}, inputs)

    assert in_unit[0] == law.parameter_names[0]
    np.testing.assert_allclose(moved, law.log_loss(np, params, inputs) + 0.7, rtol=1e-12, atol=1e-12)


@every_law
def test_numpy_pytensor_and_jax_agree(law):
    params, inputs = random_params(law, (N_POINTS,)), random_inputs(law)

    with_numpy = law.log_loss(np, params, inputs)
    graph = law.log_loss(
        pt, *[{name: pt.as_tensor(value) for name, value in one.items()} for one in (params, inputs)]
    )
    with_pytensor = graph.eval(mode=pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile"))
    with jax.enable_x64(True):
        with_jax = np.asarray(law.log_loss(jnp, params, inputs))

    np.testing.assert_allclose(with_pytensor, with_numpy, rtol=1e-12)
    np.testing.assert_allclose(with_jax, with_numpy, rtol=1e-12)


@every_law
def test_a_posterior_dataset_broadcasts_to_chain_draw_obs(law):
    arrays, points = random_params(law, (2, 5)), random_inputs(law, 7)
    posterior = xr.Dataset({name: (("chain", "draw"), values) for name, values in arrays.items()})
    table = xr.Dataset({name: ("obs", values) for name, values in points.items()})

    log_loss = law.log_loss(np, posterior, table)

    assert log_loss.dims == ("chain", "draw", "obs")
    one = law.log_loss(
        np,
        {name: values[1, 3] for name, values in arrays.items()},
        {name: values[4] for name, values in points.items()},
    )
    np.testing.assert_allclose(log_loss[1, 3, 4], one, rtol=1e-14)


@every_law
def test_the_gradient_is_that_of_finite_differences(law):
    params, inputs = random_params(law, (N_POINTS,)), random_inputs(law)
    step = 1e-6

    with jax.enable_x64(True):
        exact = jax.grad(lambda values: law.log_loss(jnp, values, inputs).sum())(params)

    for name in law.parameter_names:
        ends = [law.log_loss(np, params | {name: params[name] + sign * step}, inputs) for sign in (-1.0, 1.0)]
        np.testing.assert_allclose(exact[name], (ends[1] - ends[0]) / (2 * step), rtol=1e-6, atol=1e-8)


@every_law
def test_pytensor_and_jax_have_the_same_gradient(law):
    params, inputs = random_params(law, (N_POINTS,)), random_inputs(law)
    symbols = {name: pt.vector(name) for name in law.parameter_names}

    gradients = pytensor.grad(law.log_loss(pt, symbols, inputs).sum(), list(symbols.values()))
    compiled = pytensor.function(
        list(symbols.values()),
        gradients,
        mode=pytensor.compile.mode.Mode(linker="py", optimizer="fast_compile"),
    )
    with jax.enable_x64(True):
        exact = jax.grad(lambda values: law.log_loss(jnp, values, inputs).sum())(params)

    for name, gradient in zip(symbols, compiled(*params.values()), strict=True):
        np.testing.assert_allclose(gradient, exact[name], rtol=1e-10, atol=1e-14)


FALLS = [(law, more) for law in LAWS for more in law.inputs if more not in law.rises_with]
TAILS = [law for law in LAWS if isinstance(law, HasPowerLawTail)]


@pytest.mark.parametrize(("law", "more"), FALLS, ids=[f"{law.name}-{more}" for law, more in FALLS])
def test_more_never_hurts(law, more):
    params = {name: values[:, None] for name, values in random_params(law, (N_POINTS,)).items()}

    log_loss = law.log_loss(np, params, middle(law) | {more: np.geomspace(*RANGES[more], 200)})

    assert np.all(np.diff(log_loss, axis=-1) <= 0)
    # a law may level off: far beyond the optimal size for few unique tokens nothing changes any more
    assert np.mean(log_loss[:, -1] < log_loss[:, 0]) > 0.9


@pytest.mark.parametrize("law", TAILS, ids=[law.name for law in TAILS])
def test_the_tail_has_the_exponents_that_the_law_states(law):
    typical = random_params(law, (N_POINTS,))
    expected = {name: weak_priors(law).parameters[name].location for name in typical}
    params = {name: (value + expected[name]) / 2 for name, value in typical.items()}

    stated = law.tail_exponents(np, params)

    assert set(stated) <= set(law.inputs)
    assert stated
    for name, exponents in stated.items():
        assert np.shape(exponents) in ((), (N_POINTS,))
        np.testing.assert_allclose(
            measured_tail(law, params, name), np.broadcast_to(exponents, N_POINTS), rtol=5e-3
        )


def measured_tail(law: Law, params: dict[str, np.ndarray], name: str) -> np.ndarray:
    """Log-log slope (N_POINTS,) of what one input can still take off the loss, as far out as numbers tell it."""
    columns = {key: values[:, None] for key, values in params.items()}
    grid = np.geomspace(1e2, 1e150, 2000)
    loss, least = (
        np.exp(law.log_loss(np, columns, middle(law) | {name: values}))
        for values in (grid, np.array([1e300]))
    )
    excess = (loss - least) / loss
    last = np.array([np.flatnonzero(row > 1e-8)[-1] for row in excess])
    lower, upper = (np.take_along_axis(loss - least, (last - back)[:, None], 1)[:, 0] for back in (1, 0))
    return np.log(lower / upper) / np.log(grid[1] / grid[0])


@every_law
@settings(deadline=None)
@given(data=st.data())
def test_no_scale_overflows(law, data):
    scales = st.floats(min_value=1.0, max_value=1e15)
    inputs = {name: data.draw(scales, label=name) for name in law.inputs}
    params = {name: data.draw(st.floats(-8.0, 3.0), label=name) for name in law.parameter_names}

    assert np.isfinite(law.log_loss(np, params, inputs))
