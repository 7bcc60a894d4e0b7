"""How fast is it: one command, one machine, every figure beside its target.

    python benchmarks/speed.py [--mirror DIR] [--only nuts,textbook,growth,fast,agreement,prediction]

Prints a Markdown table. `textbook` needs what `nuts` measured and runs it when it was not asked for. Growth and
prediction run in processes of their own, whose peak memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from unittest.mock import patch

import jax
import numpy as np
import nutpie
import pandas as pd
from textbook import Sampled, sample_textbook

from bayes_scaling import Fit, RunTable, ScalingModel
from bayes_scaling.datasets import load_public_families
from bayes_scaling.evaluation import Split, split_runs
from bayes_scaling.inference import Convergence, convergence
from bayes_scaling.names import FAMILY, HOLDOUT_LARGEST_MODEL, KIND_MEAN, KIND_RUN, LOSS
from bayes_scaling.priors import shipped_population

GROWTH = (10, 50, 100, 200)
"""Numbers of simulated families."""

GROWTH_SETTINGS = {"laplace": {}, "nuts": {"draws": 200, "tune": 200, "chains": 2}}
SIZES = np.geomspace(5e7, 5e9, 5)
TOKENS = np.geomspace(5e9, 1e11, 6)

LEFT_OUT_EVERY = 9
"""Every so many-th family is one that is added to a fit of the others."""

N_POINTS = 100_000
THOUSAND_DRAWS = {"chains": 40, "draws": 25}

Row = tuple[str, str, str, bool | None]
"""Figure, what was measured, target, and whether it is met; None where there is no target."""


def at_most(figure: str, value: float, limit: float, form: str = "{:.1f}", unit: str = "") -> Row:
    """A row whose target is an upper limit."""
    return figure, form.format(value) + unit, f"<= {limit:g}{unit}", bool(value <= limit)


def at_least(figure: str, value: float, limit: float, form: str = "{:.0f}", unit: str = "") -> Row:
    """A row whose target is a lower limit."""
    return figure, form.format(value) + unit, f">= {limit:g}{unit}", bool(value >= limit)


def plain(figure: str, measured: str) -> Row:
    """A row that is there to be read."""
    return figure, measured, "", None


# --- NUTS on everything, and the textbook beside it -------------------------------------------


class CompileClock:
    """Collects the stretches of time that were spent on making the compiled function."""

    def __init__(self) -> None:
        self._stretches: list[tuple[float, float]] = []

    @contextmanager
    def running(self) -> Iterator[CompileClock]:
        """Listen while something is fitted."""
        compile_model = nutpie.compile_pymc_model

        def timed(*args: object, **options: object) -> object:
            started = time.perf_counter()
            compiled = compile_model(*args, **options)
            self._stretches.append((started, time.perf_counter()))
            return compiled

        def listen(_: str, seconds: float, **__: object) -> None:
            now = time.perf_counter()
            self._stretches.append((now - seconds, now))

        jax.monitoring.register_event_duration_secs_listener(listen)
        try:
            with patch.object(nutpie, "compile_pymc_model", timed):
                yield self
        finally:
            jax.monitoring.unregister_event_duration_listener(listen)

    @property
    def seconds(self) -> float:
        """Length of the union of all stretches: threads that compile at the same time count once."""
        total, reached = 0.0, -np.inf
        for begin, end in sorted(self._stretches):
            total += max(0.0, end - max(begin, reached))
            reached = max(reached, end)
        return total


@dataclass(frozen=True)
class JointNuts:
    """The first NUTS fit of all families in this process."""

    fit: Fit
    seconds: float
    compile_seconds: float
    seen: Convergence

    @property
    def warm_seconds(self) -> float:
        """Seconds but for compilation."""
        return self.seconds - self.compile_seconds

    @property
    def ess_per_second(self) -> float:
        """Smallest effective sample size a second, from reading the table to the last draw."""
        return self.seen.ess_min / self.warm_seconds


@dataclass(frozen=True)
class Bench:
    """What the parts share: the public families, and fits that more than one of them needs."""

    mirror: str | None
    textbook_minutes: float
    model: ScalingModel = field(default_factory=lambda: ScalingModel(priors="weak"))

    @cached_property
    def runs(self) -> RunTable:
        """All public families of at least two sizes."""
        return load_public_families(self.mirror)

    @cached_property
    def split(self) -> Split:
        """Each family without its largest model, and that model's last checkpoints."""
        return split_runs(self.runs, HOLDOUT_LARGEST_MODEL)[0]

    @cached_property
    def joint(self) -> JointNuts:
        """NUTS on all families."""
        runs = self.runs
        with CompileClock().running() as clock:
            fit, seconds = timed(lambda: self.model.fit(runs, "nuts", seed=0, progress=False))
        return JointNuts(fit, seconds, clock.seconds, convergence(fit))


