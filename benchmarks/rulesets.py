"""The rules that are measured: real ones of the built-in pack, and generated ones in any number."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

import imagefit
from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation
from imagefit.facts import Field, FieldType, Value
from imagefit.rulepack.pack import Operation, Pack, Rule, Severity, SourceRef

__all__ = ["OPERATION", "facts_of", "generated", "measured"]

OPERATION = "use"
"""The one operation of the packs that are measured."""

CONCERNED = ("create_ecs", "replicate_cross_region", "modify")
"""What someone asks of an image at once: does it fit, may it be replicated, may it be modified so that it fits."""


def measured() -> Pack:
    """Return the error and warning rules of three operations as the rules of one: 55 rules over 57 facts.

    Notices are left out, because they never fail: the peers would have nothing to do for them.
    """
    pack = imagefit.load_pack()
    rules = (
        rule
        for rule in pack.rules
        if rule.severity is not Severity.NOTICE and not set(CONCERNED).isdisjoint(rule.operations)
    )
    return _with_rules(pack, rules)


def generated(count: int, *, facts: int = 40, seed: int = 1) -> Pack:
    """Return a pack of `count` rules over a vocabulary of `facts` fields, of the shapes that real rules have."""
    chance = random.Random(seed)
    fields = {f.name: f for f in (_field(number) for number in range(facts))}
    pack = imagefit.load_pack()
    rules = [_rule(number, list(fields.values()), chance) for number in range(count)]
    return _with_rules(replace(pack, name="generated", fields=MappingProxyType(fields)), rules)


def facts_of(pack: Pack) -> list[Field]:
    """Return the fields that some rule of the pack looks at."""
    return [pack.fields[name] for name in dict.fromkeys(name for rule in pack.rules for name in rule.facts)]


def _with_rules(pack: Pack, rules: Iterable[Rule]) -> Pack:
    operations = {OPERATION: Operation(OPERATION, "what is measured")}
    own = tuple(sorted((replace(rule, operations=(OPERATION,)) for rule in rules), key=lambda rule: rule.id))
    return replace(pack, digest="sha256:measured", operations=MappingProxyType(operations), rules=own)


def _field(number: int) -> Field:
    """Return a field: of eight, four enums, and one each of the other types."""
    kinds = (FieldType.BOOLEAN, FieldType.INTEGER, FieldType.NUMBER, FieldType.STRING)
    kind = FieldType.ENUM if number % 8 < 4 else kinds[number % 8 - 4]
    values = tuple(f"v{place}" for place in range(2 + number % 5)) if kind is FieldType.ENUM else ()
    return Field(f"side{number % 2}.fact{number:02}", kind, values, meaning="generated", example=None)


def _rule(number: int, fields: list[Field], chance: random.Random) -> Rule:
    """Return a rule that applies where one or two comparisons hold, and requires one or two more."""
    looked_at = chance.sample(fields, 4)
    when: Condition = AllOf(tuple(_leaf(f, fields, chance) for f in looked_at[: chance.choice([0, 1, 1, 2])]))
    required = tuple(_leaf(f, fields, chance) for f in looked_at[2 : 2 + chance.choice([1, 1, 2])])
    require: Condition = required[0] if len(required) == 1 else chance.choice([AllOf, AnyOf])(required)
    severity = Severity.WARNING if number % 5 == 4 else Severity.ERROR
    names = ", ".join(f"{f.name} is {{{f.name}}}" for f in looked_at[2 : 2 + len(required)])
    return Rule(
        f"generated.rule-{number:03}", f"generated rule {number}", (OPERATION,), when, require, severity,
        f"it does not fit: {names}", (), SourceRef("generated"),
    )  # fmt: skip


def _leaf(f: Field, fields: list[Field], chance: random.Random) -> Leaf:
    alike = [other for other in fields if other is not f and other.type is f.type and f.type is not FieldType.ENUM]
    if f.type is not FieldType.BOOLEAN and alike and chance.random() < 0.3:
        relation = Relation.AT_LEAST if f.type.is_ordered else Relation.EQUALS
        return Leaf(f.name, relation, None, chance.choice(alike).name)
    negated = chance.random() < 0.3
    operand: Value | frozenset[Value]
    if f.type is FieldType.ENUM and len(f.values) > 3:
        return Leaf(f.name, Relation.IN, frozenset(chance.sample(f.values, len(f.values) // 2)), negated=negated)
    if f.type.is_ordered:
        operand = chance.choice([1, 2, 4, 8, 16, 32, 64]) * 1024
        return Leaf(
            f.name, Relation.AT_LEAST, operand if f.type is FieldType.INTEGER else float(operand), None, negated
        )
    operand = chance.choice(f.values) if f.values else True if f.type is FieldType.BOOLEAN else "t1"
    return Leaf(f.name, Relation.EQUALS, operand, None, negated)
