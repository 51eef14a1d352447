"""Waivers: findings that somebody answers for, until a day. A file of them is read here and made part of a pack.

A waiver is a condition: the rule applies only where the waiver does not, and a notice says where it does. So no
evaluator has to know of waivers. Where a waiver only may apply, strong Kleene logic makes the failing rule unknown,
with the facts of the waiver among those that would decide.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, StrictStr
from pydantic import Field as ModelField

from imagefit.conditions import AllOf, AnyOf, Condition, Leaf, Relation, negate
from imagefit.errors import PackError, Position, few, nearest, number_of, shortened
from imagefit.facts import Field, FieldType
from imagefit.readers.called import CALLED
from imagefit.rulepack.modelparts import Model, RawCondition, Text
from imagefit.rulepack.pack import Choice, Effect, Pack, Remedy, Rule, Severity, Source, SourceRef
from imagefit.rulepack.parsing import ConditionReader, Place
from imagefit.rulepack.shape import validate
from imagefit.rulepack.words import WAIVED
from imagefit.rulepack.yamlfile import YamlFile, read_yaml

__all__ = ["Waiver", "read_waivers", "told_waivers", "waived_pack", "waivers_of"]

SOON = timedelta(days=14)
"""So long before it ends a waiver is spoken of."""


Names = Annotated[
    list[Text], ModelField(min_length=1), BeforeValidator(lambda told: [told] if isinstance(told, str) else told)
]
"""Several names, or one by itself: a list of none would be a waiver of nothing, and is no way to say any."""


class WaiverModel(Model):
    """One waiver."""

    rule: Text = ModelField(description="a rule's id, what several begin with, or a tag")
    image: Names = ModelField([], description="the images: ids, names, patterns with * and ?; all if none is named")
    ecs: Names = ModelField([], description="the ECSs, likewise")
    where: RawCondition | None = ModelField(None, description="a condition over facts that has to hold, too")
    reason: Text = ModelField(description="why it may stay so")
    owner: Text = ModelField(description="who answers for it")
    ticket: StrictStr = ModelField("", description="where it is spoken of")
    until: StrictStr = ModelField("", description="the last day, as YYYY-MM-DD")


class WaiversModel(Model):
    """A file of waivers."""

    waivers: list[WaiverModel]


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that somebody answers for.

    Attributes
    ----------
    rules
        The ids of the rules that it is of.
    image, ecs
        Ids, names and patterns; empty: any.
    where
        What has to hold of the candidate, too.
    until
        The last day on which it counts; None: without an end.
    position
        Where it stands.
    told
        What the file says of it.
    """

    rules: tuple[str, ...]
    selector: str
    image: tuple[str, ...]
    ecs: tuple[str, ...]
    where: Condition | None
    reason: str
    owner: str
    ticket: str
    until: date | None
    position: Position
    told: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def counts_on(self, today: date) -> bool:
        """Tell whether it has not ended."""
        return self.until is None or today <= self.until

    @property
    def condition(self) -> Condition:
        """Where it applies."""
        named = [
            Leaf(CALLED[side], Relation.CONTAINS_ANY, frozenset(names), position=self.position)
            for side, names in (("image", self.image), ("ecs", self.ecs))
            if names
        ]
        return AllOf((*named, *(() if self.where is None else (self.where,))))

    def __str__(self) -> str:
        end = f", until {self.until}" if self.until else ""
        ticket = f", {self.ticket}" if self.ticket else ""
        return f"waived: {self.reason} ({self.owner}{ticket}{end})"