def timed[T](work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and the seconds that it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started


def nuts_rows(bench: Bench) -> Iterator[Row]:
    """Joint NUTS on all public families."""
    joint = bench.joint
    seen, size = joint.seen, f"{len(joint.fit.families)} families"
    yield at_most(f"NUTS, {size}, without compilation", joint.warm_seconds, 60, unit=" s")
    yield at_most(f"NUTS, {size}, with first compilation", joint.seconds, 120, unit=" s")
    yield at_most("NUTS, R-hat, worst", seen.r_hat_max, 1.01, "{:.4f}")
    yield at_least("NUTS, ESS bulk, smallest", seen.ess_bulk_min, 400)
    yield at_least("NUTS, ESS tail, smallest", seen.ess_tail_min, 400)
    yield plain("NUTS, worst parameter", seen.worst)
    yield plain("NUTS, divergences", f"{seen.n_divergent} of {joint.fit.n_draws} draws")
    yield plain("NUTS, trees cut off", f"{seen.n_max_depth}")
    yield plain("NUTS, smallest ESS a second", f"{joint.ess_per_second:.2f}")


def textbook_rows(bench: Bench) -> Iterator[Row]:
    """The textbook model on the same rows."""
    theirs = sample_textbook(bench.model.spec, bench.runs, bench.textbook_minutes)
    how = "finished" if theirs.finished else f"cut off after {theirs.seconds / 60:.1f} min"
    yield plain("textbook, draws", f"{theirs.chains} chains x {theirs.draws}, {how}")
    yield plain("textbook, sampling", f"{theirs.seconds:.0f} s (compilation {theirs.compile_seconds:.0f} s)")
    yield plain("textbook, smallest ESS, worst R-hat", f"{theirs.ess_min:.1f}, {theirs.r_hat_max:.2f}")
    yield plain("textbook, divergences, trees cut off", f"{theirs.n_divergent}, {theirs.n_max_depth}")
    yield plain("textbook, smallest ESS a second", f"{theirs.ess_per_second:.4f}")
    yield ratio_row(bench.joint, theirs)


def ratio_row(ours: JointNuts, theirs: Sampled) -> Row:
    """How many times more effective draws a second."""
    figure = "smallest ESS a second, ours over textbook"
    if not np.isfinite(theirs.ess_min):
        return figure, "textbook has no draws in its time", ">= 50", None
    return at_least(figure, ours.ess_per_second / theirs.ess_per_second, 50)


# --- growth -----------------------------------------------------------------------------------


def growth_rows(_: Bench) -> Iterator[Row]:
    """Time and memory against the number of families."""
    for method in GROWTH_SETTINGS:
        measured = {n: in_own_process(f"grow:{method}:{n}") for n in GROWTH}
        for n, one in measured.items():
            yield plain(f"{method}, {n} families", f"{one['seconds']:.1f} s, {one['gib']:.2f} GiB")
        exponent = np.log(measured[200]["seconds"] / measured[50]["seconds"]) / np.log(4)
        yield at_most(f"{method}, exponent of growth from 50 to 200 families", exponent, 1.0, "{:.2f}")
        yield at_most(f"{method}, peak memory", max(one["gib"] for one in measured.values()), 4, unit=" GiB")


def simulated_runs(model: ScalingModel, n_families: int, seed: int = 1) -> RunTable:
    """Families that the prior expects: five sizes of one run each, six checkpoints a run."""
    rows = pd.MultiIndex.from_product(
        [[f"family-{number:03d}" for number in range(n_families)], SIZES, TOKENS],
        names=["family", "n_params", "n_tokens"],
    ).to_frame(index=False)
    rows["run"] = rows["n_params"].map("{:.3g}".format)
    expected = RunTable.from_frame(rows.assign(loss=1.0))
    drawn = model.prior_predictive(expected, n_draws=1, seed=seed)
    return RunTable.from_frame(expected.frame.assign(**{LOSS: drawn.draws.to_numpy().ravel()}))


def grow(method: str, n_families: int) -> float:
    """Seconds of one fit of simulated families, compilation included."""
    model = ScalingModel(priors="weak")
    runs = simulated_runs(model, n_families)
    return timed(lambda: model.fit(runs, method, seed=0, progress=False, **GROWTH_SETTINGS[method]))[1]


def in_own_process(task: str) -> dict[str, float]:
    """Seconds and peak memory (GiB) of a task, run by this file in another process."""
    command = [sys.executable, __file__, "--task", task]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"task {task} failed:\n{done.stderr}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def run_task(task: str) -> None:
    """Do a task and print what :func:`in_own_process` reads."""
    name, *arguments = task.split(":")
    seconds = predict_many() if name == "predict" else grow(arguments[0], int(arguments[1]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"seconds": seconds, "gib": peak}))


