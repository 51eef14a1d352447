"""The tabular evaluator: outcomes are looked up in decision tables.

One candidate is judged in pure Python (`judge`); batches of candidates, on columns, in `batches`.

Each known value adds its share to one large number, in which the indexes of all tables stand side by
side; a share is looked up per fact, so that a candidate costs one look per fact and one per table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import getitem, itemgetter

from imagefit.conditions import Leaf
from imagefit.evaluators.reference import RELATIONS, Truth, leaf_truth
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH, Subject
from imagefit.evaluators.tabular.tables import Axis, DecisionTables, compile_rules
from imagefit.facts import Facts, Value
from imagefit.rulepack.kept import kept_by_pack
from imagefit.rulepack.pack import Outcome, Pack, Rule
from imagefit.verdicts import LEVELS, VerdictKind

__all__ = ["TabularJudge", "judge", "tables_for"]

REMEMBERED = 4096
"""So many values of one fact without a name in the pack are remembered."""

_WORST = len(LEVELS) - 1


def judge(pack: Pack, rules: Sequence[Rule]) -> TabularJudge:
    """Return a function from facts to the outcomes of `rules`, in their order."""
    return TabularJudge(tables_for(pack, rules))


def tables_for(pack: Pack, rules: Sequence[Rule]) -> DecisionTables:
    """Return the decision tables of some rules, remembered where the rules are the pack's own."""
    own = {rule.id: rule for rule in pack.rules}
    if all(own.get(rule.id) is rule for rule in rules):
        return _remembered(pack, tuple(rule.id for rule in rules))
    return compile_rules(rules, pack.fields)


@kept_by_pack
def _remembered(pack: Pack, ids: tuple[str, ...]) -> DecisionTables:
    own = {rule.id: rule for rule in pack.rules}
    return compile_rules([own[id_] for id_ in ids], pack.fields)


class TabularJudge:
    """Judges one candidate after the other: takes the known facts, returns the rules' outcomes in their order."""

    def __init__(self, tables: DecisionTables) -> None:
        shares: dict[Subject, _Shares] = {}
        self._groups: list[tuple[int, int, list[tuple[Outcome, ...]], bytes]] = []
        shift = 0
        for group in tables.groups:
            for axis in group.axes:
                shares.setdefault(axis.subject, _Shares()).add(axis, shift)
            width = (len(group.classes) - 1).bit_length()
            by_index = [group.outcomes[number] for number in group.classes]
            levels = bytes((c >= group.first_unknown) + (c >= group.first_failing) for c in group.classes)
            self._groups.append((shift, (1 << width) - 1, by_index, levels))
            shift += width
        fields = {subject: own for subject, own in shares.items() if isinstance(subject, str)}
        self._names, self._shares = list(fields), list(fields.values())
        parts = {part.leaf for part in tables.parts}
        self._leaves = [
            (leaf.fact, leaf.other, leaf.operand, RELATIONS[leaf.relation], own[False], own[True])
            for leaf, own in shares.items()
            if isinstance(leaf, Leaf) and leaf not in parts
        ]
        self._parts = [(part, shares.get(part.leaf)) for part in tables.parts]
        order = [place for group in tables.groups for place in group.places]
        self._in_order = _permutation([order.index(place) for place in range(len(order))])

    def __call__(self, facts: Facts) -> Sequence[Outcome]:
        """Return the outcomes of the rules, in their order."""
        total = self._total(facts)
        found: list[Outcome] = []
        for shift, mask, by_index, _ in self._groups:
            found += by_index[total >> shift & mask]
        return self._in_order(found)

    def verdict(self, facts: Facts) -> VerdictKind:
        """Return the verdict alone, which takes no list of outcomes."""
        total = self._total(facts)
        level = 0
        for shift, mask, _, levels in self._groups:
            if (own := levels[total >> shift & mask]) > level:
                level = own
                if level == _WORST:
                    break
        return LEVELS[level]

    def _total(self, facts: Facts) -> int:
        """Return the indexes into all tables, side by side."""
        get = facts.get
        total: int = sum(map(getitem, self._shares, map(get, self._names)))
        for fact, other, operand, relation, no, yes in self._leaves:
            if (actual := get(fact)) is not None:
                expected = operand if other is None else get(other)
                if expected is not None:
                    total += yes if relation(actual, expected) else no
        return total + self._total_of_parts(facts) if self._parts else total

    def _total_of_parts(self, facts: Facts) -> int:
        total, truths = 0, dict[Leaf, Truth]()
        for part, shares in self._parts:
            index = sum(_cell(axis, facts, truths) * axis.stride for axis in part.axes)
            truths[part.leaf] = part.truths[index]
            if shares is not None:
                total += shares[part.truths[index]]
        return total


def _permutation(order: Sequence[int]) -> Callable[[list[Outcome]], Sequence[Outcome]]:
    """Return a function that puts a list into an order."""
    return itemgetter(*order) if len(order) > 1 else list


class _Shares(dict[Value | None, int]):
    """What a value (of a leaf: a truth) adds to the indexes; worked out when it is first seen."""

    def __init__(self) -> None:
        super().__init__({None: 0})
        self._axes: list[tuple[Axis, int]] = []

    def add(self, axis: Axis, shift: int) -> None:
        self._axes.append((axis, shift))

    def __missing__(self, value: Value) -> int:
        share = 0
        for axis, shift in self._axes:
            cell = CELL_OF_TRUTH[value] if axis.cells is None else axis.cells.of(value)  # type: ignore[index]
            share += cell * axis.stride << shift
        if len(self) < REMEMBERED:
            self[value] = share
        return share


def _cell(axis: Axis, facts: Facts, parts: Mapping[Leaf, Truth]) -> int:
    subject = axis.subject
    if isinstance(subject, Leaf):
        return CELL_OF_TRUTH[parts[subject] if subject in parts else leaf_truth(subject, facts)]
    assert axis.cells is not None
    value = facts.get(subject)
    return 0 if value is None else axis.cells.of(value)
