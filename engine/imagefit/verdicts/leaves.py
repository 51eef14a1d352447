"""Comparisons and remedies as a verdict has them: what was expected and found, and what can be done."""

from __future__ import annotations

import json
from typing import Any

from imagefit.conditions import Operand
from imagefit.facts import Value
from imagefit.values import dataclass

__all__ = ["LeafResult", "RemedyText", "as_json", "json_value"]

as_json = json.JSONEncoder(ensure_ascii=False).encode
"""As `json.dumps` with these options, which makes an encoder for each call."""


@dataclass(frozen=True, slots=True)
class LeafResult:
    """A leaf on a candidate: what was expected and what was found (None: unknown)."""

    part: str  # "when" or "require"
    fact: str
    operator: str
    expected: Operand | None
    actual: Value | None
    truth: bool | None
    expected_fact: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the leaf as in the JSON of a verdict."""
        out = {"part": self.part, "fact": self.fact, "operator": self.operator, "expected": json_value(self.expected)}
        if self.expected_fact is not None:
            out["expected_fact"] = self.expected_fact
        out["actual"] = json_value(self.actual)
        return out


@dataclass(frozen=True, slots=True)
class RemedyText:
    """A remedy that can be done: its id, its text with the candidate's facts filled in, and who does it.

    `warnings` are the rules of severity warning that do not fail on the candidate and would fail after it. Of a remedy
    that chooses something else, `heeding` are the rules that would fail if what is chosen were otherwise alike.
    """

    id: str
    text: str
    actor: str = ""
    warnings: tuple[str, ...] = ()
    heeding: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as in the JSON of a verdict; `warnings` and `heeding` only where there are some."""
        rules = {"warnings": list(self.warnings), "heeding": list(self.heeding)}
        return {"id": self.id, "text": self.text, "by": self.actor} | {name: ids for name, ids in rules.items() if ids}


def json_value(value: Operand | None) -> Any:
    """Return a value as JSON data: a set as a sorted list."""
    return sorted(value, key=lambda v: (str(type(v)), v)) if isinstance(value, frozenset) else value
