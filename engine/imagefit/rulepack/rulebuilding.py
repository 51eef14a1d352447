"""Build one rule from its model, checking whatever it refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from imagefit.conditions import TRUE, Condition, fields
from imagefit.errors import few, nearest, shortened
from imagefit.facts import Value
from imagefit.rulepack.models import RuleBodyModel, RuleModel, SourceRefModel
from imagefit.rulepack.pack import (
    PLACEHOLDER,
    Example,
    Operation,
    Outcome,
    Remedy,
    Rule,
    Severity,
    Source,
    SourceRef,
)
from imagefit.rulepack.parsing import ConditionReader, Place
from imagefit.rulepack.yamlfile import Path_

__all__ = ["RuleBuilder", "check_placeholders"]


@dataclass(frozen=True)
class RuleBuilder:
    """Builds rules of one pack, whose words it knows."""

    reader: ConditionReader
    operations: Mapping[str, Operation]
    remedies: Mapping[str, Remedy]
    sources: Mapping[str, Source]

    def rule(self, model: RuleBodyModel, place: Place, rule_id: str) -> Rule | None:
        """Build the rule; None where something of it could not be read."""
        gaps = self.reader.gaps
        when, require = self._conditions(model, place)
        is_whole = self.reader.gaps == gaps
        looked_at = fields(when, require) if is_whole else None
        check_placeholders(self.reader, place.at("message"), looked_at, "a fact that the rule looks at")
        self.check_names("remedies", place, model.remedies, self.remedies)
        operations = self._operations(model, place)
        self._check_remedies(model, place, operations)
        refs = [self.source(model.source, place.at("source"))]
        refs += [self.source(ref, place.at("see_also", i)) for i, ref in enumerate(model.see_also)]
        examples = [self.example(place.at("examples", i), looked_at) for i in range(len(model.examples))]
        if self.reader.gaps > gaps:
            return None
        rule = Rule(
            id=rule_id,
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
            contradicts=tuple(model.contradicts),
            description=model.description,
            examples=tuple(examples),
            was=tuple(model.was) if isinstance(model, RuleModel) else (),
            position=place.file.position(place.path),
        )
        # Kept by the rule: made now, so that no first check has to.
        _ = rule.facts, rule.leaves, rule.has_repeats, rule.violation, rule.needed
        return rule

    def check_parts(self, place: Place, wrong: Collection[Path_]) -> None:
        """Check what a rule of a wrong shape refers to in the parts that are right; `wrong` says where it is not.

        What the rule would look at is not known, so that its texts and examples may speak of any fact.
        """
        is_wrong = {path[0] for path in wrong if path}
        right = Place(place.file, place.path, {k: v for k, v in place.data.items() if k not in is_wrong})
        for part in ("when", "require"):
            if part in right.data:
                self.reader.read(right.at(part))
        if "message" in right.data:
            check_placeholders(self.reader, right.at("message"), None, "a fact of the pack")
        for kind, known in (("remedies", self.remedies), ("operations", self.operations)):
            if isinstance(names := right.data.get(kind), list):
                self.check_names(kind, right, names, known)
        refs = [("source",)] if "source" in right.data else []
        for steps in [*refs, *(("see_also", i) for i in range(len(right.data.get("see_also", ()))))]:
            self.source(SourceRefModel.model_validate(right.at(*steps).data), right.at(*steps))
        examples = place.data.get("examples")
        for index, example in enumerate(examples) if isinstance(examples, list) else ():
            at = ("examples", index, "facts")
            has_facts = isinstance(example, dict) and isinstance(example.get("facts"), dict)
            if has_facts and not any(path[:3] == at for path in wrong):
                self._facts(place.at(*at), None)

    def _conditions(self, model: RuleBodyModel, place: Place) -> tuple[Condition, Condition]:
        is_notice = model.severity is Severity.NOTICE
        if is_notice and "require" in place.data:
            self._note(place.at("require"), "a notice has no `require`", of_key=True)
        if not is_notice and "require" not in place.data:
            self._note(place, f"a rule of severity {model.severity} needs a `require`")
        when = self.reader.read(place.at("when")) if "when" in place.data else TRUE
        require = self.reader.read(place.at("require")) if "require" in place.data else TRUE
        return when, require

    def _operations(self, model: RuleBodyModel, place: Place) -> tuple[str, ...]:
        if model.operations == "all":
            return tuple(self.operations)
        self.check_names("operations", place, model.operations, self.operations)
        return tuple(model.operations)

    def _check_remedies(self, model: RuleBodyModel, place: Place, operations: Iterable[str]) -> None:
        """Note a remedy that can be done for none of the rule's operations: it would never be offered."""
        for index, name in enumerate(model.remedies):
            remedy = self.remedies.get(name)
            if (
                remedy is None
                or any(map(remedy.is_for, operations))
                or not set(remedy.operations) <= set(self.operations)
            ):
                continue
            expected = f"one for {' or '.join(operations)}"
            self._note(
                place.at("remedies", index), "a remedy for none of the rule's operations", found=name, expected=expected
            )

    def source(self, model: SourceRefModel, place: Place) -> SourceRef:
        """Check and return a reference to a source."""
        if model.document not in self.sources and not self.reader.is_lost("sources", model.document):
            near = nearest(model.document, self.sources)
            expected = None if near else few(self.sources)
            self._note(
                place.at("document"),
                "unknown source",
                found=shortened(model.document),
                expected=expected,
                nearest=near,
            )
        return SourceRef(model.document, model.section)

    def example(self, place: Place, looked_at: Iterable[str] | None) -> Example:
        """Read an example; `looked_at` are the facts of its rule, None where a condition is wrong."""
        facts = self._facts(place.at("facts"), looked_at)
        position = place.file.position((*place.path, "outcome"), of_key=True)
        return Example(facts, Outcome(place.data["outcome"]), position)

    def _facts(self, place: Place, looked_at: Iterable[str] | None) -> dict[str, Value]:
        facts: dict[str, Value] = {}
        for name, raw in place.data.items():
            at = place.at(name)
            of = self.reader.fact(at, of_key=True)
            if of is not None and looked_at is not None and name not in looked_at:
                self._note(
                    at, "the rule does not look at this fact", of_key=True, found=name, nearest=nearest(name, looked_at)
                )
            elif of is not None and raw is not None and (value := self.reader.value(at, of)) is not None:
                facts[name] = value
        return facts

    def check_names(self, kind: str, place: Place, names: Sequence[str], known: Mapping[str, object]) -> None:
        """Check the names under a key of the rule: each known, none twice."""
        what = {"remedies": "remedy", "operations": "operation"}[kind]
        for index, name in enumerate(names):
            at = place.at(kind, index)
            if name in names[:index]:
                self._note(at, f"the {what} stands twice", found=name)
            elif name not in known and not self.reader.is_lost(kind, name):
                near = nearest(name, known)
                expected = None if near else few(known)
                if name == "all" and kind == "operations":
                    expected = "`operations: all`, without brackets, or names"
                self._note(at, f"unknown {what}", found=shortened(name), expected=expected, nearest=near)

    def _note(self, place: Place, message: str, of_key: bool = False, **details: str | None) -> None:
        self.reader.note(place, message, of_key, **details)


def check_placeholders(reader: ConditionReader, place: Place, allowed: Iterable[str] | None, expected: str) -> None:
    """Check a text's placeholders; `allowed` is None where a condition is wrong: then any fact may be meant."""
    names = PLACEHOLDER.findall(place.data)
    known = reader.fields if allowed is None else allowed
    for name in names:
        if name not in known and not (allowed is None and reader.misses("fields", name)):
            near = nearest(name, known)
            reader.note(place, "unknown placeholder", found=f"{{{name}}}", expected=expected, nearest=near)
    if place.data.count("{") != len(names) or place.data.count("}") != len(names):
        reader.note(place, "a lone brace", expected="{fact} and nothing else in braces")
