"""Read remedies from their models, and what they refer to: effects, costs, operations they go through, choices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from imagefit.conditions import TRUE, AllOf, Condition, Leaf, Relation
from imagefit.errors import few, nearest, shortened
from imagefit.facts import Field, FieldType, show_value
from imagefit.rulepack.pack import Choice, Distance, Effect, Remedy, Through
from imagefit.rulepack.parsing import ConditionReader, Place
from imagefit.rulepack.remedymodels import ChoiceModel, RemedyModel
from imagefit.rulepack.rulebuilding import check_placeholders
from imagefit.rulepack.yamlfile import as_written

__all__ = ["RemedyBuilder"]

_TEXTUAL = (FieldType.ENUM, FieldType.STRING)


@dataclass(frozen=True)
class RemedyBuilder:
    """Builds the remedies of one pack; `known` has its operations, costs and choices by name."""

    reader: ConditionReader
    known: Mapping[str, Mapping[str, object]]

    def remedy(self, name: str, model: RemedyModel, place: Place) -> Remedy:
        """Build a remedy; what is wrong with it is noted."""
        reader = self.reader
        requires = reader.read(place.at("requires")) if "requires" in place.data else TRUE
        check_placeholders(reader, place.at("text"), None, "a fact of the pack")
        for kind, key in (("operations", "operations"), ("costs", "cost")):
            names = getattr(model, key)
            for index, each in enumerate(names):
                self._check(kind, each, place.at(key, index))
                if each in names[:index]:
                    reader.note(place.at(key, index), "it stands twice", found=shortened(each))
        for kind, key in (("operations", "instead"), ("choices", "chooses")):
            if getattr(model, key):
                self._check(kind, getattr(model, key), place.at(key))
        through = None
        if model.through is not None:
            self._check("operations", model.through.operation, place.at("through", "operation"))
            through = Through(
                model.through.operation,
                self._effects(place.at("through"), model.through.facts, "facts", requires),
            )
        return Remedy(
            name,
            model.text,
            model.actor,
            requires,
            self._effects(place, model.effects, "effects", requires),
            operations=tuple(model.operations),
            cost=tuple(model.cost),
            through=through,
            instead=model.instead,
            chooses=model.chooses,
            makes=model.makes,
        )

    def choice(self, name: str, model: ChoiceModel, place: Place) -> Choice:
        """Build a choice; what is wrong with it is noted."""
        for index in range(len(model.facts)):
            self.reader.fact(place.at("facts", index))
        distances = []
        for index, each in enumerate(model.distance):
            at = place.at("distance", index)
            of = self.reader.fact(at.at("fact"))
            if each.part and not _is_pattern(each.part):
                self.reader.note(
                    at.at("part"), "no pattern", found=shortened(each.part), expected="a regular expression"
                )
            elif each.part and of is not None and of.type not in _TEXTUAL:
                self.reader.note(at.at("part"), "only a text has parts", found=f"{of.name}, {of.type.with_article}")
            elif of is not None and each.by == "words":
                if of.type not in _TEXTUAL:
                    self.reader.note(at.at("by"), "only a text has words", found=f"{of.name}, {of.type.with_article}")
            elif of is not None and each.by != "other" and not (of.type.is_ordered or each.part):
                self.reader.note(at.at("by"), "only numbers differ by more or less", found=each.by, expected="other")
            distances.append(Distance(each.fact, each.part, each.by, float(each.weight), each.meaning))
        return Choice(name, model.title, model.of, tuple(model.facts), tuple(distances))

    def _effects(self, place: Place, facts: Mapping[str, object], key: str, requires: Condition) -> tuple[Effect, ...]:
        read = (_effect(self.reader, place.at(key, fact), requires) for fact in facts)
        return tuple(effect for effect in read if effect is not None)

    def _check(self, kind: str, name: str, place: Place) -> None:
        known = self.known[kind]
        if name not in known and not self.reader.is_lost(kind, name):
            near = nearest(name, known)
            what = {"operations": "operation", "costs": "cost", "choices": "choice"}[kind]
            expected = None if near or not known else few(known)
            self.reader.note(place, f"unknown {what}", found=shortened(name), expected=expected, nearest=near)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _effect(reader: ConditionReader, place: Place, requires: Condition) -> Effect | None:
    """Read what a remedy does to one fact: a value, or one of `same_as`, `add`, `unknown`."""
    if (of := reader.fact(place, of_key=True)) is None:
        return None
    data = place.data
    if not isinstance(data, dict):
        value = reader.value(place, of)
        return None if value is None else Effect(of.name, value=value)
    key = next(iter(data), "")
    if len(data) != 1 or key not in ("same_as", "add", "unknown"):
        expected = "a value, {same_as: FACT}, {add: ...} or {unknown: true}"
        return reader.nothing(place, "not an effect", found=as_written(data), expected=expected)
    at = place.at(key)
    if key == "unknown":
        if at.data is not True:
            return reader.nothing(at, "not an effect", found=as_written(at.data), expected="true")
        return Effect(of.name, becomes_unknown=True)
    if key == "same_as":
        other = _giver(reader, at, of, Relation.EQUALS, requires)
        return None if other is None else Effect(of.name, same_as=other.name)
    return _addition(reader, at, of, requires)


def _addition(reader: ConditionReader, place: Place, of: Field, requires: Condition) -> Effect | None:
    """Read what a remedy adds to a set: elements, or what another fact holds."""
    if of.type is not FieldType.STRING_SET:
        return reader.nothing(
            place, "only a set can be added to", of_key=True, found=f"{of.name}, {of.type.with_article}"
        )
    if isinstance(place.data, dict):
        if list(place.data) != ["field"]:
            return reader.nothing(
                place, "not an addition", found=as_written(place.data), expected="elements, or {field: FACT}"
            )
        at = place.at("field")
        is_set = isinstance(at.data, str) and (f := reader.fields.get(at.data)) and f.type is FieldType.STRING_SET
        other = _giver(reader, at, of, Relation.CONTAINS_ALL if is_set else Relation.CONTAINS, requires)
        return None if other is None else Effect(of.name, add_from=other.name)
    elements = reader.elements(place, of)
    return None if elements is None else Effect(of.name, add=elements)


def _giver(reader: ConditionReader, place: Place, of: Field, relation: Relation, requires: Condition) -> Field | None:
    """Return the field that `place` names, if `of` can have each value that it has where the remedy is possible."""
    if (other := reader.other(of, relation, place)) is None or of.takes(other):
        return other
    if of.at_least is not None:
        if _is_at_least(other, of.at_least, requires):
            return other
        least = show_value(of.at_least)
        found = f"{other.name}, which may be below {least}"
        expected = f"a fact that `requires` limits to at least {least}"
        return reader.nothing(place, f"no value of {of.name}", found=found, expected=expected)
    values = _possible(other, requires)
    if values is not None and values <= set(of.values):
        return other
    found = f"{other.name}, which may be {', '.join(sorted(values - set(of.values))) if values else 'any text'}"
    expected = f"a fact that `requires` limits to {', '.join(of.values)}"
    return reader.nothing(place, f"no value of {of.name}", found=found, expected=expected)


def _is_at_least(of: Field, least: float, requires: Condition) -> bool:
    """Whether a condition has a part that leaves a fact no lower number."""
    upwards = (Relation.AT_LEAST, Relation.ABOVE, Relation.EQUALS, Relation.IN)
    parts = requires.parts if isinstance(requires, AllOf) else (requires,)
    own = [part for part in parts if isinstance(part, Leaf) and part.fact == of.name and part.relation in upwards]
    literals = [part.literals for part in own if part.other is None and not part.negated]
    return any(all(isinstance(each, int | float) and each >= least for each in some) for some in literals)


def _possible(of: Field, requires: Condition) -> set[str] | None:
    """Return the texts that a fact can have where a condition holds; None if that is any text."""
    values = set(of.values) or None
    for part in requires.parts if isinstance(requires, AllOf) else (requires,):
        if isinstance(part, Leaf) and part.fact == of.name and part.relation in (Relation.EQUALS, Relation.IN):
            literals = {each for each in part.literals if isinstance(each, str)}
            if part.other is None and not part.negated:
                values = literals if values is None else values & literals
            elif part.other is None and values is not None:
                values -= literals
    return values
