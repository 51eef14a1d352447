"""The rules of an operation made ready for many candidates; what is made ready belongs to the pack and goes with it."""

from __future__ import annotations

from collections.abc import Iterable

from imagefit.evaluators import Evaluator, Judge, evaluate_with
from imagefit.explanations.asking import Asker
from imagefit.explanations.rules import Explainer
from imagefit.rulepack.kept import kept_by_pack
from imagefit.rulepack.pack import Pack, Rule
from imagefit.supply import Completed
from imagefit.values import dataclass
from imagefit.verdicts import Planner, Verdict

__all__ = ["Prepared", "prepare", "selectors"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """What judges a candidate by the rules of an operation, and what explains the outcomes.

    Attributes
    ----------
    looked_at
        The facts that some rule looks at.
    asker
        Says what to ask the cloud for.
    """

    operation: str
    rules: tuple[Rule, ...]
    evaluator: Evaluator
    explainer: Explainer
    looked_at: frozenset[str]
    asker: Asker

    @property
    def judge(self) -> Judge:
        """What judges a candidate."""
        return self.evaluator.judge

    def verdict(
        self,
        candidate: Completed,
        *,
        key: str = "",
        all_rules: bool = False,
        notes: tuple[str, ...] = (),
        planner: Planner | None = None,
    ) -> Verdict:
        """Return the verdict of a candidate with its reasons; of the assumptions, those that a rule looked at."""
        facts = candidate.facts
        used = candidate.used
        if used:
            used = {name: value for name, value in used.items() if name in self.looked_at}
        return self.explainer.verdict(
            self.operation,
            self.judge(facts),
            facts,
            key=key,
            assumed=used,
            origins=candidate.origins,
            asker=self.asker,
            all_rules=all_rules,
            notes=notes,
            planner=planner,
        )


@kept_by_pack
def prepare(
    pack: Pack, operation: str, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), evaluator: str = "reference"
) -> Prepared:
    """Make the rules of an operation ready for many candidates.

    Raises
    ------
    InputError
        If no rule is selected; `UnknownNameError` if there is no such operation, rule or evaluator.
    EvaluatorError
        If the evaluator is not installed, or can't translate one of the rules.
    """
    rules = pack.chosen_rules(operation, select, ignore)
    looked_at = frozenset(name for rule in rules for name in rule.facts)
    judged = evaluate_with(evaluator, pack, rules)
    return Prepared(operation, rules, judged, Explainer(pack, rules), looked_at, Asker(pack, operation))


def selectors(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return what selects rules, as `Pack.rules_for` takes it; a text alone is one name, and not each of its letters.

    >>> selectors("boot"), selectors(["boot", "arch"])
    (('boot',), ('boot', 'arch'))
    """
    return (names,) if isinstance(names, str) else tuple(names)
