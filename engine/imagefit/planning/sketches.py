"""Plans of many candidates without their words: which is best of each, and which there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.planning.alike import Alike, Searched
from imagefit.planning.answers import Answers
from imagefit.planning.bits import Bits, places_of
from imagefit.planning.many import ManySearch
from imagefit.planning.moves import Moves
from imagefit.planning.planner import PackPlanner, Sketch
from imagefit.planning.search import Order
from imagefit.rulepack.pack import Remedy
from imagefit.verdicts import VerdictKind

__all__ = ["ManyPlans", "Sketched"]


@dataclass(frozen=True, eq=False, slots=True)
class Sketched:
    """The plans of some candidates: for each a number, and what each number stands for."""

    numbers: NDArray[np.int32]
    sketches: Sequence[Sketch]


class _NotFoundError(Exception):
    """Plans of many candidates were not found, or do not hold."""


class ManyPlans:
    """Works out the plans of many candidates; several threads may share it."""

    def __init__(self, planner: PackPlanner) -> None:
        self._planner = planner
        self._moves = Moves(planner.workshop, planner.operation)
        self._verified: set[tuple[Order, bool]] = set()
        self._alike = Alike(self._moves)
        self.facts = self._moves.facts

    def of(self, candidates: Encoded) -> Sketched:
        """Return the plans of candidates that are not compatible.

        The first candidate of which a plan is the best is evaluated step by step by the reference evaluator. Where
        that says otherwise, or there is too much to try, each candidate is searched alone.
        """
        try:
            return Sketched(*self._alike.of(candidates, self._searched))
        except _NotFoundError:
            return self._one_by_one(candidates)

    def _searched(self, candidates: Encoded, living: int) -> Searched:
        answers = Answers(self._moves, candidates)
        search = ManySearch(answers, living)
        found = self._found(search, candidates)
        asked = {number: (whom, answers.answer(number)) for number, whom in search.asked.items()}
        return [found.sketches[number] for number in found.numbers.tolist()], asked

    def _found(self, search: ManySearch, candidates: Encoded) -> Sketched:
        fitting, clearing = search.plans()
        if not search.is_whole:
            raise _NotFoundError
        orders = [*fitting, *clearing]
        best = np.zeros(candidates.rows, np.int64)  # numbers of orders, counted from 1
        for found, is_compatible in ((fitting, True), (clearing, False)):
            numbers = {order: 1 + number + (0 if is_compatible else len(fitting)) for number, order in enumerate(found)}
            for order, places in self._best(search, found):
                best[places] = numbers[order]
                if (order, is_compatible) not in self._verified:
                    if not self._holds(order, candidates, int(places[0]), is_compatible):
                        raise _NotFoundError
                    self._verified.add((order, is_compatible))
        patterns, of_patterns = _patterns([*fitting.values(), *clearing.values()], candidates.rows)
        combined: Any = pc.dictionary_encode(pa.array(patterns * (len(orders) + 1) + best))
        names = [self._names(order) for order in orders]
        sketches = []
        for code in combined.dictionary.to_pylist():
            pattern, number = divmod(code, len(orders) + 1)
            if number == 0:
                sketches.append(Sketch())
                continue
            cost = self._planner.cost(self._remedies(orders[number - 1]))
            own = frozenset([names[each] for each in of_patterns[pattern]])
            sketches.append(Sketch(names[number - 1], cost, number <= len(fitting), own))
        return Sketched(combined.indices.to_numpy(), sketches)

    def _best(self, search: ManySearch, found: Mapping[Order, Bits]) -> Iterator[tuple[Order, NDArray[np.intp]]]:
        """Yield the plans that are the best of some candidates, with the places of these."""
        ranked = []
        for order, bits in found.items():
            weight = self._planner.counted(self._remedies(order)), len(order), order
            for count, some in enumerate(_by_count(bits, search.warned(order, bits))):
                if some:
                    ranked.append(((count, *weight), some))
        rest = 0
        for _, bits in ranked:
            rest |= bits
        for (*_, order), bits in sorted(ranked):
            if here := rest & bits:
                rest ^= here
                yield order, places_of(here)

    def _holds(self, order: Order, candidates: Encoded, place: int, is_compatible: bool) -> bool:
        """Whether the reference evaluator says of one candidate what was found of many."""
        end = self._planner.end_of(candidates.facts(place), assumed_of(candidates, place), order)
        return end is (VerdictKind.COMPATIBLE if is_compatible else VerdictKind.UNKNOWN)

    def _one_by_one(self, candidates: Encoded) -> Sketched:
        sketches: dict[Sketch, int] = {}
        numbers = [
            sketches.setdefault(self._planner.sketch(candidates.facts(row), assumed_of(candidates, row)), len(sketches))
            for row in range(candidates.rows)
        ]
        return Sketched(np.array(numbers, np.int32), list(sketches))

    def _names(self, order: Order) -> tuple[str, ...]:
        return tuple([remedy.id for remedy in self._remedies(order)])

    def _remedies(self, order: Order) -> list[Remedy]:
        return [self._moves.actions[place].remedy for place in order]


def assumed_of(candidates: Encoded, place: int) -> list[str]:
    """Return the facts of one candidate that are assumed."""
    return [name for name, mask in candidates.assumed.items() if mask is None or mask[place]]


def _by_count(bits: Bits, flags: Iterable[Bits]) -> list[Bits]:
    """Return of some candidates those that have none of the flags, those that have one, and so on."""
    found = [bits]
    for flag in flags:
        found = [without & ~flag | one_less & flag for without, one_less in zip((*found, 0), (0, *found), strict=True)]
    return found


def _patterns(flags: Sequence[Bits], rows: int) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Return which flags each of some candidates has: a number for each, and the places of the flags by number."""
    some = [places_of(bits) for bits in flags]
    own = np.concatenate([*some, np.zeros(0, np.intp)])
    order = np.argsort(own, kind="stable")
    numbers = np.repeat(np.arange(len(some), dtype=np.uint32), list(map(len, some)))[order]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(own, minlength=rows))]).astype(np.int64) * numbers.itemsize
    texts = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), rows, [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(numbers.tobytes())]
    )
    encoded: Any = pc.dictionary_encode(texts)
    return encoded.indices.to_numpy().astype(np.int64), [
        np.frombuffer(each, np.uint32).tolist() for each in encoded.dictionary.to_pylist()
    ]
