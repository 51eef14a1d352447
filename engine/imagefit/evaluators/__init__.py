"""Evaluators: implementations of the one semantics, each proven against `reference`.

`evaluate_with` finds one by name. An evaluator is a function that takes a pack and rules and returns a
function from facts to the rules' outcomes, in the rules' order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from imagefit.errors import UnknownNameError
from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome, Pack, Rule

__all__ = ["EVALUATORS", "Judge", "evaluate_with"]

Judge = Callable[[Facts], Sequence[Outcome]]
"""Takes a candidate's known facts, returns one outcome per rule."""

EVALUATORS = {
    "reference": "imagefit.evaluators.reference",
    "tabular": "imagefit.evaluators.tabular.judge",
    "durable": "imagefit.evaluators.durable.engine",
}
"""The name of each evaluator, and its module, which has a function ``judge(pack, rules) -> Judge``."""


def evaluate_with(name: str, pack: Pack, rules: Sequence[Rule]) -> Judge:
    """Return the judge of an evaluator for some rules of a pack.

    Raises
    ------
    UnknownNameError
        If there is no evaluator of that name.
    EvaluatorError
        If it is not installed here, or can't translate one of the rules.
    """
    if name not in EVALUATORS:
        raise UnknownNameError.of("evaluator", name, EVALUATORS)
    judge: Judge = import_module(EVALUATORS[name]).judge(pack, rules)
    return judge
