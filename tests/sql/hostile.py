"""Packs and rows that are made to break a generated query: names, texts and values that no person would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imagefit.conditions import TRUE, AllOf, AnyOf, Leaf, Relation
from imagefit.facts import Field, FieldType
from imagefit.rulepack.pack import Pack, Rule, Severity, SourceRef
from strategies import pack_of

TEXTS = (
    "'",
    '"',
    "`",
    "\\",
    "\\'",
    "'; DROP TABLE candidates; --",
    "/* */ --",
    "a\nb\tc",
    "\u2028",
    "%s %(x)s",
    ":p $1 ? $$",
    "{{ x }} {% y %} {# z #}",
    "ü 你好",
    " a ",
    "NULL",
    "[a\nb",
    "set(\n)",
    "a=1,\nb=2",
    "None",
)

NAMES = ('odd."name"', "odd.`name`", "odd.back\\slash", "odd.o'clock;--", "odd.%s{{x}}", "odd.select", "odd.ünïcode")

FIELDS: Mapping[str, Field] = {
    f.name: f
    for f in (
        *(Field(name, FieldType.STRING) for name in NAMES),
        Field("odd.other", FieldType.STRING),
        Field("odd.set", FieldType.STRING_SET),
        Field("odd.more", FieldType.STRING_SET),
        Field("odd.few", FieldType.STRING_SET, values=("a", "b", "c")),
        Field("odd.flag", FieldType.BOOLEAN),
        Field("odd.count", FieldType.INTEGER),
        Field("odd.size", FieldType.NUMBER),
        Field("odd.enum", FieldType.ENUM, ("a", "b", "it's")),
    )
}

SMALLEST, LARGEST = -(2**63), 2**63 - 1


def rule(name: str, require: Any, when: Any = TRUE, severity: Severity = Severity.ERROR, message: str = "") -> Rule:
    facts = dict.fromkeys(fact for c in (when, require) for leaf in _leaves(c) for fact in leaf.facts)
    text = message or " ".join([f"{name}:", *(f"{{{fact}}}" for fact in facts)])
    return Rule(name, name, ("use",), when, require, severity, text, (), SourceRef("doc", "A section"))


def _leaves(condition: Any) -> list[Leaf]:
    return [condition] if isinstance(condition, Leaf) else [leaf for part in condition.parts for leaf in _leaves(part)]


def leaf(fact: str, relation: Relation, operand: Any = None, other: str | None = None, negated: bool = False) -> Leaf:
    return Leaf(fact, relation, frozenset(operand) if isinstance(operand, list | tuple) else operand, other, negated)


def hostile_pack() -> Pack:
    """Return a pack whose fact names, texts, literals and messages are hostile, with every relation and type."""
    r = Relation
    rules = [
        *(rule(f"name.n{n}", leaf(name, r.IN, TEXTS[:8])) for n, name in enumerate(NAMES)),
        *(rule(f"text.n{n}", leaf("odd.other", r.EQUALS, text), message=text) for n, text in enumerate(TEXTS)),
        rule("link.same", leaf(NAMES[0], r.EQUALS, None, "odd.other")),
        rule("link.in-set", leaf("odd.set", r.CONTAINS, None, "odd.other")),
        rule("set.one", leaf("odd.set", r.CONTAINS, "it's; \\ odd")),
        rule("set.any", leaf("odd.set", r.CONTAINS_ANY, TEXTS, negated=True)),
        rule("set.all", leaf("odd.set", r.CONTAINS_ALL, TEXTS[:2])),
        rule("set.any-of-set", leaf("odd.set", r.CONTAINS_ANY, None, "odd.more")),
        rule("set.all-of-set", leaf("odd.set", r.CONTAINS_ALL, None, "odd.more", True)),
        rule("set.few", leaf("odd.few", r.CONTAINS_ALL, ("a", "b"))),
        rule("flag.is", AnyOf((leaf("odd.flag", r.EQUALS, True), leaf("odd.flag", r.IN, (True, False), None, True)))),
        rule("count.smallest", leaf("odd.count", r.EQUALS, SMALLEST, negated=True)),
        rule(
            "count.between", AllOf((leaf("odd.count", r.ABOVE, -5), leaf("odd.count", r.AT_LEAST, LARGEST, None, True)))
        ),
        rule("count.in", leaf("odd.count", r.IN, (SMALLEST, 0, 2**53 + 1))),
        rule("size.above", leaf("odd.size", r.ABOVE, 0.1)),
        rule("size.most", leaf("odd.size", r.ABOVE, 1e300, None, True), when=leaf("odd.enum", r.IN, ("a", "it's"))),
        rule("enum.warns", leaf("odd.enum", r.EQUALS, "it's"), severity=Severity.WARNING),
        rule("notice.flag", TRUE, when=leaf("odd.flag", r.EQUALS, True), severity=Severity.NOTICE),
    ]
    return pack_of(rules, FIELDS)


def hostile_rows() -> list[dict[str, Any]]:
    """Return rows of plain values: each value of each fact alone, and mixtures of them."""
    values: dict[str, list[Any]] = {name: [None, *TEXTS, "other"] for name in (*NAMES, "odd.other")}
    values |= {
        "odd.set": [
            None,
            [],
            *([text] for text in TEXTS),
            [*TEXTS],
            ["it's; \\ odd"],
            ["none"],
            ["[", "]"],
            ["b", "a"],
        ],
        "odd.more": [None, [], ["'"], ["'", '"'], ["x"]],
        "odd.few": [None, [], ["a"], ["c", "b", "a"]],
        "odd.flag": [None, True, False],
        "odd.count": [None, SMALLEST, LARGEST, 0, -5, -4, 2**53, 2**53 + 1],
        "odd.size": [
            None,
            0.1,
            0.30000000000000004,
            1e300,
            1e301,
            -0.0,
            1234567.125,
            1e15,
            1e14,
            1e-7,
            2.5e-5,
            1e20,
            123456789012.5,
            0.1 + 0.2,
            1 / 3,
            -1 / 3,
            99999999999.9,
            9999999999.96,
        ],
        "odd.enum": [None, "a", "b", "it's"],
    }
    names = list(values)
    rows = [{name: (value if name == own else None) for name in names} for own in names for value in values[own]]
    longest = max(map(len, values.values()))
    for shift in range(3):
        rows += [
            {
                name: own[(n * (1 + place % (2 + shift)) + place) % len(own)]
                for place, (name, own) in enumerate(values.items())
            }
            for n in range(longest * 3)
        ]
    return rows
