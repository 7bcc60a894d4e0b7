"""The families that all benchmarks use."""

from bayes_scaling.datasets import load_public_families as public_families

__all__ = ["public_families"]
