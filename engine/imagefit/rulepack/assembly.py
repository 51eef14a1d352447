"""Put the parts of a pack together: from file models to checked, immutable rules.

Whatever refers to something (a fact, an operation, a named condition, a remedy, a source) is resolved
here, once all files are read, so that the order of files means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from imagefit.conditions import TRUE
from imagefit.errors import Problem, nearest, shortened
from imagefit.facts import Field, FieldType, show_value
from imagefit.rulepack.digest import digest
from imagefit.rulepack.models import (
    AddModel,
    CallModel,
    DefaultModel,
    FieldModel,
    RuleModel,
    WordsModel,
)
from imagefit.rulepack.overlay import AdjustmentModel, Overlay
from imagefit.rulepack.pack import (
    Call,
    Cost,
    Default,
    Example,
    NamedCondition,
    Operation,
    Pack,
    Rule,
    Source,
    SourceRef,
)
from imagefit.rulepack.parsing import CONNECTIVES, ConditionReader, Place
from imagefit.rulepack.remedies import RemedyBuilder
from imagefit.rulepack.rulebuilding import RuleBuilder, check_placeholders
from imagefit.rulepack.yamlfile import Path_

__all__ = ["Assembly"]

KINDS = ("operations", "fields", "conditions", "remedies", "costs", "choices", "sources", "calls", "assumptions")
"""The kinds of words that a pack defines."""

Entries = dict[str, tuple[Any, Place]]

_NOTHING = Pack("", "", "", "", {}, {}, {}, {}, {}, ())


@dataclass
class Assembly:
    """Collects the words and rules of a pack's files, then builds the pack.

    An overlay has a `base`, whose words it can use, and `adjustments` in place of rules.
    """

    problems: list[Problem]
    base: Pack | None = None
    main: str = "pack.yaml"  # the name of the pack's first file
    words: dict[str, Entries] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    rules: list[tuple[RuleModel, Place]] = field(default_factory=list)
    misshapen: list[tuple[Place, list[Path_]]] = field(default_factory=list)  # rules, and where each is wrong
    adjustments: list[tuple[AdjustmentModel, Place]] = field(default_factory=list)
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
                if self.base is not None and name in getattr(self.base, kind):
                    self._note(place, f"{self.base.name} defines this already in {kind}", True, found=name)
                elif name in entries:
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

    def pack(self, name: str, version: str, title: str, is_right: Callable[[Rule, Example], bool]) -> Pack:
        """Build the pack of what is right; where a problem was noted, something is left out.

        `is_right` says whether an example of a base pack's rule is still right after a change of the rule.
        """
        base = self.base or _NOTHING
        read = [self._field(n, model, place) for n, (model, place) in self.words["fields"].items()]
        facts = {**base.fields, **{f.name: f for f in read if f is not None}}
        raw_conditions = {n: place.at("condition") for n, (_, place) in self.words["conditions"].items()}
        ready = {n: named.condition for n, named in base.conditions.items()}
        reader = ConditionReader(facts, raw_conditions, self.problems, self.is_lost, ready)
        operations = {n: Operation(n, m.title, m.meaning) for n, (m, _) in self.words["operations"].items()}
        sources = {n: Source(n, m.title, m.address, m.read, m.remarks) for n, (m, _) in self.words["sources"].items()}
        conditions = {
            n: NamedCondition(n, m.meaning, reader.named_condition(n)) for n, (m, _) in self.words["conditions"].items()
        }
        builder = RemedyBuilder(
            reader,
            {
                "operations": {**base.operations, **operations},
                "costs": {**base.costs, **self.words["costs"]},
                "choices": {**base.choices, **self.words["choices"]},
            },
        )
        remedies = {n: builder.remedy(n, model, place) for n, (model, place) in self.words["remedies"].items()}
        choices = {n: builder.choice(n, model, place) for n, (model, place) in self.words["choices"].items()}
        calls = {n: self._call(n, model, place, facts) for n, (model, place) in self.words["calls"].items()}
        read_defaults = [self._default(n, m, place, reader) for n, (m, place) in self.words["assumptions"].items()]
        self._check_calls({**base.calls, **calls}, {**base.operations, **operations}, {**base.sources, **sources})
        pack = Pack(
            name=name,
            version=version,
            title=title,
            digest="",
            fields=facts,
            operations={**base.operations, **operations},
            conditions={**base.conditions, **conditions},
            remedies={**base.remedies, **remedies},
            sources={**base.sources, **sources},
            rules=(),
            calls={**base.calls, **calls},
            assumptions={**base.assumptions, **{d.name: d for d in read_defaults if d is not None}},
            costs={**base.costs, **{n: Cost(n, m.rank, m.meaning) for n, (m, _) in self.words["costs"].items()}},
            choices={**base.choices, **choices},
            extends=base.name or None,
        )
        return self._with_rules(pack, reader, is_right)

    def _with_rules(self, pack: Pack, reader: ConditionReader, is_right: Callable[[Rule, Example], bool]) -> Pack:
        builder = RuleBuilder(reader, pack.operations, pack.remedies, pack.sources)
        rules = [rule for model, place in self.rules if (rule := builder.rule(model, place, model.id)) is not None]
        for place, wrong in self.misshapen:
            builder.check_parts(place, wrong)
        self._refuse_duplicates()
        overlay = Overlay(builder, {} if self.base is None else {rule.id: rule for rule in self.base.rules}, is_right)
        for model, place in self.adjustments:
            overlay.adjust(model, place)
        rules += overlay.rules.values()
        self._refuse_old_names_of_others(rules)
        if not rules and not self.problems:
            self.problems.append(Problem(self.main, 1, 1, "the pack has no rule"))
        rules.sort(key=lambda rule: rule.id)
        whole = replace(pack, rules=tuple(rules), adjustments=tuple(overlay.made))
        return replace(whole, digest=digest(whole))

    def _field(self, name: str, model: FieldModel, place: Place) -> Field | None:
        if model.type is FieldType.ENUM and not model.values:
            self.lose("fields", name)
            self._note(place, f"the enum {name} has no values", expected="values: [...]")
            return None
        if model.values and model.type not in (FieldType.ENUM, FieldType.STRING_SET):
            self._note(
                place.at("values"), f"{model.type.with_article} has no list of values", expected="an enum or a set"
            )
        for index, value in enumerate(model.values):
            if value in model.values[:index]:
                self._note(place.at("values", index), "a value stands twice", found=value)
            if ";" in value or value != value.strip():
                self._note(place.at("values", index), "a value has a ';' or spaces around it", found=shortened(value))
        if model.elements and (model.type is not FieldType.STRING_SET or model.values):
            self._note(place.at("elements"), "only a set of any text has a form of its elements", found=model.elements)
        elif model.elements and not re.search("[a-z]", model.elements):
            self._note(place.at("elements"), "no form of an element", found=model.elements, expected="name=value")
        if model.unit and not model.type.is_ordered:
            self._note(place.at("unit"), f"{model.type.with_article} has no unit", found=model.unit)
        if model.at_least is not None and not model.type.is_ordered:
            self._note(place.at("at_least"), f"{model.type.with_article} has no size", found=show_value(model.at_least))
        carried = model.carried if isinstance(model.carried, list) else []
        for index, value in enumerate(carried):
            if value not in model.values:
                self._note(
                    place.at("carried", index),
                    f"not a value of {name}",
                    found=shortened(value),
                    expected=f"one of {', '.join(model.values)}" if model.values else None,
                    nearest=nearest(value, model.values),
                )
        reader = ConditionReader({}, {}, self.problems)
        bare = Field(name, model.type, tuple(model.values), model.unit, model.meaning, elements=model.elements)
        if model.at_least is not None and model.type.is_ordered:
            least = reader.value(place.at("at_least"), bare)
            bare = replace(bare, at_least=least if isinstance(least, int | float) else None)
        return replace(
            bare,
            example=reader.value(place.at("example"), bare),
            supplied_by=tuple(model.supplied_by),
            carried=model.carried is True,
            carried_values=tuple(carried),
            position=place.file.position(place.path, of_key=True),
        )

    def _call(self, name: str, model: CallModel, place: Place, facts: Mapping[str, Field]) -> Call:
        check_placeholders(ConditionReader(facts, {}, self.problems, self.is_lost), place.at("command"), None, "a fact")
        source = None if model.source is None else SourceRef(model.source.document, model.source.section)
        return Call(
            name,
            model.title,
            tuple(model.operations),
            api=model.api,
            command=model.command,
            terraform=model.terraform,
            file=model.file,
            option=model.option,
            source=source,
        )

    def _check_calls(
        self, calls: Mapping[str, Call], operations: Mapping[str, object], sources: Mapping[str, object]
    ) -> None:
        """Note what calls and facts refer to that is not there."""
        for model, place in self.words["calls"].values():
            for index, operation in enumerate(model.operations):
                self._check_name(place.at("operations", index), "operations", operation, operations)
            if model.source is not None:
                self._check_name(place.at("source", "document"), "sources", model.source.document, sources)
        for model, place in self.words["fields"].values():
            for index, call in enumerate(model.supplied_by):
                self._check_name(place.at("supplied_by", index), "calls", call, calls)

    def _check_name(self, place: Place, kind: str, name: str, known: Mapping[str, object]) -> None:
        if name not in known and not self.is_lost(kind, name):
            self._note(place, f"there is no such name in {kind}", found=name, nearest=nearest(name, known))

    def _default(self, name: str, model: DefaultModel, place: Place, reader: ConditionReader) -> Default | None:
        where = reader.read(place.at("where")) if "where" in place.data else TRUE
        if (of := reader.fact(place.at("fact"))) is None or (value := reader.value(place.at("value"), of)) is None:
            return None
        return Default(name, model.of, model.meaning, model.fact, value, where)

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

    def _refuse_old_names_of_others(self, rules: list[Rule]) -> None:
        """Note each id that a rule says it had, and that it or another one has, or had."""
        own = [(model, place) for model, place in self.rules]
        own += [(m.add, place.at("add")) for m, place in self.adjustments if isinstance(m, AddModel)]
        ids = {rule.id for rule in rules} | {model.id for model, _ in self.rules}
        taken = {old: rule.id for rule in (() if self.base is None else self.base.rules) for old in rule.was}
        for model, place in own:
            for index, old in enumerate(model.was):
                at = place.at("was", index)
                if old in model.was[:index] or old == model.id:
                    self._note(at, "the rule's id stands twice", found=old)
                elif old in ids:
                    self._note(at, "another rule has this id", found=old, expected="an id that no rule has")
                elif old in taken:
                    self._note(at, f"{taken[old]} had this id", found=old, expected="an id that no other rule had")
                else:
                    taken[old] = model.id
            if taken.get(model.id, model.id) != model.id:
                self._note(place.at("id"), f"{taken[model.id]} had this id", found=model.id, expected="another id")

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.problems.append(place.problem(message, of_key=of_key, **details))
