"""Hypothesis strategies that several tests share: vocabularies, rules, packs and candidates.

They build what a pack can say, of every field type and operator, over small domains, so that values
collide often, facts are missing often, and brute force is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from imagefit.conditions import TRUE, AllOf, AnyOf, Condition, Leaf, Relation, leaves, negate
from imagefit.facts import Facts, Field, FieldType, Value
from imagefit.rulepack.pack import (
    Choice,
    Cost,
    Effect,
    Operation,
    Pack,
    Remedy,
    Rule,
    Severity,
    Source,
    SourceRef,
    Through,
)

ENUM = ("a", "b", "c")
TEXTS = ("a", "b", "x", "ü;'\"\\")
ELEMENTS = ("a", "b", "x")
INTEGERS = (-3, 0, 1, 2, 7)
NUMBERS = (-0.5, 0.0, 1.0, 1.5, 7.25)

FIELDS: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("left.enum", FieldType.ENUM, ENUM),
        Field("left.text", FieldType.STRING),
        Field("left.flag", FieldType.BOOLEAN),
        Field("left.count", FieldType.INTEGER, unit="GiB"),
        Field("left.size", FieldType.NUMBER),
        Field("left.set", FieldType.STRING_SET),
        Field("right.enum", FieldType.ENUM, ("b", "c", "d")),
        Field("right.text", FieldType.STRING),
        Field("right.flag", FieldType.BOOLEAN),
        Field("right.count", FieldType.INTEGER, at_least=0),
        Field("right.size", FieldType.NUMBER, at_least=0.0),
        Field("right.set", FieldType.STRING_SET, values=ELEMENTS),
    )
}

OPERATIONS = {name: Operation(name, name) for name in ("use", "share")}


def fewer(times: float) -> int:
    """Return how many examples a costly property is tried on: so many times fewer than the profile says."""
    return max(1, round(settings.default.max_examples / times))


def more(times: int) -> int:
    """Return how many examples a property is tried on that few candidates have anything to do with."""
    return settings.default.max_examples * times


SOURCES = {"doc": Source("doc", "A document", "", "2026-01-01")}

P = ParamSpec("P")
T = TypeVar("T")


def kept(make: Callable[P, T]) -> Callable[P, T]:
    """Make each strategy once: hypothesis examines every new one, which takes longer than to draw from it."""
    made: dict[object, tuple[T, object]] = {}

    @wraps(make)
    def give(*args: P.args, **named: P.kwargs) -> T:
        parts = (*args, *named.values())
        key = (*(part if isinstance(part, str | int) else id(part) for part in parts), *named)
        if key not in made:
            made[key] = make(*args, **named), parts  # these, too, so that nothing else comes to have their ids
        return made[key][0]

    return give


def not_lower(field: Field, values: Sequence[Any]) -> list[Any]:
    """Those of the values that are not below the least that a field can be."""
    return [value for value in values if field.at_least is None or value >= field.at_least]


@kept
def values(field: Field) -> st.SearchStrategy[Value]:
    """Known values of a field, from a small domain that has what no rule names."""
    return {
        FieldType.ENUM: st.sampled_from(field.values or ("a",)),
        FieldType.STRING: st.sampled_from((*TEXTS, "unheard-of", "1e5", "007")),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.INTEGER: st.sampled_from(not_lower(field, (*INTEGERS, 3, -(2**63), 2**63 - 1, 2**53 + 1))),
        FieldType.NUMBER: st.sampled_from(not_lower(field, (*NUMBERS, 0.1, -1e300, 1e-300))),
        FieldType.STRING_SET: st.frozensets(st.sampled_from(field.values or (*ELEMENTS, "unheard-of"))),
    }[field.type]


@kept
def candidates(fields: Mapping[str, Field] = FIELDS) -> st.SearchStrategy[Facts]:
    """Candidates of which each fact may be missing."""
    return st.fixed_dictionaries({}, optional={name: values(field) for name, field in fields.items()})


@kept
def operands(field: Field, relation: Relation) -> st.SearchStrategy[Any]:
    """Literals that a field may be compared with."""
    if field.type is FieldType.STRING_SET:
        element = st.sampled_from(ELEMENTS)
        return element if relation is Relation.CONTAINS else st.frozensets(element, min_size=1)
    one: st.SearchStrategy[Value] = {
        FieldType.ENUM: st.sampled_from(field.values or ("a",)),
        FieldType.STRING: st.sampled_from(TEXTS),
        FieldType.BOOLEAN: st.booleans(),
        FieldType.INTEGER: st.sampled_from(not_lower(field, INTEGERS)),
        FieldType.NUMBER: st.sampled_from(not_lower(field, NUMBERS)),
    }[field.type]
    return st.frozensets(one, min_size=1, max_size=3) if relation is Relation.IN else one


@kept
def one_of_all(fields: Mapping[str, Field]) -> st.SearchStrategy[Field]:
    """One of the fields."""
    return st.sampled_from(list(fields.values()))


BOOLEANS = st.booleans()
UP_TO_3 = st.integers(0, 3)
SELDOM = UP_TO_3.map(lambda number: number == 0)
RELATIONS = {
    type_: st.sampled_from(
        (Relation.CONTAINS, Relation.CONTAINS_ANY, Relation.CONTAINS_ALL)
        if type_ is FieldType.STRING_SET
        else (Relation.EQUALS, Relation.IN, *((Relation.AT_LEAST, Relation.ABOVE) if type_.is_ordered else ()))
    )
    for type_ in FieldType
}


@kept
@st.composite
def leaf(draw: st.DrawFn, fields: Mapping[str, Field] = FIELDS) -> Leaf:
    """One comparison of any operator, with a literal or with another fact of a fitting type."""
    field = draw(one_of_all(fields))
    negated = draw(BOOLEANS)
    others = [f for f in fields.values() if f.name != field.name]
    textual = (FieldType.ENUM, FieldType.STRING)
    relation = draw(RELATIONS[field.type])
    if relation is Relation.CONTAINS:
        fitting = [f for f in others if f.type in textual]
    else:
        fitting = [f for f in others if f.type is field.type or (f.type in textual and field.type in textual)]
    if relation is not Relation.IN and fitting and draw(UP_TO_3) == 0:
        return Leaf(field.name, relation, None, draw(st.sampled_from(fitting)).name, negated)
    return Leaf(field.name, relation, draw(operands(field, relation)), None, negated)


@kept
def conditions(fields: Mapping[str, Field] = FIELDS, max_leaves: int = 5) -> st.SearchStrategy[Condition]:
    """Condition trees, nested and negated."""

    def extend(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
        return st.one_of(parts.map(AllOf), parts.map(AnyOf), inner.map(negate))

    return st.recursive(leaf(fields), extend, max_leaves=max_leaves)


SEVERITIES = st.sampled_from((Severity.ERROR, Severity.ERROR, Severity.WARNING, Severity.NOTICE))
FOR = st.sampled_from((("use",), ("use", "share")))
TAGS = st.sampled_from(((), ("odd",)))


@kept
def whens(fields: Mapping[str, Field], max_leaves: int) -> st.SearchStrategy[Condition]:
    """When a rule applies: always, or under some condition."""
    return st.one_of(st.just(TRUE), conditions(fields, max_leaves))


@kept
@st.composite
def rules(draw: st.DrawFn, name: str = "made.rule", fields: Mapping[str, Field] = FIELDS, max_leaves: int = 4) -> Rule:
    """Rules of every severity, with and without a `when`; the message names each of the rule's facts."""
    severity = draw(SEVERITIES)
    when = draw(whens(fields, max_leaves))
    require = TRUE if severity is Severity.NOTICE else draw(conditions(fields, max_leaves))
    facts = dict.fromkeys(name for c in (when, require) for lf in leaves(c) for name in lf.facts)
    return Rule(
        id=name,
        title=f"The title of {name}",
        operations=draw(FOR),
        when=when,
        require=require,
        severity=severity,
        message=" ".join([name, *(f"{{{fact}}}" for fact in facts)]),
        remedies=(),
        source=SourceRef("doc", "A section"),
        tags=draw(TAGS),
    )