# --- the fast path ----------------------------------------------------------------------------


def fast_rows(bench: Bench) -> Iterator[Row]:
    """The fast path on all families, and single families given what others taught."""
    runs, model = bench.runs, bench.model
    fit, seconds = timed(lambda: model.fit(runs, "laplace", seed=0, progress=False))
    seen = convergence(fit)
    yield at_most(f"fast path, {len(runs.families)} families", seconds, 5, unit=" s")
    yield plain("fast path, R-hat, ESS", f"{seen.r_hat_max:.3f}, {seen.ess_min:.0f} of {fit.n_draws} draws")
    single = runs.families[::LEFT_OUT_EVERY]
    others = model.fit(runs.select(set(runs.families) - set(single)), "laplace", seed=0, progress=False)
    yield from family_rows("one family added to a fit", lambda one: others.transfer(one), runs, single)
    if shipped_population("chinchilla") is not None:
        taught = ScalingModel(priors="population")
        yield from family_rows(
            "one family under the population prior",
            lambda one: taught.fit(one, "laplace", seed=0, progress=False),
            runs,
            single,
        )


def family_rows(
    figure: str, work: Callable[[RunTable], Fit], runs: RunTable, families: tuple[str, ...]
) -> Iterator[Row]:
    """Median and worst time of work on single families."""
    tables = [runs.select(family) for family in families]
    seconds = [timed(partial(work, table))[1] for table in tables]
    yield at_most(f"{figure}, median of {len(families)}", float(np.median(seconds)), 0.5, "{:.2f}", " s")
    yield at_most(f"{figure}, slowest", max(seconds), 0.5, "{:.2f}", " s")


def agreement_rows(bench: Bench) -> Iterator[Row]:
    """Forecasts of each family's largest model by both methods."""
    train, points = bench.split.train, bench.split.points
    fits = [bench.model.fit(train, method, seed=0, progress=False) for method in ("laplace", "nuts")]
    yield plain("hold-out, verdict of NUTS", fits[1].verdict)
    for kind in (KIND_MEAN, KIND_RUN):
        fast, nuts = (forecast(fit, points, kind) for fit in fits)
        table = pd.DataFrame(
            {
                "shift": (fast["median"] - nuts["median"]).abs() / nuts["sd"],
                "width": (fast["width"] / nuts["width"] - 1).abs(),
            }
        )
        by_family = table.groupby(points[FAMILY].to_numpy()).mean()
        yield from closeness_rows(
            f"fast against NUTS, {kind}, medians", by_family["shift"], 0.15, "{:.3f} sd"
        )
        yield from closeness_rows(
            f"fast against NUTS, {kind}, 90 % widths", by_family["width"], 0.20, "{:.1%}"
        )


