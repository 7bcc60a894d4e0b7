"""Laws evaluated on stored draws at new inputs: fitted or new families, a recipe's mean or one new run.

Contract: numpy and xarray only; nothing is sampled by a Markov chain here, and memory stays bounded whatever
the number of points.
"""

from bayes_scaling.prediction.parts import part_sizes
from bayes_scaling.prediction.points import make_points
from bayes_scaling.prediction.predict import predict
from bayes_scaling.prediction.prediction import Prediction

__all__ = ["Prediction", "make_points", "part_sizes", "predict"]
