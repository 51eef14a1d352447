"""The tabular evaluator for batches: from columns of facts to the outcomes of every row.

Every row is looked up in every table; whatever is the same in all rows stays a single number. What comes out
are classes: the combination of outcomes that a table says of a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from imagefit.columns.arrowdata import gather
from imagefit.columns.column import ByRow, Encoded
from imagefit.columns.widths import narrowest
from imagefit.conditions import Leaf
from imagefit.evaluators.results import WORD, Flags, words_for
from imagefit.evaluators.tabular.digits import Digits
from imagefit.evaluators.tabular.lookups import Lookup
from imagefit.evaluators.tabular.subjects import CELL_OF_TRUTH
from imagefit.evaluators.tabular.tables import Axis, DecisionTables, GroupTable
from imagefit.rulepack.pack import Outcome
from imagefit.values import dataclass

__all__ = ["BatchJudge", "LookedUp"]


JOINT_LIMIT = 1 << 12
"""Bits of several groups are looked up together up to so many combinations of classes."""


@dataclass(frozen=True)
class LookedUp:
    """The outcomes of a batch; see `Judged`.

    Attributes
    ----------
    classes
        For each group of the tables of `judge`, the class of each row.
    """

    judge: BatchJudge
    encoded: Encoded
    classes: Sequence[ByRow]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.encoded.rows

    def levels(self) -> NDArray[np.uint8]:
        """Return the verdict of each row, as its place in `LEVELS`."""
        level = np.zeros(self.rows, np.uint8)
        for group, classes in zip(self.judge.tables.groups, self.classes, strict=True):
            if group.first_unknown < len(group.outcomes):
                own = np.greater_equal(classes, group.first_unknown).view(np.uint8)
                np.maximum(level, own + np.greater_equal(classes, group.first_failing).view(np.uint8), out=level)
        return level

    def masks(self, flags: Flags) -> list[NDArray[np.uint64]]:
        """Return the flags of each row as bits of words of 64, the first flag as the lowest bit of the first word."""
        words = [np.zeros(self.rows, np.uint64) for _ in range(words_for(flags))]
        for word, parts in zip(words, self.judge.bits_of(flags), strict=True):
            for part in parts:
                word |= part.of(self.classes)
        return words

    def outcomes(self, row: int) -> list[Outcome]:
        """Return the rules' outcomes in one row."""
        found = [Outcome.NOT_APPLICABLE] * len(self.judge.tables.rules)
        for group, classes in zip(self.judge.tables.groups, self.classes, strict=True):
            class_of_row = classes if isinstance(classes, int) else int(classes[row])
            for place, outcome in zip(group.places, group.outcomes[class_of_row], strict=True):
                found[place] = outcome
        return found


class BatchJudge:
    """Judges batches with the decision tables of some rules; several threads may share it."""

    def __init__(self, tables: DecisionTables) -> None:
        self.tables = tables
        self._bits: dict[Flags, Sequence[Sequence[_Bits]]] = {}
        facts_of_parts: dict[Leaf, frozenset[str]] = {}
        self._parts: list[tuple[Leaf, Lookup]] = []
        for part in tables.parts:
            facts_of_parts[part.leaf] = _facts_of(part.axes, facts_of_parts)
            cells = np.array([CELL_OF_TRUTH[truth] for truth in part.truths], np.uint8)
            self._parts.append((part.leaf, Lookup(part.axes, facts_of_parts[part.leaf], cells)))
        self._groups = [
            Lookup(
                group.axes,
                _facts_of(group.axes, facts_of_parts),
                np.array(group.classes, narrowest(len(group.outcomes))),
            )
            for group in tables.groups
        ]

    def bits_of(self, flags: Flags) -> Sequence[Sequence[_Bits]]:
        """Return for each word the bits of all classes whose rules have flags in it."""
        if flags not in self._bits:
            by_place: dict[int, list[tuple[int, Outcome]]] = {}
            for bit, (place, outcome) in enumerate(flags):
                by_place.setdefault(place, []).append((bit, outcome))
            words: list[list[_Bits]] = [[] for _ in range(words_for(flags))]
            for number, group in enumerate(self.tables.groups):
                for word, bits in _bits_by_word(group, by_place).items():
                    _add(words[word], number, bits)
            self._bits[flags] = words
        return self._bits[flags]

    def judge(self, encoded: Encoded) -> LookedUp:
        """Look every row up in every table."""
        digits = Digits(encoded)
        for leaf, part in self._parts:
            digits.define(leaf, part.of(digits))
        return LookedUp(self, encoded, [group.of(digits) for group in self._groups])


def _facts_of(axes: Iterable[Axis], of_parts: Mapping[Leaf, frozenset[str]]) -> frozenset[str]:
    """Return all that a table looks at, through parts of conditions too."""
    found: set[str] = set()
    for axis in axes:
        if isinstance(axis.subject, Leaf):
            found |= of_parts.get(axis.subject, frozenset(axis.subject.facts))
        else:
            found.add(axis.subject)
    return frozenset(found)


class _Bits:
    """The bits that some groups have in one word, by their classes multiplied together."""

    def __init__(self, group: int, bits: NDArray[np.uint64]) -> None:
        self.size = len(bits)
        self._groups, self._factors = [group], list[Any]()
        self._table = pa.array(bits)

    def join(self, group: int, bits: NDArray[np.uint64]) -> None:
        """Add those of a further group."""
        self._groups.append(group)
        self.size *= len(bits)
        self._factors.append(narrowest(self.size)(len(bits)))
        self._table = pa.array((self._table.to_numpy()[:, None] | bits).ravel())

    def of(self, classes: Sequence[ByRow]) -> Any:
        """Return the bits of each row, or those that all have, from the classes of all groups."""
        product: Any = classes[self._groups[0]]
        for group, factor in zip(self._groups[1:], self._factors, strict=True):
            product = np.multiply(product, factor, dtype=factor.dtype)
            product += classes[group]
        return gather(self._table, product) if np.ndim(product) else np.uint64(self._table[int(product)].as_py())


def _add(joined: list[_Bits], group: int, bits: NDArray[np.uint64]) -> None:
    """Put the bits of a group with others in the same word, as long as all combinations have room in a small table."""
    for other in joined:
        if other.size * len(bits) <= JOINT_LIMIT:
            return other.join(group, bits)
    joined.append(_Bits(group, bits))
    return None


def _bits_by_word(group: GroupTable, by_place: Mapping[int, Sequence[tuple[int, Outcome]]]) -> dict[int, Any]:
    words: dict[int, list[tuple[int, int, Outcome]]] = {}
    for member, place in enumerate(group.places):
        for bit, outcome in by_place.get(place, ()):
            words.setdefault(bit // WORD, []).append((1 << bit % WORD, member, outcome))
    return {
        word: np.array([sum(bit for bit, n, o in here if outcomes[n] is o) for outcomes in group.outcomes], np.uint64)
        for word, here in words.items()
    }
