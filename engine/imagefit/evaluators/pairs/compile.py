"""From the rules of a pack to conditions over pairs: each leaf is put on the side, or the sides, that it looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.conditions import AllOf, Condition, Leaf, leaves
from imagefit.evaluators.pairs.bits import Indices, Words
from imagefit.evaluators.pairs.leaves import (
    NUMBER_OF,
    Atom,
    Classes,
    Fallback,
    Joined,
    LaneLeaf,
    Lanes,
    Node,
    PairLeaf,
    RowLeaf,
    Settled,
)
from imagefit.evaluators.pairs.links import link_values
from imagefit.evaluators.pairs.sets import Sets
from imagefit.evaluators.pairs.sides import Constant, Source, Sources, Stated
from imagefit.evaluators.pairs.values import Values, present_values
from imagefit.evaluators.reference import RELATIONS, Truth
from imagefit.facts import Value
from imagefit.rulepack.pack import Rule

__all__ = ["Compiled", "PairRule", "compile_rules"]


@dataclass(frozen=True, eq=False, slots=True)
class PairRule:
    """A rule whose conditions are over pairs."""

    rule: Rule
    when: Node
    require: Node

    @property
    def atoms(self) -> tuple[Atom, ...]:
        """What the rule looks at of a row."""
        return tuple(dict.fromkeys((*self.when.atoms, *self.require.atoms)))

    @property
    def columns(self) -> tuple[str, ...]:
        """What the rule looks at of a lane."""
        return tuple(dict.fromkeys((*self.when.columns, *self.require.columns)))

    def outcomes(self, classes: Classes, lanes: Lanes) -> tuple[Words, Words, Words]:
        """Return where the rule fails, where it is unknown and where it does not apply; else it passes."""
        when, require = self.when.truths(classes, lanes), self.require.truths(classes, lanes)
        fails = when.true & require.false
        return fails, ~(when.false | require.true | fails), when.false


@dataclass(frozen=True, slots=True)
class Compiled:
    """The rules over pairs, and the codes of the columns that they look at: of the rows, and of the lanes."""

    rules: tuple[PairRule, ...]
    rows: Mapping[str, NDArray[Any]]
    lanes: Mapping[str, NDArray[Any]]


def compile_rules(rules: Sequence[Rule], sources: Sources) -> Compiled:
    """Compile rules for two sides."""
    compiler = _Compiler(sources, sources.values(leaf for rule in rules for leaf in leaves(rule.violation)))
    compiled = tuple(PairRule(rule, compiler.node(rule.when), compiler.node(rule.required)) for rule in rules)
    return Compiled(compiled, compiler.codes[True], compiler.codes[False])


class _Compiler:
    """Remembers leaves, so that rules which share one share its atom and its bits."""

    def __init__(self, sources: Sources, values: Mapping[Stated, Values]) -> None:
        self.sources, self.values = sources, values
        self.codes: dict[bool, dict[str, NDArray[Any]]] = {True: {}, False: {}}
        for source, found in values.items():
            self.codes[source.is_row][source.name] = found.codes
        self._leaves: dict[Leaf, Node] = {}
        self._guards: dict[str, Atom] = {}

    def node(self, condition: Condition) -> Node:
        """Compile a condition."""
        if isinstance(condition, Leaf):
            if condition not in self._leaves:
                self._leaves[condition] = self._leaf(condition)
            return self._leaves[condition]
        return Joined(isinstance(condition, AllOf), tuple(map(self.node, condition.parts)))

    def _leaf(self, leaf: Leaf) -> Node:
        firsts, seconds = self.sources.operands(leaf)
        alternatives = []
        for i, first in enumerate(firsts):
            for j, second in enumerate(seconds):
                before = dict.fromkeys((*firsts[:i], *seconds[:j]))
                guards = tuple(self._guard(source) for source in before if isinstance(source, Stated))
                alternatives.append((guards, self._compared(leaf, first, second)))
        if not alternatives:
            return Settled(None)
        return alternatives[0][1] if len(alternatives) == 1 else Fallback(tuple(alternatives))

    def _guard(self, source: Stated) -> Atom | str:
        if not source.is_row:
            return source.name
        if source.name not in self._guards:
            is_unknown = np.zeros(len(self.values[source].known) + 1, dtype=np.uint8)
            is_unknown[0] = 1
            self._guards[source.name] = Atom(source.name, is_unknown, 2)
        return self._guards[source.name]

    def _compared(self, leaf: Leaf, first: Source, second: Source) -> Node:
        """Compile the leaf with its operands from these sources."""
        stated = list(dict.fromkeys(source for source in (first, second) if isinstance(source, Stated)))
        if not stated:
            return Settled(_truth(leaf, first, second, {}))
        if len(stated) == 1:
            return _one_sided(stated[0], self._truths(leaf, first, second, stated[0]))
        if stated[0].is_row is stated[1].is_row:
            return self._tabulated(leaf, *stated)
        return self._linked(leaf, *stated)

    def _truths(self, leaf: Leaf, first: Source, second: Source, stated: Stated) -> Indices:
        """Compare where one operand, or both, are stated by one column: a truth for each of its values."""
        found = self.values[stated]
        if isinstance(found.known, Sets) and isinstance(second, Constant):
            is_true = found.known.contain(leaf.relation, second.value) ^ leaf.negated
            return np.append(NUMBER_OF[None], np.where(is_true, NUMBER_OF[True], NUMBER_OF[False])).astype(np.uint8)
        return _numbers([_truth(leaf, first, second, {stated: value}) for value in found.values])

    def _tabulated(self, leaf: Leaf, first: Stated, second: Stated) -> Node:
        """Compare two facts of one side: a truth for each pair of values that occurs."""
        a, b = (present_values(self.sources.column(source)) for source in (first, second))
        firsts, seconds = a.values, b.values
        pairs, row_of = np.unique(a.codes.astype(np.int64) * len(seconds) + b.codes, return_inverse=True)
        combined = (divmod(pair, len(seconds)) for pair in pairs.tolist())
        truths = [_truth(leaf, first, second, {first: firsts[i], second: seconds[j]}) for i, j in combined]
        name = f"{first.name} {leaf.operator} {second.name}"
        self.codes[first.is_row][name] = _numbers(truths)[row_of]
        return _one_sided(Stated(first.is_row, name), np.arange(3, dtype=np.uint8))

    def _linked(self, leaf: Leaf, first: Stated, second: Stated) -> Node:
        """Compare a fact of a row with a fact of a lane."""
        row, lane = (first, second) if first.is_row else (second, first)
        rows, lanes = self.values[row].known, self.values[lane].known
        link = link_values(leaf.relation, rows, lanes, is_row_first=first.is_row)
        atom = Atom(row.name, np.append(0, link.cells + 1), link.kinds + 1)
        return PairLeaf(atom, lane.name, link, leaf.negated)


def _truth(leaf: Leaf, first: Source, second: Source, values: Mapping[Stated, Value | None]) -> Truth:
    """Compare as the reference evaluator does."""
    actual, expected = (s.value if isinstance(s, Constant) else values[s] for s in (first, second))
    if actual is None or expected is None:
        return None
    return RELATIONS[leaf.relation](actual, expected) is not leaf.negated


def _one_sided(source: Stated, numbers: Indices) -> Node:
    return RowLeaf(Atom(source.name, numbers, 3)) if source.is_row else LaneLeaf(source.name, numbers)


def _numbers(truths: Sequence[Truth]) -> Indices:
    return np.array([NUMBER_OF[truth] for truth in truths], dtype=np.uint8)
