"""Scores of public language models behind observational scaling laws: benchmarks, tasks, agents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from bayes_scaling.datasets.readers import PartReader
from bayes_scaling.datasets.readers.files import read_csv
from bayes_scaling.names import FAMILY, FLOPS, N_PARAMS, N_TOKENS, RUN

COHORT: Final = "cohort"
"""Column that says whether the paper's first version used a model, or it came later, or neither."""

SUSPECT: Final = "suspect"

PAPER_FAMILIES: Final = frozenset(
    (
        "Llama-2",
        "Llama",
        "Llama-3",
        "Qwen1.5",
        "Qwen",
        "Mistral",
        "Mixtral",
        "Yi",
        "Gemma",
        "Falcon",
        "Phi",
        "Pythia",
        "BLOOM",
        "GPT-Neo/J",
        "OPT",
        "MPT",
        "XGLM",
        "CodeLlama",
        "StarCoder",
        "StarCoder2",
        "DeepSeek-Coder",
    )
)
"""The 21 families of the paper's first version."""

LATER_FAMILIES: Final = frozenset(
    ("Llama-3.1", "Qwen2", "DeepSeek-V2", "DeepSeek-Coder-V2", "Yi-1.5", "Gemma-2", "Jamba")
)
"""Families released after the first version, whose scores were added to test its forecasts."""

LATER_MODELS: Final = frozenset(
    ("Qwen/Qwen1.5-110B", "mistralai/Mixtral-8x22B-v0.1", "mistralai/Mistral-Nemo-Base-2407")
)
"""Models of the paper's families that came as late."""

MISPRINTED: Final = frozenset(("cerebras/btlm-3b-8k-base", "openlm-research/open_llama_7b_v2"))
"""Models whose printed size or tokens cannot be right; their names say what is."""

_ABOUT: Final = {
    "Model": RUN,
    "Model Family": FAMILY,
    "Model Size (B)": N_PARAMS,
    "Pretraining Data Size (T)": N_TOKENS,
    "FLOPs (1E21)": FLOPS,
}

_UNITS: Final = {N_PARAMS: 1e9, N_TOKENS: 1e12, FLOPS: 1e21}

_SCORES: Final = {
    "MMLU": "mmlu",
    "ARC-C": "arc_c",
    "HellaSwag": "hellaswag",
    "Winograd": "winogrande",
    "Winogrande": "winogrande",
    "TruthfulQA": "truthfulqa",
    "GSM8K": "gsm8k",
    "XWinograd": "xwinograd",
    "HumanEval": "humaneval",
    "Arena-Elo": "arena_elo",
    "MTBench": "mt_bench",
    "parsinlu_qa_2_acc": "persian_qa",
    "word_unscrambling_2_exact_match": "word_unscramble",
    "ipa_transliterate_2_exact_match": "ipa_transliterate",
    "ipa_transliterate_2_bleu": "ipa_transliterate_bleu",
    "arithmetic_3ds_2_acc": "subtraction_3_digit",
    "arithmetic_3da_2_acc": "addition_3_digit",
    "arithmetic_2dm_2_acc": "multiplication_2_digit",
    "arithmetic_2da_2_acc": "addition_2_digit",
}


def read_benchmarks(folder: Path) -> pd.DataFrame:
    """One row for each base model: family, size, tokens, compute, cohort and eight benchmark scores."""
    return _models(folder, "base_llm_benchmark_eval.csv")


def read_emergent(folder: Path) -> pd.DataFrame:
    """The base models that have scores on emergent abilities, with their benchmark scores."""
    return _with_tasks(read_benchmarks(folder), folder, "base_llm_emergent_capability_eval.csv")


def read_post_training(folder: Path) -> pd.DataFrame:
    """The base models that have scores under post-training prompts, with their benchmark scores."""
    return _with_tasks(read_benchmarks(folder), folder, "base_llm_post_training_eval.csv")


def read_leaderboard(folder: Path) -> pd.DataFrame:
    """The base models that have scores on the second leaderboard, with their benchmark scores."""
    return _with_tasks(read_benchmarks(folder), folder, "base_llm_leaderboard_v2_eval.csv")


def read_agents(folder: Path) -> pd.DataFrame:
    """The instruction-tuned models: benchmark scores and agent scores."""
    return _with_tasks(
        _models(folder, "instruct_llm_benchmark_eval.csv"), folder, "instruct_llm_agent_eval.csv"
    )


def _models(folder: Path, path: str) -> pd.DataFrame:
    table = read_csv(folder, path).rename(columns=_ABOUT | _SCORES)
    for column, unit in _UNITS.items():
        table[column] = table[column] * unit
    about = table[[FAMILY, RUN, N_PARAMS, N_TOKENS, FLOPS]].copy()
    about[COHORT] = [_cohort(*names) for names in zip(table[FAMILY], table[RUN], strict=True)]
    about[SUSPECT] = table[RUN].isin(MISPRINTED)
    return about.join(table.drop(columns=list(_ABOUT.values())))


def _cohort(family: str, model: str) -> str:
    if family in LATER_FAMILIES or model in LATER_MODELS:
        return "later"
    return "paper" if family in PAPER_FAMILIES else "other"


def _with_tasks(models: pd.DataFrame, folder: Path, path: str) -> pd.DataFrame:
    tasks = read_csv(folder, path).rename(columns={"Model": RUN} | _SCORES)
    return models.merge(tasks, on=RUN, validate="one_to_one")


PARTS: Final[Mapping[str, PartReader]] = {
    "benchmarks": read_benchmarks,
    "emergent": read_emergent,
    "post-training": read_post_training,
    "leaderboard-v2": read_leaderboard,
    "agents": read_agents,
}
