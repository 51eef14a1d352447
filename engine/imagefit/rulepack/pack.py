"""A rule pack as the engine uses it: checked, immutable, and free of files and YAML.

`loading` builds it; nothing here reads a file or evaluates a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any

from imagefit.conditions import AllOf, Condition, Leaf, fields, leaves, needed, negate
from imagefit.errors import InputError, Position, UnknownNameError, few
from imagefit.escaping.notebook import fragment
from imagefit.facts import Facts, Field, show_value
from imagefit.rulepack.remembered import Remembered
from imagefit.rulepack.words import (
    PLACEHOLDER,
    Basis,
    Call,
    Choice,
    Cost,
    Default,
    Distance,
    Effect,
    Example,
    NamedCondition,
    Operation,
    Outcome,
    Remedy,
    Severity,
    Source,
    SourceRef,
    Through,
)
from imagefit.values import dataclass

__all__ = [
    "PLACEHOLDER",
    "Adjustment",
    "AdjustmentKind",
    "Basis",
    "Call",
    "Choice",
    "Cost",
    "Default",
    "Distance",
    "Effect",
    "Example",
    "NamedCondition",
    "Operation",
    "Outcome",
    "Pack",
    "Remedy",
    "Rule",
    "Severity",
    "Source",
    "SourceRef",
    "Through",
    "render",
]

MOST_KEPT = 128
"""So many things that were made of a pack are kept with it."""


@dataclass(frozen=True)
class Rule:
    """One constraint. Its violation is ``when AND NOT require``; without a ``when`` it always applies.

    Attributes
    ----------
    was
        Ids that it had: whoever has written one of them down still means this rule.
    """

    id: str
    title: str
    operations: tuple[str, ...]
    when: Condition
    require: Condition
    severity: Severity
    message: str
    remedies: tuple[str, ...]
    source: SourceRef
    see_also: tuple[SourceRef, ...] = ()
    tags: tuple[str, ...] = ()
    error_codes: tuple[str, ...] = ()
    basis: Basis = Basis.DOCUMENTED
    contradicts: tuple[str, ...] = ()
    description: str = ""
    examples: tuple[Example, ...] = ()
    was: tuple[str, ...] = ()
    position: Position | None = field(default=None, compare=False)

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that the rule looks at, in the order of first mention."""
        return fields(self.when, self.require)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The comparisons of `when` and of what is required, each once."""
        return tuple(dict.fromkeys(leaf for part in (self.when, self.required) for leaf in leaves(part)))

    @cached_property
    def has_repeats(self) -> bool:
        """Whether a comparison stands in it more than once."""
        parts = [self.when] if self.required is self.when else [self.when, self.require]
        return sum([1 for part in parts for _ in leaves(part)]) > len(self.leaves)

    @property
    def required(self) -> Condition:
        """What has to hold where the rule applies: `require`; of a notice, which has none, its `when`.

        So a notice passes where it applies, and is unknown where it only may.
        """
        return self.when if self.severity is Severity.NOTICE else self.require

    @cached_property
    def violation(self) -> Condition:
        """The condition ``when AND NOT require``; that of a notice is never true."""
        return AllOf((self.when, negate(self.required)))

    @cached_property
    def needed(self) -> frozenset[str]:
        """Facts without which the rule can't fail."""
        return frozenset(needed(self.violation))

    @property
    def concern(self) -> str:
        """The part of the id before the first dot: the file the rule stands in."""
        return self.id.partition(".")[0]

    def matches(self, selector: str) -> bool:
        """Whether a ``--select`` or ``--ignore`` selector (an id, one it had, a prefix, a tag) means this rule."""
        return self.is_called(selector) or self.id.startswith(selector + ".") or selector in self.tags

    def is_called(self, rule_id: str) -> bool:
        """Whether the rule has, or had, this id."""
        return rule_id == self.id or rule_id in self.was

    def _repr_html_(self) -> str:
        return fragment("rule_html", self)


