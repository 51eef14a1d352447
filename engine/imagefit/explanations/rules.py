"""Explanations: from the outcomes of an evaluator to a verdict that says why.

The deciding leaves of an outcome are found by walking the condition tree along its truths. They are
honest in both directions: their truths alone imply the outcome, whatever the facts they do not name;
and giving the failing leaves of `require` what they expect removes the violation.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from imagefit.budgets import VERDICT, Budget
from imagefit.conditions import AllOf, Condition, Leaf, leaves
from imagefit.evaluators.reference import Truth, leaf_truth, truth
from imagefit.explanations.asking import Asker
from imagefit.explanations.doubts import Doubt, independent_groups, joined
from imagefit.explanations.missing import NOTHING, Looks, Missing, are_independent, missing_of_rule
from imagefit.explanations.remedies import Offers
from imagefit.facts import Facts, FieldType, Origin, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule, Severity, render
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import (
    NOTED,
    SHOWN,
    LeafResult,
    PackRef,
    Planner,
    RemedyText,
    RuleResult,
    Verdict,
    VerdictKind,
    missing_text,
)

__all__ = ["Doubts", "Explained", "Explainer", "deciding_leaves", "explain_rule", "message_of"]

_ORDER = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2, Outcome.NOT_APPLICABLE: 3}
_ORDER_OF_NOTICES = {**_ORDER, Outcome.PASS: 1}  # those that apply and those that may stand together
_NOTICES = Severity.NOTICE.rank
_STRING, _STRING_SET = FieldType.STRING, FieldType.STRING_SET

REMEMBERED = 4096
STEPS = 50
"""So many steps each undecided rule may take beside what is shared among those that need a search."""

MOST_REMEMBERED = 1 << 18
"""So many rules at most stand in all remembered doubts together."""

Keys = Sequence[Hashable]

Doubts = Remembered[Hashable, Doubt]
"""What groups of rules wait for, by what stands for their facts."""


class Explained(NamedTuple):
    """What a verdict says of the rules: candidates that are alike in what decides it share it."""

    kind: VerdictKind
    results: tuple[RuleResult, ...]
    missing: Missing


class Explainer:
    """Explains the outcomes of some rules of a pack, and remembers explanations it has built.

    What a rule's result says depends on the values of a few facts, so results are shared between
    candidates that agree on those; at most `REMEMBERED` are kept for each rule.

    Attributes
    ----------
    is_first
        Whether nothing was explained yet: who explains one candidate need not know what that hangs on.
    """

    def __init__(self, pack: Pack, rules: Sequence[Rule]) -> None:
        self.pack, self.rules = pack, rules
        self._ref = PackRef.of(pack)
        self._shown = [SHOWN[rule.severity] for rule in rules]
        self._rank = {rule.id: rule.severity.rank for rule in rules}
        self._offers = Offers(pack, rules)
        self._addresses = {name: source.address for name, source in pack.sources.items()}
        self._results = {rule.id: Remembered[Hashable, RuleResult](REMEMBERED) for rule in rules}
        self._failed = {rule.id: Remembered[Hashable, RuleResult](REMEMBERED) for rule in rules}
        self._doubts: Doubts = Remembered(max(1, min(REMEMBERED, MOST_REMEMBERED // max(1, len(rules)))))
        self._looks = Looks(pack.fields)
        self._entangled: dict[str, bool] = {}
        self.is_first = True

    def verdict(
        self,
        operation: str,
        outcomes: Sequence[Outcome],
        facts: Facts,
        *,
        key: str = "",
        assumed: Mapping[str, Value] | None = None,
        origins: Mapping[str, Origin] | None = None,
        asker: Asker | None = None,
        all_rules: bool = False,
        notes: tuple[str, ...] = (),
        planner: Planner | None = None,
    ) -> Verdict:
        """Build the verdict and its explanation.

        Parameters
        ----------
        outcomes
            What each of the rules says of the candidate, in the order of the rules.
        facts
            The candidate's known facts, assumptions included.
        assumed
            The assumptions that were used.
        asker
            Says what to ask the cloud for, where facts are missing; without it, nothing is said.
        all_rules
            Explain the rules that pass or do not apply, too.
        notes, planner
            What the verdict is to have of these.
        """
        explained = self.explained(operation, outcomes, facts, all_rules=all_rules)
        return self.verdict_of(operation, explained, facts, key, assumed, origins, asker, notes, planner)

    def explained(
        self, operation: str, outcomes: Sequence[Outcome], facts: Facts, *, all_rules: bool = False
    ) -> Explained:
        """Return what the verdict says of the rules; it hangs on the facts that `depends` names alone."""
        self.is_first = False
        shown = [
            (rule, outcome)
            for rule, outcome, outcomes_shown in zip(self.rules, outcomes, self._shown, strict=True)
            if all_rules or outcome in outcomes_shown
        ]
        kind = VerdictKind.of(self.rules, outcomes)
        missing = Missing()
        if kind is VerdictKind.UNKNOWN:
            missing = self.missing([rule for rule, outcome in shown if _is_undecided(rule, outcome)], facts)
        if len(shown) > 1:
            shown.sort(key=lambda item: self.place(*item))
        return Explained(kind, tuple([self.rule(rule, outcome, facts, operation) for rule, outcome in shown]), missing)

    def verdict_of(
        self,
        operation: str,
        explained: Explained,
        facts: Facts,
        key: str = "",
        assumed: Mapping[str, Value] | None = None,
        origins: Mapping[str, Origin] | None = None,
        asker: Asker | None = None,
        notes: tuple[str, ...] = (),
        planner: Planner | None = None,
    ) -> Verdict:
        """Return the verdict of a candidate that was explained, or one that is alike; as `verdict`."""
        kind, results, missing = explained
        known = {} if origins is None else origins
        ask = asker.asks(missing.facts, facts, known) if asker is not None and missing.facts else ()
        return Verdict(
            key,
            operation,
            kind,
            results,
            missing.facts,
            assumed or {},
            self._ref,
            facts,
            known,
            ask,
            notes,
            missing.not_examined,
            planner,
        )

    @cached_property
    def depends(self) -> tuple[str, ...]:
        """The facts that what is explained hangs on; first the `unbounded` ones, of which a value can be large."""
        found = dict.fromkeys(name for rule in self.rules for name in self._offers.depends(rule))
        return tuple(sorted(found, key=lambda name: not self._is_unbounded(name)))

    @cached_property
    def unbounded(self) -> int:
        """How many of the facts that `depends` names have values that can be large."""
        return sum(map(self._is_unbounded, self.depends))

    def _is_unbounded(self, name: str) -> bool:
        return not self.pack.fields[name].values and self.pack.fields[name].type in (_STRING, _STRING_SET)

    def place(self, rule: Rule, outcome: Outcome) -> tuple[int, int, str]:
        """Return what results are sorted by: errors first; what fails before what is unknown; then by id."""
        rank = self._rank[rule.id]
        return rank, (_ORDER_OF_NOTICES if rank == _NOTICES else _ORDER)[outcome], rule.id

    def rule(self, rule: Rule, outcome: Outcome, facts: Facts, operation: str | None = None) -> RuleResult:
        """Explain one rule's outcome on one candidate, with the remedies that are for the operation."""
        seen = self._results[rule.id]
        # Only where it is known that a rule fails there is something to mend; else it asks for facts.
        fails = outcome is Outcome.FAIL
        depends = self._offers.depends(rule) if fails else rule.facts
        values = (operation, *map(facts.get, depends))
        if (result := seen.get(values)) is None:
            result = seen.remember(values, self._explained(rule, outcome, facts, operation))
        return result

    def _explained(self, rule: Rule, outcome: Outcome, facts: Facts, operation: str | None) -> RuleResult:
        """Explain one rule's outcome; one result is shared where the rule's facts are the same, and what is offered."""
        if outcome is not Outcome.FAIL:
            missing = self._missing_of(rule, outcome, facts)
            return explain_rule(rule, outcome, facts, (), missing, self._addresses)
        remedies = self._offers.of(rule, facts, operation)
        seen, key = self._failed[rule.id], (remedies, *map(facts.get, rule.facts))
        if (result := seen.get(key)) is None:
            result = seen.remember(key, explain_rule(rule, outcome, facts, remedies, NOTHING, self._addresses))
        return result

    @cached_property
    def _share(self) -> int:
        """What the missing facts of one rule may cost: the same for each that may need it, whatever else was asked."""
        return VERDICT // 2 // max(1, sum(map(self._is_entangled, self.rules)))

    def _is_entangled(self, rule: Rule) -> bool:
        """Whether it may have to be searched which facts of a rule matter."""
        if (found := self._entangled.get(rule.id)) is None:
            own = [*leaves(rule.when), *(() if rule.when == rule.required else leaves(rule.required))]
            has_links = any(leaf.other is not None for leaf in own)
            found = has_links or not are_independent(own, {}, self._looks.learnable(rule, {}))
            self._entangled[rule.id] = found
        return found

    def _missing_of(self, rule: Rule, outcome: Outcome, facts: Facts) -> Missing:
        is_open = outcome is Outcome.UNKNOWN or (outcome is Outcome.PASS and truth(rule.when, facts) is None)
        return missing_of_rule(rule, facts, self._looks, lambda: Budget(self._share)) if is_open else Missing()

    def missing(
        self, undecided: Sequence[Rule], facts: Facts, memory: Doubts | None = None, keys: Keys = ()
    ) -> Missing:
        """Return the facts that could still change an unknown verdict, most decisive first.

        Parameters
        ----------
        undecided
            The error rules whose outcome is unknown; no error rule fails.
        memory, keys
            Where to remember what groups of rules wait for, and what stands for each rule's facts there;
            this explainer's own memory and the values of the facts by default.
        """
        if memory is None:
            memory, keys = self._doubts, [(rule.id, *map(facts.get, rule.facts)) for rule in undecided]
        groups = independent_groups(undecided, facts)
        needs = [len(own) if len(own) > 1 or self._is_entangled(undecided[own[0]]) else 0 for own in groups]
        share = max(1, VERDICT // max(1, sum(needs)))
        share &= -1 << max(0, share.bit_length() - 2)  # of few sizes, so that what is remembered serves more candidates
        doubts = []
        for group, need in zip(groups, needs, strict=True):
            key = (share if need else 0, *[keys[place] for place in group])
            if (doubt := memory.get(key)) is None:
                budget = Budget(share * need + STEPS * len(group))
                doubt = Doubt([undecided[place] for place in group], facts, self._looks, budget)
                memory.remember(key, doubt)
            doubts.append(doubt)
        return joined(doubts)


def _is_undecided(rule: Rule, outcome: Outcome) -> bool:
    return outcome is Outcome.UNKNOWN and rule.severity is Severity.ERROR


def explain_rule(
    rule: Rule,
    outcome: Outcome,
    facts: Facts,
    remedies: tuple[RemedyText, ...] = (),
    missing: Missing = NOTHING,
    addresses: Mapping[str, str] | None = None,
) -> RuleResult:
    """Explain one rule's outcome on one candidate, with the remedies that are offered and what is missing.

    `addresses` are those of the documents that rules cite.
    """
    is_bad = outcome in (Outcome.FAIL, Outcome.UNKNOWN) and rule.severity is not Severity.NOTICE
    return RuleResult(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        outcome=outcome,
        message=message_of(rule, outcome, facts, missing),
        leaves=deciding_leaves(rule, outcome, facts),
        missing=missing.facts,
        remedies=remedies,
        source=rule.source,
        error_codes=rule.error_codes if is_bad else (),
        not_examined=missing.not_examined,
        address=(addresses or {}).get(rule.source.document, ""),
    )


def deciding_leaves(rule: Rule, outcome: Outcome, facts: Facts) -> tuple[LeafResult, ...]:
    """Return the leaves that decide the outcome, `when` first, in the order in which they are written.

    Where several parts would each do (an `any` of which two hold), `when` names the fewest leaves;
    `require` names every failing leaf, for each is something that a person may have to change.
    """
    found = [("when", leaf) for leaf in _deciding(rule.when, facts, one=True)[1]]
    if outcome is not Outcome.NOT_APPLICABLE:
        found += [("require", leaf) for leaf in _deciding(rule.require, facts, one=outcome is Outcome.PASS)[1]]
    return tuple([_result(part, leaf, facts) for part, leaf in dict.fromkeys(found)])


def _deciding(condition: Condition, facts: Facts, one: bool) -> tuple[Truth, list[Leaf]]:
    """Return a condition's truth, and the leaves that decide it."""
    if isinstance(condition, Leaf):
        return leaf_truth(condition, facts), [condition]
    decisive = not isinstance(condition, AllOf)
    parts = [_deciding(part, facts, one) for part in condition.parts]
    deciding = [own for its, own in parts if its is decisive]
    if deciding:  # one part is enough
        return decisive, min(deciding, key=len) if one else [leaf for own in deciding for leaf in own]
    is_open = any(its is None for its, _ in parts)
    return None if is_open else not decisive, [leaf for _, own in parts for leaf in own]


def _result(part: str, leaf: Leaf, facts: Facts) -> LeafResult:
    expected = leaf.operand if leaf.other is None else facts.get(leaf.other)
    return LeafResult(
        part, leaf.fact, leaf.operator, expected, facts.get(leaf.fact), leaf_truth(leaf, facts), leaf.other
    )


def message_of(rule: Rule, outcome: Outcome, facts: Facts, missing: Missing) -> str:
    """Return what a rule's outcome on a candidate means, in words."""
    named = missing_text(*missing)
    if rule.severity is Severity.NOTICE and outcome is Outcome.UNKNOWN:
        condition = f"may apply, depending on {named}: " if named else ""
        return condition + render(rule.message, facts)
    if outcome is Outcome.UNKNOWN:
        return f"undecided without {named}"
    return render(rule.message, facts) if NOTED.get(rule.severity, Outcome.FAIL) is outcome else rule.title
