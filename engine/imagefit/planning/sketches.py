"""Plans of many candidates without their words: which is best of each, and which there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.planning.alike import Alike, Searched
from imagefit.planning.answers import Answers
from imagefit.planning.bitrows import numbers_of, spread, told_apart
from imagefit.planning.covering import Bits, ones, union
from imagefit.planning.many import ManySearch
from imagefit.planning.moves import Moves
from imagefit.planning.paths import Paths
from imagefit.planning.planner import PackPlanner, Sketch
from imagefit.planning.search import Order
from imagefit.planning.workshop import Workshop
from imagefit.rulepack.pack import Remedy
from imagefit.values import replace
from imagefit.verdicts import VerdictKind

__all__ = ["ManyPlans", "Sketched"]


@dataclass(frozen=True, eq=False, slots=True)
class Sketched:
    """The plans of some candidates: for each a number, and what each number stands for."""

    numbers: NDArray[np.int32]
    sketches: Sequence[Sketch]


_End = tuple[Order, VerdictKind]
"""A plan, and the verdict that it ends with."""


class _NotFoundError(Exception):
    """Plans of many candidates were not found, or do not hold."""


class ManyPlans:
    """Works out the plans of many candidates; several threads may share it."""

    def __init__(self, planner: PackPlanner) -> None:
        self._planner = planner
        shop = planner.workshop
        self._checking = replace(planner, workshop=Workshop(shop.pack, shop.select, shop.ignore, warns=False))
        self._moves = Moves(planner.workshop, planner.operation)
        self._weights: dict[Order, tuple[object, ...]] = {}
        self._names: dict[Order, tuple[str, ...]] = {}
        self._ends: dict[VerdictKind, dict[Order, int]] = {VerdictKind.COMPATIBLE: {}, VerdictKind.UNKNOWN: {}}
        self._sketches: dict[tuple[int, ...], Sketch] = {}
        self._verified: set[_End] = set()
        self._alike = Alike(self._moves)
        self._paths = {assumed: Paths(self._moves, assumed) for assumed in (False, True)}
        self.facts = self._moves.facts

    def of(self, candidates: Encoded, among: NDArray[np.bool_] | None = None) -> Sketched:
        """Return the plans of candidates that are not compatible; of those that are not among the wanted ones, none.

        The first candidate of which a plan is the best is evaluated step by step by the reference evaluator. Where
        that says otherwise, or there is too much to try, each candidate is searched alone.
        """
        try:
            return Sketched(*self._alike.of(candidates, self._searched, among))
        except _NotFoundError:
            return self._one_by_one(candidates, among)

    def _searched(self, candidates: Encoded, known: Mapping[int, Bits], living: int) -> Searched:
        answers = Answers(self._moves, candidates, known)
        search = ManySearch(answers, self._paths[answers.has_assumed], living)
        sketches = self._found(search, candidates)
        return sketches, {number: (whom, answers.yes[number]) for number, whom in search.asked.items()}

    def _found(self, search: ManySearch, candidates: Encoded) -> list[Sketch]:
        fitting, clearing = search.plans()
        if not search.is_whole:
            raise _NotFoundError
        best: list[tuple[Order, VerdictKind]] = []
        sets: list[Bits] = []
        for is_best in (True, False):
            for found, end in ((fitting, VerdictKind.COMPATIBLE), (clearing, VerdictKind.UNKNOWN)):
                ranked = [(order, found[order]) for order in sorted(found, key=self._weight)]
                for order, bits in _best(search, ranked) if is_best else ranked:
                    best.append((order, end))
                    sets.append(bits)
        numbers = [self._number(*end) for end in best]
        rows = spread(sets, candidates.rows)
        examples, codes = told_apart(rows)
        sketches = []
        for case, example in zip(numbers_of(rows[examples]), examples.tolist(), strict=True):
            own = tuple(ones(case))
            key = tuple([numbers[place] for place in own])
            if (sketch := self._sketches.get(key)) is None:
                sketch = self._sketches[key] = self._sketch([best[place] for place in own], candidates, example)
            sketches.append(sketch)
        return [sketches[code] for code in codes.tolist()]

    def _number(self, order: Order, end: VerdictKind) -> int:
        """Return a number for an order that ends so."""
        return self._ends[end].setdefault(order, 2 * len(self._ends[end]) + (end is VerdictKind.COMPATIBLE))

    def _sketch(self, plans: Sequence[_End], candidates: Encoded, example: int) -> Sketch:
        """Return what is found of candidates that have some plans, the best first, by one of them."""
        if not plans:
            return Sketch()
        order, end = best = plans[0]
        if best not in self._verified:
            facts, assumed = candidates.facts(example), assumed_of(candidates, example)
            if self._checking.end_of(facts, assumed, order) is not end:
                raise _NotFoundError
            self._verified.add(best)
        cost = self._planner.cost(self._remedies(order))
        every = frozenset([self._named(order) for order, _ in plans])
        return Sketch(self._named(order), cost, end is VerdictKind.COMPATIBLE, every)

    def _remedies(self, order: Order) -> list[Remedy]:
        return [self._moves.actions[place].remedy for place in order]

    def _named(self, order: Order) -> tuple[str, ...]:
        """Return the remedies of an order by their ids."""
        if (found := self._names.get(order)) is None:
            found = self._names[order] = tuple([remedy.id for remedy in self._remedies(order)])
        return found

    def _weight(self, order: Order) -> Any:
        """Return what orders are sorted by."""
        if (found := self._weights.get(order)) is None:
            found = self._weights[order] = self._planner.counted(self._remedies(order)), len(order), order
        return found

    def _one_by_one(self, candidates: Encoded, among: NDArray[np.bool_] | None) -> Sketched:
        sketches: dict[Sketch, int] = {Sketch(): 0}
        numbers = np.zeros(candidates.rows, np.int32)
        for row in range(candidates.rows) if among is None else np.flatnonzero(among).tolist():
            sketch = self._planner.sketch(candidates.facts(row), assumed_of(candidates, row))
            numbers[row] = sketches.setdefault(sketch, len(sketches))
        return Sketched(numbers, list(sketches))


def assumed_of(candidates: Encoded, place: int) -> list[str]:
    """Return the facts of one candidate that are assumed."""
    return [name for name, mask in candidates.assumed.items() if mask is None or mask[place]]


def _best(search: ManySearch, plans: Sequence[tuple[Order, Bits]]) -> Iterator[tuple[Order, Bits]]:
    """Yield of plans, the cheapest first, where each is the best: that of which the fewest warnings come.

    Of most candidates it is one without any. Which warnings come of dearer plans, does not matter then.
    """
    left = union(bits for _, bits in plans)
    for order, bits in plans:
        if (own := bits & left) and (some := search.unwarned(order, own)):
            yield order, some
            left ^= some
    by_count: defaultdict[int, list[tuple[Order, Bits]]] = defaultdict(list)
    for order, bits in plans:
        if own := bits & left:
            for count, some in enumerate(_by_count(own, search.warned(order, own))):
                by_count[count].append((order, some))
    for count in sorted(by_count):
        for order, bits in by_count[count]:
            if some := bits & left:
                yield order, some
                left ^= some


def _by_count(bits: Bits, flags: Iterable[Bits]) -> list[Bits]:
    """Return of some candidates those that have none of the flags, those that have one, and so on."""
    found = [bits]
    for flag in flags:
        found = [without & ~flag | one_less & flag for without, one_less in zip((*found, 0), (0, *found), strict=True)]
    return found
