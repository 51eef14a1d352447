"""Results of one rule: which leaves decide its outcome on a candidate, what it means in words, what could be done.

The deciding leaves of an outcome are found by walking the condition tree along its truths. They are
honest in both directions: their truths alone imply the outcome, whatever the facts they do not name;
and giving the failing leaves of `require` what they expect removes the violation.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from imagefit.budgets import Budget
from imagefit.conditions import AllOf, Condition, Leaf, leaves
from imagefit.evaluators.reference import Truth, leaf_truth, truth
from imagefit.explanations.missing.ofrule import NOTHING, Looks, Missing, missing_of_rule
from imagefit.explanations.remedies.offers import Offers
from imagefit.explanations.remedies.triedonfacts import Offered
from imagefit.facts import Facts, Value
from imagefit.rulepack.pack import Outcome, Rule, Severity, render
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import NOTED, LeafResult, RuleResult, Told, level_of, missing_text

if TYPE_CHECKING:
    from imagefit.explanations.remedies.trialsbytruths import OfRule, Right
    from imagefit.explanations.truths.linkedfacts import CaseOf

__all__ = ["RuleResults", "deciding_leaves", "message_of", "place_of"]

REMEMBERED = 4096
MOST_SHARED = 256
"""So many results of a leaf are shared by those who found the same."""

Decided = list[tuple[str, Leaf, Truth]]
"""The leaves that decide an outcome, with the part in which each stands."""

_ORDER = {Outcome.FAIL: 0, Outcome.UNKNOWN: 1, Outcome.PASS: 2, Outcome.NOT_APPLICABLE: 3}
_ORDER_OF_NOTICES = {**_ORDER, Outcome.PASS: 1}  # those that apply and those that may stand together
_PLACES = {
    (severity, outcome): f"{severity.rank}{(_ORDER_OF_NOTICES if severity is Severity.NOTICE else _ORDER)[outcome]}"
    for severity in Severity
    for outcome in Outcome
}
NOT_OFFERED = Offered(0, ())
_FAIL, _UNKNOWN, _PASS, _NOTICE = Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Severity.NOTICE  # slow to get
_BAD = (Outcome.FAIL, Outcome.UNKNOWN)


class RuleResults:
    """The results of one rule with one outcome, shared by candidates that agree on what is said; some are remembered.

    Parameters
    ----------
    address
        Of the document that the rule cites.
    budget
        Makes what a search for missing facts may cost.

    Attributes
    ----------
    level
        Of the verdict that the outcome makes by itself, its place in `LEVELS`.
    place
        What results are sorted by: errors first; what fails before what is unknown; then by id.
    seen
        Those that are remembered, by the remedies that are right and by the values of the facts that are shown.
    pick
        Returns the values of these facts of those of many, where these stand in a known order.
    """

    def __init__(
        self, rule: Rule, outcome: Outcome, offers: Offers, looks: Looks, address: str, budget: Callable[[], Budget]
    ) -> None:
        self.rule, self._outcome, self._offers, self._looks = rule, outcome, offers, looks
        self._address, self._budget = address, budget
        self.level, self.place = level_of(rule.severity, outcome), place_of(rule, outcome)
        # Only where it is known that a rule fails there is something to mend; else it asks for facts.
        self._fails = outcome is Outcome.FAIL
        is_bad = outcome in _BAD and rule.severity is not Severity.NOTICE
        self._error_codes = rule.error_codes if is_bad else ()
        self._trials: dict[str | None, OfRule] = {}
        self.seen: Remembered[tuple[int, Sequence[Value | None]], RuleResult] = Remembered(REMEMBERED)
        self.pick: Callable[[Sequence[Value | None]], Sequence[Value | None]] | None = None

    def of(
        self, facts: Facts, operation: str | None, truths: int | None, own: Sequence[Value | None] | None = None
    ) -> RuleResult:
        """Return the result on a candidate, with the remedies that are for the operation.

        Parameters
        ----------
        truths
            What `Offers.truths_of` says of the candidate; None: it is not worked out what the result hangs on.
        own
            What `pick` says of the candidate, if it was asked.
        """
        offer: Offered | Right = NOT_OFFERED
        if self._fails:
            if truths is None:
                offer = self._offers.of(self.rule, facts, operation)
            else:
                offer = (self._trials.get(operation) or self._trials_for(operation)).right(facts, truths)
        if own is None:
            own = tuple(map(facts.get, self.rule.facts if truths is None else self.names))
        if (found := self.seen.get((offer.number, own))) is None:
            result = self._failing(facts, offer, truths) if self._fails else self._told_when_read(own, truths)
            found = self.seen.remember((offer.number, own), result)
        return found

    def _trials_for(self, operation: str | None) -> OfRule:
        found = self._trials[operation] = self._offers.trials.of(self.rule, operation)
        return found

    def _failing(self, facts: Facts, offer: Offered | Right, truths: int | None) -> RuleResult:
        rule, outcome = self.rule, self._outcome
        offered = offer if isinstance(offer, Offered) else offer.offered(facts)
        return RuleResult(
            rule.id,
            rule.title,
            rule.severity,
            outcome,
            message_of(rule, outcome, facts, NOTHING),
            self._deciding(facts, truths).results(facts),
            (),
            offered.remedies,
            rule.source,
            self._error_codes,
            (),
            self._address,
        )

    def _told_when_read(self, values: Sequence[Value | None], truths: int | None) -> RuleResult:
        """Return a result that is explained when it is read: of a thousand undecided rules, few may be."""
        rule, outcome, tell = self.rule, self._outcome, partial(self._told, values, truths)
        return RuleResult.told_when_read(
            rule.id, rule.title, rule.severity, outcome, rule.source, self._error_codes, self._address, tell
        )

    def _told(self, values: Sequence[Value | None], truths: int | None) -> Told:
        facts = {name: value for name, value in zip(self.rule.facts, values, strict=True) if value is not None}
        decided = self._deciding(facts, truths)
        missing = self._missing_of(facts, truths, decided)
        message = message_of(self.rule, self._outcome, facts, missing)
        return message, decided.results(facts), missing.facts, missing.not_examined

    def _deciding(self, facts: Facts, truths: int | None) -> _DecidedBy:
        if truths is None:
            return _DecidedBy(self.rule, _decided(self.rule, self._outcome, facts))
        if (found := self._decided.get(truths & self._mask)) is None:
            found = _DecidedBy(self.rule, _decided(self.rule, self._outcome, facts))
            self._decided.remember(truths & self._mask, found)
        return found

    def _missing_of(self, facts: Facts, truths: int | None, decided: _DecidedBy) -> Missing:
        rule, outcome = self.rule, self._outcome
        if outcome is not _UNKNOWN and (outcome is not _PASS or truth(rule.when, facts) is not None):
            return NOTHING
        if truths is None:
            return missing_of_rule(rule, facts, self._looks, self._budget, decided.open)
        key = truths & self._mask, *self._case.beyond_truths(facts)
        if (found := self._missing.get(key)) is None:
            budgets: list[tuple[Budget, float]] = []

            def budget() -> Budget:
                made = self._budget()
                budgets.append((made, made.left))
                return made

            found = missing_of_rule(rule, facts, self._looks, budget, decided.open)
            # Another one of its case would take as many steps, so that its search would not end early either.
            if all(budget.left > before // 2 for budget, before in budgets):
                self._missing.remember(key, found)
        return found

    # What candidates of a case share is for those that are explained after the first one.

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The facts that are shown: the rule's own, and of one that fails those that its remedies name."""
        named = (name for tried in self._offers.tried(self.rule, None) for name in tried.named) if self._fails else ()
        return tuple(dict.fromkeys((*self.rule.facts, *named)))

    @cached_property
    def _missing(self) -> Remembered[Hashable, Missing]:
        return Remembered(REMEMBERED)

    @cached_property
    def _decided(self) -> Remembered[int, _DecidedBy]:
        return Remembered(REMEMBERED)

    @cached_property
    def _own(self) -> list[Leaf]:
        return [*leaves(self.rule.when), *leaves(self.rule.require)]

    @cached_property
    def _mask(self) -> int:
        return self._offers.trials.masks[self.rule.id]

    @cached_property
    def _case(self) -> CaseOf:
        from imagefit.explanations.truths.linkedfacts import CaseOf, linked_facts

        return CaseOf(self._own, linked_facts(self._own, self._looks.fields))


