"""Engines that take one candidate after the other: durable_rules, and the reference evaluator as a measure.

durable_rules gets the rulesets that `imagefit rules export --to durable-rules` writes, and asserts the same
facts; nothing of ours explains its outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from imagefit.evaluators import evaluate_with
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Severity
from peers import Judged

__all__ = ["candidates", "judge_all", "judged", "judger"]


def candidates(table: Any) -> list[dict[str, Any]]:
    """Return the rows of an Arrow table as the known facts of each."""
    rows = table.to_pylist()
    return [
        {name: frozenset(v) if isinstance(v, list) else v for name, v in row.items() if v is not None} for row in rows
    ]


def judger(pack: Pack, evaluator: str) -> Callable[[Facts], Sequence[Outcome]]:
    """Return what judges a candidate."""
    return evaluate_with(evaluator, pack, pack.rules).judge


def judge_all(judge: Callable[[Facts], Sequence[Outcome]], rows: Sequence[Facts]) -> list[Sequence[Outcome]]:
    """Judge every candidate."""
    return [judge(facts) for facts in rows]


def judged(pack: Pack, outcomes: list[Sequence[Outcome]]) -> Judged:
    """Return outcomes in the form that all are compared in."""
    found = np.array(outcomes, dtype=object).T
    fails, unknown = found == Outcome.FAIL, found == Outcome.UNKNOWN
    is_error = np.array([rule.severity is Severity.ERROR for rule in pack.rules])
    failing, undecided = fails[is_error].any(axis=0), unknown[is_error].any(axis=0)
    return Judged(np.where(failing, 2, undecided).astype(np.uint8), fails, unknown)
