"""Evaluators: implementations of the one semantics, each proven against `reference`.

`evaluate_with` finds one by name, `quickest` names the one for columns.
A new one is a module and a line of `EVALUATORS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from imagefit.errors import UnknownNameError
from imagefit.evaluators.protocol import Evaluator, Judge, OneByOne, Way
from imagefit.rulepack.pack import Pack, Rule
from imagefit.values import dataclass

__all__ = ["DEFINITION", "EVALUATORS", "Evaluator", "Judge", "Registered", "Way", "evaluate_with", "quickest"]


@dataclass(frozen=True, slots=True)
class Registered:
    """Where an evaluator is, and what it can do by itself.

    Attributes
    ----------
    module
        Has ``judge(pack, rules)``, which returns a `Judge`, and maybe ``outcome(rule, facts)``; or, if it has
        further ways, ``evaluator(pack, rules)``, which returns an `Evaluator`. Imported when it is asked for.
    ways
        The ways of its own; the others are made from those.
    """

    module: str
    ways: tuple[Way, ...] = (Way.CANDIDATES,)


EVALUATORS = {
    "reference": Registered("imagefit.evaluators.reference"),
    "tabular": Registered("imagefit.evaluators.tabular.evaluator", tuple(Way)),
    "durable": Registered("imagefit.evaluators.durable.engine"),
    "planes": Registered("imagefit.evaluators.planes.evaluator", (Way.COLUMNS,)),
    "sql": Registered("imagefit.evaluators.sql.engine", (Way.COLUMNS,)),
}
"""The evaluators by name."""

DEFINITION = "reference"
"""The evaluator that says what is right."""


def evaluate_with(name: str, pack: Pack, rules: Sequence[Rule]) -> Evaluator:
    """Return an evaluator, made ready for some rules of a pack.

    Raises
    ------
    UnknownNameError
        If there is no evaluator of that name.
    EvaluatorError
        If it is not installed here, or can't translate one of the rules.
    """
    if name not in EVALUATORS:
        raise UnknownNameError.of("evaluator", name, EVALUATORS)
    registered = EVALUATORS[name]
    module = import_module(registered.module)
    if registered.ways == (Way.CANDIDATES,):
        return OneByOne(rules, module.judge(pack, rules), getattr(module, "outcome", None))
    made: Evaluator = module.evaluator(pack, rules)
    return made


def quickest() -> str:
    """Return the name of the evaluator that judges columns quickest here.

    Planes in plain C take twice as long as tables: the instructions that look bytes up together are what they live on.
    """
    from imagefit.kernel.library import compiled, is_compiled

    return "planes" if is_compiled() and compiled().instructions == "AVX2" else "tabular"
