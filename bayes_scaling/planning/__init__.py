"""What to train next: how much each candidate run would narrow the interval at a target, and what it costs.

Contract: numpy, pandas and stored draws only. Nothing is fitted or sampled here: what a run would teach is told from
the posterior that is there, before the run exists (preposterior analysis). Sentences are made further up.
"""

from bayes_scaling.planning.candidates import CandidateRun, Kind, default_candidates, read_candidates
from bayes_scaling.planning.gains import Gains, assess
from bayes_scaling.planning.narrowing import Belief, Narrowing, Observation, expected_narrowing
from bayes_scaling.planning.situation import Situation, describe_situation
from bayes_scaling.planning.target import Target, read_target

__all__ = [
    "Belief",
    "CandidateRun",
    "Gains",
    "Kind",
    "Narrowing",
    "Observation",
    "Situation",
    "Target",
    "assess",
    "default_candidates",
    "describe_situation",
    "expected_narrowing",
    "read_candidates",
    "read_target",
]