class AdjustmentKind(StrEnum):
    """What an overlay does to a rule of the pack that it extends."""

    ADD = "add"
    REPLACE = "replace"
    DROP = "drop"
    CHANGE = "change"  # one operand, such as a limit


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One difference between an overlay and the pack that it extends, and why it is there.

    Attributes
    ----------
    loosens
        Whether the overlay says that some candidate gets a better result by it.
    before, after
        The rule as it was and as it is; None where it was not there, or is dropped.
    detail
        Of a change: which operand became which.
    """

    kind: AdjustmentKind
    rule: str
    why: str
    loosens: bool
    before: Rule | None
    after: Rule | None
    source: SourceRef | None = None
    detail: str = ""
    position: Position | None = None


@dataclass(frozen=True, eq=False)
class Pack:
    """A loaded rule pack. Rules stand in the order of their ids; `digest` is over the meaning.

    An overlay is the pack that it `extends`, by name, with its `adjustments` made.

    Packs are compared by identity (two with one digest mean the same), so that they can be cache keys. What
    `kept.kept_by_pack` keeps is in its `memory`.
    """

    name: str
    version: str
    title: str
    digest: str
    fields: Mapping[str, Field]
    operations: Mapping[str, Operation]
    conditions: Mapping[str, NamedCondition]
    remedies: Mapping[str, Remedy]
    sources: Mapping[str, Source]
    rules: tuple[Rule, ...]
    calls: Mapping[str, Call] = field(default_factory=dict)
    assumptions: Mapping[str, Default] = field(default_factory=dict)
    costs: Mapping[str, Cost] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    extends: str | None = None
    adjustments: tuple[Adjustment, ...] = ()
    memory: Remembered[object, Any] = field(
        default_factory=lambda: Remembered(MOST_KEPT), init=False, repr=False, compare=False
    )

    def __repr__(self) -> str:
        return f"<Pack {self.name} {self.version}: {len(self.rules)} rules, {self.digest}>"

    def _repr_html_(self) -> str:
        return fragment("pack_html", self)

    def rule(self, rule_id: str) -> Rule:
        """Return the rule that has, or had, that id.

        Raises
        ------
        UnknownNameError
            If there is none; names the nearest.
        """
        for rule in self.rules:
            if rule.is_called(rule_id):
                return rule
        raise UnknownNameError.of("rule", rule_id, (rule.id for rule in self.rules))

    def field(self, name: str) -> Field:
        """Return the field of that name; raises `UnknownNameError` if there is none."""
        if (found := self.fields.get(name)) is None:
            raise UnknownNameError.of("fact", name, self.fields)
        return found

    def rules_for(self, operation: str, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
        """Return the rules of an operation, those that `select` and `ignore` leave, by id.

        A selector is a rule id, or one that a rule had; a prefix of ids that ends before a dot (``boot``); or a
        tag. With no `select`, all are selected; `ignore` wins.

        Raises
        ------
        UnknownNameError
            If the pack has no such operation, or a selector means no rule of the pack.
        """
        if operation not in self.operations:
            raise UnknownNameError.of("operation", operation, self.operations)
        select, ignore = tuple(select), tuple(ignore)
        for selector in (*select, *ignore):
            if not any(rule.matches(selector) for rule in self.rules):
                known = {name for rule in self.rules for name in (rule.id, rule.concern, *rule.tags)}
                raise UnknownNameError.of("rule, prefix or tag", selector, known)
        return tuple(
            rule
            for rule in self.rules
            if operation in rule.operations
            and (not select or any(map(rule.matches, select)))
            and not any(map(rule.matches, ignore))
        )

    def chosen_rules(self, operation: str, select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[Rule, ...]:
        """Return what `rules_for` returns, to be evaluated: a choice that leaves nothing is an error.

        Raises
        ------
        InputError
            If `select` and `ignore` leave no rule: that nothing was checked is no good news.
        """
        rules = self.rules_for(operation, select, ignore)
        if not rules and (others := self.rules_for(operation)):
            expected = few({rule.concern for rule in others})
            raise InputError(f"select and ignore leave no rule of {operation}", expected=expected)
        return rules


def render(template: str, facts: Facts) -> str:
    """Fill a message's or a remedy's ``{fact}`` placeholders; an unknown fact is named in brackets."""
    pieces = [*_pieces(template)]
    for place in range(1, len(pieces), 2):
        name = pieces[place]
        pieces[place] = show_value(facts[name]) if name in facts else f"[{name}]"
    return "".join(pieces)


@lru_cache(4096)
def _pieces(template: str) -> tuple[str, ...]:
    """Return the text between placeholders, and between these what each names."""
    return tuple(PLACEHOLDER.split(template))
