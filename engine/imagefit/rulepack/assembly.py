"""Put the parts of a pack together: from file models to checked, immutable rules.

Whatever refers to something (a fact, an operation, a named condition, a remedy, a source) is resolved
here, once all files are read, so that the order of files means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any as Anything

from imagefit.conditions import TRUE, Condition, Relation, fields
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
from imagefit.rulepack.parsing import CONNECTIVES, ConditionReader, Place, article
from imagefit.rulepack.yamlfile import as_written

__all__ = ["Assembly"]

Entries = dict[str, tuple[Anything, Place]]


@dataclass
class Assembly:
    """Collects the words and rules of a pack's files, then builds the pack."""

    problems: list[Problem]
    words: dict[str, Entries] = field(
        default_factory=lambda: {kind: {} for kind in ("operations", "fields", "conditions", "remedies", "sources")}
    )
    rules: list[tuple[RuleModel, Place]] = field(default_factory=list)
    lost: set[tuple[str, str | None]] = field(default_factory=set)

    def lose(self, kind: str, name: str | None) -> None:
        """Note that a definition is there and can't be used: a reference to it is no mistake of its own.

        Without a name, or where `kind` is no kind of word, any definition may be among what is lost.
        """
        self.lost.update([(kind, name)] if kind in self.words else [(known, None) for known in self.words])

    def lose_all(self) -> None:
        """Note that a file could not be read: any definition may stand there."""
        self.lose("", None)

    def is_lost(self, kind: str, name: str) -> bool:
        """Whether a name that is not known may be one of a definition that can't be used."""
        return (kind, name) in self.lost or (kind, None) in self.lost

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
                elif kind == "fields" and name in CONNECTIVES:
                    self._note(place, "a fact can't have this name", True, found=name)
                    self.lose("fields", None)
                else:
                    entries[name] = (definition, place)

    def add_rule(self, model: RuleModel, place: Place) -> None:
        """Add a rule; its id begins with its file's name."""
        stem = PurePosixPath(place.file.name).stem
        if model.id.partition(".")[0] != stem:
            self._note(place.at("id"), "a rule's id begins with its file's name", found=model.id, expected=f"{stem}.…")
        self.rules.append((model, place))

    def pack(self, name: str, version: str, title: str) -> Pack:
        """Build the pack of what is right; where a problem was noted, something is left out."""
        read = [self._field(n, model, place) for n, (model, place) in self.words["fields"].items()]
        facts = {f.name: f for f in read if f is not None}
        raw_conditions = {n: place.at("condition") for n, (_, place) in self.words["conditions"].items()}
        reader = ConditionReader(facts, raw_conditions, self.problems, self.is_lost)
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
        rules.sort(key=lambda rule: rule.id)
        value = digest(name, version, facts, operations, remedies, sources, rules)
        return Pack(name, version, title, value, facts, operations, conditions, remedies, sources, tuple(rules))

    def _field(self, name: str, model: FieldModel, place: Place) -> Field | None:
        if model.type is FieldType.ENUM and not model.values:
            self.lose("fields", name)
            self._note(place, f"the enum {name} has no values", expected="values: [...]")
            return None
        if model.values and model.type not in (FieldType.ENUM, FieldType.STRING_SET):
            self._note(place.at("values"), f"{article(model.type)} has no list of values", expected="an enum or a set")
        for index, value in enumerate(model.values):
            if value in model.values[:index]:
                self._note(place.at("values", index), "a value stands twice", found=value)
            if ";" in value or value != value.strip():
                self._note(place.at("values", index), "a value has a ';' or spaces around it", found=shortened(value))
        if model.unit and not model.type.is_ordered:
            self._note(place.at("unit"), f"{article(model.type)} has no unit", found=model.unit)
        carried = model.carried if isinstance(model.carried, list) else []
        for index, value in enumerate(carried):
            if value not in model.values:
                self._note(
                    place.at("carried", index),
                    f"not a value of {name}",
                    found=value,
                    nearest=nearest(value, model.values),
                )
        bare = Field(name, model.type, tuple(model.values), model.unit, model.meaning)
        return replace(
            bare,
            example=ConditionReader({}, {}, self.problems).value(place.at("example"), bare),
            carried=model.carried is True,
            carried_values=tuple(carried),
            position=place.file.position(place.path, of_key=True),
        )

    def _remedy(self, name: str, model: RemedyModel, place: Place, reader: ConditionReader) -> Remedy:
        requires = reader.read(place.at("requires")) if "requires" in place.data else TRUE
        _check_placeholders(reader, place.at("text"), None, "a fact of the pack")
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
        gaps = self.reader.gaps
        when, require = self._conditions(model, place)
        is_whole = self.reader.gaps == gaps
        looked_at = fields(when, require) if is_whole else None
        _check_placeholders(self.reader, place.at("message"), looked_at, "a fact that the rule looks at")
        self._check_names("remedies", place, model.remedies, self.remedies)
        operations = self._operations(model, place)
        refs = [self._source(model.source, place.at("source"))]
        refs += [self._source(ref, place.at("see_also", i)) for i, ref in enumerate(model.see_also)]
        examples = [self._example(place.at("examples", i), looked_at) for i in range(len(model.examples))]
        if self.reader.gaps > gaps:
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
        self._check_names("operations", place, model.operations, self.operations)
        return tuple(model.operations)

    def _source(self, model: SourceRefModel, place: Place) -> SourceRef:
        if model.document not in self.sources and not self.reader.misses("sources", model.document):
            near = nearest(model.document, self.sources)
            self._note(place.at("document"), "unknown source", found=shortened(model.document), nearest=near)
        return SourceRef(model.document, model.section)

    def _example(self, place: Place, looked_at: Iterable[str] | None) -> Example:
        facts: dict[str, Value] = {}
        for name, raw in place.data["facts"].items():
            at = place.at("facts", name)
            of = self.reader.fact(at, of_key=True)
            if of is not None and looked_at is not None and name not in looked_at:
                self._note(
                    at, "the rule does not look at this fact", of_key=True, found=name, nearest=nearest(name, looked_at)
                )
            elif of is not None and raw is not None and (value := self.reader.value(at, of)) is not None:
                facts[name] = value
        position = place.file.position((*place.path, "outcome"), of_key=True)
        return Example(facts, Outcome(place.data["outcome"]), position)

    def _check_names(self, kind: str, place: Place, names: list[str], known: Mapping[str, object]) -> None:
        what = {"remedies": "remedy", "operations": "operation"}[kind]
        for index, name in enumerate(names):
            at = place.at(kind, index)
            if name in names[:index]:
                self._note(at, f"the {what} stands twice", found=name)
            elif name not in known and not self.reader.misses(kind, name):
                self._note(at, f"unknown {what}", found=shortened(name), nearest=nearest(name, known))

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.reader.note(place, message, of_key, **details)


