"""Explanations: from the outcomes of an evaluator to a verdict that says why, by the results of its rules."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING

from imagefit.budgets import VERDICT, Budget
from imagefit.explanations.candidate.asking import Asker
from imagefit.explanations.candidate.ruleresults import RuleResults
from imagefit.explanations.missing.ofrule import NOTHING, Looks, Missing
from imagefit.explanations.missing.ofverdict import Doubt, independent_groups, joined, unknown_of
from imagefit.explanations.remedies.offers import Offers
from imagefit.facts import Facts, FieldType, Origin, Value
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.rulepack.remembered import Remembered
from imagefit.supply import FactReader
from imagefit.values import dataclass
from imagefit.verdicts import (
    LEVELS,
    SHOWN,
    PackRef,
    Planner,
    RuleResult,
    Verdict,
    VerdictKind,
)

if TYPE_CHECKING:
    from imagefit.evaluators import Evaluator
    from imagefit.explanations.candidate.rawfacts import CandidateReader
    from imagefit.explanations.candidate.shownresults import Shown

__all__ = ["Doubts", "Explained", "Explainer"]

_STRING, _STRING_SET = FieldType.STRING, FieldType.STRING_SET
_PLACE = attrgetter("place")

REMEMBERED = 4096
STEPS = 50
"""So many steps each undecided rule may take beside what is shared among those that need a search."""

MOST_STEPS = 50_000
"""So many steps rules that hang together may take, however many there are: a verdict of a thousand takes 50 ms."""

MOST_REMEMBERED = 1 << 18
"""So many rules at most stand in all remembered doubts together."""

Doubts = Remembered[Hashable, Doubt]
"""What groups of rules wait for, by what stands for their facts."""


@dataclass(frozen=True, slots=True)
class Explained:
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
        self._looks = Looks(pack.fields)
        self._offers = Offers(pack, rules, self._looks.quick)
        self._addresses = {name: source.address for name, source in pack.sources.items()}
        self._results: dict[tuple[str, Outcome], RuleResults] = {}
        self._doubts: Doubts = Remembered(max(1, min(REMEMBERED, MOST_REMEMBERED // max(1, len(rules)))))
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
        truths = None if self.is_first else self._offers.truths_of(facts)
        self.is_first = False
        of = self._of if all_rules else self._shown_of
        each = [of(rule, outcome) for rule, outcome in zip(self.rules, outcomes, strict=True)]
        return self._explained(operation, [results for results in each if results is not None], facts, truths)

    def remembered(
        self,
        operation: str,
        evaluator: Evaluator,
        facts: Facts,
        values: Sequence[Value | None],
        shares: int | None = None,
    ) -> Explained:
        """As `explained` of the outcomes that a candidate has, most of which need not be worked out again.

        Parameters
        ----------
        values
            Those of the facts that `depends` names.
        shares
            What the facts add to the truths by themselves, if it is known.
        """
        if (linked := self._linked) is None:
            return self.explained(operation, evaluator.judge(facts), facts)
        truths = linked(values) | (self._offers.trials.truths.shares(facts) if shares is None else shares)
        shown = self._shown.of(facts, truths, evaluator)
        kind, missing = self._decided(shown, facts)
        each = [results.of(facts, operation, truths, results.pick(values)) for results in shown]  # type: ignore[misc]
        return Explained(kind, tuple(each), missing)

    def _explained(self, operation: str, shown: list[RuleResults], facts: Facts, truths: int | None) -> Explained:
        kind, missing = self._decided(shown, facts)
        return Explained(kind, tuple([results.of(facts, operation, truths) for results in shown]), missing)

    def _decided(self, shown: list[RuleResults], facts: Facts) -> tuple[VerdictKind, Missing]:
        """Sort what is shown, and return the verdict, which what comes first makes, with what it waits for."""
        shown.sort(key=_PLACE)
        kind = LEVELS[shown[0].level if shown else 0]
        is_unknown = kind is VerdictKind.UNKNOWN
        return kind, self.missing([each.rule for each in shown if each.level], facts) if is_unknown else NOTHING

    @cached_property
    def reader(self) -> CandidateReader | None:
        """Reads candidates so that `remembered` has less to do; None where comparisons are too many."""
        if not self._offers.has_few:
            return None
        from imagefit.explanations.candidate.rawfacts import CandidateReader

        return CandidateReader(FactReader(self.pack.fields), self.depends, self._offers.trials.truths)

    @cached_property
    def _linked(self) -> Callable[[Sequence[Value | None]], int] | None:
        return self._offers.trials.truths.linked(self.depends) if self._offers.has_few else None

    @cached_property
    def _shown(self) -> Shown:
        from imagefit.explanations.candidate.shownresults import Shown

        place_of = {name: place for place, name in enumerate(self.depends)}

        def results_of(place: int, outcome: Outcome) -> RuleResults | None:
            found = self._shown_of(self.rules[place], outcome)
            if found is not None and found.pick is None:
                found.pick = _picking([place_of[name] for name in found.names])
            return found

        return Shown(self._offers.trials.groups, self._offers.trials.truths, results_of)

    def _shown_of(self, rule: Rule, outcome: Outcome) -> RuleResults | None:
        return self._of(rule, outcome) if outcome in SHOWN[rule.severity] else None

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
        missing = explained.missing
        known = {} if origins is None else origins
        ask = asker.asks(missing.facts, facts, known) if asker is not None and missing.facts else ()
        return Verdict(
            key,
            operation,
            explained.kind,
            explained.results,
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

    def rule(self, rule: Rule, outcome: Outcome, facts: Facts, operation: str | None = None) -> RuleResult:
        """Explain one rule's outcome on one candidate, with the remedies that are for the operation."""
        return self._of(rule, outcome).of(facts, operation, self._offers.truths_of(facts))

    def _of(self, rule: Rule, outcome: Outcome) -> RuleResults:
        if (results := self._results.get((rule.id, outcome))) is None:
            address = self._addresses.get(rule.source.document, "")
            results = RuleResults(rule, outcome, self._offers, self._looks, address, self._budget)
            self._results[rule.id, outcome] = results
        return results

    def _budget(self) -> Budget:
        return Budget(self._share)

    @cached_property
    def _share(self) -> int:
        """What the missing facts of one rule may cost: the same for each that may need it, whatever else was asked."""
        return VERDICT // 2 // max(1, sum(map(self._is_entangled, self.rules)))

    def _is_entangled(self, rule: Rule) -> bool:
        """Whether it may have to be searched which facts of a rule matter."""
        return not self._looks.are_free(rule)

    def missing(self, undecided: Sequence[Rule], facts: Facts) -> Missing:
        """Return the facts that could still change an unknown verdict, most decisive first.

        Parameters
        ----------
        undecided
            The error rules whose outcome is unknown; no error rule fails.
        """
        keys = [(rule.id, *map(facts.get, rule.facts)) for rule in undecided]
        return self.missing_of(undecided, [unknown_of(rule, facts) for rule in undecided], keys, facts, self._doubts)

    def missing_of(
        self,
        undecided: Sequence[Rule],
        unknown: Sequence[Sequence[str]],
        keys: Sequence[Hashable],
        facts: Facts | Callable[[], Facts],
        memory: Doubts,
    ) -> Missing:
        """Return the same where it is known what tells candidates apart.

        Parameters
        ----------
        unknown, keys
            Of each rule the facts that are not known, and what stands for its facts in the memory.
        facts
            Asked for where not all is remembered.
        memory
            Where to remember what groups of rules wait for.
        """
        groups = independent_groups(unknown)
        needs = [len(own) if len(own) > 1 or self._is_entangled(undecided[own[0]]) else 0 for own in groups]
        share = max(1, VERDICT // max(1, sum(needs)))
        share &= -1 << max(0, share.bit_length() - 2)  # of few sizes, so that what is remembered serves more candidates
        doubts = []
        for group, need in zip(groups, needs, strict=True):
            key = (share if need else 0, *[keys[place] for place in group])
            if (doubt := memory.get(key)) is None:
                steps = min(share * need + STEPS * len(group), MOST_STEPS)
                alike = memory.get((None, *key[1:]))
                if alike is None or (doubt := alike.within(Budget(steps))) is None:
                    facts = facts() if callable(facts) else facts
                    doubt = Doubt([undecided[place] for place in group], facts, self._looks, Budget(steps))
                    memory.remember((None, *key[1:]), doubt)
                memory.remember(key, doubt)
            doubts.append(doubt)
        return joined(doubts)


def _picking(places: Sequence[int]) -> Callable[[Sequence[Value | None]], tuple[Value | None, ...]]:
    """Return what returns those of some values that stand at these places."""
    return itemgetter(*places) if len(places) > 1 else lambda values: tuple([values[place] for place in places])
