"""Packs that blow up: small files whose tables, searches or networks would be huge, a maker for each kind.

``files(kind, Random(7))`` is the pack as files by name, the same for the same random numbers; every pack of `KINDS`
loads, but for those of `REFUSED`, which are refused with a message. Used by the tests and by the fuzzer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any

__all__ = ["KINDS", "OPERATION", "REFUSED", "a_thousand", "files", "rule_count"]

OPERATION = "go"
"""The only operation of these packs."""

Rule = dict[str, Any]
Made = tuple[dict[str, Any], list[Rule]]
"""The fields, and the rules' `when`, `require` and what else is said of them."""


def files(kind: str, random: Random) -> dict[str, str]:
    """Return a pack of a kind as texts by the names of their files."""
    if kind in REFUSED:
        return REFUSED[kind](random)
    fields, rules = KINDS[kind](random)
    return _pack(fields, rules)


def rule_count(made: Mapping[str, str]) -> int:
    """Return how many rules a pack has."""
    return len(json.loads(made["r.yaml"]))


def _pack(fields: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, str]:
    """Return the files; JSON is YAML, too."""
    words = {
        "operations": {OPERATION: {"title": "go"}},
        "fields": fields,
        "sources": {"s": {"title": "S", "address": "https://example.com", "read": "2026-01-31"}},
    }
    same = {"title": "T", "operations": "all", "severity": "error", "message": "no", "source": {"document": "s"}}
    written = [{"id": f"r.n{n}", **same, **rule} for n, rule in enumerate(rules)]
    return {
        "pack.yaml": "name: blown\nversion: 1.0.0\ntitle: Blown\nincludes: [words.yaml, r.yaml]\n",
        "words.yaml": json.dumps(words, ensure_ascii=False),
        "r.yaml": json.dumps(written, ensure_ascii=False),
    }


# -- fields and conditions ----------------------------------------------------------------------------------


def _field(kind: str, example: Any, **more: Any) -> dict[str, Any]:
    return {"type": kind, "meaning": "m", "example": example, **more}


def _flags(count: int) -> dict[str, Any]:
    return {f"f{n}": _field("boolean", True) for n in range(count)}


def _terms(random: Random, names: Sequence[str], count: int, width: int) -> dict[str, Any]:
    """Return an `any` of conjunctions over facts that stand in many of them."""
    chosen = [random.sample(names, min(width, len(names))) for _ in range(count)]
    return {"any": [{"all": [{name: random.random() < 0.5} for name in term]} for term in chosen]}


def _parity(names: Sequence[str]) -> dict[str, Any]:
    """Return an exclusive or, written out: nothing of it is known until all of its facts are."""
    if len(names) == 1:
        return {names[0]: True}
    half = len(names) // 2
    left, right = _parity(names[:half]), _parity(names[half:])
    return {"any": [{"all": [left, {"not": right}]}, {"all": [{"not": left}, right]}]}


# -- the kinds ----------------------------------------------------------------------------------------------


def _entangled(random: Random) -> Made:
    """One rule whose comparisons share thirty facts."""
    fields = _flags(random.randint(20, 40))
    names = list(fields)
    return fields, [
        {"when": _terms(random, names, len(names), 3), "require": {"any": [{names[0]: True}, {names[1]: False}]}}
    ]


def _overlapping(random: Random) -> Made:
    """A dozen rules, each over the same thirty facts."""
    fields = _flags(30)
    names = list(fields)
    return fields, [
        {"when": _terms(random, names, 20, 3), "require": _terms(random, names, 3, 2)}
        for _ in range(random.randint(8, 16))
    ]


def _parities(random: Random) -> Made:
    """Exclusive ors of up to sixteen facts."""
    fields = _flags(16)
    names = list(fields)
    return fields, [{"require": _parity(random.sample(names, random.randint(6, 16)))} for _ in range(3)]


def _wide(random: Random) -> Made:
    """Rules of hundreds of facts, each in one comparison."""
    fields = _flags(random.randint(400, 900))
    names = list(fields)
    half = len(names) // 2
    pairs = [{"any": [{a: True}, {b: False}]} for a, b in zip(names[:half], names[half:], strict=False)]
    return fields, [{"require": {"all": pairs}}, {"when": {"any": pairs}, "require": {names[0]: True}}]


def _nested(random: Random) -> Made:
    """Conditions as deep as a file may be."""
    fields = _flags(12)
    names = list(fields)

    def deep(levels: int) -> dict[str, Any]:
        own = {random.choice(names): random.random() < 0.5}
        if not levels:
            return own
        return {random.choice(("all", "any")): [own, {"not": deep(levels - 1)}]}

    return fields, [{"when": deep(11), "require": deep(11)} for _ in range(20)]


