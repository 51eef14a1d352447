"""Put the parts of a pack together: from file models to checked, immutable rules.

Whatever refers to something (a fact, an operation, a named condition, a remedy, a source) is resolved
here, once all files are read, so that the order of files means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any as Anything

from imagefit.conditions import TRUE, Condition, fields
from imagefit.errors import Problem, nearest, shortened
from imagefit.facts import Field, FieldType, Value
from imagefit.rulepack.digest import digest
from imagefit.rulepack.models import FieldModel, RemedyModel, RuleModel, SourceRefModel, WordsModel
from imagefit.rulepack.pack import (
    PLACEHOLDER,
    Effect,
    Example,
    NamedCondition,
    Operation,
    Outcome,
    Pack,
    Remedy,
    Rule,
    Severity,
    Source,
    SourceRef,
)
from imagefit.rulepack.parsing import ConditionReader, Place

__all__ = ["Assembly"]

Entries = dict[str, tuple[Anything, Place]]

RESERVED = ("all", "any", "not", "is")
"""Keys of a condition; a fact of that name could not be written."""


@dataclass
class Assembly:
    """Collects the words and rules of a pack's files, then builds the pack."""

    problems: list[Problem]
    words: dict[str, Entries] = field(
        default_factory=lambda: {kind: {} for kind in ("operations", "fields", "conditions", "remedies", "sources")}
    )
    rules: list[tuple[RuleModel, Place]] = field(default_factory=list)

    def add_words(self, model: WordsModel, root: Place) -> None:
        """Add what a vocabulary, remedies or sources file defines; a word may be defined once."""
        for kind, entries in self.words.items():
            for name, definition in getattr(model, kind).items():
                place = root.at(kind, name)
                if name in entries:
                    first = entries[name][1].file.name
                    self._note(
                        place, f"defined twice in {kind}", True, found=name, expected=f"one; the first is in {first}"
                    )
                elif kind == "fields" and name in RESERVED:
                    self._note(place, "a fact can't have this name", True, found=name)
                else:
                    entries[name] = (definition, place)

    def add_rule(self, model: RuleModel, place: Place) -> None:
        """Add a rule; its id begins with its file's name."""
        stem = PurePosixPath(place.file.name).stem
        if model.id.partition(".")[0] != stem:
            self._note(place.at("id"), "a rule's id begins with its file's name", found=model.id, expected=f"{stem}.…")
        self.rules.append((model, place))

    def pack(self, name: str, version: str, title: str) -> Pack | None:
        """Build the pack; None where a problem of the words makes the rules unreadable."""
        facts = {n: self._field(n, model, place) for n, (model, place) in self.words["fields"].items()}
        raw_conditions = {n: place.at("condition") for n, (_, place) in self.words["conditions"].items()}
        reader = ConditionReader(facts, raw_conditions, self.problems)
        operations = {n: Operation(n, m.title, m.meaning) for n, (m, _) in self.words["operations"].items()}
        sources = {n: Source(n, m.title, m.address, m.read, m.remarks) for n, (m, _) in self.words["sources"].items()}
        conditions = {
            n: NamedCondition(n, m.meaning, reader.named_condition(n)) for n, (m, _) in self.words["conditions"].items()
        }
        remedies = {n: self._remedy(n, m, place, reader) for n, (m, place) in self.words["remedies"].items()}
        builder = _RuleBuilder(reader, operations, remedies, sources)
        rules = [rule for model, place in self.rules if (rule := builder.rule(model, place)) is not None]
        self._refuse_duplicates()
        if not rules and not self.problems:
            self.problems.append(Problem("pack.yaml", 1, 1, "the pack has no rule"))
        if self.problems:
            return None
        rules.sort(key=lambda rule: rule.id)
        value = digest(name, version, facts, operations, remedies, sources, rules)
        return Pack(name, version, title, value, facts, operations, conditions, remedies, sources, tuple(rules))

    def _field(self, name: str, model: FieldModel, place: Place) -> Field:
        if model.type is FieldType.ENUM and not model.values:
            self._note(place, f"the enum {name} has no values", expected="values: [...]")
        if model.values and model.type not in (FieldType.ENUM, FieldType.STRING_SET):
            self._note(place.at("values"), f"a {model.type} has no list of values", expected="an enum or a set")
        for index, value in enumerate(model.values):
            if value in model.values[:index]:
                self._note(place.at("values", index), "a value stands twice", found=value)
            if ";" in value or value != value.strip():
                self._note(place.at("values", index), "a value has a ';' or spaces around it", found=shortened(value))
        if model.unit and not model.type.is_ordered:
            self._note(place.at("unit"), f"a {model.type} has no unit", found=model.unit)
        bare = Field(name, model.type, tuple(model.values), model.unit, model.meaning)
        example = ConditionReader({}, {}, self.problems).value(place.at("example"), bare)
        return Field(name, model.type, tuple(model.values), model.unit, model.meaning, example)

    def _remedy(self, name: str, model: RemedyModel, place: Place, reader: ConditionReader) -> Remedy:
        requires = TRUE if model.requires is None else reader.read(place.at("requires"))
        _check_placeholders(reader, place.at("text"), reader.fields, "a fact of the pack")
        effects = (_effect(reader, place.at("effects", fact)) for fact in model.effects)
        return Remedy(name, model.text, model.actor, requires, tuple(e for e in effects if e is not None))

    def _refuse_duplicates(self) -> None:
        seen: dict[str, Place] = {}
        for model, place in self.rules:
            if model.id in seen:
                first = seen[model.id].file.position(seen[model.id].path)
                self._note(
                    place.at("id"),
                    "a rule with this id exists",
                    found=model.id,
                    expected=f"one; the first is at {first}",
                )
            seen.setdefault(model.id, place)

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.problems.append(place.problem(message, of_key=of_key, **details))