def rule_of(id: str, when: Condition, require: Condition, severity: Severity = Severity.ERROR) -> Rule:
    """A rule of these conditions; what no test looks at is the same in all."""
    return Rule(id, id, ("use",), when, require, severity, id, (), SourceRef("doc", "A section"))


def pack_of(made: Sequence[Rule], fields: Mapping[str, Field] = FIELDS) -> Pack:
    """A pack of these rules; what no test looks at is empty."""
    ordered = tuple(sorted(made, key=lambda rule: rule.id))
    return Pack("made", "1.0.0", "Made", "sha256:0", fields, OPERATIONS, {}, {}, SOURCES, ordered)


@kept
def numbers(least: int, most: int) -> st.SearchStrategy[int]:
    """How many there are of something."""
    return st.integers(least, most)


@kept
@st.composite
def packs(draw: st.DrawFn, fields: Mapping[str, Field] = FIELDS, max_rules: int = 6) -> Pack:
    """Packs of a few rules that share facts."""
    count = draw(numbers(1, max_rules))
    return pack_of([draw(rules(f"made.rule-{n}", fields)) for n in range(count)], fields)


# -- remedies --------------------------------------------------------------------------------------------

FEW_FIELDS: Mapping[str, Field] = {
    name: FIELDS[name] for name in ("left.enum", "left.flag", "left.count", "left.set", "right.enum", "right.flag")
}
"""Facts that are few enough for remedies to meet each other."""

