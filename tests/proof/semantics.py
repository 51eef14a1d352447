"""The semantics of docs/architecture.md as formulas for z3: written from the text, sharing nothing with an evaluator.

A fact is a value and whether it is known. A condition is two formulas: where it is true, and where it is
false; where it is neither, it is unknown. Texts are integers (only their equality is ever asked), sets
are sets of integers, numbers are reals: more candidates than there can be, so that what holds for all of
them holds for all that there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import z3

from imagefit.conditions import AllOf, Condition, Leaf, Relation, leaves
from imagefit.evaluators.cells import combinations, representatives
from imagefit.evaluators.reference import leaf_truth
from imagefit.facts import Facts, FieldType
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity


@dataclass
class Fact:
    """The value of a fact, and whether it is known."""

    value: z3.ExprRef
    known: z3.BoolRef


@dataclass(frozen=True)
class Truth:
    """Where a condition is true, and where it is false."""

    true: z3.BoolRef
    false: z3.BoolRef


@dataclass
class Semantics:
    """The facts of a pack as variables, and the meaning of its rules as formulas over them.

    `suffix` tells the variables of two candidates apart; `codes` are the texts that are named, as numbers.
    """

    pack: Pack
    suffix: str = ""
    codes: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Fact] = field(default_factory=dict)
    limits: list[z3.BoolRef] = field(default_factory=list)

    # -- facts -------------------------------------------------------------------------------------------

    def fact(self, name: str) -> Fact:
        """Return a fact; what its type says of its values is among the limits."""
        if name not in self.facts:
            of, written = self.pack.fields[name], name + self.suffix
            texts = z3.IntSort()
            sort = {
                FieldType.BOOLEAN: z3.BoolSort(),
                FieldType.INTEGER: z3.IntSort(),
                FieldType.NUMBER: z3.RealSort(),
                FieldType.STRING_SET: z3.SetSort(texts),
            }.get(of.type, texts)
            value = z3.Const(written, sort)
            if of.type is FieldType.INTEGER:
                self.limits += [value >= -(2**63), value < 2**63]
            if of.at_least is not None:
                self.limits.append(value >= of.at_least)
            if of.type is FieldType.ENUM:
                self.limits.append(z3.Or([value == self.code(text) for text in of.values]))
            elif of.type is FieldType.STRING_SET and of.values:
                self.limits.append(z3.IsSubset(value, self.set_of(of.values)))
            self.facts[name] = Fact(value, z3.Bool(f"{written} is known"))
        return self.facts[name]

    def code(self, text: str) -> int:
        return self.codes.setdefault(text, len(self.codes))

    def set_of(self, texts: Sequence[str]) -> z3.ArrayRef:
        found = z3.EmptySet(z3.IntSort())
        for text in texts:
            found = z3.SetAdd(found, self.code(text))
        return found

    # -- conditions ----------------------------------------------------------------------------------------

    def truth(self, condition: Condition) -> Truth:
        """Strong Kleene: all are true where each is, and false where one is; any the other way round."""
        if isinstance(condition, Leaf):
            return self.comparison(condition)
        parts = [self.truth(part) for part in condition.parts]
        true, false = [part.true for part in parts], [part.false for part in parts]
        if isinstance(condition, AllOf):
            return Truth(z3.And(true), z3.Or(false))
        return Truth(z3.Or(true), z3.And(false))

    def comparison(self, leaf: Leaf) -> Truth:
        """A comparison with an unknown operand is unknown; else it holds or it does not."""
        own = self.fact(leaf.fact)
        known = own.known if leaf.other is None else z3.And(own.known, self.fact(leaf.other).known)
        holds = self.relation(leaf, own.value)
        return Truth(
            z3.And(known, z3.Not(holds) if leaf.negated else holds),
            z3.And(known, holds if leaf.negated else z3.Not(holds)),
        )

    def relation(self, leaf: Leaf, value: z3.ExprRef) -> z3.BoolRef:
        if leaf.relation is Relation.IN:
            return z3.Or([value == self.literal(leaf, one) for one in sorted(leaf.operand, key=str)])
        other = self.literal(leaf, leaf.operand) if leaf.other is None else self.fact(leaf.other).value
        match leaf.relation:
            case Relation.EQUALS:
                return value == other
            case Relation.AT_LEAST:
                return value >= other
            case Relation.ABOVE:
                return value > other
            case Relation.CONTAINS:
                return z3.IsMember(other, value)
            case Relation.CONTAINS_ALL:
                return z3.IsSubset(other, value)
            case Relation.CONTAINS_ANY:
                return z3.SetIntersect(value, other) != z3.EmptySet(z3.IntSort())

    def literal(self, leaf: Leaf, operand: object) -> object:
        if isinstance(operand, frozenset):
            return self.set_of(sorted(operand))
        if isinstance(operand, str):
            return self.code(operand)
        return z3.RealVal(repr(operand)) if isinstance(operand, float) else operand

    # -- rules ---------------------------------------------------------------------------------------------

    def outcome(self, rule: Rule) -> dict[Outcome, z3.BoolRef]:
        """Where a rule has each outcome: its violation is `when` and not `require`; a notice has no `require`."""
        when, require = self.truth(rule.when), self.truth(rule.require)
        if rule.severity is Severity.NOTICE:
            return {
                Outcome.NOT_APPLICABLE: when.false,
                Outcome.FAIL: z3.BoolVal(False),
                Outcome.PASS: when.true,
                Outcome.UNKNOWN: z3.Not(z3.Or(when.true, when.false)),
            }
        violated = Truth(z3.And(when.true, require.false), z3.Or(when.false, require.true))
        applies = z3.Not(when.false)
        return {
            Outcome.NOT_APPLICABLE: when.false,
            Outcome.FAIL: z3.And(applies, violated.true),
            Outcome.PASS: z3.And(applies, violated.false),
            Outcome.UNKNOWN: z3.And(applies, z3.Not(violated.true), z3.Not(violated.false)),
        }


def cases(rule: Rule, pack: Pack) -> Iterator[tuple[tuple[bool | None, ...], Facts]]:
    """Yield the rows of the rule's decision table: the truths of its leaves, and the candidate that stands for them."""
    own = list(dict.fromkeys(leaves(rule.violation)))
    seen = set()
    for facts in combinations(representatives(own, pack.fields), unknown=True):
        truths = tuple(leaf_truth(leaf, facts) for leaf in own)
        if truths not in seen:
            seen.add(truths)
            yield truths, facts
