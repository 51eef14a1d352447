"""Plans of the rows of an audit: worked out once for all rows that have the same, never row by row.

Rows are told apart by the rules that fail, and by the comparisons that the search for their plans looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imagefit.columns.column import Encoded
from imagefit.evaluators.tabular.subjects import affirmed
from imagefit.explanations.alike import linked_facts
from imagefit.explanations.cases import UnknownCases, cases_by_value
from imagefit.planning.looking import compared
from imagefit.planning.planner import PackPlanner, Sketch
from imagefit.rulepack.pack import Pack
from imagefit.rulepack.remembered import Remembered
from imagefit.verdicts import VerdictKind

__all__ = ["PlannedRows", "Planning"]

NOTHING = Sketch()

KNOWN = 1 << 16
"""The plans of so many different rows are remembered."""


@dataclass(frozen=True, eq=False, slots=True)
class PlannedRows:
    """The plans of some rows: for each row a number, and what each number stands for."""

    numbers: NDArray[np.int32]
    sketches: Sequence[Sketch]


class Planning:
    """Works out the plans of the rows of one operation; several threads may share it."""

    def __init__(self, planner: PackPlanner, pack: Pack) -> None:
        self._planner, self._pack = planner, pack
        self._leaves, self._whole = compared(planner.workshop, planner.operation)
        self._every = self._whole.union(name for leaf in self._leaves for name in leaf.facts)
        self._known: Remembered[Hashable, Sketch] = Remembered(KNOWN)
        self._cases: dict[frozenset[str], UnknownCases] = {}
        self._looked: dict[Hashable, frozenset[str]] = {}
        self._seen: dict[Hashable, Sketch] = {}
        self._lock = threading.Lock()

    def of(
        self, encoded: Encoded, levels: NDArray[np.uint8], masks: Sequence[NDArray[np.uint64]], errors: int
    ) -> PlannedRows:
        """Return the plans of a batch; a row that is not incompatible has none.

        Parameters
        ----------
        levels
            The verdict of each row, as its place in `LEVELS`.
        masks
            Bits of each row: that each of the error rules fails, then that each is unknown.
        errors
            How many error rules there are.
        """
        numbers = np.zeros(encoded.rows, np.int32)
        sketches: dict[Sketch, int] = {NOTHING: 0}
        rows = np.flatnonzero(levels == VerdictKind.INCOMPATIBLE.level)
        if len(rows):
            part = _part(encoded, rows, self._every)
            codes, examples = self._told_apart(part, self._every)
            keys = [_values(part, row) for row in examples]
            found = [self._known.get(key) for key in keys]
            fresh = [place for place, sketch in enumerate(found) if sketch is None]
            own = rows[np.array(examples, np.intp)[fresh]]
            for place, sketch in zip(fresh, self._worked_out(encoded, own, masks, errors), strict=True):
                found[place] = self._known.remember(keys[place], sketch)
            places = [sketches.setdefault(sketch, len(sketches)) for sketch in found if sketch is not None]
            numbers[rows] = np.array(places, np.int32)[codes]
        return PlannedRows(numbers, list(sketches))

    def _worked_out(
        self, encoded: Encoded, rows: NDArray[np.intp], masks: Sequence[NDArray[np.uint64]], errors: int
    ) -> list[Sketch]:
        """Return the plans of some rows, which are worked out once for those that have the same."""
        result = [NOTHING] * len(rows)
        words = [word[rows] for word in masks]
        for key, some in _classes(words, len(rows)):
            failing, undecided = _ids(key, errors)
            group: Hashable = (
                failing if undecided and self._planner.leaves_open((*failing, *undecided)) else (failing, undecided)
            )
            found, codes = self._planned(group, encoded, rows[some])
            for row, code in zip(some.tolist(), codes.tolist(), strict=True):
                result[row] = found[code]
        return result

    def _planned(self, group: Hashable, encoded: Encoded, rows: NDArray[np.intp]) -> tuple[list[Sketch], Any]:
        """Return the plans of rows that fail the same rules, and the place of each row's among them."""
        while True:
            looked = self._looked.get(group, frozenset())
            part = _part(encoded, rows, looked)
            codes, examples = self._told_apart(part, looked)
            found = []
            for row in examples:
                key = group, looked, self._key(part, looked, row)
                if (sketch := self._seen.get(key)) is None:
                    facts = encoded.facts(int(rows[row]))
                    assumed = [n for n, mask in encoded.assumed.items() if mask is None or mask[rows[row]]]
                    sketch, seen = self._planner.sketch(facts, assumed)
                    if not seen <= looked:
                        with self._lock:
                            self._looked[group] = self._looked.get(group, frozenset()) | seen
                        break
                    self._seen[key] = sketch
                found.append(sketch)
            else:
                return found, codes

    def _told_apart(self, part: Encoded, looked: frozenset[str]) -> tuple[Any, list[int]]:
        digits = []
        if (cases := self._of(looked).of(part)) is not None:
            digits.append(cases.codes)
        if (by_value := cases_by_value(part.columns.get(name) for name in sorted(looked & self._whole))) is not None:
            digits.append(by_value.codes)
        digits += [mask.view(np.uint8) for name, mask in part.assumed.items() if name in looked and mask is not None]
        if not digits:
            return np.zeros(part.rows, np.intp), [0]
        number = digits[0].astype(np.int64)
        for digit in digits[1:]:
            number = number * (int(digit.max()) + 1) + digit
        _, examples, codes = np.unique(number, return_index=True, return_inverse=True)
        return codes, examples.tolist()

    def _key(self, part: Encoded, looked: frozenset[str], row: int) -> Hashable:
        facts = part.facts(row)
        whole = tuple(facts.get(name) for name in sorted(looked & self._whole))
        assumed = tuple(sorted(n for n, mask in part.assumed.items() if n in looked and (mask is None or mask[row])))
        return self._of(looked).key(facts), whole, assumed

    def _of(self, looked: frozenset[str]) -> UnknownCases:
        if looked not in self._cases:
            own = [leaf for leaf in self._leaves if looked.issuperset(leaf.facts)]
            self._cases[looked] = UnknownCases(
                own, linked_facts(map(affirmed, own), self._pack.fields), self._pack.fields
            )
        return self._cases[looked]


def _part(encoded: Encoded, rows: NDArray[np.intp], names: frozenset[str]) -> Encoded:
    part = encoded.part(rows, sorted(names))
    assumed = {name: None if mask is None else mask[rows] for name, mask in encoded.assumed.items()}
    return Encoded(part.rows, part.columns, assumed)


def _values(part: Encoded, row: int) -> Hashable:
    """Return what stands for the values of a row, and for which of them are assumed."""
    assumed = tuple(name for name, mask in part.assumed.items() if mask is None or mask[row])
    return tuple(part.facts(row).items()), assumed


def _classes(words: Sequence[NDArray[np.uint64]], rows: int) -> list[tuple[int, NDArray[np.intp]]]:
    """Return the rows of each combination of flags."""
    if not rows:
        return []
    _, first, codes = np.unique(np.stack(words, 1), axis=0, return_index=True, return_inverse=True)
    codes = codes.ravel()
    order = np.argsort(codes, kind="stable")
    some = np.split(order, np.cumsum(np.bincount(codes))[:-1])
    keys = [sum(int(word[row]) << (64 * n) for n, word in enumerate(words)) for row in first.tolist()]
    return list(zip(keys, some, strict=True))


def _ids(key: int, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the places of the error rules that fail, and of those that are undecided."""
    places = [place for place in range(2 * count) if key >> place & 1]
    return tuple(p for p in places if p < count), tuple(p - count for p in places if p >= count)
