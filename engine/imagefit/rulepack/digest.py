"""The digest of a pack: SHA-256 over its meaning.

Comments, key order, file order, the order of rules and of the parts of a condition, and names of named
conditions do not change it; nor do examples, which say nothing new. Everything that a verdict or its
explanation can show does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from imagefit.conditions import canonical
from imagefit.facts import Field
from imagefit.rulepack.pack import Call, Choice, Default, Effect, Pack, Remedy, Rule

__all__ = ["digest"]


def digest(pack: Pack) -> str:
    """Return ``sha256:`` and the hexadecimal digest of what the parts of a pack mean; its own is not looked at."""
    meaning: dict[str, Any] = {
        "name": pack.name,
        "version": pack.version,
        "fields": {f.name: _field(f) for f in pack.fields.values()},
        "operations": {o.name: [o.title, o.meaning] for o in pack.operations.values()},
        "remedies": {r.id: _remedy(r) for r in pack.remedies.values()},
        "sources": {s.id: [s.title, s.address, s.read, s.remarks] for s in pack.sources.values()},
        "rules": {r.id: _rule(r) for r in pack.rules},
    }
    if pack.calls:
        meaning["calls"] = {name: _call(call) for name, call in pack.calls.items()}
    if pack.assumptions:
        meaning["assumptions"] = {name: _default(default) for name, default in pack.assumptions.items()}
    if pack.costs:
        meaning["costs"] = {name: [cost.rank, cost.meaning] for name, cost in pack.costs.items()}
    if pack.choices:
        meaning["choices"] = {name: _choice(choice) for name, choice in pack.choices.items()}
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _field(field: Field) -> list[Any]:
    more: dict[str, Any] = {"elements": field.elements, "supplied_by": list(field.supplied_by)}
    least = {} if field.at_least is None else {"at_least": field.at_least}
    told = [more | least] if least or any(more.values()) else []
    return [field.type.value, sorted(field.values), field.unit, field.meaning, *told]


def _call(call: Call) -> list[Any]:
    source = None if call.source is None else [call.source.document, call.source.section]
    words = [call.title, call.api, call.command, call.terraform, call.file, call.option]
    return [words, sorted(call.operations), source]


def _default(default: Default) -> list[Any]:
    value = sorted(default.value) if isinstance(default.value, frozenset) else default.value
    return [default.of, default.meaning, default.fact, value, canonical(default.where)]


def _rule(rule: Rule) -> list[Any]:
    refs = [[ref.document, ref.section] for ref in (rule.source, *rule.see_also)]
    words = [rule.title, rule.message, rule.severity.value, rule.basis.value, rule.description]
    lists = [sorted(rule.operations), sorted(rule.tags), sorted(rule.error_codes), list(rule.remedies), refs]
    return [canonical(rule.when), canonical(rule.require), words, lists]


def _remedy(remedy: Remedy) -> list[Any]:
    through = remedy.through and [remedy.through.operation, _effects(remedy.through.facts)]
    more = [sorted(remedy.cost), through, remedy.instead, remedy.chooses, *filter(None, [remedy.makes])]
    own = [remedy.text, remedy.actor, canonical(remedy.requires), _effects(remedy.effects), sorted(remedy.operations)]
    return [*own, *([more] if any(more) else [])]


def _choice(choice: Choice) -> list[Any]:
    distances = sorted([d.fact, d.part, d.by, d.weight, d.meaning] for d in choice.distance)
    return [choice.title, choice.of, sorted(choice.facts), distances]


def _effects(effects: Iterable[Effect]) -> list[Any]:
    return sorted((_effect(effect) for effect in effects), key=repr)


def _effect(effect: Effect) -> list[Any]:
    value = sorted(effect.value) if isinstance(effect.value, frozenset) else effect.value
    add = None if effect.add is None else sorted(effect.add)
    return [effect.fact, value, effect.same_as, add, effect.add_from, effect.becomes_unknown]
