"""A condition as a tree, one node a line; on a candidate, each node with its truth and each fact's value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imagefit.conditions import AllOf, Condition, Leaf
from imagefit.evaluators.reference import truth
from imagefit.facts import Facts, Field, show_value
from imagefit.reports.words import leaf_text, show_operand
from imagefit.verdicts import json_value

__all__ = ["condition_dict", "condition_lines"]

_TRUTHS = {True: "true", False: "false", None: "unknown"}


def condition_lines(
    condition: Condition,
    fields: Mapping[str, Field],
    facts: Facts | None = None,
    depth: int = 0,
) -> Iterator[tuple[int, str]]:
    """Yield depth and text of each node; with `facts`, each text begins with the node's truth.

    A conjunction or disjunction that was written as a named condition bears its name.
    """
    mark = "" if facts is None else f"[{_TRUTHS[truth(condition, facts)]}] "
    if isinstance(condition, Leaf):
        yield depth, mark + leaf_text(condition, fields) + _found(condition, fields, facts)
        return
    if not condition.parts:
        yield depth, mark + ("always" if isinstance(condition, AllOf) else "never")
        return
    name = "" if condition.name is None else f"{condition.name}: "
    yield depth, f"{mark}{name}{'all of' if isinstance(condition, AllOf) else 'any of'}"
    for part in condition.parts:
        yield from condition_lines(part, fields, facts, depth + 1)


def condition_dict(condition: Condition, facts: Facts) -> dict[str, Any]:
    """Return the tree on a candidate as JSON data."""
    node: dict[str, Any] = {"truth": truth(condition, facts)}
    if isinstance(condition, Leaf):
        node |= {"fact": condition.fact, "operator": condition.operator}
        if condition.other is None:
            node["expected"] = json_value(condition.operand)
        else:
            node |= {"expected_fact": condition.other, "expected": json_value(facts.get(condition.other))}
        return node | {"actual": json_value(facts.get(condition.fact))}
    if condition.name is not None:
        node["is"] = condition.name
    kind = "all" if isinstance(condition, AllOf) else "any"
    return node | {kind: [condition_dict(part, facts) for part in condition.parts]}


def _found(leaf: Leaf, fields: Mapping[str, Field], facts: Facts | None) -> str:
    if facts is None:
        return ""
    if leaf.other is None:
        return f"; found {show_operand(facts.get(leaf.fact), fields.get(leaf.fact))}"
    return f"; found {show_value(facts.get(leaf.fact))} and {show_value(facts.get(leaf.other))}"