def place_of(rule: Rule, outcome: Outcome) -> str:
    """Return what a rule's results are sorted by: errors first; what fails before what is unknown; then by id."""
    return _PLACES[rule.severity, outcome] + rule.id


class _Deciding(dict[Value | None, LeafResult]):
    """A leaf that decides an outcome, with the results in which it is compared with a literal, by what was found."""

    def __init__(self, part: str, leaf: Leaf, its: Truth) -> None:
        self.fact, self.other = leaf.fact, leaf.other
        self._start, self._expected, self._its = (part, leaf.fact, leaf.operator), leaf.operand, its

    def __missing__(self, actual: Value | None) -> LeafResult:
        found = LeafResult(*self._start, self._expected, actual, self._its)
        if len(self) < MOST_SHARED:
            self[actual] = found
        return found

    def of_two(self, actual: Value | None, expected: Value | None) -> LeafResult:
        """Return the result where it is compared with another fact."""
        return LeafResult(*self._start, expected, actual, self._its, self.other)


class _DecidedBy:
    """The leaves that decide an outcome, of candidates of a case.

    Attributes
    ----------
    open
        Those that are unknown: of an outcome that is, they are all that is left of its rule.
    """

    def __init__(self, rule: Rule, decided: Decided) -> None:
        self.open = [leaf for _, leaf, its in decided if its is None]
        self._each = [_Deciding(*each) for each in (dict.fromkeys(decided) if rule.has_repeats else decided)]

    def results(self, facts: Facts) -> tuple[LeafResult, ...]:
        """Return the leaves on a candidate."""
        get = facts.get
        return tuple(
            [
                each[get(each.fact)] if each.other is None else each.of_two(get(each.fact), get(each.other))
                for each in self._each
            ]
        )


