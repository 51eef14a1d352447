"""The single differences that `diff` is made of: how outcomes change, and how the vocabulary does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from imagefit.analysis.enumeration import reach
from imagefit.conditions import Condition
from imagefit.evaluators.reference import outcome_of
from imagefit.facts import Facts, Field, show_value
from imagefit.rulepack.pack import Default, Outcome, Pack, Rule
from imagefit.verdicts import json_value

__all__ = ["OutcomeChange", "WordChange", "conditions_of", "outcome_changes", "word_changes"]

_ORDER = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class OutcomeChange:
    """An outcome that is another one now, on this candidate for one."""

    old: Outcome
    new: Outcome
    witness: Facts

    def to_dict(self) -> dict[str, Any]:
        """Return the change as in the JSON of ``rules diff``."""
        facts = {name: json_value(value) for name, value in self.witness.items()}
        return {"old": self.old.value, "new": self.new.value, "witness": facts}


@dataclass(frozen=True, slots=True)
class WordChange:
    """A fact, an operation, a remedy, ... that is not the same in both packs."""

    kind: str  # "fact", "operation", "assumption", "remedy", "call", "source"
    name: str
    change: str
    is_meaning: bool

    def to_dict(self) -> dict[str, Any]:
        """Return the change as in the JSON of ``rules diff``."""
        return {"kind": self.kind, "name": self.name, "change": self.change, "meaning": self.is_meaning}


def conditions_of(rule: Rule) -> tuple[Condition, Condition]:
    """Return the two conditions that make a rule's outcome."""
    return rule.when, rule.required


def outcome_changes(old: Rule, new: Rule, fields: Mapping[str, Field]) -> tuple[tuple[OutcomeChange, ...], int]:
    """Return each way in which the outcome changes, and how many combinations of cells were looked at.

    Raises
    ------
    TooManyCases
        If there is too much to look at.
    """
    cases = reach([*conditions_of(old), *conditions_of(new)], fields)
    found: dict[tuple[Outcome, Outcome], Facts] = {}
    for truths, facts in cases.witnesses.items():
        pair = (outcome_of(*truths[:2]), outcome_of(*truths[2:]))
        if pair[0] is not pair[1]:
            found.setdefault(pair, facts)
    changes = [OutcomeChange(*pair, facts) for pair, facts in found.items()]
    changes.sort(key=lambda change: (_ORDER.index(change.new), _ORDER.index(change.old)))
    return tuple(changes), cases.combinations


def word_changes(old: Pack, new: Pack) -> Iterator[WordChange]:
    """Yield what differs of the vocabulary, by kind and name; an assumption can change a verdict, a call can't."""
    for kind, was, now in (
        ("fact", old.fields, new.fields),
        ("operation", old.operations, new.operations),
        ("assumption", old.assumptions, new.assumptions),
        ("remedy", old.remedies, new.remedies),
        ("call", old.calls, new.calls),
        ("source", old.sources, new.sources),
    ):
        counts = kind in ("fact", "operation", "assumption")
        for name in sorted({*was, *now}):
            if name not in was or name not in now:
                yield WordChange(kind, name, "removed" if name in was else "added", counts)
            elif kind == "fact":
                yield from _field_changes(old.fields[name], new.fields[name])
            elif kind == "assumption" and _assumed(old.assumptions[name]) != _assumed(new.assumptions[name]):
                yield WordChange(kind, name, "assumes something else", True)
            elif was[name] != now[name]:
                yield WordChange(kind, name, "reworded", False)


def _assumed(default: Default) -> tuple[object, ...]:
    """Return what an assumption does, whatever its words."""
    return default.of, default.fact, default.value, default.where


def _field_changes(old: Field, new: Field) -> Iterator[WordChange]:
    if old.type is not new.type:
        yield WordChange("fact", new.name, f"type {old.type} -> {new.type}", True)
    if old.unit != new.unit:
        yield WordChange("fact", new.name, f"unit {old.unit or 'none'} -> {new.unit or 'none'}", True)
    if old.at_least != new.at_least:
        before, after = ("none" if of.at_least is None else show_value(of.at_least) for of in (old, new))
        yield WordChange("fact", new.name, f"least value {before} -> {after}", True)
    lost = [value for value in old.values if value not in new.values]
    won = [value for value in new.values if value not in old.values]
    if lost and new.values:
        yield WordChange("fact", new.name, f"no longer {', '.join(lost)}", True)
    if won and old.values:
        yield WordChange("fact", new.name, f"now also {', '.join(won)}", True)
    if bool(old.values) is not bool(new.values):
        yield WordChange("fact", new.name, "now any text" if old.values else "now certain values only", True)
    if old.meaning != new.meaning:
        yield WordChange("fact", new.name, "reworded", False)