def _check_placeholders(reader: ConditionReader, place: Place, allowed: Iterable[str] | None, expected: str) -> None:
    """Check a text's placeholders; `allowed` is None where a condition is wrong: then any fact may be meant."""
    names = PLACEHOLDER.findall(place.data)
    known = reader.fields if allowed is None else allowed
    for name in names:
        if name not in known and not (allowed is None and reader.misses("fields", name)):
            near = nearest(name, known)
            reader.note(place, "unknown placeholder", found=f"{{{name}}}", expected=expected, nearest=near)
    if place.data.count("{") != len(names) or place.data.count("}") != len(names):
        reader.note(place, "a lone brace", expected="{fact} and nothing else in braces")


def _effect(reader: ConditionReader, place: Place) -> Effect | None:
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
        other = reader.other(of, Relation.EQUALS, at)
        return None if other is None else Effect(of.name, same_as=other.name)
    return _addition(reader, at, of)


def _addition(reader: ConditionReader, place: Place, of: Field) -> Effect | None:
    """Read what a remedy adds to a set: elements, or what another fact holds."""
    if of.type is not FieldType.STRING_SET:
        return reader.nothing(place, "only a set can be added to", of_key=True, found=f"{of.name}, {article(of.type)}")
    if isinstance(place.data, dict):
        if list(place.data) != ["field"]:
            return reader.nothing(
                place, "not an addition", found=as_written(place.data), expected="elements, or {field: FACT}"
            )
        at = place.at("field")
        is_set = isinstance(at.data, str) and (f := reader.fields.get(at.data)) and f.type is FieldType.STRING_SET
        other = reader.other(of, Relation.CONTAINS_ALL if is_set else Relation.CONTAINS, at)
        return None if other is None else Effect(of.name, add_from=other.name)
    elements = reader.elements(place, of)
    return None if elements is None else Effect(of.name, add=elements)
