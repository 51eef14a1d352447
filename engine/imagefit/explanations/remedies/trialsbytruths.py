"""What comes of trying remedies, remembered by the truths of the comparisons that it hangs on.

These are the comparisons that say whether a remedy can be done and whether it changes something; those of the rules
that can fail afterwards, before and after. What a fact becomes is a value, or what another fact is: so what is compared
afterwards can be compared before it is done; and what a set that gets more elements contains, it contained, or they do.
Only where a set has to contain all of another one afterwards, the truth afterwards is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any, NamedTuple

from imagefit.conditions import Leaf, Operand, Relation, leaves
from imagefit.evaluators.reference import RELATIONS, truth
from imagefit.explanations.remedies.effects import value_after
from imagefit.explanations.remedies.triedonfacts import Offered, Tried, joined, numbers
from imagefit.explanations.truths.comparisons import Comparison, Side, Truths, compared, comparison_of, together
from imagefit.explanations.truths.residuals import open_leaves
from imagefit.facts import Facts, Field, FieldType
from imagefit.rulepack.pack import Effect, Rule, Severity
from imagefit.rulepack.remembered import Remembered

__all__ = ["OfRule", "Right", "Trials"]

REMEMBERED = 4096

Intern = Callable[[Sequence[Tried], Sequence[tuple[str, ...]], Facts], Offered]
"""Takes remedies that are offered, and which rules would newly fail after each."""

UNKNOWN = Side(None)


class Trials:
    """The trials of the remedies of some rules.

    Parameters
    ----------
    tried_of
        Returns the remedies of a rule that are for an operation, or all of them.

    Attributes
    ----------
    truths
        All comparisons of the rules, and those on which it hangs what comes of trials.
    masks
        The bits of each rule's comparisons there, by its id.
    groups
        The places of rules that have few comparisons together, of which `Truths.keys` returns the truths.
    """

    def __init__(self, rules: Sequence[Rule], tried_of: Callable[[Rule, str | None], Sequence[Tried]]) -> None:
        self._tried_of = tried_of
        self._looks: dict[str, _Look] = {}
        self._trials: dict[str, _Trial] = {}
        own = {
            rule.id: dict.fromkeys(comparison_of(leaf) for part in (rule.when, rule.require) for leaf in leaves(part))
            for rule in rules
        }
        tried = list(dict.fromkeys(each for rule in rules for each in tried_of(rule, None)))
        some = [comparison_of(leaf) for each in tried for leaf in leaves(each.remedy.requires)]
        some += [each for one in tried for each in self._look(one).comparisons]
        of_rules = list(own.values())
        self.groups = list(together(of_rules))
        grouped = [dict.fromkeys(each for place in group for each in of_rules[place]) for group in self.groups]
        self.truths = Truths(some, grouped)
        self.masks = {name: self.truths.mask(of_rule) for name, of_rule in own.items()}
        self._offered = Remembered[tuple[int, ...], Offered](REMEMBERED)

    def of(self, rule: Rule, operation: str | None) -> OfRule:
        """Return the trials of the remedies of a rule that are for an operation."""
        tried = self._tried_of(rule, operation)
        return OfRule([self._trial(each) for each in tried], self.truths, self._interned)

    def _trial(self, tried: Tried) -> _Trial:
        if (found := self._trials.get(tried.remedy.id)) is None:
            found = self._trials[tried.remedy.id] = _Trial(tried, self._look(tried), self.truths)
        return found

    def _look(self, tried: Tried) -> _Look:
        if (found := self._looks.get(tried.remedy.id)) is None:
            found = self._looks[tried.remedy.id] = _Look(tried)
        return found

    def _interned(self, tried: Sequence[Tried], newly: Sequence[tuple[str, ...]], facts: Facts) -> Offered:
        offers = [one.text(failing, facts) for one, failing in zip(tried, newly, strict=True)]
        key = tuple([offer.number for offer in offers])
        return self._offered.get(key) or self._offered.remember(key, joined(offers))


class OfRule:
    """The trials of some remedies, of which some can be done on a candidate."""

    def __init__(self, trials: Sequence[_Trial], truths: Truths, intern: Intern) -> None:
        self._trials, self._truths, self._intern = trials, truths, intern
        required = (leaf for each in trials for leaf in leaves(each.tried.remedy.requires))
        self._mask = truths.mask(map(comparison_of, required))
        self._whole = self._mask | truths.mask(each for trial in trials for each in trial.look.comparisons)
        self._is_whole = not any(trial.look.adding for trial in trials)
        self._by_truths = Remembered[int, _Possible](REMEMBERED)
        self._possible: dict[tuple[bool, ...], _Possible] = {}
        self._rights = Remembered[int, Right](REMEMBERED)

    def right(self, facts: Facts, truths: int) -> Right:
        """Return those that are right on a candidate."""
        return self._rights.get(truths & self._whole) or self._right(facts, truths)

    def _right(self, facts: Facts, truths: int) -> Right:
        key = truths & self._mask
        if (possible := self._by_truths.get(key)) is None:
            can_be = tuple([truth(trial.tried.remedy.requires, facts) is not False for trial in self._trials])
            if (possible := self._possible.get(can_be)) is None:
                trials = list(compress(self._trials, can_be))
                possible = self._possible[can_be] = _Possible(trials, self._truths, self._intern)
            self._by_truths.remember(key, possible)
        right = possible.right(facts, truths)
        return self._rights.remember(truths & self._whole, right) if self._is_whole else right


class _Possible:
    """The trials of some remedies that can be done."""

    def __init__(self, trials: Sequence[_Trial], truths: Truths, intern: Intern) -> None:
        self._trials, self._intern = trials, intern
        self._mask = truths.mask(each for trial in trials for each in trial.look.comparisons)
        self._adding = [trial.look for trial in trials if trial.look.adding]
        self._seen = Remembered[Hashable, Right](REMEMBERED)
        self._alike = Remembered[tuple[tuple[str, ...] | None, ...], Right](REMEMBERED)

    def right(self, facts: Facts, truths: int) -> Right:
        """Return those that are right on a candidate."""
        key: Hashable = truths & self._mask
        if self._adding:
            key = key, *[each for look in self._adding for each in look.truths_after(facts)]
        if (right := self._seen.get(key)) is None:
            newly = tuple([trial.newly(facts, truths) for trial in self._trials])
            if (right := self._alike.get(newly)) is None:
                tried = [trial.tried for trial in self._trials]
                right = self._alike.remember(newly, Right(tried, newly, self._intern))
            self._seen.remember(key, right)
        return right


class Right:
    """The remedies that are right where some comparisons have some truths.

    Attributes
    ----------
    number
        Stands for them, and for nothing else that is offered; 0 where none is.
    """

    def __init__(self, tried: Sequence[Tried], newly: Sequence[tuple[str, ...] | None], intern: Intern) -> None:
        each = [(one, failing) for one, failing in zip(tried, newly, strict=True) if failing is not None]
        self._tried, self._newly, self._intern = [one for one, _ in each], [failing for _, failing in each], intern
        self._named = tuple(dict.fromkeys(name for one, _ in each for name in one.named))
        self.number = next(numbers) if each else 0
        self._seen = Remembered[Hashable, Offered](REMEMBERED)

    def offered(self, facts: Facts) -> Offered:
        """Return what is offered on a candidate."""
        key = tuple(map(facts.get, self._named))
        return self._seen.get(key) or self._seen.remember(key, self._intern(self._tried, self._newly, facts))


class _Trial:
    """What comes of one remedy that can be done, remembered by the truths on which each part of that hangs."""

    def __init__(self, tried: Tried, look: _Look, truths: Truths) -> None:
        self.tried, self.look = tried, look
        self._changes = truths.mask(look.changes), Remembered[int, bool](REMEMBERED)
        self._fails = [(rule, truths.mask(own), Remembered[int, bool](REMEMBERED)) for rule, own in look.failing]

    def newly(self, facts: Facts, truths: int) -> tuple[str, ...] | None:
        """Return what `Tried.newly` does."""
        tried = self.tried
        if self.look.adding:  # which hangs on more
            return tried.newly(facts)
        after: Facts | None = None
        mask, changing = self._changes
        if (is_change := changing.get(truths & mask)) is None:
            after = tried.after(facts)
            is_change = changing.remember(truths & mask, tried.is_change(facts, after))
        if not is_change:
            return None
        worse = []
        for rule, mask, seen in self._fails:
            if (is_new := seen.get(truths & mask)) is None:
                after = tried.after(facts) if after is None else after
                is_new = seen.remember(truths & mask, tried.newly_fails(rule, facts, after))
            if is_new:
                worse.append(rule)
        return tried.named_if_right(worse)


class _Look:
    """What it hangs on what comes of one remedy.

    Attributes
    ----------
    changes
        The comparisons that say whether it changes something.
    failing
        Of each rule that can fail afterwards, those that say whether it does, and did before.
    comparisons
        All of these.
    adding
        The effects that put more elements into sets, where that has to be worked out.
    """

    def __init__(self, tried: Tried) -> None:
        remedy = tried.remedy
        last = {effect.fact: effect for effect in remedy.effects}
        adding = {
            e.fact: _Added.of(e, tried.fields) for e in last.values() if e.add is not None or e.add_from is not None
        }
        self._after = {name: _side(effect) for name, effect in last.items() if name not in adding}
        fixed = {name: side.value for name, side in self._after.items() if side.fact is None and side.value is not None}
        self.changes = {*self._changes(), *(comparison for each in adding.values() for comparison in each.changes())}
        self.failing: list[tuple[Rule, set[Comparison]]] = []
        added: dict[tuple[str, str | None, Operand | None, Callable[[Any, Any], bool]], None] = {}
        for rule in tried.looking:
            live = False if rule.severity is Severity.NOTICE else open_leaves(rule.violation, fixed)  # type: ignore[arg-type]
            if live is False:
                continue
            own = {*map(comparison_of, rule.leaves), *(self.changes if adding else ())}
            self.failing.append((rule, own))
            for leaf in live if isinstance(live, list) else ():
                if adding.keys().isdisjoint(leaf.facts):
                    own.update(self._tests_after(leaf))
                    continue
                put = None if leaf.other in adding else adding[leaf.fact]
                if put is None or (found := put.contains(leaf.relation, self._right_of(leaf))) is None:
                    added[leaf.fact, leaf.other, leaf.operand, RELATIONS[leaf.relation]] = None
                else:
                    own.update(found)
        self.comparisons = self.changes.union(*[own for _, own in self.failing])
        self._added = list(added)
        self.adding = [last[name] for name in adding] if added else []

    def _right_of(self, leaf: Leaf) -> Side:
        """Return what a leaf's fact is compared with afterwards."""
        return Side(None, leaf.operand) if leaf.other is None else self._after.get(leaf.other, Side(leaf.other))

    def _tests_after(self, leaf: Leaf) -> Iterator[Comparison]:
        """Yield what has the truth of a leaf afterwards, unless it always has the same."""
        left, right = self._after.get(leaf.fact, Side(leaf.fact)), self._right_of(leaf)
        if UNKNOWN not in (left, right) and (left.fact is not None or right.fact is not None):
            yield compared(leaf.relation, left, right)

    def _changes(self) -> Iterator[Comparison]:
        """Yield what says whether effects change something, but for those that put more into sets."""
        for name, side in self._after.items():
            yield _is_known(name)
            if side.fact is not None:
                yield _is_known(side.fact)
            if side != UNKNOWN:
                yield compared(Relation.EQUALS, Side(name), side)

    def truths_after(self, facts: Facts) -> list[Hashable]:
        """Return the truths of the leaves afterwards that are worked out."""
        get = facts.get
        after = {effect.fact: value_after(effect, facts) for effect in self.adding}
        for name, side in self._after.items():
            after[name] = get(side.fact) if side.fact is not None else side.value  # type: ignore[assignment]
        found: list[Hashable] = []
        for fact, other, operand, relation in self._added:
            actual = after[fact] if fact in after else get(fact)
            expected = operand if other is None else after[other] if other in after else get(other)
            found.append(None if actual is None or expected is None else relation(actual, expected))
        return found


