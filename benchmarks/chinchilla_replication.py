"""The Chinchilla replication: the Huber fit on the 240 points, and the Bayesian posterior beside its bootstrap errors.

    python benchmarks/chinchilla_replication.py [--mirror DIR]

Printed values and standard errors: Besiroglu et al. 2024, arXiv:2404.10102, table 1 (4000 bootstrap draws).
"""

from __future__ import annotations

import argparse

import numpy as np

from bayes_scaling import ScalarPrior, ScalingModel, load_dataset
from bayes_scaling.baselines import HuberFitter
from bayes_scaling.laws import CHINCHILLA
from bayes_scaling.names import LOSS, N_PARAMS, N_TOKENS

PRINTED = {
    "E": (1.8172, 0.026),
    "A": (482.01, 124.5),
    "B": (2085.4, 1293.0),
    "alpha": (0.3478, 0.0154),
    "beta": (0.3658, 0.0206),
}

NO_DISCREPANCY = ScalarPrior(
    np.log(1e-4), 0.01, 0.01, 1.01, "the law is taken to be exact, as the replication does"
)


def main() -> None:
    """Print the table: printed value and error, two Huber fits, posterior mean and sd."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--mirror")
    runs = load_dataset("epoch-chinchilla", arguments.parse_args().mirror)
    runs = runs.subset(~runs.frame["suspect"].to_numpy())
    columns = [runs.frame[name].to_numpy() for name in (N_PARAMS, N_TOKENS, LOSS)]
    huber = {scale: HuberFitter(scale=scale).fit(*columns).published for scale in ("fixed", "estimated")}
    law = ScalingModel().spec.priors
    models = {"law and discrepancy": law, "law alone": law.with_(log_discrepancy_sd=NO_DISCREPANCY)}
    print(
        f"{len(runs)} points; printed value (standard error), Huber fit with delta 1e-3, with estimated scale"
    )
    for name, (value, error) in PRINTED.items():
        fixed, estimated = (huber[scale][name] for scale in ("fixed", "estimated"))
        print(f"{name:6s} {value:12.4f} ({error:7.4g}) {fixed:12.4f} {estimated:12.4f}")
    for label, priors in models.items():
        fit = ScalingModel(priors=priors).fit(runs, seed=0, progress=False)
        print(f"posterior mean (sd), {label}. {fit.verdict}")
        theta = fit.draws["theta_family"].isel(family=0)
        params = {name: theta.sel(parameter=name).to_numpy().ravel() for name in CHINCHILLA.parameter_names}
        for name, draws in CHINCHILLA.to_published(np, params).items():
            print(f"{name:6s} {draws.mean():12.4f} ({draws.std():7.4g})", flush=True)


if __name__ == "__main__":
    main()
