"""Examples as YAML that can be pasted into a rule file, in the style of the built-in pack."""

from __future__ import annotations

from imagefit.facts import Facts
from imagefit.rulepack.pack import Outcome
from imagefit.rulepack.yamltext import yaml_value

__all__ = ["example_lines", "yaml_value"]

_WIDTH = 120


def example_lines(facts: Facts, outcome: Outcome, remark: str = "", indent: int = 4) -> list[str]:
    """Return an item of a rule's `examples`, in one line where it fits."""
    start = " " * indent
    inside = ", ".join(f"{name}: {yaml_value(value)}" for name, value in facts.items())
    comment = f"  # {remark}" if remark else ""
    one = f"{start}- {{facts: {{{inside}}}, outcome: {outcome}}}{comment}"
    if len(one) <= _WIDTH:
        return [one]
    return [f"{start}- facts: {{{inside}}}", f"{start}  outcome: {outcome}{comment}"]