@dataclass(frozen=True)
class _RuleBuilder:
    """Builds a rule from its model, checking whatever it refers to."""

    reader: ConditionReader
    operations: Mapping[str, Operation]
    remedies: Mapping[str, Remedy]
    sources: Mapping[str, Source]

    def rule(self, model: RuleModel, place: Place) -> Rule | None:
        before = len(self.reader.problems)
        when, require = self._conditions(model, place)
        looked_at = fields(when, require)
        _check_placeholders(self.reader, place.at("message"), looked_at, "a fact that the rule looks at")
        self._check_names("remedy", place, "remedies", model.remedies, self.remedies)
        operations = self._operations(model, place)
        refs = [self._source(model.source, place.at("source"))]
        refs += [self._source(ref, place.at("see_also", i)) for i, ref in enumerate(model.see_also)]
        examples = [self._example(place.at("examples", i), looked_at) for i in range(len(model.examples))]
        if len(self.reader.problems) > before:
            return None
        return Rule(
            id=model.id,
            title=model.title,
            operations=operations,
            when=when,
            require=require,
            severity=model.severity,
            message=model.message,
            remedies=tuple(model.remedies),
            source=refs[0],
            see_also=tuple(refs[1:]),
            tags=tuple(model.tags),
            error_codes=tuple(model.error_codes),
            basis=model.basis,
            description=model.description,
            examples=tuple(examples),
            position=place.file.position(place.path),
        )

    def _conditions(self, model: RuleModel, place: Place) -> tuple[Condition, Condition]:
        is_notice = model.severity is Severity.NOTICE
        if is_notice and "require" in place.data:
            self._note(place.at("require"), "a notice has no `require`", of_key=True)
        if not is_notice and "require" not in place.data:
            self._note(place, f"a rule of severity {model.severity} needs a `require`")
        when = self.reader.read(place.at("when")) if "when" in place.data else TRUE
        require = self.reader.read(place.at("require")) if "require" in place.data else TRUE
        return when, require

    def _operations(self, model: RuleModel, place: Place) -> tuple[str, ...]:
        if model.operations == "all":
            return tuple(self.operations)
        self._check_names("operation", place, "operations", model.operations, self.operations)
        return tuple(model.operations)

    def _source(self, model: SourceRefModel, place: Place) -> SourceRef:
        if model.document not in self.sources:
            near = nearest(model.document, self.sources)
            self._note(place.at("document"), "unknown source", found=model.document, nearest=near)
        return SourceRef(model.document, model.section)

    def _example(self, place: Place, looked_at: Iterable[str]) -> Example:
        facts: dict[str, Value] = {}
        for name, raw in place.data["facts"].items():
            at = place.at("facts", name)
            of = self.reader.fact(at, of_key=True)
            if of is not None and name not in looked_at:
                self._note(
                    at, "the rule does not look at this fact", of_key=True, found=name, nearest=nearest(name, looked_at)
                )
            elif of is not None and raw is not None and (value := self.reader.value(at, of)) is not None:
                facts[name] = value
        position = place.file.position((*place.path, "outcome"), of_key=True)
        return Example(facts, Outcome(place.data["outcome"]), position)

    def _check_names(self, what: str, place: Place, key: str, names: list[str], known: Mapping[str, object]) -> None:
        for index, name in enumerate(names):
            if name not in known:
                self._note(place.at(key, index), f"unknown {what}", found=shortened(name), nearest=nearest(name, known))
            elif name in names[:index]:
                self._note(place.at(key, index), f"the {what} stands twice", found=name)

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.reader.problems.append(place.problem(message, of_key=of_key, **details))


def _check_placeholders(reader: ConditionReader, place: Place, allowed: Iterable[str], expected: str) -> None:
    names = PLACEHOLDER.findall(place.data)
    for name in names:
        if name not in allowed:
            near = nearest(name, allowed)
            reader.problems.append(
                place.problem("unknown placeholder", found=f"{{{name}}}", expected=expected, nearest=near)
            )
    if place.data.count("{") != len(names) or place.data.count("}") != len(names):
        reader.problems.append(place.problem("a lone brace", expected="{fact} and nothing else in braces"))


def _effect(reader: ConditionReader, place: Place) -> Effect | None:
    """Read what a remedy does to one fact: a value, or one of `same_as`, `add`, `unknown`."""
    if (of := reader.fact(place, of_key=True)) is None:
        return None
    data = place.data
    if not isinstance(data, dict):
        value = reader.value(place, of)
        return None if value is None else Effect(of.name, value=value)
    if len(data) != 1 or next(iter(data)) not in ("same_as", "add", "unknown"):
        reader.problems.append(
            place.problem("not an effect", expected="a value, {same_as: FACT}, {add: ...} or {unknown: true}")
        )
        return None
    key = next(iter(data))
    at = place.at(key)
    if key == "unknown":
        return Effect(of.name, becomes_unknown=True)
    if key == "same_as":
        other = reader.fact(at)
        return None if other is None else Effect(of.name, same_as=other.name)
    if of.type is not FieldType.STRING_SET:
        reader.problems.append(at.problem("only a set can be added to", of_key=True, found=f"{of.name}, a {of.type}"))
        return None
    if isinstance(at.data, dict) and list(at.data) == ["field"]:
        other = reader.fact(at.at("field"))
        return None if other is None else Effect(of.name, add_from=other.name)
    raw = at.data if isinstance(at.data, list) else [at.data]
    value = reader.value(Place(at.file, at.path, raw), of)
    return Effect(of.name, add=value) if isinstance(value, frozenset) else None