class _Added(NamedTuple):
    """A set, and what is put into it: elements, or what a fact is, or what elements that has."""

    fact: str
    more: Side
    is_set: bool

    @classmethod
    def of(cls, effect: Effect, fields: Mapping[str, Field]) -> _Added:
        """Return what an effect puts into a set."""
        name = effect.add_from
        is_set = name is None or fields[name].type is FieldType.STRING_SET
        return cls(effect.fact, Side(name, effect.add), is_set)

    def changes(self) -> Iterator[Comparison]:
        """Yield what says whether the set has more elements then."""
        yield _is_known(self.fact)
        if self.more.fact is not None:
            yield _is_known(self.more.fact)
        yield compared(Relation.CONTAINS_ALL if self.is_set else Relation.CONTAINS, Side(self.fact), self.more)

    def contains(self, relation: Relation, right: Side) -> list[Comparison] | None:
        """Return what says what the set contains then, but for what `changes` does; None where nothing does."""
        if right == UNKNOWN or (right.fact is not None and right.fact == self.more.fact):
            return []
        if relation is Relation.CONTAINS_ALL and isinstance(right.value, frozenset):
            return [each for one in right.value for each in self.contains(Relation.CONTAINS, Side(None, one)) or ()]
        if relation is Relation.CONTAINS:
            held = compared(relation if self.is_set else Relation.EQUALS, self.more, right)
        elif relation is Relation.CONTAINS_ANY:
            held = compared(relation, self.more, right) if self.is_set else _one_in(self.more, right)
        else:
            return None
        has = compared(relation, Side(self.fact), right)
        return [has] if held.left.fact is None and held.right.fact is None else [has, held]


def _one_in(element: Side, elements: Side) -> Comparison:
    """Return what says whether what a fact is is one of some elements."""
    if elements.fact is None:
        return compared(Relation.IN, element, elements)
    return compared(Relation.CONTAINS, elements, element)


def _side(effect: Effect) -> Side:
    return Side(effect.same_as, effect.value)


def _is_known(name: str) -> Comparison:
    return compared(Relation.EQUALS, Side(name), Side(name))
