"""Write facts and examples as YAML that `yamlfile` reads back, in the style of the built-in pack."""

from __future__ import annotations

import re

from imagefit.escaping import quoted
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Outcome

__all__ = ["example_lines", "example_text", "yaml_value"]

_WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def yaml_value(value: Value) -> str:
    """Return a fact's value as YAML that is read back as the same value.

    >>> yaml_value("uefi"), yaml_value("007"), yaml_value(1024.0), yaml_value(frozenset(["kvm"]))
    ('uefi', '"007"', '1024', '[kvm]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, frozenset):
        return f"[{', '.join(map(yaml_value, sorted(value)))}]"
    if _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT:
        return value
    return quoted(value)


def example_text(facts: Facts, outcome: Outcome) -> str:
    """Return an item of a rule's `examples`, without the dash."""
    return f"{{facts: {_facts(facts)}, outcome: {outcome}}}"


def example_lines(facts: Facts, outcome: Outcome, remark: str, indent: int = 4) -> list[str]:
    """Return an item of a rule's `examples`, in one line where it fits."""
    start = " " * indent
    comment = f"  # {remark}" if remark else ""
    one = f"{start}- {example_text(facts, outcome)}{comment}"
    if len(one) <= _WIDTH:
        return [one]
    return [f"{start}- facts: {_facts(facts)}", f"{start}  outcome: {outcome}{comment}"]


def _facts(facts: Facts) -> str:
    return f"{{{', '.join(f'{name}: {yaml_value(value)}' for name, value in facts.items())}}}"
