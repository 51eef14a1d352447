"""Make an overlay's adjustments: add, replace and drop rules of the pack that it extends, change a limit.

Whether an adjustment loosens a rule is asked elsewhere (`analysis.loosening`): nothing here evaluates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, canonical, fields, leaves
from imagefit.errors import Problem, nearest
from imagefit.facts import show_value
from imagefit.rulepack.models import AddModel, ChangeModel, DropModel, ReplaceModel
from imagefit.rulepack.pack import Adjustment, AdjustmentKind, Example, Rule, SourceRef
from imagefit.rulepack.parsing import Place
from imagefit.rulepack.rulebuilding import RuleBuilder, check_placeholders
from imagefit.rulepack.words import PLACEHOLDER
from imagefit.rulepack.yamlfile import as_written

__all__ = ["AdjustmentModel", "Overlay", "adjustment_model"]

AdjustmentModel = AddModel | ReplaceModel | DropModel | ChangeModel

_MODELS: Mapping[str, type[AdjustmentModel]] = {
    "add": AddModel,
    "replace": ReplaceModel,
    "drop": DropModel,
    "change": ChangeModel,
}


def adjustment_model(place: Place, problems: list[Problem]) -> type[AdjustmentModel] | None:
    """Return the model of an adjustment by its key, or note that it has none, or several."""
    keys = [key for key in place.data if key in _MODELS] if isinstance(place.data, dict) else []
    if len(keys) == 1:
        return _MODELS[keys[0]]
    found = " and ".join(keys) or as_written(place.data)
    problems.append(place.problem("not an adjustment", found=found, expected="one of " + ", ".join(_MODELS)))
    return None


@dataclass
class Overlay:
    """The rules of a base pack, by id, while adjustments are made to them.

    `is_right` says whether an example is still right after a change of its rule.
    """

    builder: RuleBuilder
    rules: dict[str, Rule]
    is_right: Callable[[Rule, Example], bool]
    made: list[Adjustment] = field(default_factory=list)

    def adjust(self, model: AdjustmentModel, place: Place) -> None:
        """Make one adjustment, or note what is wrong with it."""
        kind = next(AdjustmentKind(key) for key in _MODELS if key in place.data)
        rule_id = model.add.id if isinstance(model, AddModel) else place.data[kind.value]
        at = place.at("add", "id") if isinstance(model, AddModel) else place.at(kind.value)
        if not isinstance(model, AddModel):  # it may be named as it was before
            rule_id = next((rule.id for rule in self.rules.values() if rule.is_called(rule_id)), rule_id)
        if not self._can_adjust(kind, rule_id, at):
            return
        problems = len(self.builder.reader.problems)
        before = self.rules.get(rule_id)
        after, detail, source = before, "", None
        if isinstance(model, AddModel):
            after = self.builder.rule(model.add, place.at("add"), rule_id)
        elif isinstance(model, ReplaceModel):
            after = self.builder.rule(model.with_, place.at("with"), rule_id)
        elif isinstance(model, ChangeModel):
            assert before is not None
            after, detail = self._changed(before, model, place)
        if isinstance(model, DropModel | ChangeModel) and model.source is not None:
            source = self.builder.source(model.source, place.at("source"))
        if len(self.builder.reader.problems) > problems:
            return  # what else may be said of it would be said of something wrong
        if isinstance(model, DropModel):
            del self.rules[rule_id]
            after = None
        elif after is None:
            return  # it refers to something that could not be read
        else:
            was = after.was if before is None else before.was
            after = replace(after, was=was, position=place.file.position((*place.path, kind.value)))
            self.rules[rule_id] = after
        position = place.file.position((*place.path, kind.value), of_key=True)
        self.made.append(Adjustment(kind, rule_id, model.why, model.loosens, before, after, source, detail, position))

    def _can_adjust(self, kind: AdjustmentKind, rule_id: str, at: Place) -> bool:
        earlier = [made for made in self.made if made.rule == rule_id]
        if earlier and not (kind is earlier[-1].kind is AdjustmentKind.CHANGE):
            first = earlier[0].position
            self._note(at, "the rule is adjusted twice", found=rule_id, expected=f"once; the first is at {first}")
        elif kind is AdjustmentKind.ADD and rule_id in self.rules:
            self._note(at, "a rule with this id exists", found=rule_id, expected="another id, or `replace`")
        elif kind is not AdjustmentKind.ADD and rule_id not in self.rules:
            near = nearest(rule_id, self.rules)
            self._note(at, "the pack has no such rule", found=rule_id, nearest=near)
        else:
            return True
        return False

    # -- changing an operand -------------------------------------------------------------------

    def _changed(self, rule: Rule, model: ChangeModel, place: Place) -> tuple[Rule | None, str]:
        """Return the rule with another operand, and in words which."""
        reader = self.builder.reader
        gaps = reader.gaps
        old = reader.read(place.at("limit"))
        if reader.gaps > gaps:
            return None, ""
        if not isinstance(old, Leaf):
            expected = "one, such as {box.weight_kg: {at_most: 30}}"
            return reader.nothing(place.at("limit"), "not one comparison", expected=expected), ""
        own = list(dict.fromkeys([*leaves(rule.when), *leaves(rule.require)]))
        if canonical(old) not in map(canonical, own):
            has = "; ".join(map(str, own))
            return reader.nothing(place.at("limit"), f"{rule.id} has no such comparison", expected=f"one of {has}"), ""
        new = self._new_leaf(place)
        if reader.gaps > gaps or not isinstance(new, Leaf):
            return None, ""
        when, require = (_replaced(condition, old, new) for condition in (rule.when, rule.require))
        if canonical(old) == canonical(new):
            return reader.nothing(place.at("to"), "nothing changes", found=as_written(place.at("to").data)), ""
        changed = replace(rule, when=when, require=require, **_texts(model))
        changed = self._with_examples(self._with_source(changed, model, place), model, place)
        self._check_texts(changed, old, place)
        return changed, f"{old} -> {new.shown_operand}"

    def _new_leaf(self, place: Place) -> Condition:
        """Read the comparison with its new operand; what is wrong with it stands at `to`."""
        to, limit = place.at("to"), place.at("limit").data
        (name, comparison), *_ = limit.items()
        data = {key: to.data for key in comparison} if isinstance(comparison, dict) else to.data
        return self.builder.reader.read(Place(to.file, to.path, {name: data}))

    def _with_source(self, rule: Rule, model: ChangeModel, place: Place) -> Rule:
        """Let the rule cite what states its new limit first, and then what it cited before."""
        if model.source is None:
            return rule
        source: SourceRef = self.builder.source(model.source, place.at("source"))
        return replace(rule, source=source, see_also=tuple(dict.fromkeys((rule.source, *rule.see_also))))

    def _with_examples(self, rule: Rule, model: ChangeModel, place: Place) -> Rule:
        looked_at = fields(rule.when, rule.require)
        added = [self.builder.example(place.at("examples", i), looked_at) for i in range(len(model.examples))]
        kept = [e for e in rule.examples if set(e.facts) <= set(looked_at) and self.is_right(rule, e)]
        return replace(rule, examples=(*kept, *added))

    def _check_texts(self, rule: Rule, old: Leaf, place: Place) -> None:
        """Check what was given anew, and that nothing that is shown still speaks of the old limit."""
        looked_at = fields(rule.when, rule.require)
        if "message" in place.data:
            check_placeholders(self.builder.reader, place.at("message"), looked_at, "a fact that the rule looks at")
        else:
            for name in PLACEHOLDER.findall(rule.message):
                if name not in looked_at:
                    self._note(
                        place.at("to"), f"the rule's message still names {name}", expected="a new `message` here"
                    )
        if "remedies" in place.data:
            self.builder.check_names("remedies", place, rule.remedies, self.builder.remedies)
        if isinstance(old.operand, bool) or not isinstance(old.operand, int | float):
            return
        limit = show_value(old.operand)
        for name in ("title", "message", "description"):
            if re.search(rf"(?<![\d.,]){re.escape(limit)}(?![\d]|[.,]\d)", getattr(rule, name)):
                of = place.at(name) if name in place.data else place.at("to")
                self._note(of, f"the rule's {name} still says {limit}", expected=f"a new `{name}` here")

    def _note(self, place: Place, message: str, **details: str | None) -> None:
        self.builder.reader.note(place, message, False, **details)


def _texts(model: ChangeModel) -> dict[str, Any]:
    """Return what the adjustment gives anew of what is shown."""
    given: dict[str, Any] = {}
    for name in ("title", "message", "description", "remedies"):
        if name in model.model_fields_set:
            value = getattr(model, name)
            given[name] = tuple(value) if isinstance(value, list) else value
    return given


def _replaced(condition: Condition, old: Leaf, new: Leaf) -> Condition:
    """Return the condition with another comparison; a named condition that it changes loses its name."""
    if isinstance(condition, Leaf):
        return new if canonical(condition) == canonical(old) else condition
    parts = tuple(_replaced(part, old, new) for part in condition.parts)
    name = condition.name if parts == condition.parts else None
    return AllOf(parts, name) if isinstance(condition, AllOf) else AnyOf(parts, name)
