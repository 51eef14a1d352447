"""What a change of rules means: two packs compared by their outcomes on every candidate, not by their text.

What counts as *meaning* is what can change a result: rules, their outcomes, severities and operations, the
types and values of facts, the operations. Titles, messages, remedies, sources and tags are *wording*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from imagefit.analysis.differences import OutcomeChange, WordChange, conditions_of, outcome_changes, word_changes
from imagefit.analysis.enumeration import TooManyCases
from imagefit.conditions import canonical
from imagefit.errors import Position
from imagefit.facts import Field
from imagefit.rulepack.pack import Pack, Rule

__all__ = ["PackDiff", "RuleChange", "RuleDiff", "diff", "joint_fields"]


class RuleChange(StrEnum):
    """What became of a rule."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"  # another id, the same outcomes, severity and operations
    CHANGED = "changed"  # other outcomes, severity or operations
    REWRITTEN = "rewritten"  # other conditions, the same outcomes on every candidate
    REWORDED = "reworded"  # only what is shown is another text
    NOT_EXAMINED = "not examined"  # too many cases to look at


@dataclass(frozen=True, slots=True)
class RuleDiff:
    """One rule that is not the same in both packs.

    Attributes
    ----------
    outcomes
        Each way in which an outcome changes, with a candidate that shows it.
    scope
        What changed of severity and operations, in words.
    wording
        What else is not the same: ``title``, ``message``, ``remedies``, ...
    combinations
        How many combinations of cells were looked at.
    """

    rule: str
    change: RuleChange
    position: Position | None
    outcomes: tuple[OutcomeChange, ...] = ()
    scope: tuple[str, ...] = ()
    wording: tuple[str, ...] = ()
    combinations: int = 0
    new_name: str | None = None

    @property
    def is_meaning(self) -> bool:
        """Whether a result can be another one (what was not examined counts)."""
        return self.change not in (RuleChange.REWRITTEN, RuleChange.REWORDED)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as in the JSON of ``rules diff``."""
        at = self.position
        return {
            "rule": self.rule,
            "change": self.change.value,
            "new_name": self.new_name,
            "file": at and at.file,
            "line": at and at.line,
            "outcomes": [change.to_dict() for change in self.outcomes],
            "scope": list(self.scope),
            "wording": list(self.wording),
            "combinations": self.combinations,
        }


@dataclass(frozen=True, slots=True)
class PackDiff:
    """All that differs between two packs."""

    rules: tuple[RuleDiff, ...]
    words: tuple[WordChange, ...]
    same: int

    @property
    def is_same_meaning(self) -> bool:
        """Whether no candidate can get another result."""
        return not any(rule.is_meaning for rule in self.rules) and not any(word.is_meaning for word in self.words)

    def to_dict(self) -> dict[str, Any]:
        """Return the difference as the JSON of ``rules diff``."""
        return {
            "same_meaning": self.is_same_meaning,
            "rules": [rule.to_dict() for rule in self.rules],
            "words": [word.to_dict() for word in self.words],
            "unchanged": self.same,
        }


def diff(old: Pack, new: Pack) -> PackDiff:
    """Compare two packs rule by rule, over every candidate that either can tell apart."""
    fields = joint_fields(old, new)
    before, after = {rule.id: rule for rule in old.rules}, {rule.id: rule for rule in new.rules}
    found = [
        changed
        for name in before.keys() & after.keys()
        if (changed := _changed(before[name], after[name], old, new, fields)) is not None
    ]
    gone = {name: before[name] for name in before.keys() - after.keys()}
    come = {name: after[name] for name in after.keys() - before.keys()}
    found += _renamed(gone, come, old, new, fields)
    found += [RuleDiff(name, RuleChange.REMOVED, rule.position) for name, rule in gone.items()]
    found += [RuleDiff(name, RuleChange.ADDED, rule.position) for name, rule in come.items()]
    found.sort(key=lambda rule: rule.rule)
    same = len(before.keys() & after.keys()) - sum(rule.rule in before and rule.rule in after for rule in found)
    return PackDiff(tuple(found), tuple(word_changes(old, new)), same)


def joint_fields(old: Pack, new: Pack) -> Mapping[str, Field]:
    """Return the fields of both packs; one that both have takes the values of both."""
    fields = {**old.fields, **new.fields}
    for name in old.fields.keys() & new.fields.keys():
        mine, theirs = old.fields[name], new.fields[name]
        if mine.type is theirs.type and mine.values and theirs.values:
            values = tuple(dict.fromkeys((*mine.values, *theirs.values)))
            fields[name] = Field(name, theirs.type, values, theirs.unit)
        elif mine.type is theirs.type:
            least = mine.at_least if mine.takes(theirs) else theirs.at_least
            fields[name] = Field(name, theirs.type, (), theirs.unit, at_least=least)
    return fields


def _changed(old: Rule, new: Rule, was: Pack, now: Pack, fields: Mapping[str, Field]) -> RuleDiff | None:
    scope, wording = _scope(old, new), _wording(old, new)
    rewritten = [canonical(c) for c in conditions_of(old)] != [canonical(c) for c in conditions_of(new)]
    outcomes: tuple[OutcomeChange, ...] = ()
    combinations = 0
    if retyped := [n for n in old.facts if n in new.facts and was.fields[n].type is not now.fields[n].type]:
        scope = (*scope, *(f"{n} is of another type" for n in retyped))
    elif rewritten:
        try:
            outcomes, combinations = outcome_changes(old, new, fields)
        except TooManyCases as error:
            return RuleDiff(new.id, RuleChange.NOT_EXAMINED, new.position, (), scope, wording, error.combinations)
    if outcomes or scope:
        kind = RuleChange.CHANGED
    elif rewritten:
        kind = RuleChange.REWRITTEN
    elif wording:
        kind = RuleChange.REWORDED
    else:
        return None
    return RuleDiff(new.id, kind, new.position, outcomes, scope, wording, combinations)


def _renamed(
    gone: dict[str, Rule], come: dict[str, Rule], was: Pack, now: Pack, fields: Mapping[str, Field]
) -> list[RuleDiff]:
    """Take out pairs of a rule that went and one that came if they mean the same."""
    found = []
    for name in sorted(gone):
        for other in sorted(come):
            old, new = gone[name], come[other]
            if set(old.facts) != set(new.facts):
                continue
            changed = _changed(old, new, was, now, fields)
            if changed is None or not changed.is_meaning:
                combinations = changed.combinations if changed else 0
                wording = changed.wording if changed else ()
                found.append(
                    RuleDiff(
                        name,
                        RuleChange.RENAMED,
                        new.position,
                        wording=wording,
                        combinations=combinations,
                        new_name=other,
                    )
                )
                del gone[name], come[other]
                break
    return found


def _scope(old: Rule, new: Rule) -> tuple[str, ...]:
    parts = []
    if old.severity is not new.severity:
        parts.append(f"severity {old.severity} -> {new.severity}")
    if lost := [name for name in old.operations if name not in new.operations]:
        parts.append(f"no longer for {', '.join(lost)}")
    if won := [name for name in new.operations if name not in old.operations]:
        parts.append(f"now for {', '.join(won)}")
    return tuple(parts)


def _wording(old: Rule, new: Rule) -> tuple[str, ...]:
    names = ("title", "message", "description", "remedies", "source", "see_also", "basis")
    differing = [name for name in names if getattr(old, name) != getattr(new, name)]
    differing += [name for name in ("tags", "error_codes") if set(getattr(old, name)) != set(getattr(new, name))]
    return tuple(differing)