def forecast(fit: Fit, points: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Median, sd and width of the 90 % interval of log loss at points."""
    draws = fit.predict(points, kind=kind).draws.transpose("obs", "chain", "draw").to_numpy()
    log_loss = np.log(draws).reshape(len(points), -1)
    lower, median, upper = np.quantile(log_loss, [0.05, 0.5, 0.95], axis=-1)
    return pd.DataFrame({"median": median, "sd": log_loss.std(axis=-1), "width": upper - lower})


def closeness_rows(figure: str, by_family: pd.Series, limit: float, form: str) -> Iterator[Row]:
    """Median, worst and the share within a limit."""
    share = float((by_family <= limit).mean())
    target = f"<= {form.format(limit)}"
    yield f"{figure}, median", form.format(by_family.median()), target, by_family.median() <= limit
    worst = f"{form.format(by_family.max())} ({by_family.idxmax()})"
    yield f"{figure}, worst of {len(by_family)}", worst, target, by_family.max() <= limit
    yield plain(f"{figure}, families within {form.format(limit)}", f"{share:.0%}")


# --- prediction -------------------------------------------------------------------------------


def prediction_rows(_: Bench) -> Iterator[Row]:
    """A large table of predictions."""
    one = in_own_process("predict")
    yield plain("prediction, 100,000 points x 1,000 draws", f"{one['seconds']:.1f} s")
    yield at_most("prediction, peak memory", one["gib"], 4, "{:.2f}", " GiB")


def predict_many() -> float:
    """Seconds of medians and intervals at many points."""
    model = ScalingModel(priors="weak")
    runs = simulated_runs(model, 10)
    fit = model.fit(runs, "laplace", seed=0, progress=False, **THOUSAND_DRAWS)
    rng = np.random.default_rng(0)
    points = pd.DataFrame(
        {
            "family": rng.choice(runs.families, N_POINTS),
            "n_params": np.exp(rng.uniform(np.log(1e8), np.log(1e11), N_POINTS)),
            "n_tokens": np.exp(rng.uniform(np.log(1e10), np.log(1e13), N_POINTS)),
        }
    )
    return timed(lambda: fit.predict(points).table)[1]


# --- the command ------------------------------------------------------------------------------

PARTS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "nuts": nuts_rows,
    "fast": fast_rows,
    "agreement": agreement_rows,
    "prediction": prediction_rows,
    "growth": growth_rows,
    "textbook": textbook_rows,
}


def main() -> None:
    """Measure what was asked for and print it as it comes."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, separated by commas")
    parser.add_argument("--textbook-minutes", type=float, default=6.0)
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        return run_task(arguments.task)
    wanted = arguments.only.split(",")
    if unknown := sorted(set(wanted) - set(PARTS)):
        parser.error(f"no part {', '.join(unknown)}: choose from {', '.join(PARTS)}")
    bench = Bench(arguments.mirror, arguments.textbook_minutes)
    print(f"{platform.machine()}, {os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.1f}\n")
    print("| figure | measured | target |\n|---|---|---|", flush=True)
    missed = [figure for name in PARTS if name in wanted for figure in print_rows(PARTS[name](bench))]
    print(f"\nMissed: {'; '.join(missed) or 'none'}. Load at the end {os.getloadavg()[0]:.1f}.")


def print_rows(rows: Iterator[Row]) -> list[str]:
    """Print the rows of a part as they come; the figures that miss their target."""
    missed = []
    for figure, measured, target, is_met in rows:
        print(f"| {figure} | {measured} | {target} |", flush=True)
        if is_met is False:
            missed.append(figure)
    return missed


if __name__ == "__main__":
    main()
