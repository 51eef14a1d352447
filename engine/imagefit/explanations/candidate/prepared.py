"""The rules of an operation made ready for many candidates; what is made ready belongs to the pack and goes with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import TYPE_CHECKING

from imagefit.errors import InputError
from imagefit.evaluators import Evaluator, Judge, evaluate_with
from imagefit.explanations.candidate.asking import Asker
from imagefit.explanations.candidate.explainer import Explained, Explainer
from imagefit.facts import Facts, Value
from imagefit.rulepack.kept import kept_by_pack
from imagefit.rulepack.pack import Pack, Rule
from imagefit.rulepack.remembered import Remembered
from imagefit.supply import Completed, given_origins
from imagefit.values import dataclass
from imagefit.verdicts import Planner, Verdict

if TYPE_CHECKING:
    from imagefit.explanations.candidate.rawfacts import Read

__all__ = ["Prepared", "prepare", "selectors"]

REMEMBERED, LARGE = 1 << 14, 4096
"""Of so many candidates it is remembered what explains them; of none whose facts have more characters and elements."""


Values = tuple[Value | None, ...]
_LARGE_KINDS = (str, frozenset)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What judges a candidate by the rules of an operation, and what explains the outcomes.

    Attributes
    ----------
    looked_at
        The facts that some rule looks at.
    asker
        Says what to ask the cloud for.
    once
        Numbers that stand for what was explained, of which most is never asked for again.
    seen
        What was explained several times, by the number that stands for the facts that it hangs on, which it is with.
    """

    operation: str
    rules: tuple[Rule, ...]
    evaluator: Evaluator
    explainer: Explainer
    looked_at: frozenset[str]
    asker: Asker
    once: set[int] = field(default_factory=set)
    seen: Remembered[int, tuple[Values, Explained]] = field(default_factory=lambda: Remembered(REMEMBERED))

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
        explained = self._explained(facts, all_rules)
        used = candidate.used
        if used:
            used = {name: value for name, value in used.items() if name in self.looked_at}
        return self.explainer.verdict_of(
            self.operation, explained, facts, key, used, candidate.origins, self.asker, notes, planner
        )

    def verdict_of(self, read: Read, key: str, planner: Planner) -> Verdict:
        """Return the verdict of a candidate that was read, of which nothing is assumed; as `verdict`."""
        facts, values, shares = read
        explained = self._remembered(facts, values, shares)
        origins = given_origins(facts)
        return self.explainer.verdict_of(self.operation, explained, facts, key, {}, origins, self.asker, (), planner)

    def _explained(self, facts: Facts, all_rules: bool) -> Explained:
        """Return what the verdict of a candidate says of the rules, remembered by the facts that it hangs on."""
        if all_rules or self.explainer.is_first:
            return self.explainer.explained(self.operation, self.judge(facts), facts, all_rules=all_rules)
        return self._remembered(facts, tuple(map(facts.get, self.explainer.depends)))

    def _remembered(self, facts: Facts, values: Values, shares: int | None = None) -> Explained:
        number = hash(values)
        if (known := self.seen.get(number)) is not None and known[0] == values:
            return known[1]
        found = self.explainer.remembered(self.operation, self.evaluator, facts, values, shares)
        if number not in self.once:
            if len(self.once) >= REMEMBERED:
                self.once.clear()
            self.once.add(number)
        elif self._size(values) <= LARGE:
            self.seen.remember(number, (values, found))
        return found

    def _size(self, values: Values) -> int:
        """Return how many characters and elements there are in the values of facts that can be large."""
        return sum([len(value) for value in values[: self.explainer.unbounded] if isinstance(value, _LARGE_KINDS)])


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


def selectors(names: object) -> tuple[str, ...]:
    """Return what selects rules, as `Pack.rules_for` takes it; a text alone is one name, and not each of its letters.

    Raises `InputError` if it is neither a text nor several.

    >>> selectors("boot"), selectors(["boot", "arch"])
    (('boot',), ('boot', 'arch'))
    """
    if isinstance(names, tuple) and not names:  # the most usual case
        return ()
    if isinstance(names, str):
        return (names,)
    found = tuple(names) if isinstance(names, Iterable) else (None,)
    if all(isinstance(name, str) for name in found):
        return found
    expected = "an id, what ids begin with or a tag, as text, or several of them"
    raise InputError("not what selects or ignores rules", value=str(names), expected=expected)