def deciding_leaves(rule: Rule, outcome: Outcome, facts: Facts) -> tuple[LeafResult, ...]:
    """Return the leaves that decide the outcome, `when` first, in the order in which they are written.

    Where several parts would each do (an `any` of which two hold), `when` names the fewest leaves;
    `require` names every failing leaf, for each is something that a person may have to change.
    """
    return _DecidedBy(rule, _decided(rule, outcome, facts)).results(facts)


def _decided(rule: Rule, outcome: Outcome, facts: Facts) -> Decided:
    found = _deciding("when", rule.when, facts, one=True)[1]
    if outcome is not Outcome.NOT_APPLICABLE:
        found = found + _deciding("require", rule.require, facts, one=outcome is Outcome.PASS)[1]
    return found


def _deciding(name: str, condition: Condition, facts: Facts, one: bool) -> tuple[Truth, Decided]:
    """Return a condition's truth, and the leaves that decide it as those of a part of the rule."""
    if isinstance(condition, Leaf):
        its = leaf_truth(condition, facts)
        return its, [(name, condition, its)]
    decisive = not isinstance(condition, AllOf)
    deciding: list[Decided] = []
    others: Decided = []
    is_open = False
    for part in condition.parts:
        if isinstance(part, Leaf):
            its = leaf_truth(part, facts)
            if its is decisive:
                deciding.append([(name, part, its)])
            elif not deciding:
                is_open |= its is None
                others.append((name, part, its))
        else:
            its, own = _deciding(name, part, facts, one)
            if its is decisive:
                deciding.append(own)
            elif not deciding:
                is_open |= its is None
                others += own
    if deciding:  # one part is enough
        return decisive, min(deciding, key=len) if one else [each for own in deciding for each in own]
    return None if is_open else not decisive, others


def message_of(rule: Rule, outcome: Outcome, facts: Facts, missing: Missing) -> str:
    """Return what a rule's outcome on a candidate means, in words."""
    if outcome is _UNKNOWN:
        named = missing_text(missing.facts, missing.not_examined)
        if rule.severity is not _NOTICE:
            return f"undecided without {named}"
        condition = f"may apply, depending on {named}: " if named else ""
        return condition + render(rule.message, facts)
    return render(rule.message, facts) if NOTED.get(rule.severity, _FAIL) is outcome else rule.title