def read_waivers(path: Path, name: str, pack: Pack, *, is_endless_allowed: bool = False) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    Parameters
    ----------
    name
        What to call the file in messages.
    is_endless_allowed
        Whether a waiver may do without `until`.

    Raises
    ------
    PackError
        If something in it is wrong; names every place.
    """
    return waivers_of(read_yaml(path, name), pack, is_endless_allowed=is_endless_allowed)


def told_waivers(told: Sequence[Mapping[str, Any]], name: str, pack: Pack) -> tuple[Waiver, ...]:
    """Read waivers as `Waiver.told` has them, without those of rules that the pack does not have; as `read_waivers`."""
    own = [each for each in told if _rules(str(each.get("rule")), pack)]
    return waivers_of(YamlFile(name, {"waivers": own}, {}), pack, is_endless_allowed=True)


def waivers_of(file: YamlFile, pack: Pack, *, is_endless_allowed: bool) -> tuple[Waiver, ...]:
    """Return the waivers of a file that was read; raises as `read_waivers`."""
    root = Place(file, (), file.data)
    model, found = validate(WaiversModel, root)
    problems = [*file.problems, *(problem for _, problem in found)]
    reader = ConditionReader(pack.fields, {}, ready={name: each.condition for name, each in pack.conditions.items()})
    waivers: list[Waiver] = []
    for number, each in enumerate(model.waivers if model is not None else ()):
        place = root.at("waivers", number)
        rules = _rules(each.rule, pack)
        if not rules:
            names = [rule.id for rule in pack.rules]
            near = nearest(each.rule, names)
            expected = None if near else few({rule.concern for rule in pack.rules})
            problems.append(
                place.at("rule").problem(
                    "no rule that can be waived", found=shortened(each.rule), expected=expected, nearest=near
                )
            )
        until = _day(each.until)
        if each.until and until is None:
            problems.append(place.at("until").problem("no day", found=shortened(each.until), expected="YYYY-MM-DD"))
        if not each.until and not is_endless_allowed:
            problems.append(place.problem("until is missing: a waiver ends on a day", expected="YYYY-MM-DD"))
        if each.where is None and "where" in each.model_fields_set:
            problems.append(place.at("where").problem("an empty condition", expected="a condition, or no `where`"))
        where = reader.read(place.at("where")) if each.where is not None else None
        waivers.append(
            Waiver(
                rules,
                selector=each.rule,
                image=tuple(each.image),
                ecs=tuple(each.ecs),
                where=where,
                reason=each.reason,
                owner=each.owner,
                ticket=each.ticket,
                until=until,
                position=file.position(place.path),
                told=each.model_dump(exclude_defaults=True),
            )
        )
    problems += reader.problems
    if problems:
        raise PackError(problems)
    return tuple(waivers)


def _rules(selector: str, pack: Pack) -> tuple[str, ...]:
    decides = (rule for rule in pack.rules if rule.severity is not Severity.NOTICE)
    return tuple(rule.id for rule in decides if rule.matches(selector))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        return None


def waived_pack(pack: Pack, waivers: Sequence[Waiver], today: date) -> tuple[Pack, list[str]]:
    """Return the pack with the waivers that count today as part of its rules, and what is to be said of the others.

    The pack keeps its name, its version and its digest: a waiver is no other rule, only one that somebody answers for.
    """
    counting = [waiver for waiver in waivers if waiver.counts_on(today)]
    if not counting:
        return pack, list(_said(waivers, today))
    by_rule: dict[str, list[Waiver]] = {}
    for waiver in counting:
        for rule in waiver.rules:
            by_rule.setdefault(rule, []).append(waiver)
    rules = [_without(rule, by_rule.get(rule.id, ())) for rule in pack.rules]
    rules += [notice for rule in pack.rules for notice in _notices(rule, by_rule.get(rule.id, ()))]
    files = {
        waiver.position.file: Source(waiver.position.file, "waivers", "", today.isoformat()) for waiver in counting
    }
    called = _fields(counting)
    choices = {name: _choosing_names(choice, called) for name, choice in pack.choices.items()}
    made = replace(
        pack,
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        fields={**pack.fields, **called},
        sources={**pack.sources, **files},
        choices=choices,
        remedies={name: _without_name(remedy, choices, called) for name, remedy in pack.remedies.items()},
    )
    return made, list(_said(waivers, today))


def _without(rule: Rule, waivers: Iterable[Waiver]) -> Rule:
    """Return the rule as it is where none of the waivers applies."""
    conditions = tuple(negate(waiver.condition) for waiver in waivers)
    return replace(rule, when=AllOf((rule.when, *conditions))) if conditions else rule


def _choosing_names(choice: Choice, called: Container[str]) -> Choice:
    """Return a choice of which what a thing is called comes with it, as all else does that is looked at."""
    name = CALLED.get(choice.of, "")
    return replace(choice, facts=(*choice.facts, name)) if name in called else choice


def _without_name(remedy: Remedy, choices: Mapping[str, Choice], called: Container[str]) -> Remedy:
    """Return a remedy that chooses, or makes, another one with the effect that the name of that is not known."""
    name = CALLED.get(choices[remedy.chooses].of if remedy.chooses else remedy.makes)
    if name is None or name not in called:
        return remedy
    return replace(remedy, effects=(*remedy.effects, Effect(name, becomes_unknown=True)))


def _notices(rule: Rule, waivers: Sequence[Waiver]) -> Iterator[Rule]:
    """Yield what says that the rule fails and that this is waived; of several waivers, the first that applies."""
    for number, waiver in enumerate(waivers, start=1):
        before = tuple(negate(other.condition) for other in waivers[: number - 1])
        yield Rule(
            id=WAIVED + rule.id + (f"~{number}" if number > 1 else ""),
            title=f"waived: {rule.title}",
            operations=rule.operations,
            when=AllOf((rule.violation, waiver.condition, *before)),
            require=AnyOf(()),
            severity=Severity.NOTICE,
            message=str(waiver).replace("{", "(").replace("}", ")"),
            remedies=(),
            source=SourceRef(waiver.position.file, f"line {waiver.position.line}"),
            tags=(rule.id, rule.concern, *rule.tags),
            position=waiver.position,
        )


def _fields(waivers: Iterable[Waiver]) -> Mapping[str, Field]:
    named = {side: sorted({name for waiver in waivers for name in getattr(waiver, side)}) for side in CALLED}
    return {
        CALLED[side]: Field(
            CALLED[side],
            FieldType.STRING_SET,
            values=tuple(names),
            meaning=f"which names in waivers are those of the {'image' if side == 'image' else 'ECS'}",
            example=frozenset(),
        )
        for side, names in named.items()
        if names
    }


def _said(waivers: Iterable[Waiver], today: date) -> Iterator[str]:
    for waiver in waivers:
        if not waiver.counts_on(today):
            yield f"{waiver.position}: expired on {waiver.until}: {waiver.selector} counts again ({waiver.owner})"
        elif waiver.until is not None and waiver.until - today <= SOON:
            days = (waiver.until - today).days
            left = "today is its last day" if not days else f"{number_of(days, 'day')} left"
            yield f"{waiver.position}: the waiver of {waiver.selector} ends on {waiver.until}: {left} ({waiver.owner})"
