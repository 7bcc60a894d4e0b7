"""Fit the population prior that the package ships, from all public families, and write data/population/.

Run from the root of the checkout, some minutes: ``python scripts/refit_population.py [--mirror DIR]``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bayes_scaling import ScalingModel
from bayes_scaling.datasets import load_public_families

TARGET = Path("data/population/chinchilla.json")
DRAWS, TUNE = 1000, 400
"""Of each chain, more than the defaults: everybody who uses the prior has its errors."""


def main() -> None:
    """Fit, check and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mirror", help="folder with copies of the public data sets")
    runs = load_public_families(parser.parse_args().mirror)
    fit = ScalingModel(priors="weak").fit(runs, seed=0, draws=DRAWS, tune=TUNE)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(fit.population_prior().to_json(), encoding="utf-8")
    print(f"Wrote {TARGET}")


if __name__ == "__main__":
    main()