COSTS = {cost.name: cost for cost in (Cost("free", 0, "nothing"), Cost("waits", 1, "time"), Cost("new", 2, "a lot"))}
CHOICES = {"left": Choice("left", "left", "image", ("left.enum", "left.flag", "left.count", "left.set"))}


def gives_values_of(of: Field, other: Field) -> bool:
    """Return whether ``of`` can have each value that ``other`` can; a pack is refused where it copies another."""
    is_low_enough = of.at_least is None or (other.at_least is not None and of.at_least <= other.at_least)
    return is_low_enough and (not of.values or (bool(other.values) and set(other.values) <= set(of.values)))


@kept
def names(fields: Mapping[str, Field]) -> st.SearchStrategy[list[str]]:
    """One or two of the fields."""
    return st.lists(st.sampled_from(list(fields)), min_size=1, max_size=2, unique=True)


ELEMENT = st.sampled_from(ELEMENTS)
WORDS = st.sampled_from(((), ("free",), ("waits",), ("new",), ("waits", "new")))


@kept
@st.composite
def effects(draw: st.DrawFn, fields: Mapping[str, Field]) -> tuple[Effect, ...]:
    """What a remedy does to one fact or two: of every kind."""
    found = []
    for name in draw(names(fields)):
        field = fields[name]
        textual = (FieldType.ENUM, FieldType.STRING)
        givers = [f for f in fields.values() if f.name != name and gives_values_of(field, f)]
        alike = [f for f in givers if f.type is field.type]
        kinds = ["value", "value", "value", "unknown", *(["same_as"] if alike else [])]
        if field.type is FieldType.STRING_SET:
            kinds += ["add", *(["add_from"] if any(f.type in textual for f in givers) else [])]
        kind = draw(st.sampled_from(kinds))
        if kind == "add":
            found.append(Effect(name, add=frozenset({draw(ELEMENT)})))
        elif kind == "add_from":
            found.append(Effect(name, add_from=draw(st.sampled_from([f.name for f in givers if f.type in textual]))))
        elif kind == "same_as":
            found.append(Effect(name, same_as=draw(st.sampled_from(alike)).name))
        else:
            value = None if kind == "unknown" else draw(values(field))
            found.append(Effect(name, value=value, becomes_unknown=kind == "unknown"))
    return tuple(found)


@kept
@st.composite
def remedies(draw: st.DrawFn, name: str, fields: Mapping[str, Field] = FEW_FIELDS) -> Remedy:
    """A remedy that needs something or goes through an operation now and then; some lead to another operation."""
    through = Through("share", draw(effects(fields)) if draw(BOOLEANS) else ()) if draw(SELDOM) else None
    return Remedy(
        name,
        name,
        "somebody",
        draw(leaf(fields)) if draw(SELDOM) else TRUE,
        draw(effects(fields)),
        operations=("use",) if draw(SELDOM) else (),
        cost=draw(WORDS),
        through=through,
        instead="share" if draw(SELDOM) and draw(SELDOM) else "",
        chooses="left" if draw(SELDOM) else "",
    )


@kept
@st.composite
def packs_with_remedies(draw: st.DrawFn, max_remedies: int = 5) -> Pack:
    """Packs of a few rules, and of remedies that are not named by them; half of them of rules that often fail."""
    rule_count, remedy_count = draw(numbers(1, 4)), draw(numbers(1, max_remedies))
    if draw(BOOLEANS):
        made = [draw(rules(f"made.rule-{n}", FEW_FIELDS, max_leaves=2)) for n in range(rule_count)]
    else:
        made = [
            replace(draw(rules(f"made.rule-{n}", FEW_FIELDS)), when=TRUE, require=draw(equality())) for n in range(4)
        ]
    pack = pack_of(made, FEW_FIELDS)
    found = {f"remedy-{n}": draw(remedies(f"remedy-{n}")) for n in range(remedy_count)}
    return replace(pack, remedies=found, costs=COSTS, choices=CHOICES)


FEWEST_FIELDS = {name: FEW_FIELDS[name] for name in ("left.enum", "left.flag", "right.flag")}


@kept
@st.composite
def equality(draw: st.DrawFn) -> Leaf:
    """That one of few facts is something."""
    field = draw(one_of_all(FEWEST_FIELDS))
    return Leaf(field.name, Relation.EQUALS, draw(operands(field, Relation.EQUALS)))


@kept
def few_candidates() -> st.SearchStrategy[Facts]:
    """Candidates over these facts: any may be missing, or one at most."""
    whole = st.fixed_dictionaries({name: values(field) for name, field in FEW_FIELDS.items()})
    one_missing = st.tuples(whole, st.sampled_from((*FEW_FIELDS, ""))).map(
        lambda drawn: {name: value for name, value in drawn[0].items() if name != drawn[1]}
    )
    return candidates(FEW_FIELDS) | one_missing