def _enums(random: Random) -> Made:
    """Two enums of thousands of values, compared with each other and with hundreds of their values."""
    size = random.choice((1000, 3000, 5000))
    fields = {
        f"e{n}": _field("enum", f"v{100 + n}", values=[f"v{m}" for m in range(n * 7, size + n * 7)]) for n in range(4)
    }
    some = [f"v{m}" for m in random.sample(range(100, size), min(300, size // 4))]
    return fields, [
        {"when": {"e0": {"same_as": "e1"}}, "require": {"e2": {"same_as": "e3"}}},
        {"require": {"any": [{"e0": {"same_as": "e1"}}, {"e1": some}]}},
        {"require": {"any": [{"e0": {"same_as": "e2"}}, {"e1": {"same_as": "e3"}}, {"e3": {"not_in": some}}]}},
    ]


def _universe(random: Random) -> Made:
    """Sets in which dozens of elements are looked for, of universes of thousands."""
    values = [f"x{n}" for n in range(3000)]
    fields = {
        "s0": _field("set", ["x1"], values=values),
        "s1": _field("set", ["x1"]),
        "s2": _field("set", ["x1"]),
        "one": _field("string", "x1"),
    }
    some = random.sample(values, 60)
    return fields, [
        {"require": {"all": [{"s0": {"contains": value}} for value in some]}},
        {"when": {"s1": {"contains": {"field": "one"}}}, "require": {"s1": {"contains_any": {"field": "s2"}}}},
        {"require": {"any": [{"s1": {"contains_all": some[n : n + 9]}} for n in range(0, 50, 3)]}},
    ]


def _sharing(random: Random) -> Made:
    """Up to 200 rules that share a few facts, and have two of their own."""
    count = random.randint(100, 200)
    fields = {"kind": _field("enum", "a", values=list("abcdef")), "place": _field("enum", "p", values=list("pqrs"))}
    fields |= {f"o{n}": _field("boolean", True) for n in range(count)}
    fields |= {f"n{n}": _field("integer", 3) for n in range(count)}
    rules: list[Rule] = [
        {
            "when": {"kind": random.sample("abcdef", 2), "place": random.choice("pqrs")},
            "require": {"any": [{f"o{n}": True}, {f"n{n}": {"at_least": random.randint(1, 9)}}]},
        }
        for n in range(count)
    ]
    return fields, rules


def _chained(random: Random) -> Made:
    """Dozens of numbers and of texts, each compared with the next."""
    size = random.randint(10, 40)
    fields = {f"n{n}": _field("integer", 3) for n in range(size)} | {
        f"t{n}": _field("string", "x") for n in range(size)
    }
    ordered = [{f"n{n}": {"at_least": {"field": f"n{n + 1}"}}} for n in range(size - 1)]
    same = [{f"t{n}": {"same_as": f"t{n + 1}"}} for n in range(size - 1)]
    return fields, [{"require": {"all": ordered}}, {"require": {"any": same}}, {"when": ordered[0], "require": same[0]}]


def _thresholds(random: Random) -> Made:
    """Numbers that are compared with hundreds of numbers."""
    fields = {f"n{n}": _field("integer", 3) for n in range(3)}
    rules: list[Rule] = [
        {
            "when": {f"n{n % 3}": {"at_least": random.randint(-10_000, 10_000)}},
            "require": {"any": [{f"n{m}": {"above": random.randint(-10_000, 10_000)}} for m in (0, 1, 2)]},
        }
        for n in range(150)
    ]
    steps = [{"n0": {"at_least": 10 * n}} if n % 2 else {"n1": {"above": 7 * n}} for n in range(400)]
    return fields, [*rules, {"require": {"any": steps}}]


def _lists(random: Random) -> Made:
    """Lists of thousands of literals."""
    fields = {
        "t": _field("string", "x"),
        "u": _field("string", "x"),
        "n": _field("integer", 3),
        "k": _field("boolean", True),
    }
    texts = [f"text-{n}" for n in range(random.choice((2000, 5000)))]
    return fields, [
        {"require": {"any": [{"t": texts}, {"u": {"not_in": texts[::2]}}]}},
        {"when": {"n": [7 * n for n in range(len(texts))]}, "require": {"any": [{"k": True}, {"t": texts[::3]}]}},
        {"when": {"t": texts[1::3], "u": texts}, "require": {"n": list(range(3000))}},
    ]


def _names(random: Random) -> Made:
    """Names and values that look like patterns, like each other, and like anything but names."""
    odd = ["(a+)+$", ".*", "%s{}{0}", "a" * 200, "\\", "é" * 50, "-" * 60, "[[[", "{{x}}", "$(x)"]
    names = [f"a{'.a' * n}" for n in range(1, 15)] + ["x" * 60, "x" * 59 + "y"]
    fields = {name: _field("enum", odd[0], values=odd) for name in names}
    rules = [{"require": {name: {"not": random.choice(odd)}}} for name in names]
    return fields, [*rules, {"require": {"any": [{name: {"same_as": names[-1]}} for name in names[:-1]]}}]


def _anything(random: Random) -> Made:
    """Up to 200 rules of any shape over a few dozen facts of every type."""
    return _of_any_shape(random, levels=random.choice((1, 1, 2, 2, 3)), count=random.choice((10, 50, 200)))


def a_thousand(random: Random, levels: int = 1) -> dict[str, str]:
    """Return a pack of 1,000 rules of any shape over a few dozen facts, of some 5, 12 or 25 comparisons each."""
    return _pack(*_of_any_shape(random, levels, count=1000))


def _of_any_shape(random: Random, levels: int, count: int) -> Made:
    fields: dict[str, Any] = {f"b{n}": _field("boolean", True) for n in range(random.randint(5, 30))}
    fields |= {f"n{n}": _field("integer", 3) for n in range(random.randint(1, 6))}
    fields |= {f"e{n}": _field("enum", "a", values=list("abcdefgh")) for n in range(random.randint(1, 6))}
    fields |= {f"t{n}": _field("string", "a") for n in range(random.randint(1, 4))}
    fields |= {f"s{n}": _field("set", ["a"]) for n in range(random.randint(1, 3))}
    names = list(fields)

    def leaf() -> dict[str, Any]:
        name = random.choice(names)
        others = [other for other in names if other[0] == name[0] and other != name]
        links = {"n": "at_least", "e": "same_as", "t": "same_as"}
        if name[0] in links and others and random.random() < 0.2:
            other = random.choice(others)
            return {name: {links[name[0]]: {"field": other} if name[0] == "n" else other}}
        return {
            "b": {name: random.random() < 0.5},
            "n": {name: {random.choice(("at_least", "below")): random.randint(0, 9)}},
            "e": {name: random.sample("abcdefgh", random.randint(1, 3))},
            "t": {name: random.choice("abc")},
            "s": {name: {"contains": random.choice("abc")}},
        }[name[0]]

    def tree(levels: int) -> dict[str, Any]:
        if not levels or random.random() < 0.2:
            return leaf()
        return {random.choice(("all", "any")): [tree(levels - 1) for _ in range(random.randint(2, 4))]}

    return fields, [{"when": tree(levels), "require": tree(levels)} for _ in range(count)]


KINDS: Mapping[str, Callable[[Random], Made]] = {
    "anything": _anything,
    "chained": _chained,
    "entangled": _entangled,
    "enums": _enums,
    "lists": _lists,
    "names": _names,
    "nested": _nested,
    "overlapping": _overlapping,
    "parities": _parities,
    "sharing": _sharing,
    "thresholds": _thresholds,
    "universe": _universe,
    "wide": _wide,
}
"""The kinds of packs that load."""


def _aliases(random: Random) -> dict[str, str]:
    """Aliases of aliases: a gigabyte in a dozen lines."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, random.randint(8, 12))]
    return {**_pack({}, []), "words.yaml": "\n".join(lines) + "\n"}


def _references(random: Random) -> dict[str, str]:
    """Named conditions of which each is the one before, twice."""
    made = _pack(_flags(2), [{"require": {"is": "c30"}}])
    words = json.loads(made["words.yaml"])
    words["conditions"] = {"c0": {"meaning": "m", "condition": {"f0": True}}} | {
        f"c{n}": {"meaning": "m", "condition": {"any": [{"is": f"c{n - 1}"}, {"is": f"c{n - 1}"}]}}
        for n in range(1, 31)
    }
    return {**made, "words.yaml": json.dumps(words)}


def _too_deep(random: Random) -> dict[str, str]:
    """A condition that is nested far too deeply."""
    return _pack(_flags(1), []) | {"r.yaml": "[" * random.randint(1000, 100_000)}


REFUSED: Mapping[str, Callable[[Random], dict[str, str]]] = {
    "aliases": _aliases,
    "references": _references,
    "too-deep": _too_deep,
}
"""The kinds of packs that are refused, with a message, at once."""
